"""The type of a workflow."""

from jira_pipeline.drupal.workflow.type import ContentModeration, OtherType, TypeFact, type_of
from jira_pipeline.model.entities import EntityKind
from jira_pipeline_tests.drupal.made_rows import ticket_of_list
from jira_pipeline_tests.tables import each


@each(
    ("cell", "fact"),
    [
        ("Content moderation", ContentModeration()),
        ("content_moderation", ContentModeration()),
        ("Shipping", OtherType()),
        ("", OtherType()),
    ],
)
def test_a_type_goes_by_label_or_machine_name(cell: str, fact: TypeFact) -> None:
    workflow = {"Label": "Plain", "Machine name": "plain", "X": "a", "Type": cell}

    assert type_of(ticket_of_list(EntityKind.WORKFLOW, workflows=[workflow]).head) == fact
