"""Reading and writing the `generation` schema: what stands for a slot, and what was just made."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import duckdb
import orjson
import pyarrow as pa

from medsynth_assets.records.artifact import Artifact, Kind, Recipe, RecipePart, Stage
from medsynth_assets.records.call import Call
from medsynth_assets.records.identity import Slot
from medsynth_assets.warehouse.clock import moment

_NEWEST_PLANS = (
    "from generation.artifacts where kind = 'plan' and icd_code in (select unnest(?::varchar[])) "
    "qualify row_number() over (partition by record_id order by created_at desc) = 1"
)


class Head(NamedTuple):
    """The current product of a slot at a stage, and what it was made from and how."""

    artifact: Artifact
    parent_artifact_id: str
    stage_recipe_id: str


class Made(NamedTuple):
    """What one slot brought: written in one transaction, or not at all."""

    slot: Slot
    artifacts: Sequence[Artifact]
    products: dict[Stage, Artifact]
    calls: Sequence[Call]
    quarantined: tuple[Stage, str, str] | None  # stage, reason, detail
    stage_recipe_ids: dict[Stage, str]
    engine: str
    icd_description: str | None = None  # of the code, as the scenario was made from it; None where there is none


def heads(
    con: duckdb.DuckDBPyConnection, codes: list[str], stages: Sequence[Stage] = tuple(Stage)
) -> dict[tuple[str, Stage], Head]:
    """Current heads of the codes, by record id and stage."""
    rows = con.execute(
        "select h.stage, h.parent_artifact_id, h.stage_recipe_id, a.kind, a.icd_code, a.ordinal, a.content, a.text,"
        " a.parents, a.recipe_id, a.engine, a.model "
        "from generation.current_heads as h inner join generation.artifacts as a using (artifact_id) "
        "where h.icd_code in (select unnest(?::varchar[])) and h.stage in (select unnest(?::varchar[]))",
        [codes, list(stages)],
    ).fetchall()
    found = {}
    for stage, parent, stage_recipe_id, *artifact in rows:
        made = _artifact(artifact)
        found[made.slot.record_id, Stage(stage)] = Head(made, parent, stage_recipe_id)
    return found


def standing_ids(con: duckdb.DuckDBPyConnection, codes: list[str]) -> dict[str, dict[Stage, str]]:
    """Ids of the artifacts that stand for the slots of the codes, by record id and stage."""
    found: dict[str, dict[Stage, str]] = {}
    for record_id, stage, artifact_id in con.execute(
        "select record_id, stage, artifact_id from generation.current_heads "
        "where icd_code in (select unnest(?::varchar[]))",
        [codes],
    ).fetchall():
        found.setdefault(record_id, {})[Stage(stage)] = artifact_id
    return found


def plans(con: duckdb.DuckDBPyConnection, codes: list[str]) -> dict[str, Artifact]:
    """The newest plan of each slot of the codes, by record id."""
    rows = con.execute(
        f"select kind, icd_code, ordinal, content, text, parents, recipe_id, engine, model {_NEWEST_PLANS}",
        [codes],
    ).fetchall()
    return {made.slot.record_id: made for made in map(_artifact, rows)}


def planned_patients(con: duckdb.DuckDBPyConnection, codes: list[str]) -> dict[str, tuple[str, str, float, str]]:
    """Of the newest plan of each slot of the codes: code, its description, age in years and sex, by record id."""
    rows = con.execute(
        "select record_id, icd_code, content ->> '$.icd.description', cast(content ->> '$.age_years' as double),"
        f" content ->> '$.sex' {_NEWEST_PLANS}",
        [codes],
    ).fetchall()
    return {record_id: (code, description, age_years, sex) for record_id, code, description, age_years, sex in rows}


def artifacts(con: duckdb.DuckDBPyConnection, ids: list[str]) -> dict[str, Artifact]:
    """Artifacts by id."""
    rows = con.execute(
        "select artifact_id, kind, icd_code, ordinal, content, text, parents, recipe_id, engine, model "
        "from generation.artifacts where artifact_id in (select unnest(?::varchar[]))",
        [ids],
    ).fetchall()
    return {row[0]: _artifact(row[1:]) for row in rows}


def parameters_text(parameters: Mapping[str, Any]) -> str:
    """As the tables hold them."""
    return json.dumps(parameters, sort_keys=True)


def dialogue_languages(con: duckdb.DuckDBPyConnection, ids: list[str]) -> dict[str, str]:
    """BCP 47 tags of those dialogues that are not in English, by artifact id."""
    rows = con.execute(
        "select artifact_id, parameters ->> '$.dialogue_language' as tag from generation.artifacts"
        " inner join generation.recipes using (recipe_id) "
        "where artifact_id in (select unnest(?::varchar[])) and tag is not null and lower(split_part(tag, '-', 1)) <> 'en'",
        [ids],
    ).fetchall()
    return dict(rows)


def _artifact(row: Sequence[Any]) -> Artifact:
    kind, code, ordinal, content, text, parents, recipe_id, engine, model = row
    return Artifact(
        Kind(kind), Slot(code, ordinal), json.loads(content), text, tuple(parents), recipe_id, engine, model
    )


def codes_with_data(con: duckdb.DuckDBPyConnection) -> set[str]:
    """Codes that any slot was ever filled for."""
    return {row[0] for row in con.execute("select distinct icd_code from generation.heads").fetchall()}


def codes_wanted(con: duckdb.DuckDBPyConnection) -> set[str]:
    """Codes that records were ever asked for, whether any was made or not."""
    return {row[0] for row in con.execute("select distinct icd_code from generation.targets").fetchall()}


class Rows(NamedTuple):
    """For one table: where `key` names a column, only rows whose key is not there yet. at: the column of the time of writing."""

    table: str
    key: str
    at: str
    rows: pa.Table


def batch_of(
    made: Sequence[Made], recipes: Iterable[Recipe], run_id: str, parts: Iterable[RecipePart] = ()
) -> list[Rows]:
    """Everything that these slots brought, as `write` takes it: made before the warehouse is opened, which others wait for."""
    at = {"run_id": run_id}
    made_artifacts = [
        {
            "artifact_id": a.artifact_id, "kind": a.kind.value, "record_id": a.slot.record_id, "icd_code": a.slot.code,
            "ordinal": a.slot.ordinal, "content": _as_json(a.content), "text": a.text,
            "parents": list(a.parents), "recipe_id": a.recipe_id, "engine": a.engine, "model": a.model, **at,
        }
        for m in made for a in m.artifacts
    ]  # fmt: skip
    made_heads = [
        {
            "record_id": m.slot.record_id, "icd_code": m.slot.code, "ordinal": m.slot.ordinal, "stage": stage.value,
            "artifact_id": product.artifact_id, "parent_artifact_id": _parent_of(product),
            "stage_recipe_id": m.stage_recipe_ids[stage], "engine": m.engine, "icd_description": m.icd_description, **at,
        }
        for m in made for stage, product in m.products.items()
    ]  # fmt: skip
    quarantine = [
        {
            "record_id": m.slot.record_id, "icd_code": m.slot.code, "ordinal": m.slot.ordinal, "stage": stage.value,
            "reason": reason, "detail": detail, "engine": m.engine, "stage_recipe_id": m.stage_recipe_ids[stage], **at,
        }
        for m in made if m.quarantined for stage, reason, detail in [m.quarantined]
    ]  # fmt: skip
    recipe_rows = [
        {
            **r._asdict(), "agent": r.agent.value, "recipe_id": r.recipe_id, "families": list(r.families),
            "parameters": parameters_text(r.parameters),
        }
        for r in recipes
    ]  # fmt: skip
    calls = [_call_row(call, run_id) for m in made for call in m.calls]
    found = [
        _rows("artifacts", "artifact_id", "created_at", made_artifacts),
        _rows("heads", "", "set_at", made_heads),
        _rows("quarantine", "", "quarantined_at", quarantine),
        _rows("calls", "call_id", "", calls),
        _rows("recipes", "recipe_id", "first_used_at", recipe_rows),
        _rows("recipe_parts", "part_hash", "first_used_at", [part._asdict() for part in parts]),
    ]
    return [some for some in found if some.rows]


def write(con: duckdb.DuckDBPyConnection, batch: Iterable[Rows]) -> None:
    """Append it. Artifacts, calls, recipes and their texts already there are not repeated."""
    now = moment(con)
    for some in batch:
        time, values = (f", cast(? as timestamptz) as {some.at}", [now]) if some.at else ("", [])
        new = f"anti join generation.{some.table} as old using ({some.key})" if some.key else ""
        con.register("new_rows", some.rows)
        con.execute(f"insert into generation.{some.table} by name select *{time} from new_rows {new}", values)
        con.unregister("new_rows")


def quota(con: duckdb.DuckDBPyConnection, codes: list[str], stage: Stage) -> dict[str, tuple[int, int]]:
    """Records accepted and wanted by code. A slot in quarantine is not accepted, though an older record may stand."""
    rows = con.execute(
        "with wanted as ("
        " select icd_code, record_count from generation.targets where icd_code in (select unnest(?::varchar[]))"
        " qualify row_number() over (partition by icd_code order by set_at desc) = 1"
        "), accepted as ("
        " select h.icd_code, h.ordinal from generation.current_heads as h"
        " left join generation.current_quarantine as q on h.record_id = q.record_id and h.stage = q.stage"
        " where h.stage = ? and q.record_id is null"
        ") select icd_code, count(*) filter (where ordinal <= record_count), any_value(record_count)"
        " from wanted left join accepted using (icd_code) group by icd_code order by icd_code",
        [codes, stage.value],
    ).fetchall()
    return {code: (accepted, target) for code, accepted, target in rows}


def set_targets(con: duckdb.DuckDBPyConnection, record_counts: Mapping[str, int], run_id: str) -> None:
    """How many records each code is to have, where that is news."""
    con.execute(
        "insert into generation.targets (icd_code, record_count, run_id, set_at) select code, record_count, ?, ? "
        "from (select unnest(?::varchar[]) as code, unnest(?::integer[]) as record_count) as wanted "
        "where not exists (from generation.targets as t where t.icd_code = code"
        " qualify row_number() over (order by set_at desc) = 1 and t.record_count = wanted.record_count)",
        [run_id, moment(con), list(record_counts), list(record_counts.values())],
    )


def marks(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Codes that are kept as they are, and why."""
    return dict(con.execute("select icd_code, mark from generation.current_marks where mark <> ''").fetchall())


