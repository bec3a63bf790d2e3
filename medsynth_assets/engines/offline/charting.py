"""How one clinician charts: the style of a note, and the words for its patient."""

from dataclasses import dataclass, field

from medsynth_assets.engines.offline.alternation import resolve
from medsynth_assets.engines.offline.background import traits_by_note
from medsynth_assets.engines.offline.chooser import Chooser, pick_at
from medsynth_assets.engines.offline.phrasebook import Phrasebook, note_phrases
from medsynth_assets.engines.offline.wording import age_adjective, person, upper_first, with_article
from medsynth_assets.records.scenario import Scenario


@dataclass(frozen=True)
class Layout:
    """Shape of the Subjective section: headings and their form, or prose; short words or full."""

    headed: bool
    terse: bool
    weight: float


_LAYOUTS = (
    Layout(headed=False, terse=False, weight=5),
    Layout(headed=True, terse=False, weight=4),
    Layout(headed=True, terse=True, weight=2),
)
_HEADINGS = (  # one clinician's names for the parts of Subjective
    {"CC": "CC", "HPI": "HPI", "ROS": "ROS", "PMH": "PMH", "MED": "Medications", "ALL": "Allergies", "FH": "FH", "SH": "SH"},
    {"CC": "Chief complaint", "HPI": "History of present illness", "ROS": "Review of systems", "PMH": "Past medical history", "MED": "Current medications", "ALL": "Allergies", "FH": "Family history", "SH": "Social history"},
    {"CC": "CHIEF COMPLAINT", "HPI": "HISTORY OF PRESENT ILLNESS", "ROS": "REVIEW OF SYSTEMS", "PMH": "PAST MEDICAL HISTORY", "MED": "MEDICATIONS", "ALL": "ALLERGIES", "FH": "FAMILY HISTORY", "SH": "SOCIAL HISTORY"},
    {"CC": "Reason for visit", "HPI": "Interval history", "ROS": "ROS", "PMH": "Medical history", "MED": "Meds", "ALL": "Drug allergies", "FH": "Family hx", "SH": "Social hx"},
)  # fmt: skip
_BY_PROBLEM_SHARE = 0.5  # of clinicians, who judge each further problem where they plan it
_LISTS = ("numbered", "numbered", "bulleted", "dashed", "prose", "prose")


@dataclass
class Charting:
    """One note in the making: the scenario, the draws, and the clinician's habits."""

    scenario: Scenario
    chooser: Chooser
    phrases: Phrasebook = field(default_factory=note_phrases)

    def __post_init__(self) -> None:
        who = self.scenario.demographics
        chooser = self.chooser
        self.layout = pick_at(_LAYOUTS, chooser.between(0, 1, 6))
        self.headings = chooser.one(_HEADINGS)
        self.heading_end = chooser.one((": ", ": ", ":\n"))
        self.plan_list = chooser.one(_LISTS)
        self.plan_by_problem = chooser.chance(_BY_PROBLEM_SHARE)
        self.exam_list = chooser.one(("lines", "lines", "prose", "bulleted"))
        self.he = "she" if who.gender == "female" else "he"
        self.his = "her" if who.gender == "female" else "his"
        self.names = self._names()
        self.age = age_adjective(who.age_years)
        self.history_told = False  # whether the opening sentence has named the chronic conditions

    def _names(self) -> tuple[str, ...]:
        """What this clinician calls the patient at the start of a sentence."""
        who = self.scenario.demographics
        he = self.he.capitalize()
        first, _, last = who.name.rpartition(" ")
        formal = (first or who.name) if who.age_years < 18 else f"{'Ms.' if who.gender == 'female' else 'Mr.'} {last}"
        return self.chooser.one(((he,), (he, "The patient"), ("Patient",), (he, formal), ("The patient",), ("Pt", he)))

    def say(self, key: str, **facts: object) -> str:
        """One way of putting it; facts ending in `_cap` and `_low` come along by themselves."""
        known: dict[str, object] = {"he": self.he, "his": self.his, "who": self.chooser.one(self.names)}
        for name, value in facts.items():
            known[name] = value
            if isinstance(value, str):
                known[f"{name}_cap"] = upper_first(value)
        return self.phrases.say(key, self.chooser, None, **known)

    def opening_facts(self) -> dict[str, str]:
        who = self.scenario.demographics
        return {
            "name": who.name,
            "age": self.age,
            "years": f"{who.age_years:g}",
            "a_age": with_article(self.age),
            "person": person(who.age_years, who.gender),
            "sex_letter": "F" if who.gender == "female" else "M",
            "encounter": self.scenario.encounter_type,
            "setting": self.scenario.clinical_setting,
            "place": self.scenario.geographical_location,
        }

    def charted(self, fact: str) -> str:
        """A habit or circumstance in this clinician's words."""
        trait = traits_by_note().get(fact)
        return resolve(self.chooser.one(trait.charted), self.chooser) if trait and trait.charted else fact
