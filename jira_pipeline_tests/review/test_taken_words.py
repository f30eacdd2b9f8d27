"""What people said of a ticket that is gone is taken over by the ticket that somebody says it is now.

Belongs here: a bundle and a view under other machine names. Does not: rows that keep their key and are
in another ticket (`test_moved_rows`).
"""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.jira.adf.to_text import adf_to_text
from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.errors import NotVanishedError, WrongUseError
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.review.answers import answer
from jira_pipeline.review.comments import add_comment, comments_on
from jira_pipeline.review.decisions import decide
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.outcomes import Outcome
from jira_pipeline.review.ticket_history import history_of_ticket
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.sheets.made_specifications import Row, bundle, field, put_into

PORT_ANSWER = "Where she was built."
NOTE = "Ask the shipyard."
LATER_NOTE = "The shipyard answered."
TITLE = "Set up boats"
REMARK = "Say which keys open the cabin."
COMMENT = "Who owns the list?"


def sheets(machine_name: str, *fields: str) -> Mapping[str, Sequence[Row]]:
    return {
        "bundles": [bundle("Boat", machine_name), bundle("Pier", "pier")],
        "fields": [
            {**field("Boat (Content type)", name), "Settings/notes": "Unsure what counts"}
            for name in fields or ("field_port",)
        ],
    }


def written(
    pipeline: Pipeline, folder: Path, specification: Mapping[str, Sequence[Row]]
) -> OpenSession:
    place = folder / f"sheets{len(list(folder.iterdir()))}"
    return projects.written(pipeline, put_into(place, specification))


def ticket_of(session: OpenSession, group_key: str) -> Ticket:
    (found,) = [
        one for one in (*session.tickets, *session.vanished_tickets) if one.group_key == group_key
    ]
    return found


BOAT = "bundle:Content type/boat"
VESSEL = "bundle:Content type/vessel"
PIER = "bundles_without_fields:Content type"


@pytest.fixture
def renamed(pipeline: Pipeline, tmp_path: Path) -> OpenSession:
    """A site whose sheets call a type otherwise since people said all kinds of things of its ticket."""
    session = written(pipeline, tmp_path, sheets("boat"))
    number = ticket_of(session, BOAT).number
    (question,) = [one for one in session.questions if one.ticket.number == number]
    answer(session, [(question.place, PORT_ANSWER)], by="ben")
    for name, arguments in (
        ("edit", {"number": number, "part": "notes", "text": NOTE}),
        ("title", {"number": number, "title": TITLE}),
        ("assign", {"numbers": [number], "assignee": "ada", "labels": ["late"]}),
        ("depend", {"number": number, "on": [ticket_of(session, PIER).number]}),
        ("request-changes", {"numbers": [number], "reason": "Say which port."}),
    ):
        decide(session.reload(), name, arguments, by="ben")
    add_comment(session.reload(), ticket_of(session, BOAT).ticket_id, COMMENT, by="cleo")
    return written(pipeline, tmp_path, sheets("vessel"))


def take(session: OpenSession) -> OpenSession:
    """Type the command that is shown."""
    (gone,) = session.words_without_rows
    assert run(*shlex.split(gone.take_over)[1:]).exit_code == 0
    return session.reload()


def test_a_renamed_ticket_gets_all_that_people_said(renamed: OpenSession) -> None:
    """It stayed with the ticket of before, and the new one asked again."""
    now = take(renamed)

    ticket = ticket_of(now, VESSEL)
    (given,) = ticket.answers
    (question,) = [one for one in now.questions if one.ticket.number == ticket.number]
    assert (question.answer, given.answered_by) == (PORT_ANSWER, "ben")
    assert given.row_key.startswith("field:Content type/vessel/field_port")
    assert ticket.title == TITLE
    assert NOTE in ticket.revision.parts.notes
    assert (ticket.assignee, ticket.labels) == ("ada", ("late",))
    assert ticket.sent_back == "Say which port."
    assert ticket.depends_on == (ticket_of(now, PIER).ticket_id,)
    assert [one.text for one in comments_on(now, ticket.ticket_id)] == [COMMENT]
    assert now.words_without_rows == ()
    (entry,) = now.store.audit.entries(SESSION, actions={AuditAction.WORDS_TAKEN})
    assert entry.actor != "pipeline"


