"""Medication: dose, frequency and route that exist, no drug against an allergy or a condition, no class twice, and
every lasting drug with its condition and the reverse."""

import re
from collections.abc import Iterator

from medsynth_assets.clinical.drugs import Drug
from medsynth_assets.quality.integrity.chart import Chart, Mention
from medsynth_assets.quality.integrity.finding import Finding

_DOSE = re.compile(
    r"(?<![\d/.-])(?P<dose>\d[\d,]*(?:\.\d+)?)\s*-?\s*(?P<unit>mg|mcg|ug|µg|g|grams?|milligrams?|micrograms?|units?|mEq|IU)\b"
    r"(?!\s*(?:/|per\b|of (?:sodium|protein|sugar|carb)))",
    re.IGNORECASE,
)
_ANOTHER = re.compile(
    r"\b(?:start|begin|add|switch|instead|along)\w*\b", re.IGNORECASE
)  # a drug the table lacks may follow
_COMBINED = re.compile(r"\d\s*[-/]\s*\d")
_MILLIGRAMS = {
    "mg": 1.0,
    "milligram": 1.0,
    "g": 1000.0,
    "gram": 1000.0,
    "mcg": 0.001,
    "ug": 0.001,
    "µg": 0.001,
    "microgram": 0.001,
}
_FREQUENCIES = (
    (r"\b(?:four times (?:a day|daily)|qid|every 6 hours|q6h)\b", 4.0),
    (r"\b(?:three times (?:a day|daily)|tid|every 8 hours|q8h)\b", 3.0),
    (r"\b(?:twice (?:a day|daily)|two times (?:a day|daily)|bid|every 12 hours|q12h)\b", 2.0),
    (r"\b(?:every 4 hours|q4h)\b", 6.0),
    (r"\b(?:once weekly|weekly|once a week|every week)\b", 1 / 7),
    (r"\b(?:every other day)\b", 0.5),
    (r"\b(?:once monthly|monthly|once a month|every month|every 4 weeks)\b", 1 / 30),
    (r"\b(?:once (?:a day|daily)|daily|every day|every morning|nightly|at bedtime|qd|qhs|each day|a day)\b", 1.0),
)
_ROUTES = {
    "by mouth": r"\b(?:by mouth|orally|PO|oral)\b",
    "inhaled": r"\b(?:inhaled|inhalations?|puffs?)\b",
    "topical": r"\b(?:topical(?:ly)?|to the (?:skin|affected area|rash)|applied)\b",
    "in the eye": r"\b(?:in(?:to)? (?:the|each|both|the affected) eyes?|eye drops?)\b",
    "in the ear": r"\b(?:in(?:to)? (?:the|each|both|the affected) ears?|ear drops?)\b",
    "in the nose": r"\b(?:in(?:to)? (?:the|each|both) (?:nose|nostrils?)|intranasal(?:ly)?|in each nostril)\b",
    "subcutaneous": r"\b(?:subcutaneous(?:ly)?|under the skin)\b",
    "intramuscular": r"\b(?:intramuscular(?:ly)?)\b",
    "intravenous": r"\b(?:intravenous(?:ly)?|by infusion)\b",
    "rectal": r"\b(?:rectally|per rectum|in the rectum)\b",
    "vaginal": r"\b(?:vaginally|intravaginal(?:ly)?|in the vagina)\b",
    "under the tongue": r"\b(?:under the tongue|sublingual(?:ly)?)\b",
}
_INJECTED = {"injection", "subcutaneous", "intramuscular", "intravenous"}
_CHILD_AGE = 12.0  # years; below it doses go by weight and only the adult ceiling is judged
_SLACK = 1.03  # rounding of doses
_FREQUENCY_SLACK = 1.15  # once a month is 0.03 a day in the table
_CEILING = re.compile(r"\b(?:no more than|at most|up to|maximum|limit|total of|less than|under)\b", re.IGNORECASE)


def medication(chart: Chart) -> Iterator[Finding]:
    for mention in chart.mentions:
        yield from _dose(chart, mention)
        yield from _route(mention)
    for mention in chart.orders:
        yield from _allergy(chart, mention)
        yield from _contraindication(chart, mention)
    yield from _duplicates(chart)
    yield from _without_condition(chart)
    yield from _without_drug(chart)


def _dose(chart: Chart, mention: Mention) -> Iterator[Finding]:
    drug, tail = mention.drug, mention.tail[:90]
    match = _DOSE.search(tail)
    if match and (_ANOTHER.search(tail[: match.start()]) or _CEILING.search(tail[: match.start()])):
        return
    if not match or not drug.dose or "-" in drug.name or _COMBINED.search(tail[: match.end()]):
        return
    dose = _in_unit(float(match["dose"].replace(",", "")), match["unit"], drug.unit)
    if dose is None:
        return
    text = mention.sentence.text
    age = chart.subject.age_years
    low = min(drug.dose[0], *(drug.child_dose or drug.dose)) if age is None or age < 18 else drug.dose[0]
    if _INJECTED & set(drug.routes) or (age is not None and age < _CHILD_AGE):
        low = 0.0  # titrated, or by weight
    if dose > drug.dose[1] * _SLACK or dose * _SLACK < low / 2:
        limits = f"{drug.dose[0]:g} to {drug.dose[1]:g} {drug.unit}"
        yield Finding("dose_exists", text, f"{drug.name} {match.group().strip()}: a single dose is {limits}")
        return
    if not _is_built_from(dose, drug) and (age is None or age >= _CHILD_AGE):
        strengths = ", ".join(f"{strength:g}" for strength in drug.strengths)
        yield Finding(
            "dose_exists", text, f"{drug.name} {match.group().strip()}: strengths are {strengths} {drug.unit}"
        )
    often = next((n for pattern, n in _FREQUENCIES if re.search(pattern, tail, re.IGNORECASE)), None)
    if often is None:
        return
    if drug.per_day and often > drug.per_day[1] * _FREQUENCY_SLACK:
        yield Finding("frequency_plausible", text, f"{drug.name} {often:g} times a day: at most {drug.per_day[1]:g}")
    elif drug.daily_max and dose * often > drug.daily_max * _SLACK:
        yield Finding(
            "dose_exists", text, f"{drug.name} {dose * often:g} {drug.unit} a day: at most {drug.daily_max:g}"
        )


