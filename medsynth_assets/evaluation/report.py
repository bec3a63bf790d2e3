"""The quality report: every dimension computed, the numbers as Parquet, the page as HTML."""

import datetime as dt
import io
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from medsynth_assets.errors import UsageError
from medsynth_assets.evaluation import reading
from medsynth_assets.evaluation.corpus import SUBJECTS, Corpus, accepted, of_file
from medsynth_assets.evaluation.cost import cost, weighing
from medsynth_assets.evaluation.diversity import Found as Diversity
from medsynth_assets.evaluation.diversity import diversity
from medsynth_assets.evaluation.embedding import embedder
from medsynth_assets.evaluation.fidelity import fidelity
from medsynth_assets.evaluation.figure import Dimension, Figure, frame
from medsynth_assets.evaluation.page import Listing, Page, headlines, quoted, render, side_by_side
from medsynth_assets.evaluation.privacy import Found as Privacy
from medsynth_assets.evaluation.privacy import privacy
from medsynth_assets.evaluation.realism import realism
from medsynth_assets.evaluation.sampling import limits
from medsynth_assets.evaluation.strategies import of_the_same_notes, strategies
from medsynth_assets.evaluation.utility import utility
from medsynth_assets.warehouse.opening import AnyWarehouse

_CHECKS = ("age_and_sex_fit_the_code", "code_matches_partition", "side_site_episode_agree")
_LISTED = 10
_TOO_FEW = (
    "This dataset has too few records to learn from: 30 labelled items of at least five notes, or codes, are wanted."
)
Tell = Callable[[str], None]


class Inputs(NamedTuple):
    """Corpora of anyone's beside the dataset: .jsonl, .csv or .parquet of pairs. None: not given. embeddings: whether meanings are
    compared, too."""

    reference: Path | None = None
    sensitive: Path | None = None
    holdout: Path | None = None
    embeddings: bool = False


class Report(NamedTuple):
    """What was written, and the numbers."""

    html: Path
    numbers: Path
    figures: list[Figure]

    @property
    def headlines(self) -> list[Figure]:
        return headlines(self.figures)


def make_report(
    warehouse: AnyWarehouse, inputs: Inputs, html: Path, numbers: Path, tell: Tell = lambda _: None
) -> Report:
    """Compute all figures and write both files. tell: hears the name of each dimension as it begins.

    Raises ConfigError where embeddings are wanted and not installed, UsageError for a corpus that cannot be read, a warehouse without pairs or without its marts, a folder that cannot be
    written to.
    """
    if inputs.holdout and not inputs.sensitive:
        raise UsageError("--holdout is held against the sensitive corpus; give that one, too: --sensitive FILE")
    embed = embedder() if inputs.embeddings else None
    reading.demand_marts(warehouse)
    chapter = reading.chapters(warehouse)
    reference, sensitive, holdout = (
        of_file(path, lambda code: chapter.get(code, "")) if path else None for path in inputs[:3]
    )
    synthetic = accepted(warehouse)
    figures: list[Figure] = []
    tell(Dimension.REALISM)
    figures += realism(synthetic, reference)
    tell(Dimension.DIVERSITY)
    varied = diversity(synthetic, reference, lambda codes: reading.scenarios_of(warehouse, codes), embed)
    figures += varied.figures
    tell(Dimension.FIDELITY)
    rates, failing = reading.check_rates(warehouse, _CHECKS), reading.failing_accepted(warehouse, _CHECKS)
    figures += fidelity(reading.encounters(warehouse), reading.planned(warehouse), rates, failing)
    tell(Dimension.PRIVACY)
    kept = privacy(synthetic, reading.prompt_texts(warehouse), sensitive, holdout)
    figures += kept.figures
    tell(Dimension.UTILITY)
    learned = list(utility(synthetic, reference))
    figures += learned
    tell(Dimension.COST)
    calls = reading.calls(warehouse)
    figures += cost(calls, synthetic.count)
    tell(Dimension.STRATEGIES)
    by_strategy = reading.dialogues_by_strategy(warehouse, int(limits()["pool"]))
    compared = list(strategies(by_strategy))
    figures += compared
    page = Page(
        title="Quality report",
        subtitle=_subtitle(synthetic, reference, sensitive, holdout),
        remarks={
            **_remarks(reference, sensitive, holdout),
            **({} if learned else {Dimension.UTILITY: [_TOO_FEW]}),
            Dimension.COST: [f"Shares are of {weighing(calls)}."],
            Dimension.STRATEGIES: [_compared(by_strategy)],
        },
        lists={
            Dimension.DIVERSITY: _of_diversity(varied),
            Dimension.PRIVACY: _of_privacy(kept),
            Dimension.STRATEGIES: [side_by_side(compared)],
        },
    )
    tell("page")
    _write(html, render(page, figures).encode())
    table = io.BytesIO()
    frame(figures).write_parquet(table)
    _write(numbers, table.getvalue())
    return Report(html, numbers, figures)


