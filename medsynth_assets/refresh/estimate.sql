-- grain: one row per stage recipe
-- reads: generation.calls; the frame recipes (stage_recipe_id, agent, recipe_id, engine, model, and a default a record)
-- What one record took: of calls with the same recipe, else of the same agent and model, else the default.
with history as (
    select
        agent, recipe_id, engine, model, count(*) as calls, count(distinct record_id) as records,
        sum(input_tokens + output_tokens) as tokens, sum(cost_usd) as cost_usd
    from generation.calls
    group by all
),
same as (
    select agent, recipe_id, calls / records as calls, tokens / records as tokens, cost_usd / records as cost_usd
    from history
),
alike as (
    select
        agent, engine, model, sum(calls) / sum(records) as calls, sum(tokens) / sum(records) as tokens,
        sum(cost_usd) / sum(records) as cost_usd
    from history
    group by all
)
select
    recipes.stage_recipe_id,
    sum(coalesce(same.calls, alike.calls, recipes.default_calls)) as calls,
    sum(coalesce(same.tokens, alike.tokens, recipes.default_tokens)) as tokens,
    sum(coalesce(same.cost_usd, alike.cost_usd, recipes.default_cost_usd)) as cost_usd
from recipes
left join same on recipes.agent = same.agent and recipes.recipe_id = same.recipe_id
left join alike
    on recipes.agent = alike.agent and recipes.engine = alike.engine and recipes.model = alike.model
group by recipes.stage_recipe_id
