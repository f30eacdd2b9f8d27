"""The search call over the index, and its page tokens.

Not here: understanding JQL (`jql`).
"""

import base64
import binascii
import hashlib
import json
import sqlite3
from dataclasses import dataclass, replace
from datetime import timedelta

from jira_pipeline.jira.sandbox.access import visible_issues_sql
from jira_pipeline.jira.sandbox.issue_views import view_bare_issue, view_issue
from jira_pipeline.jira.sandbox.jql import Condition, Query, parse_jql
from jira_pipeline.jira.sandbox.request_reading import refuse, split_names, text_list
from jira_pipeline.jira.sandbox.routing import Call, Routes
from jira_pipeline.jira.sandbox_http.requests import SandboxResponse, answer_json, compact_json
from jira_pipeline.model.errors import RefusedError

MAX_BARE_PAGE = 5_000
MAX_PAGE_WITH_FIELDS = 100
"""Source: Atlassian, "Search for issues using JQL enhanced search": 5000 for ids alone."""
DEFAULT_PAGE = 50
MAX_OFFSET = 10**9
FROM_ISSUE = "FROM issue JOIN project ON project.id = issue.project_id"

SEARCH_ROUTES = Routes()


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is searched for."""

    jql: str
    fields: tuple[str, ...]
    properties: tuple[str, ...]
    page_token: str | None
    max_results: int


@SEARCH_ROUTES.answer("POST", "search/jql")
def answer_search(call: Call) -> SandboxResponse:
    """Search with a JSON body."""
    body = call.body()
    limit, token = body.get("maxResults", DEFAULT_PAGE), body.get("nextPageToken")
    if not isinstance(limit, int) or limit < 0:
        raise refuse("'maxResults' has to be a number that is not negative.")
    search = Search(
        jql=str(body.get("jql") or ""),
        fields=tuple(text_list(body.get("fields"), name="fields")),
        properties=tuple(text_list(body.get("properties"), name="properties")),
        page_token=token if isinstance(token, str) else None,
        max_results=limit,
    )
    return _answer(call, search)


@SEARCH_ROUTES.answer("GET", "search/jql")
def answer_search_by_query(call: Call) -> SandboxResponse:
    """Search with query parameters."""
    query = call.request.query_values()
    search = Search(
        jql=call.query("jql") or "",
        fields=tuple(split_names(query.get("fields", []))),
        properties=tuple(split_names(query.get("properties", []))),
        page_token=call.query("nextPageToken"),
        max_results=call.query_number("maxResults", default=DEFAULT_PAGE),
    )
    return _answer(call, search)


def find_issues(
    rows: sqlite3.Connection, query: Query, *, offset: int, limit: int
) -> list[sqlite3.Row]:
    """Return the issues a query finds, in its order."""
    where = query.where()
    # The pieces are our own words; every value is bound.
    condition = f"{where.sql} ORDER BY {query.order_sql} LIMIT ? OFFSET ?"
    statement = f"SELECT issue.*, project.key AS project_key {FROM_ISSUE} WHERE {condition}"
    found: list[sqlite3.Row] = rows.execute(statement, (*where.values, limit, offset)).fetchall()
    return found


def _answer(call: Call, search: Search) -> SandboxResponse:
    query = _indexed(call, parse_jql(search.jql, rows=call.rows))
    is_bare = not search.fields and not search.properties
    limit = min(
        search.max_results or DEFAULT_PAGE, MAX_BARE_PAGE if is_bare else MAX_PAGE_WITH_FIELDS
    )
    offset = _offset_of(search)
    found = find_issues(call.rows, query, offset=offset, limit=limit + 1)
    page, is_last = found[:limit], len(found) <= limit
    issues = [
        view_bare_issue(row)
        if is_bare
        else view_issue(call, row, fields=search.fields or ["id"], properties=search.properties)
        for row in page
    ]
    answer: dict[str, object] = {"issues": issues, "isLast": is_last}
    if not is_last:
        answer["nextPageToken"] = _page_token(search.jql, offset + limit)
    return answer_json(answer)


def _indexed(call: Call, query: Query) -> Query:
    """Narrow a query to what the caller may see and the index holds already."""
    seen_sql, values = visible_issues_sql(call)
    indexed_until = call.now - timedelta(seconds=call.rules.index_lag_seconds)
    conditions = (
        *query.conditions,
        Condition(sql=seen_sql, values=values),
        Condition(sql="issue.created_at <= ?", values=(indexed_until.isoformat(),)),
    )
    return replace(query, conditions=conditions)


def _page_token(jql: str, offset: int) -> str:
    """Hide where the next page starts; the token belongs to its query."""
    text = compact_json({"query": _query_mark(jql), "offset": offset})
    return base64.urlsafe_b64encode(text.encode()).decode()


def _query_mark(jql: str) -> str:
    return hashlib.sha256(jql.encode()).hexdigest()[:16]


def _offset_of(search: Search) -> int:
    if search.page_token is None:
        return 0
    try:
        token = json.loads(base64.urlsafe_b64decode(search.page_token.encode()))
    except (binascii.Error, ValueError) as error:
        raise _bad_token() from error
    if not isinstance(token, dict) or token.get("query") != _query_mark(search.jql):
        raise _bad_token()
    offset = token.get("offset")
    if not isinstance(offset, int) or not 0 <= offset <= MAX_OFFSET:
        raise _bad_token()
    return offset


def _bad_token() -> RefusedError:
    return refuse("The provided next page token is invalid or expired.")
