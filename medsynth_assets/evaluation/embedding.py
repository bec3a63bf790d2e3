"""Texts as vectors of a small model that comes inside its Python package: for whoever wants the coverage of meanings beside that of
words. Optional; nothing is downloaded."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medsynth_assets.errors import ConfigError

Vectors = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vectors]
_WIDTH = 256  # the model that the package carries


def embedder() -> Embed:
    """WordLlama (token embeddings of Llama 2, distilled and pooled): texts to rows of length 1. Raises ConfigError without the extra."""
    try:
        import wordllama
    except ImportError as error:
        raise ConfigError(
            "embeddings want the package wordllama; it comes with: pip install 'medsynth-assets[embeddings]'"
        ) from error
    # the package looks for its own tokenizer in a cache folder; its own folder is laid out like one
    model = wordllama.WordLlama.load(dim=_WIDTH, cache_dir=Path(wordllama.__file__).parent, disable_download=True)

    def embed(texts: Sequence[str]) -> Vectors:
        return np.asarray(model.embed(list(texts), norm=True), dtype=np.float32)

    return embed
