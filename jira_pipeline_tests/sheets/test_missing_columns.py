"""A usual column that is absent: what is lost by it, which header may be meant, how to map it."""

import csv
import io
from collections.abc import Mapping

import pytest
import yaml

from jira_pipeline.model.columns import MACHINE_NAME_COLUMN
from jira_pipeline.model.entities import SHEET_NAMES, EntityKind, FolderReading
from jira_pipeline.model.findings import Finding, Severity
from jira_pipeline.sheets.reading import missing_columns
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.folders import read_files
from jira_pipeline.sheets.reading.missing_columns import mapping_line, whole_line
from jira_pipeline.sheets.reading.sheet_kinds import SHEET_RULES, recognise, rule_of
from jira_pipeline_tests.sheets.made_readings import Reading
from jira_pipeline_tests.sheets.odd_owners import KITCHEN
from jira_pipeline_tests.tables import each

LOSSES = {rule.kind: rule.losses for rule in SHEET_RULES}
CODES = {
    *("status_column_missing", "column_missing", "usual_column_missing"),
    *("column_mapping_invalid", "column_mapping_unused"),
}
DISTINGUISHING = {
    EntityKind.BUNDLE: {"Name", "Type"},
    EntityKind.FIELD: set(),
    **{rule.kind: set(rule.signatures[0]) for rule in SHEET_RULES if len(rule.signatures) == 1},
    EntityKind.USER_ROLE: {"Name", "Machine name"},
}
"""Without these a sheet is of another kind."""


def columns_of(kind: EntityKind) -> list[str]:
    rule = rule_of(kind)
    assert rule is not None
    return list(
        dict.fromkeys([*rule.required, *rule.signatures[0], "Machine name", "X", *rule.losses])
    )


def sheet(columns: list[str], **cells: str) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerow([cells.get(column, "a") for column in columns])
    return text.getvalue().encode()


def read(
    content: bytes, *, columns: Mapping[str, str] | None = None, name: str = "sheet"
) -> FolderReading:
    return read_files({f"{name}.csv": content}, columns=columns or {})


def about_columns(reading: FolderReading) -> list[Finding]:
    return [finding for finding in reading.findings if finding.code in CODES]


@each("kind", [kind for kind in LOSSES if {"Notes", "Settings/notes"} & set(LOSSES[kind])])
@each("name", ["Notes", "Settings/notes"])
def test_either_column_for_notes_is_read_on_every_sheet(kind: EntityKind, name: str) -> None:
    columns = [c for c in columns_of(kind) if c not in {"Notes", "Settings/notes"}]

    reading = read(sheet([*columns, name], **{name: "Crop to the face"}), name=kind)

    assert about_columns(reading) == []
    assert {e.note for e in read_entities(reading.tables).entities} == {"Crop to the face"}


@each("header", ["Applies to", "This workflow applies to", "Bundles"])
def test_the_column_for_the_bundles_of_a_workflow_does_for_its_notes(header: str) -> None:
    columns = [c for c in columns_of(EntityKind.WORKFLOW) if c not in {"Notes", "Settings/notes"}]

    reading = read(sheet([*columns, header], **{header: "Quay, Pier"}), name="workflow")

    assert about_columns(reading) == []
    assert {e.cell("Applies to") for e in read_entities(reading.tables).entities} == {"Quay, Pier"}


@each("kind", LOSSES)
def test_a_sheet_with_its_usual_columns_gets_no_finding(kind: EntityKind) -> None:
    reading = read(sheet(columns_of(kind)), name=kind)

    assert [table.file.sheet for table in reading.tables] == [kind]
    assert about_columns(reading) == []


@each(("kind", "column"), [(kind, column) for kind, losses in LOSSES.items() for column in losses])
def test_a_missing_column_is_reported_with_what_is_lost(kind: EntityKind, column: str) -> None:
    reading = read(sheet([name for name in columns_of(kind) if name != column]), name=kind)

    (finding,) = about_columns(reading)
    assert (finding.code, finding.file, finding.line) == ("usual_column_missing", f"{kind}.csv", 1)
    assert finding.column == column
    assert f"lacks “{column}” ({LOSSES[kind][column]})." in finding.message


