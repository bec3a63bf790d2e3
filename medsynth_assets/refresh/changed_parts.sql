-- grain: one row per slot and stage of the frame `changed` whose recipe is another one now
-- reads: generation.heads, generation.artifacts, generation.recipes; the frames changed, recipes
-- What the standing product and the draft it was made from were asked with, beside what their agents would be asked with now.
with stood as (
    select record_id, changed.stage, changed.stage_recipe_id, arg_max(heads.artifact_id, heads.seq) as artifact_id
    from changed
    inner join generation.heads as heads using (record_id, stage)
    group by all
),
products as (
    select stood.*, artifacts.recipe_id, artifacts.parents
    from stood
    inner join generation.artifacts as artifacts using (artifact_id)
),
sources as (
    select record_id, stage, stage_recipe_id, recipe_id from products
    union
    select products.record_id, products.stage, products.stage_recipe_id, drafts.recipe_id
    from products
    inner join generation.artifacts as drafts on list_contains(products.parents, drafts.artifact_id)
),
differences as (
    select
        sources.record_id, sources.stage, agent, unnest(list_filter([
            case when was.prompt_hash <> now.prompt_hash then 'prompt' end,
            case when was.schema_hash <> now.schema_hash then 'output schema' end,
            case when was.engine <> now.engine then 'engine' end,
            case when was.model <> now.model then 'model' end,
            case when cast(was.parameters as varchar) <> now.parameters then 'parameters' end,
            case when was.knowledge_hash <> now.knowledge_hash then 'knowledge' end
        ], lambda part: part is not null)) as part
    from sources
    inner join generation.recipes as was using (recipe_id)
    inner join recipes as now using (stage_recipe_id, agent)
),
parts as (
    select record_id, stage, part, string_agg(distinct replace(agent, '_', ' '), ', ' order by replace(agent, '_', ' ')) as agents
    from differences
    group by all
)
select record_id, stage, string_agg(part || ' of ' || agents, '; ' order by part) as parts
from parts
group by all
