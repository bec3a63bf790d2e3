"""Geometry of the plots: numbers in, rectangles and labels out. Templates draw them as SVG, escaped; colours are CSS.

Hand-made, because plots here follow the reader's light or dark theme and the content security policy, and need no
more than bars. A plotting library's server-made SVG brings inline styles, fixed colours and a 30 MB wheel.
"""

from collections.abc import Sequence
from typing import NamedTuple

WIDTH, HEIGHT = 480, 180
WIDEST = 96  # pixels of a column, so that two bars look like bars


class Box(NamedTuple):
    """A rectangle in the plot's own pixels. `series` is its CSS class."""

    x: float
    y: float
    width: float
    height: float
    series: str
    title: str


class Label(NamedTuple):
    x: float
    y: float
    text: str
    anchor: str = "middle"


class Plot(NamedTuple):
    width: int
    height: int
    boxes: list[Box]
    labels: list[Label]
    summary: str  # what is read aloud instead of the picture


def histogram(bars: Sequence[tuple[str, int]], unit: str) -> Plot:
    """Columns side by side, at most eight labels below them, the highest count above its column."""
    top, bottom = 18, 20
    highest = max((count for _, count in bars), default=0)
    step = min(WIDEST, WIDTH / max(1, len(bars)))
    every = -(-len(bars) // 8) or 1
    boxes, labels = [], []
    for n, (name, count) in enumerate(bars):
        height = (HEIGHT - top - bottom) * count / highest if highest else 0
        y = HEIGHT - bottom - height
        boxes.append(
            Box(round(n * step + 1, 1), round(y, 1), round(step - 2, 1), round(height, 1), "s1", f"{name}: {count:,}")
        )
        if n % every == 0:
            labels.append(Label(round((n + 0.5) * step, 1), HEIGHT - 5, name))
        if (
            count == highest
            and highest
            and not any(label.y < HEIGHT / 2 and label.text == f"{count:,}" for label in labels)
        ):
            labels.append(Label(round((n + 0.5) * step, 1), round(y - 5, 1), f"{count:,}"))
    return Plot(WIDTH, HEIGHT, boxes, labels, f"{unit}: " + ", ".join(f"{name} {count:,}" for name, count in bars))


def pyramid(rows: Sequence[tuple[str, int, int]]) -> Plot:
    """Women to the left, men to the right, the oldest on top; counts beside the bars."""
    gutter, side = 52, (WIDTH - 52) / 2
    room = side - 44  # for the count beside the longest bar
    highest = max((max(f, m) for _, f, m in rows), default=0) or 1
    row, top = 20, 20
    boxes, labels = [], [Label(side / 2, 12, "female"), Label(side + gutter + side / 2, 12, "male")]
    for n, (band, f, m) in enumerate(reversed(rows)):
        y = top + n * row
        left, right = round(room * f / highest, 1), round(room * m / highest, 1)
        boxes += [
            Box(round(side - left, 1), y + 2, left, row - 4, "s1", f"{band} years, female: {f:,}"),
            Box(side + gutter, y + 2, right, row - 4, "s2", f"{band} years, male: {m:,}"),
        ]
        labels += [
            Label(WIDTH / 2, y + 14, band),
            Label(round(side - left - 6, 1), y + 14, f"{f:,}", "end"),
            Label(round(side + gutter + right + 6, 1), y + 14, f"{m:,}", "start"),
        ]
    told = "; ".join(f"{band}: {f:,} female, {m:,} male" for band, f, m in rows)
    return Plot(WIDTH, top + row * len(rows) + 4, boxes, labels, f"records by age and sex: {told}")


def stacked(parts: Sequence[tuple[int, str, str]], whole: int) -> Plot:
    """One horizontal bar, `parts` being (count, series, what it counts), scaled so that `whole` fills it."""
    boxes, x = [], 0.0
    for count, series, name in parts:
        width = 100 * count / whole if whole else 0
        if count:
            boxes.append(Box(round(x, 2), 0, round(width, 2), 10, series, f"{count:,} {name}"))
        x += width
    return Plot(100, 10, boxes, [], ", ".join(f"{count:,} {name}" for count, _, name in parts))
