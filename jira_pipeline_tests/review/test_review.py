"""Ready marks: bound to what was validated, given by people or by a session that may."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from jira_pipeline.model.errors import GateError
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.revisions import ChangeKind, ModelChange
from jira_pipeline.model.runs import AUTO_APPROVAL
from jira_pipeline.model.sessions import SessionManifest
from jira_pipeline.model.ticket_decisions import Skipped
from jira_pipeline.review.approvals import (
    approve_automatically,
    mark_validated_tickets,
    render_as_approved,
)
from jira_pipeline.review.open_session import OpenSession, may_approve_automatically
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.open_stores import open_in
from jira_pipeline_tests.contracts.stored_values import START, a_session, after
from jira_pipeline_tests.crash.export_world import ExportWorld
from jira_pipeline_tests.crash.sessions import SESSION_KEY, render, validation_of
from jira_pipeline_tests.tables import each


def rendered_in(store: Store) -> tuple[RenderedTicket, ...]:
    return tuple(render(ticket) for ticket in store.tickets.list_all(SESSION_KEY))


def unmark_all(store: Store) -> None:
    ids = [t.ticket_id for t in store.tickets.list_all(SESSION_KEY)]
    store.tickets.unmark_ready(SESSION_KEY, ids, by="a test", at=START)


def mark(store: Store, *numbers: int, rendered: tuple[RenderedTicket, ...] = ()) -> int:
    """Mark tickets by number; without any, all."""
    rendered = rendered or rendered_in(store)
    numbers = numbers or tuple(one.ticket.number for one in rendered)
    return mark_validated_tickets(opened(store, rendered), numbers=numbers, by="ada")


def opened(store: Store, rendered: tuple[RenderedTicket, ...]) -> OpenSession:
    """The session with tickets that are rendered so, as far as ready marks ask."""
    of_session: Any = SimpleNamespace(
        key=SESSION_KEY,
        stored=store.sessions.get(SESSION_KEY),
        store=store,
        hashed_tickets=rendered,
        last_validation=store.validations.checked(SESSION_KEY),
        clock=SimpleNamespace(now=lambda: after(1)),
    )
    return cast("OpenSession", of_session)


def ready_numbers(store: Store) -> list[int]:
    return [t.number for t in store.tickets.list_all(SESSION_KEY) if t.is_ready]


@pytest.mark.parametrize("spoil", ["changed", "failed", "never"])
def test_nothing_is_marked_where_one_ticket_has_not_passed_as_it_is(
    world: ExportWorld, spoil: str
) -> None:
    with open_in(world.folder) as store:
        unmark_all(store)
        rendered = rendered_in(store)
        if spoil == "changed":
            rendered = (replace(rendered[0], rendered_hash="b" * 64), *rendered[1:])
        else:
            kept = list(rendered) if spoil == "failed" else list(rendered[1:])
            validation = validation_of(kept, is_passed=spoil == "never")
            store.validations.record(replace(validation, at=after(1)))

        with pytest.raises(GateError, match=r"Tickets 1.* of site have not passed") as caught:
            mark(store, rendered=rendered)

        assert caught.value.rule == "validation_failed"
        assert ready_numbers(store) == []


@each(
    ("manifest", "is_sandbox", "is_allowed"),
    [
        (SessionManifest(), True, False),
        (SessionManifest(auto_approve=True), True, True),
        (SessionManifest(auto_approve=True), False, False),
        (SessionManifest(auto_approve=True, jira_project_key="SITE"), False, True),
        (SessionManifest(jira_project_key="SITE"), False, False),
    ],
    ids=["not asked", "sandbox", "a real Jira unnamed", "a real Jira named", "named, not asked"],
)
def test_a_session_approves_itself_only_where_it_may(
    manifest: SessionManifest, *, is_sandbox: bool, is_allowed: bool
) -> None:
    session = a_session(manifest=manifest)

    assert may_approve_automatically(session, is_sandbox=is_sandbox) is is_allowed


def test_auto_approval_marks_what_is_valid_in_its_own_name(world: ExportWorld) -> None:
    with open_in(world.folder) as store:
        unmark_all(store)

        count = approve_automatically(opened(store, rendered_in(store)))

        assert count == 5
        assert {t.ready_by for t in store.tickets.list_all(SESSION_KEY)} == {AUTO_APPROVAL}


def test_auto_approval_passes_over_what_is_skipped_ready_or_not_valid(world: ExportWorld) -> None:
    with open_in(world.folder) as store:
        unmark_all(store)
        mark(store, 1)
        store.tickets.exclude(SESSION_KEY, ["t02"], Skipped, reason="Later.", by="a test", at=START)
        rendered = rendered_in(store)
        changed = replace(rendered[2], rendered_hash="b" * 64)

        approved = render_as_approved(
            (*rendered[:2], changed, *rendered[3:]), store.validations.checked(SESSION_KEY)
        )

        assert [r.ticket.is_ready for r in approved] == [True, False, False, True, True]
        assert approved[0].ticket.ready_by == "ada"
        assert ready_numbers(store) == [1]


def test_auto_approval_leaves_to_people_what_a_model_cannot_prove(world: ExportWorld) -> None:
    """It approved 24 tickets that a model had emptied."""
    with open_in(world.folder) as store:
        unmark_all(store)
        first, *others = rendered_in(store)
        revision = first.ticket.revision
        unproven = ModelChange(
            kind=ChangeKind.HOURS,
            text=revision.estimated_hours,
            after=revision.estimated_hours,
            warning="no row says so",
        )
        changed = replace(revision, changes=(unproven,))
        first = replace(first, ticket=replace(first.ticket, revision=changed))

        approved = render_as_approved((first, *others), store.validations.checked(SESSION_KEY))

        assert [r.ticket.is_ready for r in approved] == [False, True, True, True, True]
