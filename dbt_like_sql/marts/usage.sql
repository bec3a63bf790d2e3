-- grain: one row per stage, engine, model and day (UTC)
-- description: What the engines were asked and what it took: calls, tokens, dollars, latency.
-- keeps: calls that were sent; an answer found again in the ledger costs nothing and is counted apart
select
    case
        when agent in ('scenario_provider', 'scenario_judge') then 'scenarios'
        when agent in ('note_writer', 'note_polisher') then 'notes'
        else 'dialogues'
    end as stage,
    engine, model, cast(started_at as date) as day,
    count(*) filter (where not from_ledger) as call_count,
    count(*) filter (where from_ledger) as reused_count,
    count(*) filter (where status <> 'ok') as failed_count,
    count(distinct record_id) as record_count,
    sum(input_tokens) filter (where not from_ledger) as input_tokens,
    sum(cached_tokens) filter (where not from_ledger) as cached_tokens,
    sum(output_tokens) filter (where not from_ledger) as output_tokens,
    sum(cost_usd) filter (where not from_ledger) as cost_usd,
    median(latency_ms) as latency_median_ms,
    quantile_cont(latency_ms, 0.95) as latency_p95_ms
from {{ source('generation', 'calls') }}
group by all
order by day, stage, engine, model
