"""The dataset card: figures that are true, sentences that are fixed, nothing that a record could smuggle in."""

from pathlib import Path

import yaml

from medsynth_assets.release.card import card
from medsynth_assets.release.facts import count_facts
from tests.release.conftest import Releasing


def test_the_card_tells_counts_limits_and_root(releasing: Releasing, tmp_path: Path) -> None:
    """With front matter that names the Parquet files of every view and the default among them."""
    made = releasing("v1")
    _, front, body = (tmp_path / "v1" / "README.md").read_text("utf-8").split("---\n", 2)
    matter = yaml.safe_load(front)
    assert [config["config_name"] for config in matter["configs"]] == ["pairs", "dial2note", "note2dial", "medsynth"]
    assert [config.get("default") for config in matter["configs"]] == [True, None, None, None]
    for config in matter["configs"]:
        assert all((tmp_path / "v1" / file["path"]).is_file() for file in config["data_files"])
    assert matter["size_categories"] == ["n<1K"]
    for part in ("**6 pairs of 2 codes", "not medical advice", "not clinically validated", "| train | 4 | 2 |",
                 made.manifest.lineage_root, "offline"):  # fmt: skip
        assert part in body, part


def test_names_of_models_and_codes_stay_text(releasing: Releasing, tmp_path: Path) -> None:
    """A model that is called like markup is told, not obeyed."""
    made = releasing("v1")
    facts = count_facts(tmp_path / "v1")._replace(engines=[("openai", "<b>x</b> | **y** [z](w)", 6)])
    told = card(made.manifest, facts)
    assert "<b>" not in told
    assert r"\<b\>x\</b\> \| \*\*y\*\* \[z\]\(w\)" in told
