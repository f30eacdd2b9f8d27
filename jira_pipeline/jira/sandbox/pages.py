"""The sandbox for people, and on a socket: a project's list, a search, one issue; serving these.

Belongs here: addresses, what is shown, the headers that keep hostile text harmless; a thin ASGI
application, which requests are calls and which are pages. Does not: the looks (`templates/`), the JSON
calls (`sandbox`). No page changes anything, and none is journalled: looking is not a request to Jira.

Bound to this machine only; a foreign Host header is refused, so that no web page can reach a
sandbox through a name of its own (DNS rebinding).
"""

import json
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib import resources
from math import ceil
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

import uvicorn
from markupsafe import Markup
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from jira_pipeline.jira.adf import nodes as adf
from jira_pipeline.jira.adf.link_addresses import LinkPolicy
from jira_pipeline.jira.adf.nodes import AdfNode
from jira_pipeline.jira.adf.to_html import adf_to_html
from jira_pipeline.jira.sandbox.attachment_calls import find_attachment
from jira_pipeline.jira.sandbox.call import Call, Item, find_issue, find_project, read_id, refuse
from jira_pipeline.jira.sandbox.issue_fields import view_issue
from jira_pipeline.jira.sandbox.issue_views import view_parts
from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.jira.sandbox.sandbox_site import UPLOAD_LIMIT_BYTES, find_users
from jira_pipeline.jira.sandbox.search_calls import FROM_ISSUE, find_issues, parse_jql
from jira_pipeline.jira.sandbox_http import SandboxRequest, SandboxResponse, answer_json
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import (
    ConfigurationError,
    RefusedError,
    StoreBusyError,
    StoreError,
    system_message,
)
from jira_pipeline.model.look.rendering import as_shown, style_sheet, templates_of

PAGE_SIZE = 100

