"""The dataset as a whole: how far each chapter is, what it cost, what was accepted, what the records are like.

Computed from what gathering.py copies. What needs the content of records (age, lengths) is read from its sample, and says so.
"""

from typing import NamedTuple

import duckdb

AGE_BAND_YEARS = 10
TURN_BAND = 10
NOTE_BAND_WORDS = 50


class Chapter(NamedTuple):
    """Records of one ICD-10-CM chapter. `missing`: wanted, neither complete nor in quarantine."""

    title: str
    codes: int
    wanted: int
    complete: int
    quarantined: int

    @property
    def missing(self) -> int:
        return max(0, self.wanted - self.complete - self.quarantined)


class Spent(NamedTuple):
    """What one agent took with one model. Tokens and dollars of calls that were sent."""

    agent: str
    engine: str
    model: str
    calls: int
    failed: int
    tokens: int
    cost_usd: float
    latency_median_ms: float


class CheckRate(NamedTuple):
    """How many current records a check judged, and how many passed."""

    name: str
    judged: int
    passed: int

    @property
    def failed(self) -> int:
        return self.judged - self.passed


class Bar(NamedTuple):
    label: str
    number: int


class Dataset(NamedTuple):
    chapters: list[Chapter]
    spent: list[Spent]
    checks: list[CheckRate]
    rounds: list[Bar]  # scenarios by the attempt that the judge approved
    reasons: list[Bar]  # quarantine by reason
    engines: list[Bar]
    ages: list[tuple[str, int, int]]  # band, female, male
    turns: list[Bar]
    words: list[Bar]
    sampled: int
    records: int

    @property
    def wanted(self) -> int:
        return sum(chapter.wanted for chapter in self.chapters)

    @property
    def complete(self) -> int:
        return sum(chapter.complete for chapter in self.chapters)

    @property
    def quarantined(self) -> int:
        return sum(chapter.quarantined for chapter in self.chapters)

    @property
    def cost_usd(self) -> float:
        return sum(spent.cost_usd for spent in self.spent)

    @property
    def calls(self) -> int:
        return sum(spent.calls for spent in self.spent)

    @property
    def tokens(self) -> int:
        return sum(spent.tokens for spent in self.spent)


