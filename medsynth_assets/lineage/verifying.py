"""Verification: every hash recomputed from what is stored, from the roots down, and the first broken link of each record.

Put here: what a fault is and in which order links are looked at. Not here: reading (warehouse/audit_store.py) and the
seals over whole rows (warehouse/seals.py), which find what no id speaks for.
"""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from enum import IntEnum
from hashlib import blake2b
from typing import Any, NamedTuple

import duckdb
import orjson

from medsynth_assets.records.artifact import Kind
from medsynth_assets.records.environment import Environment
from medsynth_assets.records.identity import (
    Digest,
    artifact_id,
    call_id,
    digest,
    prompt_hash,
    request_hash,
    request_seed,
    schema_hash,
)
from medsynth_assets.records.jury_verdict import verdict_id
from medsynth_assets.warehouse import audit_store as store
from medsynth_assets.warehouse.seals import SEALED, Break, batches_of, broken_batches, broken_seals

_WAREHOUSE = ""  # the subject of faults that are no record's


class Link(IntEnum):
    """Links in the order from the roots down; the first broken one of a record is reported."""

    BATCH = 0
    REFERENCE = 1
    RECIPE = 2
    PLAN = 3
    SCENARIO = 4
    NOTE = 5
    DIALOGUE = 6
    CALL = 7
    HEAD = 8
    RELEASE = 9
    JURY = 10
    SEAL = 11


_LINK_OF_KIND = {
    Kind.PLAN: Link.PLAN, Kind.SCENARIO_DRAFT: Link.SCENARIO, Kind.VERDICT: Link.SCENARIO, Kind.SCENARIO: Link.SCENARIO,
    Kind.NOTE_DRAFT: Link.NOTE, Kind.NOTE: Link.NOTE, Kind.DIALOGUE_DRAFT: Link.DIALOGUE, Kind.DIALOGUE: Link.DIALOGUE,
    Kind.DIALOGUE_AGENDA: Link.DIALOGUE, Kind.UTTERANCE: Link.DIALOGUE,
}  # fmt: skip
_LINK_OF_LABEL = {"call": Link.CALL, "release": Link.RELEASE, "jury": Link.JURY}


class Fault(NamedTuple):
    """A link that does not hold. subject: a record id, or what else the row is about; '' for the warehouse itself."""

    subject: str
    link: Link
    says: str


class Verification(NamedTuple):
    """What verifying came to. removed: bodies that are gone on purpose, which is no fault."""

    artifacts: int
    calls: int
    removed: int
    faults: list[Fault]

    @property
    def holds(self) -> bool:
        return not self.faults

    def first_broken(self) -> dict[str, Fault]:
        """The first broken link of each subject, nearest to the roots."""
        first: dict[str, Fault] = {}
        for fault in sorted(self.faults):
            first.setdefault(fault.subject, fault)
        return first


Watch = Callable[[str], None]


def verify(
    con: duckdb.DuckDBPyConnection,
    record_id: str | None = None,
    watch: Watch = lambda _: None,
    beside: duckdb.DuckDBPyConnection | None = None,
) -> Verification:
    """Verify one record with everything it rests on, or the whole warehouse. `watch` is told what is looked at.

    beside: a second connection to the same file, on which seals are recomputed meanwhile: DuckDB hashes those, Python the ids.
    """
    with ThreadPoolExecutor(1) as pool:
        sealing = pool.submit(lambda: list(_seals(beside, record_id))) if beside else None
        found = _verify_ids(con, record_id, watch)
        watch("seals")
        faults = [*found.faults, *(sealing.result() if sealing else _seals(con, record_id))]
    return found._replace(faults=faults)


def _verify_ids(con: duckdb.DuckDBPyConnection, record_id: str | None, watch: Watch) -> Verification:
    faults: list[Fault] = []
    watch("reference releases and recipes")
    faults += _reference(con, record_id)
    faults += _recipes(con, record_id)
    watch("artifacts")
    artifacts = calls = 0
    for checked, fault in _artifacts(con, record_id):
        artifacts += checked
        faults += fault
    watch("calls")
    for checked, fault in _calls(con, record_id):
        calls += checked
        faults += fault
    watch("verdicts of the jury")
    faults += _verdicts(con, record_id)
    watch("references")
    faults += (_dangling(found) for found in store.dangling(con, record_id))
    return Verification(artifacts, calls, store.removed_on_purpose(con, record_id), faults)


