"""Small corpora written for the tests: sentences put together from parts, so that they differ as much as a test wants."""

import random

from medsynth_assets.evaluation.corpus import Corpus, Record

_COMPLAINTS = (
    "a sore throat|back pain|a dry cough|headaches|knee swelling|an itchy rash|chest tightness|poor sleep".split("|")
)
_SINCE = "since Monday|for two weeks|after a long drive|since the weekend|for about a month|since the flu".split("|")
_FOUND = (
    "Lungs are clear.|The throat is red.|Range of motion is full.|Abdomen is soft.|Skin shows small papules.".split("|")
)
_THOUGHT = (
    "Likely viral illness.|Mechanical strain without red flags.|Tension type headache.|Contact dermatitis.".split("|")
)
_DO = "Start ibuprofen 400 mg three times daily.|Return in two weeks.|Apply a moisturizer twice daily.|Order a chest film.".split(
    "|"
)
_SAID = "It keeps me up at night.|Walking makes it worse.|Nothing helps much.|Tea helps a little.|I missed work.".split(
    "|"
)


def record(number: int, *, code: str = "I10", chapter: str = "9", accent: str = "") -> Record:
    """One pair, the same for the same number. accent: words that every sentence of it begins with."""
    draw = random.Random(number)
    complaint, since = draw.choice(_COMPLAINTS), draw.choice(_SINCE)
    note = (
        f"Subjective:\n{accent}Patient reports {complaint} {since}. {draw.choice(_SAID)}\n\n"
        f"Objective:\n{accent}{draw.choice(_FOUND)} Temperature {draw.randint(970, 1010) / 10} F.\n\n"
        f"Assessment:\n{accent}{draw.choice(_THOUGHT)}\n\nPlan:\n{accent}{draw.choice(_DO)} {draw.choice(_DO)}"
    )
    turns = [f"What brings you in, {number}?", f"I have {complaint} {since}.", "Go on.", draw.choice(_SAID)]
    dialogue = "\n".join(f"[{('doctor', 'patient')[n % 2]}]: {accent}{turn}" for n, turn in enumerate(turns))
    return Record(f"{code}/{number:03d}", note, dialogue, code, chapter)


def corpus(records: list[Record], name: str = "made") -> Corpus:
    return Corpus(name, lambda: iter([records]))
