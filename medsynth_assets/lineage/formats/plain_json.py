"""A trace as JSON: nodes with everything stored of them, and edges."""

import datetime as dt
import json

from medsynth_assets.lineage.trace import Trace


def plain_json(trace: Trace) -> str:
    body = {
        "record_id": trace.record_id,
        "nodes": [node._asdict() for node in trace.nodes],
        "edges": [edge._asdict() for edge in trace.edges],
    }
    return json.dumps(body, indent=2, ensure_ascii=False, default=_told)


def _told(value: object) -> str:
    return value.astimezone(dt.UTC).isoformat() if isinstance(value, dt.datetime) else str(value)
