"""Tickets whose rows are gone from the sheets ("vanished"), and what people are told about them.

An upload without a ticket's rows proposes its withdrawal: somebody agrees, puts the rows back, or
lets another ticket, its successor, take over what people said of it. Until then no export begins.

Belongs here: which tickets an upload leaves without rows, their texts for people, which withdrawals
auto approval agrees to. Does not: which ticket may be the successor (`successors`), the gate that
waits for people (`export/gate`), storing withdrawals (`store/ticket_store`), taking words over
(`taken_words`).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from jira_pipeline.model.actions import Action, ActionKind, action_text, command_of
from jira_pipeline.model.json_values import json_fields, select_fields
from jira_pipeline.model.kept_reviews import KeptRemark, kept_ticket
from jira_pipeline.model.open_questions import ProposedAnswer, QuestionRoute
from jira_pipeline.model.records import Comment
from jira_pipeline.model.resolved_requests import ResolvedRequest
from jira_pipeline.model.revisions import Revision
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.model.source_tables import SourceFile
from jira_pipeline.model.tickets import Ticket

AUTO_APPROVAL_SHARE = 10
"""Auto approval agrees to at most one in so many tickets; more may be missing by mistake."""
NAMED = 30
"""How many tickets a text names one by one."""


def without_rows(tickets: Iterable[Ticket], *, group_keys: Collection[str]) -> tuple[Ticket, ...]:
    """Return the tickets that none of these groups is for: their withdrawal is proposed next."""
    return tuple(ticket for ticket in tickets if ticket.group_key not in group_keys)


def automatic_withdrawals(
    session: UploadSession,
    proposed: Sequence[Ticket],
    *,
    ticket_count: int,
    files: Iterable[SourceFile],
    sent: Collection[str],
) -> tuple[Ticket, ...]:
    """Return the proposed withdrawals that auto approval agrees to: all or none.

    None where rows may be missing by mistake: more than one ticket and more than a tenth at once, or
    a file without any row now. None either where people worked on a ticket, or it has or had an
    issue; `sent` has the ids of those. `ticket_count` is how many tickets have rows.
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
    """Return a text that names a ticket whose rows are gone: number, title, group and its rows."""
    words = [ticket.display_group.value]
    words += [source.citation for source in ticket.source_lines]
    if ticket.is_worked_on:
        words.append("worked on by people")
    return f"{ticket.number} {ticket.title} ({'; '.join(words)})"


def vanished_list(vanished: Sequence[Ticket]) -> str:
    """Return a text that names tickets whose rows are gone, `NAMED` of them at most."""
    named = [vanished_text(ticket) for ticket in vanished[:NAMED]]
    if len(vanished) > NAMED:
        named.append(f"and {len(vanished) - NAMED} more")
    return "; ".join(named)


def ways_out(session: UploadSession) -> tuple[Action, Action]:
    """Return what people can do about proposed withdrawals: drop the tickets, or keep them."""
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
    """What people said of it, as texts such as `approved by Ada`; empty where nobody said anything."""
    way_back: str
    """A sentence on how the ticket returns, with all that people said."""
    successor: Ticket | None
    """The one ticket that has its title and kind now; None where none or several have."""
    take_over: str
    """The command by which the successor, or a ticket that a person names, takes the words over;
    empty where the successor would take nothing, as it has its own."""

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
    """Return a ticket whose rows are gone with what people said of it, and what brings it back.

    Routes and proposals may be those of all tickets. `revisions` are the oldest first; without them
    a ticket that people edited counts as edited in every part. `dependencies` are texts on what it
    waits for, and what waits for it. `is_own_of_all` says that its successor would take nothing over.
    """
    ticket_routes = [route for route in routes if route.ticket_id == ticket.ticket_id]
    ticket_proposals = []
    for proposal in proposals:
        if proposal.ticket_id == ticket.ticket_id:
            ticket_proposals.append(proposal)
    of_ticket = kept_ticket(
        ticket,
        revisions=tuple(revisions) or (ticket.revision,),
        routes=ticket_routes,
        proposals=ticket_proposals,
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
    """Return a sentence on what brings a ticket back whose rows are gone."""
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
    """Return a ticket whose rows are gone as JSON for programs."""
    return select_fields(
        ticket,
        "ticket_id number title entity_group=display_group source_files=source_lines "
        "worked_on=is_worked_on withdrawal withdrawn_by withdrawal_reason",
    )
