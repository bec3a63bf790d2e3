"""`medsynth jury` over dialogues made in two ways, and what `medsynth report` then says of the ways."""

import json

import polars as pl
import pytest

from tests.conftest import Place
from tests.scripted_openai.fixture import ScriptedOpenAI
from tests.scripted_openai.script import Script


@pytest.mark.slow
def test_two_strategies_are_judged_and_stand_side_by_side(loaded_place: Place, scripted_openai: ScriptedOpenAI) -> None:
    """The judge that goes by place prefers neither; the report has a figure of each strategy, of the same note."""
    made = loaded_place.medsynth("run", "--codes", "I10", "--per-code", "1", MEDSYNTH_DIALOGUE_STRATEGY="notechat")
    assert made.returncode == 0, made.stderr
    scripted_openai.script = Script()
    judged = loaded_place.medsynth(
        "jury", "--models", "gpt-4o", "--against", "medsynth", "--json",
        OPENAI_BASE_URL=scripted_openai.url, OPENAI_API_KEY="sk-test",
    )  # fmt: skip
    assert judged.returncode == 0, judged.stderr
    told = json.loads(judged.stdout)
    assert (told["records"], told["verdicts"], told["failed"]) == (1, 3, [])
    assert told["calls"] == len(scripted_openai.chats) == 4  # rubric, support, and the preference in both orders
    assert told["questions"]["preference"]["answers"] == {"gpt-4o": {"tie": 1}}
    reported = loaded_place.medsynth("report", "--out", "r.html")
    assert reported.returncode == 0, reported.stderr
    numbers = pl.read_parquet(loaded_place.folder / "r.parquet").filter(pl.col("dimension") == "strategies")
    value = {(m, g): v for m, g, v in numbers.select("measure", "group", "value").rows()}
    assert {group for _, group in value} == {"medsynth", "notechat"}
    assert value["strategy_preferred", "medsynth"] == value["strategy_preferred", "notechat"] == 0.5
    assert value["strategy_calls", "medsynth"] == 2  # generate, polish
    assert value["strategy_calls", "notechat"] > 20  # a call an utterance
    assert "Dialogues of the same 1 notes" in (loaded_place.folder / "r.html").read_text()
    verified = loaded_place.medsynth("verify", "--all")
    assert verified.returncode == 0, verified.stdout
