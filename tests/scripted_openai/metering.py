"""Limits per minute as providers keep them: a bucket that fills evenly, and headers that tell where it stands."""

import time

from tests.scripted_openai.script import Play, Script, http


class Bucket:
    """`per_minute` units flow in evenly; `burst_s` seconds' worth are held. 0 a minute: no limit."""

    def __init__(self, per_minute: int, burst_s: float) -> None:
        self.per_minute = per_minute
        self._most = max(per_minute / 60 * burst_s, 1.0)
        self.level, self._at = self._most, time.monotonic()

    def lacking_s(self, units: float) -> float:
        """Seconds until there will be as many; 0 where there are. More than the bucket holds fits a full one."""
        if not self.per_minute:
            return 0.0
        now = time.monotonic()
        self.level = min(self.level + (now - self._at) * self.per_minute / 60, self._most)
        self._at = now
        return max(min(units, self._most) - self.level, 0.0) * 60 / self.per_minute

    def take(self, units: float) -> None:
        self.level -= units if self.per_minute else 0.0

    def headers(self, unit: str) -> dict[str, str]:
        if not self.per_minute:
            return {}
        reset_s = (self._most - self.level) * 60 / self.per_minute
        return {
            f"x-ratelimit-limit-{unit}": str(self.per_minute),
            f"x-ratelimit-remaining-{unit}": str(max(int(self.level), 0)),
            f"x-ratelimit-reset-{unit}": f"{reset_s:.3f}s",
        }


class Metering:
    """Both limits of a script. `refused` counts requests turned away."""

    def __init__(self, script: Script) -> None:
        self._tells = script.tells_limits
        self._requests = Bucket(script.requests_per_minute, script.burst_s)
        self._tokens = Bucket(script.tokens_per_minute, script.burst_s)
        self.refused = 0

    def admit(self, tokens: int) -> Play | None:
        """None, or the 429."""
        lacking_s = max(self._requests.lacking_s(1), self._tokens.lacking_s(tokens))
        if lacking_s:
            self.refused += 1
            told = {**self.headers, "retry-after-ms": str(int(lacking_s * 1000) + 1)} if self._tells else {}
            return http(429, "Rate limit reached", headers=told, code="rate_limit_exceeded")
        self._requests.take(1)
        self._tokens.take(tokens)
        return None

    def answered(self, tokens: int) -> None:
        """What an answer took comes off afterwards: how long it would be was not known."""
        self._tokens.take(tokens)

    @property
    def headers(self) -> dict[str, str]:
        return {**self._requests.headers("requests"), **self._tokens.headers("tokens")} if self._tells else {}
