"""Single fields, files and links that fail never fail the export: each leaves a manual fix."""

import httpx
import pytest

from jira_pipeline.model.errors import RefusedError
from jira_pipeline.model.json_values import json_object
from jira_pipeline.model.manual_fixes import FixType
from jira_pipeline.model.sessions import SessionStage, SessionStatus
from jira_pipeline.model.ticket_decisions import Skipped, TicketState
from jira_pipeline.model.ticket_exports import ticket_exports
from jira_pipeline_tests.contracts.stored_values import START
from jira_pipeline_tests.crash.export_world import ExportWorld
from jira_pipeline_tests.crash.sessions import SESSION_KEY, entries_of
from jira_pipeline_tests.export.whole_exports import planned, refill, refusal, results_of, where

FIELD_CASES: dict[str, tuple[dict[str, object], FixType, str]] = {
    "nobody of that name": ({"assignee": "who@ever"}, FixType.ASSIGNEE_INVALID, "who@ever"),
    "two of that name": ({"assignee": "example"}, FixType.ASSIGNEE_INVALID, "example"),
    "no such priority": ({"priority": "Sky-high"}, FixType.PRIORITY_UNAVAILABLE, "Sky-high"),
    "no such parent": ({"parent": "SBX-999"}, FixType.FIELD_REJECTED, "SBX-999"),
}


@pytest.mark.parametrize(("changes", "kind", "value"), FIELD_CASES.values(), ids=FIELD_CASES)
def test_a_field_jira_does_not_take_is_left_out_and_left_to_a_person(
    world: ExportWorld, changes: dict[str, object], kind: FixType, value: str
) -> None:
    refill(world, {4: changes})

    world.export()

    [fix] = results_of(world).manual_fixes
    assert (fix.fix_type, fix.original_value, fix.ticket_id) == (kind, value, "t04")
    assert fix.jira_key is not None
    assert fix.jira_url == f"http://127.0.0.1:8765/browse/{fix.jira_key}"
    assert world.violations() == []


def test_a_label_with_a_space_is_sent_with_a_hyphen(world: ExportWorld) -> None:
    refill(world, {4: {"labels": ("two words",)}})

    world.export()

    found = world.rows("SELECT label FROM issue_label WHERE label LIKE 'two%'")
    assert [row["label"] for row in found] == ["two-words"]


def test_labels_jira_refuses_are_left_out_before_the_sessions_own(world: ExportWorld) -> None:
    refused = {"errorMessages": [], "errors": {"labels": "The label is not allowed."}}
    world.answering = where(
        lambda request: b'"drupal"' in request.read(), httpx.Response(400, json=refused)
    )

    world.export()

    assert {fix.subject for fix in world.fixes()} == {"labels"}
    assert "drupal" in world.fixes()[0].original_value
    assert world.violations() == []


def test_tickets_show_their_state_when_the_export_stops(world: ExportWorld) -> None:
    world.answering = where(lambda request: b"content type 4" in request.read(), refusal(400))
    with pytest.raises(RefusedError, match=r"Ticket 4 .+ was refused") as caught:
        world.export()

    with world.process() as (tools, order):
        [target], entries = tools.store.ledger.targets(), entries_of(tools.store)
        tickets = [r.ticket for r in order.rendered]
        states = ticket_exports(tickets, target=target, entries=entries)
    assert caught.value.failed_at_ticket_number == 4
    assert {number: states[f"t0{number}"].state for number in (1, 2, 4)} == {
        1: TicketState.PENDING,
        2: TicketState.EXPORTED,
        4: TicketState.FAILED,
    }


def test_a_refused_link_becomes_a_manual_fix_and_the_session_completes(world: ExportWorld) -> None:
    world.answering = where("/issueLink", refusal(404))

    world.export()

    with world.open_store() as store:
        session = store.sessions.get(SESSION_KEY)
    assert [fix.fix_type for fix in world.fixes()] == [FixType.DEPENDENCY_LINK] * 5
    assert (session.stage, session.status) == (SessionStage.COMPLETED, SessionStatus.COMPLETED)
    assert session.progress_percentage == 100


def test_linking_switched_off_leaves_every_link_to_people(world: ExportWorld) -> None:
    world.answering = where("/issueLinkType", refusal(404))

    world.export()

    assert {fix.fix_type for fix in world.fixes()} == {FixType.DEPENDENCY_LINK}
    assert results_of(world).dependencies_created == 0


def test_a_link_that_is_answered_but_not_there_is_sent_once_more_then_left(
    world: ExportWorld,
) -> None:
    sent = []

    def pretend(request: httpx.Request, _site: httpx.BaseTransport) -> httpx.Response:
        sent.append(request)
        return httpx.Response(201)

    world.answering = where("/issueLink", pretend)

    world.export()

    assert len(sent) == 10
    assert len(world.fixes()) == 5


def test_a_link_people_removed_is_not_added_again(world: ExportWorld) -> None:
    world.export()
    world.change("DELETE FROM issue_link")

    world.export()

    assert world.rows("SELECT * FROM issue_link") == []


def test_a_plan_says_what_keeps_the_export_from_starting(world: ExportWorld) -> None:
    with world.open_store() as store:
        store.tickets.unmark_ready(SESSION_KEY, ["t02"], by="a test", at=START)

    blocked = json_object(planned(world))["blocked"]

    assert isinstance(blocked, dict)
    assert blocked["category"] == "user_fixable"
    assert "number 2" in blocked["message"]


def test_a_skipped_ticket_gets_no_issue_and_its_dependents_do(world: ExportWorld) -> None:
    with world.open_store() as store:
        store.tickets.exclude(SESSION_KEY, ["t04"], Skipped, reason="Later.", by="a test", at=START)

    world.export()

    with world.process() as (tools, order):
        target = tools.store.ledger.targets()[0]
        states = ticket_exports(
            [r.ticket for r in order.rendered], target=target, entries=entries_of(tools.store)
        )
    assert states["t04"].state is TicketState.SKIPPED
    assert {states[t].state for t in ("t01", "t02", "t03", "t05")} == {TicketState.EXPORTED}
