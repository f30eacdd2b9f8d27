"""What nobody reads is named, by character, and so is what cannot be right."""

from dataclasses import replace

from jira_pipeline.sheets.layouts.coverage import CellFate, cell_fates, texts_left_out
from jira_pipeline.sheets.layouts.grid import Merge, Place
from jira_pipeline.sheets.layouts.layout_findings import unsettled_findings
from jira_pipeline.sheets.layouts.row_checks import apply_and_check
from jira_pipeline_tests.sheets.layouts.made_grids import (
    findings_of,
    grid_of,
    layout_of_regions,
    reading_of,
    rows_of,
)

ROLES = "{name: r, records: [{into: user_role, columns: {Name: Role}}]}"


def test_a_renamed_header_a_new_column_and_a_new_worksheet_are_asked_about() -> None:
    fitting = reading_of(ROLES, grid_of("Role\nEditor"))
    renamed = reading_of(ROLES, grid_of("Roles\nEditor"))
    wider = reading_of(ROLES, grid_of("Role|May\nEditor|edit"))
    added = reading_of(ROLES, grid_of("Role\nEditor"), grid_of("a", "Extra"))

    assert findings_of(fitting) == []
    assert findings_of(renamed)[0] == (
        "misfit",
        "there is no row with the headers role",
    )
    assert findings_of(wider) == [("not_read", "May"), ("not_read", "edit")]
    assert findings_of(added) == [("not_read", "no layout says anything of its 1 cells")]


def test_the_part_of_a_cell_that_nobody_takes_is_told() -> None:
    regions = ROLES.replace("Name: Role", "Name: {column: Role, before: ' ('}")

    reading = reading_of(regions, grid_of("Role\nEditor (may publish)"))

    assert findings_of(reading) == [("partly_read", "(may publish)")]


def test_the_names_of_a_list_are_read_and_what_is_between_them_is_not_missed() -> None:
    regions = ROLES.replace("Name: Role", "Name: {column: Role, split: and}")

    reading = reading_of(regions, grid_of("Role\nEditor and Author"))

    assert rows_of(reading)[0]["Name"] == "Editor\nAuthor"
    assert findings_of(reading) == [("partly_read", "and")]


def test_a_column_of_ones_own_stays() -> None:
    regions = ROLES.replace("into: user_role,", "into: user_role, own: [Wave],")

    reading = reading_of(regions, grid_of("Role|Wave\nEditor|2"))

    assert findings_of(reading) == []
    assert rows_of(reading) == [{"kind": "user_role", "Name": "Editor", "Wave": "2"}]


def test_a_column_that_nothing_says_is_asked_about_once_unless_somebody_accepts_it() -> None:
    """Confirmed without a type, fields of a stranger became tickets that nobody could build."""
    fields = "{name: f, records: [{into: field, columns: {Bundle: Page, Field label: Label%s}}]}"
    accepted = (
        "accepted: [{worksheet: Sheet, check: column_unsaid, text: Field type}, "
        "{worksheet: Sheet, check: column_unsaid, text: Field type}]"
    )
    grid = grid_of("Page|Label\nBoat|Length\nBoat|Owner")
    typed = grid_of("Page|Label|Kind\nBoat|Length|Number\nBoat|Owner")

    unsaid = findings_of(reading_of(fields % "", grid))
    known = findings_of(reading_of(fields % "", grid, layout=accepted))
    said = findings_of(reading_of(fields % ", Field type: Kind", typed))

    text = "nothing says “Field type” of what the table lists"
    assert [finding for finding in unsaid if finding[0] == "column_unsaid"] == [
        ("column_unsaid", text)
    ]
    assert "column_unsaid" not in dict(known)
    assert "column_unsaid" not in dict(said)


SKIP = ROLES.replace("{name: r,", "{name: r, skip: [{starts: [Total], reason: totals}],")


def test_what_is_left_out_newly_is_told_once_somebody_confirmed_the_rest() -> None:
    confirmed = reading_of(SKIP, grid_of("Role\nEditor\nTotal 1"), layout="left: [Total 1]")
    later = reading_of(
        SKIP, grid_of("Role\nEditor\nTotal 1\nTotal rights editor"), layout="left: [Total 1]"
    )

    assert findings_of(confirmed) == []
    assert findings_of(later) == [("newly_left_out", "Total rights editor")]
    grids = [grid_of("Role\nEditor\nTotal 1")]
    assert texts_left_out(confirmed.applied, grids) == ("Total 1",)


def test_new_texts_below_a_header_that_is_left_out_are_told_and_not_asked() -> None:
    """Three people found that nobody told them: a decision was written into such a column."""
    ignoring = ROLES.replace("{name: r,", "{name: r, unused: {Asked: by whom}, ")
    grid = grid_of("Role|Asked\nEditor|Ada\nAuthor|Decided: no\nReader|Decided: no")

    checked = reading_of(ignoring, grid, layout="left: [Ada]")

    text = "new text in cells that are left out with their header, 1 new text: “Decided: no”"
    assert findings_of(checked) == [("newly_ignored", text)]


def test_merged_cells_need_a_word() -> None:
    fields = (
        "{name: r, records: [{into: field, columns: {Bundle: {column: Type%s}, "
        "Field label: Field, Field type: {text: Boolean}}}]}"
    )
    merged = replace(
        grid_of("Type|Field\nBoat|Length\n|Owner"), merges=(Merge(Place(1, 0), Place(2, 0)),)
    )

    silent = reading_of(fields % "", merged)
    filled = reading_of(fields % ", fill: merged", merged)

    assert "merged" in {code for code, _ in findings_of(silent)}
    assert findings_of(filled) == []
    assert [row["Bundle"] for row in rows_of(filled)] == ["Boat", "Boat"]


