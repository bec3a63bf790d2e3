"""The command line: `medsynth`."""

from medsynth_assets.cli.app import main

__all__ = ["main"]