# What stands, once for all queries: a temporary table lives in memory, also beside a file that can only be read.
_CURRENT = """
create temp table current as
select
    record_id, icd_code, stage, arg_max(artifact_id, seq) as artifact_id,
    arg_max(parent_artifact_id, seq) as parent_artifact_id, arg_max(engine, seq) as engine
from generation.heads group by record_id, icd_code, stage
"""
_SAMPLED = "create temp table sampled as select artifact_id, stage from current where hash(record_id) % ? = 0"
_CHAPTERS = """
with complete as (
    select d.icd_code, count(*) as complete_count
    from current as d
    inner join current as n on d.parent_artifact_id = n.artifact_id and n.stage = 'notes' and n.record_id = d.record_id
    inner join current as s on n.parent_artifact_id = s.artifact_id and s.stage = 'scenarios' and s.record_id = n.record_id
    where d.stage = 'dialogues' group by d.icd_code
),
wanted as (
    select icd_code, arg_max(record_count, set_at) as wanted_count from generation.targets group by icd_code
),
quarantined as (
    select q.icd_code, count(distinct q.record_id) as quarantined_count from generation.quarantine as q
    where not exists (
        select 1 from generation.heads as h
        where h.record_id = q.record_id and h.stage = q.stage and h.set_at >= q.quarantined_at
    )
    group by q.icd_code
)
select
    coalesce(codes.chapter_title, 'Not in the code set'), count(*),
    sum(coalesce(wanted_count, complete_count, 0))::bigint, sum(coalesce(complete_count, 0))::bigint,
    sum(coalesce(quarantined_count, 0))::bigint
from wanted
full join complete using (icd_code)
full join quarantined using (icd_code)
left join reference.icd10cm_codes as codes on codes.code = icd_code
group by codes.chapter_title order by min(icd_code)
"""
_SPENT = """
select
    agent, engine, model, count(*), count(*) filter (where status <> 'ok'),
    coalesce(sum(input_tokens + output_tokens), 0)::bigint,
    coalesce(sum(cost_usd), 0), approx_quantile(latency_ms, 0.5)
from generation.calls group by agent, engine, model order by min(started_at), agent
"""
# Failures are counted; how many were judged is taken from the sample, since every verdict of a large dataset is too many.
_CHECKS = """
with failed as (
    select check_name, count(*) as failed_count
    from (
        select artifact_id, asset, check_name, arg_max(is_passed, checked_at) as is_passed
        from quality.check_results
        where artifact_id in (select artifact_id from quality.check_results where not is_passed)
        group by artifact_id, asset, check_name
    ) semi join current using (artifact_id)
    where not is_passed group by check_name
),
judged as (
    select check_name, count(*) * $every as judged_count
    from (select distinct artifact_id, asset, check_name from quality.check_results where hash(record_id) % $every = 0)
    semi join current using (artifact_id) group by check_name
)
select check_name, greatest(judged_count, failed_count)::bigint, greatest(0, judged_count - coalesce(failed_count, 0))::bigint
from judged full join failed using (check_name) order by coalesce(failed_count, 0) desc, check_name
"""
_ROUNDS = """
select round, count(*) from (
    select record_id, run_id, max(round) as round from generation.calls
    where agent = 'scenario_judge' and status = 'ok' group by record_id, run_id
) group by round order by round
"""
_REASONS = "select reason, count(*) from generation.quarantine group by reason order by count(*) desc limit 8"
_ENGINES = "select engine, count(distinct record_id) from current group by engine order by engine"
_RECORDS = "select count(distinct record_id) from current"
_AGES = f"""
select
    least(90, floor(a.age_years::double / {AGE_BAND_YEARS}) * {AGE_BAND_YEARS})::integer as band,
    count(*) filter (where a.gender = 'female'),
    count(*) filter (where a.gender = 'male')
from sampled inner join generation.artifacts as a using (artifact_id)
where stage = 'scenarios' and a.age_years is not null group by band order by band
"""  # noqa: S608
_TURNS = f"""
select a.line_count // {TURN_BAND} * {TURN_BAND} as band, count(*)
from sampled inner join generation.artifacts as a using (artifact_id)
where stage = 'dialogues' group by band order by band
"""  # noqa: S608
_WORDS = f"""
select a.word_count // {NOTE_BAND_WORDS} * {NOTE_BAND_WORDS} as band, count(*)
from sampled inner join generation.artifacts as a using (artifact_id)
where stage = 'notes' group by band order by band
"""  # noqa: S608


def dataset(con: duckdb.DuckDBPyConnection, every: int) -> Dataset:
    """Everything the dataset page shows, from a copy of which the sample has one in `every` records."""
    con.execute(_CURRENT)
    (records,) = con.execute(_RECORDS).fetchone() or (0,)
    con.execute(_SAMPLED, [every])
    turns = _banded(con.execute(_TURNS).fetchall(), TURN_BAND)
    return Dataset(
        chapters=[Chapter(*row) for row in con.execute(_CHAPTERS).fetchall()],
        spent=[Spent(*row) for row in con.execute(_SPENT).fetchall()],
        checks=[CheckRate(*row) for row in con.execute(_CHECKS, {"every": every}).fetchall()],
        rounds=[Bar(f"attempt {n}", count) for n, count in con.execute(_ROUNDS).fetchall()],
        reasons=[Bar(*row) for row in con.execute(_REASONS).fetchall()],
        engines=[Bar(*row) for row in con.execute(_ENGINES).fetchall()],
        ages=[(_band(band, AGE_BAND_YEARS, 90), f, m) for band, f, m in con.execute(_AGES).fetchall()],
        turns=turns,
        words=_banded(con.execute(_WORDS).fetchall(), NOTE_BAND_WORDS),
        sampled=sum(bar.number for bar in turns),
        records=records,
    )


def _banded(rows: list[tuple[int, int]], width: int) -> list[Bar]:
    """Bars of equal width from the first to the last, those without anything too."""
    counts = dict(rows)
    if not counts:
        return []
    return [Bar(str(start), counts.get(start, 0)) for start in range(min(counts), max(counts) + 1, width)]


def _band(start: int, width: int, last: int) -> str:
    return f"{start}+" if start >= last else f"{start}–{start + width - 1}"