def _reference(con: duckdb.DuckDBPyConnection, record_id: str | None) -> Iterator[Fault]:
    for row in store.prevalence_rows(con, record_id):
        if not _is_digest(row["row_hash"], "prevalence-row:1", *list(row.values())[:-1]):
            yield Fault(row["release_id"], Link.REFERENCE, f"prevalence row of {row['code']} is not what was loaded")
    hashes: dict[str, list[str]] = {}
    for columns in store.code_parts(con, record_id):
        for release, row_hash, code, body in zip(*columns, strict=True):
            hashes.setdefault(release, []).append(row_hash)
            if _hashed(body) != row_hash and digest(*_json(body)) != row_hash:
                yield Fault(release, Link.REFERENCE, f"ICD-10-CM row of {code} is not what was loaded")
    if record_id is None:
        for release, of_rows in hashes.items():
            if release != blake2b("".join(of_rows).encode(), digest_size=12).hexdigest():
                yield Fault(release, Link.REFERENCE, "the rows of the ICD-10-CM release do not add up to it")
    for row in store.planned_rows(con, record_id):
        says = f"the row of {row['table_name']} that plan {row['artifact_id']} was drawn from is not there"
        yield Fault(row["record_id"], Link.REFERENCE, says)


def _recipes(con: duckdb.DuckDBPyConnection, record_id: str | None) -> Iterator[Fault]:
    for row in store.recipe_texts(con, record_id):
        named = prompt_hash(row["body"]) if row["kind"] == "prompt" else schema_hash(_json(row["body"]))
        if named != row["part_hash"]:
            yield Fault(
                row["part_hash"], Link.RECIPE, f"the {row['kind'].replace('_', ' ')} is not the text it is named by"
            )
    for row in store.recipes(con, record_id):
        parts = {name: row[name] for name in _RECIPE_FIELDS} | {"parameters": _json(row["parameters"])}
        if digest("recipe:1", parts) != row["recipe_id"]:
            yield Fault(row["recipe_id"], Link.RECIPE, f"the {row['agent']} recipe is not what it is named by")
    for row in store.environments(con):
        named = Environment(
            row["git_commit"], row["is_modified"], row["python_version"], _json(row["packages"])
        ).environment_id
        if named != row["environment_id"]:
            yield Fault(row["environment_id"], Link.RECIPE, "the environment is not what it is named by")


_RECIPE_FIELDS = (
    "agent", "prompt_hash", "schema_hash", "engine", "model", "parameters", "families", "knowledge_hash",
)  # fmt: skip


def _json(text: str) -> Any:
    """What is not JSON any more is no value that hashes to a stored id."""
    try:
        return json.loads(text)
    except ValueError:
        return {"not JSON": text}


def _is_digest(named: str, *parts: object) -> bool:
    return any(by(*parts) == named for by in (_quick, digest))


def _quick(*parts: object) -> str:
    """A digest by orjson, whose canonical JSON differs from json's in a few numbers: who finds another one asks `digest`."""
    try:
        return _hashed(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS).decode())
    except orjson.JSONEncodeError:
        return ""


def _hashed(body: str) -> str:
    """What canonical JSON is named."""
    return blake2b(body.encode(), digest_size=12).hexdigest()


def _artifacts(con: duckdb.DuckDBPyConnection, record_id: str | None) -> Iterator[tuple[int, list[Fault]]]:
    for ids, records, kinds, contents, heads, tails in store.artifact_parts(con, record_id):
        wrong = [n for n, made in enumerate(ids) if _named_by(heads[n], contents[n], tails[n]) != made]
        faults = [
            Fault(records[n], _link_of(kinds[n]), f"{kinds[n]} {ids[n]}: its content is not what it is named by")
            for n in wrong
            if not _is_named(ids[n], records[n], kinds[n], contents[n], tails[n])
        ]
        yield len(ids), faults


