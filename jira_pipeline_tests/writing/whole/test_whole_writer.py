"""A model writes tickets whole, through requests, the store and an upgrade of what it changed."""

import hashlib
import json
import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest
from pydantic import TypeAdapter
from typing_extensions import override

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.errors import InputError
from jira_pipeline.model.revisions import ChangeKind, TicketProse
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.review.answers import answer
from jira_pipeline.review.approvals import mark_ready
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.review.revisions import (
    TicketEdit,
    edit,
    edit_taking_out,
    shown_changes,
    take_back,
)
from jira_pipeline.review.template_text import take_back_all
from jira_pipeline.sessions import upload as uploading
from jira_pipeline.store.store import Store
from jira_pipeline.tickets.template import TemplateWriter, TicketWriter, WrittenTicket
from jira_pipeline.writing.completion.prompt import prompt_instructions
from jira_pipeline.writing.generation import accept_writing_order, generate, generate_tickets
from jira_pipeline.writing.regeneration import plan_regeneration
from jira_pipeline.writing.whole.request import VERSION
from jira_pipeline.writing.writers import (
    ModelWriter,
    WritingOrder,
    briefs_in,
    estimate,
)
from jira_pipeline_tests import projects
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.writing.asked_models import SESSION as HARBOUR, model_tools, some_briefs
from jira_pipeline_tests.writing.drawn_answers import RequestedTicket
from jira_pipeline_tests.writing.scripted_models import Act, Asked, Say, Script, scripted_server

pytestmark = pytest.mark.xdist_group("models")

CHANGED_TICKETS = Path(__file__).with_name("changed_tickets.json")
"""Tickets of the museum as version 0.3 stored them before models wrote whole tickets, by group key."""


def written_whole(asked: Asked, *, words: str = "lists", question: str = "Who decides?") -> Act:
    """Answer with a story, a check for every fact, and a question about the first row."""
    if "<ticket>" not in asked.last:
        return Say(text="{}")
    ticket = RequestedTicket.of(asked)
    rows = ticket.own_rows[:1]
    facts = re.findall(r"^(m\d+) ", asked.request, re.MULTILINE)
    answer: dict[str, object] = {
        "story": {"text": f"The site needs what the table {words}.", "rows": rows},
        "checks": [{"text": f"What the table {words} is there.", "rows": rows, "covers": facts}],
    }
    if rows:
        answer["questions"] = [{"row": rows[0], "question": question}]
    return Say(text=json.dumps(answer))


def test_another_text_of_the_instructions_is_another_version() -> None:
    """Answers are kept for a version."""
    text = (files("jira_pipeline.writing") / "prompts" / "whole.md").read_bytes()

    assert (VERSION, hashlib.sha256(text).hexdigest()[:16]) == ("w2", "a7bd1ca34e24348d")
    assert text.startswith(f"<!-- version: {VERSION} -->".encode())
    assert len(prompt_instructions()) < 8_000


def test_an_answer_is_paid_for_once(store: Store) -> None:
    briefs = some_briefs(3)
    with scripted_server(written_whole) as server:
        tools = model_tools(server, store.writing)
        writer = ModelWriter(tools=tools)
        first = {t.group_key: t.prose for t in writer.write_all(briefs, session_key=HARBOUR)}
        again = {t.group_key: t.prose for t in writer.write_all(briefs, session_key=HARBOUR)}

    assert (first, len(server.asked)) == (again, 3)
    assert {prose.parts.user_story for prose in first.values()} == {
        "<p>The site needs what the table lists.</p>"
    }
    assert {prose.fallback_reason for prose in first.values()} == {""}


@contextmanager
def asking(pipeline: Pipeline, script: Script) -> Iterator[Pipeline]:
    with scripted_server(script) as server:
        settings = pipeline.settings.model_copy(
            update={
                "writer_base_url": server.base_url("compatible"),
                "writer_concurrency": 1,
            }
        )
        yield replace(pipeline, settings=settings)


