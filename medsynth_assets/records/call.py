"""A call: one request to an engine, with its answer, tokens, cost, latency and status."""

import datetime as dt
from typing import Any, NamedTuple

from medsynth_assets.records.artifact import Agent


class Call(NamedTuple):
    """Recorded for every request that was sent, usable answer or not.

    status: ok, or the reason of the failure (refusal, truncated, malformed, timeout, http_500, ...).
    messages: what was sent, in full; None for the offline engine, which sends nothing.
    attempt: 1, 2, ... within one request, counting transport retries and the repair attempt.
    artifact_id: what the request brought; '' where it brought nothing.
    """

    call_id: str
    request_hash: str
    record_id: str
    icd_code: str
    agent: Agent
    round: int
    attempt: int
    recipe_id: str
    engine: str
    model: str
    prompt_version: str
    messages: list[dict[str, str]] | None
    parameters: dict[str, Any]
    answer: str | None
    status: str
    error: str
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    cost_usd: float
    latency_ms: float
    started_at: dt.datetime
    from_ledger: bool = False
    artifact_id: str = ""