def set_marks(con: duckdb.DuckDBPyConnection, marks: Mapping[str, str], codes: list[str], run_id: str) -> None:
    """Which of the codes are kept as they are, and why; '' for one that is in force again. Says what is news."""
    con.execute(
        "insert into generation.code_marks (icd_code, mark, run_id, marked_at) "
        "select icd_code, coalesce(new.mark, ''), ?, ? "
        "from (select unnest(?::varchar[]) as icd_code) as codes"
        " left join (select unnest(?::varchar[]) as icd_code, unnest(?::varchar[]) as mark) as new using (icd_code)"
        " left join generation.current_marks as old using (icd_code) "
        "where coalesce(new.mark, '') <> coalesce(old.mark, '')",
        [run_id, moment(con), codes, list(marks), list(marks.values())],
    )


def _parent_of(product: Artifact) -> str:
    """The product of the stage before: the last parent. A scenario's is the verdict on it."""
    return product.parents[-1]


def _call_row(call: Call, run_id: str) -> dict[str, Any]:
    row = call._asdict()
    row["agent"] = call.agent.value
    row["messages"] = _as_json(call.messages) if call.messages is not None else None
    row["parameters"] = parameters_text(call.parameters)
    row["artifact_id"] = call.artifact_id or None
    return {**row, "run_id": run_id}


def _rows(table: str, key: str, at: str, rows: Iterable[dict[str, Any]]) -> Rows:
    """Of rows with an equal key the first."""
    if key:
        first: dict[str, dict[str, Any]] = {}
        for row in rows:
            first.setdefault(row[key], row)
        rows = first.values()
    return Rows(table, key, at, pa.Table.from_pylist(list(rows)))


def _as_json(value: Any) -> str:
    """Any JSON will do for what is read as JSON again; `json` takes what `orjson` refuses."""
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:
        return json.dumps(value, ensure_ascii=False)
