"""README.md of a release: the dataset card, with the front matter by which `datasets.load_dataset` finds the files."""

from functools import cache
from importlib import resources
from typing import Any

import jinja2
import yaml

from medsynth_assets.lineage.formats.markdown import escaped
from medsynth_assets.release.data_files import DataFile
from medsynth_assets.release.describing import description
from medsynth_assets.release.facts import Facts
from medsynth_assets.release.manifest import Manifest
from medsynth_assets.release.splitting import Split
from medsynth_assets.release.views import PAIRS, VIEWS

_SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
)


def card(manifest: Manifest, facts: Facts) -> str:
    """The card. What comes from records or settings is escaped: it cannot bring markup of its own."""
    body = _template().render(manifest=manifest, facts=facts, views=VIEWS, told=description())
    return (
        f"---\n{yaml.safe_dump(_front_matter(manifest), sort_keys=False, allow_unicode=True, width=120)}---\n\n{body}\n"
    )


def _front_matter(manifest: Manifest) -> dict[str, Any]:
    """Fields as the Hugging Face hub defines them (docs: hub/datasets-cards, hub/datasets-manual-configuration)."""
    told = description()
    return {
        "pretty_name": f"{told['title']}, {manifest.name}",
        "license": told["license"],
        "language": [told["language"]],
        "multilinguality": ["monolingual"],
        "annotations_creators": ["machine-generated"],
        "language_creators": ["machine-generated"],
        "source_datasets": ["original"],
        "task_categories": told["task_categories"],
        "size_categories": [next((size for most, size in _SIZES if manifest.record_count < most), "n>10M")],
        "tags": ["medical", "synthetic", "soap-notes", "icd-10-cm"],
        "configs": [
            {
                "config_name": view.name,
                **({"default": True} if view is PAIRS else {}),
                "data_files": [
                    {"split": split, "path": DataFile(view, Split(split), "parquet").path} for split in manifest.splits
                ],
            }
            for view in VIEWS
        ],
    }


@cache
def _template() -> jinja2.Template:
    source = (resources.files("medsynth_assets.release") / "templates" / "card.md").read_text("utf-8")
    environment = jinja2.Environment(  # noqa: S701  Markdown, not HTML: escaped by the filter `plain`
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["plain"] = lambda value: escaped(str(value))
    return environment.from_string(source)
