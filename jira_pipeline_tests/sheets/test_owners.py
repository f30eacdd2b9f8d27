"""What rows belong to: what blocks until people say what blanks mean, and what that costs."""

import difflib

import pytest

from jira_pipeline.model.findings import Severity
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.folders import read_files
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline_tests.sheets.made_readings import Reading, Sheets
from jira_pipeline_tests.sheets.made_workbooks import workbook_of
from jira_pipeline_tests.sheets.odd_owners import (
    DEPTH,
    FIELDS,
    FILL,
    HARBOUR,
    LENGTH,
    NAME,
    SAILS,
    of_harbour,
    of_sails,
)
from jira_pipeline_tests.tables import each

BLOCKS = f"{FIELDS}\nBerth (Content type),{LENGTH}\n,{DEPTH}\nTide (Vocabulary),{NAME}\n,{DEPTH}\n"
HEADINGS = (
    f"{FIELDS}\nBerth (Content type),,,,\n,{LENGTH}\n,,,w,\n,{NAME}\n"
    f",,,,\nTide (Vocabulary),,,,\n,,,,\n,{NAME}\n,{DEPTH}\n"
)
BESIDE = "ID," + HEADINGS.replace("\n", "\n,").replace(",Tide (Vocabulary),", "Tide,,")
STATES = "Workflow,Label,Machine name,X\nEditorial,Draft,draft,a\n,Live,live,a\n"
WORKFLOWS = "Label,Machine name,X,Type\nEditorial,editorial,a,Content moderation\n"
DISPLAYS = (
    "View,Title,Machine name,X,Display plugin,View ID\nTides,Page,page_1,a,Page,tides\n"
    ",Block,block_1,a,Block,\n,Feed,feed_1,a,Feed,#N/A\n"
)
VIEWS = "View name,Machine name,X\nTides,tides,a\n"
CODES = {
    "owner_blank",
    "owner_above",
    "owner_of_sheet",
    "column_missing",
    "label_contradicts_target",
}


def read(sheets: Sheets, *, fill: bool = False) -> tuple[list[str], list[str], str]:
    """Return what is found of owners, what rows belong to, and what the findings say."""
    reading = Reading({**sheets, **(FILL if fill else {})})
    about = [finding for finding in reading.findings if finding.code in CODES]
    titles = [group.title for group in group_entities(reading.specification).groups]
    is_by_accident = any("without an owner" in title for title in titles)
    assert is_by_accident == any(finding.severity is Severity.ERROR for finding in about)
    return (
        [f"{f.severity} {f.code} {f.file}:{f.line}" for f in about],
        [f"{e.owner_key} {e.machine_name}" for e in reading.entities if e.owner_key],
        " ".join(f"{f.message} {f.advice}" for f in about),
    )


BERTH, TIDE = "bundle:Content type/berth", "bundle:Vocabulary/tide"


@each(
    ("sheets", "owned"),
    [
        ({"b.csv": HARBOUR, "o.csv": BLOCKS}, [f"{BERTH} field_depth", f"{TIDE} field_depth"]),
        ({"b.csv": HARBOUR, "o.csv": HEADINGS}, [f"{BERTH} field_length", f"{TIDE} field_depth"]),
        ({"b.csv": HARBOUR, "o.csv": BESIDE}, [f"{BERTH} field_length", f"{TIDE} field_depth"]),
        ({"w.csv": WORKFLOWS, "o.csv": STATES}, ["workflow:editorial live"]),
        ({"v.csv": VIEWS, "o.csv": DISPLAYS}, ["view:tides block_1", "view:tides feed_1"]),
    ],
)
def test_blanks_below_an_owner_block_until_somebody_says_that_they_mean_as_above(
    sheets: Sheets, owned: list[str]
) -> None:
    found, before, said = read(sheets)
    filled, after, _ = read(sheets, fill=True)

    assert found == ["error owner_blank o.csv:3"]
    assert "`owner_blank: fill`" in said
    assert filled == ["info owner_above o.csv:3"]
    assert {*owned} <= {*after}
    assert len(after) > len(before)


@each(
    ("rows", "lines"),
    [
        (f",{LENGTH}\nBerth (Content type),{DEPTH}\n,{NAME}\n", "lines 2, 4"),
        (f"Berth (Content type),{LENGTH}\n,,,,\n,{NAME}\n", "line 4"),
        (f"Berth (Content type),{LENGTH}\n-,{NAME}\n", "line 3"),
    ],
)
def test_where_a_block_begins_without_an_owner_nothing_is_offered(rows: str, lines: str) -> None:
    sheets = of_harbour(f"{FIELDS}\n{rows}")

    found, _, said = read(sheets)
    filled, _, _ = read(sheets, fill=True)

    assert [one.split()[1] for one in found] == ["owner_blank"]
    assert f"({lines})" in said
    assert "fill`" not in said
    assert any(one.startswith("error owner_blank") for one in filled)


def test_very_many_blanks_and_a_very_long_heading_make_a_short_finding() -> None:
    text = f"{FIELDS}\n,,,{'field ' * 8_000},\n" + f",{LENGTH}\n,,,,\n" * 3_000

    found = Reading(of_harbour(text)).only("owner_blank")

    assert len(found.message) < 1_000
    assert len(found.also_lines) == 2_999


def test_names_that_a_sheet_lists_are_compared_with_no_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each was compared with all: of 760 bundles, reading took seven times as long."""
    names = [f"Pier {number}" for number in range(20)]
    compared: list[str] = []

    def none_alike(name: str, *_: object) -> list[str]:
        compared.append(name)
        return []

    monkeypatch.setattr(difflib, "get_close_matches", none_alike)

    types = "".join(f"{name},{name.lower().replace(' ', '_')},a,Content type\n" for name in names)
    fields = "".join(f"{name},Depth,Link,a\n" for name in names)
    Reading(of_sails(f"Bundle,Field label,Field type,X\n{fields}", Piers=SAILS + types))

    assert not set(compared) & {"pier1", "pier19"}


@each(
    "label, owner, codes",
    [
        ("Tides", "view:tides", []),
        ("Tide", None, ["reference_dangling"]),
    ],
)
def test_of_a_worksheet_without_formulas_the_view_that_a_row_names_is_enough(
    label: str, owner: str | None, codes: list[str]
) -> None:
    rows = [*DISPLAYS.splitlines()[:2], f"{label},Next,block_1,a,Block,"]
    content = workbook_of(
        {
            "Views": [line.split(",") for line in VIEWS.splitlines()],
            "View displays": [line.split(",") for line in rows],
        }
    )

    reading = read_files({"s.xlsx": content})
    entities = read_entities(reading.tables)

    (display,) = [row for row in entities.entities if row.machine_name == "block_1"]
    found = [*reading.findings, *entities.findings]
    assert display.owner_key == owner
    assert [finding.code for finding in found if finding.column in {"View", "View ID"}] == codes


def test_of_our_blank_workbook_saved_as_csv_the_view_that_a_row_names_is_enough() -> None:
    header = f"{DISPLAYS.splitlines()[0]},Lists"
    displays = f"{header}\nTides,Next,block_1,a,Block,,Content: Tide\n"

    reading = Reading({"Views.csv": VIEWS, "View displays.csv": displays})

    assert [row.owner_key for row in reading.entities if row.kind == "view_display"] == [
        "view:tides"
    ]
    assert not any(finding.severity is Severity.ERROR for finding in reading.findings)
