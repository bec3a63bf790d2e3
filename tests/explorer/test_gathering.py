"""The copy that the dataset page is computed from has what the warehouse has, however small the looks."""

import pytest

from medsynth_assets.explorer import gathering
from medsynth_assets.explorer.dataset import CheckRate, dataset
from medsynth_assets.explorer.gathering import gathered
from medsynth_assets.explorer.reading import Reading
from medsynth_assets.warehouse.file import WarehouseFile
from tests.explorer.conftest import Shelf


@pytest.mark.parametrize("rows", [1, 4_096])
@pytest.mark.parametrize("sample", [1, 10_000])
def test_small_looks_gather_everything(shelf: Shelf, monkeypatch: pytest.MonkeyPatch, rows: int, sample: int) -> None:
    """A row a look or all at once: every record is counted; failures are, whether in the sample or not."""
    for n in range(1, 6):
        shelf.put(f"I10/00{n}", failing=("dose_exists",) if n < 3 else (), passing=() if n < 3 else ("dose_exists",))
    monkeypatch.setattr(gathering, "_FIRST_ROWS", rows)
    monkeypatch.setattr(gathering, "_LEAST_ROWS", rows)
    monkeypatch.setattr(gathering, "SAMPLE", sample)
    told: list[float] = []
    with gathered(Reading(WarehouseFile(shelf.path)), told.append) as (con, every):
        data = dataset(con, every)
        (heads,) = con.execute("select count(*) from generation.heads").fetchone() or (0,)
    assert (data.complete, data.records, heads) == (5, 5, 15)
    assert every == (5 if sample == 1 else 1)
    assert [rate.failed for rate in data.checks if rate.name == "dose_exists"] == [2]
    if every == 1:
        assert data.checks == [CheckRate("dose_exists", 5, 3)]
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_a_check_that_passes_by_now_is_no_failure(shelf: Shelf) -> None:
    """Of two verdicts of one check on one artifact the newer counts, also outside the sample."""
    shelf.put("I10/001", failing=("dose_exists",))
    shelf.execute(
        "insert into quality.check_results by name select * replace (true as is_passed, checked_at + interval 1 day as checked_at)"
        " from quality.check_results"
    )
    with gathered(Reading(WarehouseFile(shelf.path))) as (con, every):
        assert dataset(con, every).checks == [CheckRate("dose_exists", 1, 1)]
