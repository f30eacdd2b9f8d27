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
    check_receipts,
    read_if_visible,
    batches,
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
from jira_pipeline.model.grouped import grouped
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
    placed = [r for r in run.order.in_build_order if run.parent_of(r.ticket) or r.ticket.sprint]
    check_receipts(run, placed)
    for writes in placing(run, [r for r in placed if run.issue_receipt(r) is not None]):
        writes.bring_about()


def placing(
    run: ExportRun, tickets: Sequence[RenderedTicket]
) -> tuple[RepeatedWrites[RenderedTicket], ...]:
    """Return the writes that bring issues into their places; what is pending a plan counts."""
    return (
        _Parents(run, [r for r in tickets if run.parent_of(r.ticket)]),
        _Sprints(run, [r for r in tickets if r.ticket.sprint and not run.is_adopted(r)]),
    )


def find_sprints(tracker: "JiraClient", project_key: str) -> ProjectSprints:
    """Return the active and future sprints of all boards of a project.

    A site without boards answers 404, an account or token that may not see them 403: there is
    none then.
    """
    try:
        boards = tracker.boards(project_key)
        found = [sprint for board in boards for sprint in tracker.open_sprints(board.board_id)]
    except (RefusedError, AccessError) as error:
        if not is_for_people(error):
            raise
        return ProjectSprints(sprints=(), problem=error.message)
    by_id = {sprint.sprint_id: sprint for sprint in found}
    problem = "" if any(board.board_type != "kanban" for board in boards) else NO_SPRINTS
    return ProjectSprints(sprints=tuple(by_id.values()), problem=problem)


def choose_sprint(asked: str, known: ProjectSprints) -> Sprint | Unresolved:
    """Choose the sprint a name means; of several with one name, the one that is active."""
    named = [s for s in known.sprints if s.name.casefold() == asked.strip().casefold()]
    active = [sprint for sprint in named if sprint.state == ACTIVE]
    candidates = active or named
    if len(candidates) == 1:
        return candidates[0]
    if candidates:
        return Unresolved(reason=f"{len(candidates)} sprints have that name")
    listed = ", ".join(sprint.name for sprint in known.sprints[:LISTED_MAX]) or "no open sprint"
    return Unresolved(reason=known.problem or f"the project has {listed}")


class _Parents(IssueWrites):
    """Issues under their parents: a creation carries the parent, and Jira may drop it."""

    fix_types = (IssueField.PARENT.fix_type,)
    thing = LedgerSubject.PARENT
    lost_reason = "Jira accepted it but silently dropped it"

    @override
    def subject(self, item: RenderedTicket) -> WriteSubject:
        """Name the epic of ours, too: below one that is created again an issue is put again."""
        subject = super().subject(item)
        epic = self._run.epic_of(item.ticket)
        if epic is None:
            return subject
        return replace(subject, identity=f"{subject.identity}/{epic.remote_id}")

    @override
    def send(self, items: Sequence[RenderedTicket]) -> WriteAnswer:
        [item] = items
        return self._run.tools.tracker.set_parent(self._run.issue_id(item), self._above(item))

    @override
    def read_back(self, items: Sequence[RenderedTicket]) -> ReadBack:
        """Read the parents; an issue that is not shown is for somebody who sees it."""
        ids = {self._run.issue_id(item): item for item in items}
        found = read_issues(
            self._run,
            list(ids),
            fields=(IssueField.PARENT.jira_id,),
            waiting="it is not known whether they are under their parents",
        )
        parents = {issue_id: issue.parent_key for issue_id, issue in found.items()}
        for item in items:
            if isinstance(self._run.page.state(self.subject(item).identity), InDoubt):
                # defence: overwritten-parent
                self._name_overwritten(item)  # a request of ours may have met somebody's
        return ReadBack(
            seen={
                self.subject(item).identity: f"read back: {parents[issue_id]}"
                for issue_id, item in ids.items()
                if parents.get(issue_id) is not None
            },
            for_people={
                self.subject(item).identity: replace(
                    self.fallback(item, reason=""),
                    title=f"Check the parent of {item.ticket.title}",
                    recommended_action=(
                        "Jira does not show the issue to this account, so its parent could not be "
                        "read back. Use an account that sees it to check whether it is under "
                        f"“{self._above(item)}”."
                    ),
                )
                for issue_id, item in ids.items()
                if issue_id not in found
            },
        )

    def _name_overwritten(self, item: RenderedTicket) -> None:
        """Tell people which parent our request took away: it was set since the look before it."""
        history = partial(self._run.tools.tracker.issue_history, self._run.issue_id(item))
        taken_away = [
            change.before
            for change in read_if_visible(self._run, history) or ()
            if change.author_id in self._run.own_accounts
            and change.field.casefold() in {"issueparentassociation", "parent"}
            and change.before not in {"", self._above(item)}
        ]
        if taken_away:
            clash = Fallback(
                fix_type=FixType.EDITED_MEANWHILE,
                subject=IssueField.PARENT.of_ticket,
                title=f"Compare the parent of {item.ticket.title}",
                original_value=taken_away[-1],
                recommended_action=(
                    f"Somebody put the issue under “{taken_away[-1]}” at the same time as this "
                    f"program put it under “{self._above(item)}”. Its history in Jira shows both; "
                    "restore what was lost."
                ),
            )
            record_fix(self._run, item.ticket, clash, key=self._run.issue_key(item))

    @override
    def fallback(self, item: RenderedTicket, *, reason: str) -> Fallback:
        ticket = item.ticket
        return Fallback(
            fix_type=IssueField.PARENT.fix_type,
            subject=IssueField.PARENT.of_ticket,
            title=f"Set the parent of {ticket.title}",
            original_value=self._above(item),
            recommended_action=(
                f"The issue has no parent ({reason}). Put it under “{self._above(item)}” by hand."
            ),
        )

    def _above(self, item: RenderedTicket) -> str:
        return self._run.parent_of(item.ticket) or ""


