"""NoteChat's way: plan, role-play, polish (Wang et al., "NoteChat: A Dataset of Synthetic Patient-Physician Conversations
Conditioned on Clinical Notes", Findings of ACL 2024).

The doctor knows the whole agenda, the patient only the patient's own part of it. They take turns until every fact is said and
the visit is over, or until there have been enough; what is left goes to the polisher as unsaid.
"""

from medsynth_assets.agents.dialogue.desk import Brief, Desk
from medsynth_assets.agents.dialogue.polishing import polished
from medsynth_assets.records.agenda import MOST_UTTERANCES, Agenda, Utterance
from medsynth_assets.records.artifact import Agent, Artifact, Kind
from medsynth_assets.records.dialogue import Dialogue, Turn
from medsynth_assets.records.question import AgendaQuestion, KnownFact, RoleQuestion

_FAREWELL = 4  # utterances after the last fact is said; models at times forget to say that the visit is over
_DOCTOR = "doctor"


class NoteChat:
    """Plan, role-play, polish. most: utterances of both sides together."""

    def __init__(self, most: int = MOST_UTTERANCES) -> None:
        self._most = most

    async def make(self, desk: Desk, brief: Brief) -> Artifact:
        asked = AgendaQuestion(plan=brief.plan, scenario=brief.scenario, note=brief.note)
        agenda = await desk.ask(Agent.DIALOGUE_PLANNER, asked, Agenda)
        planned = desk.keep(Kind.DIALOGUE_AGENDA, agenda, (brief.parent.artifact_id,), Agent.DIALOGUE_PLANNER)
        transcript, covered, last = await self._played(desk, brief, agenda, planned)
        draft = Dialogue(turns=transcript)
        drafted = desk.keep(Kind.DIALOGUE_DRAFT, draft, (last.artifact_id, brief.parent.artifact_id), None)
        unsaid = [known.fact for number, known in enumerate(agenda.facts, 1) if number not in covered]
        return await polished(desk, brief, draft, drafted, unsaid)

    async def _played(
        self, desk: Desk, brief: Brief, agenda: Agenda, planned: Artifact
    ) -> tuple[list[Turn], set[int], Artifact]:
        """The transcript, the numbers of the facts said in it, and the last utterance. Each utterance hangs on the one before."""
        transcript: list[Turn] = []
        covered: set[int] = set()
        last, all_said_at = planned, 0
        for number in range(1, self._most + 1):
            agent = Agent.ROLE_DOCTOR if number % 2 else Agent.ROLE_PATIENT
            question = _question(brief, agenda, agent, transcript, covered)
            said = _in_role(await desk.ask(agent, question, Utterance, number), agent, brief)
            parents = (last.artifact_id,) if last is planned else (last.artifact_id, planned.artifact_id)
            last = desk.keep(Kind.UTTERANCE, {"number": number, **said.model_dump(mode="json")}, parents, agent)
            transcript += said.turns
            covered |= {fact for fact in said.covers if 1 <= fact <= len(agenda.facts)}
            all_said_at = all_said_at or (number if len(covered) == len(agenda.facts) else 0)
            if number > 1 and (said.ends or (all_said_at and number >= all_said_at + _FAREWELL)):
                break
        return transcript, covered, last


def _question(brief: Brief, agenda: Agenda, agent: Agent, transcript: list[Turn], covered: set[int]) -> RoleQuestion:
    is_doctor = agent is Agent.ROLE_DOCTOR
    known = [
        KnownFact(number=number, part=fact.part, fact=fact.fact, told_by=fact.told_by)
        for number, fact in enumerate(agenda.facts, 1)
        if is_doctor or fact.told_by == "patient"
    ]
    return RoleQuestion(
        plan=brief.plan, scenario=brief.scenario, agenda=agenda, role=_DOCTOR if is_doctor else "patient",
        persona={} if is_doctor else _persona(brief), known=known, covered=sorted(covered), transcript=list(transcript),
    )  # fmt: skip


def _persona(brief: Brief) -> dict[str, object]:
    """Who the patient is, without what only the chart knows."""
    scenario = brief.scenario
    return {
        "demographics": scenario.demographics.model_dump(mode="json"),
        "habits": scenario.habits.model_dump(mode="json"),
        "patient_behaviour": scenario.patient_behaviour,
        "treatment_disparities": scenario.treatment_disparities,
        "english_proficiency": scenario.english_proficiency,
    }


def _in_role(said: Utterance, agent: Agent, brief: Brief) -> Utterance:
    """Nobody speaks for the other side: what a model put into the wrong mouth is said by the one who was asked."""
    own = brief.scenario.demographics.companion or "patient"
    turns = [
        turn if (turn.speaker == _DOCTOR) == (agent is Agent.ROLE_DOCTOR)
        else Turn(speaker=_DOCTOR if agent is Agent.ROLE_DOCTOR else own, text=turn.text)
        for turn in said.turns
    ]  # fmt: skip
    return said.model_copy(update={"turns": turns})
