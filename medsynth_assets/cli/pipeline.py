"""What `medsynth run` does: reference assets, generation in partition ranges, SQL models; then a summary."""

from collections.abc import Sequence
from typing import Any

import dagster as dg
import polars as pl
from rich.console import Console

from medsynth_assets.assets.icd_prevalence import is_current as prevalence_is_current
from medsynth_assets.assets.openai_batches import LANDING
from medsynth_assets.assets.partitions import ICD_CODE, RANGE_END, RANGE_START
from medsynth_assets.assets.run_tags import refresh_tags
from medsynth_assets.assets.warehouse_resource import Warehouse
from medsynth_assets.cli.batches_command import print_batches
from medsynth_assets.cli.instance import close_dead_runs, open_instance, own_tags
from medsynth_assets.cli.live_progress import LiveProgress
from medsynth_assets.cli.plan_tables import print_end
from medsynth_assets.cli.summary import print_example, print_next, print_nothing_to_do, print_summary
from medsynth_assets.definitions import build_defs
from medsynth_assets.engines.batch_engine import NAME as BATCH_ENGINE
from medsynth_assets.engines.budget import Limits
from medsynth_assets.engines.stores import budget_of
from medsynth_assets.errors import MedsynthError, UsageError
from medsynth_assets.records.artifact import Stage
from medsynth_assets.refresh.marking import mark_kept
from medsynth_assets.refresh.outlook import Outlook, look_ahead
from medsynth_assets.refresh.plan import Plan
from medsynth_assets.refresh.planning import named, plan_for, would_ask
from medsynth_assets.refresh.policy import policy_of
from medsynth_assets.refresh.ranges import partition_ranges
from medsynth_assets.settings import Settings
from medsynth_assets.sql_models.project import SqlProject
from medsynth_assets.warehouse.generation_store import codes_with_data
from medsynth_assets.warehouse.reference_store import chapter_codes, current_release, known_billable, top_codes

_REFERENCE = ("icd10cm_codes", "icd_prevalence", "icd_prevalence_by_group")
_PASSES = 3  # judging by new checks, making what fails them, and what that left
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


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
        self._tags: dict[str, str] = {}
        self._console = Console()
        self._progress = LiveProgress(self._console)
        self._warehouse = Warehouse.of(settings)
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
            self._land()
            plan = self._plan(selected)
            stale = set(plan.codes)
            self._generate(plan, selected, plan.codes)
            if stale or not self._models_exist():
                self._progress.note("building SQL models")
                self._execute([model.name for model in SqlProject().build_order])
        if stale:
            print_summary(self._console, self._warehouse.file, selected, self._progress)
        else:
            print_nothing_to_do(self._console, self._warehouse.file, selected)
        self._tell_batches()
        if example and stale:
            print_example(self._console, self._warehouse.file, selected[0])
        print_next(self._console, selected)

    @property
    def _is_batched(self) -> bool:
        return bool(self._config["engine"] == BATCH_ENGINE)

    def _land(self) -> None:
        """Bring what the provider has answered by now into the ledger."""
        if self._is_batched:
            self._progress.note("looking for batches that have ended")
            self._execute([LANDING])

    def _tell_batches(self) -> None:
        if self._is_batched:
            print_batches(self._console, self._settings)

    def refresh(self, limits: Limits) -> None:
        """Make what the plan over all codes says, until nothing is due or a limit is reached.

        Checks that changed are run first, for the records that stand: what fails them is made in the next pass.
        """
        close_dead_runs(self._instance)
        budget = budget_of(self._settings).begin(limits)
        engine = str(self._config["engine"])
        self._config |= {"refresh": True, "budget": budget.budget_id}
        self._tags = refresh_tags(budget.budget_id)
        made: list[str] = []
        with self._progress:
            self._reference()
            self._land()
            for _ in range(1 if self._is_batched else _PASSES):
                outlook = look_ahead(self._settings, engine, limits)
                codes = outlook.within()
                if not codes or budget.spent().ended:
                    break
                made += codes
                self._refresh(outlook, codes)
            if made or not self._models_exist():
                self._progress.note("building SQL models")
                self._execute([model.name for model in SqlProject().build_order])
        outlook = look_ahead(self._settings, engine, limits)
        mark_kept(self._warehouse.file, outlook.plan)
        if made:
            print_summary(self._console, self._warehouse.file, list(dict.fromkeys(made)), self._progress)
        print_end(self._console, outlook, budget.spent())

    def _refresh(self, outlook: Outlook, codes: list[str]) -> None:
        """One pass over these codes; others that are due are not in its ranges."""
        partitions = self._partitions(outlook.plan.codes)
        due = set(outlook.plan.codes) - set(codes)
        self._generate(outlook.plan, [code for code in partitions if code not in due], codes)

    def _partitions(self, codes: Sequence[str]) -> list[str]:
        """All partitions in Dagster's order, after making sure that these codes are among them."""
        known = set(self._instance.get_dynamic_partitions(str(ICD_CODE.name)))
        missing = [code for code in codes if code not in known]
        if missing:
            self._instance.add_dynamic_partitions(str(ICD_CODE.name), missing)
        return list(self._instance.get_dynamic_partitions(str(ICD_CODE.name)))

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
        self._partitions(wanted)
        return wanted

    def _plan(self, codes: Sequence[str]) -> Plan:
        """What the runs of these codes will find to do: the same plan that they make."""
        policy = policy_of(self._settings, at_once=True, force=bool(self._config["force"]))
        with would_ask(self._config["engine"], self._config["seed"], self._settings) as asking:
            return plan_for(self._warehouse.file, asking, named(codes, self._per_code), policy).plan

    def _generate(self, plan: Plan, allowed: Sequence[str], wanted: Sequence[str]) -> None:
        dialogues = plan.due.filter(pl.col("stage") == Stage.DIALOGUES.value, pl.col("icd_code").is_in(wanted))
        self._progress.expect(dialogues.height)
        order = self._instance.get_dynamic_partitions(str(ICD_CODE.name))
        for first, last in partition_ranges(order, allowed, wanted, self._settings.max_partitions_per_run):
            tags = {RANGE_START: first, RANGE_END: last}
            self._execute([stage.value for stage in Stage], tags, {"ops": {"generation": {"config": self._config}}})

    def _execute(
        self, keys: Sequence[str], tags: dict[str, str] | None = None, config: dict[str, Any] | None = None
    ) -> None:
        result = self._job.execute_in_process(
            instance=self._instance,
            asset_selection=[dg.AssetKey(key) for key in keys],
            tags={**(tags or {}), **self._tags, **own_tags()},
            run_config={**_QUIET, **(config or {})},
            raise_on_error=False,
        )
        if not result.success:
            raise MedsynthError(_reason(result))

    def _models_exist(self) -> bool:
        with self._warehouse.reading() as con:
            found = con.execute("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall()
        marts = {model.name for model in SqlProject().models.values() if not model.is_view}
        return marts <= {name for (name,) in found}


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
