"""Staleness: which stages of a slot are made again, and why."""

import pytest

from medsynth_assets.lineage.staleness import Reason, stale_stages
from medsynth_assets.records.artifact import Stage, Standing

S, N, D = Stage.SCENARIOS, Stage.NOTES, Stage.DIALOGUES
STANDING = {S: Standing("s", "", "rs"), N: Standing("n", "s", "rn"), D: Standing("d", "n", "rd")}
EXPECTED = {S: "rs", N: "rn", D: "rd"}


@pytest.mark.parametrize(
    ("standing", "expected", "stale"),
    [
        pytest.param({}, {}, {}, id="nothing-changed"),
        pytest.param({}, {S: "x"}, {S: Reason.RECIPE, N: Reason.PARENT, D: Reason.PARENT}, id="root-recipe"),
        pytest.param({}, {N: "x"}, {N: Reason.RECIPE, D: Reason.PARENT}, id="middle-recipe"),
        pytest.param({}, {D: "x"}, {D: Reason.RECIPE}, id="leaf-recipe"),
        pytest.param({N: Standing("n", "old", "rn")}, {}, {N: Reason.PARENT, D: Reason.PARENT}, id="newer-scenario"),
        pytest.param({D: Standing("d", "old", "rd")}, {}, {D: Reason.PARENT}, id="newer-note"),
        pytest.param({N: None}, {}, {N: Reason.MISSING, D: Reason.PARENT}, id="note-missing"),
    ],
)
def test_a_change_makes_exactly_what_depends_on_it_stale(
    standing: dict[Stage, Standing | None], expected: dict[Stage, str], stale: dict[Stage, Reason]
) -> None:
    """A stage is stale through its own recipe, its parent, or its absence, and never through its children."""
    heads = {stage: head for stage, head in {**STANDING, **standing}.items() if head}
    assert stale_stages(heads, {**EXPECTED, **expected}) == stale


def test_only_the_stages_asked_for_are_judged() -> None:
    """A scenario that is not expected is left alone, and so is the note that stands on it."""
    assert stale_stages(STANDING, {N: "rn"}) == {}


def test_force_makes_what_stands_again_and_keeps_better_reasons() -> None:
    """Forcing every stage names the fresh root as forced and what hangs on it as superseded."""
    assert stale_stages(STANDING, EXPECTED, force=True) == {S: Reason.FORCED, N: Reason.PARENT, D: Reason.PARENT}
