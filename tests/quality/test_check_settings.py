"""Limits and severities of checks from the settings."""

import json

import pytest

from medsynth_assets.errors import ConfigError
from medsynth_assets.quality.check_settings import suite
from medsynth_assets.quality.suites import Check, written
from medsynth_assets.settings import load_settings


@pytest.fixture
def checks_set(monkeypatch: pytest.MonkeyPatch):
    """Sets MEDSYNTH_CHECKS for the rest of a test."""

    def to(**checks: object) -> None:
        monkeypatch.setenv("MEDSYNTH_CHECKS", json.dumps(checks))
        load_settings.cache_clear()

    yield to
    monkeypatch.undo()
    load_settings.cache_clear()


def named(of: str, name: str) -> Check:
    return next(check for check in suite(of).checks if check.name == name)


def test_without_settings_a_suite_is_as_written() -> None:
    """Recipes and all."""
    assert suite("dialogues") == written("dialogues")


def test_a_setting_changes_limit_severity_and_recipe_of_its_check_alone(checks_set) -> None:
    """What Great Expectations is given, what the verdict says, and what tells old verdicts from new."""
    before = {c.name: c for c in written("dialogues").checks}
    checks_set(**{"dialogues.note_facts_are_said": {"limit": 0.5, "severity": "warning"}})
    after = {c.name: c for c in suite("dialogues").checks}
    changed = after.pop("note_facts_are_said")
    assert (changed.threshold, changed.severity, changed.body["kwargs"]["least"]) == ("least 0.5", "warning", 0.5)
    assert changed.recipe_id != before.pop("note_facts_are_said").recipe_id
    assert after == before


def test_a_severity_alone_is_another_recipe_too(checks_set) -> None:
    """Else verdicts of before would keep gating by the old one."""
    checks_set(**{"notes.no_section_empty": {"severity": "warning"}})
    changed, plain = (
        named("notes", "no_section_empty"),
        next(c for c in written("notes").checks if c.name == "no_section_empty"),
    )
    assert changed.limits == plain.limits
    assert changed.recipe_id != plain.recipe_id


def test_a_check_of_two_limits_takes_each_by_its_name(checks_set) -> None:
    """The one that is not named stays; whole numbers stay whole."""
    checks_set(**{"dialogues.long_enough_to_be_a_visit": {"limit": {"min_value": 6}}})
    assert named("dialogues", "long_enough_to_be_a_visit").threshold == "min_value 6, max_value 400"


@pytest.mark.parametrize(
    ("checks", "told"),
    [
        pytest.param({"dialogues.note_facts_said": {"limit": 1}}, ["note_facts_said", "dialogues.note_facts_are_said"], id="unknown-name"),
        pytest.param({"dialogues.long_enough_to_be_a_visit": {"limit": 6}}, ["has 2", "min_value", "max_value"], id="which-of-two"),
        pytest.param({"notes.no_section_empty": {"limit": {"most": 6}}}, ["most", "min_value"], id="another-limit"),
        pytest.param({"notes.no_code_in_the_text": {"limit": 1}}, ["has 0", "none"], id="no-number"),
    ],
)  # fmt: skip
def test_a_setting_that_no_check_has_is_refused_with_what_there_is(checks_set, checks: dict, told: list[str]) -> None:
    """Also where another suite is asked for."""
    checks_set(**checks)
    with pytest.raises(ConfigError) as refused:
        suite("scenarios")
    assert all(part in str(refused.value) for part in told)
