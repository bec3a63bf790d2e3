"""The dimensions over corpora written for the tests."""

import polars as pl
import pytest

from medsynth_assets.errors import UsageError
from medsynth_assets.evaluation.corpus import Record, of_file
from medsynth_assets.evaluation.cost import cost
from medsynth_assets.evaluation.discriminator import discriminate
from medsynth_assets.evaluation.diversity import diversity
from medsynth_assets.evaluation.figure import Figure
from medsynth_assets.evaluation.privacy import privacy
from medsynth_assets.evaluation.realism import realism
from medsynth_assets.evaluation.sampling import Keyed, lowest
from medsynth_assets.evaluation.utility import GUESS, INSIDE, TRTR, TSTR, utility
from tests.evaluation.corpora import corpus, record


def of(figures: list[Figure], measure: str, subject: str | None = None, group: str | None = None) -> Figure:
    """The one figure that fits."""
    (found,) = (
        f for f in figures if f.measure == measure and subject in (None, f.subject) and group in (None, f.group)
    )
    return found


def test_a_classifier_tells_an_accent_and_not_two_samples_of_one_source() -> None:
    """AUC 1 where every text gives itself away, about 0.5 where nothing differs, nothing from too few texts."""
    plain = [record(n).note for n in range(300)]
    accented = [record(n, accent="Verily, ").note for n in range(400, 460)]
    told, untold = discriminate(plain, accented), discriminate(plain[:150], plain[150:])
    assert told is not None
    assert untold is not None
    assert told.value > 0.99
    assert untold.low < 0.5 < untold.high
    assert discriminate(plain[:10], accented) is None


def test_realism_puts_the_reference_beside_each_figure() -> None:
    """The same corpus on both sides: the same figures, and distances no larger than between its own halves."""
    records = [record(n) for n in range(90)]
    figures = list(realism(corpus(records), corpus(records, "real")))
    for measure in ("words_median", "turns_median", "section_words_median", "reading_grade", "facts_median"):
        assert all(f.value == pytest.approx(f.reference) for f in figures if f.measure == measure)
    assert of(figures, "turns_median").value == 4
    assert of(figures, "words_new_to_reference", "note").value == 0
    assert of(figures, "ngram_distance", "note", "1-grams").value == 0
    assert sum(f.value or 0 for f in figures if f.measure == "turns_share") == pytest.approx(1)
    assert sum(f.value or 0 for f in figures if f.measure == "fact_kind_share") == pytest.approx(1)


def test_without_a_reference_nothing_is_made_up() -> None:
    """No distance, no classifier, no reference value."""
    figures = list(realism(corpus([record(n) for n in range(10)]), None))
    assert not {"ngram_distance", "discriminator_auc", "fact_distance"} & {f.measure for f in figures}
    assert all(f.reference is None or f.reference != f.reference for f in figures)


def test_repeated_records_show_as_near_duplicates_and_as_self_bleu() -> None:
    """Ten records, four of them the same."""
    same = [record(1)._replace(id=f"I10/9{n}") for n in range(3)]
    varied = [record(n, code=f"E11.{n}") for n in range(1, 8)]
    figures = diversity(corpus([*varied, *same]), None, lambda _: {}).figures
    assert of(figures, "near_duplicates", "dialogue").value == pytest.approx(4 / 10)
    assert 0 < (of(figures, "self_bleu", "note").value or 0) < 1


def test_what_is_copied_from_sensitive_records_is_found_and_listed() -> None:
    """A copied note, a near-duplicate of it, and a telephone number."""
    sensitive = [record(n, accent="in confidence ") for n in range(20)]
    leak = Record("I10/777", sensitive[3].note, "[doctor]: Call 614-555-0199.\n[patient]: I will.", "I10", "9")
    synthetic = corpus([*(record(n) for n in range(100, 130)), leak])
    found = privacy(synthetic, [("prompt", "Write the note of a visit.")], corpus(sensitive, "clinic"), None)
    longest = found.overlaps["clinic"][0]
    assert (longest.id, longest.other) == ("I10/777 note", "I10/003 note")
    assert of(found.figures, "longest_verbatim", "clinic").value == longest.word_count > 25
    assert of(found.figures, "near_duplicates_of_sensitive", "note").value == 1
    assert found.identifiers == [("I10/777", "dialogue", "telephone number: 614-555-0199")]
    assert of(found.figures, "closest_record_least", "note").value == pytest.approx(0, abs=1e-6)
    assert of(found.figures, "longest_verbatim", "prompts and their examples").value == 0


