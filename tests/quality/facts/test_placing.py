"""The place of a fact among the places of the other facts of its note."""

from medsynth_assets.quality.facts.covering import match
from medsynth_assets.quality.facts.extracting import facts
from medsynth_assets.quality.facts.hearing import Turn, hear
from medsynth_assets.quality.facts.judging import FEATURES, features, model
from medsynth_assets.quality.facts.placing import PLACING, Placed, Places

SMALL_TALK = tuple(Turn("patient", f"we drove past house number {n} on the way") for n in range(8))


def values(note: str, turns: tuple[Turn, ...], n: int = 0) -> dict[str, float]:
    """What the place of fact n of a note says of it."""
    heard = hear(turns)
    placed = [Placed(fact, match(fact, heard)) for fact in facts(note)]
    return dict(zip(PLACING, Places(placed, heard).values(n, *placed[n]), strict=True))


def test_words_of_one_breath_say_more_than_the_same_words_strewn() -> None:
    """Both dialogues hold every word of the fact, one of them in one turn."""
    note = "Subjective:\nThe rash itches at the ankle."
    together = values(note, (Turn("patient", "i have a rash and it itches at the ankle"),))
    asunder = (
        Turn("patient", "i have a rash"),
        *SMALL_TALK,
        Turn("patient", "my nose itches"),
        *SMALL_TALK,
        Turn("doctor", "i see the ankle"),
    )
    strewn = values(note, asunder)
    assert together["phrase"] > 0.9 > strewn["phrase"]
    assert together["turn_alone"] > strewn["turn_alone"]
    assert together["missed_parts"] < strewn["missed_parts"]


def test_a_word_that_another_fact_says_better_is_claimed() -> None:
    """`knee` is said, but of pain: nothing of the swelling has a word to itself."""
    note = "Subjective:\nHe has severe knee pain on stairs. He noticed knee swelling."
    talk = (Turn("patient", "i have severe knee pain on the stairs"),)
    swelling = values(note, talk, 1)
    assert swelling["claimed"] > 0.5
    assert swelling["unclaimed"] == 0.0
    assert values(note, talk, 0)["unclaimed"] > 0.5


def test_what_is_told_beside_what_the_note_tells_beside_it_is_near() -> None:
    """The same turn says a fact; only the place of its neighbour differs."""
    note = "Subjective:\nShe has had a cough. She lost her appetite."
    cough, appetite = Turn("patient", "i have a cough"), Turn("patient", "i lost my appetite")
    near, far = values(note, (cough, appetite, *SMALL_TALK)), values(note, (cough, *SMALL_TALK, appetite))
    assert near["next_told"] == 1.0
    assert far["next_told"] == len(SMALL_TALK) + 1
    assert near["neighbour"] < far["neighbour"]


def test_facts_are_told_in_the_order_of_the_note() -> None:
    """The middle one of three is said among the other two, or far behind them."""
    note = "Subjective:\nShe has had a cough. She lost her appetite. She feels dizzy."
    cough, appetite, dizzy = (Turn("patient", t) for t in ("i have a cough", "i lost my appetite", "i feel dizzy"))
    assert values(note, (cough, appetite, dizzy, *SMALL_TALK), 1)["between"] == 1.0
    assert values(note, (cough, dizzy, *SMALL_TALK, appetite), 1)["between"] == 0.0


def test_a_fact_said_nowhere_has_no_place() -> None:
    """All shares are zero, the neighbours as far as can be."""
    nowhere = values("Assessment:\nAcute bronchitis.", SMALL_TALK)
    assert nowhere["phrase"] == nowhere["turn_alone"] == nowhere["unclaimed"] == 0.0
    assert nowhere["where"] < 0


def test_the_learned_model_weighs_each_feature() -> None:
    """A feature without a weight would be left out unseen."""
    heard = hear((Turn("patient", "i have a cough"),))
    (fact,) = facts("Subjective:\nShe has had a cough.")
    placed = Placed(fact, match(fact, heard))
    found = features(fact, placed.match, Places([placed], heard), 0)
    assert len(found) == len(FEATURES) == len(model().weights)
