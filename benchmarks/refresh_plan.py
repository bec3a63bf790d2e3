"""Planning a refresh over a large warehouse: what is stale of N codes x K slots x 3 stages, and what it costs.

    python -m benchmarks.refresh_plan [--skip-idle]

Fills a warehouse with heads, verdicts and calls as runs would leave them (texts left out), makes a tenth of it stale, and
prints the seconds of a plan with estimates; then the wall time of a `medsynth refresh` that finds nothing to do.
"""

import argparse
import datetime as dt
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from medsynth_assets.agents.asking import Asking
from medsynth_assets.engines.offline.engine import OfflineEngine
from medsynth_assets.records.artifact import Stage
from medsynth_assets.refresh.estimate import estimated
from medsynth_assets.refresh.expected import Expected, expected_of
from medsynth_assets.refresh.planning import plan_for, refreshing
from medsynth_assets.refresh.policy import policy_of
from medsynth_assets.settings import Settings
from medsynth_assets.warehouse.file import WarehouseFile
from medsynth_assets.warehouse.reference_store import code_facts

_CHECKS = 24  # verdicts of a record and stage


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--skip-idle", action="store_true", help="leave out the idle refresh, which makes 100 codes first"
    )
    arguments = parser.parse_args()
    print(f"{'what':<44} {'cells':>9} {'due':>9} {'plan s':>8} {'with costs s':>13}")
    for codes, per_code, wanted_s in ((2_000, 5, 2), (20_000, 10, 15)):
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(
                warehouse=Path(folder) / "w.duckdb", top_codes=codes, per_code=per_code, engine="offline"
            )
            file = WarehouseFile(settings.warehouse)
            asking = Asking(OfflineEngine(), settings.seed)
            _fill(file, asking, codes, per_code)
            began = time.perf_counter()
            planned = plan_for(file, asking, refreshing(settings), policy_of(settings))
            plan_s = time.perf_counter() - began
            with file.reading() as con:
                estimated(con, planned.plan, planned.expected.recipes, settings)
            whole_s = time.perf_counter() - began
            name = f"{codes:,} codes x {per_code} x 3 (wanted: under {wanted_s} s)"
            print(
                f"{name:<44} {codes * per_code * 3:>9,} {planned.plan.due.height:>9,} {plan_s:>8.2f} {whole_s:>13.2f}",
                flush=True,
            )
    if not arguments.skip_idle:
        _idle()


def _fill(file: WarehouseFile, asking: Asking, codes: int, per_code: int) -> None:
    from medsynth_assets.reference.icd10cm import code_set

    official = code_set().with_columns(pl.lit("icd").alias("release_id"))
    now = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    with file.writing() as con:
        con.register("official", official)
        con.execute("insert into reference.icd10cm_codes by name select * from official")
        con.execute(
            "insert into reference.releases (release_id, kind, name, source, sha256, row_count, rejected_count, run_id, loaded_at)"
            " values ('p', 'prevalence', 'n', 's', 'x', 1, 0, 'r', now()),"
            " ('icd', 'icd10cm', 'n', 's', 'x', 1, 0, 'r', now()), ('g', 'groups', 'n', 's', 'x', 1, 0, 'r', now())"
        )
        con.execute(
            "insert into reference.icd_prevalence by name select 'p' as release_id, code, 1 as weight, 0.1 as share_frac,"
            " row_number() over (order by hash(code)) as rank, 'any_listed' as basis, 'f' as source_file, 1 as row_number,"
            " 'h' as row_hash from official where is_billable order by hash(code) limit ?",
            [codes],
        )
        con.execute(
            "insert into generation.targets (icd_code, record_count, run_id, set_at)"
            " select code, ?, 'r', ? from reference.icd_prevalence",
            [per_code, now],
        )
        named = [row[0] for row in con.execute("select code from reference.icd_prevalence").fetchall()]
        expected = expected_of(asking, code_facts(con, named), named, tuple(Stage))
        _records(con, expected, per_code, now)


def _records(con: object, expected: Expected, per_code: int, now: dt.datetime) -> None:
    con.register("expected", expected.codes)
    con.register("gates", expected.gates)
    con.register("recipes", expected.recipes)
    con.execute(
        "create temp table cells as select printf('%s/%03d', icd_code, n) as record_id, icd_code, n as ordinal, stage,"
        " stage_number, stage_recipe_id, hash(icd_code) % 10 = 0 as is_odd"
        " from expected cross join unnest(generate_series(1, ?)) as numbers (n)",
        [per_code],
    )
    con.execute(
        "insert into generation.heads by name select record_id, icd_code, ordinal, stage,"
        " md5(record_id || stage) as artifact_id,"
        " case stage_number when 1 then 'v' when 2 then md5(record_id || 'scenarios') else md5(record_id || 'notes') end"
        " as parent_artifact_id,"
        " case when is_odd and stage_number = 3 then 'old' else stage_recipe_id end as stage_recipe_id, 'offline' as engine,"
        " 'r' as run_id, ?::timestamptz as set_at from cells",
        [now],
    )
    con.execute(
        "insert into quality.check_results by name select record_id, icd_code, stage as asset,"
        " md5(record_id || stage) as artifact_id, check_name, 'c' as column_name, '' as observed, '' as threshold,"
        " true as is_passed, '' as explanation, check_recipe_id, 'r' as run_id, ?::timestamptz as checked_at from cells inner join ("
        f" select * from gates union all select 'notes', 'w' || n, 99, 'w' from range({_CHECKS}) as w (n)) using (stage)",
        [now],
    )
    con.execute(
        "insert into generation.calls by name select md5(record_id || agent) as call_id, 'h' as request_hash, record_id,"
        " icd_code, agent, 1 as round, 1 as attempt, recipe_id, engine, model, 'p' as prompt_version, '{}' as parameters,"
        " 'ok' as status, '' as error, 100 as input_tokens, 10 as output_tokens, 0 as cached_tokens, 0.1 as cost_usd,"
        " 1.0 as latency_ms, false as from_ledger, 'r' as run_id, ?::timestamptz as started_at"
        " from cells inner join recipes using (stage_recipe_id)",
        [now],
    )


def _idle() -> None:
    """The real command in a place of its own, over 100 codes."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        environment = {
            **os.environ, "MEDSYNTH_WAREHOUSE": str(place / "w.duckdb"), "DAGSTER_HOME": str(place / "dagster"),
            "DAGSTER_DISABLE_TELEMETRY": "1", "MEDSYNTH_TOP_CODES": "100", "MEDSYNTH_PER_CODE": "2",
        }  # fmt: skip

        def medsynth(*command: str) -> float:
            began = time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "medsynth_assets.cli", *command],
                env=environment, cwd=place, check=True, stdout=subprocess.DEVNULL,
            )  # fmt: skip
            return time.perf_counter() - began

        print(f"{'refresh of an empty place, 100 codes x 2':<44} {medsynth('refresh'):>29.2f}", flush=True)
        print(f"{'the same again, nothing to do (wanted: < 10)':<44} {medsynth('refresh'):>29.2f}")


if __name__ == "__main__":
    main()
