"""How good the checks of note-dialogue pairs are: the table of marks, on real pairs, cross-validated by encounter.

    python -m benchmarks.pair_checks --real ../shared/real_pairs [--folds 5] [--show 10] [--only coverage|soap|speed]

Every pair is judged by models fitted without it (benchmarks.learn_coverage, benchmarks.learn_sections), all at the one
setting of thresholds that each fit gives. Word tables come from the knowledge base and MTS-Dialog, not from these pairs.
"""

import argparse
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.learn_coverage import fit, rows, similar
from benchmarks.learn_sections import background
from benchmarks.pair_faults import contradictions, deletions, insertions, style_edits
from benchmarks.real_pairs import Pair as RealPair
from benchmarks.real_pairs import folds, is_unsaid, labels, real_pairs
from benchmarks.soap_sections import soap_figures
from medsynth_assets.garbage import collect_rarely
from medsynth_assets.quality.facts.hearing import Turn
from medsynth_assets.quality.facts.judging import Model
from medsynth_assets.quality.pairs import Judged, Pair

_DELETED, _CHANGED, _INSERTED = 6, 3, 4  # a pair and kind


class Line(NamedTuple):
    measure: str
    mark: str
    value: str
    is_reached: bool


class Judge:
    """Pairs, each judged by the model of its fold."""

    def __init__(self, pairs: Sequence[RealPair], count: int) -> None:
        self.pairs = pairs
        self.read = labels()
        fold = folds(list(pairs), count)
        found = rows(pairs, self.read)
        models = [fit(found, {p.id for p in pairs if fold[p.id] == n}) for n in range(count)]
        self._model = {pair.id: models[fold[pair.id]] for pair in pairs}

    def model(self, pair: RealPair) -> Model:
        return self._model[pair.id]

    def judged(self, pair: RealPair, note: str | None = None, turns: Sequence[Turn] | None = None) -> Pair:
        return Pair(
            pair.note if note is None else note, tuple(pair.turns if turns is None else turns), model=self.model(pair)
        )


def coverage_lines(judge: Judge) -> Iterator[Line]:
    own = {pair.id: judge.judged(pair) for pair in judge.pairs}
    others = similar(judge.pairs)
    matched = [own[pair.id].coverage_frac for pair in judge.pairs]
    mismatched = [judge.judged(pair, turns=others[pair.id].turns).coverage_frac for pair in judge.pairs]
    auc = sum((m > o) + 0.5 * (m == o) for m in matched for o in mismatched) / (len(matched) * len(mismatched))
    limit = sorted(mismatched, reverse=True)[max(0, int(0.01 * len(mismatched)))]
    rate = sum(m > limit for m in matched) / len(matched)
    mean = sum(matched) / len(matched)
    yield _least("coverage: ROC AUC, own against most similar other dialogue", auc, 0.993)
    yield _least("coverage: true positives at 1% false positives", rate, 0.80)
    yield _least("coverage: mean of matched pairs", mean, 0.90)
    yield from _deletion_lines(judge, own)
    yield from _reading_lines(judge, own)
    yield from _contradiction_lines(judge, own)
    yield from _style_lines(judge, own)
    yield from _support_lines(judge, own)


def _deletion_lines(judge: Judge, own: dict[str, Pair]) -> Iterator[Line]:
    tried: Counter[str] = Counter()
    found: Counter[str] = Counter()
    right = wrong = 0
    for pair in judge.pairs:
        before = {_place(j) for j in own[pair.id].facts if not j.is_covered}
        said_by = {_place(j): set(j.turns) for j in own[pair.id].facts}
        for fault in deletions(pair, _DELETED, random.Random(pair.id)):
            if (fault.start, fault.end) in before:
                continue  # already flagged: nothing new can be seen
            now = {_place(j) for j in judge.judged(pair, turns=fault.turns).facts if not j.is_covered}
            tried[fault.kind] += 1
            found[fault.kind] += (fault.start, fault.end) in now
            if fault.kind == "deleted":
                new = now - before
                hit = {place for place in new if place == (fault.start, fault.end) or said_by[place] & fault.gone}
                right, wrong = right + len(hit), wrong + len(new - hit)
    yield _least("deletion: recall", found["deleted"] / tried["deleted"], 0.85, tried["deleted"])
    yield _least("deletion: precision of new flags", right / max(1, right + wrong), 0.97, right + wrong)
    for kind, mark in (("deleted-similar-left", 0.60), ("answer-deleted", 0.92)):
        yield _least(f"deletion: recall, {kind}", found[kind] / tried[kind], mark, tried[kind])


def _reading_lines(judge: Judge, own: dict[str, Pair]) -> Iterator[Line]:
    """Against what a person found by reading; spans in doubt count as unsaid."""
    tp = fp = fn = said = 0
    for pair in judge.pairs:
        if pair.id not in judge.read:
            continue
        for judged in own[pair.id].facts:
            unsaid = is_unsaid(judged.fact, judge.read[pair.id])
            said += not unsaid
            tp += unsaid and not judged.is_covered
            fn += unsaid and judged.is_covered
            fp += not unsaid and not judged.is_covered
    yield _most(f"reading of {len(judge.read)} pairs: false flags on said facts", fp / said, 0.04, said)
    yield _least("reading: F1 of unsaid facts", 2 * tp / max(1, 2 * tp + fp + fn), 0.70, tp + fn)


