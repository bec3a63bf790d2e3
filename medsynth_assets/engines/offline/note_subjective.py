"""Subjective of the offline note writer: the complaint and its story, the other problems, the background."""

from medsynth_assets.engines.offline.charting import Charting
from medsynth_assets.engines.offline.voice import of_child
from medsynth_assets.engines.offline.wording import (
    listed,
    lower_first,
    paragraph,
    sentence,
    starts_with_verb,
)
from medsynth_assets.records.scenario import SymptomDescription


def subjective(chart: Charting) -> str:
    """All of it once; headed parts, or one paragraph of story and one of background."""
    told = _in_third_person(chart)
    story = paragraph([*_opening(chart), *_story(chart, told)])
    others = [_other(chart, n) for n in range(len(chart.scenario.medical_outcome.other_problems))]
    background = _background(chart)
    if chart.layout.headed:
        denied = _denied(chart, "denies_ros")
        parts = {"CC": sentence(told.chief_complaint), "HPI": paragraph([story, *others]), "ROS": denied, **background}
        titled = [f"{chart.headings[key]}{chart.heading_end}{_bare(text)}" for key, text in parts.items() if text]
        return "\n".join(titled)
    rest = paragraph(text for text in background.values() if text)
    return "\n\n".join(t for t in (paragraph([story, _denied(chart, "denies")]), paragraph(others), rest) if t)


def _opening(chart: Charting) -> list[str]:
    history = chart.scenario.medical_history.chronic_conditions
    key = "opener_terse" if chart.layout.terse else "opener"
    reason = lower_first(chart.scenario.symptom_description.chief_complaint)
    facts = {**chart.opening_facts(), "reason": reason, "history": listed(history)}
    told_here = bool(history) and (chart.layout.terse or chart.chooser.chance(0.6))
    chart.history_told = told_here
    said = [chart.say(f"{key}_history" if told_here else key, **facts)]
    if chart.scenario.demographics.companion:
        said.append(chart.say("informant", companion=chart.scenario.demographics.companion))
    if chart.scenario.english_proficiency == "interpreter":
        said.append(chart.say("interpreter"))
    return said


def _story(chart: Charting, told: SymptomDescription) -> list[str]:
    """The symptoms first; how they run, what comes with them and what the history adds in any order."""
    groups = [_quality(chart, told), _modifiers(chart, told), list(told.details)]
    if told.associated_symptoms:
        groups.append([chart.say("associated", symptoms=listed(told.associated_symptoms))])
    if told.impact_on_daily_life:
        groups.append([chart.say("impact", impact=told.impact_on_daily_life)])
    return [_symptoms(chart, told), *(said for group in chart.chooser.shuffled(groups) for said in group)]


def _symptoms(chart: Charting, told: SymptomDescription) -> str:
    symptoms = listed(told.main_symptoms)
    if symptoms and told.duration:
        bare = told.duration.removeprefix("about ").removeprefix("a ")
        return chart.say("symptoms_since", symptoms=symptoms, duration=told.duration, duration_bare=bare)
    return chart.say("symptoms", symptoms=symptoms) if symptoms else chart.say("no_symptoms")


def _quality(chart: Charting, told: SymptomDescription) -> list[str]:
    said = []
    if told.severity and told.course and not starts_with_verb(told.course) and chart.chooser.chance(0.5):
        said.append(chart.say("severity_course", severity=told.severity, course=told.course))
    else:
        if told.course:
            said.append(chart.say("course_verb" if starts_with_verb(told.course) else "course", course=told.course))
        if told.severity:
            said.append(chart.say("severity", severity=told.severity))
    if told.frequency:
        said.append(chart.say("frequency", frequency=told.frequency))
    return said


