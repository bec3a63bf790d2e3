"""What else the clinician asks: other conditions, medicines, allergies, family, habits, circumstances."""

from medsynth_assets.clinical.family import State
from medsynth_assets.engines.offline import comorbid, spoken
from medsynth_assets.engines.offline.conversation import Conversation
from medsynth_assets.engines.offline.wording import listed
from medsynth_assets.records.scenario import OtherProblem


def background(talk: Conversation) -> None:
    """Conditions and medicines together, the rest in this clinician's order."""
    for part in talk.chooser.shuffled([_conditions_and_drugs, _allergies, _family, _habits]):
        part(talk)
    _barrier(talk)


def _conditions_and_drugs(talk: Conversation) -> None:
    past = talk.scenario.medical_history
    conditions = [*past.chronic_conditions, *past.previous_diagnoses]
    if conditions:
        talk.ask(talk.phrase("ask_history", history=listed([_condition(talk, c) for c in conditions])))
        talk.reply("answer_history")
    else:
        talk.ask(talk.phrase("ask_no_history"))
        talk.answer(talk.phrase("answer_no_history"))
    for problem in talk.scenario.medical_outcome.other_problems:
        _other_problem(talk, problem)
    _drugs(talk)


def _condition(talk: Conversation, name: str) -> str:
    """A charted condition in the clinician's mouth, with the patient's word for it where known."""
    plain = talk.case.spoken.get(name)
    lay = plain.says if plain and " my " not in f" {plain.says} " else ""
    return f"{name}, {lay}" if lay and lay.lower() not in name.lower() and talk.chooser.chance(0.3) else name


def _other_problem(talk: Conversation, problem: OtherProblem) -> None:
    known = comorbid.told(talk.case, problem).get(problem.history)
    lead = talk.phrase("ask_other_problem", name=problem.name)
    if known:
        talk.ask(f"{lead} {comorbid.asked(talk.case, problem, talk.chooser)}")
        talk.answer(known.says)
    else:
        talk.doctor(f"{lead} {talk.phrase('told', statement=problem.history)}")
        talk.reply("told_yes")


def _drugs(talk: Conversation) -> None:
    drugs = [_taken(talk, drug) for drug in talk.scenario.medical_history.current_medications]
    talk.ask(talk.phrase("ask_drugs"))
    talk.answer(
        talk.phrase("answer_drugs", drugs=talk.chooser.one(("; and ", ", then ", ", and ", "; ")).join(drugs))
        if drugs
        else talk.phrase("answer_no_drugs")
    )
    behaviour = talk.trait(talk.scenario.patient_behaviour)
    if behaviour:
        talk.ask(talk.phrase("ask_behaviour" if talk.case.state is not State.NEW else "ask_behaviour_new"))
        talk.say(talk.patient, _for_parent(behaviour) if talk.child else behaviour)


def _taken(talk: Conversation, charted: str) -> str:
    """A current medication in this patient's words."""
    said = spoken.sig(charted).replace("you need it", "I need it")
    return said.replace(", once a day", talk.chooser.one((", once a day", " every day", ", one a day", " daily")))


def _allergies(talk: Conversation) -> None:
    allergies = talk.scenario.medical_history.allergies
    if allergies:
        talk.ask(talk.phrase("ask_allergies"))
        talk.answer(" ".join(talk.trait(a) if talk.is_trait(a) else f"I'm allergic to {a}." for a in allergies))


def _family(talk: Conversation) -> None:
    history = talk.scenario.medical_history.family_history
    if history:
        talk.ask(talk.phrase("ask_family"))
        relatives = " and my ".join(spoken.relative(member) for member in history)
        key = "answer_family_child" if talk.child else "answer_family"
        talk.say(talk.patient, talk.phrase(key, family=relatives))


def _habits(talk: Conversation) -> None:
    habits, who = talk.scenario.habits, talk.scenario.demographics
    asked = [
        ("ask_child_day" if talk.child else "ask_occupation", who.occupation),
        ("ask_home_smoke" if talk.child else "ask_tobacco", habits.tobacco),
        ("ask_alcohol", habits.alcohol),
        ("ask_drugs_use", habits.drugs),
        ("ask_diet", habits.diet),
        ("ask_exercise", habits.exercise),
        ("ask_sleep", habits.sleep),
    ]
    for question, fact in talk.chooser.shuffled(asked):
        if fact:
            talk.ask(talk.phrase(question))
            talk.say(talk.patient, talk.trait(fact))


def _barrier(talk: Conversation) -> None:
    barrier = talk.trait(talk.scenario.treatment_disparities)
    if barrier:
        talk.doctor(talk.phrase("ask_barrier"))
        talk.say(talk.patient, barrier)
        talk.doctor(talk.phrase("barrier_reply"))


def _for_parent(behaviour: str) -> str:
    """A parent speaks of giving medicine, not of taking it."""
    return behaviour.replace("I take", "We give").replace("I don't skip", "we don't skip")
