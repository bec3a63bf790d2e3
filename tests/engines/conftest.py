"""A request to ask, and an engine to ask it of, over real HTTP."""

import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from medsynth_assets.engines.contract import Request
from medsynth_assets.engines.ledger import Ledger
from medsynth_assets.engines.openai_engine import OpenAIEngine
from medsynth_assets.records.artifact import Agent, Recipe
from medsynth_assets.records.identity import Slot
from medsynth_assets.records.note import Note
from medsynth_assets.settings import Settings
from tests.scripted_openai.fixture import scripted_openai

__all__ = ["scripted_openai"]

KEY = "sk-a-secret-that-nobody-may-read"

EngineAt = Callable[..., contextlib.AbstractAsyncContextManager[OpenAIEngine]]


class Asked(BaseModel):
    """Stands for any question: engines that send text do not look into it."""


def note_request(
    ordinal: int = 1, agent: Agent = Agent.NOTE_WRITER, answer_type: type[Any] = Note, edition: int = 0
) -> Request[Any]:
    recipe = Recipe(agent, "prompt", "schema", "openai", "gpt-4o", {}, (), "")
    messages = [{"role": "system", "content": "You write notes."}, {"role": "user", "content": "Write one."}]
    return Request(
        slot=Slot("E11.9", ordinal),
        agent=agent,
        round=1,
        recipe=recipe,
        prompt_version="prompt",
        question=Asked(),
        answer_type=answer_type,
        render=lambda: messages,
        seed=1000 * (1 + edition) + ordinal,
    )


def settings_for(url: str, **settings: Any) -> Settings:
    """Nothing of the developer's own environment: what matters is given."""
    return Settings.model_validate(
        {
            "OPENAI_BASE_URL": url,
            "OPENAI_API_KEY": KEY,
            "openai_model": "gpt-4o",
            "models": {},
            "prices": {},
            "max_retries": 2,
            "request_timeout_s": 5.0,
            **settings,
        }
    )


@pytest.fixture
def engine_at(tmp_path: Path) -> EngineAt:
    """An engine for a URL, closed at the end; all of one test share a ledger file."""

    @contextlib.asynccontextmanager
    async def opened(url: str, **settings: Any) -> AsyncIterator[OpenAIEngine]:
        engine = OpenAIEngine(settings_for(url, **settings), Ledger(tmp_path / "ledger.sqlite"))
        try:
            yield engine
        finally:
            await engine.close()

    return opened
