"""Engine openai-batch as Dagster sees it: runs park and submit, the sensor polls, results land, runs go on."""

import json
import shutil
from collections.abc import Callable

import dagster as dg
import pytest

from medsynth_assets.assets.openai_batches import openai_batches_sensor
from medsynth_assets.quality.suites import written
from medsynth_assets.settings import load_settings
from tests.assets.conftest import Platform, checks, metadata
from tests.scripted_openai.fixture import ScriptedOpenAI
from tests.scripted_openai.script import BatchPlay, Script, http, play

AGENT_STEPS = 6
# The endpoint tells of one patient whatever the code: what would keep such records from going on is only warned of.
LENIENT = {
    f"{name}.{check.name}": {"severity": "warning"}
    for name in ("scenarios", "notes", "dialogues")
    for check in written(name).checks
}


@pytest.fixture
def batching(platform: Platform, scripted_openai: ScriptedOpenAI, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """The platform, its paid engines at the scripted endpoint."""
    monkeypatch.setenv("OPENAI_BASE_URL", scripted_openai.url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    monkeypatch.setenv("MEDSYNTH_OPENAI_MODEL", "gpt-4o")
    monkeypatch.setenv("MEDSYNTH_CHECKS", json.dumps(LENIENT))
    load_settings.cache_clear()
    return platform


class Daemon:
    """What Dagster's daemon does with a sensor: ticks, and a run for each run key that it has not seen."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._seen: set[str | None] = set()
        self.skips: list[str] = []
        self.runs: list[dg.ExecuteInProcessResult] = []

    def tick(self) -> int:
        """How many runs this tick brought."""
        context = dg.build_sensor_context(instance=self._platform.instance)
        told = openai_batches_sensor(context)
        requests = []
        for one in told:
            if isinstance(one, dg.SkipReason):
                self.skips.append(str(one.skip_message))
            elif one.run_key not in self._seen:
                requests.append(one)
        for request in requests:
            self._seen.add(request.run_key)
            keys = [key.to_user_string() for key in request.asset_selection or []]
            self.runs.append(self._platform.materialize(*keys, config=request.run_config, tags=request.tags))
            assert self.runs[-1].success
        return len(requests)

    def until(self, over: Callable[[], bool], ticks: int = 40) -> None:
        for _ in range(ticks):
            if over():
                return
            self.tick()
        raise AssertionError(f"not over after {ticks} ticks: {self.skips[-3:]}")


@pytest.fixture
def daemon(batching: Platform) -> Daemon:
    return Daemon(batching)


def made(platform: Platform, codes: list[str]) -> set[str]:
    """Records with a dialogue."""
    return {record for record, stage in platform.heads(*codes) if stage == "dialogues"}


@pytest.mark.slow
def test_records_come_out_of_batches_as_they_would_at_once(
    batching: Platform, daemon: Daemon, scripted_openai: ScriptedOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One run by hand, the rest by the sensor: six batches a range, every answer paid once, the same artifacts."""
    codes = batching.codes[5:7]
    at_once = batching.place.folder / "at_once.duckdb"
    shutil.copyfile(batching.warehouse, at_once)
    first = batching.generate(codes, engine="openai-batch")
    assert first.success
    assert batching.heads(*codes) == {}
    assert metadata(first, "scenarios")["parked_slots"] == 4
    assert not checks(first)["dialogues", "quota_reached"].passed
    wanted = {f"{code}/00{n}" for code in codes for n in (1, 2)}
    daemon.until(lambda: made(batching, codes) == wanted)
    assert set(scripted_openai.batches.answered.values()) == {1}
    assert scripted_openai.chats == []
    assert len(scripted_openai.batches.batches) >= AGENT_STEPS
    assert checks(daemon.runs[-1])["dialogues", "quota_reached"].passed
    ((paid, cost_usd),) = batching.ask(
        "select count(*), sum(cost_usd) from generation.calls where engine = 'openai-batch'"
    )
    in_batches = batching.heads(*codes)
    batching.warehouse = at_once
    monkeypatch.setenv("MEDSYNTH_WAREHOUSE", str(at_once))  # with a ledger of its own
    load_settings.cache_clear()
    batching.generate(codes, engine="openai")
    assert batching.heads(*codes) == in_batches
    ((at_once_usd,),) = batching.ask("select sum(cost_usd) from generation.calls where engine = 'openai'")
    assert paid == len(scripted_openai.batches.answered) == len(scripted_openai.chats)
    assert cost_usd == pytest.approx(at_once_usd / 2)


@pytest.mark.slow
def test_a_finished_order_is_left_alone(batching: Platform, daemon: Daemon, scripted_openai: ScriptedOpenAI) -> None:
    """When everything is made, ticks ask the provider nothing and start nothing."""
    code = batching.codes[5:6]
    batching.generate(code, engine="openai-batch", per_code=1)
    daemon.until(lambda: made(batching, code) == {f"{code[0]}/001"})
    sent = len(scripted_openai.batches.batches)
    assert [daemon.tick() for _ in range(3)] == [0, 0, 0]
    assert daemon.skips[-1] == "no batch is open"
    again = batching.generate(code, engine="openai-batch", per_code=1)
    assert metadata(again, "scenarios")["parked_slots"] == 0
    assert len(scripted_openai.batches.batches) == sent


def test_a_batch_that_is_not_ready_is_waited_for(
    batching: Platform, daemon: Daemon, scripted_openai: ScriptedOpenAI
) -> None:
    """The tick says how many are open; running generation meanwhile sends nothing again."""
    scripted_openai.script = Script(batches=[BatchPlay(ends="never")])
    code = batching.codes[5:6]
    batching.generate(code, engine="openai-batch", per_code=1)
    assert daemon.tick() == 0
    assert daemon.skips == ["1 batches are open"]
    batching.generate(code, engine="openai-batch", per_code=1)
    assert len(scripted_openai.batches.batches) == 1
    scripted_openai.batches.finish_all()
    assert daemon.tick() == 1
    assert metadata_of(daemon.runs[-1])["answers"] == 1


@pytest.mark.slow
def test_partial_failures_go_to_quarantine_and_to_the_next_batch(
    batching: Platform, daemon: Daemon, scripted_openai: ScriptedOpenAI
) -> None:
    """Of three notes one is refused, one meets a server error: one slot in quarantine, two records."""
    scripted_openai.script = Script(plays={"note_writer": [play("ok"), play("refusal"), http(500)]})
    code = batching.codes[5:6]
    batching.generate(code, engine="openai-batch", per_code=3)
    daemon.until(lambda: len(made(batching, code)) == 2)
    reasons = batching.ask("select stage, reason from generation.current_quarantine where icd_code = ?", code[0])
    assert reasons == [("notes", "refusal")]
    assert set(scripted_openai.batches.answered.values()) == {1}


@pytest.mark.slow
def test_an_expired_batch_is_made_up_for(batching: Platform, daemon: Daemon, scripted_openai: ScriptedOpenAI) -> None:
    """A day was not enough for half of it: that half goes into the next batch, the other is used."""
    scripted_openai.script = Script(batches=[BatchPlay(ends="expired", answered_frac=0.5)])
    code = batching.codes[5:6]
    batching.generate(code, engine="openai-batch")
    daemon.until(lambda: len(made(batching, code)) == 2)
    assert set(scripted_openai.batches.answered.values()) == {1}


def test_an_endpoint_that_is_down_is_a_skipped_tick(
    batching: Platform, daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reason is told; the batches are still there at the next tick."""
    code = batching.codes[5:6]
    batching.generate(code, engine="openai-batch", per_code=1)
    with monkeypatch.context() as down:
        down.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
        down.setenv("MEDSYNTH_MAX_RETRIES", "0")
        load_settings.cache_clear()
        assert daemon.tick() == 0
    load_settings.cache_clear()
    assert "127.0.0.1:9" in daemon.skips[-1]
    assert daemon.tick() == 1


def metadata_of(result: dg.ExecuteInProcessResult) -> dict[str, object]:
    """Metadata of openai_batches in this run."""
    (event,) = result.asset_materializations_for_node("openai_batches")
    return {name: value.value for name, value in event.metadata.items()}
