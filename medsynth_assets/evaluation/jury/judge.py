"""One judge: a model that is asked about one case after the other, and its answers as verdicts."""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel

from medsynth_assets.agents.asking import Asking
from medsynth_assets.engines.contract import Engine, Failed
from medsynth_assets.evaluation.jury.cases import Case
from medsynth_assets.quality.facts.extracting import facts
from medsynth_assets.records.artifact import Agent, Recipe
from medsynth_assets.records.call import Call
from medsynth_assets.records.jury import PreferenceVerdict, RubricVerdict, SupportVerdict
from medsynth_assets.records.jury_verdict import JuryVerdict, VerdictKind
from medsynth_assets.records.question import NumberedFact, PreferenceQuestion, Question, RubricQuestion, SupportQuestion

A = TypeVar("A", bound=BaseModel)

_MOST_FACTS = 150  # of one note, in one question; notes here have 20 to 80


class Heard(NamedTuple):
    """What a judge said of a case. failed: kind and reason of each question without a usable answer."""

    case: Case
    verdicts: list[JuryVerdict]
    calls: list[Call]
    recipes: list[Recipe]
    failed: list[tuple[VerdictKind, str]]


class Judge:
    """A model over an engine of its own. other: what pairs are compared with, for the record."""

    def __init__(self, engine: Engine, seed: int, other: str = "") -> None:
        self._asking = Asking(engine, seed)
        self._other = other
        self.model = engine.model_for(Agent.JURY_RUBRIC)

    async def hear(self, case: Case) -> Heard:
        """Everything asked of one case. Raises EngineDown and BudgetSpent, as engines do."""
        heard = Heard(case, [], [], [], [])
        pair = (case.note.artifact_id, case.dialogue.artifact_id)
        rubric = RubricQuestion(plan=case.plan, note=case.note.text, dialogue=case.dialogue.text)
        graded = await self._ask(heard, VerdictKind.RUBRIC, Agent.JURY_RUBRIC, rubric, RubricVerdict)
        if graded:
            self._say(heard, VerdictKind.RUBRIC, Agent.JURY_RUBRIC, graded[0].model_dump(mode="json"), pair, graded[1])
        await self._support(heard, case, pair)
        if case.other:
            await self._preference(heard, case, (*pair, case.other.id))
        return heard

    async def _support(self, heard: Heard, case: Case, pair: tuple[str, ...]) -> None:
        told = [NumberedFact(number=n, fact=fact.text) for n, fact in enumerate(facts(case.note.text)[:_MOST_FACTS], 1)]
        if not told:
            return
        question = SupportQuestion(plan=case.plan, facts=told, dialogue=case.dialogue.text)
        answered = await self._ask(heard, VerdictKind.SUPPORT, Agent.JURY_SUPPORT, question, SupportVerdict)
        if not answered:
            return
        said = {fact.number: fact.support for fact in answered[0].facts}
        content = {
            "facts": [
                {"number": f.number, "fact": f.fact, "support": said[f.number]} for f in told if f.number in said
            ],
            "unanswered": [fact.number for fact in told if fact.number not in said],
        }
        self._say(heard, VerdictKind.SUPPORT, Agent.JURY_SUPPORT, content, pair, answered[1])

    async def _preference(self, heard: Heard, case: Case, parents: tuple[str, ...]) -> None:
        """Asked in both orders: a judge that goes by the place where a dialogue stands has said nothing, which is a tie."""
        assert case.other is not None
        mine, theirs = case.dialogue.text, case.other.text
        kind, agent = VerdictKind.PREFERENCE, Agent.JURY_PREFERENCE
        asked = PreferenceQuestion(plan=case.plan, note=case.note.text, first=mine, second=theirs)
        swapped = PreferenceQuestion(plan=case.plan, note=case.note.text, first=theirs, second=mine)
        one = await self._ask(heard, kind, agent, asked, PreferenceVerdict)
        two = await self._ask(heard, kind, agent, swapped, PreferenceVerdict, 2) if one else None
        if not one or not two:
            return
        forward = _OF_PLACE[one[0].preferred]
        backward = _OF_SWAPPED_PLACE[two[0].preferred]
        content = {
            "preferred": forward if forward == backward else "tie",
            "is_consistent": forward == backward,
            "as_shown": [one[0].preferred, two[0].preferred],
            "reasons": [one[0].reason, two[0].reason],
        }
        self._say(heard, kind, agent, content, parents, [*one[1], *two[1]], other=self._other)

    async def _ask(
        self, heard: Heard, kind: VerdictKind, agent: Agent, question: Question, answer_type: type[A], round_: int = 1
    ) -> tuple[A, list[Call]] | None:
        recipe = self._asking.recipe(agent, heard.case.plan.icd)
        request = self._asking.request(agent, heard.case.slot, question, recipe, answer_type, round_=round_)
        outcome = await self._asking.engine.answer(request)
        heard.calls.extend(outcome.calls)
        heard.recipes.append(recipe)
        if isinstance(outcome, Failed):
            heard.failed.append((kind, f"{outcome.reason}: {outcome.detail}"))
            return None
        return outcome.answer, list(outcome.calls)

    def _say(
        self, heard: Heard, kind: VerdictKind, agent: Agent, content: dict[str, Any], parents: tuple[str, ...],
        calls: Sequence[Call], other: str = "",
    ) -> None:  # fmt: skip
        recipe = next(recipe for recipe in heard.recipes if recipe.agent is agent)
        heard.verdicts.append(
            JuryVerdict(
                kind=kind,
                slot=heard.case.slot,
                content=content,
                parents=parents,
                other=other,
                recipe_id=recipe.recipe_id,
                prompt_hash=recipe.prompt_hash,
                model=recipe.model,
                call_ids=tuple(call.call_id for call in calls),
                cost_usd=sum(call.cost_usd for call in calls),
                tokens=sum(call.input_tokens + call.output_tokens for call in calls),
            )
        )


_OF_PLACE = {"first": "record", "second": "other", "tie": "tie"}
_OF_SWAPPED_PLACE = {"first": "other", "second": "record", "tie": "tie"}
