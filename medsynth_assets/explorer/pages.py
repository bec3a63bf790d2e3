"""The pages: what is asked in the address, what is read for it, which template shows it."""

from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from medsynth_assets.errors import UsageError
from medsynth_assets.explorer import charts
from medsynth_assets.explorer.alignment import Aligned, align
from medsynth_assets.explorer.artifact import open_artifact
from medsynth_assets.explorer.background import Background, Watch
from medsynth_assets.explorer.codes import holdings
from medsynth_assets.explorer.dataset import Dataset, dataset
from medsynth_assets.explorer.formats import age_told
from medsynth_assets.explorer.gathering import gathered
from medsynth_assets.explorer.graph import BOX_HEIGHT, BOX_WIDTH, graph
from medsynth_assets.explorer.history import history
from medsynth_assets.explorer.reading import Reading
from medsynth_assets.explorer.record import Record, Row, neighbours
from medsynth_assets.explorer.results import results
from medsynth_assets.explorer.searching import FAILED, PASSED, QUARANTINED, Search, find
from medsynth_assets.lineage.trace import NodeKind, Relation, trace
from medsynth_assets.records.artifact import Kind, Stage
from medsynth_assets.records.dialogue import Dialogue, Turn
from medsynth_assets.records.identity import Slot
from medsynth_assets.records.note import Note
from medsynth_assets.records.rendering import rendered
from medsynth_assets.warehouse.lineage_store import Depth

_PATIENCE_S = 1.5  # a dataset that takes longer to count is shown as it comes along
_LONGEST = 200  # characters of a search field; more is no search


class Pages:
    """Plain functions of a request: Starlette runs them in threads, each with a connection of its own."""

    def __init__(self, reading: Reading, templates: Environment) -> None:
        self._reading = reading
        self._templates = templates
        self._dataset = Background(reading.stamp, lambda watch: _dataset(reading, watch))

    def search(self, request: Request) -> Response:
        asked = {name: value.strip()[:_LONGEST] for name, value in request.query_params.items()}
        if "/" in asked.get("code", ""):  # a record id, wherever it was typed
            slot = Slot.parse(asked["code"])
            return RedirectResponse(_address(slot), 303)
        if not self._reading.exists:
            return self._page("empty.html", active="search", path=self._reading.name)
        held = self._reading.kept("holdings", holdings)
        if not held.slots:
            return self._page("empty.html", active="search", path=self._reading.name)
        search = _search(asked)
        with self._reading.open() as con:
            found = find(con, search, held)
            descriptions = {code.code: code.description for code in held.codes}
            rows = results(con, found.slots, descriptions, search.text)
        return self._page(
            "search.html",
            active="search",
            search=search,
            held=held,
            rows=rows,
            looked_at=found.looked_at,
            next_page=_next_page(search, found.go_on) if found.go_on else "",
            first_page=_next_page(search, ("", 0)) if search.after[0] else "",
            checks=((PASSED, "all passed"), (FAILED, "any failed"), (QUARANTINED, "in quarantine")),
        )

    def record(self, request: Request) -> Response:
        slot = _slot(request)
        with self._reading.open() as con:
            record = Record(trace(con, slot.record_id, depth=Depth.CONTENTS))
            before, after = neighbours(con, slot)
        aligned, turns = _texts(record)
        scenario = record.content(Stage.SCENARIOS)
        return self._page(
            "record.html",
            active="",
            record=record,
            graph=graph(record),
            width=BOX_WIDTH,
            height=BOX_HEIGHT,
            engines=sorted({node.detail["engine"] for node in record.current.values() if "engine" in node.detail}),
            patient=_patient(scenario),
            scenario_text=rendered(Kind.SCENARIO, scenario),
            aligned=aligned,
            turns=turns,
            facts_of=_facts_of(aligned),
            events=history(record),
            before=before,
            after=after,
        )

    def artifact(self, request: Request) -> Response:
        record = self._record(request)
        opened = open_artifact(record, request.path_params["artifact_id"])
        if not opened:
            raise UsageError(f"no artifact {request.path_params['artifact_id']} of {record.slot.record_id}")
        return self._opened(request, "opened.html", slot=record.slot, node=opened.node, opened=opened)

    def source(self, request: Request) -> Response:
        """A row of reference data that the record's plan was drawn from."""
        record = self._record(request)
        node = record.nodes.get(request.path_params["node_id"])
        if not node or node.kind not in (NodeKind.PREVALENCE_ROW, NodeKind.ICD10CM_ROW):
            raise UsageError(f"no row {request.path_params['node_id']} that {record.slot.record_id} was drawn from")
        releases = record.related(node, Relation.ROW_OF)
        return self._opened(request, "source.html", slot=record.slot, node=node, releases=releases)

    def _record(self, request: Request) -> Record:
        with self._reading.open() as con:
            return Record(trace(con, _slot(request).record_id))

    def _opened(self, request: Request, part: str, **values: Any) -> HTMLResponse:
        """On the record's page only the part is fetched; without JavaScript it is a page of its own."""
        template = part if "part" in request.query_params else "artifact.html"
        return self._page(template, active="", part=part, **values)

    def dataset(self, request: Request) -> Response:
        if not self._reading.exists or not self._reading.kept("holdings", holdings).slots:
            return self._page("empty.html", active="dataset", path=self._reading.name)
        data, is_newest = self._dataset.newest(_PATIENCE_S)
        if data is None:
            return self._page("counting.html", active="dataset", done_frac=self._dataset.done_frac)
        return self._page(
            "dataset.html",
            active="dataset",
            data=data,
            plots=_plots(data),
            stacked=charts.stacked,
            is_newest=is_newest,
        )

    def _page(self, template: str, **values: Any) -> HTMLResponse:
        return HTMLResponse(self._templates.get_template(template).render(**values))


