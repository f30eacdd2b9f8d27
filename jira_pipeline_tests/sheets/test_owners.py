"""What rows belong to: blanks below an owner, ditto marks, sheets called like a bundle."""

from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.findings import Severity
from jira_pipeline.model.sessions import OwnerBlank
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline_tests.sheets.made_readings import Reading, Sheets
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


def read(sheets: Sheets, *, fill: bool = False) -> tuple[list[str], list[str], str]:
    """Return what is found of owners, what rows belong to, and what the findings say."""
    reading = Reading(sheets, owner_blank=OwnerBlank.FILL if fill else None)
    about = [finding for finding in reading.findings if finding.code in CODES]
    titles = [group.title for group in group_entities(reading.specification).groups]
    is_by_accident = any("without an owner" in title for title in titles)
    assert is_by_accident == any(finding.severity is Severity.ERROR for finding in about)
    return (
        [f"{f.severity} {f.code} {f.file}:{f.line}" for f in about],
        [f"{e.owner_key} {e.machine_name}" for e in reading.entities if e.owner_key],
        " ".join(f"{f.message} {f.advice}" for f in about),
    )


def read_fields(rows: str, *, title: str = "o.csv") -> tuple[list[str], list[str], str]:
    return read({"b.csv": BUNDLES, title: f"{FIELDS}\n{rows}"})


BERTH, TIDE = "bundle:Content type/berth", "bundle:Vocabulary/tide"