def test_membership_shows_where_records_lie_nearer_to_what_was_seen() -> None:
    """Records copied from the sensitive half; then from neither."""
    seen, unseen = ([record(n) for n in range(start, start + 40)] for start in (0, 40))
    leaking = [item._replace(id=f"x{item.id}") for item in seen]
    told = privacy(corpus(leaking), [], corpus(seen, "seen"), corpus(unseen, "unseen"))
    assert of(told.figures, "closer_to_sensitive", "note").low > 0.6  # type: ignore[operator]
    fresh = privacy(corpus([record(n) for n in range(500, 620)]), [], corpus(seen, "seen"), corpus(unseen, "unseen"))
    signal = of(fresh.figures, "closer_to_sensitive", "note")
    assert signal.low is not None
    assert signal.high is not None
    assert signal.low < 0.55
    assert signal.high > 0.45


def test_models_learn_sections_from_made_notes_and_are_tested_on_real_ones() -> None:
    """Train on synthetic, test on real, beside train on real; both far above guessing, each with its interval."""
    figures = list(
        utility(corpus([record(n) for n in range(60)]), corpus([record(n) for n in range(200, 240)], "real"))
    )
    scores = {f.group: f for f in figures if f.measure == "section_f1"}
    assert {TSTR, TRTR, GUESS} <= set(scores)
    for group in (TSTR, TRTR):
        assert (scores[group].value or 0) > 0.8 > 0.3 > (scores[GUESS].value or 0)
        assert scores[group].low <= scores[group].value <= scores[group].high  # type: ignore[operator]


def test_without_a_reference_utility_says_that_it_stayed_inside() -> None:
    """Chapters need dialogues of several codes; codes are never on both sides of a split."""
    made = [
        record(n, code=f"I1{n % 6}.{n % 3}", chapter=("9", "10")[n % 2], accent=("heart ", "lung ")[n % 2])
        for n in range(60)
    ]
    figures = list(utility(corpus(made), None))
    assert {f.group for f in figures} == {INSIDE, GUESS}
    assert (of(figures, "chapter_f1", group=INSIDE).value or 0) > 0.9


def test_waste_is_what_accepted_records_did_not_need() -> None:
    """Dollars are weighed where any were paid."""
    calls = pl.DataFrame(
        [
            ("scenarios", "accepted", 4, 400, 0.4, 8.0),
            ("scenarios", "rejected by the judge", 2, 200, 0.2, 4.0),
            ("dialogues", "accepted", 2, 600, 1.2, 10.0),
            ("dialogues", "call failed", 1, 0, 0.2, 30.0),
        ],
        schema=["stage", "outcome", "calls", "tokens", "usd", "seconds"],
        orient="row",
    )
    figures = list(cost(calls, 2))
    assert of(figures, "wasted_share", "usd").value == pytest.approx(0.2)
    assert of(figures, "usd_per_record", group="all stages").value == pytest.approx(1.0)
    assert of(figures, "tokens_per_record", group="dialogues").value == 300
    assert of(figures, "spent_share", "dialogues", "call failed").value == pytest.approx(0.1)
    assert list(cost(calls.clear(), 2)) == []


@pytest.mark.parametrize("missing", ["note", "dialogue"])
def test_corpora_of_notes_or_of_dialogues_alone_will_do(missing: str) -> None:
    """What the reference has no text for stays without a reference; nothing breaks."""
    half = corpus([record(n)._replace(**{missing: ""}) for n in range(50)], "half")
    whole = corpus([record(n) for n in range(100, 150)])
    figures = [
        *realism(whole, half),
        *diversity(whole, half, lambda _: {}).figures,
        *privacy(whole, [], half, half).figures,
    ]
    assert of(figures, "distinct_n", missing, "2-grams").reference is None
    assert not [f for f in figures if f.subject == missing and f.measure in ("ngram_distance", "closest_record")]
    there = "dialogue" if missing == "note" else "note"
    assert of(figures, "distinct_n", there, "2-grams").reference is not None


def test_a_sample_is_the_same_in_any_order_and_part_of_a_larger_one() -> None:
    """Which records are looked at does not depend on how they are stored."""
    ids = [f"r{n}" for n in range(200)]
    one = lowest((Keyed(i, i) for i in ids), 20)
    assert one == lowest((Keyed(i, i) for i in reversed(ids)), 20)
    assert one == lowest((Keyed(i, i) for i in ids), 50)[:20]
    assert one != ids[:20]


def test_a_corpus_without_pairs_is_refused(tmp_path) -> None:  # type: ignore[no-untyped-def]
    """Said with what was wanted."""
    (tmp_path / "empty.jsonl").write_text('{"id": "1"}\n')
    with pytest.raises(UsageError, match="no line with a note or a dialogue"):
        of_file(tmp_path / "empty.jsonl")
