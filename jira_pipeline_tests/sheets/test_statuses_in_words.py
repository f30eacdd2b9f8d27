"""What is built, is there or comes later, in words of those who wrote the sheets: read, or asked once."""

from xlsxwriter import Workbook

from jira_pipeline.drupal.meaning.notes import (
    is_not_now,
    is_not_now_beside,
    is_title_of_later,
    puts_off,
)
from jira_pipeline.model.entities import Status
from jira_pipeline.model.open_questions import PlacedQuestion, count_questions
from jira_pipeline.sheets.reading.cells import status_spelled
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline.tickets.questions.found_questions import all_open_questions
from jira_pipeline_tests.sheets.made_readings import MANIFEST, Reading
from jira_pipeline_tests.sheets.made_workbooks import written
from jira_pipeline_tests.tables import each

FATE = {MANIFEST: "columns: {Fate: X}"}
TYPES = "Name,Machine name,Type,Fate\nSail,sail,Content type,{}\nMast,mast,Vocabulary,{}\n"
ROPES = "Bundle,Field label,Machine name,Field type,Fate\nSail (Content type),Rope,field_rope,Plain text,{}\n"
KNOTS = ROPES + "Mast (Vocabulary),Knot,field_knot,Plain text,{}\n"


@each(
    ("status", "words"),
    [
        (Status.APPROVED, "now; To build; MVP; Phase 1; new; neu; maintenant; nuevo; te bouwen"),
        (Status.IMPLEMENTED, "exists; already there; In place; live; vorhanden; existe; bestaat"),
        (Status.WAITING, "withdrawn; dropped; cancelled; deleted from scope; info; entfällt"),
        (Status.WAITING, "phase 2; parked; later; nothing to build; plus tard; vervalt"),
    ],
)
def test_words_that_everybody_uses_are_statuses(status: Status, words: str) -> None:
    assert {status_spelled(word) for word in words.split("; ")} == {status}


@each("word", ["done", "open", "planned", "yes", "ok", "draft", "keep", "Sprint 2", "must"])
def test_an_ambiguous_word_is_none(word: str) -> None:
    assert status_spelled(word) is None


def test_a_word_that_nobody_knows_is_one_question_of_all_tickets() -> None:
    """It was asked of each row, and twice in a ticket with rows of two sheets."""
    types, knots = TYPES.format("now", "now"), KNOTS.format("rigged", "rigged")
    sheets = Reading({**FATE, "Bundles.csv": types, "Fields.csv": knots}).specification
    groups = group_entities(sheets).groups

    asked = [
        PlacedQuestion(group.key, group.key, question)
        for group, question in all_open_questions(groups, sheets)
        if question.kind == "rows.unknown_status"
    ]

    assert {placed.question.question for placed in asked} == {
        "“rigged” is no known status: should what has it be built now (2 rows)?"
    }
    assert len({placed.ticket_id for placed in asked}) == len(asked) > 1
    assert count_questions(asked).count == 1


def styles_struck_through(status: str) -> bytes:
    """Return a worksheet of two rows: the first is struck through, but for its status."""

    def write(workbook: Workbook) -> None:
        struck = workbook.add_format({"font_strikeout": True})
        sheet = workbook.add_worksheet("Styles")
        sheet.write_row(0, 0, ["Style name", "Machine name", "X"])
        sheet.write_row(1, 0, ["Sail", "sail"], struck)
        sheet.write_row(1, 2, [status], struck if status == "withdrawn" else None)
        sheet.write_row(2, 0, ["Mast", "mast", "now"])

    return written(write)


def test_a_row_that_is_struck_through_is_left_out_whatever_its_status() -> None:
    """One that its status called withdrawn was built."""
    reading = Reading({"s.xlsx": styles_struck_through("withdrawn")})

    assert [entity.machine_name for entity in reading.entities] == ["mast"]
    assert [finding.line for finding in reading.found("row_struck")] == [2]


