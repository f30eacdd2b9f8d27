"""What each session took on its machines: times, processor time, requests, as JSON.

Belongs here: looking at processes while they run, reading both databases afterwards. Does not: what is
done to machines, the verdict (`machines`).

Times are seconds since the sheets arrived. The processor time of a run is what was seen of its
process last, within a second of its end; that of a program includes the runs it forked.
"""

import json
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from benchmarks.serve_idle import TICKS_PER_SECOND, used
from jira_pipeline.defs.machines import MACHINE_TAG
from jira_pipeline.defs.partitions import PARTITION_TAG
from jira_pipeline.kernel.machines import address_on
from jira_pipeline.store.store import Store

GENERATION, EXPORT = (
    ("source_files", "adf_validation"),
    ("jira_issues.create_issues", "export_report"),
)
"""The first and the last step of each."""
RUNS = text(
    "SELECT run_id, status, extract(epoch FROM create_timestamp) AS queued_at, start_time, end_time, "
    "(SELECT value FROM run_tags WHERE run_tags.run_id = runs.run_id AND key = :partition) AS session, "
    "(SELECT value FROM run_tags WHERE run_tags.run_id = runs.run_id AND key = :machine) AS machine "
    "FROM runs ORDER BY create_timestamp"
)
STEPS = text(
    "SELECT run_id, step_key, dagster_event_type AS what, extract(epoch FROM timestamp) AS at "
    "FROM event_logs WHERE dagster_event_type IN "
    "('STEP_START', 'STEP_SUCCESS', 'STEP_FAILURE', 'STEP_UP_FOR_RETRY') ORDER BY id"
)


@dataclass(kw_only=True)
class Watched:
    """What was seen of processes."""

    names: dict[str, str] = field(default_factory=dict)
    """Of machines, by every address they had."""
    run_seconds: dict[str, float] = field(default_factory=dict)
    """Processor time by run."""
    program_seconds: dict[str, float] = field(default_factory=dict)
    """Processor time by program, of its processes that ended."""

    def look(self, store: Store) -> None:
        """Look at the processes of the runs at work."""
        for run in store.machines.runs_at_work():
            with suppress(OSError):  # it has ended meanwhile
                stat = Path(f"/proc/{run.process}/stat").read_text(encoding="utf-8")
                ticks = stat.rpartition(")")[2].split()[11:13]
                self.run_seconds[run.run_id] = sum(map(int, ticks)) / TICKS_PER_SECOND

    def leave(self, name: str, pid: int) -> None:
        """Add up what a program used, which ends now."""
        seconds = sum(seconds for _, seconds, _ in used(pid))
        self.program_seconds[name] = self.program_seconds.get(name, 0.0) + seconds


def figures_of(
    store: Store, dagster_url: str, watched: Watched, *, began_at: float
) -> Mapping[str, Any]:
    """Return what the sessions of one installation took; `began_at` is a time of the wall clock."""
    engine = create_engine(dagster_url)
    with engine.connect() as rows:
        names = {"partition": PARTITION_TAG, "machine": MACHINE_TAG}
        runs = [row._asdict() for row in rows.execute(RUNS, names)]
        steps = [row._asdict() for row in rows.execute(STEPS)]
    engine.dispose()

    def seconds(at: Any) -> float | None:
        return None if at is None else round(float(at) - began_at, 2)

    known: dict[str, list[dict[str, Any]]] = {}
    for run in runs:
        address = address_on(run["machine"] or "")
        known.setdefault(run["session"] or "", []).append(
            {
                "run_id": run["run_id"],
                "status": run["status"],
                "machine": watched.names.get(address, "beside the daemon"),
                "queued": seconds(run["queued_at"]),
                "began": seconds(run["start_time"]),
                "ended": seconds(run["end_time"]),
                "cpu_seconds": watched.run_seconds.get(run["run_id"]),
                "steps": [
                    {"step": one["step_key"], "what": one["what"], "at": seconds(one["at"])}
                    for one in steps
                    if one["run_id"] == run["run_id"]
                ],
            }
        )
    sessions = []
    for session in store.sessions.list_all():
        key = session.session_key
        of_session = known.get(key, [])
        measured = [
            step
            for target in store.ledger.targets_of(key)
            for step in store.export_runs.steps(key, target_id=target.target_id)
        ]
        requests: Counter[str] = Counter()
        for step in measured:
            requests.update(step.requests)
        sessions.append(
            {
                "session": key,
                "project": session.manifest.jira_project_key,
                "tickets": len(store.tickets.list_all(key)),
                "registered": seconds(session.created_at.timestamp()),
                "ended": max((run["ended"] or 0.0 for run in of_session), default=None),
                "cpu_seconds": round(sum(run["cpu_seconds"] or 0.0 for run in of_session), 2),
                "generation_seconds": _between(of_session, *GENERATION),
                "export_seconds": _between(of_session, *EXPORT),
                "request_count": sum(requests.values()),
                "requests": dict(requests),
                "runs": of_session,
            }
        )
    return {
        "sessions": sessions,
        "program_cpu_seconds": watched.program_seconds,
        "began": datetime.fromtimestamp(began_at, UTC).isoformat(),
    }


def _between(runs: Iterable[Mapping[str, Any]], first: str, last: str) -> float | None:
    """Return the seconds from the last start of a step to the success of another one after it."""
    began: float | None = None
    for step in (step for run in runs for step in run["steps"]):
        if step["step"] == first and step["what"] == "STEP_START":
            began = step["at"]
        if step["step"] == last and step["what"] == "STEP_SUCCESS" and began is not None:
            return round(float(step["at"]) - began, 2)
    return None


def busy_seconds() -> float:
    """Return how long the processors of this host were busy since it started, whoever asked."""
    first, *_ = Path("/proc/stat").read_text(encoding="ascii").splitlines()
    user, nice, system, _idle, _waiting, *interrupts = map(int, first.split()[1:9])
    return (user + nice + system + sum(interrupts)) / TICKS_PER_SECOND


def write_figures(path: Path, **figures: Any) -> None:
    """Write them for programs."""
    path.write_text(json.dumps(figures, indent=1), encoding="utf-8")


def medians(sessions: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Say what a session took."""
    known = list(sessions)
    for name, unit in (
        ("cpu_seconds", "s of processor time in its runs"),
        ("generation_seconds", "s for its tickets"),
        ("export_seconds", "s for its export"),
        ("request_count", "requests"),
    ):
        values = [one[name] for one in known if one[name] is not None]
        if values:
            yield f"{statistics.median(values):.1f} {unit} (at most {max(values):.1f})"
