"""The plan: what is to be made, of which slots and stages, in what order and why.

The one place where staleness is decided: a run makes what the plan over its codes says, and a refresh, a schedule and
`--dry-run` show the same plan over all codes.
"""

import datetime as dt
from functools import cached_property
from importlib import resources

import duckdb
import polars as pl

from medsynth_assets.records.artifact import Stage
from medsynth_assets.refresh.expected import Expected
from medsynth_assets.refresh.policy import Policy
from medsynth_assets.refresh.reasons import Reason

_REASONS = list(Reason)


class Plan:
    """cells: a row per slot and stage that is stale, in order: the most prevalent code first, then the oldest record.

    Columns: record_id, icd_code, ordinal, stage, reason, detail, edition, stage_recipe_id, set_at (null: never made),
    due_at (null: now), is_due. A slot is due as a whole, up to the first stage that waits for its backoff.
    standing: records that stand and are current, by code and stage. targets: records wanted, by code.
    unjudged: codes with a current record that today's deciding checks have not judged. marked: codes that are kept as
    they are, with their mark and how many records they have.
    """

    def __init__(
        self,
        cells: pl.DataFrame,
        standing: dict[tuple[str, Stage], int],
        targets: dict[str, int],
        unjudged: set[str],
        marked: pl.DataFrame,
    ) -> None:
        self.cells, self.standing, self.targets = cells, standing, targets
        self.unjudged, self.marked = unjudged, marked

    @cached_property
    def due(self) -> pl.DataFrame:
        """What a run would make now."""
        return self.cells.filter("is_due")

    @cached_property
    def waiting(self) -> pl.DataFrame:
        """What failed lately and is tried again later, with what hangs on it."""
        return self.cells.filter(~pl.col("is_due"))

    @property
    def codes(self) -> list[str]:
        """Codes that a run has something to do for, in order: to make, or only to judge."""
        made = self.due["icd_code"].unique(maintain_order=True).to_list()
        return [*made, *sorted(self.unjudged - set(made))]


def make_plan(
    con: duckdb.DuckDBPyConnection,
    wanted: pl.DataFrame,
    expected: Expected,
    policy: Policy,
    now: dt.datetime | None = None,
) -> Plan:
    """The plan for the wanted codes (wanted.py), which `expected` knows of. Writes nothing."""
    frames = {
        "wanted": wanted, "expected": expected.codes, "gates": expected.gates,
        "policy": _as_frame(policy, now or dt.datetime.now(dt.UTC)),
    }  # fmt: skip
    for name, frame in frames.items():
        con.register(name, frame)
    try:
        con.execute((resources.files("medsynth_assets.refresh") / "plan.sql").read_text("utf-8"))
        return Plan(
            cells=_stale(con),
            standing=_standing(con),
            targets=dict(wanted.select("icd_code", "target_count").iter_rows()),
            unjudged=_unjudged(con),
            marked=_marked(con),
        )
    finally:
        con.execute("drop table if exists plan_cells")
        for name in frames:
            con.unregister(name)


def _as_frame(policy: Policy, now: dt.datetime) -> pl.DataFrame:
    row = {
        "now": now, "retry_h": policy.retry_h, "retry_most_h": policy.retry_most_h, "ttl_days": policy.ttl_days,
        "is_at_once": policy.at_once, "is_forced": policy.force, "since": policy.since,
    }  # fmt: skip
    return pl.DataFrame([row], schema_overrides={"ttl_days": pl.Float64, "since": pl.Datetime("us", "UTC")})


def _stale(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    cells = con.execute(
        "select record_id, icd_code, ordinal, stage, reason_number, detail, edition, stage_recipe_id, set_at, due_at, is_due "
        "from plan_cells where reason_number is not null "
        "order by rank nulls last, min(set_at) over (partition by record_id) nulls first, icd_code, ordinal, stage_number"
    ).pl()
    names = {number: reason.value for number, reason in enumerate(_REASONS, start=1)}
    reason = pl.col("reason_number").replace_strict(names, return_dtype=pl.String).alias("reason")
    return cells.with_columns(reason).drop("reason_number")


def _standing(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, Stage], int]:
    rows = con.execute(
        "select icd_code, stage, count(*) from plan_cells where has_head and reason_number is null group by all "
        "union all "
        "select icd_code, stage, count(distinct record_id) from generation.heads"
        " semi join (from wanted where mark <> '') as kept using (icd_code) group by all"
    ).fetchall()
    return {(code, Stage(stage)): count for code, stage, count in rows}


def _unjudged(con: duckdb.DuckDBPyConnection) -> set[str]:
    rows = con.execute(
        "select distinct icd_code from plan_cells where is_unjudged and reason_number is null"
    ).fetchall()
    return {code for (code,) in rows}


def _marked(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    return con.execute(
        "select wanted.icd_code, wanted.mark, wanted.rank, count(distinct heads.record_id) as record_count "
        "from wanted left join generation.heads using (icd_code) where wanted.mark <> '' group by all order by all"
    ).pl()
