"""What a row belongs to."""

from dataclasses import replace

from jira_pipeline.drupal.any_kind.owner import BlankOwner, NamedOwner, owner_of
from jira_pipeline.drupal.comparisons import Comparison
from jira_pipeline.drupal.rules import counterparts_of
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.entities import EntityKind
from jira_pipeline_tests.drupal.made_rows import asked, style, style_of, ticket_of_list
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

DRAFT = {"Label": "Draft", "Machine name": "draft", "X": "a"}


def ticket_of(state: Row) -> TicketRows:
    return ticket_of_list(EntityKind.WORKFLOW_STATE, states=[state])


def test_a_row_leaves_blank_what_it_belongs_to() -> None:
    assert owner_of(ticket_of(DRAFT).head) == BlankOwner("Workflow")


def test_a_row_names_what_it_belongs_to_though_no_row_is_it() -> None:
    assert owner_of(ticket_of(DRAFT | {"Workflow": "Harbour"}).head) == NamedOwner()


def test_a_row_whose_sheet_has_no_column_for_it_leaves_nothing_blank() -> None:
    row = ticket_of(DRAFT).head
    cells = {column: cell for column, cell in row.cells.items() if column != "Workflow"}

    assert owner_of(replace(row, cells=cells)) == NamedOwner()


def test_an_image_style_belongs_to_nothing() -> None:
    assert owner_of(style_of(style())) == NamedOwner()


def test_the_owner_is_asked_for() -> None:
    assert asked("lists.blank", ticket_of(DRAFT)) == [
        "Which workflow does “Draft” have? Workflow is blank."
    ]
    assert asked("lists.blank", ticket_of(DRAFT | {"Workflow": "Harbour"})) == []


@each(
    ("kind", "column", "how"),
    [
        (EntityKind.WORKFLOW_STATE, "Workflow", Comparison.KEY),
        (EntityKind.BUNDLE, "Type", Comparison.KEY),
        (EntityKind.WORKFLOW, "Type", Comparison.NAME),
    ],
)
def test_a_row_is_found_on_a_site_by_its_owner_or_the_type_of_a_bundle(
    kind: EntityKind, column: str, how: Comparison
) -> None:
    assert counterparts_of(kind)[column].how is how
