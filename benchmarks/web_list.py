"""The page of 10,000 tickets: what a reader waits for until its first rows are there.

Measured from the request to the last byte of the page, through the whole application: who asks is
looked up, the rows are read, the page is rendered. SQLite, before any export and after one of all
tickets. One person asks. A process keeps what it read of a session until it changes, so the first
request, and the one after every change, reads everything.
"""

import itertools
import statistics
import tempfile
import time
from pathlib import Path

from fastapi.testclient import TestClient
from sqlalchemy import insert

from benchmarks.review_scale import KEY, TICKETS, fill
from jira_pipeline.flow import people
from jira_pipeline.flow.composition import open_pipeline
from jira_pipeline.kernel.export_ledger import LedgerEvent, LedgerSubject, Target
from jira_pipeline.kernel.people import Role
from jira_pipeline.session.pipeline import Pipeline
from jira_pipeline.settings import load_settings
from jira_pipeline.store import tables
from jira_pipeline.web.access import Access
from jira_pipeline.web.context import Web
from jira_pipeline.web.dagster import LateDagster
from jira_pipeline.web.switch import guarded_web
from jira_pipeline_tests.contracts.stored_values import START

ROUNDS = 15
GOAL_MILLISECONDS = 500
GOAL_BYTES = 200_000
READER = "reader@example.org"
HERE = f"/sessions/{KEY}/tickets"
_NOT_SKIPPED = itertools.count(1)
CHANGED = "first page after a change"
ADDRESSES = {
    "first page": HERE,
    CHANGED: HERE,
    "last page": f"{HERE}?page={TICKETS // 100}",
    "sorted by title": f"{HERE}?sort=title&down=1",
    "words in the title": f"{HERE}?text=99",
    "by label and readiness": f"{HERE}?label=batch-3&readiness=ready",
    "with open questions": f"{HERE}?questions=1",
    "all sessions": "/",
}


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        settings = load_settings(home).model_copy(
            update={
                "jira_pipeline_home": home,
                "jira_pipeline_database_url": f"sqlite:///{folder}/store.sqlite",
            }
        )
        pipeline = open_pipeline(settings)
        with pipeline.store:
            fill(pipeline)
            people.add_person(pipeline, READER, Role.READER, by="benchmark")
            web = Web(pipeline=pipeline, dagster=LateDagster(), access=Access(pipeline))
            link = people.invite(pipeline, READER, by="benchmark").secret
            with TestClient(guarded_web(web), base_url="http://127.0.0.1:3000") as client:
                client.post("/sign-in", data={"link": link})
                client.get("/")
                _measure("nothing exported", pipeline, client)
                export_all(pipeline)
                _measure("everything exported", pipeline, client)


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
    for what, address in ADDRESSES.items():
        times, size = [], 0
        for _ in range(ROUNDS + 1):
            if what == CHANGED:
                skipped = [f"t{next(_NOT_SKIPPED):05}"]
                pipeline.store.tickets.skip(KEY, skipped, reason="x", by=READER, at=START)
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
