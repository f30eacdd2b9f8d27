"""Pages on which a person reads the issues: a project's list, a search, one issue.

Belongs here: addresses, what is shown, the headers that keep hostile text harmless. Does not: the
looks (`templates/`), the JSON calls (`sandbox`). Nothing here changes anything, and nothing is
journalled: looking is not a request to Jira.
"""

import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from math import ceil
from typing import TypeAlias
from urllib.parse import unquote, urlencode, urlsplit

from markupsafe import Markup

from jira_pipeline.jira.adf import nodes as adf
from jira_pipeline.jira.adf.nodes import AdfNode, LinkPolicy
from jira_pipeline.jira.adf.to_html import adf_to_html
from jira_pipeline.jira.sandbox.call import Call, find_issue, find_project, read_id, refuse
from jira_pipeline.jira.sandbox.issue_fields import labels_of, view_issue
from jira_pipeline.jira.sandbox.issue_part_calls import find_attachment, send_file
from jira_pipeline.jira.sandbox.issue_views import parts_of, stored_time
from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.jira.sandbox.sandbox_site import (
    LINK_TYPES,
    find_users,
    issue_type_of,
    priority_of,
    status_of,
)
from jira_pipeline.jira.sandbox.search_calls import FROM_ISSUE, Query, find_issues, parse_jql
from jira_pipeline.jira.sandbox.site_rules import SiteRules
from jira_pipeline.jira.sandbox_http.requests import SandboxRequest, SandboxResponse
from jira_pipeline.jira.sandbox_http.sqlite_rows import Rows
from jira_pipeline.model.errors import RefusedError
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


Line: TypeAlias = Mapping[str, object]
"""What a template shows of an issue in a list, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueList:
    lines: tuple[Line, ...]
    total: int
    page: int

    @property
    def page_count(self) -> int:
        """At least 1."""
        return max(1, ceil(self.total / PAGE_SIZE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What an issue was made from, where whoever serves these pages has a page of it."""

    address: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Somebody looks at a page."""

    rows: Rows
    request: SandboxRequest
    name: str
    """The last segment of the path, such as an issue's key."""
    root: str = ""
    """What the path of every link begins with."""
    origin_of: Callable[[Mapping[str, object]], Origin | None] = lambda _issue: None

    def text(self, parameter: str) -> str:
        """Return a query parameter, blank when absent."""
        return next(iter(self.request.query_values().get(parameter, [])), "").strip()

    def page(self) -> int:
        """Return the number of the page asked for, from 1."""
        return max(1, min(read_id(self.text("page")) or 1, MAX_PAGE_NUMBER))


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
        visit = Visit(
            rows=rows, request=request, name=unquote(name), root=root, origin_of=origin_of
        )
        try:
            if show is None:
                raise refuse("There is no such page.", status=NOT_FOUND)
            return show(visit)
        except RefusedError as refusal:
            values = {"message": refusal.message}
            return _html(visit, "refused.html", values, status=refusal.status_code or 400)


def show_overview(visit: Visit) -> SandboxResponse:
    """Show the only project, or all of them."""
    projects = visit.rows.every(
        "SELECT project.key, project.name, count(issue.id) AS issue_count FROM project"
        " LEFT JOIN issue ON issue.project_id = project.id GROUP BY project.id ORDER BY project.key"
    )
    return _html(visit, "overview.html", {"projects": projects})


def show_project(visit: Visit) -> SandboxResponse:
    """Show the issues of a project, by text and label if asked."""
    project = find_project(visit.rows, visit.name)
    if project is None:
        raise refuse(f"There is no project '{visit.name}'.", status=NOT_FOUND)
    text, label = visit.text("text"), visit.text("label")
    clauses = [f"project = {_quoted(project['key'])}"]
    if text:
        clauses.append(f"text ~ {_quoted(text)}")
    if label:
        clauses.append(f"labels = {_quoted(label)}")
    jql = f"{' AND '.join(clauses)} ORDER BY key ASC"
    issues = read_issue_list(visit.rows, parse_jql(jql, rows=visit.rows), page=visit.page())
    return _html(
        visit,
        "project.html",
        {
            "project": project,
            "issues": issues,
            "labels": read_labels(visit.rows, project_id=project["id"]),
            "text": text,
            "label": label,
            **_page_hrefs(issues, {"text": text, "label": label}),
        },
    )


