"""Models as files: `dbt_like_sql/<layer>/<name>.sql` with a header, refs, sources, and column descriptions.

A header is SQL comments `-- key: text`; `grain` and `description` are required. In the body
`{{ ref('name') }}` names another model and `{{ source('schema', 'table') }}` a table that is written to.
Nothing else in braces is allowed: a model is data, not a program.
"""

import re
from collections.abc import Iterator
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

from medsynth_assets.data_files import read_yaml
from medsynth_assets.errors import SqlModelError

FOLDER = Path(__file__).resolve().parent.parent.parent / "dbt_like_sql"
_REF = re.compile(r"\{\{\s*ref\('(\w+)'\)\s*\}\}")
_SOURCE = re.compile(r"\{\{\s*source\('(\w+)',\s*'(\w+)'\)\s*\}\}")
_BRACES = re.compile(r"\{[{%].*?[}%]\}", re.DOTALL)
_HEADER = re.compile(r"^--\s*(\w+):\s*(.+)$", re.MULTILINE)


class Model(NamedTuple):
    """One file, one table. `schema` is the folder's name; staging models are views, marts tables."""

    name: str
    schema: str
    grain: str
    description: str
    columns: dict[str, str]  # described columns, in order
    refs: tuple[str, ...]
    sources: tuple[tuple[str, str], ...]
    body: str

    @property
    def relation(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def is_view(self) -> bool:
        return self.schema == "staging"


class SqlProject:
    """All models of a folder, in an order in which they can be built.

    Raises SqlModelError for a model without header or description, an unknown ref, or a circle.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self.models: dict[str, Model] = {model.name: model for model in self._read()}
        for model in self.models.values():
            for ref in model.refs:
                if ref not in self.models:
                    known = ", ".join(sorted(self.models))
                    raise SqlModelError(f"{model.relation} refers to {ref}, which is not a model; there are {known}")

    def _read(self) -> Iterator[Model]:
        for path in sorted(self._folder.glob("*/*.sql")):
            described = self._schema(path.parent).get(path.stem)
            if described is None:
                raise SqlModelError(f"{path.parent.name}/{path.name} has no entry in {path.parent.name}/schema.yml")
            yield _model(path, described)

    def _schema(self, folder: Path) -> dict[str, dict[str, str]]:
        path = folder / "schema.yml"
        if not path.is_file():
            raise SqlModelError(f"{folder.name} has no schema.yml")
        models = read_yaml(path)["models"]
        return {m["name"]: {c["name"]: c["description"] for c in m["columns"]} for m in models}

    @cached_property
    def build_order(self) -> list[Model]:
        graph = {name: set(model.refs) for name, model in self.models.items()}
        try:
            return [self.models[name] for name in TopologicalSorter(graph).static_order()]
        except CycleError as error:
            raise SqlModelError(f"models refer to each other in a circle: {' -> '.join(error.args[1])}") from error

    def compile(self, model: Model) -> str:
        """The select with every ref and source replaced by its relation."""
        body = _REF.sub(lambda m: self.models[m.group(1)].relation, model.body)
        return _SOURCE.sub(r"\1.\2", body)

    def statement(self, model: Model) -> str:
        """What builds the model."""
        kind = "view" if model.is_view else "table"
        return f"create or replace {kind} {model.relation} as\n{self.compile(model)}"


def _model(path: Path, columns: dict[str, str]) -> Model:
    text = path.read_text("utf-8")
    header = dict(_HEADER.findall(text))
    if not {"grain", "description"} <= header.keys():
        raise SqlModelError(f"{path.parent.name}/{path.name} needs a header with -- grain: and -- description:")
    unknown = [b for b in _BRACES.findall(text) if not _REF.fullmatch(b) and not _SOURCE.fullmatch(b)]
    if unknown:
        raise SqlModelError(f"{path.parent.name}/{path.name}: {unknown[0]} is neither a ref nor a source")
    return Model(
        name=path.stem,
        schema=path.parent.name,
        grain=header["grain"],
        description=header["description"],
        columns=columns,
        refs=tuple(dict.fromkeys(_REF.findall(text))),
        sources=tuple(dict.fromkeys(_SOURCE.findall(text))),
        body=text.strip().rstrip(";"),
    )
