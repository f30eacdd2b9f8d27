"""What a person says of worksheets, one choice at a time, and the layout that it makes."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from benchmarks.declared_layouts import BOOKS, NAMES
from benchmarks.layout_choices import choices_by_book, faults_of
from jira_pipeline.model.errors import InputError, WrongUseError
from jira_pipeline.sheets.layouts.choice_changes import repeated_things
from jira_pipeline.sheets.layouts.choice_words import choice_words
from jira_pipeline.sheets.layouts.choices import choice_of
from jira_pipeline.sheets.layouts.choices_applied import with_choice
from jira_pipeline.sheets.layouts.coverage import Unsettled, texts_left_out
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.layout import Layout, Region
from jira_pipeline.sheets.layouts.layout_files import layout_yaml, read_layout
from jira_pipeline.sheets.layouts.layout_parts import changed
from jira_pipeline.sheets.layouts.row_checks import CheckedLayout, apply_and_check
from jira_pipeline.sheets.layouts.worksheet_choices import worksheets_renamed
from jira_pipeline_tests.sheets.layouts.made_grids import (
    findings_of,
    grid_of,
    layout_of_regions,
    rows_of,
)

TYPES = """
Name  | Machine name | Lead
News  | news         | Announcements
Event | event        | Talks
"""
TYPES_WITH_FIELDS = """
The types of the site
Name  | Machine name | Field label | Field type
News  | news         | Body        | Text
      |              | Picture     | Image
Event | event        | Starts      | Date
"""
BLOCK = """
Type: News
Purpose | Announcements

