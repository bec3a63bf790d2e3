"""The offline engine: hands each agent's question to what answers it."""

import datetime as dt
import time
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import BaseModel

from medsynth_assets.clinical.companions import companions_digest
from medsynth_assets.clinical.knowledge import KnowledgeBase, knowledge_base
from medsynth_assets.clinical.used import knowledge_used
from medsynth_assets.engines.contract import Failed, Reply, Request
from medsynth_assets.engines.offline import dialogue_generator, dialogue_polisher, note_polisher, note_writer, role_play
from medsynth_assets.engines.offline.case import Case
from medsynth_assets.engines.offline.chooser import Chooser
from medsynth_assets.engines.offline.judge import judge
from medsynth_assets.engines.offline.provider import provide
from medsynth_assets.engines.offline.reading_back import read_back
from medsynth_assets.records.artifact import Agent
from medsynth_assets.records.call import Call
from medsynth_assets.records.identity import call_id, digest
from medsynth_assets.records.plan import CodeFacts, SlotPlan
from medsynth_assets.records.question import (
    AgendaQuestion,
    DialoguePolishQuestion,
    DialogueQuestion,
    JudgeQuestion,
    NotePolishQuestion,
    NoteQuestion,
    RoleQuestion,
    ScenarioQuestion,
)

A = TypeVar("A", bound=BaseModel)

VERSION = "offline-5"  # raise it when a change to this package changes what it writes


class OfflineEngine:
    """Answers from the knowledge base. Same question, same seed: the same answer, everywhere."""

    name = "offline"
    reads_prompts = False

    def __init__(self, base: KnowledgeBase | None = None) -> None:
        self._base = base or knowledge_base()
        self._case = lru_cache(maxsize=512)(self._new_case)

    def _new_case(self, _key: tuple[str, float, float, int], plan: "_Unhashed") -> Case:
        return Case(plan.value, self._base)

    def model_for(self, agent: Agent) -> str:
        return VERSION

    def parameters_for(self, agent: Agent) -> dict[str, Any]:
        return {}

    def knowledge_for(self, icd: CodeFacts) -> tuple[tuple[str, ...], str]:
        ids, of_code = knowledge_used(self._base, icd.code, icd.description)
        return (*ids, "companions"), digest("knowledge:1", of_code, companions_digest())

    async def preflight(self) -> None:
        """Nothing to reach."""

    async def close(self) -> None:
        """Nothing to close."""

    async def hand_in(self, codes: Sequence[str], parked: Sequence[str], run_config: str) -> str:
        return ""  # nothing is parked

    async def answer(self, request: Request[A]) -> Reply[A] | Failed:
        began, at = time.perf_counter(), dt.datetime.now(dt.UTC)
        answer = self._answer(request.question, Chooser(request.seed))
        if not isinstance(answer, request.answer_type):
            raise TypeError(f"{request.agent} answers {type(answer).__name__}, wanted {request.answer_type.__name__}")
        return Reply(answer, calls=(_call(request, at, (time.perf_counter() - began) * 1000),))

    def case(self, plan: SlotPlan) -> Case:
        key = (plan.icd.code, plan.visit_draw, plan.age_years, plan.seed)
        return self._case(key, _Unhashed(plan))

    def _answer(self, question: BaseModel, chooser: Chooser) -> BaseModel:
        match question:
            case ScenarioQuestion(plan=plan):
                return provide(question, self.case(plan), chooser)
            case JudgeQuestion(plan=plan, scenario=scenario):
                return judge(self.case(plan), scenario)
            case NoteQuestion(scenario=scenario):
                return note_writer.write(scenario, chooser)
            case NotePolishQuestion(note=note):
                return note_polisher.polish(note, chooser)
            case DialogueQuestion(plan=plan, scenario=scenario):
                return dialogue_generator.generate(scenario, self.case(plan), chooser)
            case AgendaQuestion(scenario=scenario):
                return role_play.agenda(scenario, chooser)
            case RoleQuestion(plan=plan):
                return role_play.say(question, self.case(plan))
            case DialoguePolishQuestion(note=note, dialogue=dialogue, unsaid=unsaid) if unsaid:
                return read_back(note, dialogue, unsaid, chooser)
            case DialoguePolishQuestion(scenario=scenario, dialogue=dialogue):
                return dialogue_polisher.polish(scenario, dialogue, chooser)
            case _:
                raise TypeError(f"no agent asks {type(question).__name__}")


def _call(request: Request[Any], started_at: dt.datetime, latency_ms: float) -> Call:
    """Nothing was sent, and the answer is the artifact: the call records that it was asked, and how long it took."""
    key = request.key([])
    return Call(
        call_id=call_id(key, 1, None),
        request_hash=key,
        record_id=request.slot.record_id,
        icd_code=request.slot.code,
        agent=request.agent,
        round=request.round,
        attempt=1,
        recipe_id=request.recipe.recipe_id,
        engine=request.recipe.engine,
        model=request.recipe.model,
        prompt_version=request.prompt_version,
        messages=None,
        parameters={},
        answer=None,
        status="ok",
        error="",
        input_tokens=0,
        output_tokens=0,
        cached_tokens=0,
        cost_usd=0.0,
        latency_ms=latency_ms,
        started_at=started_at,
    )


class _Unhashed:
    """A plan that rides along with its key in the cache without being hashed itself."""

    def __init__(self, value: SlotPlan) -> None:
        self.value = value

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Unhashed)
