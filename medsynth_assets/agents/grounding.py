"""Grounding: what the knowledge base and the official code set say of a code, put into a model's prompt as data.

After knowledge-infused prompting (Xu et al. 2024, "Knowledge-Infused Prompting", arXiv 2311.00287).
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from medsynth_assets.clinical.facets import facets_of
from medsynth_assets.clinical.family import Family, Gated, Sex, State
from medsynth_assets.clinical.knowledge import Knowledge, KnowledgeBase, KnowledgeError
from medsynth_assets.clinical.used import knowledge_used
from medsynth_assets.engines.offline.alternation import first_reading
from medsynth_assets.records.artifact import Agent
from medsynth_assets.records.plan import CodeFacts, SlotPlan

_CHARACTERS_PER_TOKEN = 4  # of English, roughly; the budget is a ceiling for cost, not a context limit
_ANY_STATE = next(iter(State))
_MOST_KNOWN = 1_000  # of the newest patients: the agents of one slot ask for the same facts
_MEDICINE = (
    "symptoms", "negatives", "exam", "laboratory", "imaging", "medications", "treatments", "referrals", "red_flags",
    "follow_up", "comorbidities", "risk_factors", "differentials", "questions", "advice",
)  # fmt: skip
_ASPECTS = {  # which facts help which agent, the most telling first
    Agent.SCENARIO_PROVIDER: _MEDICINE,
    Agent.SCENARIO_JUDGE: _MEDICINE,
    Agent.NOTE_WRITER: ("symptoms", "exam", "laboratory", "medications"),
    Agent.NOTE_POLISHER: (),
    Agent.DIALOGUE_GENERATOR: ("spoken", "explanations", "questions", "patient_questions"),
    Agent.DIALOGUE_POLISHER: ("spoken",),
    Agent.ROLE_DOCTOR: ("spoken", "explanations", "questions"),
}


class Grounding:
    """Facts for prompts, within a budget of tokens each."""

    def __init__(self, base: KnowledgeBase, most_tokens: int) -> None:
        self._base = base
        self.most_tokens = most_tokens
        self._most_characters = most_tokens * _CHARACTERS_PER_TOKEN
        self._known: dict[tuple[object, ...], dict[str, Any]] = {}
        self._stated: dict[tuple[object, ...], list[_Item]] = {}

    def used(self, icd: CodeFacts) -> tuple[tuple[str, ...], str]:
        """Ids of everything a prompt may draw on for the code, and one hash of what it states; empty where nothing is known."""
        try:
            return knowledge_used(self._base, icd.code, icd.description)
        except KnowledgeError:
            return (), ""

    def facts(self, agent: Agent, plan: SlotPlan) -> dict[str, Any]:
        """Official terms, and facts that fit the patient's age and sex, whole items only, until the budget is spent.

        Aspects take turns, so that a small budget still holds something of each. {} for an agent that needs none.
        """
        aspects = _ASPECTS.get(agent, ())
        if not aspects:
            return {}
        key = (aspects, plan.icd.code, plan.icd.row_hash, plan.age_years, plan.sex)
        if key not in self._known:
            while len(self._known) >= _MOST_KNOWN:
                del self._known[next(iter(self._known))]
            self._known[key] = self._facts(aspects, plan)
        return self._known[key]

    def _facts(self, aspects: tuple[str, ...], plan: SlotPlan) -> dict[str, Any]:
        official = {"inclusion_terms": plan.icd.inclusion_terms, "exclusion_terms": plan.icd.exclusion_terms}
        items = {name: [_item(None, term) for term in terms] for name, terms in official.items()}
        head: dict[str, Any] = {}
        try:
            known = self._base.lookup(plan.icd.code)
        except KnowledgeError:
            pass  # a code outside the knowledge base still has its official terms
        else:
            head = _head(known.family, plan)
            items |= {
                aspect: [item for item in self._of_family(known, aspect) if _fits(item.gate, plan)]
                for aspect in aspects
            }
        return {**head, **_within(items, self._most_characters - len(json.dumps(head)))}

    def _of_family(self, known: Knowledge, aspect: str) -> list["_Item"]:
        """For whomever it may be; read once, for all patients of all codes that it covers."""
        key = (known.chain, aspect)
        if key not in self._stated:
            self._stated[key] = list(_items(known.family, aspect))
        return self._stated[key]


class _Item(NamedTuple):
    """One fact. gate: of whom it may be said; None for anybody. cost: characters in a prompt."""

    gate: Gated | None
    text: str
    cost: int


def _item(gate: Gated | None, text: str) -> _Item:
    return _Item(gate, text, len(json.dumps(text)) + 2)


def _within(items: Mapping[str, Sequence[_Item]], left: int) -> dict[str, list[str]]:
    kept: dict[str, list[str]] = {}
    for n in range(max((len(of) for of in items.values()), default=0)):
        for aspect, of in items.items():
            if n >= len(of):
                continue
            cost = of[n].cost + (0 if aspect in kept else len(aspect) + 8)
            if cost <= left:
                kept.setdefault(aspect, []).append(of[n].text)
                left -= cost
    return kept


def _head(family: Family, plan: SlotPlan) -> dict[str, Any]:
    """What the code is, and who can have it."""
    return {
        "condition": family.name,
        "in_plain_words": family.plain,
        "ages_years": [family.min_age, family.max_age],
        "sex": family.sex or "any",
        "description_says": [present.facet.id for present in facets_of(plan.icd.description)],
    }


def _items(family: Family, aspect: str) -> Iterator[_Item]:
    for read in _READERS[aspect](family):
        gate, text = read if isinstance(read, tuple) else (None, read)
        yield _item(gate, first_reading(text))


def _fits(gate: Gated | None, plan: SlotPlan) -> bool:
    """For the patient's age and sex and the code, in some state of the condition."""
    if gate is None:
        return True
    state = gate.when[0] if gate.when else _ANY_STATE
    return gate.admits(state, plan.age_years, Sex(plan.sex), plan.icd.code)