def _in_unit(dose: float, unit: str, wanted: str) -> float | None:
    """The dose in the table's unit; None where the units do not compare."""
    said, ours = unit.lower().rstrip("s"), wanted.lower().rstrip("s")
    if said == ours:
        return dose
    if said in _MILLIGRAMS and ours in _MILLIGRAMS:
        return dose * _MILLIGRAMS[said] / _MILLIGRAMS[ours]
    return dose if {said, ours} == {"unit", "iu"} else None


def _is_built_from(dose: float, drug: Drug) -> bool:
    """Whether the dose is half of a strength that exists, or a sum of a few of them."""
    if not drug.strengths or "by mouth" not in drug.routes or _INJECTED & set(drug.routes):
        return True
    reachable = {0.0}
    for _ in range(4):
        reachable |= {total + strength for total in reachable for strength in drug.strengths}
    reachable |= {strength / 2 for strength in drug.strengths} | {strength * 1.5 for strength in drug.strengths}
    return any(abs(dose - total) <= 0.02 * max(dose, 0.01) for total in reachable if total)


def _route(mention: Mention) -> Iterator[Finding]:
    drug, tail = mention.drug, mention.tail[:60]
    if not drug.routes:
        return
    allowed = set(drug.routes) | (_INJECTED if _INJECTED & set(drug.routes) else set())
    for route, pattern in _ROUTES.items():
        match = re.search(pattern, tail, re.IGNORECASE if route != "by mouth" else 0)
        if match and route not in allowed:
            reason = f"{drug.name} {match.group()}: it is given {' or '.join(drug.routes)}"
            yield Finding("route_plausible", mention.sentence.text, reason)
            return
        if match:
            return


def _allergy(chart: Chart, mention: Mention) -> Iterator[Finding]:
    drug = mention.drug
    for label in (drug.name, *(label.lower() for label in drug.allergy)):
        if label in chart.allergens:
            reason = f"{drug.name} is ordered, but the patient is allergic: {chart.allergens[label].text}"
            yield Finding("no_drug_against_allergy", mention.sentence.text, reason)
            return


def _contraindication(chart: Chart, mention: Mention) -> Iterator[Finding]:
    drug, code = mention.drug, chart.subject.code
    if code and drug.barred_by(code):
        yield Finding("no_drug_against_condition", mention.sentence.text, f"{drug.name} must not be given in {code}")
        return
    for condition, where in chart.conditions:
        if all(drug.barred_by(span) for span in condition.codes):
            reason = f"{drug.name} must not be given in {condition.name}: {where.text}"
            yield Finding("no_drug_against_condition", mention.sentence.text, reason)
            return


def _duplicates(chart: Chart) -> Iterator[Finding]:
    seen: dict[str, Mention] = {}
    for mention in chart.taken:
        drug = mention.drug
        if drug.duplicable or not drug.chronic:
            continue
        other = seen.setdefault(drug.class_, mention)
        if other.drug.name != drug.name and not _same_drug(other.drug, drug):
            reason = f"{other.drug.name} and {drug.name} are both {drug.class_}"
            yield Finding("no_class_twice", mention.sentence.text, reason)
            return


def _same_drug(one: Drug, other: Drug) -> bool:
    """Salts and forms of one substance: metoprolol tartrate and metoprolol succinate."""
    return one.name.split()[0].split("-")[0] == other.name.split()[0].split("-")[0]


def _without_condition(chart: Chart) -> Iterator[Finding]:
    spans = chart.spans
    if not any(sentence.part == "history" for sentence in chart.sentences) and not chart.subject.code:
        return
    for mention in {mention.drug.name: mention for mention in chart.taken}.values():
        drug = mention.drug
        if not drug.chronic or not drug.for_ or any(drug.treats(span) for span in spans):
            continue
        reason = f"{drug.name} is taken, but nothing it is used for is in the note"
        yield Finding("every_lasting_drug_has_its_condition", mention.sentence.text, reason)


def _without_drug(chart: Chart) -> Iterator[Finding]:
    lists = any(sentence.part == "medications" for sentence in chart.sentences)
    mentioned = {word for m in chart.mentions for word in (m.drug.name, m.drug.class_.lower())} | {chart.note.lower()}
    for condition, where in chart.conditions if lists else ():
        wanted = {word.lower() for word in condition.treated_with}
        if wanted and not any(word in name for word in wanted for name in mentioned):
            reason = f"{condition.name} is practically always treated with {' or '.join(sorted(wanted))}; none is named"
            yield Finding("every_treated_condition_has_its_drug", where.text, reason)
