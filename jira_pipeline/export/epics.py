"""The epics of a session: which its tickets go below, and what is checked before one is created.

Belongs here: the name of a ticket's epic, the epic as an issue to create, the epics that people
named, those in the way. Does not: creating epics (`creation`), putting issues below them
(`placing`), which one a ticket goes below (`export_run`).

An epic is an issue like any other: an identity, an intent and a receipt in the ledger of its
session, the same lookups, the same undo. Tickets wait until theirs was sent. A parent that people
named stays, and what an epic of ours says is never written again.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from jira_pipeline.export.export_run import (
    EPIC_PREFIX,
    MARKER_PROPERTY,
    ExportRun,
    SessionEpic,
    SessionEpics,
    marker_of,
    names_of_tickets,
)
from jira_pipeline.export.fields import NO_EPICS, CreateScreen, unfilled_fields
from jira_pipeline.export.jira_names import Unresolved, choose_epic_type
from jira_pipeline.export.lookups import read_some
from jira_pipeline.jira.adf import nodes as adf
from jira_pipeline.model.columns import BLANK, EPIC_COLUMN
from jira_pipeline.model.entity_groups import DisplayGroup, EntityGroup, GroupAction
from jira_pipeline.model.errors import RefusedError
from jira_pipeline.model.exports import LedgerSubject, NotSent
from jira_pipeline.model.issue_tracker import EPIC_LEVEL, ISSUE_KEY
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.search_words import folded
from jira_pipeline.model.sessions import EpicsBy, UploadSession
from jira_pipeline.model.tickets import (
    ProseParts,
    Revision,
    RevisionOrigin,
    Ticket,
    canonical_hash,
    canonical_json,
    ticket_id_of,
)

EPIC_NAME_FIELD = "gh-epic-label"
"""The end of the type of a field that older projects require of an epic: its short name."""
EVERY_OTHER = "*"
"""The name in `epic_keys` for all epics that it does not name."""
NAME_MAX_CHARACTERS = 150
"""A title takes 255, with the name of the site before it."""
SAME_TITLES_MAX = 100
"""How many issues Jira's search returns for a title."""
CORRECT_KEYS = "Correct epic_keys in session.yaml and upload it."


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


def _epic_screen(run: ExportRun) -> CreateScreen:
    """Find the type of epics of a project, and what can be filled when one is created.

    Raises:
        RefusedError: It has none, several, or requires what we do not fill.
    """
    tracker = run.tools.tracker
    target = run.target
    kind = choose_epic_type(tracker.issue_types(target.project_id))
    if isinstance(kind, Unresolved):
        raise RefusedError(
            f"Epics cannot be created in {target.name}: {kind.reason}.",
            recovery_actions=(NO_EPICS,),
        )
    fields = tracker.create_fields(target.project_id, kind.issue_type_id)
    title_fields = tuple(
        field.field_id for field in fields if field.custom_type.endswith(EPIC_NAME_FIELD)
    )
    created = [rendered.ticket for rendered in run.order.epics.created]
    unfilled = unfilled_fields(fields, created, title_fields)
    if unfilled:
        raise RefusedError(
            f"{target.name} requires fields of epics that are not filled: {', '.join(unfilled)}.",
            recovery_actions=(NO_EPICS,),
        )
    return CreateScreen(
        issue_type_id=kind.issue_type_id,
        field_ids=frozenset(field.field_id for field in fields),
        title_fields=title_fields,
    )