Field  | Kind  | Help
Body   | Prose | As it happened
How it is shown
"""
ANY = Layout(sheets=())


def chosen(grids: Sequence[Grid], *said: Mapping[str, Any]) -> Layout:
    layout = ANY
    for choice in said:
        layout = with_choice(layout, grids, choice_of(choice))
    # What a page makes is what a file may say.
    assert read_layout(layout_yaml(layout).encode()) == layout
    return layout


def reading(grids: Sequence[Grid], *said: Mapping[str, Any]) -> CheckedLayout:
    return apply_and_check(chosen(grids, *said), grids)


@pytest.mark.parametrize("name", NAMES)
def test_a_workbook_of_strangers_is_read_by_the_choices_of_the_page_alone(name: str) -> None:
    if not BOOKS.is_dir():
        pytest.skip(f"there are no workbooks in {BOOKS}")

    assert faults_of(name, choices_by_book()[name]) == []


def test_a_worksheet_is_types_with_a_type_that_somebody_says() -> None:
    grids = [grid_of(TYPES)]

    checked = reading(
        grids,
        {"do": "set_shape", "worksheet": "Sheet", "shape": "types", "bundle_type": "Media type"},
        {
            "do": "set_meaning",
            "worksheet": "Sheet",
            "header": "Lead",
            "meanings": [{"kind": "bundle", "column": "Description"}],
        },
    )

    assert rows_of(checked) == [
        {
            "kind": "bundle",
            "Name": "News",
            "Machine name": "news",
            "Type": "Media type",
            "Description": "Announcements",
        },
        {
            "kind": "bundle",
            "Name": "Event",
            "Machine name": "event",
            "Type": "Media type",
            "Description": "Talks",
        },
    ]
    assert checked.findings == ()


def test_types_with_their_fields_name_the_type_once() -> None:
    grids = [grid_of(TYPES_WITH_FIELDS)]

    checked = reading(
        grids,
        {
            "do": "set_shape",
            "worksheet": "Sheet",
            "shape": "types_with_fields",
            "bundle_type": "Content type",
        },
        {
            "do": "set_rows",
            "worksheet": "Sheet",
            "rows": "text",
            "text": "The types of the site",
            "become": "left_out",
            "reason": "a title",
        },
    )

    rows = rows_of(checked)
    assert [row["Name"] for row in rows if row["kind"] == "bundle"] == ["News", "Event"]
    fields = [row for row in rows if row["kind"] == "field"]
    assert [(row["Bundle"], row["Field label"]) for row in fields] == [
        ("News", "Body"),
        ("News", "Picture"),
        ("Event", "Starts"),
    ]
    assert checked.findings == ()


def test_a_line_above_names_the_type_of_each_worksheet_that_looks_alike() -> None:
    """One choice is about all of them, and a label beside a value is a column of the type."""
    other = BLOCK.replace("News", "Event").replace("Body", "Starts")
    grids = [grid_of(BLOCK, "News"), grid_of(other, "Event")]

    checked = reading(
        grids,
        {
            "do": "set_shape",
            "worksheet": "News",
            "shape": "types_with_fields",
            "bundle_type": "Content type",
        },
        {"do": "set_lines", "worksheet": "Event", "line": "Type: {name}"},
        {"do": "set_rows", "worksheet": "News", "rows": "alone", "become": "remarks"},
        {"do": "set_word", "holds": "field type", "word": "Prose", "means": "Text (plain, long)"},
    )

    bundles = [row for row in rows_of(checked) if row["kind"] == "bundle"]
    fields = [row for row in rows_of(checked) if row["kind"] == "field"]
    assert [(row["Name"], row["Description"]) for row in bundles] == [
        ("News", "Announcements"),
        ("Event", "Announcements"),
    ]
    assert [(row["Bundle"], row["Field label"], row["Field type"]) for row in fields] == [
        ("News", "Body", "Text (plain, long)"),
        ("Event", "Starts", "Text (plain, long)"),
    ]
    assert checked.findings == ()
    assert [remark.text for remark in checked.applied.remarks] == ["How it is shown"] * 2


def test_a_header_means_the_same_everywhere_and_so_do_its_words() -> None:
    """Also in a worksheet of which somebody says only afterwards what it lists."""
    grids = [
        grid_of("Name | Status\nNews | Done", "Types"),
        grid_of("Role | Status\nEditor | Done", "Roles"),
        grid_of("View name | Status\nAll news | Done", "Views"),
    ]

    checked = reading(
        grids,
        {"do": "set_shape", "worksheet": "Types", "shape": "types", "bundle_type": "Content type"},
        {"do": "set_shape", "worksheet": "Roles", "shape": "roles"},
        {
            "do": "set_meaning",
            "worksheet": "Types",
            "header": "Status",
            "meanings": [{"kind": "bundle", "column": "X"}],
            "everywhere": True,
        },
        {"do": "set_word", "holds": "status", "word": "Done", "means": "x"},
        {"do": "set_shape", "worksheet": "Views", "shape": "views"},
    )

    assert [row["X"] for row in rows_of(checked)] == ["x", "x", "x"]


def test_a_header_that_is_given_up_for_another_is_kept_in_its_own_words() -> None:
    grids = [grid_of("Name | Machine name | Title\nNews | news | The news")]

    checked = reading(
        grids,
        {"do": "set_shape", "worksheet": "Sheet", "shape": "types", "bundle_type": "Content type"},
        {
            "do": "set_meaning",
            "worksheet": "Sheet",
            "header": "Title",
            "meanings": [{"kind": "bundle", "column": "Name"}],
        },
    )

    (row,) = rows_of(checked)
    assert (row["Name"], row["Settings/notes"]) == ("The news", "Name: News")
    assert checked.findings == ()


def test_blank_owners_mean_the_one_above_in_all_worksheets() -> None:
    grids = [
        grid_of("Bundle | Field label | Field type\nNews | Body | Text\n | Picture | Image"),
        grid_of("Workflow | State | Notes\nEditorial | Draft | a\n | Live | b", "States"),
    ]

    checked = reading(
        grids,
        {"do": "set_shape", "worksheet": "Sheet", "shape": "fields"},
        {"do": "set_shape", "worksheet": "States", "shape": "workflow_states"},
        {"do": "set_blank", "worksheet": "Sheet", "means": "above", "everywhere": True},
    )

    owners = [row.get("Bundle") or row.get("Workflow") for row in rows_of(checked)]
    assert owners == ["News", "News", "Editorial", "Editorial"]


SENTENCES = """
Please keep this one
Label  | Machine name | Permissions
Editor | editor       | edit
Ask the board first
Other roles
Author | author       | write
Ask the board of trustees
"""


@pytest.mark.parametrize("is_broad_first", [True, False])
def test_what_is_said_of_a_row_by_its_text_goes_before_what_is_said_of_many(
    is_broad_first: bool,
) -> None:
    grids = [grid_of(SENTENCES)]
    of_rows = {"do": "set_rows", "worksheet": "Sheet"}
    closer: list[Mapping[str, Any]] = [
        {**of_rows, "rows": "text", "text": "Please keep this one", "become": "remarks"},
        {**of_rows, "rows": "starts", "text": "Ask the", "become": "left_out"},
        {**of_rows, "rows": "starts", "text": "Ask the board of", "become": "remarks"},
        {**of_rows, "rows": "text", "text": "ask the  board first", "become": "left_out"},
        {**of_rows, "rows": "text", "text": "Ask the board first", "become": "remarks"},
    ]
    broad = {**of_rows, "rows": "alone", "become": "left_out", "reason": "only a title"}
    shape = {"do": "set_shape", "worksheet": "Sheet", "shape": "roles"}

    said = [broad, *closer] if is_broad_first else [*closer, broad]
    checked = reading(grids, shape, *said)

    assert [remark.text for remark in checked.applied.remarks] == [
        "Ask the board first",
        "Ask the board of trustees",
        "Please keep this one",
    ]
    # A row above the header is quoted, too, though no table reads it.
    assert [*texts_left_out(checked.applied, grids)] == ["Other roles"]
    assert findings_of(checked) == []


def test_details_of_fields_are_looked_up_whichever_worksheet_is_named_first() -> None:
    details = grid_of("Field | Type | Values\nbody | Text | 1", "Storage")
    fields = grid_of("Bundle | Field label | Field machine name\nNews | Body | body", "Fields")
    said = [
        {"do": "set_shape", "worksheet": "Fields", "shape": "fields"},
        {"do": "set_shape", "worksheet": "Storage", "shape": "field_details"},
    ]
    joined = {
        "do": "set_meaning",
        "worksheet": "Storage",
        "header": "Field",
        "meanings": [{"kind": "field", "column": "Machine name"}],
    }

    for order in (said, said[::-1]):
        (row,) = rows_of(reading([fields, details], *order, joined))

        assert (row["Field type"], row["Vals."]) == ("Text", "1")


def test_a_worksheet_has_a_further_table_below_the_first() -> None:
    grids = [
        grid_of("""
            Name | Machine name | Type
            News | news | Content type

            Who works with it
            Role | Description
            Editor | Writes
        """)
    ]

    checked = reading(
        grids,
        {"do": "set_shape", "worksheet": "Sheet", "shape": "types"},
        {"do": "add_table", "worksheet": "Sheet", "shape": "roles", "header_row": 5},
        {
            "do": "set_rows",
            "worksheet": "Sheet",
            "rows": "alone",
            "become": "left_out",
            "reason": "a title",
        },
    )

    assert [(row["kind"], row["Name"]) for row in rows_of(checked)] == [
        ("bundle", "News"),
        ("user_role", "Editor"),
    ]
    assert checked.findings == ()


def test_a_further_table_with_the_headers_of_the_first_is_refused() -> None:
    grids = [grid_of("Name | Description\nNews | a\n|\nName | Description\nEditor | b")]
    layout = chosen(grids, {"do": "set_shape", "worksheet": "Sheet", "shape": "types"})
    further = {"do": "add_table", "worksheet": "Sheet", "shape": "roles", "header_row": 4}

    with pytest.raises(WrongUseError, match="those of the table above"):
        with_choice(layout, grids, choice_of(further))


def test_of_a_next_version_only_what_changed_is_said_again() -> None:
    """A header is renamed, one is gone, a worksheet is gone, and another is like one that is there."""
    before = [
        grid_of("Name | Lead | Owner\nNews | a | me", "Pages"),
        grid_of("Name | Lead | Owner\nImage | b | me", "Media"),
    ]
    types = {"shape": "types", "bundle_type": "Content type"}
    layout = chosen(
        before,
        {"do": "set_shape", "worksheet": "Pages", **types},
        {
            "do": "set_meaning",
            "worksheet": "Pages",
            "header": "Lead",
            "meanings": [{"kind": "bundle", "column": "Description"}],
        },
    )
    now = [
        grid_of("Name | Summary\nNews | a", "Pages"),
        grid_of("Name | Summary\nTopic | c", "Lists"),
    ]

    for choice in (
        {"do": "forget_worksheet", "worksheet": "Media"},
        {"do": "rename_header", "worksheet": "Pages", "header": "Lead", "now": "Summary"},
        {"do": "rename_header", "worksheet": "Pages", "header": "Owner"},
        {"do": "set_like", "worksheet": "Lists", "like": "Pages"},
    ):
        layout = with_choice(layout, now, choice_of(choice))

    checked = apply_and_check(layout, now)
    descriptions = [(row["Name"], row["Description"]) for row in rows_of(checked)]
    assert descriptions == [("News", "a"), ("Topic", "c")]
    assert checked.findings == ()


def test_a_worksheet_that_lost_a_header_is_read_without_it_and_says_which_is_new() -> None:
    """The whole worksheet was dropped, and the page led to a dead end (3 of 3 who tried)."""
    layout = chosen(
        [grid_of("Name | Lead\nNews | a", "Pages"), grid_of("Name | Lead\nImage | b", "Media")],
        {"do": "set_shape", "worksheet": "Pages", "shape": "types", "bundle_type": "Content type"},
        {
            "do": "set_meaning",
            "worksheet": "Pages",
            "header": "Lead",
            "meanings": [{"kind": "bundle", "column": "Description"}],
        },
    )
    now = [grid_of("Name | Summary\nNews | a", "Pages"), grid_of("Name | Lead\nImage | b", "Media")]

    asked = apply_and_check(layout, now)
    renamed = with_choice(
        layout,
        now,
        choice_of(
            {"do": "rename_header", "worksheet": "Pages", "header": "Lead", "now": "Summary"}
        ),
    )

    (misfit,) = [finding for finding in asked.findings if finding.code is Unsettled.MISFIT]
    assert (misfit.worksheet, misfit.subject, misfit.new_headers) == ("Pages", "Lead", ("Summary",))
    assert [row["Name"] for row in rows_of(asked)] == ["News", "Image"]
    after = apply_and_check(renamed, now)
    assert [row["Description"] for row in rows_of(after)] == ["a", "b"]
    assert after.findings == ()


def test_a_header_that_one_of_several_worksheets_lost_is_renamed_there_alone() -> None:
    """A cell with the text of the header counted as it, so that the other worksheet lost its own."""
    media = grid_of("Name | Lead | Kept by\nImage | b | Ada", "Media")
    layout = chosen(
        [grid_of("Name | Lead | Kept by\nNews | a | Lead", "Pages"), media],
        {"do": "set_shape", "worksheet": "Pages", "shape": "types", "bundle_type": "Content type"},
        {
            "do": "set_meaning",
            "worksheet": "Pages",
            "header": "Lead",
            "meanings": [{"kind": "bundle", "column": "Description"}],
        },
    )
    now = [grid_of("Name | Summary | Kept by\nNews | a | Lead", "Pages"), media]
    choice = {"do": "rename_header", "worksheet": "Pages", "header": "Lead", "now": "Summary"}

    renamed = with_choice(layout, now, choice_of(choice))

    checked = apply_and_check(renamed, now)
    assert [row["Description"] for row in rows_of(checked)] == ["a", "b"]
    assert checked.findings == ()


def test_a_worksheet_that_is_called_otherwise_is_read_as_it_was() -> None:
    types = {"shape": "types", "bundle_type": "Content type"}
    layout = chosen(
        [grid_of("Name | Lead\nNews | a", "Pages")],
        {"do": "set_shape", "worksheet": "Pages", **types},
    )
    now = [grid_of("Name | Lead\nNews | a", "Pages v2"), grid_of("Note | By\nx | y", "Log")]

    offered = worksheets_renamed(layout, now, "Pages")
    renamed = with_choice(
        layout,
        now,
        choice_of({"do": "rename_worksheet", "worksheet": "Pages", "now": "Pages v2"}),
    )

    assert offered == ["Pages v2", "Log"]
    assert [row["Name"] for row in rows_of(apply_and_check(renamed, now))] == ["News"]


def test_things_that_a_choice_would_make_twice_are_named_and_twins_of_the_sheet_are_not() -> None:
    """By the advice of a program, nine tickets became twelve, and nothing said so."""
    types = {"do": "set_shape", "shape": "types", "bundle_type": "Vocabulary"}
    grids = [
        grid_of("Name | Notes\nTopics | a\nTopics | b\nGenre | c", "Types"),
        grid_of("Vocabulary | Terms\nGenre | Crime", "Categories"),
    ]
    before = apply_and_check(ANY, grids)
    once = reading(grids, {**types, "worksheet": "Types"})
    twice = reading(grids, {**types, "worksheet": "Types"}, {**types, "worksheet": "Categories"})

    assert [*repeated_things(before, once)] == []
    assert [*repeated_things(once, twice)] == ["Genre: 1 type now, then 2"]


@pytest.mark.parametrize(
    "said",
    [
        {"do": "leave_out_worksheets", "worksheets": ["Nowhere"], "reason": "a cover"},
        {"do": "keep_header", "worksheet": "Sheet", "header": "Name"},
        {"do": "set_shape", "worksheet": "Sheet", "shape": "types", "header_row": 99},
    ],
    ids=["no such worksheet", "a header of a worksheet without a shape", "a blank header"],
)
def test_a_choice_about_what_is_not_there_is_refused(said: Mapping[str, Any]) -> None:
    with pytest.raises(WrongUseError):
        with_choice(ANY, [grid_of(TYPES)], choice_of(said))


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"do": "set_shape", "worksheet": "Sheet", "shape": "aliens"},
        {"do": "leave_out_worksheets", "worksheets": [], "reason": "a cover"},
    ],
)
def test_a_choice_that_is_none_is_refused_with_its_reason(said: Mapping[str, Any]) -> None:
    with pytest.raises(InputError, match="nothing was saved"):
        choice_of(said)


def test_groups_are_the_rows_above_the_header_and_never_rows_below_it() -> None:
    """“Three rows: groups above” took rows below, so that the first things were headers."""
    grids = [
        grid_of(
            """
            |         | Where    |
            | Of it   | It is on | Until
