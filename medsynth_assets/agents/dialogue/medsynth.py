"""MedSynth's way: one agent writes the whole visit, another polishes it (arXiv 2508.01401)."""

from medsynth_assets.agents.dialogue.desk import Brief, Desk
from medsynth_assets.agents.dialogue.polishing import polished
from medsynth_assets.records.artifact import Agent, Artifact, Kind
from medsynth_assets.records.dialogue import Dialogue
from medsynth_assets.records.question import DialogueQuestion


class MedSynth:
    """Generate, polish."""

    async def make(self, desk: Desk, brief: Brief) -> Artifact:
        asked = DialogueQuestion(plan=brief.plan, scenario=brief.scenario, note=brief.note)
        draft = await desk.ask(Agent.DIALOGUE_GENERATOR, asked, Dialogue)
        drafted = desk.keep(Kind.DIALOGUE_DRAFT, draft, (brief.parent.artifact_id,), Agent.DIALOGUE_GENERATOR)
        return await polished(desk, brief, draft, drafted, [])
