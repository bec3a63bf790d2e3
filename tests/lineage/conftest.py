"""A small warehouse with everything lineage rests on: three codes, six records, one of them made twice, one call to a model."""

import asyncio
import datetime as dt
import shutil
from functools import partial
from pathlib import Path

import polars as pl
import pytest

from medsynth_assets.agents.asking import Asking
from medsynth_assets.assets.generating import Generation
from medsynth_assets.assets.progress import LogProgress
from medsynth_assets.assets.work import Order
from medsynth_assets.checks.examining import examine
from medsynth_assets.clinical.knowledge import knowledge_base
from medsynth_assets.engines.offline.engine import OfflineEngine
from medsynth_assets.lineage.environment import note_run
from medsynth_assets.records.artifact import Agent, Stage
from medsynth_assets.records.call import Call
from medsynth_assets.records.identity import Slot, call_id, digest, request_hash, request_seed
from medsynth_assets.records.jury_verdict import JuryVerdict, VerdictKind
from medsynth_assets.records.review import Level, Review
from medsynth_assets.reference.groups import read_groups
from medsynth_assets.reference.prevalence import read_prevalence
from medsynth_assets.refresh.planning import named
from medsynth_assets.refresh.policy import Policy
from medsynth_assets.warehouse import generation_store, reference_store, review_store
from medsynth_assets.warehouse.file import WarehouseFile
from medsynth_assets.warehouse.jury_store import write_verdicts
from medsynth_assets.warehouse.lake import LakeWarehouse
from medsynth_assets.warehouse.opening import AnyWarehouse
from medsynth_assets.warehouse.reference_store import Release
from tests.postgres import Postgres

CODES = {"I10": "Essential (primary) hypertension", "E11.9": "Type 2 diabetes mellitus without complications"}
_BLOCKS = {"I10": ("I10-I1A", "9"), "E11.9": ("E08-E13", "4")}
_MOMENT = dt.datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=dt.UTC)


def _code_rows() -> pl.DataFrame:
    rows = []
    for code, description in CODES.items():
        block, chapter = _BLOCKS[code]
        row = {
            "code": code, "description": description, "is_billable": True, "category_code": code[:3], "block": block,
            "chapter": chapter, "chapter_title": "a chapter", "inclusion_terms": ["a term"], "exclusion_terms": ["not this"],
            "seventh_character": "",
        }  # fmt: skip
        rows.append({**row, "row_hash": digest("icd10cm:2", row)})
    return pl.DataFrame(rows)


def load_reference(file: AnyWarehouse, folder: Path) -> None:
    """Releases of two codes, through the same reading and storing as the assets use."""
    import hashlib

    codes = _code_rows()
    release_id = hashlib.blake2b("".join(codes["row_hash"]).encode(), digest_size=12).hexdigest()
    table = folder / "prevalence.csv"
    table.write_text("code,weight\nI10,70\nE11.9,30\nX99.9,5\n")
    prevalence = read_prevalence(table, "any_listed", codes.select("code", "is_billable"))
    groups = read_groups(codes.select("category_code", "block", "chapter"))
    note_run(file, "run-reference")
    with file.writing() as con:
        reference_store.replace_all(con, "icd10cm_codes", codes.with_columns(pl.lit(release_id).alias("release_id")))
        reference_store.replace_release(con, "icd_prevalence", prevalence.release_id, prevalence.rows)
        reference_store.replace_release(con, "icd_prevalence_rejects", prevalence.release_id, prevalence.rejects)
        reference_store.replace_release(con, "icd_prevalence_by_group", groups.release_id, groups.groups)
        reference_store.replace_release(con, "demographics", groups.release_id, groups.demographics)
        reference_store.replace_release(con, "age_sex_edits", groups.release_id, groups.edits.head(5))
        for kind, named in (
            ("icd10cm", release_id),
            ("prevalence", prevalence.release_id),
            ("groups", groups.release_id),
        ):
            reference_store.record_release(con, Release(named, kind, kind, "test", named, 2), "run-reference")


def generate(file: AnyWarehouse, run_id: str, seed: int, codes: tuple[str, ...] = tuple(CODES)) -> None:
    """Three slots a code by the offline engine, examined."""
    asking = Asking(OfflineEngine(), seed)
    policy = Policy(retry_h=1, retry_most_h=720, ttl_days=None, at_once=True)
    order = Order(codes, tuple(Stage), wanting=partial(named, per_code=3), policy=policy, judge_rounds=4, concurrency=4)
    report = asyncio.run(Generation(file, asking, knowledge_base(), LogProgress(lambda _: None), run_id).run(order))
    assert sum(count.accepted for count in report.counts.values()) == 9 * len(codes)
    for stage in Stage:
        examine(file, codes, stage, run_id)


