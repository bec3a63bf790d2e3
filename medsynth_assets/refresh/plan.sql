-- grain: one row per slot and stage of the wanted codes that are in force
-- reads: generation.heads, generation.quarantine, quality.check_results; the frames wanted, expected, gates, policy
-- Reasons are numbered in their order of precedence (reasons.py); a smaller number wins.
create or replace temp table plan_cells as
with cells as (
    select
        printf('%s/%03d', wanted.icd_code, ordinal) as record_id, wanted.icd_code, ordinal, expected.stage,
        expected.stage_number, expected.stage_recipe_id, wanted.rank, wanted.description,
        wanted.last_target_count
    from wanted
    inner join expected on wanted.icd_code = expected.icd_code
    cross join unnest(generate_series(1, wanted.target_count)) as ordinals (ordinal)
),
all_heads as (
    select heads.* from generation.heads semi join wanted on heads.icd_code = wanted.icd_code
),
heads as (
    select * from all_heads qualify row_number() over (partition by record_id, stage order by seq desc) = 1
),
all_quarantine as (
    select quarantine.* from generation.quarantine semi join wanted on quarantine.icd_code = wanted.icd_code
),
quarantine as (  -- as generation.current_quarantine has it
    select all_quarantine.*
    from all_quarantine
    left join heads using (record_id, stage)
    where heads.seq is null or heads.set_at < all_quarantine.quarantined_at
    qualify row_number() over (partition by record_id order by all_quarantine.seq desc) = 1
),
accepted as (
    select record_id, stage, stage_recipe_id, count(*) as accepted_count
    from all_heads
    group by all
),
refused as (  -- tries with a recipe that failed; of those, the ones that an answer led to
    select
        record_id, stage, stage_recipe_id, count(*) as refused_count,
        count(*) filter (where reason in ('judge_rejected', 'refusal', 'truncated', 'malformed', 'empty', 'facts_unsaid')) as answered_count
    from all_quarantine
    group by all
),
verdicts as (
    select results.artifact_id, gates.gate_number, gates.check_name, results.is_passed, results.checked_at
    from quality.check_results as results
    inner join gates on results.check_recipe_id = gates.check_recipe_id and results.asset = gates.stage
    semi join wanted on results.icd_code = wanted.icd_code
),
judged as (  -- millions of rows: one pass, a bit a gate
    select
        artifact_id, bit_count(bit_or(1::ubigint << gate_number)) as judged_count,
        bool_and(is_passed) as has_always_passed
    from verdicts
    group by artifact_id
),
newest_verdicts as (  -- of the few that ever failed
    select artifact_id, gate_number, check_name, arg_max(is_passed, checked_at) as is_passed
    from verdicts
    semi join (select artifact_id from judged where not has_always_passed) as suspect using (artifact_id)
    group by all
),
failing as (
    select artifact_id, string_agg(check_name, ', ' order by gate_number) as failed_gates
    from newest_verdicts
    where not is_passed
    group by artifact_id
),
gate_counts as (
    select stage, count(*) as gate_count from gates group by stage
),
own as (
    select
        cells.*, heads.set_at, heads.artifact_id is not null as has_head,
        case
            when quarantine.record_id is not null then 2
            when heads.artifact_id is null and cells.last_target_count is null then 7
            when heads.artifact_id is null and cells.ordinal > cells.last_target_count then 6
            when heads.artifact_id is null then 1
            when failing.failed_gates is not null then 3
            when parents.artifact_id <> heads.parent_artifact_id then 4
            when heads.stage_recipe_id <> cells.stage_recipe_id then 5
            when cells.stage_number = 1 and heads.icd_description <> cells.description then 8
            when heads.set_at < policy.now - to_seconds(policy.ttl_days * 86400) then 9
            when policy.is_forced and coalesce(heads.set_at < policy.since, true) then 10
        end as own_number,
        coalesce(quarantine.reason, failing.failed_gates, '') as failure,
        coalesce(accepted.accepted_count, 0) as accepted_count,
        coalesce(refused.answered_count, 0) as answered_count,
        case
            when policy.is_forced and coalesce(quarantine.quarantined_at < policy.since, true) then null
            when quarantine.stage_recipe_id = cells.stage_recipe_id
                and not (policy.is_at_once and coalesce(quarantine.quarantined_at < policy.since, true))
                then quarantine.quarantined_at
                    + to_seconds(3600 * least(policy.retry_h * power(2, least(refused.refused_count, 30) - 1), policy.retry_most_h))
            when quarantine.record_id is null and failing.failed_gates is not null
                and heads.stage_recipe_id = cells.stage_recipe_id
                then heads.set_at
                    + to_seconds(3600 * least(policy.retry_h * power(2, least(accepted.accepted_count, 30) - 1), policy.retry_most_h))
        end as own_due_at,
        heads.artifact_id is not null and coalesce(judged.judged_count, 0) < gate_counts.gate_count as is_unjudged
    from cells
    cross join policy
    left join heads on cells.record_id = heads.record_id and cells.stage = heads.stage
    left join quarantine on cells.record_id = quarantine.record_id and cells.stage = quarantine.stage
    left join heads as parents
        on cells.record_id = parents.record_id
        and parents.stage = case cells.stage when 'notes' then 'scenarios' when 'dialogues' then 'notes' end
    left join accepted
        on cells.record_id = accepted.record_id and cells.stage = accepted.stage
        and cells.stage_recipe_id = accepted.stage_recipe_id
    left join refused
        on cells.record_id = refused.record_id and cells.stage = refused.stage
        and cells.stage_recipe_id = refused.stage_recipe_id
    left join judged on heads.artifact_id = judged.artifact_id
    left join failing on heads.artifact_id = failing.artifact_id
    left join gate_counts on cells.stage = gate_counts.stage
),
followed as (  -- what is made from a parent that is made again is another question: it has neither failed nor aged
    select
        * replace (
            case when not is_parent_stale then own_due_at end as own_due_at,
            case when not is_parent_stale and own_number in (2, 3, 9) then accepted_count + answered_count else 0 end as edition
        )
    from (
        select
            *, 0 as edition,
            coalesce(max(own_number is not null) over (
                partition by record_id order by stage_number rows between unbounded preceding and 1 preceding
            ), false) as is_parent_stale
        from own
    )
),
chained as (  -- a slot waits as a whole from the first stage that waits
    select *, max(own_due_at) over (partition by record_id order by stage_number) as due_at
    from followed
)
select
    record_id, icd_code, ordinal, stage, stage_number, stage_recipe_id, rank, set_at, has_head, due_at, edition,
    is_unjudged,
    case
        when is_parent_stale and has_head then least(coalesce(own_number, 4), 4)
        else own_number
    end as reason_number,
    case when own_number in (2, 3) then failure else '' end as detail,
    due_at is null or due_at <= policy.now as is_due
from chained
cross join policy
