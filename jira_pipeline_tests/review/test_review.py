"""Ready marks: bound to what was validated, given by people or by a session that may."""

from dataclasses import replace

import pytest

from jira_pipeline.model.errors import GateError
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.sessions import SessionManifest
from jira_pipeline.model.tickets import Skipped
from jira_pipeline.review.ready_marks import (
    AUTO_APPROVAL,
    approve_automatically,
    mark_ready,
    may_approve_automatically,
    rendered_as_approved,
)
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.open_stores import open_in
from jira_pipeline_tests.contracts.stored_values import START, after
from jira_pipeline_tests.crash.export_world import SESSION_KEY, ExportWorld, render, validation_of


def rendered_in(store: Store) -> tuple[RenderedTicket, ...]:
    """The tickets of the session as they are now."""
    return tuple(render(ticket) for ticket in store.tickets.list_all(SESSION_KEY))


def unmark_all(store: Store) -> None:
    ids = [t.ticket_id for t in store.tickets.list_all(SESSION_KEY)]
    store.tickets.unmark_ready(SESSION_KEY, ids, by="a test", at=START)


def mark(store: Store, *numbers: int, rendered: tuple[RenderedTicket, ...] = ()) -> int:
    """Mark tickets by number; without any, all."""
    rendered = rendered or rendered_in(store)
    return mark_ready(
        store.sessions.get(SESSION_KEY),
        rendered,
        numbers=numbers or [one.ticket.number for one in rendered],
        tickets=store.tickets,
        validations=store.validations,
        by="ada",
        at=after(1),
    )


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


@pytest.mark.parametrize(
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
    world: ExportWorld, manifest: SessionManifest, *, is_sandbox: bool, is_allowed: bool
) -> None:
    with open_in(world.folder) as store:
        unmark_all(store)
        session = replace(store.sessions.get(SESSION_KEY), manifest=manifest)

        count = approve_automatically(
            session,
            rendered_in(store),
            is_sandbox=is_sandbox,
            tickets=store.tickets,
            validations=store.validations,
            at=after(1),
        )

        assert may_approve_automatically(session, is_sandbox=is_sandbox) is is_allowed
        assert count == (5 if is_allowed else 0)
        marked = [t.ready_by for t in store.tickets.list_all(SESSION_KEY) if t.is_ready]
        assert set(marked) == ({AUTO_APPROVAL} if is_allowed else set())


def test_auto_approval_passes_over_what_is_skipped_ready_or_not_valid(world: ExportWorld) -> None:
    with open_in(world.folder) as store:
        unmark_all(store)
        mark(store, 1)
        store.tickets.exclude(SESSION_KEY, ["t02"], Skipped, reason="Later.", by="a test", at=START)
        rendered = rendered_in(store)
        changed = replace(rendered[2], rendered_hash="b" * 64)
        manifest = SessionManifest(auto_approve=True)
        session = replace(store.sessions.get(SESSION_KEY), manifest=manifest)

        approved = rendered_as_approved(
            session,
            (*rendered[:2], changed, *rendered[3:]),
            is_sandbox=True,
            validations=store.validations,
        )

        assert [r.ticket.is_ready for r in approved] == [True, False, False, True, True]
        assert approved[0].ticket.ready_by == "ada"
        assert ready_numbers(store) == [1]
