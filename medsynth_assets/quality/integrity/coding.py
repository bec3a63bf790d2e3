"""The code against the text: side, episode of care, trimester; the diagnosis named and treated."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

import snowballstemmer

from medsynth_assets.clinical.conditions import conditions
from medsynth_assets.clinical.ranges import within
from medsynth_assets.quality.integrity.chart import Chart
from medsynth_assets.quality.integrity.finding import Finding
from medsynth_assets.quality.language.sides import OTHER

_SIDE = re.compile(r"\b(right|left)\b", re.IGNORECASE)
_SITES = re.compile(
    r"\b(knees?|hips?|shoulders?|elbows?|wrists?|hands?|fingers?|thumbs?|ankles?|foot|feet|toes?|legs?|arms?|ears?|eyes?|breasts?|"
    r"forearms?|thighs?|calf|calves|heels?|limbs?|jaw|ribs?|kidneys?|testis|testicles?|ovary|ovaries)\b",
    re.IGNORECASE,
)
_WEEKS = re.compile(
    r"\b(\d{1,2})(?: weeks?(?: and \d days?)?)(?: pregnant| gestation| of pregnancy|'? gestational age|,)|\bat (\d{1,2}) weeks\b",
    re.IGNORECASE,
)
_TRIMESTERS = {"first": (0, 14), "second": (14, 28), "third": (28, 43)}  # completed weeks: ICD-10-CM, chapter 15
_HEALED = re.compile(
    r"\b(?:healing well|healing as expected|well healed|fully healed|callus|cast (?:off|removed)|months after the (?:injury|fracture))\b",
    re.IGNORECASE,
)
_FRESH = re.compile(
    r"\b(?:initial (?:visit|evaluation) (?:for|of) (?:this|the) injury|happened (?:today|this morning|an hour ago)|just happened|first visit for this injury)\b",
    re.IGNORECASE,
)
_EMPTY = frozenset(
    "unspecified other encounter for of with without the and or in to not elsewhere classified specified due initial subsequent "
    "sequela site part type disorder disease diseases disorders condition conditions status personal history long term current use "
    "examination general acute chronic primary secondary essential following right left bilateral unilateral side body region stage "
    "single episode findings finding routine health state".split()
)
_DONE = re.compile(
    r"\b(?:start|begin|initiat|prescri|continu|increas|refill|order|obtain|check|schedul|refer|follow|return|recheck|advis|counsel|"
    r"discuss|educat|emergency|next visit|rtc|see again|911|walk|drink|eat|sleep|diet|meals|report|hold|monitor|surg|procedure|therapy|rest|ice|exercise|vaccin|screen|reassur|instruct|avoid|apply|wear|keep|use|call)\w*",
    re.IGNORECASE,
)
_STEMMER = snowballstemmer.stemmer("english")
_NAMED_SHARE = 0.34  # of the description's telling words, in the assessment


def coding(chart: Chart) -> Iterator[Finding]:
    if not chart.subject.code:
        return
    yield from _side(chart)
    yield from _episode(chart)
    yield from _trimester(chart)
    yield from _named(chart)
    yield from _treated(chart)


def _side(chart: Chart) -> Iterator[Finding]:
    """The site on the wrong side in assessment or plan, or nowhere on the right one."""
    match = _SIDE.search(chart.subject.description)
    site = _SITES.search(chart.subject.description)
    if not match or not site or OTHER[match[1].lower()] in chart.subject.description.lower():
        return
    side, noun = match[1].lower(), _singular(site[1])
    wrong = re.compile(rf"\b{OTHER[side]}\s+(?:\w+\s+)?{noun}\w*\b", re.IGNORECASE)
    right = re.compile(rf"\b(?:{side}|bilateral|both)\b", re.IGNORECASE)
    for sentence in chart.sentences:
        found = wrong.search(sentence.text)
        if found and sentence.section in ("assessment", "plan") and not right.search(sentence.text):
            yield Finding(
                "side_site_episode_agree", sentence.text, f"{found.group()}: the code is of the {side} {noun}"
            )
            return
    says_wrong = next((s for s in chart.sentences if wrong.search(s.text)), None)
    if says_wrong and not any(re.search(rf"\b{side}\b", s.text, re.IGNORECASE) for s in chart.sentences):
        yield Finding(
            "side_site_episode_agree",
            says_wrong.text,
            f"only the {OTHER[side]} side is named, the code is of the {side}",
        )


def _singular(noun: str) -> str:
    return {"feet": "foot", "calves": "calf", "ovaries": "ovar", "ovary": "ovar"}.get(
        noun.lower(), noun.lower().removesuffix("s")
    )


def _episode(chart: Chart) -> Iterator[Finding]:
    description = chart.subject.description.lower()
    wrong = (
        _FRESH
        if "subsequent encounter" in description or "sequela" in description
        else _HEALED
        if "initial encounter" in description
        else None
    )
    for sentence in chart.sentences if wrong else ():
        match = wrong.search(sentence.text) if wrong else None
        if match:
            yield Finding(
                "side_site_episode_agree",
                sentence.text,
                f"{match.group()}: the code says {description.rpartition(', ')[2]}",
            )
            return


def _trimester(chart: Chart) -> Iterator[Finding]:
    name = next((n for n in _TRIMESTERS if f"{n} trimester" in chart.subject.description.lower()), None)
    if name is None:
        return
    low, high = _TRIMESTERS[name]
    for sentence in chart.sentences:
        for match in _WEEKS.finditer(sentence.text) if sentence.section != "plan" else ():
            if not low <= int(match[1] or match[2]) < high:
                yield Finding(
                    "side_site_episode_agree",
                    sentence.text,
                    f"{match.group().strip(',')}: the code is of the {name} trimester",
                )
                return


@lru_cache(maxsize=32_768)
def _stem(word: str) -> str:
    return str(_STEMMER.stemWord(word))


@lru_cache(maxsize=1_024)
def _telling(text: str) -> frozenset[str]:
    return frozenset(_stem(w) for w in re.findall(r"[a-z]{3,}", text.lower()) if w not in _EMPTY)


@cache
def _words_of(code: str) -> tuple[str, ...]:
    """What charts call the conditions that a code is one of, lower case."""
    found = [c for c in conditions() if any(within(code, span) for span in c.codes)]
    return tuple(word.lower() for condition in found for word in condition.words)


def _named(chart: Chart) -> Iterator[Finding]:
    said = " ".join(s.text for s in chart.sentences if s.section == "assessment")
    wanted = _telling(chart.subject.description)
    if not said or not wanted:
        return
    share = len(wanted & _telling(said)) / len(wanted)
    words = _words_of(chart.subject.code)
    if share < _NAMED_SHARE and not any(word in said.lower() for word in words):
        reason = f"the assessment does not name {chart.subject.description}"
        yield Finding("assessment_names_the_diagnosis", said[:200], reason)


def _treated(chart: Chart) -> Iterator[Finding]:
    """The plan orders something used for the code, speaks of it, or at least does something."""
    plan = [s.text for s in chart.sentences if s.section == "plan"]
    if plan and any(_DONE.search(text) for text in plan):
        return
    reason = f"nothing in the plan is done about {chart.subject.description}"
    yield Finding("plan_treats_the_diagnosis", " ".join(plan)[:200], reason)
