"""The sandbox on a socket, for other programs and for people.

Belongs here: which requests are calls and which are pages; `/_sandbox/…`, the sandbox's own API for
whoever tests a client against it (rules, and the journal, which can be read here and changed
nowhere). Does not: the socket (`jira/sandbox_http/serving`), answering (`sandbox`, `pages`).
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from pydantic import ValidationError
from starlette.applications import Starlette

from jira_pipeline.jira.sandbox.pages import answer_page
from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.jira.sandbox.sandbox_site import UPLOAD_LIMIT_BYTES
from jira_pipeline.jira.sandbox.site_file import SiteFile, apply_site_file
from jira_pipeline.jira.sandbox.site_rules import SiteRules
from jira_pipeline.jira.sandbox_http.requests import (
    SandboxRequest,
    SandboxResponse,
    answer_json,
)
from jira_pipeline.jira.sandbox_http.serving import HOST, create_sandbox_app, listening, run_app
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import StoreBusyError, StoreError

DEFAULT_PORT = 8765
MAX_BODY_BYTES = 8 * UPLOAD_LIMIT_BYTES
CALL_PREFIXES = ("/rest/", "/_edge/", "/ex/jira/")

CONTROL_PREFIX = "/_sandbox/"
Control = Callable[[JiraSandbox, SandboxRequest], SandboxResponse]


def create_app(sandbox: JiraSandbox) -> Starlette:
    """Make the application over a sandbox whoever made it closes."""
    return create_sandbox_app(partial(_answer, sandbox), max_body_bytes=MAX_BODY_BYTES)


def serve(
    path: Path,
    *,
    port: int = DEFAULT_PORT,
    site: SiteFile | None = None,
    announce: Callable[[str], None] | None = None,
) -> None:
    """Serve the sandbox in a file until interrupted; `announce` gets its address.

    A site is applied first.
    Like Jira it calls itself by the address it is reached at, so links to its issues work.
    """
    other_port = Action.of(ActionKind.SERVE_SANDBOX, "Choose another: {}.", port="N")
    with (
        listening(port, other_port=other_port) as listener,
        JiraSandbox(path, clock=_now) as sandbox,
    ):
        address = f"http://{HOST}:{port}"
        sandbox.set_base_url(address)
        if site is not None:
            apply_site_file(sandbox, site)
        if announce is not None:
            announce(address)
        run_app(create_app(sandbox), listener)


def _answer(sandbox: JiraSandbox, request: SandboxRequest) -> SandboxResponse:
    if request.path.startswith(CALL_PREFIXES):
        try:
            return sandbox.receive(request)
        except StoreBusyError as error:
            return answer_json({"message": error.message}, status=503)
        except StoreError as error:
            return answer_json({"message": error.message}, status=500)
    if request.path.startswith(CONTROL_PREFIX):
        return answer_control(sandbox, request)
    if request.method != "GET":
        return answer_json({"message": "Method Not Allowed"}, status=405)
    return answer_page(sandbox, request)


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the clock of a program of its own


def answer_control(sandbox: JiraSandbox, request: SandboxRequest) -> SandboxResponse:
    """Answer a call of the sandbox's own API."""
    name = request.path.removeprefix(CONTROL_PREFIX).rstrip("/")
    calls = CONTROLS.get(name)
    if calls is None:
        return answer_json({"message": f"known are {', '.join(CONTROLS)}"}, status=404)
    call = calls.get(request.method)
    if call is None:
        return answer_json({"message": "Method Not Allowed"}, status=405)
    try:
        return call(sandbox, request)
    except ValidationError as error:
        return answer_json({"message": str(error)}, status=400)


def show_rules(sandbox: JiraSandbox, _request: SandboxRequest) -> SandboxResponse:
    return answer_json(sandbox.rules().model_dump(mode="json"))


def put_rules(sandbox: JiraSandbox, request: SandboxRequest) -> SandboxResponse:
    """Give the site other rules; they stay with the file."""
    sandbox.set_rules(SiteRules.model_validate_json(request.body))
    return show_rules(sandbox, request)


def show_journal(sandbox: JiraSandbox, _request: SandboxRequest) -> SandboxResponse:
    """Show every request of clients and what it changed."""
    entries = [asdict(entry) for entry in sandbox.journal()]
    return answer_json([{**one, "at": one["at"].isoformat()} for one in entries])


CONTROLS: Mapping[str, Mapping[str, Control]] = {
    "rules": {"GET": show_rules, "PUT": put_rules},
    "journal": {"GET": show_journal},
}
"""Calls by name and method."""
