"""What takes long is computed behind the pages: a page shows what is known, or how far it has come."""

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")
Watch = Callable[[float], None]


class Background(Generic[T]):
    """One value of a warehouse as it stands, computed in a thread, again once the warehouse has changed.

    stamp: what says that it has. compute: is given whom to tell how far it is, 0 to 1.
    """

    def __init__(self, stamp: Callable[[], Hashable], compute: Callable[[Watch], T]) -> None:
        self._stamp, self._compute = stamp, compute
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._of: Hashable = None
        self._value: T | None = None
        self._error: Exception | None = None
        self.done_frac = 0.0

    def newest(self, wait_s: float) -> tuple[T | None, bool]:
        """The newest value there is, None where there is none yet, and whether it is of the warehouse as it stands.

        Where there is none it is waited for, this long at most. Raises what computing raised; the next time it is tried again.
        """
        with self._lock:
            stamp = self._stamp()
            if self._of != stamp and not self._thread:
                self._thread = threading.Thread(target=self._run, args=(stamp,), daemon=True)
                self._thread.start()
            thread = self._thread
        if thread and self._value is None:
            thread.join(wait_s)
        with self._lock:
            error, self._error = self._error, None
            if error:
                raise error
            return self._value, self._of == stamp

    def _run(self, stamp: Hashable) -> None:
        self.done_frac = 0.0
        value: T | None = None
        error: Exception | None = None
        try:
            value = self._compute(self._watch)
        except Exception as raised:  # told on the page that asks next
            error = raised
        with self._lock:
            self._thread, self._error = None, error
            if error is None:
                self._value, self._of = value, stamp

    def _watch(self, done_frac: float) -> None:
        self.done_frac = done_frac
