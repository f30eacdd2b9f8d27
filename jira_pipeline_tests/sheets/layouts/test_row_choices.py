"""Rows that somebody leaves out, quotes or reads again, by what they say."""

from jira_pipeline.sheets.layouts.coverage import Unsettled, texts_left_out
from jira_pipeline.sheets.layouts.header_offers import tables_of_group
from jira_pipeline.sheets.layouts.layout_findings import INFORMATIVE_CHECKS
from jira_pipeline.sheets.layouts.row_checks import apply_and_check
from jira_pipeline.sheets.layouts.row_offers import OtherRows, RowReading
from jira_pipeline.sheets.layouts.worksheet_groups import worksheet_groups
from jira_pipeline_tests.sheets.layouts.made_grids import findings_of, grid_of
from jira_pipeline_tests.sheets.layouts.test_line_choices import cells_of, chosen, reading

QUOTED = {
    "do": "set_rows",
    "worksheet": "Sheet",
    "rows": "text",
    "text": "Hut",
    "become": "remarks",
}
NOTES = """
Name   | Held by
Keeper | Ada
Cook   | nobody wants it
"""
ROLES = {"do": "set_shape", "worksheet": "Sheet", "shape": "roles"}
COOK = {**QUOTED, "text": "Cook"}


def test_a_row_is_quoted_whole_also_above_the_header() -> None:
    """Of a quoted row each cell was a remark of its own, and short ones, such as its name, went."""
    grid = grid_of("Kept by: Ada\n" + NOTES.strip())
    above = {**QUOTED, "text": "Kept by: Ada"}

    checked = reading([grid], {**ROLES, "header_row": 2}, COOK, above)

    texts = [remark.text for remark in checked.applied.remarks]
    assert texts == ["Cook | nobody wants it", "Kept by: Ada"]
    assert findings_of(checked) == []


def test_a_quoted_row_that_says_more_in_the_next_version_is_asked_about() -> None:
    """It was swallowed, although it had become a thing."""
    layout = chosen([grid_of(NOTES)], ROLES, COOK)
    same = apply_and_check(layout, [grid_of(NOTES + "Waiter | Eve")])
    next_version = grid_of(NOTES.replace("nobody wants it", "Ben"))

    more = apply_and_check(layout, [next_version])
    (finding,) = more.findings
    quoted_again = apply_and_check(chosen([next_version], ROLES, COOK), [next_version])

    assert findings_of(same) == []
    assert cells_of(more, "Name")[-1] == ("Cook",)
    assert (finding.where, finding.text) == (
        "Sheet!A3",
        "“Cook”: such a row was quoted, and this one says more: it is read now",
    )
    assert findings_of(quoted_again) == []


def test_what_was_said_of_rows_can_be_taken_back() -> None:
    checked = reading([grid_of(NOTES)], ROLES, COOK, {**COOK, "become": "things"})

    assert cells_of(checked, "Name") == [("Keeper",), ("Cook",)]


def test_rows_of_other_worksheets_are_offered_where_nothing_reads_them() -> None:
    """In all worksheets took the terms of a vocabulary, each of which has one cell."""
    grids = [
        grid_of("as agreed\n" + NOTES.strip() + "\nHigh"),
        grid_of("as agreed\nName | Type\nHut | Content type", "Kinds"),
        grid_of("Name | Rank\nLow | 1\nHigh", "Ranks"),
    ]
    layout = chosen(
        grids,
        {**ROLES, "header_row": 2},
        {"do": "set_shape", "worksheet": "Kinds", "shape": "types", "header_row": 2},
        {"do": "set_shape", "worksheet": "Ranks", "shape": "types", "bundle_type": "Vocabulary"},
    )
    checked = apply_and_check(layout, grids)
    groups = worksheet_groups(layout, grids, checked, unsettled=checked.findings)
    rows = RowReading(tables_of_group(groups[0], layout, checked), groups[1:])
    offers = [rows.row_offer("Sheet", number) for number in (1, 5)]

    in_kinds = OtherRows("Kinds", (1,))
    assert rows.lone_elsewhere == [in_kinds]
    assert [offer.elsewhere for offer in offers if offer] == [(in_kinds,), ()]


def test_new_words_below_a_header_that_is_left_out_are_told_and_not_asked_about() -> None:
    left_out = {
        "do": "leave_out_header",
        "worksheet": "Sheet",
        "header": "Held by",
        "reason": "talk between us",
    }
    grids = [grid_of(NOTES)]
    layout = chosen(grids, ROLES, left_out)
    texts = texts_left_out(apply_and_check(layout, grids).applied, grids)
    confirmed = layout.model_copy(update={"left": texts})

    later = apply_and_check(confirmed, [grid_of(NOTES + "Waiter | perhaps Eve")])

    (told,) = later.findings
    assert told.code is Unsettled.NEWLY_IGNORED
    assert told.code in INFORMATIVE_CHECKS
