"""A conversation being written: who speaks, in whose person, with acknowledgements carried over."""

from dataclasses import dataclass, field

from medsynth_assets.engines.offline.alternation import resolve
from medsynth_assets.engines.offline.background import background, traits_by_note
from medsynth_assets.engines.offline.case import Case
from medsynth_assets.engines.offline.chooser import Chooser
from medsynth_assets.engines.offline.phrasebook import Phrasebook, dialogue_phrases
from medsynth_assets.engines.offline.voice import about_child, capitals, of_child
from medsynth_assets.engines.offline.wording import sentence
from medsynth_assets.records.dialogue import Turn
from medsynth_assets.records.scenario import Scenario


@dataclass
class Conversation:
    """Turns so far. A parent speaks for a child: first person becomes third on both sides."""

    scenario: Scenario
    case: Case
    chooser: Chooser
    turns: list[Turn] = field(default_factory=list)
    _used: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        who = self.scenario.demographics
        self.phrases: Phrasebook = dialogue_phrases()
        self.child = bool(who.companion)
        self.patient = who.companion or "patient"
        self.first = who.name.partition(" ")[0]
        self.title = f"{'Ms.' if who.gender == 'female' else 'Mr.'} {who.name.rpartition(' ')[2]}"
        self.doctor_name = self.chooser.one(background().physicians)
        family = self.case.family
        self.symptoms = {self.case.written(s.term): s for s in (*family.symptoms, *family.negatives)}

    def phrase(self, key: str, **facts: object) -> str:
        """One way of saying it, not one said before while there are others."""
        known = {"title": self.title, "first": self.first, "child": self.first, "doctor": self.doctor_name}
        known["companion"] = self.scenario.demographics.companion
        return capitals(self.phrases.say(key, self.chooser, self._used, **known, **facts))

    def doctor(self, text: str) -> None:
        self.say("doctor", text)

    def ask(self, text: str) -> None:
        """A question of the clinician, at times after a short acknowledgement."""
        if self.child:
            text = about_child(text, self.case.sex)
        if self.turns and self.turns[-1].speaker != "doctor" and self.chooser.chance(0.3):
            text = f"{self.phrase('ack')} {text}"
        self.doctor(text)

    def tell(self, text: str) -> None:
        """Something the clinician tells of the patient's own body; of the child, to a parent."""
        self.doctor(about_child(text, self.case.sex) if self.child else text)

    def answer(self, text: str) -> None:
        """The patient's words about themselves, or the parent's about the child."""
        self.say(self.patient, of_child(text, self.case.sex) if self.child else text)

    def is_trait(self, fact: str) -> bool:
        return fact in traits_by_note()

    def trait(self, fact: str) -> str:
        """A habit or circumstance as this patient puts it."""
        trait = traits_by_note().get(fact)
        return capitals(resolve(self.chooser.one(trait.says), self.chooser)) if trait else fact

    def reply(self, key: str) -> None:
        """A short reaction that is the speaker's own, whoever it is about."""
        self.say(self.patient, self.phrase(key))

    def say(self, speaker: str, text: str) -> None:
        text = sentence(text)
        if self.turns and self.turns[-1].speaker == speaker:
            text = f"{self.turns.pop().text} {text}"
        self.turns.append(Turn(speaker=speaker, text=text))
