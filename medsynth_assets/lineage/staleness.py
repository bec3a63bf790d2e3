"""Which stages of a slot have to be made again, read off recipes and artifact ids."""

from collections.abc import Mapping
from enum import StrEnum

from medsynth_assets.records.artifact import Stage, Standing


class Reason(StrEnum):
    MISSING = "missing"
    PARENT = "parent superseded"
    RECIPE = "recipe changed"
    FORCED = "forced"


def stale_stages(
    standing: Mapping[Stage, Standing], expected: Mapping[Stage, str], *, force: bool = False
) -> dict[Stage, Reason]:
    """Reasons by stage, in order, for the stages in `expected` (stage recipe ids of now).

    A stage whose parent is to be made again is stale with it; one whose parent stands and is
    newer than what it was made from, too.
    """
    stale: dict[Stage, Reason] = {}
    for stage in Stage:
        if stage not in expected:
            continue
        reason = _reason(stage, standing, expected[stage], stale)
        if reason or force:
            stale[stage] = reason or Reason.FORCED
    return stale


def _reason(
    stage: Stage, standing: Mapping[Stage, Standing], expected: str, stale: Mapping[Stage, Reason]
) -> Reason | None:
    head = standing.get(stage)
    if head is None:
        return Reason.MISSING
    parent = stage.parent
    if parent is None:
        return Reason.RECIPE if head.stage_recipe_id != expected else None
    if parent in stale:
        return Reason.PARENT
    if parent in standing and standing[parent].artifact_id != head.parent_artifact_id:
        return Reason.PARENT
    return Reason.RECIPE if head.stage_recipe_id != expected else None
