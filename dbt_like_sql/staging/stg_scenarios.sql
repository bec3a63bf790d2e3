-- grain: one row per slot with a current scenario
-- description: Current scenarios with the variables that other models group by; the whole scenario as JSON.
select
    heads.record_id, heads.artifact_id as scenario_id, heads.icd_code, heads.ordinal,
    cast(artifacts.content ->> '$.demographics.age_years' as double) as age_years,
    artifacts.content ->> '$.demographics.gender' as sex,
    artifacts.content ->> '$.demographics.ethnicity' as ethnicity,
    artifacts.content ->> '$.english_proficiency' as english_proficiency,
    artifacts.content ->> '$.clinical_setting' as clinical_setting,
    artifacts.content ->> '$.encounter_type' as encounter_type,
    artifacts.content as scenario,
    artifacts.engine, artifacts.model, artifacts.run_id, heads.set_at
from {{ source('generation', 'current_heads') }} as heads
inner join {{ source('generation', 'artifacts') }} as artifacts using (artifact_id)
where heads.stage = 'scenarios'