def show_search(visit: Visit) -> SandboxResponse:
    """Show what a JQL text finds: the address is Jira's own."""
    jql = visit.text("jql")
    issues = read_issue_list(visit.rows, parse_jql(jql, rows=visit.rows), page=visit.page())
    return _html(
        visit, "search.html", {"jql": jql, "issues": issues, **_page_hrefs(issues, {"jql": jql})}
    )


def show_issue(visit: Visit) -> SandboxResponse:
    """Show one issue with everything that hangs on it."""
    issue = find_issue(visit.rows, visit.name)
    if issue is None:
        raise refuse(f"There is no issue '{visit.name}'.", status=NOT_FOUND)
    people = find_users(visit.rows)
    # As the owner of the site would ask, so that pages and JSON never differ.
    call = Call(
        request=visit.request,
        rows=visit.rows,
        user=people[0],
        now=datetime.fromtimestamp(0, tz=UTC),
        sequence=0,
        rules=SiteRules(),
    )
    view = view_issue(call, issue, names=["*all"], properties=["*all"])
    names = {user.account_id: user.display_name for user in people}
    before, after = read_neighbours(visit.rows, issue)
    return _html(
        visit,
        "issue.html",
        {
            "issue": view,
            "origin": visit.origin_of(view),
            "fields": view["fields"],
            "description": _rich_text(visit, issue["description"]),
            "comments": [
                {
                    "author": names[row["author_id"]],
                    "created": time_for_people(row["created_at"]),
                    "body": _rich_text(visit, row["body"]),
                }
                for row in parts_of(visit.rows, issue["id"], "comment")
            ],
            "changes": [
                {
                    "author": names.get(row["author_id"], "Somebody"),
                    "at": time_for_people(row["created_at"]),
                    "fields": ", ".join(item["field"] for item in json.loads(row["items"])),
                }
                for row in parts_of(visit.rows, issue["id"], "change_history")
            ],
            "link_groups": read_link_groups(visit.rows, issue_id=issue["id"]),
            "attachments": read_attachments(visit.rows, issue_id=issue["id"]),
            "created": time_for_people(issue["created_at"]),
            "updated": time_for_people(issue["updated_at"]),
            "raw_json": json.dumps(view, ensure_ascii=False, indent=2),
            "before": before,
            "after": after,
        },
    )


def show_attachment(visit: Visit) -> SandboxResponse:
    """Send an attachment as a download."""
    row = find_attachment(visit.rows, visit.name)
    if row is None:
        raise refuse(f"There is no attachment '{visit.name}'.", status=NOT_FOUND)
    return send_file(row)


def show_style_sheet(_visit: Visit) -> SandboxResponse:
    sheet = resources.files("jira_pipeline.jira.sandbox") / "templates" / STYLE_SHEET
    return SandboxResponse(
        status=200,
        headers={"content-type": "text/css; charset=utf-8", **SECURITY_HEADERS},
        body=style_sheet().encode() + sheet.read_bytes(),
    )


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _page_hrefs(issues: IssueList, parameters: Mapping[str, str]) -> dict[str, str | None]:
    def href(page: int) -> str | None:
        given = {name: value for name, value in parameters.items() if value}
        if not 1 <= page <= issues.page_count:
            return None
        return f"?{urlencode({**given, 'page': page})}"

    return {"earlier_href": href(issues.page - 1), "later_href": href(issues.page + 1)}


