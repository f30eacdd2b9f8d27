"""Judges a site after a schedule by the invariants of the export.

Belongs here: reading the server's own tables and journal, and what the export says it gave to
people. Does not: making it happen (`fault_world`, `running`).

The one place where the exporter's own state is read is the comparison of its ledger with the
server.
Source: docs/export.md, Invariants.
"""

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from jira_pipeline.export.ledger_comparison import DOUBLED, TWINS_LOOKED_INTO_MAX
from jira_pipeline.export.lookups import UNWITNESSED_MARGIN
from jira_pipeline.model.errors import (
    GateError,
    GateRule,
    InDoubtError,
    OrphanIssueError,
    PipelineError,
    UnavailableError,
)
from jira_pipeline.model.exports import Exists, FixType, ManualFix, ledger_state_of
from jira_pipeline.model.rendered_tickets import RenderedTicket, hashed_file_name
from jira_pipeline.model.sessions import SessionStage
from jira_pipeline_tests.crash.sessions import SESSION_KEY
from jira_pipeline_tests.crash.site_checks import REQUESTS_BASE_MAX, REQUESTS_PER_TICKET_MAX
from jira_pipeline_tests.faults.fault_world import FaultWorld, ProcessReport
from jira_pipeline_tests.faults.people import BLOCKS, RELATES
from jira_pipeline_tests.faults.schedules import ProcessEnd, RolledBack, Schedule
from jira_pipeline_tests.jira.sandbox_faults.faults import FaultKind

LINK_TYPES = (BLOCKS, RELATES)
KEY = re.compile(r"[A-Z]+-[0-9]+")
DONE = 100.0
NUMBERS_PER_REQUEST_MIN = 90
"""Of the 100 of a request some are sentinels."""
REQUESTS_PER_START_MAX = 15
"""Source: docs/export.md, Invariants. 13 were needed where a proxy ended 17 processes of 19."""
REQUESTS_PER_PAIR = 8
"""Source: docs/export.md, Invariants."""
BLIND_WORLDS = frozenset({"security_level", "issue_errors", "lost_auth_reads"})
"""Worlds in which a site may refuse for good to show what it holds."""
OUTAGES = frozenset({"outage", "blackout"})
"""Worlds that are over by themselves: what they did has to be made good without a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerView:
    """What the server holds of a session, and who was told of what."""

    tickets: tuple[RenderedTicket, ...]
    issue_ids: Mapping[str, tuple[int, ...]]
    """By ticket id, lowest first, without those that people deleted."""
    first_ids: Mapping[str, int]
    """By ticket id: what was created first, deleted or not."""
    other_ids: frozenset[int]
    """Issues that are no ticket's."""
    id_of_key: Mapping[str, int]
    """Former keys included."""
    key_of_id: Mapping[int, str]
    is_completed: bool
    """The session shows its export as completed."""
    links: Counter[tuple[str, int, int]]
    files: Counter[tuple[int, str]]
    marked_ids: frozenset[int]
    labelled_ids: frozenset[int]
    created_in_order: tuple[int, ...]
    parent_ids: Mapping[int, int]
    sprint_ids: frozenset[int]
    """Issues that are in a sprint."""
    request_count: int
    number_request_count: int
    """Of these, readings of issues by number."""
    alone_count: int
    """Of these, creations of a single issue, as everything that is sent again is."""
    last_number: int
    """The highest number of the project, whatever became of its issue."""
    double_count: int
    """Issues of tickets that have an earlier one, those included that people deleted."""
    fixes: tuple[ManualFix, ...]

    def reported_ids(self, ticket_id: str) -> frozenset[int]:
        """Return the issues of a ticket that a person was told are too many."""
        keys = (
            key
            for fix in self.fixes
            if fix.fix_type is FixType.ORPHAN_ISSUE and fix.ticket_id == ticket_id
            for key in KEY.findall(f"{fix.jira_key} {fix.original_value}")
        )
        return frozenset(self.id_of_key[key] for key in keys if key in self.id_of_key)

    def is_doubt_reported(self, ticket_id: str) -> bool:
        return any(
            fix.fix_type is FixType.ORPHAN_ISSUE and fix.ticket_id == ticket_id
            for fix in self.fixes
        )

    def is_listed(self, ticket_id: str, fix_type: FixType, subject: str) -> bool:
        return any(
            (fix.ticket_id, fix.fix_type, fix.subject) == (ticket_id, fix_type, subject)
            for fix in self.fixes
        )


