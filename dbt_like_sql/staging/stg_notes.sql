-- grain: one row per slot with a current note
-- description: Current notes: the four SOAP sections, the rendered text, and the scenario they were made from.
select
    heads.record_id, heads.artifact_id as note_id, heads.parent_artifact_id as scenario_id, heads.icd_code, heads.ordinal,
    artifacts.content ->> '$.subjective' as subjective,
    artifacts.content ->> '$.objective' as objective,
    artifacts.content ->> '$.assessment' as assessment,
    artifacts.content ->> '$.plan' as plan,
    artifacts.text as note,
    artifacts.engine, artifacts.model, artifacts.run_id, heads.set_at
from {{ source('generation', 'current_heads') }} as heads
inner join {{ source('generation', 'artifacts') }} as artifacts using (artifact_id)
where heads.stage = 'notes'
