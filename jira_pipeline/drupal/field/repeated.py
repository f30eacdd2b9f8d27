"""A field that has several rows in the sheets: a bundle has each of its fields once.

Rows that say the same are one; of rows that differ only people know which one holds.

Source: Drupal core, `FieldConfig::id`: entity type, bundle and name of the field.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import fields_added
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.row_names import marked_subject, plain
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.model.columns import UPKEEP_COLUMNS
from jira_pipeline.model.entities import GONE, Entity
from jira_pipeline.model.entity_groups import EntityGroup


@dataclass(frozen=True, slots=True)
class DifferingRows:
    """Several rows of one field, not all of which say the same."""

    rows: tuple[Entity, ...]
    columns: tuple[str, ...]
    """The columns in which they differ."""


@dataclass(frozen=True, slots=True)
class OneRow:
    """The field has one row, or several that say the same."""


RepeatedFact: TypeAlias = DifferingRows | OneRow


def repeated_of(row: Entity, group: EntityGroup) -> RepeatedFact:
    """Read from the rows of a group whether a field has several rows that say different things.

    Columns of upkeep, such as who changed a row, do not count.
    """
    if not row.has_machine_name:
        return OneRow()
    rows = [member for member in group.members if member.key == row.key]
    rows = [member for member in rows if member.status not in GONE]
    columns = []
    for column in row.cells:
        texts = {member.cell(column) for member in rows}
        if len(texts) > 1 and column not in UPKEEP_COLUMNS:
            columns.append(column)
    if not columns:
        return OneRow()
    return DifferingRows(rows=tuple(rows), columns=tuple(columns))


# What follows from it.


def ask(row: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask which of several rows of one field is right, where they differ.

    `field_hull has 2 rows that differ in Label: which one is right?`
    """
    match repeated_of(row, rows.group):
        case DifferingRows() as differing:
            yield _question_on_rows(row, differing)
        case OneRow():
            return


def _question_on_rows(row: Entity, differing: DifferingRows) -> RowQuestion:
    """Return the question which row of a field is right, with the rows as choices."""
    return question_about(
        "bundles.repeated",
        row,
        "",
        [other for other in differing.rows if other is not row],
        choices=[_differing_cells(other, differing) for other in differing.rows],
        field=marked_subject(row),
        count=str(len(differing.rows)),
        columns=", ".join(differing.columns),
    )


def _differing_cells(row: Entity, differing: DifferingRows) -> str:
    """Quote the cells of a row in which it and the others of its field differ."""
    cells = [f"{column}: {plain(row.cell(column)) or 'blank'}" for column in differing.columns]
    return "; ".join(cells)


def facts(fields: TicketFields) -> Iterator[StatedFact]:
    """Yield of each new field whether it has rows that differ."""
    for row in fields.new:
        yield StatedFact(fact=repeated_of(row, fields.ticket.group), rows=(row,))


RULE = Rule(key="field.repeated", facts=facts, asked_rows=fields_added, ask=ask)
