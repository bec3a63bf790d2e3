"""What the clinician makes of it and what will be done: assessment, orders, advice, questions, goodbye."""

import re

from medsynth_assets.clinical.family import Kind, State
from medsynth_assets.engines.offline import comorbid, spoken
from medsynth_assets.engines.offline.case import imaging_name
from medsynth_assets.engines.offline.conversation import Conversation
from medsynth_assets.engines.offline.wording import listed, lower_first, shares_word
from medsynth_assets.records.scenario import OtherProblem, Prescription

_NO_DISEASE = (
    Kind.EXAMINATION, Kind.SCREENING, Kind.IMMUNIZATION, Kind.PROCEDURE, Kind.STATUS,
    Kind.HISTORY, Kind.MEDICATION, Kind.ADMINISTRATIVE,
)  # fmt: skip
_TEACH_BACK_SHARE = 0.5
_EFFORT_SHARE = 0.5  # of advice that the patient says will take some doing


def assessment(talk: Conversation) -> None:
    outcome, case = talk.scenario.medical_outcome, talk.case
    talk.doctor(talk.phrase("assessment_start"))
    name, plain = case.aloud(case.name), case.aloud(case.plain)
    if case.family.kind in _NO_DISEASE:
        pass  # a checkup is not something one has
    elif plain.lower() == name.lower():
        talk.tell(talk.phrase("diagnosis_plain", plain=plain))
    else:
        talk.tell(talk.phrase("diagnosis_said", name=name, plain=plain))
    talk.tell(case.told(outcome.assessment))
    talk.reply("assessment_reply")
    if outcome.differential:
        talk.doctor(talk.phrase("differential_said", items=listed(outcome.differential, "or")))
    for explanation in talk.chooser.some(talk.chooser.shuffled(case.family.explanations), 0, 2):
        talk.tell(case.aloud(explanation))
        talk.reply("explain_reply")
    for problem in outcome.other_problems:
        _other_problem(talk, problem)


def _other_problem(talk: Conversation, problem: OtherProblem) -> None:
    aloud = comorbid.told(talk.case, problem)
    judged = aloud.get(problem.assessment)
    said = [talk.phrase("other_problem_said", name=problem.name), judged.says if judged else problem.assessment]
    drug, _, rest = problem.plan.removeprefix("Continue ").partition(". ")
    drug = drug.rstrip(".")
    if drug in talk.scenario.medical_history.current_medications:
        said.append(talk.phrase("other_problem_continue", drug=spoken.sig(drug)))
    else:
        rest = problem.plan
    done = aloud.get(rest.strip())
    talk.tell(" ".join([*said, done.says if done else rest]))
    talk.reply("plan_reply")


def plan(talk: Conversation) -> None:
    talk.doctor(talk.phrase("plan_start"))
    for part in talk.chooser.shuffled([_drugs, _treatments, _tests, _referrals]):
        part(talk)
    for part in (_warnings, _advice) if talk.chooser.chance(0.3) else (_advice, _warnings):
        part(talk)


def _drugs(talk: Conversation) -> None:
    for order in talk.scenario.medical_outcome.prescriptions:
        _drug(talk, order)


def _drug(talk: Conversation, order: Prescription) -> None:
    known = talk.case.spoken.get(order.drug)
    talk.tell(
        talk.phrase(
            f"{order.action}_drug",
            drug=order.drug,
            dose=spoken.dose(order.dose),
            route=order.route,
            frequency=spoken.schedule(order.frequency),
            plain=known.says if known else f"for {order.purpose}",
        )
    )
    if order.action == "stop":
        talk.reply("plan_reply")
        return
    length_key = "drug_length" if order.route == "by mouth" else "drug_length_use"
    supply = talk.phrase("drug_supply", quantity=order.quantity)
    length = "" if order.duration == "ongoing" else talk.phrase(length_key, duration=order.duration)
    talk.doctor(f"{length} {supply}")
    talk.reply("drug_reply")
    teaching = next((m.teaching for m in talk.case.family.medications if m.drug == order.drug and m.teaching), ())
    if teaching and order.action != "continue":
        talk.doctor(talk.case.aloud(talk.chooser.one(teaching)))
    elif talk.turns[-1].text.endswith("?"):
        talk.doctor(talk.phrase("drug_no_teaching"))


def _treatments(talk: Conversation) -> None:
    for treatment in talk.scenario.medical_outcome.treatments:
        known = talk.case.spoken.get(treatment)
        talk.tell(known.says if known else treatment)
        talk.reply("treatment_reply")


