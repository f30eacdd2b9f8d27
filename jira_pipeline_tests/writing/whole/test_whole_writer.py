"""A model writes tickets whole, through requests, the store and an upgrade of what it changed."""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.errors import InputError
from jira_pipeline.model.revisions import ChangeKind
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.review.answers import answer
from jira_pipeline.review.approvals import mark_ready
from jira_pipeline.review.open_session import open_session
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
from jira_pipeline.tickets.template import TemplateWriter
from jira_pipeline.writing.changes_form import CHANGES_FORM
from jira_pipeline.writing.completion.prompt import AnswerKind, PromptRule, prompt_instructions
from jira_pipeline.writing.generation import accept_writing_order, generate
from jira_pipeline.writing.regeneration import plan_regeneration
from jira_pipeline.writing.whole.request import VERSION
from jira_pipeline.writing.writers import ModelWriter, WritingOrder, briefs_in, estimate
from jira_pipeline_tests import projects
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.writing.asked_models import SESSION as HARBOUR, model_tools, some_briefs
from jira_pipeline_tests.writing.drawn_answers import RequestedTicket, drawn_answers
from jira_pipeline_tests.writing.scripted_models import Act, Asked, Say, Script, scripted_server

pytestmark = pytest.mark.xdist_group("models")

CHANGES = PromptRule(answer=AnswerKind.CHANGES)


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
    assert len(prompt_instructions(kind=AnswerKind.WHOLE)) < 8_000


def test_an_answer_is_paid_for_once_and_not_shared_with_the_form_of_changes(store: Store) -> None:
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
    assert [*ModelWriter(tools=tools, rule=CHANGES).briefs_to_ask(briefs)] == [*briefs]


@contextmanager
def asking(pipeline: Pipeline, script: Script, answer: str) -> Iterator[Pipeline]:
    with scripted_server(script) as server:
        settings = pipeline.settings.model_copy(
            update={
                "writer_base_url": server.base_url("compatible"),
                "writer_answer": answer,
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


class DrawnChanges:
    """Answers with one thing after the other that changes of a ticket may hold."""

    def __init__(self) -> None:
        self._answered = 0

    def __call__(self, asked: Asked) -> Act:
        if "<ticket>" not in asked.last:
            return Say(text="{}")
        answers = drawn_answers(CHANGES_FORM.schema, RequestedTicket.of(asked))
        self._answered += 1
        return Say(text=json.dumps(answers[self._answered % len(answers)]))


def test_each_kind_of_change_stays_and_is_taken_back_once_a_model_writes_whole(
    uploaded: Pipeline,
) -> None:
    with asking(uploaded, DrawnChanges(), "changes") as pipeline:
        before = generated(pipeline)
    with asking(uploaded, written_whole, "whole") as pipeline:
        after = generated(pipeline)
        ordered = generated(pipeline, after[0].number)

    assert [t.revision for t in after] == [t.revision for t in before]
    assert ordered[0].revision.writer == f"a-model/{VERSION}"
    assert [t.revision for t in ordered[1:]] == [t.revision for t in before[1:]]
    undone = set()
    for ticket in after:
        for shown in shown_changes(ticket):
            session = open_session(uploaded, SESSION).reload()
            if shown.can_be_taken_out:
                edit_taking_out(ticket, shown.number)
                undone.add(shown.change.kind)
            elif shown.can_be_taken_back and ticket.number != after[0].number:
                take_back(session, ticket.number, shown.number, by="ab")
                undone.add(shown.change.kind)
    assert undone == set(ChangeKind)


def test_an_upgrade_writes_and_sends_nothing_by_itself(uploaded: Pipeline) -> None:
    """Answers kept for changes are not used, and their tickets are not paid for again."""
    with asking(uploaded, DrawnChanges(), "changes") as pipeline:
        before = generated(pipeline)
    asked: list[Asked] = []

    def noting(question: Asked) -> Act:
        asked.append(question)
        return written_whole(question)

    with asking(uploaded, noting, "whole") as pipeline:
        session = open_session(pipeline, SESSION)
        expected = estimate(session).estimate
        accept_writing_order(session, WritingOrder(), by="ab")
        outcome = generate(open_session(pipeline, SESSION), run_id=None)

    after = open_session(uploaded, SESSION).tickets
    assert asked == []
    assert expected.asked_count == expected.kept_count
    assert expected.cost_high == 0
    assert [ticket.revision for ticket in after] == [ticket.revision for ticket in before]
    assert outcome.unchanged == len(before)


def test_all_that_a_model_wrote_is_undone_in_one_act(uploaded: Pipeline) -> None:
    """What people answered stays, and a text that they changed is not replaced."""
    with asking(uploaded, written_whole, "whole") as pipeline:
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
    with asking(uploaded, written_whole, "whole") as pipeline:
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


def test_all_tickets_are_written_anew_where_somebody_orders_it(uploaded: Pipeline) -> None:
    """Those that people edited stay; who orders it is told before which approvals go."""
    with asking(uploaded, DrawnChanges(), "changes") as pipeline:
        before = generated(pipeline)
    edited, approved, *_ = before
    session = open_session(uploaded, SESSION)
    edit(session, edited, TicketEdit(parts={"analysis": "<p>Ours.</p>"}), revision=None, by="ab")
    mark_ready(session.reload(), [approved.number], by="ab")

    with asking(uploaded, written_whole, "whole") as pipeline:
        regeneration = plan_regeneration(open_session(pipeline, SESSION))
        after = generated(pipeline, *regeneration.numbers)

    assert regeneration.left == (edited.number,)
    assert regeneration.approved == (approved.number,)
    assert regeneration.estimate.asked_count == len(before) - 1
    assert regeneration.sentences[1:] == (
        f"As people edited them, these stay: ticket {edited.number}.",
        f"Where the text changes, these lose their approval: ticket {approved.number}.",
    )
    assert [ticket.revision.writer for ticket in after[1:]] == [f"a-model/{VERSION}"] * len(
        regeneration.numbers
    )
    assert [ticket.number for ticket in after if ticket.is_ready] == []
    assert after[0].revision.parts.analysis == "<p>Ours.</p>"