NOT_FOUND = 404
MAX_PAGE_NUMBER = 1_000_000
SECURITY_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
"""No script runs and nothing is fetched from elsewhere, whatever an issue says."""
STYLE_SHEET = "sandbox.css"
LISTED_FIELDS = (
    "summary", "issuetype", "status", "priority", "labels", "issuelinks", "attachment",
)  # fmt: skip
HOST = "127.0.0.1"
TRUSTED_HOSTS = ("127.0.0.1", "localhost")
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH")
DEFAULT_PORT = 8765
MAX_BODY_BYTES = 8 * UPLOAD_LIMIT_BYTES
CALL_PREFIXES = ("/rest/", "/_edge/", "/ex/jira/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What an issue was made from, where whoever serves these pages has a page of it."""

    address: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Visit:
    """Somebody looks at a page."""

    call: Call
    """As the owner of the site would ask, so that pages and JSON never differ."""
    name: str
    """The last segment of the path, such as an issue's key."""
    root: str = ""
    """What the path of every link begins with."""
    origin_of: Callable[[Mapping[str, object]], Origin | None] = lambda _issue: None


def answer_page(
    sandbox: JiraSandbox,
    request: SandboxRequest,
    *,
    root: str = "",
    origin_of: Callable[[Mapping[str, object]], Origin | None] = lambda _issue: None,
) -> SandboxResponse:
    """Show the page of an address, or one that says why there is none.

    `root` is the path below which somebody else serves these pages; their links begin with it.
    `origin_of` says what an issue, as the API shows it, was made from.
    """
    head, _, name = request.path.strip("/").rpartition("/")
    show = PAGES.get(head) if head else ROOT_PAGES.get(name)
    with sandbox.state.reading() as rows:
        call = Call(
            request=request,
            rows=rows,
            user=find_users(rows)[0],
            now=datetime.fromtimestamp(0, tz=UTC),
            sequence=0,
        )
        visit = Visit(call=call, name=unquote(name), root=root, origin_of=origin_of)
        try:
            return _present(show, "such page")(visit)
        except RefusedError as refusal:
            values = {"message": refusal.message}
            return _html(visit, "refused.html", values, status=refusal.status_code or 400)


def _present(value: Item | None, what: str) -> Item:
    """Return what somebody looks for, or refuse."""
    if value is None:
        raise refuse(f"There is no {what}.", status=NOT_FOUND)
    return value


def show_overview(visit: Visit) -> SandboxResponse:
    """Show the only project, or all of them."""
    projects = visit.call.rows.every(
        "SELECT project.key, project.name, count(issue.id) AS issue_count FROM project"
        " LEFT JOIN issue ON issue.project_id = project.id GROUP BY project.id ORDER BY project.key"
    )
    return _html(visit, "overview.html", {"projects": projects})


def show_project(visit: Visit) -> SandboxResponse:
    """Show the issues of a project."""
    project = _present(find_project(visit.call.rows, visit.name), f"project '{visit.name}'")
    values = {"project": project, **_found(visit, f"project = {project['id']} ORDER BY key ASC")}
    return _html(visit, "project.html", values)


def show_search(visit: Visit) -> SandboxResponse:
    """Show what a JQL text finds: the address is Jira's own."""
    jql = visit.call.parameter("jql").strip()
    return _html(visit, "search.html", {"jql": jql, **_found(visit, jql, jql=jql)})


def show_issue(visit: Visit) -> SandboxResponse:
    """Show one issue with everything that hangs on it."""
    issue = _present(find_issue(visit.call.rows, visit.name), f"issue '{visit.name}'")
    view: dict[str, Any] = view_issue(visit.call, issue, names=["*all"], properties=["*all"])
    fields = view["fields"]
    changes, _ = view_parts(visit.call, issue["id"], "change_history")
    raw_json = json.dumps(view, ensure_ascii=False, indent=2)
    values = {
        "issue": view,
        "origin": visit.origin_of(view),
        "fields": fields,
        "changes": changes,
        "link_groups": _linked_issues(fields["issuelinks"]),
        "raw_json": raw_json,
    }
    return _html(visit, "issue.html", values)


def _linked_issues(links: Iterable[Mapping[str, Any]]) -> Mapping[str, list[Mapping[str, Any]]]:
    """Group the other ends of links by the words that lead there, in their order."""
    issues_by_verb: dict[str, list[Mapping[str, Any]]] = {}
    for link in links:
        end = "inward" if "inwardIssue" in link else "outward"
        issues_by_verb.setdefault(link["type"][end], []).append(link[f"{end}Issue"])
    for issues in issues_by_verb.values():
        issues.sort(key=lambda issue: int(issue["id"]))
    return dict(sorted(issues_by_verb.items()))


def show_attachment(visit: Visit) -> SandboxResponse:
    """Send an attachment as a download."""
    row = _present(find_attachment(visit.call.rows, visit.name), f"attachment '{visit.name}'")
    return SandboxResponse(
        status=200,
        headers={
            "content-type": row["mime_type"],
            "content-disposition": f"attachment; filename*=UTF-8''{quote(row['filename'])}",
            "x-content-type-options": "nosniff",
        },
        body=row["content"],
    )


def show_style_sheet(_visit: Visit) -> SandboxResponse:
    sheet = resources.files("jira_pipeline.jira.sandbox") / "templates" / STYLE_SHEET
    return SandboxResponse(
        status=200,
        headers={"content-type": "text/css; charset=utf-8", **SECURITY_HEADERS},
        body=style_sheet().encode() + sheet.read_bytes(),
    )


def _found(visit: Visit, jql: str, /, **given: str) -> dict[str, object]:
    """Read a page of the issues that a JQL text finds, and where the pages beside it are."""
    call = visit.call
    query = parse_jql(jql, rows=call.rows)
    wanted_page = read_id(call.parameter("page")) or 1
    page = max(1, min(wanted_page, MAX_PAGE_NUMBER))
    counted = call.rows.one(f"SELECT count(*) {FROM_ISSUE} WHERE {query.sql}", *query.values)
    total = counted[0]
    page_count = max(1, ceil(total / PAGE_SIZE))
    rows = find_issues(call.rows, query, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    issues = [view_issue(call, row, names=LISTED_FIELDS) for row in rows]

    def href(number: int) -> str | None:
        if not 1 <= number <= page_count:
            return None
        parameters: dict[str, str | int] = {}
        for name, value in given.items():
            if value:
                parameters[name] = value
        parameters["page"] = number
        return f"?{urlencode(parameters)}"

    return {
        "issues": issues,
        "total": total,
        "page": page,
        "page_count": page_count,
        "earlier_href": href(page - 1),
        "later_href": href(page + 1),
    }


def _rich_text(visit: Visit, document: AdfNode) -> Markup:
    """Render a document; `adf_to_html` escapes every text and refuses unsafe addresses."""
    shown = _with_cards(visit, document)
    return as_shown(adf_to_html(shown, links=LinkPolicy(is_relative_allowed=True)))


def _with_cards(visit: Visit, node: AdfNode) -> AdfNode:
    """Return a node in which the card of an issue says its key and summary.

    Issues are known by their keys alone: the sandbox is served at many addresses.
    """
    if node["type"] == "inlineCard":
        address = urlsplit(str((node.get("attrs") or {}).get("url", "")))
        place, _, key = address.path.rpartition("/")
        issue = find_issue(visit.call.rows, key) if place.endswith("/browse") else None
        if issue is None:
            return node
        named = f"{issue['key']} {issue['summary']}"
        return adf.text(named, [adf.link(f"{visit.root}/browse/{issue['key']}")])
    if "content" not in node:
        return node
    return {**node, "content": [_with_cards(visit, child) for child in node["content"]]}


def _html(
    visit: Visit, template: str, values: Mapping[str, object], *, status: int = 200
) -> SandboxResponse:
    page = templates_of("jira_pipeline.jira.sandbox").get_template(template)
    rich_text = partial(_rich_text, visit)
    shown = {
        "rich_text": rich_text,
        "time": lambda written: f"{written[:16].replace('T', ' ')} UTC",  # without fractions
    }
    text = page.render(root=visit.root, **shown, **values)
    return SandboxResponse(
        status=status,
        headers={"content-type": "text/html; charset=utf-8", **SECURITY_HEADERS},
        body=text.encode("utf-8"),
    )


Show = Callable[[Visit], SandboxResponse]

ROOT_PAGES: Mapping[str, Show] = {
    "": show_overview,
    "issues": show_search,
    STYLE_SHEET: show_style_sheet,
}
"""Pages by the whole path."""
PAGES: Mapping[str, Show] = {
    "browse": show_issue,
    "projects": show_project,
    "attachments": show_attachment,
}
"""Pages by the path before its last segment."""


def create_app(sandbox: JiraSandbox) -> Starlette:
    """Make the application over a sandbox whoever made it closes."""

    async def answer(request: Request) -> Response:
        body = await _read_body(request)
        if body is None:
            too_large = answer_json({"message": "Request body too large."}, status=413)
            return too_large.over_socket()
        answered = await run_in_threadpool(_answer, sandbox, _sandbox_request(request, body))
        return answered.over_socket()

    every_path = Route("/{path:path}", answer, methods=list(METHODS))
    of_this_machine = Middleware(TrustedHostMiddleware, allowed_hosts=list(TRUSTED_HOSTS))
    return Starlette(routes=[every_path], middleware=[of_this_machine])


def _sandbox_request(request: Request, body: bytes) -> SandboxRequest:
    """Return what a request says to the sandbox."""
    method = request.method
    if method == "HEAD":  # the server leaves out the body of the answer
        method = "GET"
    path = request.url.path
    raw: bytes | None = request.scope.get("raw_path")
    if raw is not None:
        path = raw.decode("ascii").partition("?")[0]
    return SandboxRequest(
        method=method,
        path=path,
        query=request.url.query,
        headers=dict(request.headers),
        body=body,
        origin=str(request.base_url).rstrip("/"),
    )


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    """Take a port of this machine while the block runs."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError as error:
            raise ConfigurationError(
                f"Port {port} of {HOST} cannot be used: {system_message(error)}.",
                recovery_actions=(
                    f"Open http://{HOST}:{port}: a sandbox may be there already.",
                    Action.of(ActionKind.SERVE_SANDBOX, "Choose another: {}.", port="N"),
                ),
            ) from error
        yield listener


async def _read_body(request: Request) -> bytes | None:
    """Read the body; None when it is larger than anything the sandbox takes."""
    pieces: list[bytes] = []
    size_bytes = 0
    async for piece in request.stream():
        size_bytes += len(piece)
        if size_bytes > MAX_BODY_BYTES:
            return None
        pieces.append(piece)
    return b"".join(pieces)


def serve(
    path: Path,
    *,
    port: int = DEFAULT_PORT,
    announce: Callable[[str], None] | None = None,
) -> None:
    """Serve the sandbox in a file until interrupted; `announce` gets its address.

    Like Jira it calls itself by the address it is reached at, so links to its issues work.
    """
    with (
        _listening(port) as listener,
        # a program of its own has its own clock
        JiraSandbox(path, clock=lambda: datetime.now(UTC)) as sandbox,  # noqa: TID251
    ):
        address = f"http://{HOST}:{port}"
        sandbox.set_base_url(address)
        if announce is not None:
            announce(address)
        config = uvicorn.Config(create_app(sandbox), log_level="warning")
        with suppress(KeyboardInterrupt):  # the ordinary way to stop it
            uvicorn.Server(config).run(sockets=[listener])


def _answer(sandbox: JiraSandbox, request: SandboxRequest) -> SandboxResponse:
    if request.path.startswith(CALL_PREFIXES):
        try:
            return sandbox.receive(request)
        except StoreBusyError as error:
            return answer_json({"message": error.message}, status=503)
        except StoreError as error:
            return answer_json({"message": error.message}, status=500)
    if request.method != "GET":
        return answer_json({"message": "Method Not Allowed"}, status=405)
    return answer_page(sandbox, request)
