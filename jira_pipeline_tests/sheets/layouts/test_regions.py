"""Where things are in a worksheet: tables, blocks, matrices, things in columns, labels with values."""

import pytest

from jira_pipeline.sheets.layouts.grid import Grid, Merge, Place
from jira_pipeline_tests.sheets.layouts.made_grids import (
    TITLE,
    addresses_of,
    findings_of,
    grid_of,
    reading_of,
    rows_of,
)

FIELDS = (
    "{name: fields, records: [{into: field, columns: {Bundle: Type, Field label: Field, "
    "Field type: {text: Boolean}}}]}"
)


def test_things_in_columns() -> None:
    reading = reading_of(
        "{name: types, turned: true, records: [{into: bundle, columns: {Name: Type, "
        "Machine name: Key, Description: Purpose, Type: {text: Content type}}}]}",
        grid_of("Type|Boat|Harbour\nKey|boat|harbour\nPurpose|Sails|"),
    )

    harbour = {"Name": "Harbour", "Machine name": "harbour", "Type": "Content type"}
    boat = {"Name": "Boat", "Machine name": "boat", "Type": "Content type", "Description": "Sails"}
    assert findings_of(reading) == []
    assert rows_of(reading) == [{"kind": "bundle", **boat}, {"kind": "bundle", **harbour}]
    assert addresses_of(reading.applied.rows[1], "Name") == ["C1"]


BLOCKS = """
Boat (boat)||
Field|Kind|Must
Length|Number|yes
Owner|Text|no

Harbour (harbour)||
Field|Kind|Must
Depth|Number|yes
"""
OF_BLOCKS = (
    "{name: blocks, repeats: true, begins: {like: '{label} ({key})'}, records: ["
    "{into: bundle, per: block, columns: {Name: {heading: label}, Machine name: {heading: key}, "
    "Type: {text: Content type}}}, "
    "{into: field, columns: {Bundle: {heading: label}, Field label: Field, Field type: "
    '{column: Kind, words: {Number: Number (integer), Text: Text (plain)}}, "Req\'d": Must}}]}'
)


def test_a_block_for_each_thing() -> None:
    reading = reading_of(OF_BLOCKS, grid_of(BLOCKS))

    fields = [row for row in rows_of(reading) if row["kind"] == "field"]
    assert findings_of(reading) == []
    assert [(row["Bundle"], row["Field label"]) for row in fields] == [
        ("Boat", "Length"),
        ("Boat", "Owner"),
        ("Harbour", "Depth"),
    ]
    assert [r["Machine name"] for r in rows_of(reading) if r not in fields] == ["boat", "harbour"]


def test_rows_of_a_block_that_begins_otherwise_belong_to_nothing_and_that_is_said() -> None:
    """They fell to the block above, as in a reader that guesses."""
    reading = reading_of(OF_BLOCKS, grid_of(BLOCKS + "\nPier\nField|Kind|Must\nHeight|Number|no"))

    codes = {code for code, _ in findings_of(reading)}
    assert {"misfit", "not_read"} <= codes
    assert "Height" not in {row.get("Field label") for row in rows_of(reading)}


def test_a_block_without_its_header_is_named_by_the_text_that_stands_alone() -> None:
    reading = reading_of(OF_BLOCKS, grid_of(BLOCKS + "\nPier\nHeight|Number|no"))

    assert ("lone_text", "it says nothing but “Pier”") in findings_of(reading)


def test_two_tables_side_by_side() -> None:
    reading = reading_of(
        '{name: roles, columns: "A:B", records: [{into: user_role, columns: '
        "{Name: Role, Description: Does}}]}, "
        '{name: styles, columns: "D:E", records: [{into: image_style, columns: '
        "{Style name: Style, Notes: Effect}}]}",
        grid_of("Role|Does||Style|Effect\nEditor|edits||Card|Scale\nAuthor|writes||Wide|Crop"),
    )

    names = [row.get("Name") or row["Style name"] for row in rows_of(reading)]
    assert findings_of(reading) == []
    assert names == ["Editor", "Author", "Card", "Wide"]


