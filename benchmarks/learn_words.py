"""Learns what words say of a fact, and what people say for charted ones.

    python -m benchmarks.learn_words --real ../shared/real_pairs

Writes medsynth_assets/quality/language/data/spoken_forms.tsv and rarity.tsv, from the pairs of charted and spoken text in the
clinical knowledge base and from MTS-Dialog train; no ACI-Bench pair is looked at, so that marks on those stay honest.

Spoken forms: IBM model 1 (Brown et al., Computational Linguistics 1993) both ways; the firmness of a pair of words is the
geometric mean of the two probabilities. Rarity: how few texts use a word, and how often a note's word is also said.
"""

import argparse
import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from medsynth_assets.data_files import read_yaml
from medsynth_assets.quality.language.lexicon import lexicon, rarity, spoken_forms, stop_stems
from medsynth_assets.quality.language.tokens import tokens

DATA = Path(__file__).resolve().parent.parent / "medsynth_assets/quality/language/data"
_SPOKEN_OF = (
    ("term", "plain"), ("term", "says"), ("finding", "aloud"), ("note", "aloud"), ("note", "says"), ("name", "plain"),
    ("name", "aloud"), ("purpose", "plain"), ("reason", "aloud"),
)  # fmt: skip
_ALTERNATIVE = re.compile(r"\[([^\[\]|]*)\|[^\[\]]*\]")
_MOST_WORDS = (14, 25)  # of a pair in the knowledge base: charted, spoken
_MOST_WORDS_MTS = (40, 80)
_ROUNDS = 8
_LEAST_COUNT, _LEAST_SPOKEN, _LEAST_CHARTED, _LEAST_RARITY = 1.0, 0.05, 0.02, 1.8
_SMOOTHING = 3  # notes, towards the share of all words that are said

Pairs = list[tuple[tuple[str, ...], tuple[str, ...]]]


def knowledge_pairs() -> Pairs:
    """Charted and spoken stems of every such pair of texts in the knowledge base."""
    found: set[tuple[tuple[str, ...], tuple[str, ...]]] = set()
    for path in sorted((resources.files("medsynth_assets.clinical") / "knowledge").iterdir(), key=lambda p: p.name):
        if path.name.endswith(".yaml"):
            for charted, spoken in _texts(read_yaml(path)):
                a, b = _stems(charted), _stems(spoken)
                if a and b and len(a) <= _MOST_WORDS[0] and len(b) <= _MOST_WORDS[1]:
                    found.add((a, b))
    return sorted(found)


def _texts(body: Any) -> Iterator[tuple[str, str]]:
    if isinstance(body, Mapping):
        for charted, spoken in _SPOKEN_OF:
            if charted in body and spoken in body:
                yield from ((str(a), str(b)) for a in _listed(body[charted]) for b in _listed(body[spoken]))
    if isinstance(body, Mapping | list):
        for value in body.values() if isinstance(body, Mapping) else body:
            yield from _texts(value)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _stems(text: str) -> tuple[str, ...]:
    plain = re.sub(r"\{[^}]*\}", "", _ALTERNATIVE.sub(r"\1", text))
    return tuple(t.stem for t in tokens(plain) if t.word[0].isalpha() and t.stem not in stop_stems())


def mts_rows(real: Path) -> list[Mapping[str, str]]:
    return [json.loads(line) for line in (real / "mts_dialog_train.jsonl").read_text("utf-8").splitlines()]


def mts_pairs(rows: Sequence[Mapping[str, str]]) -> Pairs:
    pairs = [(tuple(dict.fromkeys(_stems(r["note"]))), tuple(dict.fromkeys(_stems(r["dialogue"])))) for r in rows]
    return [(a, b) for a, b in pairs if len(a) <= _MOST_WORDS_MTS[0] and len(b) <= _MOST_WORDS_MTS[1]]


def translations(pairs: Pairs) -> tuple[dict[tuple[str, str], float], dict[tuple[str, str], float]]:
    """IBM model 1: the probability of the second word given the first, and expected counts, by (first, second)."""
    probability: dict[tuple[str, str], float] = {}
    counts: dict[tuple[str, str], float] = {}
    for round_ in range(_ROUNDS):
        counts, totals = defaultdict(float), defaultdict(float)
        for sources, targets in pairs:
            known = (*sources, "")
            for target in targets:
                weights = [probability.get((s, target), 1e-7) if round_ else 1.0 for s in known]
                total = sum(weights)
                for source, weight in zip(known, weights, strict=True):
                    counts[source, target] += weight / total
                    totals[source] += weight / total
        probability = {k: c / totals[k[0]] for k, c in counts.items() if c / totals[k[0]] > 1e-4}
    return probability, counts


def learn_spoken(pairs: Pairs) -> list[str]:
    charted_of, counts = translations([(spoken, charted) for charted, spoken in pairs])
    spoken_of, back = translations(pairs)
    rows = []
    for (spoken, charted), share in charted_of.items():
        other = spoken_of.get((charted, spoken), 0.0)
        firm = min(counts[spoken, charted], back.get((charted, spoken), 0.0)) >= _LEAST_COUNT
        likely = share >= _LEAST_SPOKEN and other >= _LEAST_CHARTED and rarity(spoken) >= _LEAST_RARITY
        if spoken and charted and spoken != charted and firm and likely:
            rows.append((charted, -round(math.sqrt(share * other), 2), spoken))
    return [f"{charted}\t{spoken}\t{-strength}" for charted, strength, spoken in sorted(rows)]


def learn_rarity(rows: Sequence[Mapping[str, str]]) -> list[str]:
    noted: Counter[str] = Counter()
    said: Counter[str] = Counter()
    used: Counter[str] = Counter()
    for row in rows:
        note, talk = tokens(row["note"]), tokens(row["dialogue"])
        heard = {t.stem for t in talk} | {sense.meaning for sense, _ in lexicon().heard(talk)}
        in_phrase = {
            t.stem for s in lexicon().charted(note) if heard & {s.meaning, *s.also} for t in note[s.first : s.last]
        }
        words = {t.stem for t in note if t.word[0].isalpha()}
        noted.update(words)
        said.update(w for w in words if w in heard or w in in_phrase or any(v in heard for v, _ in spoken_forms(w)))
        for text in (note, talk):
            used.update({t.stem for t in text if t.word[0].isalpha()})
    usual = sum(said.values()) / sum(noted.values())
    return [
        f"{word}\t{math.log(2 * len(rows) / used[word]):.1f}\t{(said[word] + _SMOOTHING * usual) / (noted[word] + _SMOOTHING):.2f}"
        for word in sorted(used)
        if used[word] > 1
    ]


def _write(name: str, comment: str, lines: Sequence[str]) -> None:
    by = "Written by a program: python -m benchmarks.learn_words"
    (DATA / name).write_text("\n".join([f"# {comment}", f"# {by}", *lines]) + "\n", "utf-8")
    print(f"{len(lines):,} lines in {name}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--real", type=Path, required=True, help="folder of the corpora")
    rows = mts_rows(parser.parse_args().real)
    _write(
        "spoken_forms.tsv",
        "charted stem, spoken stem, how firmly they go together (0 to 1). From the knowledge base and MTS-Dialog train (CC BY 4.0).",
        learn_spoken(knowledge_pairs() + mts_pairs(rows)),
    )
    _write(
        "rarity.tsv",
        "stem, log(texts / texts that use it), share of the notes with it whose dialogue says it. MTS-Dialog train (CC BY 4.0), counts only.",
        learn_rarity(rows),
    )


if __name__ == "__main__":
    main()