def _write(path: Path, body: bytes) -> None:
    """Whole or not at all: the file appears under its name when it is complete."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{path.name}.{os.getpid()}")
        unfinished.write_bytes(body)
        unfinished.replace(path)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}; give another --out") from error


def _subtitle(synthetic: Corpus, reference: Corpus | None, sensitive: Corpus | None, holdout: Corpus | None) -> str:
    day = dt.datetime.now(dt.UTC).strftime("%Y-%m-%d")
    beside = [
        f"{role} {side.name} ({side.count:,} pairs)"
        for role, side in (("reference", reference), ("sensitive", sensitive), ("holdout", holdout))
        if side
    ]
    return f"{synthetic.count:,} accepted pairs, {day} · {' · '.join(beside) or 'no reference corpus given'}"


def _remarks(reference: Corpus | None, sensitive: Corpus | None, holdout: Corpus | None) -> dict[Dimension, list[str]]:
    """What was not measured, said where it is missing."""
    said: dict[Dimension, list[str]] = {}
    if reference is None:
        missing = "No reference corpus was given (--reference FILE): "
        said[Dimension.REALISM] = [
            f"{missing}lengths and readability stand alone, distances and the classifier are left out."
        ]
        said[Dimension.DIVERSITY] = [f"{missing}nothing to compare with, coverage is left out."]
        said[Dimension.UTILITY] = [
            f"{missing}models are trained and tested inside this dataset. That says how learnable its labels are, nothing about real text."
        ]
    if sensitive is None:
        said[Dimension.PRIVACY] = [
            "No sensitive corpus was given (--sensitive FILE): only the prompts and the examples in them were searched."
        ]
    elif holdout is None:
        said[Dimension.PRIVACY] = [
            "No holdout was given (--holdout FILE): distances stand alone, membership is not tested."
        ]
    else:
        said[Dimension.PRIVACY] = [
            "The membership signal means something only where holdout and sensitive corpus are of one kind, say two random halves."
        ]
    return said


def _of_diversity(found: Diversity) -> list[Listing]:
    return [
        Listing(
            f"Most alike {subject}s",
            ("record", "and", "Jaccard index"),
            [(pair.one, pair.other, f"{pair.jaccard:.2f}") for pair in found.duplicates[subject][:_LISTED]],
        )
        for subject in SUBJECTS
    ]


def _of_privacy(found: Privacy) -> list[Listing]:
    overlaps = [
        Listing(
            f"Longest runs shared with {name}",
            ("record", "with", "words", "text"),
            [(o.id, o.other, str(o.word_count), quoted(o.text)) for o in listed[:_LISTED]],
        )
        for name, listed in found.overlaps.items()
    ]
    alike = [
        Listing(
            f"{subject.capitalize()}s most like one of the sensitive corpus",
            ("record", "and", "Jaccard index"),
            [(pair.one, pair.other, f"{pair.jaccard:.2f}") for pair in listed[:_LISTED]],
        )
        for subject, listed in found.duplicates.items()
    ]
    strings = Listing("Strings like identifiers", ("record", "in its", "string"), _top(found.identifiers))
    return [*overlaps, *alike, strings]


def _compared(by_strategy: Mapping[str, Sequence[reading.Told]]) -> str:
    if len(by_strategy) < 2:
        return (
            f"All dialogues were made by {' and '.join(by_strategy)}. To compare, make those of some codes in another way, too: "
            "MEDSYNTH_DIALOGUE_STRATEGY=notechat medsynth run --codes ...; scenarios and notes stay as they are."
        )
    sides = of_the_same_notes(by_strategy)
    if sides is by_strategy:
        return "No note has dialogues of each strategy: what differs here may be the notes."
    return f"Dialogues of the same {len(next(iter(sides.values()))):,} notes, current or superseded."


def _top(rows: Sequence[tuple[str, str, str]]) -> Sequence[Sequence[str]]:
    return rows[:_LISTED]
