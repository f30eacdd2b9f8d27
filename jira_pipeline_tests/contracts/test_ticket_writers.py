"""What every TicketWriter does, whoever writes."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.store.store import Store
from jira_pipeline.tickets.template import TemplateWriter, TicketWriter, WrittenTicket
from jira_pipeline_tests.writing.asked_models import SESSION, model_writer, register, some_briefs
from jira_pipeline_tests.writing.scripted_models import Say, always, in_turn, scripted_server

pytestmark = pytest.mark.xdist_group("models")

BRIEFS = some_briefs(12)
SCRIPTS = {
    "model": always(Say()),
    "model that errs first": in_turn(Say(text="No."), Say()),
    "model that never answers well": always(
        Say(text=Say().text.replace("the table", "`field_unheard`"))
    ),
}


@contextmanager
def opened_writer(kind: str, store: Store) -> Iterator[TicketWriter]:
    if kind == "template":
        yield TemplateWriter()
        return
    with scripted_server(SCRIPTS[kind]) as server:
        yield model_writer(server, store.writing)


@pytest.fixture(params=["template", *SCRIPTS])
def writer(request: pytest.FixtureRequest, sqlite_store: Store) -> Iterator[TicketWriter]:
    """Each writer, on a store that knows the session."""
    register(sqlite_store)
    with opened_writer(request.param, sqlite_store) as opened:
        yield opened


def in_order(tickets: Iterator[WrittenTicket]) -> list[WrittenTicket]:
    return sorted(tickets, key=lambda ticket: ticket.group_key)


def rules_questions(brief: TicketRows) -> set[str]:
    return {q.question for q in brief.questions}


def test_every_brief_becomes_one_ticket_with_the_parts_people_read(writer: TicketWriter) -> None:
    written = list(writer.write_all(BRIEFS, session_key=SESSION))

    assert sorted(t.group_key for t in written) == sorted(b.group.key for b in BRIEFS)
    assert all(t.prose.parts.user_story and t.prose.parts.verification for t in written)


def test_the_same_briefs_give_the_same_prose(writer: TicketWriter) -> None:
    first = in_order(writer.write_all(BRIEFS, session_key=SESSION))
    second = in_order(writer.write_all(BRIEFS, session_key=SESSION))

    assert first == second


def test_the_questions_of_the_rules_are_in_every_ticket(writer: TicketWriter) -> None:
    written = {t.group_key: t.prose for t in writer.write_all(BRIEFS, session_key=SESSION)}

    missing = [
        brief.group.title
        for brief in BRIEFS
        if not rules_questions(brief) <= {q.question for q in written[brief.group.key].questions}
    ]
    assert missing == []


def test_who_wrote_a_ticket_is_stated_and_a_fallback_says_why(writer: TicketWriter) -> None:
    prose = [t.prose for t in writer.write_all(BRIEFS, session_key=SESSION)]

    assert {p.writer == writer.name or bool(p.fallback_reason) for p in prose} == {True}


def test_nothing_to_write_is_nothing(writer: TicketWriter) -> None:
    assert list(writer.write_all([], session_key=SESSION)) == []


def test_a_writer_may_be_left_after_any_ticket_and_asked_again(writer: TicketWriter) -> None:
    with closing(writer.write_all(BRIEFS, session_key=SESSION)) as arriving:
        next(arriving)

    assert len(list(writer.write_all(BRIEFS, session_key=SESSION))) == len(BRIEFS)
