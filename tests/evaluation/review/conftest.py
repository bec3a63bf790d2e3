"""Candidates, reviews and a warehouse with one record."""

import datetime as dt
from typing import Any

from medsynth_assets.records.review import Review
from medsynth_assets.warehouse.review_store import Candidate

NOW = dt.datetime(2026, 11, 21, 10, tzinfo=dt.UTC)


def candidate(record_id: str = "I10/001", **changed: Any) -> Candidate:
    code = record_id.partition("/")[0]
    known = Candidate(
        record_id, code, "Essential hypertension", "9", "follow-up", "Plan:\nRest, then walk.",
        "[doctor]: Hello.\n[patient]: Hi.", f"n-{record_id}", f"d-{record_id}", "openai", "gpt-4o", "warned", ["dose"],
    )  # fmt: skip
    return known._replace(**changed)


def review(record_id: str = "I10/001", reviewer: str = "Hall", **changed: Any) -> Review:
    values = dict.fromkeys(("factuality", "completeness", "soap", "realism"), "Satisfactory")
    ids = {"record_id": record_id, "note_id": f"n-{record_id}", "dialogue_id": f"d-{record_id}"}
    given = {"reviewer": reviewer, "source": "csv", "reviewed_at": NOW}
    return Review.model_validate({**values, **ids, **given, **changed})
