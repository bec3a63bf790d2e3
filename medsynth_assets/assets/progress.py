"""How work in progress is told to people: a bar in the terminal, or log lines at a sane rate."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Protocol

from medsynth_assets.records.artifact import Stage

_SECONDS_BETWEEN_LINES = 5.0


class Progress(Protocol):
    """Told by the generation assets; never in the way of them."""

    def planned(self, slots: Mapping[Stage, int]) -> None:
        """How many slots each stage is about to make."""
        ...

    def done(self, stage: Stage, *, accepted: bool) -> None:
        """One slot passed a stage, or went to quarantine there."""
        ...

    def spent(self, tokens: int, cost_usd: float) -> None:
        """What one slot took of a paid engine."""
        ...

    def note(self, text: str) -> None:
        """What is being done now."""
        ...


class LogProgress:
    """Log lines for Dagster: at most one each few seconds, and none per record."""

    def __init__(self, log: Callable[[str], None]) -> None:
        self._log = log
        self._last = time.monotonic()
        self._planned = 0
        self._counts: Counter[bool] = Counter()
        self._tokens, self._cost_usd = 0, 0.0

    def planned(self, slots: Mapping[Stage, int]) -> None:
        self._planned = sum(slots.values())
        self._log("to make: " + ", ".join(f"{count} {stage.value}" for stage, count in slots.items()))

    def done(self, stage: Stage, *, accepted: bool) -> None:
        self._counts[accepted] += 1
        if time.monotonic() - self._last >= _SECONDS_BETWEEN_LINES:
            self._last = time.monotonic()
            finished = self._counts.total()
            paid = f", {self._tokens:,} tokens, ${self._cost_usd:.2f}" if self._tokens else ""
            self._log(f"{finished} of {self._planned} done, {self._counts[False]} quarantined{paid}")

    def spent(self, tokens: int, cost_usd: float) -> None:
        self._tokens += tokens
        self._cost_usd += cost_usd

    def note(self, text: str) -> None:
        self._log(text)
