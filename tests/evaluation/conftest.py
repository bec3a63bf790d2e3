"""A small warehouse with pairs to judge, and an endpoint where the judges sit."""

from tests.lineage.conftest import _audited, _audited_lake, _generated, _generated_lake, audited
from tests.scripted_openai.fixture import scripted_openai

__all__ = ["_audited", "_audited_lake", "_generated", "_generated_lake", "audited", "scripted_openai"]
