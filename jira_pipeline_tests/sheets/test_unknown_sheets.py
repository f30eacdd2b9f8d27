"""Headers nobody knows: what they may mean is proposed, and never read."""

from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.sessions import NO_COLUMN
from jira_pipeline_tests.sheets.made_readings import MANIFEST, Reading, Sheets
from jira_pipeline_tests.sheets.odd_sheets import OWN_FIELDS


def test_sheets_that_nobody_recognises_are_one_finding_with_a_line_for_all() -> None:
    """Each repeated the headers of all kinds of sheets, which nobody reads."""
    plan = [["Who", "When"], ["Ada", "May"]]
    tools = [
        ["No", "What people read", "Kind of input", "Compulsory", "How many", "In code"],
        ["1", "Length of the boat", "Number", "yes", "1", "field_length"],
        ["2", "Owner", "short text", "no", "many", "field_owner"],
    ]
    sheets: Sheets = {"Plan": plan, "Boats": tools}

    reading = Reading(sheets)
    finding = reading.only("sheet_unknown")
    mapped = Reading({**sheets, MANIFEST: finding.advice.split("`")[1]})

    assert "“Boats” (line 1), “Plan” (line 1)" in finding.message
    assert "“What people read” = Field label, “Kind of input” = Field type" in finding.message
    assert "“In code” = Machine name" in finding.message
    assert "also needs Bundle" in finding.message
    assert EntityKind.FIELD in {*mapped.kinds.values()}


def test_the_finding_says_how_to_leave_a_sheet_out() -> None:
    bundles = [["Name", "Machine name", "X", "Type"], ["Berth", "berth", "a", "Content type"]]
    cover = [["Version", "Changed by", "What"], ["1.0", "Ada", "First"]]

    of_file, of_tab = (
        Reading(sheets).only("sheet_unknown")
        for sheets in (
            {"c.csv": "Version,Changed by,What\n1.0,Ada,First\n"},
            {"Bundles": bundles, "People": cover},
        )
    )

    assert of_file.advice.endswith(", remove the file or hide the worksheet.")
    assert of_tab.advice.endswith("If it is not part of the specification, skip its ticket.")


def test_people_are_asked_about_each_header_with_its_cells_and_the_columns_there_are() -> None:
    reading = Reading({"Fields.csv": OWN_FIELDS})

    asked = {one.header: one for one in reading.folder.unknown_headers}
    assert asked["Muss"].examples == ("y", "n")
    assert (asked["Kennwort"].proposed, asked["Hilfe?"].proposed) == (
        "Machine name",
        "Help text",
    )
    first, others, none = asked["Hilfe?"].choices
    assert first[0] == "fields"
    assert {"Settings/notes", "Help text"} <= set(first[1])
    assert "View name" in others[1]
    assert none[1] == (NO_COLUMN,)
