"""The sandbox on a socket, for other programs.

Belongs here: serving it. Does not: the socket (`sandbox_http/serving`), answering (`sandbox`).
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from starlette.applications import Starlette

from jira_pipeline.actions import Action, ActionKind
from jira_pipeline.errors import StoreError
from jira_pipeline.sandbox_http.exchange import Delivery, SandboxRequest, answer_json
from jira_pipeline.sandbox_http.serving import HOST, create_sandbox_app, listening, run_app
from jira_pipeline.sharedo.sandbox.faults import FaultPlan
from jira_pipeline.sharedo.sandbox.packages import MadeEnvironment
from jira_pipeline.sharedo.sandbox.sandbox import ShareDoSandbox

MAX_BODY_BYTES = 1_000_000


def create_app(sandbox: ShareDoSandbox) -> Starlette:
    """Make the application over a sandbox whoever made it closes."""
    return create_sandbox_app(partial(_answer, sandbox), max_body_bytes=MAX_BODY_BYTES)


def serve(
    path: Path,
    environments: Mapping[str, MadeEnvironment],
    *,
    port: int,
    plan: FaultPlan | None,
    announce: Callable[[str], None],
) -> None:
    """Serve the sandbox in a file until interrupted; `announce` gets its address.

    Raises:
        ConfigurationError: Another program has the port.
        StoreError: The file is no sandbox.
    """
    other_port = Action.of(ActionKind.SERVE_SHAREDO_SANDBOX, "Choose another: {}.", port="N")
    with listening(port, other_port=other_port) as listener:
        sandbox = ShareDoSandbox(path, environments, clock=_now, plan=plan)
        try:
            announce(f"http://{HOST}:{port}")
            run_app(create_app(sandbox), listener)
        finally:
            sandbox.close()


def _answer(sandbox: ShareDoSandbox, request: SandboxRequest) -> Delivery:
    try:
        return sandbox.receive(request)
    except StoreError as error:
        return Delivery(response=answer_json({"message": error.message}, status=503))


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the clock of a program of its own
