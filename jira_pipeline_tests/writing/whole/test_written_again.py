"""A session that a model writes whole twice, in other words: answers, sentences, approval, update.

Through the store: the client answers by a link, one cell of a sheet changes, the second writing says
everything otherwise.
"""

import json
import re
from pathlib import Path

import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.export import exporting
from jira_pipeline.export.outdated_issues import changes_in_jira
from jira_pipeline.model.open_questions import ProposedAnswer
from jira_pipeline.model.tickets import question_id_of
from jira_pipeline.model.update_choices import UpdateChoice
from jira_pipeline.review import answers, approvals
from jira_pipeline.review.approved_difference import difference_to_approved
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.sessions.accounts import make_link
from jira_pipeline.sessions.upload import upload
from jira_pipeline.writing import writers
from jira_pipeline.writing.generation import generate
from jira_pipeline_tests import projects
from jira_pipeline_tests.projects import SESSION, SMALL_CLOCK
from jira_pipeline_tests.writing.drawn_answers import RequestedTicket
from jira_pipeline_tests.writing.scripted_models import Act, Asked, Say
from jira_pipeline_tests.writing.whole.test_whole_writer import asking

pytestmark = pytest.mark.xdist_group("models")

CHANGED = ("What a visitor would call it,", "What visitors call it,")
"""Words of one cell of the sheet of fields, and what they become."""
CHANGED_FIELD = "field_object_name"
CHECKS = 1
"""The small question whether the model can be asked at all."""


class SentenceARow:
    """Answers with a sentence about each row of a ticket, and a question about the first."""

    def __init__(self, words: str, *, question: str) -> None:
        self._words = words
        self._question = question

    def __call__(self, asked: Asked) -> Act:
        if "<ticket>" not in asked.last:
            return Say(text="{}")
        ticket = RequestedTicket.of(asked)
        own_rows = re.findall(
            r"\w+\d", "".join(re.findall(r"^Rows \w+: (.*)", asked.last, re.MULTILINE))
        )
        checks = []
        for name in own_rows:
            machine_name = ticket.rows.get(name, {}).get("Machine name")
            if machine_name:
                text = f"`{machine_name}` {self._words}."
                checks.append({"text": text, "rows": [name]})
        answer = {
            "story": {"text": f"The museum {self._words}.", "rows": own_rows[:1]},
            "checks": checks,
            "questions": [{"row": own_rows[0], "question": self._question}],
        }
        return Say(text=json.dumps(answer))


def opened(pipeline: Pipeline) -> OpenSession:
    return open_session(pipeline, SESSION)


def written(pipeline: Pipeline, folder: Path) -> OpenSession:
    """Upload sheets and have the model write their tickets: for no more than was estimated."""
    upload(pipeline, folder, session_key=SESSION, auto_approve=False, replaces_all=True, actor="ab")
    session = opened(pipeline)
    expected = writers.estimate(session, writer="a-model").estimate
    sent_before = writers.spending_of(session).requests
    generate(session, run_id="r1", writer_name="a-model")
    asked_count = expected.asked_count - expected.kept_count
    assert writers.spending_of(session).requests - sent_before == asked_count + CHECKS
    return opened(pipeline)


def answer_by_link(session: OpenSession, question: str, text: str) -> None:
    """Have a client answer by their link, and a reviewer take that over."""
    in_ticket = [asked for asked in session.questions if asked.ticket.number == SMALL_CLOCK]
    (asked,) = [asked for asked in in_ticket if asked.question == question]
    _, link = make_link(session, base="", days=7, by="anna", made_for="Jonas")
    at = session.clock.now()
    proposed = ProposedAnswer(
        ticket_id=asked.ticket.ticket_id,
        question_id=" ".join(row.row_id for row in asked.rows),
        secret_sha256=link.secret_sha256,
        text=text,
        at=at,
    )
    assert session.store.client_links.propose(link, [proposed], at=at)
    answers.answer(session.reload(), taken_over=[asked.place], by="anna")


def test_a_second_writing_keeps_answers_and_changes_one_sentence_for_one_cell(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    folder = projects.copy_small_sheets(tmp_path / "museum")
    first = SentenceARow("is there", question="Who decides?")
    again = SentenceARow("can be seen", question="Whose decision is it?")
    with asking(pipeline, first) as asked_first:
        written(asked_first, folder)
    answer_by_link(opened(pipeline), "Who decides?", "The curator.")
    approvals.mark_ready(opened(pipeline), by="anna")
    exporting.create_issues(
        opened(pipeline),
        run_id="r2",
        by="anna",
        on_started=lambda _: None,
        pass_on=lambda _: None,
    )
    exporting.attach_files(opened(pipeline), run_id="r2", pass_on=lambda _: None)
    exporting.link_issues(opened(pipeline), run_id="r2", pass_on=lambda _: None)
    before = opened(pipeline).ticket(SMALL_CLOCK)

    projects.replace_in(folder / "Uhrenmuseum_Fields.csv", *CHANGED)
    with asking(pipeline, again) as asked_again:
        session = written(asked_again, folder)

    ticket = session.ticket(SMALL_CLOCK)
    assert [(a.question_id, a.answer) for a in ticket.answers] == [
        (before.answers[0].question_id, "The curator.")
    ]
    assert before.answers[0].question_id in [question_id_of(q) for q in ticket.revision.questions]
    assert "Whose decision is it?" not in ticket.revision.parts.questions
    sentence = f"<code>{CHANGED_FIELD}</code>"
    assert ticket.revision.parts.verification == before.revision.parts.verification.replace(
        f"{sentence} is there.", f"{sentence} can be seen."
    )
    assert ticket.revision.parts.user_story == before.revision.parts.user_story
    difference = difference_to_approved(session, ticket, group=session.group_of(ticket))
    assert difference is not None
    assert [part.part for part in difference.parts] == ["verification"]
    changed_lines = [line for line in difference.parts[0].lines if line[0] in "+-"]
    assert changed_lines == [
        f"-- [ ] `{CHANGED_FIELD}` is there.",
        f"+- [ ] `{CHANGED_FIELD}` can be seen.",
    ]
    assert [update.number for update in exporting.plan(session, update=UpdateChoice()).updates] == [
        SMALL_CLOCK
    ]
    (change,) = changes_in_jira(session)
    assert (change.parts, [cell.column for cell in change.cells]) == (
        ("verification",),
        ["Help text"],
    )
