"""The explorer as a web application: routes, templates, and what becomes of errors."""

from importlib import resources
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from medsynth_assets.errors import MedsynthError, UsageError
from medsynth_assets.explorer.formats import age_told, count_told, day_told, dollars_told, moment_told, words_told
from medsynth_assets.explorer.pages import Pages
from medsynth_assets.explorer.reading import Reading
from medsynth_assets.explorer.security import Guarded, Headed
from medsynth_assets.warehouse.opening import AnyWarehouse


def build_app(warehouse: AnyWarehouse, token: str = "") -> Starlette:
    """The explorer over one warehouse. `token` '' serves this machine only."""
    templates = _templates()
    pages = Pages(Reading(warehouse), templates)
    return Starlette(
        routes=[
            Route("/", pages.search, name="search"),
            Route("/record/{code}/{ordinal:int}", pages.record, name="record"),
            Route("/record/{code}/{ordinal:int}/artifact/{artifact_id}", pages.artifact, name="artifact"),
            Route("/record/{code}/{ordinal:int}/source/{node_id}", pages.source, name="source"),
            Route("/dataset", pages.dataset, name="dataset"),
            Mount("/static", StaticFiles(directory=_static()), name="static"),
        ],
        middleware=[Middleware(Headed), Middleware(Guarded, token=token)],
        exception_handlers={
            HTTPException: lambda request, error: _told(templates, request, error, getattr(error, "status_code", 500)),
            UsageError: lambda request, error: _told(templates, request, error, 404),
            MedsynthError: lambda request, error: _told(templates, request, error, 503),
        },
    )


def _static() -> Path:
    return Path(str(resources.files("medsynth_assets.explorer") / "static"))


def _templates() -> Environment:
    """Everything is escaped; a name that a page was not given is an error, not a blank."""
    found = Environment(
        loader=PackageLoader("medsynth_assets.explorer"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters.update(
        count=count_told, dollars=dollars_told, moment=moment_told, day=day_told, words=words_told, age=age_told
    )
    return found


def _told(templates: Environment, request: Request, error: Exception, status: int) -> Response:
    message = error.detail if isinstance(error, HTTPException) else str(error)
    page = templates.get_template("message.html").render(active="", status=status, message=message)
    return Response(page, status, media_type="text/html")
