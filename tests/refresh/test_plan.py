"""The plan: rows in the warehouse, reasons out, in their order of precedence and of making."""

import pytest

from medsynth_assets.records.artifact import Stage
from medsynth_assets.refresh.policy import Policy
from medsynth_assets.refresh.reasons import Reason
from tests.refresh.conftest import NOW, PATIENT, World, hours, reasons, whole

RECORD = "A00/001"
R = Reason


@pytest.fixture
def current(world: World) -> World:
    """One record of each of the three top codes, all current."""
    for code in ("A00", "B00", "C00"):
        world.target(code, 1)
        world.record(f"{code}/001")
    return world


def test_nothing_changed_nothing_to_do(current: World) -> None:
    """A warehouse in which everything is current gives an empty plan, and every stage stands."""
    plan = current.plan()
    assert plan.cells.is_empty()
    assert plan.codes == []
    assert plan.standing == {(code, stage): 1 for code in ("A00", "B00", "C00") for stage in Stage}


@pytest.mark.parametrize(
    ("stage", "wanted"),
    [
        pytest.param("scenarios", (R.RECIPE, R.PARENT, R.PARENT), id="root"),
        pytest.param("notes", ("", R.RECIPE, R.PARENT), id="middle"),
        pytest.param("dialogues", ("", "", R.RECIPE), id="leaf"),
    ],
)
def test_a_changed_recipe_makes_its_stage_and_what_follows(current: World, stage: str, wanted: tuple[str, ...]) -> None:
    """Never what comes before it, and no other code."""
    current.recipes["A00", stage] = "new"
    assert reasons(current.plan()) == whole(RECORD, *wanted)


def test_a_newer_parent_makes_its_child(current: World) -> None:
    """A note made again by itself supersedes the dialogue that was made from the old one."""
    current.head(RECORD, "notes", "newer", f"{RECORD}-scenarios")
    assert reasons(current.plan()) == {(RECORD, "dialogues"): R.PARENT}


def test_what_was_asked_for_and_is_not_there_is_missing(current: World) -> None:
    """A slot within the last target, or a stage of a slot, that was never made: nothing else is."""
    current.target("B00", 2)
    current.execute("delete from generation.heads where record_id = ? and stage = 'dialogues'", RECORD)
    assert reasons(current.plan()) == {(RECORD, "dialogues"): R.MISSING, **whole("B00/002", R.MISSING)}


def test_a_raised_number_per_code_adds_slots(current: World) -> None:
    """Those above the last target; a code with a higher target of its own keeps it."""
    current.target("C00", 2)
    current.record("C00/002")
    assert reasons(current.plan(per_code=2)) == {**whole("A00/002", R.SLOT_ADDED), **whole("B00/002", R.SLOT_ADDED)}


def test_a_code_new_to_the_top_enters(current: World) -> None:
    """With all its slots."""
    plan = current.plan(top=4)
    assert reasons(plan) == whole("D00/001", R.ENTERED)
    assert plan.targets["D00"] == 1


def test_a_code_that_fell_out_of_the_top_is_kept_and_marked(current: World) -> None:
    """Nothing of it is made, however stale; its records are counted."""
    current.recipes["C00", "notes"] = "new"
    plan = current.plan(top=2)
    assert reasons(plan) == {}
    assert plan.marked.select("icd_code", "mark", "record_count").rows() == [("C00", "not in the top", 1)]


@pytest.mark.parametrize("billable", [True, False])
def test_a_retired_code_is_closed_not_deleted(current: World, billable: bool) -> None:
    """No longer billable, or gone from the code set: marked, and nothing of it is made."""
    current.code("B00", billable=False)
    if billable:
        current.execute("delete from reference.icd10cm_codes where code = 'B00'")
    current.recipes["B00", "notes"] = "new"
    plan = current.plan()
    assert reasons(plan) == {}
    assert plan.marked.select("icd_code", "mark", "record_count").rows() == [("B00", "retired", 1)]


