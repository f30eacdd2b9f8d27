"""One decision, three ways to take it: the same outcome, audit entry, event and review page."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from jira_pipeline.domain.people import Role
from jira_pipeline.sessions.open_session import REVIEW_PAGE, open_session
from jira_pipeline.web.context import Web
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run_json
from jira_pipeline_tests.web.browsers import opened_web, signed_in

KEY = "museum"
API, PAGES = f"/api/sessions/{KEY}/tickets", f"/sessions/{KEY}/tickets"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """How each surface words one decision."""

    command: Sequence[str]
    request: tuple[str, str, Mapping[str, object] | None]
    form: tuple[str, Mapping[str, str]] | None
    before: Sequence[str] = ()
    """A command that leads up to it."""
    action: str = ""
    """Of its entry in the audit trail; none where nothing is entered."""
    is_shown: bool = True
    """The review page shows it at once: it changes no text."""
    headers: Mapping[str, str] = field(default_factory=dict)


DECISIONS = {
    "ready": Decision(
        command=["ready", KEY, "3"],
        request=("POST", "ready", {"numbers": [3]}),
        form=("", {"do": "ready", "number": "3"}),
        action="tickets_marked_ready",
    ),
    "unready": Decision(
        before=["ready", KEY, "3"],
        command=["unready", KEY, "3"],
        request=("POST", "unready", {"numbers": [3]}),
        form=("", {"do": "unready", "number": "3"}),
        action="tickets_unmarked_ready",
    ),
    "skip": Decision(
        command=["skip", KEY, "3", "--reason", "Built already"],
        request=("POST", "skip", {"numbers": [3], "reason": "Built already"}),
        form=("", {"do": "skip", "number": "3", "reason": "Built already"}),
        action="tickets_skipped",
    ),
    "unskip": Decision(
        before=["skip", KEY, "3", "--reason", "Built already"],
        command=["unskip", KEY, "3"],
        request=("POST", "unskip", {"numbers": [3]}),
        form=("", {"do": "unskip", "number": "3"}),
        action="tickets_unskipped",
    ),
    "assign": Decision(
        command=["assign", KEY, "3", "--sprint", "SBX Sprint 2"],
        request=("POST", "assign", {"numbers": [3], "sprint": "SBX Sprint 2"}),
        form=("", {"do": "assign", "number": "3", "sprint": "SBX Sprint 2"}),
        action="fields_assigned",
        is_shown=False,
    ),
    "order": Decision(
        command=["order", KEY, "20", "19"],
        request=("POST", "order", {"numbers": [20, 19]}),
        form=("", {"do": "move:20:-1"}),
        action="tickets_reordered",
    ),
    "depend": Decision(
        command=["depend", KEY, "24", "1"],
        request=("POST", "24/dependencies", {"on": [1]}),
        form=("24/depend", {"on": "1"}),
        action="dependency_added",
        is_shown=False,
    ),
    "edit": Decision(
        command=["edit", KEY, "3", "--title", "Set up the workflow"],
        request=("PATCH", "3", {"title": "Set up the workflow"}),
        form=None,  # a page keeps drafts, which become a revision
        action="ticket_edited",
        is_shown=False,
        headers={"If-Match": "*"},
    ),
    "rollback": Decision(
        before=["edit", KEY, "3", "--title", "Set up the workflow"],
        command=["rollback", KEY, "3", "--to", "1"],
        request=("POST", "3/rollback", {"to": 1}),
        form=("3/roll-back", {"to": "1", "revision": "2"}),
        action="ticket_rolled_back",
        is_shown=False,
        headers={"If-Match": "*"},
    ),
}
E = None


def by_command(_web: Web, decision: Decision) -> None:
    run_json("tickets", *decision.command)


def by_request(web: Web, decision: Decision) -> None:
    method, path, body = decision.request
    with signed_in(web, Role.REVIEWER) as client:
        answer = client.request(method, f"{API}/{path}", json=body, headers=dict(decision.headers))
        assert answer.status_code == 200, answer.text


def by_form(web: Web, decision: Decision) -> None:
    assert decision.form is not None
    path, fields = decision.form
    number = path.partition("/")[0]
    if number:
        fields = {
            **fields,
            "ticket_id": open_session(web.pipeline, KEY).ticket(int(number)).ticket_id,
        }
    with signed_in(web, Role.REVIEWER) as client:
        answer = client.post(f"{PAGES}/{path}".rstrip("/"), data=fields)
        assert answer.status_code == 303, answer.text


@pytest.mark.parametrize("name", DECISIONS)
def test_a_decision_is_the_same_wherever_it_is_taken(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    decision, found = DECISIONS[name], {}
    ways = (by_command, by_request, by_form) if decision.form else (by_command, by_request)
    for take in ways:
        prepared = projects.prepared(request, "reviewed_project")
        project = projects.adopt(prepared, tmp_path / take.__name__, monkeypatch)
        with opened_web(project) as web:
            if decision.before:
                run_json("tickets", *decision.before)
            found[take] = outcome_of(web, lambda: take(web, decision))  # noqa: B023

    first, *others = found.values()
    assert [entry["action"] for entry in first.entries] == [decision.action]
    assert first.is_page_renewed == decision.is_shown
    assert all(other == first for other in others)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a decision leaves."""

    entries: Sequence[Mapping[str, Any]]
    events: Sequence[str]
    is_page_renewed: bool


def outcome_of(web: Web, decide: Callable[[], None]) -> Outcome:
    """Take a decision and see what it left."""
    store = web.pipeline.store
    page = open_session(web.pipeline, KEY).page_path(REVIEW_PAGE)
    os.utime(page, (0, 0))
    last = store.audit.newest(KEY)
    for event in store.outbox.pending(KEY):
        store.outbox.mark_reported(event)
    decide()
    return Outcome(
        entries=[
            {"action": entry.action, "details": entry.details}
            for entry in store.audit.entries(KEY)
            if entry.sequence > last
        ],
        events=[event.action for event in store.outbox.pending(KEY)],
        is_page_renewed=page.stat().st_mtime > 0,
    )