def test_a_comment_alone_is_something_that_people_said(pipeline: Pipeline, tmp_path: Path) -> None:
    """Nothing named the ticket that was gone where all that people said was a comment."""
    session = written(pipeline, tmp_path, sheets("boat"))
    add_comment(session, ticket_of(session, BOAT).ticket_id, COMMENT, by="cleo")

    now = written(pipeline, tmp_path, sheets("vessel"))

    (gone,) = now.words_without_rows
    assert gone.words == (f"comment by cleo: {COMMENT}",)
    decide(now, "ready", {"numbers": [ticket_of(now, VESSEL).number]}, by="ben")
    assert ticket_of(take(now.reload()), VESSEL).is_ready, "it says the same"


def test_a_remark_alone_is_something_that_people_said(pipeline: Pipeline, tmp_path: Path) -> None:
    """What a person wanted of a text was named nowhere, and stayed with the ticket that was gone."""
    session = written(pipeline, tmp_path, sheets("boat"))
    pipeline.store.audit.append(
        at=session.clock.now(),
        session_key=SESSION,
        actor="cleo",
        action=AuditAction.TICKETS_REMARKED,
        details={"ticket_ids": [ticket_of(session, BOAT).ticket_id], "remark": REMARK},
    )
    now = written(pipeline, tmp_path, sheets("vessel"))
    (gone,) = now.words_without_rows
    vessel = ticket_of(now, VESSEL)
    decide(now, "ready", {"numbers": [vessel.number]}, by="ben")

    taken = take(now.reload())

    assert gone.words == (f"remark by cleo: {REMARK}",)
    assert ticket_of(taken, VESSEL).is_ready, "it says the same"
    assert (taken.words_without_rows, taken.remarks[vessel.ticket_id].by) == ((), "cleo")
    give(taken, vessel.number, to=gone.ticket.number)
    back = taken.reload()
    assert [one.words for one in back.words_without_rows] == [gone.words]
    assert vessel.ticket_id not in back.remarks


def test_status_and_the_ticket_that_is_gone_offer_it(renamed: OpenSession) -> None:
    number = ticket_of(renamed, VESSEL).number
    gone = ticket_of(renamed, BOAT).number
    command = f"jira-pipeline tickets take-words {SESSION} {number} --gone {gone}"

    (of_status,) = run_json("status", SESSION)["words_without_rows"]

    assert of_status["take_over"] == command
    assert command in run("status", SESSION).words
    assert command in run("tickets", "show", SESSION, str(gone)).words


def test_nobody_approves_by_it_what_they_did_not_see(renamed: OpenSession) -> None:
    number = ticket_of(renamed, VESSEL).number
    decide(renamed, "ready", {"numbers": [number]}, by="ben")

    now = take(renamed)

    assert not ticket_of(now, VESSEL).is_ready


def test_what_the_ticket_has_of_its_own_stays_and_the_rest_is_named(renamed: OpenSession) -> None:
    number = ticket_of(renamed, VESSEL).number
    gone = ticket_of(renamed, BOAT).number
    (question,) = [one for one in renamed.questions if one.ticket.number == number]
    answer(renamed, [(question.place, "Where she lies.")], by="dora")
    edit = {"number": number, "part": "notes", "text": LATER_NOTE}
    decide(renamed.reload(), "edit", edit, by="dora")

    outcome = decide(renamed.reload(), "take-words", {"number": number, "gone": gone}, by="ben")

    now = renamed.reload()
    notes = ticket_of(now, VESSEL).revision.parts.notes
    assert [one.answer for one in ticket_of(now, VESSEL).answers] == ["Where she lies."]
    assert notes.index(LATER_NOTE) < notes.index(NOTE)
    assert PORT_ANSWER in outcome.left
    assert [PORT_ANSWER in str(one.words) for one in now.words_without_rows] == [True]


def test_a_second_time_there_is_nothing_to_take(renamed: OpenSession) -> None:
    number = ticket_of(renamed, VESSEL).number
    gone = ticket_of(renamed, BOAT).number
    now = take(renamed)
    before = ticket_of(now, VESSEL)

    with pytest.raises(WrongUseError, match="no one said anything about that"):
        decide(now, "take-words", {"number": number, "gone": gone}, by="ben")

    assert ticket_of(now.reload(), VESSEL) == before


