"""A lake that stays open while a run lasts: seen by it and by others as one that is opened anew."""

import duckdb
import pytest

from medsynth_assets.errors import WarehouseError
from medsynth_assets.warehouse import attachments
from medsynth_assets.warehouse.lake import LakeWarehouse
from tests.warehouse.test_file import TARGET

COUNTS = "select record_count, batch_id from generation.targets order by 1"


@pytest.fixture
def attached(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How lakes were attached, one entry each time."""
    seen: list[str] = []
    attach = LakeWarehouse._attach

    def noted(lake: LakeWarehouse, options: str) -> duckdb.DuckDBPyConnection:
        seen.append(options.split()[0])
        return attach(lake, options)

    monkeypatch.setattr(LakeWarehouse, "_attach", noted)
    return seen


@pytest.mark.slow
def test_a_lake_is_attached_once_while_it_stays_open(lake: LakeWarehouse, attached: list[str]) -> None:
    """Looks and transactions in turn, another process's view of it between them; afterwards nothing is kept."""
    lake.ensure()
    other = LakeWarehouse(lake.name, lake.data_path, lake.path)
    attached.clear()
    with lake.staying_open(), other.staying_open():
        for count in (1, 2, 3):
            with lake.writing() as con:
                con.execute(TARGET, [count])
            with other.reading() as con:
                assert con.execute(COUNTS).fetchall() == [(n, n) for n in range(1, count + 1)]
    assert sorted(attached) == ["data_path", "read_only"]
    assert not attachments._kept
    with lake.reading() as con:
        assert con.execute(COUNTS).fetchall() == [(1, 1), (2, 2), (3, 3)]
    assert len(attached) == 3


@pytest.mark.slow
def test_a_lost_server_costs_one_transaction(lake: LakeWarehouse) -> None:
    """What was under way is not there and says so; what comes after it is."""
    lake.ensure()
    with lake.staying_open():
        with lake.writing() as con:
            con.execute(TARGET, [1])
        with pytest.raises((duckdb.Error, WarehouseError)), lake.writing() as con:  # noqa: PT012
            con.execute(TARGET, [2])
            _cut_all_connections(lake)
        _cut_all_connections(lake)
        with lake.writing() as con:
            con.execute(TARGET, [3])
        with lake.reading() as con:
            assert con.execute(COUNTS).fetchall() == [(1, 1), (3, 2)]


def _cut_all_connections(lake: LakeWarehouse) -> None:
    with lake.catalog() as catalog:
        catalog.execute("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()")
