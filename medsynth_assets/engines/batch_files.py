"""The lines of a batch: requests as they are uploaded, results as they come back."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

from medsynth_assets.engines.answers import Completion, read_completion
from medsynth_assets.engines.faults import Fault
from medsynth_assets.engines.parking import ParkedRequest

ENDPOINT: Literal["/v1/chat/completions"] = "/v1/chat/completions"
_UNSERVED = ("batch_expired", "batch_cancelled")


class Result(NamedTuple):
    """What came of one request: a completion that was paid for, or a fault."""

    custom_id: str
    outcome: Completion | Fault


def custom_id(record_id: str, agent: str, request_hash: str) -> str:
    """What a line is known by: the request's key, behind what people look for in the provider's files."""
    return f"{record_id}:{agent}:{request_hash}"


def code_of(custom_id: str) -> str:
    return custom_id.partition("/")[0]


def to_lines(requests: Iterable[ParkedRequest]) -> bytes:
    """The input file: one JSON object a line."""
    return b"".join(
        json.dumps(
            {"custom_id": parked.custom_id, "method": "POST", "url": ENDPOINT, "body": parked.body}, ensure_ascii=False
        ).encode()
        + b"\n"
        for parked in requests
    )


def read_results(text: str) -> Iterator[Result]:
    """Results of an output or error file, in their order. A line that cannot be read is
    passed over: its request counts as not served."""
    for line in text.splitlines():
        try:
            told = json.loads(line)
            yield Result(str(told["custom_id"]), _outcome(told))
        except (ValueError, TypeError, KeyError, AttributeError):
            continue


def _outcome(told: dict[str, Any]) -> Completion | Fault:
    response = told.get("response")
    if not response:
        error = told.get("error") or {}
        code = str(error.get("code") or "no_response")
        return Fault("unserved" if code in _UNSERVED else code, str(error.get("message") or code))
    status, body = int(response["status_code"]), response["body"]
    if status == 200:
        try:
            return read_completion(json.dumps(body))
        except Fault as fault:
            return fault
    error = (body.get("error") if isinstance(body, dict) else None) or {}
    named = f" (parameter {error['param']})" if error.get("param") else ""
    return Fault(
        f"http_{status}",
        f"{error.get('message') or body}{named}",
        http_status=status,
        code=str(error.get("code") or error.get("type") or ""),
    )
