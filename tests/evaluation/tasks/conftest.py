"""Three pairs as a release has them, and a model's notes for them."""

import json
from pathlib import Path

import polars as pl
import pytest

NOTE = "Subjective:\nShe has had a cough for five days. Denies fever.\n\nObjective:\nLungs are clear.\n\nAssessment:\nAcute bronchitis.\n\nPlan:\nStart benzonatate 100 mg three times a day."
TALK = "[doctor]: How long have you had the cough?\n[patient]: Five days.\n[doctor]: Any fever?\n[patient]: No.\n[doctor]: Your lungs are clear. It is acute bronchitis. Take benzonatate, 100 milligrams, three times a day."
OTHER = "Subjective:\nKnee pain for a week after running.\n\nObjective:\nMild swelling of the right knee.\n\nAssessment:\nRight knee strain.\n\nPlan:\nIbuprofen 400 mg as needed. Return in two weeks."
TALK_OF_OTHER = "[doctor]: What brings you in?\n[patient]: My knee hurts. It's been a week, since I went running.\n[doctor]: There is mild swelling of your right knee. It is a strain. Take ibuprofen 400 milligrams as needed and come back in two weeks."
PAIRS = [
    {"id": "J20.9/001", "note": NOTE, "dialogue": TALK, "icd10": "J20.9", "split": "test"},
    {"id": "S86.911A/002", "note": OTHER, "dialogue": TALK_OF_OTHER, "icd10": "S86.911A", "split": "test"},
    {"id": "J20.9/003", "note": NOTE, "dialogue": TALK, "icd10": "J20.9", "split": "train"},
]


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """A release: pairs with their split, and beside them a view in chat form that has no pairs."""
    data = tmp_path / "release" / "data"
    data.mkdir(parents=True)
    chat = [{"id": "J20.9/001", "messages": [{"role": "user", "content": TALK}]}]
    (data / "chat.jsonl").write_text("".join(json.dumps(row) + "\n" for row in chat))
    pl.DataFrame(PAIRS).write_parquet(data / "pairs.parquet")
    return data.parent


def write_predictions(path: Path, column: str, rows: dict[str, str]) -> Path:
    pl.DataFrame({"id": list(rows), column: list(rows.values())}).write_csv(path)
    return path
