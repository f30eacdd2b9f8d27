"""Which ticket may be the same thing as one whose rows are gone.

Belongs here: the rule, by kind, key and title. Does not: showing it (`withdrawals`), taking over its
words (`taken_words`).

Example: the rows of “View: Clocks” went and those of “View: Old clocks” came. They are of the same
kind and named alike, so people are offered to take the words over.
"""

from collections.abc import Callable, Iterable, Sequence

from jira_pipeline.model.entity_groups import GroupKind
from jira_pipeline.model.revisions import Revision, RevisionOrigin
from jira_pipeline.model.tickets import Ticket


def find_successor(
    gone: Ticket,
    tickets: Iterable[Ticket],
    *,
    revisions: Sequence[Revision],
    revisions_of: Callable[[str], Sequence[Revision]],
) -> Ticket | None:
    """Return the one ticket of the same kind to which a writer gave the title of one that is gone.

    Titles that people wrote do not count. None where no ticket has it, or several have.
    """
    title_before = _written_title(revisions)
    if not title_before:
        return None
    alike = []
    for ticket in tickets:
        if not is_named_alike(gone, ticket):
            continue
        title = ticket.title
        if ticket.revision.origin is not RevisionOrigin.GENERATED:
            title = _written_title(revisions_of(ticket.ticket_id))
        if title == title_before:
            alike.append(ticket)
    return alike[0] if len(alike) == 1 else None


def _written_title(revisions: Sequence[Revision]) -> str:
    """Return the last title that a writer gave, not a person; empty where all are of people."""
    titles = [
        revision.title for revision in revisions if revision.origin is RevisionOrigin.GENERATED
    ]
    return titles[-1] if titles else ""


def is_named_alike(ticket: Ticket, other: Ticket) -> bool:
    """Tell whether two tickets are about things of the same sort, whatever these are called."""
    return _key_without_name(ticket) == _key_without_name(other)


def has_same_kind(gone: Ticket, ticket: Ticket) -> bool:
    """Tell whether a ticket may be what one that is gone was: both are types, or both are views."""
    return _kind_of(gone) == _kind_of(ticket)


def _kind_of(ticket: Ticket) -> str:
    """Return the kind of a ticket's group; bundles with and without fields are of one kind."""
    kind, _, _ = ticket.group_key.partition(":")
    return GroupKind.BUNDLE if kind == GroupKind.BUNDLES_WITHOUT_FIELDS else kind


def _key_without_name(ticket: Ticket) -> str:
    """Return the key of a ticket's group without its subject's name: `bundle:Content type`."""
    subject_at = max(ticket.group_key.find(":"), ticket.group_key.rfind("/"))
    return ticket.group_key[:subject_at]
