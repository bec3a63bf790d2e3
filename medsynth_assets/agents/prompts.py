"""Prompt templates: text files with a `system` and a `user` block, rendered to messages and hashed."""

import json
import re
from collections.abc import Mapping
from functools import cache, cached_property
from importlib import resources

import jinja2

from medsynth_assets.engines.contract import Message
from medsynth_assets.records.artifact import Agent
from medsynth_assets.records.identity import prompt_hash

_COMMENT_LINES = re.compile(r"^[ \t]*\{#(?:(?!#\}).)*#\}[ \t]*\n", re.DOTALL | re.MULTILINE)
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)


class Prompt:
    """One agent's template. `text` is what a model would see change, so without comments; `version` its hash.
    addition: another template, whose system block follows that of the first.

    A comment on lines of its own goes with them, here and in what is sent: it leaves no blank line behind.
    """

    def __init__(self, source: str, addition: str = "") -> None:
        meaning = _meaning(source)
        self._template = _environment().from_string(meaning)
        self._addition: Prompt | None = Prompt(addition) if addition else None
        self.text: str = "\n".join([meaning.strip(), *([self._addition.text] if self._addition else [])])
        self.version = prompt_hash(self.text)

    @cached_property
    def _system(self) -> str:
        added = self._addition._system if self._addition else ""
        return "\n\n".join(filter(None, (self._block("system", {}), added)))

    def _block(self, name: str, data: Mapping[str, object]) -> str:
        context = self._template.new_context(dict(data))
        return "".join(self._template.blocks[name](context)).strip()

    def messages(self, data: Mapping[str, object]) -> list[Message]:
        """The stable part first, so that prefix caches of providers hit."""
        return [
            {"role": "system", "content": self._system},
            {"role": "user", "content": self._block("user", data)},
        ]


def as_data(value: object) -> str:
    """JSON in which no text can close the tag around it."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e")


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)  # noqa: S701  plain text, no HTML
    environment.filters["json"] = as_data
    return environment


def _meaning(source: str) -> str:
    return _COMMENT.sub("", _COMMENT_LINES.sub("", source))


@cache
def prompt_for(agent: Agent, *, in_another_language: bool = False) -> Prompt:
    """The shipped template of an agent; with what is said beside it where dialogues are not in English."""
    folder = resources.files("medsynth_assets") / "prompts"
    addition = (folder / "dialogue_language.md").read_text("utf-8") if in_another_language else ""
    return Prompt((folder / f"{agent.value}.md").read_text("utf-8"), addition)
