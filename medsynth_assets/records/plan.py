"""A slot's plan: who the patient is and where they are seen, decided before anything is written.

The root of a record's lineage: it names the rows of the reference releases it was drawn from.
"""

from typing import Literal

from pydantic import Field

from medsynth_assets.records.scenario import Strict


class CodeFacts(Strict):
    """What the official code set says of a code.

    `episode` is the 7th character's meaning, or ''; exclusion_terms the Excludes1 notes of the code, its category and block.
    """

    code: str
    description: str
    category: str
    chapter: str
    inclusion_terms: list[str]
    exclusion_terms: list[str] = Field(default_factory=list)
    episode: str
    release_id: str
    row_hash: str


class SlotPlan(Strict):
    """Drawn from prevalence by group with a low-discrepancy sequence, so that few slots of a code
    already spread over its age and sex distribution and more can be added without moving any."""

    icd: CodeFacts
    prevalence_release_id: str
    prevalence_row_hash: str
    seed: int
    age_years: float
    sex: Literal["female", "male"]
    ethnicity: str
    region: str
    urbanicity: Literal["metropolitan", "non-metropolitan"]
    english_proficiency: Literal["native", "non-native", "interpreter"]
    socioeconomic_status: Literal["low", "middle", "high"]
    visit_draw: float  # in [0, 1): which kind of visit and state, so that slots differ
