"""A store that an older version filled: everything in it is read, verified and exported today."""

from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from jira_pipeline.errors import GateError
from jira_pipeline.export import exporting
from jira_pipeline.export.attachments import attach_files
from jira_pipeline.export.creation import create_issues
from jira_pipeline.export.links import link_issues
from jira_pipeline.flow.open_session import OpenSession, open_session
from jira_pipeline.kernel.export_ledger import LedgerEvent
from jira_pipeline.kernel.tickets import RevisionOrigin, Withdrawal
from jira_pipeline.review import validating
from jira_pipeline.review.decisions import mark_ready
from jira_pipeline.session.pipeline import Pipeline
from jira_pipeline_tests import projects
from jira_pipeline_tests.contracts.open_stores import empty_database
from jira_pipeline_tests.end_to_end.reading_back import read_issues, read_links
from jira_pipeline_tests.store import old_store
from jira_pipeline_tests.store.old_store import ALPHA, BETA, INSTALLATION, TARGET, WITHDRAWN

KEY = "site"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def upgraded(
    request: pytest.FixtureRequest,
    empty_project: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Pipeline]:
    """The pipeline of a project whose store is of before 0.2.0, opened by today's code."""
    project = projects.adopt(empty_project, tmp_path / "project", monkeypatch)
    home = project / ".jira_pipeline"
    for path in home.glob("store.sqlite*"):
        path.unlink()
    in_file = nullcontext(f"sqlite:///{home / 'store.sqlite'}")
    with in_file if request.param == "sqlite" else empty_database() as url:
        monkeypatch.setenv("JIRA_PIPELINE_DATABASE_URL", url)
        old_store.make_old_store(url, uploads_path=home / "uploads")
        with projects.opened(project) as pipeline:
            yield pipeline


def test_an_older_store_is_read_as_it_was_and_its_session_goes_on(
    upgraded: Pipeline, tmp_path: Path
) -> None:
    _everything_is_read_as_it_was(upgraded)
    _its_audit_trail_is_whole_and_goes_on(upgraded)
    _what_was_withdrawn_then_is_agreed_and_can_be_taken_back(upgraded)
    _its_session_is_validated_reviewed_and_exported(upgraded, tmp_path)


def _everything_is_read_as_it_was(upgraded: Pipeline) -> None:
    store = upgraded.store
    session = store.sessions.get(KEY)
    alpha, beta = store.tickets.list_all(KEY)
    entries = store.ledger.entries(target_id=TARGET, session_key=KEY)
    validation = store.validations.latest(KEY)

    assert (session.site_name, session.stage.value, session.writer) == (
        "Old site",
        "review",
        "template",
    )
    assert [f.name for f in store.sessions.files(KEY)] == [*old_store.SHEETS]
    assert [f.value for f in store.sessions.findings(KEY)] == ["field_size"]
    assert (alpha.ticket_id, alpha.number, alpha.ready_hash) == (ALPHA, 1, old_store.READY_HASH)
    assert (beta.ticket_id, beta.depends_on, beta.labels) == (BETA, (ALPHA,), ("x",))
    assert (beta.revision.origin, beta.revision.parts.analysis) == (
        RevisionOrigin.EDITED,
        "<p>By hand.</p>",
    )
    assert [r.number for r in store.tickets.revisions(BETA)] == [1, 2]
    assert [(a.answer, a.answered_by) for a in alpha.answers] == [("Forty.", "ab")]
    assert (beta.revision.facts_hash, beta.revision.suggestions) == (None, ())
    assert validation is not None
    assert [(r.ticket_id, r.revision) for r in validation.results] == [(ALPHA, 1), (BETA, 2)]
    assert [(e.event, e.remote_key) for e in entries] == [
        (LedgerEvent.INTENT, None),
        (LedgerEvent.RECEIPT, "OLD-8"),
    ]
    assert store.ledger.installation_id() == INSTALLATION
    assert [f.original_value for f in store.manual_fixes.list_all(KEY)] == ["Sprint 9"]
    assert [s.seconds for s in store.export_runs.steps(KEY, target_id=TARGET)] == [1.5]
    assert store.export_runs.retry_count(KEY) == 2
    assert [e.message for e in store.errors.list_all(KEY)] == ["1 ticket waits for review."]
    assert store.export_requests.waiting() == ()
    assert store.writing.spending(KEY).requests == 0


def _its_audit_trail_is_whole_and_goes_on(upgraded: Pipeline) -> None:
    store, now = upgraded.store, upgraded.clock.now()
    store.tickets.skip(KEY, [BETA], reason="Later.", by="ab", at=now)

    verification = store.audit.verify()

    assert verification.is_whole, verification.faults
    assert [entry.action for entry in store.audit.entries(KEY)] == [
        "session_registered",
        "tickets_generated",
        "ticket_edited",
        "tickets_skipped",
    ]
    store.tickets.unskip(KEY, [BETA], by="ab", at=now)


def _what_was_withdrawn_then_is_agreed_and_can_be_taken_back(upgraded: Pipeline) -> None:
    store = upgraded.store

    vanished = store.tickets.list_vanished(KEY)

    assert [(t.ticket_id, t.number, t.withdrawal, t.withdrawn_by) for t in vanished] == [
        (WITHDRAWN[0], 3, Withdrawal.AGREED, None),
        (WITHDRAWN[1], 4, Withdrawal.AGREED, None),
    ]
    now = upgraded.clock.now()
    assert store.tickets.unwithdraw(KEY, [WITHDRAWN[1]], by="ab", at=now) == 1
    assert store.tickets.withdraw(KEY, [WITHDRAWN[1]], reason="", by="ab", at=now) == 1


def _its_session_is_validated_reviewed_and_exported(upgraded: Pipeline, tmp_path: Path) -> None:
    """Its marks are of what an older version rendered; its issue elsewhere is of another target."""
    store, session = upgraded.store, upgraded.store.sessions.get(KEY)
    with pytest.raises(GateError, match="Re-validation required"):
        _export(upgraded)
    validating.validate(OpenSession(pipeline=upgraded, stored=session), run_id=None)
    mark_ready(open_session(upgraded, KEY), by="ab")

    _export(upgraded)

    sandbox_path = upgraded.settings.sandbox_path
    assert sandbox_path.is_relative_to(tmp_path)
    assert {issue.summary for issue in read_issues(sandbox_path)} == {
        t.title for t in store.tickets.list_all(KEY)
    }
    assert Counter(link[0] for link in read_links(sandbox_path))["Blocks"] == 1
    assert len(store.ledger.targets_of(KEY)) == 2
    assert store.audit.verify().is_whole


def _export(pipeline: Pipeline) -> None:
    session = pipeline.store.sessions.get(KEY)
    with exporting.opened_export(OpenSession(pipeline=pipeline, stored=session), run_id=None) as (
        tools,
        order,
    ):
        create_issues(tools, replace(order, as_new_by="ab"))  # it has an issue elsewhere
        attach_files(tools, order)
        link_issues(tools, order)
