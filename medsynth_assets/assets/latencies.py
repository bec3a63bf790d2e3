"""How long the calls of a run took: a histogram whose size does not grow with the run, its quantiles, and a small plot of it."""

import math
from collections import Counter

_A_DOUBLING = 4  # buckets: a bound is 19% above the one before
_BARS = "▁▂▃▄▅▆▇█"


class Latencies:
    """Counts by bucket; bucket n holds what took up to 2^(n/4) milliseconds."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()

    def add(self, latency_ms: float) -> None:
        self._counts[math.ceil(math.log2(max(latency_ms, 1.0)) * _A_DOUBLING)] += 1

    def quantile_ms(self, share_frac: float) -> float:
        """The bound under which this share (0 to 1) of the calls lies, within a fifth; 0 where there were none."""
        wanted, seen = share_frac * self._counts.total(), 0
        for bucket in sorted(self._counts):
            seen += self._counts[bucket]
            if seen >= wanted:
                return round(_bound_ms(bucket))
        return 0

    def plot(self) -> str:
        """One line of Markdown: a bar for each bucket between the quickest and the slowest call; '' where there were none."""
        if not self._counts:
            return ""
        first, last, most = min(self._counts), max(self._counts), max(self._counts.values())
        bars = "".join(_bar(self._counts[bucket] / most) for bucket in range(first, last + 1))
        return f"{_bound_ms(first):,.0f} ms `{bars}` {_bound_ms(last):,.0f} ms"


def _bound_ms(bucket: int) -> float:
    return float(2 ** (bucket / _A_DOUBLING))


def _bar(share_frac: float) -> str:
    """A bucket with any call at all shows."""
    return _BARS[min(math.ceil(share_frac * len(_BARS)), len(_BARS)) - 1] if share_frac else " "
