"""Tickets whose rows are gone from the sheets: what people are shown, and what agrees by itself.

Belongs here: which tickets an upload leaves without rows, how they are named, which withdrawals auto
approval agrees to. Does not: which ticket may be the same thing now (`successors`), the gate that
waits for people (`export/gate`), keeping (`store/ticket_store`).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from jira_pipeline.model.actions import Action, ActionKind, action_text, command_of
from jira_pipeline.model.entities import SourceFile
from jira_pipeline.model.json_values import json_fields, select_fields
from jira_pipeline.model.kept_reviews import KeptRemark, kept_ticket
from jira_pipeline.model.open_questions import ProposedAnswer, QuestionRoute
from jira_pipeline.model.records import Comment
from jira_pipeline.model.resolved_requests import ResolvedRequest
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.model.tickets import Revision, Ticket

AUTO_APPROVAL_SHARE = 10
"""Auto approval agrees to one ticket, or to so small a part of all: one in ten."""
NAMED = 30
"""So many tickets are named one by one."""


def without_rows(tickets: Iterable[Ticket], *, group_keys: Collection[str]) -> tuple[Ticket, ...]:
    """Return the tickets that are in no group of the sheets: the next generation proposes them."""
    return tuple(t for t in tickets if t.group_key not in group_keys)


def agreed_automatically(
    session: UploadSession,
    proposed: Sequence[Ticket],
    *,
    ticket_count: int,
    files: Iterable[SourceFile],
    sent: Collection[str],
) -> tuple[Ticket, ...]:
    """Return the proposed withdrawals that a session which approves itself agrees to: all or none.

    None where rows may be missing by mistake (more than one ticket and more than a tenth at once,
    or a file without any row now), or where something of people or in Jira is left.
    `ticket_count` counts those with rows, `sent` are the ids of those that have or had an issue.
    """
    if session.generated_from_sha256 != session.content_sha256:
        return ()
    if len(proposed) > max(1, (ticket_count + len(proposed)) // AUTO_APPROVAL_SHARE):
        return ()
    filled = {file.name for file in files if file.row_count}
    for ticket in proposed:
        if ticket.is_worked_on or ticket.ticket_id in sent:
            return ()
        if not filled.issuperset(source.file for source in ticket.source_lines):
            return ()
    return tuple(proposed)


def vanished_text(ticket: Ticket) -> str:
    """Name a ticket whose rows are gone: number, title, group, rows, and whose work is in it."""
    words = [ticket.display_group.value]
    words += [source.citation for source in ticket.source_lines]
    if ticket.is_worked_on:
        words.append("worked on by people")
    return f"{ticket.number} {ticket.title} ({'; '.join(words)})"


def vanished_list(vanished: Sequence[Ticket]) -> str:
    """Name tickets whose rows are gone; very many are cut."""
    named = [vanished_text(ticket) for ticket in vanished[:NAMED]]
    if len(vanished) > NAMED:
        named.append(f"and {len(vanished) - NAMED} more")
    return "; ".join(named)


def ways_out(session: UploadSession) -> tuple[Action, Action]:
    """Say what people can do about proposed withdrawals: let the tickets go, or keep them."""
    session_key = session.session_key
    word = session.source_word
    agree = Action(
        kind=ActionKind.WITHDRAW,
        sentence="To drop them: {}, or with their numbers.",
        arguments={"session_key": session_key, "all": True},
    )
    keep = Action.of(
        ActionKind.REGENERATE,
        f"If {word.parts} are missing by mistake: put them back, upload the {word} again and run "
        "{}; this restores texts and marks.",
        session_key=session_key,
    )
    return agree, keep


@json_fields(
    "ticket_id=ticket.ticket_id number=ticket.number title=ticket.title "
    "withdrawal=ticket.withdrawal words way_back take_over"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class VanishedTicket:
    """A ticket whose rows are gone, with what people said of it."""

    ticket: Ticket
    words: tuple[str, ...]
    """What people said, each with what it is; empty where nobody said anything."""
    way_back: str
    """What brings the ticket back, and with it all that people said."""
    successor: Ticket | None
    """The ticket that has its title and kind now; None: there is none, or several have."""
    take_over: str
    """The command by which that ticket, or one that a person names, takes over what was said; empty:
    that ticket has its own of all of it."""

    @property
    def advice(self) -> str:
        """What a person can do where another ticket is the same thing now."""
        if self.take_over or self.successor is None:
            return f"If another ticket is the same thing now: {self.take_over}"
        return (
            f"Ticket {self.successor.number}, which has its title now, has its own of all of this "
            "and takes nothing over."
        )


def vanished_ticket(
    session: UploadSession,
    ticket: Ticket,
    *,
    routes: Iterable[QuestionRoute],
    proposals: Iterable[ProposedAnswer],
    comments: Iterable[Comment] = (),
    revisions: Sequence[Revision] = (),
    requests: Iterable[ResolvedRequest] = (),
    remark: KeptRemark | None = None,
    dependencies: Sequence[str] = (),
    successor: Ticket | None = None,
    is_own_of_all: bool = False,
) -> VanishedTicket:
    """Put together what people said of a ticket whose rows are gone, and what brings it back.

    Without its revisions, oldest first, a ticket that people edited counts as edited in every part.
    `dependencies` says in words what people said that it waits for, and what waits for it;
    `is_own_of_all` that its successor would take nothing over.
    """
    of_ticket = kept_ticket(
        ticket,
        revisions=tuple(revisions) or (ticket.revision,),
        routes=[route for route in routes if route.ticket_id == ticket.ticket_id],
        proposals=[proposal for proposal in proposals if proposal.ticket_id == ticket.ticket_id],
        comments=comments,
        remark=remark,
    )
    request_words = [request.words for request in requests]
    take_over = ""
    if not is_own_of_all:
        take_over = _take_over_command(session, ticket, successor)
    return VanishedTicket(
        ticket=ticket,
        words=(*of_ticket.words, *request_words, *dependencies),
        way_back=_way_back(session),
        successor=successor,
        take_over=take_over,
    )


def _way_back(session: UploadSession) -> str:
    """Say what brings a ticket back whose rows are gone."""
    key = session.session_key
    parts = session.source_word.parts
    upload = action_text(Action.of(ActionKind.UPLOAD, "{}", session=key))
    write = action_text(Action.of(ActionKind.REGENERATE, "{}", session_key=key))
    return f"Put its {parts} back, and run {upload} and {write}: it returns with all of this."


def _take_over_command(session: UploadSession, gone: Ticket, successor: Ticket | None) -> str:
    """Return the command by which a successor, or any ticket, takes over what people said."""
    number = "N" if successor is None else successor.number
    key = session.session_key
    take_over = Action.of(
        ActionKind.TAKE_WORDS, "{}", session_key=key, number=number, gone=gone.number
    )
    return command_of(take_over)


def vanished_json(ticket: Ticket) -> dict[str, object]:
    """Say a ticket whose rows are gone as programs get it."""
    return select_fields(
        ticket,
        "ticket_id number title entity_group=display_group source_files=source_lines "
        "worked_on=is_worked_on withdrawal withdrawn_by withdrawal_reason",
    )
