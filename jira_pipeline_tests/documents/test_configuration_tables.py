"""The tables of a ticket: what folds, what moves, what is joined, and that nothing else happens."""

from dataclasses import replace

from jira_pipeline.documents.configuration_tables import (
    ConfigurationTable,
    TablePurpose,
    TableRow,
    source_lines_of,
    tables_of,
)
from jira_pipeline.documents.table_comparison import table_discrepancies
from jira_pipeline.kernel.entities import Status
from jira_pipeline.kernel.tickets import SourceLines
from jira_pipeline_tests.sheets.made_specifications import Row, bundle, field, group_titled, grouped
from jira_pipeline_tests.tables import each

STORY = bundle("Story", "story")
LABEL = "Story (Content type)"
TITLE = "Configure content type: Story"


def story_tables(*fields: Row) -> tuple[ConfigurationTable, ...]:
    """Tables of the one bundle with these fields."""
    return tables_of(group_titled(grouped(bundles=[STORY], fields=list(fields)), TITLE))


def workflow_tables(*transitions: Row) -> tuple[ConfigurationTable, ...]:
    """Tables of a workflow with these transitions."""
    common = {"Workflow": "Review", "Label": "Publish", "Machine name": "publish", "X": "a"}
    result = grouped(
        workflows=[{"Label": "Review", "Machine name": "review", "X": "a", "Type": "m"}],
        states=[{"Workflow": "Review", "Label": "Draft", "Machine name": "draft", "X": "a"}],
        transitions=[common | transition for transition in transitions],
    )
    return tables_of(result.groups[0])


def test_settings_are_one_transposed_row_without_blank_columns() -> None:
    settings = story_tables(field(LABEL, "field_a"))[0]

    assert settings == ConfigurationTable(
        title="Settings",
        file="bundles.csv",
        purpose=TablePurpose.SETTINGS,
        columns=("Name", "Machine name", "Type", "X"),
        rows=(TableRow(cells=("Story", "story", "Content type", "a"), lines=(2,), records=(2,)),),
        is_transposed=True,
    )


def test_each_status_has_a_table_of_its_own() -> None:
    tables = story_tables(
        field(LABEL, "field_a", "a"),
        field(LABEL, "field_b", "d"),
        field(LABEL, "field_c", "c"),
        field(LABEL, "field_d", "x"),
        field(LABEL, "field_e", "w"),
        field(LABEL, "field_f", ""),
    )

    rows = [(table.title, [line for row in table.rows for line in row.lines]) for table in tables]

    assert rows == [
        ("Settings", [2]),
        ("Fields to build (3)", [2, 4, 7]),
        ("Already there (1)", [5]),
        ("On hold, do not build (1)", [6]),
        ("Remove, if present (1)", [3]),
    ]
    assert tables[1].statuses == {Status.APPROVED, Status.CHANGED}


def test_a_column_with_one_value_is_stated_once_but_names_stay() -> None:
    table = story_tables(field(LABEL, "field_a"), field(LABEL, "field_a2"))[1]

    assert dict(table.same_for_all) == {
        "Bundle": LABEL,
        "Field type": "Text (plain)",
        "Req'd": "n",
        "Vals.": "1",
        "X": "a",
    }
    assert table.columns == ("Field label", "Machine name")


def test_long_sentences_of_a_wide_table_move_into_a_second_one() -> None:
    wide = {"Form widget": "Textfield", "Trns.": "n"}
    tables = story_tables(
        {**field(LABEL, "field_a"), **wide, "Help text": "<b>Long</b> " * 10},
        {**field(LABEL, "field_b", req="y"), **wide, "Vals.": "*", "Form widget": "Other"},
        {**field(LABEL, "field_c"), **wide, "Field type": "Link", "Settings/notes": "short"},
        {**field(LABEL, "field_d"), **wide, "Trns.": "y"},
    )

    rows, prose = tables[1:]

    assert "Help text" not in rows.columns
    assert "Settings/notes" not in rows.columns
    assert prose.purpose is TablePurpose.PROSE
    assert prose.title == "Fields to build: notes and help text (2 of 4)"
    assert prose.columns == ("Machine name", "Settings/notes", "Help text")
    assert [row.lines for row in prose.rows] == [(2,), (4,)]
    assert prose.rows[0].cells == ("field_a", "", ("<b>Long</b> " * 10).strip())


