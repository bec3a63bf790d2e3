"""The examination, thought aloud, and the results in hand."""

from medsynth_assets.engines.offline import spoken
from medsynth_assets.engines.offline.conversation import Conversation
from medsynth_assets.engines.offline.wording import lower_first, shares_word
from medsynth_assets.records.scenario import ExamFinding, Investigation

_ANSWERED_SHARE = 0.3  # of findings that are as they should be
_RELIEF_SHARE = 0.5  # of results that are


def examination(talk: Conversation) -> None:
    exam = talk.scenario.physical_examination
    talk.doctor(talk.phrase("exam_start_child" if talk.child else "exam_start"))
    talk.reply("exam_ok")
    taken = spoken.vitals(exam.vitals)
    if taken:
        talk.tell(talk.phrase("vitals_said", vitals=", ".join(talk.chooser.shuffled(taken))))
        talk.reply("vitals_reply")
        off = spoken.are_off(exam.vitals, talk.scenario.demographics.age_years)
        talk.doctor(talk.phrase("vitals_off" if off else "vitals_fine"))
    for finding in exam.findings:
        _finding(talk, finding)
    talk.doctor(talk.phrase("exam_end"))


def _finding(talk: Conversation, finding: ExamFinding) -> None:
    known = talk.case.spoken.get(f"{finding.system}: {finding.finding}")
    aloud = known.says if known else f"{finding.system}: {finding.finding}."
    talk.tell(talk.phrase("exam_step", aloud=aloud, aloud_low=lower_first(aloud)))
    if finding.abnormal:
        talk.reply("exam_reply_abnormal")
        talk.doctor(talk.phrase("exam_abnormal_calm"))
    elif talk.chooser.chance(_ANSWERED_SHARE):
        talk.reply("exam_reply")


def results(talk: Conversation) -> None:
    reviewed = [test for test in talk.scenario.investigations if test.status == "reviewed"]
    if not reviewed:
        return
    talk.doctor(talk.phrase("results_start"))
    talk.reply("results_reply")
    for test in reviewed:
        _result(talk, test)
        if test.flag in ("high", "low", "abnormal"):
            talk.reply("result_off")
            talk.doctor(talk.phrase("result_off_reply"))
        elif talk.chooser.chance(_RELIEF_SHARE):
            talk.reply("result_ok")


def _result(talk: Conversation, test: Investigation) -> None:
    known = talk.case.spoken.get(test.name if test.reference else f"{test.name}: {test.result}")
    if test.reference:
        lay = known.says if known and not shares_word(test.name, known.says) else ""
        name = f"{lay}, the {test.name}," if lay and talk.chooser.chance(0.5) else f"Your {test.name}"
        talk.tell(talk.phrase("result_number", test=name, value=spoken.value(test), flag=spoken.flag(test)))
    else:
        aloud = known.says if known else f"The {test.name} shows {test.result}."
        talk.tell(talk.phrase("result_said", aloud=aloud, aloud_low=lower_first(aloud)))
