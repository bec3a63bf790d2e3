"""Eight `medsynth run` at once on one warehouse, and what a reader sees meanwhile."""

import subprocess
import sys
import time
from collections import Counter

import duckdb
import pytest

from tests.conftest import Place
from tests.scripted_openai.fixture import ScriptedOpenAI
from tests.scripted_openai.script import Script
from tests.slow.test_kill_openai import sent

CODES = ["I10", "E78.5", "E11.9", "K21.9", "F41.9", "F32.9", "E03.9", "J06.9"]
PER_CODE = 4


@pytest.mark.slow
def test_eight_runs_on_one_warehouse_all_finish_and_lose_nothing(loaded_place: Place) -> None:
    """Every record of every process is there, no lock error is shown, and status answers all the while."""
    runs = [
        subprocess.Popen(
            [sys.executable, "-m", "medsynth_assets.cli", "run", "--codes", code, "--per-code", str(PER_CODE)],
            cwd=loaded_place.folder, env=loaded_place.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        for code in CODES
    ]  # fmt: skip
    answers = []
    while any(run.poll() is None for run in runs):
        answers.append(loaded_place.medsynth("status", "--json", timeout=90))
        time.sleep(0.5)
    said = [run.communicate()[0] for run in runs]
    assert [run.returncode for run in runs] == [0] * len(CODES), "\n".join(said)
    assert not [text for text in said if "lock" in text.lower()]
    assert answers
    assert [answer.returncode for answer in answers] == [0] * len(answers), answers[-1].stderr
    with duckdb.connect(str(loaded_place.warehouse), read_only=True) as con:
        counts = dict(con.execute("select icd_code, count(*) from staging.stg_dialogues group by icd_code").fetchall())
        heads = con.execute("select count(distinct record_id) from generation.current_heads where stage = 'dialogues'")
        assert heads.fetchone() == (len(CODES) * PER_CODE,)
    assert dict.fromkeys(CODES, PER_CODE).items() >= counts.items()


@pytest.mark.slow
def test_two_runs_of_the_same_slots_ask_for_each_answer_once(
    loaded_place: Place, scripted_openai: ScriptedOpenAI
) -> None:
    """Both finish and both find every record; one of them made it."""
    scripted_openai.script = Script(latency_s=0.3)
    environment = {
        **loaded_place.environment, "OPENAI_BASE_URL": scripted_openai.url, "OPENAI_API_KEY": "sk-test",
        "MEDSYNTH_OPENAI_MODEL": "gpt-4o", "COLUMNS": "80",
    }  # fmt: skip
    command = [sys.executable, "-m", "medsynth_assets.cli", "run", "--codes", "E78.5,E11.9", "--per-code", "4"]
    runs = [
        subprocess.Popen(
            [*command, "--engine", "openai"], cwd=loaded_place.folder, env=environment,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    said = [run.communicate()[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], "\n".join(said)
    asked = Counter(sent(chat) for chat in scripted_openai.chats)
    assert set(asked.values()) == {1}
    with duckdb.connect(str(loaded_place.warehouse), read_only=True) as con:
        heads = con.execute(
            "select count(*), count(distinct (record_id, stage)) from generation.heads where engine = 'openai'"
        )
        assert heads.fetchone() == (24, 24)
