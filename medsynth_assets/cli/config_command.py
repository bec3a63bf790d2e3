"""`medsynth config`: every setting with its value, secrets masked."""

import json
import os
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table
from rich.text import Text

from medsynth_assets.quality.check_settings import demand_known
from medsynth_assets.settings import PROJECT, Settings, load_settings

_MASK = "********"


def config(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Every setting: its name in the environment, its value, what it means.

    \b
    Set them in the environment, in .env, or in medsynth.toml
    (there: names in lower case, without the prefix).
    Example:
      MEDSYNTH_PER_CODE=10 medsynth config
    """
    settings = load_settings()
    demand_known(settings.checks)
    rows = [(_variable(name), masked(getattr(settings, name)), field.description or "") for name, field in fields()]
    home = os.environ.get("DAGSTER_HOME") or str(PROJECT / ".dagster")
    rows.append(("DAGSTER_HOME", home, "where Dagster keeps runs and events"))
    if as_json:
        print(json.dumps({name: value for name, value, _ in rows}, indent=2, default=str))
        return
    table = Table(pad_edge=False)
    for title in ("setting", "value", "meaning"):
        table.add_column(title, overflow="fold")
    for name, value, meaning in rows:
        table.add_row(Text(name), Text(str(value)), Text(meaning))
    Console(highlight=False).print(table)


def fields() -> list[tuple[str, Any]]:
    return list(Settings.model_fields.items())


def _variable(name: str) -> str:
    alias = Settings.model_fields[name].validation_alias
    return alias if isinstance(alias, str) else f"MEDSYNTH_{name.upper()}"


def masked(value: Any) -> Any:
    """A secret as stars; a password inside a URL, too."""
    if isinstance(value, SecretStr):
        return _MASK
    if isinstance(value, str) and "://" in value and urlsplit(value).password:
        return value.replace(f":{urlsplit(value).password}@", f":{_MASK}@")
    if hasattr(value, "model_dump"):
        return value.model_dump()
    if isinstance(value, dict):
        return {name: masked(of) for name, of in value.items()}
    return value