def is_for_people(error: PipelineError | None) -> bool:
    """Tell whether a run may end with it for good: somebody has to decide."""
    is_asked = isinstance(error, GateError) and error.rule is GateRule.ISSUES_GONE
    return is_asked or isinstance(error, OrphanIssueError)


def violations_after(world: FaultWorld, reports: Sequence[ProcessReport]) -> list[str]:
    """Say what is wrong after a schedule; nothing when every invariant holds."""
    view = view_server(world)
    last = reports[-1]
    wrong = [
        *_doubled(view, world.schedule),
        *_lost(view, last, world.schedule),
        *_misplaced(view, world.schedule),
        *_unlike_ledger(view, world, is_blind=is_blind_stop(last, world.schedule)),
        *_stuck(last, world.schedule),
        *_handed_over(last, world.schedule),
        *_too_many_requests(
            view,
            process_count=len(reports) + world.others + world.nights,
            export_count=1 + sum(report.is_decision for report in reports),
        ),
        *_backward(reports, is_alone=not world.others),
        *_unasked(view, world),
        *world.impatience,
    ]
    if last.error is None:
        wrong += [
            *_unmarked(view, world.schedule),
            *_wrong_links(view),
            *_on_others(view),
            *_wrong_files(
                view, may_repeat=is_replaying(world.schedule) or world.schedule.is_forgetful
            ),
            *_misparented(view),
        ]
    return wrong


def _unasked(view: ServerView, world: FaultWorld) -> Iterator[str]:
    """Find issues on a site that the session was never at, where it has others and nobody answered.

    A restored ledger may have forgotten the others.
    """
    is_forgotten = bool(world.schedule.every(RolledBack))
    is_asked = world.answered_by is not None or not world.elsewhere or is_forgotten
    there = sum(map(len, view.issue_ids.values()))
    if world.is_elsewhere and there and not is_asked:
        yield f"{there} issues were created on another site unasked"


def view_server(world: FaultWorld) -> ServerView:
    """Read the server's tables and journal, and the list of manual fixes."""
    target = world.target
    with world.sandbox.state.reading() as rows:
        created = _created(rows)
        there = _ids(rows, "SELECT id AS issue_id FROM issue")
        ids: dict[str, list[int]] = {t.ticket.ticket_id: [] for t in world.tickets}
        by_title = {t.summary: t.ticket.ticket_id for t in world.tickets}
        for issue_id, summary in created:
            if summary in by_title:  # the epic is not ours
                ids[by_title[summary]].append(issue_id)
        return ServerView(
            tickets=world.tickets,
            issue_ids={
                ticket_id: tuple(sorted(there.intersection(found)))
                for ticket_id, found in ids.items()
            },
            first_ids={ticket_id: found[0] for ticket_id, found in ids.items() if found},
            other_ids=there - frozenset(i for found in ids.values() for i in found),
            id_of_key=_id_of_key(rows),
            key_of_id={row["id"]: row["key"] for row in rows.execute("SELECT id, key FROM issue")},
            is_completed=world.store.sessions.get(SESSION_KEY).stage is SessionStage.COMPLETED,
            links=_links(rows, copied_ids=world.copies.issue_ids),
            files=Counter(
                (row["issue_id"], row["filename"])
                for row in rows.execute("SELECT issue_id, filename FROM attachment")
            )
            - world.copies.files,
            marked_ids=_ids(
                rows, "SELECT issue_id FROM issue_property WHERE key = 'jira_pipeline'"
            ),
            labelled_ids=_ids(rows, "SELECT issue_id FROM issue_label WHERE label = 'jp-site'"),
            created_in_order=tuple(issue_id for issue_id, _summary in created),
            parent_ids={
                row["id"]: row["parent_id"]
                for row in rows.execute("SELECT id, parent_id FROM issue WHERE parent_id NOT NULL")
            },
            sprint_ids=_ids(rows, "SELECT issue_id FROM issue_sprint") - world.copies.sprint_ids,
            request_count=rows.execute("SELECT count(*) FROM journal_request").fetchone()[0],
            number_request_count=rows.execute(
                "SELECT count(*) FROM journal_request WHERE path LIKE '%/bulkfetch'"
            ).fetchone()[0],
            alone_count=rows.execute(
                "SELECT count(*) FROM journal_request WHERE method = 'POST' AND path LIKE '%/issue'"
            ).fetchone()[0],
            last_number=rows.execute("SELECT max(last_number) FROM project").fetchone()[0],
            double_count=sum(len(found) - 1 for found in ids.values() if found),
            fixes=tuple(f for f in world.fixes() if target and f.target_id == target.target_id),
        )