Name        | Purpose | Place    | Day
            | prose   | on land  |
Orchard     | Fruit   | North    | May
"""
        )
    ]
    shape = {"do": "set_shape", "worksheet": "Sheet", "shape": "roles", "header_row": 3}

    layout = chosen(grids, {**shape, "header_rows": 3, "header_below": 1})

    region = layout.sheets[0].regions[0]
    assert [value.column for value in region.all_values] == [
        "Name",
        "Of it / Purpose",
        "Where / It is on / Place",
        "Where / Until / Day",
    ]
    rows = rows_of(apply_and_check(layout, grids))
    assert [row["Name"] for row in rows] == ["Orchard"]


def test_a_row_without_so_many_rows_above_it_has_no_groups() -> None:
    choice = {"do": "set_shape", "worksheet": "Sheet", "shape": "types", "header_row": 1}

    with pytest.raises(WrongUseError, match="no 2 rows of groups"):
        chosen([grid_of(TYPES)], {**choice, "header_rows": 3})


def test_a_header_that_came_later_can_be_said() -> None:
    """A column that was added was asked about, and saying what it is was refused."""
    before = grid_of(TYPES)
    layout = chosen([before], {"do": "set_shape", "worksheet": "Sheet", "shape": "types"})
    after = [grid_of("Name | Machine name | Lead | Kind of it\nNews | news | Talks | Vocabulary")]
    meaning = {"kind": "bundle", "column": "Type"}
    choice = {"do": "set_meaning", "worksheet": "Sheet", "header": "Kind of it"}

    layout = with_choice(layout, after, choice_of({**choice, "meanings": [meaning]}))

    checked = apply_and_check(layout, after)
    assert [row["Type"] for row in rows_of(checked)] == ["Vocabulary"]
    assert checked.findings == ()


def test_a_header_that_lacks_some_beside_one_that_has_all_is_that_of_another_table() -> None:
    """Five headers were said to be renamed where a second table begins."""
    layout = layout_of_regions(
        "{name: r, header: [Name], repeats: true, unused: {Machine name: other, Values: other}, "
        "records: [{into: bundle, columns: {Name: Name, Remarks: Terms}}]}"
    )
    page = "Name | Machine name | Terms\nTopic | topic | many"
    further = "\n\nName | Machine name | Values\nColour | colour | green"

    checked = apply_and_check(layout, [grid_of(page + further)])

    (misfit,) = [found for found in checked.findings if found.code is Unsettled.MISFIT]
    assert (misfit.where, misfit.subject) == ("Sheet!A4", "")
    assert [row["Name"] for row in rows_of(checked)] == ["Topic"]


def test_a_table_that_is_found_by_all_its_headers_is_read_without_one_of_them() -> None:
    """Its own row counted as that of another table, so that nothing of it was read."""
    before = grid_of("May | Where | Who | Why\nPrune | Orchard | Ada | weekly")
    after = grid_of("May | Place | Who | Why\nPrune | Orchard | Ada | weekly")
    layout = chosen([before], {"do": "set_shape", "worksheet": "Sheet", "shape": "own_sheet"})
    region = layout.sheets[0].regions[0]
    sheet = changed(layout.sheets[0], regions=(changed(region, header=region_headers(region)),))

    checked = apply_and_check(changed(layout, sheets=(sheet,)), [after])

    assert [row["Who"] for row in rows_of(checked)] == ["Ada"]
    assert [finding.code.value for finding in checked.findings] == ["misfit"]


def test_a_header_under_a_new_name_is_told_once_and_its_cells_once_it_is_said_to_be_gone() -> None:
    """One renamed header was told by each of the 51 cells below it as well."""
    before = grid_of("May | Where | Who\nPrune | Orchard | Ada\nDig | Pond | Ben")
    after = [grid_of("May | Place | Who\nPrune | Orchard | Ada\nDig | Pond | Ben")]
    layout = chosen([before], {"do": "set_shape", "worksheet": "Sheet", "shape": "own_sheet"})
    is_gone = {"do": "rename_header", "worksheet": "Sheet", "header": "Where", "now": ""}

    renamed = apply_and_check(layout, after)
    gone = apply_and_check(with_choice(layout, after, choice_of(is_gone)), after)

    assert [finding.code.value for finding in renamed.findings] == ["misfit"]
    assert [finding.text for finding in gone.findings] == ["Place", "Orchard", "Pond"]


def region_headers(region: Region) -> list[str]:
    return [value.column for value in region.all_values if value.column is not None]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        pytest.param(
            {"do": "set_word", "holds": "status", "word": "later", "means": "w"},
            "the word “later” means “on hold: not now”",
            id="a status",
        ),
        pytest.param(
            {"do": "set_word", "holds": "number of values", "word": "several", "means": "*"},
            "the word “several” means “any number”",
            id="a number",
        ),
        pytest.param(
            {"do": "set_word", "holds": "yes or no", "word": "?", "means": ""},
            "the word “?” says nothing",
            id="nothing",
        ),
        pytest.param(
            {"do": "set_colour", "worksheet": "A", "header": "B", "colour": "FF", "means": "w"},
            "the look of the header “B” means “on hold: not now”",
            id="a header that looks otherwise",
        ),
        pytest.param(
            {
                "do": "set_looks",
                "looks": [
                    {"look": "fill", "colour": "FFD9D9D9", "means": "undecided"},
                    {"look": "struck", "means": "dropped"},
                ],
            },
            "cells filled with FFD9D9D9: not decided: ask; "
            "text that is struck through: dropped: never built",
            id="looks",
        ),
        pytest.param(
            {
                "do": "set_marks",
                "worksheet": "A",
                "marks": [{"text": "-", "means": "none"}],
            },
            "marks of “A”: “-” means “no”",
            id="a mark",
        ),
        pytest.param(
            {"do": "set_constant", "worksheet": "A", "kind": "bundle", "column": "Type"},
            "“Which kind of type it is” is no longer said for all rows of “A”",
            id="what was said of all",
        ),
    ],
)
def test_what_somebody_chose_is_said_in_the_words_of_the_page(
    said: Mapping[str, Any], words: str
) -> None:
    assert choice_words(choice_of(said)) == words


def test_a_choice_of_nothing_says_what_was_not_chosen() -> None:
    with pytest.raises(InputError, match="nothing was chosen for worksheets"):
        choice_of({"do": "leave_out_worksheets", "reason": "about the document"})


def test_a_worksheet_said_anew_keeps_what_was_left_out_where_it_ends_and_what_is_said_of_all() -> (
    None
):
    """The header of a column that nobody builds was asked about again."""
    grid = grid_of("Label | Type | Owner\nSeats | Text | me\n\nNotes below", "Fields")
    fields = {"do": "set_shape", "worksheet": "Fields", "shape": "fields"}
    said = (
        fields,
        {
            "do": "leave_out_header",
            "worksheet": "Fields",
            "header": "Owner",
            "reason": "not built",
        },
        {
            "do": "set_constant",
            "worksheet": "Fields",
            "kind": "field",
            "column": "Bundle",
            "text": "Boat",
        },
        {"do": "set_end", "worksheet": "Fields", "ends": "blank"},
    )
    layout = Layout(sheets=())
    for choice in (*said, fields):
        layout = with_choice(layout, [grid], choice_of(choice))

    assert rows_of(apply_and_check(layout, [grid])) == [
        {"kind": "field", "Field label": "Seats", "Field type": "Text", "Bundle": "Boat"}
    ]


def test_types_said_anew_are_not_called_like_their_worksheet() -> None:
    """One type was called so before: several that nothing names must not be."""
    grid = grid_of("Moored | Painted\nSeats | red\nBerth | blue", "Boats")
    layout = Layout(sheets=())
    for shape in ("type_with_fields", "types"):
        said = choice_of({"do": "set_shape", "worksheet": "Boats", "shape": shape})
        layout = with_choice(layout, [grid], said)

    rows = rows_of(apply_and_check(layout, [grid]))

    assert "Boats" not in {text for row in rows for text in row.values()}
