"""What people said of a row goes with it when newer sheets put the row into another ticket.

Belongs here: vocabularies without fields, which share a ticket, and get fields of their own. Does not:
rows that nothing asks about any more (`test_answered_rows`, `test_stranded_answers`).
"""

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path

import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.jira.adf.to_text import adf_to_text
from jira_pipeline.model.errors import NotFoundError
from jira_pipeline.model.open_questions import Audience
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.review.answers import answer, ask
from jira_pipeline.review.approvals import mark_ready
from jira_pipeline.review.decisions import decide
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.review.question_cards import client_cards
from jira_pipeline.review.questions import AskedQuestion
from jira_pipeline.sessions import accounts, incoming
from jira_pipeline.sessions.status import moved_rows
from jira_pipeline.sheets.upload_preview import AnswerLeft
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.sheets.made_specifications import Row, bundle, field, put_into

SHARED = "bundles_without_fields:Vocabulary"
HARBOUR = "bundle:Vocabulary/harbour"
DECIDED = "The harbour master keeps it."
NOTE = "Ask the pilots first."


def vocabulary(name: str, machine_name: str) -> Row:
    note = f"Unsure who keeps {name}"
    return {**bundle(name, machine_name, type_="Vocabulary"), "Settings/notes": note}


BUNDLES = [vocabulary("Harbour", "harbour"), vocabulary("Port", "port")]
WITHOUT_FIELDS: Mapping[str, Sequence[Row]] = {"bundles": BUNDLES}
WITH_A_FIELD: Mapping[str, Sequence[Row]] = {
    "bundles": BUNDLES,
    "fields": [field("Harbour (Vocabulary)", "field_depth")],
}
WITH_TWO_FIELDS: Mapping[str, Sequence[Row]] = {
    "bundles": BUNDLES,
    "fields": [
        field("Harbour (Vocabulary)", "field_depth"),
        field("Port (Vocabulary)", "field_depth"),
    ],
}


def written(pipeline: Pipeline, folder: Path, sheets: Mapping[str, Sequence[Row]]) -> OpenSession:
    place = folder / f"sheets{len(list(folder.iterdir()))}"
    return projects.written(pipeline, put_into(place, sheets))


def about_harbour(session: OpenSession) -> AskedQuestion:
    (question,) = [one for one in session.questions if "Unsure who keeps Harbour" in one.question]
    return question


def ticket_of(session: OpenSession, group_key: str) -> Ticket:
    (found,) = [
        one for one in (*session.tickets, *session.vanished_tickets) if one.group_key == group_key
    ]
    return found


def text_of(session: OpenSession, ticket: Ticket) -> str:
    (document,) = [
        rendered.document
        for rendered in session.rendered
        if rendered.ticket.ticket_id == ticket.ticket_id
    ]
    return adf_to_text(document)


@pytest.fixture
def answered(pipeline: Pipeline, tmp_path: Path) -> OpenSession:
    """A session in which somebody answered about a vocabulary that shares its ticket."""
    session = written(pipeline, tmp_path, WITHOUT_FIELDS)
    answer(session, [(about_harbour(session).place, DECIDED)], by="ben")
    return session.reload()


