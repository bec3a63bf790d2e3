"""`medsynth calls export`: the ledger of paid answers as a file for other programs."""

import json
import os
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import pyarrow as pa
import pyarrow.parquet as pq
import typer

from medsynth_assets.engines.stores import calls_of, ledger_name
from medsynth_assets.errors import UsageError
from medsynth_assets.settings import Settings, load_settings

calls = typer.Typer(help="The ledger: every answer of a paid engine.", no_args_is_help=True)

_ROWS_AT_ONCE = 5000
_COLUMNS = pa.schema(
    [
        *((name, pa.string()) for name in ("call_id", "request_hash", "record_id", "icd_code", "agent")),
        ("round", pa.int32()),
        ("attempt", pa.int32()),
        *((name, pa.string()) for name in ("recipe_id", "engine", "model", "prompt_version", "messages", "parameters")),
        *((name, pa.string()) for name in ("answer", "status", "error")),
        *((name, pa.int64()) for name in ("input_tokens", "output_tokens", "cached_tokens")),
        ("cost_usd", pa.float64()),
        ("latency_ms", pa.float64()),
        ("started_at", pa.timestamp("us", tz="UTC")),
    ]
)


@calls.command()
def export(out: Annotated[Path, typer.Option(help="A .parquet or .jsonl file; replaced where it is there.")]) -> None:
    """Every call in the ledger, with messages and answer, oldest first; also while runs are under way.

    \b
    Examples:
      medsynth calls export --out calls.parquet
      medsynth calls export --out calls.jsonl
    """
    write = _WRITERS.get(out.suffix)
    if write is None:
        raise UsageError(f"--out {out} ends in neither .parquet nor .jsonl")
    if not out.parent.is_dir():
        raise UsageError(f"no folder {out.parent} for --out; make it first")
    settings = load_settings()
    unfinished = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        count = write(unfinished, _rows(settings))
        unfinished.replace(out)
    except OSError as error:
        raise UsageError(f"cannot write {out}: {error.strerror or error}") from error
    finally:
        unfinished.unlink(missing_ok=True)
    print(f"{count} calls of {ledger_name(settings)} in {out}")


def _rows(settings: Settings) -> Iterator[dict[str, Any]]:
    for call in calls_of(settings):
        row = call._asdict()
        del row["from_ledger"]
        yield {**row, "agent": call.agent.value}


def _write_jsonl(path: Path, rows: Iterator[dict[str, Any]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, default=str, ensure_ascii=False) + "\n")
            count += 1
    return count


def _write_parquet(path: Path, rows: Iterator[dict[str, Any]]) -> int:
    """Messages and parameters are JSON texts, as in generation.calls."""
    count = 0
    with pq.ParquetWriter(path, _COLUMNS, compression="zstd") as writer:
        while some := list(islice(rows, _ROWS_AT_ONCE)):
            flat = [{**row, "messages": _json(row["messages"]), "parameters": _json(row["parameters"])} for row in some]
            writer.write_table(pa.Table.from_pylist(flat, schema=_COLUMNS))
            count += len(flat)
    return count


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)


_WRITERS: dict[str, Callable[[Path, Iterator[dict[str, Any]]], int]] = {
    ".jsonl": _write_jsonl,
    ".parquet": _write_parquet,
}