@each(
    ("sheets", "owned"),
    [
        ({"b.csv": BUNDLES, "o.csv": BLOCKS}, [f"{BERTH} field_depth", f"{TIDE} field_depth"]),
        ({"b.csv": BUNDLES, "o.csv": HEADINGS}, [f"{BERTH} field_length", f"{TIDE} field_depth"]),
        ({"b.csv": BUNDLES, "o.csv": BESIDE}, [f"{BERTH} field_length", f"{TIDE} field_depth"]),
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
    found, _, said = read_fields(rows)
    filled, _, _ = read({"b.csv": BUNDLES, "o.csv": f"{FIELDS}\n{rows}"}, fill=True)

    assert [one.split()[1] for one in found] == ["owner_blank"]
    assert f"({lines})" in said
    assert "fill`" not in said
    assert any(one.startswith("error owner_blank") for one in filled)


def test_very_many_blanks_and_a_very_long_heading_make_a_short_finding() -> None:
    text = f"{FIELDS}\n,,,{'field ' * 8_000},\n" + f",{LENGTH}\n,,,,\n" * 3_000

    found = Reading({"b.csv": BUNDLES, "o.csv": text}).only("owner_blank")

    assert len(found.message) < 1_000
    assert len(found.also_lines) == 2_999


@each(
    ("rows", "owned", "lines"),
    [
        *(
            (
                f"Berth (Content type),{LENGTH}\n{mark},{DEPTH}\n{mark},{NAME}\n",
                [f"{BERTH} field_{name}" for name in ("length", "depth", "name")],
                "lines 3–4 to “Berth (Content type)”",
            )
            for mark in ('""""', "〃", "Ditto", "- as above -", "''")
        ),
        # the cell of a heading with a code was taken as it stands, and its fields belonged to nothing
        (
            f"2.1 Berth,,,,\n〃,{LENGTH}\nTD – Tide,,,,\n〃,{DEPTH}\n",
            [f"{BERTH} field_length", f"{TIDE} field_depth"],
            "line",
        ),
    ],
)
def test_a_ditto_mark_says_as_above(rows: str, owned: list[str], lines: str) -> None:
    found, belonging, said = read_fields(rows)

    assert found == ["info owner_above o.csv:3"]
    assert belonging == owned
    assert lines in said


def test_a_row_belongs_to_the_bundle_of_its_machine_name_where_it_names_no_other() -> None:
    rows = f"Bundle machine name,{FIELDS}\ntide,,{LENGTH}\nberth,,{DEPTH}\n"

    found, owned, _ = read({"b.csv": BUNDLES, "o.csv": rows})

    assert (found, owned) == ([], [f"{TIDE} field_length", f"{BERTH} field_depth"])


@each(
    "title",
    [
        *("Berth.csv", "berth.csv", "Fields of Berth.csv", "Berth fields.csv", "UWC_Berth.csv"),
        *("Harbour - Fields - Berth.csv", "3. Berth.csv", "Berth (Content type).csv"),
        *("UWC_Fields_Berth.csv", "Felder Berth.csv", "Felder von Berth.csv"),
    ],
)
@each(("header", "cell"), [(LABELS, ""), (FIELDS, ",")])
def test_a_sheet_called_like_a_bundle_belongs_to_it(title: str, header: str, cell: str) -> None:
    found, owned, said = read({"b.csv": BUNDLES, title: f"{header}\n{cell}{LENGTH}\n"})

    assert found == [f"info owner_of_sheet {title}:1"]
    assert owned == [f"{BERTH} field_length"]
    assert "read as part of “Berth (Content type)”" in said


def test_a_name_that_excel_cut_is_that_of_the_one_that_begins_so() -> None:
    long = "Berth of a ferry that leaves at night,ferry,a,Content type\n"

    found, _, _ = read({"b.csv": BUNDLES + long, f"{long[:31]}.csv": f"{LABELS}\n{LENGTH}\n"})

    assert [one.split()[1] for one in found] == ["owner_of_sheet"]


def test_one_tab_a_bundle_makes_one_sheet_of_fields_and_keys_are_unique_over_all() -> None:
    tabs = {"Berth": (LENGTH, DEPTH), "Tide": (LENGTH, NAME), "news_item": (LENGTH, LENGTH)}
    sheets = {"Bundles": BUNDLES.splitlines()}
    sheets |= {title: [LABELS, *rows] for title, rows in tabs.items()}

    reading = Reading({name: [row.split(",") for row in rows] for name, rows in sheets.items()})

    assert reading.fields == [
        *("berth/field_length", "berth/field_depth", "tide/field_length", "tide/field_name"),
        *["news_item/field_length"] * 2,
    ]
    assert len(reading.found("owner_of_sheet")) == 3
    assert len(reading.found("sheet_continued")) == len(reading.found("key_repeated")) == 1
    assert {e.bundle_type for e in reading.of(EntityKind.FIELD)} == {"Content type", "Vocabulary"}


def test_a_sheet_called_like_a_type_lists_bundles_of_it_and_blanks_below_a_type_may_be_filled() -> (
    None
):
    """Paragraph types became user roles."""
    names = "Name,Machine name,X\nHero,hero,a\nFaq,faq,a\n"
    blocks = "Type,Name,Machine name,X\nMedia,Film,film,a\n,Plan,plan,a\n"

    called, _, _ = read({"Paragraph types.csv": names, "r.csv": names})
    files = {"Vocabularies.csv": names, "b.csv": blocks}
    filled = Reading(files, owner_blank=OwnerBlank.FILL).entities

    assert called == ["info owner_of_sheet Paragraph types.csv:1"]
    assert [entity.bundle_type for entity in filled] == ["Vocabulary"] * 2 + ["Media type"] * 2


@each("title", ["Pier.csv", "Berths.csv", "Old Berth.csv", "Fields Old Berth.csv"])
def test_a_sheet_called_like_two_bundles_or_none_is_refused(title: str) -> None:
    without, _, said = read({"b.csv": BUNDLES, title: f"{LABELS}\n{LENGTH}\n"})
    blank, _, about = read_fields(f",{LENGTH}\n,{DEPTH}\n", title=title)

    assert without[0].startswith("error column_missing")
    assert "name the sheet after it" in said
    assert blank[0].startswith("error owner_blank")
    assert ("“Pier (Paragraph type)”" in about) == (title == "Pier.csv")
    assert ("name the sheet after the one they belong to" in about) == (title == "Pier.csv")


def test_a_field_belongs_to_the_bundle_of_its_name_whose_type_is_blank() -> None:
    bundles = "Name,Machine name,X,Type\nBerth,berth,a,\n"

    reading = Reading(
        {"bundles.csv": bundles, "f.csv": f"{FIELDS}\nBerth (Content type),{LENGTH}\n"}
    )

    assert reading.found("bundle_type_unknown")
    assert {entity.owner_key for entity in reading.entities} == {None, "bundle:/berth"}


@each(
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
    text = f"{FIELDS},Ref. bundle\n" + "".join(
        f"Tide (Vocabulary),{label},field_{n},a,Entity reference,{name}\n"
        for n, (name, label) in enumerate(rows)
    )

    reading = Reading({"b.csv": BUNDLES, "o.csv": text})

    found = [f for f in reading.entity_findings if f.column == column]
    assert [len(f.also_lines) for f in found] == ([lines] if lines else [])
    assert all(f"and {lines} more: 3–" in f.place for f in found)


PIVOT_BUNDLES = (
    "Name,Machine name,X,Type\nTrail,trail,a,Content type\nHut,hut,a,Content type\n"
    "Hut,hut_box,a,Paragraph type\nGuide,guide,a,Media type\n"
)
PIVOTED = "Field label,Machine name,X,Field type,Trail,Hut (Content type),guide,Audience\n"


def test_headers_that_are_bundles_say_what_rows_belong_to() -> None:
    """One error asked for the column Bundle, another one to call these headers nothing."""
    rows = "Height,field_height,a,Link,✓,yes,,all\nFee,field_fee,a,Link,,n,X,some\n"

    reading = Reading({"bundles.csv": PIVOT_BUNDLES, "fields.csv": PIVOTED + rows})

    assert reading.fields == ["trail/field_height", "hut/field_height", "guide/field_fee"]
    audiences = [field.cell("Audience") for field in reading.of(EntityKind.FIELD)]
    assert audiences == ["all", "all", "some"]
    codes = [f.code for f in reading.folder.findings if f.severity is not Severity.WARNING]
    assert codes == ["owners_listed"]


@each("cell", ["R", "required", "1..3", "only on weekends"])
def test_cells_below_bundles_that_say_more_are_one_error(cell: str) -> None:
    fields = f"{PIVOTED}Height,field_height,a,Link,x,{cell},,all\n"

    reading = Reading({"bundles.csv": PIVOT_BUNDLES, "fields.csv": fields})

    assert [f.code for f in reading.folder.findings if f.severity is Severity.ERROR] == [
        "owner_in_headers"
    ]
    assert f"“{cell}”" in reading.only("owner_in_headers").message


def test_one_header_that_is_a_bundle_is_a_column() -> None:
    fields = f"{FIELDS},Guide\nTrail,Height,h,a,Link,x\n"

    tables = Reading({"bundles.csv": PIVOT_BUNDLES, "fields.csv": fields}).folder.tables

    assert "Guide" in tables[1].columns
