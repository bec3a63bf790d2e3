"""What can go wrong with one exchange, translated at the edge: from a response, or from the exceptions of `openai`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from medsynth_assets.engines.retrying import asked_wait_s

if TYPE_CHECKING:
    import openai

_PASSING = frozenset({408, 409, 429})  # and every 5xx
_SPENT = ("insufficient_quota", "billing_hard_limit_reached")
_LONGEST_DETAIL = 2000  # characters; an HTML error page is not worth more


class Fault(Exception):
    """One exchange that gave no completion.

    status: the word for the call's record: timeout, connection, bad_body, http_429, ...
    http_status: None where no response came. retry_after_s: the wait that the server asked for, if any. headers: of it.
    """

    def __init__(
        self,
        status: str,
        detail: str,
        *,
        http_status: int | None = None,
        code: str = "",
        retry_after_s: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status}: {detail}")
        self.status = status
        self.detail = detail[:_LONGEST_DETAIL]
        self.http_status = http_status
        self.code = code
        self.retry_after_s = retry_after_s
        self.headers: Mapping[str, str] = headers or {}

    @property
    def passing(self) -> bool:
        """Worth another try: no answer came, the answer was no completion, or the server said 'later'."""
        if self.is_spent:
            return False
        status = self.http_status
        return status is None or status == 200 or status in _PASSING or status >= 500

    @property
    def is_endpoints(self) -> bool:
        """A failure of the endpoint as a whole, rather than of this request or of its rate."""
        return self.http_status is None or self.http_status >= 500

    @property
    def is_spent(self) -> bool:
        return self.code in _SPENT

    @property
    def is_refused_key(self) -> bool:
        return self.http_status in (401, 403)

    @property
    def is_filtered(self) -> bool:
        """Azure refuses a prompt with a 400 of this code."""
        return self.code in ("content_filter", "content_policy_violation")

    def complains_of(self, *names: str) -> bool:
        return any(re.search(rf"\b{re.escape(name)}\b", self.detail) for name in names)


def fault_of_response(status: int, headers: Mapping[str, str], body: bytes) -> Fault:
    """A response that carries no completion. Servers put `error` around what they say, or do not."""
    text = body.decode("utf-8", "replace")
    try:
        told = json.loads(text)
    except ValueError:
        told = None
    said: Any = told.get("error", told) if isinstance(told, dict) else None
    error: Mapping[str, Any] = said if isinstance(said, dict) else {}
    named = f" (parameter {error['param']})" if error.get("param") else ""
    return Fault(
        f"http_{status}",
        f"{error.get('message') or text or 'no words'}{named}",
        http_status=status,
        code=str(error.get("code") or error.get("type") or ""),
        retry_after_s=asked_wait_s(headers),
        headers=headers,
    )


def fault_of(error: Exception) -> Fault:
    """Translate what the client raised. Anything that is no fault of an exchange is raised again."""
    import openai  # here, because it costs most of a second

    match error:
        case TimeoutError() | openai.APITimeoutError():
            return Fault("timeout", "no answer within request_timeout_s")
        case openai.APIConnectionError():
            cause = error.__cause__ or error
            return Fault("connection", str(cause) or type(cause).__name__)
        case openai.APIStatusError():
            return Fault(
                f"http_{error.status_code}",
                _detail(error),
                http_status=error.status_code,
                code=str(error.code or error.type or ""),
                retry_after_s=asked_wait_s(error.response.headers),
            )
        case _:
            raise error


def _detail(error: openai.APIStatusError) -> str:
    """The server's words, with the parameter it names."""
    said = error.body.get("message") if isinstance(error.body, dict) else None
    named = f" (parameter {error.param})" if error.param else ""
    return f"{said or error.message}{named}"