def _tests(talk: Conversation) -> None:
    outcome = talk.scenario.medical_outcome
    for order in outcome.laboratory_orders:
        tests = listed([_test(talk, test) for test in order.tests])
        same = order.panel.lower() in tests.lower()
        talk.tell(talk.phrase("order_labs_same" if same else "order_labs", panel=with_an(order.panel), tests=tests))
        talk.reply("order_labs_reply")
        if talk.turns[-1].text.endswith("?"):
            talk.doctor(talk.phrase("order_labs_answer"))
    for image in outcome.imaging_orders:
        study = imaging_name(image.modality, image.body_area)
        talk.doctor(talk.phrase("order_imaging", study=with_an(study), reason=image.reason))
        talk.reply("plan_reply")


def _test(talk: Conversation, test: str) -> str:
    """What a test is called to the patient, and its name where that does not say it."""
    known = talk.case.spoken.get(test)
    if not known or known.says.lower().removeprefix("your ") == test.lower():
        return f"your {test}"
    return known.says if shares_word(test, known.says) else f"{known.says}, the {test}"


def _referrals(talk: Conversation) -> None:
    for referral in talk.scenario.medical_outcome.referrals:
        known = talk.case.spoken.get(referral.specialty)
        talk.tell(
            talk.phrase(
                "refer_said",
                aloud=known.says.rstrip(".") if known else f"I'd like you to see {referral.specialty}",
                physician=referral.physician.removeprefix("Dr. "),
                specialty=referral.specialty,
                reason=referral.reason,
            )
        )
        talk.reply("refer_reply")
        if talk.turns[-1].text.endswith("?"):
            talk.doctor(talk.phrase("refer_answer"))


def _advice(talk: Conversation) -> None:
    for n, advice in enumerate(talk.scenario.medical_outcome.lifestyle_advice):
        known = talk.case.spoken.get(advice)
        talk.tell(known.says if known else advice)
        effort = not talk.child and talk.case.state is not State.STABLE and talk.chooser.chance(_EFFORT_SHARE)
        talk.reply("advice_reply" if effort else "plan_reply")
        if effort and n == 0:
            talk.doctor(talk.phrase("advice_encourage"))


def _warnings(talk: Conversation) -> None:
    warnings = talk.scenario.medical_outcome.return_precautions
    for n, warning in enumerate(warnings):
        known = talk.case.spoken.get(warning)
        text = known.says if known else warning
        talk.tell(f"{talk.phrase('flags_start')} {text}" if n == 0 else text)
    if warnings:
        talk.reply("flags_reply")


def questions(talk: Conversation) -> None:
    talk.doctor(talk.phrase("questions_ask"))
    asked = talk.chooser.some(talk.chooser.shuffled(talk.case.family.patient_questions), 0, 2)
    for question in asked:
        talk.answer(talk.case.aloud(question.ask))
        talk.tell(talk.phrase("questions_more", answer=talk.case.aloud(question.answer)))
        talk.reply("question_thanks")
    if not asked:
        talk.reply("questions_none")


def close(talk: Conversation) -> None:
    when = talk.scenario.medical_outcome.follow_up
    needed = when == "as needed"
    talk.doctor(talk.phrase("follow_needed") if needed else talk.phrase("follow_said", when=when))
    talk.reply("plan_reply")
    if talk.chooser.chance(_TEACH_BACK_SHARE):
        _teach_back(talk, "" if needed else " ".join(when.split()[:2]))
    talk.doctor(talk.phrase("close"))
    talk.reply("close_reply")


def _teach_back(talk: Conversation, interval: str) -> None:
    talk.doctor(talk.phrase("teach_back"))
    drugs = [o for o in talk.scenario.medical_outcome.prescriptions if o.action != "stop"]
    if drugs and not talk.child:
        start = talk.phrase("teach_back_drug", drug=drugs[0].drug, frequency=spoken.schedule(drugs[0].frequency))
    else:
        start = talk.phrase("teach_back_no_drug")
    end = "teach_back_end" if interval else "teach_back_end_needed"
    talk.say(talk.patient, f"{start} {lower_first(talk.phrase(end, interval=interval))}")
    talk.doctor(talk.phrase("teach_back_praise"))


def with_an(study: str) -> str:
    """`a lipid panel`, `an ECG`, `inflammatory markers`."""
    first, last = study.split()[0].lower(), study.split()[-1].lower()
    if first in ("the", "a", "an") or first.endswith("s") or re.search(r"[^si]s$", last):
        return study
    sounds_vowel = study[0].lower() in "aeio" or re.match(r"[AEFHILMNORSX][A-Z-]|x-ray", study)
    return f"{'an' if sounds_vowel else 'a'} {study}"
