"""Reading what came back: the completion's fields, what to call it, and the typed answer in it.

A truncated or refused answer is never read as a record, however well it may parse.
"""

import re
from typing import Generic, NamedTuple

from pydantic import BaseModel, Field, ValidationError

from medsynth_assets.engines.contract import A, Message, PlainText
from medsynth_assets.engines.faults import Fault
from medsynth_assets.engines.pricing import Tokens

_FENCED = re.compile(r"\A\s*```(?:json)?\s*\n(.*)\n\s*```\s*\Z", re.DOTALL)
_MOST_ERRORS = 20  # more than a model can use, or a person wants to read


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _CachedTokens(BaseModel):
    cached_tokens: int | None = None


class _Usage(BaseModel):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: _CachedTokens | None = None


class _Body(BaseModel):
    """The little of a chat completion that is used; servers differ in the rest."""

    choices: list[_Choice] = Field(min_length=1)
    usage: _Usage | None = None


class Completion(NamedTuple):
    """What a model said, and why it stopped."""

    content: str
    refusal: str
    finish_reason: str
    tokens: Tokens


def read_completion(body: bytes | str) -> Completion:
    """Raises Fault where a 200 carries no completion: a proxy's page, an error in disguise."""
    try:
        read = _Body.model_validate_json(body)
    except ValidationError:
        shown = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
        raise Fault("bad_body", f"not a chat completion: {shown[:500]}", http_status=200) from None
    choice, usage = read.choices[0], read.usage or _Usage()
    cached = usage.prompt_tokens_details.cached_tokens if usage.prompt_tokens_details else None
    return Completion(
        content=choice.message.content or "",
        refusal=choice.message.refusal or "",
        finish_reason=choice.finish_reason or "",
        tokens=Tokens(usage.prompt_tokens or 0, usage.completion_tokens or 0, cached or 0),
    )


class Judged(NamedTuple, Generic[A]):
    """status: ok, truncated, refusal, empty or malformed. `answer` is there exactly where it is ok."""

    status: str
    detail: str
    answer: A | None


def judge_completion(completion: Completion, answer_type: type[A]) -> Judged[A]:
    """Name what a model said; only what it finished and did not refuse is read further."""
    if completion.refusal or completion.finish_reason == "content_filter":
        return Judged("refusal", completion.refusal or "stopped by the content filter", None)
    if completion.finish_reason == "length":
        detail = f"cut off after {completion.tokens.output} tokens; raise MEDSYNTH_MAX_OUTPUT_TOKENS"
        return Judged("truncated", detail, None)
    return judge_text(completion.content, answer_type)


def judge_kept(status: str, detail: str, content: str, answer_type: type[A]) -> Judged[A]:
    """Name a kept answer as it was named when it came; one that was usable or malformed is read again."""
    if status in ("ok", "malformed"):
        return judge_text(content, answer_type)
    return Judged(status, detail, None)


def judge_text(content: str, answer_type: type[A]) -> Judged[A]:
    if not content.strip():
        return Judged("empty", "the answer has no text", None)
    if issubclass(answer_type, PlainText):
        return Judged("ok", "", answer_type(text=content.strip()))
    fenced = _FENCED.match(content)
    try:
        return Judged("ok", "", answer_type.model_validate_json(fenced[1] if fenced else content))
    except ValidationError as error:
        return Judged("malformed", _told(error), None)


def repair_messages(messages: list[Message], answer: str, errors: str) -> list[Message]:
    """The same conversation, going on: what the model answered, and what is wrong with it."""
    asked = f"That answer does not fit the schema:\n{errors}\n\nGive the whole corrected answer as JSON."
    return [*messages, {"role": "assistant", "content": answer}, {"role": "user", "content": asked}]


def _told(error: ValidationError) -> str:
    """One line an error: where, and what was wanted."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    shown = found[:_MOST_ERRORS]
    lines = [f"- {'.'.join(map(str, item['loc'])) or 'answer'}: {item['msg']}" for item in shown]
    more = [f"- and {len(found) - _MOST_ERRORS} more"] if len(found) > _MOST_ERRORS else []
    return "\n".join(lines + more)
