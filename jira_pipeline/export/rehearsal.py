"""Rehearsing an export: its steps, into a project of the embedded sandbox that is made for it.

Belongs here: what differs from an export. Does not: the steps (`creation`,
`attachments`, `links`), what an export brings together (`exporting`).

Nothing of the session changes: neither where it is, nor its marks, nor its issues. What was sent is
in the ledger under a target of its own, so that no export takes it for done.
"""

from collections.abc import Mapping
from dataclasses import replace
from itertools import count

from typing_extensions import override

from jira_pipeline.errors import GateError, GateRule, WrongUseError
from jira_pipeline.export.attachments import attach_files
from jira_pipeline.export.creation import create_issues
from jira_pipeline.export.exporting import opened_export
from jira_pipeline.export.facts import ExportFacts
from jira_pipeline.export.gate import check_gate
from jira_pipeline.export.left_in_jira import required_results, results
from jira_pipeline.export.links import link_issues
from jira_pipeline.export.results import ExportResults
from jira_pipeline.export.trackers import open_sandbox
from jira_pipeline.ports.export import ComparisonStore, FiledComparison
from jira_pipeline.ports.sessions import SessionStore
from jira_pipeline.session.runs import ObservedSessions
from jira_pipeline.settings import SANDBOX

KEY_CHARACTERS_MAX = 10
"""Of a project key. Source: Jira Cloud, default of the site's project key limit."""


def refuse_rehearsal(session: ExportFacts) -> None:
    """Stop where a rehearsal would be refused.

    Raises:
        WrongUseError: The sandbox is the target: an export is the rehearsal.
        GateError: A person must act first. What the session would approve by itself is not ready
            yet: a rehearsal marks nothing.
    """
    if session.settings.is_sandbox:
        raise WrongUseError(
            "No Jira is configured: an export goes to the sandbox, and is the rehearsal.",
            recovery_actions=("Export it.",),
        )
    check_gate(
        session.stored,
        checked=session.store.validations.checked(session.key),
        rendered=session.judged,
        vanished=session.vanished,
    )


def rehearse(session: ExportFacts, *, run_id: str | None = None) -> ExportResults:
    """Export a session into a new project of the sandbox, and return what came of it.

    Raises:
        WrongUseError: The sandbox is the target.
        GateError: A person must act first.
        UpstreamError: The sandbox refuses a ticket, as Jira would.
    """
    refuse_rehearsal(session)
    project_key = _new_project_key(session)
    inside = _in_sandbox(session, project_key=project_key)
    with open_sandbox(inside.settings) as sandbox:
        sandbox.ensure_project(project_key, name=f"Rehearsal of {session.key}")
    with opened_export(inside, run_id=run_id) as (its_tools, its_order):
        sessions = _UnmovedSessions(its_tools.sessions)
        tools = replace(
            its_tools,
            sessions=sessions,
            comparisons=_NothingFiled(),
            is_cancelled=lambda: False,
        )
        order = replace(its_order, destination=None, create_delay_seconds=0.0)
        create_issues(tools, order)
        attach_files(tools, order)
        link_issues(tools, order)
    return _alone(required_results(_in_sandbox(session.again(), project_key=project_key)))


def last_rehearsal(session: ExportFacts) -> ExportResults | None:
    """Return what the last rehearsal of a session left; None where there was none."""
    if session.settings.is_sandbox:
        return None
    exported = session.exported_targets
    for target in reversed(session.store.ledger.targets_of(session.key)):
        if target.is_sandbox and target not in exported:
            found = results(_in_sandbox(session, project_key=target.project_key))
            return None if found is None else _alone(found)
    return None


def required_rehearsal(session: ExportFacts) -> ExportResults:
    """Return what the last rehearsal of a session left.

    Raises:
        GateError: There was none.
    """
    found = last_rehearsal(session)
    if found is None:
        raise GateError(
            f"No export of session {session.key} was rehearsed.",
            rule=GateRule.NOT_EXPORTED,
            recovery_actions=("Rehearse it, where a Jira is configured.",),
        )
    return found


def _alone(found: ExportResults) -> ExportResults:
    """Leave out the targets of exports: a rehearsal is none of them."""
    return replace(found, shares=())


class _UnmovedSessions(ObservedSessions):
    """The session store for a rehearsal: where the session is stays as it is."""

    def __init__(self, sessions: SessionStore) -> None:
        """Read from this store."""
        super().__init__(sessions, lambda _: None)
        self.set_stage = _store_nothing

    @override
    def set_progress(self, *_: object, **__: object) -> None:
        """Store nothing."""


class _NothingFiled(ComparisonStore):
    """The comparisons for a rehearsal: the one of the session's own target stays."""

    @override
    def record(self, comparison: FiledComparison) -> None:
        """Store nothing."""

    @override
    def latest(self, session_key: str, *, target_id: str) -> FiledComparison | None:
        """There is none of a project that is new."""
        return None

    @override
    def open_counts(self) -> Mapping[tuple[str, str], int]:
        """Count nothing."""
        return {}


def _store_nothing(*_: object, **__: object) -> None:
    pass


def _in_sandbox(session: ExportFacts, *, project_key: str) -> ExportFacts:
    """Return the session as it would be without a Jira in the settings, and with this project."""
    settings = session.settings.model_copy(update={"jira_base_url": SANDBOX})
    manifest = replace(session.stored.manifest, jira_project_key=project_key)
    return replace(
        session,
        pipeline=replace(session.pipeline, settings=settings),
        stored=replace(session.stored, manifest=manifest),
        elsewhere=None,
    )


def _new_project_key(session: ExportFacts) -> str:
    """Return a key like that of the project, which no project of the sandbox had yet."""
    known = {target.project_key for target in session.store.ledger.targets() if target.is_sandbox}
    endings = (f"R{number}" for number in count(1))
    keys = (session.project_key[: KEY_CHARACTERS_MAX - len(end)] + end for end in endings)
    return next(key for key in keys if key not in known)