@pytest.fixture
def uploaded(pipeline: Pipeline, tmp_path: Path) -> Pipeline:
    folder = projects.copy_small_sheets(tmp_path / "museum")
    uploading.upload(pipeline, folder, session_key=SESSION, auto_approve=False, actor="ab")
    return pipeline


def generated(pipeline: Pipeline, *numbers: int) -> tuple[Ticket, ...]:
    generate(open_session(pipeline, SESSION), run_id=None, numbers=numbers, writer_name="a-model")
    return open_session(pipeline, SESSION).tickets


class ChangedTickets(TicketWriter):
    """Writes what was stored of tickets that a model changed, and the template's of all others."""

    name = "a-model/36"

    @override
    def write_all(
        self, briefs: Sequence[TicketRows], *, session_key: str
    ) -> Generator[WrittenTicket, None, None]:
        """Write the tickets."""
        stored = TypeAdapter(dict[str, TicketProse]).validate_json(CHANGED_TICKETS.read_bytes())
        for brief in briefs:
            prose = stored.get(brief.group.key) or TemplateWriter().write(brief)
            yield WrittenTicket(group_key=brief.group.key, prose=prose)


@pytest.fixture
def changed(uploaded: Pipeline) -> tuple[Ticket, ...]:
    """The tickets of a store of before, two of them changed by a model."""
    session = open_session(uploaded, SESSION)
    generate_tickets(
        session,
        previous_groups=lambda _: {},
        unchanged_tickets={},
        writer=ChangedTickets(),
        sessions=session.store.sessions,
        run_id=None,
    )
    session.store.sessions.choose_writer(SESSION, "a-model", by="ab", at=session.clock.now())
    return changed_in(open_session(uploaded, SESSION))


def changed_in(session: OpenSession) -> tuple[Ticket, ...]:
    return tuple(t for t in session.tickets if t.revision.writer == ChangedTickets.name)


def test_each_kind_of_change_stays_and_is_taken_back_once_a_model_writes_whole(
    uploaded: Pipeline, changed: tuple[Ticket, ...]
) -> None:
    first, second = changed
    with asking(uploaded, written_whole) as pipeline:
        generated(pipeline)
        after = changed_in(open_session(pipeline, SESSION))
    undone = set()
    for ticket in after:
        for shown in shown_changes(ticket):
            session = open_session(uploaded, SESSION)
            if shown.can_be_taken_out:
                edit_taking_out(ticket, shown.number)
                undone.add(shown.change.kind)
            elif shown.can_be_taken_back:
                take_back(session, ticket.number, shown.number, by="ab")
                undone.add(shown.change.kind)

    assert [ticket.revision for ticket in after] == [ticket.revision for ticket in changed]
    assert undone == set(ChangeKind)
    assert {first.group_key, second.group_key} == {"bundle:Media type/image", "view:clocks"}


def test_of_changed_tickets_only_those_are_written_whole_that_somebody_orders(
    uploaded: Pipeline, changed: tuple[Ticket, ...]
) -> None:
    first, second = changed
    with asking(uploaded, written_whole) as pipeline:
        after = {ticket.number: ticket for ticket in generated(pipeline, first.number)}

    assert after[first.number].revision.writer == f"a-model/{VERSION}"
    assert after[second.number].revision == second.revision


def test_an_upgrade_writes_and_sends_nothing_by_itself(
    uploaded: Pipeline, changed: tuple[Ticket, ...]
) -> None:
    """Answers kept for changes are not used, and their tickets are not paid for again."""
    template_count = len(open_session(uploaded, SESSION).tickets) - len(changed)
    asked: list[str] = []

    def noting(question: Asked) -> Act:
        if "<ticket>" in question.last:
            asked.append(question.request)
        return written_whole(question)

    with asking(uploaded, noting) as pipeline:
        first_time = generated(pipeline)
        asked_count = len(asked)
        session = open_session(pipeline, SESSION)
        expected = estimate(session).estimate
        accept_writing_order(session, WritingOrder(), by="ab")
        outcome = generate(open_session(pipeline, SESSION), run_id=None)

    assert asked_count == len(asked) == template_count
    assert not any(f"Title: {ticket.title}\n" in request for ticket in changed for request in asked)
    assert expected.asked_count == expected.kept_count
    assert expected.cost_high == 0
    assert outcome.unchanged == len(first_time)


