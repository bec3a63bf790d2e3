"""`python -m medsynth_assets.cli`."""

from medsynth_assets.cli import main

main()
