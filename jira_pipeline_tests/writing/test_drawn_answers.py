"""What is drawn follows the schema: nothing that is new in it is left out."""

from copy import deepcopy
from typing import Any

from jira_pipeline.writing.models.conversation import answer_schema
from jira_pipeline_tests.writing.drawn_answers import (
    RequestedTicket,
    drawn_answers,
    features_in,
    features_of,
)

TICKET = RequestedTicket(
    rows={"role2": {"Name": "Editor", "X": "a"}},
    own_rows=["role2"],
    sentences=["s1", "q1"],
    open_cells=[],
    hours="1-3",
)


def _changed_schema() -> dict[str, Any]:
    """Return the schema with a new property of an object, a new variant and a new value."""
    schema: dict[str, Any] = deepcopy(answer_schema())
    risk = {
        "type": "object",
        "title": "Risk",
        "properties": {"text": {"type": "string"}, "is_high": {"type": "boolean"}},
    }
    schema["$defs"]["Risk"] = risk
    schema["properties"]["risks"] = {"type": "array", "items": {"$ref": "#/$defs/Risk"}}
    schema["$defs"]["WrittenSentence"]["properties"]["tone"] = {"enum": ["plain", "formal"]}
    schema["properties"]["story"]["anyOf"].append({"type": "integer"})
    return schema


def test_a_new_property_variant_and_value_of_the_schema_are_drawn() -> None:
    schema = _changed_schema()

    answers = drawn_answers(schema, TICKET)

    used = {feature for answer in answers for feature in features_in(answer, schema)}
    new = {
        ".risks[].is_high",
        ".story|2",
        ".checks[].tone=formal",
    }
    assert new <= used == features_of(schema)
    assert not new & features_of(answer_schema())
