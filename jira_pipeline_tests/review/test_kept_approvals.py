"""An approval outlives what the program does by itself, and nothing that was not read.

The program of 86d9d321 left the session `harbour`: three approved tickets, two by anna, one by bert,
with one answered question; ticket 1 asks for terms because fields of ticket 2 require them.
"""

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.export.gate import check_gate
from jira_pipeline.review import answers, approvals
from jira_pipeline.review.approved_difference import difference_to_approved
from jira_pipeline.review.decisions import skip, undo
from jira_pipeline.review.marks import after_undo_text
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.sessions import incoming
from jira_pipeline.sheets.upload_preview import TicketChange
from jira_pipeline_tests import projects
from jira_pipeline_tests.sheets.made_specifications import Row, bundle, field, files_of, put_into

OF_86D9D321 = Path(__file__).parents[1] / "store" / "store_of_86d9d321_approved.zip"
KEY = "harbour"
VOCABULARIES, CONCERT, VENUE = (1, 2, 3)
"""Numbers of the tickets."""
BUNDLES = [
    bundle("Concert", "concert"),
    bundle("Venue", "venue"),
    bundle("Genres", "genres", "Vocabulary"),
    bundle("Moods", "moods", "Vocabulary"),
]
ADDRESS = field("Venue (Content type)", "field_address") | {"Help text": "Street and number"}


def fields(*, genre: str = "y", mood: str = "y", first: Sequence[Row] = ()) -> list[Row]:
    listed = {"Form widget": "Select list"}
    concert = "Concert (Content type)"
    venue = "Venue (Content type)"
    return [
        *first,
        field(concert, "field_genre", ref="Genres (Vocabulary)", req=genre) | listed,
        field(concert, "field_mood", ref="Moods (Vocabulary)", req=mood) | listed,
        ADDRESS,
        field(venue, "field_stage") | {"Field type": "Entity reference"},
        field(venue, "field_hall") | {"Field type": "File"},
    ]


@pytest.fixture
def older_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    shutil.copy(projects.CHECKOUT / "dagster.yaml", folder)
    with ZipFile(OF_86D9D321) as archive:
        archive.extractall(folder)
    monkeypatch.setenv("DAGSTER_HOME", str(folder))
    return folder


@pytest.fixture(params=["marked by an older version", "marked now"])
def pipeline(older_home: Path, request: pytest.FixtureRequest) -> Iterator[Pipeline]:
    with projects.opened(older_home) as pipeline:
        if request.param == "marked now":
            opened = open_session(pipeline, KEY)
            approvals.unmark_ready(opened, [VOCABULARIES, CONCERT, VENUE], by="anna")
            approvals.mark_ready(opened.reload(), [VOCABULARIES, CONCERT], by="anna")
            approvals.mark_ready(opened.reload(), [VENUE], by="bert")
        yield pipeline


def write(pipeline: Pipeline, tmp_path: Path, rows: Sequence[Row]) -> OpenSession:
    """Take these rows in place of the sheets, and write the tickets."""
    sheets = put_into(tmp_path / "sheets", {"bundles": BUNDLES, "fields": rows})
    return projects.written(pipeline, sheets, session_key=KEY)


def approved(session: OpenSession) -> dict[int, str | None]:
    """Return who approved each ticket that counts as approved, by its number."""
    rendered = session.reload().hashed_tickets
    listed = {ticket.number for ticket in session.reload().listed if ticket.is_ready}
    counted = {one.ticket.number: one.ticket.ready_by for one in rendered if one.is_approved}
    assert listed == counted.keys()
    return counted


EVERYBODY = {VOCABULARIES: "anna", CONCERT: "anna", VENUE: "bert"}


def test_an_upgrade_keeps_every_approval_and_lets_the_session_pass(pipeline: Pipeline) -> None:
    session = open_session(pipeline, KEY)

    assert approved(session) == EVERYBODY

    approvals.validate(session, run_id=None)
    session = session.reload()
    check_gate(
        session.stored,
        checked=session.last_validation,
        rendered=session.hashed_tickets,
        vanished=(),
    )


