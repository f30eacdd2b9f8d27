"""What rows belong to: blanks below an owner, ditto marks, sheets called like a bundle."""

from collections.abc import Mapping

import pytest

from jira_pipeline.model.entities import EntityKind, FolderReading, Specification
from jira_pipeline.model.findings import Severity
from jira_pipeline.model.sessions import OwnerBlank
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.folders import read_files
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline_tests.sheets.made_workbooks import workbook_of
from jira_pipeline_tests.tables import each

BUNDLES = (
    "Name,Machine name,X,Type\nBerth,berth,a,Content type\nTide,tide,a,Vocabulary\n"
    "News item,news_item,a,Content type\nPier,pier,a,Content type\nPier,pier,a,Paragraph type\n"
)
LABELS = "Field label,Machine name,X,Field type"
FIELDS = f"Bundle,{LABELS}"
LENGTH, DEPTH, NAME = (f"{n.title()},field_{n},a,Text" for n in ("length", "depth", "name"))
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
Found = list[tuple[Severity, str, str | None, int | None]]


def read(files: Mapping[str, str], *, fill: bool = False) -> tuple[Found, list[str], str]:
    blank = OwnerBlank.FILL if fill else None
    content = {name: text.encode() for name, text in files.items()}
    return told(read_files(content, owner_blank=blank))


def told(reading: object) -> tuple[Found, list[str], str]:
    assert hasattr(reading, "tables")
    assert hasattr(reading, "findings")
    entities = read_entities(reading.tables)
    about = [f for f in (*reading.findings, *entities.findings) if f.code in CODES]
    titles = [g.title for g in group_entities(Specification(entities=entities.entities)).groups]
    is_by_accident = any("without an owner" in title for title in titles)
    assert is_by_accident == any(f.severity is Severity.ERROR for f in about)
    return (
        [(f.severity, f.code, f.file, f.line) for f in about],
        [f"{e.owner_key} {e.machine_name}" for e in entities.entities if e.owner_key],
        " ".join(f"{f.message} {f.advice}" for f in about),
    )


@each(
    "files, line, owned",
    [
        ({"b.csv": BUNDLES, "o.csv": BLOCKS}, 3, ["berth field_depth", "tide field_depth"]),
        ({"b.csv": BUNDLES, "o.csv": HEADINGS}, 3, ["berth field_length", "tide field_depth"]),
        ({"b.csv": BUNDLES, "o.csv": BESIDE}, 3, ["berth field_length", "tide field_depth"]),
        ({"w.csv": WORKFLOWS, "o.csv": STATES}, 3, ["editorial live"]),
        ({"v.csv": VIEWS, "o.csv": DISPLAYS}, 3, ["tides block_1", "tides feed_1"]),
    ],
)
def test_blanks_below_an_owner_block_until_somebody_says_that_they_mean_as_above(
    files: Mapping[str, str], line: int, owned: list[str]
) -> None:
    found, before, said = read(files)
    filled, after, _ = read(files, fill=True)

    assert found == [(Severity.ERROR, "owner_blank", "o.csv", line)]
    assert "`owner_blank: fill`" in said
    assert filled == [(Severity.INFO, "owner_above", "o.csv", line)]
    assert [row for row in owned if not any(key.endswith(row) for key in after)] == []
    assert len(after) > len(before)


@each(
    "rows, lines",
    [
        (f",{LENGTH}\nBerth (Content type),{DEPTH}\n,{NAME}\n", "lines 2, 4"),
        (f"Berth (Content type),{LENGTH}\n,,,,\n,{NAME}\n", "line 4"),
        (f"Berth (Content type),{LENGTH}\n-,{NAME}\n", "line 3"),
    ],
)
def test_where_a_block_begins_without_an_owner_nothing_is_offered(rows: str, lines: str) -> None:
    found, _, said = read({"b.csv": BUNDLES, "o.csv": f"{FIELDS}\n{rows}"})
    filled, _, _ = read({"b.csv": BUNDLES, "o.csv": f"{FIELDS}\n{rows}"}, fill=True)

    assert [code for _, code, *_ in found] == ["owner_blank"]
    assert f"({lines})" in said
    assert "fill`" not in said
    assert (Severity.ERROR, "owner_blank") in [one[:2] for one in filled]


def test_very_many_blanks_and_a_very_long_heading_make_a_short_finding() -> None:
    rows = f",{LENGTH}\n,,,,\n" * 3_000
    text = f"{FIELDS}\n,,,{'field ' * 8_000},\n{rows}"

    (found,) = (
        one
        for one in read_files({"b.csv": BUNDLES.encode(), "o.csv": text.encode()}).findings
        if one.code == "owner_blank"
    )

    assert len(found.message) < 1_000
    assert len(found.also_lines) == 2_999


