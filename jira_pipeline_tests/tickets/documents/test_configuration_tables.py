"""The tables of a ticket: what folds, what moves, what is joined, and that nothing else happens."""

from dataclasses import replace

from jira_pipeline.model.tickets import SourceLines
from jira_pipeline.tickets.documents.adf_validation import table_discrepancies
from jira_pipeline.tickets.documents.configuration_tables import (
    ConfigurationTable,
    TableRow,
    source_lines_of,
    tables_of,
)
from jira_pipeline_tests.sheets.made_specifications import bundle, field, grouped

STORY = bundle("Story", "story")
LABEL = "Story (Content type)"


def test_source_lines_are_sorted_per_file_heads_first() -> None:
    result = grouped(bundles=[STORY], fields=[field(LABEL, "field_b"), field(LABEL, "field_a")])

    assert source_lines_of(result.groups[0]) == (
        SourceLines(file="bundles.csv", lines=(2,), records=(2,)),
        SourceLines(file="fields.csv", lines=(2, 3), records=(2, 3)),
    )


def test_the_proof_finds_a_missing_an_invented_and_a_misplaced_cell() -> None:
    group = grouped(
        bundles=[STORY], fields=[field(LABEL, "field_a"), field(LABEL, "field_b", "d")]
    ).groups[0]
    settings, building, removing = tables_of(group)
    without_settings = (building, removing)
    invented = (settings, with_cell(building, "Field label", "Made up"), removing)
    misplaced = (settings, with_lines(building, removing.rows[0].lines), removing)

    assert table_discrepancies(group, (settings, building, removing)) == ()
    assert len(table_discrepancies(group, without_settings)) == 4
    assert table_discrepancies(group, invented) == (
        f"fields.csv, line 2, column Field label: “A” is in no table of {group.key}",
        f"fields.csv, line 2, column Field label: “Made up” is in no row of {group.key}",
    )
    assert len(table_discrepancies(group, misplaced)) == len(building.columns)


def test_the_proof_tells_rows_of_one_line_apart() -> None:
    """Roles are columns of a matrix: writing their tickets failed."""
    group = grouped(
        bundles=[STORY], fields=[field(LABEL, "field_a"), field(LABEL, "field_b")]
    ).groups[0]
    first, second = group.members
    group = replace(group, members=(first, replace(second, source=first.source)))
    settings, building = tables_of(group)
    invented = with_cell(building, "Field label", "Made up")

    assert table_discrepancies(group, (settings, building)) == ()
    assert len(table_discrepancies(group, (settings, invented))) == 2


def test_the_proof_finds_a_part_that_no_line_of_a_joined_cell_states() -> None:
    result = grouped(
        workflows=[{"Label": "Review", "Machine name": "review", "X": "a", "Type": "m"}],
        transitions=[
            {
                "Workflow": "Review",
                "Label": "Publish",
                "Machine name": "publish",
                "X": "a",
                "From state": state,
            }
            for state in ("Draft", "Archived")
        ],
    )
    group = result.groups[0]
    settings, transitions = tables_of(group)

    altered = with_cell(transitions, "From state", "Draft, Archived, Gone")

    assert len(table_discrepancies(group, (settings, altered))) == 4


def with_cell(table: ConfigurationTable, column: str, text: str) -> ConfigurationTable:
    place = table.columns.index(column)
    cells = (*table.rows[0].cells[:place], text, *table.rows[0].cells[place + 1 :])
    return with_first_row(table, replace(table.rows[0], cells=cells))


def with_lines(table: ConfigurationTable, lines: tuple[int, ...]) -> ConfigurationTable:
    return with_first_row(table, replace(table.rows[0], lines=lines))


def with_first_row(table: ConfigurationTable, row: TableRow) -> ConfigurationTable:
    """The table with another first row."""
    return ConfigurationTable(
        title=table.title,
        file=table.file,
        purpose=table.purpose,
        columns=table.columns,
        rows=(row, *table.rows[1:]),
        same_for_all=table.same_for_all,
        statuses=table.statuses,
    )
