"""Facts in their places, and the turns that say them."""

from medsynth_assets.explorer.alignment import align
from medsynth_assets.records.artifact import Stage
from medsynth_assets.records.dialogue import Dialogue, Turn
from medsynth_assets.records.note import SECTIONS, Note
from medsynth_assets.warehouse.file import WarehouseFile
from medsynth_assets.warehouse.generation_store import heads
from tests.conftest import Place


def test_pieces_are_the_note_whole(loaded_place: Place) -> None:
    """Joined again the pieces are the text of each section, and every fact has its place."""
    with WarehouseFile(loaded_place.warehouse).reading() as con:
        found = heads(con, ["I10"])
    note = Note.model_validate(found["I10/001", Stage.NOTES].artifact.content)
    dialogue = Dialogue.model_validate(found["I10/001", Stage.DIALOGUES].artifact.content)
    aligned = align("I10", note, dialogue.turns)
    assert {name: "".join(p.text for p in pieces) for name, pieces in aligned.sections} == {
        name: getattr(note, name) for name in SECTIONS
    }
    placed = [piece.fact for _, pieces in aligned.sections for piece in pieces if piece.fact is not None]
    assert placed == list(range(aligned.facts))
    assert aligned.said == sum(bool(piece.turns) for _, pieces in aligned.sections for piece in pieces)


def test_a_fact_names_the_turns_that_share_its_words() -> None:
    """Of the turns around it, those that speak of it; a parenthesis in between stays inside the fact."""
    note = Note(
        subjective="Cough for 6 days.",
        objective="Skin warm and dry.",
        assessment="Cold.",
        plan="Ibuprofen (Advil) 400 mg daily.",
    )
    said = ["How are you?", "I have had this cough for 6 days.", "I see.", "Take ibuprofen 400 mg daily.", "Fine."]
    turns = [Turn(speaker=("doctor", "patient")[n % 2], text=text) for n, text in enumerate(said)]
    aligned = align("XXX", note, turns)
    pieces = {piece.text: piece.turns for _, pieces in aligned.sections for piece in pieces if piece.fact is not None}
    assert pieces["Cough for 6 days"] == (1,)
    assert pieces["Ibuprofen (Advil) 400 mg daily"] == (3,)
    assert pieces["Skin warm and dry"] == ()


def test_a_note_without_its_dialogue_is_shown_plain() -> None:
    """Nothing is called unsaid where nobody has spoken yet."""
    aligned = align("XXX", Note(subjective="a b", objective="c", assessment="d", plan="e"), [])
    assert (aligned.facts, aligned.said) == (0, 0)
    assert [pieces[0].text for _, pieces in aligned.sections] == ["a b", "c", "d", "e"]
