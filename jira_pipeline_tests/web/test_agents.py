"""Agents by the Model Context Protocol: over stdio as a program of its own, and over HTTP."""

import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from fastapi.testclient import TestClient

from jira_pipeline.context.pipeline import SystemClock
from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.people import Role
from jira_pipeline.sessions.homes import make_home
from jira_pipeline.web.agent_tools import TOOLS
from jira_pipeline.web.context import Web
from jira_pipeline_tests import projects
from jira_pipeline_tests.late import Late
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.web.browsers import NAMES, browser, token_of

if TYPE_CHECKING:
    import mcp
    from mcp.client import stdio
else:
    mcp = Late("mcp")
    stdio = Late("mcp.client.stdio")

pytestmark = pytest.mark.small_site
EXAMPLE = Path(__file__).parents[2] / "examples" / "skarvsund"
HEADERS = {"Accept": "application/json, text/event-stream"}
Call = Callable[..., Awaitable["mcp.types.CallToolResult"]]


def said(result: "mcp.types.CallToolResult") -> str:
    return "".join(part.text for part in result.content if isinstance(part, mcp.types.TextContent))


def answered(result: "mcp.types.CallToolResult") -> dict[str, Any]:
    assert not result.is_error, said(result)
    found: dict[str, Any] = json.loads(said(result))
    return found


def talk(home: Path, role: Role, conversation: Callable[[Call], Awaitable[None]]) -> None:
    """Hold a conversation with the command, as an agent of this name does."""

    async def hold() -> None:
        program = mcp.StdioServerParameters(
            command=sys.executable,
            args=[
                "-c",
                "from jira_pipeline.cli.app import main; main()",
                "mcp",
                "--role",
                role.value,
            ],
            env={**os.environ, "DAGSTER_HOME": str(home)},  # noqa: TID251 - of a program of its own
        )
        async with (
            stdio.stdio_client(program) as (read, write),
            mcp.ClientSession(
                read, write, client_info=mcp.types.Implementation(name="parrot", version="1")
            ) as session,
        ):
            await session.initialize()

            async def call(name: str, **given: Any) -> "mcp.types.CallToolResult":
                return await session.call_tool(name, given)

            await conversation(call)

    anyio.run(hold)


def test_an_agent_takes_a_session_from_upload_to_the_plan_of_an_export(tmp_path: Path) -> None:
    home = tmp_path / "home"
    make_home(home)
    place = {"session_key": "skarv"}

    async def review(call: Call) -> None:
        (tmp_path / "empty").mkdir()
        empty = await call("upload", folder=str(tmp_path / "empty"), **place)
        assert '"code": "folder_empty"' in said(empty)
        answered(await call("upload", folder=str(EXAMPLE), **place))
        tickets = answered(await call("generate", **place))
        assert tickets["stage"] == "review"
        [one] = answered(await call("tickets", numbers=[1], **place))["tickets"]
        assert one["description_markdown"]
        assert one["description_adf"]["type"] == "doc"
        skipped = answered(await call("skip", numbers=[3], reason="Built already", **place))
        assert skipped["changed"] == 1
        listed = answered(await call("tickets", **place))["tickets"]
        numbers = [ticket["number"] for ticket in listed if ticket["number"] != 3]
        answered(await call("ready", numbers=numbers, **place))
        plan = answered(await call("plan", **place))
        assert (plan["blocked"], plan["create"]) == (None, numbers)
        refused = await call("export", plan_hash=plan["plan_hash"], **place)
        assert refused.is_error
        assert "this needs exporter" in said(refused)
        unknown = await call("status", session_key="nowhere")
        assert "upload the folder" in said(unknown)

    async def export(call: Call) -> None:
        unread = await call("export", plan_hash="0", **place)
        assert "Read the plan again" in said(unread)
        plan = answered(await call("plan", **place))
        answered(await call("unready", numbers=[1], **place))
        changed = await call("export", plan_hash=plan["plan_hash"], **place)
        assert changed.is_error
        answered(await call("ready", numbers=[1], **place))
        plan = answered(await call("plan", **place))
        answered(await call("export", plan_hash=plan["plan_hash"], **place))
        assert len(answered(await call("results", **place))["jira_tickets"]) == len(plan["create"])

    talk(home, Role.REVIEWER, review)
    talk(home, Role.EXPORTER, export)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DAGSTER_HOME", str(home))
        with projects.opened(home) as pipeline:
            [entry] = pipeline.store.audit.latest(
                "skarv", actions={AuditAction.TICKETS_SKIPPED}, most=1
            )
    assert entry.actor.startswith("parrot for ")


