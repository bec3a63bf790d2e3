"""Measuring in worker processes."""

import polars as pl
import pytest

from medsynth_assets.checks import measuring
from medsynth_assets.checks.examining import _of_notes
from medsynth_assets.clinical.family import Sex
from medsynth_assets.quality import workers
from medsynth_assets.quality.integrity.finding import Subject
from medsynth_assets.quality.summaries import note_summary
from medsynth_assets.records.artifact import Artifact, Kind
from medsynth_assets.records.identity import Slot

TEXT = "Subjective:\nA cough.\n\nObjective:\nBP {n}/80.\n\nAssessment:\nAcute bronchitis.\n\nPlan:\nRest and fluids."


def notes(count: int) -> list[Artifact]:
    return [
        Artifact(Kind.NOTE, Slot("J20.9", n), {}, TEXT.format(n=100 + n % 300), (), "r", "offline", "m")
        for n in range(1, count + 1)
    ]


def test_workers_give_the_rows_that_one_process_gives_in_the_same_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a record needs beside it goes along with its part; what was read of a note before is what is read now."""
    made = notes(450)
    subjects = {a.slot.record_id: Subject("J20.9", "Acute bronchitis", 40.0, Sex.MALE) for a in made}
    monkeypatch.setattr(workers, "cores", lambda: 2)
    read = {a.slot.record_id: note_summary(a.text) for a in made[::2]}
    shared = measuring.measured(_of_notes, made, {"subjects": subjects, "read": read})
    monkeypatch.setattr(workers, "cores", lambda: 1)
    alone = measuring.measured(_of_notes, made, {"subjects": subjects, "read": {}})
    assert isinstance(shared, pl.DataFrame)
    assert shared.equals(alone)
    assert shared["vitals_possible"].sum() > 0
