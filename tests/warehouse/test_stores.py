"""The generation store: what stands for a slot, what it replaced, what is in quarantine."""

import datetime as dt

import duckdb
import pytest

from medsynth_assets.records.artifact import Agent, Artifact, Kind, Recipe, Stage
from medsynth_assets.records.call import Call
from medsynth_assets.records.identity import Slot
from medsynth_assets.warehouse import generation_store as store
from medsynth_assets.warehouse.opening import AnyWarehouse

SLOT = Slot("I10", 1)
RECIPE = Recipe(Agent.NOTE_WRITER, "prompt", "schema", "offline", "rules", {"seed": 1}, ("hypertension",), "k1")


def artifact(kind: Kind, word: str, *parents: Artifact, slot: Slot = SLOT) -> Artifact:
    ids = tuple(parent.artifact_id for parent in parents)
    return Artifact(kind, slot, {"word": word, "é": [1]}, word, ids, RECIPE.recipe_id, "offline", "rules")


def call(call_id: str, *, from_ledger: bool = False) -> Call:
    return Call(
        call_id, "hash", SLOT.record_id, SLOT.code, Agent.NOTE_WRITER, 1, 1, RECIPE.recipe_id, "openai", "m", "p",
        [{"role": "user", "content": "Ø"}], {"t": 0.5}, "answer", "ok", "", 10, 5, 0, 0.25, 3.0,
        dt.datetime(2025, 1, 1, tzinfo=dt.UTC), from_ledger,
    )  # fmt: skip


def made(
    *products: Artifact,
    stages: tuple[Stage, ...] = (Stage.SCENARIOS, Stage.NOTES),
    recipe: str = "r1",
    slot: Slot = SLOT,
    extra: tuple[Artifact, ...] = (),
    quarantined: tuple[Stage, str, str] | None = None,
    calls: tuple[Call, ...] = (),
) -> store.Made:
    by_stage = dict(zip(stages, products, strict=False))
    recipes = dict.fromkeys(Stage, recipe)
    return store.Made(slot, (*extra, *products), by_stage, calls, quarantined, recipes, "offline", "described")


def chain(word: str, slot: Slot = SLOT) -> tuple[Artifact, Artifact, Artifact]:
    """A verdict, the scenario it approves, and the note written from that."""
    verdict = artifact(Kind.VERDICT, f"verdict {word}", slot=slot)
    scenario = artifact(Kind.SCENARIO, f"scenario {word}", verdict, slot=slot)
    return verdict, scenario, artifact(Kind.NOTE, f"note {word}", scenario, slot=slot)


@pytest.fixture
def file(any_warehouse: AnyWarehouse) -> AnyWarehouse:
    return any_warehouse


def write(file: AnyWarehouse, *slots: store.Made, run_id: str = "run") -> None:
    with file.writing() as con:
        store.write(con, store.batch_of(slots, [RECIPE], run_id))


def count(file: AnyWarehouse, table: str) -> int:
    with file.reading() as con:
        row = con.execute(f"select count(*) from generation.{table}").fetchone()
    assert row is not None
    return int(row[0])


def quarantine(file: AnyWarehouse) -> list[tuple[str, str, str]]:
    with file.reading() as con:
        return con.execute("select record_id, stage, reason from generation.current_quarantine order by all").fetchall()


def test_what_was_written_is_read_back_whole(file: AnyWarehouse) -> None:
    """A head carries its artifact as it was made, its parent and the recipe of its stage."""
    verdict, scenario, note = chain("one")
    write(file, made(scenario, note, extra=(verdict,)))
    with file.reading() as con:
        heads = store.heads(con, ["I10"])
    assert heads == {
        ("I10/001", Stage.SCENARIOS): store.Head(scenario, verdict.artifact_id, "r1"),
        ("I10/001", Stage.NOTES): store.Head(note, scenario.artifact_id, "r1"),
    }
    assert heads["I10/001", Stage.NOTES].artifact.artifact_id == note.artifact_id


