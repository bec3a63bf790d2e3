"""Where a sentence came in, and what a polisher changed."""

from medsynth_assets.lineage.texts import difference, introduced, text_of
from medsynth_assets.lineage.trace import trace
from medsynth_assets.records.artifact import Kind, Stage
from medsynth_assets.warehouse.opening import AnyWarehouse
from tests.conftest import on_both


@on_both("audited")
def test_a_sentence_is_traced_to_the_artifact_that_introduced_it(audited: AnyWarehouse) -> None:
    """A sentence of the note that the scenario lacks came in with the draft; spaces and case do not matter."""
    with audited.reading() as con:
        found = trace(con, "I10/001")
    note, draft = found.of_kind(Kind.NOTE)[0], found.of_kind(Kind.NOTE_DRAFT)[0]
    line = next(line for line in text_of(draft).splitlines() if len(line) > 60 and line in text_of(note))
    where = introduced(found, f"  {line.upper()} ")
    assert where is not None
    assert where.node == draft
    assert introduced(found, "Nobody ever said this of anyone.") is None
    assert introduced(found, " ") is None


def test_a_difference_is_that_to_the_draft(audited: AnyWarehouse) -> None:
    """Lines of the diff are sentences of the two texts; what has no draft has none."""
    with audited.reading() as con:
        found = trace(con, "I10/001")
    dialogue = found.current(Stage.DIALOGUES)
    assert dialogue is not None
    changed = difference(found, dialogue).splitlines()
    assert any(line.startswith("-[") for line in changed)
    assert any(line.startswith("+[") for line in changed)
    assert difference(found, found.of_kind(Kind.PLAN)[0]) == ""
