"""Fine-tunes a causal language model with LoRA on data/, as config.yaml says: `python train.py`.

Loss is taken on the answer only. An example longer than `max_length` tokens is left out and told, never cut: a note without
its end would teach to stop early. The adapter, the tokenizer and metrics.json go to `output`.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import torch
import yaml
from datasets import Dataset, load_dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import SFTConfig, SFTTrainer

HERE = Path(__file__).resolve().parent
# for a base model without a chat template; it is saved with the adapter, so that a server uses the same
CHATML = (
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + eos_token + '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, default=HERE / "config.yaml")
    config = yaml.safe_load(parser.parse_args().config.read_text("utf-8"))

    tokenizer = tokenizer_of(config["base_model"])
    data = {name: examples(name, tokenizer, config["max_length"]) for name in ("train", "validation")}
    if not len(data["train"]):
        raise SystemExit(f"no example of data/train.jsonl fits into max_length {config['max_length']}; raise it")
    validation = data["validation"] if len(data["validation"]) else None

    trainer = SFTTrainer(
        model=AutoModelForCausalLM.from_pretrained(config["base_model"], dtype=precision()),
        args=arguments(config, has_validation=validation is not None),
        train_dataset=data["train"],
        eval_dataset=validation,
        peft_config=LoraConfig(task_type="CAUSAL_LM", **config["lora"]),
        processing_class=tokenizer,
    )
    result = trainer.train()
    trainer.save_model()
    tokenizer.save_pretrained(trainer.args.output_dir)
    metrics = {
        "examples": {name: len(rows) for name, rows in data.items()},
        "train": result.metrics,
        "validation": trainer.evaluate() if validation is not None else None,
        "losses": [step["loss"] for step in trainer.state.log_history if "loss" in step],
    }
    path = Path(trainer.args.output_dir) / "metrics.json"
    path.write_text(json.dumps(metrics, indent=2) + "\n", "utf-8")
    print(f"adapter and metrics: {path.parent}")


def tokenizer_of(base_model: str) -> Any:
    tokenizer = AutoTokenizer.from_pretrained(base_model)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    if tokenizer.chat_template is None:
        print("the base model has no chat template; ChatML's is used and saved with the adapter")
        tokenizer.chat_template = CHATML
    return tokenizer


def examples(name: str, tokenizer: Any, max_length: int) -> Dataset:
    """Prompt and completion in chat form, those that fit."""
    path = HERE / "data" / f"{name}.jsonl"
    if not path.stat().st_size:
        return Dataset.from_list([])
    rows = load_dataset("json", data_files=str(path), split="train")

    def fits(row: dict[str, Any]) -> bool:
        text = tokenizer.apply_chat_template(row["prompt"] + row["completion"], tokenize=False)
        return len(tokenizer(text, add_special_tokens=False)["input_ids"]) <= max_length

    fitting = rows.filter(fits)
    if len(fitting) < len(rows):
        print(
            f"{name}: {len(rows) - len(fitting)} of {len(rows)} examples are longer than {max_length} tokens, left out"
        )
    return fitting.select_columns(["prompt", "completion"])


def arguments(config: dict[str, Any], has_validation: bool) -> SFTConfig:
    return SFTConfig(
        output_dir=str(HERE / config["output"]),
        max_length=config["max_length"],
        seed=config["seed"],
        bf16=precision() is torch.bfloat16,
        completion_only_loss=True,
        eval_strategy="epoch" if has_validation else "no",
        save_strategy="epoch",
        report_to="none",
        **config["training"],
    )


def precision() -> torch.dtype:
    return torch.bfloat16 if torch.cuda.is_available() and torch.cuda.is_bf16_supported() else torch.float32


if __name__ == "__main__":
    main()
