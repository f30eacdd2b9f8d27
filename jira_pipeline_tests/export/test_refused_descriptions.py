"""A description that Jira refuses: the tables are the product, so nothing is created without them."""

import httpx
import pytest

from jira_pipeline.export.sending import suspect_in
from jira_pipeline.model.actions import action_text
from jira_pipeline.model.errors import DescriptionRefusedError, ErrorCategory
from jira_pipeline_tests.crash.export_world import ExportWorld
from jira_pipeline_tests.crash.sessions import document
from jira_pipeline_tests.export.whole_exports import set_rules, where
from jira_pipeline_tests.tables import each

LIMIT = "CONTENT_LIMIT_EXCEEDED"
ANSWERS = {
    "by field": {"errorMessages": [], "errors": {"description": LIMIT}},
    "as a message": {"errorMessages": [LIMIT], "errors": {}},
    "as invalid input": {"errorMessages": ["INVALID_INPUT"], "errors": {}},
}
TABLE = {
    "type": "table",
    "content": [
        {
            "type": "tableRow",
            "content": [
                {"type": "tableCell", "content": document(text)["content"]}
                for text in ("field_a_b", "*", "x")
            ],
        }
    ],
}
WITH_TABLE = {"type": "doc", "version": 1, "content": [*document("Short.")["content"], TABLE]}  # type: ignore[misc]


@pytest.mark.parametrize("body", ANSWERS.values(), ids=ANSWERS)
def test_a_refused_description_stops_the_export_before_any_issue_without_one(
    world: ExportWorld, body: object
) -> None:
    answer = httpx.Response(400, json=body)
    world.answering = where(lambda request: b'"description"' in request.read(), answer)

    with pytest.raises(DescriptionRefusedError) as caught:
        world.export()

    error = caught.value
    assert world.titles() == []
    assert (error.category, error.failed_at_ticket_number) == (ErrorCategory.ADMIN_REQUIRED, 2)
    refusal = next(iter((*body["errors"].values(), *body["errorMessages"])))  # type: ignore[index]
    assert refusal in error.message
    assert "ticket 2 (Create content type 2)" in error.message
    assert "bytes" in error.message
    assert [action_text(way).split()[0] for way in error.recovery_actions] == ["Correct", "Or"]
    assert "tickets skip site 2" in action_text(error.recovery_actions[1])


def test_the_export_goes_on_once_jira_takes_it(world: ExportWorld) -> None:
    set_rules(world, refused_fields={"description": LIMIT})
    with pytest.raises(DescriptionRefusedError):
        world.export()
    set_rules(world)

    world.export()

    assert world.violations() == []


@each(
    ("words", "suspect"),
    [
        ("Node tableRow is not allowed", "tableRow at /content/1/content/0 (“"),
        (LIMIT, "table at /content/1 (“"),
        ("The text is too long.", "table at /content/1 (“"),
        ("Sorry.", None),
    ],
)
def test_the_part_that_jira_may_mean_is_named_where_its_words_show_it(
    words: str, suspect: str | None
) -> None:
    found = suspect_in(WITH_TABLE, refusal=words)

    assert (found is None) == (suspect is None)
    assert (found or "").startswith(suspect or "")