def _call_of_a_model(file: AnyWarehouse, run_id: str) -> None:
    """A refused call with messages and an answer, and the quarantine it led to."""
    slot = Slot("I10", 4)
    recipe = Asking(OfflineEngine(), 1).recipe(
        Agent.NOTE_WRITER, _facts(file)
    )._replace(engine="openai", model="m", parameters={"seed": 1})  # fmt: skip
    messages = [{"role": "user", "content": "Wie groß?"}]
    seed = request_seed(1, slot.record_id, Agent.NOTE_WRITER, 1)
    key = request_hash(slot.record_id, Agent.NOTE_WRITER, 1, recipe.recipe_id, seed, messages)
    call = Call(
        call_id(key, 1, _MOMENT), key, slot.record_id, slot.code, Agent.NOTE_WRITER, 1, 1, recipe.recipe_id, "openai", "m",
        "p", messages, {"structured_output": "json_schema"}, "no", "refusal", "said no", 10, 5, 2, 0.25, 3.5, _MOMENT,
    )  # fmt: skip
    quarantined = (Stage.NOTES, "refusal", "said no")
    made = generation_store.Made(slot, (), {}, (call,), quarantined, dict.fromkeys(Stage, "r"), "openai")
    with file.writing() as con:
        generation_store.write(con, generation_store.batch_of([made], [recipe], run_id))
        write_verdicts(con, [_verdict_of_a_judge(slot, recipe, call)], run_id)
        generation_store.set_marks(con, {"E11.9": "not in the top"}, list(CODES), run_id)


def _published(file: AnyWarehouse) -> None:
    """What lineage has of a release of one record, and of another that was withdrawn from it."""
    with file.writing() as con:
        con.execute(
            "insert into generation.releases by name select 'r1' as release_id, 'v1' as name, 'f00d' as lineage_root,"
            " 'beef' as manifest_sha256, 1 as record_count, ['I10']::varchar[] as codes, []::varchar[] as held_out_codes,"
            " 'releases/v1' as directory, 'run-two' as run_id, now() as released_at"
        )
        con.execute(
            "insert into generation.released_records by name"
            " select 'r1' as release_id, record_id, icd_code, 'train' as split, scenario_id, note_id, dialogue_id from ("
            " pivot (from generation.current_heads where record_id = 'I10/003') on stage using first(artifact_id) group by record_id, icd_code"
            ") as t (record_id, icd_code, dialogue_id, note_id, scenario_id)"
        )
        con.execute(
            "insert into generation.withdrawals by name select artifact_id, record_id, 'wrong dose' as reason, 'dr-a' as reviewer"
            " from generation.heads where record_id = 'E11.9/003' and stage = 'notes' and run_id = 'run-one'"
        )
        review = Review(
            record_id="I10/003", note_id="n", dialogue_id="d", reviewer="dr-a", factuality=Level.POOR, completeness=Level.POOR,
            soap=Level.EXCELLENT, realism=Level.SATISFACTORY, comment="the dose", source="csv", reviewed_at=_MOMENT,
        )  # fmt: skip
        review_store.write_reviews(con, [review])


def _verdict_of_a_judge(slot, recipe, call):  # type: ignore[no-untyped-def]
    """Of the slot in quarantine, tied to its call."""
    content = {"realism": {"reason": "Stiff.", "grade": "Poor"}}
    return JuryVerdict(
        VerdictKind.RUBRIC, slot, content, (), "a release", recipe.recipe_id, recipe.prompt_hash, "m", (call.call_id,), 0.25, 15
    )  # fmt: skip


def _facts(file: AnyWarehouse):  # type: ignore[no-untyped-def]
    with file.reading() as con:
        return reference_store.code_facts(con, ["I10"])["I10"]


def _fill(file: AnyWarehouse, folder: Path) -> None:
    file.ensure()
    load_reference(file, folder)
    generate(file, "run-one", seed=1)
    generate(file, "run-two", seed=2, codes=("E11.9",))
    _call_of_a_model(file, "run-two")


@pytest.fixture(scope="session")
def _generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("generated")
    _fill(WarehouseFile(folder / "w.duckdb"), folder)
    return folder / "w.duckdb"


@pytest.fixture(scope="session")
def _generated_lake(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> LakeWarehouse:
    def make() -> LakeWarehouse:
        folder = tmp_path_factory.mktemp("generated_lake")
        lake = postgres.lake(folder)
        _fill(lake, folder)
        return lake

    return postgres.made_once("generated", make)


@pytest.fixture(scope="session")
def _audited(_generated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("audited") / "w.duckdb"
    shutil.copyfile(_generated, path)
    _published(WarehouseFile(path))
    return path


@pytest.fixture(scope="session")
def _audited_lake(
    _generated_lake: LakeWarehouse, postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> LakeWarehouse:
    def make() -> LakeWarehouse:
        lake = postgres.copy_of(_generated_lake, tmp_path_factory.mktemp("audited_lake"))
        _published(lake)
        return lake

    return postgres.made_once("audited", make)


@pytest.fixture
def audited(request: pytest.FixtureRequest, tmp_path: Path) -> AnyWarehouse:
    """I10/001 to 003 made once; E11.9/001 to 003 made twice, with another seed; I10/004 in quarantine; I10/003 released.

    A file; with `@on_both("audited")` also a lake.
    """
    if getattr(request, "param", "duckdb") == "ducklake":
        cluster: Postgres = request.getfixturevalue("postgres")
        return cluster.copy_of(request.getfixturevalue("_audited_lake"), tmp_path)
    shutil.copyfile(request.getfixturevalue("_audited"), tmp_path / "w.duckdb")
    return WarehouseFile(tmp_path / "w.duckdb")
