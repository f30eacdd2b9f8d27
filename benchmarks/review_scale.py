"""What people wait for in a review of 10,000 tickets: its status, the gate, the list.

Each is printed against a bare SELECT of the rows it rests on, sent in turn with it over the same
driver. The session is validated and ready, and nothing was exported yet. The gate is measured on
tickets that are rendered: an export renders them to send them. PostgreSQL is left out with a word
where no server is installed.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine.interfaces import DBAPICursor

from benchmarks.databases import on_each_database
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.settings import load_settings
from jira_pipeline.export.gate import check_gate
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.ticket_validations import TicketValidation, Validation
from jira_pipeline.model.tickets import Ticket, canonical_hash
from jira_pipeline.review.open_session import open_session
from jira_pipeline.sessions import status as sessions_status
from jira_pipeline.sessions.composition import open_pipeline
from jira_pipeline.tickets.documents.kept_documents import rendering_code
from jira_pipeline_tests.contracts.stored_values import START, a_draft, an_upload

TICKETS = 10_000
PAGE = 100
ROUNDS = 15
GOAL_MILLISECONDS = 50
KEY = "large"

_OF_TICKETS = f"FROM tickets WHERE session_key = '{KEY}'"
_LISTED = f"""
SELECT t.ticket_id, t.number, r.title, t.display_group, t.action, t.ready_hash, t.skipped_reason,
       t.assignee, t.sprint, t.priority, t.labels, t.current_revision
FROM tickets t JOIN revisions r ON r.ticket_id = t.ticket_id AND r.number = t.current_revision
WHERE t.session_key = '{KEY}' ORDER BY t.number
"""  # noqa: S608 - ours


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked, and a SELECT of the rows it rests on."""

    name: str
    ask: Callable[[], object]
    bare: str


def main() -> None:
    """Measure on SQLite, and on PostgreSQL where there is a server."""
    on_each_database("review_scale", _measure, is_smallest=ROUNDS == 1)


def questions(pipeline: Pipeline, rendered: tuple[RenderedTicket, ...]) -> tuple[Question, ...]:
    """Return what is measured."""
    store = pipeline.store

    def status() -> object:
        return sessions_status.status(open_session(pipeline, KEY))

    def gate() -> None:
        session, checked = store.sessions.get(KEY), store.validations.checked(KEY)
        vanished = store.tickets.list_vanished(KEY)
        check_gate(session, checked=checked, rendered=rendered, vanished=vanished)

    def review_list(limit: int | None) -> object:
        listed = store.tickets.listed(KEY, limit=limit)
        return open_session(pipeline, KEY).places_of(listed)

    return (
        Question(
            name="status", ask=status, bare=f"SELECT ready_hash, skipped_reason {_OF_TICKETS}"
        ),
        Question(
            name="gate, every hash compared",
            ask=gate,
            bare="SELECT ticket_id, rendered_hash FROM validation_results",
        ),
        Question(
            name=f"review list, a page of {PAGE}",
            ask=partial(review_list, PAGE),
            bare=f"{_LISTED} LIMIT {PAGE}",
        ),
        Question(name="review list, all of it", ask=partial(review_list, None), bare=_LISTED),
        Question(
            name="lines in the sheets, for --json",
            ask=partial(store.tickets.source_lines, KEY),
            bare=f"SELECT ticket_id, source_lines {_OF_TICKETS}",
        ),
        Question(
            name="whole tickets with prose",
            ask=partial(store.tickets.list_all, KEY),
            bare=_LISTED.replace("SELECT", "SELECT r.*, t.source_lines,"),
        ),
    )


