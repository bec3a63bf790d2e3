"""A case: the knowledge about a code as it applies to one planned patient, in both voices."""

import re
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple, TypeVar

from medsynth_assets.clinical.facets import facets_of
from medsynth_assets.clinical.family import Answer, Family, Gated, Question, Sex, State, Visit
from medsynth_assets.clinical.knowledge import KnowledgeBase
from medsynth_assets.engines.offline.alternation import resolve_fixed
from medsynth_assets.engines.offline.chooser import Chooser, pick_at
from medsynth_assets.records.identity import digest
from medsynth_assets.records.plan import SlotPlan

G = TypeVar("G", bound=Gated)
_SIDE = re.compile(r"\b(right|left|bilateral)\b")
_PLURALS = {"foot": "feet", "tooth": "teeth", "eyelash": "eyelashes"}


class Spoken(NamedTuple):
    """How a charted fact comes up aloud: what is asked, if anything, and what is said."""

    ask: str
    says: str


class Case:
    """One patient's condition: the merged family, the visit and state drawn for this slot.

    Alternatives in knowledge texts are settled once a case, so that a text reads the same wherever it is used.
    """

    def __init__(self, plan: SlotPlan, base: KnowledgeBase) -> None:
        self.plan = plan
        self.others_told: dict[str, dict[str, Spoken]] = {}  # by other condition: what is charted of it, and said
        self.family: Family = base.lookup(plan.icd.code).family
        found = facets_of(plan.icd.description)
        self.facets = [f for f in found if f.facet.fits(self.family.kind, has_site=bool(self.family.site_by_code))]
        self.sex = Sex(plan.sex)
        self.age = plan.age_years
        self._key = int(digest("case", plan.seed, plan.icd.code, plan.visit_draw), 16) & 0xFFFFFFFF
        self.visit = self._visit()
        self.state = self.visit.state
        self.name, self.plain = self._names()
        self._written, self._aloud = self._fillings()

    def _visit(self) -> Visit:
        code = self.plan.icd.code
        visits = [v for v in self.family.visits if v.admits(v.state, self.age, self.sex, code)]
        return pick_at(visits, self.plan.visit_draw) if visits else _ANY_VISIT

    def _names(self) -> tuple[str, str]:
        code, family = self.plan.icd.code, self.family
        prefix = max((p for p in family.name_by_code if code.startswith(p)), key=len, default=None)
        return family.name_by_code[prefix] if prefix else (family.name, family.plain)

    def _fillings(self) -> tuple[dict[str, str], dict[str, str]]:
        code, sites = self.plan.icd.code, self.family.site_by_code
        prefix = max((p for p in sites if code.startswith(p)), key=len, default="default")
        site = Chooser(self._key).one(sites[prefix]) if sites.get(prefix) else "affected area"
        match = _SIDE.search(self.plan.icd.description.lower())
        side = match.group(1) if match else ""
        he, his, him = ("she", "her", "her") if self.sex is Sex.FEMALE else ("he", "his", "him")
        written = {"name": self.name, "plain": self.plain, "he": he, "his": his, "him": him}
        written |= {"He": he.capitalize(), "His": his.capitalize()}
        for facet, caught in self.facets:
            written |= caught | {name: Chooser(self._key).one(values) for name, values in facet.draws.items()}
        aloud = dict(written)
        written["site"] = aloud["site"] = f"{side} {site}".strip()
        if side == "bilateral":
            written["site"], aloud["site"] = f"bilateral {plural(site)}", f"both {plural(site)}"
        for filling in (written, aloud):  # a name may itself speak of the site
            filling["name"] = _fill(filling["name"], filling)
            filling["plain"] = _fill(filling["plain"], filling)
        return written, aloud

    def written(self, text: str) -> str:
        """A knowledge text as it is charted of this patient."""
        return _fill(resolve_fixed(text, self._key), self._written)

    def aloud(self, text: str) -> str:
        """A knowledge text as it is said in this visit."""
        said = _fill(resolve_fixed(text, self._key), self._aloud)
        said = re.sub(r"\b(my|your|his|her) both\b", r"both \1", said)
        return re.sub(r"\bthe both\b", "both", said)

    def open(self, items: Sequence[G]) -> list[G]:
        """The statements that may be made of this patient at this visit."""
        code = self.plan.icd.code
        return [item for item in items if item.admits(self.state, self.age, self.sex, code)]

    @property
    def facet_questions(self) -> list[Question]:
        """What the official description gives reason to ask."""
        return [facet.question for facet, _ in self.facets if facet.question]

    def answers(self, question: Question) -> list[Answer]:
        return self.open(question.answers)

    @property
    def is_child(self) -> bool:
        """A parent does the talking below twelve."""
        return self.age < 12

    @cached_property
    def spoken(self) -> dict[str, Spoken]:
        """Every charted text of the family, as filled for this patient, and how it comes up aloud."""
        family = self.family
        found: dict[str, Spoken] = {}

        def add(charted: str, says: str, ask: str = "") -> None:
            found.setdefault(self.written(charted), Spoken(self.aloud(ask), self.aloud(says)))

        for question in (*family.questions, *self.facet_questions):
            for answer in self.answers(question):
                add(answer.note, answer.says, question.ask)
        for said in (*family.risk_factors, *family.treatments, *family.advice, *family.red_flags, *family.assessments):
            add(said.note, said.aloud)
        for facet, _ in self.facets:
            for said in (*facet.remarks, *facet.plans):
                add(said.note, said.aloud)
        for finding in family.exam:
            add(f"{finding.system}: {finding.finding}", finding.aloud)
        for report in family.reports:
            add(f"{report.name}: {report.result}", report.aloud)
        for laboratory in family.labs:
            add(laboratory.name, laboratory.aloud)
            add(laboratory.panel, laboratory.aloud)
        for imaging in family.imaging:
            add(imaging_name(imaging.modality, imaging.body_area), imaging.aloud)
        for referral in family.referrals:
            add(referral.specialty, referral.aloud)
        for comorbidity in family.comorbidities:
            add(comorbidity.name, comorbidity.plain)
        for medication in family.medications:
            add(medication.drug, medication.plain)
        return found

    def told(self, charted: str) -> str:
        """What one or more charted sentences in a row sound like; a sentence that is not known is read out."""
        if not charted or charted in self.spoken:
            return self.spoken[charted].says if charted else ""
        for sentence, known in self.spoken.items():
            if charted.startswith(f"{sentence} "):
                return f"{known.says} {self.told(charted.removeprefix(sentence).strip())}"
        return charted


_ANY_VISIT = Visit(
    state=State.NEW, encounter="office visit", reason="evaluation of {name}", says=("I wanted to get checked out.",)
)


def imaging_name(modality: str, body_area: str) -> str:
    """`MRI of the brain`, and no repetition where the modality says it already."""
    if not body_area or body_area.lower() in modality.lower():
        return modality
    if body_area.split()[0].lower() in ("the", "both", "bilateral"):
        return f"{modality} of {body_area}"
    return f"{modality} of the {body_area}"


def plural(noun: str) -> str:
    head, _, last = noun.rpartition(" ")
    last = _PLURALS.get(last, last if last.endswith("s") else f"{last}s")
    return f"{head} {last}".strip()


def _fill(text: str, filling: dict[str, str]) -> str:
    """Replace `{word}` where the word is known; any other brace stays as it is."""
    if "{" not in text:
        return text
    return re.sub(r"\{(\w+)\}", lambda m: filling.get(m.group(1), m.group(0)), text)
