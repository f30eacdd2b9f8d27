"""Puts created issues under their parents and epics, and into their sprints.

Belongs here: which epics a session wants, what is looked at before one is created; what sends a
parent or a sprint, and tells whether it is there; which sprint a name means. Does not: creating
epics (`creation`), which one a ticket goes below (`export_run`), when a write is sent again or left
to people (`repeated_writes`).

Once an issue was in its place people may move it, and no resume moves it back.

An epic is an issue like any other: an identity, an intent and a receipt in the ledger of its
session, the same lookups, the same undo. Tickets wait until theirs was sent. A parent that people
named stays, and what an epic of ours says is never written again.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING

from typing_extensions import override

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
from jira_pipeline.export.ledger_page import WriteSubject
from jira_pipeline.export.lookups import (
    batches,
    check_receipts,
    read_if_visible,
    read_issues,
    read_some,
)
from jira_pipeline.export.repeated_writes import (
    Fallback,
    IssueWrites,
    ReadBack,
    RepeatedWrites,
    is_for_people,
    record_fix,
)
from jira_pipeline.jira.adf import nodes as adf
from jira_pipeline.model.columns import BLANK, EPIC_COLUMN
from jira_pipeline.model.entity_groups import DisplayGroup, EntityGroup, GroupAction
from jira_pipeline.model.errors import AccessError, RefusedError
from jira_pipeline.model.exports import FixType, InDoubt, LedgerSubject, NotSent
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.issue_tracker import (
    EPIC_LEVEL,
    ISSUE_KEY,
    SPRINT_FIELD,
    Sprint,
    WriteAnswer,
)
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.search_words import folded
from jira_pipeline.model.sessions import EpicsBy, UploadSession
from jira_pipeline.model.tickets import (
    IssueField,
    ProseParts,
    Revision,
    RevisionOrigin,
    Ticket,
    canonical_hash,
    canonical_json,
    ticket_id_of,
)

if TYPE_CHECKING:  # an HTTP client: loaded where one is opened
    from jira_pipeline.jira.client.client import JiraClient

MOVE_SIZE = 50
PARENT_FIELDS = frozenset({"issueparentassociation", "parent"})
"""As the history of an issue names it, in lower case: by the type of the project."""
SCHEDULE_PERMISSION = "SCHEDULE_ISSUES"
ACTIVE = "active"
NO_SPRINTS = "the project has no board with sprints"
LISTED_MAX = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSprints:
    """The sprints of a project that issues can be moved into."""

    sprints: tuple[Sprint, ...]
    """Each once, in the order of the boards."""
    problem: str = ""
    """Why there are none, or why they could not be asked for."""


def place_issues(run: ExportRun) -> None:
    """Check and set parents, then move issues into their sprints, after all were created."""
    placed = [
        rendered
        for rendered in run.order.in_build_order
        if run.parent_of(rendered.ticket) or rendered.ticket.sprint
    ]
    check_receipts(run, placed)
    with_issue = [rendered for rendered in placed if run.issue_receipt(rendered) is not None]
    for writes in place_writes(run, with_issue):
        writes.carry_out()


def place_writes(
    run: ExportRun, tickets: Sequence[RenderedTicket]
) -> tuple[RepeatedWrites[RenderedTicket], ...]:
    """Return the writes that bring issues into their places; what is pending a plan counts."""
    with_parent = [rendered for rendered in tickets if run.parent_of(rendered.ticket)]
    # Of an issue that people made they choose the sprint.
    with_sprint = [
        rendered for rendered in tickets if rendered.ticket.sprint and not run.is_adopted(rendered)
    ]
    return (_Parents(run, with_parent), _Sprints(run, with_sprint))


def find_sprints(tracker: "JiraClient", project_key: str) -> ProjectSprints:
    """Return the active and future sprints of all boards of a project.

    A site without boards answers 404, an account or token that may not see them 403: there is
    none then.
    """
    try:
        boards = tracker.boards(project_key)
        by_id = {}
        for board in boards:
            for sprint in tracker.open_sprints(board.board_id):
                by_id[sprint.sprint_id] = sprint
    except (RefusedError, AccessError) as error:
        if not is_for_people(error):
            raise
        return ProjectSprints(sprints=(), problem=error.message)
    has_sprints = any(board.board_type != "kanban" for board in boards)
    problem = "" if has_sprints else NO_SPRINTS
    return ProjectSprints(sprints=tuple(by_id.values()), problem=problem)


def choose_sprint(name: str, project: ProjectSprints) -> Sprint | Unresolved:
    """Choose the sprint a name means; of several with one name, the one that is active."""
    folded_name = name.strip().casefold()
    named = [sprint for sprint in project.sprints if sprint.name.casefold() == folded_name]
    active = [sprint for sprint in named if sprint.state == ACTIVE]
    candidates = active or named
    if len(candidates) == 1:
        return candidates[0]
    if candidates:
        return Unresolved(reason=f"{len(candidates)} sprints have that name")
    if project.problem:
        return Unresolved(reason=project.problem)
    names = ", ".join(sprint.name for sprint in project.sprints[:LISTED_MAX])
    return Unresolved(reason=f"the project has {names or 'no open sprint'}")


class _Parents(IssueWrites):
    """Issues under their parents: a creation carries the parent, and Jira may drop it."""

    fix_types = (IssueField.PARENT.fix_type,)
    thing = LedgerSubject.PARENT
    lost_reason = "Jira accepted it but silently dropped it"

    @override
    def subject(self, rendered: RenderedTicket) -> WriteSubject:
        """Name the epic of ours, too: below one that is created again an issue is put again."""
        subject = super().subject(rendered)
        epic = self._run.epic_of(rendered.ticket)
        if epic is None:
            return subject
        return replace(subject, identity=f"{subject.identity}/{epic.remote_id}")

    @override
    def send(self, tickets: Sequence[RenderedTicket]) -> WriteAnswer:
        [rendered] = tickets
        issue_id = self._run.issue_id(rendered)
        return self._run.tools.tracker.set_parent(issue_id, self._parent_key(rendered))

    @override
    def read_back(self, tickets: Sequence[RenderedTicket]) -> ReadBack:
        """Read the parents; an issue that is not shown is for somebody who sees it."""
        issues = read_issues(
            self._run,
            [self._run.issue_id(rendered) for rendered in tickets],
            fields=(IssueField.PARENT.jira_id,),
            waiting="it is not known whether they are under their parents",
        )
        for rendered in tickets:
            if isinstance(self._run.page.state(self.subject(rendered).identity), InDoubt):
                # defence: overwritten-parent
                self._name_overwritten(rendered)  # a request of ours may have met somebody's
        seen = {}
        for_people = {}
        for rendered in tickets:
            identity = self.subject(rendered).identity
            issue = issues.get(self._run.issue_id(rendered))
            if issue is None:
                for_people[identity] = self._fallback_of_hidden(rendered)
            elif issue.parent_key is not None:
                seen[identity] = f"read back: {issue.parent_key}"
        return ReadBack(seen=seen, for_people=for_people)

    def _name_overwritten(self, rendered: RenderedTicket) -> None:
        """Tell people which parent our request took away: it was set since the look before it."""
        parent_key = self._parent_key(rendered)
        history = partial(self._run.tools.tracker.issue_history, self._run.issue_id(rendered))
        taken_away = []
        for change in read_if_visible(self._run, history) or ():
            is_of_parent = change.field.casefold() in PARENT_FIELDS
            is_by_us = change.author_id in self._run.own_accounts
            if is_by_us and is_of_parent and change.before not in {"", parent_key}:
                taken_away.append(change.before)
        if not taken_away:
            return
        clash = Fallback(
            fix_type=FixType.EDITED_MEANWHILE,
            subject=IssueField.PARENT.of_ticket,
            title=f"Compare the parent of {rendered.ticket.title}",
            original_value=taken_away[-1],
            recommended_action=(
                f"Somebody put the issue under “{taken_away[-1]}” at the same time as this "
                f"program put it under “{parent_key}”. Its history in Jira shows both; "
                "restore what was lost."
            ),
        )
        record_fix(self._run, rendered.ticket, clash, key=self._run.issue_key(rendered))

    @override
    def fallback(self, rendered: RenderedTicket, *, reason: str) -> Fallback:
        parent_key = self._parent_key(rendered)
        return Fallback(
            fix_type=IssueField.PARENT.fix_type,
            subject=IssueField.PARENT.of_ticket,
            title=f"Set the parent of {rendered.ticket.title}",
            original_value=parent_key,
            recommended_action=(
                f"The issue has no parent ({reason}). Put it under “{parent_key}” by hand."
            ),
        )

    def _fallback_of_hidden(self, rendered: RenderedTicket) -> Fallback:
        """Say what a person has to do about an issue that our account does not see."""
        return replace(
            self.fallback(rendered, reason=""),
            title=f"Check the parent of {rendered.ticket.title}",
            recommended_action=(
                "Jira does not show the issue to this account, so its parent could not be "
                "read back. Use an account that sees it to check whether it is under "
                f"“{self._parent_key(rendered)}”."
            ),
        )

    def _parent_key(self, rendered: RenderedTicket) -> str:
        return self._run.parent_of(rendered.ticket) or ""


class _Sprints(IssueWrites):
    """Issues in their sprints: the answer to the move is the proof, else the history."""

    fix_types = (IssueField.SPRINT.fix_type,)
    thing = LedgerSubject.SPRINT
    is_answer_proof = True
    lost_reason = "it is not known whether it was moved"

    @override
    def skip_reason(self, rendered: RenderedTicket) -> str | None:
        lacking = self.missing_permission(SCHEDULE_PERMISSION)
        if lacking:
            return lacking
        sprint = self._sprint(rendered)
        return sprint.reason if isinstance(sprint, Unresolved) else None

    @override
    def requests(self, tickets: Sequence[RenderedTicket]) -> Iterator[Sequence[RenderedTicket]]:
        """Yield the issues of one sprint, as many as Jira moves at once."""
        by_sprint = group_by(tickets, lambda rendered: rendered.ticket.sprint or "")
        for tickets_of_sprint in by_sprint.values():
            yield from batches(tickets_of_sprint, size=MOVE_SIZE)

    @override
    def send(self, tickets: Sequence[RenderedTicket]) -> WriteAnswer:
        sprint = self._sprint(tickets[0])
        assert isinstance(sprint, Sprint)  # noqa: S101 - `skip_reason` left the others to people
        issue_ids = [self._run.issue_id(rendered) for rendered in tickets]
        return self._run.tools.tracker.move_to_sprint(sprint.sprint_id, issue_ids)

    @override
    def read_back(self, tickets: Sequence[RenderedTicket]) -> ReadBack:
        """Look whether an issue's sprint was changed: by our move, or by people.

        Which sprint it is in is in a field of another name on each site; the history is the same.
        """
        seen: dict[str, str] = {}
        for rendered in tickets:
            history = self._run.tools.tracker.issue_history
            changes = read_if_visible(self._run, partial(history, self._run.issue_id(rendered)))
            # defence: chosen-sprint
            if any(change.field == SPRINT_FIELD for change in changes or ()):
                seen[self.subject(rendered).identity] = "its history has a change of the sprint"
        return ReadBack(seen=seen)

    @override
    def fallback(self, rendered: RenderedTicket, *, reason: str) -> Fallback:
        ticket = rendered.ticket
        return Fallback(
            fix_type=IssueField.SPRINT.fix_type,
            subject=IssueField.SPRINT.of_ticket,
            title=f"Move {ticket.title} into its sprint",
            original_value=ticket.sprint or "",
            recommended_action=(
                f"The issue is in the backlog ({reason}). Move it into the sprint “{ticket.sprint}”, "
                "or choose another."
            ),
        )

    @cached_property
    def _project_sprints(self) -> ProjectSprints:
        """Asked for once, and only where an issue is to be moved."""
        return find_sprints(self._run.tools.tracker, self._run.target.project_key)

    def _sprint(self, rendered: RenderedTicket) -> Sprint | Unresolved:
        return choose_sprint(rendered.ticket.sprint or "", self._project_sprints)


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
    manifest = session.manifest
    names = _epic_names(tickets, groups, manifest.epics)
    by_epic: dict[str, list[Ticket]] = defaultdict(list)
    for ticket, name in names:
        if name and ticket.exclusion is None and not ticket.parent:
            by_epic[name].append(ticket)
    keys = {folded(name): key for name, key in manifest.epic_keys.items()}
    wanted = []
    for name, below in by_epic.items():
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
    """Return the tickets by number, each with the name of its epic; empty: it goes below none.

    A name that is spelt in several ways is spelt as at the first ticket.
    """
    in_order = sorted(tickets, key=lambda ticket: ticket.number)
    first_spellings: dict[str, str] = {}
    names = []
    for ticket in in_order:
        spelling = _epic_name(ticket, groups[ticket.group_key], by)
        names.append((ticket, first_spellings.setdefault(folded(spelling), spelling)))
    return names


def _epic_name(ticket: Ticket, group: EntityGroup, by: EpicsBy) -> str:
    """Return the name of the epic that a ticket goes below; empty: none."""
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
    """Return what epics are created with; None where none are.

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
    """Return the keys of epics of ours that hold issues of tickets which would get another now."""
    moving: set[str] = set()
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
    """Look at the issues that people named as epics."""
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
    """Stop where issues above tickets have these titles and are not ours: a person says which."""
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
