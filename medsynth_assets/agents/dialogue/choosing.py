"""Which strategy makes the dialogues."""

from collections.abc import Callable, Mapping

from medsynth_assets.agents.dialogue.desk import DialogueStrategy
from medsynth_assets.agents.dialogue.medsynth import MedSynth
from medsynth_assets.agents.dialogue.notechat import NoteChat
from medsynth_assets.records.artifact import Strategy

_STRATEGIES: Mapping[Strategy, Callable[[], DialogueStrategy]] = {
    Strategy.MEDSYNTH: MedSynth,
    Strategy.NOTECHAT: NoteChat,
}


def strategy_for(strategy: Strategy) -> DialogueStrategy:
    return _STRATEGIES[strategy]()
