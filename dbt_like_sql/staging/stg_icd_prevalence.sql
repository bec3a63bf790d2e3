-- grain: one row per code of the prevalence release in force
-- description: Weight, share and rank of each code in the newest loaded release.
with in_force as (
    select release_id
    from {{ source('reference', 'releases') }}
    where kind = 'prevalence'
    order by loaded_at desc
    limit 1
)
select
    prevalence.code, prevalence.release_id, prevalence.row_hash,
    prevalence.basis, prevalence.source_file, prevalence.row_number,
    prevalence.rank, prevalence.weight, prevalence.share_frac
from {{ source('reference', 'icd_prevalence') }} as prevalence
inner join in_force using (release_id)
