"""Each row of a question keeps its own answer, from the page of a client into the ticket.

Belongs here: several rows that are asked about in one question, of every kind; who accepts, changes
and reads what was said of each. Does not: links and pages of clients (`test_client_page`), what is
no longer asked (`test_unasked_answers`).
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from typing_extensions import override

from jira_pipeline.jira.adf.to_text import adf_to_text
from jira_pipeline.model.open_questions import MODEL, Audience, OpenQuestion
from jira_pipeline.model.tickets import TicketProse
from jira_pipeline.review import answers
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.review.question_cards import client_cards
from jira_pipeline.review.questions import AskedQuestion
from jira_pipeline.sessions.accounts import make_link
from jira_pipeline.tickets.claims.claim import GroupFacts
from jira_pipeline.tickets.questions.question_index import question_forms
from jira_pipeline.tickets.template import TemplateWriter
from jira_pipeline.web.context import Web
from jira_pipeline.writing.generation import generate_tickets
from jira_pipeline_tests import projects
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.sheets.made_specifications import bundle, field, put_into
from jira_pipeline_tests.web.browsers import (
    browser,
    opened_web,
)

HERE = f"/sessions/{SESSION}/questions"
BOAT = "Boat (Content type)"
KINDS = (*question_forms(), MODEL)
"""All that anything asks, so all that has what `shared_with` returns."""


class AskingWriter(TemplateWriter):
    """Writes as the template does, and asks one question of each kind about two fields."""

    @override
    def write(self, brief: GroupFacts) -> TicketProse:
        first, second = brief.group.members[:2]
        questions = [
            OpenQuestion(
                kind=kind,
                file=first.source.file,
                line=first.source.line,
                column="Notes",
                quote="",
                question=f"What holds for these two by {kind}?",
                keys=(first.key, second.key),
                labels=("Bow", "Stern"),
                client_quotes=("", ""),
                for_client=f"Something about {kind}",
            )
            for kind in KINDS
        ]
        return replace(super().write(brief), questions=tuple(questions))


@pytest.fixture(scope="module")
def asking_web(empty_project: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """The web of a session with one ticket, which asks all kinds, all of them of the client."""
    folder = tmp_path_factory.mktemp("asking")
    sheets = put_into(
        folder / "sheets",
        {
            "bundles": [bundle("Boat", "boat")],
            "fields": [field(BOAT, "field_bow"), field(BOAT, "field_stern")],
        },
    )
    with opened_web(projects.make_reviewed(empty_project, sheets, folder)) as web:  # type: ignore[arg-type] # a path
        session = open_session(web.pipeline, SESSION)
        generate_tickets(
            session,
            previous_groups={},
            kept={},
            writer=AskingWriter(),
            sessions=web.pipeline.store.sessions,
            run_id="r2",
        )
        session = session.again()
        places = [question.place for question in session.questions]
        answers.ask(session, places, audience=Audience.CLIENT, by="test")
        yield web


def opened(web: Web) -> OpenSession:
    return open_session(web.pipeline, SESSION)


def asked_as(web: Web, kind: str) -> AskedQuestion:
    (question,) = [one for one in opened(web).questions if one.kind == kind]
    return question


def answered_on_page(web: Web, question: AskedQuestion, *texts: str) -> str:
    """Answer each row of a question on the page of a client; return the address of the page."""
    session = opened(web)
    rows = [
        row
        for card in client_cards(session)
        for row in card.rows
        if row.rows[0].keys[0] in question.keys_of_rows
    ]
    parts = [part.name for row in rows for part in row.parts]
    names = parts or [row.name for row in rows]
    address, _ = make_link(session, base="", days=7, by="anna", made_for="Jonas")
    fields = {f"text-{name}": text for name, text in zip(names, texts, strict=True)}
    answer = browser(web).post(address, data=fields | {"do": "send"})
    assert answer.status_code == 303
    return address


def ticket_text(web: Web) -> str:
    (rendered,) = opened(web).rendered
    return adf_to_text(rendered.document)


@pytest.mark.parametrize("kind", KINDS)
def test_two_rows_that_a_client_answers_differently_are_both_in_the_ticket(
    asking_web: Web, kind: str
) -> None:
    """The first answer was written to both rows, and the second one was never seen again."""
    question = asked_as(asking_web, kind)

    answered_on_page(asking_web, question, f"Red, {kind}.", f"Green, {kind}.")
    answers.answer(opened(asking_web), taken_over=[question.place], by="ben")

    now = asked_as(asking_web, kind)
    text = ticket_text(asking_web)
    assert [row.given and row.given.answer for row in now.rows] == [
        f"Red, {kind}.",
        f"Green, {kind}.",
    ]
    assert f"field_bow: Red, {kind}." in text
    assert f"field_stern: Green, {kind}." in text
