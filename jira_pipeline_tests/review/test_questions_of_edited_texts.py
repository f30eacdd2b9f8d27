"""A ticket whose text people wrote asks what its rows ask, and keeps their words beside the questions.

Belongs here: rows that are new in such a ticket, words of people among its questions. Does not: rows
that another ticket has since (`test_moved_rows`), drafts of a writer (`contracts/test_review_store`).
"""

from pathlib import Path

import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.jira.adf.to_text import adf_to_text
from jira_pipeline.model.revisions import RevisionOrigin
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.review.answers import answer
from jira_pipeline.review.approvals import mark_ready
from jira_pipeline.review.decisions import decide
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.questions import AskedQuestion
from jira_pipeline.review.revisions import markdown_of_part
from jira_pipeline_tests import projects
from jira_pipeline_tests.sheets.made_specifications import Row, bundle, put_into

HARBOUR = "Unsure who keeps Harbour"
PORT = "Unsure who keeps Port"
WORDS = "Anna thinks the pilots do."


def vocabulary(name: str) -> Row:
    row = bundle(name, name.lower(), type_="Vocabulary")
    return {**row, "Settings/notes": f"Unsure who keeps {name}"}


def written(pipeline: Pipeline, folder: Path, *names: str) -> OpenSession:
    place = folder / f"sheets{len(list(folder.iterdir()))}"
    return projects.written(pipeline, put_into(place, {"bundles": [*map(vocabulary, names)]}))


def edit(session: OpenSession, part: str, text: str) -> OpenSession:
    (ticket,) = session.tickets
    decide(session, "edit", {"number": ticket.number, "part": part, "text": text}, by="ben")
    return session.reload()


def about(session: OpenSession, words: str) -> AskedQuestion:
    (question,) = [one for one in session.questions if words in one.question]
    return question


def text_of(session: OpenSession) -> str:
    (rendered,) = session.rendered
    return adf_to_text(rendered.document)


def questions_of(session: OpenSession) -> str:
    return markdown_of_part(ticket_of(session).revision.parts.questions)


def times_asked(session: OpenSession, words: str) -> int:
    """Count how often the ticket says the question; the rows of its tables have its words, too."""
    return text_of(session).count(about(session, words).question.replace("`", ""))


def ticket_of(session: OpenSession) -> Ticket:
    (ticket,) = session.tickets
    return ticket


def test_a_text_of_people_asks_what_a_new_row_asks(pipeline: Pipeline, tmp_path: Path) -> None:
    """Nobody was asked about the row, in no list and not in the ticket; an approval covered it."""
    session = edit(written(pipeline, tmp_path, "Harbour"), "analysis", "Ours.")
    mark_ready(session, by="cleo")

    now = written(pipeline, tmp_path, "Harbour", "Port")

    assert "Ours." in text_of(now)
    assert [times_asked(now, words) for words in (HARBOUR, PORT)] == [1, 1]
    assert [about(now, words).answer for words in (HARBOUR, PORT)] == [None, None]
    assert not ticket_of(now).is_ready
    assert ticket_of(now).revision.origin is RevisionOrigin.EXTENDED


def test_an_answer_takes_a_new_question_out_of_a_text_of_people(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    edit(written(pipeline, tmp_path, "Harbour"), "analysis", "Ours.")
    session = written(pipeline, tmp_path, "Harbour", "Port")

    answer(session, [(about(session, PORT).place, "The mayor.")], by="ben")

    now = session.reload()
    assert "The mayor." in text_of(now)
    assert ticket_of(now).unanswered == ticket_of(now).revision.questions[:1]
    again = written(pipeline, tmp_path, "Harbour", "Port")
    assert ticket_of(again).revision.number == ticket_of(session).revision.number
    assert about(again, PORT).answer == "The mayor."


@pytest.mark.parametrize("place", ["the end", "the item"])
def test_words_of_people_among_questions_stay_when_a_question_is_answered(
    pipeline: Pipeline, tmp_path: Path, place: str
) -> None:
    """What somebody wrote into the item of a question went out of the ticket with its answer."""
    session = written(pipeline, tmp_path, "Harbour", "Port")
    before = questions_of(session)
    lines = before.splitlines()
    changed = [*lines, "", WORDS] if place == "the end" else [f"{lines[0]} {WORDS}", *lines[1:]]
    session = edit(session, "questions", "\n".join(changed))

    answer(session, [(about(session, HARBOUR).place, "The mayor.")], by="ben")

    now = session.reload()
    assert WORDS in text_of(now)
    assert "The mayor." in text_of(now)


def test_a_question_nobody_wrote_into_leaves_an_edited_text_with_its_answer(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    session = written(pipeline, tmp_path, "Harbour", "Port")
    lines = questions_of(session).splitlines()
    session = edit(session, "questions", "\n".join([f"{lines[0]} {WORDS}", *lines[1:]]))

    answer(session, [(about(session, PORT).place, "The mayor.")], by="ben")

    assert times_asked(session.reload(), PORT) == 1  # above its answer
