"""A usual column that is absent: what is lost by it, which header may be meant, how to map it."""

import csv
import io
from collections.abc import Mapping

import pytest
import yaml

from jira_pipeline.kernel.entities import EntityKind, FolderReading, ReferenceState
from jira_pipeline.kernel.findings import Finding, Severity
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.folders import read_files
from jira_pipeline.sheets.reading.missing_columns import mapping_line
from jira_pipeline.sheets.reading.sheets import SHEET_RULES, rule_of
from jira_pipeline.sheets.reading.usual_columns import LOSSES
from jira_pipeline_tests.sheets.made_workbooks import workbook_of
from jira_pipeline_tests.tables import each

CODES = {
    *("status_column_missing", "column_missing", "usual_column_missing"),
    *("column_mapping_invalid", "column_mapping_unused"),
}
DISTINGUISHING = {
    EntityKind.BUNDLE: {"Name", "Type"},
    **{rule.kind: set(rule.signatures[0]) for rule in SHEET_RULES if len(rule.signatures) == 1},
    EntityKind.USER_ROLE: {"Name", "Machine name"},
}
"""Without these a sheet is of another kind."""


def columns_of(kind: EntityKind) -> list[str]:
    """All columns a sheet usually has."""
    rule = rule_of(kind)
    assert rule is not None
    return list(
        dict.fromkeys([*rule.required, *rule.signatures[0], "Machine name", "X", *LOSSES[kind]])
    )


