"""Which files of a folder are read, which sheet each one is, and what is refused."""

import itertools
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.findings import Finding, Severity
from jira_pipeline.model.source_tables import FolderReading
from jira_pipeline.sheets.reading.limits import ReadingLimits
from jira_pipeline_tests.sheets.made_readings import read_files, read_folder
from jira_pipeline_tests.tables import each

ROLES = b"Name,Machine name,X\nKeeper,keeper,a\n"
NOTED_ROLES = b"Name,Machine name,X,Notes\nKeeper,keeper,a,\n"
STYLES = b"Style name,Machine name,X\nTiny,tiny,a\n"

HEADERS = {
    EntityKind.BUNDLE: "ID,Name,Machine name,X,Dev,QA,Description,Type,URL alias pattern",
    EntityKind.FIELD: "ID,Bundle,Field label,Machine name,X,Field type,Ref. bundle,Req'd,Vals.",
    EntityKind.VIEW: "ID,View name,Machine name,X,Base table,Status,Description",
    EntityKind.VIEW_DISPLAY: "ID,View,Title,Machine name,X,Display plugin,View ID",
    EntityKind.IMAGE_STYLE: "ID,Style name,Machine name,X,Notes",
    EntityKind.RESPONSIVE_IMAGE_STYLE: "ID,Responsive style,Machine Name,Fallback Style,X",
    EntityKind.VIEW_MODE: "ID,View Modes,Entity Type,X,Entities Used On",
    EntityKind.USER_ROLE: "ID,Name,Machine name,X,Notes",
    EntityKind.WORKFLOW: "ID,Label,Machine name,X,Type,Notes",
    EntityKind.WORKFLOW_STATE: "ID,Workflow,Label,Machine name,X,Notes",
    EntityKind.WORKFLOW_TRANSITION: "ID,Workflow,Label,Machine name,X,From state,To state",
    EntityKind.MIGRATION: "ID,Migration name,X,Notes",
    EntityKind.MIGRATION_MAPPING: "ID,Migration,X,Source field,Destination field,Process",
}

CALLED = {
    EntityKind.USER_ROLE: "Roles.csv",
    EntityKind.WORKFLOW: "Workflows.csv",
    EntityKind.WORKFLOW_STATE: "States.csv",
}
"""Sheets none of whose headers is of that kind alone are known by their names."""


def only(reading: FolderReading, code: str) -> Finding:
    (finding,) = [finding for finding in reading.findings if finding.code == code]
    return finding


def errors_of(reading: FolderReading) -> list[tuple[str | None, str]]:
    return [(f.file, f.code) for f in reading.findings if f.severity is Severity.ERROR]


def row_for(header: str) -> str:
    return ",".join(f"value {position}" for position in range(header.count(",") + 1))


@each("kind", HEADERS, ids=str)
@each(
    "change",
    [str, str.upper, str.lower, lambda h: h.replace(" ", "_"), lambda h: h.replace(".", "")],
    ids=["as it is", "upper case", "lower case", "underscores", "without dots"],
)
def test_each_sheet_is_recognised_by_its_headers(
    kind: EntityKind, change: Callable[[str], str]
) -> None:
    header = change(HEADERS[kind])

    name = CALLED.get(kind, "sheet.csv")
    reading = read_files({name: f"{header}\n{row_for(header)}\n".encode()})

    (table,) = reading.tables
    assert table.file.sheet is kind
    assert errors_of(reading) == []


