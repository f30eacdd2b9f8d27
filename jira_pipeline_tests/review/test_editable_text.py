"""The text an editor shows of a ticket, and what is read back of it."""

import re
from dataclasses import replace

import pytest

from jira_pipeline.errors import InputError
from jira_pipeline.review.editable_text import editable_text, read_edited_text
from jira_pipeline_tests.documents.made_tickets import MadeTicket, made_ticket

BUNDLE = {"Name": "Event", "Machine name": "event", "Type": "Content type", "X": "a"}
FIELD = {"Bundle": "Event (Content type)", "X": "a", "Field type": "Text (plain)"}


@pytest.fixture
def made() -> MadeTicket:
    return made_ticket(
        "Configure content type: Event",
        bundles=[BUNDLE],
        fields=[
            FIELD | {"Field label": "Room", "Machine name": "field_room", "Help text": "1 | 2"},
            FIELD | {"Field label": "Seats", "Machine name": "field_seats", "Help text": "Number"},
        ],
    )


def _text(made: MadeTicket) -> str:
    return editable_text(made.ticket, made.group)


def _with_part(made: MadeTicket, name: str, content: str) -> str:
    pattern = rf"(<!-- part {name}\b[^\n]*\n).*?(?=<!-- )"
    return re.sub(pattern, lambda m: f"{m[1]}\n{content}\n\n", _text(made), flags=re.DOTALL)


def test_a_text_that_was_not_edited_changes_nothing(made: MadeTicket) -> None:
    found = read_edited_text(_text(made), made.ticket, made.group)

    assert (found.edit.title, dict(found.edit.parts), found.revision) == (None, {}, 1)


def test_only_what_was_changed_is_in_the_edit(made: MadeTicket) -> None:
    text = _with_part(made, "analysis", "It *holds* people.\n\n- one\n- two")
    text = re.sub(r"^# .*$", "# Another title", text, count=1, flags=re.MULTILINE)

    edit = read_edited_text(text, made.ticket, made.group).edit

    assert edit.title == "Another title"
    assert edit.parts.keys() == {"analysis"}
    assert edit.parts["analysis"].startswith("<p>It <em>holds</em> people.</p><ul>")


def test_a_part_can_be_emptied(made: MadeTicket) -> None:
    edit = read_edited_text(_with_part(made, "verification", ""), made.ticket, made.group).edit

    assert edit.parts == {"verification": ""}


def test_a_changed_cell_is_refused_with_its_file_line_and_column(made: MadeTicket) -> None:
    (seats,) = (row for row in made.group.members if row.machine_name == "field_seats")

    with pytest.raises(InputError) as caught:
        read_edited_text(_text(made).replace("Number", "A number"), made.ticket, made.group)

    assert f"{seats.source.file} line {seats.source.line}, column Help text" in caught.value.message


def test_a_changed_cell_beside_one_with_a_pipe_is_named_rightly(made: MadeTicket) -> None:
    text = _text(made).replace("field_room", "field_rooms")

    with pytest.raises(InputError, match="column Machine name"):
        read_edited_text(text, made.ticket, made.group)


def test_a_changed_setting_is_refused_with_its_column(made: MadeTicket) -> None:
    text = _text(made).replace("| **Machine name** | event |", "| **Machine name** | events |")

    with pytest.raises(InputError, match="line 2, column Machine name"):
        read_edited_text(text, made.ticket, made.group)


@pytest.mark.parametrize("row", ["| Seats |", "| **Field label** |"])
def test_a_row_taken_away_is_refused(made: MadeTicket, row: str) -> None:
    lines = [line for line in _text(made).splitlines() if not line.startswith(row)]
    assert len(lines) == len(_text(made).splitlines()) - 1

    with pytest.raises(InputError, match="come from the sheets"):
        read_edited_text("\n".join(lines), made.ticket, made.group)


def test_text_written_below_the_tables_is_refused(made: MadeTicket) -> None:
    with pytest.raises(InputError, match="come from the sheets"):
        read_edited_text(f"{_text(made)}\nOne more thing.\n", made.ticket, made.group)


def test_white_space_an_editor_leaves_is_nothing(made: MadeTicket) -> None:
    text = "\r\n".join(f"{line}  " for line in _text(made).splitlines()) + "\r\n\r\n"

    assert dict(read_edited_text(text, made.ticket, made.group).edit.parts) == {}


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        (r"<!-- part notes.*\n", "begins notes is gone"),
        (r"<!-- tables.*\n", "begins tables is gone"),
        (r"<!-- ticket .*\n", "not the text of ticket 1"),
    ],
)
def test_a_text_without_one_of_its_marks_is_refused(
    made: MadeTicket, pattern: str, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read_edited_text(re.sub(pattern, "", _text(made)), made.ticket, made.group)


def test_a_part_that_is_there_twice_is_refused(made: MadeTicket) -> None:
    text = _text(made).replace("<!-- part notes", "<!-- part analysis -->\n<!-- part notes")

    with pytest.raises(InputError, match="analysis is there twice"):
        read_edited_text(text, made.ticket, made.group)


def test_the_text_of_another_ticket_is_refused(made: MadeTicket) -> None:
    text = _text(made).replace(made.ticket.ticket_id, "t0123456789abcde", 1)

    with pytest.raises(InputError, match="not the text of ticket 1"):
        read_edited_text(text, made.ticket, made.group)


def test_headings_in_a_part_stay_in_it(made: MadeTicket) -> None:
    text = _with_part(made, "notes", "# Notes\n\n## User story\n\nfine")

    edit = read_edited_text(text, made.ticket, made.group).edit

    assert edit.title is None
    assert "<h2>User story</h2>" in edit.parts["notes"]


def test_a_text_written_beside_older_tables_refuses_no_table(made: MadeTicket) -> None:
    """It said that the person had changed a table, who had not."""
    older = replace(made.group, members=made.group.members[:1])

    found = read_edited_text(editable_text(made.ticket, older), made.ticket, made.group)

    assert (found.edit.title, dict(found.edit.parts)) == (None, {})