def test_a_matrix_of_fields_and_types() -> None:
    reading = reading_of(
        '{name: m, marks: {headers: [Boat, Harbour], none: ["-"]}, records: [{into: field, '
        "per: mark, columns: {Bundle: {header: 1}, Field label: Field, Field type: {text: Boolean}, "
        '"Req\'d": {mark: true, words: {must: "y", may: n}}}}]}',
        grid_of("Field|Boat|Harbour\nTitle|must|may\nDepth|-|must"),
    )

    assert findings_of(reading) == []
    assert [(r["Field label"], r["Bundle"], r["Req'd"]) for r in rows_of(reading)] == [
        ("Title", "Boat", "y"),
        ("Title", "Harbour", "n"),
        ("Depth", "Harbour", "y"),
    ]


@pytest.mark.parametrize(
    ("header", "row_number", "sheet", "name", "address"),
    [
        ("Read / write", 1, "Right|Read / write\nedit|x", "Read / write", "B1"),
        ("Editor#2", 1, "Right|Editor|Editor\nedit||x", "Editor", "C1"),
        ("$B", 1, "Right|Editor\nedit|x", "Editor", "B1"),
        ("Press / see / edit", 2, "|Press\nRight|see / edit\nnews|x", "see / edit", "B2"),
    ],
)
def test_the_header_of_a_mark_is_what_its_cell_says(
    header: str, row_number: int, sheet: str, name: str, address: str
) -> None:
    """It was cut out of how the layout calls the column: “Read / write” was the role “Read”."""
    reading = reading_of(
        f"{{name: m, header: [Right], header_rows: {row_number}, marks: {{headers: ['{header}'], "
        "is: [x]}, records: [{into: user_role, per: mark, columns: "
        f"{{Name: {{header: {row_number}}}, Notes: Right}}}}]}}",
        grid_of(sheet),
    )

    (row,) = reading.applied.rows
    assert row.cells["Name"] == name
    assert addresses_of(row, "Name") == [address]


def test_headers_below_groups() -> None:
    grid = grid_of("Type||Field|\nName|Key|Label|Kind\nBoat|boat|Length|Boolean")
    merges = (Merge(Place(0, 0), Place(0, 1)), Merge(Place(0, 2), Place(0, 3)))

    reading = reading_of(
        "{name: fields, header_rows: 2, unused: {Type / Key: said elsewhere}, records: [{into: field, "
        "columns: {Bundle: Type / Name, Field label: Field / Label, Field type: Field / Kind}}]}",
        Grid(title=TITLE, cells=grid.cells, merges=merges),
    )

    assert findings_of(reading) == []
    assert rows_of(reading) == [
        {"kind": "field", "Bundle": "Boat", "Field label": "Length", "Field type": "Boolean"}
    ]


def test_labels_beside_their_values_above_a_table() -> None:
    reading = reading_of(
        "{name: one, pairs: [Type, Key], unused: {Author: who wrote it}, records: [{into: bundle, "
        "per: block, columns: {Name: {pair: Type}, Machine name: {pair: Key}, Type: "
        "{text: Content type}}}, {into: field, columns: {Bundle: {pair: Type}, Field label: Field, "
        "Field type: Kind}}], begins: {is: ['Type:']}}",
        grid_of("Type:|Boat|Key:|boat\nAuthor|Ada\nField|Kind\nLength|Boolean"),
    )

    assert findings_of(reading) == []
    assert [(r.get("Name"), r.get("Bundle")) for r in rows_of(reading)] == [
        ("Boat", None),
        (None, "Boat"),
    ]


def test_a_region_ends_at_a_blank_row_and_what_is_below_is_asked_about() -> None:
    regions = FIELDS.replace("{name: fields,", "{name: fields, ends: blank,")

    reading = reading_of(regions, grid_of("Type|Field\nBoat|Length\n\nlast change: May|"))

    assert [row["Field label"] for row in rows_of(reading)] == ["Length"]
    assert findings_of(reading) == [("not_read", "last change: May")]


def test_a_list_in_a_cell_that_is_several_things() -> None:
    reading = reading_of(
        '{name: sections, records: [{into: bundle, per: item, items: {column: Holds, split: ","}, '
        "columns: {Name: {item: true}, Type: {text: Paragraph type}, "
        'Settings/notes: {column: Type, as: "On: {}"}}}]}',
        grid_of("Type|Holds\nBoat|Text, Image\nHarbour|Map"),
    )

    assert findings_of(reading) == []
    assert [(r["Name"], r["Settings/notes"]) for r in rows_of(reading)] == [
        ("Text", "On: Boat"),
        ("Image", "On: Boat"),
        ("Map", "On: Harbour"),
    ]


