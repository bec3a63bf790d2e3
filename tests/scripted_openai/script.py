"""What the endpoint is to do: a play for each request, given in order for an agent or drawn at a rate."""

import random
from collections import defaultdict
from typing import Literal

from pydantic import BaseModel, PrivateAttr

Kind = Literal["ok", "malformed", "fenced", "length", "refusal", "filtered", "empty", "hang", "http", "no_completion"]


class Play(BaseModel):
    """How one request is answered.

    malformed: the good answer without its last field. http: `status` with `headers` and an `error` object.
    no_completion: a 200 whose body is a proxy's page. hang: no answer until the client goes away.
    """

    kind: Kind = "ok"
    status: int = 200
    headers: dict[str, str] = {}
    error: dict[str, str] = {}


OK = Play()


def play(kind: Kind) -> Play:
    return Play(kind=kind)


def http(status: int, message: str = "scripted", *, headers: dict[str, str] | None = None, **error: str) -> Play:
    """An error answer; `error` adds fields such as code and param."""
    return Play(kind="http", status=status, headers=headers or {}, error={"message": message, **error})


class BatchPlay(BaseModel):
    """What becomes of one batch.

    ends: how; `never` stays in progress until it is cancelled. after_polls: how often it is in progress when looked at.
    answered_frac: the share (0 to 1) of its requests that is answered where it expires, fails half way or is cancelled.
    error: code of a batch that fails validation.
    """

    ends: Literal["completed", "failed", "expired", "never"] = "completed"
    after_polls: int = 0
    answered_frac: float = 1.0
    error: str = "invalid_request"


class Script(BaseModel):
    """The whole script, as JSON for the command line.

    plays: by agent (the X-Medsynth-Agent header), or `*` for any; used up in order, then good answers.
    rates: the share (0 to 1) of other requests that get this play, drawn with `seed`.
    latency_s: before each answer; with `latency_is_mean` drawn exponentially, with that mean; with `latency_spread_frac`
    evenly, from that share (0 to 1) below to as much above.
    slots: requests worked at once, others wait for one as at vLLM; 0 for no limit.
    requests_per_minute, tokens_per_minute: beyond them 429, with `burst_s` seconds' worth at once; 0 for no limit.
    tells_limits: whether answers carry x-ratelimit headers, and 429s retry-after-ms.
    key: the only key accepted, if given. knows: the models there are, if given.
    refuses: parameters answered with 400, in the words of OpenAI; `json_schema` and `json_object` are modes.
    batches: what becomes of each batch, in order; then all complete. Requests in them are played like others.
    keeps_bodies: False for long benchmarks, where the log would fill the memory.
    """

    plays: dict[str, list[Play]] = {}
    rates: list[tuple[float, Play]] = []
    batches: list[BatchPlay] = []
    latency_s: float = 0.0
    latency_is_mean: bool = False
    latency_spread_frac: float = 0.0
    slots: int = 0
    requests_per_minute: int = 0
    tokens_per_minute: int = 0
    burst_s: float = 1.0
    tells_limits: bool = True
    seed: int = 1
    key: str = ""
    knows: list[str] = []
    refuses: list[str] = []
    cached_frac: float = 0.0
    keeps_bodies: bool = True

    _random: random.Random = PrivateAttr()
    _used: dict[str, int] = PrivateAttr(default_factory=lambda: defaultdict(int))

    def model_post_init(self, context: object) -> None:
        self._random = random.Random(self.seed)

    def next_play(self, agent: str) -> Play:
        for name in (agent, "*"):
            listed = self.plays.get(name, [])
            if self._used[name] < len(listed):
                self._used[name] += 1
                return listed[self._used[name] - 1]
        drawn = self._random.random()
        for rate, chosen in self.rates:
            if drawn < rate:
                return chosen
            drawn -= rate
        return OK

    def next_batch(self) -> BatchPlay:
        self._used["batch"] += 1
        number = self._used["batch"] - 1
        return self.batches[number] if number < len(self.batches) else BatchPlay()

    def next_latency_s(self) -> float:
        if self.latency_is_mean and self.latency_s:
            return self._random.expovariate(1 / self.latency_s)
        return self.latency_s * (1 + self.latency_spread_frac * self._random.uniform(-1, 1))