def test_sentences_without_an_informative_machine_name_are_keyed_by_label_too() -> None:
    wide = {"Form widget": "Textfield", "Trns.": "n", "Help text": "word " * 20}
    tables = story_tables(
        {**field(LABEL, "-"), **wide, "Field label": "Title"},
        {**field(LABEL, "field_b", req="y"), **wide, "Vals.": "*", "Form widget": "Other"},
        {**field(LABEL, "field_c"), "Field type": "Link", "Settings/notes": "short"},
    )

    assert tables[-1].columns == ("Field label", "Machine name", "Settings/notes", "Help text")


def test_sentences_of_a_narrow_table_stay_where_they_are() -> None:
    result = grouped(
        views=[{"View name": "Lists", "Machine name": "lists", "X": "a"}],
        displays=[
            {"View": "Lists", "Title": t, "Machine name": t, "X": "a", "Notes": f"{t} word " * 30}
            for t in ("one", "two")
        ],
    )

    tables = tables_of(result.groups[0])

    assert [table.title for table in tables] == ["Settings", "Displays to build (2)"]
    assert tables[1].columns == ("Title", "Machine name", "Notes")


def test_transitions_that_differ_in_one_column_are_one_row() -> None:
    table = workflow_tables(
        {"From state": "Draft", "To state": "Published"},
        {"From state": "Archived", "To state": "Published"},
        {"From state": "Draft", "To state": "Published", "Label": "Hide", "Machine name": "hide"},
    )[-1]

    from_place = table.columns.index("From state")

    assert table.title == "Transitions to build (2)"
    assert [(row.cells[from_place], row.lines) for row in table.rows] == [
        ("Draft, Archived", (2, 3)),
        ("Draft", (4,)),
    ]


@each("odd", [{"From state": "Draft, old"}, {"From state": ""}], ids=["comma", "blank"])
def test_a_cell_that_could_not_be_split_again_is_not_joined(odd: Row) -> None:
    table = workflow_tables({"From state": "Draft", "To state": "Published"}, odd)[-1]

    assert [row.lines for row in table.rows] == [(2,), (3,)]


def test_transitions_that_differ_in_two_columns_stay_apart() -> None:
    table = workflow_tables(
        {"From state": "Draft", "To state": "Published"},
        {"From state": "Archived", "To state": "Draft"},
    )[-1]

    assert [row.lines for row in table.rows] == [(2,), (3,)]


def test_tables_of_several_kinds_name_the_kind() -> None:
    titles = [table.title for table in workflow_tables({"X": "d"})]

    assert titles == ["Settings", "States to build (1)", "Transitions to remove, if present (1)"]


def test_what_goes_is_shown_whatever_the_status_of_its_rows() -> None:
    result = grouped(
        bundles=[bundle("Event", "event", x="d")],
        fields=[
            field("Event (Content type)", "field_a", "a"),
            field("Event (Content type)", "field_b", "w"),
        ],
    )

    tables = tables_of(result.groups[0])

    assert [table.title for table in tables] == [
        "Remove, if present (1)",
        "Fields that go with them (2)",
    ]


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
    """The table with another text in the first row."""
    place = table.columns.index(column)
    cells = (*table.rows[0].cells[:place], text, *table.rows[0].cells[place + 1 :])
    return with_first_row(table, replace(table.rows[0], cells=cells))


def with_lines(table: ConfigurationTable, lines: tuple[int, ...]) -> ConfigurationTable:
    """The table with the first row under other lines."""
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