def _created(rows: sqlite3.Connection) -> list[tuple[int, str]]:
    """Return id and summary of every issue a request created, in that order."""
    return [
        (row["issue_id"], row["summary"])
        for row in rows.execute(
            "SELECT issue_id, json_extract(detail, '$.summary') AS summary FROM journal_change"
            " WHERE change = 'issue_created' ORDER BY sequence"
        )
    ]


def _id_of_key(rows: sqlite3.Connection) -> dict[str, int]:
    return {
        row["key"]: row["id"]
        for row in rows.execute(
            "SELECT key, id FROM issue UNION SELECT key, issue_id FROM former_key"
        )
    }


def _links(
    rows: sqlite3.Connection, *, copied_ids: frozenset[int]
) -> Counter[tuple[str, int, int]]:
    """Count links, without those between issues that were copied."""
    found = rows.execute("SELECT type_id, inward_issue_id, outward_issue_id FROM issue_link")
    return Counter(
        _link(row["type_id"], row["inward_issue_id"], row["outward_issue_id"])
        for row in found
        if row["type_id"] in LINK_TYPES
        and not copied_ids.issuperset((row["inward_issue_id"], row["outward_issue_id"]))
    )


def _link(type_id: str, inward_id: int, outward_id: int) -> tuple[str, int, int]:
    """Name a link; one that only relates has no direction."""
    first, second = (
        (inward_id, outward_id) if type_id == BLOCKS else sorted((inward_id, outward_id))
    )
    return (type_id, first, second)


def _ids(rows: sqlite3.Connection, statement: str) -> frozenset[int]:
    return frozenset(row["issue_id"] for row in rows.execute(statement))


def is_replaying(schedule: Schedule) -> bool:
    is_in_world = bool({"gateway_replay", "late_replay"} & set(schedule.worlds))
    return is_in_world or schedule.strikes_with(FaultKind.REPLAYED, FaultKind.LATE_REPLAY)


def is_misnaming(schedule: Schedule) -> bool:
    """Tell whether answers name issues of others; where those are hidden, nobody can know."""
    return "wrong_answers" in schedule.worlds or schedule.strikes_with(FaultKind.MISNAMED)


def is_within_assumptions(schedule: Schedule) -> bool:
    """Tell whether "no duplicate" is promised; else every duplicate has to be named.

    Source: README, the assumptions of "effectively once".
    """
    return not is_replaying(schedule) and not schedule.every(RolledBack)


def _doubled(view: ServerView, schedule: Schedule) -> Iterator[str]:
    for ticket_id, ids in view.issue_ids.items():
        if len(ids) <= 1:
            continue
        is_seen = "security_level" not in schedule.worlds  # else nobody here can tell
        if is_seen and len(set(ids) - view.reported_ids(ticket_id)) > 1:
            yield f"{ticket_id} has {len(ids)} issues and nobody was told"
        elif is_within_assumptions(schedule):
            yield f"{ticket_id} has {len(ids)} issues"


