"""The endpoint as a pytest fixture: a thread with an event loop of its own and a real socket."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.scripted_openai.app import Endpoint
from tests.scripted_openai.batches import Batches
from tests.scripted_openai.script import Script
from tests.scripted_openai.serving import listening, server_for


class ScriptedOpenAI:
    """A running endpoint. Set `script` before asking; `chats` are the completions that it was asked for."""

    def __init__(self, url: str, endpoint: Endpoint) -> None:
        self.url = url
        self._endpoint = endpoint

    @property
    def script(self) -> Script:
        return self._endpoint.script

    @script.setter
    def script(self, script: Script) -> None:
        self._endpoint.script = script
        self._endpoint.batches.script = script

    @property
    def chats(self) -> list[dict[str, Any]]:
        """method, path, headers, body, at (epoch seconds) of each."""
        return [entry for entry in self._endpoint.log if entry["path"].endswith("/chat/completions")]

    @property
    def batches(self) -> Batches:
        """The files and batches that it was given."""
        return self._endpoint.batches

    @property
    def in_flight(self) -> int:
        """Requests that it is working at, also for clients that are gone."""
        return self._endpoint.in_flight

    @property
    def most_in_flight(self) -> int:
        """The most requests under way at once, since its start or since `count_in_flight_anew`."""
        return self._endpoint.most_in_flight

    def count_in_flight_anew(self) -> None:
        self._endpoint.most_in_flight = self._endpoint.in_flight


@pytest.fixture
def scripted_openai() -> Iterator[ScriptedOpenAI]:
    """A fresh endpoint on a free port, answering well until told otherwise."""
    endpoint = Endpoint(Script())
    socket, url = listening()
    server = server_for(endpoint.app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]}, daemon=True)
    thread.start()
    yield ScriptedOpenAI(url, endpoint)
    server.should_exit = True
    thread.join(timeout=5)
