"""What a release says of itself: the sentences of describing.yaml."""

from functools import cache
from importlib import resources
from typing import Any

from medsynth_assets.data_files import read_yaml


@cache
def description() -> dict[str, Any]:
    """Sentences by what they are about; long ones on one line."""
    body = read_yaml(resources.files("medsynth_assets.release") / "describing.yaml")
    return dict(body)