def read_issue_list(rows: Rows, query: Query, *, page: int) -> IssueList:
    condition = f"{FROM_ISSUE} WHERE {query.sql}"
    total = rows.one(f"SELECT count(*) {condition}", *query.values)[0]
    found = find_issues(rows, query, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    return IssueList(lines=tuple(_issue_line(rows, row) for row in found), total=total, page=page)


def read_labels(rows: Rows, *, project_id: int) -> list[sqlite3.Row]:
    """Count the labels of a project, the commonest first."""
    return rows.every(
        "SELECT label, count(*) AS count FROM issue_label"
        " JOIN issue ON issue.id = issue_label.issue_id WHERE issue.project_id = ?"
        " GROUP BY label ORDER BY count(*) DESC, label",
        project_id,
    )


def read_link_groups(rows: Rows, *, issue_id: int) -> dict[str, list[Line]]:
    """Read the links of an issue by how they read from it; what blocks it comes first."""
    groups: dict[str, list[Line]] = {}
    for kind in LINK_TYPES:
        for verb, here, other in (
            (kind.inward, "outward_issue_id", "inward_issue_id"),
            (kind.outward, "inward_issue_id", "outward_issue_id"),
        ):
            found = rows.every(
                f"SELECT issue.* FROM issue_link JOIN issue ON issue.id = {other}"  # noqa: S608 - ours
                f" WHERE issue_link.type_id = ? AND {here} = ? ORDER BY {other}",
                kind.id,
                issue_id,
            )
            if found:
                groups.setdefault(verb, []).extend(_issue_line(rows, row) for row in found)
    return groups


def read_attachments(rows: Rows, *, issue_id: int) -> list[dict[str, object]]:
    """Read the attachments of an issue, oldest first."""
    found = rows.every(
        "SELECT id, filename, size_bytes, created_at FROM attachment WHERE issue_id = ?"
        " ORDER BY id",
        issue_id,
    )
    return [
        {
            "id": row["id"],
            "filename": row["filename"],
            "size": size_for_people(row["size_bytes"]),
            "created": time_for_people(row["created_at"]),
        }
        for row in found
    ]


def read_neighbours(rows: Rows, issue: sqlite3.Row) -> tuple[str | None, str | None]:
    """Return the keys before and after an issue in its project."""
    others = "SELECT key FROM issue WHERE project_id = ? AND number"
    own = [issue["project_id"], issue["number"]]
    before = rows.first(f"{others} < ? ORDER BY number DESC LIMIT 1", *own)
    after = rows.first(f"{others} > ? ORDER BY number LIMIT 1", *own)
    return before["key"] if before else None, after["key"] if after else None


def size_for_people(size_bytes: int) -> str:
    """Write a size with its unit."""
    kilobytes = size_bytes / 1000
    if kilobytes < 1:
        return f"{size_bytes} B"
    return f"{kilobytes:.1f} kB" if kilobytes < 1000 else f"{kilobytes / 1000:.1f} MB"  # noqa: PLR2004


def time_for_people(stored: str) -> str:
    """Write a stored time without fractions."""
    return stored_time(stored)[:16].replace("T", " ") + " UTC"


def _issue_line(rows: Rows, row: sqlite3.Row) -> Line:
    counts = rows.one(
        "SELECT"
        " (SELECT count(*) FROM issue_link WHERE type_id = ?1 AND outward_issue_id = ?2)"
        "   AS blocked_by_count,"
        " (SELECT count(*) FROM issue_link WHERE type_id = ?1 AND inward_issue_id = ?2)"
        "   AS blocks_count,"
        " (SELECT count(*) FROM issue_link WHERE type_id <> ?1"
        "   AND ?2 IN (inward_issue_id, outward_issue_id)) AS other_link_count,"
        " (SELECT count(*) FROM attachment WHERE issue_id = ?2) AS attachment_count",
        LINK_TYPES[0].id,
        row["id"],
    )
    return {
        "key": row["key"],
        "summary": row["summary"],
        "type_name": issue_type_of(row["type_id"]).name,
        "priority_name": priority_of(row["priority_id"]).name,
        "status_name": status_of(row["status_id"]).name,
        "labels": labels_of(rows, row["id"]),
        **dict(counts),
    }


def _rich_text(visit: Visit, document: str | None) -> Markup | None:
    """Render a stored document; `adf_to_html` escapes every text and refuses unsafe addresses."""
    if document is None:
        return None
    shown = _with_cards(visit, json.loads(document))
    return as_shown(adf_to_html(shown, links=LinkPolicy(is_relative_allowed=True)))


def _with_cards(visit: Visit, node: AdfNode) -> AdfNode:
    """Return a node in which the card of an issue says its key and summary.

    Issues are known by their keys alone: the sandbox is served at many addresses.
    """
    if node["type"] == "inlineCard":
        address = urlsplit(str((node.get("attrs") or {}).get("url", "")))
        place, _, key = address.path.rpartition("/")
        issue = find_issue(visit.rows, key) if place.endswith("/browse") else None
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
    text = page.render(root=visit.root, **values)
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
