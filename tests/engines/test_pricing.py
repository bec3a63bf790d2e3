"""Prices: the shipped table, and a user's own over it."""

import pytest

from medsynth_assets.engines.pricing import PriceTable, Tokens
from medsynth_assets.settings import Price

MILLION = 1_000_000


def test_input_cached_input_and_output_cost_their_own_price() -> None:
    """Cached tokens are part of the input and are not counted twice."""
    table = PriceTable({"m": Price(input=4, cached_input=1, output=10)})
    cost = table.cost_usd("m", Tokens(input=3 * MILLION, cached=MILLION, output=2 * MILLION))
    assert cost == pytest.approx(2 * 4 + 1 * 1 + 2 * 10)


def test_a_setting_wins_over_the_shipped_price() -> None:
    """A negotiated price replaces one model's and leaves the others."""
    table = PriceTable({"gpt-4o": Price(input=1, cached_input=1, output=1)})
    assert table.cost_usd("gpt-4o", Tokens(input=MILLION)) == 1
    assert table.cost_usd("gpt-4o-mini", Tokens(input=MILLION)) == 0.15


@pytest.mark.parametrize(
    ("model", "input_price"),
    [
        pytest.param("gpt-4o-2024-08-06", 2.50, id="dated-as-undated"),
        pytest.param("gpt-4o-2024-05-13", 5.00, id="dated-with-its-own"),
    ],
)
def test_a_dated_model_has_a_price(model: str, input_price: float) -> None:
    """Its own where the table has one, else that of the undated name."""
    assert PriceTable({}).cost_usd(model, Tokens(input=MILLION)) == input_price


def test_an_unknown_model_costs_nothing_and_says_so() -> None:
    """0 is not a price: the caller can ask whether there is one."""
    table = PriceTable({})
    assert table.cost_usd("llama-of-my-own", Tokens(input=MILLION, output=MILLION)) == 0
    assert not table.is_priced("llama-of-my-own")
    assert table.is_priced("gpt-4o")


def test_cached_input_never_costs_more_than_input() -> None:
    """A slip in the shipped table would show here."""
    for model in ("gpt-4o", "gpt-4.1", "gpt-5", "gpt-5.4-mini", "o3", "o4-mini"):
        cached = PriceTable({}).cost_usd(model, Tokens(input=MILLION, cached=MILLION))
        assert 0 < cached <= PriceTable({}).cost_usd(model, Tokens(input=MILLION))
