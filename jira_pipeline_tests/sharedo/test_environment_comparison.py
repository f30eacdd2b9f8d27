"""Two environments of the sandbox, exported and compared."""

import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.sharedo_jobs import ExportParameters, ExportType
from jira_pipeline.sharedo.comparison import Comparison
from jira_pipeline.sharedo.errors import ExportNotCreatedError
from jira_pipeline.sharedo.export_jobs import (
    compare_environments,
    open_sharedo_sandbox,
    package_file_name,
)
from jira_pipeline.sharedo.jobs.tools import ExportEvent, Listener
from jira_pipeline.tickets.grouping.component_rows import Outcome

TRIBUNAL = ("worktype", "employment-tribunal")
LAST = "sharedo-type:employment-tribunal"
"""What `development` has and `test` does not."""


def compared(
    pipeline: Pipeline,
    *items: tuple[str, str],
    deep: bool = False,
    listener: Listener = lambda _event: None,
) -> Comparison:
    return compare_environments(
        pipeline,
        "development",
        "test",
        items,
        includes_dependencies=deep,
        listener=listener,
    ).comparison


def test_only_what_an_environment_says_it_lacks_is_to_be_created(pipeline: Pipeline) -> None:
    """24 components are reached in `development`; `test` has 23 of them, and uses none for this.

    Each has one client for all of it: another one would have a limit of requests of its own.
    """
    comparison = compared(pipeline, TRIBUNAL, deep=True)

    assert [c.key for c in comparison.with_outcome(Outcome.ADDED)] == [LAST]
    assert comparison.counts[Outcome.REMOVED] == comparison.counts[Outcome.NOT_COMPARED] == 0
    assert len(comparison.components) == 24
    assert len(open_sharedo_sandbox(pipeline.settings).state.tokens) == 2


def test_both_environments_are_exported_at_once(pipeline: Pipeline) -> None:
    events: list[ExportEvent] = []

    compared(pipeline, ("option-set", "outcome"), listener=events.append)

    first_end = next(n for n, event in enumerate(events) if event.kind == "complete")
    begun = {event.job.parameters.environment for event in events[:first_end]}
    assert begun == {"development", "test"}


def test_what_neither_side_has_is_an_error(pipeline: Pipeline) -> None:
    with pytest.raises(ExportNotCreatedError, match="never-heard-of"):
        compared(pipeline, ("worktype", "never-heard-of"))


def test_what_one_side_cannot_export_is_not_compared(pipeline: Pipeline) -> None:
    """Nothing is said to be added or removed; what else was exported is compared."""

    def cancel_outcome(event: ExportEvent) -> None:
        asked = event.job.parameters
        if (asked.environment, asked.system_name) == ("test", "outcome"):
            pipeline.store.sharedo_jobs.request_cancel(event.job.job_id, at=pipeline.clock.now())

    comparison = compared(
        pipeline, ("option-set", "outcome"), ("form", "intake"), deep=True, listener=cancel_outcome
    )

    assert comparison.counts[Outcome.ADDED] == comparison.counts[Outcome.REMOVED] == 0
    (lost,) = comparison.with_outcome(Outcome.NOT_COMPARED)
    assert lost.key == "option-set:outcome"
    assert "was cancelled" in lost.reason
    assert any("was cancelled" in warning for warning in comparison.warnings)
    assert comparison.counts[Outcome.UNCHANGED] >= 1


def test_packages_whose_names_are_written_alike_keep_files_of_their_own() -> None:
    names: list[str] = []
    for system_name in ("Case file", "case-file", "Case  file", "case file"):
        exported = ExportParameters(
            environment="test",
            export_type=ExportType.WORKTYPE,
            provider="worktype",
            system_name=system_name,
        )
        names.append(package_file_name("test", exported, taken=names))

    assert len(set(names)) == len(names)
