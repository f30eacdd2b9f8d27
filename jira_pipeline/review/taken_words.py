"""Moving people's words from a ticket whose rows are gone to the ticket that it is now, and back.

A bundle or view with another machine name is another group, so another ticket. The program cannot
know that it is the same thing; a person says so, and the ticket takes over what people said of the
former one ("its words"): answers, notes, comments, decisions.

Belongs here: both verbs. Does not: which words move (`model/words_to_take`), moving them
(`store/taken_words`, `store/given_back_words`), which ticket is offered for it (`withdrawals`), rows
that moved to another ticket (`moved_rows`).
"""

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from jira_pipeline.model.actions import Action, ActionKind, command_of
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.review.outcomes import (
    Decided,
    Number,
    Step,
    decision_outcome,
    outdated_issue_sentences,
    ticket_with_or_without_rows,
    tickets_of,
    vanished_of,
)
from jira_pipeline.review.successors import has_same_kind

if TYPE_CHECKING:  # what only offers a verb loads no store
    from jira_pipeline.review.open_session import OpenSession


def take_words(
    session: "OpenSession",
    number: Number,
    *,
    gone: Annotated[
        int,
        Field(ge=1, title="N", description="Number of the ticket that is no longer in the sheets."),
    ],
    by: str,
) -> Decided:
    """Take over what people said of a ticket no longer in the sheets, which is this one now.

    Answers go to the rows of the same name, notes below the notes that are there; what this ticket has
    of its own is not replaced, and stays with the other one. Approvals are given anew.

    Raises:
        WrongUseError: Nobody said anything of the other ticket, this one has its own words instead of
            all of them, or it is of another kind.
        NotVanishedError: The rows of the other ticket are in the sheets.
    """
    (ticket,) = tickets_of(session, [number])
    (before,) = vanished_of(session, [gone])
    words_before = _words_of(session, gone)
    if not has_same_kind(before, ticket):
        raise WrongUseError(
            f"Nothing was saved: ticket {gone} “{before.title}” is of another kind than ticket "
            f"{number} “{ticket.title}”.",
            recovery_actions=(_show(session, gone),),
        )
    has_issue = session.places[ticket.ticket_id].jira_key is not None
    count = session.store.reviews.take_words(
        session.key,
        before.ticket_id,
        ticket.ticket_id,
        may_exclude=not has_issue,
        by=by,
        at=session.clock.now(),
    )
    if not count:
        why = "no one said anything about that"
        if words_before:
            why = f"it has its own of all that is left there: {'; '.join(words_before)}"
        raise WrongUseError(
            f"Nothing was saved: ticket {number} takes nothing over of ticket {gone} "
            f"“{before.title}”; {why}.",
            recovery_actions=(_show(session, gone),),
        )
    now = session.reload()
    words_left = _words_of(now, gone)
    words_taken = [words for words in words_before if words not in words_left]
    taken_text = "; ".join(words_taken)
    sentences = [
        f"Ticket {number} has what people said of ticket {gone} “{before.title}” now: {taken_text}."
    ]
    # An approval is not taken over: whoever gave it read the other ticket.
    approve_text = ""
    if before.ready_by:
        approve_text = f"Approve it again: {before.ready_by} approved ticket {gone}."
    sentences.append(approve_text)
    give_back = Action.of(
        ActionKind.GIVE_WORDS, "{}", session_key=session.key, number=number, to=gone
    )
    sentences.append(f"To give it back: {command_of(give_back)}")
    sentences += outdated_issue_sentences(session, [ticket])
    left_text = ""
    if words_left:
        left_text = f"Left with ticket {gone}: {'; '.join(words_left)}."
    undo = (("give-words", {"number": number, "to": gone}),)
    return decision_outcome(
        session, [ticket], 1, *sentences, left=left_text, undo=undo, taken=count
    )


def give_words(
    session: "OpenSession",
    number: Number,
    *,
    to: Annotated[
        int, Field(ge=1, title="N", description="Number of the ticket it was taken over of.")
    ],
    by: str,
) -> Decided:
    """Give back what this ticket took over of another one, which takes `take-words` back.

    What somebody changed since stays with this ticket, and what the other one has of its own by now
    is not replaced. Approvals are given anew. The rows of either ticket may be gone.

    Raises:
        WrongUseError: This ticket took nothing over of the other one, gave it back already, or all
            of it was changed since.
    """
    ticket = ticket_with_or_without_rows(session, number)
    former = ticket_with_or_without_rows(session, to)
    at = session.clock.now()
    given = session.store.reviews.give_words_back(
        session.key, ticket.ticket_id, former.ticket_id, by=by, at=at
    )
    if given is None:
        raise WrongUseError(
            f"Nothing was saved: ticket {number} has nothing that it took over of ticket {to} "
            f"“{former.title}”.",
            recovery_actions=(_show(session, to),),
        )
    staying = "; ".join(given.staying)
    if not given.count:
        raise WrongUseError(
            f"Nothing was saved: all that ticket {number} took over of ticket {to} is another text "
            f"or value since, or ticket {to} has its own: {staying}.",
            recovery_actions=(_show(session, to),),
        )
    undo: tuple[Step, ...] = ()
    if former.withdrawal is not None and ticket.withdrawal is None:
        # Only a ticket with rows can take words over, and only of one without rows.
        undo = (("take-words", {"number": number, "gone": to}),)
    left_text = f"Left with ticket {number}: {staying}." if staying else ""
    given_text = f"Ticket {to} “{former.title}” has what people said of it again."
    sentences = [given_text, *outdated_issue_sentences(session, [ticket])]
    return decision_outcome(
        session, [ticket], 1, *sentences, left=left_text, undo=undo, given=given.count
    )


def _words_of(session: "OpenSession", gone: int) -> tuple[str, ...]:
    """Return what people said of the vanished ticket of a number, as texts; empty for nothing."""
    ticket = session.vanished_ticket(gone)
    return () if ticket is None else ticket.words


def _show(session: "OpenSession", gone: int) -> Action:
    return Action.of(
        ActionKind.SHOW_TICKET,
        "{} shows what people said of it.",
        session_key=session.key,
        number=gone,
    )