def test_heads_are_those_of_the_codes_asked_for(file: AnyWarehouse) -> None:
    """Records of other codes stay out, and a code without records brings none."""
    other = Slot("E11.9", 1)
    write(file, made(*chain("a")[1:]), made(*chain("b", other)[1:], slot=other))
    with file.reading() as con:
        assert {record for record, _ in store.heads(con, ["E11.9", "J06.9"])} == {"E11.9/001"}
        assert store.heads(con, []) == {}
        assert store.codes_with_data(con) == {"I10", "E11.9"}


def test_superseding_keeps_the_old_artifact(file: AnyWarehouse) -> None:
    """The newer product is the head; the older stays in artifacts and in the history of heads."""
    old, new = chain("old"), chain("new")
    write(file, made(*old[1:], extra=old[:1]))
    write(file, made(*new[1:], extra=new[:1], recipe="r2"))
    with file.reading() as con:
        heads = store.heads(con, ["I10"])
        kept = store.artifacts(con, [part.artifact_id for part in old])
        history = con.execute("select artifact_id from generation.heads where stage = 'notes' order by seq").fetchall()
    assert heads["I10/001", Stage.NOTES] == store.Head(new[2], new[1].artifact_id, "r2")
    assert kept == {part.artifact_id: part for part in old}
    assert history == [(old[2].artifact_id,), (new[2].artifact_id,)]


def test_going_back_to_an_earlier_artifact_makes_it_current_again(file: AnyWarehouse) -> None:
    """A product equal to a superseded one is not stored twice, and it is the head once more."""
    old, new = chain("old"), chain("new")
    for parts in (old, new, old):
        write(file, made(*parts[1:], extra=parts[:1]))
    with file.reading() as con:
        assert store.heads(con, ["I10"])["I10/001", Stage.NOTES].artifact == old[2]
    assert count(file, "artifacts") == 6
    assert count(file, "heads") == 6


def test_artifacts_calls_and_recipes_are_not_repeated(file: AnyWarehouse) -> None:
    """Equal ids in one writing or in two are stored once."""
    verdict, scenario, note = chain("one")
    slot = made(scenario, note, extra=(verdict, verdict), calls=(call("c1"), call("c1"), call("c2")))
    write(file, slot, slot)
    write(file, slot)
    assert count(file, "artifacts") == 3
    assert count(file, "calls") == 2
    assert count(file, "recipes") == 1


def test_a_call_keeps_its_messages_and_parameters(file: AnyWarehouse) -> None:
    """What was sent is stored in full as JSON, together with the run that sent it."""
    write(file, made(calls=(call("c1", from_ledger=True),)), run_id="run 7")
    with file.reading() as con:
        row = con.execute(
            "select messages ->> '$[0].content', parameters ->> '$.t', agent, from_ledger, run_id from generation.calls"
        ).fetchone()
    assert row == ("Ø", "0.5", "note_writer", True, "run 7")


def test_writing_nothing_is_allowed(file: AnyWarehouse) -> None:
    """An empty batch leaves only the recipes."""
    write(file)
    assert count(file, "artifacts") == 0
    assert count(file, "recipes") == 1


def test_the_newest_plan_of_a_slot_is_its_plan(file: AnyWarehouse) -> None:
    """Plans are read by slot, the newest of each; other kinds are no plans."""
    first, second = artifact(Kind.PLAN, "first"), artifact(Kind.PLAN, "second")
    write(file, made(extra=(first,)))
    write(file, made(*chain("x")[1:], extra=(second,)))
    with file.reading() as con:
        assert store.plans(con, ["I10"]) == {"I10/001": second}
        assert store.plans(con, ["E11.9"]) == {}


