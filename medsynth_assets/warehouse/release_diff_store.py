"""What tells why two releases differ: for the records that one has and the other has not, or has otherwise.

Each query is set-based over the records concerned, and sees the warehouse as it was at a moment: what happened since does not
explain a release of before.
"""

import datetime as dt

import duckdb
import polars as pl

# of the records in `concerned`: what stood at $at, and the newest verdicts on that by then
_THEN = """
standing as (
    select record_id, stage, arg_max(artifact_id, seq) as artifact_id, arg_max(parent_artifact_id, seq) as parent_id
    from generation.heads semi join concerned using (record_id)
    where set_at <= $at
    group by record_id, stage
),
verdicts as (
    select results.record_id, stage, check_name, is_passed, severity, explanation
    from quality.check_results as results
    inner join standing using (record_id, artifact_id)
    where checked_at <= $at
    qualify row_number() over (partition by results.artifact_id, check_name order by checked_at desc) = 1
),
failing as (
    select record_id, count(*) as failing_count, min(check_name) as check_name, arg_min(explanation, check_name) as explanation
    from verdicts where not is_passed and severity = 'critical'
    group by record_id
)
"""


def changed(con: duckdb.DuckDBPyConnection, older: pl.DataFrame, newer: pl.DataFrame) -> pl.DataFrame:
    """Records that both releases have and that are not the same in both: record_id, was_split, split, stage (the first that
    differs, '' where only the split does), was_id, now_id, is_other_recipe, and the columns of the recipe that differ."""
    return _asked(
        con,
        {"older": older, "newer": newer},
        "with both_have as ("
        " select record_id, older.split as was_split, newer.split as split, case"
        "  when older.scenario_id <> newer.scenario_id then 'scenarios'"
        "  when older.note_id <> newer.note_id then 'notes'"
        "  when older.dialogue_id <> newer.dialogue_id then 'dialogues' else '' end as stage,"
        "  case stage when 'scenarios' then older.scenario_id when 'notes' then older.note_id else older.dialogue_id end as was_id,"
        "  case stage when 'scenarios' then newer.scenario_id when 'notes' then newer.note_id else newer.dialogue_id end as now_id"
        " from older inner join newer using (record_id)"
        "), differ as (from both_have where stage <> '' or was_split <> split"
        "), stood as ("
        " select artifact_id, arg_max(stage_recipe_id, seq) as stage_recipe_id from generation.heads"
        " where artifact_id in (select unnest([was_id, now_id]) from differ) group by artifact_id"
        "), made as ("
        " select artifact_id, recipes.* exclude (batch_id) from generation.artifacts"
        " inner join generation.recipes as recipes using (recipe_id)"
        " where artifact_id in (select unnest([was_id, now_id]) from differ)"
        ") select differ.*, coalesce(was_stood.stage_recipe_id <> now_stood.stage_recipe_id, false) as is_other_recipe,"
        " list_filter([case when was.prompt_hash <> now.prompt_hash then 'prompt' end,"
        "  case when was.schema_hash <> now.schema_hash then 'answer schema' end,"
        "  case when was.engine <> now.engine then 'engine' end, case when was.model <> now.model then 'model' end,"
        "  case when cast(was.parameters as varchar) <> cast(now.parameters as varchar) then 'parameters' end,"
        "  case when was.knowledge_hash <> now.knowledge_hash then 'knowledge' end], lambda part: part is not null) as parts"
        " from differ left join stood as was_stood on was_stood.artifact_id = was_id"
        " left join stood as now_stood on now_stood.artifact_id = now_id"
        " left join made as was on was.artifact_id = was_id left join made as now on now.artifact_id = now_id"
        " order by record_id",
    )


def gone(con: duckdb.DuckDBPyConnection, concerned: pl.DataFrame, at: dt.datetime) -> pl.DataFrame:
    """Released records (record_id, split, ids), each with what was known of it at the moment: reviewer and reason of a
    withdrawal, is_in_force (its code), a critical check that fails and how many do, is_judged, is_whole (dialogue of the standing
    note of the standing scenario), the artifacts that stand, and the reason of its newest quarantine."""
    return _asked(
        con,
        {"concerned": concerned},
        f"with {_THEN}, taken as ("
        " select concerned.record_id, arg_max(reviewer, withdrawn_at) as reviewer, arg_max(reason, withdrawn_at) as reason"
        " from concerned inner join generation.withdrawals as withdrawals using (record_id)"
        " where withdrawn_at <= $at and (artifact_id in (scenario_id, note_id, dialogue_id)"
        "  or artifact_id in (select artifact_id from standing)) group by concerned.record_id"
        "), stands as ("
        " select record_id, any_value(artifact_id) filter (where stage = 'scenarios') as standing_scenario_id,"
        "  any_value(artifact_id) filter (where stage = 'notes') as standing_note_id,"
        "  any_value(parent_id) filter (where stage = 'notes') as note_parent_id,"
        "  any_value(artifact_id) filter (where stage = 'dialogues') as standing_dialogue_id,"
        "  any_value(parent_id) filter (where stage = 'dialogues') as dialogue_parent_id from standing group by record_id"
        "), refused as ("
        " select record_id, arg_max(reason, seq) as quarantine from generation.quarantine semi join concerned using (record_id)"
        " where quarantined_at <= $at group by record_id"
        ") select concerned.*, reviewer, reason, failing_count, check_name, explanation, quarantine,"
        " split_part(record_id, '/', 1) in (select code from reference.icd10cm_codes) as is_in_force,"
        " record_id in (select record_id from verdicts where stage = 'dialogues') as is_judged,"
        " coalesce(note_parent_id = standing_scenario_id and dialogue_parent_id = standing_note_id, false) as is_whole,"
        " standing_scenario_id, standing_note_id, standing_dialogue_id"
        " from concerned left join taken using (record_id) left join failing using (record_id)"
        " left join stands using (record_id) left join refused using (record_id) order by record_id",
        at,
    )


def come(con: duckdb.DuckDBPyConnection, concerned: pl.DataFrame, at: dt.datetime) -> pl.DataFrame:
    """Released records, each with what was known at the moment of an older release that has not got them: made_at (when its
    dialogue first became current), a critical check that failed then, is_judged."""
    return _asked(
        con,
        {"concerned": concerned},
        f"with {_THEN}, first as ("
        " select record_id, min(set_at) as made_at from generation.heads semi join concerned using (record_id)"
        " where artifact_id in (select dialogue_id from concerned) group by record_id"
        ") select concerned.*, made_at, check_name,"
        " record_id in (select record_id from verdicts where stage = 'dialogues') as is_judged"
        " from concerned left join first using (record_id) left join failing using (record_id) order by record_id",
        at,
    )


def _asked(
    con: duckdb.DuckDBPyConnection, frames: dict[str, pl.DataFrame], query: str, at: dt.datetime | None = None
) -> pl.DataFrame:
    for name, frame in frames.items():
        con.register(name, frame)
    try:
        return con.execute(query, {"at": at} if at else {}).pl()
    finally:
        for name in frames:
            con.unregister(name)
