"""The address at which agents are answered.

Belongs here: whose request it is, what is needed to answer it. Does not: what they may ask for
(`agent_tools`), the protocol (`agent_server`, which needs an extra).
"""

from types import ModuleType

from fastapi import APIRouter, Request
from starlette.responses import Response

from jira_pipeline.model.errors import ConfigurationError
from jira_pipeline.web.agent_tools import AgentWork
from jira_pipeline.web.context import Reader, TheWeb

INSTALL = "Install it: `make mcp` in a checkout, otherwise `pip install 'jira-pipeline[mcp]'`."
router = APIRouter()


def the_protocol() -> ModuleType:
    """Return what serves agents (`agent_server`).

    Raises:
        ConfigurationError: The extra is not installed.
    """
    try:
        from jira_pipeline.web import agent_server  # noqa: PLC0415 - of an extra
    except ImportError as error:
        raise ConfigurationError(
            "The package that serves agents is not installed.",
            recovery_actions=(INSTALL,),
        ) from error
    return agent_server


@router.post("/mcp")
async def answer_agent(request: Request, person: Reader, web: TheWeb) -> Response:
    """Answer one request of an agent, in the name of whose token it shows."""
    protocol = the_protocol()
    work = AgentWork(
        pipeline=web.pipeline,
        person=person,
        by=person.name,
        runs=lambda: web.runs,
        report_upload=web.report_to_dagster,
    )
    answer: Response = await protocol.answer_over_http(work, request)
    return answer
