"""Which of the targets of a session the settings mean, and what it shows of the others."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.settings import load_settings
from jira_pipeline.context.states import Step
from jira_pipeline.export.work_history import record_of
from jira_pipeline.model.differences import Difference, FiledComparison, IssueDifference
from jira_pipeline.model.errors import PipelineError, RunDiedError, UnavailableError
from jira_pipeline.model.export_steps import MeasuredStep
from jira_pipeline.model.exports import Destination, LedgerEvent, LedgerSubject, Target
from jira_pipeline.model.sessions import WRITING_PERCENTAGE_MAX, SessionStage, SessionStatus
from jira_pipeline.review.open_session import open_session
from jira_pipeline.sessions.composition import open_pipeline
from jira_pipeline.sessions.listing import list_sessions
from jira_pipeline.sessions.status import status, what_is_next
from jira_pipeline_tests.contracts.stored_values import (
    START,
    a_draft,
    a_target,
    after,
    an_entry,
    an_upload,
)

SANDBOX = a_target("sandbox/10000", site_id="sandbox", base_url="http://127.0.0.1:8765")
CLOUD_ID = "11111111-2222-3333-4444-555555555555"
ACME_URL = "https://acme.atlassian.net"
ACME = a_target(f"{CLOUD_ID}/1", site_id=CLOUD_ID, base_url=ACME_URL, is_sandbox=False)
GATEWAY_URL = f"https://api.atlassian.com/ex/jira/{CLOUD_ID}"
OTHER_URL = "https://other.example"
OTHER = a_target("other/1", site_id="other", base_url=OTHER_URL, is_sandbox=False)
ALIAS_URL = "https://jira.acme.example"
RUN = "run-1"


@contextmanager
def opened(folder: Path, *, base_url: str, project_key: str = "SITE") -> Iterator[Pipeline]:
    (folder / ".env").write_text(
        f"JIRA_BASE_URL={base_url}\nJIRA_PROJECT_KEY={project_key}\n", encoding="utf-8"
    )
    pipeline = open_pipeline(load_settings(folder))
    with pipeline.store:
        yield pipeline


def export_to(pipeline: Pipeline, target: Target, *, address: str | None, count: int = 1) -> None:
    """Put into the ledger what an export leaves there; without an address, what no settings mean."""
    named = None
    if address is not None:
        named = Destination(address=address, project_key=target.project_key)
    ledger = pipeline.store.ledger
    ledger.record_target(target, at=START, destination=named)
    for of in range(1, count + 1):
        for event in (LedgerEvent.INTENT, LedgerEvent.RECEIPT):
            ledger.append(
                an_entry(
                    event,
                    target_id=target.target_id,
                    ticket_id=f"t{of:02}",
                    identity=f"{target.target_id} {of}",
                )
            )


@pytest.mark.parametrize(
    ("base_url", "project_key", "used", "expected"),
    [
        pytest.param("", "SITE", ((SANDBOX, ""), (ACME, ACME_URL)), SANDBOX, id="the sandbox"),
        pytest.param(ACME_URL, "SITE", ((SANDBOX, ""), (ACME, ACME_URL)), ACME, id="its address"),
        pytest.param(ALIAS_URL, "SITE", ((ACME, ALIAS_URL),), ACME, id="another address of it"),
        pytest.param(ALIAS_URL, "SITE", ((ACME, ACME_URL),), None, id="maybe another site"),
        pytest.param(GATEWAY_URL, "SITE", ((ACME, ACME_URL),), ACME, id="through the gateway"),
        pytest.param(ACME_URL, "SITE", ((ACME, GATEWAY_URL),), ACME, id="no more through it"),
        pytest.param(ACME_URL, "WEB", ((ACME, ACME_URL),), None, id="another project"),
        pytest.param(ACME_URL, "SITE", ((SANDBOX, None),), None, id="of no settings"),
        pytest.param(ACME_URL, "SITE", (), None, id="never exported"),
    ],
)
def test_the_current_target_is_the_one_the_settings_mean(
    tmp_path: Path,
    base_url: str,
    project_key: str,
    used: tuple[tuple[Target, str | None], ...],
    expected: Target | None,
) -> None:
    with opened(tmp_path, base_url=base_url, project_key=project_key) as pipeline:
        pipeline.store.sessions.register(an_upload(), at=START, actor="test")
        for target, address in used:
            export_to(pipeline, target, address=address)

        session = open_session(pipeline, "site")

        assert session.target == expected
        assert session.exported_targets == tuple(one for one, named in used if named is not None)


@pytest.fixture
def at_other(tmp_path: Path) -> Iterator[Pipeline]:
    """A session of three tickets, two of which were exported to one site, while another is set."""
    with opened(tmp_path, base_url=OTHER_URL) as pipeline:
        store = pipeline.store
        upload = an_upload()
        store.sessions.register(upload, at=START, actor="test")
        store.tickets.save_generated("site", [a_draft(of) for of in (1, 2, 3)], at=START)
        store.sessions.mark_generated("site", from_sha256=upload.content_sha256, at=START)
        export_to(pipeline, ACME, address=ACME_URL, count=2)
        yield pipeline


def end_run(
    pipeline: Pipeline,
    status_then: SessionStatus,
    *,
    stage: SessionStage = SessionStage.JIRA_EXPORT,
    error: PipelineError | None = None,
) -> None:
    running = SessionStage.JIRA_EXPORT, SessionStatus.RUNNING
    for one, how in (running, (stage, status_then)):
        pipeline.store.sessions.set_stage("site", stage=one, status=how, at=after(1), run_id=RUN)
    if error is not None:
        pipeline.store.errors.record(
            error, session_key="site", stage="jira_export", at=after(1), run_id=RUN
        )


def shown(pipeline: Pipeline) -> tuple[SessionStage, SessionStatus, str | None]:
    report = status(open_session(pipeline, "site"))
    (listed,) = list_sessions(pipeline)
    assert (listed.session.stage, listed.session.status) == (
        report.session.stage,
        report.session.status,
    )
    return report.session.stage, report.session.status, report.error.code if report.error else None


def test_a_session_shows_how_far_it_is_on_each_site_by_name(at_other: Pipeline) -> None:
    end_run(at_other, SessionStatus.COMPLETED, stage=SessionStage.COMPLETED)

    report = status(open_session(at_other, "site"))

    assert [share.summary for share in report.shares] == [
        f"{OTHER_URL}, project SITE: 0 of 3",
        f"{ACME_URL}, project SITE: 2 of 3",
    ]
    assert [share.is_current for share in report.shares] == [True, False]
    assert report.target == f"{OTHER_URL}, project SITE"
    assert report.situation.exported_count == 0
    assert report.progress_percentage == WRITING_PERCENTAGE_MAX


def record_gone(pipeline: Pipeline, target: Target) -> None:
    """Store that Jira did not show the issue of ticket 2 when it was asked."""
    gone = IssueDifference(kind=Difference.GONE, ticket_id="t02", issue_id="10007", key="SITE-8")
    pipeline.store.comparisons.record(
        FiledComparison(
            session_key="site",
            target_id=target.target_id,
            compared_at=after(1),
            confirmed=1,
            differences=(gone,),
        )
    )


def test_an_issue_that_jira_did_not_show_counts_on_no_site(tmp_path: Path) -> None:
    """The site had 83 issues, the session 78, in the same answer."""
    with opened(tmp_path, base_url=ACME_URL) as pipeline:
        pipeline.store.sessions.register(an_upload(), at=START, actor="test")
        pipeline.store.tickets.save_generated("site", [a_draft(1), a_draft(2)], at=START)
        export_to(pipeline, ACME, address=ACME_URL, count=2)
        record_gone(pipeline, ACME)

        report = status(open_session(pipeline, "site"))
        (listed,) = list_sessions(pipeline)

        assert [share.exported_count for share in report.shares] == [1]
        assert report.situation.exported_count == 1
        assert listed.needs.what == "decide"


def test_what_is_to_decide_on_another_site_is_in_no_list_here(at_other: Pipeline) -> None:
    record_gone(at_other, ACME)

    (listed,) = list_sessions(at_other)

    assert listed.needs.what != "decide"
    assert not status(open_session(at_other, "site")).situation.to_decide


DIED = RunDiedError(session_key="site", run_id=RUN, reason="killed.", recovery_actions=("Look.",))


@pytest.mark.parametrize(
    ("status_then", "error", "is_measured", "expected"),
    [
        (SessionStatus.COMPLETED, None, True, (SessionStatus.WAITING, None)),
        (SessionStatus.CANCELLED, None, True, (SessionStatus.WAITING, None)),
        (SessionStatus.FAILED, DIED, False, (SessionStatus.WAITING, None)),
        (SessionStatus.FAILED, UnavailableError("No."), True, (SessionStatus.WAITING, None)),
        (
            SessionStatus.FAILED,
            UnavailableError("No."),
            False,
            (SessionStatus.FAILED, UnavailableError.code),
        ),
    ],
    ids=["completed", "cancelled", "killed", "failed there", "failed before it was anywhere"],
)
def test_how_an_export_to_another_site_went_says_nothing_here(
    at_other: Pipeline,
    status_then: SessionStatus,
    error: PipelineError | None,
    *,
    is_measured: bool,
    expected: tuple[SessionStatus, str | None],
) -> None:
    """Status, lists and results showed a test site as completed while production was set."""
    stage = SessionStage.COMPLETED if status_then == "completed" else SessionStage.JIRA_EXPORT
    end_run(at_other, status_then, stage=stage, error=error)
    if is_measured:
        at_other.store.export_runs.record(
            MeasuredStep(
                session_key="site",
                target_id=ACME.target_id,
                step="create_issues",
                run_id=RUN,
                started_at=START,
                seconds=1.0,
                done_count=2,
                requests={},
            )
        )

    assert shown(at_other) == (SessionStage.REVIEW, *expected)
    assert record_of(open_session(at_other, "site")).started_at is None


@pytest.mark.parametrize(
    ("events", "status_then", "error", "there"),
    [
        pytest.param(
            (LedgerEvent.UNDO_BEGUN,),
            SessionStatus.FAILED,
            DIED,
            "2 of 3, an undo is unfinished",
            id="killed",
        ),
        pytest.param(
            (LedgerEvent.UNDO_BEGUN, LedgerEvent.UNDO_ENDED),
            SessionStatus.IDLE,
            None,
            "2 of 3",
            id="ended",
        ),
    ],
)
def test_how_an_undo_on_another_site_went_says_nothing_here(
    at_other: Pipeline,
    events: tuple[LedgerEvent, ...],
    status_then: SessionStatus,
    error: PipelineError | None,
    there: str,
) -> None:
    """Here it said “failed” and “Removing issue 3 of 81”; that one is open was said nowhere."""
    for event in events:
        at_other.store.ledger.append(
            an_entry(event, target_id=ACME.target_id, subject=LedgerSubject.UNDO, identity="undo")
        )
    end_run(at_other, status_then, stage=SessionStage.REVIEW, error=error)
    at_other.store.sessions.set_progress("site", percentage=9.0, text="Removing", at=after(2))

    assert shown(at_other) == (SessionStage.REVIEW, SessionStatus.WAITING, None)
    report = status(open_session(at_other, "site"))
    assert report.progress_text == ""
    assert report.shares[1].summary == f"{ACME_URL}, project SITE: {there}"


def test_what_is_at_work_is_at_work_wherever_it_goes(at_other: Pipeline) -> None:
    end_run(at_other, SessionStatus.RUNNING)

    assert shown(at_other) == (SessionStage.JIRA_EXPORT, SessionStatus.RUNNING, None)
    assert what_is_next(open_session(at_other, "site")).step is Step.WAIT


def test_the_stage_is_that_of_the_site_that_was_used_last(at_other: Pipeline) -> None:
    export_to(at_other, OTHER, address=OTHER_URL, count=3)
    end_run(at_other, SessionStatus.COMPLETED, stage=SessionStage.COMPLETED)

    session = open_session(at_other, "site")
    assert (session.stored.stage, session.elsewhere) == (SessionStage.COMPLETED, None)
