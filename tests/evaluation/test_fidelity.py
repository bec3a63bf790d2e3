"""Planned against realised patients."""

import polars as pl
import pytest

from medsynth_assets.evaluation.cells import age_band, cell_shares, margin
from medsynth_assets.evaluation.fidelity import fidelity
from medsynth_assets.evaluation.figure import Figure
from medsynth_assets.evaluation.reading import Planned, Rate
from medsynth_assets.records.population import Group, Population

POPULATION = Population(
    groups=[Group("female", 30, 60, 0.3), Group("male", 70, 80, 0.1)],
    ethnicities=[(0, 45, "Hispanic", 0.2), (0, 45, "Non-Hispanic White", 0.2), (45, 200, "Non-Hispanic White", 0.6)],
    metropolitan_share=0.9,
    prevalence_release_id="",
    prevalence_row_hash="",
)


def people(*rows: tuple[str, float, str, str]) -> pl.DataFrame:
    numbers = dict.fromkeys(
        (
            "systolic_mmhg", "diastolic_mmhg", "pulse_bpm", "respirations_bpm", "temperature_f", "spo2_percent", "bmi",
            "laboratory_count", "prescription_count", "medication_count", "condition_count",
        ),
        1.0,
    )  # fmt: skip
    return pl.DataFrame(
        [
            {
                "record_id": f"I10/{n:03d}", "is_accepted": True, "sex": sex, "age_years": age, "ethnicity": ethnicity,
                "english_proficiency": english, **{name: one * (n % 7) for name, one in numbers.items()},
            }
            for n, (sex, age, ethnicity, english) in enumerate(rows)
        ]
    )  # fmt: skip


def of(figures: list[Figure], measure: str, group: str) -> Figure:
    (found,) = (f for f in figures if (f.measure, f.group) == (measure, group))
    return found


def test_cells_follow_the_population_by_hand() -> None:
    """Women of 30 to 60 are half below 45; Hispanics only there; a quarter of Hispanics speak English as another language."""
    shares = cell_shares(POPULATION)
    assert sum(shares.values()) == pytest.approx(1)
    assert margin(shares, (0,)) == pytest.approx({("female",): 0.75, ("male",): 0.25})
    assert margin(shares, (1,)) == pytest.approx({("18–44",): 0.375, ("45–64",): 0.375, ("65+",): 0.25})
    assert margin(shares, (2,))["Hispanic",] == pytest.approx(0.1875)
    assert shares["female", "18–44", "Hispanic", "non-native"] == pytest.approx(0.1875 * 0.25)


@pytest.mark.parametrize(("age", "band"), [(0.5, "0–17"), (17.9, "0–17"), (18, "18–44"), (65, "65+"), (101, "65+")])
def test_ages_fall_into_their_bands(age: float, band: str) -> None:
    """A band begins with its first year."""
    assert age_band(age) == band


def test_a_missing_group_is_below_its_floor_and_raises_the_divergence() -> None:
    """Only women where a quarter were to be men."""
    kept = [("female", 40.0, "Hispanic", "native")] * 20 + [("female", 50.0, "Non-Hispanic White", "native")] * 40
    balanced = [*kept, *[("male", 75.0, "Non-Hispanic White", "native")] * 20]
    planned = {"I10": Planned(POPULATION, 60)}
    lopsided, even = (list(fidelity(people(*rows), planned, [], {})) for rows in (kept, balanced))
    assert (of(lopsided, "divergence", "sex").value or 0) > 0.2 > (of(even, "divergence", "sex").value or 0)
    assert of(lopsided, "groups_below_floor", "").value == (of(even, "groups_below_floor", "").value or 0) + 1
    assert of(lopsided, "representation", "male, 65+, Non-Hispanic White, native").value == 0
    assert of(even, "group_share", "male").reference == pytest.approx(0.25)


def test_rejected_records_count_as_made_and_not_as_realised() -> None:
    """A man who was rejected is not in the dataset; violations are counted on both sides."""
    rows = people(*[("female", 40.0, "Hispanic", "native")] * 12, ("male", 75.0, "Non-Hispanic White", "native"))
    rows = rows.with_columns(is_accepted=pl.col("sex") == "female")
    figures = list(fidelity(rows, {"I10": Planned(POPULATION, 12)}, [Rate("age_fits", 13, 1)], {}))
    assert of(figures, "group_share", "male").value == 0
    assert of(figures, "violations", "age_fits").value == 0
    assert of(figures, "violations_made", "age_fits").value == 1


def test_sampling_that_ignores_the_code_draws_patients_the_code_does_not_admit() -> None:
    """Two codes, one of women, one of men; conditioned draws never cross."""
    women = POPULATION._replace(groups=[Group("female", 20, 40, 1.0)])
    men = POPULATION._replace(groups=[Group("male", 50, 90, 1.0)])
    planned = {f"{letter}{n:02d}": Planned(who, 5) for letter, who in (("N", women), ("M", men)) for n in range(20)}
    figures = list(fidelity(people(("female", 30.0, "Hispanic", "native")), planned, [], {}))
    assert of(figures, "plan_violations", "stratified").value == 0
    assert of(figures, "plan_violations", "random").value == 0
    assert of(figures, "plan_violations", "unconditioned").value == pytest.approx(0.5, abs=0.15)