def test_an_older_mark_that_was_of_another_text_does_not_begin_to_count(older_home: Path) -> None:
    store = older_home / ".jira_pipeline" / "store.sqlite"
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("UPDATE tickets SET ready_hash = 'other' WHERE number = 3")

    with projects.opened(older_home) as pipeline:
        rendered = open_session(pipeline, KEY).hashed_tickets

    assert [one.ticket.number for one in rendered if one.is_approved] == [VOCABULARIES, CONCERT]


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        (fields(first=[{}]), EVERYBODY),
        (fields(genre="n"), {VOCABULARIES: "anna", VENUE: "bert"}),
        (fields(genre="n", mood="n"), {VOCABULARIES: "anna", VENUE: "bert"}),
        (fields()[:-1], {VOCABULARIES: "anna", CONCERT: "anna"}),
        (
            [row | {"Help text": "Street"} if row == ADDRESS else row for row in fields()],
            {VOCABULARIES: "anna", CONCERT: "anna"},
        ),
    ],
    ids=[
        "lines are numbered anew",
        "a neighbour leaves it fewer to ask",
        "a neighbour leaves it nothing to ask",
        "a row of its own is gone",
        "a cell of its own says something else",
    ],
)
def test_newer_sheets_reopen_the_tickets_whose_own_rows_changed(
    pipeline: Pipeline, tmp_path: Path, rows: list[Row], kept: dict[int, str]
) -> None:
    session = write(pipeline, tmp_path, rows)

    assert kept == approved(session)


def test_the_difference_of_a_reopened_ticket_shows_what_an_approval_covers(
    older_home: Path, tmp_path: Path
) -> None:
    """It showed the list of open questions, renumbered, beside the cell that reopened the ticket."""
    rows = [row | {"Help text": "Street"} if row == ADDRESS else row for row in fields(first=[{}])]
    without_first = [row for row in rows if row.get("Machine name") != "field_stage"]
    with projects.opened(older_home) as pipeline:
        session = write(pipeline, tmp_path, without_first)
        ticket = session.ticket(VENUE)
        asked_before, *_ = (r for r in session.revisions(ticket) if r.number == 1)
        difference = difference_to_approved(session, ticket, group=session.group_of(ticket))

    assert difference is not None
    assert asked_before.parts.questions != ticket.revision.parts.questions
    assert "questions" not in {part.part for part in difference.parts}
    assert difference.cells
    assert difference.questions == ()


@pytest.mark.parametrize("is_lost_at_once", [False, True], ids=["later", "as it comes back"])
def test_an_approval_that_came_back_and_is_lost_then_is_a_change(
    older_home: Path, tmp_path: Path, *, is_lost_at_once: bool
) -> None:
    """After a return of the session the ticket was one to review, as if nobody had read it before."""
    changed = [row | {"Help text": "Street"} if row == ADDRESS else row for row in fields()]
    with projects.opened(older_home) as pipeline:
        opened = open_session(pipeline, KEY)
        approvals.unmark_ready(opened, [VENUE], by="anna")
        approvals.mark_ready(opened.reload(), [VENUE], by="bert")
        pipeline.store.sessions.remove(KEY, at=pipeline.clock.now(), by="retention")
        if not is_lost_at_once:
            assert approved(write(pipeline, tmp_path, fields())) == {VENUE: "bert"}
            shutil.rmtree(tmp_path / "sheets")
        session = write(pipeline, tmp_path, changed)
        ticket = session.ticket(VENUE)
        difference = difference_to_approved(session, ticket, group=session.group_of(ticket))
        marks = session.lost_marks

    assert [mark.by for mark in marks.values()] == ["bert"]
    assert difference is not None
    assert (difference.cells is None) is is_lost_at_once


def test_a_question_asked_anew_reopens_its_ticket(pipeline: Pipeline, tmp_path: Path) -> None:
    """Nobody approved the ticket with it."""
    session = write(pipeline, tmp_path, fields(mood="n"))
    approvals.validate(session, run_id=None)
    approvals.mark_ready(session.reload(), [CONCERT], by="carl")
    assert approved(session) == EVERYBODY | {CONCERT: "carl"}

    session = write(pipeline, tmp_path, fields())
    ticket = session.ticket(VOCABULARIES)
    difference = difference_to_approved(session, ticket, group=session.group_of(ticket))

    assert approved(session) == {VENUE: "bert"}
    assert difference is not None
    assert difference.questions


