"""Serves the tools of agents by the Model Context Protocol; needs the extra `mcp`.

Belongs here: tools as the protocol has them, errors with their next steps, one request over HTTP.
Does not: what a tool does and who may use it (`agent_tools`), who asks.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from inspect import Parameter
from typing import Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message

from jira_pipeline.model.actions import action_text
from jira_pipeline.model.errors import PipelineError, SheetsRefusedError
from jira_pipeline.model.json_values import json_of
from jira_pipeline.model.signatures import offer_parameters
from jira_pipeline.web.agent_tools import TOOLS, AgentWork, Tool

FINDINGS_MAX = 20
AGENT_CHARACTERS_MAX = 40
"""Of the name that an agent gives itself, before that of its person in the audit trail."""
INSTRUCTIONS = (
    "Turns the sheets of a website's specification into Jira issues. `sessions` and `status` say "
    "what is next. Tickets are read before they are marked ready; `export` and `undo` take the "
    "hash of a plan that was read."
)


def agent_server(work: AgentWork, *, is_of_this_machine: bool) -> MCPServer:
    """Return a server that offers every tool; the role of the person decides at each call."""
    server = MCPServer("jira-pipeline", instructions=INSTRUCTIONS, log_level="WARNING")
    for name, tool in TOOLS.items():
        if is_of_this_machine or not tool.is_of_this_machine:
            server.add_tool(_offered(work, tool), name=name, description=tool.text)
    return server


def _offered(work: AgentWork, tool: Tool) -> Callable[..., dict[str, Any]]:
    """Return a tool as a function whose signature is what the protocol says of it."""

    def offered(ctx: Any, **given: Any) -> dict[str, Any]:
        client = ctx.request_context.session.client_params
        name = "".join(filter(str.isprintable, client.client_info.name if client else ""))
        by = f"{name[:AGENT_CHARACTERS_MAX] or 'an agent'} for {work.person.name}"
        try:
            return tool.call(replace(work, by=by), given)
        except PipelineError as error:
            sentences = [error.message, *map(action_text, error.recovery_actions)]
            if isinstance(error, SheetsRefusedError):
                sentences.append(json.dumps(json_of(error.findings[:FINDINGS_MAX]), default=str))
            raise ToolError(" ".join(sentences)) from error

    context = Parameter("ctx", Parameter.POSITIONAL_OR_KEYWORD, annotation=Context)
    of_tool = [parameter.replace(kind=Parameter.KEYWORD_ONLY) for parameter in tool.parameters]
    offer_parameters(offered, [context, *of_tool], returns=dict[str, Any])
    return offered


async def answer_over_http(work: AgentWork, request: Request) -> Response:
    """Answer one request by itself: it names its person each time, as every other one."""
    path = request.url.path
    application = agent_server(work, is_of_this_machine=False).streamable_http_app(
        streamable_http_path=path,
        stateless_http=True,
        json_response=True,
        # the guard looked already
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    sent: list[Message] = []

    async def keep(message: Message) -> None:
        sent.append(message)

    async with application.router.lifespan_context(application):
        await application({**request.scope, "path": path, "root_path": ""}, request.receive, keep)
    answer = Response(
        b"".join(message.get("body", b"") for message in sent), status_code=sent[0]["status"]
    )
    answer.raw_headers = list(sent[0].get("headers", ()))
    return answer
