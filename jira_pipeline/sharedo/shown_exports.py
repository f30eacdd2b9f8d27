"""How exports from ShareDo are shown while they run.

Belongs here: a bar for each job on a terminal, lines elsewhere. Does not: what is reported
(`sharedo/jobs`).
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from jira_pipeline.cli.console import Screen, literal
from jira_pipeline.sharedo.errors import ComponentMissingError
from jira_pipeline.sharedo.jobs.tools import ExportEvent, ExportEventKind, Listener

STEP_CHARACTERS = 44
"""Bars, counts and times need the rest of a line."""
SPOKEN = frozenset({ExportEventKind.STALLED, ExportEventKind.WARNING})
SPOKEN_ALONE = SPOKEN | {ExportEventKind.ERROR, ExportEventKind.COMPLETE}
SPOKEN_IN_BATCH = SPOKEN | {ExportEventKind.ITEM_ERROR, ExportEventKind.ITEM_COMPLETE}


@contextmanager
def shown_exports(screen: Screen) -> Iterator[Listener]:
    """Show what jobs report while the block runs: percentage, count, step, elapsed, remaining."""
    if screen.is_json:
        yield lambda _event: None
        return
    if not screen.err.is_terminal:
        yield lambda event: _print_event(screen, event)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        TextColumn("{task.percentage:>3.0f}%"),
        TextColumn("{task.fields[count]}", markup=False),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    tasks: dict[str, TaskID] = {}
    turn = threading.Lock()
    with Progress(*columns, console=screen.err, transient=True) as progress:

        def show(event: ExportEvent) -> None:
            job = event.job
            with turn:
                if job.job_id not in tasks:
                    tasks[job.job_id] = progress.add_task(job.job_id, total=100, count="")
                is_over = event.kind in {ExportEventKind.ERROR, ExportEventKind.ITEM_ERROR}
                step = "failed" if is_over else event.text or job.step or event.kind
                progress.update(
                    tasks[job.job_id],
                    completed=job.progress_percentage,
                    description=literal(f"{job.parameters.system_name}: {step}").plain[
                        :STEP_CHARACTERS
                    ],
                    count=_count(event),
                )
                if _is_spoken(event):
                    progress.console.print(literal(_line(event)))

        yield show


def _print_event(screen: Screen, event: ExportEvent) -> None:
    if _is_spoken(event) or event.kind is ExportEventKind.PROGRESS:
        screen.err.print(literal(_line(event)))


def _is_spoken(event: ExportEvent) -> bool:
    """Tell whether an event gets a line of its own; each item of a batch ends with one."""
    return event.kind in (SPOKEN_ALONE if event.index is None else SPOKEN_IN_BATCH)


def _line(event: ExportEvent) -> str:
    job = event.job
    if isinstance(event.error, ComponentMissingError):  # an answer, which a comparison counts on
        item = f"{job.parameters.provider}:{job.parameters.system_name}"
        is_itself = event.error.details.get("item") == item
        lack = f"not in {job.parameters.environment}" if is_itself else event.error.message
        return f"{job.job_id} {job.parameters.system_name}: {lack}"
    parts = (
        f"{job.job_id} {job.parameters.system_name}: {job.progress_percentage:.0f} %",
        event.kind.replace("_", " ") if _is_spoken(event) else "",
        event.error.sentence if event.error else event.text or job.step,
        _count(event),
    )
    return " ".join(part for part in parts if part)


def _count(event: ExportEvent) -> str:
    if event.downloaded_bytes is None:
        count = len(event.job.items)
        return f"{count} items" if count > 1 else ""
    total = f" of {event.total_bytes:,}" if event.total_bytes is not None else ""
    return f"{event.downloaded_bytes:,}{total} bytes"
