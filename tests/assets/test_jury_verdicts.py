"""The asset jury_verdicts: judges over HTTP, what they said in the run's metadata."""

import pytest

from tests.assets.conftest import Platform, failure, metadata
from tests.scripted_openai.fixture import ScriptedOpenAI, scripted_openai

__all__ = ["scripted_openai"]


def test_a_materialization_is_a_sitting(
    platform: Platform, scripted_openai: ScriptedOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every judge grades the pair and checks its facts; calls, cost and agreement stand in the metadata."""
    monkeypatch.setenv("OPENAI_BASE_URL", scripted_openai.url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    asked = {"ops": {"jury_verdicts": {"config": {"models": ["gpt-4o", "gpt-4o-mini"]}}}}
    made = platform.materialize("jury_verdicts", config=asked)
    assert made.success
    told = metadata(made, "jury_verdicts")
    assert (told["records"], told["verdicts"], told["failed"], told["calls"]) == (1, 4, 0, 4)
    assert told["cost_usd"] > 0
    assert "gpt-4o-mini" in told["answers"]
    assert "factuality" in told["agreement"]
    assert platform.ask("select count(*), count(distinct model) from quality.jury_verdicts") == [(4, 2)]
    again = metadata(platform.materialize("jury_verdicts", config=asked), "jury_verdicts")
    assert again["calls"] == 0  # the ledger knows


def test_without_judges_it_says_what_to_set(platform: Platform) -> None:
    """No model is asked by accident."""
    assert "MEDSYNTH_JURY_MODELS" in failure(platform.materialize("jury_verdicts"))
