"""Warehouses of any size for benchmarks: real records of the offline engine, multiplied in SQL.

Ids and hashes are as they would be, so that such a warehouse verifies; every transaction is sealed by the product's own
functions; every text ends with the number of its slot, so that no two are stored as one. Slots are spread over the 2,000
most prevalent codes and stored in the order of prevalence, which is not the order of their ids. Bodies take about 64 kB a
pair: with `bodies_every` 10 only every tenth slot keeps them, and what records are found by is all there.
"""

import os
import subprocess
import sys
from hashlib import blake2b
from pathlib import Path

import duckdb
import orjson
import pyarrow as pa

from medsynth_assets.records.identity import canonical
from medsynth_assets.warehouse import seals
from medsynth_assets.warehouse.file import WarehouseFile

CODES = 2000
_STEP, _STEPS = 1000, 100  # slots written in one transaction, at least; transactions, at most if that is more
_SHARED = (
    "reference.releases", "reference.icd10cm_codes", "reference.icd_prevalence", "generation.recipes",
    "generation.recipe_parts", "generation.environments", "generation.runs",
)  # fmt: skip


def template(path: Path) -> Path:
    """A hundred real records, by the command as people start it; made once."""
    if not path.exists():
        home = path.parent / "dagster"
        home.mkdir(parents=True, exist_ok=True)
        place = {**os.environ, "MEDSYNTH_WAREHOUSE": str(path), "DAGSTER_HOME": str(home)}
        command = [sys.executable, "-m", "medsynth_assets.cli", "run", "--top", "20", "--per-code", "5"]
        subprocess.run(command, env=place, cwd=path.parent, check=True, stdout=subprocess.DEVNULL)
    return path


