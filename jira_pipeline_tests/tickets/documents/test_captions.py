"""What is written beside the rows of a table is quoted in the tickets that are made of them."""

from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.tickets.documents.adf_validation import table_discrepancies
from jira_pipeline.tickets.documents.configuration_tables import tables_of
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline_tests.sheets.made_readings import Reading

BUNDLES = (
    "Name,Machine name,X,Type,Description\nPier,pier,a,Content type,\nTide,tide,a,Content type,\n"
)
HEADER = "Bundle,Field label,Machine name,Field type,X\n"
PIER = "Pier,Depth,field_depth,Number (integer),a\n"
TIDE = "Tide,Height,field_height,Number (integer),a\n"


def groups_of(fields: str, **others: str) -> list[EntityGroup]:
    files = {"Bundles.csv": BUNDLES, "Fields.csv": fields}
    files |= {f"{name}.csv": text for name, text in others.items()}
    reading = Reading(files)
    return list(group_entities(reading.specification).groups)


def said_in(fields: str) -> dict[str, list[tuple[str, int]]]:
    return {
        group.label: [(row.label, row.source.line) for row in group.captions]
        for group in groups_of(fields)
        if group.captions
    }


def test_a_sentence_above_a_table_is_in_every_ticket_of_its_rows() -> None:
    """“All of them get meta tags” was lost without a word."""
    said = [("All of them also get meta tags", 2), ("Applies to | Pier, Tide", 3)]

    found = said_in(
        'Fields\nAll of them also get meta tags\nApplies to,"Pier, Tide"\n' + HEADER + PIER + TIDE
    )

    assert found == {"Pier": said, "Tide": said}


def test_a_line_below_all_rows_may_be_about_any_of_them() -> None:
    said = [("* depths and heights are in centimetres", 5)]

    found = said_in(HEADER + PIER + TIDE + "\n* depths and heights are in centimetres,,,,\n")

    assert found == {"Pier": said, "Tide": said}


def test_a_line_right_above_a_block_of_rows_is_of_these() -> None:
    found = said_in(HEADER + PIER + "\nWhat follows is measured twice a day,,,,\n" + TIDE)

    assert found == {"Tide": [("What follows is measured twice a day", 4)]}


def test_tickets_quote_such_a_line_with_its_place_and_nothing_else() -> None:
    said = "Fields\nAll of them also get meta tags\n"
    (group,) = [g for g in groups_of(said + HEADER + PIER + TIDE) if g.label == "Pier"]

    tables = tables_of(group)

    (quoted,) = [table for table in tables if table.title.startswith("Said beside")]
    assert quoted.title == "Said beside the rows of “Fields.csv” (1)"
    assert [(row.cells, row.lines) for row in quoted.rows] == [
        (("All of them also get meta tags",), (2,))
    ]
    assert table_discrepancies(group, tables) == ()
    assert len(table_discrepancies(group, [t for t in tables if t is not quoted])) == 1


def test_a_title_is_no_such_line() -> None:
    assert said_in("Fields of all types\n" + HEADER + PIER + TIDE) == {}


def test_lines_below_a_row_down_to_a_blank_one_are_of_it() -> None:
    """The second and third were in the ticket of the next block, which they contradicted."""
    measured = ["Measured from the bottom", "Every hour and on the hour", "At each of the two ends"]
    lines = "".join(f"{text},,,,\n" for text in measured)

    found = said_in(HEADER + PIER + lines + "\n" + TIDE)

    assert found == {"Pier": [(text, 3 + at) for at, text in enumerate(measured)]}
