"""What an endpoint counts of its own work, so that a benchmark need not ask the client."""

import hashlib
import time
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Tally:
    """Of completions asked for. Times are seconds since the epoch; `worked_s` sums the latencies of all requests.

    answered: sent a completion, so paid for. tokens: sent and made, of those. twice: of these, the same body for the same record and agent again.
    """

    requests: int = 0
    answered: int = 0
    twice: int = 0
    hung: int = 0
    tokens: int = 0
    worked_s: float = 0.0
    first_at: float = 0.0
    last_at: float = 0.0
    _seen: set[bytes] = field(default_factory=set)

    def begun(self) -> None:
        self.requests += 1
        self.first_at = self.first_at or time.time()

    def done(self, who: str, body: bytes) -> None:
        self.answered += 1
        name = hashlib.blake2b(body, key=who.encode()[:64], digest_size=12).digest()
        self.twice += name in self._seen
        self._seen.add(name)
        self.last_at = time.time()

    @property
    def told(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}
