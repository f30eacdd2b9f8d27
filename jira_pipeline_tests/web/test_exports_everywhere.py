"""One verb of the export, up to three ways to ask for it: the same issues, ledger, entries, session."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from jira_pipeline.model.people import Role
from jira_pipeline.model.sessions import SessionStatus
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import issue_of, run, run_json
from jira_pipeline_tests.cli.test_carrying_on import full_site
from jira_pipeline_tests.cli.test_taking_back import change_site, keys_on_site
from jira_pipeline_tests.contracts.stored_values import a_fix
from jira_pipeline_tests.defs.test_session_jobs import run_job
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.web.browsers import opened_web, signed_in

pytestmark = pytest.mark.small_site
Fields = Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Verb:
    """How each surface words one verb; what a surface does not have is None."""

    project: str
    command: Sequence[str]
    form: tuple[str, Fields]
    job: tuple[str, Mapping[str, Fields]] | None = None
    role: Role = Role.EXPORTER
    key: str = SESSION
    before: Callable[[Path], None] | None = None
    """What leads up to it."""
    actions: Sequence[str] = field(default_factory=list)
    """Of its entries in the audit trail, but for where the session is."""


def marked_ready(_project: Path) -> None:
    run_json("tickets", "ready", SESSION, "--all")


def broken_off(project: Path) -> None:
    marked_ready(project)
    run("export", SESSION, "--plan")
    with full_site(project):
        assert run("export", SESSION).exit_code == 1


def at_work(project: Path) -> None:
    run("export", SESSION, "--plan")
    with projects.opened(project) as pipeline:
        projects.show_run(pipeline, SessionStatus.RUNNING, run_id="r1")


def without_an_issue(project: Path) -> None:
    change_site(project, "DELETE FROM issue WHERE key = ?", issue_of(3, SESSION))


def with_a_fix(project: Path) -> None:
    with projects.opened(project) as pipeline:
        (target,) = pipeline.store.ledger.targets_of(SESSION)
        ticket_id = pipeline.store.tickets.get(SESSION, 3).ticket_id
        fix = a_fix(session_key=SESSION, target_id=target.target_id, ticket_id=ticket_id)
        assert pipeline.store.manual_fixes.record(fix).fix_id == 1


def beside_another_session(project: Path) -> None:
    sheets = projects.copy_small_sheets(project / "second")
    projects.upload(project, sheets, session_key="second")
    projects.run_once(project, "generate_tickets", session_key="second")
    run_json("tickets", "ready", "second", "--all")


VERBS = {
    "export": Verb(
        project="reviewed_project",
        before=marked_ready,
        command=["export", SESSION, "--yes"],
        form=("export", {}),
        job=("export_to_jira", {}),
        actions=["export_started"],
    ),
    "export as new": Verb(
        project="exported_project",
        key="second",
        before=beside_another_session,
        command=["export", "second", "--yes", "--as-new"],
        form=("export", {"as_new": "1"}),
        job=("export_to_jira", {"jira_issues": {"as_new": True}}),
        actions=["as_new_answered", "export_started"],
    ),
    "resume": Verb(
        project="reviewed_project",
        before=broken_off,
        command=["resume", SESSION],
        form=("export/resume", {}),
        actions=["export_retried", "export_started"],
    ),
    "cancel": Verb(
        project="reviewed_project",
        before=at_work,
        command=["cancel", SESSION],
        form=("stop", {}),
        role=Role.REVIEWER,
        actions=["cancel_requested"],
    ),
    "settle": Verb(
        project="exported_project",
        before=without_an_issue,
        command=["settle", SESSION],
        form=("results/settle", {}),
        job=("session_action", {"act": {"action": {"settle": {}}}}),
    ),
    "create again": Verb(
        project="exported_project",
        before=without_an_issue,
        command=["settle", SESSION, "--create-again", "3"],
        form=("results/decide", {"decision": "create_again", "ticket": "3"}),
        job=(
            "session_action",
            {"act": {"action": {"decide": {"decision": "create_again", "tickets": ["3"]}}}},
        ),
        actions=["differences_decided"],
    ),
    "forget": Verb(
        project="exported_project",
        before=without_an_issue,
        command=["settle", SESSION, "--forget", "all"],
        form=("results/decide", {"decision": "forget"}),
        job=(
            "session_action",
            {"act": {"action": {"decide": {"decision": "forget", "all": True}}}},
        ),
        actions=["tickets_skipped", "differences_decided"],
    ),
    "undo": Verb(
        project="exported_project",
        command=["undo", SESSION, "--yes"],
        form=("results/undo", {"sure": "1"}),
        job=("session_action", {"act": {"action": {"undo": {"delete": True}}}}),
        actions=["tickets_unmarked_ready", "issues_deleted"],
    ),
    "fix done": Verb(
        project="exported_project",
        before=with_a_fix,
        command=["fixes", SESSION, "--done", "1"],
        form=("results/fixes", {"fix_id": "1"}),
        role=Role.REVIEWER,
        actions=["fix_state_set"],
    ),
}
LESS = {Role.EXPORTER: Role.REVIEWER, Role.REVIEWER: Role.READER}


def by_command(_project: Path, verb: Verb) -> None:
    answer = run(*verb.command)
    assert answer.exit_code in {0, 3}, answer.words  # 3: a person has to decide


def by_form(project: Path, verb: Verb) -> None:
    path, fields = verb.form
    with opened_web(project) as web:
        address, data = f"/sessions/{verb.key}/{path}", dict(fields)
        refused = signed_in(web, LESS[verb.role]).post(address, data=data)
        answer = signed_in(web, verb.role).post(address, data=data, follow_redirects=True)
    assert refused.status_code == 403
    assert answer.status_code == 200
    assert "notice error" not in answer.text


def by_job(project: Path, verb: Verb) -> None:
    assert verb.job is not None
    name, ops = verb.job
    with dg.DagsterInstance.ephemeral() as instance:
        result = run_job(instance, project, name, ops=ops, session_key=verb.key)
    assert result.success


@pytest.mark.parametrize("name", VERBS)
def test_a_verb_of_the_export_is_the_same_whoever_words_it(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    verb, found = VERBS[name], {}
    prepared = projects.adopt(
        projects.prepared(request, verb.project), tmp_path / "prepared", monkeypatch
    )
    if verb.before is not None:
        verb.before(prepared)
    for do in (by_command, by_form, *([by_job] if verb.job else ())):
        project = projects.adopt(prepared, tmp_path / do.__name__, monkeypatch)
        found[do] = outcome_of(project, lambda: do(project, verb), key=verb.key)  # noqa: B023

    first, *others = found.values()
    assert [action for action, _ in first.entries if action != "stage_set"] == verb.actions
    for other in others:
        assert other == first


@dataclass(frozen=True, kw_only=True)
class Outcome:
    issues: Sequence[str]
    entries: Sequence[tuple[str, Mapping[str, Any]]]
    """Of the audit trail, without the ids of runs."""
    events: Sequence[str]
    ledger: Sequence[tuple[object, ...]]
    session: tuple[object, ...]
    is_cancel_requested: bool


def outcome_of(project: Path, do: Callable[[], None], *, key: str) -> Outcome:
    with projects.opened(project) as pipeline:
        store, last = pipeline.store, pipeline.store.audit.newest(key)
        for event in store.outbox.pending(key):
            store.outbox.mark_reported(event)
    do()
    with projects.opened(project) as pipeline:
        store = pipeline.store
        stored = store.sessions.get(key)
        return Outcome(
            issues=keys_on_site(project),
            entries=[
                (entry.action, {n: v for n, v in entry.details.items() if n != "run_id"})
                for entry in store.audit.entries(key)
                if entry.sequence > last
            ],
            events=[event.action for event in store.outbox.pending(key)],
            ledger=[
                (entry.ticket_id, entry.subject, entry.event, entry.remote_key)
                for target in store.ledger.targets_of(key)
                for entry in store.ledger.entries(target_id=target.target_id, session_key=key)
            ],
            session=(stored.stage, stored.status, stored.manifest.auto_approve),
            is_cancel_requested=store.sessions.is_cancel_requested(key),
        )
