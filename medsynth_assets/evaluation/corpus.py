"""Corpora of pairs, read in chunks as often as a measure needs them: from the warehouse, or from a file of anyone's."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from medsynth_assets.errors import UsageError
from medsynth_assets.evaluation.sampling import Keyed, limits, lowest
from medsynth_assets.quality.pair_files import Row, read_pairs
from medsynth_assets.warehouse.opening import AnyWarehouse

SUBJECTS = ("note", "dialogue")
_CHUNK = 2_000  # pairs: about 15 MB of text


class Record(NamedTuple):
    """A pair. `code` and `chapter` are '' where they are not known, a text '' where there is none."""

    id: str
    note: str
    dialogue: str
    code: str = ""
    chapter: str = ""


@dataclass(frozen=True)
class Corpus:
    """A named set of pairs. `chunks` starts over each time it is called and holds one chunk in memory."""

    name: str
    chunks: Callable[[], Iterator[list[Record]]]

    def records(self) -> Iterator[Record]:
        for chunk in self.chunks():
            yield from chunk

    def texts(self, subject: str) -> Iterator[tuple[str, str]]:
        """Id and text of every record that has a note, or a dialogue."""
        for record in self.records():
            text = record.note if subject == "note" else record.dialogue
            if text:
                yield record.id, text

    @cached_property
    def count(self) -> int:
        return sum(len(chunk) for chunk in self.chunks())

    @cached_property
    def pool(self) -> list[Record]:
        """The sample that most measures look at, in the order of sampling."""
        return lowest((Keyed(record.id, record) for record in self.records()), int(limits()["pool"]))

    def pool_texts(self, subject: str) -> list[str]:
        """The notes, or dialogues, of the pool that are not empty."""
        found = (record.note if subject == "note" else record.dialogue for record in self.pool)
        return [text for text in found if text]


def accepted(warehouse: AnyWarehouse) -> Corpus:
    """The pairs of marts.pairs. The file is open while a chunk is read, and closed while it is worked on."""

    def chunks() -> Iterator[list[Record]]:
        start = 0
        while True:
            with warehouse.reading() as con:
                rows = con.execute(
                    "select record_id, note, dialogue, icd_code, coalesce(chapter, '') from marts.pairs "
                    "where rowid >= ? and rowid < ? order by rowid",
                    [start, start + _CHUNK],
                ).fetchall()
            if not rows:
                return
            yield [Record(*row) for row in rows]
            start += _CHUNK

    return Corpus("this dataset", chunks)


def of_file(path: Path, chapters: Callable[[str], str] = lambda _: "") -> Corpus:
    """The pairs of a .jsonl, .csv or .parquet, those lines left out that cannot be read.

    chapters: the ICD-10-CM chapter of a code. Raises UsageError for a file that is not there, of another kind, or without a pair.
    """
    rows = (row for row in read_pairs(path) if isinstance(row, Row))
    if next(rows, None) is None:
        raise UsageError(
            f"{path.name} has no line with a note or a dialogue; wanted id, note, dialogue and, if known, icd10"
        )

    def chunks() -> Iterator[list[Record]]:
        chunk: list[Record] = []
        for row in read_pairs(path):
            if isinstance(row, Row):
                code = row.icd10 or ""
                chunk.append(Record(row.id, row.note or "", row.dialogue or "", code, chapters(code) if code else ""))
            if len(chunk) == _CHUNK:
                yield chunk
                chunk = []
        if chunk:
            yield chunk

    return Corpus(path.name, chunks)
