"""BERTScore with a model of this machine (slow; needs the extra `bertscore`)."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from medsynth_assets.errors import UsageError
from medsynth_assets.evaluation.tasks.bertscore import Bert

needs_package = pytest.mark.skipif(
    find_spec("bert_score") is None,
    reason="the extra `bertscore` is not installed; run: .venv/bin/python -m pip install -e '.[bertscore]'",
)


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    """The package, or else the model."""
    with pytest.raises(UsageError, match=r"not installed|no model at"):
        Bert.of(tmp_path, None)


@pytest.mark.slow
@needs_package
def test_texts_are_compared_by_a_model_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same text scores 1, another less, and no text nothing; the last layer but one is taken."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    _write_tiny_bert(tmp_path)
    bert = Bert.of(tmp_path, None)
    same, other, nothing = bert.scores(["a cough", "clear lungs", " "], ["a cough", "a cough", "a cough"])
    assert same == pytest.approx(1, abs=1e-5)
    assert nothing == 0 < other < same
    assert "layer 2" in bert.how


def _write_tiny_bert(folder: Path) -> None:
    from transformers import BertConfig, BertModel, BertTokenizerFast

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "cough", "clear", "lungs"]
    (folder / "vocab.txt").write_text("\n".join(words))
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(words), hidden_size=32, num_hidden_layers=3, num_attention_heads=2, intermediate_size=64
    )
    BertModel(config).save_pretrained(folder)
