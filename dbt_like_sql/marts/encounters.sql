-- grain: one row per slot with a current scenario
-- description: The structured side of scenarios: who the patient is, vital signs, laboratory values, medications; accepted or not.
-- keeps: every current scenario; is_accepted says whether its record is in marts.pairs
select
    scenarios.record_id, scenarios.scenario_id, scenarios.icd_code, scenarios.ordinal,
    codes.chapter, codes.chapter_title,
    scenarios.age_years, scenarios.sex, scenarios.ethnicity, scenarios.english_proficiency,
    scenarios.scenario ->> '$.demographics.socioeconomic_status' as socioeconomic_status,
    scenarios.scenario ->> '$.demographics.education' as education,
    scenarios.scenario ->> '$.demographics.health_literacy' as health_literacy,
    scenarios.clinical_setting, scenarios.encounter_type,
    cast(scenarios.scenario ->> '$.physical_examination.vitals.systolic_mmhg' as double) as systolic_mmhg,
    cast(scenarios.scenario ->> '$.physical_examination.vitals.diastolic_mmhg' as double) as diastolic_mmhg,
    cast(scenarios.scenario ->> '$.physical_examination.vitals.pulse_bpm' as double) as pulse_bpm,
    cast(scenarios.scenario ->> '$.physical_examination.vitals.respirations_bpm' as double) as respirations_bpm,
    cast(scenarios.scenario ->> '$.physical_examination.vitals.temperature_f' as double) as temperature_f,
    cast(scenarios.scenario ->> '$.physical_examination.vitals.spo2_percent' as double) as spo2_percent,
    cast(scenarios.scenario ->> '$.physical_examination.vitals.bmi' as double) as bmi,
    from_json(
        scenarios.scenario -> '$.investigations',
        '[{"name": "varchar", "result": "varchar", "unit": "varchar", "reference": "varchar", "flag": "varchar", "status": "varchar"}]'
    ) as laboratory,
    from_json(
        scenarios.scenario -> '$.medical_outcome.prescriptions',
        '[{"action": "varchar", "drug": "varchar", "dose": "varchar", "route": "varchar", "frequency": "varchar", "duration": "varchar"}]'
    ) as prescriptions,
    from_json(scenarios.scenario -> '$.medical_history.current_medications', '["varchar"]') as current_medications,
    from_json(scenarios.scenario -> '$.medical_history.chronic_conditions', '["varchar"]') as chronic_conditions,
    pairs.record_id is not null as is_accepted,
    scenarios.engine, scenarios.model, scenarios.run_id, scenarios.set_at
from {{ ref('stg_scenarios') }} as scenarios
left join {{ ref('pairs') }} as pairs using (record_id)
left join {{ ref('stg_icd10cm_codes') }} as codes on scenarios.icd_code = codes.code
order by scenarios.icd_code, scenarios.ordinal
