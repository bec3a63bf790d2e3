-- grain: one row per artifact_id and check_name that was ever judged
-- description: The newest verdict of each check on each artifact.
select
    record_id, icd_code, asset, artifact_id, check_name,
    is_passed, coalesce(severity, 'warning') as severity, observed, threshold, explanation,
    check_recipe_id, run_id, checked_at
from {{ source('quality', 'check_results') }}
qualify row_number() over (partition by artifact_id, check_name order by checked_at desc) = 1
