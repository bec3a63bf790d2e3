"""Tests of a scenario: results in hand at the visit, and what is ordered at it."""

from typing import NamedTuple

from medsynth_assets.clinical.family import Imaging, Laboratory, State
from medsynth_assets.engines.offline.case import Case, imaging_name
from medsynth_assets.engines.offline.chooser import Chooser
from medsynth_assets.records.scenario import ImagingOrder, Investigation, LaboratoryOrder

_MOST_RESULTS = 4
_MOST_ORDERS = 3


class Tests(NamedTuple):
    results: list[Investigation]
    orders: list[LaboratoryOrder]
    imaging: list[ImagingOrder]


def investigate(case: Case, chooser: Chooser) -> Tests:
    """At a first visit most tests are yet to be ordered; at a follow-up most are in hand."""
    in_hand = 0.35 if case.state is State.NEW else 0.75
    results: list[Investigation] = []
    ordered: dict[str, list[str]] = {}
    imaging: list[ImagingOrder] = []
    for test in case.open(case.family.labs):
        if test.timing == "done" or (test.timing == "either" and chooser.chance(in_hand)):
            results.append(_measure(case, chooser, test))
        elif test.timing == "ordered" or chooser.chance(0.5):
            ordered.setdefault(test.panel, []).append(test.name)
    results += _reports(case, chooser)
    for study in case.open(case.family.imaging):
        if not chooser.chance(study.p):
            continue
        if study.finding and study.timing != "ordered" and chooser.chance(in_hand if study.timing == "either" else 1):
            if not (study.abnormal and case.state is State.STABLE and not study.when):
                results.append(_read(case, study))
        elif study.timing != "done":
            imaging.append(_image(case, study))
    orders = [LaboratoryOrder(panel=panel, tests=tests) for panel, tests in ordered.items()]
    once = {result.name: result for result in reversed(results)}
    unique = [result for result in results if once[result.name] is result]
    return Tests(unique[:_MOST_RESULTS], orders[:_MOST_ORDERS], imaging[:1])


def _measure(case: Case, chooser: Chooser, test: Laboratory) -> Investigation:
    low, high = test.reference
    off = test.abnormal is not None and case.state is not State.STABLE and chooser.chance(test.p)
    limits = test.abnormal if off and test.abnormal else test.normal
    value = chooser.between(*limits, test.decimals)
    return Investigation(
        name=test.name,
        result=f"{value:.{test.decimals}f}",
        unit=test.unit,
        reference=_reference(low, high, test.decimals),
        flag="high" if high is not None and value > high else "low" if low is not None and value < low else "normal",
        status="reviewed",
    )


def _reference(low: float | None, high: float | None, decimals: int) -> str:
    if low is None:
        return f"< {high:.{decimals}f}"
    return f"> {low:.{decimals}f}" if high is None else f"{low:.{decimals}f}-{high:.{decimals}f}"


def _reports(case: Case, chooser: Chooser) -> list[Investigation]:
    found = []
    for report in case.open(case.family.reports):
        expected = not report.abnormal or bool(report.when) or case.state is not State.STABLE
        if expected and chooser.chance(report.p):
            found.append(_in_hand(report.name, case.written(report.result), abnormal=report.abnormal))
    return found


def _read(case: Case, study: Imaging) -> Investigation:
    name = imaging_name(study.modality, case.written(study.body_area))
    return _in_hand(name, case.written(study.finding), abnormal=study.abnormal)


def _in_hand(name: str, result: str, *, abnormal: bool) -> Investigation:
    return Investigation(
        name=name,
        result=result,
        unit="",
        reference="",
        flag="abnormal" if abnormal else "normal",
        status="reviewed",
    )


def _image(case: Case, study: Imaging) -> ImagingOrder:
    return ImagingOrder(
        modality=study.modality, body_area=case.written(study.body_area), reason=case.written(study.reason)
    )
