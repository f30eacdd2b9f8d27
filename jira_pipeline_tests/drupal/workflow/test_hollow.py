"""A new workflow none of whose rows is built."""

from jira_pipeline.drupal.workflow.hollow import RowsBuilt, facts, rows_built
from jira_pipeline_tests.drupal.made_rows import asked, said_by
from jira_pipeline_tests.drupal.made_workflows import group_rows_of, state, ticket_of, workflow_of
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

LATER = [state("Waiting", "w")]


@each(
    ("states", "fact"),
    [
        (LATER, RowsBuilt.NONE),
        ([*LATER, state("Draft")], RowsBuilt.SOME),
        ([], RowsBuilt.SOME),
    ],
)
def test_the_statuses_of_rows_say_whether_any_is_built(states: list[Row], fact: RowsBuilt) -> None:
    assert rows_built(group_rows_of(ticket_of(states=states))) is fact


def test_whether_to_build_a_workflow_without_its_rows_is_asked() -> None:
    assert asked("lists.hollow", ticket_of(states=LATER)) == [
        "“Plain” is approved, but none of its states and transitions are: should it be built?"
    ]


def test_a_workflow_that_is_there_is_not_asked_about() -> None:
    assert asked("lists.hollow", ticket_of(states=LATER, status="c")) == []
    assert asked("lists.hollow", ticket_of()) == []


def test_whether_any_row_is_built_is_a_fact_of_the_workflow() -> None:
    assert said_by(facts(workflow_of(states=LATER))) == [(RowsBuilt.NONE, "plain")]
