"""How long a course is, in days."""

import pytest

from medsynth_assets.engines.offline.prescribing import days, quantity


@pytest.mark.parametrize(("duration", "count"), [("10 days", 10), ("2 weeks", 14), ("1 month", 30), ("ongoing", 90)])
def test_a_duration_counts_days(duration: str, count: int) -> None:
    """An ongoing drug is dispensed for 90 days."""
    assert days(duration) == count


def test_twice_daily_for_ten_days_is_twenty_tablets() -> None:
    """Doses a day times days, and one alone is not plural."""
    assert quantity("tablet", "twice daily", "10 days") == "20 tablets"
    assert quantity("tablet", "once daily", "1 day") == "1 tablet"
