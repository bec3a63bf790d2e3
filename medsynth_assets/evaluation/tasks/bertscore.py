"""BERTScore, where the extra `bertscore` is installed and a model lies on this machine: nothing is fetched."""

import json
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

from medsynth_assets.errors import UsageError

_NO_LIMIT = 1_000_000  # tokens


class Bert(NamedTuple):
    """The model, by its folder, and the layer whose vectors are compared."""

    folder: Path
    layer: int

    @classmethod
    def of(cls, folder: Path, layer: int | None) -> "Bert":
        """Raises UsageError where the package or the model is not there. layer: the model's last but one where none is named."""
        try:
            version("bert-score")
        except PackageNotFoundError:
            raise UsageError(
                "BERTScore needs packages that are not installed; run: pip install 'medsynth-assets[bertscore]'"
            ) from None
        if not (folder / "config.json").is_file():
            raise UsageError(f"no model at {folder}; wanted the folder of a transformers model, with config.json")
        return cls(folder.resolve(), layer or _layers(folder) - 1 or 1)

    @property
    def how(self) -> str:
        return f"bert-score {version('bert-score')}, F1, {self.folder.name}, layer {self.layer}, mean of records"

    def scores(self, predicted: Sequence[str], references: Sequence[str]) -> list[float]:
        """F1 of each pair, without rescaling; 0 where nothing was written, which the package does not take."""
        from bert_score import BERTScorer

        scorer = BERTScorer(model_type=str(self.folder), num_layers=self.layer)
        if (
            scorer._tokenizer.model_max_length > _NO_LIMIT
        ):  # a tokenizer that does not say; the package cannot cut with that
            scorer._tokenizer.model_max_length = _positions(self.folder)
        written = [number for number, text in enumerate(predicted) if text.strip()]
        scores = [0.0] * len(predicted)
        if written:
            _, _, f1 = scorer.score([predicted[n] for n in written], [references[n] for n in written])
            for number, value in zip(written, f1, strict=True):
                scores[number] = float(value)
        return scores


def _layers(folder: Path) -> int:
    config = _config(folder)
    return int(config.get("num_hidden_layers") or config.get("n_layers") or config.get("n_layer") or 1)


def _positions(folder: Path) -> int:
    """Tokens that the model can take; RoBERTa's kind counts two more positions than it has tokens for."""
    config = _config(folder)
    return int(config.get("max_position_embeddings") or 512) - (2 if "roberta" in str(config.get("model_type")) else 0)


def _config(folder: Path) -> dict[str, Any]:
    config: dict[str, Any] = json.loads((folder / "config.json").read_text("utf-8"))
    return config
