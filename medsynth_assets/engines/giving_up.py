"""What to make of a fault that no retry took away: this request fails, or going on is pointless."""

from medsynth_assets.engines.credentials import Credentials
from medsynth_assets.engines.faults import Fault
from medsynth_assets.errors import AnswerError, EngineDown, EngineError
from medsynth_assets.records.artifact import Agent

_GONE_AFTER = 10  # requests lost in a row: the endpoint is gone, not one request unlucky


class GivingUp:
    """What is known of the endpoint's health, and the words for each way to fail, the key masked in all."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._url = credentials.shown_url
        self.has_answered = False
        self.lost_in_a_row = 0

    def verdict(self, agent: Agent, model: str, fault: Fault) -> EngineError:
        """EngineDown where going on is pointless; else AnswerError for this one request."""
        if fault.is_refused_key:
            return self.refused_key(fault)
        if fault.is_spent:
            return EngineDown(f"the account at {self._url} has no credit left: {self._said(fault)}")
        if fault.http_status == 404:
            return EngineDown(
                f"{self._url} has no model {model!r} ({self._said(fault)}); "
                f"set MEDSYNTH_MODELS__{agent.value.upper()}, MEDSYNTH_OPENAI_MODEL or OPENAI_BASE_URL"
            )
        if not fault.passing:
            return AnswerError("refusal" if fault.is_filtered else fault.status, self._said(fault))
        self.lost_in_a_row += 1
        if not self.has_answered or self.lost_in_a_row >= _GONE_AFTER:
            return self.unreachable(fault)
        return AnswerError("unavailable", f"{fault.status}: {self._said(fault)}")

    def unreachable(self, fault: Fault) -> EngineDown:
        return EngineDown(
            f"no usable answer from {self._url} ({fault.status}: {self._said(fault)}); "
            "check OPENAI_BASE_URL and that the server runs"
        )

    def refused_key(self, fault: Fault) -> EngineDown:
        return EngineDown(f"{self._url} refused the key ({self._said(fault)}); set OPENAI_API_KEY")

    def _said(self, fault: Fault) -> str:
        """One line, as an error for people is."""
        return " ".join(self._credentials.masked(fault.detail).split())