def test_all_that_a_model_wrote_is_undone_in_one_act(uploaded: Pipeline) -> None:
    """What people answered stays, and a text that they changed is not replaced."""
    with asking(uploaded, written_whole) as pipeline:
        first, second, *_ = generated(pipeline)
    session = open_session(uploaded, SESSION)
    template = {brief.group.key: TemplateWriter().write(brief) for brief in briefs_in(session)}
    (asked,) = [q for q in first.revision.questions if q.question == "Who decides?"]
    answer(
        session, [(f"{first.number}.{first.revision.questions.index(asked) + 1}", "Ada")], by="ab"
    )
    edit(
        session.reload(),
        session.reload().ticket(second.number),
        TicketEdit(parts={"notes": "<p>Ours.</p>"}),
        revision=None,
        by="ab",
    )

    for number in (first.number, second.number):
        take_back_all(session.reload(), number, by="ab")

    for ticket in session.reload().tickets[:2]:
        by_rule = template[ticket.group_key]
        now = ticket.revision
        assert now.writer == by_rule.writer
        assert (now.parts.analysis, now.parts.verification) == (
            by_rule.parts.analysis,
            by_rule.parts.verification,
        )
        assert shown_changes(ticket) == ()
    answered, noted, *_ = session.reload().tickets
    assert [one.answer for one in answered.answers] == ["Ada"]
    assert asked.question in [q.question for q in answered.revision.questions]
    assert noted.revision.parts.notes == "<p>Ours.</p>"


def test_a_text_that_people_changed_is_not_replaced_by_the_template(uploaded: Pipeline) -> None:
    with asking(uploaded, written_whole) as pipeline:
        ticket, *_ = generated(pipeline)
    session = open_session(uploaded, SESSION)
    parts = {"analysis": "<ul><li>Ours.</li></ul>"}
    edit(session, ticket, TicketEdit(parts=parts), revision=None, by="ab")

    with pytest.raises(InputError, match="that would be lost"):
        take_back_all(session.reload(), ticket.number, by="ab")

    assert session.reload().ticket(ticket.number).revision.parts.analysis == parts["analysis"]


def test_a_ticket_that_no_model_wrote_has_nothing_to_undo(uploaded: Pipeline) -> None:
    session = open_session(uploaded, SESSION)
    generate(session, run_id=None, writer_name="template")

    with pytest.raises(InputError, match="No model wrote anything of ticket 1"):
        take_back_all(session.reload(), 1, by="ab")


def test_all_tickets_are_written_anew_where_somebody_orders_it(
    uploaded: Pipeline, changed: tuple[Ticket, ...]
) -> None:
    """Those that people edited stay; who orders it is told before which approvals go."""
    edited, approved = changed
    session = open_session(uploaded, SESSION)
    count = len(session.tickets)
    edit(session, edited, TicketEdit(parts={"analysis": "<p>Ours.</p>"}), revision=None, by="ab")
    mark_ready(session.reload(), [approved.number], by="ab")

    with asking(uploaded, written_whole) as pipeline:
        regeneration = plan_regeneration(open_session(pipeline, SESSION))
        after = generated(pipeline, *regeneration.numbers)

    assert regeneration.left == (edited.number,)
    assert regeneration.approved == (approved.number,)
    assert regeneration.estimate.asked_count == count - 1
    assert regeneration.sentences[1:] == (
        f"As people edited them, these stay: ticket {edited.number}.",
        f"Where the text changes, these lose their approval: ticket {approved.number}.",
    )
    written = [ticket for ticket in after if ticket.number != edited.number]
    assert {ticket.revision.writer for ticket in written} == {f"a-model/{VERSION}"}
    assert [ticket.number for ticket in after if ticket.is_ready] == []
    (still_edited,) = [ticket for ticket in after if ticket.number == edited.number]
    assert still_edited.revision.parts.analysis == "<p>Ours.</p>"
