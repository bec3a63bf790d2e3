"""A small warehouse with pairs to judge, and an endpoint where the judges sit."""

from tests.lineage.conftest import _audited, _generated, audited
from tests.scripted_openai.fixture import scripted_openai

__all__ = ["_audited", "_generated", "audited", "scripted_openai"]
