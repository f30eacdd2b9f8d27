"""What a workbook explains of its author's own words and codes, beside whatever else."""

from dataclasses import replace

from xlsxwriter import Workbook

from jira_pipeline.model.entities import EntityKind, Specification
from jira_pipeline.tickets.documents.adf_validation import table_discrepancies
from jira_pipeline.tickets.documents.configuration_tables import tables_of
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline_tests.sheets.made_readings import Reading
from jira_pipeline_tests.sheets.made_workbooks import fill, written
from jira_pipeline_tests.sheets.odd_words import CODED
from jira_pipeline_tests.tables import each


def specification() -> Specification:
    return Reading(CODED).specification


def test_a_ticket_quotes_what_a_legend_says_of_its_codes_and_headers_beside_a_change_log() -> None:
    (group,) = group_entities(specification()).groups

    quoted = [each.label.partition(":")[0] for each in group.captions]
    assert quoted == ["W / WW", "HK", "Cnt", "ZL ZLi", "QQ"]


def test_a_line_that_explains_several_codes_is_quoted_once_and_whole() -> None:
    """No ticket could be written: the proof of tables found half of the line in none."""
    read = specification()
    codes = [*read.explaining("W60"), *read.explaining("WW"), *read.explaining("HK")]
    row = replace(read.by_kind[EntityKind.FIELD][0], cells={"Field type": "W60", "Notes": "WW"})

    (group,) = group_entities(
        replace(read, entities=(*read.by_kind[EntityKind.BUNDLE], row))
    ).groups

    assert [each.cell("Word") for each in codes] == ["W", "WW", "HK"]
    assert [each.cell("Word") for each in group.captions] == ["W / WW"]
    assert table_discrepancies(group, tables_of(group)) == ()


@each(("cell", "words"), [("W60", ["W"]), ("WW, HK", ["WW", "HK"]), ("w60", []), ("Hk", ["HK"])])
def test_codes_are_found_with_a_number_or_beside_others(cell: str, words: list[str]) -> None:
    found = specification().explaining(cell)

    assert [row.cell("Word") for row in found] == words


def test_rows_in_a_format_that_a_legend_explains_are_named() -> None:
    """They were built, and nothing said that a format had been passed over."""

    def write(workbook: Workbook) -> None:
        grey = workbook.add_format({"italic": True, "font_color": "#888888"})
        blue = workbook.add_format({"font_color": "#0000CC"})
        cover = workbook.add_worksheet("Cover")
        fill(cover, [["Ferry site", ""], [], ["", "comes in autumn"], ["Blue", ""]])
        cover.write(2, 0, "Grey and italic", grey)
        sheet = workbook.add_worksheet("Bundles")
        fill(sheet, [["Name", "Machine name", "X", "Type"], ["Pier", "pier", "a", "Content type"]])
        for column, text in enumerate(("Rope", "rope", "a", "Content type")):
            sheet.write(2, column, text, grey)
            sheet.write(3, column, f"{text} 2", blue)

    named = Reading({"Ferry.xlsx": written(write)}).only("format_explained")

    assert (named.file, named.line, named.also_lines) == ("Ferry.xlsx:Bundles", 3, ())
    assert "comes in autumn" in named.message
