"""This project's own measures of a prediction: what it says of the facts it was to say, and what it says beside them."""

from collections.abc import Mapping

from medsynth_assets.clinical.knowledge import knowledge_base
from medsynth_assets.evaluation.tasks.references import Reference
from medsynth_assets.evaluation.tasks.task import Task
from medsynth_assets.quality.dialogue_text import turns_of
from medsynth_assets.quality.facts.hearing import Turn
from medsynth_assets.quality.lay_forms import lay_forms
from medsynth_assets.quality.pairs import Pair
from medsynth_assets.quality.reading import read
from medsynth_assets.quality.soap.fault import FaultType

# What each name says, in the order they are shown; whether more of it is better
MEASURES: Mapping[Task, Mapping[str, str]] = {
    Task.DIAL2NOTE: {
        "fact_coverage": "share of the facts of the reference note that the generated note states alike",
        "support": "share of the facts of the generated note that the dialogue says",
        "contradictions": "facts of the generated note that the dialogue says otherwise, a record",
        "soap_faults": "sections missing, empty, twice or out of order, a record",
        "misplaced": "sentences in another section than their kind belongs to, a record",
    },
    Task.NOTE2DIAL: {
        "fact_coverage": "share of the facts of the note that the generated dialogue says",
        "contradictions": "facts of the note that the generated dialogue says otherwise, a record",
        "unsupported": "clinical statements of the generated dialogue that the note does not support, a record",
        "form_faults": "faults of turns and speakers, a record",
        "turns": "turns, a record",
    },
}


def grounded(task: Task, reference: Reference, predicted: str) -> dict[str, float]:
    """The measures of one record by name; shares 0 to 1. A prediction without text covers nothing."""
    lay = lay_forms(knowledge_base(), reference.icd10) if reference.icd10 else {}
    return _note(reference, predicted, lay) if task is Task.DIAL2NOTE else _dialogue(reference, predicted, lay)


def _note(reference: Reference, predicted: str, lay: Mapping[str, str]) -> dict[str, float]:
    against_dialogue = Pair(predicted, turns_of(reference.dialogue), lay)
    misplaced = [fault for fault in against_dialogue.soap if fault.type is FaultType.MISPLACED]
    return {
        "fact_coverage": Pair(reference.note, _stated(predicted)).coverage_frac,
        "support": against_dialogue.coverage_frac if predicted.strip() else 0.0,
        "contradictions": len(against_dialogue.contradicted),
        "soap_faults": len(against_dialogue.soap) - len(misplaced),
        "misplaced": len(misplaced),
    }


def _dialogue(reference: Reference, predicted: str, lay: Mapping[str, str]) -> dict[str, float]:
    turns = turns_of(predicted)
    pair = Pair(reference.note, turns, lay)
    return {
        "fact_coverage": pair.coverage_frac,
        "contradictions": len(pair.contradicted),
        "unsupported": len(pair.unsupported),
        "form_faults": len(pair.form),
        "turns": len(turns),
    }


def _stated(note: str) -> tuple[Turn, ...]:
    """A note as something said: a statement a sentence, so that a denial reaches no further than it does in the note."""
    return tuple(Turn("doctor", sentence.text) for sentence in read(note))
