"""The audit of a record in Dagster, and what a partition says of its records."""

import re

import dagster as dg
import duckdb

from medsynth_assets.assets.warehouse_resource import Warehouse
from medsynth_assets.definitions import build_defs
from tests.assets.conftest import Platform, metadata


def audited(platform: Platform, record_id: str) -> dg.ExecuteInProcessResult:
    job = build_defs(warehouse=Warehouse(database=str(platform.warehouse))).resolve_job_def("audit_record")
    return job.execute_in_process(
        instance=platform.instance,
        run_config={
            "ops": {"audit": {"config": {"record_id": record_id}}},
            "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
        },
        raise_on_error=False,
    )


def told(result: dg.ExecuteInProcessResult) -> dict[str, object]:
    (event,) = [event for event in result.all_events if event.is_successful_output]
    return {name: value.value for name, value in event.step_output_data.metadata.items()}


def test_the_audit_of_a_record_is_metadata_of_the_run(platform: Platform) -> None:
    """Where it came from, what stands, and that it holds; markup of a record stays text."""
    result = audited(platform, "i10/1")
    assert result.success
    audit = told(result)
    assert (audit["record_id"], audit["holds"], audit["artifacts"]) == ("I10/001", True, 8)
    text = str(audit["audit"])
    for part in ("# I10/001", "Holds: 8 artifacts", "Subjective:", "[doctor]:", "## Runs"):
        assert part in text


def test_the_audit_says_what_is_broken(platform: Platform) -> None:
    """An edited note does not fail the run: the answer is the audit."""
    platform.execute("update generation.artifacts set text = '<b>' where kind = 'note'")
    platform.execute("update generation.artifacts set parents = [] where kind = 'note'")
    audit = told(audited(platform, "I10/001"))
    assert audit["holds"] is False
    assert re.search(r"broken at note: note [0-9a-f]{24}: its content is not what it is named by", str(audit["audit"]))


def test_an_unknown_record_fails_with_what_to_run(platform: Platform) -> None:
    """In one line."""
    result = audited(platform, "I10/009")
    assert not result.success
    (failed,) = [event for event in result.all_events if event.is_step_failure]
    assert "nothing is known of I10/009" in str(failed.step_failure_data.user_failure_data)


def test_a_partition_links_its_records_and_has_a_version_of_its_data(platform: Platform) -> None:
    """Each partition of a range run by itself; the version follows from what stands, not from the run."""
    codes = platform.codes[:2]
    versions = []
    for force in (False, True):
        assert platform.generate(codes, per_code=1, force=force).success
        found = {}
        for code in codes:
            record = platform.instance.fetch_materializations(
                dg.AssetRecordsFilter(asset_key=dg.AssetKey("notes"), asset_partitions=[code]), limit=1
            ).records[0]
            assert record.asset_materialization is not None
            found[code] = {name: value.value for name, value in record.asset_materialization.metadata.items()}
            assert f"medsynth lineage {code}/001" in str(found[code]["records"])
        versions.append({code: found[code]["data_version"] for code in codes})
    assert versions[0] == versions[1]
    assert len(set(versions[0].values())) == 2


def test_every_asset_has_a_code_version() -> None:
    """So that the graph shows what was made by other code."""
    graph = build_defs().resolve_asset_graph()
    assert {key.to_user_string() for key in graph.get_all_asset_keys() if not graph.get(key).code_version} == set()


def test_the_snapshot_asset_writes_beside_the_warehouse_and_says_how_far_it_goes(platform: Platform) -> None:
    """The copy holds the records, and the metadata names file, newest batch, size and how long the warehouse was held."""
    result = platform.materialize("warehouse_snapshot")
    assert result.success
    told = metadata(result, "warehouse_snapshot")
    path = platform.warehouse.with_suffix(".snapshot.duckdb")
    assert (told["path"], told["size_bytes"]) == (str(path), path.stat().st_size)
    assert platform.ask("select max(batch_id) from generation.batches") == [(told["batch_id"],)]
    with duckdb.connect(str(path), read_only=True) as con:
        assert con.execute("select count(*) from marts.pairs").fetchone() == (1,)
