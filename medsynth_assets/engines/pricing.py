"""What a call costs: token counts times a price table.

Put here: the arithmetic and the lookup. Not here: the prices (prices.toml, and the setting `prices`).
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from medsynth_assets.settings import Price

_DATED = re.compile(r"-\d{4}-\d{2}-\d{2}$")


class Tokens(NamedTuple):
    """Counts of one exchange. `cached` is the part of `input` that the provider had in its prefix cache."""

    input: int = 0
    output: int = 0
    cached: int = 0


class PriceTable:
    """Prices by model name: the shipped ones, and `own` over them."""

    def __init__(self, own: Mapping[str, Price]) -> None:
        self._prices = {**_shipped(), **own}

    def is_priced(self, model: str) -> bool:
        """False where the cost of this model is unknown and counted as 0."""
        return self._price(model) is not None

    def batch_cost_usd(self, model: str, tokens: Tokens) -> float:
        """US dollars for one exchange in a batch."""
        return self.cost_usd(model, tokens) * float(_data()["batch"]["share_frac"])

    def cost_usd(self, model: str, tokens: Tokens) -> float:
        """US dollars for one exchange; 0 for a model without a price."""
        price = self._price(model)
        if price is None:
            return 0.0
        uncached = max(tokens.input - tokens.cached, 0)
        total = uncached * price.input + tokens.cached * price.cached_input + tokens.output * price.output
        return total / 1_000_000

    def _price(self, model: str) -> Price | None:
        return self._prices.get(model) or self._prices.get(_DATED.sub("", model))


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((resources.files("medsynth_assets.engines") / "prices.toml").read_text("utf-8"))


@cache
def _shipped() -> dict[str, Price]:
    return TypeAdapter(dict[str, Price]).validate_python(_data()["prices"])
