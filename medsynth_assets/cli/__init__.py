"""The command line: `medsynth`."""

from medsynth_assets.garbage import collect_rarely

collect_rarely()

from medsynth_assets.cli.app import main  # noqa: E402  what it imports is most of what there is to walk through

__all__ = ["main"]
