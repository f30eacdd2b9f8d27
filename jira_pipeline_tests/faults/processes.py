"""Processes of a schedule: running one to its end, and how it ended.

Belongs here: what a process leaves for whoever started it. Does not: what processes are made of
(`fault_world`), starting them again (`running`, `verb_running`, `lives`).
"""

from collections.abc import Callable
from dataclasses import dataclass

from jira_pipeline.model.errors import GateError, GateRule, OrphanIssueError, PipelineError
from jira_pipeline_tests.crash.export_world import Crash
from jira_pipeline_tests.faults.fault_world import FaultWorld

RULES_FOR_PEOPLE = frozenset({GateRule.ISSUES_GONE})


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessReport:
    """How one process of a schedule ended."""

    error: PipelineError | None
    """None when it was done or crashed."""
    is_crashed: bool
    percentages: tuple[float, ...]
    """The percentages it told, in order."""
    is_rolled_back: bool
    """The ledger lost entries before it began."""
    is_decision: bool = False
    """A person decided about differences; an export follows."""


def run_in_process(
    world: FaultWorld, work: Callable[[], object], *, is_rolled_back: bool = False
) -> ProcessReport:
    """Do something in a process of its own, and say how that ended."""
    shown_before = len(world.percentages())
    error: PipelineError | None = None
    is_crashed = False
    try:
        work()
    except Crash:
        is_crashed = True
    except PipelineError as stopped:
        error = stopped
    return ProcessReport(
        error=error,
        is_crashed=is_crashed,
        percentages=world.percentages()[shown_before:],
        is_rolled_back=is_rolled_back,
    )


def is_for_people(error: PipelineError | None) -> bool:
    """Tell whether a run may end with it for good: somebody has to decide."""
    is_asked = isinstance(error, GateError) and error.rule in RULES_FOR_PEOPLE
    return is_asked or isinstance(error, OrphanIssueError)
