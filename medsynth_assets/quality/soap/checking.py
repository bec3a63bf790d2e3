"""All SOAP checks of a note."""

from medsynth_assets.quality.soap.fault import Fault
from medsynth_assets.quality.soap.placement import PlacementModel, misplaced
from medsynth_assets.quality.soap.sentences import SectionModel
from medsynth_assets.quality.soap.structure import opened, structure


def soap_faults(
    note: str, sections: SectionModel | None = None, placement: PlacementModel | None = None
) -> list[Fault]:
    """Missing, empty and out-of-order sections, then misplaced sentences in order. Without models, those shipped."""
    return [*structure(note), *misplaced(opened(note), sections, placement)]
