"""The disk fills up in the middle of a paid run: one clear line, nothing lost, and the next run completes it."""

import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from tests.conftest import Place
from tests.scripted_openai.fixture import ScriptedOpenAI
from tests.scripted_openai.script import Script
from tests.slow.test_kill_openai import sent

SCRIPT = Path(__file__).with_name("disk_full.sh")
CODES = "E78.5,E11.9,K21.9,F41.9"
PER_CODE = 12


def in_own_mounts() -> list[str] | None:
    """How to get a mount namespace here; None where that is not allowed."""
    if not shutil.which("unshare"):
        return None
    for command in (["unshare", "-m"], ["unshare", "-r", "-m"]):
        if subprocess.run([*command, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True).returncode == 0:
            return command
    return None


@pytest.mark.slow
@pytest.mark.parametrize("room_kb", [9_500, 12_000, 16_000])
def test_a_run_whose_disk_fills_up_says_so_and_the_next_pays_for_nothing_again(
    loaded_place: Place, scripted_openai: ScriptedOpenAI, tmp_path_factory: pytest.TempPathFactory, room_kb: int
) -> None:
    """Ledger, warehouse and Dagster's own files are on the full disk; 8,192 of its kilobytes are the ledger's reserve."""
    own = in_own_mounts()
    if own is None:
        pytest.skip("a file system of a fixed size needs a mount namespace, which is not allowed here")
    disk, out = tmp_path_factory.mktemp("disk"), tmp_path_factory.mktemp("out")
    scripted_openai.script = Script(latency_s=0.01)
    run = [sys.executable, "-m", "medsynth_assets.cli", "run", "--codes", CODES, "--per-code", str(PER_CODE)]
    done = subprocess.run(
        [*own, "sh", str(SCRIPT), str(disk), str(out), str(loaded_place.folder), str(room_kb), *run, "--engine", "openai"],
        env={
            **loaded_place.environment, "MEDSYNTH_WAREHOUSE": str(disk / "medsynth.duckdb"), "DAGSTER_HOME": str(disk / "dagster"),
            "OPENAI_BASE_URL": scripted_openai.url, "OPENAI_API_KEY": "sk-test", "MEDSYNTH_OPENAI_MODEL": "gpt-4o",
            "MEDSYNTH_CONCURRENCY": "8", "TMPDIR": str(out),
        },
        capture_output=True, text=True, timeout=500, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = {path.name: path.read_text("utf-8") for path in out.glob("*.*")}
    assert told["full.code"].strip() == "2", told
    lines = [line for line in told["full.stderr"].splitlines() if line.startswith("medsynth: ")]
    assert len(lines) == 1, told["full.stderr"]
    assert "full" in lines[0]
    assert "Traceback" not in told["full.stderr"]
    print(f"{room_kb} kB of room, {told['full.df'].split()[-3]} kB left: {lines[0]}")
    assert told["again.code"].strip() == "0", told["again.stderr"]
    with duckdb.connect(str(out / "disk" / "medsynth.duckdb"), read_only=True) as con:
        made = con.execute(
            "select count(*) from generation.current_heads where stage = 'dialogues' and engine = 'openai'"
        )
        assert made.fetchone() == (len(CODES.split(",")) * PER_CODE,)
        ((paid,),) = con.execute("select count(*) from generation.calls where engine = 'openai'").fetchall()
    with sqlite3.connect(out / "disk" / "medsynth.calls.sqlite") as con:
        assert con.execute("pragma integrity_check").fetchone() == ("ok",)
        assert con.execute("select count(*) from answers").fetchone() == (paid,)
    asked = Counter(sent(chat) for chat in scripted_openai.chats)
    assert [count for count in asked.values() if count > 1] == []
    assert sum(asked.values()) == paid
