"""Results say what exists, what may exist, what is left to do and how long it took."""

from dataclasses import replace
from itertools import count

from jira_pipeline.context.observed_progress import PASS_ON_INTERVAL_SECONDS, ObservedSessions
from jira_pipeline.export.creation import create_issues
from jira_pipeline.export.resumed_exports import ResumedExport, resumed_from
from jira_pipeline.model.exports import LedgerSubject
from jira_pipeline.model.json_values import json_object
from jira_pipeline.model.sessions import TicketProgress, UploadSession
from jira_pipeline.model.ticket_decisions import TicketState, Withdrawal
from jira_pipeline.model.ticket_exports import TicketExport, ticket_exports
from jira_pipeline_tests.contracts.stored_values import STEP, a_fix
from jira_pipeline_tests.crash.export_world import ExportWorld
from jira_pipeline_tests.crash.sessions import DRAFTS, entries_of
from jira_pipeline_tests.export.whole_exports import results_of


def places_of(world: ExportWorld) -> dict[str, TicketExport]:
    with world.process() as (tools, order):
        return ticket_exports(
            [rendered.ticket for rendered in order.rendered],
            target=tools.store.ledger.targets()[0],
            entries=entries_of(tools.store),
        )


def resumed(world: ExportWorld, *, retry_attempt: int) -> ResumedExport:
    places = places_of(world)
    with world.process() as (_, order):
        return resumed_from(order, places, retry_attempt=retry_attempt)


def test_a_killed_export_says_what_exists_what_may_and_what_does_not(world: ExportWorld) -> None:
    world.die(ExportWorld.export, "before receipt of issue t02")

    states = {ticket_id: place.state for ticket_id, place in places_of(world).items()}

    pending = {draft.ticket_id: TicketState.PENDING for draft in DRAFTS}
    assert states == pending | {"t02": TicketState.IN_DOUBT}


def test_progress_names_each_ticket_in_the_store_before_it_is_created(world: ExportWorld) -> None:
    """Programs had to read ticket and counts out of a sentence."""
    reported: list[TicketProgress] = []
    with world.process() as (tools, order):

        def look(session: UploadSession) -> None:
            details = session.progress_details
            if details is not None and details.ticket_id and session.progress_percentage < 95:
                reported.append(details)

        every_time = count(step=PASS_ON_INTERVAL_SECONDS)
        with world.open_store() as store:
            watched = ObservedSessions(store, look, monotonic=lambda: next(every_time))
            create_issues(replace(tools, sessions=watched), order)
        expected = [(r.ticket.ticket_id, r.ticket.title) for r in order.in_build_order]

    assert [(details.ticket_id, details.ticket_title) for details in reported] == expected
    assert [details.done for details in reported] == list(range(len(expected)))
    assert {(details.failed, details.total) for details in reported} == {(0, len(expected))}
    assert all(details.remaining_seconds is not None for details in reported)


def test_a_resume_names_the_first_ticket_without_an_issue_and_keeps_the_others(
    world: ExportWorld,
) -> None:
    world.die(ExportWorld.export, "before intent of issue t01")
    after_two = resumed(world, retry_attempt=1)

    world.export()

    assert json_object(after_two) == {
        "retry_attempt": 1,
        "remaining_retries": 2,
        "resuming_from": 1,
        "preserved_tickets": 2,
    }
    by_force = resumed(world, retry_attempt=4)
    assert (by_force.remaining_retries, by_force.resuming_from) == (0, None)
    assert by_force.preserved_tickets == len(DRAFTS)


def test_a_ticket_that_was_withdrawn_says_so(world: ExportWorld) -> None:
    with world.process() as (_, order):
        withdrawn = replace(order.rendered[0].ticket, withdrawal=Withdrawal.AGREED)

    (place,) = ticket_exports([withdrawn], target=None, entries=()).values()
    assert place.state is TicketState.WITHDRAWN


def test_a_fix_that_was_noted_before_its_issue_existed_is_shown_with_it(world: ExportWorld) -> None:
    world.export()
    with world.open_store() as store:
        [target] = store.ledger.targets()
        noted = a_fix(target_id=target.target_id, ticket_id="t04", jira_key=None, jira_url=None)
        store.manual_fixes.record(noted)

    [fix] = results_of(world).manual_fixes

    place = places_of(world)["t04"]
    assert (fix.jira_key, fix.jira_url) == (place.jira_key, place.jira_url)
    assert fix.jira_key is not None


def test_a_link_whose_ends_changed_their_numbers_is_counted_once(world: ExportWorld) -> None:
    """Of two issues that relate to each other the one with the lower number is named first."""
    world.export()
    before = results_of(world).dependencies_created
    numbers = {"t02": 5, "t05": 2}
    renumbered = [replace(d, number=numbers.get(d.ticket_id, d.number)) for d in DRAFTS]
    world.change_tickets(tuple(renumbered))
    world.export()

    receipts = [e for e in world.entries() if e.subject is LedgerSubject.LINK and e.remote_id]
    assert len({e.identity for e in receipts}) == before + 1
    assert len({e.remote_id for e in receipts}) == before
    assert results_of(world).dependencies_created == before


def test_time_and_requests_are_those_of_the_measured_steps(world: ExportWorld) -> None:
    world.export()
    requests = {"POST /rest/api/3/issue": 5, "GET /rest/api/3/myself": 1}
    creating = replace(STEP, seconds=90.0, requests=requests)
    linking = replace(STEP, step="link_issues", seconds=30.0, requests={"POST /a": 4})

    results = results_of(world, creating, linking)

    assert results.total_processing_time_minutes == 2.0
    assert results.requests == {**requests, "POST /a": 4}
    steps = json_object(results)["steps"]
    assert isinstance(steps, list)
    shown = [(one["step"], one["seconds"]) for one in steps]
    assert shown == [("create_issues", 90.0), ("link_issues", 30.0)]