def _named_by(head: bytes, content: bytes, tail: bytes) -> str:
    """The id of an artifact, quickly: see _quick."""
    try:
        body = orjson.dumps(orjson.loads(content), option=orjson.OPT_SORT_KEYS)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return ""
    return blake2b(b"".join((head, body, tail)), digest_size=12).hexdigest()


def _is_named(made: str, record_id: str, kind: str, content: bytes, tail: bytes) -> bool:
    """The same, by the definition of an artifact's id."""
    parents, recipe_id = json.loads(b"[" + tail[1:])
    return artifact_id(kind, record_id, _json(content.decode()), parents, recipe_id) == made


def _link_of(kind: str) -> Link:
    return _LINK_OF_KIND.get(Kind(kind), Link.SEAL) if kind in set(Kind) else Link.PLAN


def _calls(con: duckdb.DuckDBPyConnection, record_id: str | None) -> Iterator[tuple[int, list[Fault]]]:
    for columns in store.call_parts(con, record_id):
        rows = list(zip(*columns, strict=True))
        yield len(rows), [fault for row in rows for fault in _call(*row)]


_EDITIONS = 1000  # tries of one stage by one recipe that are looked through; all but a few calls are of the first


def _call(
    made: str, key: str, record_id: str, agent: str, round_: int, attempt: int, recipe_id: str, messages: str | None,
    output: str | None, started_us: int, seed: int | None, is_removed: bool,
) -> Iterator[Fault]:  # fmt: skip
    if not any(made in _call_ids(key, attempt, started_us, by) for by in (_quick, digest)):
        yield Fault(record_id, Link.CALL, f"call {made}: its request, attempt or time is not what it is named by")
    if is_removed or seed is None or output not in (None, "json_schema"):
        return  # with another form of output the schema went into the messages: seals speak for those
    sent = _json(messages or "[]")
    for by in (_quick, digest):
        seeds = (request_seed(seed, record_id, agent, round_, edition, by) for edition in range(_EDITIONS))
        if any(key == request_hash(record_id, agent, round_, recipe_id, drawn, sent, by) for drawn in seeds):
            return
    yield Fault(record_id, Link.CALL, f"call {made}: what was sent is not what its request is named by")


def _call_ids(key: str, attempt: int, started_us: int, by: Digest) -> Iterator[str]:
    """What a call may be named: the time is in the name where something was sent."""
    yield call_id(key, attempt, None, by)
    yield call_id(key, attempt, dt.datetime.fromtimestamp(0, dt.UTC) + dt.timedelta(microseconds=started_us), by)


def _verdicts(con: duckdb.DuckDBPyConnection, record_id: str | None) -> Iterator[Fault]:
    for row in store.verdict_parts(con, record_id):
        named = verdict_id(
            row["kind"], row["record_id"], _json(row["content"]), row["parents"], row["recipe_id"], row["call_ids"]
        )
        if named != row["verdict_id"]:
            yield Fault(row["record_id"], Link.JURY, f"jury verdict {row['verdict_id']}: it is not what it is named by")


def _dangling(found: store.Dangling) -> Fault:
    word = found.label.split()[0]
    link = _LINK_OF_KIND[Kind(word)] if word in set(Kind) else _LINK_OF_LABEL.get(word, Link.HEAD)
    return Fault(found.subject, Link.RECIPE if " recipe " in found.label else link, f"{found.label}: {found.says}")


def _seals(con: duckdb.DuckDBPyConnection, record_id: str | None) -> Iterator[Fault]:
    for sealed in SEALED:
        subjects = None if record_id is None else store.subjects(con, sealed.table, record_id)
        yield from (_unsealed(broken) for broken in broken_seals(con, sealed, subjects))
    for says in broken_batches(con, None if record_id is None else batches_of(con, record_id)):
        yield Fault(_WAREHOUSE, Link.BATCH, says)


def _unsealed(broken: Break) -> Fault:
    return Fault(broken.subject or _WAREHOUSE, Link.SEAL, str(broken))