def test_the_fill_of_a_row_makes_no_header_of_it_where_the_header_is_a_column() -> None:
    """The first row of such a table was taken for the header of a further one."""
    grid = replace(
        grid_of("Name|Orchard|Pond\nType|Content type|Content type"),
        colours={Place(0, column): "FFBBBBBB" for column in range(3)},
    )
    types = "{name: r, turned: true, records: [{into: bundle, columns: {Name: Name, Type: Type}}]}"

    reading = reading_of(types, grid, sheet="colours: decoration")

    assert [row["Name"] for row in rows_of(reading)] == ["Orchard", "Pond"]
    assert findings_of(reading) == []


def test_comments_fills_and_struck_text_are_read_or_given_a_reason() -> None:
    at = Place(1, 0)
    marked = replace(
        grid_of("Role\nEditor"),
        comments={at: "for news"},
        colours={at: "FFBBBBBB"},
        struck=frozenset({at}),
    )
    reasons = "comments: chats of authors, colours: decoration, struck: it is to be built"
    columns = "Name: Role, Notes: {comment: Role}, X: {colour: Role, words: {FFBBBBBB: w}}"

    silent = reading_of(ROLES, marked)
    reasoned = reading_of(ROLES, marked, sheet=reasons)
    read = reading_of(
        ROLES.replace("Name: Role", columns), marked, sheet="struck: it is to be built"
    )

    assert findings_of(silent) == [
        ("comment_not_read", "for news"),
        ("colour_not_read", "cells have fills that nothing reads: FFBBBBBB (1)"),
        ("struck", "struck-through text is read as any other: A2"),
    ]
    assert findings_of(reasoned) == []
    assert findings_of(read) == []
    assert rows_of(read) == [{"kind": "user_role", "Name": "Editor", "X": "w", "Notes": "for news"}]


def test_each_cell_has_a_fate() -> None:
    grid = grid_of("Role|May\nEditor|edit\nTotal 1")

    fates = cell_fates(grid, reading_of(SKIP, grid).applied)

    assert {place.address: fate for place, fate in fates.items()} == {
        "A1": CellFate.STRUCTURE,
        "B1": CellFate.NOT_READ,
        "A2": CellFate.READ,
        "B2": CellFate.NOT_READ,
        "A3": CellFate.LEFT_OUT,
    }


def test_words_gaps_repeats_and_names_of_nothing_are_told() -> None:
    reading = reading_of(
        "{name: types, columns: 'A:B', records: [{into: bundle, columns: {Name: Type, "
        "Machine name: Key, Type: {text: Content type}}}]}, {name: fields, columns: 'D:G', records: "
        '[{into: field, columns: {Bundle: In, Field label: Field, Field type: Kind, "Req\'d": Must}}]}',
        grid_of(
            "Type|Key||In|Field|Kind|Must\n"
            "Boat|A boat||Boat|Length|Boolean|perhaps\n"
            "|||Pier|Owner||perhaps\n"
            "|||Boat|Length|Boolean|perhaps"
        ),
    )

    assert findings_of(reading) == [
        ("word_unread", "Machine name: “A boat” is not a machine name"),
        ("word_unread", "Req'd: “perhaps” (and 2 more) is not y or n"),
        ("cell_blank", "a field without “Field type”"),
        ("owner_unlisted", "Bundle: no bundle “Pier” is listed, for 1 row"),
        ("repeated", "2 rows are the same field: Length, Boat"),
    ]


def test_an_owner_that_is_not_listed_is_settled_once_for_all_its_rows() -> None:
    """A stranger confirmed a layout of which 16 fields were then in no ticket."""
    regions = (
        "{name: types, columns: 'A:B', records: [{into: bundle, columns: {Name: Type, "
        "Machine name: Key, Type: {text: Content type}}}]}, {name: fields, columns: 'D:G', records: "
        "[{into: field, columns: {Bundle: In, Field label: Field, Field type: Kind, "
        "Ref. bundle: To}}]}"
    )
    grid = grid_of(
        "Type|Key||In|Field|Kind|To\n"
        "Boat|boat||Boat|Length|Boolean|\n"
        "|||p:text|Owner|Reference|Sail\n"
        "|||p:text|Harbour|Boolean|\n"
    )
    accepted = (
        "accepted: [{worksheet: Sheet, check: owner_unlisted, text: 'field, Bundle: p:text'}]"
    )

    asked, confirmed = (
        unsettled_findings(apply_and_check(layout, [grid]), declared=layout, grids=[grid])
        for layout in (layout_of_regions(regions), layout_of_regions(regions, layout=accepted))
    )

    assert [(finding.where, finding.text) for finding in asked] == [
        ("Sheet!D3", "Bundle: no bundle “p:text” is listed, for 2 rows")
    ]
    assert confirmed == ()
    assert "Sail" in dict(findings_of(reading_of(regions, grid)))["reference_dangling"]


def test_a_formula_that_failed_beside_no_row_says_nothing() -> None:
    """Templates have `#VALUE!` below their rows, in each row that is not filled in yet."""
    regions = ROLES.replace("into: user_role,", "into: user_role, own: [Sum], needs: [Name],")

    reading = reading_of(regions, grid_of("Role|Sum\nEditor|2\n|#VALUE!\n|3"))

    assert findings_of(reading) == [("not_read", "3")]
