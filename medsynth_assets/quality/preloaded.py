"""What every reading of a pair needs is loaded by importing this: in the process that worker processes are forked from."""

from medsynth_assets.clinical.knowledge import knowledge_base
from medsynth_assets.quality.summaries import summary

knowledge_base()
summary("Subjective:\nFeels well.", "[doctor]: Hello.\n[patient]: Hello.", {})
