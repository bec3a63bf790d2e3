"""What a page of search results shows of each record."""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import duckdb

_AROUND = 60  # characters of context on each side of a match


class Snippet(NamedTuple):
    """A match in its context; `where` is note or dialogue."""

    where: str
    before: str
    match: str
    after: str


class Result(NamedTuple):
    """One line of the list. Ages in years; None where there is no scenario yet."""

    record_id: str
    code: str
    description: str
    complaint: str
    age_years: float | None
    gender: str
    setting: str
    stages: int  # of three
    engine: str
    made_at: dt.datetime | None
    checks: int
    failed: int
    quarantined_for: str  # the reason, '' where the slot is not in quarantine
    snippet: Snippet | None


_RESULTS = """
with ids as (select unnest($ids::varchar[]) as record_id),
codes as (select unnest($codes::varchar[]) as icd_code),
current as (
    select
        record_id, stage, arg_max(artifact_id, seq) as artifact_id, arg_max(engine, seq) as engine, max(set_at) as set_at
    from generation.heads where icd_code in (from codes) and record_id in (from ids)
    group by record_id, stage
),
made as (
    select record_id, count(*) as stage_count, any_value(engine) as engine, max(set_at) as made_at
    from current group by record_id
),
scenarios as (
    select
        current.record_id,
        a.content ->> '$.symptom_description.chief_complaint' as complaint,
        try_cast(a.content ->> '$.demographics.age_years' as double) as age_years,
        a.content ->> '$.demographics.gender' as gender,
        a.content ->> '$.clinical_setting' as setting
    from current inner join generation.artifacts as a using (artifact_id)
    where current.stage = 'scenarios' and a.icd_code in (from codes) and a.record_id in (from ids)
),
verdicts as (
    select record_id, artifact_id, check_name, arg_max(is_passed, checked_at) as is_passed
    from quality.check_results where icd_code in (from codes) and record_id in (from ids)
    group by record_id, artifact_id, check_name
),
judged as (
    select record_id, count(*) as check_count, count(*) filter (where not is_passed) as failed_count
    from verdicts where artifact_id in (select artifact_id from current) group by record_id
),
failed_attempts as (
    select record_id, arg_max(reason, seq) as reason from generation.quarantine as q
    where record_id in (from ids) and not exists (
        select 1 from generation.heads as h
        where h.record_id = q.record_id and h.stage = q.stage and h.set_at >= q.quarantined_at
    )
    group by record_id
)
select
    ids.record_id, scenarios.complaint, scenarios.age_years, scenarios.gender, scenarios.setting,
    made.stage_count, made.engine, made.made_at, judged.check_count, judged.failed_count, failed_attempts.reason
from ids
left join made using (record_id)
left join scenarios using (record_id)
left join judged using (record_id)
left join failed_attempts using (record_id)
"""
_TEXTS = """
select a.record_id, a.kind, a.text
from generation.heads as h inner join generation.artifacts as a using (artifact_id)
where h.icd_code in (select unnest($codes::varchar[])) and a.record_id in (select unnest($ids::varchar[]))
    and a.kind in ('note', 'dialogue') and contains(lower(a.text), $text)
order by a.kind, h.seq
"""


def results(
    con: duckdb.DuckDBPyConnection, slots: Sequence[tuple[str, str, int]], descriptions: dict[str, str], text: str
) -> list[Result]:
    """The lines for these slots, in their order; with what surrounds `text` where one is looked for."""
    ids, codes = [slot[0] for slot in slots], sorted({slot[1] for slot in slots})
    found = {row[0]: row[1:] for row in con.execute(_RESULTS, {"ids": ids, "codes": codes}).fetchall()}
    snippets = dict(_snippets(con, ids, codes, text)) if text else {}
    return [
        _result(record_id, code, descriptions.get(code, ""), found[record_id], snippets.get(record_id))
        for record_id, code, _ in slots
    ]


def _result(record_id: str, code: str, description: str, row: Sequence[Any], snippet: Snippet | None) -> Result:
    complaint, age, gender, setting, stages, engine, made_at, checks, failed, reason = row
    return Result(
        record_id, code, description, complaint or "", age, gender or "", setting or "",
        stages or 0, engine or "", made_at, checks or 0, failed or 0, reason or "", snippet,
    )  # fmt: skip


def _snippets(
    con: duckdb.DuckDBPyConnection, ids: list[str], codes: list[str], text: str
) -> Iterator[tuple[str, Snippet]]:
    """One a record: notes and newer texts come last, and the last one counts."""
    for record_id, kind, body in con.execute(_TEXTS, {"ids": ids, "codes": codes, "text": text.lower()}).fetchall():
        match = re.search(re.escape(text), body, re.IGNORECASE)
        if match:
            start, end = match.span()
            before = ("…" if start > _AROUND else "") + body[max(0, start - _AROUND) : start]
            after = body[end : end + _AROUND] + ("…" if end + _AROUND < len(body) else "")
            yield record_id, Snippet(kind, before, match[0], after)