def _measure(name: str, url: str, folder: Path) -> None:
    settings = load_settings(folder).model_copy(
        update={"jira_pipeline_home": folder, "jira_pipeline_database_url": url}
    )
    pipeline = open_pipeline(settings)
    with pipeline.store:
        rendered = fill(pipeline, TICKETS)
        if pipeline.store.database.engine.dialect.name == "postgresql":
            with pipeline.store.database.writing() as connection:
                connection.execute(text("ANALYZE"))
        print(
            f"{name}, {TICKETS:,} tickets: fastest and median of {ROUNDS} in ms, CPU of this process"
        )
        for question in questions(pipeline, rendered):
            _print_question(pipeline, question)


def fill(pipeline: Pipeline, tickets: int) -> tuple[RenderedTicket, ...]:
    """Put a session into the store that is validated and ready; most tickets wait for another."""
    store, upload = pipeline.store, an_upload(KEY)
    store.sessions.register(upload, at=START, actor="benchmark")
    drafts = [
        a_draft(
            number,
            ticket_id=f"t{number:05}",
            depends_on=(f"t{number // 2:05}",) if number > 1 else (),
            labels=("drupal", f"batch-{number % 10}"),
        )
        for number in range(1, tickets + 1)
    ]
    store.tickets.save_generated(KEY, drafts, at=START)
    store.sessions.mark_generated(KEY, from_sha256=upload.content_sha256, at=START)
    session = store.sessions.get(KEY)
    rendered = tuple(_rendered(ticket) for ticket in store.tickets.list_all(KEY))
    store.validations.record(
        Validation(
            session_key=KEY,
            at=START,
            results=tuple(_passed(r) for r in rendered),
            content_version=session.content_version,
            rendering=rendering_code(body_max_bytes=pipeline.settings.adf_body_max_bytes),
        )
    )
    hashes = {r.ticket.ticket_id: r.hashes for r in rendered}
    store.tickets.mark_ready(KEY, hashes, by="benchmark", at=START)
    return tuple(replace(_rendered(t)) for t in store.tickets.list_all(KEY))


def _rendered(ticket: Ticket) -> RenderedTicket:
    return RenderedTicket(
        ticket=ticket,
        summary=ticket.title,
        kept_text="{}",
        attachment=None,
        rendered_hash=canonical_hash([ticket.title, ticket.depends_on]),
    )


def _passed(rendered: RenderedTicket) -> TicketValidation:
    return TicketValidation(
        ticket_id=rendered.ticket.ticket_id,
        title=rendered.summary,
        is_passed=True,
        rendered_hash=rendered.rendered_hash,
        adf_size_bytes=100,
        character_reduction=0,
    )


def _print_question(pipeline: Pipeline, question: Question) -> None:
    bare, asked = [], []
    connection = pipeline.store.database.engine.raw_connection()
    try:
        cursor = connection.cursor()
        for _ in range(ROUNDS):
            bare.append(_timed(partial(_select, cursor, question.bare)))
            connection.rollback()
            asked.append(_timed(question.ask))
    finally:
        connection.close()
    fastest = min(seconds for seconds, _ in asked)
    ratio = fastest / min(seconds for seconds, _ in bare)
    verdict = "" if fastest <= GOAL_MILLISECONDS else f"  (over {GOAL_MILLISECONDS})"
    print(
        f"  {question.name:<32} {_figures(asked)}  bare SELECT {_figures(bare)}  ratio {ratio:.1f}{verdict}"
    )


def _select(cursor: DBAPICursor, statement: str) -> object:
    cursor.execute(statement)
    return cursor.fetchall()


def _timed(ask: Callable[[], object]) -> tuple[float, float]:
    """Return milliseconds by the clock and of CPU."""
    began, cpu_began = time.perf_counter(), time.process_time()
    ask()
    return (time.perf_counter() - began) * 1000, (time.process_time() - cpu_began) * 1000


def _figures(measured: list[tuple[float, float]]) -> str:
    walls, cpus = zip(*measured, strict=True)
    return f"{min(walls):6.1f} {statistics.median(walls):6.1f} CPU {statistics.median(cpus):6.1f}"


if __name__ == "__main__":
    main()
