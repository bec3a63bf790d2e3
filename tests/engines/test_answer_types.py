from typing import Any

import openai
import pytest

from medsynth_assets.records.dialogue import Dialogue
from medsynth_assets.records.note import Note
from medsynth_assets.records.scenario import Scenario
from medsynth_assets.records.verdict import Verdict


@pytest.mark.parametrize("answer_type", [Scenario, Verdict, Note, Dialogue])
def test_answer_types_are_strict_schemas_as_they_stand(answer_type: type[Any]) -> None:
    """The package `openai` would change nothing of them, so that it need not be imported for a run."""
    assert openai.pydantic_function_tool(answer_type)["function"]["parameters"] == answer_type.model_json_schema()
