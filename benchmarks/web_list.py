"""Pages: what a reader of 10,000 tickets waits for, and what each page costs the processor.

Measured from the request to the last byte of the page, through the whole application: who asks is
looked up, the rows are read, the page is rendered. SQLite, before any export and after one of all
tickets. One person asks. A process keeps what it read of a session until it changes, so the first
request, and the one after every change, reads everything.

Then CPU: each page of a session as people have it, beside five more, against the smallest page
there is, one that says that nothing is there, asked for in turn. Dagster is in this process, too.
"""

import itertools
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from pathlib import Path

from fastapi.testclient import TestClient
from sqlalchemy import insert
from starlette.types import Receive, Scope, Send

from benchmarks.review_scale import KEY, TICKETS, fill
from benchmarks.specifications import ROOT
from benchmarks.web_load import written
from jira_pipeline.cli.context import opened_runs
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.settings import load_settings
from jira_pipeline.dagster_port.reports import report_upload
from jira_pipeline.model.exports import LedgerEvent, LedgerSubject, Target
from jira_pipeline.model.people import Role
from jira_pipeline.model.ticket_decisions import Skipped
from jira_pipeline.sessions import accounts
from jira_pipeline.sessions.composition import open_pipeline
from jira_pipeline.store import tables
from jira_pipeline.web.application import guarded_web
from jira_pipeline.web.context import Access, LateDagster, Web
from jira_pipeline.web.pages.tickets_page import TICKETS_PER_PAGE
from jira_pipeline_tests.contracts.stored_values import START

ROUNDS = 15
GOAL_MILLISECONDS = 500
GOAL_BYTES = 200_000
READER = "reader@example.org"
HERE = f"/sessions/{KEY}/tickets"
_NOT_SKIPPED = itertools.count(1)
CHANGED = "first page after a change"
SESSIONS, TICKETS_OF_SESSION, CPU_ROUNDS = 6, 84, 30
GOAL_RATIO = 5
TRIVIAL = "not found"
USUAL = "/sessions/session0"
PAGES = {
    TRIVIAL: "/nowhere",
    "all sessions": "/",
    "overview": USUAL,
    "list of tickets": f"{USUAL}/tickets",
    "ticket": f"{USUAL}/tickets/3",
    "questions": f"{USUAL}/questions",
    "findings": f"{USUAL}/findings",
    "dependencies": f"{USUAL}/graph",
    "plan of the export": f"{USUAL}/export",
    "plan, Jira asked again": f"{USUAL}/export?fresh=1",
    "history": f"{USUAL}/history",
}


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        _measure_list(folder)
    with tempfile.TemporaryDirectory() as folder:
        _measure_pages(Path(folder))


def addresses() -> dict[str, str]:
    """Return the pages of the list of so many tickets."""
    return {
        "first page": HERE,
        CHANGED: HERE,
        "last page": f"{HERE}?page={ceil(TICKETS / TICKETS_PER_PAGE)}",
        "sorted by title": f"{HERE}?sort=title&down=1",
        "words in the title": f"{HERE}?text=99",
        "by label and readiness": f"{HERE}?label=batch-3&readiness=ready",
        "with open questions": f"{HERE}?questions=1",
        "all sessions": "/",
        "dependencies": f"/sessions/{KEY}/graph",
    }


def _measure_list(folder: str) -> None:
    home = Path(folder)
    settings = load_settings(home).model_copy(
        update={
            "jira_pipeline_home": home,
            "jira_pipeline_database_url": f"sqlite:///{folder}/store.sqlite",
        }
    )
    pipeline = open_pipeline(settings)
    with pipeline.store:
        fill(pipeline, TICKETS)
        with _reader_of(pipeline, LateDagster()) as client:
            _measure("nothing exported", pipeline, client)
            export_all(pipeline)
            _measure("everything exported", pipeline, client)


