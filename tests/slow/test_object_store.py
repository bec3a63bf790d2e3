"""A lake whose Parquet lies in an object store: the product's commands, with the keys of the environment, against a real S3 server."""

import json
from pathlib import Path

import duckdb
import pytest

from medsynth_assets.warehouse.lake import PREFIX, LakeWarehouse
from tests.conftest import Place
from tests.object_store import BUCKET, ObjectStore
from tests.postgres import Postgres

pytestmark = pytest.mark.slow
_RECORDS = "select record_id, dialogue from marts.pairs order by all"


@pytest.fixture
def lake(
    object_store: ObjectStore, postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> LakeWarehouse:
    """One that is not there yet."""
    for name, value in object_store.variables.items():
        monkeypatch.setenv(name, value)
    return LakeWarehouse(f"{PREFIX}{postgres.database()}", f"s3://{BUCKET}/parquet", tmp_path / "side" / "lake.duckdb")


def test_records_are_made_kept_up_verified_and_copied_out_of_an_object_store(
    place: Place, lake: LakeWarehouse, object_store: ObjectStore
) -> None:
    """What a run wrote is in the bucket and nowhere else, is whole after upkeep, and a snapshot holds the same records."""
    store = {
        **object_store.variables,
        "MEDSYNTH_WAREHOUSE": lake.name,
        "MEDSYNTH_DATA_PATH": lake.data_path,
        "MEDSYNTH_SIDE_FILES": str(lake.path.parent),
    }
    made = place.medsynth("run", "--codes", "I10,E11.9", "--per-code", "2", timeout=500, **store)
    assert made.returncode == 0, made.stderr
    assert lake.maintain(keep_days=0)["flushed"] > 0
    assert list(object_store.folder.rglob("*.parquet"))
    assert not list(place.folder.glob("side/**/*.parquet"))

    verified = place.medsynth("verify", "--all", **store)
    assert verified.returncode == 0, verified.stdout
    records = [json.loads(line) for line in place.medsynth("sql", "--json", _RECORDS, **store).stdout.splitlines()]
    assert len(records) == 4

    snapshot = place.folder / "copy.duckdb"
    copied = place.medsynth("snapshot", "--out", str(snapshot), **store)
    assert copied.returncode == 0, copied.stderr
    with duckdb.connect(str(snapshot), read_only=True) as con:
        assert con.execute(_RECORDS).fetchall() == [tuple(record.values()) for record in records]


@pytest.mark.parametrize(
    "query",
    [
        "select name, value from duckdb_settings() where name like 's3%'",
        "from duckdb_secrets()",
        "select current_setting('s3_secret_access_key')",
    ],
)
def test_no_query_shows_the_secret(lake: LakeWarehouse, object_store: ObjectStore, query: str) -> None:
    """Whoever may ask the lake, `medsynth sql` and the explorer, learns nothing of the store's keys."""
    with lake.writing():
        pass
    with lake.reading() as con:
        lake.shut_in(con)
        assert object_store.variables["AWS_SECRET_ACCESS_KEY"] not in str(con.execute(query).fetchall())