def _modifiers(chart: Charting, told: SymptomDescription) -> list[str]:
    worse, better = listed(told.aggravating_factors), listed(told.relieving_factors)
    if worse and better and chart.chooser.chance(0.5):
        return [chart.say("aggravating_relieving", worse=worse, better=better)]
    said = [chart.say("aggravating", factors=worse)] if worse else []
    return said + ([chart.say("relieving", factors=better)] if better else [])


def _in_third_person(chart: Charting) -> SymptomDescription:
    """How it runs, as the patient puts it, is charted of the patient: `every time she swallows`."""
    told, gender = chart.scenario.symptom_description, chart.scenario.demographics.gender
    changed: dict[str, object] = {}
    for name in ("course", "frequency", "impact_on_daily_life"):
        changed[name] = lower_first(of_child(getattr(told, name), gender))
    for name in ("aggravating_factors", "relieving_factors"):
        changed[name] = [lower_first(of_child(factor, gender)) for factor in getattr(told, name)]
    return told.model_copy(update=changed)


def _denied(chart: Charting, key: str) -> str:
    denied = chart.scenario.symptom_description.denied_symptoms
    return chart.say(key, symptoms=listed(denied, "or")) if denied else ""


def _other(chart: Charting, n: int) -> str:
    problem = chart.scenario.medical_outcome.other_problems[n]
    return chart.say(
        "other_problem", name=problem.name, history=problem.history, history_low=lower_first(problem.history)
    )


def _background(chart: Charting) -> dict[str, str]:
    """Parts of the background by heading, in this clinician's order; the history is not told twice."""
    history, habits = chart.scenario.medical_history, chart.scenario.habits
    conditions = [*history.chronic_conditions, *history.previous_diagnoses]
    drugs = history.current_medications
    traits = [habits.tobacco, habits.alcohol, habits.drugs, habits.diet, habits.exercise, habits.sleep]
    traits = [chart.scenario.demographics.occupation, *traits]
    social = [chart.charted(t) for t in chart.chooser.shuffled([t for t in traits if t])]
    social += [chart.charted(t) for t in (chart.scenario.patient_behaviour, _barrier(chart)) if t]
    parts = {
        "PMH": chart.say("history", history=listed(conditions)) if conditions else chart.say("no_history"),
        "MED": chart.say("medications", drugs=listed(drugs)) if drugs else chart.say("no_medications"),
        "ALL": chart.say("allergies", allergies=listed([chart.charted(a) for a in history.allergies])),
        "FH": chart.say("family", family=listed(history.family_history)) if history.family_history else "",
        "SH": _social(chart, social) if social else "",
    }
    if conditions and chart.history_told and not chart.layout.headed:
        parts["PMH"] = ""
    if not history.allergies:
        parts["ALL"] = ""
    return {key: parts[key] for key in chart.chooser.one(_ORDERS)}


_ORDERS = (
    ("PMH", "MED", "ALL", "FH", "SH"),
    ("PMH", "MED", "ALL", "SH", "FH"),
    ("PMH", "FH", "SH", "MED", "ALL"),
    ("MED", "ALL", "PMH", "SH", "FH"),
    ("SH", "PMH", "FH", "ALL", "MED"),
)


def _social(chart: Charting, facts: list[str]) -> str:
    if chart.chooser.chance(0.4):
        return paragraph(facts)
    return chart.say("social", social=chart.chooser.one(("; ", ", ")).join(facts))


def _barrier(chart: Charting) -> str:
    text = chart.scenario.treatment_disparities
    return "" if text.startswith("no barriers") else text


def _bare(text: str) -> str:
    """A part under its own heading does not repeat it."""
    head, colon, rest = text.partition(": ")
    text = rest if colon and head.lower() in _TITLES else text
    return text[0].upper() + text[1:] if text else text


_TITLES = frozenset(
    "past medical history|pmh|medical history|past history|current medications|medications|home medications|meds|"
    "family history is notable for|allergies|drug allergies|allergy history|allergies reported|allergic history|family history|fh|family|in the family|"
    "social history|social|sh|lifestyle|on social history|by way of habits".split("|")
)
