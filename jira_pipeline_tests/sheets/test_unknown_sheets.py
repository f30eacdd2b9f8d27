"""Headers nobody knows: what they may mean is proposed by the cells below them, and never read."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path

import yaml

from jira_pipeline.kernel.entities import EntityKind, FolderReading
from jira_pipeline.kernel.findings import Finding, Severity
from jira_pipeline.sheets.reading.folders import read_files
from jira_pipeline_tests.tables import each

EXAMPLES = sorted(p for p in Path("examples").resolve().iterdir() if p.is_dir())
ROLES = b"Name,Machine name,X\nKeeper,keeper,a\n"
FIELDS = (
    b"Wozu,Wie,Kennwort,Stand,Sorte,Wohin,Muss,Wieviele,Hilfe?\n"
    b"Den (Content type),Depth,field_depth,a,Number (integer),,y,1,In metres.\n"
    b"Den (Content type),Bears,field_bears,w,Entity reference,Bear (Content type),n,*,\n"
    b"Bear (Content type),Born on,field_born,a,Date,,n,1,The day the keeper wrote down.\n"
)
BUNDLES = {"Den": "Content type", "Bear": "Content type", "Stone": "Vocabulary"}


def nobody_knows(header: str) -> str:
    return f"Zz{header.encode().hex()}"


def renamed(reading: FolderReading) -> dict[str, bytes]:
    """Write the sheets of an example below headers that nobody knows, and names that say nothing."""
    files = {}
    for number, table in enumerate(reading.tables):
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(map(nobody_knows, table.columns))
        writer.writerows(row.cells for row in table.rows)
        files[f"{number:02}.csv"] = text.getvalue().encode()
    return files


def line_of(reading: FolderReading) -> dict[str, str | Mapping[str, str]]:
    """The line to paste into `session.yaml`."""
    (finding,) = [f for f in reading.findings if f.code == "columns_proposed"]
    columns = yaml.safe_load(finding.advice.split("`")[1])["columns"]
    assert isinstance(columns, dict)
    return columns


def unknown_of(reading: FolderReading) -> list[Finding]:
    return [finding for finding in reading.findings if finding.code == "sheet_unknown"]


@each("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_no_proposal_is_wrong_and_the_line_makes_the_sheets_known(folder: Path) -> None:
    known = read_files({path.name: path.read_bytes() for path in folder.glob("*.csv")})
    files = renamed(known)

    reading = read_files(files)
    mapped = read_files(files, columns=line_of(reading))

    proposed = {one.header: one.proposed for one in reading.unknown_headers if one.proposed}
    assert proposed == {nobody_knows(column): column for column in proposed.values()}
    sheets = [table.file.sheet for table in known.tables]
    by_name = {table.file.name: table.file.sheet for table in mapped.tables}
    found = {name: kind for name, kind in by_name.items() if kind is not EntityKind.CUSTOM}
    assert found == {name: sheets[int(name[:2])] for name in found}
    assert {EntityKind.BUNDLE, EntityKind.FIELD} <= set(found.values())


def test_a_folder_in_which_no_sheet_is_known_is_refused_with_what_it_may_be() -> None:
    """704 rows became two tickets, `valid, ready for review`."""
    reading = read_files({"a.csv": FIELDS})

    (finding,) = unknown_of(reading)
    assert finding == reading.findings[0]
    assert finding.severity is Severity.ERROR
    assert "it is the sheet of fields" in finding.message
    assert "“Kennwort” = Machine name" in finding.message
    assert line_of(reading) == {
        "Wozu": "Bundle",
        "Wie": "Field label",
        "Kennwort": "Machine name",
        "Stand": "X",
        "Sorte": "Field type",
        "Wohin": "Ref. bundle",
        "Muss": "Req'd",
        "Wieviele": "Vals.",
    }


def test_nothing_is_read_by_a_proposal() -> None:
    reading = read_files({"a.csv": FIELDS, "roles.csv": ROLES})

    kinds = [table.file.sheet for table in reading.tables]
    assert kinds == [EntityKind.USER_ROLE, EntityKind.CUSTOM]
    assert unknown_of(reading)[0].severity is Severity.WARNING


def test_what_explains_other_findings_comes_before_them() -> None:
    """Fifty warnings about cells were shown above it."""
    broken = FIELDS.replace(b",y,1,In metres.", b",y,1,In metres.,surplus")

    reading = read_files({"z.csv": broken, "roles.csv": ROLES + b"Cook\n"})

    warnings = [f.code for f in reading.findings if f.severity is Severity.WARNING]
    assert warnings[0] == "sheet_unknown"
    assert "row_short" in warnings


def test_a_sheet_of_its_own_gets_no_proposal() -> None:
    menus = b"Menu,Link,Opens\nMain,Bears,same tab\nFoot,Imprint,new tab\n"

    reading = read_files({"menus.csv": menus, "roles.csv": ROLES})

    assert "By its cells" not in unknown_of(reading)[0].message
    assert {one.proposed for one in reading.unknown_headers} == {""}


def test_a_kind_that_the_folder_has_is_not_proposed_again() -> None:
    again = b"Wer,Kennwort,Stand\nKeeper,day_keeper,a\nCook,day_cook,a\n"

    reading = read_files({"more roles.csv": again, "roles.csv": ROLES})

    assert "By its cells" not in unknown_of(reading)[0].message


def test_where_several_kinds_fit_all_of_them_are_named() -> None:
    """Their columns hold the same, and both have a mark."""
    rows = b"Wie,Kennwort,Stand\nthumbnail,thumbnail_x,a\nadministrator,administrator_x,a\n"

    (finding,) = unknown_of(read_files({"a.csv": rows}))

    assert "may be the sheet of image styles or of user roles" in finding.message
    assert "which header is “Style name” or “Name”" in finding.advice


@each(
    ("headers", "proposed"),
    [
        (
            ["Aa", "Bb", "Cc", "Dd", "Ee", "Ff", "Gg"],
            ["Mod.", "Layout", "Trns.", "Migr.", "Meta", "Sched.", "Srch."],
        ),
        (["Aa", "Bb", "Cc"], []),
    ],
    ids=["as many as the tool has", "fewer"],
)
def test_columns_of_yes_and_no_are_told_apart_only_where_none_is_missing(
    headers: list[str], proposed: list[str]
) -> None:
    flags = ",".join("yn"[n % 2] for n in range(len(headers)))
    rows = [f"{name},{name.lower()}_x,a,{flags},{kind}" for name, kind in BUNDLES.items()]
    head = f"Wie,Kennwort,Stand,{','.join(headers)},Sorte"

    columns = line_of(read_files({"a.csv": "\n".join([head, *rows]).encode()}))

    assert [columns[header] for header in headers if header in columns] == proposed


def test_a_header_that_means_another_thing_in_each_sheet_is_mapped_for_each() -> None:
    bundles = (
        b"Wie,Kennwort,Stand,Sorte\nDen,den,a,Content type\nBear,brown_bear,a,Content type\n"
        b"Stone,stone,a,Vocabulary\n"
    )
    files = {"b.csv": bundles, "f.csv": FIELDS}

    columns = line_of(read_files(files))
    mapped = read_files(files, columns=columns)

    assert columns["b.csv"] == {"Wie": "Name", "Sorte": "Type"}
    assert columns["f.csv"] == {"Wie": "Field label", "Sorte": "Field type"}
    assert columns["Kennwort"] == "Machine name"
    assert [table.file.sheet for table in mapped.tables] == [EntityKind.BUNDLE, EntityKind.FIELD]


def test_of_two_sheets_that_may_be_the_same_one_is_proposed_and_people_may_take_the_other() -> None:
    """Both were proposed; accepting both ended in “both the sheet of fields”."""
    shorter = b"\n".join(b",".join(line.split(b",")[:6]) for line in FIELDS.splitlines())
    files = {"a.csv": shorter, "b.csv": FIELDS}

    reading = read_files(files)
    accepted = read_files(files, columns=line_of(reading))

    assert {one.sheet for one in reading.unknown_headers if one.proposed} == {"b.csv"}
    assert {one.sheet for one in reading.unknown_headers} == set(files)
    (about,) = [f for f in unknown_of(reading) if f.file == "a.csv"]
    assert "so may b.csv" in about.message
    assert "sheet_repeated" not in {finding.code for finding in accepted.findings}
    assert {t.file.name for t in accepted.tables if t.file.sheet is EntityKind.FIELD} == {"b.csv"}
    others = next(one.choices for one in reading.unknown_headers if one.sheet == "a.csv")
    assert others[0][0] == "fields"
    assert "Field label" in others[0][1]


@each("name", ["f.csv", "f", "F"])
def test_a_sheet_is_meant_by_its_name_with_or_without_its_suffix(name: str) -> None:
    pairs = {"Wozu": "Bundle", "Wie": "Field label"}

    reading = read_files({"f.csv": FIELDS}, columns={name: pairs})

    assert [table.file.sheet for table in reading.tables] == [EntityKind.FIELD]


def test_a_mapping_for_a_sheet_that_is_not_there_is_cited() -> None:
    reading = read_files({"roles.csv": ROLES}, columns={"Nowhere": {"Wie": "Name"}})

    (finding,) = [f for f in reading.findings if f.code == "column_mapping_unused"]
    assert "“Nowhere”" in finding.message


def test_people_are_asked_about_each_header_with_its_cells_and_the_columns_there_are() -> None:
    reading = read_files({"f.csv": FIELDS})

    asked = {one.header: one for one in reading.unknown_headers}
    assert asked["Muss"].examples == ("y", "n")
    assert (asked["Muss"].proposed, asked["Hilfe?"].proposed) == ("Req'd", "")
    first, others = asked["Hilfe?"].choices
    assert first[0] == "fields"
    assert {"Settings/notes", "Help text"} <= set(first[1])
    assert "View name" in others[1]
