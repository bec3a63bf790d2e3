"""The command line: `medsynth`."""

from medsynth_assets.garbage import collect_rarely

__all__ = ["main"]


def main() -> None:
    """The commands are imported here: a worker process imports the script that called this, and needs none of them."""
    collect_rarely()
    from medsynth_assets.cli.app import main as run

    run()
