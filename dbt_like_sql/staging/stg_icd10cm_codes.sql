-- grain: one row per code of the ICD-10-CM release in force, categories included
-- description: The official code set with the chapter's title.
select
    code, is_billable,
    description, inclusion_terms, exclusion_terms, seventh_character,
    category_code, block, chapter, chapter_title,
    release_id
from {{ source('reference', 'icd10cm_codes') }}
