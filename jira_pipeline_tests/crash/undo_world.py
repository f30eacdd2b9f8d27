"""Undoing an export in a world of the tests, and what must be true of the site afterwards.

Belongs here: running an undo, people who work on the site, the checker, which reads nothing but
the sandbox's own tables. Does not: worlds and exports (`export_world`).
"""

import base64
import re
from collections.abc import Collection

import httpx
from typing_extensions import override

from jira_pipeline.export.settle import (
    DecisionReport,
    SettleReport,
    decide_differences,
    settle_session,
)
from jira_pipeline.export.undo import UndoPlan, UndoReport, plan_undo, undo_export
from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.jira.sandbox_http import SandboxRequest, SandboxResponse
from jira_pipeline.model.exports import Decision
from jira_pipeline_tests.contracts.open_stores import open_in
from jira_pipeline_tests.crash.export_world import (
    DRAFTS,
    SESSION_KEY,
    SITE_URL,
    Crash,
    ExportWorld,
    Tripwire,
    document,
    render,
    validation_of,
)
from jira_pipeline_tests.jira.sandbox_faults import site_acts

SOMEBODY = "ada@sandbox.example"
TITLES = frozenset(draft.title for draft in DRAFTS)


class DiesAt(Tripwire):
    """Ends the process at one of the points whose name begins as a pattern says."""

    def __init__(self, pattern: str, *, nth: int = 1) -> None:
        super().__init__()
        self._pattern = re.compile(pattern)
        self._left = nth

    @override
    def step(self, name: str) -> None:
        self.passed.append(name)
        self._left -= self._pattern.match(name) is not None
        if not self._left:
            raise Crash(name)


def is_deletion(request: httpx.Request) -> bool:
    return request.method == "DELETE"


def undo(
    world: ExportWorld, wire: Tripwire | None = None, *, keeps_rest: bool = False
) -> UndoReport:
    """Undo the session's export in a process of its own, or end an undo as it is."""
    with world.process(wire) as (tools, order):
        return undo_export(tools, order, by="a test", keeps_rest=keeps_rest)


def undo_and_restore(world: ExportWorld) -> None:
    """Undo, and let the site be set back to a backup of before."""
    backup = world.folder / "backup.sqlite"
    site_acts.back_up(world.sandbox, backup)
    undo(world)
    site_acts.restore(world.sandbox, backup)


def planned_undo(world: ExportWorld) -> UndoPlan:
    with world.process() as (tools, order):
        return plan_undo(tools, order)


def settle(world: ExportWorld) -> SettleReport:
    with world.process() as (tools, order):
        return settle_session(tools, order, is_waiting=True, by="a test")


def create_again(world: ExportWorld) -> None:
    """Decide, as a person who knows it, that whatever Jira does not show is created again."""
    decide(world, Decision.CREATE_AGAIN, names=[str(draft.number) for draft in DRAFTS])


def decide(
    world: ExportWorld, decision: Decision, *, names: Collection[str] | None = None
) -> DecisionReport:
    """Decide something about some tickets or issues, or about all where it has to be decided."""
    with world.process() as (tools, order):
        return decide_differences(tools, order, decision=decision, names=names, by="a person")


def outcomes(report: SettleReport) -> dict[int, str]:
    """Return what was found, by ticket number."""
    return {ticket.number: ticket.outcome.value for ticket in report.tickets}


def mark_ready(world: ExportWorld) -> None:
    """Validate and mark all tickets ready again, as a person does after an undo."""
    with open_in(world.folder) as store:
        rendered = [render(ticket) for ticket in store.tickets.list_all(SESSION_KEY)]
        store.validations.record(validation_of(rendered))
        hashes = {r.ticket.ticket_id: r.rendered_hash for r in rendered}
        store.tickets.mark_ready(SESSION_KEY, hashes, by="a test", at=validation_of(rendered).at)


def ask(
    world: ExportWorld, method: str, path: str, body: object = None, *, account: str = SOMEBODY
) -> int:
    """Send a request as somebody who works on the site; return the status."""
    return ask_site(world.sandbox, method, path, body, account=account).status


def ask_site(
    sandbox: JiraSandbox,
    method: str,
    path: str,
    body: object = None,
    *,
    account: str = SOMEBODY,
    file: tuple[str, bytes] | None = None,
) -> SandboxResponse:
    """Send a request as somebody who works on the site, past whatever goes wrong on our way."""
    request = httpx.Request(
        method,
        f"{SITE_URL}{path}",
        json=body,
        files=None if file is None else {"file": file},
        headers={"X-Atlassian-Token": "no-check"},
    )
    credentials = base64.b64encode(f"{account}:any".encode()).decode()
    return sandbox.handle(
        SandboxRequest(
            method=method,
            path=request.url.path,
            headers={**request.headers, "authorization": f"Basic {credentials}"},
            body=request.read(),
        )
    )


def comment(world: ExportWorld, key: str) -> None:
    """Comment on an issue as somebody else."""
    status = ask(world, "POST", f"/rest/api/3/issue/{key}/comment", {"body": document("Mine.")})
    assert status == 201


def titles(world: ExportWorld) -> list[str]:
    with world.sandbox.state.reading() as rows:
        return sorted(row["summary"] for row in rows.execute("SELECT summary FROM issue"))


def keys_by_title(world: ExportWorld) -> dict[str, str]:
    chosen = "SELECT summary, key FROM issue"
    with world.sandbox.state.reading() as rows:
        return {row["summary"]: row["key"] for row in rows.execute(chosen)}


def violations_of_undo(world: ExportWorld, *, commented: Collection[str] = ()) -> list[str]:
    there = titles(world)
    left = [f"{title} is still there" for title in there if title in TITLES - set(commented)]
    lost = [f"{title} was touched and is gone" for title in commented if title not in there]
    return left + lost
