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


class Script(BaseModel):
    """The whole script, as JSON for the command line.

    plays: by agent (the X-Medsynth-Agent header), or `*` for any; used up in order, then good answers.
    rates: the share (0 to 1) of other requests that get this play, drawn with `seed`.
    latency_s: before each answer; with `latency_is_mean` drawn exponentially, with that mean.
    key: the only key accepted, if given. knows: the models there are, if given.
    refuses: parameters answered with 400, in the words of OpenAI; `json_schema` and `json_object` are modes.
    keeps_bodies: False for long benchmarks, where the log would fill the memory.
    """

    plays: dict[str, list[Play]] = {}
    rates: list[tuple[float, Play]] = []
    latency_s: float = 0.0
    latency_is_mean: bool = False
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

    def next_latency_s(self) -> float:
        if self.latency_is_mean and self.latency_s:
            return self._random.expovariate(1 / self.latency_s)
        return self.latency_s
