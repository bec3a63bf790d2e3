"""When to try again: what the server asked for, else exponentially longer waits with jitter."""

import datetime as dt
import email.utils
from collections.abc import Mapping

import tenacity
from tenacity.wait import wait_base

_LONGEST_WAIT_S = 300.0  # a server that asks for more is tried sooner; tries are counted anyway


def asked_wait_s(headers: Mapping[str, str]) -> float | None:
    """Seconds from `retry-after-ms` or `Retry-After` (seconds or HTTP-date); None where there is neither."""
    try:
        if milliseconds := headers.get("retry-after-ms"):
            return max(float(milliseconds) / 1000, 0.0)
        after = headers.get("retry-after", "")
        if after.replace(".", "", 1).isdigit():
            return float(after)
        return max((email.utils.parsedate_to_datetime(after) - dt.datetime.now(dt.UTC)).total_seconds(), 0.0)
    except (ValueError, TypeError):  # neither form; or a date without a zone
        return None


class PoliteWait(wait_base):
    """As long as the fault's `retry_after_s` says and a little more, lest all waiters return at once."""

    _unasked = tenacity.wait_exponential_jitter(
        initial=0.25, max=60, jitter=0.25
    )  # who is behind keeps the run waiting at its end
    _spread = tenacity.wait_random(0, 0.25)

    def __call__(self, retry_state: tenacity.RetryCallState) -> float:
        fault = retry_state.outcome.exception() if retry_state.outcome else None
        asked: float | None = getattr(fault, "retry_after_s", None)
        if asked is None:
            return self._unasked(retry_state)
        return min(asked, _LONGEST_WAIT_S) + self._spread(retry_state)