def _contradiction_lines(judge: Judge, own: dict[str, Pair]) -> Iterator[Line]:
    tried: Counter[str] = Counter()
    flagged: Counter[str] = Counter()
    named: Counter[str] = Counter()
    for pair in judge.pairs:
        covered = [(j.fact.start, j.fact.end) for j in own[pair.id].facts if j.is_covered]
        for fault in contradictions(pair, _CHANGED, random.Random(pair.id)):
            if not any(start <= fault.start < end for start, end in covered):
                continue
            tried[fault.kind] += 1
            changed = judge.judged(pair, note=fault.note)
            at = [j for j in changed.facts if j.fact.start < fault.end and fault.start < j.fact.end]
            flagged[fault.kind] += any(not j.is_covered for j in at)
            named[fault.kind] += any(j.contradicted for j in at)
    for kind in ("number", "dose", "drug", "side", "negation"):
        share, as_such = flagged[kind] / max(1, tried[kind]), named[kind] / max(1, tried[kind])
        line = _least(
            f"contradiction: {kind} changed in the note, flagged",
            share,
            0.90 if kind == "negation" else 0.95,
            tried[kind],
        )
        yield line._replace(value=f"{line.value}; {as_such:.2f} as a contradiction")
    total = sum(flagged.values()) / max(1, sum(tried.values()))
    yield _least("contradiction: all kinds", total, 0.95, sum(tried.values()))


def _style_lines(judge: Judge, own: dict[str, Pair]) -> Iterator[Line]:
    edits = changed = facts = new = 0
    for pair in judge.pairs:
        before = {_place(j) for j in own[pair.id].facts if not j.is_covered}
        for _, turns in style_edits(pair, random.Random(pair.id)):
            after = judge.judged(pair, turns=turns)
            flags = {_place(j) for j in after.facts if not j.is_covered} - before
            edits, changed = edits + 1, changed + bool(flags)
            facts, new = facts + len(after.facts), new + len(flags)
    line = _most("style only: facts newly flagged", new / facts, 0.01, facts)
    yield line._replace(value=f"{line.value}; {changed / edits:.2f} of whole-dialogue edits flag any")


def _support_lines(judge: Judge, own: dict[str, Pair]) -> Iterator[Line]:
    tried = found = 0
    for pair in judge.pairs:
        for at, turns in insertions(pair, _INSERTED, random.Random(pair.id)):
            tried += 1
            found += any(u.turn == at for u in judge.judged(pair, turns=turns).unsupported)
    flags = sum(len(own[pair.id].unsupported) for pair in judge.pairs) / len(judge.pairs)
    yield _least("support: inserted statement found", found / tried, 0.90, tried)
    yield _most("support: unsupported flags an untouched pair", flags, 1.0)


def _place(judged: Judged) -> tuple[int, int]:
    return judged.fact.start, judged.fact.end


def soap_lines(pairs: Sequence[RealPair], real: Path, count: int, show: int) -> Iterator[Line]:
    figures = soap_figures(pairs, background(real), count)
    line = _least("SOAP: section of a sentence, within its note", figures.sentence, 0.90)
    yield line._replace(value=f"{line.value}; {figures.sentence_alone:.3f} of a sentence alone")
    yield _least("SOAP: missing, empty, out of order: recall", figures.structure_recall, 1.0)
    yield _most("SOAP: the same on clean notes: false alarms", float(figures.structure_false), 0.0)
    for name, share in figures.moved_recall.items():
        yield _least(f"SOAP: moved {name}: recall", share, 0.95)
    yield _most("SOAP: misplaced flags a clean note", figures.false_misplaced, 0.2)
    for pair_id, fault in figures.examples[:show]:
        print(f"  false misplaced {pair_id}: {fault.section}, belongs to {fault.belongs}: {fault.text[:100]}")


def speed_lines(pairs: Sequence[RealPair]) -> Iterator[Line]:
    _everything(pairs[0])  # tables are loaded once
    start = time.process_time()
    for pair in pairs:
        _everything(pair)
    yield _least("speed: pairs a second, one core, all five checks", len(pairs) / (time.process_time() - start), 30)


def _everything(pair: RealPair) -> None:
    whole = Pair(pair.note, pair.turns)
    _ = whole.facts, whole.unsupported, whole.soap, whole.form


def _least(measure: str, value: float, mark: float, count: int | None = None) -> Line:
    return Line(measure, f">= {mark:g}", _shown(value, count), value >= mark)


def _most(measure: str, value: float, mark: float, count: int | None = None) -> Line:
    return Line(measure, f"<= {mark:g}", _shown(value, count), value <= mark)


def _shown(value: float, count: int | None) -> str:
    return f"{value:.3f}" if count is None else f"{value:.3f} (n={count})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--real", type=Path, help="folder of the corpora; without it there is nothing to measure on")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--show", type=int, default=0, help="false alarms to print")
    parser.add_argument("--only", choices=["coverage", "soap", "speed"])
    arguments = parser.parse_args()
    if not arguments.real or not arguments.real.exists():
        print("skipped: no corpus given (--real)")
        return
    collect_rarely()  # as the processes do that judge pairs
    pairs = real_pairs(arguments.real)
    lines: list[Line] = []
    if arguments.only in (None, "speed"):  # first, while nothing is kept of any turn or sentence
        lines += speed_lines(pairs)
    if arguments.only in (None, "coverage"):
        lines += coverage_lines(Judge(pairs, arguments.folds))
    if arguments.only in (None, "soap"):
        lines += soap_lines(pairs, arguments.real, arguments.folds, arguments.show)
    print(f"{'measure':<62} {'mark':>9}  {'':<4} value")
    for line in lines:
        print(f"{line.measure:<62} {line.mark:>9}  {'ok' if line.is_reached else 'miss':<4} {line.value}")


if __name__ == "__main__":
    main()
