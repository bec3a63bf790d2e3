"""A socket to listen on, known before the server runs, and the server for it."""

import socket

import uvicorn
from starlette.applications import Starlette


def listening(port: int = 0) -> tuple[socket.socket, str]:
    """Bound to this machine only; connections wait until a server takes them. The URL ends in /v1."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(2048)
    return listener, f"http://127.0.0.1:{listener.getsockname()[1]}/v1"


def server_for(app: Starlette) -> uvicorn.Server:
    return uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=1))
