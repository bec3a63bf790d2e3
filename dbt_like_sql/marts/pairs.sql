-- grain: one row per record_id with a current, complete chain of scenario, note and dialogue
-- description: The dataset: a note and the dialogue made from it, with what they are about and who made them.
-- keeps: only records whose note was made from the current scenario and whose dialogue was made from the current note, whose
-- keeps: dialogue has been judged, and none of whose three parts fails a critical check; the others are in marts.rejected
with judged as (
    select artifact_id, bool_and(is_passed or severity <> 'critical') as is_passed
    from {{ ref('stg_verdicts') }}
    group by artifact_id
)
select
    scenarios.record_id, scenarios.icd_code, scenarios.ordinal,
    codes.description as icd_description, codes.chapter, codes.chapter_title,
    scenarios.age_years, scenarios.sex, scenarios.ethnicity, scenarios.english_proficiency,
    scenarios.clinical_setting, scenarios.encounter_type,
    notes.note, dialogues.dialogue, dialogues.turn_count,
    scenarios.scenario_id, notes.note_id, dialogues.dialogue_id,
    dialogues.engine, dialogues.model, dialogues.run_id, dialogues.set_at as completed_at
from {{ ref('stg_scenarios') }} as scenarios
inner join {{ ref('stg_notes') }} as notes using (record_id, scenario_id)
inner join {{ ref('stg_dialogues') }} as dialogues using (record_id, note_id)
inner join judged on dialogues.dialogue_id = judged.artifact_id and judged.is_passed
left join judged as judged_note on notes.note_id = judged_note.artifact_id
left join judged as judged_scenario on scenarios.scenario_id = judged_scenario.artifact_id
left join {{ ref('stg_icd10cm_codes') }} as codes on scenarios.icd_code = codes.code
where coalesce(judged_note.is_passed, true) and coalesce(judged_scenario.is_passed, true)
order by scenarios.icd_code, scenarios.ordinal
