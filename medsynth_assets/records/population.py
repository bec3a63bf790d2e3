"""What slots of one code are drawn from."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

Sex = Literal["female", "male"]


class Group(NamedTuple):
    """One cell of the prevalence by group: a sex and an age band (years, half-open), with its share."""

    sex: Sex
    min_age: float
    max_age: float
    share: float


class Population(NamedTuple):
    """What slots of one code are drawn from. Shares need not sum to 1.

    groups: sex by age, already limited to what the code's age and sex edits admit.
    ethnicities: by age band, as (min_age, max_age, name, share).
    """

    groups: Sequence[Group]
    ethnicities: Sequence[tuple[float, float, str, float]]
    metropolitan_share: float
    prevalence_release_id: str
    prevalence_row_hash: str
