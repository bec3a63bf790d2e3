"""The dialogue generator, offline: a visit from hello to goodbye in which every fact of the note is said.

Order as in the clinic: opening, story, history, examination, results, assessment, plan, questions, close.
"""

import re

from medsynth_assets.clinical.family import Kind, State
from medsynth_assets.engines.offline import spoken
from medsynth_assets.engines.offline.background import spoken_traits
from medsynth_assets.engines.offline.case import Case, imaging_name
from medsynth_assets.engines.offline.chooser import Chooser
from medsynth_assets.engines.offline.conversation import Conversation
from medsynth_assets.engines.offline.wording import bare, listed, lower_first, shares_word, starts_with_verb
from medsynth_assets.records.dialogue import Dialogue
from medsynth_assets.records.scenario import Prescription, Scenario

_PER_QUESTION = 2  # denied symptoms asked in one breath
_NO_DISEASE = (
    Kind.EXAMINATION, Kind.SCREENING, Kind.IMMUNIZATION, Kind.PROCEDURE, Kind.STATUS,
    Kind.HISTORY, Kind.MEDICATION, Kind.ADMINISTRATIVE,
)  # fmt: skip


def generate(scenario: Scenario, case: Case, chooser: Chooser) -> Dialogue:
    """The draft: complete and in order; the polisher makes it sound like people."""
    talk = _Visit(scenario, case, chooser)
    for part in (
        talk.opening, talk.story, talk.history, talk.background, talk.examination,
        talk.results, talk.assessment, talk.treatment, talk.orders, talk.advice,
        talk.questions, talk.close,
    ):  # fmt: skip
        part()
    return Dialogue(turns=talk.turns)


