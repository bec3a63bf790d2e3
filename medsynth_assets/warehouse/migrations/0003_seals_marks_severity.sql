-- Rows carry the transaction that wrote them; those of before are sealed as they are found.
alter table generation.heads add column if not exists icd_description varchar;
alter table quality.check_results add column if not exists severity varchar;
alter table generation.calls add column if not exists artifact_id varchar;
alter table generation.heads add column if not exists batch_id bigint default getvariable('medsynth_batch');
alter table quality.check_results add column if not exists batch_id bigint default getvariable('medsynth_batch');
alter table generation.calls add column if not exists batch_id bigint default getvariable('medsynth_batch');
alter table generation.artifacts add column if not exists batch_id bigint default getvariable('medsynth_batch');
alter table generation.quarantine add column if not exists batch_id bigint default getvariable('medsynth_batch');
alter table generation.targets add column if not exists batch_id bigint default getvariable('medsynth_batch');
alter table generation.recipes add column if not exists batch_id bigint default getvariable('medsynth_batch');
alter table reference.releases add column if not exists batch_id bigint default getvariable('medsynth_batch');
alter table reference.icd10cm_codes add column if not exists batch_id bigint default getvariable('medsynth_batch');
alter table reference.icd_prevalence add column if not exists batch_id bigint default getvariable('medsynth_batch');
alter table reference.icd_prevalence_rejects add column if not exists batch_id bigint default getvariable('medsynth_batch');
alter table reference.icd_prevalence_by_group add column if not exists batch_id bigint default getvariable('medsynth_batch');
alter table reference.demographics add column if not exists batch_id bigint default getvariable('medsynth_batch');
alter table reference.age_sex_edits add column if not exists batch_id bigint default getvariable('medsynth_batch');