def test_a_person_who_names_a_marked_code_gets_it(current: World) -> None:
    """A run of a code makes what is stale of it, in the top or not, with the number of records asked for."""
    current.recipes["D00", "notes"] = "new"
    plan = current.plan(codes=["D00"], per_code=2)
    assert reasons(plan) == {**whole("D00/001", R.MISSING), **whole("D00/002", R.MISSING)}


def test_a_changed_description_makes_the_code_again(current: World) -> None:
    """And no other; a record of which the description was not kept is left alone."""
    current.code("B00", "described anew")
    assert reasons(current.plan()) == whole("B00/001", R.REFERENCE, R.PARENT, R.PARENT)
    current.execute("update generation.heads set icd_description = null where icd_code = 'B00'")
    assert reasons(current.plan()) == {}


def test_a_record_that_is_too_old_is_made_again_with_another_draw(current: World) -> None:
    """Only past its time to live; the edition counts what was accepted before."""
    old = NOW - hours(24 * 40)
    current.execute("update generation.heads set set_at = ? where icd_code = 'A00'", old)
    policy = PATIENT._replace(ttl_days=30)
    plan = current.plan(policy=policy)
    assert reasons(plan) == whole(RECORD, R.EXPIRED, R.PARENT, R.PARENT)
    assert plan.due["edition"].to_list() == [1, 0, 0]
    assert reasons(current.plan(policy=policy._replace(ttl_days=50))) == {}


def test_a_failed_gate_is_made_again_after_its_backoff(current: World) -> None:
    """By the newest verdict of a deciding check; with a draw of its own. Other checks decide nothing."""
    current.gates = [("notes", "four sections")]
    for code in ("A00", "B00", "C00"):
        current.verdict(f"{code}/001-notes", "notes", "four sections", passed=code != "A00")
        current.verdict(f"{code}/001-notes", "notes", "other", passed=False)
    plan = current.plan()
    assert reasons(plan) == whole(RECORD, "", R.FAILED_GATE, R.PARENT)
    assert plan.due.select("detail", "edition").rows() == [("four sections", 1), ("", 0)]
    early = current.plan(now=NOW - hours(299.5))
    assert reasons(early) == {}
    assert early.waiting["record_id"].to_list() == [RECORD, RECORD]
    current.verdict("A00/001-notes", "notes", "four sections", NOW, passed=True)
    assert reasons(current.plan()) == {}


def test_records_that_changed_checks_have_not_judged_are_to_be_judged(current: World) -> None:
    """Their codes are in the plan, with nothing to make."""
    current.gates = [("notes", "four sections")]
    current.verdict("A00/001-notes", "notes", "four sections", passed=True)
    plan = current.plan()
    assert plan.cells.is_empty()
    assert plan.codes == ["B00", "C00"]


@pytest.mark.parametrize(
    ("failures", "after_h", "is_due"),
    [
        pytest.param(1, 0.9, False, id="first-too-early"),
        pytest.param(1, 1.1, True, id="first"),
        pytest.param(3, 3.9, False, id="doubled-too-early"),
        pytest.param(3, 4.1, True, id="doubled"),
        pytest.param(12, 101, True, id="never-longer-than-the-most"),
    ],
)
def test_a_quarantined_slot_waits_twice_as_long_with_every_failure(
    current: World, failures: int, after_h: float, is_due: bool
) -> None:
    """And what hangs on it waits with it; a person who runs the code does not wait."""
    current.execute("delete from generation.heads where record_id = ? and stage <> 'scenarios'", RECORD)
    last = NOW - hours(after_h)
    for n in reversed(range(failures)):
        current.quarantined(RECORD, "notes", last - n * hours(0.001))
    plan = current.plan()
    told = whole(RECORD, "", R.QUARANTINED, R.MISSING)
    assert reasons(plan) == (told if is_due else {})
    assert plan.cells["edition"].to_list() == [failures, 0]
    assert reasons(current.plan(policy=PATIENT._replace(at_once=True))) == told


