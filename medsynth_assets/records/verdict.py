"""What the scenario judge says of a draft."""

from pydantic import Field

from medsynth_assets.records.scenario import Strict


class Verdict(Strict):
    """Medical correctness and plausibility. `feedback` goes back to the provider where not approved."""

    medically_correct: bool
    plausible: bool
    feedback: list[str] = Field(description="what to change, one point each; empty where approved")

    @property
    def approved(self) -> bool:
        return self.medically_correct and self.plausible
