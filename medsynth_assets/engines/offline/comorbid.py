"""The patient's other conditions: which there are, and what the visit does about them."""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from medsynth_assets.clinical.companions import companion_named
from medsynth_assets.clinical.conditions import conditions_in
from medsynth_assets.clinical.drugs import Drug, drugs_in
from medsynth_assets.clinical.ranges import meet
from medsynth_assets.engines.offline.background import background
from medsynth_assets.engines.offline.case import Case, Spoken
from medsynth_assets.engines.offline.chooser import Chooser
from medsynth_assets.records.scenario import OtherProblem, Prescription

_MOST = 3
_ADULT_FAMILY = 21.0  # years; above it a family's comorbidities are those of adults
_ATTENDED_SHARE = 0.55  # of other conditions that a visit also attends to, where something is known of them
_MOST_ATTENDED = 2
_BOTH_SHARE = 0.5  # of plans for a drug-treated condition that say more than to go on with the drug


class Other(NamedTuple):
    """Another condition: its charted name, and the drug taken for it, as charted, or ''."""

    name: str
    drug: str


class Others(NamedTuple):
    """All of them, and those that the visit also attends to."""

    present: list[Other]
    problems: list[OtherProblem]


def others(case: Case, chooser: Chooser, ordered: Sequence[Prescription], allergies: Collection[str]) -> Others:
    """Up to three other conditions: those that often go with the code first, then those that are common at the age.

    ordered: drugs of the main condition. A condition that is the main one by another name, that forbids one of these
    drugs, or whose own drug doubles one or is forbidden by the code, is left out.
    allergies: labels and names of drugs that the patient must not get, lower case.
    """
    given = [drug for order in ordered for drug in drugs_in(order.drug)]
    present: list[Other] = []
    for other in _possible(case, chooser):
        allowed = not any(drug.is_allergen(allergies) for drug in drugs_in(other.drug))
        if len(present) < _MOST and allowed and _goes_with(case, other, given, present):
            present.append(other)
            given += drugs_in(other.drug)
    attended = [o for o in present if chooser.chance(_ATTENDED_SHARE)][:_MOST_ATTENDED]
    return Others(present, [problem for o in attended if (problem := _attend(case, chooser, o))])


def _possible(case: Case, chooser: Chooser) -> Iterable[Other]:
    share = 0.0 if case.family.max_age > _ADULT_FAMILY and case.age < 18 else 0.5 if case.age < 40 else 1.0
    for often in chooser.shuffled(case.open(case.family.comorbidities)):
        if chooser.chance(often.p * share):
            yield Other(case.written(often.name), often.drug)
    for common in chooser.shuffled(background().conditions):
        if chooser.chance(common.share(case.age, case.sex)):
            yield Other(common.name, chooser.one(common.drugs))


def _goes_with(case: Case, other: Other, given: Sequence[Drug], present: Sequence[Other]) -> bool:
    code = case.plan.icd.code
    spans = [span for condition in conditions_in(other.name) for span in condition.codes]
    known = [span for o in present for condition in conditions_in(o.name) for span in condition.codes]
    if any(meet(code[:3], span[:3]) or any(meet(span, k) for k in known) for span in spans):
        return False
    if any(drug.barred_by(span) for drug in given for span in spans):
        return False
    own = drugs_in(other.drug)
    taken = {drug.class_ for drug in given if not drug.duplicable} | {drug.name for drug in given}
    return not any(d.barred_by(code) or d.class_ in taken or d.name in taken or _bars(d, known) for d in own)


def _bars(drug: Drug, spans: Sequence[str]) -> bool:
    return any(drug.barred_by(span) for span in spans)


def _attend(case: Case, chooser: Chooser, other: Other) -> OtherProblem | None:
    """How a quiescent condition has been, that it stays under control, and what goes on for it."""
    known = companion_named(other.name)
    if known is None:
        return None
    histories, statuses, plans = case.open(known.histories), case.open(known.statuses), case.open(known.plans)
    if not (histories and statuses and plans):
        return None
    plan = case.written(chooser.one(plans).note)
    if other.drug:
        go_on = f"Continue {other.drug}."
        plan = f"{go_on} {plan}" if chooser.chance(_BOTH_SHARE) else go_on
    return OtherProblem(
        name=other.name,
        history=case.written(chooser.one(histories).note),
        assessment=case.written(chooser.one(statuses).note),
        plan=plan,
    )


def told(case: Case, problem: OtherProblem) -> dict[str, Spoken]:
    """How what is charted of the problem comes up aloud: by charted sentence."""
    known = companion_named(problem.name)
    if known is None:
        return {}
    if known.condition not in case.others_told:
        said = {case.written(h.note): Spoken("", case.aloud(h.says)) for h in known.histories}
        said |= {case.written(s.note): Spoken("", case.aloud(s.aloud)) for s in (*known.statuses, *known.plans)}
        case.others_told[known.condition] = said
    return case.others_told[known.condition]


def asked(case: Case, problem: OtherProblem, chooser: Chooser) -> str:
    """What the clinician asks about it; nothing where it is not known."""
    known = companion_named(problem.name)
    return case.aloud(chooser.one(known.ask)) if known else ""