class _Visit(Conversation):
    def __init__(self, scenario: Scenario, case: Case, chooser: Chooser) -> None:
        super().__init__(scenario, case, chooser)
        self.told = scenario.symptom_description
        self.outcome = scenario.medical_outcome
        self.symptoms = {case.written(s.term): s for s in (*case.family.symptoms, *case.family.negatives)}
        self.visits = {case.written(v.reason): v for v in case.open(case.family.visits) if v.state is case.state}

    def _ask_answer(self, question: str, reply: str, **facts: object) -> None:
        """A question and an answer about the complaint, told in the speaker's own person."""
        self.ask(self.phrase(question))
        self._add(self.patient, self.phrase(reply, **facts))

    def _plain(self, term: str) -> str:
        symptom = self.symptoms.get(term)
        return self.case.aloud(symptom.plain) if symptom else term

    def _asking(self, key: str, term: str, second: str = "") -> str:
        """A question about one symptom or two, in lay words, with and without their articles."""
        plain, other = self._plain(term), self._plain(second)
        return self.phrase(key, plain=plain, bare=bare(plain), other=other, other_bare=bare(other))

    def _says(self, term: str) -> str:
        symptom = self.symptoms.get(term)
        if symptom:
            return self.case.aloud(self.chooser.one(symptom.says))
        return self.phrase("symptom_generic", symptom=term)

    # Opening

    def opening(self) -> None:
        if self.child:
            self.doctor(self.phrase("greet_parent"))
            self.reply("greet_parent_back")
        else:
            greeting = self.phrase("greet")
            self.doctor(greeting)
            self.reply("greet_back_how" if greeting.endswith("?") else "greet_back")
        if self.scenario.english_proficiency == "interpreter":
            self._add("interpreter", self.phrase("interpreter_hello"))
            self.doctor(self.phrase("interpreter_thanks"))
        recreation = spoken_traits().get(self.scenario.habits.recreation, "")
        if recreation and not self.child and self.chooser.chance(0.6):
            self.doctor(self.phrase("small_talk_ask"))
            self._add(self.patient, self.phrase("small_talk_answer", recreation=recreation))
            self.doctor(self.phrase("small_talk_close"))
        self.doctor(self.phrase("agenda"))
        visit = self.visits.get(self.told.chief_complaint)
        if visit:
            self.answer(self.case.aloud(self.chooser.one(visit.says)))
        else:
            self.answer(self.phrase("agenda_complaint", complaint=lower_first(self.told.chief_complaint)))

    # Story

    def story(self) -> None:
        told = self.told
        if not told.main_symptoms:
            self.ask(self.phrase("feeling_well_ask"))
            self.answer(self.phrase("feeling_well"))
        for n, term in enumerate(told.main_symptoms):
            if n == 0:
                self.doctor(self.phrase("tell_more"))
                self.answer(self._says(term))
            else:
                self.ask(self._asking("ask_associated", term))
                self.answer(self.phrase("answer_associated", says=self._says(term)))
            if n == 0:
                self._qualities()
        for term in told.associated_symptoms:
            self.ask(self._asking("ask_associated", term))
            self.answer(self.phrase("answer_associated", says=self._says(term)))
        self._denials()
        for detail in told.details:
            self._detail(detail)

    def _qualities(self) -> None:
        told = self.told
        if told.duration:
            self._ask_answer("ask_onset", "answer_onset", duration=told.duration)
        if told.course:
            kind = "answer_course_verb" if starts_with_verb(told.course) else "answer_course"
            self._ask_answer("ask_course", kind, course=told.course)
        if told.severity:
            self._ask_answer("ask_severity", "answer_severity", severity=told.severity)
        if told.frequency:
            self._ask_answer("ask_frequency", "answer_frequency", frequency=told.frequency)
        if told.aggravating_factors:
            self._ask_answer("ask_aggravating", "answer_aggravating", factors=listed(told.aggravating_factors, "or"))
        if told.relieving_factors:
            self._ask_answer("ask_relieving", "answer_relieving", factors=listed(told.relieving_factors, "or"))
        if told.impact_on_daily_life:
            self.ask(self.phrase("ask_impact"))
            self.answer(self.phrase("answer_impact", impact=told.impact_on_daily_life))

    def _denials(self) -> None:
        terms = list(self.told.denied_symptoms)
        while terms:
            if len(terms) >= _PER_QUESTION and self.chooser.chance(0.5):
                self.ask(self._asking("ask_denied_two", terms.pop(0), terms.pop(0)))
                self.answer(self.phrase("answer_denied_two"))
            else:
                self.ask(self._asking("ask_denied", terms.pop(0)))
                self.answer(self.phrase("answer_denied"))

    def _detail(self, statement: str) -> None:
        known = self.case.spoken.get(statement)
        if known and known.ask:
            self.ask(known.ask)
            self.answer(known.says)
        elif known:
            self.ask(self.phrase("ask_risk"))
            self.answer(known.says)
        else:
            self.doctor(self.phrase("told", statement=statement))
            self.reply("told_yes")

    # History and background

    def history(self) -> None:
        past = self.scenario.medical_history
        conditions = [*past.chronic_conditions, *past.previous_diagnoses]
        if conditions:
            self.ask(self.phrase("ask_history", history=listed([self._condition(c) for c in conditions])))
            self.reply("answer_history")
        else:
            self.ask(self.phrase("ask_no_history"))
            self.answer(self.phrase("answer_no_history"))
        self.ask(self.phrase("ask_drugs"))
        drugs = [spoken.sig(drug) for drug in past.current_medications]
        if drugs:
            self.answer(self.phrase("answer_drugs", drugs="; and ".join(drugs)))
        else:
            self.answer(self.phrase("answer_no_drugs"))
        behaviour = spoken_traits().get(self.scenario.patient_behaviour, self.scenario.patient_behaviour)
        if behaviour:
            self.ask(self.phrase("ask_behaviour" if self.case.state is not State.NEW else "ask_behaviour_new"))
            self._add(self.patient, behaviour if not self.child else _for_parent(behaviour))
        if past.allergies:
            self.ask(self.phrase("ask_allergies"))
            said = [spoken_traits().get(a, f"I'm allergic to {a}.") for a in past.allergies]
            self.answer(" ".join(said))
        if past.family_history:
            self.ask(self.phrase("ask_family"))
            relatives = " and my ".join(spoken.relative(f) for f in past.family_history)
            self._add(
                self.patient, self.phrase("answer_family_child" if self.child else "answer_family", family=relatives)
            )

    def _condition(self, name: str) -> str:
        """A charted condition in the clinician's mouth, with the patient's word for it where known."""
        plain = self.case.spoken.get(name)
        bare = plain.says if plain and " my " not in f" {plain.says} " else ""
        return f"{name}, {bare}" if bare and bare.lower() not in name.lower() and self.chooser.chance(0.3) else name

    def background(self) -> None:
        habits, who = self.scenario.habits, self.scenario.demographics
        asked = [
            ("ask_child_day" if self.child else "ask_occupation", who.occupation),
            ("ask_home_smoke" if self.child else "ask_tobacco", habits.tobacco),
            ("ask_alcohol", habits.alcohol),
            ("ask_drugs_use", habits.drugs),
            ("ask_diet", habits.diet),
            ("ask_exercise", habits.exercise),
            ("ask_sleep", habits.sleep),
        ]
        for question, trait in asked:
            if trait:
                self.ask(self.phrase(question))
                self._add(self.patient, spoken_traits().get(trait, trait))
        barrier = spoken_traits().get(self.scenario.treatment_disparities, self.scenario.treatment_disparities)
        if barrier:
            self.doctor(self.phrase("ask_barrier"))
            self._add(self.patient, barrier)
            self.doctor(self.phrase("barrier_reply"))

    # Examination and results

    def examination(self) -> None:
        exam = self.scenario.physical_examination
        self.doctor(self.phrase("exam_start_child" if self.child else "exam_start"))
        self.reply("exam_ok")
        taken = spoken.vitals(exam.vitals)
        if taken:
            self.tell(self.phrase("vitals_said", vitals=", ".join(taken)))
            self.reply("vitals_reply")
            off = spoken.are_off(exam.vitals, self.scenario.demographics.age_years)
            self.doctor(self.phrase("vitals_off" if off else "vitals_fine"))
        for finding in exam.findings:
            known = self.case.spoken.get(f"{finding.system}: {finding.finding}")
            aloud = known.says if known else f"{finding.system}: {finding.finding}."
            self.tell(self.phrase("exam_step", aloud=aloud, aloud_low=lower_first(aloud)))
            if finding.abnormal:
                self.reply("exam_reply_abnormal")
                self.doctor(self.phrase("exam_abnormal_calm"))
            elif self.chooser.chance(0.45):
                self.reply("exam_reply")
        self.doctor(self.phrase("exam_end"))

    def results(self) -> None:
        reviewed = [test for test in self.scenario.investigations if test.status == "reviewed"]
        if not reviewed:
            return
        self.doctor(self.phrase("results_start"))
        self.reply("results_reply")
        for test in reviewed:
            known = self.case.spoken.get(test.name if test.reference else f"{test.name}: {test.result}")
            if test.reference:
                lay = known.says if known and not shares_word(test.name, known.says) else ""
                name = f"{lay}, the {test.name}," if lay and self.chooser.chance(0.5) else f"Your {test.name}"
                self.tell(self.phrase("result_number", test=name, value=spoken.value(test), flag=spoken.flag(test)))
            else:
                aloud = known.says if known else f"The {test.name} shows {test.result}."
                self.tell(self.phrase("result_said", aloud=aloud, aloud_low=lower_first(aloud)))
            if test.flag in ("high", "low", "abnormal"):
                self.reply("result_off")
                self.doctor(self.phrase("result_off_reply"))
            elif self.chooser.chance(0.6):
                self.reply("result_ok")

    # Assessment and plan

    def assessment(self) -> None:
        self.doctor(self.phrase("assessment_start"))
        known = self.case.spoken.get(self.outcome.assessment)
        name, plain = self.case.aloud(self.case.name), self.case.aloud(self.case.plain)
        if self.case.family.kind in _NO_DISEASE:
            pass  # a checkup is not something one has
        elif plain.lower() == name.lower():
            self.tell(self.phrase("diagnosis_plain", plain=plain))
        else:
            self.tell(self.phrase("diagnosis_said", name=name, plain=plain))
        self.tell(known.says if known else self.outcome.assessment)
        self.reply("assessment_reply")
        if self.outcome.differential:
            self.doctor(self.phrase("differential_said", items=listed(self.outcome.differential, "or")))
        for explanation in self.chooser.some(self.case.family.explanations, 1, 2):
            self.tell(self.case.aloud(explanation))
            self.reply("explain_reply")

    def treatment(self) -> None:
        self.doctor(self.phrase("plan_start"))
        for order in self.outcome.prescriptions:
            self._drug(order)
        for treatment in self.outcome.treatments:
            known = self.case.spoken.get(treatment)
            self.tell(known.says if known else treatment)
            self.reply("treatment_reply")

    def _drug(self, order: Prescription) -> None:
        known = self.case.spoken.get(order.drug)
        plain = known.says if known else f"for {order.purpose}"
        self.tell(
            self.phrase(
                f"{order.action}_drug",
                drug=order.drug,
                dose=spoken.dose(order.dose),
                route=order.route,
                frequency=spoken.schedule(order.frequency),
                plain=plain,
            )
        )
        if order.action == "stop":
            self.reply("plan_reply")
            return
        length_key = "drug_length" if order.route == "by mouth" else "drug_length_use"
        supply = self.phrase("drug_supply", quantity=order.quantity)
        length = "" if order.duration == "ongoing" else self.phrase(length_key, duration=order.duration)
        self.doctor(f"{length} {supply}")
        self.reply("drug_reply")
        teaching = next((m.teaching for m in self.case.family.medications if m.drug == order.drug and m.teaching), ())
        if teaching and order.action != "continue":
            self.doctor(self.case.aloud(self.chooser.one(teaching)))
        elif self.turns[-1].text.endswith("?"):
            self.doctor(self.phrase("drug_no_teaching"))

    def orders(self) -> None:
        for order in self.outcome.laboratory_orders:
            tests = listed([self._test(test) for test in order.tests])
            same = order.panel.lower() in tests.lower()
            self.tell(self.phrase("order_labs_same" if same else "order_labs", panel=with_an(order.panel), tests=tests))
            self.reply("order_labs_reply")
            if self.turns[-1].text.endswith("?"):
                self.doctor(self.phrase("order_labs_answer"))
        for image in self.outcome.imaging_orders:
            study = imaging_name(image.modality, image.body_area)
            self.doctor(self.phrase("order_imaging", study=with_an(study), reason=image.reason))
            self.reply("plan_reply")
        for referral in self.outcome.referrals:
            known = self.case.spoken.get(referral.specialty)
            self.tell(
                self.phrase(
                    "refer_said",
                    aloud=known.says.rstrip(".") if known else f"I'd like you to see {referral.specialty}",
                    physician=referral.physician.removeprefix("Dr. "),
                    specialty=referral.specialty,
                    reason=referral.reason,
                )
            )
            self.reply("refer_reply")
            if self.turns[-1].text.endswith("?"):
                self.doctor(self.phrase("refer_answer"))

    def _test(self, test: str) -> str:
        """What a test is called to the patient, and its name where that does not say it."""
        known = self.case.spoken.get(test)
        if not known or known.says.lower().removeprefix("your ") == test.lower():
            return f"your {test}"
        return known.says if shares_word(test, known.says) else f"{known.says}, the {test}"

    def advice(self) -> None:
        for n, advice in enumerate(self.outcome.lifestyle_advice):
            known = self.case.spoken.get(advice)
            self.tell(known.says if known else advice)
            effort = not self.child and self.case.state is not State.STABLE and self.chooser.chance(0.5)
            self.reply("advice_reply" if effort else "plan_reply")
            if effort and n == 0:
                self.doctor(self.phrase("advice_encourage"))
        for n, warning in enumerate(self.outcome.return_precautions):
            known = self.case.spoken.get(warning)
            text = known.says if known else warning
            self.tell(f"{self.phrase('flags_start')} {text}" if n == 0 else text)
        if self.outcome.return_precautions:
            self.reply("flags_reply")

    # Close

    def questions(self) -> None:
        self.doctor(self.phrase("questions_ask"))
        asked = self.chooser.some(self.case.family.patient_questions, 1, 3)
        for question in asked:
            self.answer(self.case.aloud(question.ask))
            self.tell(self.phrase("questions_more", answer=self.case.aloud(question.answer)))
            self.reply("question_thanks")
        if not asked:
            self.reply("questions_none")

    def close(self) -> None:
        needed = self.outcome.follow_up == "as needed"
        self.doctor(self.phrase("follow_needed") if needed else self.phrase("follow_said", when=self.outcome.follow_up))
        self.reply("plan_reply")
        if self.chooser.chance(0.5):
            self._teach_back(needed)
        self.doctor(self.phrase("close"))
        self.reply("close_reply")

    def _teach_back(self, needed: bool) -> None:
        self.doctor(self.phrase("teach_back"))
        drugs = [o for o in self.outcome.prescriptions if o.action != "stop"]
        if drugs and not self.child:
            start = self.phrase("teach_back_drug", drug=drugs[0].drug, frequency=spoken.schedule(drugs[0].frequency))
        else:
            start = self.phrase("teach_back_no_drug")
        interval = " ".join(self.outcome.follow_up.split()[:2])
        end = "teach_back_end_needed" if needed else "teach_back_end"
        self._add(self.patient, f"{start} {lower_first(self.phrase(end, interval=interval))}")
        self.doctor(self.phrase("teach_back_praise"))


def with_an(study: str) -> str:
    """`a lipid panel`, `an ECG`, `inflammatory markers`."""
    first, last = study.split()[0].lower(), study.split()[-1].lower()
    if first in ("the", "a", "an") or first.endswith("s") or re.search(r"[^si]s$", last):
        return study
    sounds_vowel = study[0].lower() in "aeio" or re.match(r"[AEFHILMNORSX][A-Z-]|x-ray", study)
    return f"{'an' if sounds_vowel else 'a'} {study}"


def _for_parent(behaviour: str) -> str:
    """A parent speaks of giving medicine, not of taking it."""
    return behaviour.replace("I take", "We give").replace("I don't skip", "we don't skip")