@each(
    ("kind", "column"),
    [
        (rule.kind, column)
        for rule in SHEET_RULES
        for column in rule.required
        if column not in {*DISTINGUISHING[rule.kind], MACHINE_NAME_COLUMN}
    ],
)
def test_a_column_nothing_works_without_is_an_error(kind: EntityKind, column: str) -> None:
    reading = read(sheet([name for name in columns_of(kind) if name != column]), name=kind)

    (finding,) = about_columns(reading)
    assert (finding.severity, finding.code) == (Severity.ERROR, "column_missing")
    assert finding.column == column


@each("kind", LOSSES)
def test_a_missing_status_is_a_warning_and_beside_an_unknown_column_an_error(
    kind: EntityKind,
) -> None:
    """`X` called `Status` made of a row to remove one to configure."""
    left = [name for name in columns_of(kind) if name != "X"]

    (alone,) = about_columns(read(sheet(left), name=kind))
    (blank,) = about_columns(read(sheet([*left, "Stage"], Stage=""), name=kind))
    (beside,) = about_columns(read(sheet([*left, "Stage"], Stage="live"), name=kind))

    assert (alone.severity, beside.severity) == (Severity.WARNING, Severity.ERROR)
    assert (blank.severity, blank.code) == (Severity.WARNING, "status_column_missing")
    assert alone.code == beside.code == "status_column_missing"
    assert "all are treated as approved" in alone.message
    assert "“Stage”" in beside.advice


def test_a_column_of_ones_own_words_for_what_is_built_later_is_no_status_but_asked_for() -> None:
    """Rows of the second phase were built like others; named as X, its words were no statuses."""
    left = [name for name in columns_of(EntityKind.FIELD) if name != "X"]
    first, second = (sheet([*left, "Phase"], Phase=cell).splitlines() for cell in ("1", "second"))

    (asked,) = about_columns(read(b"\n".join([*first, second[-1]])))
    (alone,) = about_columns(read(b"\n".join(first)))

    assert asked.severity is Severity.ERROR
    assert "add a column “X” with w in those rows" in asked.advice
    assert "`columns: {Phase: nothing}`" in asked.advice
    assert alone.severity is Severity.WARNING


@each("header, cell", [("Sprint", "S1"), ("Stage", "w"), ("Owner", ""), ("Migrated", "a")])
def test_people_say_that_a_header_is_nothing(header: str, cell: str) -> None:
    """The finding has the line; the column stays as one of their own."""
    columns = [name for name in columns_of(EntityKind.BUNDLE) if name not in {"X", "Migr."}]
    content = sheet([*columns, "Wireframe", header], Wireframe="https://x.test", **{header: cell})

    (asked, *_) = about_columns(read(content))
    said = read(content, columns={header: "nothing", "Wireframe": "nothing"})

    is_asked = asked.severity is Severity.ERROR
    assert is_asked == (header in {"Sprint", "Stage"})
    assert (f"{header}: nothing}}`" in asked.advice) == is_asked
    assert "Wireframe" not in asked.advice
    assert [f.severity for f in about_columns(said) if f.severity is Severity.ERROR] == []
    assert "column_mapping_unused" not in {f.code for f in said.findings}
    assert said.tables[0].columns[-1] == header
    assert said.unknown_headers == ()


@each("own", ["Migration", "Display plugin", "Workflow"])
@each("kind", [EntityKind.BUNDLE, EntityKind.USER_ROLE, EntityKind.VIEW])
def test_a_column_of_ones_own_makes_no_other_sheet_of_one_that_says_what_it_is(
    kind: EntityKind, own: str
) -> None:
    """A note on migrating made bundles and roles migrations, and every one of them was lost."""
    file = f"{SHEET_NAMES[kind]}.csv"

    assert recognise([*columns_of(kind), own], file=file) is rule_of(kind)


