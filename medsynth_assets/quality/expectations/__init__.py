"""Great Expectations' own expectations of notes and dialogues. Importing registers them; needs no Dagster, no warehouse.

    import great_expectations as gx
    import medsynth_assets.quality.expectations as mx

    suite.add_expectation(mx.ExpectDialogueToCoverNote(column_A="note", column_B="dialogue", least=0.8))

For pandas batches. A dialogue is text with speaker markers, `[doctor]: ...` or `Doctor: ...`, a line a turn.
"""

from medsynth_assets.quality.expectations.notes import ExpectNoteToHaveSoapSections, ExpectNoteToKeepSectionsApart
from medsynth_assets.quality.expectations.pairs import (
    ExpectDialogueNotToContradictNote,
    ExpectDialogueNotToDenyNote,
    ExpectDialogueToBeSupportedByNote,
    ExpectDialogueToBeWellFormed,
    ExpectDialogueToCoverNote,
)

__all__ = [
    "ExpectDialogueNotToContradictNote",
    "ExpectDialogueNotToDenyNote",
    "ExpectDialogueToBeSupportedByNote",
    "ExpectDialogueToBeWellFormed",
    "ExpectDialogueToCoverNote",
    "ExpectNoteToHaveSoapSections",
    "ExpectNoteToKeepSectionsApart",
]
