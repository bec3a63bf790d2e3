"""A warehouse of rows made by hand, and the plan over it."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest

from medsynth_assets.records.artifact import Stage
from medsynth_assets.refresh.expected import Expected
from medsynth_assets.refresh.plan import Plan, make_plan
from medsynth_assets.refresh.policy import Policy
from medsynth_assets.refresh.wanted import wanted_by_refresh, wanted_of
from medsynth_assets.warehouse.opening import AnyWarehouse

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
STAGES = tuple(stage.value for stage in Stage)
PATIENT = Policy(retry_h=1.0, retry_most_h=100.0, ttl_days=None)


def hours(count: float) -> dt.timedelta:
    return dt.timedelta(hours=count)


MADE, JUDGED = NOW - hours(300), NOW - hours(200)


class World:
    """The top three codes are A00, B00 and C00, in this order; each stage of a code has the recipe `code-stage`."""

    def __init__(self, file: AnyWarehouse) -> None:
        self.file = file
        self.gates: list[tuple[str, str]] = []
        self.recipes: dict[tuple[str, str], str] = {}
        self._ticks = 0
        self.execute(
            "insert into reference.releases (release_id, kind, name, source, sha256, row_count,"
            " rejected_count, run_id, loaded_at) values ('p1', 'prevalence', 'n', 's', 'x', 1, 0, 'r', ?)",
            NOW - hours(500),
        )
        for rank, code in enumerate(("A00", "B00", "C00", "D00"), start=1):
            self.code(code)
            self.execute(
                "insert into reference.icd_prevalence (release_id, code, weight, share_frac, rank, basis,"
                " source_file, row_number, row_hash) values ('p1', ?, 1, 0.1, ?, 'any_listed', 'f', 1, 'h')",
                code,
                rank,
            )

    def _tick(self) -> int:
        self._ticks += 1
        return self._ticks

    def execute(self, sql: str, *arguments: object) -> None:
        with self.file.writing() as con:
            con.execute(sql, list(arguments))

    def code(self, code: str, description: str = "described", *, billable: bool = True) -> None:
        self.execute("delete from reference.icd10cm_codes where code = ?", code)
        self.execute(
            "insert into reference.icd10cm_codes (code, description, is_billable, category_code, block, chapter,"
            " chapter_title, inclusion_terms, seventh_character, release_id, row_hash)"
            " values (?, ?, ?, ?, 'b', '1', 't', [], '', 'icd', 'h')",
            code, description, billable, code,
        )  # fmt: skip

    def target(self, code: str, count: int) -> None:
        self.execute(
            "insert into generation.targets (icd_code, record_count, run_id, set_at) values (?, ?, 'r', ?)",
            code,
            count,
            NOW - hours(400 - self._tick()),
        )

    def head(
        self, record: str, stage: str, artifact: str, parent: str = "", *, at: dt.datetime = MADE,
        recipe: str | None = None, description: str | None = "described",
    ) -> None:  # fmt: skip
        code, _, ordinal = record.partition("/")
        self.execute(
            "insert into generation.heads by name select ? as record_id, ? as icd_code, ? as ordinal, ? as stage,"
            " ? as artifact_id, ? as parent_artifact_id, ? as stage_recipe_id, 'offline' as engine, 'r' as run_id,"
            " ?::timestamptz as set_at, ? as icd_description",
            record, code, int(ordinal), stage, artifact, parent, recipe or f"{code}-{stage}", at, description,
        )  # fmt: skip

    def record(self, record: str, *, at: dt.datetime = MADE) -> None:
        """A whole record, current in every way."""
        parent = "verdict"
        for stage in STAGES:
            self.head(record, stage, f"{record}-{stage}", parent, at=at)
            parent = f"{record}-{stage}"

    def quarantined(
        self, record: str, stage: str, at: dt.datetime, reason: str = "refusal", recipe: str | None = None
    ) -> None:
        code, _, ordinal = record.partition("/")
        self.execute(
            "insert into generation.quarantine by name select ? as record_id, ? as icd_code, ? as ordinal, ? as stage,"
            " ? as reason, '' as detail, 'offline' as engine, ? as stage_recipe_id, 'r' as run_id,"
            " ?::timestamptz as quarantined_at",
            record, code, int(ordinal), stage, reason, recipe or f"{code}-{stage}", at,
        )  # fmt: skip

    def verdict(self, artifact: str, stage: str, check: str, at: dt.datetime = JUDGED, *, passed: bool) -> None:
        record = artifact.removesuffix(f"-{stage}")
        self.execute(
            "insert into quality.check_results (record_id, icd_code, asset, artifact_id, check_name, column_name,"
            " observed, threshold, is_passed, explanation, check_recipe_id, run_id, checked_at) values (?, ?, ?, ?, ?, 'c', '', '', ?, '', ?, 'r', ?)",
            record, record.partition("/")[0], stage, artifact, check, passed, f"recipe-{check}", at,
        )  # fmt: skip

    def plan(
        self, *, top: int = 3, per_code: int = 1, codes: Sequence[str] | None = None,
        within: Sequence[str] | None = None, policy: Policy = PATIENT,
        stages: Sequence[Stage] = tuple(Stage), now: dt.datetime = NOW,
    ) -> Plan:  # fmt: skip
        """Of a refresh, all of it or `within` some codes; or, with `codes`, of a run of these."""
        with self.file.reading() as con:
            wanted = wanted_of(con, codes, per_code) if codes else wanted_by_refresh(con, top, per_code, within)
            return make_plan(con, wanted, self._expected(wanted, stages), policy, now)

    def _expected(self, wanted: pl.DataFrame, stages: Sequence[Stage]) -> Expected:
        in_force = wanted.filter(pl.col("mark") == "")["icd_code"]
        rows = [
            (code, stage.value, number, self.recipes.get((code, stage.value), f"{code}-{stage.value}"))
            for code in in_force
            for number, stage in enumerate(Stage, start=1)
            if stage in stages
        ]
        names = {"icd_code": pl.String, "stage": pl.String, "stage_number": pl.Int64, "stage_recipe_id": pl.String}
        gates = [(stage, f"recipe-{check}", n, check) for n, (stage, check) in enumerate(self.gates)]
        of_gates = {"stage": pl.String, "check_recipe_id": pl.String, "gate_number": pl.Int64, "check_name": pl.String}
        return Expected(
            pl.DataFrame(rows, schema=names, orient="row"),
            pl.DataFrame(),
            pl.DataFrame(gates, schema=of_gates, orient="row"),
            {},
        )


def reasons(plan: Plan, record: str | None = None) -> dict[tuple[str, str], str]:
    """By record and stage, of what is due."""
    cells = plan.due if record is None else plan.due.filter(pl.col("record_id") == record)
    return {(row["record_id"], row["stage"]): row["reason"] for row in cells.iter_rows(named=True)}


def whole(record: str, *names: Any) -> dict[tuple[str, str], str]:
    """Reasons of the three stages of a record; a single one holds for all."""
    each = names if len(names) == len(STAGES) else names * len(STAGES)
    return {(record, stage): str(name) for stage, name in zip(STAGES, each, strict=True) if name}


@pytest.fixture
def world(any_warehouse: AnyWarehouse) -> World:
    return World(any_warehouse)
