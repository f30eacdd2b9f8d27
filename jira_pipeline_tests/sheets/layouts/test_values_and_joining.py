"""What is taken of cells: parts, words, looked-up names; and rows that are one thing."""

import pytest

from jira_pipeline_tests.sheets.layouts.made_grids import (
    addresses_of,
    findings_of,
    grid_of,
    reading_of,
    rows_of,
)


def role(name: str) -> str:
    return f"{{name: r, records: [{{into: user_role, columns: {{Name: {name}}}}}]}}"


@pytest.mark.parametrize(
    ("value", "cell", "expected"),
    [
        ("{column: Role, before: ' ('}", "Editor (news)", "Editor"),
        ("{column: Role, after: ': '}", "Role: Editor", "Editor"),
        ("{column: Role, after: ': '}", "Editor", None),
        ("{column: Role, contains: Editor}", "the Editors", "Editor"),
        ("{column: Role, words: {ed: Editor}}", "ED", "Editor"),
        ("{column: Role, words: {none: ''}}", "none", None),
        ("{column: Role, split: ';'}", "Editor; Author", "Editor\nAuthor"),
        ("{column: Role, as: 'The {}'}", "Editor", "The Editor"),
        ("{parts: [Role, {text: x}], between: '-'}", "Editor", "Editor-x"),
        ("{title: true}", "Editor", "Sheet"),
        ("{cell: A1}", "Editor", "Role"),
    ],
)
def test_a_value_takes_what_it_names_of_a_cell(value: str, cell: str, expected: str | None) -> None:
    reading = reading_of(role(f"[{value}]"), grid_of(f"Role\n{cell}"))

    assert {row["Name"] for row in rows_of(reading)} == ({expected} if expected else set())


def test_each_cell_is_told_with_its_sources() -> None:
    reading = reading_of(
        "{name: r, records: [{into: user_role, columns: {Name: Role, Notes: [May, Not]}}]}",
        grid_of("Role|May|Not\nEditor|edit|delete"),
    )

    (row,) = reading.applied.rows
    assert row.cells["Notes"] == "edit\ndelete"
    assert addresses_of(row, "Notes") == ["B2", "C2"]


@pytest.mark.parametrize(
    ("fill", "expected"), [("above", ["Boat", "Boat", "Boat"]), ("none", ["Boat", "", ""])]
)
def test_a_blank_cell_means_what_the_layout_says(fill: str, expected: list[str]) -> None:
    reading = reading_of(
        f"{{name: f, records: [{{into: field, columns: {{Bundle: {{column: Type, fill: {fill}}}, "
        "Field label: Field, Field type: {text: Boolean}}}]}",
        grid_of("Type|Field\nBoat|Length\n|Owner\n|Depth"),
    )

    assert [row.get("Bundle", "") for row in rows_of(reading)] == expected


LOOKUP = (
    "{name: storages, columns: 'A:B', records: [{into: helper, sheet: storage, columns: "
    "{name: Storage, type: Kind}}]}, {name: fields, columns: 'D:E', records: [{into: field, "
    "columns: {Bundle: Type, Field label: Uses, Field type: {column: Uses, lookup: "
    "{kind: helper, sheet: storage, by: [name], give: type}}}}]}"
)


def test_a_name_is_looked_up_in_other_rows() -> None:
    reading = reading_of(LOOKUP, grid_of("Storage|Kind||Type|Uses\nlength|Boolean||Boat|length"))

    assert findings_of(reading) == []
    assert rows_of(reading)[0]["Field type"] == "Boolean"
    addresses = addresses_of(reading.applied.rows[0], "Field type")
    assert addresses == ["E2", "B2"]


def test_a_name_that_no_row_has_is_asked_about_and_so_is_what_nobody_looks_up() -> None:
    reading = reading_of(LOOKUP, grid_of("Storage|Kind||Type|Uses\nlength|Boolean||Boat|depth"))

    codes = [code for code, _ in findings_of(reading)]
    assert codes == ["not_read", "not_read", "name_not_found", "word_unread"]


def test_a_name_that_two_rows_answer_differently_is_asked_about() -> None:
    text = "Storage|Kind||Type|Uses\nlength|Boolean||Boat|length\nlength|Text||Boat|length"

    codes = {code for code, _ in findings_of(reading_of(LOOKUP, grid_of(text)))}

    assert "name_not_found" in codes


def test_rows_of_one_thing_are_gathered_and_keep_their_sources() -> None:
    reading = reading_of(
        "{name: terms, records: [{into: bundle, same_by: [Name, Type], "
        "gather: {Settings/notes: {between: ', ', as: 'Terms: {}'}}, columns: "
        "{Name: List, Type: {text: Vocabulary}, Settings/notes: Term}}]}",
        grid_of("List|Term\nTopics|Wind\nTopics|Tide\nAreas|North"),
    )

    notes = [(row["Name"], row["Settings/notes"]) for row in rows_of(reading)]
    assert findings_of(reading) == []
    assert notes == [("Topics", "Terms: Wind, Tide"), ("Areas", "Terms: North")]
    addresses = addresses_of(reading.applied.rows[0], "Settings/notes")
    assert addresses == ["B2", "B3"]


def test_a_remark_about_a_row_that_joins_another_is_kept() -> None:
    reading = reading_of(
        "{name: types, remarks: [{starts: ['*'], about: {column: Note, is: ['*']}}], "
        "unused: {Note: marks of remarks}, records: [{into: bundle, same_by: [Name, Type], "
        "columns: {Name: Type, Type: {text: Content type}}}]}",
        grid_of("Type|Note\nBoat|\nBoat|*\n* twice"),
    )

    assert [row.get("Remarks") for row in rows_of(reading)] == ["* twice"]


def test_what_a_further_row_says_otherwise_of_one_thing_is_asked_about() -> None:
    """It was read, and lost: of a thing that two rows describe the first one counted."""
    reading = reading_of(
        "{name: types, records: [{into: bundle, same_by: [Name, Type], columns: "
        "{Name: Type, Type: {text: Content type}, Description: What}}]}",
        grid_of("Type|What\nBoat|It sails\nBoat|It floats\nBoat|It sails"),
    )

    assert [row["Description"] for row in rows_of(reading)] == ["It sails"]
    assert [code for code, _ in findings_of(reading)] == ["cell_differs"]


def test_rows_of_which_nothing_says_what_they_are_stay_apart() -> None:
    reading = reading_of(
        "{name: roles, records: [{into: user_role, same_by: [Name], columns: "
        "{Name: Role, Notes: May}}]}",
        grid_of("Role|May\n|edit\n|delete"),
    )

    assert [row["Notes"] for row in rows_of(reading)] == ["edit", "delete"]
