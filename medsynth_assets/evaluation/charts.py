"""Plots of figures as SVG, drawn by Altair and vl-convert: no script, no network. Colours are the page's CSS variables, so that
plots follow its light or dark theme.

A plot reads nothing but figures: what it shows stands in the numbers, too.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from medsynth_assets.evaluation.figure import Figure

OWN, OTHER, INK, SOFT, LINE = (f"var(--{name})" for name in ("own", "other", "ink", "soft", "line"))
_SERIES = tuple(f"var(--s{n})" for n in range(1, 7))
_WIDTH = 430
_PLAIN = ",.4~g"  # 1,200 and 0.05, not 1.2e+3
_ROW = 22  # pixels of a row of bars or dots


class Names(NamedTuple):
    """What the two sides of a plot are called."""

    own: str
    other: str


Draw = Callable[[Sequence[Figure], Names], Any]


def svg(draw: Draw, figures: Sequence[Figure], names: Names) -> str:
    """The plot as an SVG element."""
    import vl_convert

    drawing = vl_convert.vegalite_to_svg(draw(figures, names).to_json())
    return str(drawing[drawing.index("<svg") :])


def bands(figures: Sequence[Figure], names: Names) -> Any:
    """Shares by band, in the order of the figures: filled steps for ours, a line for the other side."""
    import altair as alt

    order = [figure.group for figure in figures]
    axis = alt.X("group:N", sort=order, title=None, axis=alt.Axis(labelAngle=-40, labelOverlap=True))
    y = alt.Y("share:Q", title=None, axis=alt.Axis(format="%", tickCount=4))
    base = _chart(_long(figures, names))
    own = (
        base.transform_filter(alt.datum.side == names.own)
        .mark_bar(opacity=0.85)
        .encode(axis, y, _colour(alt, figures, names))
    )
    other = (
        base.transform_filter(alt.datum.side == names.other)
        .mark_line(strokeWidth=2.5, point=alt.OverlayMarkDef(size=30), interpolate="monotone")
        .encode(axis, y, _colour(alt, figures, names))
    )
    return _styled(alt, own + other, height=190)


def pairs(figures: Sequence[Figure], names: Names) -> Any:
    """A row for each group: a dot and a ring with the line between them, so that equal ones show both."""
    import altair as alt

    order = _labels(figures)
    base = _chart(_long(figures, names))
    y = alt.Y("label:N", sort=order, title=None, axis=alt.Axis(labelLimit=230, ticks=False, domain=False))
    percent = all(figure.value is None or abs(figure.value) <= 1 for figure in figures)
    x = alt.X("share:Q", title=None, axis=alt.Axis(format=".0%" if percent else _PLAIN, tickCount=5))
    lines = base.mark_line(color=LINE, strokeWidth=3).encode(x, y, detail="label:N")
    colour = _colour(alt, figures, names)
    own = base.transform_filter(alt.datum.side == names.own).mark_point(filled=True, size=80, opacity=1)
    other = base.transform_filter(alt.datum.side == names.other).mark_point(size=150, strokeWidth=2.5, opacity=1)
    return _styled(alt, lines + own.encode(x, y, colour) + other.encode(x, y, colour), height=_ROW * len(set(order)))


def grouped(figures: Sequence[Figure], names: Names) -> Any:
    """Bars side by side for each label."""
    import altair as alt

    order = _labels(figures)
    chart = (
        _chart(_long(figures, names))
        .mark_bar(cornerRadiusEnd=2)
        .encode(
            alt.Y("label:N", sort=order, title=None, axis=alt.Axis(labelLimit=230, ticks=False, domain=False)),
            alt.X("share:Q", title=None, axis=alt.Axis(tickCount=5, format=_PLAIN)),
            _colour(alt, figures, names),
            yOffset=alt.YOffset("side:N", sort=list(names)),
        )
    )
    return _styled(alt, chart, height=_ROW * 1.3 * len(set(order)))


def lines(figures: Sequence[Figure], names: Names) -> Any:
    """Two lines over an ordered axis."""
    import altair as alt

    order = list(dict.fromkeys(figure.group for figure in figures))
    chart = (
        _chart(_long(figures, names))
        .mark_line(strokeWidth=2.5, point=alt.OverlayMarkDef(size=45, filled=True))
        .encode(
            alt.X("group:N", sort=order, title=None, axis=alt.Axis(labelAngle=0)),
            alt.Y("share:Q", title=None, axis=alt.Axis(tickCount=4, format=_PLAIN)),
            _colour(alt, figures, names),
        )
    )
    return _styled(alt, chart, height=190)


def intervals(figures: Sequence[Figure], names: Names) -> Any:
    """A dot for each group with its interval."""
    import altair as alt

    rows = [{"group": f.group, "value": _float(f.value), "low": _float(f.low), "high": _float(f.high)} for f in figures]
    order = [figure.group for figure in figures]
    base = _chart(rows)
    y = alt.Y("group:N", sort=order, title=None, axis=alt.Axis(labelLimit=270, ticks=False, domain=False))
    scale = alt.Scale(domain=[0, 1])
    bars = base.mark_rule(strokeWidth=4, color=OWN, opacity=0.45).encode(
        alt.X("low:Q", title=None, scale=scale, axis=alt.Axis(tickCount=5)), alt.X2("high:Q"), y
    )
    dots = base.mark_point(filled=True, size=110, color=OWN, opacity=1).encode(alt.X("value:Q", scale=scale), y)
    text = base.mark_text(align="left", dx=10, color=INK, fontSize=12).encode(
        alt.X("high:Q", scale=scale), y, alt.Text("value:Q", format=".2f")
    )
    return _styled(alt, bars + dots + text, height=_ROW * 1.5 * len(order))


def stacked(figures: Sequence[Figure], names: Names) -> Any:
    """A bar for each subject, parts of it by group."""
    import altair as alt

    rows = [{"subject": f.subject, "group": f.group, "value": _float(f.value)} for f in figures]
    groups = sorted({f.group for f in figures}, key=lambda group: (group != "accepted", group))
    chart = (
        _chart(rows)
        .mark_bar()
        .encode(
            alt.Y(
                "subject:N",
                sort=list(dict.fromkeys(f.subject for f in figures)),
                title=None,
                axis=alt.Axis(ticks=False, domain=False),
            ),
            alt.X("value:Q", title=None, axis=alt.Axis(format="%", tickCount=5)),
            alt.Color(
                "group:N",
                title=None,
                sort=groups,
                scale=alt.Scale(domain=groups, range=list(_SERIES)),
                legend=_legend(alt),
            ),
        )
    )
    return _styled(alt, chart, height=_ROW * 1.6 * len({f.subject for f in figures}))


def _chart(rows: Sequence[dict[str, Any]]) -> Any:
    import altair as alt

    return alt.Chart({"values": list(rows)})


def _long(figures: Sequence[Figure], names: Names) -> list[dict[str, Any]]:
    """A row for each side of each figure that has a number."""
    return [
        {"group": figure.group, "label": label, "side": side, "share": float(value)}
        for figure, label in zip(figures, _labels(figures), strict=True)
        for side, value in ((names.own, figure.value), (names.other, figure.reference))
        if value is not None and value == value
    ]


def _labels(figures: Sequence[Figure]) -> list[str]:
    """A name for each row; the subject is left out where all have the same."""
    is_one = len({figure.subject for figure in figures}) == 1 and any(figure.group for figure in figures)
    return [" · ".join(part for part in ("" if is_one else figure.subject, figure.group) if part) for figure in figures]


def _float(value: float | None) -> float | None:
    return None if value is None or value != value else float(value)


def _colour(alt: Any, figures: Sequence[Figure], names: Names) -> Any:
    """The sides by colour; no legend where there is one side."""
    is_paired = any(figure.reference is not None and figure.reference == figure.reference for figure in figures)
    scale = alt.Scale(domain=list(names) if is_paired else [names.own], range=[OWN, OTHER] if is_paired else [OWN])
    return alt.Color("side:N", title=None, scale=scale, legend=_legend(alt) if is_paired else None)


def _legend(alt: Any) -> Any:
    return alt.Legend(orient="top", symbolType="circle", labelLimit=300)


def _styled(alt: Any, chart: Any, height: float) -> Any:
    text = {"labelColor": SOFT, "titleColor": SOFT, "labelFontSize": 12, "labelFont": "sans-serif"}
    return (
        chart.properties(width=_WIDTH, height=max(60, height), background="transparent", padding=4)
        .configure_view(stroke=None)
        .configure_axis(grid=True, gridColor=LINE, gridOpacity=0.6, domainColor=LINE, tickColor=LINE, **text)
        .configure_axisBand(grid=False)
        .configure_legend(labelColor=INK, labelFontSize=12, labelFont="sans-serif")
    )
