"""Runs that are only asked for: what a queue would get, without anything being done."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from typing_extensions import override

from jira_pipeline.model.runs import (
    KnownRun,
    RunHistory,
    RunJob,
    RunLauncher,
    RunOutcome,
    WantedRun,
)

NOW = datetime(2026, 11, 21, tzinfo=UTC)


class RecordedRuns(RunLauncher, RunHistory):
    """Keeps what is asked for; every run waits in the queue until it is taken out."""

    def __init__(self, *, is_queueing: bool = True, kept_in: Path | None = None) -> None:
        """Begin without any, or with those that are kept in a file.

        With a queue that is emptied at once, nothing is ever in flight.
        """
        self.wanted: list[WantedRun] = []
        self._is_queueing = is_queueing
        self._queued: dict[str, KnownRun] = {}
        self._dequeued: dict[str, KnownRun] = {}
        self._kept_in: Path | None = None
        if kept_in is not None and kept_in.exists():
            for session_key, job, by in json.loads(kept_in.read_text(encoding="utf-8")):
                self.start(WantedRun(session_key=session_key, job=RunJob(job), by=by))
        self._kept_in = kept_in

    @override
    def start(self, wanted: WantedRun) -> str:
        self.wanted.append(wanted)
        run_id = f"run-{len(self.wanted)}"
        if self._is_queueing:
            self._queued[run_id] = KnownRun(
                run_id=run_id,
                task_id=run_id,
                job_name=wanted.job.value,
                status="queued",
                created_at=NOW,
                is_requested=True,
            )
        if self._kept_in is not None:
            incoming = self._kept_in.with_name("runs.incoming")
            kept = [(one.session_key, one.job.value, one.by) for one in self.wanted]
            incoming.write_text(json.dumps(kept), encoding="utf-8")
            incoming.replace(self._kept_in)
        return run_id

    def begin(self, task_id: str, *, run_id: str) -> None:
        """Have the run of a request begin."""
        request = self._queued[task_id]
        self._queued[task_id] = replace(
            request, run_id=run_id, status="started", is_requested=False
        )

    @override
    def outcome(self, run_id: str) -> RunOutcome | None:
        return None

    @override
    def in_flight(self, session_key: str) -> Sequence[KnownRun]:
        of_session = self._of_session(session_key)
        return [run for run in self._queued.values() if run.task_id in of_session]

    @override
    def latest(self, session_key: str) -> KnownRun | None:
        of_session = self._of_session(session_key)
        known = self._dequeued | self._queued
        return next((known[one] for one in reversed(known) if one in of_session), None)

    def _of_session(self, session_key: str) -> set[str]:
        return {
            f"run-{n}" for n, one in enumerate(self.wanted, 1) if one.session_key == session_key
        }

    @override
    def find(self, run_id: str) -> KnownRun | None:
        return next((run for run in self._queued.values() if run.run_id == run_id), None)

    @override
    def unexpected_failure(self, run_id: str) -> None:
        return None

    @override
    def unfinished_steps(self, run_id: str) -> frozenset[str]:
        known = {run.run_id: run for run in (self._dequeued | self._queued).values()}
        run = known[run_id]
        writing = {"csv_to_jira", "generate_tickets"}
        return frozenset({"tickets", "adf_validation"} if run.job_name in writing else ())

    @override
    def dequeue(self, run_id: str) -> None:
        run = self._queued.pop(run_id)
        self._dequeued[run_id] = replace(run, status="canceled")
