-- grain: one row per record_id with a current dialogue and check_name that keeps it out of marts.pairs
-- description: Records that fail the gate, with each critical check they fail and why. A refresh makes them again.
with parts as (
    select record_id, scenario_id as artifact_id, 'scenarios' as asset from {{ ref('stg_scenarios') }}
    union all
    select record_id, note_id as artifact_id, 'notes' as asset from {{ ref('stg_notes') }}
    union all
    select record_id, dialogue_id as artifact_id, 'dialogues' as asset from {{ ref('stg_dialogues') }}
),
failed as (
    select
        parts.record_id, parts.asset, parts.artifact_id, verdicts.check_name, verdicts.observed, verdicts.threshold,
        verdicts.explanation, verdicts.checked_at
    from parts
    inner join {{ ref('stg_verdicts') }} as verdicts using (artifact_id)
    where not verdicts.is_passed and verdicts.severity = 'critical'
),
unjudged as (
    select
        dialogues.record_id, 'dialogues' as asset, dialogues.dialogue_id as artifact_id, 'not_judged_yet' as check_name,
        null as observed, null as threshold, 'no check has looked at the dialogue; materialize with its checks' as explanation,
        null as checked_at
    from {{ ref('stg_dialogues') }} as dialogues
    where dialogues.dialogue_id not in (select artifact_id from {{ ref('stg_verdicts') }})
)
select record_id, asset, artifact_id, check_name, observed, threshold, explanation, checked_at from failed
union all
select record_id, asset, artifact_id, check_name, observed, threshold, explanation, checked_at from unjudged
order by record_id, asset, check_name
