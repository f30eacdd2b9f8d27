"""Marking tickets ready, and taking the marks away: what changed is validated first.

Belongs here: these verbs. Does not: the rule (`ready_marks`), validating (`validating`).
"""

from collections.abc import Mapping, Sequence

from jira_pipeline.context.states import refuse_without_tickets
from jira_pipeline.model.line_numbers import counted, ticket_numbers_text
from jira_pipeline.model.tickets import Ticket, asking_numbers, questions_left
from jira_pipeline.review import ready_marks
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.outcomes import (
    Decided,
    Numbers,
    Seen,
    decided,
    ids_of,
    marking_again,
    step,
    tickets_of,
)
from jira_pipeline.review.validating import validated_for

NUMBERS_NAMED = 20


def mark_ready(
    session: OpenSession,
    numbers: Numbers | None = None,
    *,
    with_questions: bool = True,
    seen: Mapping[int, str] | None = None,
    by: str,
) -> Decided:
    """Mark tickets ready for export; anything that has changed is validated first.

    Any later change to a ticket removes its mark. Skipped tickets can be marked only by number.

    Raises:
        EditConflictError: One is not as it was read.
        GateError: There are no tickets, one is not valid, the sheets changed since they were
            written, or something is at work and one was not validated.
        NotFoundError: A number names no ticket.
    """
    # The audit trail has how many questions were open. Where a person is to be asked first,
    # `with_questions` is false: tickets with open questions stay as they are. `seen` has the hash
    # of what a person read, by number.
    refuse_without_tickets(session.stored)
    if numbers is None:
        numbers = [t.number for t in session.tickets if t.exclusion is None]
    chosen = tickets_of(session, numbers)
    left = [] if with_questions else [t for t in chosen if t.unanswered and not t.is_ready]
    meant = [one for one in chosen if one not in left]
    session = validated_for(session, chosen)
    count = ready_marks.mark_ready(
        session.stored,
        session.judged,
        numbers={one.number for one in meant},
        seen=seen,
        tickets=session.store.tickets,
        validations=session.store.validations,
        by=by,
        at=session.clock.now(),
    )
    sentences = [f"{counted(count, 'ticket')} marked ready."]
    if asking := questions_left(meant).count:
        where = ticket_numbers_text(asking_numbers(meant))
        sentences.append(f"{counted(asking, 'question')} to answer, in {where}.")
    marked = [t.number for t in meant if not t.is_ready]
    return decided(
        session,
        chosen,
        count,
        *sentences,
        left=_asking(left) if left else "",
        undo=step("unready", marked, were={"ready_by": by}),
        marked=count,
        open_questions=questions_left(chosen).count,
        open_questions_in=asking_numbers(chosen),
    )


def _asking(left: Sequence[Ticket]) -> str:
    """Say which tickets are not ready because questions of them are open."""
    numbers = ", ".join(str(ticket.number) for ticket in left[:NUMBERS_NAMED])
    more = f" and {len(left) - NUMBERS_NAMED:,} more" if len(left) > NUMBERS_NAMED else ""
    are = "has open questions and is" if len(left) == 1 else "have open questions and are"
    return (
        f"{counted(len(left), 'ticket')} {are} not ready: {numbers}{more}. Answer the "
        "questions, or mark the tickets ready “with open questions”."
    )


def unmark_ready(
    session: OpenSession, numbers: Numbers, *, were: Seen | None = None, by: str
) -> Decided:
    """Remove ready marks.

    Raises:
        EditConflictError: One has not what people saw.
        NotFoundError: A number names no ticket.
    """
    chosen = tickets_of(session, numbers)
    count = session.store.tickets.unmark_ready(
        session.key, ids_of(chosen), were=were, by=by, at=session.clock.now()
    )
    said = f"{counted(count, 'ready mark')} removed."
    return decided(session, chosen, count, said, undo=marking_again(chosen), unmarked=count)
