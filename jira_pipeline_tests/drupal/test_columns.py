"""Every column is declared once, for a kind of sheet there is."""

from itertools import chain

from jira_pipeline.drupal.columns import columns_for, columns_of, label_column_of
from jira_pipeline.model.columns import NOTE_COLUMNS, SILENT_COLUMNS, Role
from jira_pipeline.model.entities import EntityKind
from jira_pipeline.sheets.reading.sheet_kinds import SHEET_RULES, normalised
from jira_pipeline_tests.tables import each

KINDS = [rule.kind for rule in SHEET_RULES]


@each("kind", KINDS)
def test_a_sheet_has_one_column_that_names_its_rows(kind: EntityKind) -> None:
    labels = [column.name for column in columns_of(kind) if column.role is Role.LABEL]

    assert labels == [label_column_of(kind)]


@each("kind", KINDS)
def test_no_header_means_two_columns_of_one_sheet(kind: EntityKind) -> None:
    own = [column for column in columns_of(kind) if not column.is_shared]
    spellings = list(chain.from_iterable({*map(normalised, (c.name, *c.spellings))} for c in own))

    assert sorted(set(spellings)) == sorted(spellings)


def test_rooms_below_drupal_know_the_columns_of_notes_and_upkeep() -> None:
    """`model` names them itself: it cannot ask the sheets of `drupal`."""
    assert columns_for(Role.NOTE) == NOTE_COLUMNS
    assert {*columns_for(Role.UPKEEP)} == SILENT_COLUMNS


def test_what_cells_name_is_a_kind_of_entity() -> None:
    columns = chain.from_iterable(map(columns_of, KINDS))

    assert {column.names for column in columns if column.names} <= {*EntityKind}
