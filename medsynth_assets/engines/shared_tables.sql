-- What the machines of a lake share besides the lake: paid answers, parked requests, budgets, and who is at work.
-- One schema in the PostgreSQL of the catalog; the SQLite files beside a DuckDB file hold the same (ledger.py, parking.py, budget.py).
create schema if not exists medsynth_calls;
set local search_path to medsynth_calls;

create table if not exists answers (
    seq bigint generated always as identity,
    call_id text primary key,
    request_hash text not null,
    status text not null,
    call text not null  -- JSON with the answer in it: a text of PostgreSQL cannot hold every character, JSON's escapes can
);
create index if not exists answers_by_request on answers (request_hash, seq);

create table if not exists parked (
    request_hash text primary key,
    custom_id text not null,
    model text not null,
    body text not null,
    dialect text not null,
    call text not null,
    submission_id text,
    tries integer not null default 0,
    fault text,
    rowid bigint generated always as identity  -- as SQLite names the order of coming
);
create index if not exists parked_by_submission on parked (submission_id);

create table if not exists batches (
    seq bigint generated always as identity primary key,
    submission_id text unique not null,
    model text not null,
    request_count integer not null,
    state text not null,
    batch_id text,
    provider_status text not null default '',
    told text not null default '',
    host text not null,
    pid integer not null,
    created_at text not null
);
create table if not exists dialects (model text primary key, dialect text not null);
create table if not exists waiting_codes (
    icd_code text not null, run_config text not null, ready_seq bigint, primary key (icd_code, run_config)
);

create table if not exists budgets (
    budget_id text primary key,
    most_usd double precision,
    most_tokens bigint,
    most_records bigint,
    until_s double precision,
    spent_usd double precision not null default 0,
    spent_tokens bigint not null default 0,
    taken_records bigint not null default 0,
    stopped text not null default '',
    is_told boolean not null default false,
    made_at_s double precision not null
);
create table if not exists reservations (
    reservation_id text primary key, budget_id text not null, usd double precision not null, tokens bigint not null
);
create index if not exists reservations_by_budget on reservations (budget_id);

create table if not exists engines (  -- those that send requests now (flow/sharing.py)
    engine_id text primary key,
    endpoint text not null,
    joined bigint generated always as identity,
    places integer not null,  -- requests that it may have under way, or has
    rate_frac double precision not null,  -- its part of the limits a minute
    host text not null,
    pid integer not null,
    beat_at timestamptz not null
);