def test_an_answer_reopens_the_ticket_that_asks_and_no_other(pipeline: Pipeline) -> None:
    session = open_session(pipeline, KEY)
    place = next(one.place for one in session.questions if "Hall" in one.question)

    answers.answer(session, [(place, "Only PDF")], by="carl")

    assert approved(session) == {VOCABULARIES: "anna", CONCERT: "anna"}


def test_an_answer_that_is_taken_back_reopens_its_ticket(pipeline: Pipeline) -> None:
    session = open_session(pipeline, KEY)
    place = next(one.place for one in session.questions if "Stage" in one.question)

    answers.answer(session, [(place, "")], by="carl")

    assert approved(session) == {VOCABULARIES: "anna", CONCERT: "anna"}


def test_who_takes_an_approval_away_and_brings_it_back_meets_no_conflict(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    """The list of questions changed since the ticket was read; the mark does not cover it."""
    session = write(pipeline, tmp_path, fields(genre="n"))
    outcome = approvals.unmark_ready(session, [VOCABULARIES], by="carl")
    approvals.validate(session.reload(), run_id=None)

    undo(session.reload(), outcome.undo, since=session.reload().last_entry, by="carl")

    assert approved(session) == {VOCABULARIES: "carl", VENUE: "bert"}


@pytest.mark.parametrize(
    ("rows", "no_longer_asked"),
    [(fields(genre="n"), ["genres"]), (fields(genre="n", mood="n"), ["genres", "moods"])],
    ids=["one question less", "no question left"],
)
def test_the_look_at_newer_sheets_counts_a_ticket_whose_questions_change_and_says_why(
    pipeline: Pipeline, tmp_path: Path, rows: list[Row], no_longer_asked: list[str]
) -> None:
    changes = previewed(pipeline, rows)
    before = {t.number: t.revision.number for t in pipeline.store.tickets.list_all(KEY)}
    session = write(pipeline, tmp_path, rows)

    assert changes.keys() == {
        t.number for t in session.tickets if t.revision.number != before[t.number]
    }
    change = changes[VOCABULARIES]
    assert change.cells == ()
    assert [(one.is_asked, one.question.rpartition("(")[2]) for one in change.questions] == [
        (False, f"{row})") for row in no_longer_asked
    ]
    assert {("fields.csv", "Req'd", "y", "n")} == {
        (cell.file, cell.column, cell.before, cell.after) for cell in change.causes
    }
    assert changes[CONCERT].causes == ()


def test_the_look_counts_no_ticket_for_a_question_that_was_answered(pipeline: Pipeline) -> None:
    """It is not on the list of open questions, so the ticket says what it said."""
    session = open_session(pipeline, KEY)
    place = next(one.place for one in session.questions if "Genres" in one.question)
    answers.answer(session, [(place, "Jazz and folk")], by="carl")

    assert {CONCERT} == previewed(pipeline, fields(genre="n")).keys()


def previewed(pipeline: Pipeline, rows: Sequence[Row]) -> dict[int | None, TicketChange]:
    """Return what a look at newer sheets says of each ticket, by its number."""
    sheets = {"bundles": BUNDLES, "fields": rows}
    files = [(name, BytesIO(content)) for name, content in files_of(sheets).items()]
    upload = incoming.receive(pipeline, files, by="anna")
    preview = incoming.preview(pipeline, upload.upload_id, session_key=KEY)
    return {change.number: change for change in preview.changes}


def test_what_an_undo_leaves_of_approvals_is_said_as_it_is(pipeline: Pipeline) -> None:
    """It was said that all tickets are open for review again."""
    session = open_session(pipeline, KEY)
    numbers = {VOCABULARIES, CONCERT, VENUE}
    all_approved = after_undo_text(session.listed, numbers)
    approvals.unmark_ready(session, [VOCABULARIES], by="anna")
    skip(session.reload(), [VENUE], reason="Later.", by="anna")

    assert all_approved == (
        "3 tickets are still approved: the next export creates their issues again."
    )
    assert after_undo_text(session.reload().listed, numbers) == (
        "1 ticket is still approved: the next export creates its issue again. "
        "1 ticket waits for review. 1 ticket is left out of exports."
    )
    assert after_undo_text(session.listed, set()) == ""
