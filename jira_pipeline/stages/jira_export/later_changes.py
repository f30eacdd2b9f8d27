"""What changed after an issue was created: people make these changes in Jira, never we.

Belongs here: comparing what each issue was made of with what its ticket says now. Does not: asking
Jira (`ledger_comparison`), reporting (`results`, `cli`, `pages`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from jira_pipeline.domain.entity_groups import EntityGroup
from jira_pipeline.domain.export_ledger import SentContent
from jira_pipeline.domain.rendered_tickets import RenderedTicket
from jira_pipeline.domain.source_changes import changed_cells
from jira_pipeline.domain.tickets import (
    PART_NAMES,
    ChangedCell,
    Revision,
    Ticket,
)


class IssuePlace(Protocol):
    """Where the issue of a ticket is."""

    @property
    def jira_key(self) -> str | None:
        """Its key; None without an issue."""
        ...

    @property
    def jira_url(self) -> str | None:
        """Where a person reads it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterChange:
    """One issue that no longer says what its ticket says."""

    ticket_id: str
    number: int
    title: str
    jira_key: str
    jira_url: str
    is_vanished: bool
    """The sheets no longer ask for it."""
    parts: tuple[str, ...] = ()
    """Prose parts (and `title`) that differ, in the order of the body."""
    cells: tuple[ChangedCell, ...] = ()
    """Cells that differ."""

    @property
    def recommended_action(self) -> str:
        """Say what a person does in Jira."""
        if self.is_vanished:
            return f"Close {self.jira_key}, or delete it: the sheets no longer ask for it."
        return f"Change {self.jira_key} to what `tickets show` shows; nothing is changed for you."

    def to_json(self) -> dict[str, object]:
        """Return the shape `results --json` promises."""
        return {
            "ticket_id": self.ticket_id,
            "number": self.number,
            "title": self.title,
            "jira_key": self.jira_key,
            "jira_url": self.jira_url,
            "withdrawn": self.is_vanished,
            "parts": list(self.parts),
            "cells": [cell.to_json() for cell in self.cells],
            "recommended_action": self.recommended_action,
        }


def later_changes(
    rendered: Sequence[RenderedTicket],
    vanished: Iterable[Ticket],
    *,
    places: Mapping[str, IssuePlace],
    sent: Mapping[str, SentContent],
    revisions: Callable[[str], Sequence[Revision]],
    groups: Mapping[str, EntityGroup],
    groups_of: Callable[[str], Mapping[str, EntityGroup] | None],
    render: Callable[[Ticket, Mapping[str, EntityGroup]], RenderedTicket],
) -> tuple[LaterChange, ...]:
    """Return what people have to change in issues that exist, by number, vanished ones last.

    Numbers of tickets are ours: an issue that names another one by the number it had says the same.

    Args:
        rendered: The tickets as they are now.
        vanished: The tickets the sheets no longer ask for.
        places: The issue of each ticket, by ticket id.
        sent: What each issue was made of, by ticket id; what is not known is not compared.
        revisions: All revisions of a ticket.
        groups: The groups of the sheets as they are now.
        groups_of: The groups of an earlier upload by its hash; None where its copy is gone.
        render: Renders a ticket among groups.
    """
    numbered = _Numbered({r.ticket.ticket_id: r.ticket.group_key for r in rendered}, groups)
    changes = []
    for each in rendered:
        ticket = each.ticket
        was = sent.get(ticket.ticket_id)
        if was is None or was.rendered_hash == each.rendered_hash:
            continue
        before = groups_of(was.content_sha256) or {}
        as_numbered = render(*numbered.as_before(ticket, was.content_sha256, before))
        if as_numbered.rendered_hash == was.rendered_hash:
            continue
        earlier, now = before.get(ticket.group_key), groups[ticket.group_key]
        change = _change_of(
            ticket,
            places.get(ticket.ticket_id),
            parts=_changed_parts(ticket, was, revisions(ticket.ticket_id)),
            cells=() if earlier is None else changed_cells(earlier, now),
        )
        changes += [] if change is None else [change]
    gone = [_change_of(t, places.get(t.ticket_id), is_vanished=True) for t in vanished]
    return (*changes, *(change for change in gone if change is not None))


class _Numbered:
    """Gives groups the numbers they had in an earlier upload; made once for each of those."""

    def __init__(self, group_keys: Mapping[str, str], groups: Mapping[str, EntityGroup]) -> None:
        """Keep the group of each ticket, by ticket id, and the groups as they are now."""
        self._group_keys = group_keys
        self._groups = groups
        self._made: dict[str, dict[str, EntityGroup]] = {}

    def as_before(
        self, ticket: Ticket, content_sha256: str, before: Mapping[str, EntityGroup]
    ) -> tuple[Ticket, Mapping[str, EntityGroup]]:
        """Return a ticket and the groups as they are now, but for numbers and their order."""
        groups = self._made.get(content_sha256)
        if groups is None:
            groups = self._made[content_sha256] = {
                key: replace(group, number=before[key].number) if key in before else group
                for key, group in self._groups.items()
            }

        def ordered(ticket_ids: tuple[str, ...]) -> tuple[str, ...]:
            known = [i for i in ticket_ids if i in self._group_keys]
            return tuple(sorted(known, key=lambda i: groups[self._group_keys[i]].number))

        depends_on, relates_to = ordered(ticket.depends_on), ordered(ticket.relates_to)
        return replace(ticket, depends_on=depends_on, relates_to=relates_to), groups


def _change_of(
    ticket: Ticket,
    place: IssuePlace | None,
    *,
    is_vanished: bool = False,
    parts: tuple[str, ...] = (),
    cells: tuple[ChangedCell, ...] = (),
) -> LaterChange | None:
    if place is None or place.jira_key is None:
        return None
    return LaterChange(
        ticket_id=ticket.ticket_id,
        number=ticket.number,
        title=ticket.title,
        jira_key=place.jira_key,
        jira_url=place.jira_url or "",
        is_vanished=is_vanished,
        parts=parts,
        cells=cells,
    )


def _changed_parts(
    ticket: Ticket, was: SentContent, revisions: Sequence[Revision]
) -> tuple[str, ...]:
    before = next((r for r in revisions if r.number == was.revision), None)
    if before is None:
        return ()
    now = ticket.revision
    named = ["title"] if before.title != now.title else []
    named += [n for n in PART_NAMES if getattr(before.parts, n) != getattr(now.parts, n)]
    return tuple(named)
