"""What a call usually takes, where nothing better is known: typical_tokens.toml."""

import tomllib
from collections.abc import Sequence
from functools import cache
from importlib import resources

from pydantic import TypeAdapter

from medsynth_assets.engines.contract import Message
from medsynth_assets.engines.pricing import Tokens
from medsynth_assets.records.artifact import Agent

_CHARACTERS_PER_TOKEN = 4  # of English and JSON, roughly


def expected_tokens(agent: Agent, messages: Sequence[Message]) -> Tokens:
    """Before a call is sent: its input by length, its output as the agent usually answers."""
    characters = sum(len(message["content"]) for message in messages)
    return Tokens(characters // _CHARACTERS_PER_TOKEN, typical_tokens(agent).output)


def typical_tokens(agent: Agent) -> Tokens:
    """Before anything of a call is known."""
    row = _table()[agent]
    return Tokens(row["input"], row["output"])


def typical_calls(agent: Agent) -> int:
    """Calls of the agent for one record."""
    return _table()[agent].get("calls", 1)


@cache
def _table() -> dict[Agent, dict[str, int]]:
    source = (resources.files("medsynth_assets.engines") / "typical_tokens.toml").read_text("utf-8")
    return TypeAdapter(dict[Agent, dict[str, int]]).validate_python(tomllib.loads(source))