def _lost(view: ServerView, last: ProcessReport, schedule: Schedule) -> Iterator[str]:
    is_stopped = last.error is not None
    if is_misnaming(schedule) and "security_level" in schedule.worlds:
        return
    for ticket_id, ids in view.issue_ids.items():
        if not ids and not is_stopped:
            yield f"{ticket_id} has no issue though the export is done"
    if isinstance(last.error, OrphanIssueError):
        waiting = _waiting_for_doubts(view)
        for ticket_id, ids in view.issue_ids.items():
            if not ids and ticket_id not in waiting and not view.is_doubt_reported(ticket_id):
                yield f"{ticket_id} has no issue and nobody was told"


def _waiting_for_doubts(view: ServerView) -> set[str]:
    """Return the tickets that depend, however far, on one that people were told of."""
    waiting: set[str] = set()
    for _ticket in view.tickets:
        for rendered in view.tickets:
            if any(
                dependency in waiting or view.is_doubt_reported(dependency)
                for dependency in rendered.ticket.depends_on
            ):
                waiting.add(rendered.ticket.ticket_id)
    return waiting


def _misplaced(view: ServerView, schedule: Schedule) -> Iterator[str]:
    """Dependencies come first, as far as answers told the truth about them."""
    if is_misnaming(schedule):
        return
    place = {issue_id: place for place, issue_id in enumerate(view.created_in_order)}
    for rendered in view.tickets:
        own = view.first_ids.get(rendered.ticket.ticket_id)
        for dependency in rendered.ticket.depends_on:
            other = view.first_ids.get(dependency)
            if own is not None and other is None:
                yield f"{rendered.ticket.ticket_id} was created without {dependency}"
            elif own is not None and other is not None and place[own] < place[other]:
                yield f"{rendered.ticket.ticket_id} was created before {dependency}"


def _unlike_ledger(view: ServerView, world: FaultWorld, *, is_blind: bool) -> Iterator[str]:
    """Compare what the ledger says exists with what the server holds.

    Where a site shows nothing, the export may stop before it knows; it says so.
    """
    if is_misnaming(world.schedule) and "security_level" in world.schedule.worlds:
        return
    entries = world.entries()
    for target in filter(None, [world.target]):
        for ticket_id, ids in view.issue_ids.items():
            identity = world.identity(target, ticket_id)
            state = ledger_state_of(e for e in entries if e.identity == identity)
            known = int(state.receipt.remote_id or 0) if isinstance(state, Exists) else None
            if known is not None and known not in ids:
                yield f"the ledger has issue {known} for {ticket_id}, the server {list(ids)}"
            is_done = view.is_completed and "security_level" not in world.schedule.worlds
            if isinstance(state, Exists) and known in ids and is_done:
                called, key = state.receipt.remote_key, view.key_of_id[known]
                yield from [] if called == key else [f"the ledger has {called} for {key}"]
            if known is None and ids and not is_blind and not view.is_doubt_reported(ticket_id):
                yield f"the ledger has no receipt for {ticket_id}, the server {list(ids)}"


def _stuck(last: ProcessReport, schedule: Schedule) -> Iterator[str]:
    """Let an export end done, with a doubt for a person, or by a site that shows nothing."""
    error = last.error
    if last.is_crashed:
        yield "the schedule ended with a crash"
    if error is None or isinstance(error, OrphanIssueError):
        return
    if not is_blind_stop(last, schedule):
        yield f"stopped for good: {error.code}: {error.message}"


def _handed_over(last: ProcessReport, schedule: Schedule) -> Iterator[str]:
    """Leave nothing to people after an outage where nothing else went wrong."""
    is_faulty = bool(schedule.rules or schedule.every(RolledBack))
    is_plain = set(schedule.worlds) <= OUTAGES and not is_faulty
    is_killed = bool(schedule.every(ProcessEnd))
    if is_killed and isinstance(last.error, OrphanIssueError):
        return  # killed between a lost resend and the note that an outage lost it: named, not sent
    if schedule.worlds and is_plain and last.error is not None:
        yield f"an outage ends with {last.error.code}: {last.error.message}"


