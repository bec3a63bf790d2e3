"""Other conditions of a patient: what goes with the code and what does not."""

import pytest

from medsynth_assets.clinical.conditions import conditions_in
from medsynth_assets.clinical.drugs import drugs_in
from medsynth_assets.clinical.knowledge import knowledge_base
from medsynth_assets.clinical.ranges import contains, meet, within
from medsynth_assets.engines.offline.case import Case
from medsynth_assets.engines.offline.chooser import Chooser
from medsynth_assets.engines.offline.comorbid import others, told
from tests.engines.offline.test_records import CODES, plan_for

DESCRIPTIONS = dict(CODES)


@pytest.mark.parametrize("code", ["I10", "E11.9", "E03.9", "Z34.01", "N18.4", "J45.909", "M54.50", "F32.9"])
def test_other_conditions_neither_repeat_the_code_nor_forbid_what_is_given(code: str) -> None:
    """Over many patients: no second hypertension, no drug that the code forbids, no class twice, each with its words."""
    seen = set()
    for seed in range(150):
        case = Case(plan_for(code, DESCRIPTIONS[code], ordinal=seed + 1), knowledge_base())
        found = others(case, Chooser(seed), [], [])
        spans = [span for o in found.present for c in conditions_in(o.name) for span in c.codes]
        assert not any(meet(code[:3], span[:3]) for span in spans)
        drugs = [drug for o in found.present for drug in drugs_in(o.drug)]
        assert not any(drug.barred_by(code) for drug in drugs)
        classes = [drug.class_ for drug in drugs if not drug.duplicable]
        assert len(classes) == len(set(classes))
        assert len(found.present) <= 3
        for problem in found.problems:
            aloud = told(case, problem)
            assert problem.history in aloud
            assert problem.assessment in aloud
        seen |= {o.name for o in found.present}
    assert len(seen) >= 3, "patients of one code do not differ in what else they have"


@pytest.mark.parametrize(
    ("code", "span", "expected"),
    [("E11.9", "E08-E13", True), ("I1A.0", "I10-I1A", True), ("N18.3", "N18.4-N18.6", False), ("N18.5", "N18.4-N18.6", True),
     ("E14", "E08-E13", False), ("I10", "I10", True), ("I11.0", "I10", False)],
)  # fmt: skip
def test_a_range_holds_its_codes(code: str, span: str, expected: bool) -> None:
    """Both ends are in, with everything below them."""
    assert within(code, span) is expected


def test_ranges_meet_and_contain() -> None:
    """A range of a category is inside the block; a subrange meets its category without containing it."""
    assert contains("I10-I1A", "I11")
    assert not contains("N18.4-N18.6", "N18")
    assert meet("N18.4-N18.6", "N18")
    assert not meet("E05", "E03")