def sheet(columns: list[str], **cells: str) -> bytes:
    """Write a sheet with one row whose cells say `a` unless told."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerow([cells.get(column, "a") for column in columns])
    return text.getvalue().encode()


def read(content: bytes, *, columns: Mapping[str, str] | None = None) -> FolderReading:
    return read_files({"sheet.csv": content}, columns=columns or {})


def about_columns(reading: FolderReading) -> list[Finding]:
    return [finding for finding in reading.findings if finding.code in CODES]


@each("kind", [kind for kind in LOSSES if {"Notes", "Settings/notes"} & set(LOSSES[kind])])
@each("name", ["Notes", "Settings/notes"])
def test_either_column_for_notes_is_read_on_every_sheet(kind: EntityKind, name: str) -> None:
    columns = [c for c in columns_of(kind) if c not in {"Notes", "Settings/notes"}]

    reading = read(sheet([*columns, name], **{name: "Crop to the face"}))

    assert about_columns(reading) == []
    assert {e.note for e in read_entities(reading.tables).entities} == {"Crop to the face"}


@each("header", ["Applies to", "This workflow applies to", "Bundles"])
def test_the_column_for_the_bundles_of_a_workflow_does_for_its_notes(header: str) -> None:
    columns = [c for c in columns_of(EntityKind.WORKFLOW) if c not in {"Notes", "Settings/notes"}]

    reading = read(sheet([*columns, header], **{header: "Quay, Pier"}))

    assert about_columns(reading) == []
    assert {e.cell("Applies to") for e in read_entities(reading.tables).entities} == {"Quay, Pier"}


@each("kind", LOSSES)
def test_a_sheet_with_its_usual_columns_gets_no_finding(kind: EntityKind) -> None:
    reading = read(sheet(columns_of(kind)))

    assert [table.file.sheet for table in reading.tables] == [kind]
    assert about_columns(reading) == []


@pytest.mark.parametrize(
    ("kind", "column"),
    [
        pytest.param(kind, column, id=f"{kind.value} {column}")
        for kind, losses in LOSSES.items()
        for column in losses
    ],
)
def test_a_missing_column_is_reported_with_what_is_lost(kind: EntityKind, column: str) -> None:
    reading = read(sheet([name for name in columns_of(kind) if name != column]))

    (finding,) = about_columns(reading)
    assert (finding.code, finding.file, finding.line) == ("usual_column_missing", "sheet.csv", 1)
    assert finding.column == column
    assert f"Lost by it: {LOSSES[kind][column]} (“{column}”)." in finding.message


@pytest.mark.parametrize(
    ("kind", "column"),
    [
        pytest.param(rule.kind, column, id=f"{rule.kind.value} {column}")
        for rule in SHEET_RULES
        for column in rule.required
        if column not in DISTINGUISHING[rule.kind]
    ],
)
def test_a_column_nothing_works_without_is_an_error(kind: EntityKind, column: str) -> None:
    reading = read(sheet([name for name in columns_of(kind) if name != column]))

    (finding,) = about_columns(reading)
    assert (finding.severity, finding.code) == (Severity.ERROR, "column_missing")
    assert finding.column == column


@each("kind", LOSSES)
def test_a_missing_status_is_a_warning_and_beside_an_unknown_column_an_error(
    kind: EntityKind,
) -> None:
    """`X` called `Status` made of a row to remove one to configure."""
    left = [name for name in columns_of(kind) if name != "X"]

    (alone,) = about_columns(read(sheet(left)))
    (blank,) = about_columns(read(sheet([*left, "Stage"], Stage="")))
    (beside,) = about_columns(read(sheet([*left, "Stage"], Stage="live")))

    assert (alone.severity, beside.severity) == (Severity.WARNING, Severity.ERROR)
    assert (blank.severity, blank.code) == (Severity.WARNING, "status_column_missing")
    assert alone.code == beside.code == "status_column_missing"
    assert "all are read as approved" in alone.message
    assert "“Stage”" in beside.advice


@each(
    ("kind", "column", "header", "cell"),
    [
        (EntityKind.FIELD, "Ref. bundle", "References", "x"),
        (EntityKind.FIELD, "Ref. bundle", "Points at", "Bear (Content type)"),
        (EntityKind.FIELD, "Vals.", "No. of values", "1"),
        (EntityKind.FIELD, "Form widget", "Widgets", "Textfield"),
        (EntityKind.BUNDLE, "X", "Status", "w"),
        (EntityKind.BUNDLE, "X", "Build?", "d"),
        (EntityKind.BUNDLE, "Description", "Descriptions", "x"),
        (EntityKind.IMAGE_STYLE, "Notes", "Notes etc.", "x"),
    ],
)
def test_the_nearest_unknown_header_can_be_pasted(
    kind: EntityKind, column: str, header: str, cell: str
) -> None:
    """The line of the advice makes the finding go away."""
    columns = [header if name == column else name for name in columns_of(kind)]
    content = sheet(columns, **{header: cell})

    (finding,) = about_columns(read(content))
    line = finding.advice.split("`")[1]
    mapped = read(content, columns=yaml.safe_load(line)["columns"])

    assert f"Nearest unknown header: “{header}”." in finding.message
    assert line.startswith("columns: {")
    assert about_columns(mapped) == []
    assert mapped.tables[0].columns == tuple(columns_of(kind))
    assert mapped.tables[0].headers == tuple(columns)


def test_a_header_that_is_like_nothing_is_only_named() -> None:
    left = [name for name in columns_of(EntityKind.FIELD) if name != "Req'd"]

    (finding,) = about_columns(read(sheet([*left, "Owner"])))

    assert "Nearest" not in finding.message
    assert "`columns: {HEADER: Req'd}`" in finding.advice
    assert "“Owner”" in finding.advice


def test_the_line_holds_what_all_sheets_need_and_what_is_mapped_already() -> None:
    """A second `columns:` line would be refused."""
    bundles = [("Status" if n == "X" else n) for n in columns_of(EntityKind.BUNDLE)]
    fields = [("References" if n == "Ref. bundle" else n) for n in columns_of(EntityKind.FIELD)]
    roles = [("Bemerkung" if n == "Notes" else n) for n in columns_of(EntityKind.USER_ROLE)]
    files = {"b.csv": sheet(bundles), "f.csv": sheet(fields), "r.csv": sheet(roles)}

    findings = about_columns(read_files(files, columns={"Bemerkung": "Notes"}))

    assert {finding.advice.split("`")[1] for finding in findings} == {
        "columns: {Bemerkung: Notes, Status: X, References: Ref. bundle}"
    }
    assert [finding.file for finding in findings] == ["b.csv", "f.csv"]


def test_a_header_that_two_sheets_need_for_different_columns_is_mapped_for_each() -> None:
    fields = [("Extra notes" if n == "Settings/notes" else n) for n in columns_of(EntityKind.FIELD)]
    roles = [("Extra\nnotes" if n == "Notes" else n) for n in columns_of(EntityKind.USER_ROLE)]
    files = {"f.csv": sheet(fields), "r.csv": sheet(roles)}

    lines = {finding.advice.split("`")[1] for finding in about_columns(read_files(files))}

    (line,) = lines
    assert line == ("columns: {f.csv: {Extra notes: Settings/notes}, r.csv: {Extra notes: Notes}}")
    assert about_columns(read_files(files, columns=yaml.safe_load(line)["columns"])) == []


def test_all_usual_columns_that_a_sheet_lacks_are_one_finding() -> None:
    names = {"Vals.": "No. of values", "Form widget": "Widgets"}
    columns = [names.get(n, n) for n in columns_of(EntityKind.FIELD) if n != "Trns."]

    (finding,) = about_columns(read(sheet(columns)))

    assert "lacks 3 usual columns" in finding.message
    assert "“No. of values” for “Vals.”, “Widgets” for “Form widget”" in finding.message


def test_a_column_with_a_name_of_its_own_is_known_by_its_cells() -> None:
    columns = ["Muss" if n == "Req'd" else n for n in columns_of(EntityKind.FIELD)]

    (finding,) = about_columns(read(sheet(columns, Muss="n")))

    assert "Nearest unknown header: “Muss”." in finding.message


def test_a_very_long_header_is_not_compared() -> None:
    left = [name for name in columns_of(EntityKind.FIELD) if name != "Help text"]

    (finding,) = about_columns(read(sheet([*left, "Help text " * 3_000])))

    assert "Nearest" not in finding.message
    assert len(finding.advice) < 1_000


@each("header", ["a: b", "# no", "{x}", "No", "1", "Zähler, Art", 'say "x"', "it's", "*", "Req\\n"])
def test_a_line_is_valid_whatever_the_header(header: str) -> None:
    assert yaml.safe_load(mapping_line({header: "Req'd"})) == {"columns": {header: "Req'd"}}


def test_a_mapped_header_makes_a_sheet_known() -> None:
    """Without its distinguishing header a sheet is kept as custom."""
    columns = ["Nazwa" if n == "Field label" else n for n in columns_of(EntityKind.FIELD)]

    unmapped = read(sheet(columns))
    mapped = read(sheet(columns), columns={"nazwa": "Field label"})

    assert [table.file.sheet for table in unmapped.tables] == [EntityKind.CUSTOM]
    assert [table.file.sheet for table in mapped.tables] == [EntityKind.FIELD]
    assert about_columns(mapped) == []


def test_a_worksheet_is_mapped_like_a_file() -> None:
    header = ["Name", "Machine name", "Stage", "Notes"]
    content = workbook_of({"Roles": [header, ["Keeper", "keeper", "d", "Feeds."]]})

    reading = read_files({"Spec.xlsx": content}, columns={"Stage": "X"})

    assert about_columns(reading) == []
    (table,) = reading.tables
    assert table.columns == ("Name", "Machine name", "X", "Notes")


def test_a_header_that_a_sheet_knows_keeps_its_meaning() -> None:
    """`Status` is a column of views; elsewhere it may be the status of the row."""
    views = sheet(columns_of(EntityKind.VIEW))
    roles = sheet(["Name", "Machine name", "Status", "Notes"], Status="d")

    reading = read_files({"views.csv": views, "roles.csv": roles}, columns={"Status": "X"})

    columns = {table.file.sheet: table.columns for table in reading.tables}
    assert "Status" in columns[EntityKind.VIEW]
    assert columns[EntityKind.USER_ROLE] == ("Name", "Machine name", "X", "Notes")
    assert about_columns(reading) == []


def test_what_people_say_of_one_sheet_goes_before_what_the_header_is_elsewhere() -> None:
    """`Views: {Status: X}` was of no effect: `Status` is a column of views."""
    names = ["Status" if name == "X" else name for name in columns_of(EntityKind.VIEW)
             if name != "Status"]  # fmt: skip
    files = {"Views.csv": sheet(names, Status="d")}

    reading = read_files(files, columns={"Views": {"Status": "X"}})

    (table,) = reading.tables
    assert table.file.sheet is EntityKind.VIEW
    assert table.columns[names.index("Status")] == "X"
    assert not [f for f in about_columns(reading) if f.file == "session.yaml"]
    assert "Status" in read_files(files, columns={"Status": "X"}).tables[0].columns


@each(
    ("columns", "code", "severity"),
    [
        ({"Notes": "Ref bundel"}, "column_mapping_invalid", Severity.ERROR),
        ({"Notes": "Bundle", "notes.": "Type"}, "column_mapping_invalid", Severity.ERROR),
        ({"Nowhere": "Ref. bundle"}, "column_mapping_unused", Severity.WARNING),
        ({"Notes": "Name"}, "column_mapping_unused", Severity.WARNING),
    ],
    ids=["no such column", "one header twice", "no such header", "the column is there"],
)
def test_a_mapping_that_cannot_be_meant_is_reported(
    columns: Mapping[str, str], code: str, severity: Severity
) -> None:
    reading = read(sheet(["Name", "Machine name", "X", "Notes"]), columns=columns)

    cited = [f for f in about_columns(reading) if f.code == code and f.severity is severity]
    assert cited
    assert {finding.file for finding in cited} == {"session.yaml"}


def test_the_nearest_column_is_named_where_a_mapping_is_misspelt() -> None:
    reading = read(sheet(["Name", "Machine name", "X", "Notes"]), columns={"Refs": "Ref bundel"})

    (finding,) = [f for f in about_columns(reading) if f.code == "column_mapping_invalid"]
    assert "Nearest: Ref. bundle" in finding.message


def test_references_of_a_mapped_column_are_read() -> None:
    bundles = b"Name,Machine name,X,Type,Settings/notes\nBear,bear,a,Content type,\n"
    fields = (
        b"Bundle,Field label,Machine name,X,Field type,References\n"
        b"Bear (Content type),Den,field_den,a,Entity reference,Bear (Content type)\n"
    )

    reading = read_files(
        {"bundles.csv": bundles, "fields.csv": fields}, columns={"References": "Ref. bundle"}
    )

    (field,) = [e for e in read_entities(reading.tables).entities if e.kind is EntityKind.FIELD]
    assert [r.state for r in field.references] == [ReferenceState.RESOLVED]


@each(
    ("kind", "column"),
    [
        (EntityKind.BUNDLE, "Type"),
        (EntityKind.FIELD, "Field type"),
        (EntityKind.FIELD, "Bundle"),
        (EntityKind.WORKFLOW_TRANSITION, "Workflow"),
    ],
)
def test_no_row_is_blamed_for_a_column_that_is_missing(kind: EntityKind, column: str) -> None:
    """Each of a hundred fields was told to have no field type."""
    columns = [name for name in columns_of(kind) if name != column]
    tables = read(sheet(columns)).tables

    assert [f.code for f in read_entities(tables).findings if f.column == column] == []


def test_a_sheet_without_rows_lacks_nothing() -> None:
    assert about_columns(read(b"Name,Machine name,Stage\n,,\n")) == []


@each(("cell", "is_proposed"), [("x", True), ("Enabled", False)])
def test_a_header_over_no_status_is_not_proposed_as_that_of_the_status(
    cell: str, *, is_proposed: bool
) -> None:
    """Views that were there, or to be deleted, became tickets to build them."""
    columns = ["Status (X)" if c == "X" else c for c in columns_of(EntityKind.BUNDLE)]

    (finding,) = about_columns(read(sheet(columns, **{"Status (X)": cell})))

    assert ("Status (X): X" in finding.advice) is is_proposed
