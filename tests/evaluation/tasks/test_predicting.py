"""Predictions from a scripted endpoint over real HTTP."""

from pathlib import Path
from typing import Any

import pytest

from medsynth_assets.errors import EngineDown
from medsynth_assets.evaluation.tasks.predicting import Model, Predicted, predict, settings_for
from medsynth_assets.evaluation.tasks.prediction_file import PredictionFile
from medsynth_assets.evaluation.tasks.references import Reference
from medsynth_assets.evaluation.tasks.task import Task, system_prompt
from tests.engines.conftest import settings_for as engine_settings
from tests.scripted_openai.fixture import ScriptedOpenAI
from tests.scripted_openai.script import Script, http, play

pytestmark = pytest.mark.asyncio
REFERENCES = [Reference(f"I10/{n:03d}", f"note {n}", f"talk {n}") for n in range(1, 7)]
MODEL = Model("my-lora", 0.25, 900, "Write the note.")


async def asked(
    server: ScriptedOpenAI,
    folder: Path,
    references: list[Reference] = REFERENCES,
    model: Model = MODEL,
    **settings: Any,
) -> Predicted:
    ours = settings_for(engine_settings(server.url, **settings), Task.DIAL2NOTE, model, None)
    file = PredictionFile(folder / "p.csv", Task.DIAL2NOTE)
    return await predict(Task.DIAL2NOTE, references, model, file, ours, folder / "p.calls.sqlite")


def texts(folder: Path) -> dict[str, str]:
    return PredictionFile(folder / "p.csv", Task.DIAL2NOTE).texts


async def test_the_model_is_asked_for_plain_text_in_the_form_it_is_trained_on(
    scripted_openai: ScriptedOpenAI, tmp_path: Path
) -> None:
    """System prompt and the dialogue, no schema, the model and its sampling as asked."""
    done = await asked(scripted_openai, tmp_path, REFERENCES[:1])
    body = scripted_openai.chats[0]["body"]
    assert body["messages"] == [
        {"role": "system", "content": "Write the note."},
        {"role": "user", "content": "talk 1"},
    ]
    assert (body["model"], body["temperature"], body["max_tokens"]) == ("my-lora", 0.25, 900)
    assert "response_format" not in body
    assert (done.answered, done.calls, done.failed) == (1, 1, {})
    assert texts(tmp_path) == {"I10/001": "Answer for I10/001."}


async def test_what_is_there_is_not_asked_again_and_rows_follow_the_release(
    scripted_openai: ScriptedOpenAI, tmp_path: Path
) -> None:
    """Neither rows of the file, nor answers that only the ledger still has."""
    await asked(scripted_openai, tmp_path, REFERENCES[3:5])
    done = await asked(scripted_openai, tmp_path)
    assert (done.before, done.answered, done.calls, len(scripted_openai.chats)) == (2, 4, 4, 6)
    assert list(texts(tmp_path)) == [reference.id for reference in REFERENCES]
    (tmp_path / "p.csv").unlink()
    again = await asked(scripted_openai, tmp_path)
    assert (again.answered, again.calls, len(scripted_openai.chats)) == (6, 0, 6)
    assert list(texts(tmp_path)) == [reference.id for reference in REFERENCES]


async def test_failures_are_told_kept_out_of_the_file_and_paid_for_again_only_as_another_question(
    scripted_openai: ScriptedOpenAI, tmp_path: Path
) -> None:
    """A refusal and a cut answer are no predictions; a 500 is tried again. With a higher limit it is another question."""
    plays = [play("refusal"), play("length"), http(500), play("ok")]
    scripted_openai.script = Script(plays={"note_writer": plays})
    done = await asked(scripted_openai, tmp_path, concurrency=1)
    assert sorted(why.partition(":")[0] for why in done.failed.values()) == ["refusal", "truncated"]
    assert (done.answered, len(texts(tmp_path))) == (4, 4)
    again = await asked(scripted_openai, tmp_path)
    assert (again.before, again.calls, len(again.failed)) == (4, 0, 2)
    third = await asked(scripted_openai, tmp_path, model=MODEL._replace(max_output_tokens=2000))
    assert (third.before, third.answered, third.failed) == (4, 2, {})


async def test_requests_run_side_by_side_up_to_the_limit(scripted_openai: ScriptedOpenAI, tmp_path: Path) -> None:
    """As many at once as the settings allow, and no more."""
    scripted_openai.script = Script(latency_s=0.2)
    await asked(scripted_openai, tmp_path, concurrency=3)
    assert scripted_openai.most_in_flight == 3


async def test_an_endpoint_that_goes_away_leaves_what_it_answered(
    scripted_openai: ScriptedOpenAI, tmp_path: Path
) -> None:
    """A refused key ends it; what was paid for is in the file or the ledger, and the next run asks for the rest only."""
    scripted_openai.script = Script(plays={"note_writer": [play("ok"), play("ok"), http(401, "no")]})
    with pytest.raises(EngineDown, match="refused the key"):
        await asked(scripted_openai, tmp_path, concurrency=1)
    again = await asked(scripted_openai, tmp_path)
    assert again.calls <= len(REFERENCES) - 2
    assert len(texts(tmp_path)) == len(REFERENCES)


async def test_ids_of_anyone_are_asked_about(scripted_openai: ScriptedOpenAI, tmp_path: Path) -> None:
    """Ones that no header can carry, too; the file has them as they are."""
    odd = [Reference("Fall ä\n1", "n", "t"), Reference("7", "n", "t")]
    done = await asked(scripted_openai, tmp_path, odd)
    assert (done.answered, done.failed) == (2, {})
    assert list(texts(tmp_path)) == ["Fall ä\n1", "7"]


async def test_a_prompt_of_ones_own_replaces_the_shipped_one(tmp_path: Path) -> None:
    """There is one for each task."""
    own = tmp_path / "own.txt"
    own.write_text("  Be brief.\n")
    assert system_prompt(Task.DIAL2NOTE, own) == "Be brief."
    assert "SOAP" in system_prompt(Task.DIAL2NOTE)
    assert "[doctor]:" in system_prompt(Task.NOTE2DIAL)
