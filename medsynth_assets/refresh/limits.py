"""The limits of a refresh: from what was asked for, else from the settings; refused where they could not hold."""

import datetime as dt

from medsynth_assets.engines.budget import Limits, until_next
from medsynth_assets.engines.pricing import PriceTable
from medsynth_assets.errors import UsageError
from medsynth_assets.records.artifact import Stage, Strategy
from medsynth_assets.settings import Settings


def limits_of(settings: Settings, usd: float = 0, tokens: int = 0, records: int = 0, until: str = "") -> Limits:
    """What is 0 or '' here comes from the settings; there it means no limit."""
    return Limits(
        usd or settings.refresh_budget_usd or None,
        tokens or settings.refresh_budget_tokens or None,
        records or settings.refresh_max_records or None,
        until_next(until or settings.refresh_until, dt.datetime.now(dt.UTC)),
    )


def demand_prices(settings: Settings, engine: str, limits: Limits) -> None:
    """Raises UsageError where dollars are limited and a model has no price: its calls would count as free."""
    if limits.usd is None or engine == "offline":
        return
    strategy = Strategy(settings.dialogue_strategy)
    agents = {agent for stage in Stage for agent in stage.agents_by(strategy)}
    models = {getattr(settings.models, agent.value) or settings.openai_model for agent in agents}
    prices = PriceTable(settings.prices)
    unpriced = sorted(model for model in models if not prices.is_priced(model))
    if unpriced:
        raise UsageError(
            f"a budget in dollars needs a price for {', '.join(unpriced)}; set it in MEDSYNTH_PRICES (0 for a model of"
            " your own), or limit tokens with --budget-tokens"
        )