class _Sprints(IssueWrites):
    """Issues in their sprints: the answer to the move is the proof, else the history."""

    fix_types = (IssueField.SPRINT.fix_type,)
    thing = LedgerSubject.SPRINT
    is_answer_proof = True
    lost_reason = "it is not known whether it was moved"

    @override
    def skip_reason(self, item: RenderedTicket) -> str | None:
        lacking = self.lacking(SCHEDULE_PERMISSION)
        sprint = None if lacking else self._sprint(item)
        return sprint.reason if isinstance(sprint, Unresolved) else lacking

    @override
    def requests(self, items: Sequence[RenderedTicket]) -> Iterator[Sequence[RenderedTicket]]:
        """Yield the issues of one sprint, as many as Jira moves at once."""
        for tickets in grouped(items, lambda item: item.ticket.sprint or "").values():
            yield from batches(tickets, size=MOVE_SIZE)

    @override
    def send(self, items: Sequence[RenderedTicket]) -> WriteAnswer:
        sprint = self._sprint(items[0])
        assert isinstance(sprint, Sprint)  # noqa: S101 - `skip_reason` left the others to people
        issue_ids = [self._run.issue_id(item) for item in items]
        return self._run.tools.tracker.move_to_sprint(sprint.sprint_id, issue_ids)

    @override
    def read_back(self, items: Sequence[RenderedTicket]) -> ReadBack:
        """Look whether an issue's sprint was changed: by our move, or by people.

        Which sprint it is in is in a field of another name on each site; the history is the same.
        """
        seen: dict[str, str] = {}
        for item in items:
            history = self._run.tools.tracker.issue_history
            changes = read_if_visible(self._run, partial(history, self._run.issue_id(item)))
            # defence: chosen-sprint
            if any(change.field == SPRINT_FIELD for change in changes or ()):
                seen[self.subject(item).identity] = "its history has a change of the sprint"
        return ReadBack(seen=seen)

    @override
    def fallback(self, item: RenderedTicket, *, reason: str) -> Fallback:
        ticket = item.ticket
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
    def _known(self) -> ProjectSprints:
        """Asked for once, and only where an issue is to be moved."""
        return find_sprints(self._run.tools.tracker, self._run.target.project_key)

    def _sprint(self, item: RenderedTicket) -> Sprint | Unresolved:
        return choose_sprint(item.ticket.sprint or "", self._known)


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
    key = session.session_key
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
        kept_text=canonical_json(document),
        attachment=None,
        rendered_hash=canonical_hash([title, document]),
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
    _refuse_others(run, missing)  # defence: epic-of-others
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
