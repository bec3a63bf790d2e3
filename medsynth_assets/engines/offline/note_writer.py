"""The note writer, offline: a SOAP draft from a scenario, as one of many clinicians would chart it."""

from medsynth_assets.engines.offline.charting import Charting
from medsynth_assets.engines.offline.chooser import Chooser
from medsynth_assets.engines.offline.note_objective import objective
from medsynth_assets.engines.offline.note_plan import assessment, plan
from medsynth_assets.engines.offline.note_subjective import subjective
from medsynth_assets.records.note import Note
from medsynth_assets.records.scenario import Scenario


def write(scenario: Scenario, chooser: Chooser) -> Note:
    """Every fact of the scenario that belongs in a note, once, in its section."""
    chart = Charting(scenario, chooser)
    return Note(
        subjective=subjective(chart), objective=objective(chart), assessment=assessment(chart), plan=plan(chart)
    )
