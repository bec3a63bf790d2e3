"""`medsynth predict`, then `medsynth evaluate` of what it wrote."""

from pathlib import Path

from tests.conftest import Place
from tests.evaluation.tasks.conftest import release
from tests.scripted_openai.fixture import ScriptedOpenAI

__all__ = ["release"]


def test_a_split_is_predicted_and_can_be_evaluated(
    place: Place, release: Path, tmp_path: Path, scripted_openai: ScriptedOpenAI
) -> None:
    """The file goes from one command into the other as it is; a second run asks nothing."""
    out = tmp_path / "p.csv"
    arguments = (
        "predict", "--task", "note2dial", "--release", str(release), "--model", "my-lora", "--out", str(out),
        "--base-url", scripted_openai.url,
    )  # fmt: skip
    first = place.medsynth(*arguments, OPENAI_API_KEY="sk-test")
    assert first.returncode == 0, first.stderr
    assert "0 were there, 2 answered, 0 failed; 2 calls" in first.stderr
    assert out.read_text().startswith("id,generated_dialogue\nJ20.9/001,Answer for J20.9/001.")
    second = place.medsynth(*arguments, OPENAI_API_KEY="sk-test")
    assert "2 were there, 0 answered" in second.stderr
    assert len(scripted_openai.chats) == 2
    scored = place.medsynth(
        "evaluate", "--task", "note2dial", "--predictions", str(out), "--references", str(release)
    )  # fmt: skip
    assert scored.returncode == 0, scored.stderr
    assert "note2dial, 2 records" in scored.stdout