def is_blind_stop(last: ProcessReport, schedule: Schedule) -> bool:
    """Tell whether the export stopped because the site does not show what it holds.

    A ledger that lost writes there cannot know of the issues it forgot; it stops and sends nothing.
    Elsewhere it finds them before it writes, unless an answer named another issue: it has written
    in their place then, and asks a person about them.
    """
    is_blind = bool(BLIND_WORLDS & set(schedule.worlds))
    is_forgetful = bool(schedule.every(RolledBack))
    stops = (
        UnavailableError,
        InDoubtError,
        GateError,
        *([OrphanIssueError] if is_forgetful else []),
    )
    is_asking = isinstance(last.error, GateError) and last.error.code == GateRule.ISSUES_UNCLAIMED
    is_misled = schedule.strikes_with(FaultKind.MISNUMBERED)
    return (is_blind and isinstance(last.error, stops)) or (
        is_asking and is_forgetful and is_misled
    )


def _too_many_requests(view: ServerView, *, process_count: int, export_count: int) -> Iterator[str]:
    """Bound all requests; a process may read all numbers three times besides, twice far beyond them.

    A process asks who it is and what it may before it writes: many that a proxy ends cost that often.

    Each compares Jira with the ledger, and reads who worked with which issue of a ticket's two.

    What follows a decision is an export of its own. Where nothing of ours closes the window, as
    when every answer names another issue, each ticket that is sent again is looked for far beyond
    once more.
    """
    others = max(REQUESTS_BASE_MAX, REQUESTS_PER_START_MAX * process_count)
    limit = REQUESTS_PER_TICKET_MAX * len(view.tickets) * export_count + others
    pairs = min(view.double_count, TWINS_LOOKED_INTO_MAX) * process_count
    limit += REQUESTS_PER_PAIR * pairs
    numbers = (3 * view.last_number + 2 * UNWITNESSED_MARGIN) * process_count
    read = (numbers + UNWITNESSED_MARGIN * view.alone_count) // NUMBERS_PER_REQUEST_MIN
    if view.request_count > limit + min(read, view.number_request_count):
        yield f"{view.request_count} requests for {len(view.tickets)} tickets"


def _backward(reports: Sequence[ProcessReport], *, is_alone: bool) -> Iterator[str]:
    """Progress grows within a process, and the next one begins where the last one ended.

    Where another export completed the session meanwhile, what is left begins anew.
    """
    for number, report in enumerate(reports, start=1):
        if any(
            later < earlier and (is_alone or earlier != DONE)
            for earlier, later in pairwise(report.percentages)
        ):
            yield f"progress went back in process {number}: {report.percentages}"
    for before, after in pairwise(reports):
        is_new_run = (
            bool(before.percentages) and before.percentages[-1] == DONE
        )  # of what was complete
        if (
            before.percentages
            and after.percentages
            and after.percentages[0] < before.percentages[-1]
            and not is_new_run
        ):
            yield f"progress went back from {before.percentages[-1]:g} to {after.percentages[0]:g} at a restart"


def _unmarked(view: ServerView, schedule: Schedule) -> Iterator[str]:
    is_dropped = "dropped_properties" in schedule.worlds or schedule.strikes_with(
        FaultKind.DROPPED_PROPERTIES
    )
    for ticket_id, ids in view.issue_ids.items():
        if not is_dropped and set(ids) - view.marked_ids:
            yield f"an issue of {ticket_id} lacks its marker"
        if "label_off_screen" not in schedule.worlds and set(ids) - view.labelled_ids:
            yield f"an issue of {ticket_id} lacks its label"


