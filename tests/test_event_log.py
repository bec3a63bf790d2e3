"""Dagster's event log with open connections: the same as Dagster's own for whoever reads it, beside others that write it."""

import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage

from medsynth_assets.event_log import _MOST_OPEN, OpenEventLog
from tests.conftest import REPOSITORY

PARTITIONS = dg.DynamicPartitionsDefinition(name="letter")


@dg.asset(
    partitions_def=PARTITIONS,
    backfill_policy=dg.BackfillPolicy.single_run(),
    check_specs=[dg.AssetCheckSpec("is_short", asset="letters")],
)
def letters(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    for key in context.partition_keys:
        context.add_asset_metadata({"length": len(key)}, partition_key=key)
    return dg.MaterializeResult(check_results=[dg.AssetCheckResult(check_name="is_short", passed=True)])


def instance_of(folder: Path, *, ours: bool = True) -> dg.DagsterInstance:
    shipped = (REPOSITORY / "dagster.yaml").read_text()
    (folder / "dagster.yaml").write_text(shipped if ours else "telemetry: {enabled: false}\n")
    return dg.DagsterInstance.from_config(str(folder))


def run(instance: dg.DagsterInstance, first: str, last: str) -> None:
    tags = {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}
    assert dg.materialize([letters], instance=instance, tags=tags).success


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))


def test_what_it_wrote_dagsters_own_log_reads(tmp_path: Path) -> None:
    """Events of runs, materializations of partitions with their metadata, partitions: in the place where Dagster has them."""
    with instance_of(tmp_path) as instance:
        assert isinstance(instance.event_log_storage, OpenEventLog)
        instance.add_dynamic_partitions("letter", ["a", "bb", "ccc"])
        run(instance, "a", "bb")
        [made] = instance.get_run_records()
        events = [e.dagster_event_type for e in instance.all_logs(made.dagster_run.run_id)]
    with instance_of(tmp_path, ours=False) as other:
        assert type(other.event_log_storage) is SqliteEventLogStorage
        assert [e.dagster_event_type for e in other.all_logs(made.dagster_run.run_id)] == events
        assert dg.DagsterEventType.RUN_SUCCESS in events
        found = other.fetch_materializations(letters.key, limit=10).records
        assert {r.partition_key: r.asset_materialization.metadata["length"].value for r in found} == {"a": 1, "bb": 2}  # type: ignore[union-attr]
        assert other.get_dynamic_partitions("letter") == ["a", "bb", "ccc"]


def told(instance: dg.DagsterInstance) -> tuple[object, ...]:
    """Of the one run: its events, what is known of the asset and of its partitions."""
    [made] = instance.get_run_records()
    events = [
        (e.dagster_event_type, e.dagster_event and e.dagster_event.partition)
        for e in instance.all_logs(made.dagster_run.run_id)
    ]
    newest = instance.get_latest_materialization_event(letters.key)
    assert newest is not None
    assert newest.asset_materialization is not None
    tags = instance.event_log_storage.get_latest_tags_by_partition(
        letters.key, dg.DagsterEventType.ASSET_MATERIALIZATION, ["dagster/data_version"]
    )
    return events, newest.asset_materialization.partition, {key: set(found) for key, found in tags.items()}


def test_a_batch_is_what_it_is_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same events in the same order, the same entry of the asset, the same tags, with a check among them."""
    found = []
    for size in ("0", "500"):
        monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", size)
        (tmp_path / size).mkdir()
        with instance_of(tmp_path / size) as instance:
            instance.add_dynamic_partitions("letter", ["a", "b", "c", "d"])
            run(instance, "a", "d")
            found.append(told(instance))
    assert found[0] == found[1]
    assert len(found[0][2]) == 4


def test_partitions_of_another_process_are_seen(tmp_path: Path) -> None:
    """Keys are kept, and read again where one came or went."""
    script = (
        "import dagster as dg\n"
        "with dg.DagsterInstance.get() as instance:\n"
        "    instance.add_dynamic_partitions('letter', ['b'])\n"
        "    instance.delete_dynamic_partition('letter', 'a')\n"
    )
    with instance_of(tmp_path) as instance:
        instance.add_dynamic_partitions("letter", ["a"])
        assert instance.get_dynamic_partitions("letter") == ["a"]
        subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, check=True)
        assert instance.get_dynamic_partitions("letter") == ["b"]
        assert not instance.has_dynamic_partition("letter", "a")


def test_more_runs_than_files_may_be_open(tmp_path: Path) -> None:
    """The log of a run from long ago is opened again; one that was wiped is gone, and a new run begins anew."""
    with instance_of(tmp_path) as instance:
        instance.add_dynamic_partitions("letter", ["a"])
        for _ in range(_MOST_OPEN + 2):
            run(instance, "a", "a")
        runs = [record.dagster_run.run_id for record in instance.get_run_records()]
        assert {len(instance.all_logs(run_id)) for run_id in runs} == {len(instance.all_logs(runs[0]))}
        (tmp_path / "history" / "runs" / f"{runs[-1]}.db").unlink()
        assert instance.all_logs(runs[-1]) == [], "another process wiped it, after it was closed here"
        instance.wipe()
        assert [instance.all_logs(run_id) for run_id in runs] == [[]] * len(runs)
        instance.add_dynamic_partitions("letter", ["a"])
        run(instance, "a", "a")
        assert len(instance.get_run_records()) == 1
