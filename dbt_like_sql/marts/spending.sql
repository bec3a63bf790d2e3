-- grain: one row per day (UTC), prevalence release, engine and model
-- description: Money: what the calls of each day cost, and the month so far, by the prevalence release in force when they were sent.
-- keeps: every call, once; one that entered from the ledger was paid for like any other
with releases as (
    select release_id, loaded_at
    from {{ source('reference', 'releases') }}
    where kind = 'prevalence'
),
sent as (
    select calls.*, cast(calls.started_at as date) as day, releases.release_id
    from {{ source('generation', 'calls') }} as calls
    asof left join releases on calls.started_at >= releases.loaded_at
),
days as (
    select
        day, cast(date_trunc('month', day) as date) as month, coalesce(release_id, '') as release_id, engine, model,
        count(*) as call_count, count(distinct record_id) as record_count,
        sum(input_tokens + output_tokens) as token_count, sum(cost_usd) as cost_usd
    from sent
    group by all
)
select
    day, month, release_id, engine, model,
    call_count, record_count, token_count, cost_usd,
    sum(cost_usd) over (partition by month order by day) as month_cost_usd
from days
order by day, release_id, engine, model
