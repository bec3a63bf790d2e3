"""The asset dataset_release: a release below the folder of releases, recorded with its run."""

import pyarrow.parquet as pq

from medsynth_assets.sql_models.project import SqlProject
from tests.assets.conftest import Platform, failure, metadata


def test_a_materialization_is_a_release(platform: Platform) -> None:
    """With counts, root and place in its metadata; the second tells what changed since the first."""
    release = {"ops": {"dataset_release": {"config": {"name": "v1"}}}}
    made = platform.materialize("dataset_release", config=release)
    assert made.success
    told = metadata(made, "dataset_release")
    folder = platform.warehouse.parent / "releases" / "v1"
    assert (told["dagster/row_count"], told["path"]) == (1, str(folder))
    assert pq.read_table(folder / "pairs" / "validation.parquet")["record_id"].to_pylist() == ["I10/001"]
    assert platform.ask("select name, lineage_root, run_id from generation.releases") == [
        ("v1", told["lineage_root"], made.run_id)
    ]
    assert "added_since_last" not in told

    assert platform.generate(["I10"]).success
    assert platform.materialize(*SqlProject().models).success
    again = platform.materialize("dataset_release")
    told = metadata(again, "dataset_release")
    assert (told["added_since_last"], told["changed_since_last"], told["withdrawn_since_last"]) == (1, 1, 0)
    assert again.run_id[:8] in told["path"]
    assert "v1 holds a release" in failure(platform.materialize("dataset_release", config=release))


def test_nothing_to_release_fails_with_what_to_run(empty_platform: Platform) -> None:
    """Without a warehouse."""
    assert "run --top 20" in failure(empty_platform.materialize("dataset_release"))
