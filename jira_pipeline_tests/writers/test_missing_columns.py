"""The example with one column taken away: a cell that is not there is not called empty."""

import re
from dataclasses import replace
from functools import cache

import pytest

from jira_pipeline.domain.entities import EntityKind, SourceTable, Specification
from jira_pipeline.ports.writing import TicketBrief
from jira_pipeline.sources.drupal_csv import read_entities, read_folder
from jira_pipeline.sources.drupal_csv.sheets import STATUS_COLUMN
from jira_pipeline.sources.drupal_csv.usual_columns import LOSSES
from jira_pipeline.stages.entity_grouping.grouping import group_entities
from jira_pipeline.writers.template import TemplateWriter
from jira_pipeline_tests.writers.rubric import complaints_about
from jira_pipeline_tests.writers.sites import FOLDERS, briefs_of

NOTES = frozenset({"Notes", "Settings/notes"})
CASES = [
    pytest.param(kind, column, id=f"{kind.value} {column}")
    for kind, columns in LOSSES.items()
    for column in (STATUS_COLUMN, *columns)
    if kind is not EntityKind.MIGRATION
]


@cache
def example() -> tuple[SourceTable, ...]:
    return read_folder(FOLDERS["uhrenmuseum"]).tables


def without(table: SourceTable, column: str) -> SourceTable:
    place = table.columns.index(column)
    return replace(
        table,
        columns=(*table.columns[:place], *table.columns[place + 1 :]),
        headers=(),
        rows=tuple(
            replace(row, cells=(*row.cells[:place], *row.cells[place + 1 :])) for row in table.rows
        ),
    )


def claims_about(kind: EntityKind, column: str) -> re.Pattern[str]:
    """Words that would call a cell of a column empty, or say what it holds."""
    claims = [rf"\b{re.escape(column)} (?:of [^:]*? )?is (?:empty|blank)"]
    if column in NOTES:
        claims += [r"\bnotes? (?:is|are) empty", r"\bno note\b"]
    if kind is EntityKind.FIELD:
        claims += [rf"while {re.escape(column)} is"]
        claims += [r"\bno options are given"] if column in NOTES else []
        claims += [r"is optional: what"] if column == "Req'd" else []
        claims += [r"numbers of values"] if column == "Vals." else []
        claims += [r"widgets are as tabled"] if column == "Form widget" else []
    return re.compile("|".join(claims), re.IGNORECASE)


def briefs_without(kind: EntityKind, column: str) -> tuple[TicketBrief, ...]:
    tables = [without(table, column) if table.file.sheet is kind else table for table in example()]
    specification = Specification(entities=read_entities(tables).entities)
    return briefs_of(specification, group_entities(specification).groups)


def kinds_of(brief: TicketBrief) -> set[EntityKind]:
    return {row.kind for row in (*brief.group.heads, *brief.group.members)}


@pytest.mark.parametrize(("kind", "column"), CASES)
def test_no_ticket_calls_a_cell_of_a_missing_column_empty(kind: EntityKind, column: str) -> None:
    """Without `Ref. bundle` tickets called it empty in thirteen references."""
    writer = TemplateWriter()
    claims = claims_about(kind, column)

    found = {
        brief.group.title: (claimed, complaints)
        for brief in briefs_without(kind, column)
        for prose in [writer.write(brief)]
        for claimed in [claims.findall(str(prose)) if kind in kinds_of(brief) else []]
        for complaints in [complaints_about(brief, prose)]
        if claimed or complaints
    }

    assert found == {}