REMARKS = (
    "{name: fields, remarks: [{starts: ['* '], about: {column: Field, ends_with: ['*']}}], "
    "records: [{into: field, columns: {Bundle: Type, Field label: {column: Field, before: '*'}, "
    "Field type: {text: Boolean}}}]}"
)


def test_a_remark_about_one_row_is_quoted_there_alone() -> None:
    """It was quoted in every ticket of its table."""
    grid = grid_of("Type|Field\nBoat|Length*\nBoat|Owner\n* only if it is known")

    reading = reading_of(REMARKS, grid)

    assert findings_of(reading) == []
    assert [row.get("Remarks") for row in rows_of(reading)] == ["* only if it is known", None]
    assert addresses_of(reading.applied.rows[0], "Remarks") == ["A4"]


def test_a_remark_about_no_row_is_a_misfit() -> None:
    reading = reading_of(REMARKS, grid_of("Type|Field\nBoat|Length\n* only if it is known"))

    assert findings_of(reading)[0] == (
        "misfit",
        (
            "row 1: the remark “* only if it is known” is about no row that "
            "column: Field, ends_with: ('*',)"
        ),
    )


def test_a_remark_about_all_is_kept_for_the_tickets_of_its_table() -> None:
    regions = FIELDS.replace("{name: fields,", "{name: fields, remarks: [{starts: [Note]}],")

    reading = reading_of(regions, grid_of("Type|Field\nBoat|Length\nNote that all are optional"))

    assert findings_of(reading) == []
    assert [r.text for r in reading.applied.remarks] == ["Note that all are optional"]


def test_a_heading_says_what_the_rows_below_it_belong_to() -> None:
    reading = reading_of(
        "{name: fields, headings: [{like: 'Type: {type}'}], records: [{into: field, columns: "
        "{Bundle: {heading: type}, Field label: Field, Field type: Kind}}]}",
        grid_of("Field|Kind\nType: Boat\nLength|Boolean\nType: Pier\nHeight|Boolean"),
    )

    assert findings_of(reading) == []
    assert [r["Bundle"] for r in rows_of(reading)] == ["Boat", "Pier"]


def test_a_header_that_repeats_is_no_row() -> None:
    reading = reading_of(FIELDS, grid_of("Type|Field\nBoat|Length\nType|Field\nBoat|Owner"))

    assert [code for code, _ in findings_of(reading)] == ["misfit", "not_read"] + ["not_read"] * 7

    repeated = reading_of(
        FIELDS.replace("{name: fields,", "{name: fields, repeats: true,"),
        grid_of("Type|Field\nBoat|Length\nType|Field\nBoat|Owner"),
    )

    assert findings_of(repeated) == []
    assert [r["Field label"] for r in rows_of(repeated)] == ["Length", "Owner"]


def test_a_mark_that_the_layout_does_not_know_is_asked_about() -> None:
    """Any text was a mark: “later” gave a role its right."""
    regions = (
        "{name: m, marks: {headers: [Editor], is: [x]}, records: [{into: user_role, per: mark, "
        "same_by: [Name], gather: {Notes: {}}, columns: {Name: {header: 1}, Notes: Right}}]}"
    )

    marked = reading_of(regions, grid_of("Right|Editor\nedit|x\ndelete|x"))
    unknown = reading_of(regions, grid_of("Right|Editor\nedit|x\ndelete|later"))

    assert findings_of(marked) == []
    assert findings_of(unknown) == [("not_read", "later")]


def test_a_heading_that_is_not_the_first_cell_of_its_row_is_read_where_the_layout_says() -> None:
    reading = reading_of(
        "{name: fields, headings: [{column: Kind, like: 'Type: {type}'}], unused: {Nr: numbers}, "
        "records: [{into: field, columns: {Bundle: {heading: type}, Field label: Field, "
        "Field type: Kind}}]}",
        grid_of("Nr|Field|Kind\n||Type: Boat\n1|Length|Boolean"),
    )

    assert findings_of(reading) == []
    assert [row["Bundle"] for row in rows_of(reading)] == ["Boat"]
