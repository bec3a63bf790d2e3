"""Reading pairs for review; reading and writing generation.reviews and generation.withdrawals."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import duckdb
import polars as pl

from medsynth_assets.errors import WarehouseError
from medsynth_assets.records.review import DIMENSIONS, Level, Review

_COLUMNS = tuple(Review.model_fields)


class Candidate(NamedTuple):
    """A current, complete record that may be reviewed. checks: passed, warned or rejected; failed_checks: names."""

    record_id: str
    icd_code: str
    icd_description: str
    chapter: str
    encounter_type: str
    note: str
    dialogue: str
    note_id: str
    dialogue_id: str
    engine: str
    model: str
    checks: str
    failed_checks: list[str]


class Judgement(NamedTuple):
    """What a judge of the chain said of a record: a rank (0 is worst) of `ranks`, on a dimension of people's reviews."""

    dialogue_id: str
    judge: str
    dimension: str
    rank: int
    ranks: int


def candidates(con: duckdb.DuckDBPyConnection) -> list[Candidate]:
    """Every record with a current scenario, note and dialogue made from one another. Raises WarehouseError for none at all."""
    try:
        rows = con.execute(
            "with failed as ("
            " select artifact_id, list(check_name) as names, bool_or(severity = 'critical') as is_critical"
            " from staging.stg_verdicts where not is_passed group by artifact_id"
            "), pairs as ("
            " select scenarios.record_id, scenarios.icd_code, coalesce(codes.description, '') as icd_description,"
            "  coalesce(codes.chapter, '') as chapter, coalesce(scenarios.encounter_type, '') as encounter_type,"
            "  notes.note, dialogues.dialogue, notes.note_id, dialogues.dialogue_id, dialogues.engine, dialogues.model,"
            "  [scenarios.scenario_id, notes.note_id, dialogues.dialogue_id] as parts"
            " from staging.stg_scenarios as scenarios"
            " inner join staging.stg_notes as notes using (record_id, scenario_id)"
            " inner join staging.stg_dialogues as dialogues using (record_id, note_id)"
            " left join staging.stg_icd10cm_codes as codes on scenarios.icd_code = codes.code"
            ") select pairs.* exclude (parts),"
            " case when bool_or(failed.is_critical) then 'rejected' when count(failed.artifact_id) > 0 then 'warned'"
            "  else 'passed' end as checks,"
            " coalesce(list_sort(list_distinct(flatten(list(failed.names) filter (failed.names is not null)))), []) as failed_checks "
            "from pairs left join failed on list_contains(parts, failed.artifact_id) "
            "group by all order by record_id"
        ).fetchall()
    except duckdb.CatalogException as error:
        raise WarehouseError("the warehouse has no records yet; make some with: medsynth run --top 20") from error
    return [Candidate(*row) for row in rows]


def is_pair(con: duckdb.DuckDBPyConnection, keys: Iterable[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
    """Of these (record_id, note_id, dialogue_id) those whose dialogue was made from that note, current or not."""
    asked = list(set(keys))
    rows = con.execute(
        "select asked.record_id, asked.note_id, asked.dialogue_id "
        "from (select unnest($records::varchar[]) as record_id, unnest($notes::varchar[]) as note_id,"
        " unnest($dialogues::varchar[]) as dialogue_id) as asked "
        "semi join generation.heads as heads on heads.stage = 'dialogues' and heads.record_id = asked.record_id"
        " and heads.artifact_id = asked.dialogue_id and heads.parent_artifact_id = asked.note_id",
        {
            "records": [key[0] for key in asked], "notes": [key[1] for key in asked],
            "dialogues": [key[2] for key in asked],
        },
    ).fetchall()  # fmt: skip
    return {(record_id, note_id, dialogue_id) for record_id, note_id, dialogue_id in rows}


def newest_reviews(con: duckdb.DuckDBPyConnection) -> list[Review]:
    """The newest of each reviewer on each pair."""
    rows = con.execute(
        f"select {', '.join(_COLUMNS)} from generation.reviews "
        "qualify row_number() over (partition by reviewer, note_id, dialogue_id order by batch_id desc) = 1 "
        "order by reviewer, record_id"
    ).fetchall()
    return [Review(**dict(zip(_COLUMNS, row, strict=True))) for row in rows]


def write_reviews(con: duckdb.DuckDBPyConnection, reviews: Sequence[Review]) -> None:
    """Append reviews."""
    _insert(con, "reviews", [review.model_dump(mode="python") for review in reviews])


def withdraw(con: duckdb.DuckDBPyConnection, reviews: Sequence[Review]) -> list[str]:
    """Take back the note and dialogue of every review that says unacceptable, once a reviewer. Returns their record ids."""
    rows = [
        {"artifact_id": made, "record_id": review.record_id, "reason": _reason(review), "reviewer": review.reviewer}
        for review in reviews
        if review.unacceptable
        for made in (review.note_id, review.dialogue_id)
    ]
    known = set(con.execute("select artifact_id, reviewer from generation.withdrawals").fetchall())
    _insert(con, "withdrawals", [row for row in rows if (row["artifact_id"], row["reviewer"]) not in known])
    return sorted({str(row["record_id"]) for row in rows})


def judgements(con: duckdb.DuckDBPyConnection, dialogue_ids: Sequence[str]) -> list[Judgement]:
    """What models said in the making of these dialogues, or of them: the scenario judge on what the record was made from
    (medically correct, plausible), and any verdict in the levels and dimensions that people use."""
    rows = con.execute(
        "with recursive line as ("
        " select artifact_id as dialogue_id, artifact_id, 0 as depth from generation.artifacts"
        " where artifact_id in (select unnest(?::varchar[])) union"
        " select line.dialogue_id, unnest(made.parents), depth + 1 from line"
        " inner join generation.artifacts as made using (artifact_id)"
        "), verdicts as ("
        " select line.dialogue_id, verdict.* from line inner join generation.artifacts as verdict using (artifact_id)"
        " where verdict.kind = 'verdict' union"
        " select line.dialogue_id, verdict.* from line inner join generation.artifacts as verdict"
        " on list_contains(verdict.parents, line.dialogue_id) where line.depth = 0 and verdict.kind like '%verdict%'"
        ") select distinct dialogue_id, model, content ->> '$.medically_correct', content ->> '$.plausible',"
        " content ->> '$.factuality', content ->> '$.completeness', content ->> '$.soap', content ->> '$.realism' "
        "from verdicts order by all",
        [list(dialogue_ids)],
    ).fetchall()
    found: list[Judgement] = []
    for dialogue_id, model, is_correct, is_plausible, *levels in rows:
        for dimension, said in (("factuality", is_correct), ("realism", is_plausible)):
            if said is not None:
                found.append(Judgement(dialogue_id, f"scenario judge ({model})", dimension, int(said == "true"), 2))
        for dimension, level in zip(DIMENSIONS, levels, strict=True):
            if level in list(Level):
                found.append(Judgement(dialogue_id, model, dimension, Level(level).rank, len(Level)))
    return found


def _reason(review: Review) -> str:
    said = f"unacceptable in {', '.join(review.unacceptable)}"
    return f"human review: {said}{f' ({review.comment})' if review.comment else ''}"


def _insert(con: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        con.register("new_rows", pl.DataFrame(rows, infer_schema_length=None))
        con.execute(f"insert into generation.{table} by name select * from new_rows")
        con.unregister("new_rows")
