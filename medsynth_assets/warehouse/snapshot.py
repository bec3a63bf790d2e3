"""A snapshot: the warehouse as it stands between two transactions, in a file of its own that may be held open all day.

A DuckDB file is copied while nobody writes, and held for no longer than the copy takes; where the file system shares blocks
(btrfs, XFS), that is next to nothing. A lake is read in one transaction and is in nobody's way. Only then is the copy opened,
compared with what was copied, and given its name, so that whoever has the snapshot before it open goes on reading that one.
"""

import contextlib
import time
import uuid
from pathlib import Path
from typing import NamedTuple

import duckdb

from medsynth_assets.errors import WarehouseError
from medsynth_assets.warehouse.copying import wal_of
from medsynth_assets.warehouse.file import attached
from medsynth_assets.warehouse.migrating import version_of
from medsynth_assets.warehouse.opening import AnyWarehouse

_NEWEST = "select batch_id, batch_hash from generation.batches order by batch_id desc limit 1"


class Snapshot(NamedTuple):
    """held_s: how long the warehouse was held for it. batch_id: the newest transaction in it; 0 where nothing was written."""

    path: Path
    batch_id: int
    size_bytes: int
    held_s: float


def take_snapshot(warehouse: AnyWarehouse, out: Path) -> Snapshot:
    """Copy the warehouse to `out`, replacing a snapshot that is there.

    Raises WarehouseError where there is no warehouse, where `out` is something else than a snapshot or is being written
    to, and where the disk does not take the copy; then `out` is as it was.
    """
    _refuse_what_is_no_snapshot(warehouse.path, out)
    draft = out.with_name(f".{out.name}.{uuid.uuid4().hex[:8]}")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        held_s, newest = _copy(warehouse, draft)
        _verify(draft, newest)
        draft.replace(out)
    except OSError as error:
        raise WarehouseError(
            f"cannot write the snapshot {out}: {error.strerror}; free some space or name another"
        ) from error
    finally:
        for left in (draft, wal_of(draft)):
            left.unlink(missing_ok=True)
    return Snapshot(out, newest[0], out.stat().st_size, held_s)


def _copy(warehouse: AnyWarehouse, draft: Path) -> tuple[float, tuple[int, str]]:
    """Seconds that it was held, and the newest batch in it."""
    with warehouse.reading() as con:
        began = time.monotonic()
        con.begin()
        newest = con.execute(_NEWEST).fetchone() or (0, "")
        warehouse.copy_out(con, draft)
        return time.monotonic() - began, (int(newest[0]), str(newest[1]))


def _verify(draft: Path, newest: tuple[int, str]) -> None:
    """Takes in the log and reads the copy; raises WarehouseError where it is not what was copied."""
    try:
        with contextlib.closing(attached(draft, read_only=False)) as con:
            con.execute("checkpoint")
            found = con.execute(_NEWEST).fetchone() or (0, "")
    except duckdb.Error as error:
        raise WarehouseError(f"the copy cannot be read: {str(error).splitlines()[0]}; is the disk full?") from error
    if found != newest:
        raise WarehouseError(f"the copy ends with batch {found[0]}, the warehouse with {newest[0]}; take it again")


def _refuse_what_is_no_snapshot(warehouse: Path, out: Path) -> None:
    if out.resolve() == warehouse.resolve():
        raise WarehouseError(f"{out} is the warehouse itself; name another file for the snapshot")
    if not out.exists():
        return
    if wal_of(out).exists():
        raise WarehouseError(
            f"{out} is being written to, or was when its writer died; open it once, or name another file"
        )
    try:
        with contextlib.closing(attached(out, read_only=True)) as con:
            is_ours = version_of(con) > 0
    except duckdb.Error:
        is_ours = False
    if not is_ours:
        raise WarehouseError(f"{out} is there and is no snapshot of a warehouse; name another file, or remove it")
