"""All SOAP checks of a note."""

from medsynth_assets.quality.soap.fault import Fault
from medsynth_assets.quality.soap.placement import misplaced
from medsynth_assets.quality.soap.sentences import SectionModel
from medsynth_assets.quality.soap.structure import opened, structure


def soap_faults(note: str, model: SectionModel | None = None) -> list[Fault]:
    """Missing, empty and out-of-order sections, then misplaced sentences in order."""
    return [*structure(note), *misplaced(opened(note), model)]
