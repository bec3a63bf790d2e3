"""Numbers and quantities, as written and as spoken."""

import pytest

from medsynth_assets.quality.language.numbers import numbers
from medsynth_assets.quality.language.quantities import quantities
from medsynth_assets.quality.language.tokens import tokens


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("one thirty two over eighty", [132, 80]),
        ("about a hundred . four right now", [100.4]),
        ("ninety eight point six", [98.6]),
        ("ninety ninety seven . two", [97.2]),
        ("nineteen ninety eight", [1998]),
        ("two thousand and five", [2005]),
        ("five hundred milligrams three times a day", [500, 3]),
        ("a hundred and twenty five", [125]),
        ("two and a half weeks", [2.5]),
        ("one oh two", [102]),
        ("creatinine was .7 not .8", [0.7, 0.8]),
        ("a zero . zero five percent solution", [0.05]),
        ("five hundred five hundred milligrams", [500, 500]),
        ("1,000 mg", [1000]),
        ("it was an easy visit", []),
    ],
)
def test_spoken_and_written_numbers_are_one_value(text: str, values: list[float]) -> None:
    """What speech recognisers write, too."""
    assert [number.value for number in numbers(tokens(text))] == pytest.approx(values)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("metformin 1000 mg BID", [(1000, "mg"), (2, "per_day")]),
        ("twice a day", [(2, "per_day")]),
        ("every 6 hours", [(6, "every_hour")]),
        ("a 62-year-old man", [(62, "age")]),
        ("132/80", [(132, "mmhg"), (80, "mmhg")]),
        ("rates it 9/10", [(9, "of_scale"), (10, "scale")]),
        ("on 11/03/2019", [(11, "month_of_year"), (3, "day_of_month"), (2019, "calendar_year")]),
        ("a couple of weeks", [(2, "week")]),
        ("after half an hour", [(0.5, "hour")]),
        ("about a year and a half ago", [(1.5, "year")]),
        ("once or twice a year", [(1, "per_year"), (2, "per_year")]),
        ("COVID-19 and hemoglobin A1c at C5-6", []),
    ],
)
def test_a_number_has_the_unit_it_is_of(text: str, wanted: list[tuple[float, str]]) -> None:
    """Frequencies, ages, ratios and dates are told apart; numbers inside names are none."""
    assert [(quantity.value, quantity.unit) for quantity in quantities(text, tokens(text))] == wanted


def test_equal_times_in_two_units_are_the_same() -> None:
    """Fourteen days are two weeks, and not three."""
    (days,), (weeks,), (three,) = (quantities(t, tokens(t)) for t in ("fourteen days", "2 weeks", "3 weeks"))
    assert days.same(weeks)
    assert not days.same(three)
    assert days.comparable(three)
