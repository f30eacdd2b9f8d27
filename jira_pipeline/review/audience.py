"""What of a ticket is internal, and what people outside the house are shown.

Belongs here: what is left out for them. Does not: which pages a role may open (`web/access`), what
the client is asked (`enquiry`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from jira_pipeline.adf import AdfNode
from jira_pipeline.documents.rendering import ESTIMATE
from jira_pipeline.kernel.drafts import Comment
from jira_pipeline.kernel.people import Person
from jira_pipeline.kernel.tickets import ListedTicket, Ticket
from jira_pipeline.review.drafting import comments_on
from jira_pipeline.review.facts import ReviewFacts
from jira_pipeline.review.ticket_selection import TicketOrder, TicketQuery

_INTERNAL_ORDERS = {TicketOrder.ASSIGNEE, TicketOrder.SPRINT, TicketOrder.HOURS}
_ESTIMATE_IN_MARKDOWN = f"**{ESTIMATE.strip()}**"


def listed_for(person: Person, tickets: Sequence[ListedTicket]) -> Sequence[ListedTicket]:
    """Return tickets of a list as somebody is shown them."""
    if not person.role.is_outside:
        return tickets
    return [one._replace(assignee=None, sprint=None, estimated_hours="") for one in tickets]


def query_for(person: Person, query: TicketQuery) -> TicketQuery:
    """Return what somebody may ask of a list: not by what they are not shown."""
    if not person.role.is_outside:
        return query
    order = TicketOrder.PLACE if query.order in _INTERNAL_ORDERS else query.order
    return replace(query, assignee=None, sprint=None, order=order)


def choices_for(
    person: Person, choices: Mapping[str, Sequence[str]]
) -> Mapping[str, Sequence[str]]:
    """Return what filters offer somebody, by field."""
    if not person.role.is_outside:
        return choices
    return {**choices, "assignee": (), "sprint": ()}


def ticket_for(person: Person, ticket: Ticket) -> Ticket:
    """Return a ticket as somebody is shown it."""
    if not person.role.is_outside:
        return ticket
    revision = replace(ticket.revision, estimated_hours="")
    return replace(ticket, assignee=None, sprint=None, source_changes=(), revision=revision)


def blocks_for(person: Person, blocks: Sequence[AdfNode]) -> Sequence[AdfNode]:
    """Return blocks of a document as somebody is shown them: outside the house without hours."""
    if not person.role.is_outside:
        return blocks
    return [one for one in blocks if not _is_estimate(one)]


def _is_estimate(block: AdfNode) -> bool:
    content: Sequence[AdfNode] = block.get("content", ())
    is_named = bool(content) and content[0].get("text") == ESTIMATE
    return is_named and block["type"] == "paragraph"


def file_text_for(person: Person, markdown: str) -> str:
    """Return the file of a ticket as somebody is shown it."""
    if not person.role.is_outside:
        return markdown
    lines = markdown.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(_ESTIMATE_IN_MARKDOWN))


def comments_for(session: ReviewFacts, person: Person, ticket_id: str) -> tuple[Comment, ...]:
    """Return the comments on a ticket that somebody is shown, oldest first.

    People outside the house see those of each other.
    """
    known = comments_on(session, ticket_id)
    if not person.role.is_outside or not known:
        return known
    people = session.store.people.list_all()
    outside = {
        one.name for one in people if one.role.is_outside and one.membership.includes(session.key)
    }
    return tuple(one for one in known if one.author in outside)