def test_a_row_of_which_the_name_alone_is_struck_through_is_asked_about() -> None:
    reading = Reading({"s.xlsx": styles_struck_through("now")})

    assert reading.folder.needs_layout
    assert "its name is struck through" in reading.only("row_unclear").message


@each(
    ("text", "header"),
    [
        *(
            (text, "")
            for text in ("Phase 2", "later", "For later", "OUT OF SCOPE", "v. next phase")
        ),
        *((text, "") for text in ("Not in MVP.", "do not build", "don’t build yet", "Post-launch")),
        *(("2", header) for header in ("Phase", "Release", "Build phase")),
        *((("no", header)) for header in ("MVP", "In scope?")),
    ],
)
def test_words_for_what_is_not_built_now(text: str, header: str) -> None:
    assert is_not_now(text, header) == (text != "v. next phase")


@each("text", ["Phase 1", "Phase", "2", "Later opening hours", "In scope", "Release notes", "now"])
def test_words_that_say_nothing_of_it(text: str) -> None:
    assert not is_not_now(text, "Text")
    assert not is_not_now("1", "Phase")


@each(
    ("header", "text", "is_about_building"),
    [
        ("Filter", "Future", False),
        ("Filter", "in the future", False),
        ("Version", "5", False),
        ("Version", "Version 2", False),
        ("What changed", "Dropped", False),
        ("Filter", "Later", True),
        ("Filter", "Phase 2", True),
        ("Wireframe", "not in scope", True),
        ("Wireframe", "to be built in the future", True),
        ("Wireframe", "planned for release 2", True),
        ("Release", "2", True),
        ("Release status", "Future", True),
        ("When?", "future", True),
        ("Planned", "Release 3", True),
    ],
)
def test_below_a_header_that_asks_for_content_words_of_content_are_no_phase(
    header: str, text: str, *, is_about_building: bool
) -> None:
    assert is_not_now_beside(text, header) is is_about_building


@each("text", ["Future", "Dropped", "Version 2"])
def test_a_row_is_not_put_off_by_words_of_its_content(text: str) -> None:
    header = "Name,Machine name,Type,Filter,Remarks\n"
    rows = f"Sail,sail,Content type,{text},\nMast,mast,Content type,,{text}\n"

    entities = Reading({"Bundles.csv": header + rows}).entities

    assert [row.status for row in entities] == [Status.APPROVED, Status.WAITING]


@each(
    ("title", "is_later"),
    [
        *((title, False) for title in ("Version 2.1", "Version 5", "Release 3", "v2.1")),
        *((title, False) for title in ("Future events", "Stage", "Phase 1", "Versions 2 and 3")),
        *((title, True) for title in ("Phase 2", "Phase two", "Later", "Out of scope")),
        *((title, True) for title in ("Next release", "Planned for release 3", "Future")),
    ],
)
def test_a_title_puts_rows_off_by_words_about_building_alone(title: str, *, is_later: bool) -> None:
    assert is_title_of_later(title) is is_later


@each(
    "title",
    ["Version 2.1", "Version 5 - after the workshop on 12 May", "Content model, version 3 (draft)"],
)
def test_rows_below_the_version_of_the_document_are_built(title: str) -> None:
    """Somebody was asked whether `Version 2.1` puts them off."""
    types = f'"{title}"\n\nName,Machine name,Type\nSail,sail,Content type\n'

    reading = Reading({"Bundles.csv": types, "Roles.csv": "Name,Machine name\nMate,mate\n"})

    assert not reading.folder.needs_layout
    assert not reading.found("row_put_off")
    assert {row.status for row in reading.entities} == {Status.APPROVED}


@each("text", ["Later, editors add a map", "Phase 2: a map", "Later opening hours"])
def test_what_comes_later_beside_a_row_does_not_put_it_off(text: str) -> None:
    assert not puts_off(text)
