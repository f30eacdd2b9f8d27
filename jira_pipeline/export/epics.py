"""The epics of a session: which its tickets go below, and each epic as an issue to create.

Belongs here: the name of a ticket's epic, from its rows, the manifest or its kind; the epic in the
form of a ticket. Does not: what is checked before one is created (`epic_checks`), creating
(`creation`), putting issues below epics (`placing`), which one a ticket goes below (`export_run`).

An epic is an issue like any other: an identity, an intent and a receipt in the ledger of its
session, the same lookups, the same undo. Tickets wait until theirs was sent. A parent that people
named stays, and what an epic of ours says is never written again.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from jira_pipeline.export.export_run import EPIC_PREFIX, SessionEpic, SessionEpics
from jira_pipeline.jira.adf import nodes as adf
from jira_pipeline.model.columns import BLANK, EPIC_COLUMN
from jira_pipeline.model.entity_groups import DisplayGroup, EntityGroup, GroupAction
from jira_pipeline.model.issue_tracker import ISSUE_KEY
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.revisions import ProseParts, Revision, RevisionOrigin
from jira_pipeline.model.search_words import folded
from jira_pipeline.model.sessions import EpicsBy, UploadSession
from jira_pipeline.model.tickets import Ticket, canonical_hash, canonical_json, ticket_id_of

EVERY_OTHER = "*"
"""The name in `epic_keys` for all epics that it does not name."""
NAME_MAX_CHARACTERS = 150
"""A title takes 255, with the name of the site before it."""


def epics_of(
    session: UploadSession, tickets: Iterable[Ticket], groups: Mapping[str, EntityGroup]
) -> SessionEpics:
    """Return the epics of a session, each with the tickets below it.

    A ticket's row may name its epic; else the manifest says by what tickets are divided. A ticket
    that has a parent goes below no epic, and a skipped one needs none.
    """
    manifest = session.manifest
    names = _epic_names(tickets, groups, manifest.epics)
    tickets_by_epic: dict[str, list[Ticket]] = defaultdict(list)
    for ticket, name in names:
        if name and ticket.exclusion is None and not ticket.parent:
            tickets_by_epic[name].append(ticket)
    keys = {folded(name): key for name, key in manifest.epic_keys.items()}
    wanted = []
    for name, below in tickets_by_epic.items():
        key = keys.get(folded(name), keys.get(EVERY_OTHER, ""))
        if re.fullmatch(ISSUE_KEY, name):  # a cell that names an issue means it
            key = name
        title = f"{session.site_name}: {name}"
        wanted.append(
            SessionEpic(
                rendered=_rendered_epic(session.session_key, title, below, name=name),
                below=frozenset(ticket.ticket_id for ticket in below),
                key=key,
            )
        )
    usable_names = {EVERY_OTHER}.union(name for _, name in names if name)
    if manifest.epics is EpicsBy.GROUP:
        usable_names.update(DisplayGroup)
    return SessionEpics(
        wanted=tuple(wanted), names=frozenset(usable_names), keys=manifest.epic_keys
    )


def _epic_names(
    tickets: Iterable[Ticket], groups: Mapping[str, EntityGroup], by: EpicsBy
) -> list[tuple[Ticket, str]]:
    """Return the tickets by number, each with the name of its epic, or "" where it goes below none.

    Names that differ only in case or spaces are one epic, spelt as at its first ticket.
    """
    in_order = sorted(tickets, key=lambda ticket: ticket.number)
    first_spellings: dict[str, str] = {}
    names = []
    for ticket in in_order:
        spelling = _epic_name(ticket, groups[ticket.group_key], by)
        names.append((ticket, first_spellings.setdefault(folded(spelling), spelling)))
    return names


def _epic_name(ticket: Ticket, group: EntityGroup, by: EpicsBy) -> str:
    """Return the name of the epic that a ticket goes below: from its rows, else from what it is.

    Empty: it goes below none.
    """
    cells = [" ".join(head.cell(EPIC_COLUMN).split()) for head in group.heads]
    cell_names = {cell[:NAME_MAX_CHARACTERS] for cell in cells} - BLANK
    if len(cell_names) == 1:
        return cell_names.pop()
    if by is EpicsBy.NONE:
        return ""
    if by is EpicsBy.GROUP:
        return ticket.display_group.value
    bundle_type = group.heads[0].bundle_type
    if bundle_type:
        return bundle_type.value
    return group.kind.value.replace("_", " ").capitalize()


def _rendered_epic(
    session_key: str, title: str, below: Sequence[Ticket], *, name: str
) -> RenderedTicket:
    """Return an epic in the form of a ticket, which is what an export creates issues of."""
    text = f"All tickets of {title}, from the specification that session {session_key} holds."
    document = adf.doc([adf.paragraph(text)])
    return RenderedTicket(
        ticket=_epic_ticket(session_key, title, below, name=name),
        summary=title,
        kept_text=canonical_json(document),
        attachment=None,
        rendered_hash=canonical_hash([title, document]),
    )


def _epic_ticket(session_key: str, title: str, below: Sequence[Ticket], *, name: str) -> Ticket:
    """Return an epic as a ticket of number 0, with nothing but a title and the group of its tickets."""
    group_key = f"{EPIC_PREFIX}{name}"
    revision = Revision(
        parts=ProseParts(user_story="", analysis="", questions="", verification=""),
        questions=(),
        estimated_hours="",
        writer="",
        number=1,
        origin=RevisionOrigin.GENERATED,
        title=title,
        author="",
        created_at=datetime(2000, 1, 1, tzinfo=UTC),  # nobody is shown it
        content_hash="",
    )
    return Ticket(
        ticket_id=ticket_id_of(session_key, group_key),
        number=0,
        group_key=group_key,
        display_group=below[0].display_group,
        action=GroupAction.CREATE,
        depends_on=(),
        relates_to=(),
        source_lines=(),
        assignee=None,
        sprint=None,
        priority=None,
        labels=(),
        parent=None,
        session_key=session_key,
        revision=revision,
    )