def test_what_people_said_a_ticket_waits_for_is_named_where_its_rows_are_gone(
    renamed: OpenSession,
) -> None:
    """No plan, status or offer named it, so the dependencies were missing in Jira."""
    pier = ticket_of(renamed, PIER)
    boat = ticket_of(renamed, BOAT)
    vessel = ticket_of(renamed, VESSEL)
    decide(renamed, "depend", {"number": pier.number, "on": [vessel.number]}, by="ben")
    waits = f"ticket {boat.number} waits for ticket {pier.number} “{pier.title}”"
    (gone,) = renamed.reload().words_without_rows
    assert waits in gone.words

    taking = {"number": vessel.number, "gone": boat.number}
    outcome = decide(renamed.reload(), "take-words", taking, by="ben")

    assert waits in outcome.left, "the sheets and people have the opposite order now"
    assert PORT_ANSWER in outcome.sentences[0]
    assert waits not in outcome.sentences[0]


@pytest.mark.usefixtures("renamed")
def test_a_ticket_of_another_kind_takes_nothing_over(pipeline: Pipeline, tmp_path: Path) -> None:
    with_view = {**sheets("vessel"), "views": [{"View name": "Boats", "Machine name": "boats"}]}
    now = written(pipeline, tmp_path, with_view)
    taking = {"number": ticket_of(now, "view:boats").number, "gone": ticket_of(now, BOAT).number}

    with pytest.raises(WrongUseError, match="is of another kind"):
        decide(now, "take-words", taking, by="ben")


def test_a_ticket_whose_rows_are_there_gives_nothing(renamed: OpenSession) -> None:
    number = ticket_of(renamed, VESSEL).number
    other = ticket_of(renamed, PIER).number

    with pytest.raises(NotVanishedError):
        decide(renamed, "take-words", {"number": number, "gone": other}, by="ben")


def test_the_ticket_of_before_comes_back_as_the_writer_wrote_it(
    pipeline: Pipeline, tmp_path: Path, renamed: OpenSession
) -> None:
    take(renamed)

    back = written(pipeline, tmp_path, sheets("boat"))

    ticket = ticket_of(back, BOAT)
    assert ticket.title == "Configure content type: Boat"
    assert (ticket.answers, ticket.revision.parts.notes, ticket.sent_back) == ((), "", None)
    assert PORT_ANSWER in str([one.words for one in back.words_without_rows])