@each("mark", ['""""', "〃", "Ditto", "- as above -", "''"])
def test_a_ditto_mark_says_as_above(mark: str) -> None:
    rows = f"Berth (Content type),{LENGTH}\n{mark},{DEPTH}\n{mark},{NAME}\n"

    found, owned, said = read({"b.csv": BUNDLES, "o.csv": f"{FIELDS}\n{rows}"})

    assert found == [(Severity.INFO, "owner_above", "o.csv", 3)]
    assert [key.split()[-1] for key in owned] == ["field_length", "field_depth", "field_name"]
    assert "lines 3–4 to “Berth (Content type)”" in said


def test_a_heading_in_the_column_of_bundles_may_have_a_code_or_a_number() -> None:
    """Its cell was taken as it stands, and all fields below it belonged to nothing."""
    rows = f"2.1 Berth,,,,\n〃,{LENGTH}\nTD – Tide,,,,\n〃,{DEPTH}\n"

    found, owned, _ = read({"b.csv": BUNDLES, "o.csv": f"{FIELDS}\n{rows}"})

    assert found == [(Severity.INFO, "owner_above", "o.csv", 3)]
    assert owned == ["bundle:Content type/berth field_length", "bundle:Vocabulary/tide field_depth"]


def test_a_row_belongs_to_the_bundle_of_its_machine_name_where_it_names_no_other() -> None:
    rows = f"Bundle machine name,{FIELDS}\ntide,,{LENGTH}\nberth,,{DEPTH}\n"

    found, owned, _ = read({"b.csv": BUNDLES, "o.csv": rows})

    assert found == []
    assert [key.rpartition("/")[2] for key in owned] == ["tide field_length", "berth field_depth"]


@each(
    "title",
    [
        *("Berth.csv", "berth.csv", "Fields of Berth.csv", "Berth fields.csv", "UWC_Berth.csv"),
        *("Harbour - Fields - Berth.csv", "3. Berth.csv", "Berth (Content type).csv"),
        *("UWC_Fields_Berth.csv", "Felder Berth.csv", "Felder von Berth.csv"),
    ],
)
@each("header, cell", [(LABELS, ""), (FIELDS, ",")])
def test_a_sheet_called_like_a_bundle_belongs_to_it(title: str, header: str, cell: str) -> None:
    found, owned, said = read({"b.csv": BUNDLES, title: f"{header}\n{cell}{LENGTH}\n"})

    assert found == [(Severity.INFO, "owner_of_sheet", title, 1)]
    assert owned == ["bundle:Content type/berth field_length"]
    assert "read as part of “Berth (Content type)”" in said


def test_a_name_that_excel_cut_is_that_of_the_one_that_begins_so() -> None:
    long = "Berth of a ferry that leaves at night,ferry,a,Content type\n"

    found, _, _ = read({"b.csv": BUNDLES + long, f"{long[:31]}.csv": f"{LABELS}\n{LENGTH}\n"})

    assert [code for _, code, *_ in found] == ["owner_of_sheet"]


def test_one_tab_a_bundle_makes_one_sheet_of_fields_and_keys_are_unique_over_all() -> None:
    def tab(*rows: str) -> list[list[str]]:
        return [row.split(",") for row in (LABELS, *rows)]

    book = workbook_of(
        {
            "Bundles": [row.split(",") for row in BUNDLES.splitlines()],
            "Berth": tab(LENGTH, DEPTH),
            "Tide": tab(LENGTH, NAME),
            "news_item": tab(LENGTH, LENGTH),
        }
    )

    reading = read_files({"Spec.xlsx": book})
    found, owned, _ = told(reading)

    entities = read_entities(reading.tables)
    codes = [f.code for f in entities.findings]
    assert [code for _, code, *_ in found] == ["owner_of_sheet"] * 3
    assert len(owned) == 6
    assert (codes.count("sheet_continued"), codes.count("key_repeated")) == (1, 1)
    assert {e.bundle_type for e in entities.entities if e.owner_key} == {
        "Content type",
        "Vocabulary",
    }


def test_a_sheet_called_like_a_type_lists_bundles_of_it_and_blanks_below_a_type_may_be_filled() -> (
    None
):
    """Paragraph types became user roles."""
    names = "Name,Machine name,X\nHero,hero,a\nFaq,faq,a\n"
    blocks = "Type,Name,Machine name,X\nMedia,Film,film,a\n,Plan,plan,a\n"

    called, _, _ = read({"Paragraph types.csv": names, "r.csv": names})
    files = {"Vocabularies.csv": names.encode(), "b.csv": blocks.encode()}
    filled = read_entities(read_files(files, owner_blank=OwnerBlank.FILL).tables).entities

    assert called == [(Severity.INFO, "owner_of_sheet", "Paragraph types.csv", 1)]
    assert [entity.bundle_type for entity in filled] == ["Vocabulary"] * 2 + ["Media type"] * 2


