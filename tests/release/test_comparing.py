"""Two releases compared: every difference is told, with the reason that holds."""

from pathlib import Path

import pytest

from medsynth_assets.errors import UsageError
from medsynth_assets.release.comparing import Sort, compare
from medsynth_assets.warehouse.opening import AnyWarehouse
from tests.conftest import on_both
from tests.lineage.conftest import generate
from tests.release.conftest import Releasing

FAIL = (
    "insert into quality.check_results by name select * exclude (batch_id) replace (false as is_passed, now() as checked_at,"
    " 'the dose does not exist' as explanation, 'critical' as severity) from quality.check_results"
    " where record_id = 'I10/002' and asset = 'notes' and check_name = (select min(check_name) from quality.check_results"
    " where record_id = 'I10/002' and asset = 'notes')"
)
TAKE_BACK = (
    "insert into generation.withdrawals by name select note_id as artifact_id, record_id, 'unsafe [dose]' as reason, 'dr-a' as reviewer"
    " from marts.pairs where record_id = 'I10/002'"
)
SUPERSEDE = (
    "insert into generation.heads by name select * exclude (batch_id) replace (nextval('generation.head_seq') as seq,"
    " 'deadbeef0000' as artifact_id, now() as set_at) from generation.current_heads where record_id = 'I10/002' and stage = 'notes'"
)


def told(pairs: AnyWarehouse, older: str, newer: str) -> list[tuple[str, str, str]]:
    return [(change.sort.value, change.record_id, change.why) for change in compare(pairs, older, newer).changes()]


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        pytest.param(TAKE_BACK, "withdrawn by dr-a: unsafe [dose]", id="review"),
        pytest.param(FAIL, "rejected by ", id="check"),
        pytest.param(SUPERSEDE, "note superseded by deadbeef, and the rest was not made again", id="half-made"),
        pytest.param(
            "delete from reference.icd10cm_codes where code = 'I10'",
            "code retired: I10 is not in the ICD-10-CM",
            id="retired",
        ),
    ],
)
def test_what_is_gone_is_told_with_why(pairs: AnyWarehouse, releasing: Releasing, sql: str, why: str) -> None:
    """Review, check, retired code, or a line that was not finished; and it comes back once that is undone."""
    releasing("v1")
    with pairs.writing() as con:
        con.execute(sql)
    releasing("v2")
    found = told(pairs, "v1", "v2")
    assert [change[:2] for change in found if change[1] == "I10/002"] == [("withdrawn", "I10/002")]
    assert next(change[2] for change in found if change[1] == "I10/002").startswith(why)
    assert len(found) == (3 if "retired" in why else 1)
    assert [change[:2] for change in told(pairs, "v2", "v1")] == [("added", record) for _, record, _ in found]


@on_both("pairs")
def test_what_was_made_again_is_changed_with_what_of_the_recipe(pairs: AnyWarehouse, releasing: Releasing) -> None:
    """Another seed: the first artifact that differs, and the part of its recipe."""
    releasing("v1")
    generate(pairs, "run-three", seed=3, codes=("E11.9",))
    releasing("v2")
    found = compare(pairs, "v1", "v2")
    assert found.counts == {Sort.ADDED: 0, Sort.CHANGED: 3, Sort.MOVED: 0, Sort.WITHDRAWN: 0}
    for change in found.changes():
        assert change.why == (
            f"scenario {change.was_id[:8]} superseded by {change.now_id[:8]}: recipe changed: parameters"
        )


def test_what_happened_since_does_not_explain_what_was_before(pairs: AnyWarehouse, releasing: Releasing) -> None:
    """A record rejected after both releases; one that was not asked for in either."""
    releasing("v1", codes=("E11.9",))
    releasing("v2", codes=("I10",))
    with pairs.writing() as con:
        con.execute(FAIL)
    assert {change[2] for change in told(pairs, "v1", "v2")} == {
        "its code was not asked for", "its code was not asked for in v1",
    }  # fmt: skip


def test_what_was_rejected_and_passes_now_is_told(pairs: AnyWarehouse, releasing: Releasing) -> None:
    """As the check that had kept it out."""
    with pairs.writing() as con:
        con.execute(FAIL)
    releasing("v1")
    with pairs.writing() as con:
        con.execute(FAIL.replace("false as is_passed", "true as is_passed"))
    releasing("v2")
    ((sort, record, why),) = told(pairs, "v1", "v2")
    assert (sort, record) == ("added", "I10/002")
    assert why.startswith("was rejected by ")


def test_holding_out_a_code_is_told_as_a_move(pairs: AnyWarehouse, releasing: Releasing) -> None:
    """The same artifacts in another split."""
    releasing("v1")
    releasing("v2", held_out=("I10",))
    assert told(pairs, "v1", "v2")[0] == ("moved", "I10/001", "from validation to test: I10 is held out in v2")


def test_releases_are_named_by_directory_name_or_id(pairs: AnyWarehouse, releasing: Releasing, tmp_path: Path) -> None:
    """A directory that was moved, and one that is gone; what is none, or is not one alone, is refused."""
    one = releasing("v1")
    releasing("v2", codes=("I10",))
    (tmp_path / "v2").rename(tmp_path / "moved")
    for older, newer in (
        ("v1", "v2"),
        (str(tmp_path / "v1"), str(tmp_path / "moved")),
        (one.release.release_id[:8], "v2"),
    ):
        assert compare(pairs, older, newer).counts[Sort.WITHDRAWN] == 3
    with pytest.raises(UsageError, match=r"no release nope: .*see: medsynth release list"):
        compare(pairs, "nope", "v1")
    releasing("again", name="v1")
    with pytest.raises(UsageError, match="2 releases are called v1"):
        compare(pairs, "v1", "v2")
