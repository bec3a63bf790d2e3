"""What takes long runs behind the pages, once for each state of the warehouse, and its failures are told."""

import threading

import pytest

from medsynth_assets.errors import WarehouseError
from medsynth_assets.explorer.background import Background, Watch


def test_a_page_is_answered_while_it_is_computed_and_the_old_value_stays_until_the_new_one() -> None:
    """Nothing, then the first value, then that again while the next is on its way."""
    stamp, go_on, told = [1], threading.Event(), []

    def compute(watch: Watch) -> int:
        watch(0.5)
        go_on.wait(10)
        told.append(stamp[0])
        return stamp[0]

    value = Background(lambda: stamp[0], compute)
    assert value.newest(0.0) == (None, False)
    assert value.newest(0.01) == (None, False)
    go_on.set()
    assert value.newest(10) == (1, True)
    assert value.newest(10) == (1, True)
    assert told == [1], "one state is computed once"
    go_on.clear()
    stamp[0] = 2
    assert value.newest(10) == (1, False), "what is known is shown at once"
    assert value.done_frac == 0.5
    go_on.set()
    while value.newest(0)[1] is False:
        pass
    assert value.newest(0) == (2, True)


def test_what_computing_raised_is_raised_once_and_tried_again() -> None:
    """The page says it; the next look starts anew."""
    fails = [True]

    def compute(_: Watch) -> str:
        if fails[0]:
            raise WarehouseError("held")
        return "counted"

    value = Background(lambda: 1, compute)
    with pytest.raises(WarehouseError, match="held"):
        value.newest(10)
    fails[0] = False
    assert value.newest(10) == ("counted", True)
