-- The tables that are written to. Models built from them stand in dbt_like_sql/.
-- A new version: raise SCHEMA_VERSION in opening.py; where tables of before change, say how in migrations/.
-- Append-only but for `reference`, where a release replaces what it names. Times are UTC. batch_id: the transaction
-- that wrote the row, for the seals (seals.py).
create schema if not exists reference;
create schema if not exists generation;
create schema if not exists quality;
create schema if not exists staging;
create schema if not exists marts;

create table if not exists reference.releases (
    release_id varchar not null, kind varchar not null, name varchar not null, source varchar not null,
    sha256 varchar not null, row_count bigint not null, rejected_count bigint not null,
    run_id varchar not null, loaded_at timestamptz not null,
    batch_id bigint default getvariable('medsynth_batch')
);
create table if not exists reference.icd10cm_codes (
    code varchar not null, description varchar not null, is_billable boolean not null, category_code varchar not null,
    block varchar not null, chapter varchar not null, chapter_title varchar not null, inclusion_terms varchar[] not null,
    seventh_character varchar not null, release_id varchar not null, row_hash varchar not null,
    exclusion_terms varchar[],
    batch_id bigint default getvariable('medsynth_batch')
);
create table if not exists reference.icd_prevalence (
    release_id varchar not null, code varchar not null, weight double not null, share_frac double not null,
    rank integer not null, basis varchar not null, source_file varchar not null, row_number integer not null,
    row_hash varchar not null,
    batch_id bigint default getvariable('medsynth_batch')
);
create table if not exists reference.icd_prevalence_rejects (
    release_id varchar not null, row_number integer not null, raw_code varchar, raw_weight varchar, reason varchar not null,
    batch_id bigint default getvariable('medsynth_batch')
);
create table if not exists reference.icd_prevalence_by_group (
    release_id varchar not null, category_code varchar not null, sex varchar not null, min_age double not null,
    max_age double not null, observed_weight double not null, sampled_count integer not null, share_frac double not null,
    batch_id bigint default getvariable('medsynth_batch')
);
create table if not exists reference.demographics (
    release_id varchar not null, variable varchar not null, level varchar not null, share_frac double not null, se_frac double,
    batch_id bigint default getvariable('medsynth_batch')
);
create table if not exists reference.age_sex_edits (
    release_id varchar not null, code varchar not null, min_age double, max_age double, sex varchar, rule varchar not null,
    batch_id bigint default getvariable('medsynth_batch')
);

create table if not exists generation.recipes (
    recipe_id varchar not null, agent varchar not null, prompt_hash varchar not null, schema_hash varchar not null,
    engine varchar not null, model varchar not null, parameters json not null, families varchar[] not null,
    knowledge_hash varchar not null, first_used_at timestamptz not null,
    batch_id bigint default getvariable('medsynth_batch')
);
create table if not exists generation.artifacts (
    artifact_id varchar not null, kind varchar not null, record_id varchar not null, icd_code varchar not null,
    ordinal integer not null, content json not null, text varchar not null, parents varchar[] not null,
    recipe_id varchar not null, engine varchar not null, model varchar not null, run_id varchar not null,
    created_at timestamptz not null,
    batch_id bigint default getvariable('medsynth_batch')
);
create sequence if not exists generation.head_seq;
create table if not exists generation.heads (
    seq bigint not null default nextval('generation.head_seq'), record_id varchar not null, icd_code varchar not null,
    ordinal integer not null, stage varchar not null, artifact_id varchar not null, parent_artifact_id varchar not null,
    stage_recipe_id varchar not null, engine varchar not null, run_id varchar not null, set_at timestamptz not null,
    icd_description varchar, batch_id bigint default getvariable('medsynth_batch')
);
create sequence if not exists generation.quarantine_seq;
create table if not exists generation.quarantine (
    seq bigint not null default nextval('generation.quarantine_seq'), record_id varchar not null,
    icd_code varchar not null, ordinal integer not null, stage varchar not null, reason varchar not null,
    detail varchar not null, engine varchar not null, stage_recipe_id varchar not null, run_id varchar not null,
    quarantined_at timestamptz not null,
    batch_id bigint default getvariable('medsynth_batch')
);
create table if not exists generation.calls (
    call_id varchar not null, request_hash varchar not null, record_id varchar not null, icd_code varchar not null,
    agent varchar not null, round integer not null, attempt integer not null, recipe_id varchar not null,
    engine varchar not null, model varchar not null, prompt_version varchar not null, messages json, parameters json not null,
    answer varchar, status varchar not null, error varchar not null, input_tokens bigint not null,
    output_tokens bigint not null, cached_tokens bigint not null, cost_usd double not null, latency_ms double not null,
    from_ledger boolean not null, run_id varchar not null, started_at timestamptz not null,
    artifact_id varchar, batch_id bigint default getvariable('medsynth_batch')
);
create table if not exists generation.targets (
    icd_code varchar not null, record_count integer not null, run_id varchar not null, set_at timestamptz not null,
    batch_id bigint default getvariable('medsynth_batch')
);
create table if not exists generation.code_marks (
    icd_code varchar not null, mark varchar not null, run_id varchar not null, marked_at timestamptz not null,
    batch_id bigint default getvariable('medsynth_batch')
);
create table if not exists quality.check_results (
    record_id varchar not null, icd_code varchar not null, asset varchar not null, artifact_id varchar not null,
    check_name varchar not null, column_name varchar not null, observed varchar, threshold varchar not null,
    is_passed boolean not null, explanation varchar not null, check_recipe_id varchar not null, run_id varchar not null,
    checked_at timestamptz not null,
    severity varchar, batch_id bigint default getvariable('medsynth_batch')
);
create table if not exists quality.jury_verdicts ( -- since version 5; parents: ids of the note and dialogue judged, and of what they were compared with
    verdict_id varchar not null, kind varchar not null, record_id varchar not null, icd_code varchar not null,
    ordinal integer not null, content json not null, parents varchar[] not null, other varchar not null,
    recipe_id varchar not null, prompt_hash varchar not null, model varchar not null, call_ids varchar[] not null,
    cost_usd double not null, tokens bigint not null, run_id varchar not null, judged_at timestamptz not null,
    batch_id bigint default getvariable('medsynth_batch')
);