def generated(path: Path, made: Path, pairs: int, bodies_every: int = 1) -> WarehouseFile:
    """A warehouse of so many pairs; one that is there is taken as it is."""
    file = WarehouseFile(path)
    if not path.exists():
        unfinished = path.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        WarehouseFile(unfinished).ensure()
        with duckdb.connect(str(unfinished)) as con:
            con.execute("set TimeZone = 'UTC'")
            con.execute("set checkpoint_threshold = '1GB'")  # a checkpoint a transaction would double the time
            con.execute(f"attach '{made}' as made (read_only)")
            con.create_function("named", _named, ["VARCHAR"], "VARCHAR", type="arrow")  # type: ignore[list-item]
            levels = _prepare(con, pairs, bodies_every)
            _transaction(con, [f"insert into {t} by name select * exclude (batch_id) from made.{t}" for t in _SHARED])
            step = max(_STEP, -(-pairs // _STEPS))
            for start in range(0, pairs, step):
                con.execute(f"set variable first_slot = {start}")
                con.execute(f"set variable end_slot = {start + step}")
                _transaction(con, ["truncate fresh", *levels, *_ROWS])
            con.execute("detach made")
            con.execute("checkpoint")
        unfinished.rename(path)
    return file


def _named(bodies: pa.Array) -> pa.Array:
    """24 hex characters over canonical JSON, as records.identity.digest has them."""
    return pa.array([blake2b(body.encode(), digest_size=12).hexdigest() for body in bodies.to_pylist()])


def _transaction(con: duckdb.DuckDBPyConnection, statements: list[str]) -> None:
    con.begin()
    seals.open_batch(con)
    for statement in statements:
        con.execute(statement)
    seals.close_batch(con)
    con.commit()


def _prepare(con: duckdb.DuckDBPyConnection, pairs: int, bodies_every: int) -> list[str]:
    """Temporary tables: the slots, each with its template; artifacts of templates, each with its distance from the plan; and the
    statements that name the artifacts of a step."""
    contents = con.execute("select artifact_id, cast(content as varchar) from made.generation.artifacts").fetchall()
    bodies = [canonical(orjson.loads(text)) for _, text in contents]
    con.register("canonical", pa.table({"artifact_id": [made for made, _ in contents], "body": bodies}))
    con.execute(
        "create temp table steps as with recursive depth as ("
        " select artifact_id, 0 as level from made.generation.artifacts where len(parents) = 0 union"
        " select a.artifact_id, depth.level + 1 from made.generation.artifacts as a, depth"
        " where list_contains(a.parents, depth.artifact_id)"
        ") select a.* exclude (content, batch_id), canonical.body, levels.level, row_number() over () as place"
        " from made.generation.artifacts as a"
        " inner join (select artifact_id, max(level) as level from depth group by all) as levels using (artifact_id)"
        " inner join canonical using (artifact_id) order by record_id, place"
    )
    con.execute(
        "create temp table slots as with templates as ("
        " select record_id, icd_code, row_number() over (order by record_id) - 1 as n from steps"
        " where kind = 'dialogue' qualify row_number() over (partition by record_id order by created_at desc) = 1"
        "), codes as ("
        " select code, p.row_hash as prevalence_hash, c.row_hash as code_hash, row_number() over (order by rank) - 1 as n"
        " from made.reference.icd_prevalence as p inner join made.reference.icd10cm_codes as c using (code)"
        " order by rank limit $codes"
        ") select i, codes.code as icd_code, (i % $per_code + 1)::integer as ordinal,"
        " format('{}/{:03d}', codes.code, i % $per_code + 1) as record_id, templates.record_id as template,"
        " old.code as old_code, old.prevalence_hash as old_prevalence_hash, old.code_hash as old_code_hash,"
        " codes.prevalence_hash, codes.code_hash, i % $every = 0 as has_bodies"
        " from range($pairs) as numbers(i) inner join codes on codes.n = i // $per_code"
        " inner join templates on templates.n = i % (select count(*) from templates)"
        " inner join codes as old on old.code = templates.icd_code order by i",
        {"codes": CODES, "per_code": -(-pairs // CODES), "pairs": pairs, "every": bodies_every},
    )
    con.execute("create temp table fresh (i bigint, old varchar, artifact_id varchar, body varchar, parents varchar[])")
    (deepest,) = con.execute("select max(level) from steps").fetchone() or (0,)
    return [_LEVEL.format(level=level) for level in range(deepest + 1)]


_OF_STEP = "slots.i >= getvariable('first_slot') and slots.i < getvariable('end_slot')"
_BODY = """case
    when kind = 'plan' then replace(replace(replace(body, old_prevalence_hash, prevalence_hash),
        old_code_hash, code_hash), '"code":"' || old_code || '"', '"code":"' || slots.icd_code || '"')
    when not has_bodies and kind <> 'verdict' then '{{"zz":' || slots.i || '}}'
    else regexp_replace(body, '"([}}\\]]+)$', ' Slot ' || slots.i || '."\\1')
end"""
# An artifact's id is over those of its parents: one statement for each distance from the plan.
_LEVEL = f"""
insert into fresh by name
with wanted as (
    select slots.i, slots.record_id, steps.artifact_id as old, kind, parents as old_parents, recipe_id, {_BODY} as body
    from slots inner join steps on steps.record_id = slots.template
    where steps.level = {{level}} and {_OF_STEP}
),
parents as (
    select i, of.old, list(fresh.artifact_id order by place) as parents
    from (select i, old, unnest(old_parents) as parent, generate_subscripts(old_parents, 1) as place from wanted) as of
    inner join fresh using (i) where fresh.old = of.parent group by all
)
select i, old, body, coalesce(parents.parents, []) as parents,
    named('["artifact:1",' || to_json(kind) || ',' || to_json(record_id) || ',' || body || ','
        || to_json(coalesce(parents.parents, [])) || ',' || to_json(recipe_id) || ']') as artifact_id
from wanted left join parents using (i, old)
"""
_OWN = "slots.record_id as record_id, slots.icd_code as icd_code"
_ROWS = [
    f"""insert into generation.artifacts by name
    select steps.* exclude (body, level, place) replace (
        {_OWN}, slots.ordinal as ordinal, fresh.artifact_id as artifact_id, fresh.parents as parents,
        case when text = '' or not has_bodies then '' else text || ' Slot ' || slots.i || '.' end as text
    ), fresh.body as content
    from fresh inner join slots using (i) inner join steps on steps.artifact_id = fresh.old
    order by slots.i, steps.place""",
    f"""insert into generation.heads by name
    select t.* exclude (seq, batch_id) replace (
        {_OWN}, slots.ordinal as ordinal, made_now.artifact_id as artifact_id, parent.artifact_id as parent_artifact_id
    )
    from made.generation.heads as t inner join slots on slots.template = t.record_id
    inner join fresh as made_now on made_now.i = slots.i and made_now.old = t.artifact_id
    inner join fresh as parent on parent.i = slots.i and parent.old = t.parent_artifact_id
    where {_OF_STEP} order by slots.i, t.seq""",
    f"""insert into generation.calls by name
    with asked as (
        select t.* exclude (batch_id) replace ({_OWN}), slots.i, t.artifact_id as brought, cast(r.parameters ->> '$.seed' as bigint) as seed
        from made.generation.calls as t inner join slots on slots.template = t.record_id
        inner join made.generation.recipes as r using (recipe_id) where {_OF_STEP}
    ),
    seeded as (
        select *, ('0x' || left(named('["seed:1",' || seed || ',' || to_json(record_id) || ',' || to_json(agent) || ','
            || round || ']'), 15))::bigint as own_seed from asked
    ),
    keyed as (
        select * replace (named('["request:1",' || to_json(record_id) || ',' || to_json(agent) || ',' || round || ','
            || to_json(recipe_id) || ',' || own_seed || ',[]]') as request_hash) from seeded
    )
    select keyed.* exclude (i, brought, seed, own_seed) replace (
        fresh.artifact_id as artifact_id, named('["call:1",' || to_json(request_hash) || ',' || attempt || ']') as call_id
    )
    from keyed left join fresh on fresh.i = keyed.i and fresh.old = keyed.brought order by keyed.i, started_at""",
    f"""insert into quality.check_results by name
    select t.* exclude (batch_id) replace (
        {_OWN}, fresh.artifact_id as artifact_id,
        (t.is_passed and not (t.check_name = 'dose_exists' and slots.i % 5000 = 7)) as is_passed
    )
    from made.quality.check_results as t inner join slots on slots.template = t.record_id
    inner join fresh on fresh.i = slots.i and fresh.old = t.artifact_id where {_OF_STEP} order by slots.i, t.checked_at""",
]