def asked(client: TestClient, name: str, headers: dict[str, str], **given: object) -> Any:
    call = {"name": name, "arguments": given}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    return client.post("/mcp", json=body, headers={**HEADERS, **headers})


def test_over_http_a_token_says_who_it_is_for_and_what_it_may_do(fresh_web: Web) -> None:
    client, token = browser(fresh_web), token_of(fresh_web, NAMES[Role.READER])
    read = asked(client, "status", token, session_key=SESSION)
    assert (read.status_code, read.json()["result"]["isError"]) == (200, False)
    skip = asked(client, "skip", token, session_key=SESSION, numbers=[1], reason="no")
    assert "this needs reviewer" in skip.json()["result"]["content"][0]["text"]
    upload = asked(client, "upload", token_of(fresh_web, NAMES[Role.ADMIN]), folder="/etc")
    assert "upload" in json.dumps(upload.json()), "it names files of this machine"
    assert "Unknown tool" in json.dumps(upload.json())


@pytest.mark.parametrize(
    ("agent", "shown"), [("x" * 100, "x" * 40), ("parrot\n2026\u2028 admin", "parrot2026 admin")]
)
def test_the_trail_names_the_person_whatever_an_agent_calls_itself(
    fresh_web: Web, agent: str, shown: str
) -> None:
    version, start = "2026-07-28", "io.modelcontextprotocol/"
    headers = {"mcp-protocol-version": version, "mcp-method": "tools/call", "mcp-name": "skip"}
    meta = {
        f"{start}clientInfo": {"name": agent, "version": "1"},
        f"{start}protocolVersion": version,
        f"{start}clientCapabilities": {},
    }
    given = {"session_key": SESSION, "numbers": [1], "reason": "no"}
    call = {"name": "skip", "arguments": given, "_meta": meta}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    token = token_of(fresh_web, NAMES[Role.REVIEWER])
    answer = browser(fresh_web).post("/mcp", json=body, headers={**HEADERS, **headers, **token})
    assert answer.status_code == 200, answer.text
    [entry] = fresh_web.pipeline.store.audit.latest(
        SESSION, actions={AuditAction.TICKETS_SKIPPED}, most=1
    )
    assert entry.actor == f"{shown} for {NAMES[Role.REVIEWER]}"


@pytest.mark.parametrize("case", ["no token", "another token", "revoked", "from another origin"])
def test_over_http_nobody_else_is_answered(fresh_web: Web, case: str) -> None:
    client, headers = browser(fresh_web), token_of(fresh_web, NAMES[Role.EXPORTER])
    if case == "no token":
        headers = {}
    elif case == "another token":
        headers = {"Authorization": "Bearer jp_" + "a" * 40}
    elif case == "revoked":
        fresh_web.pipeline.store.people.revoke(
            NAMES[Role.EXPORTER], by="test", at=SystemClock().now()
        )
    else:
        headers["Origin"] = "https://attacker.example"
    status = asked(client, "status", headers, session_key=SESSION).status_code
    assert status == (403 if case == "from another origin" else 401)


def test_no_tool_takes_what_is_for_pages_and_runs() -> None:
    taken = {name: {one.name for one in tool.parameters} for name, tool in TOOLS.items()}
    assert not {"were", "with_issues", "seen"} & set().union(
        *(taken[name] for name in ("ready", "skip", "assign"))
    )
    assert all(name.isidentifier() for name in taken)
