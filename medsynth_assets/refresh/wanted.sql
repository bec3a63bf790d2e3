-- grain: one row per code
-- reads: reference.releases, reference.icd_prevalence, reference.icd10cm_codes, generation.targets
-- parameters: $codes (null for all), $is_named (they get $per_code records each, marked or not), $per_code, $top
with ranked as (
    select code as icd_code, rank
    from reference.icd_prevalence
    where release_id = (
        select release_id from reference.releases where kind = 'prevalence' order by loaded_at desc limit 1
    )
),
last_targets as (
    select icd_code, record_count
    from generation.targets
    qualify row_number() over (partition by icd_code order by set_at desc) = 1
),
codes as (
    select icd_code from ranked where not $is_named and rank <= $top
    union
    select icd_code from last_targets where not $is_named
    union
    select unnest($codes::varchar[]) where $is_named
),
marked as (
    select
        codes.icd_code, ranked.rank, last_targets.record_count as last_target_count, official.description,
        case
            when $is_named then ''
            when official.code is null or not official.is_billable then 'retired'
            when ranked.rank is null or ranked.rank > $top then 'not in the top'
            else ''
        end as mark
    from codes
    left join ranked using (icd_code)
    left join last_targets using (icd_code)
    left join reference.icd10cm_codes as official on codes.icd_code = official.code
    where $codes is null or list_contains($codes::varchar[], codes.icd_code)
)
select
    icd_code, rank,
    case
        when $is_named then $per_code
        when mark <> '' then last_target_count
        else greatest($per_code, coalesce(last_target_count, 0))
    end as target_count,
    case when $is_named then coalesce(last_target_count, $per_code) else last_target_count end as last_target_count,
    description, mark
from marked
order by rank nulls last, icd_code
