"""How often this process looks for garbage."""

import gc

_EACH = 50_000  # new objects: reading one pair makes some 4,000


def collect_rarely() -> None:
    """From now on. What a process reads at its start stays to its end, and what is found of a pair holds no cycles: the garbage
    collector, which starts at 700 new objects, would walk a million of them again and again, a tenth of a first run and a fifth of all checks."""
    young, *older = gc.get_threshold()
    if 0 < young < _EACH:
        gc.set_threshold(_EACH, *older)
