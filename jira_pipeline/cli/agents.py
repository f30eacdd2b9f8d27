"""The command that serves an agent on this machine: mcp."""

import signal
from contextlib import ExitStack
from functools import cache
from typing import Annotated

from jira_pipeline.cli.context import current_person, opened, opened_runs
from jira_pipeline.cli.serving import report_upload
from jira_pipeline.model.people import Person, Role
from jira_pipeline.model.sessions import Runs
from jira_pipeline.web.agent_tools import AgentWork
from jira_pipeline.web.agents import the_protocol


def mcp(
    *,
    role: Annotated[
        Role, "--role", "What the agent may do: read, review and upload, or also export and undo."
    ] = Role.READER,
) -> None:
    """Serve an agent by the Model Context Protocol, over its standard input and output.

    The agent reads sessions, decides about tickets and takes a session from upload to the plan of
    an export, as its role allows; what it decides is audited in its name and yours. Needs the extra
    `mcp`.

    For example:

    jira-pipeline mcp --role reviewer
    """
    with opened(is_json=False, is_serving=True) as (_screen, pipeline), ExitStack() as open_runs:

        @cache
        def runs() -> Runs:
            return open_runs.enter_context(opened_runs(pipeline))

        person = Person(name=current_person(), role=role)
        work = AgentWork(
            pipeline=pipeline, person=person, by=person.name, runs=runs, report_upload=report_upload
        )
        server = the_protocol().agent_server(work, is_of_this_machine=True)
        # The thread that waits for a line would outlive Ctrl-C; a run at work is found dead.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        server.run("stdio")
