"""/v1/files and /v1/batches of the scripted endpoint: upload, create, poll, output and error files, cancel, expiry.

Behaves as the provider's guide says: an input of one model, an output file of answers with status 200, an error file of the
rest; a batch that expires or is cancelled keeps what was answered.
"""

import email.parser
import email.policy
import json
import time
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from tests.scripted_openai.script import BatchPlay, Play, Script

Answer = Callable[[Play, dict[str, Any], str, str], dict[str, Any]]
Refusal = Callable[[dict[str, Any]], Play | None]


class Batches:
    """Files by id, and batches by id with their plays. `answered` counts answers by custom id: each was paid for."""

    def __init__(self, script: Script, answer: Answer, refuse: Refusal) -> None:
        self.script = script
        self.files: dict[str, str] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.answered: dict[str, int] = {}
        self.drops_next_creation = False  # the batch is made, the answer to its creation is lost
        self._plays: dict[str, BatchPlay] = {}
        self._answer, self._refuse = answer, refuse

    @property
    def routes(self) -> list[Route]:
        return [
            Route("/v1/files", self._upload, methods=["POST"]),
            Route("/v1/files/{id}/content", self._content),
            Route("/v1/batches", self._create, methods=["POST"]),
            Route("/v1/batches", self._list),
            Route("/v1/batches/{id}", self._poll),
            Route("/v1/batches/{id}/cancel", self._cancel, methods=["POST"]),
        ]

    def requests_of(self, batch_id: str) -> list[dict[str, Any]]:
        """The lines of a batch's input."""
        return [json.loads(line) for line in self.files[self.batches[batch_id]["input_file_id"]].splitlines()]

    def finish_all(self) -> None:
        """Complete those that would stay in progress."""
        for id_, play in self._plays.items():
            self._plays[id_] = play.model_copy(update={"ends": "completed", "after_polls": 0})

    async def _upload(self, request: Request) -> Response:
        fields = _multipart(request.headers["content-type"], await request.body())
        if fields.get("purpose") != "batch":
            return _refused("purpose", "wanted purpose batch")
        id_ = self._kept(fields["file"])
        return JSONResponse({
            "id": id_, "object": "file", "bytes": len(fields["file"]), "created_at": _now(), "filename": "batch.jsonl",
            "purpose": "batch", "status": "processed",
        })  # fmt: skip

    async def _content(self, request: Request) -> Response:
        text = self.files.get(request.path_params["id"])
        return _refused("file", "no such file", 404) if text is None else PlainTextResponse(text)

    async def _create(self, request: Request) -> Response:
        asked = await request.json()
        if asked["input_file_id"] not in self.files or asked["completion_window"] != "24h":
            return _refused("input_file_id", "no such file, or not within 24h")
        id_ = f"batch_{len(self.batches) + 1}"
        play = self.script.next_batch()
        self._plays[id_] = play
        self.batches[id_] = {
            "id": id_, "object": "batch", "endpoint": asked["endpoint"], "completion_window": "24h",
            "input_file_id": asked["input_file_id"], "metadata": asked.get("metadata"), "status": "validating",
            "created_at": _now(), "expires_at": _now() + 86400, "request_counts": {"total": 0, "completed": 0, "failed": 0},
        }  # fmt: skip
        if self.drops_next_creation:
            self.drops_next_creation = False
            return _refused("server", "lost on the way", 500)
        return JSONResponse(self.batches[id_])

    async def _list(self, request: Request) -> Response:
        newest = list(reversed(self.batches.values()))
        after = request.query_params.get("after")
        if after:
            newest = newest[[batch["id"] for batch in newest].index(after) + 1 :]
        limit = int(request.query_params.get("limit", "20"))
        return JSONResponse({"object": "list", "data": newest[:limit], "has_more": len(newest) > limit})

    async def _poll(self, request: Request) -> Response:
        batch = self.batches.get(request.path_params["id"])
        if batch is None:
            return _refused("batch", "no such batch", 404)
        play = self._plays[batch["id"]]
        if batch["status"] == "cancelling":
            self._finish(batch, "cancelled", play.answered_frac)
        elif batch["status"] in ("validating", "in_progress"):
            if play.after_polls > 0 or play.ends == "never":
                batch["status"] = "in_progress"
                self._plays[batch["id"]] = play.model_copy(update={"after_polls": play.after_polls - 1})
            elif problem := self._problem(batch) or (play.error if play.ends == "failed" else ""):
                batch["status"] = "failed"
                batch["errors"] = {"object": "list", "data": [{"code": problem, "message": f"scripted: {problem}"}]}
            else:
                self._finish(batch, play.ends, play.answered_frac if play.ends == "expired" else 1.0)
        return JSONResponse(batch)

    async def _cancel(self, request: Request) -> Response:
        batch = self.batches[request.path_params["id"]]
        if batch["status"] not in ("validating", "in_progress"):
            return _refused("batch", f"cannot cancel a batch that is {batch['status']}", 409)
        batch["status"] = "cancelling"
        return JSONResponse(batch)

    def _problem(self, batch: dict[str, Any]) -> str:
        """What validation finds: as the provider, one model a file and no custom id twice."""
        lines = self.requests_of(batch["id"])
        if len({line["body"]["model"] for line in lines}) > 1:
            return "mismatched_model"
        if len({line["custom_id"] for line in lines}) < len(lines):
            return "duplicate_custom_id"
        return "" if {line["url"] for line in lines} == {batch["endpoint"]} else "mismatched_endpoint"

    def _finish(self, batch: dict[str, Any], status: str, answered_frac: float) -> None:
        lines = self.requests_of(batch["id"])
        served = round(len(lines) * answered_frac)
        results = [self._line(line, number < served, status) for number, line in enumerate(lines)]
        good = [result for result in results if (result["response"] or {}).get("status_code") == 200]
        bad = [result for result in results if result not in good]
        batch["status"] = status
        batch["completed_at"] = batch["created_at"] + 7
        batch["request_counts"] = {"total": len(lines), "completed": len(good), "failed": len(bad)}
        for name, some in (("output_file_id", good), ("error_file_id", bad)):
            if some:  # the order of results is not that of requests
                batch[name] = self._kept("".join(json.dumps(result) + "\n" for result in reversed(some)))

    def _line(self, line: dict[str, Any], is_served: bool, status: str) -> dict[str, Any]:
        record_id, agent, *_ = line["custom_id"].split(":")
        told = {"id": f"req_{line['custom_id']}", "custom_id": line["custom_id"], "response": None, "error": None}
        chosen = self._refuse(line["body"]) or (self.script.next_play(agent) if is_served else None)
        if chosen is None or chosen.kind == "hang":
            return {**told, "error": {"code": f"batch_{status}", "message": "not executed"}}
        if chosen.kind == "http":
            error = {"type": "scripted_error", "param": None, "code": None, **chosen.error}
            return {**told, "response": {"status_code": chosen.status, "body": {"error": error}}}
        self.answered[line["custom_id"]] = self.answered.get(line["custom_id"], 0) + 1
        return {**told, "response": {"status_code": 200, "body": self._answer(chosen, line["body"], agent, record_id)}}

    def _kept(self, text: str) -> str:
        id_ = f"file-{len(self.files) + 1}"
        self.files[id_] = text
        return id_


def _multipart(content_type: str, body: bytes) -> dict[str, str]:
    parsed = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(
        f"Content-Type: {content_type}\r\n\r\n".encode() + body
    )
    return {
        str(part.get_param("name", header="content-disposition")): part.get_payload(decode=True).decode("utf-8")  # type: ignore[union-attr]
        for part in parsed.iter_parts()  # type: ignore[attr-defined]
    }


def _refused(param: str, message: str, status: int = 400) -> Response:
    return JSONResponse({"error": {"type": "scripted_error", "param": param, "code": None, "message": message}}, status)


def _now() -> int:
    return int(time.time())