def test_the_patient_of_a_slot_is_whom_its_newest_plan_is_about(file: AnyWarehouse) -> None:
    """Read from the plan's JSON without its other fields."""
    for age_years in (41.0, 42.5):
        content = {
            "icd": {"code": "I10", "description": "Essential hypertension"},
            "age_years": age_years,
            "sex": "female",
        }
        plan = Artifact(Kind.PLAN, SLOT, content, "", (), RECIPE.recipe_id, "offline", "rules")
        write(file, made(*chain(str(age_years))[1:], extra=(plan,)))
    with file.reading() as con:
        assert store.planned_patients(con, ["I10", "E11.9"]) == {
            "I10/001": ("I10", "Essential hypertension", 42.5, "female")
        }
        assert store.planned_patients(con, ["E11.9"]) == {}


def test_a_target_is_written_only_where_it_is_news(file: AnyWarehouse) -> None:
    """The same target again adds no row; another one does, and so does going back to the first."""
    for number in (5, 5, 8, 8, 5):
        with file.writing() as con:
            store.set_targets(con, {"I10": number, "E11.9": number}, f"to {number}")
    with file.reading() as con:
        rows = con.execute("select icd_code, record_count from generation.targets order by icd_code, set_at").fetchall()
    assert rows == [("E11.9", 5), ("E11.9", 8), ("E11.9", 5), ("I10", 5), ("I10", 8), ("I10", 5)]


def test_a_failed_slot_is_in_quarantine_until_it_is_made_good(file: AnyWarehouse) -> None:
    """The newest reason of a slot counts; a head set later at that stage takes it out, its history stays."""
    verdict, scenario, note = chain("one")
    write(file, made(scenario, extra=(verdict,), quarantined=(Stage.NOTES, "refusal", "said no")))
    assert quarantine(file) == [("I10/001", "notes", "refusal")]
    write(file, made(quarantined=(Stage.NOTES, "malformed", "no JSON")))
    assert quarantine(file) == [("I10/001", "notes", "malformed")]
    write(file, made(note, stages=(Stage.NOTES,)))
    assert quarantine(file) == []
    assert count(file, "quarantine") == 2


def test_a_later_failure_puts_a_standing_slot_back_into_quarantine(file: AnyWarehouse) -> None:
    """A slot whose remaking fails keeps its record and is counted in quarantine."""
    verdict, scenario, note = chain("one")
    write(file, made(scenario, note, extra=(verdict,)))
    write(file, made(quarantined=(Stage.NOTES, "truncated", "too long")))
    assert quarantine(file) == [("I10/001", "notes", "truncated")]
    with file.reading() as con:
        assert store.heads(con, ["I10"])["I10/001", Stage.NOTES].artifact == note


def test_success_at_another_stage_does_not_make_a_slot_good(file: AnyWarehouse) -> None:
    """A new scenario says nothing of the note that failed."""
    verdict, scenario, _ = chain("one")
    write(file, made(quarantined=(Stage.NOTES, "refusal", "said no")))
    write(file, made(scenario, extra=(verdict,)))
    assert quarantine(file) == [("I10/001", "notes", "refusal")]


def test_quarantine_is_counted_by_slot(file: AnyWarehouse) -> None:
    """Two slots with failures are two rows, however often each failed."""
    second = Slot("I10", 2)
    for _ in range(2):
        write(
            file,
            made(quarantined=(Stage.SCENARIOS, "rejected", "no")),
            made(quarantined=(Stage.NOTES, "refusal", "no"), slot=second),
        )
    assert quarantine(file) == [("I10/001", "scenarios", "rejected"), ("I10/002", "notes", "refusal")]


def test_a_failed_batch_leaves_no_part_of_itself(file: AnyWarehouse) -> None:
    """Artifacts, heads and calls of a batch come together or not at all."""
    verdict, scenario, note = chain("one")
    bad = call("c1")._replace(agent=Agent.NOTE_WRITER, latency_ms=None)  # type: ignore[arg-type]
    file.ensure()
    with pytest.raises(duckdb.ConstraintException):
        write(file, made(scenario, note, extra=(verdict,), calls=(bad,)))
    assert [count(file, table) for table in ("artifacts", "heads", "calls", "recipes")] == [0, 0, 0, 0]
