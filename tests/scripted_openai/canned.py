"""Good answers: one file a schema, read once; scenarios of one code differ as a judge wants them to."""

import json
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "answers"
_BY_AGENT = {
    "scenario_provider": "Scenario",
    "scenario_judge": "Verdict",
    "note_writer": "Note",
    "note_polisher": "Note",
    "dialogue_generator": "Dialogue",
    "dialogue_polisher": "Dialogue",
}


def schema_name(body: dict[str, Any], agent: str) -> str:
    """The schema that was sent; where none was, what the agent is known to ask for."""
    form = body.get("response_format") or {}
    if not form and "JSON" not in body["messages"][0]["content"]:
        return "PlainText"
    return str(form.get("json_schema", {}).get("name") or _BY_AGENT.get(agent, "Note"))


def good_answer(schema: str, record_id: str) -> str:
    """Valid JSON for the schema, or just text where none is wanted. Raises KeyError for one that this project does not have."""
    _, _, ordinal = record_id.partition("/")
    if schema == "PlainText":
        return f"Answer for {record_id}."
    return _texts(schema)[int(ordinal or 1) % len(_texts(schema))]


def without_last_field(answer: str) -> str:
    fields = json.loads(answer)
    fields.popitem()
    return json.dumps(fields)


@cache
def _texts(schema: str) -> list[str]:
    path = _FOLDER / f"{schema}.json"
    if not path.exists():
        raise KeyError(f"no canned answer for the schema {schema!r}")
    answer = json.loads(path.read_text("utf-8"))
    if schema != "Scenario":
        return [json.dumps(answer)]
    variations = json.loads((_FOLDER / "scenario_variations.json").read_text("utf-8"))
    return [json.dumps({**answer, **variation}) for variation in variations]
