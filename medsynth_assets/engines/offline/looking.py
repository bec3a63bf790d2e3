"""Examination findings of a scenario: what is abnormal shows, and some of what is normal is looked at too."""

from medsynth_assets.clinical.family import Finding, State
from medsynth_assets.engines.offline.case import Case
from medsynth_assets.engines.offline.chooser import Chooser
from medsynth_assets.records.scenario import ExamFinding

_NORMAL_SHARE = 0.72  # of the systems in which nothing is wrong that one examination takes in
_LEAST = 2  # systems


def examine(case: Case, chooser: Chooser) -> list[ExamFinding]:
    """One finding a system, in the family's order."""
    by_system: dict[str, list[Finding]] = {}
    for possible in case.open(case.family.exam):
        by_system.setdefault(possible.system, []).append(possible)
    chosen = [finding for options in by_system.values() if (finding := _finding(case, chooser, options))]
    shown = [f for f in chosen if f.abnormal or chooser.chance(_NORMAL_SHARE)]
    if len(shown) < _LEAST:
        shown = chosen[:_LEAST]
    return [ExamFinding(system=f.system, finding=case.written(f.finding), abnormal=f.abnormal) for f in shown]


def _finding(case: Case, chooser: Chooser, options: list[Finding]) -> Finding | None:
    for finding in options:
        expected = bool(finding.when) or case.state is not State.STABLE
        if finding.abnormal and expected and chooser.chance(finding.p):
            return finding
    normal = [f for f in options if not f.abnormal]
    chosen = chooser.one(normal) if normal else None
    if chosen and "p" in chosen.model_fields_set and not chooser.chance(chosen.p):
        return None
    return chosen
