"""The knowledge base as it ships: every family that a default code reaches is valid and sane."""

import csv
import re

import pytest

from medsynth_assets.clinical.family import State
from medsynth_assets.clinical.knowledge import knowledge_base
from medsynth_assets.engines.offline.background import dispensing
from medsynth_assets.reference.prevalence import DEFAULT

with DEFAULT.open(encoding="utf-8") as file:
    CODES = [row["code"] for row, _ in zip(csv.DictReader(file), range(2000), strict=False)]
CHAPTER_WIDE = 16  # categories; no block of the default codes is wider
CHAINS = {tuple(raw.id for raw in knowledge_base().chain(code)): code for code in CODES}
PLACEHOLDERS = {"site", "name", "plain", "He", "he", "His", "his", "him"}


def test_every_default_code_is_known() -> None:
    """Each of the 2,000 most prevalent codes reaches a family."""
    assert [code for code in CODES if not knowledge_base().chain(code)] == []


def test_the_hundred_most_prevalent_codes_are_known_specifically() -> None:
    """Each reaches a family narrower than a chapter."""
    covers = {code: knowledge_base().narrowest_cover(code) for code in CODES[:100]}
    assert [code for code, cover in covers.items() if cover is None or 1 - cover.narrowness[1] > CHAPTER_WIDE] == []


@pytest.mark.parametrize("chain", list(CHAINS), ids=lambda chain: chain[-1])
def test_what_is_known_of_a_code_hangs_together(chain: tuple[str, ...]) -> None:
    """Valid when merged; every state that a visit has is assessed and followed up; drugs, tests and texts are sane."""
    family = knowledge_base().lookup(CHAINS[chain]).family
    assert family.visits
    for state in {visit.state for visit in family.visits}:
        assert [a for a in family.assessments if not a.when or state in a.when], f"no assessment when {state}"
        assert [f for f in family.follow_up if not f.when or state in f.when], f"no follow-up when {state}"
    for drug in family.medications:
        assert set(drug.frequency) <= set(dispensing()["doses_per_day"]), drug.drug
    for test in family.labs:
        low, high = test.reference
        assert low is None or test.normal[0] >= low, test.name
        assert high is None or test.normal[1] <= high, test.name
        if test.abnormal:
            assert (high is not None and test.abnormal[0] > high) or (low is not None and test.abnormal[1] < low), (
                test.name
            )
    placeholders = set(re.findall(r"\{(\w+)\}", family.model_dump_json()))
    assert placeholders <= PLACEHOLDERS
    assert "site" not in placeholders or family.site_by_code


def test_a_new_condition_is_never_already_under_treatment() -> None:
    """No statement gated to new visits speaks of drugs started long ago."""
    wrong = []
    for chain, code in CHAINS.items():
        for question in knowledge_base().lookup(code).family.questions:
            for answer in question.answers:
                if answer.when == (State.NEW,) and re.search(r"for years on|since starting", answer.note):
                    wrong.append((chain[-1], answer.note))
    assert wrong == []
