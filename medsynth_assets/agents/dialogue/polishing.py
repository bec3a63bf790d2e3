"""The end that all strategies share: polish a draft, and send it back while facts of the note go unsaid."""

from medsynth_assets.agents.dialogue.desk import Brief, Desk, FactsUnsaid
from medsynth_assets.records.artifact import Agent, Artifact, Kind
from medsynth_assets.records.dialogue import Dialogue
from medsynth_assets.records.question import DialoguePolishQuestion

REPAIRS = 2  # times that facts found unsaid go back to the dialogue polisher before quarantine
MOST_UNSAID = 40  # of them, in one question


async def polished(desk: Desk, brief: Brief, draft: Dialogue, drafted: Artifact, unsaid: list[str]) -> Artifact:
    """The product. unsaid: facts that the draft is known to leave out. Raises FactsUnsaid."""
    polish = DialoguePolishQuestion(
        plan=brief.plan, scenario=brief.scenario, note=brief.note, dialogue=draft, unsaid=unsaid[:MOST_UNSAID]
    )
    dialogue = await desk.ask(Agent.DIALOGUE_POLISHER, polish, Dialogue)
    parents = (drafted.artifact_id, brief.parent.artifact_id)
    for repair in range(1, REPAIRS + 2):
        missing = await desk.unsaid(dialogue)
        if not missing:
            break
        if repair > REPAIRS:
            raise FactsUnsaid(missing[:MOST_UNSAID])
        tried = desk.keep(Kind.DIALOGUE_DRAFT, dialogue, parents, Agent.DIALOGUE_POLISHER)
        again = polish.model_copy(update={"dialogue": dialogue, "unsaid": missing[:MOST_UNSAID]})
        dialogue = await desk.ask(Agent.DIALOGUE_POLISHER, again, Dialogue, 1 + repair)
        parents = (tried.artifact_id, brief.parent.artifact_id)
    return desk.keep(Kind.DIALOGUE, dialogue, parents, Agent.DIALOGUE_POLISHER)
