"""Running Dagster's assets in this process, on a real instance, as the command line does."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from medsynth_assets.assets.warehouse_resource import Warehouse
from medsynth_assets.cli.instance import open_instance
from medsynth_assets.definitions import build_defs
from medsynth_assets.warehouse.file import WarehouseFile
from tests.conftest import Place

STAGES = ("scenarios", "notes", "dialogues")
REFERENCE = ("icd10cm_codes", "icd_prevalence", "icd_prevalence_by_group")
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass
class Platform:
    """A warehouse and an instance, and the verbs of the tests."""

    place: Place
    instance: dg.DagsterInstance
    warehouse: Path

    @property
    def codes(self) -> list[str]:
        """Partitions, in Dagster's order; the most prevalent first."""
        return list(self.instance.get_dynamic_partitions("icd_code"))

    def materialize(
        self,
        *keys: str,
        config: dict[str, Any] | None = None,
        tags: dict[str, str] | None = None,
        partition: str | None = None,
    ) -> dg.ExecuteInProcessResult:
        """Materialize these assets; a failure is in the result, not raised."""
        job = build_defs(warehouse=Warehouse(database=str(self.warehouse))).resolve_implicit_global_asset_job_def()
        return job.execute_in_process(
            instance=self.instance,
            asset_selection=[dg.AssetKey(key) for key in keys],
            partition_key=partition,
            tags=tags,
            run_config={**_QUIET, **(config or {})},
            raise_on_error=False,
        )

    def generate(
        self, codes: Sequence[str], stages: Sequence[str] = STAGES, **config: Any
    ) -> dg.ExecuteInProcessResult:
        """The stages for one code, or for a contiguous range of partitions in one run."""
        run_config = {"ops": {"generation": {"config": {"engine": "offline", "per_code": 2, "seed": 1, **config}}}}
        if len(codes) == 1:
            return self.materialize(*stages, config=run_config, partition=codes[0])
        tags = {"dagster/asset_partition_range_start": codes[0], "dagster/asset_partition_range_end": codes[-1]}
        return self.materialize(*stages, config=run_config, tags=tags)

    def ask(self, sql: str, *arguments: object) -> list[tuple[Any, ...]]:
        with WarehouseFile(self.warehouse).reading() as con:
            return con.execute(sql, list(arguments)).fetchall()

    def execute(self, sql: str, *arguments: object) -> None:
        with WarehouseFile(self.warehouse).writing() as con:
            con.execute(sql, list(arguments))

    def heads(self, *codes: str) -> dict[tuple[str, str], str]:
        """Current artifact ids by record and stage."""
        rows = self.ask(
            "select record_id, stage, artifact_id from generation.current_heads where list_contains(?, icd_code)",
            list(codes),
        )
        return {(record, stage): made for record, stage, made in rows}


def failure(result: dg.ExecuteInProcessResult) -> str:
    """What a failed run tells people."""
    (event,) = [event for event in result.all_events if event.is_step_failure]
    data = event.step_failure_data
    assert data.user_failure_data is not None, data.error
    return str(data.user_failure_data.description)


def metadata(result: dg.ExecuteInProcessResult, asset: str) -> dict[str, Any]:
    """Metadata of the asset's materialization in this run, values unwrapped."""
    found: dict[str, Any] = {}
    for event in result.asset_materializations_for_node("generation" if asset in STAGES else asset):
        if event.asset_key.to_user_string() == asset:
            found |= {name: value.value for name, value in event.metadata.items()}
    return found


def checks(result: dg.ExecuteInProcessResult) -> dict[tuple[str, str], dg.AssetCheckEvaluation]:
    return {(e.asset_key.to_user_string(), e.check_name): e for e in result.get_asset_check_evaluations()}


@pytest.fixture
def platform(loaded_place: Place) -> Iterator[Platform]:
    """Reference assets loaded, partitions registered, one record there: I10/001."""
    with open_instance() as instance:
        yield Platform(loaded_place, instance, loaded_place.warehouse)


@pytest.fixture
def empty_platform(place: Place) -> Iterator[Platform]:
    """Nothing materialized, the warehouse not there yet."""
    with open_instance() as instance:
        yield Platform(place, instance, place.warehouse)
