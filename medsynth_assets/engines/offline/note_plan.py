"""Assessment and Plan of the offline note writer."""

from collections.abc import Callable

from medsynth_assets.engines.offline.case import imaging_name
from medsynth_assets.engines.offline.charting import Charting
from medsynth_assets.engines.offline.wording import listed, lower_first, paragraph, sentence
from medsynth_assets.records.scenario import Prescription


def assessment(chart: Charting) -> str:
    """The diagnosis in its official words, the judgement, what else was thought of, the other problems."""
    outcome = chart.scenario.medical_outcome
    key = chart.chooser.one(("diagnosis", "diagnosis", "diagnosis_person"))
    named = chart.say(
        key, diagnosis=outcome.diagnosis, diagnosis_low=lower_first(outcome.diagnosis), **chart.opening_facts()
    )
    said = [named, outcome.assessment]
    if outcome.differential:
        said.append(chart.say("differential", items=listed(outcome.differential)))
    first = paragraph(said)
    if not outcome.other_problems or chart.plan_by_problem:
        return first
    others = [f"{sentence(p.name)} {p.assessment}" for p in outcome.other_problems]
    if chart.plan_list in ("numbered", "bulleted", "dashed"):
        return "\n".join(_marked(chart, [first, *others]))
    return paragraph([first, *others])


def plan(chart: Charting) -> str:
    """Orders first, in any order of kinds, then advice, warnings and the next visit."""
    outcome = chart.scenario.medical_outcome
    orders = [[_drug(chart, order) for order in outcome.prescriptions], list(outcome.treatments), _tests(chart)]
    referrals = [chart.say("referral", **referral.model_dump()) for referral in outcome.referrals]
    orders.append(referrals)
    items = [item for group in chart.chooser.shuffled(orders) for item in group]
    advice = _advice(chart)
    warnings = list(outcome.return_precautions)
    items += [*warnings, *advice] if chart.chooser.chance(0.3) else [*advice, *warnings]
    others = [_other(chart, n) for n in range(len(outcome.other_problems))]
    needed = outcome.follow_up == "as needed"
    follow = chart.say("follow_up_needed") if needed else chart.say("follow_up", when=outcome.follow_up)
    items += [follow, *others] if chart.chooser.chance(0.2) else [*others, follow]
    items = [sentence(item) for item in items if item]
    return " ".join(items) if chart.plan_list == "prose" else "\n".join(_marked(chart, items))


def _marked(chart: Charting, items: list[str]) -> list[str]:
    marks: dict[str, Callable[[int], str]] = {
        "numbered": lambda n: f"{n}. ", "bulleted": lambda n: "• ", "dashed": lambda n: "- ",
    }  # fmt: skip
    mark = marks[chart.plan_list]
    return [f"{mark(n)}{item}" for n, item in enumerate(items, 1)]


def _drug(chart: Charting, order: Prescription) -> str:
    sig = f"{order.drug} {order.dose} {order.route} {order.frequency}"
    length = "" if order.duration == "ongoing" else f" for {order.duration}"
    supply = f"{chart.chooser.one(('dispense', 'dispense', 'quantity', 'disp', 'qty'))} {order.quantity}"
    return chart.say(order.action, sig=sig + length, purpose=order.purpose, supply=supply)


def _tests(chart: Charting) -> list[str]:
    outcome = chart.scenario.medical_outcome
    items = []
    for order in outcome.laboratory_orders:
        same = order.tests == [order.panel]
        items.append(chart.say("labs_same" if same else "labs", panel=order.panel, tests=", ".join(order.tests)))
    for image in outcome.imaging_orders:
        study = imaging_name(image.modality, image.body_area)
        items.append(chart.say("imaging", study=study, reason=image.reason))
    return items


def _advice(chart: Charting) -> list[str]:
    advice = chart.scenario.medical_outcome.lifestyle_advice
    if not advice:
        return []
    if chart.plan_list != "prose" and chart.chooser.chance(0.3):
        return list(advice)
    return [chart.say("advice", advice=paragraph(advice))]


def _other(chart: Charting, n: int) -> str:
    problem = chart.scenario.medical_outcome.other_problems[n]
    judged = problem.assessment if chart.plan_by_problem else ""
    return paragraph([chart.say("problem_plan", name=problem.name, assessment=judged, plan=problem.plan)])