def _dataset(reading: Reading, watch: Watch) -> Dataset:
    with gathered(reading, watch) as (con, every):
        return dataset(con, every)


def _slot(request: Request) -> Slot:
    return Slot(str(request.path_params["code"]).upper(), int(request.path_params["ordinal"]))


def _address(slot: Slot) -> str:
    return f"/record/{slot.record_id}"


def _search(asked: dict[str, str]) -> Search:
    code, _, ordinal = asked.get("after", "").rpartition("/")
    return Search(
        text=asked.get("text", ""),
        code=asked.get("code", ""),
        check=asked.get("check", ""),
        engine=asked.get("engine", ""),
        run=asked.get("run", ""),
        after=(code, int(ordinal)) if code and ordinal.isdecimal() else ("", 0),
    )


def _next_page(search: Search, after: tuple[str, int]) -> str:
    asked = {name: value for name, value in search._asdict().items() if name != "after" and value}
    if after[0]:
        asked["after"] = f"{after[0]}/{after[1]}"
    return "/?" + urlencode(asked)


def _texts(record: Record) -> tuple[Aligned | None, list[Turn]]:
    """Note and dialogue that stand, aligned where both can be read."""
    dialogue, note = record.content(Stage.DIALOGUES), record.content(Stage.NOTES)
    try:
        turns = list(Dialogue.model_validate(dialogue).turns) if dialogue else []
        aligned = align(record.slot.code, Note.model_validate(note), turns) if note else None
    except ValidationError:  # changed by hand or of an earlier version: opened from the lineage it can still be read
        return None, []
    return aligned, turns


def _patient(scenario: Row) -> str:
    """Who and where, as far as the scenario says; one of an earlier version may say less."""
    person = scenario.get("demographics", {})
    age = age_told(person["age_years"]) if "age_years" in person else ""
    who = ", ".join(filter(None, (person.get("name", ""), age, person.get("gender", ""))))
    return " · ".join(filter(None, (who, scenario.get("clinical_setting", ""), scenario.get("encounter_type", ""))))


def _facts_of(aligned: Aligned | None) -> dict[int, list[int]]:
    """Facts by turn: the alignment the other way round."""
    found: dict[int, list[int]] = {}
    for _, pieces in aligned.sections if aligned else ():
        for piece in pieces:
            for turn in piece.turns:
                found.setdefault(turn, []).append(piece.fact or 0)
    return found


def _plots(data: Dataset) -> dict[str, charts.Plot]:
    return {
        "ages": charts.pyramid(data.ages),
        "turns": charts.histogram(data.turns, "dialogues by turns"),
        "words": charts.histogram(data.words, "notes by words"),
        "rounds": charts.histogram(data.rounds, "scenarios by attempts"),
    }
