"""Tags by which runs of a refresh are known again."""

KIND = "medsynth/kind"
REFRESH = "refresh"
BUDGET = "medsynth/budget"  # id of the budget that the run shares
BUDGET_ENDED = "medsynth/budget_ended"  # why the run left something planned


def refresh_tags(budget_id: str) -> dict[str, str]:
    return {KIND: REFRESH, BUDGET: budget_id}