@each("title", ["Pier.csv", "Berths.csv", "Old Berth.csv", "Fields Old Berth.csv"])
def test_a_sheet_called_like_two_bundles_or_none_is_refused(title: str) -> None:
    without, _, said = read({"b.csv": BUNDLES, title: f"{LABELS}\n{LENGTH}\n"})
    blank, _, about = read({"b.csv": BUNDLES, title: f"{FIELDS}\n,{LENGTH}\n,{DEPTH}\n"})

    assert [one[:2] for one in without] == [(Severity.ERROR, "column_missing")]
    assert "name the sheet after it" in said
    assert [one[:2] for one in blank] == [(Severity.ERROR, "owner_blank")]
    assert ("“Pier (Paragraph type)”" in about) == (title == "Pier.csv")
    assert ("name the sheet after the one they belong to" in about) == (title == "Pier.csv")


def test_a_field_belongs_to_the_bundle_of_its_name_whose_type_is_blank() -> None:
    bundles = "Name,Machine name,X,Type\nBerth,berth,a,\n"
    files = {"bundles.csv": bundles, "f.csv": f"{FIELDS}\nBerth (Content type),{LENGTH}\n"}

    reading = read_entities(
        read_files({name: text.encode() for name, text in files.items()}).tables
    )

    assert [f.code for f in reading.findings] == ["bundle_type_unknown"]
    assert {entity.owner_key for entity in reading.entities} == {None, "bundle:/berth"}


@pytest.mark.parametrize(
    ("column", "rows", "lines"),
    [
        (
            "Ref. bundle",
            [("Berth (Content type)", "News item")] * 5 + [("Tide (Vocabulary)", "Tide")],
            4,
        ),
        ("Ref. bundle", [("Wave (Media)", f"n{n}") for n in range(7)], 6),
        ("X", [("", f"n{n}") for n in range(3)], 0),
    ],
)
def test_one_pair_of_names_is_one_finding(
    column: str, rows: list[tuple[str, str]], lines: int
) -> None:
    """Eight of nine findings of one site were one pair of names."""
    text = "Bundle,Field label,Machine name,X,Field type,Ref. bundle\n" + "".join(
        f"Tide (Vocabulary),{label},field_{n},a,Entity reference,{name}\n"
        for n, (name, label) in enumerate(rows)
    )
    tables = read_files({"b.csv": BUNDLES.encode(), "o.csv": text.encode()}).tables

    found = [f for f in read_entities(tables).findings if f.column == column]

    assert [len(f.also_lines) for f in found] == ([lines] if lines else [])
    assert all(f"and {lines} more: 3–" in f.place for f in found)


PIVOT_BUNDLES = (
    "Name,Machine name,X,Type\nTrail,trail,a,Content type\nHut,hut,a,Content type\n"
    "Hut,hut_box,a,Paragraph type\nGuide,guide,a,Media type\n"
)
PIVOTED = "Field label,Machine name,X,Field type,Trail,Hut (Content type),guide,Audience\n"


def pivoted(rows: str) -> FolderReading:
    files = {"bundles.csv": PIVOT_BUNDLES, "fields.csv": PIVOTED + rows}
    return read_files({name: text.encode() for name, text in files.items()})


def test_headers_that_are_bundles_say_what_rows_belong_to() -> None:
    """One error asked for the column Bundle, another one to call these headers nothing."""
    rows = "Height,field_height,a,Link,✓,yes,,all\nFee,field_fee,a,Link,,n,X,some\n"

    reading = pivoted(rows)

    fields = [e for e in read_entities(reading.tables).entities if e.kind is EntityKind.FIELD]
    assert [(one.owner_key, one.machine_name, one.cell("Audience")) for one in fields] == [
        ("bundle:Content type/trail", "field_height", "all"),
        ("bundle:Content type/hut", "field_height", "all"),
        ("bundle:Media type/guide", "field_fee", "some"),
    ]
    codes = [f.code for f in reading.findings if f.severity is not Severity.WARNING]
    assert codes == ["owners_listed"]


@each("cell", ["R", "required", "1..3", "only on weekends"])
def test_cells_below_bundles_that_say_more_are_one_error(cell: str) -> None:
    reading = pivoted(f"Height,field_height,a,Link,x,{cell},,all\n")

    errors = [f for f in reading.findings if f.severity is Severity.ERROR]
    assert [(f.code, f"“{cell}”" in f.message) for f in errors] == [("owner_in_headers", True)]


def test_one_header_that_is_a_bundle_is_a_column() -> None:
    text = "Bundle,Field label,Machine name,X,Field type,Guide\nTrail,Height,h,a,Link,x\n"

    files = {"bundles.csv": PIVOT_BUNDLES, "fields.csv": text}
    reading = read_files({name: text.encode() for name, text in files.items()})

    assert "Guide" in reading.tables[1].columns
