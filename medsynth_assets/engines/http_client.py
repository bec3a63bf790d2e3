"""The wire: POSTs of chat completions over pooled connections, and nothing that costs more than that.

The package `openai` takes 3 ms of CPU for a call, mostly walking through what it sends; aiohttp takes 0.2 (decision 0011). Batches,
where a call is a file, go through `openai`.
"""

import os
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import orjson

from medsynth_assets.engines.faults import Fault, fault_of_response

_OK = 200
_SENT_WHERE_SET = {"OPENAI-Organization": "OPENAI_ORG_ID", "OpenAI-Project": "OPENAI_PROJECT_ID"}  # as `openai` does


class Answered(NamedTuple):
    """A response with status 200."""

    body: bytes
    headers: Mapping[str, str]


class HttpClient:
    """One endpoint's connections, used from one event loop and opened with the first request.

    Proxies are taken from the environment. A response that is not 200 is raised as Fault, as is one that does not come.
    """

    def __init__(self, base_url: str, key: str, most_connections: int) -> None:
        parts = urlsplit(base_url.rstrip("/"))
        self._base = parts._replace(query="").geturl()
        self._query = f"?{parts.query}" if parts.query else ""
        self._headers = {
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json",
            "Accept": "application/json",
            **{header: os.environ[name] for header, name in _SENT_WHERE_SET.items() if os.environ.get(name)},
        }
        self._proxy = _proxy_for(parts.scheme, parts.hostname or "")
        self._most_connections = most_connections
        self._session: aiohttp.ClientSession | None = None

    async def models(self) -> None:
        """One GET of the models. Raises Fault."""
        await self._send("GET", "/models", None, {})

    async def complete(self, body: Mapping[str, Any], headers: Mapping[str, str]) -> Answered:
        """Raises Fault."""
        return await self._send("POST", "/chat/completions", orjson.dumps(body), headers)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _send(self, method: str, path: str, data: bytes | None, headers: Mapping[str, str]) -> Answered:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._most_connections, keepalive_timeout=60),
                timeout=aiohttp.ClientTimeout(total=None),  # who sends knows how long an answer may take
                headers=self._headers,
            )
        try:
            async with self._session.request(
                method, f"{self._base}{path}{self._query}", data=data, headers=headers, proxy=self._proxy
            ) as response:
                body = await response.read()
                if response.status != _OK:
                    raise fault_of_response(response.status, response.headers, body)
                return Answered(body, response.headers)
        except aiohttp.ClientError as error:
            raise Fault("connection", str(error) or type(error).__name__) from error


def _proxy_for(scheme: str, host: str) -> str | None:
    """From the environment, once: aiohttp's own way looks for it with every request, and reads ~/.netrc as well."""
    proxies = getproxies()
    found = proxies.get(scheme) or proxies.get("all")
    return found if found and not proxy_bypass(host) else None