def _wrong_links(view: ServerView) -> Iterator[str]:
    wanted = dict(_wanted_links(view))
    for link, (ticket_id, subject) in wanted.items():
        there = [one for one in _ways(view, link) if view.links[one]]
        count = sum(view.links[one] for one in there)
        reported = view.reported_ids(link[1]) | view.reported_ids(link[2])
        unreported = [one for one in there if reported.isdisjoint(one[1:])]
        if len(unreported) > 1 or count > len(there):  # one to a told double goes with it
            yield f"{link} is there {count} times"
        if count == 0 and not view.is_listed(ticket_id, FixType.DEPENDENCY_LINK, subject):
            yield f"{link} is neither there nor listed"
    known = {one for link in wanted for one in _ways(view, link)}
    yield from (f"link {other} is not wanted" for other in view.links.keys() - known)


def _on_others(view: ServerView) -> Iterator[str]:
    """Find what is on issues that are nobody's ticket."""
    for issue_id, name in view.files:
        if issue_id in view.other_ids:
            yield f"{name} is on issue {issue_id}, which is no ticket's"
    for issue_id in view.sprint_ids & view.other_ids:
        yield f"issue {issue_id} is in a sprint and is no ticket's"


def _wanted_links(view: ServerView) -> Iterator[tuple[tuple[str, str, str], tuple[str, str]]]:
    """Return each wanted link with ticket and subject of the fix that may name it."""
    numbers = {r.ticket.ticket_id: r.ticket.number for r in view.tickets}
    for rendered in view.tickets:
        own = rendered.ticket.ticket_id
        for dependency in rendered.ticket.depends_on:
            yield (BLOCKS, dependency, own), (own, f"Blocks {dependency}")
        for other in rendered.ticket.relates_to:
            first, second = sorted((own, other), key=numbers.__getitem__)
            yield (RELATES, first, second), (second, f"Relates {first}")


def _ways(view: ServerView, link: tuple[str, str, str]) -> list[tuple[str, int, int]]:
    """Return the links by which a wanted one may be there: doubled issues have several."""
    kind, inward, outward = link
    return [
        _link(kind, inward_id, outward_id)
        for inward_id in view.issue_ids[inward]
        for outward_id in view.issue_ids[outward]
    ]


def _wrong_files(view: ServerView, *, may_repeat: bool) -> Iterator[str]:
    """Find files that are not there once; where one may come again, a second one has to be named.

    A gateway may replay, and Jira finish what a restored ledger forgot.
    """
    for rendered in view.tickets:
        ticket_id = rendered.ticket.ticket_id
        if rendered.attachment is None:
            continue
        name = hashed_file_name(*rendered.attachment)
        count = sum(view.files[issue_id, name] for issue_id in view.issue_ids[ticket_id])
        is_listed = view.is_listed(ticket_id, FixType.ATTACHMENT_UPLOAD, name)
        is_named = view.is_listed(ticket_id, FixType.ATTACHMENT_UPLOAD, f"{name} {DOUBLED}")
        if count > 1 and not (may_repeat and is_named):
            yield f"the file of {ticket_id} is there {count} times"
        if count == 0 and not is_listed:
            yield f"the file of {ticket_id} is neither there nor listed"


def _misparented(view: ServerView) -> Iterator[str]:
    """Find issues that are neither in their place nor listed."""
    for rendered in view.tickets:
        ticket = rendered.ticket
        ids = view.issue_ids[ticket.ticket_id]
        is_under = any(
            view.parent_ids.get(i) == view.id_of_key.get(ticket.parent or "") for i in ids
        )
        if ticket.parent and not is_under:
            is_listed = view.is_listed(ticket.ticket_id, FixType.FIELD_REJECTED, "parent")
            yield from [] if is_listed else [f"{ticket.ticket_id} is not under its parent"]
        if ticket.sprint and view.sprint_ids.isdisjoint(ids):
            is_listed = view.is_listed(ticket.ticket_id, FixType.SPRINT_NOT_FOUND, "sprint")
            yield from [] if is_listed else [f"{ticket.ticket_id} is not in its sprint"]
