"""The explorer over a warehouse of a test, and records written to it without running anything."""

import datetime as dt
import json
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from starlette.testclient import TestClient

from medsynth_assets.explorer.app import build_app
from medsynth_assets.records.artifact import Artifact, Kind, Stage
from medsynth_assets.records.identity import Slot
from medsynth_assets.warehouse.check_store import write_results
from medsynth_assets.warehouse.file import WarehouseFile
from medsynth_assets.warehouse.generation_store import Made, batch_of, write
from tests.conftest import Place


@pytest.fixture
def explorer(loaded_place: Place) -> TestClient:
    """Over a warehouse with I10/001."""
    return open_explorer(loaded_place.warehouse)


def open_explorer(warehouse: Path, token: str = "", **options: Any) -> TestClient:
    app = build_app(WarehouseFile(warehouse, timeout_s=5), token)
    return TestClient(app, base_url="http://127.0.0.1", **options)


def page(client: TestClient, address: str, status: int = 200) -> str:
    """The text of a page, which has to answer with `status`."""
    answer = client.get(address)
    assert answer.status_code == status, answer.text
    return answer.text


def dataset_page(client: TestClient) -> str:
    """The dataset page once everything was counted, as its reader sees it who waits."""
    for _ in range(600):
        text = page(client, "/dataset")
        if "being counted" not in text:
            return text
        time.sleep(0.1)
    raise AssertionError("the dataset was not counted within a minute")


class Shelf:
    """A warehouse that small records are put on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file = WarehouseFile(path)

    def put(
        self, record_id: str, note: str = "well", *, engine: str = "offline", run: str = "run-a", says: str = "Hello.",
        failing: tuple[str, ...] = (), passing: tuple[str, ...] = (), stages: tuple[Stage, ...] = tuple(Stage),
    ) -> None:  # fmt: skip
        """Scenario, note and dialogue of one slot, with verdicts on the note."""
        slot = Slot.parse(record_id)
        scenario = {"demographics": {"age_years": 40.0, "gender": "female"}, "clinical_setting": "clinic"}
        sections = dict.fromkeys(("subjective", "objective", "assessment"), "as before") | {"plan": note}
        turns = {"turns": [{"speaker": "doctor", "text": says}, {"speaker": "patient", "text": "Hi."}]}
        plan = self._artifact(Kind.PLAN, slot, _PLAN, engine)
        made = {Stage.SCENARIOS: self._artifact(Kind.SCENARIO, slot, scenario, engine, plan)}
        made[Stage.NOTES] = self._artifact(
            Kind.NOTE, slot, sections, engine, made[Stage.SCENARIOS], text=f"Plan:\n{note}"
        )
        made[Stage.DIALOGUES] = self._artifact(
            Kind.DIALOGUE, slot, turns, engine, made[Stage.NOTES], text=f"[doctor]: {says}"
        )
        products = {stage: made[stage] for stage in stages}
        new = Made(slot, [plan, *products.values()], products, [], None, dict.fromkeys(Stage, engine), engine)
        with self.file.writing() as con:
            write(con, batch_of([new], [], run))
            verdicts = [(name, False) for name in failing] + [(name, True) for name in passing]
            if verdicts:
                write_results(
                    con, pl.DataFrame([self._verdict(slot, made[Stage.NOTES], *verdict) for verdict in verdicts])
                )

    def quarantine(self, record_id: str, reason: str = "refusal", detail: str = "it said no") -> None:
        slot = Slot.parse(record_id)
        with self.file.writing() as con:
            recipes = dict.fromkeys(Stage, "x")
            failed = Made(slot, [], {}, [], (Stage.NOTES, reason, detail), recipes, "openai")
            write(con, batch_of([failed], [], "run-q"))

    def execute(self, sql: str, *values: object, **named: object) -> None:
        with self.file.writing() as con:
            con.execute(sql, named or list(values))

    def _artifact(
        self, kind: Kind, slot: Slot, content: dict[str, Any], engine: str, *parents: Artifact, text: str = ""
    ) -> Artifact:
        return Artifact(kind, slot, content, text, tuple(p.artifact_id for p in parents), "", engine, f"{engine}-model")

    def _verdict(self, slot: Slot, note: Artifact, name: str, is_passed: bool) -> dict[str, Any]:
        return {
            "record_id": slot.record_id, "icd_code": slot.code, "asset": "notes", "artifact_id": note.artifact_id,
            "check_name": name, "column_name": name, "observed": "1", "threshold": "max_value 0", "is_passed": is_passed,
            "explanation": "" if is_passed else "the dose does not exist", "check_recipe_id": name, "run_id": "run-a",
            "checked_at": dt.datetime.now(dt.UTC),
        }  # fmt: skip


_PLAN = json.loads(
    '{"icd": {"code": "X", "description": "d", "release_id": "r", "row_hash": "h"},'
    ' "prevalence_row_hash": "p", "prevalence_release_id": "r"}'
)


@pytest.fixture
def shelf(place: Place) -> Shelf:
    there = Shelf(place.warehouse)
    there.file.ensure()
    return there
