"""`medsynth run --engine openai` against a scripted endpoint over real HTTP."""

import json

import duckdb

from tests.conftest import Place
from tests.scripted_openai.fixture import ScriptedOpenAI
from tests.scripted_openai.script import Script, play

RUN = ("run", "--codes", "I10,E11.9", "--per-code", "2", "--engine", "openai")


def _environment(endpoint: ScriptedOpenAI) -> dict[str, str]:
    return {"OPENAI_BASE_URL": endpoint.url, "OPENAI_API_KEY": "sk-test-0123456789", "MEDSYNTH_OPENAI_MODEL": "gpt-4o"}


def test_six_agents_answer_over_http_and_every_call_is_on_record(
    loaded_place: Place, scripted_openai: ScriptedOpenAI
) -> None:
    """Records come from the endpoint; calls hold messages, tokens and cost; a second run asks nothing and costs nothing."""
    first = loaded_place.medsynth(*RUN, **_environment(scripted_openai))
    assert first.returncode == 0, first.stdout + first.stderr
    asked = len(scripted_openai.chats)
    with duckdb.connect(str(loaded_place.warehouse), read_only=True) as con:
        pairs = con.execute("select record_id, engine, model from staging.stg_dialogues order by all").fetchall()
        calls = con.execute(
            "select count(*), count(messages), min(input_tokens), sum(cost_usd), count(distinct agent)"
            " from generation.calls where engine = 'openai'"
        ).fetchone()
        usage = con.execute("select sum(call_count), sum(cost_usd) from marts.usage where engine = 'openai'").fetchone()
        text = con.execute("select string_agg(cast(columns(*) as varchar)) from generation.calls").fetchall()
    assert [record for record, engine, _ in pairs if engine == "openai"] == [
        "E11.9/001",
        "E11.9/002",
        "I10/001",
        "I10/002",
    ]
    assert calls is not None
    assert calls[0] == calls[1] == asked
    assert calls[2] > 0
    assert calls[3] > 0
    assert calls[4] == 6
    assert usage is not None
    assert usage[0] == asked
    assert "sk-test" not in str(text)

    second = loaded_place.medsynth(*RUN, **_environment(scripted_openai))
    assert second.returncode == 0, second.stderr
    assert "Everything is current" in second.stdout
    assert len(scripted_openai.chats) == asked


def test_a_refusal_and_a_cut_answer_go_to_quarantine_and_never_into_a_record(
    loaded_place: Place, scripted_openai: ScriptedOpenAI
) -> None:
    """One slot is refused, one is cut off: both are quarantined with the reason; the run ends with exit code 1."""
    plays = {"note_writer": [play("refusal")], "dialogue_generator": [play("length")]}
    scripted_openai.script = Script(plays=plays)
    done = loaded_place.medsynth(*RUN, "--seed", "7", **_environment(scripted_openai))
    assert done.returncode == 1, done.stdout + done.stderr
    status = json.loads(loaded_place.medsynth("status", "--json").stdout)
    assert status["quarantine_reasons"] == {"refusal": 1, "truncated": 1}
    assert status["quarantined"] == 2
