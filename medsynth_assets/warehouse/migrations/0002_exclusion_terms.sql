-- The Excludes1 notes of a code. Rows of version 1 have none until the code set is loaded again.
alter table reference.icd10cm_codes add column if not exists exclusion_terms varchar[];
