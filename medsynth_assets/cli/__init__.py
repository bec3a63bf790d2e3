"""The command line: `medsynth`."""

import gc

# What a command imports and reads at its start stays to its end: a million objects that the garbage collector, which starts at 700 new
# ones, would walk a dozen times before the first record.
gc.set_threshold(50_000, *gc.get_threshold()[1:])

from medsynth_assets.cli.app import main  # noqa: E402  what it imports is what this is about

__all__ = ["main"]
