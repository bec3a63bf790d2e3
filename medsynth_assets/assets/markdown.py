"""Frames as markdown tables, for metadata that Dagster's UI shows."""

import polars as pl


def markdown(frame: pl.DataFrame, most: int) -> str:
    """The first `most` rows; `none` for an empty frame. Texts of users cannot break out of their cells."""
    if frame.is_empty():
        return "none"
    head = [f"| {' | '.join(frame.columns)} |", f"|{' --- |' * frame.width}"]
    rows = [f"| {' | '.join(map(_cell, row))} |" for row in frame.head(most).iter_rows()]
    more = f"\n\n… and {frame.height - most} more" if frame.height > most else ""
    return "\n".join([*head, *rows]) + more


def _cell(value: object) -> str:
    """No markup of its own, no line breaks, not endless."""
    shown = f"{value:.4g}" if isinstance(value, float) else "" if value is None else str(value)
    text = " ".join(shown.split())[:80]
    return "".join(f"\\{c}" if c in "|`*_[]<>{}\\" else c for c in text)
