"""Who the patients of a code can be: prevalence by group, cut to the age and sex that the code admits."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import duckdb

from medsynth_assets.clinical.family import below_age
from medsynth_assets.clinical.knowledge import KnowledgeBase, KnowledgeError
from medsynth_assets.records.plan import CodeFacts
from medsynth_assets.records.population import Group, Population, Sex
from medsynth_assets.reference.groups import Limits, admitted
from medsynth_assets.warehouse.reference_store import Edit, age_sex_edits, current_release, prevalence_rows

_ETHNICITY_AGES = {
    "Under 15 years": (0, 15), "15-24 years": (15, 25), "25-44 years": (25, 45), "45-64 years": (45, 65),
    "65-74 years": (65, 75), "75 years and over": (75, 200),
}  # fmt: skip
_NOT_IN_RELEASE = ("", "")


class Populations(NamedTuple):
    """Everything read from the reference schema, for many codes at once."""

    groups: dict[str, list[Group]]  # by category
    ethnicities: list[tuple[float, float, str, float]]
    metropolitan_share: float
    edits: dict[str, list[Edit]]  # by code
    prevalence: dict[str, tuple[str, str]]  # release id and row hash by code

    def of(self, icd: CodeFacts, base: KnowledgeBase) -> Population:
        """The population of one code. Falls back to any age and sex admitted where none was observed."""
        limits = self._limits(icd.code, base)
        groups = admitted(self.groups.get(icd.category, []), limits)
        if not sum(group.share for group in groups):
            sexes: Sequence[Sex] = [limits.sex] if limits.sex else ["female", "male"]
            groups = [Group(sex, limits.min_age, min(below_age(limits.max_age), 90), 1.0) for sex in sexes]
        release_id, row_hash = self.prevalence.get(icd.code, _NOT_IN_RELEASE)
        return Population(groups, self.ethnicities, self.metropolitan_share, release_id, row_hash)

    def _limits(self, code: str, base: KnowledgeBase) -> Limits:
        lows, highs, sexes = [0.0], [120.0], []
        for low, high, sex in self.edits.get(code, []):
            lows.append(low or 0.0)
            highs.append(120.0 if high is None else high)
            sexes.append(sex)
        try:
            family = base.lookup(code).family
        except KnowledgeError:  # an openai engine needs no family
            pass
        else:
            lows.append(family.min_age)
            highs.append(family.max_age)
            sexes.append(family.sex.value if family.sex else None)
        sex = next((sex for sex in sexes if sex), None)
        return Limits(max(lows), max(min(highs, key=below_age), max(lows)), sex)


def read_populations(con: duckdb.DuckDBPyConnection, icd: dict[str, CodeFacts]) -> Populations:
    """Read what the codes need, in a few queries."""
    release = current_release(con, "groups") or ""
    groups: dict[str, list[Group]] = defaultdict(list)
    for category, *group in con.execute(
        "select category_code, sex, min_age, max_age, share_frac from reference.icd_prevalence_by_group "
        "where release_id = ? and category_code in (select unnest(?::varchar[])) order by all",
        [release, sorted({facts.category for facts in icd.values()})],
    ).fetchall():
        groups[category].append(Group(*group))
    ethnicities = []
    for level, share in con.execute(
        "select level, share_frac from reference.demographics "
        "where release_id = ? and variable = 'race_ethnicity_by_age_nchs' order by level",
        [release],
    ).fetchall():
        name, _, ages = level.partition("|")
        ethnicities.append((*map(float, _ETHNICITY_AGES[ages]), name, share))
    metropolitan = con.execute(
        "select share_frac from reference.demographics where release_id = ? and variable = 'msa' and level like 'MSA%'",
        [release],
    ).fetchone()
    share = float(metropolitan[0]) if metropolitan else 1.0
    return Populations(groups, ethnicities, share, age_sex_edits(con, list(icd)), prevalence_rows(con, list(icd)))
