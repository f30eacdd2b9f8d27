"""The gate: never validated, not valid, stale, withdrawals, not ready, in that order, before anything is written anywhere."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from jira_pipeline.export.attachments import attach_files
from jira_pipeline.export.creation import create_issues
from jira_pipeline.export.export_run import ExportOrder, ExportTools
from jira_pipeline.export.gate import check_gate
from jira_pipeline.export.links import link_issues
from jira_pipeline.model.actions import action_text
from jira_pipeline.model.errors import (
    AccessError,
    CancelledError,
    ConfigurationError,
    ErrorCategory,
    GateError,
    PipelineError,
    RefusedError,
)
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.model.ticket_decisions import Skipped, Withdrawal
from jira_pipeline.model.ticket_validations import CheckedContents
from jira_pipeline.model.tickets import SourceLines, Ticket
from jira_pipeline_tests.contracts.stored_values import START
from jira_pipeline_tests.crash.export_world import ExportWorld
from jira_pipeline_tests.crash.sessions import SESSION_KEY
from jira_pipeline_tests.export.whole_exports import planned, where
from jira_pipeline_tests.jira.journals import journal_of

Facts = tuple[UploadSession, CheckedContents, tuple[RenderedTicket, ...]]


@pytest.fixture
def facts(world: ExportWorld) -> Facts:
    """What the gate looks at, of a session that may pass."""
    with world.process() as (tools, order):
        session = tools.sessions.get(SESSION_KEY)
        checked = tools.store.validations.checked(SESSION_KEY)
        assert checked is not None
        return session, checked, order.rendered


def rule_of(
    session: UploadSession,
    checked: CheckedContents | None,
    rendered: object,
    *,
    vanished: Sequence[Ticket] = (),
) -> str:
    assert isinstance(rendered, tuple)
    try:
        check_gate(session, checked=checked, rendered=rendered, vanished=vanished)
    except GateError as error:
        return error.rule
    return ""


def unready(rendered: tuple[RenderedTicket, ...]) -> tuple[RenderedTicket, ...]:
    """The same tickets without their ready marks."""
    return tuple(replace(r, ticket=replace(r.ticket, ready_hash=None)) for r in rendered)


def test_the_first_rule_that_does_not_hold_is_reported(facts: Facts) -> None:
    session, checked, rendered = facts
    stale = replace(session, last_invalidated_at=START + timedelta(seconds=1))
    failed = replace(checked, failures=dict.fromkeys(checked.rendered_hashes, "it is refused"))
    gone = [replace(rendered[0].ticket, ticket_id="gone", withdrawal=Withdrawal.PROPOSED)]

    codes = [
        rule_of(stale, None, unready(rendered), vanished=gone),
        rule_of(stale, failed, unready(rendered), vanished=gone),
        rule_of(stale, checked, unready(rendered), vanished=gone),
        rule_of(session, checked, unready(rendered), vanished=gone),
        rule_of(session, checked, unready(rendered)),
        rule_of(session, checked, rendered),
    ]

    assert codes == [
        "not_validated",
        "validation_failed",
        "stale",
        "questions_of_withdrawal",
        "not_ready",
        "",
    ]


BEFORE = {"last_invalidated_at": START - timedelta(seconds=1)}
SKIPPED = {"skipped_reason": "Later.", "ready_hash": None}


@pytest.mark.parametrize(
    ("of_session", "of_ticket", "content", "rule"),
    [
        (BEFORE, {}, {}, ""),
        ({}, {}, {"rendered_hash": "other"}, "stale"),
        ({}, {"approved_hash": "other"}, {}, "not_ready"),
        ({}, SKIPPED, {"rendered_hash": "other"}, ""),
    ],
    ids=["validated after its last edit", "other content", "a mark for other content", "skipped"],
)
def test_what_was_validated_and_marked_holds_for_what_it_was_said_of(
    facts: Facts,
    of_session: dict[str, Any],
    of_ticket: dict[str, Any],
    content: dict[str, Any],
    rule: str,
) -> None:
    session, checked, (first, *others) = facts
    first = replace(first, ticket=replace(first.ticket, **of_ticket), **content)

    assert rule_of(replace(session, **of_session), checked, (first, *others)) == rule


def test_a_ticket_without_rows_is_named_with_its_rows_until_somebody_agrees(facts: Facts) -> None:
    session, checked, rendered = facts
    gone = replace(
        rendered[0].ticket,
        number=9,
        withdrawal=Withdrawal.PROPOSED,
        source_lines=(SourceLines(file="Site_Bundles.csv", lines=(4, 5)),),
        assigned_fields=("labels",),
    )
    agreed = replace(gone, withdrawal=Withdrawal.AGREED)

    with pytest.raises(GateError) as caught:
        check_gate(session, checked=checked, rendered=rendered, vanished=[gone])

    group = gone.display_group.value
    assert (
        f"9 {gone.title} ({group}; Site_Bundles.csv lines 4–5; worked on by people)"
        in caught.value.message
    )
    assert [
        ("withdraw" in way, "put them back" in way)
        for way in map(action_text, caught.value.recovery_actions)
    ] == [(True, False), (False, True)]
    assert caught.value.category is ErrorCategory.USER_FIXABLE
    assert rule_of(session, checked, rendered, vanished=[agreed]) == ""


@pytest.mark.parametrize("step", [create_issues, attach_files, link_issues])
def test_every_step_passes_the_gate_itself_before_it_asks_jira(
    world: ExportWorld, step: object
) -> None:
    """A re-execution from failure starts at any of them."""
    assert callable(step)
    with world.process() as (tools, order):
        with world.open_store() as store:
            later, fields = START + timedelta(days=1), {"priority": "Low"}
            store.reviews.assign(SESSION_KEY, ["t01"], fields=fields, by="ab", at=later)

        with pytest.raises(GateError, match="Re-validation required"):
            step(tools, order)

    assert journal_of(world.sandbox) == ()


@pytest.mark.parametrize(
    "decide",
    [
        pytest.param(
            lambda tickets, ids: tickets.unmark_ready(SESSION_KEY, ids, by="ann", at=START),
            id="mark taken away",
        ),
        pytest.param(
            lambda tickets, ids: tickets.exclude(
                SESSION_KEY, ids, Skipped, reason="Later.", by="ann", at=START
            ),
            id="skipped",
        ),
    ],
)
@pytest.mark.parametrize("step", [create_issues, attach_files, link_issues])
def test_what_is_decided_after_the_tickets_were_rendered_stops_every_step(
    world: ExportWorld, step: Callable[[ExportTools, ExportOrder], object], decide: Any
) -> None:
    with world.process() as (tools, order):
        chosen = order.rendered[1].ticket
        decide(tools.store.tickets, [chosen.ticket_id])

        with pytest.raises(GateError, match=f"a decision about tickets {chosen.number} ") as caught:
            step(tools, order)

    assert (caught.value.rule, journal_of(world.sandbox)) == ("decision_changed", ())


def test_a_run_asks_about_its_target_once_and_again_after_a_step_that_failed(
    world: ExportWorld,
) -> None:
    def asked() -> int:
        return sum(entry.path.endswith("/tenant_info") for entry in journal_of(world.sandbox))

    with world.process() as (tools, order):
        create_issues(tools, order)
        attach_files(tools, order)
        asked_once = asked()
        with pytest.raises(CancelledError):
            link_issues(replace(tools, is_cancelled=lambda: True), order)
        link_issues(tools, order)

        with pytest.raises(RefusedError, match="no project OTHER"):
            link_issues(tools, replace(order, project_key="OTHER"))

    assert (asked_once, asked()) == (1, 3)


def test_links_wait_until_all_issues_exist(world: ExportWorld) -> None:
    with world.process() as (tools, order), pytest.raises(GateError, match="no issue") as caught:
        link_issues(tools, order)

    assert caught.value.rule == "issues_missing"
    assert [e for e in journal_of(world.sandbox) if e.path.endswith("/issueLink")] == []


def test_a_session_without_a_project_says_which_setting_to_set(world: ExportWorld) -> None:
    with world.process() as (tools, order):
        nowhere = replace(order, project_key=None)

        with pytest.raises(ConfigurationError, match="names no Jira project") as caught:
            create_issues(tools, nowhere)

    assert "JIRA_PROJECT_KEY" in action_text(caught.value.recovery_actions[0])


REFUSALS: dict[str, tuple[str, dict[str, object], type[PipelineError], str]] = {
    "no permission": (
        "/rest/api/3/mypermissions",
        {"permissions": {"BROWSE_PROJECTS": {"havePermission": True}}},
        AccessError,
        "lacks CREATE_ISSUES",
    ),
    "issue type gone": (
        "/rest/api/3/issue/createmeta/10000/issuetypes",
        {"issueTypes": [{"id": "1", "name": "Idea"}]},
        RefusedError,
        r"not clear which .*: it has: Idea \(1\)",
    ),
    "a required field we do not fill": (
        "/rest/api/3/issue/createmeta/10000/issuetypes/10002",
        {
            "fields": [
                {"fieldId": "description", "name": "Description", "required": False},
                {"fieldId": "customfield_1", "name": "Cost centre", "required": True},
            ]
        },
        RefusedError,
        "Cost centre",
    ),
}


@pytest.mark.parametrize(("path", "body", "error", "words"), REFUSALS.values(), ids=REFUSALS)
def test_a_project_that_cannot_take_issues_stops_before_the_first_creation(
    world: ExportWorld, path: str, body: object, error: type[PipelineError], words: str
) -> None:
    world.answering = where(path, httpx.Response(200, json=body))

    plan = planned(world)
    with pytest.raises(error, match=words) as caught:
        world.export()

    assert str(plan.blocked) == str(caught.value)
    assert not any(entry.changes for entry in journal_of(world.sandbox))
