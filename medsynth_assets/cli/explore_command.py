"""`medsynth explore`: the record explorer in the browser."""

import socket
from typing import Annotated

import typer

from medsynth_assets.errors import UsageError
from medsynth_assets.settings import load_settings
from medsynth_assets.warehouse.choosing import warehouse_of

_PATIENCE_S = 15.0  # a person waits for a page; after that it says that the warehouse is being written


def explore(
    host: Annotated[str, typer.Option(help="Address to bind; any but this machine's own wants a token.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.", min=0, max=65535)] = 8765,
) -> None:
    """Search and read records in the browser, with their lineage.

    \b
    It only reads, while runs are under way, too. Ctrl-C ends it.
    Examples:
      medsynth explore
      MEDSYNTH_EXPLORER_TOKEN=... medsynth explore --host 0.0.0.0
    """
    import uvicorn  # loading a web server takes longer than most commands run

    from medsynth_assets.explorer.app import build_app
    from medsynth_assets.explorer.security import checked_token

    settings = load_settings()
    secret = settings.explorer_token.get_secret_value() if settings.explorer_token else ""
    token = checked_token(host, secret)
    warehouse = warehouse_of(settings, min(settings.lock_timeout_s, _PATIENCE_S))
    with _bound(host, port) as listening:
        shown = f"[{host}]" if ":" in host else host
        address = f"http://{shown}:{listening.getsockname()[1]}/"
        print(f"{warehouse.name}: {address}{'?token=' if token else ''}{token}", flush=True)
        config = uvicorn.Config(
            build_app(warehouse, token), log_level="warning", access_log=False, server_header=False, lifespan="off"
        )
        uvicorn.Server(config).run(sockets=[listening])


def _bound(host: str, port: int) -> socket.socket:
    """A socket bound before anything is printed, so that the address told is the address served."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.socket(family)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen()  # who opens the printed address at once waits for the server instead of being refused
    except OSError as error:
        raise UsageError(f"cannot listen on {host} port {port}: {error.strerror or error}; try --port 0") from error
    return listening
