"""Writing the tickets of a session: one process at a time, of the sheets it has, stopped in time."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.errors import CancelledError, LeaseBusyError, WriterBudgetError
from jira_pipeline.model.sessions import (
    WRITING_PERCENTAGE_MAX,
    SessionStage,
    SessionStatus,
    TicketProgress,
    UploadSession,
)
from jira_pipeline.model.tickets import GenerationOutcome, ticket_id_of
from jira_pipeline.review.open_session import open_session
from jira_pipeline.sessions import upload as uploading
from jira_pipeline.tickets.template import TemplateWriter, WrittenTicket
from jira_pipeline.writing import generation
from jira_pipeline.writing.generation import generate_tickets
from jira_pipeline_tests import projects
from jira_pipeline_tests.clocks import MovableClock
from jira_pipeline_tests.projects import EXAMPLE_TICKETS, SESSION


@dataclass(kw_only=True)
class ScriptedWriter:
    """Writes the tickets in reverse order, and does something before each."""

    name: str = "scripted/1"
    before_each: Callable[[int], None] = lambda _: None
    """Called with the count of those written before; what it raises, the writer raises."""
    instead: frozenset[str] = frozenset()
    """Keys of groups the template writes in the place of a model."""
    unwritten: frozenset[str] = frozenset()
    """Keys of groups it passes over."""
    asked: list[str] = field(default_factory=list)
    """Keys of the groups it wrote, in order."""
    is_closed: bool = False
    """Its iterator was closed, or came to its end."""

    def write_all(
        self, briefs: Sequence[TicketRows], *, session_key: str
    ) -> Generator[WrittenTicket, None, None]:
        del session_key
        template = TemplateWriter()
        try:
            for brief in reversed(briefs):
                key = brief.group.key
                self.before_each(len(self.asked))
                if key in self.unwritten:
                    continue
                self.asked.append(key)
                reason = "The model refused." if key in self.instead else ""
                prose = replace(template.write(brief), fallback_reason=reason)
                yield WrittenTicket(group_key=key, prose=prose)
        finally:
            self.is_closed = True


@pytest.fixture
def uploaded(pipeline: Pipeline) -> Pipeline:
    """A pipeline with the example uploaded and nothing written."""
    uploading.upload(
        pipeline, projects.EXAMPLE, session_key=SESSION, auto_approve=False, actor="ab"
    )
    return pipeline


def session_in(pipeline: Pipeline) -> UploadSession:
    return pipeline.store.sessions.get(SESSION)


def generate_with(writer: ScriptedWriter, pipeline: Pipeline) -> GenerationOutcome:
    return generate_tickets(
        open_session(pipeline, SESSION),
        previous_groups=lambda _: {},
        unchanged_tickets={},
        writer=writer,
        sessions=pipeline.store.sessions,
        run_id="r1",
    )


def generate(pipeline: Pipeline) -> GenerationOutcome:
    """Run the step as the asset does."""
    return generation.generate(open_session(pipeline, SESSION), run_id="r1")


def test_tickets_arrive_in_any_order_and_are_stored_in_build_order(uploaded: Pipeline) -> None:
    writer = ScriptedWriter()

    outcome = generate_with(writer, uploaded)

    keys = [ticket.group_key for ticket in uploaded.store.tickets.list_all(SESSION)]
    assert writer.asked == keys[::-1]
    assert (outcome.created, len(keys)) == (EXAMPLE_TICKETS, EXAMPLE_TICKETS)


def test_a_session_waits_for_its_validation_once_its_tickets_are_written(
    uploaded: Pipeline,
) -> None:
    """Materialized alone, the asset left a session that showed as running for ever."""
    generate_with(ScriptedWriter(), uploaded)

    session = session_in(uploaded)
    assert (session.stage, session.status) == (SessionStage.PROCESSING, SessionStatus.WAITING)
    assert (session.progress_percentage, session.progress_text) == (
        WRITING_PERCENTAGE_MAX,
        "24 tickets written",
    )


def test_progress_is_reported_with_counts_before_tickets(uploaded: Pipeline) -> None:
    """The ticket that is named is the first that is not written: here they arrive last to first."""
    reported: list[tuple[float, str]] = []
    details: list[TicketProgress] = []
    groups = open_session(uploaded, SESSION).contents.groups

    def look(_written: int) -> None:
        session = session_in(uploaded)
        reported.append((session.progress_percentage, session.progress_text))
        assert session.progress_details is not None
        details.append(session.progress_details)

    slow = replace(uploaded, clock=MovableClock(step=timedelta(seconds=1)))
    generate_with(ScriptedWriter(before_each=look, instead=frozenset({groups[-2].key})), slow)

    assert reported[0] == (0.0, f"Writing ticket 1 of 24: {groups[0].title}")
    assert reported[1][0] == pytest.approx(WRITING_PERCENTAGE_MAX / 24)
    assert reported[1][1] == f"Writing ticket 2 of 24: {groups[0].title}"
    assert reported[2][1] == (
        f"Writing ticket 3 of 24, 1 by the template instead: {groups[0].title}"
    )
    assert [share for share, _ in reported] == sorted(share for share, _ in reported)
    assert [(d.done, d.failed, d.total) for d in details[:3]] == [
        (0, 0, 24),
        (1, 0, 24),
        (2, 1, 24),
    ]
    assert {d.ticket_id for d in details} == {ticket_id_of(SESSION, groups[0].key)}
    assert details[0].remaining_seconds is None
    assert all(d.remaining_seconds is not None for d in details[1:])


def test_progress_is_reported_at_most_twice_a_second(uploaded: Pipeline) -> None:
    texts: list[str] = []
    writer = ScriptedWriter(before_each=lambda _: texts.append(session_in(uploaded).progress_text))

    quick = MovableClock(step=timedelta(seconds=0.1), since=uploaded.clock.now())
    generate_with(writer, replace(uploaded, clock=quick))

    assert [text.split()[2] for text in dict.fromkeys(texts)] == ["1", "6", "11", "16", "21"]


@pytest.mark.parametrize("count", [0, 3, EXAMPLE_TICKETS - 2])
def test_a_cancel_stops_after_the_ticket_at_hand_and_stores_no_ticket(
    uploaded: Pipeline, count: int
) -> None:
    def cancel_after(written: int) -> None:
        if written == count:
            now = uploaded.clock.now()
            uploaded.store.sessions.request_cancel(SESSION, at=now, by="ab")

    writer = ScriptedWriter(before_each=cancel_after)

    with pytest.raises(CancelledError, match=f"cancelled after {count + 1} of 24"):
        generate_with(writer, uploaded)

    assert (len(writer.asked), writer.is_closed) == (count + 1, True)
    assert uploaded.store.tickets.list_all(SESSION) == ()


def test_a_writer_that_cannot_go_on_changes_no_ticket(uploaded: Pipeline) -> None:
    generate(uploaded)
    before = uploaded.store.tickets.list_all(SESSION)

    def stop(written: int) -> None:
        if written == 5:
            raise WriterBudgetError(limit="20 US dollars", spent="19.99", progress="")

    with pytest.raises(WriterBudgetError):
        generate_with(ScriptedWriter(before_each=stop), uploaded)

    assert before == uploaded.store.tickets.list_all(SESSION)


def test_a_writer_that_passes_groups_over_gets_all_of_them(uploaded: Pipeline) -> None:
    groups = open_session(uploaded, SESSION).contents.groups
    unwritten = groups[3], groups[7]

    with pytest.raises(ValueError, match="wrote nothing for") as caught:
        generate_with(ScriptedWriter(unwritten=frozenset(g.key for g in unwritten)), uploaded)

    assert all(group.title in str(caught.value) for group in unwritten)


def test_two_processes_do_not_write_the_same_session_at_once(uploaded: Pipeline) -> None:
    """Both would pay the model for the same tickets."""
    with (
        uploaded.store.leases.hold(f"Session {SESSION}", holder="run other"),
        pytest.raises(LeaseBusyError, match="Session museum is being written to by run other"),
    ):
        generate(uploaded)

    assert generate(uploaded).created == EXAMPLE_TICKETS


def test_the_first_generation_decides_who_writes_from_then_on(uploaded: Pipeline) -> None:
    generate(uploaded)

    other = uploaded.settings.model_copy(update={"writer_model": "openai:small"})
    assert open_session(replace(uploaded, settings=other), SESSION).writer_name == "template"
    chosen = [e for e in uploaded.store.audit.entries(SESSION) if e.action == "writer_chosen"]
    assert [(e.actor, e.details["to"]) for e in chosen] == [("pipeline", "template")]
