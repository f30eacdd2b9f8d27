"""What the ticket of a list claims of its things: which the site needs, which Drupal lists.

Belongs here: the claims that roles, image styles and view modes have in common. Does not: which of
their rows they are about (`<kind>/listing`), what else is claimed of them (the rules).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum

from jira_pipeline.drupal.changed_rows import ChangedRows, changes_in_words
from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.markup import menu_path, plural, text
from jira_pipeline.drupal.meaning.modules_and_types import NOUNS, listed_in
from jira_pipeline.drupal.rule import StatedFact
from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.columns import STATUS_COLUMN
from jira_pipeline.model.entities import Entity, Status


class ListChange(StrEnum):
    """The fact: what a ticket does with a thing of its list."""

    COMES = "comes"
    CHANGES = "changes"
    GOES = "goes"


_CHANGES: Mapping[Status, ListChange] = {
    Status.APPROVED: ListChange.COMES,
    Status.CHANGED: ListChange.CHANGES,
    Status.DELETED: ListChange.GOES,
}


def changes_of_list(rows: Iterable[Entity]) -> Iterator[StatedFact]:
    """Yield what a ticket does with each thing of its list; of others it does nothing."""
    for row in rows:
        if row.status in _CHANGES:
            yield StatedFact(fact=_CHANGES[row.status], rows=(row,))


def story_of_list(ticket: TicketRows, rows: Sequence[Entity], *, noun: str) -> tuple[Claim, ...]:
    """Claim what the site needs: new things, changed ones and removed ones apart."""
    removed = ticket.with_status(Status.DELETED)
    changes = changes_in_words(*_changes_of(ticket, rows, noun=noun))
    about = rows or removed or ticket.rows
    return claims_about("story.plain", about, what=changes or text(plural(noun)))


def _changes_of(ticket: TicketRows, rows: Sequence[Entity], *, noun: str) -> Iterator[ChangedRows]:
    """Yield the things of a list that come, then those that change, then those that go."""
    new = new_things(rows)
    # Where everything in the ticket is new, nothing has to be called new.
    is_all_new = len(new) == len(ticket.rows)
    yield ChangedRows(phrase="first_rows" if is_all_new else "new_rows", noun=noun, rows=new)
    changed = [row for row in rows if row.status is Status.CHANGED]
    yield ChangedRows(phrase="changed_rows", noun=noun, rows=changed)
    removed = ticket.with_status(Status.DELETED)
    yield ChangedRows(phrase="removed_rows", noun=noun, rows=removed)


def claims_of_listed(ticket: TicketRows, rows: Iterable[Entity]) -> tuple[Claim, ...]:
    """Claim that the page of a list has those of some things that are new."""
    words = _page_and_noun(ticket)
    return claims_about("verification.rows", new_things(rows), MACHINE_NAME_COLUMN, **words)


def claims_of_unlisted(ticket: TicketRows) -> tuple[Claim, ...]:
    """Claim that the page of a list no longer has the things to remove."""
    removed = ticket.with_status(Status.DELETED)
    words = _page_and_noun(ticket)
    return claims_about("verification.rows_gone", removed, STATUS_COLUMN, **words)


def new_things(rows: Iterable[Entity]) -> list[Entity]:
    return [row for row in rows if row.status is Status.APPROVED]


def _page_and_noun(ticket: TicketRows) -> Mapping[str, str]:
    """Return where Drupal lists the things of a ticket, and what they are."""
    kind = ticket.head.kind
    page = menu_path(*listed_in("list_pages", kind.value))
    return {"path": page, "nouns": plural(NOUNS[kind])}
