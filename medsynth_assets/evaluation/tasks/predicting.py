"""Asking a model endpoint for predictions, through the engine that also makes records: limits, retries, the ledger.

What is in the file already is not asked again; what was paid for and did not reach the file is in the ledger beside it.
"""

import asyncio
import re
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from medsynth_assets.engines.contract import Failed, PlainText, Reply, Request
from medsynth_assets.engines.ledger import Ledger
from medsynth_assets.engines.openai_engine import OpenAIEngine
from medsynth_assets.evaluation.tasks.prediction_file import PredictionFile
from medsynth_assets.evaluation.tasks.references import Reference
from medsynth_assets.evaluation.tasks.task import Task
from medsynth_assets.records.artifact import Recipe
from medsynth_assets.records.call import Call
from medsynth_assets.records.identity import Slot, digest, prompt_hash, request_seed
from medsynth_assets.settings import Settings

_OURS = re.compile(r"^[A-Z][0-9A-Z.]{2,8}/\d{1,4}$")


class Model(NamedTuple):
    """Which model answers, and how."""

    name: str
    temperature: float
    max_output_tokens: int
    system: str


class Predicted(NamedTuple):
    """How many records were there before, answered now, or failed (with the reason of each), and what the calls came to."""

    before: int
    answered: int
    failed: dict[str, str]
    calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: float


def settings_for(settings: Settings, task: Task, model: Model, base_url: str | None) -> Settings:
    """The settings with this model in place of those that make records."""
    agent = task.agent.value
    changed: dict[str, object] = {
        "models": settings.models.model_copy(update={agent: model.name}),
        "temperatures": settings.temperatures.model_copy(update={agent: model.temperature}),
        "max_output_tokens": model.max_output_tokens,
    }
    return settings.model_copy(update=changed | ({"openai_base_url": base_url} if base_url else {}))


async def predict(
    task: Task, references: Sequence[Reference], model: Model, file: PredictionFile, settings: Settings, ledger: Path,
    watch: Callable[[], None] = lambda: None,
) -> Predicted:  # fmt: skip
    """Write an answer for every reference that has none in the file. settings: see `settings_for`.

    Raises EngineDown where going on is pointless; what was answered until then is in the file. watch: called as each is done.
    """
    wanted = [reference for reference in references if reference.id not in file.texts]
    engine = OpenAIEngine(settings, Ledger(ledger))
    failed: dict[str, str] = {}
    calls: list[Call] = []

    async def ask(reference: Reference) -> None:
        outcome = await engine.answer(_request(task, reference, model, settings.seed))
        calls.extend(call for call in outcome.calls if not call.from_ledger)
        if isinstance(outcome, Failed):
            failed[reference.id] = f"{outcome.reason}: {outcome.detail}"
        elif isinstance(outcome, Reply):
            file.append(reference.id, outcome.answer.text)
        watch()

    try:
        if wanted:
            await engine.preflight()
            await _all([ask(reference) for reference in wanted])
    finally:
        await engine.close()
    file.put_in_order([reference.id for reference in references])
    return Predicted(
        before=len(references) - len(wanted),
        answered=len(wanted) - len(failed),
        failed=failed,
        calls=len(calls),
        input_tokens=sum(call.input_tokens for call in calls),
        output_tokens=sum(call.output_tokens for call in calls),
        cost_usd=sum(call.cost_usd for call in calls),
    )


async def _all(asked: Sequence[Coroutine[Any, Any, None]]) -> None:
    """All of them, or the first error; then the others are let go and waited for, so that what was paid for is kept."""
    tasks = [asyncio.ensure_future(one) for one in asked]
    try:
        await asyncio.gather(*tasks)
    finally:
        for one in tasks:
            one.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _request(task: Task, reference: Reference, model: Model, seed: int) -> Request[PlainText]:
    messages = task.messages(reference, model.system)
    slot = _slot(reference.id)
    recipe = Recipe(
        agent=task.agent,
        prompt_hash=prompt_hash(model.system),
        schema_hash="",
        engine=OpenAIEngine.name,
        model=model.name,
        parameters={"task": task.value, "temperature": model.temperature, "max_output_tokens": model.max_output_tokens},
        families=(),
        knowledge_hash="",
    )
    return Request(
        slot=slot,
        agent=task.agent,
        round=1,
        recipe=recipe,
        prompt_version=recipe.prompt_hash,
        question=PlainText(text=task.given(reference)),
        answer_type=PlainText,
        render=lambda: messages,
        seed=request_seed(seed, slot.record_id, task.agent, 1),
    )


def _slot(record_id: str) -> Slot:
    """Ours is read back; anyone's else, which may hold what no header can carry, goes by its hash."""
    return Slot.parse(record_id) if _OURS.match(record_id) else Slot(digest("reference:1", record_id), 1)