@pytest.mark.usefixtures("renamed")
def test_an_answer_to_a_row_of_another_name_keeps_the_name_of_its_row(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    """The same file gave the field another name, too: nothing says that it is the same row."""
    now = take(written(pipeline, tmp_path, sheets("vessel", "field_pier")))

    ticket = ticket_of(now, VESSEL)
    (document,) = [
        rendered.document
        for rendered in now.rendered
        if rendered.ticket.ticket_id == ticket.ticket_id
    ]
    assert f"Boat: Port: {PORT_ANSWER}" in adf_to_text(document)


def test_nothing_is_offered_that_the_ticket_has_of_its_own(renamed: OpenSession) -> None:
    """`status` named a command that was refused."""
    number = ticket_of(renamed, VESSEL).number
    gone = ticket_of(renamed, BOAT)
    (question,) = [one for one in renamed.questions if one.ticket.number == number]
    answer(renamed, [(question.place, "Where she lies.")], by="dora")

    now = take(renamed.reload())

    (left,) = now.words_without_rows
    assert PORT_ANSWER in str(left.words)
    assert left.take_over == ""
    assert "has its own of all of this" in run("status", SESSION).words
    assert "take-words" not in run("tickets", "show", SESSION, str(gone.number)).words


def give(session: OpenSession, number: int, *, to: int) -> Outcome:
    return decide(session, "give-words", {"number": number, "to": to}, by="ben")


def test_what_was_taken_over_is_given_back(renamed: OpenSession) -> None:
    """Who meant another ticket had no way back."""
    (before,) = renamed.words_without_rows
    bare = ticket_of(renamed, VESSEL)
    now = take(renamed)

    give(now, bare.number, to=before.ticket.number)

    again = renamed.reload()
    (after,) = again.words_without_rows
    ticket = ticket_of(again, VESSEL)
    assert after.words == before.words
    assert after.take_over == before.take_over
    assert (ticket.title, ticket.revision.parts) == (bare.title, bare.revision.parts)
    assert (ticket.answers, ticket.assigned_fields, ticket.labels) == ((), (), ())
    assert (ticket.sent_back, ticket.depends_on) == (None, bare.depends_on)
    assert comments_on(again, ticket.ticket_id) == ()
    assert ticket_of(again, BOAT).answers == before.ticket.answers
    with pytest.raises(WrongUseError, match="has nothing that it took over"):
        give(again, bare.number, to=before.ticket.number)


def test_the_step_back_of_taking_over_is_offered_and_taken_back_itself(
    renamed: OpenSession,
) -> None:
    (before,) = renamed.words_without_rows
    taking = {"number": ticket_of(renamed, VESSEL).number, "gone": before.ticket.number}
    outcome = decide(renamed, "take-words", taking, by="ben")
    number, gone = taking.values()
    assert f"give-words {SESSION} {number} --to {gone}" in outcome.sentences[-1]

    for name, arguments in outcome.undo:
        outcome = decide(renamed.reload(), name, arguments, by="ben")
    assert renamed.reload().words_without_rows[0].words == before.words
    for name, arguments in outcome.undo:
        decide(renamed.reload(), name, arguments, by="ben")

    now = renamed.reload()
    assert now.words_without_rows == ()
    assert ticket_of(now, VESSEL).title == TITLE


def test_what_somebody_changed_since_stays_and_is_named(renamed: OpenSession) -> None:
    number = ticket_of(renamed, VESSEL).number
    gone = ticket_of(renamed, BOAT).number
    now = take(renamed)
    (question,) = [one for one in now.questions if one.ticket.number == number]
    answer(now, [(question.place, "Where she lies.")], by="dora")
    decide(now.reload(), "title", {"number": number, "title": "Set up vessels"}, by="dora")
    notes = {"number": number, "part": "notes", "text": f"{NOTE} Today."}
    decide(now.reload(), "edit", notes, by="dora")

    outcome = give(now.reload(), number, to=gone)

    ticket = ticket_of(now.reload(), VESSEL)
    assert [one.answer for one in ticket.answers] == ["Where she lies."]
    assert ticket.title == "Set up vessels"
    assert f"{NOTE} Today." in ticket.revision.parts.notes
    assert PORT_ANSWER in outcome.left
    assert "edited text (notes); edited text (title)" in outcome.left
    (left,) = now.reload().words_without_rows
    assert "assignee: ada" in left.words


def test_nothing_is_given_back_where_all_of_it_was_changed(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    session = written(pipeline, tmp_path, sheets("boat"))
    note = {"number": ticket_of(session, BOAT).number, "part": "notes", "text": NOTE}
    decide(session, "edit", note, by="ben")
    now = take(written(pipeline, tmp_path, sheets("vessel")))
    number = ticket_of(now, VESSEL).number
    decide(now, "edit", {"number": number, "part": "notes", "text": LATER_NOTE}, by="dora")

    with pytest.raises(WrongUseError, match=r"edited text \(notes\)"):
        give(now.reload(), number, to=ticket_of(now, BOAT).number)

    assert LATER_NOTE in ticket_of(now.reload(), VESSEL).revision.parts.notes


def test_a_ticket_whose_rows_are_back_gets_its_words_back(
    pipeline: Pipeline, tmp_path: Path, renamed: OpenSession
) -> None:
    """Its rows were missing by mistake, and somebody had said that another ticket is it."""
    take(renamed)
    both = sheets("vessel")
    boat = sheets("boat")
    both = {"bundles": [*both["bundles"], *boat["bundles"][:1]], "fields": boat["fields"]}
    now = written(pipeline, tmp_path, both)

    give(now, ticket_of(now, VESSEL).number, to=ticket_of(now, BOAT).number)

    ticket = ticket_of(now.reload(), BOAT)
    assert ticket.title == TITLE
    assert NOTE in ticket.revision.parts.notes
    assert (ticket.assignee, ticket.sent_back) == ("ada", "Say which port.")
    assert [one.answer for one in ticket.answers] == [PORT_ANSWER]


def test_a_resolved_request_and_its_answer_go_along_with_the_history(
    renamed: OpenSession, pipeline: Pipeline, tmp_path: Path
) -> None:
    """Both were in the audit trail of the ticket that is gone, and named nowhere."""
    vessel = ticket_of(renamed, VESSEL).number
    take(renamed)
    resolving = {"numbers": [vessel], "answer": "Any port she called at."}
    decide(renamed.reload(), "resolve", resolving, by="dora")
    back = written(pipeline, tmp_path, sheets("boat"))
    (gone,) = back.words_without_rows
    assert (
        "changes requested by ben: “Say which port.”; resolved by dora: “Any port she called at.”"
    ) in gone.words

    now = take(back)

    events = history_of_ticket(now, ticket_of(now, BOAT))
    assert now.words_without_rows == ()
    answers = [event.entry.details.get("answer") for event in events]
    assert "Any port she called at." in answers