def _measure_pages(home: Path) -> None:
    """Print what each page of an ordinary session costs the processor, and the trivial one."""
    shutil.copy(ROOT / "dagster.yaml", home)
    os.environ["DAGSTER_HOME"] = str(home)  # noqa: TID251 - Dagster reads it
    pipeline = open_pipeline(load_settings(home))
    with pipeline.store, opened_runs(pipeline) as runs:
        for number in range(SESSIONS):
            key = f"session{number}"
            written(pipeline, home / f"sheets-{key}", key, TICKETS_OF_SESSION)
        dagster = LateDagster()
        dagster.arrive(_no_page, runs)
        used: dict[str, list[float]] = {name: [] for name in PAGES}
        with _reader_of(pipeline, dagster) as client:
            for _ in range(CPU_ROUNDS + 1):
                for name, address in PAGES.items():
                    began = time.process_time()
                    client.get(address)
                    used[name].append((time.process_time() - began) * 1000)
    del os.environ["DAGSTER_HOME"]  # noqa: TID251 - as it was
    print(
        f"{TICKETS_OF_SESSION} tickets, {SESSIONS} sessions: CPU of a page in ms, first and median "
        f"of {CPU_ROUNDS}; times that of the smallest, goal {GOAL_RATIO}"
    )
    trivial = statistics.median(used[TRIVIAL][1:])
    for name, (first, *later) in used.items():
        median = statistics.median(later)
        missed = "" if median <= GOAL_RATIO * trivial else "  goal missed"
        print(f"  {name:<26} {first:7.1f} {median:7.1f} {median / trivial:7.1f} ×{missed}")


async def _no_page(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """Stand for Dagster's pages, which nobody asks for."""


@contextmanager
def _reader_of(pipeline: Pipeline, dagster: LateDagster) -> Iterator[TestClient]:
    """Give the browser of somebody who is signed in."""
    accounts.add_person(pipeline, READER, Role.READER, by="benchmark")
    web = Web(
        pipeline=pipeline, dagster=dagster, access=Access(pipeline), report_to_dagster=report_upload
    )
    link = accounts.invite(pipeline, READER, by="benchmark").secret
    with TestClient(guarded_web(web), base_url="http://127.0.0.1:3000") as client:
        client.post("/sign-in", data={"link": link})
        client.get("/")
        yield client


def export_all(pipeline: Pipeline) -> None:
    """Put intent and receipt of every ticket into the ledger, as an export leaves them."""
    target = Target(
        target_id="sandbox/10000",
        site_id="sandbox",
        base_url="http://127.0.0.1:8787",
        project_id="10000",
        project_key="SBX",
        is_sandbox=True,
    )
    pipeline.store.ledger.record_target(target, at=START)
    rows = [
        {
            "at": START,
            "target_id": target.target_id,
            "session_key": KEY,
            "ticket_id": f"t{number:05}",
            "subject": LedgerSubject.ISSUE,
            "event": event,
            "identity": f"i{number:05}",
            "attempt": 1,
            "low_bound": number if event is LedgerEvent.INTENT else None,
            "remote_id": str(number) if event is LedgerEvent.RECEIPT else None,
            "remote_key": f"SBX-{number}" if event is LedgerEvent.RECEIPT else None,
            "detail": "",
            "sent": None,
        }
        for number in range(1, TICKETS + 1)
        for event in (LedgerEvent.INTENT, LedgerEvent.RECEIPT)
    ]
    with pipeline.store.database.writing() as connection:
        connection.execute(insert(tables.ledger), rows)


def _measure(name: str, pipeline: Pipeline, client: TestClient) -> None:
    print(
        f"{TICKETS:,} tickets, {name}: first request, then fastest, median and slowest of {ROUNDS} "
        "in ms; kilobytes"
    )
    for what, address in addresses().items():
        times, size = [], 0
        for _ in range(ROUNDS + 1):
            if what == CHANGED:
                skipped = [f"t{next(_NOT_SKIPPED):05}"]
                pipeline.store.tickets.exclude(
                    KEY, skipped, Skipped, reason="x", by=READER, at=START
                )
            began = time.perf_counter()
            answer = client.get(address)
            times.append((time.perf_counter() - began) * 1000)
            size = len(answer.content)
            if answer.status_code != 200:  # noqa: PLR2004 - HTTP
                raise SystemExit(f"{address} answered {answer.status_code}: {answer.text[:500]}")
        first, *later = times
        median = statistics.median(later)
        verdict = "" if median <= GOAL_MILLISECONDS else f"  (over {GOAL_MILLISECONDS} ms)"
        verdict += "" if size <= GOAL_BYTES else f"  (over {GOAL_BYTES // 1000} kB)"
        print(
            f"  {what:<26} {first:7.0f} {min(later):7.0f} {median:7.0f} {max(later):7.0f}  "
            f"{size / 1000:6.1f} kB{verdict}"
        )


if __name__ == "__main__":
    main()
