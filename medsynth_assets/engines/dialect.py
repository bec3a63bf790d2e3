"""What an endpoint accepts for a model, learned from its refusals.

OpenAI-compatible servers differ: some know no JSON schema, reasoning models want another name for the token
limit and no temperature. The first request speaks the fullest form; a 400 that names a parameter takes it
back a step.
"""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel

from medsynth_assets.engines.contract import Message, PlainText
from medsynth_assets.engines.faults import Fault

Mode = Literal["json_schema", "json_object", "text", "plain"]  # plain: no JSON is wanted
_NEXT: dict[Mode, Mode] = {"json_schema": "json_object", "json_object": "text"}
_DROPPABLE = ("temperature", "seed")


class Dialect(NamedTuple):
    """How to put a request. `limit` names the field for the longest answer; `dropped` what was refused."""

    mode: Mode = "json_schema"
    limit: str = "max_tokens"
    dropped: frozenset[str] = frozenset()

    @classmethod
    def fullest(cls, answer_type: type[BaseModel]) -> "Dialect":
        """What is tried first."""
        return cls("plain" if issubclass(answer_type, PlainText) else "json_schema")

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Dialect":
        """Read back what `stored` gave."""
        return cls(stored["mode"], stored["limit"], frozenset(stored["dropped"]))

    @property
    def stored(self) -> dict[str, Any]:
        """As JSON takes it."""
        return {**self._asdict(), "dropped": sorted(self.dropped)}

    def adapted_to(self, fault: Fault) -> "Dialect | None":
        """The next form to try; None where the fault is no complaint about this one, so at last always."""
        if fault.http_status not in (400, 422):
            return None
        if fault.complains_of("response_format", "json_schema", "json_object") and self.mode in _NEXT:
            return self._replace(mode=_NEXT[self.mode])
        if fault.complains_of("max_completion_tokens") and self.limit == "max_tokens":
            return self._replace(limit="max_completion_tokens")
        for name in _DROPPABLE:
            if fault.complains_of(name) and name not in self.dropped:
                return self._replace(dropped=self.dropped | {name})
        return None

    def parameters(self, temperature: float, max_output_tokens: int, seed: int) -> dict[str, Any]:
        """What is really sent, in the words of a call's record."""
        sampling = {"temperature": temperature, "seed": seed}
        kept = {name: value for name, value in sampling.items() if name not in self.dropped}
        return {**kept, "max_output_tokens": max_output_tokens, "structured_output": self.mode}

    def messages(self, messages: list[Message], answer_type: type[BaseModel]) -> list[Message]:
        """Without a schema beside the messages, the schema goes into the first of them."""
        if self.mode in ("json_schema", "plain"):
            return messages
        schema = json.dumps(answer_type.model_json_schema(), separators=(",", ":"))
        told = f"Answer with one JSON object and nothing else. It fits this JSON schema:\n{schema}"
        first = messages[0]
        if first["role"] != "system":
            return [{"role": "system", "content": told}, *messages]
        return [{**first, "content": f"{first['content']}\n\n{told}"}, *messages[1:]]

    def body(self, parameters: dict[str, Any], messages: list[Message], answer_type: type[BaseModel]) -> dict[str, Any]:
        """The fields of the request, but for the model."""
        body: dict[str, Any] = {name: parameters[name] for name in _DROPPABLE if name in parameters}
        body |= {"messages": messages, self.limit: parameters["max_output_tokens"]}
        if self.mode == "json_schema":
            body["response_format"] = _response_format(answer_type)
        elif self.mode == "json_object":
            body["response_format"] = {"type": "json_object"}
        return body


@cache
def _response_format(answer_type: type[BaseModel]) -> dict[str, Any]:
    """Strict as it stands: our answer types are closed, and every field of theirs is required (records/)."""
    named = {"name": answer_type.__name__, "schema": answer_type.model_json_schema(), "strict": True}
    return {"type": "json_schema", "json_schema": named}
