"""The training recipe: what it holds, and that it trains (slow; needs the extra `train`)."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from medsynth_assets.cli.train_command import train
from medsynth_assets.errors import UsageError
from medsynth_assets.evaluation.tasks.references import Reference
from medsynth_assets.evaluation.tasks.task import Task, system_prompt
from tests.conftest import Place
from tests.evaluation.tasks.conftest import NOTE, PAIRS, TALK

NOTHING: dict[str, Any] = {"base_model": "", "system_prompt": None, "seed": None}


@pytest.fixture
def whole_release(tmp_path: Path) -> Path:
    """A release with all three splits, the training one larger."""
    rows = [{**PAIRS[n % 3], "id": f"I10/{n:03d}", "split": "train" if n > 5 else "validation"} for n in range(2, 26)]
    rows += PAIRS[:2]
    (tmp_path / "v1").mkdir()
    pl.DataFrame(rows).write_parquet(tmp_path / "v1" / "pairs.parquet")
    return tmp_path / "v1"


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("task", list(Task))
def test_examples_are_questions_as_predict_puts_them_with_their_answers(
    place: Place, whole_release: Path, tmp_path: Path, task: Task
) -> None:
    """Of the training and validation splits, and none of the test split."""
    out = tmp_path / "recipe"
    train(task=task.value, release=whole_release, out=out, **NOTHING)
    examples, held = lines(out / "data" / "train.jsonl"), lines(out / "data" / "validation.jsonl")
    assert (len(examples), len(held)) == (20, 4)
    reference = Reference("I10/006", NOTE, TALK)
    assert examples[0]["id"] == reference.id
    assert examples[0]["prompt"] == task.messages(reference, system_prompt(task))
    assert examples[0]["completion"] == [{"role": "assistant", "content": task.wanted(reference)}]
    asked = {row["id"] for row in PAIRS if row["split"] == "test"}
    assert not asked & {row["id"] for row in [*examples, *held]}


def test_the_recipe_says_what_was_chosen_and_is_never_written_over(
    place: Place, whole_release: Path, tmp_path: Path
) -> None:
    """A base model's name is data in YAML; an edited recipe stays."""
    out = tmp_path / "recipe"
    chosen = {**NOTHING, "base_model": 'my "model": #1', "seed": 7}
    train(task="dial2note", release=whole_release, out=out, **chosen)
    config = yaml.safe_load((out / "config.yaml").read_text())
    assert (config["base_model"], config["seed"]) == ('my "model": #1', 7)
    assert "medsynth predict --task dial2note" in (out / "README.md").read_text()
    compile((out / "train.py").read_text(), "train.py", "exec")
    with pytest.raises(UsageError, match="not empty"):
        train(task="dial2note", release=whole_release, out=out, **chosen)


def test_a_release_without_a_training_split_gives_no_recipe(place: Place, release: Path, tmp_path: Path) -> None:
    """Without validation there is one, and it is said."""
    train(task="dial2note", release=release, out=tmp_path / "recipe", **NOTHING)
    assert lines(tmp_path / "recipe" / "data" / "validation.jsonl") == []
    pl.read_parquet(release / "data" / "pairs.parquet").head(2).write_parquet(release / "data" / "pairs.parquet")
    with pytest.raises(UsageError, match="no split 'train'"):
        train(task="dial2note", release=release, out=tmp_path / "other", **NOTHING)


@pytest.mark.slow
@pytest.mark.skipif(
    not all(map(find_spec, ("torch", "trl", "peft", "transformers", "datasets", "accelerate"))),
    reason="the extra `train` is not installed; run: .venv/bin/python -m pip install -e '.[train]'",
)
@pytest.mark.parametrize("task", list(Task))
def test_the_recipe_trains_a_tiny_model_on_the_cpu(
    place: Place, whole_release: Path, tmp_path: Path, task: Task
) -> None:
    """Its train.py as written: the loss falls, the adapter has learned something, and the model with it answers."""
    base, out = tmp_path / "base", tmp_path / "recipe"
    _write_tiny_model(base)
    train(task=task.value, release=whole_release, out=out, **{**NOTHING, "base_model": str(base)})
    config = yaml.safe_load((out / "config.yaml").read_text())
    config["training"] |= {
        "max_steps": 30, "learning_rate": 0.02, "gradient_accumulation_steps": 1, "per_device_train_batch_size": 4,
        "warmup_steps": 0, "use_cpu": True,
    }  # fmt: skip
    (out / "config.yaml").write_text(yaml.safe_dump(config))
    done = subprocess.run(
        [sys.executable, "train.py"], cwd=out, capture_output=True, text=True, timeout=900, check=False,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": "", "HF_HOME": str(tmp_path / "hf")},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    metrics = json.loads((out / "adapter" / "metrics.json").read_text())
    assert metrics["examples"] == {"train": 20, "validation": 4}
    assert metrics["losses"][-1] < 0.8 * metrics["losses"][0]
    assert metrics["validation"]["eval_loss"] < metrics["losses"][0]
    _assert_that_it_answers(base, out / "adapter", task)


def _write_tiny_model(folder: Path) -> None:
    """Random weights, and a tokenizer trained on the pairs."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600, special_tokens=["<eos>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
    )
    tokenizer.train_from_iterator([row[name] for row in PAIRS for name in ("note", "dialogue")], trainer)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<eos>").save_pretrained(folder)
    config = LlamaConfig(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=64, intermediate_size=128, num_hidden_layers=2,
        num_attention_heads=4, max_position_embeddings=1024, initializer_range=0.2, eos_token_id=0, bos_token_id=0, pad_token_id=0,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)


def _assert_that_it_answers(base: Path, adapter: Path, task: Task) -> None:
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(adapter)
    messages = task.messages(Reference("x", NOTE, TALK), system_prompt(task))
    text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    asked = tokenizer(text, return_tensors="pt", add_special_tokens=False)
    model = AutoModelForCausalLM.from_pretrained(base)
    with torch.no_grad():
        before = model(**asked).logits[0, -1]
        trained = PeftModel.from_pretrained(model, adapter)
        after = trained(**asked).logits[0, -1]
    assert not torch.allclose(before, after)
    first = tokenizer(task.wanted(Reference("x", NOTE, TALK)), add_special_tokens=False)["input_ids"][0]
    assert after.log_softmax(-1)[first] > before.log_softmax(-1)[first]