create table if not exists generation.reviews ( -- what people said of a pair (since version 4); a reviewer's newest counts
    record_id varchar not null, note_id varchar not null, dialogue_id varchar not null, reviewer varchar not null,
    factuality varchar not null, completeness varchar not null, soap varchar not null, realism varchar not null,
    comment varchar not null, is_blinded boolean not null, source varchar not null, reviewed_at timestamptz not null,
    batch_id bigint default getvariable('medsynth_batch')
);
-- What an audit needs beside them
create table if not exists generation.recipe_parts ( -- exact texts that recipes name by hash: prompt, answer_schema
    part_hash varchar not null, kind varchar not null, body varchar not null, first_used_at timestamptz not null,
    batch_id bigint default getvariable('medsynth_batch')
);
create table if not exists generation.environments ( -- nothing of the machine: the same code and packages are one row
    environment_id varchar not null, git_commit varchar not null, is_modified boolean not null,
    python_version varchar not null, packages json not null,
    batch_id bigint default getvariable('medsynth_batch')
);
create table if not exists generation.runs (
    run_id varchar not null, environment_id varchar not null, began_at timestamptz not null,
    batch_id bigint default getvariable('medsynth_batch')
);
create table if not exists generation.removals ( -- bodies removed on purpose; their hashes stay
    subject_id varchar not null, kind varchar not null, record_id varchar not null, body_hash varchar not null,
    row json not null, reason varchar not null, removed_at timestamptz not null,
    batch_id bigint default getvariable('medsynth_batch')
);

-- What was published, and what people took back
create table if not exists generation.releases (
    release_id varchar not null, name varchar not null, lineage_root varchar not null, manifest_sha256 varchar not null,
    record_count bigint not null, codes varchar[] not null, held_out_codes varchar[] not null, directory varchar not null,
    run_id varchar not null, released_at timestamptz not null,
    batch_id bigint default getvariable('medsynth_batch')
); -- codes: those it was asked to be of; none for all
create table if not exists generation.released_records (
    release_id varchar not null, record_id varchar not null, icd_code varchar not null, split varchar not null,
    scenario_id varchar not null, note_id varchar not null, dialogue_id varchar not null,
    batch_id bigint default getvariable('medsynth_batch')
);
create table if not exists generation.withdrawals ( -- artifacts that no further release may hold
    artifact_id varchar not null, record_id varchar not null, reason varchar not null, reviewer varchar not null,
    withdrawn_at timestamptz not null default now(),
    batch_id bigint default getvariable('medsynth_batch')
);

-- Which transaction wrote a row, and the seals over what each wrote: see warehouse/seals.py
create table if not exists generation.batches (
    batch_id bigint not null, sealed_at timestamptz not null, seal_count bigint not null, seals_hash varchar not null,
    previous_hash varchar not null, batch_hash varchar not null
);
create table if not exists generation.seals (
    batch_id bigint not null, table_name varchar not null, rows_batch_id bigint not null, subject varchar not null,
    row_count bigint not null, seal varchar not null
);

-- The newest artifact of each slot and stage; older ones stay and can be audited.
create or replace view generation.current_heads as
select * from generation.heads qualify row_number() over (partition by record_id, stage order by seq desc) = 1;

-- Failed attempts that nothing has made good since.
create or replace view generation.current_quarantine as
select quarantine.*
from generation.quarantine
left join generation.current_heads as heads using (record_id, stage)
where heads.seq is null or heads.set_at < quarantine.quarantined_at
qualify row_number() over (partition by record_id order by quarantine.seq desc) = 1;

-- Codes that are kept as they are: retired, or no longer among the top. '' where one is in force again.
create or replace view generation.current_marks as
select icd_code, mark, marked_at
from generation.code_marks
qualify row_number() over (partition by icd_code order by marked_at desc) = 1;
