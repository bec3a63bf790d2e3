-- grain: one row per record_id with a current, complete chain of scenario, note and dialogue
-- description: The dataset: a note and the dialogue made from it, with what they are about and who made them.
-- keeps: only records whose note was made from the current scenario and whose dialogue was made from the current note
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
left join {{ ref('stg_icd10cm_codes') }} as codes on scenarios.icd_code = codes.code
order by scenarios.icd_code, scenarios.ordinal
