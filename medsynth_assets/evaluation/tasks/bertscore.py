"""BERTScore, where the extra `bertscore` is installed and a model lies on this machine: nothing is fetched."""

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

from medsynth_assets.errors import UsageError


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
        """F1 of each pair, without rescaling."""
        from bert_score import BERTScorer

        scorer = BERTScorer(model_type=str(self.folder), num_layers=self.layer)
        _, _, f1 = scorer.score(list(predicted), list(references))
        return [float(value) for value in f1]


def _layers(folder: Path) -> int:
    import json

    config = json.loads((folder / "config.json").read_text("utf-8"))
    return int(config.get("num_hidden_layers") or config.get("n_layers") or config.get("n_layer") or 1)
