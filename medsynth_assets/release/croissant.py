"""croissant.json of a release: Croissant 1.0 metadata with the responsible-AI fields.

Written here as plain JSON-LD after the specification (http://mlcommons.org/croissant/1.0 and RAI/1.0); the tests have mlcroissant
read it. That library is not needed to run.
"""

import json
from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from medsynth_assets.release.data_files import DataFile
from medsynth_assets.release.describing import description
from medsynth_assets.release.manifest import FileEntry, Manifest
from medsynth_assets.release.splitting import Split
from medsynth_assets.release.views import VIEWS, View

NAME = "croissant.json"
_ENCODINGS = {"parquet": "application/x-parquet", "jsonl": "application/jsonlines"}


def croissant(folder: Path, manifest: Manifest) -> str:
    """The metadata of a release whose data files lie in the folder."""
    told = description()
    body = {
        "@context": _context(),
        "@type": "sc:Dataset",
        "conformsTo": ["http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/RAI/1.0"],
        "name": f"medsynth-{manifest.name}",
        "description": f"{told['summary']} {' '.join(told['limits'][:2])}",
        "license": told["license_url"],
        "url": told["url"],
        "citeAs": told["citation"],
        "creator": {"@type": "sc:Organization", "name": told["creator"]},
        "datePublished": manifest.released_at.isoformat(),
        "inLanguage": told["language"],
        "isLiveDataset": False,
        "keywords": told["keywords"],
        "version": f"1.0.0+{manifest.release_id}",
        **_responsible(manifest),
        "distribution": [_file(entry) for entry in manifest.files if entry.row_count is not None],
        "recordSet": [
            _record_set(folder, DataFile(view, Split(split), "parquet")) for view in VIEWS for split in manifest.splits
        ],
    }
    return json.dumps(body, indent=1, ensure_ascii=False) + "\n"


def _responsible(manifest: Manifest) -> dict[str, Any]:
    told = description()
    tools = [f"{entry.engine}: {entry.model}" for entry in manifest.engines]
    return {
        "rai:dataCollection": " ".join(told["made"]),
        "rai:dataCollectionType": ["Synthetic data generation"],
        "rai:dataCollectionRawData": "; ".join(f"{r['kind']}: {r['name']}" for r in manifest.reference),
        "rai:dataPreprocessingProtocol": [told["made"][2]],
        "rai:dataAnnotationProtocol": told["annotation"],
        "rai:machineAnnotationTools": tools,
        "rai:dataBiases": told["biases"],
        "rai:dataLimitations": told["limits"],
        "rai:dataUseCases": told["intended"],
        "rai:dataSocialImpact": told["social_impact"],
        "rai:personalSensitiveInformation": [told["personal"]],
        "rai:dataReleaseMaintenancePlan": told["maintenance"],
    }


def _file(entry: FileEntry) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": entry.path,
        "name": entry.path,
        "contentUrl": entry.path,
        "contentSize": f"{entry.bytes} B",
        "encodingFormat": _ENCODINGS[entry.path.rpartition(".")[2]],
        "sha256": entry.sha256,
    }


def _record_set(folder: Path, file: DataFile) -> dict[str, Any]:
    """One view of one split, a field a column."""
    name = f"{file.view.name}-{file.split}"
    schema = pq.read_schema(folder / file.path)
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": f"{file.view.title}; split {file.split}",
        "field": list(_fields(name, file.path, file.view, schema)),
    }


def _fields(record_set: str, path: str, view: View, schema: pa.Schema) -> Iterator[dict[str, Any]]:
    for column in schema:
        name = f"{record_set}/{column.name}"
        field = {"@type": "cr:Field", "@id": name, "name": name, "description": view.columns[column.name]}
        if pa.types.is_list(column.type):  # messages: structs of role and content
            parts = [_sub_field(name, path, column.name, part.name) for part in column.type.value_type]
            yield {**field, "repeated": True, "subField": parts}
        else:
            yield {**field, "dataType": _data_type(column.type), "source": _source(path, column.name)}


def _sub_field(field: str, path: str, column: str, part: str) -> dict[str, Any]:
    name = f"{field}/{part}"
    source = {**_source(path, column), "transform": {"jsonPath": part}}
    return {"@type": "cr:Field", "@id": name, "name": name, "dataType": "sc:Text", "source": source}


def _source(path: str, column: str) -> dict[str, Any]:
    return {"fileObject": {"@id": path}, "extract": {"column": column}}


def _data_type(kind: pa.DataType) -> str:
    if pa.types.is_integer(kind):
        return "sc:Integer"
    if pa.types.is_floating(kind):
        return "sc:Float"
    return "sc:DateTime" if pa.types.is_timestamp(kind) else "sc:Text"


@cache
def _context() -> dict[str, Any]:
    """The JSON-LD context that the specification gives for 1.0."""
    text = (resources.files("medsynth_assets.release") / "croissant_context.json").read_text("utf-8")
    return dict(json.loads(text))
