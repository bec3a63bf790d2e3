"""What the report reads from the warehouse beside the pairs: scenarios, the structured side, verdicts, calls, prompts."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl

from medsynth_assets.clinical.knowledge import knowledge_base
from medsynth_assets.errors import UsageError
from medsynth_assets.records.artifact import DIALOGUE_AGENTS, JURY_AGENTS
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


class Told(NamedTuple):
    """A dialogue, by the note it was made of, with what is known of it.

    coverage: share of the note's facts that it says; unsupported: what it says beside the note; None where no check looked.
    calls, tokens, usd: of the agents that made it. preferences: 1 where a judge preferred it to another strategy's, 0 where the other
    was preferred, 0.5 for a tie.
    """

    note_id: str
    text: str
    is_passed: bool
    coverage: float | None
    unsupported: float | None
    calls: int
    tokens: int
    usd: float
    preferences: list[float]


_TOLD = """
with recursive every as (
    select
        coalesce(recipes.parameters ->> '$.dialogue_strategy', 'medsynth') as strategy,
        artifact_id, artifacts.parents[-1] as note_id, text
    from generation.artifacts inner join generation.recipes using (recipe_id)
    where kind = 'dialogue' and text <> ''
    qualify row_number() over (partition by strategy, note_id order by created_at desc, artifact_id) = 1
),
numbered as (
    select *, row_number() over (partition by strategy order by strategies desc, md5(note_id)) as place
    from (select *, count(*) over (partition by note_id) as strategies from every)
),
made as (select * from numbered where place <= $most),
parts as (
    select artifact_id as dialogue_id, artifact_id from made
    union
    select parts.dialogue_id, unnest(artifacts.parents) from parts inner join generation.artifacts using (artifact_id)
    where artifacts.kind in ('dialogue', 'dialogue_draft', 'dialogue_agenda', 'utterance')
),
spent as (
    select
        dialogue_id as artifact_id, count(*)::bigint as calls, sum(input_tokens + output_tokens)::bigint as tokens, sum(cost_usd) as usd
    from parts inner join generation.calls using (artifact_id)
    where not from_ledger and agent in (select unnest($agents::varchar[])) group by all
),
judged as (
    select
        artifact_id, bool_and(is_passed or severity <> 'critical') as is_passed,
        any_value(try_cast(observed as double)) filter (where check_name = 'note_facts_are_said') as coverage,
        any_value(try_cast(observed as double)) filter (where check_name = 'nothing_said_beside_the_note') as unsupported
    from staging.stg_verdicts semi join made using (artifact_id) group by all
),
heard as (
    select parents[2] as one, parents[3] as other, content ->> '$.preferred' as preferred
    from quality.jury_verdicts where kind = 'preference' and len(parents) = 3
),
compared as (
    select heard.* from heard inner join every as a on a.artifact_id = one inner join every as b on b.artifact_id = other
    where a.strategy <> b.strategy
),
preferred as (
    select artifact_id, list(won) as preferences from (
        select one as artifact_id, case preferred when 'record' then 1.0 when 'other' then 0.0 else 0.5 end as won from compared
        union all
        select other, case preferred when 'record' then 0.0 when 'other' then 1.0 else 0.5 end from compared
    ) group by all
)
select
    strategy, note_id, text, coalesce(is_passed, true), coverage, unsupported, coalesce(calls, 0), coalesce(tokens, 0),
    coalesce(usd, 0.0), coalesce(preferences, [])::double[]
from made left join spent using (artifact_id) left join judged using (artifact_id) left join preferred using (artifact_id)
order by strategy, place
"""


def dialogues_by_strategy(warehouse: AnyWarehouse, most: int) -> dict[str, list[Told]]:
    """The newest dialogue that each strategy made of a note, current or not: at most so many of each, those first whose note
    other strategies had, too."""
    values = {"most": most, "agents": [agent.value for agent in DIALOGUE_AGENTS]}
    with warehouse.reading() as con:
        rows = con.execute(_TOLD, values).fetchall()
    found: dict[str, list[Told]] = {}
    for strategy, *rest in rows:
        found.setdefault(strategy, []).append(Told(*rest))
    return found


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
    from generation.calls where not from_ledger and agent not in (select unnest($jury::varchar[]))
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
    """Calls that were sent by stage and by what became of them: calls, tokens, usd, seconds. Without those of judges.

    Calls of before artifacts were tied to them count as accepted where they are the newest of their agent for an accepted record.
    """
    with warehouse.reading() as con:
        return con.execute(_CALLS, {"jury": [agent.value for agent in JURY_AGENTS]}).pl()
