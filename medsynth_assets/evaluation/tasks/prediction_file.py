"""The file that predictions are gathered in: the shared task's CSV, a row as soon as it is answered."""

import csv
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from medsynth_assets.errors import UsageError
from medsynth_assets.evaluation.tasks.task import Task


class PredictionFile:
    """`texts` is what the file holds, by id. A row that a killed run left half written is let go; it is asked for again."""

    def __init__(self, path: Path, task: Task) -> None:
        self._path = path
        self._header = ["id", task.column]
        self.texts: dict[str, str] = {}
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists():
                self.texts = {name: text for name, text in self._whole_rows() if text.strip()}
            self._rewrite()
        except OSError as error:
            raise UsageError(f"cannot write {path}: {error.strerror}") from error

    def append(self, record_id: str, text: str) -> None:
        """On disk when this returns."""
        self.texts[record_id] = text
        with self._path.open("a", encoding="utf-8", newline="") as out:
            csv.writer(out).writerow([record_id, text])
            out.flush()
            os.fsync(out.fileno())

    def put_in_order(self, ids: Sequence[str]) -> None:
        """Rows of these ids first, in their order; the others stay behind them."""
        self.texts = {name: self.texts[name] for name in ids if name in self.texts} | self.texts
        self._rewrite()

    def _whole_rows(self) -> list[tuple[str, str]]:
        csv.field_size_limit(sys.maxsize)
        with self._path.open(encoding="utf-8", errors="replace", newline="") as lines:
            text = lines.read()
        rows = list(csv.reader(io.StringIO(text, newline="")))
        if rows and rows[0] != self._header:
            raise UsageError(
                f"{self._path} is there and has the columns {', '.join(rows[0])}; wanted {', '.join(self._header)}, or another --out"
            )
        if rows and (not text.endswith("\n") or text.count('"') % 2):
            rows.pop()  # the writer ends every row and closes every quote; this one it did not finish
        return [(row[0], row[1]) for row in rows[1:] if len(row) == len(self._header)]

    def _rewrite(self) -> None:
        beside = self._path.with_name(f"{self._path.name}.new")
        with beside.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(self._header)
            writer.writerows(self.texts.items())
        beside.replace(self._path)
