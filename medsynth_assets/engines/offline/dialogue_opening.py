"""How a visit starts: hello, perhaps some small talk, and what brings the patient."""

from medsynth_assets.engines.offline.conversation import Conversation
from medsynth_assets.engines.offline.wording import lower_first

_SMALL_TALK_SHARE = 0.7  # of visits where the patient has something to tell about


def opening(talk: Conversation) -> None:
    _greeting(talk)
    if talk.scenario.english_proficiency == "interpreter":
        talk.say("interpreter", talk.phrase("interpreter_hello"))
        talk.doctor(talk.phrase("interpreter_thanks"))
    recreation = talk.trait(talk.scenario.habits.recreation)
    if recreation and not talk.child and talk.chooser.chance(_SMALL_TALK_SHARE):
        talk.doctor(talk.phrase("small_talk_ask"))
        talk.say(talk.patient, talk.phrase("small_talk_answer", recreation=recreation))
        talk.doctor(talk.phrase("small_talk_close"))
    talk.doctor(talk.phrase("agenda"))
    complaint = talk.scenario.symptom_description.chief_complaint
    family = talk.case.family
    visits = [v for v in talk.case.open(family.visits) if v.state is talk.case.state]
    visit = next((v for v in visits if talk.case.written(v.reason) == complaint), None)
    if visit:
        talk.answer(talk.case.aloud(talk.chooser.one(visit.says)))
    else:
        talk.answer(talk.phrase("agenda_complaint", complaint=lower_first(complaint)))


def _greeting(talk: Conversation) -> None:
    if talk.child:
        talk.doctor(talk.phrase("greet_parent"))
        talk.reply("greet_parent_back")
        return
    greeting = talk.phrase("greet")
    talk.doctor(greeting)
    talk.reply("greet_back_how" if greeting.endswith("?") else "greet_back")