def write(folder: Path, files: Mapping[str, bytes]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.mark.parametrize(
    ("files", "findings"),
    [
        ({}, ["error folder_empty None"]),
        (dict.fromkeys(("session.yaml", "README.md", ".DS_Store", ".hidden.csv"), b"any"), []),
        (
            {"spec.xlsm": b"PK", "brand.pdf": b"x"},
            ["error file_is_workbook spec.xlsm", "warning file_ignored brand.pdf"],
        ),
    ],
    ids=["nothing", "left alone", "named"],
)
def test_what_is_no_sheet_is_named_and_the_others_are_read(
    tmp_path: Path, files: Mapping[str, bytes], findings: list[str]
) -> None:
    roles = {"roles.CSV": NOTED_ROLES} if files else {}

    reading = read_folder(write(tmp_path, {**files, **roles}))

    assert [f"{f.severity} {f.code} {f.file}" for f in reading.findings] == findings
    assert [table.file.name for table in reading.tables] == [*roles]


def test_all_errors_of_all_files_are_listed_and_the_others_are_read(tmp_path: Path) -> None:
    files = {
        "empty.csv": b"",
        "large.csv": STYLES + b"x,x,a\n" * 500_000,
        "long.csv": STYLES + b"Big,big,a,extra\nHuge,huge,a,extra\n",
        "roles.csv": ROLES + b"Cl\0eaner,cleaner,a\n",
        "spec.numbers": b"PK",
    }

    reading = read_folder(write(tmp_path, files))

    assert errors_of(reading) == [
        ("empty.csv", "file_empty"),
        ("large.csv", "file_too_large"),
        ("long.csv", "row_long"),
        ("long.csv", "row_long"),
        ("roles.csv", "nul_character"),
        ("spec.numbers", "file_is_workbook"),
    ]
    message = only(reading, "file_too_large").message
    assert "3,000,038 bytes; the limit per sheet is 2,000,000" in message
    assert [table.file.name for table in reading.tables] == ["long.csv", "roles.csv"]


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    reading = read_folder(tmp_path / "nowhere")

    assert "nowhere" in only(reading, "folder_missing").message


def test_a_folder_within_it_is_named(tmp_path: Path) -> None:
    (write(tmp_path, {"roles.csv": NOTED_ROLES}) / "old").mkdir()

    finding = only(read_folder(tmp_path), "folder_ignored")

    assert (finding.severity, finding.file) == (Severity.WARNING, "old")


def test_a_link_or_a_pipe_is_refused_wherever_it_leads(tmp_path: Path) -> None:
    write(tmp_path, {"secret.csv": STYLES})
    folder = write(tmp_path / "sheets", {"roles.csv": ROLES})
    (folder / "out.csv").symlink_to(tmp_path / "secret.csv")
    (folder / "in.csv").symlink_to(folder / "roles.csv")
    (folder / "broken.csv").symlink_to(folder / "nothing")
    os.mkfifo(folder / "pipe.csv")

    reading = read_folder(folder)

    assert errors_of(reading) == [
        ("broken.csv", "file_is_link"),
        ("in.csv", "file_is_link"),
        ("out.csv", "file_is_link"),
        ("pipe.csv", "file_not_regular"),
    ]
    assert [table.file.name for table in reading.tables] == ["roles.csv"]


def test_26_files_are_refused_before_any_is_read(tmp_path: Path) -> None:
    reading = read_folder(write(tmp_path, {f"sheet{n}.csv": ROLES for n in range(26)}))

    assert errors_of(reading) == [(None, "too_many_files")]
    assert "26 sheets; the limit per session is 25" in reading.findings[0].message
    assert reading.tables == ()


def test_a_session_beyond_its_size_is_refused(tmp_path: Path) -> None:
    limits = ReadingLimits(session_max_bytes=len(ROLES) + len(STYLES) - 1)

    reading = read_folder(write(tmp_path, {"a.csv": ROLES, "b.csv": STYLES}), limits=limits)

    assert errors_of(reading) == [(None, "session_too_large")]
    assert reading.tables == ()


@each("quote", ["", '"'], ids=["a line", "an open quote"])
def test_two_hundred_thousand_columns_are_refused_before_they_are_compared(quote: str) -> None:
    """Every delimiter and sheet was tried on all of them: a hundred million calls."""
    calls = itertools.count()
    profiled = sys.getprofile()
    sys.setprofile(lambda *_: next(calls))
    try:
        reading = read_files({"Bears.csv": (quote + "a," * 200_000).encode()})
    finally:
        sys.setprofile(profiled)

    finding = only(reading, "too_many_columns")
    assert (finding.file, finding.line) == ("Bears.csv", 1)
    assert "200001 cells; at most 200 are read" in finding.message
    assert next(calls) < 2_000_000
