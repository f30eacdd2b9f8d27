"""Epics above the tickets of a session: one for each display group, kind, or name in the sheets.

Belongs here: which epics a session wants, what is looked at before one is created. Does not:
creating them (`creation`), which one a ticket goes below (`export_run`), putting it there
(`placing`).

An epic is an issue like any other: an identity, an intent and a receipt in the ledger of its
session, the same lookups, the same undo. Tickets wait until theirs was sent. A parent that people
named stays, and what an epic of ours says is never written again.
"""

import re
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
from jira_pipeline.model.export_ledger import LedgerSubject, NotSent
from jira_pipeline.model.grouped import grouped
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
    ticket_id_of,
)

EPIC_NAME_FIELD = "gh-epic-label"
"""The end of the type of a field that older projects require of an epic: its short name."""
EVERY_OTHER = "*"
NAME_MAX_CHARACTERS = 150
"""A title takes 255, with the name of the site before it."""
SAME_TITLES_MAX = 100
CORRECT_KEYS = "Correct epic_keys in session.yaml and upload it."


def epics_of(
    session: UploadSession, tickets: Iterable[Ticket], groups: Mapping[str, EntityGroup]
) -> SessionEpics:
    """Return the epics of a session: what the sheets name goes before how its tickets are divided.

    Tickets with a parent go below none, and skipped ones need none.
    """
    manifest, key = session.manifest, session.session_key
    keys = {folded(name): epic for name, epic in manifest.epic_keys.items()}
    in_order = sorted(tickets, key=lambda ticket: ticket.number)
    spelt = {t.ticket_id: _name(t, groups[t.group_key], manifest.epics) for t in in_order}
    first = {folded(name): name for name in reversed(spelt.values())}
    names = {ticket_id: first[folded(name)] for ticket_id, name in spelt.items()}
    going = [t for t in in_order if t.exclusion is None and not t.parent and names[t.ticket_id]]
    wanted = []
    for name, below in grouped(going, lambda ticket: names[ticket.ticket_id]).items():
        named = keys.get(folded(name), keys.get(EVERY_OTHER, ""))
        wanted.append(
            SessionEpic(
                rendered=_rendered(key, f"{session.site_name}: {name}", below, name=name),
                below=frozenset(ticket.ticket_id for ticket in below),
                key=name if re.fullmatch(ISSUE_KEY, name) else named,
            )
        )
    divisions = DisplayGroup if manifest.epics is EpicsBy.GROUP else ()
    return SessionEpics(
        wanted=tuple(wanted),
        names=frozenset({*filter(None, names.values()), *divisions, EVERY_OTHER}),
        keys=manifest.epic_keys,
    )


def _name(ticket: Ticket, group: EntityGroup, by: EpicsBy) -> str:
    """Return the name of the epic that a ticket goes below; empty: none."""
    cells = (" ".join(head.cell(EPIC_COLUMN).split()) for head in group.heads)
    named = {cell[:NAME_MAX_CHARACTERS] for cell in cells} - BLANK
    if len(named) == 1:
        return named.pop()
    if by is EpicsBy.NONE:
        return ""
    bundle_type = group.heads[0].bundle_type
    if by is EpicsBy.GROUP:
        return ticket.display_group.value
    return bundle_type.value if bundle_type else group.kind.value.replace("_", " ").capitalize()


def _rendered(
    session_key: str, title: str, below: Sequence[Ticket], *, name: str
) -> RenderedTicket:
    words = f"All tickets of {title}, from the specification that session {session_key} holds."
    document = adf.doc([adf.paragraph(words)])
    group_key = f"{EPIC_PREFIX}{name}"
    ticket = Ticket(
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
        revision=Revision(
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
        ),
    )
    return RenderedTicket(
        ticket=ticket,
        summary=title,
        description_adf=document,
        attachment=None,
        rendered_hash=canonical_hash([title, document]),
    )


def _epic_screen(run: ExportRun) -> CreateScreen:
    """Find the type of epics of a project, and what can be filled when one is created.

    Raises:
        RefusedError: It has none, several, or requires what we do not fill.
    """
    tracker, target = run.tools.tracker, run.target
    kind = choose_epic_type(tracker.issue_types(target.project_id))
    if isinstance(kind, Unresolved):
        raise RefusedError(
            f"Epics cannot be created in {target.name}: {kind.reason}.",
            recovery_actions=(NO_EPICS,),
        )
    fields = tracker.create_fields(target.project_id, kind.issue_type_id)
    titled = tuple(f.field_id for f in fields if f.custom_type.endswith(EPIC_NAME_FIELD))
    created = [rendered.ticket for rendered in run.order.epics.created]
    if unfilled := unfilled_fields(fields, created, titled):
        raise RefusedError(
            f"{target.name} requires fields of epics that are not filled: {', '.join(unfilled)}.",
            recovery_actions=(NO_EPICS,),
        )
    return CreateScreen(
        issue_type_id=kind.issue_type_id,
        field_ids=frozenset(f.field_id for f in fields),
        title_fields=titled,
    )


