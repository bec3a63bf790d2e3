"""The story of the complaint, as asked and told."""

from collections.abc import Callable

from medsynth_assets.engines.offline.conversation import Conversation
from medsynth_assets.engines.offline.wording import bare, listed, starts_with_verb

_TWO_AT_ONCE_SHARE = 0.5  # of questions about symptoms that are not there
_VOLUNTEERED_SHARE = 0.4  # of further symptoms that are told without being asked for


def story(talk: Conversation) -> None:
    """The main symptom first; then how it runs, what comes with it, what does not, and the details, in any order."""
    told = talk.scenario.symptom_description
    if told.main_symptoms:
        talk.doctor(talk.phrase("tell_more"))
        talk.answer(_says(talk, told.main_symptoms[0]))
    else:
        talk.ask(talk.phrase("feeling_well_ask"))
        talk.answer(talk.phrase("feeling_well"))
    parts = [_qualities, _associated, _denials, _details] if told.main_symptoms else [_associated, _denials, _details]
    for part in [parts[0], *talk.chooser.shuffled(parts[1:])]:
        part(talk)


def _plain(talk: Conversation, term: str) -> str:
    symptom = talk.symptoms.get(term)
    return talk.case.aloud(symptom.plain) if symptom else term


def _asking(talk: Conversation, key: str, term: str, second: str = "") -> str:
    """A question about one symptom or two, in lay words, with and without their articles."""
    plain, other = _plain(talk, term), _plain(talk, second)
    return talk.phrase(key, plain=plain, bare=bare(plain), other=other, other_bare=bare(other))


def _says(talk: Conversation, term: str) -> str:
    symptom = talk.symptoms.get(term)
    if symptom:
        return talk.case.aloud(talk.chooser.one(symptom.says))
    return talk.phrase("symptom_generic", symptom=term)


def _exchange(talk: Conversation, question: str, reply: str, **facts: object) -> None:
    """A question and an answer about the complaint, told in the speaker's own person."""
    talk.ask(talk.phrase(question))
    talk.say(talk.patient, talk.phrase(reply, **facts))


def _qualities(talk: Conversation) -> None:
    told = talk.scenario.symptom_description
    course = "answer_course_verb" if told.course and starts_with_verb(told.course) else "answer_course"
    worse, better = listed(told.aggravating_factors, "or"), listed(told.relieving_factors, "or")
    if told.duration:
        _exchange(talk, "ask_onset", "answer_onset", duration=told.duration)
    aspects: list[tuple[str, Callable[[], None]]] = [
        (told.course, lambda: _exchange(talk, "ask_course", course, course=told.course)),
        (told.severity, lambda: _exchange(talk, "ask_severity", "answer_severity", severity=told.severity)),
        (told.frequency, lambda: _exchange(talk, "ask_frequency", "answer_frequency", frequency=told.frequency)),
        (worse, lambda: _exchange(talk, "ask_aggravating", "answer_aggravating", factors=worse)),
        (better, lambda: _exchange(talk, "ask_relieving", "answer_relieving", factors=better)),
        (told.impact_on_daily_life, lambda: _impact(talk)),
    ]
    for fact, ask in talk.chooser.shuffled(aspects):
        if fact:
            ask()


def _impact(talk: Conversation) -> None:
    talk.ask(talk.phrase("ask_impact"))
    talk.answer(talk.phrase("answer_impact", impact=talk.scenario.symptom_description.impact_on_daily_life))


def _associated(talk: Conversation) -> None:
    told = talk.scenario.symptom_description
    for n, term in enumerate([*told.main_symptoms[1:], *told.associated_symptoms]):
        if n and talk.turns[-1].speaker == talk.patient and talk.chooser.chance(_VOLUNTEERED_SHARE):
            talk.answer(_says(talk, term))
            continue
        talk.ask(_asking(talk, "ask_associated", term))
        talk.answer(talk.phrase("answer_associated", says=_says(talk, term)))


def _denials(talk: Conversation) -> None:
    terms = list(talk.scenario.symptom_description.denied_symptoms)
    while terms:
        if len(terms) > 1 and talk.chooser.chance(_TWO_AT_ONCE_SHARE):
            talk.ask(_asking(talk, "ask_denied_two", terms.pop(0), terms.pop(0)))
            talk.answer(talk.phrase("answer_denied_two"))
        else:
            talk.ask(_asking(talk, "ask_denied", terms.pop(0)))
            talk.answer(talk.phrase("answer_denied"))


def _details(talk: Conversation) -> None:
    for statement in talk.scenario.symptom_description.details:
        known = talk.case.spoken.get(statement)
        if known:
            talk.ask(known.ask or talk.phrase("ask_risk"))
            talk.answer(known.says)
        else:
            talk.doctor(talk.phrase("told", statement=statement))
            talk.reply("told_yes")
