"""What `medsynth run` does: reference assets, generation in partition ranges, SQL models; then a summary."""

import uuid
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import dagster as dg
from rich.console import Console

from medsynth_assets.assets.icd_prevalence import is_current as prevalence_is_current
from medsynth_assets.assets.partitions import ICD_CODE
from medsynth_assets.assets.warehouse_resource import Warehouse
from medsynth_assets.assets.work import stale_codes
from medsynth_assets.cli.event_log import kept_open
from medsynth_assets.cli.instance import close_dead_runs, open_instance, own_tags
from medsynth_assets.cli.live_progress import LiveProgress
from medsynth_assets.cli.summary import print_example, print_next, print_nothing_to_do, print_summary
from medsynth_assets.definitions import build_defs
from medsynth_assets.errors import MedsynthError, UsageError
from medsynth_assets.records.artifact import Stage
from medsynth_assets.settings import Settings
from medsynth_assets.sql_models.project import SqlProject
from medsynth_assets.warehouse.generation_store import codes_with_data
from medsynth_assets.warehouse.reference_store import chapter_codes, current_release, known_billable, top_codes

_REFERENCE = ("icd10cm_codes", "icd_prevalence", "icd_prevalence_by_group")
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
_RANGE_START, _RANGE_END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"


class Pipeline:
    """One invocation. `quarantined` counts slots that failed in it."""

    def __init__(self, settings: Settings, *, engine: str, per_code: int, seed: int | None, force: bool) -> None:
        self._settings = settings
        self._per_code = per_code or settings.per_code
        self._config: dict[str, Any] = {
            "engine": engine,
            "per_code": self._per_code,
            "seed": settings.seed if seed is None else seed,
            "force": force,
        }
        self._console = Console()
        self._progress = LiveProgress(self._console)
        self._warehouse = Warehouse(database=str(settings.warehouse), lock_timeout_s=settings.lock_timeout_s)
        self._instance = open_instance()
        self._job = build_defs(
            warehouse=self._warehouse, progress=dg.ResourceDefinition.hardcoded_resource(self._progress)
        ).resolve_implicit_global_asset_job_def()

    @property
    def quarantined(self) -> int:
        return self._progress.quarantined

    def bring_up_to_date(self, *, codes: Sequence[str], top: int, chapter: int, example: bool) -> None:
        """Make what is stale of the selected codes and rebuild what depends on it."""
        close_dead_runs(self._instance)
        with self._progress:
            self._reference()
            selected = self._select(codes, top, chapter)
            stale = stale_codes(self._warehouse.file, selected, **self._config)
            self._generate(selected, stale)
            if stale or not self._models_exist():
                self._progress.note("building SQL models")
                self._execute([model.name for model in SqlProject().build_order])
        if stale:
            print_summary(self._console, self._warehouse.file, selected, self._progress)
        else:
            print_nothing_to_do(self._console, self._warehouse.file, selected)
        if example and stale:
            print_example(self._console, self._warehouse.file, selected[0])
        print_next(self._console, selected)

    def _reference(self) -> None:
        """Materialize the reference assets that are missing, and the prevalence table where another is set."""
        self._warehouse.file.ensure()
        with self._warehouse.reading() as con:
            loaded = {kind for kind in ("icd10cm", "prevalence", "groups") if current_release(con, kind)}
        if loaded != {"icd10cm", "prevalence", "groups"}:
            self._progress.note("loading reference data")
            self._execute(["icd10cm_codes"])
            self._execute(["icd_prevalence", "icd_prevalence_by_group"])
        elif not prevalence_is_current(self._warehouse, self._instance, self._settings):
            self._progress.note("loading the prevalence table")
            self._execute(["icd_prevalence"])

    def _select(self, codes: Sequence[str], top: int, chapter: int) -> list[str]:
        partitions = self._instance.get_dynamic_partitions(str(ICD_CODE.name))
        with self._warehouse.reading() as con:
            in_force = {*top_codes(con, self._settings.top_codes), *codes_with_data(con)}
            if codes:
                unknown = [code for code in codes if code not in known_billable(con, list(codes))]
                if unknown:
                    raise UsageError(f"{', '.join(unknown)}: not a billable code of the ICD-10-CM release in force")
                wanted = list(codes)
            elif top:
                wanted = top_codes(con, top)
            elif chapter:
                wanted = [code for code in chapter_codes(con, chapter) if code in in_force]
                if not wanted:
                    raise UsageError(
                        f"none of the top codes lies in chapter {chapter}; raise MEDSYNTH_TOP_CODES or use --codes"
                    )
            else:
                wanted = [code for code in partitions if code in in_force]
        missing = [code for code in wanted if code not in set(partitions)]
        if missing:
            self._instance.add_dynamic_partitions(str(ICD_CODE.name), missing)
        return wanted

    def _generate(self, selected: Sequence[str], stale: set[str]) -> None:
        self._progress.expect(len(stale) * self._per_code)
        order = self._instance.get_dynamic_partitions(str(ICD_CODE.name))
        for first, last in partition_ranges(order, set(selected), stale, self._settings.max_partitions_per_run):
            tags = {_RANGE_START: first, _RANGE_END: last}
            self._execute([stage.value for stage in Stage], tags, {"ops": {"generation": {"config": self._config}}})

    def _execute(
        self, keys: Sequence[str], tags: dict[str, str] | None = None, config: dict[str, Any] | None = None
    ) -> None:
        run_id = str(uuid.uuid4())
        with kept_open(self._instance, run_id):
            result = self._job.execute_in_process(
                instance=self._instance,
                asset_selection=[dg.AssetKey(key) for key in keys],
                tags={**(tags or {}), **own_tags()},
                run_config={**_QUIET, **(config or {})},
                raise_on_error=False,
                run_id=run_id,
            )
        if not result.success:
            raise MedsynthError(_reason(result))

    def _models_exist(self) -> bool:
        with self._warehouse.reading() as con:
            found = con.execute("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall()
        marts = {model.name for model in SqlProject().models.values() if not model.is_view}
        return marts <= {name for (name,) in found}


def partition_ranges(order: Sequence[str], selected: set[str], stale: set[str], most: int) -> list[tuple[str, str]]:
    """Runs of selected partitions, contiguous in Dagster's order, that hold something stale; each at most `most` long."""
    found = []
    for is_selected, group in groupby(order, key=lambda code: code in selected):
        codes = list(group) if is_selected else []
        for start in range(0, len(codes), most):
            part = codes[start : start + most]
            hot = [n for n, code in enumerate(part) if code in stale]
            if hot:
                found.append((part[hot[0]], part[hot[-1]]))
    return found


def _reason(result: dg.ExecuteInProcessResult) -> str:
    """Why a run failed, in one line; the whole story is in the run's log."""
    for event in result.all_events:
        if event.is_step_failure:
            data = event.step_failure_data
            if data.user_failure_data and data.user_failure_data.description:
                return data.user_failure_data.description
            error = data.error
            while error and error.cause:
                error = error.cause
            if error:
                return f"{error.message.strip()} (run {result.run_id}; its log is in the UI: make ui)"
    return f"run {result.run_id} failed; its log is in the UI: make ui"
