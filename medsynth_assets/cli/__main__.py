"""`python -m medsynth_assets.cli`."""

from medsynth_assets.cli.app import main

main()
