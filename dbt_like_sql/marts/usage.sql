-- grain: one row per stage, engine, model and day (UTC)
-- description: What the engines were asked and what it took: calls, tokens, dollars, latency.
-- keeps: every call, once; one that entered from the ledger (by batch, or its run was killed first) was paid for like any other
select
    case
        when agent in ('scenario_provider', 'scenario_judge') then 'scenarios'
        when agent in ('note_writer', 'note_polisher') then 'notes'
        when agent in ('jury_rubric', 'jury_support', 'jury_preference') then 'jury'
        else 'dialogues'
    end as stage,
    engine, model, cast(started_at as date) as day,
    count(*) as call_count,
    count(*) filter (where from_ledger) as from_ledger_count,
    count(*) filter (where status <> 'ok') as failed_count,
    count(distinct record_id) as record_count,
    sum(input_tokens) as input_tokens,
    sum(cached_tokens) as cached_tokens,
    sum(output_tokens) as output_tokens,
    sum(cost_usd) as cost_usd,
    median(latency_ms) as latency_median_ms,
    quantile_cont(latency_ms, 0.95) as latency_p95_ms
from {{ source('generation', 'calls') }}
group by all
order by day, stage, engine, model
