"""What the jury sits over: current pairs of the warehouse, and what each is compared with."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from medsynth_assets.errors import UsageError
from medsynth_assets.quality.pair_files import Row, read_pairs
from medsynth_assets.records.artifact import Artifact, Stage, Strategy
from medsynth_assets.records.identity import Slot, digest
from medsynth_assets.records.jury_verdict import text_id
from medsynth_assets.records.plan import SlotPlan
from medsynth_assets.warehouse.generation_store import artifacts, codes_wanted, heads, plans
from medsynth_assets.warehouse.jury_store import dialogues_by
from medsynth_assets.warehouse.opening import AnyWarehouse

_RELEASE_FILES = (".jsonl", ".parquet", ".csv")


class Other(NamedTuple):
    """Another dialogue for the same slot. id: of its artifact, or of its text where it is not of this warehouse."""

    id: str
    text: str


class Case(NamedTuple):
    """One record before the jury."""

    slot: Slot
    plan: SlotPlan
    note: Artifact
    dialogue: Artifact
    other: Other | None


def cases_of(warehouse: AnyWarehouse, codes: Sequence[str], sample: int, against: str, seed: int) -> list[Case]:
    """Current pairs of the codes (all, where none are given), at most `sample` of them (0: all), the same for the same seed.

    against: a strategy, or a file or folder of pairs with record ids; '' for nothing. Raises UsageError where there is
    nothing to judge, or nothing to compare with.
    """
    with warehouse.reading() as con:
        wanted = sorted(codes) or sorted(codes_wanted(con))
        standing = heads(con, wanted)
        dialogues = [head.artifact for (_, stage), head in standing.items() if stage is Stage.DIALOGUES]
        dialogues = _sampled(dialogues, sample, seed)
        notes = artifacts(con, [dialogue.parents[-1] for dialogue in dialogues])
        planned = plans(con, sorted({dialogue.slot.code for dialogue in dialogues}))
        rivals = _by_strategy(dialogues_by(con, against, list(notes))) if against in set(Strategy) else None
    if not dialogues:
        raise UsageError("there are no dialogues of these codes to judge; make some with: medsynth run --codes I10")
    filed = _filed(Path(against)) if against and rivals is None else {}
    found = []
    for dialogue in dialogues:
        note = notes[dialogue.parents[-1]]
        other = rivals.get(note.artifact_id) if rivals is not None else filed.get(dialogue.slot.record_id)
        is_another = other is not None and other.id != dialogue.artifact_id and other.text != dialogue.text
        plan = SlotPlan.model_validate(planned[dialogue.slot.record_id].content)
        found.append(Case(dialogue.slot, plan, note, dialogue, other if is_another else None))
    if against and not any(case.other for case in found):
        raise UsageError(
            f"none of these {len(found)} records has another dialogue in {against!r}; wanted a strategy"
            f" ({', '.join(Strategy)}) that also made them from the same notes, or a file with their record ids"
        )
    return found


def _sampled(dialogues: Sequence[Artifact], sample: int, seed: int) -> list[Artifact]:
    """By a hash of the record id, so that a larger sample holds the smaller one."""
    drawn = sorted(dialogues, key=lambda made: digest("jury-sample:1", seed, made.slot.record_id))
    return sorted(drawn[: sample or None], key=lambda made: made.slot)


def _by_strategy(made: Mapping[str, tuple[str, str]]) -> dict[str, Other]:
    return {note_id: Other(*other) for note_id, other in made.items()}


def _filed(path: Path) -> dict[str, Other]:
    """Dialogues by record id, of a file or of every file of a release."""
    files = sorted(f for f in path.rglob("*") if f.suffix in _RELEASE_FILES) if path.is_dir() else [path]
    rows = (row for file in files for row in read_pairs(file))
    return {row.id: Other(text_id(row.dialogue), row.dialogue) for row in rows if isinstance(row, Row) and row.dialogue}
