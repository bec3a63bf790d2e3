"""Krippendorff's alpha against published figures."""

import pytest

from medsynth_assets.evaluation.jury.agreement import Said, alpha

# Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), section C: four observers, twelve units, gaps
TABLE = {
    "A": "1 2 3 3 2 1 4 1 2 . . .",
    "B": "1 2 3 3 2 2 4 1 2 5 . 3",
    "C": ". 3 3 3 2 3 4 2 2 5 1 .",
    "D": "1 2 3 3 2 4 4 1 2 5 1 .",
}
SAID = [
    Said(judge, f"unit {n}", value)
    for judge, values in TABLE.items()
    for n, value in enumerate(values.split())
    if value != "."
]


@pytest.mark.parametrize(("level", "published"), [("nominal", 0.743), ("ordinal", 0.815)])
def test_alpha_is_the_published_one(level: str, published: float) -> None:
    """The paper's own example, with values that are missing."""
    assert alpha(SAID, tuple("12345"), level) == pytest.approx(published, abs=0.001)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "said",
    [
        pytest.param([Said("a", "x", "Poor")], id="one-judge"),
        pytest.param([Said("a", "x", "Poor"), Said("b", "x", "Poor")], id="no-variation"),
        pytest.param([Said("a", "x", "Poor"), Said("b", "y", "Excellent")], id="nothing-in-common"),
        pytest.param([], id="nothing"),
    ],
)
def test_alpha_is_none_where_it_is_not_defined(said: list[Said]) -> None:
    """Rather than a number that looks like agreement."""
    assert alpha(said, ("Poor", "Excellent"), "ordinal") is None
