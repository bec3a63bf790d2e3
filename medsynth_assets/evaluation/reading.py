"""What the report reads from the warehouse beside the pairs: scenarios, the structured side, verdicts, calls, prompts."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl

from medsynth_assets.clinical.knowledge import knowledge_base
from medsynth_assets.errors import UsageError
from medsynth_assets.records.population import Population
from medsynth_assets.records.scenario import Scenario
from medsynth_assets.reference.population import read_populations
from medsynth_assets.warehouse.opening import AnyWarehouse
from medsynth_assets.warehouse.reference_store import code_facts

_NEEDED = ("pairs", "encounters", "rejected", "usage")


def demand_marts(warehouse: AnyWarehouse) -> None:
    """Raises UsageError where a table that the report reads has not been built, or holds no pair."""
    with warehouse.reading() as con:
        built = {
            row[0]
            for row in con.execute("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall()
        }
        missing = [name for name in _NEEDED if name not in built]
        if missing:
            tables = ", ".join(f"marts.{name}" for name in missing)
            raise UsageError(f"{warehouse.name} has no {tables}; build the SQL models with: medsynth run")
        if not con.execute("select 1 from marts.pairs limit 1").fetchone():
            raise UsageError(
                "marts.pairs is empty, so there is nothing to report on; make pairs with: medsynth run --top 20"
            )


def chapters(warehouse: AnyWarehouse) -> Mapping[str, str]:
    """The ICD-10-CM chapter of every code of the release in force."""
    with warehouse.reading() as con:
        return dict(con.execute("select code, chapter from reference.icd10cm_codes").fetchall())


def scenarios_of(warehouse: AnyWarehouse, codes: Sequence[str]) -> Mapping[str, list[Scenario]]:
    """The current scenarios of accepted records, by code."""
    with warehouse.reading() as con:
        rows = con.execute(
            "select icd_code, scenario from staging.stg_scenarios semi join marts.pairs using (scenario_id) "
            "where icd_code in (select unnest(?::varchar[])) order by icd_code, ordinal",
            [list(codes)],
        ).fetchall()
    found: dict[str, list[Scenario]] = {}
    for code, body in rows:
        found.setdefault(code, []).append(Scenario.model_validate_json(body))
    return found


def encounters(warehouse: AnyWarehouse) -> pl.DataFrame:
    """marts.encounters without its texts and nested results: who, vital signs, and counts of the lists."""
    with warehouse.reading() as con:
        return con.execute(
            "select * exclude (laboratory, prescriptions, current_medications, chronic_conditions, scenario_id, run_id, set_at), "
            "len(laboratory) as laboratory_count, len(prescriptions) as prescription_count, "
            "len(current_medications) as medication_count, len(chronic_conditions) as condition_count "
            "from marts.encounters order by record_id"
        ).pl()


class Planned(NamedTuple):
    """The population that a code's patients are drawn from, and how many of its records were accepted."""

    population: Population
    accepted: int


def planned(warehouse: AnyWarehouse) -> Mapping[str, Planned]:
    """By code with accepted records."""
    with warehouse.reading() as con:
        counts = dict(
            con.execute("select icd_code, count(*) from marts.pairs group by icd_code order by icd_code").fetchall()
        )
        facts = code_facts(con, list(counts))
        populations = read_populations(con, facts)
    base = knowledge_base()
    return {code: Planned(populations.of(facts[code], base), counts[code]) for code in counts if code in facts}


class Rate(NamedTuple):
    """A check over the current records of accepted pairs."""

    check: str
    judged: int
    failed: int


def check_rates(warehouse: AnyWarehouse, checks: Sequence[str]) -> list[Rate]:
    """How often the named checks judged, and failed, all current scenarios and notes: accepted and rejected."""
    with warehouse.reading() as con:
        rows = con.execute(
            "with parts as (select scenario_id as artifact_id from staging.stg_scenarios "
            "union all select note_id from staging.stg_notes) "
            "select check_name, count(*), count(*) filter (where not is_passed) "
            "from staging.stg_verdicts semi join parts using (artifact_id) "
            "where check_name in (select unnest(?::varchar[])) group by check_name order by check_name",
            [list(checks)],
        ).fetchall()
    return [Rate(*row) for row in rows]


def failing_accepted(warehouse: AnyWarehouse, checks: Sequence[str]) -> dict[str, int]:
    """Accepted pairs whose scenario or note fails a check of the named."""
    with warehouse.reading() as con:
        rows = con.execute(
            "with parts as (select scenario_id as artifact_id from marts.pairs union all select note_id from marts.pairs) "
            "select check_name, count(distinct record_id) from staging.stg_verdicts semi join parts using (artifact_id) "
            "where not is_passed and check_name in (select unnest(?::varchar[])) group by check_name",
            [list(checks)],
        ).fetchall()
    return dict(rows)


def prompt_texts(warehouse: AnyWarehouse) -> list[tuple[str, str]]:
    """What the models were shown as instructions and examples: every prompt on record, by its hash."""
    with warehouse.reading() as con:
        return con.execute(
            "select part_hash, body from generation.recipe_parts where kind = 'prompt' order by part_hash"
        ).fetchall()


_CALLS = """
with recursive useful as (
    select dialogue_id as artifact_id from marts.pairs
    union
    select unnest(artifacts.parents) from useful inner join generation.artifacts using (artifact_id)
),
accepted as (select distinct record_id from marts.pairs),
sent as (
    select
        calls.*, record_id in (select record_id from accepted) as is_accepted,
        coalesce(artifact_id in (select artifact_id from useful), false) as is_useful,
        row_number() over (partition by record_id, agent order by started_at desc) as age
    from generation.calls where not from_ledger
),
weighed as (
    select *, bool_or(is_useful) over (partition by record_id, agent, run_id) as is_of_useful_run from sent
)
select
    case
        when agent in ('scenario_provider', 'scenario_judge') then 'scenarios'
        when agent in ('note_writer', 'note_polisher') then 'notes' else 'dialogues'
    end as stage,
    case
        when status <> 'ok' then 'call failed'
        when not is_accepted and record_id in (select record_id from marts.rejected) then 'rejected by a check'
        when not is_accepted then 'quarantined'
        when attempt > 1 or (agent = 'dialogue_polisher' and round > 1) then 'repair'
        when is_useful or (artifact_id is null and age = 1) then 'accepted'
        when is_of_useful_run and stage = 'scenarios' then 'rejected by the judge'
        else 'superseded'
    end as outcome,
    count(*)::bigint as calls, sum(input_tokens + output_tokens)::bigint as tokens, sum(cost_usd) as usd,
    sum(latency_ms) / 1000 as seconds
from weighed group by all order by all
"""


def calls(warehouse: AnyWarehouse) -> pl.DataFrame:
    """Calls that were sent by stage and by what became of them: calls, tokens, usd, seconds.

    Calls of before artifacts were tied to them count as accepted where they are the newest of their agent for an accepted record.
    """
    with warehouse.reading() as con:
        return con.execute(_CALLS).pl()
