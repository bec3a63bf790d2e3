"""The dialogue generator, offline: a visit from hello to goodbye in which every fact of the note is said.

Order as in the clinic: opening, story, history, examination, results, assessment, plan, questions, close; inside
these parts clinicians differ, and so does the order of what they ask.
"""

from medsynth_assets.engines.offline import (
    dialogue_background,
    dialogue_examination,
    dialogue_opening,
    dialogue_plan,
    dialogue_story,
)
from medsynth_assets.engines.offline.case import Case
from medsynth_assets.engines.offline.chooser import Chooser
from medsynth_assets.engines.offline.conversation import Conversation
from medsynth_assets.records.dialogue import Dialogue
from medsynth_assets.records.scenario import Scenario

_PARTS = (
    dialogue_opening.opening,
    dialogue_story.story,
    dialogue_background.background,
    dialogue_examination.examination,
    dialogue_examination.results,
    dialogue_plan.assessment,
    dialogue_plan.plan,
    dialogue_plan.questions,
    dialogue_plan.close,
)


def generate(scenario: Scenario, case: Case, chooser: Chooser) -> Dialogue:
    """The draft: complete and in order; the polisher makes it sound like people."""
    talk = Conversation(scenario, case, chooser)
    for part in _PARTS:
        part(talk)
    return Dialogue(turns=talk.turns)
