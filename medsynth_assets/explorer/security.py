"""What every answer of the explorer carries, and who may ask.

On 127.0.0.1 nobody else can connect, and the Host header is checked, so that a web page elsewhere cannot reach it
by pointing a name of its own at 127.0.0.1. Bound elsewhere, a token is required: once in the address, as printed at
the start, from then on in a cookie; programs send `Authorization: Bearer`.
"""

import secrets
from ipaddress import ip_address
from urllib.parse import urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from medsynth_assets.errors import UsageError

LEAST_TOKEN = 16  # characters
COOKIE = "medsynth_explorer"
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self';"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def is_loopback(host: str) -> bool:
    """Whether only this machine can connect to `host`."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def checked_token(host: str, token: str) -> str:
    """The token to ask for, '' where none is needed. Raises UsageError where one is needed and missing or short."""
    if is_loopback(host) and not token:
        return ""
    if len(token) < LEAST_TOKEN:
        found = f"one of {len(token)} characters" if token else "none"
        raise UsageError(
            f"{host} can be reached from other machines, so a token of at least {LEAST_TOKEN} characters is wanted and"
            f" {found} is set; set MEDSYNTH_EXPLORER_TOKEN, for example to {secrets.token_urlsafe(18)},"
            " or leave --host out"
        )
    return token


class Headed:
    """Puts the security headers on every answer, those of errors too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, headed)


class Guarded:
    """Lets in who names a host of this machine, or, where a token is set, who has it."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = self._refusal(Request(scope)) if self._token else _foreign_host(Headers(scope=scope))
        await (answer or self._app)(scope, receive, send)

    def _refusal(self, request: Request) -> PlainTextResponse | RedirectResponse | None:
        asked = request.query_params.get("token", "")
        if asked and self._is_right(asked):
            rest = urlencode([(name, value) for name, value in request.query_params.multi_items() if name != "token"])
            answer = RedirectResponse(request.url.path + (f"?{rest}" if rest else ""), 303)
            answer.set_cookie(COOKIE, asked, httponly=True, samesite="strict")
            return answer
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        if self._is_right(request.cookies.get(COOKIE, "")) or (scheme.lower() == "bearer" and self._is_right(bearer)):
            return None
        return PlainTextResponse(
            "A token is required: open the address that `medsynth explore` printed when it was started.\n",
            401,
            {"WWW-Authenticate": "Bearer"},
        )

    def _is_right(self, token: str) -> bool:
        return secrets.compare_digest(token.encode(), self._token.encode())


def _foreign_host(headers: Headers) -> PlainTextResponse | None:
    name = headers.get("host", "").rsplit(":", 1)[0].strip("[]")
    if is_loopback(name):
        return None
    return PlainTextResponse("This explorer answers on 127.0.0.1 and localhost only.\n", 421)
