"""Freezes what reaches a site: the requests of an export, and the issues that come of it.

Belongs here: exports of whole sessions into the sandbox by the commands, and exports into each
world of the fault harness, where nothing else goes wrong. Does not: what people are shown of it
(`commands`).
"""

import json
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from unittest.mock import patch

import httpx
from typing_extensions import override

from jira_pipeline.export.export_run import send_in_order
from jira_pipeline_tests.cli.terminal import run_json
from jira_pipeline_tests.faults.drawing import draw_schedule
from jira_pipeline_tests.faults.fault_world import Build
from jira_pipeline_tests.faults.running import ScheduleRunner
from jira_pipeline_tests.faults.schedules import (
    Deleted,
    InWorld,
    OtherSite,
    Schedule,
)
from jira_pipeline_tests.golden.frozen_text import (
    Item,
    Plain,
    hash_of,
    indented,
    one_line,
)
from jira_pipeline_tests.golden.homes import SESSION, opened_home

ISSUES = """
SELECT issue.key, issue.summary, parent.key AS parent, issue.type_id, issue.priority_id,
  issue.assignee_id, issue.description,
  (SELECT group_concat(label, ', ') FROM (SELECT label FROM issue_label
   WHERE issue_id = issue.id ORDER BY label)) AS labels,
  (SELECT group_concat(filename, ', ') FROM (SELECT filename FROM attachment
   WHERE issue_id = issue.id ORDER BY id)) AS attachments
FROM issue LEFT JOIN issue AS parent ON parent.id = issue.parent_id ORDER BY issue.id
"""
LINKS = """
SELECT issue_link.type_id, inward.key AS inward, outward.key AS outward FROM issue_link
JOIN issue AS inward ON inward.id = inward_issue_id
JOIN issue AS outward ON outward.id = outward_issue_id ORDER BY issue_link.id
"""


def session_at_the_site(sheets: Path) -> Iterator[Item]:
    """Freeze requests, issues and links of a specification that goes all the way by commands."""
    # Eight at a time reach the site in any order.
    with (
        patch("jira_pipeline.export.exporting.send_in_parallel", send_in_order),
        opened_home() as home,
    ):
        run_json("upload", sheets, "--session", SESSION, "--auto-approve")
        run_json("generate", SESSION)
        run_json("export", SESSION, "--yes")
        yield from _at_the_site(home.data / "sandbox.sqlite", home.plain)


def _at_the_site(path: Path, plain: Plain) -> Iterator[Item]:
    with closing(sqlite3.connect(path)) as rows:
        rows.row_factory = sqlite3.Row
        changes: dict[int, list[str]] = {}
        for row in rows.execute("SELECT * FROM journal_change ORDER BY sequence"):
            text = f"  {row['change']} {one_line(plain.shortened(json.loads(row['detail'])))}"
            changes.setdefault(row["request_sequence"], []).append(text)
        for row in rows.execute("SELECT * FROM journal_request ORDER BY sequence"):
            line = f"{row['method']} {row['path']} {row['query']} → {row['status']}"
            text = plain("\n".join((line, *changes.get(row["sequence"], []))))
            yield Item(f"request {row['sequence']}", text)
        for row in rows.execute(ISSUES):
            issue = dict(row) | {"description": hash_of(row["description"] or "")}
            yield Item(
                f"issue {row['key']}", plain("\n".join(f"{k}: {v}" for k, v in issue.items()))
            )
        links = [" ".join(map(str, row)) for row in rows.execute(LINKS)]
        yield Item("links", "\n".join(links))


def in_world(world: str | None, *, batch_size: int = 1) -> Iterator[Item]:
    """Freeze the requests of an export into a world of the harness, or into an ordinary site."""
    schedule = _only_world(world, batch_size=batch_size)
    sent: list[str] = []
    plain = Plain()
    build = Build(transport=lambda transport: RecordingTransport(transport, sent, plain))
    with tempfile.TemporaryDirectory(prefix="golden-") as folder:
        outcome = ScheduleRunner(Path(folder), build).run(schedule)
    yield Item("outcome", one_line([outcome.process_count, outcome.is_done, outcome.violations]))
    for number, text in enumerate(sent, start=1):
        yield Item(f"request {number}", plain(text))


def _only_world(world: str | None, *, batch_size: int) -> Schedule:
    events = draw_schedule(0, world=world).events
    kept = [event for event in events if isinstance(event, (InWorld, Deleted, OtherSite))]
    return Schedule(
        seed=0,
        ticket_count=8,
        batch_size=batch_size,
        downtime_seconds=30.0,
        events=tuple(kept) if world else (),
    )


class RecordingTransport(httpx.BaseTransport):
    """Writes down each request with its body, and how it was answered."""

    def __init__(self, transport: httpx.BaseTransport, sent: list[str], plain: Plain) -> None:
        self._transport = transport
        self._sent = sent
        self._plain = plain

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        content = request.read()
        place = len(self._sent)
        lines = [f"{request.method} {request.url}"]
        if request.headers.get("content-type", "").startswith("application/json"):
            lines.append(indented(self._plain.shortened(json.loads(content))))
        self._sent.append("\n".join((*lines, "→ nothing")))
        response = self._transport.handle_request(request)
        self._sent[place] = "\n".join((*lines, f"→ {response.status_code}"))
        return response
