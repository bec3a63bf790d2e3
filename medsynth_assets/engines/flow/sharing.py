"""One limit over all machines of a lake: who sends requests to the same endpoint takes a part of it, and no more than is free.

Each engine at work has a row in PostgreSQL: the places that it may use or still uses, its part of the limits a minute, and when it
was last heard of. Every beat it looks at the rows of the others and takes its share of the limit: a like part, but no more
than the others have given up by then. So the sum stays within the limit while engines come and go:

- one that comes waits for what it gets, a beat and the answers that are under way;
- one that leaves frees its part at once; one that was killed, when another of its machine beats; one whose machine is gone, when it
  has been silent for `LAPSE_S`;
- what a dead one had asked may still keep the endpoint busy when its part is given away: so much, for so long, is over the limit;
- where there are more engines than places, each has one all the same: that is over the limit by their difference.
"""

import os
import socket
import threading
import uuid
from collections.abc import Callable, Sequence
from typing import NamedTuple

from medsynth_assets.engines.postgres_tables import PostgresTables
from medsynth_assets.engines.tables import Connected
from medsynth_assets.errors import EngineDown
from medsynth_assets.process import is_alive

BEAT_S = 2.0
_EAGER_BEAT_S = 0.5  # while things change
LAPSE_S = 20.0  # ten beats: a busy machine may be late

_FORGET = "delete from engines where beat_at < clock_timestamp() - ? * interval '1 second' or engine_id = any(?)"
_HERE = "select engine_id, pid from engines where endpoint = ? and host = ?"
_OTHERS = "select joined, places, rate_frac from engines where endpoint = ? and engine_id <> ?"
_BEAT = (
    "insert into engines (engine_id, endpoint, places, rate_frac, host, pid, beat_at)"
    " values (?, ?, ?, ?, ?, ?, clock_timestamp()) "
    "on conflict (engine_id) do update set"
    " places = excluded.places, rate_frac = excluded.rate_frac, beat_at = excluded.beat_at returning joined"
)


class Part(NamedTuple):
    """Of a limit: places at once, and the fraction of the requests and tokens a minute."""

    places: int
    rate_frac: float


NOTHING = Part(0, 0.0)


class Other(NamedTuple):
    """Another engine at work, in the order in which they joined; what it holds."""

    joined: int
    holds: Part


def share_of(limit: int, rank: int, engines: int) -> Part:
    """The like part of engine number `rank` (from 0) of so many; what does not divide goes to those that came first."""
    return Part(max(limit // engines + (rank < limit % engines), 1), 1 / engines)


def within(share: Part, limit: int, others: Sequence[Other]) -> Part:
    """As much of the share as the others leave; no part of the rate without a place to use it, nor a place without some."""
    places = min(share.places, limit - sum(other.holds.places for other in others))
    rate_frac = min(share.rate_frac, 1 - sum(other.holds.rate_frac for other in others))
    if len(others) >= limit:  # more engines than places
        return Part(1, share.rate_frac)
    return Part(places, rate_frac) if places > 0 and rate_frac > 1e-6 else NOTHING


class Sharing:
    """The part of one engine, kept up to date by a thread from `join` until `leave`.

    dsn: of the server that all machines use. endpoint: whose limit it is. limit: of places, over all engines.
    use: called from that thread whenever the part is another one. in_use: how many places are taken now.
    """

    def __init__(
        self, dsn: str, endpoint: str, limit: int, use: Callable[[Part], None], in_use: Callable[[], int]
    ) -> None:
        self._tables = PostgresTables(dsn, lock=f"engines of {endpoint}")
        self._endpoint, self._limit, self._use, self._in_use = endpoint, limit, use, in_use
        self._engine_id, self._host = uuid.uuid4().hex, socket.gethostname()
        self._part = NOTHING
        self._left = threading.Event()
        self._beating: threading.Thread | None = None

    def join(self) -> None:
        """From now on a part is taken, and renewed. Does nothing the second time."""
        if self._beating is None:
            self._beating = threading.Thread(target=self._beat_in_time, name="sharing", daemon=True)
            self._beating.start()

    def leave(self) -> None:
        """Free what was taken."""
        if self._beating is None:
            return
        self._left.set()
        self._beating.join()
        self._beating = None
        try:
            self._tables.do(lambda con: con.execute("delete from engines where engine_id = ?", [self._engine_id]))
        except EngineDown:
            return  # it lapses by itself
        finally:
            self._tables.close()

    def beat(self) -> bool:
        """Be heard of, and take what is there; whether nothing is to change for now. Raises EngineDown."""
        before = self._part
        share, self._part = self._tables.do(self._taken)
        if self._part != before:
            self._use(self._part)
        return before == self._part == share

    def _beat_in_time(self) -> None:
        wait_s = 0.0
        while not self._left.wait(wait_s):
            try:
                wait_s = BEAT_S if self.beat() else _EAGER_BEAT_S
            except EngineDown:  # the ledger will say so, where it lasts
                wait_s = BEAT_S

    def _taken(self, con: Connected) -> tuple[Part, Part]:
        """The share, and what of it could be taken."""
        here = con.execute(_HERE, [self._endpoint, self._host]).fetchall()
        con.execute(_FORGET, [LAPSE_S, [engine_id for engine_id, pid in here if not is_alive(pid)]])
        others = [
            Other(joined, Part(places, rate_frac))
            for joined, places, rate_frac in con.execute(_OTHERS, [self._endpoint, self._engine_id])
        ]
        (joined,) = con.execute(_BEAT, [self._engine_id, self._endpoint, *NOTHING, self._host, os.getpid()]).fetchone()
        share = share_of(self._limit, sum(other.joined < joined for other in others), len(others) + 1)
        part = within(share, self._limit, others)
        # what is given up, is held until it is known to be unused: a beat, and the requests that were sent before
        holds = Part(max(part.places, self._part.places, self._in_use()), max(part.rate_frac, self._part.rate_frac))
        con.execute("update engines set places = ?, rate_frac = ? where engine_id = ?", [*holds, self._engine_id])
        return share, part