def _spoken(family: Family) -> Iterable[tuple[Gated, str]]:
    for symptom in (*family.symptoms, *family.negatives):
        yield symptom, f"{symptom.term} = {symptom.plain}"
    for finding in family.exam:
        yield finding, f"{finding.finding} = {finding.aloud}"


def _comorbidity(family: Family) -> Iterable[tuple[Gated, str]]:
    for other in family.comorbidities:
        yield other, f"{other.name}, {other.drug}" if other.drug else other.name


_READERS: dict[str, Any] = {
    "symptoms": lambda f: ((s, s.term) for s in f.symptoms),
    "negatives": lambda f: ((s, s.term) for s in f.negatives),
    "exam": lambda f: ((e, f"{e.system}: {e.finding}{' (abnormal)' if e.abnormal else ''}") for e in f.exam),
    "laboratory": lambda f: (
        (t, f"{t.name}, {t.unit}, reference {t.reference[0]} to {t.reference[1]}, in this condition {t.abnormal or t.normal}")
        for t in f.labs
    ),
    "imaging": lambda f: ((i, f"{i.modality} {i.body_area}: {i.finding or i.reason}") for i in f.imaging),
    "medications": lambda f: (
        (m, f"{m.drug} {' or '.join(m.doses)} {m.route} {m.frequency[0]}, line {m.line}, for {m.purpose}"
         + (f", not with {', '.join(m.avoid)}" if m.avoid else ""))
        for m in f.medications
    ),
    "treatments": lambda f: ((t, t.note) for t in f.treatments),
    "referrals": lambda f: ((r, f"{r.specialty} for {r.reason}") for r in f.referrals),
    "red_flags": lambda f: ((r, r.note) for r in f.red_flags),
    "follow_up": lambda f: ((u, f"{u.interval} {u.purpose}") for u in f.follow_up),
    "comorbidities": _comorbidity,
    "risk_factors": lambda f: ((r, r.note) for r in f.risk_factors),
    "differentials": lambda f: f.differentials,
    "questions": lambda f: (q.ask for q in f.questions),
    "advice": lambda f: ((a, a.note) for a in f.advice),
    "spoken": _spoken,
    "explanations": lambda f: f.explanations,
    "patient_questions": lambda f: ((q, q.ask) for q in f.patient_questions),
}  # fmt: skip
