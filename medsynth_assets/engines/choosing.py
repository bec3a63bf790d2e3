"""Which engine answers, by setting."""

from typing import get_args

from medsynth_assets.engines.budget import Budget
from medsynth_assets.engines.contract import Engine
from medsynth_assets.settings import EngineName, Settings

ENGINES = get_args(EngineName)


def name_on_record(engine: str) -> str:
    """The engine that recipes and records name: how an answer is delivered does not decide what it is."""
    return engine.removesuffix("-batch")


def engine_for(name: str, settings: Settings, budget: Budget | None = None) -> Engine:
    """The engine of that name, paying from the budget where one is set. Each is imported only when it is wanted."""
    if name == "openai-batch":
        from medsynth_assets.engines.batch_engine import BatchEngine
        from medsynth_assets.engines.stores import ledger_of

        return BatchEngine(settings, ledger_of(settings), budget)
    if name == "openai":
        from medsynth_assets.engines.openai_engine import OpenAIEngine
        from medsynth_assets.engines.stores import ledger_of

        return OpenAIEngine(settings, ledger_of(settings), budget)
    from medsynth_assets.engines.offline.engine import OfflineEngine

    return OfflineEngine()
