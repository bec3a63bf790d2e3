"""Who speaks of whom: a patient's words in a parent's mouth, and the clinician's words about a child."""

import re

# A parent keeps these as their own: "I think he's had a fever."
_OWN = (
    r"think|guess|mean|know|noticed|wanted|figured|wonder|wondered|heard|read|hope|suppose|was told|worry|brought|saw"
)
_ADVERB = r"(?:always|just|only|still|really|never|also|even|mostly|usually|sometimes|kind of|sort of|barely|hardly)"
_PRESENT = frozenset(
    "get feel cough wake need want eat sleep drink take use go come see hear look seem like love hate play walk run "
    "breathe wheeze snore sneeze itch scratch throw vomit spit cry scream rub pull hold keep start stop try make do "
    "live stay miss forget lose gain weigh bleed bruise ache hurt burn limp trip fall bump squint blink stumble wear "
    "have work smoke avoid follow skip choke swallow gag drool chew bite pee poop wet strain hide refuse ask tell say "
    "sit stand lie lean turn move reach grab carry lift climb jump check notice find give watch worry struggle".split()
)
_HAS = {
    "have": "has",
    "do": "does",
    "go": "goes",
    "cry": "cries",
    "try": "tries",
    "carry": "carries",
    "worry": "worries",
}


def _third(verb: str) -> str:
    if verb in _HAS:
        return _HAS[verb]
    return f"{verb}es" if verb.endswith(("s", "sh", "ch", "x", "z")) else f"{verb}s"


def of_child(text: str, gender: str) -> str:
    """First person to third: "I've been coughing, my throat hurts" becomes "He's been coughing, his throat hurts"."""
    he, him, his = ("she", "her", "her") if gender == "female" else ("he", "him", "his")

    def subject(match: re.Match[str]) -> str:
        adverb, verb = match.group(1) or "", match.group(2) or ""
        if verb in _PRESENT:
            verb = _third(verb)
        elif verb == "am":
            verb = "is"
        elif verb in ("don't", "haven't"):
            verb = {"don't": "doesn't", "haven't": "hasn't"}[verb]
        return f"{he}{adverb} {verb}".rstrip() if verb else he

    text = re.sub(rf"\bI(?= (?:{_OWN})\b)", "\0", text)
    text = re.sub(r"\bAm I\b", f"Is {he}", text)
    text = re.sub(r"\bI['’]m\b", f"{he}'s", text)
    text = re.sub(r"\bI['’]ve\b", f"{he}'s", text)
    text = re.sub(r"\bI(?=['’](?:d|ll)\b)", he, text)
    text = re.sub(rf"\bI((?: {_ADVERB})?) ([a-z]+(?:['’]t)?)", subject, text)
    text = re.sub(r"\bI\b", he, text)
    for mine, theirs in (("my", his), ("My", his.capitalize()), ("me", him), ("myself", f"{him}self"), ("mine", his)):
        text = re.sub(rf"\b{mine}\b", theirs, text)
    return capitals(text.replace("\0", "I"))


def about_child(text: str, gender: str) -> str:
    """The clinician's question to a patient, put to the parent: "Are you sleeping?" becomes "Is he sleeping?"."""
    he, him, his = ("she", "her", "her") if gender == "female" else ("he", "him", "his")

    def verb(match: re.Match[str]) -> str:
        word = match.group(2)
        return f"{he}{match.group(1)} {_third(word) if word in _PRESENT else word}"

    swaps = (
        (r"\b([Dd]id|[Cc]an|[Cc]ould|[Ww]ill|[Ww]ould|[Ss]hould) you\b", lambda m: f"{m.group(1)} {he}"),
        (r"\b([Aa])re you\b", lambda m: f"{'I' if m.group(1) == 'A' else 'i'}s {he}"),
        (r"\b([Dd])o you\b", lambda m: f"{m.group(1)}oes {he}"),
        (r"\b([Hh])ave you\b", lambda m: f"{m.group(1)}as {he}"),
        (r"\b([Ww])ere you\b", lambda m: f"{m.group(1)}as {he}"),
        (r"\byou haven['’]t\b", lambda m: f"{he} hasn't"),
        (r"\bhave you\b", lambda m: f"has {he}"),
        (r"\b[Yy]ou['’](re|ve)\b", lambda m: f"{he}'s"),
        (r"\b[Yy]our\b", lambda m: his),
        (r"\b([Yy])ou have\b", lambda m: f"{he} has"),
        (
            r"\b(for|to|at|on|with|around|about|near|from|give|gives|make|makes|let|lets|keep|keeps|bother|bothers|bothering"
            r"|of|keeping|affecting|help|helps|helping|in|see|tell|ask|wake|wakes|hurt|hurts) you\b",
            lambda m: f"{m.group(1)} {him}",
        ),
        (r"\byou(?=[?.!,]|$)", lambda m: him),
        (rf"\b[Yy]ou((?: {_ADVERB})?) ([a-z]+)\b", verb),
        (r"\b[Yy]ou\b", lambda m: he),
    )
    for pattern, swap in swaps:
        text = re.sub(pattern, swap, text)
    return capitals(text)


def capitals(text: str) -> str:
    """A capital at the start and after each sentence end."""
    text = re.sub(r"([.!?]\s+)([a-z])", lambda m: m.group(1) + m.group(2).upper(), text)
    return text[:1].upper() + text[1:]