@pytest.mark.usefixtures("answered")
def test_an_answer_goes_with_its_row_to_a_ticket_of_its_own(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    """It stayed in the ticket that the row had shared, and the new ticket asked again."""
    now = written(pipeline, tmp_path, WITH_A_FIELD)

    question = about_harbour(now)
    (given,) = ticket_of(now, HARBOUR).answers
    assert question.ticket.group_key == HARBOUR
    assert (question.answer, given.answered_by) == (DECIDED, "ben")
    assert [t.group_key for t in now.tickets if DECIDED in text_of(now, t)] == [HARBOUR]
    assert [moved.answer_count for moved in moved_rows(now)] == [1]


@pytest.mark.usefixtures("answered")
def test_an_answer_comes_back_with_its_row(pipeline: Pipeline, tmp_path: Path) -> None:
    written(pipeline, tmp_path, WITH_A_FIELD)

    back = written(pipeline, tmp_path, WITHOUT_FIELDS)

    assert about_harbour(back).ticket.group_key == SHARED
    assert about_harbour(back).answer == DECIDED
    (moved,) = moved_rows(back)
    assert (moved.source.group_key, moved.target.group_key) == (HARBOUR, SHARED)


@pytest.mark.usefixtures("answered")
def test_an_answer_leaves_a_ticket_that_is_gone(pipeline: Pipeline, tmp_path: Path) -> None:
    now = written(pipeline, tmp_path, WITH_TWO_FIELDS)

    assert about_harbour(now).answer == DECIDED
    assert now.words_without_rows == ()


@pytest.mark.usefixtures("answered")
def test_nothing_is_approved_that_nobody_saw(pipeline: Pipeline, tmp_path: Path) -> None:
    """An answer changes the ticket that it comes to, and the one that it leaves."""
    session = written(pipeline, tmp_path, WITH_A_FIELD)
    mark_ready(session, [t.number for t in session.tickets], by="ben")
    assert all(ticket.is_ready for ticket in session.reload().tickets)

    back = written(pipeline, tmp_path, WITHOUT_FIELDS)

    assert not ticket_of(back, SHARED).is_ready


@pytest.mark.usefixtures("answered")
def test_an_answer_of_the_new_ticket_is_not_replaced(pipeline: Pipeline, tmp_path: Path) -> None:
    there = written(pipeline, tmp_path, WITH_A_FIELD)
    answer(there, [(about_harbour(there).place, "Nobody does.")], by="cleo")
    back = written(pipeline, tmp_path, WITHOUT_FIELDS)

    assert about_harbour(back).answer == "Nobody does."

    again = written(pipeline, tmp_path, WITH_A_FIELD)
    assert about_harbour(again).answer == "Nobody does."


@pytest.fixture
def edited(pipeline: Pipeline, answered: OpenSession) -> OpenSession:
    """The same, where people wrote the text of the ticket, so that no generation writes it again."""
    number = ticket_of(answered, SHARED).number
    decide(answered, "edit", {"number": number, "part": "analysis", "text": "Ours."}, by="ben")
    return open_session(pipeline, SESSION)


@pytest.mark.usefixtures("edited")
def test_the_text_of_people_asks_no_longer_about_a_row_of_another_ticket(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    """Both asked, so each could be answered apart; then neither took over what the other had."""
    now = written(pipeline, tmp_path, WITH_A_FIELD)

    assert about_harbour(now).ticket.group_key == HARBOUR
    assert [t.group_key for t in now.tickets if DECIDED in text_of(now, t)] == [HARBOUR]
    shared = ticket_of(now, SHARED)
    assert "Ours." in shared.revision.parts.analysis
    assert "Unsure who keeps Harbour" not in text_of(now, shared)
    assert "Unsure who keeps Port" in text_of(now, shared)
    assert now.tally.questions.count == sum(len(t.unanswered) for t in now.tickets) == 1
    (counted,) = [one for one in now.listed if one.ticket_id == shared.ticket_id]
    assert counted.unanswered_count == 1
    with pytest.raises(NotFoundError):
        now.store.reviews.answer(
            SESSION,
            {shared.ticket_id: {about_harbour(now).rows[0].row_id: "Somebody else."}},
            by="cleo",
            at=now.clock.now(),
        )


@pytest.mark.usefixtures("edited")
def test_a_row_that_comes_back_is_asked_about_by_the_text_of_people(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    there = written(pipeline, tmp_path, WITH_A_FIELD)
    answer(there, [(about_harbour(there).place, "Nobody does.")], by="cleo")

    back = written(pipeline, tmp_path, WITHOUT_FIELDS)

    question = about_harbour(back)
    assert (question.ticket.group_key, question.answer) == (SHARED, "Nobody does.")
    assert back.words_without_rows == ()


@pytest.mark.usefixtures("edited")
def test_an_edited_ticket_that_is_gone_leaves_no_copy_of_an_answer(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    """The other ticket was offered to take it over, and then refused to."""
    written(pipeline, tmp_path, WITH_A_FIELD)

    now = written(pipeline, tmp_path, WITH_TWO_FIELDS)

    (gone,) = now.words_without_rows
    assert DECIDED not in str(gone.words)


@pytest.mark.usefixtures("answered")
def test_an_earlier_text_that_is_restored_asks_about_its_own_rows_alone(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    now = written(pipeline, tmp_path, WITH_A_FIELD)
    number = ticket_of(now, SHARED).number

    decide(now, "rollback", {"number": number, "to": 1}, by="ben")

    restored = now.reload()
    assert ticket_of(restored, SHARED).revision.rolled_back_to == 1
    assert about_harbour(restored).ticket.group_key == HARBOUR


@pytest.mark.usefixtures("answered")
def test_an_earlier_text_does_not_ask_about_a_row_that_was_gone_and_is_elsewhere(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    """No generation had seen the row move: it was in no ticket in between."""
    written(pipeline, tmp_path, {"bundles": BUNDLES[1:]})
    now = written(pipeline, tmp_path, WITH_A_FIELD)

    decide(now, "rollback", {"number": ticket_of(now, SHARED).number, "to": 1}, by="ben")

    assert about_harbour(now.reload()).ticket.group_key == HARBOUR


def test_what_a_client_proposed_and_who_is_asked_go_along(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    session = written(pipeline, tmp_path, WITHOUT_FIELDS)
    ask(
        session,
        [about_harbour(session).place],
        audience=Audience.CLIENT,
        words="Who keeps the harbours?",
        by="ben",
    )
    _, link = accounts.make_link(session.reload(), base="", days=7, by="ben", made_for="Jonas")
    (row,) = [row for card in client_cards(session.reload()) for row in card.rows]
    assert accounts.propose(session.reload(), link, [(row.rows[0], "My aunt.")])

    now = written(pipeline, tmp_path, WITH_A_FIELD)

    question = about_harbour(now)
    assert (question.audience, question.words) == (Audience.CLIENT, "Who keeps the harbours?")
    assert [one.asked.ticket.group_key for one in now.questions_with_proposals] == [HARBOUR]
    assert (now.stranded_answers, now.stranded_questions) == ((), ())


@pytest.mark.parametrize(
    ("names_left", "with_fields", "group_keys"),
    [
        (("Harbour", "Port", "Quay"), ("Harbour",), (HARBOUR, SHARED)),
        (("Harbour", "Port", "Quay"), ("Port",), ("bundle:Vocabulary/port", SHARED)),
        (("Port", "Quay"), (), (SHARED,)),
        (("Dock", "Harbour", "Port", "Quay"), (), (SHARED,)),
    ],
    ids=["first row moves", "another row moves", "first row is gone", "a row comes before"],
)
def test_every_question_about_a_row_goes_to_whom_the_question_about_all_of_them_went(
    pipeline: Pipeline,
    tmp_path: Path,
    names_left: Sequence[str],
    with_fields: Sequence[str],
    group_keys: Sequence[str],
) -> None:
    """It hung on the first row alone: the others were asked of the agency again, in other words."""
    session = written(pipeline, tmp_path, of_one_note("Harbour", "Port", "Quay"))
    (question,) = session.questions
    ask(session, [question.place], audience=Audience.CLIENT, words="Who keeps it?", by="ben")

    now = written(pipeline, tmp_path, of_one_note(*names_left, with_fields=with_fields))

    sent = [(one.ticket.group_key, one.audience, one.words) for one in now.questions]
    assert sorted(sent) == [(key, Audience.CLIENT, "Who keeps it?") for key in sorted(group_keys)]
    assert now.stranded_questions == ()


def of_one_note(*names: str, with_fields: Sequence[str] = ()) -> Mapping[str, Sequence[Row]]:
    """Vocabularies that one question is about, some of which have a field."""
    bundles = [
        {**bundle(name, name.lower(), type_="Vocabulary"), "Settings/notes": "Unsure who keeps it"}
        for name in names
    ]
    fields = [field(f"{name} (Vocabulary)", "field_depth") for name in with_fields]
    return {"bundles": bundles, **({"fields": fields} if fields else {})}


@pytest.mark.usefixtures("answered")
def test_notes_stay_with_the_ticket_that_the_row_left_and_are_named(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    session = written(pipeline, tmp_path, WITHOUT_FIELDS)
    number = ticket_of(session, SHARED).number
    decide(session, "edit", {"number": number, "part": "notes", "text": NOTE}, by="ben")

    now = written(pipeline, tmp_path, WITH_A_FIELD)

    (moved,) = moved_rows(now)
    assert moved.staying == (f"notes: {NOTE}",)
    assert NOTE in run("status", SESSION).words
    assert [one["text"] for one in run_json("status", SESSION)["moved_rows"]] == [moved.text]
    assert [one["answers"] for one in run_json("generate", SESSION)["moved_rows"]] == [1]
    assert f"jira-pipeline tickets show {SESSION} {moved.source.number}" in moved.text


@pytest.mark.usefixtures("answered")
def test_an_answer_that_went_to_a_ticket_of_no_export_is_not_taken_out_of_its_issue_unsaid(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    """The update said nothing of it, and then it was in no issue."""
    run("tickets", "ready", SESSION, "--all")
    assert run("export", SESSION, "--yes").exit_code == 0
    now = written(pipeline, tmp_path, WITH_A_FIELD)
    skipping = {"numbers": [ticket_of(now, HARBOUR).number], "reason": "Not now."}
    decide(now, "skip", skipping, by="ben")
    run("tickets", "ready", SESSION, "--all")

    plan = run("export", SESSION, "--update", "--plan")

    assert DECIDED in plan.words


@pytest.mark.usefixtures("answered")
def test_the_preview_of_an_upload_names_answers_whose_row_nothing_asks_about(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    """What somebody had said lost its row by the upload, and the preview did not say so."""
    without_harbour = {"bundles": BUNDLES[1:]}

    left = answers_left_by(pipeline, tmp_path / "gone", without_harbour)
    moved = answers_left_by(pipeline, tmp_path / "moved", WITH_A_FIELD)

    assert [(one.answer, "Harbour" in one.question) for one in left] == [(DECIDED, True)]
    assert moved == []


def answers_left_by(
    pipeline: Pipeline, folder: Path, sheets: Mapping[str, Sequence[Row]]
) -> list[AnswerLeft]:
    put_into(folder, sheets)
    files = [(path.name, BytesIO(path.read_bytes())) for path in sorted(folder.iterdir())]
    upload_id = incoming.receive(pipeline, files, by="kim").upload_id
    preview = incoming.preview(pipeline, upload_id, session_key=SESSION)
    return [left for change in preview.changes or () for left in change.answers_left]
