"""Which engine answers, by setting."""

from medsynth_assets.engines.budget import Budget
from medsynth_assets.engines.contract import Engine
from medsynth_assets.settings import Settings


def engine_for(name: str, settings: Settings, budget: Budget | None = None) -> Engine:
    """The engine of that name, paying from the budget where one is set. Each is imported only when it is wanted."""
    if name == "openai":
        from medsynth_assets.engines.ledger import Ledger
        from medsynth_assets.engines.openai_engine import OpenAIEngine

        return OpenAIEngine(settings, Ledger(settings.warehouse.with_suffix(".calls.sqlite")), budget)
    from medsynth_assets.engines.offline.engine import OfflineEngine

    return OfflineEngine()
