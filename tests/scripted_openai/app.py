"""The endpoint as a Starlette application."""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tests.scripted_openai.batches import Batches
from tests.scripted_openai.canned import good_answer, schema_name, without_last_field
from tests.scripted_openai.metering import Metering
from tests.scripted_openai.script import Play, Script, http
from tests.scripted_openai.tally import Tally


class JSONResponse(Response):
    """As Starlette's, at a tenth of its time."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return orjson.dumps(content)


class Endpoint:
    """One endpoint, its script and its log. `most_in_flight` is the most requests ever under way at once."""

    def __init__(self, script: Script) -> None:
        self.log: list[dict[str, Any]] = []
        self.tally = Tally()
        self.script = script
        self.most_in_flight = 0
        self.in_flight = 0
        self.batches = Batches(script, self._played, self._refused_body)
        self.app = Starlette(
            routes=[
                Route("/v1/chat/completions", self._chat, methods=["POST"]),
                Route("/v1/models", self._models),
                *self.batches.routes,
                Route("/_log", self._show_log),
                Route("/_tally", self._show_tally),
            ]
        )

    @property
    def script(self) -> Script:
        return self._script

    @script.setter
    def script(self, script: Script) -> None:
        self._script = script
        self._slots = asyncio.Semaphore(script.slots or 1_000_000)
        self._metering = Metering(script)

    async def _models(self, request: Request) -> Response:
        await self._note(request)
        if refused := self._refused_key(request):
            return _error(refused)
        return JSONResponse({"object": "list", "data": [{"id": name, "object": "model"} for name in self.script.knows]})

    async def _show_log(self, _: Request) -> Response:
        return JSONResponse({"requests": self.log, "most_in_flight": self.most_in_flight})

    async def _show_tally(self, _: Request) -> Response:
        return JSONResponse({**self.tally.told, "refused_429": self._metering.refused})

    async def _chat(self, request: Request) -> Response:
        with self._counted():
            try:
                body = await self._note(request)
            except ClientDisconnect:  # killed while it was sending
                return Response(status_code=400)
            number = len(self.log) - 1
            refused = self._refused_key(request) or self._refused_body(body)
            if refused:
                return _error(refused)
            agent = request.headers.get("x-medsynth-agent", "")
            if slow_down := self._metering.admit(_tokens_sent(body)):
                return _error(slow_down)
            self.tally.begun()
            chosen = self.script.next_play(agent)
            if chosen.kind == "hang":
                self.tally.hung += 1
                await _gone(request)
            async with self._slots:
                latency_s = self.script.next_latency_s()
                await asyncio.sleep(latency_s)
                self.tally.worked_s += latency_s
            if chosen.kind == "http":
                return _error(chosen)
            if chosen.kind == "no_completion":
                return HTMLResponse("<html>Welcome to the proxy</html>")
            self.log[number]["answered_at"] = time.time()
            record_id = request.headers.get("x-medsynth-record", "")
            self.tally.done(f"{record_id} {agent}", await request.body())
            completion = self._played(chosen, body, agent, record_id)
            self._metering.answered(completion["usage"]["completion_tokens"])
            self.tally.tokens += completion["usage"]["total_tokens"]
            return JSONResponse(completion, headers=self._metering.headers)

    def _played(self, chosen: Play, body: dict[str, Any], agent: str, record_id: str) -> dict[str, Any]:
        """The completion for this play."""
        answer = good_answer(schema_name(body, agent), record_id)
        content: str | None = answer
        refusal, finish = None, "stop"
        match chosen.kind:
            case "malformed":
                content = without_last_field(answer)
            case "fenced":
                content = f"```json\n{answer}\n```"
            case "length":  # valid as it stands: only the reason tells that it was cut
                finish = "length"
            case "filtered":
                finish = "content_filter"
            case "refusal":
                content, refusal = None, "I cannot help with that."
            case "empty":
                content = ""
        return self._completion(body, content, refusal, finish)

    def _completion(
        self, body: dict[str, Any], content: str | None, refusal: str | None, finish: str
    ) -> dict[str, Any]:
        sent = _tokens_sent(body)
        cached = int(sent * self.script.cached_frac)
        made = len(content or refusal or "") // 4
        return {
            "id": "chatcmpl-scripted",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": body["model"],
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": content, "refusal": refusal},
                    "finish_reason": finish,
                }
            ],
            "usage": {
                "prompt_tokens": sent,
                "completion_tokens": made,
                "total_tokens": sent + made,
                "prompt_tokens_details": {"cached_tokens": cached},
            },
        }

    def _refused_key(self, request: Request) -> Play | None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not self.script.key or given == self.script.key:
            return None
        # in full, as a careless server does: the engine has to mask it
        return http(401, f"Incorrect API key provided: {given}", code="invalid_api_key")

    def _refused_body(self, body: dict[str, Any]) -> Play | None:
        if self.script.knows and body["model"] not in self.script.knows:
            return http(404, f"The model `{body['model']}` does not exist", code="model_not_found")
        mode = (body.get("response_format") or {}).get("type", "")
        for name in self.script.refuses:
            if name == mode:
                return http(400, f"'response_format' of type '{mode}' is not supported", param="response_format")
            if name in body:
                said = f"Unsupported parameter: '{name}'"
                hint = "; use 'max_completion_tokens' instead" if name == "max_tokens" else ""
                return http(400, said + hint, param=name, code="unsupported_parameter")
        return None

    async def _note(self, request: Request) -> dict[str, Any]:
        raw = await request.body()
        body: dict[str, Any] = orjson.loads(raw) if raw else {}
        entry: dict[str, Any] = {"method": request.method, "path": request.url.path, "at": time.time()}
        if self.script.keeps_bodies:
            entry |= {"headers": dict(request.headers), "body": body}
        self.log.append(entry)
        return body

    @contextlib.contextmanager
    def _counted(self) -> Iterator[None]:
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            yield
        finally:
            self.in_flight -= 1


def _tokens_sent(body: dict[str, Any]) -> int:
    """A token is four characters here."""
    return sum(len(message["content"]) for message in body["messages"]) // 4


async def _gone(request: Request) -> None:
    """Until the client has hung up; the body was read, so the next message says nothing else."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _error(play: Play) -> Response:
    body = {"error": {"type": "scripted_error", "param": None, "code": None, **play.error}}
    return JSONResponse(body, status_code=play.status, headers=play.headers)
