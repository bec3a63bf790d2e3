"""All integrity checks over one note."""

from medsynth_assets.quality.integrity.chart import Chart
from medsynth_assets.quality.integrity.coding import coding
from medsynth_assets.quality.integrity.finding import Finding, Subject
from medsynth_assets.quality.integrity.measuring import measurements
from medsynth_assets.quality.integrity.medication import medication
from medsynth_assets.quality.integrity.timing import timing

CHECKS = (
    "dose_exists", "frequency_plausible", "route_plausible", "no_drug_against_allergy", "no_drug_against_condition",
    "no_class_twice", "every_lasting_drug_has_its_condition", "every_treated_condition_has_its_drug", "vitals_possible",
    "laboratory_possible", "laboratory_unit_right", "laboratory_flag_right", "age_arithmetic", "side_site_episode_agree",
    "assessment_names_the_diagnosis", "plan_treats_the_diagnosis",
)  # fmt: skip


def integrity(note: str, subject: Subject | None = None) -> list[Finding]:
    """Contradictions of a note, in its own words. Without a subject only what the note says of itself is judged."""
    chart = Chart(note, subject or Subject())
    return [finding for check in (medication, measurements, timing, coding) for finding in check(chart)]