def check_epics(run: ExportRun) -> CreateScreen | None:
    """Return what epics are created with; None where none are.

    Raises:
        RefusedError: The project has no type for them; `epic_keys` name no group or no epic of the
            project; the session has epics that divide its tickets otherwise; an epic of a title is
            there that is not ours.
    """
    epics = run.order.epics
    if not epics.wanted:
        return None
    known = {folded(name): name for name in sorted(epics.names)}
    unknown = [name for name in epics.keys if folded(name) not in known]
    if unknown:
        raise RefusedError(
            f"epic_keys names what no ticket goes below: {', '.join(unknown)} (known: "
            f"{', '.join(known.values())}).",
            recovery_actions=(CORRECT_KEYS,),
        )
    _check_named(run, {epic.key for epic in epics.wanted if epic.key})
    missing = [r for r in epics.created if isinstance(run.issue_state(r), NotSent)]
    if former := _left_behind(run, missing):
        raise RefusedError(
            f"Session {run.order.session_key} has epics that divide its tickets otherwise "
            f"({', '.join(former)}); {names_of_tickets(r.ticket for r in missing)} would be created "
            "beside them.",
            recovery_actions=(
                "Set `epics` in session.yaml as it was and upload it, or undo the export first.",
                "Or name what is to be used: `epic_keys: {Content: ABC-12}`.",
            ),
        )
    screen = _epic_screen(run) if epics.created else None
    _refuse_others(run, missing)
    return screen


def _left_behind(run: ExportRun, missing: Sequence[RenderedTicket]) -> list[str]:
    """Return the keys of epics of ours that hold issues of tickets which would get another now."""
    moving = {
        run.identity(ticket_id)
        for epic in run.order.epics.wanted
        if epic.rendered in missing
        for ticket_id in epic.below
    }
    above = {
        epic_id
        for name in run.page.sent(LedgerSubject.PARENT)
        for _, identity, *epic_ids in [name.split("/")]
        if identity in moving
        for epic_id in epic_ids
    }
    return [r.remote_key or "" for r in run.page.issue_receipts() if r.remote_id in above]


def _check_named(run: ExportRun, keys: Collection[str]) -> None:
    """Look at the issues that people named as epics."""
    shown, failed = read_some(run, sorted(keys), fields=("issuetype",))
    found = {issue.key: issue for issue in shown.values()}
    prefix = f"{run.target.project_key}-"
    faults: dict[str, str] = {}
    for key in {*keys} - failed:
        if not key.startswith(prefix):
            faults[key] = "is of another project"
        elif key not in found:
            faults[key] = "is not there, was moved, or this account may not see it"
        elif found[key].hierarchy_level not in {EPIC_LEVEL, None}:
            faults[key] = "is no epic"
    if faults:
        named = "; ".join(f"{key} {why}" for key, why in sorted(faults.items()))
        raise RefusedError(
            f"epic_keys cannot be used in {run.target.name}: {named}.",
            recovery_actions=(CORRECT_KEYS,),
        )


def _refuse_others(run: ExportRun, missing: Sequence[RenderedTicket]) -> None:
    """Stop where issues above tickets have these titles and are not ours: a person says which."""
    found: list[str] = []
    for rendered in missing:
        words = " ".join(re.findall(r"\w+", rendered.summary))
        issues = run.tools.tracker.search(
            f'project = {run.target.project_id} AND summary ~ "{words}"',
            fields=("summary", "issuetype"),
            properties=(MARKER_PROPERTY,),
            limit=SAME_TITLES_MAX,
        )
        found += [
            f"{issue.key} “{issue.summary}”"
            for issue in issues
            if folded(issue.summary) == folded(rendered.summary)
            and issue.hierarchy_level == EPIC_LEVEL
            and marker_of(issue) is None
        ]
    if found:
        raise RefusedError(
            f"{run.target.name} has epics of these titles: {', '.join(found)}.",
            recovery_actions=(
                "To use them, name them in session.yaml (`epic_keys: {Content: ABC-12}`); upload it.",
                "Or rename them in Jira.",
            ),
        )