@each(
    ("kind", "column", "header", "cell"),
    [
        (EntityKind.FIELD, "Ref. bundle", "Referenced", "x"),
        (EntityKind.FIELD, "Ref. bundle", "Points at", "Bear (Content type)"),
        (EntityKind.FIELD, "Vals.", "Count of values", "1"),
        (EntityKind.FIELD, "Form widget", "Widgets", "Textfield"),
        (EntityKind.BUNDLE, "X", "Status", "w"),
        (EntityKind.BUNDLE, "X", "Build?", "d"),
        (EntityKind.BUNDLE, "Description", "Descriptions", "A place for boats"),
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

    assert f"“{header}”" in finding.message + finding.advice
    assert line.startswith("columns: {")
    assert about_columns(mapped) == []
    assert mapped.tables[0].columns == tuple(columns_of(kind))
    assert mapped.tables[0].headers == tuple(columns)


def test_a_very_long_header_is_not_compared() -> None:
    left = [name for name in columns_of(EntityKind.FIELD) if name != "Help text"]

    (finding,) = about_columns(read(sheet([*left, "Help text " * 3_000])))

    assert "Nearest" not in finding.message
    assert len(finding.advice) < 1_000


@each("header", ["a: b", "# no", "{x}", "No", "1", "Zähler, Art", 'say "x"', "it's", "*", "Req\\n"])
def test_a_line_is_valid_whatever_the_header(header: str) -> None:
    assert yaml.safe_load(mapping_line({header: "Req'd"})) == {"columns": {header: "Req'd"}}


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


def test_rows_too_many_to_try_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is worth comparing only with a trial took most of the time of a large specification."""
    worths: list[object] = []
    monkeypatch.setattr(missing_columns, "_faults", worths.append)
    monkeypatch.setattr(missing_columns, "_TRIED_ROWS_MAX", 0)
    left = [name for name in columns_of(EntityKind.FIELD) if name != "Bundle"]

    findings = about_columns(read(sheet([*left, "Budnle"])))

    assert findings
    assert worths == []


def test_what_all_sheets_lack_is_one_finding_that_names_columns() -> None:
    """Each sheet had one of its own, with a clause for each of its columns."""
    bundles = b"Name,Machine name,Type\nKiln,kiln,Content type\n"
    fields = b"Bundle,Field label,Machine name,Field type,Firing\nKiln,Heat,field_heat,Link,twice\n"

    found = about_columns(read_files({"Bundles.csv": bundles, "Fields.csv": fields}))

    (usual,) = [f for f in found if f.code == "usual_column_missing"]
    assert (usual.severity, usual.file) == (Severity.WARNING, "Bundles.csv")
    assert "Fields.csv lacks “Reused Field”, “Field group”, " in usual.message
    assert "(unknown headers: “Firing”)" in usual.message
    assert LOSSES[EntityKind.BUNDLE]["Layout"] not in usual.message


def test_what_all_sheets_lack_is_one_finding_with_one_line() -> None:
    """Every finding repeated the line of all, or held a placeholder."""
    reading = Reading(
        {
            "b.csv": KITCHEN.replace(",X", "").replace(",a,", ","),
            "f.csv": "Content type,Field label,Machine name,Field type,Requird\nRecipe,By,by,Link,y\n",
            "v.csv": "View name,Machine name,Descripton\nAll recipes,all,Lists all of them\n",
        }
    )

    status = reading.only("status_column_missing").message
    assert "3 sheets (“b.csv”, “f.csv”, “v.csv”) have no status column" in status
    advice = [finding.advice for finding in reading.findings]
    lines = [line for one in advice for line in one.split("`") if "columns:" in line]
    assert lines == ["columns: {Requird: Req'd, Descripton: Description}"]
    assert whole_line(advice) == lines[0]
    assert "HEADER" not in str(reading.findings)
