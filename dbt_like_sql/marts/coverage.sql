-- grain: one row per code that was ever asked for
-- description: How far each code is: records wanted, complete and in quarantine, and the share of prevalence they stand for.
with targets as (
    select icd_code, record_count
    from {{ source('generation', 'targets') }}
    qualify row_number() over (partition by icd_code order by set_at desc) = 1
),
accepted as (
    select icd_code, count(*) as accepted_count
    from {{ ref('pairs') }}
    group by icd_code
),
quarantined as (
    select icd_code, count(*) as quarantined_count
    from {{ source('generation', 'current_quarantine') }}
    group by icd_code
)
select
    targets.icd_code, codes.description as icd_description, codes.chapter, prevalence.rank,
    targets.record_count as target_count,
    coalesce(accepted.accepted_count, 0) as accepted_count,
    coalesce(quarantined.quarantined_count, 0) as quarantined_count,
    coalesce(prevalence.share_frac, 0) as prevalence_share_frac,
    coalesce(prevalence.share_frac, 0)
    * least(1.0, coalesce(accepted.accepted_count, 0) / targets.record_count) as covered_share_frac
from targets
left join accepted on targets.icd_code = accepted.icd_code
left join quarantined on targets.icd_code = quarantined.icd_code
left join {{ ref('stg_icd_prevalence') }} as prevalence on targets.icd_code = prevalence.code
left join {{ ref('stg_icd10cm_codes') }} as codes on targets.icd_code = codes.code
order by prevalence.rank
