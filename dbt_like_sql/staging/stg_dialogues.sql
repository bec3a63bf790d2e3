-- grain: one row per slot with a current dialogue
-- description: Current dialogues: the rendered text, the number of turns, and the note they were made from.
select
    heads.record_id, heads.artifact_id as dialogue_id, heads.parent_artifact_id as note_id, heads.icd_code, heads.ordinal,
    artifacts.text as dialogue,
    json_array_length(artifacts.content, '$.turns') as turn_count,
    artifacts.engine, artifacts.model, artifacts.run_id, heads.set_at
from {{ source('generation', 'current_heads') }} as heads
inner join {{ source('generation', 'artifacts') }} as artifacts using (artifact_id)
where heads.stage = 'dialogues'