def test_a_quarantined_slot_with_a_new_recipe_is_due_at_once(current: World) -> None:
    """What failed was something else."""
    current.execute(
        "update generation.heads set stage_recipe_id = 'old' where record_id = ? and stage = 'notes'", RECORD
    )
    current.quarantined(RECORD, "notes", NOW - hours(0.1), recipe="old")
    plan = current.plan()
    assert reasons(plan) == whole(RECORD, "", R.QUARANTINED, R.PARENT)
    assert plan.due["edition"].to_list() == [0, 0]


def test_a_failure_of_the_line_does_not_ask_for_another_draw(current: World) -> None:
    """Nothing was answered, so the same question is asked again: what was paid for it is still in the ledger."""
    current.execute("delete from generation.heads where record_id = ? and stage <> 'scenarios'", RECORD)
    current.quarantined(RECORD, "notes", NOW - hours(9), reason="unavailable")
    assert current.plan().due["edition"].to_list() == [0, 0]


def test_a_child_in_quarantine_does_not_wait_where_its_parent_is_made_again(current: World) -> None:
    """It will be another question."""
    current.quarantined(RECORD, "notes", NOW - hours(0.1))
    current.recipes["A00", "scenarios"] = "new"
    assert reasons(current.plan()) == whole(RECORD, R.RECIPE, R.QUARANTINED, R.PARENT)


def test_where_several_reasons_hold_the_first_is_told(current: World) -> None:
    """Failed gate before parent superseded before recipe changed before reference changed before too old before forced."""
    current.gates = [("notes", "g")]
    current.verdict(f"{RECORD}-notes", "notes", "g", passed=False)
    for stage in ("scenarios", "notes", "dialogues"):
        current.recipes["A00", stage] = "new"
    current.code("A00", "new")
    current.code("B00", "new")
    policy = Policy(1.0, 100.0, ttl_days=1, force=True)
    told = reasons(current.plan(policy=policy))
    assert told == {
        **whole(RECORD, R.RECIPE, R.FAILED_GATE, R.PARENT),
        **whole("B00/001", R.REFERENCE, R.PARENT, R.PARENT),
        **whole("C00/001", R.EXPIRED, R.PARENT, R.PARENT),
    }
    assert reasons(current.plan(policy=policy._replace(ttl_days=None)), "C00/001") == whole(
        "C00/001", R.FORCED, R.PARENT, R.PARENT
    )


def test_only_the_stages_asked_for_are_judged(current: World) -> None:
    """A scenario that is not asked for is left alone, and so is the note that stands on it."""
    current.recipes["A00", "scenarios"] = "new"
    assert reasons(current.plan(stages=(Stage.NOTES,))) == {}


def test_the_most_prevalent_come_first_then_the_oldest(current: World) -> None:
    """By rank, whatever the age; within a code, what was never made, then by age."""
    current.target("A00", 3)
    current.record("A00/002", at=NOW - hours(350))
    current.record("A00/003", at=NOW - hours(250))
    for code in ("A00", "B00"):
        current.recipes[code, "dialogues"] = "new"
    current.execute("update generation.heads set set_at = ? where icd_code = 'B00'", NOW - hours(900))
    plan = current.plan(per_code=4)
    order = plan.due["record_id"].unique(maintain_order=True).to_list()
    assert order[:6] == ["A00/004", "A00/002", "A00/001", "A00/003", "B00/002", "B00/003"]


def test_a_plan_over_some_codes_is_the_part_of_the_plan_over_all(current: World) -> None:
    """What a run finds for its partitions is what the refresh planned for them."""
    for code in ("A00", "C00"):
        current.recipes[code, "notes"] = "new"
    everything = current.plan(per_code=2)
    part = current.plan(per_code=2, within=["C00", "B00"])
    of_part = everything.cells.filter(everything.cells["icd_code"].is_in(["B00", "C00"]))
    assert part.cells.rows() == of_part.rows()
    assert part.cells.height == 8
