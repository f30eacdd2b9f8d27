"""Judges a site after a schedule by the invariants of the export.

Belongs here: what may be wrong with a site by what went wrong in the schedule, how processes ended,
what the ledger says. Does not: making it happen (`fault_world`, `running`), what holds after every
export (`crash/site_view`).
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from jira_pipeline.model.errors import (
    GateError,
    GateRule,
    InDoubtError,
    OrphanIssueError,
    PipelineError,
    UnavailableError,
)
from jira_pipeline.model.exports import Exists, ledger_state_of
from jira_pipeline.model.sessions import SessionStage
from jira_pipeline_tests.crash.sessions import SESSION_KEY
from jira_pipeline_tests.crash.site_view import (
    SiteView,
    misparented,
    misplaced,
    on_others,
    too_many_requests,
    unmarked,
    view_site,
    wrong_files,
    wrong_links,
)
from jira_pipeline_tests.faults.fault_world import FaultWorld, ProcessReport
from jira_pipeline_tests.faults.schedules import ProcessEnd, RolledBack, Schedule
from jira_pipeline_tests.jira.sandbox_faults.faults import FaultKind

DONE = 100.0
BLIND_WORLDS = frozenset({"security_level", "issue_errors", "lost_auth_reads"})
"""Worlds in which a site may refuse for good to show what it holds."""
OUTAGES = frozenset({"outage", "blackout"})
"""Worlds that are over by themselves: what they did has to be made good without a person."""


def is_for_people(error: PipelineError | None) -> bool:
    """Tell whether a run may end with it for good: somebody has to decide."""
    is_asked = isinstance(error, GateError) and error.rule is GateRule.ISSUES_GONE
    return is_asked or isinstance(error, OrphanIssueError)


def violations_after(world: FaultWorld, reports: Sequence[ProcessReport]) -> list[str]:
    """Say what is wrong after a schedule; nothing when every invariant holds."""
    schedule, last, target = world.schedule, reports[-1], world.target
    fixes = tuple(f for f in world.fixes() if target and f.target_id == target.target_id)
    with world.sandbox.state.reading() as rows:
        view = view_site(rows, world.tickets, fixes=fixes, copies=world.copies)
    wrong = [
        *_doubled(view, schedule),
        *_lost(view, last, schedule),
        *(() if is_misnaming(schedule) else misplaced(view)),
        *_unlike_ledger(view, world, is_blind=is_blind_stop(last, schedule)),
        *_stuck(last, schedule),
        *_handed_over(last, schedule),
        *too_many_requests(
            view,
            process_count=len(reports) + world.others + world.nights,
            export_count=1 + sum(report.is_decision for report in reports),
        ),
        *_backward(reports, is_alone=not world.others),
        *_unasked(view, world),
        *world.impatience,
    ]
    if last.error is None:
        is_dropped = schedule.strikes_with(FaultKind.DROPPED_PROPERTIES)
        wrong += [
            *unmarked(
                view,
                is_marker_kept=not is_dropped and "dropped_properties" not in schedule.worlds,
                is_label_kept="label_off_screen" not in schedule.worlds,
            ),
            *wrong_links(view),
            *on_others(view),
            *wrong_files(view, may_repeat=is_replaying(schedule) or schedule.is_forgetful),
            *misparented(view),
        ]
    return wrong


def _unasked(view: SiteView, world: FaultWorld) -> Iterator[str]:
    """Find issues on a site that the session was never at, where it has others and nobody answered.

    A restored ledger may have forgotten the others.
    """
    is_forgotten = bool(world.schedule.every(RolledBack))
    is_asked = world.answered_by is not None or not world.elsewhere or is_forgotten
    there = sum(map(len, view.issue_ids.values()))
    if world.is_elsewhere and there and not is_asked:
        yield f"{there} issues were created on another site unasked"


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


def _doubled(view: SiteView, schedule: Schedule) -> Iterator[str]:
    for ticket_id, ids in view.issue_ids.items():
        if len(ids) <= 1:
            continue
        is_seen = "security_level" not in schedule.worlds  # else nobody here can tell
        if is_seen and len(set(ids) - view.reported_ids(ticket_id)) > 1:
            yield f"{ticket_id} has {len(ids)} issues and nobody was told"
        elif is_within_assumptions(schedule):
            yield f"{ticket_id} has {len(ids)} issues"


def _lost(view: SiteView, last: ProcessReport, schedule: Schedule) -> Iterator[str]:
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


def _waiting_for_doubts(view: SiteView) -> set[str]:
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


def _unlike_ledger(view: SiteView, world: FaultWorld, *, is_blind: bool) -> Iterator[str]:
    """Compare what the ledger says exists with what the server holds.

    Where a site shows nothing, the export may stop before it knows; it says so.
    """
    if is_misnaming(world.schedule) and "security_level" in world.schedule.worlds:
        return
    entries = world.entries()
    is_completed = world.store.sessions.get(SESSION_KEY).stage is SessionStage.COMPLETED
    for target in filter(None, [world.target]):
        for ticket_id, ids in view.issue_ids.items():
            identity = world.identity(target, ticket_id)
            state = ledger_state_of(e for e in entries if e.identity == identity)
            known = int(state.receipt.remote_id or 0) if isinstance(state, Exists) else None
            if known is not None and known not in ids:
                yield f"the ledger has issue {known} for {ticket_id}, the server {list(ids)}"
            is_done = is_completed and "security_level" not in world.schedule.worlds
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
    is_misled = schedule.strikes_with(FaultKind.MISNUMBERED) or is_misnaming(schedule)
    return (is_blind and isinstance(last.error, stops)) or (
        is_asking and is_forgetful and is_misled
    )


def is_stopped_for_good(last: ProcessReport, schedule: Schedule) -> bool:
    """Tell whether a step ended with what it does not know, because a fault strikes it each time.

    What may be sent as often as one likes, such as a deletion, is sent again by each process: the
    ledger grows by that, and nothing gets further.
    """
    strikes_for_good = any(rule.times is None for rule in schedule.rules)
    return strikes_for_good and isinstance(last.error, InDoubtError)


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