def check_epics(run: ExportRun) -> CreateScreen | None:
    """Check all epics before anything is created; return what they are created with, None: no epics.

    Raises:
        RefusedError: The project has no type for them; `epic_keys` name no group or no epic of the
            project; the session has epics that divide its tickets otherwise; an epic of a title is
            there that is not ours.
    """
    epics = run.order.epics
    if not epics.wanted:
        return None
    usable_names = {folded(name): name for name in sorted(epics.names)}
    unknown = [name for name in epics.keys if folded(name) not in usable_names]
    if unknown:
        raise RefusedError(
            f"epic_keys names what no ticket goes below: {', '.join(unknown)} (known: "
            f"{', '.join(usable_names.values())}).",
            recovery_actions=(CORRECT_KEYS,),
        )
    _check_named(run, {epic.key for epic in epics.wanted if epic.key})
    missing = [
        rendered for rendered in epics.created if isinstance(run.issue_state(rendered), NotSent)
    ]
    former_keys = _former_epics(run, missing)
    if former_keys:
        names = names_of_tickets(rendered.ticket for rendered in missing)
        raise RefusedError(
            f"Session {run.order.session_key} has epics that divide its tickets otherwise "
            f"({', '.join(former_keys)}); {names} would be created beside them.",
            recovery_actions=(
                "Set `epics` in session.yaml as it was and upload it, or undo the export first.",
                "Or name what is to be used: `epic_keys: {Content: ABC-12}`.",
            ),
        )
    screen = _epic_screen(run) if epics.created else None
    _refuse_others(run, missing)  # defence: epic-of-others
    return screen


def _former_epics(run: ExportRun, missing: Sequence[RenderedTicket]) -> list[str]:
    """Return the keys of our epics whose issues would move below an epic that is still missing."""
    moving: set[str] = set()
    """Identities of the tickets below the missing epics."""
    for epic in run.order.epics.wanted:
        if epic.rendered in missing:
            moving.update(map(run.identity, epic.below))
    former_ids: set[str] = set()
    for name in run.page.sent(LedgerSubject.PARENT):
        # parent/IDENTITY, and the id of the epic where it is ours
        _, identity, *epic_ids = name.split("/")
        if identity in moving:
            former_ids.update(epic_ids)
    return [
        receipt.remote_key or ""
        for receipt in run.page.issue_receipts()
        if receipt.remote_id in former_ids
    ]


def _check_named(run: ExportRun, keys: Collection[str]) -> None:
    """Stop where an issue that people named in `epic_keys` cannot be used as an epic.

    An issue that could not be read just now is not refused.
    """
    shown, failed = read_some(run, sorted(keys), fields=("issuetype",))
    issues = {issue.key: issue for issue in shown.values()}
    prefix = f"{run.target.project_key}-"
    faults: dict[str, str] = {}
    for key in {*keys} - failed:
        if not key.startswith(prefix):
            faults[key] = "is of another project"
        elif key not in issues:
            faults[key] = "is not there, was moved, or this account may not see it"
        elif issues[key].hierarchy_level not in {EPIC_LEVEL, None}:
            faults[key] = "is no epic"
    if faults:
        listed = "; ".join(f"{key} {fault}" for key, fault in sorted(faults.items()))
        raise RefusedError(
            f"epic_keys cannot be used in {run.target.name}: {listed}.",
            recovery_actions=(CORRECT_KEYS,),
        )


def _refuse_others(run: ExportRun, missing: Sequence[RenderedTicket]) -> None:
    """Stop where the project has epics with these titles that are not ours: a person says which to use."""
    others: list[str] = []
    for rendered in missing:
        words = " ".join(re.findall(r"\w+", rendered.summary))
        jql = f'project = {run.target.project_id} AND summary ~ "{words}"'
        issues = run.tools.tracker.search(
            jql,
            fields=("summary", "issuetype"),
            properties=(MARKER_PROPERTY,),
            limit=SAME_TITLES_MAX,
        )
        for issue in issues:
            is_titled_alike = folded(issue.summary) == folded(rendered.summary)
            is_epic = issue.hierarchy_level == EPIC_LEVEL
            if is_titled_alike and is_epic and marker_of(issue) is None:
                others.append(f"{issue.key} “{issue.summary}”")
    if others:
        raise RefusedError(
            f"{run.target.name} has epics of these titles: {', '.join(others)}.",
            recovery_actions=(
                "To use them, name them in session.yaml (`epic_keys: {Content: ABC-12}`); upload it.",
                "Or rename them in Jira.",
            ),
        )
