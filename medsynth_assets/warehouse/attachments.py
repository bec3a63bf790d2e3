"""DuckDB connections with a lake attached: a new one for each call, or one of each kind for as long as a run lasts.

Attaching costs a third of a second of CPU, and a run over a few codes opens its lake some twenty times. Who keeps one open keeps it
from nobody: readers of a lake see the newest snapshot with each transaction, and the turn to write is a lock of its own.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import duckdb

Identity = tuple[str, str]  # of a lake: its catalog, its data path
Attach = Callable[[str], duckdb.DuckDBPyConnection]

_lock = threading.Lock()
_kept: dict[Identity, dict[str, duckdb.DuckDBPyConnection]] = {}  # by options of the attachment
_keepers: dict[Identity, int] = {}


@contextmanager
def kept(identity: Identity) -> Iterator[None]:
    """Until the last who asked for it has left, this process keeps what it attaches of the lake."""
    with _lock:
        _keepers[identity] = _keepers.get(identity, 0) + 1
        _kept.setdefault(identity, {})
    try:
        yield
    finally:
        with _lock:
            _keepers[identity] -= 1
            if not _keepers[identity]:
                del _keepers[identity]
                for connection in _kept.pop(identity).values():
                    connection.close()


@contextmanager
def attachment(identity: Identity, options: str, attach: Attach) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the lake, closed when left. Where its server was away meanwhile, DuckDB connects anew."""
    with _lock:
        shared = _kept.get(identity)
        if shared is not None and options not in shared:
            shared[options] = attach(options)
        root = None if shared is None else shared[options]
    with closing(root.cursor() if root else attach(options)) as connection:
        yield connection
