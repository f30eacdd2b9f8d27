"""Searches: the part of JQL that our client sends, as SQL, and the call over the index.

Belongs here: clauses joined by AND, what each means (one row per field), order, page tokens. Does
not: what one may see (`call`), showing issues (`issue_fields`).
"""

import hashlib
import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.jira.sandbox.call import (
    Call,
    Routes,
    find_issue,
    find_project,
    read_id,
    refuse,
    text_list,
)
from jira_pipeline.jira.sandbox.issue_fields import view_issue
from jira_pipeline.jira.sandbox_http import Rows

MAX_BARE_PAGE = 5_000
MAX_PAGE_WITH_FIELDS = 100
"""Source: Atlassian, "Search for issues using JQL enhanced search": 5000 for ids alone."""
DEFAULT_PAGE = 50
FROM_ISSUE = "FROM issue JOIN project ON project.id = issue.project_id"
UNBOUNDED = (
    "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
)
WRONG_PAGE = "The provided next page token is invalid or expired."

SEARCH_ROUTES = Routes()

_WORD = r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s=!<>~(),"']+)"""
_CLAUSE = re.compile(
    rf"\s*(?P<field>{_WORD})\s*(?:in\s*\((?P<values>\s*{_WORD}(?:\s*,\s*{_WORD})*)\s*\)"
    rf"|(?P<sign>[=~])\s*(?P<value>{_WORD}))"
    r"\s*(?:(?P<and>and)\b|(?=order\b)|\Z)",
    re.IGNORECASE,
)
_ORDER = re.compile(r"\s*order\s+by\s+(?P<name>\w+)(?:\s+(?P<way>asc|desc))?\s*", re.IGNORECASE)
ORDER_COLUMNS = {"key": ("project_key", "number"), "created": ("issue.created_at",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A piece of SQL over `issue` joined with its project, its values, and an order."""

    sql: str
    values: tuple[object, ...] = ()
    order_sql: str = ""


Find = Callable[[Rows, str], Query]
"""Gives what holds where a field has a value."""


def parse_jql(text: str, *, rows: Rows) -> Query:
    """Return what a JQL text asks for; a refusal says what is not understood."""
    parts: list[Query] = []
    rest = text
    is_open = True
    while is_open and (clause := _CLAUSE.match(rest)):
        parts.append(_read_clause(clause, rows))
        rest, is_open = rest[clause.end() :], bool(clause["and"])
    order = _ORDER.fullmatch(rest)
    if (is_open and parts) or (order is None and rest.strip()):
        raise refuse(f"Error in the JQL Query: '{rest.strip()}' is not understood.")
    name, way = ("created", "desc") if order is None else (order["name"], order["way"] or "asc")
    if name.lower() not in ORDER_COLUMNS:
        raise refuse(f"Not able to sort using field '{name}'.")
    # Ties follow the id in the same direction: pages never overlap.
    columns = (*ORDER_COLUMNS[name.lower()], "issue.id")
    order_sql = ", ".join(f"{column} {way.upper()}" for column in columns)
    if not parts:
        raise refuse(UNBOUNDED)
    return joined(parts, order_sql=order_sql)


def joined(parts: Sequence[Query], *, order_sql: str, word: str = "AND") -> Query:
    """Join conditions by a word."""
    return Query(
        sql=f" {word} ".join(f"({part.sql})" for part in parts),
        values=tuple(value for part in parts for value in part.values),
        order_sql=order_sql,
    )


def _read_clause(clause: re.Match[str], rows: Rows) -> Query:
    name = _unquoted(clause["field"]).lower()
    sign = clause["sign"] or "="
    if name not in QUERY_FIELDS:
        raise refuse(f"Field '{name}' does not exist or you do not have permission to view it.")
    known_sign, find = QUERY_FIELDS[name]
    if sign != known_sign:
        raise refuse(f"The operator '{sign}' is not supported by the '{name}' field.")
    words = re.findall(_WORD, clause["values"] or clause["value"])
    return joined([find(rows, _unquoted(word)) for word in words], order_sql="", word="OR")


def _unquoted(word: str) -> str:
    return re.sub(r"\\(.)", r"\1", word[1:-1]) if word[0] in "\"'" else word


def _in_project(rows: Rows, value: str) -> Query:
    project = find_project(rows, value)
    if project is None:
        raise refuse(f"The value '{value}' does not exist for the field 'project'.")
    return Query(sql="issue.project_id = ?", values=(project["id"],))


def _of_issue(name: str, column: str) -> Find:
    def find(rows: Rows, value: str) -> Query:
        issue = find_issue(rows, value)
        if issue is None:
            raise refuse(f"An issue with key '{value}' does not exist for field '{name}'.")
        return Query(sql=f"issue.{column} = ?", values=(issue["id"],))

    return find


def _with_words(_rows: Rows, value: str) -> Query:
    """Every word occurs in the summary, in any case; Jira also knows stems, the sandbox does not."""
    words = [word.strip("*").casefold() for word in value.split()]
    sql = " AND ".join("instr(folded(issue.summary), ?) > 0" for _ in words) or "1 = 1"
    return Query(sql=sql, values=tuple(words))


QUERY_FIELDS: Mapping[str, tuple[str, Find]] = {
    "project": ("=", _in_project),
    "key": ("=", _of_issue("key", "id")),
    "parent": ("=", _of_issue("parent", "parent_id")),
    "labels": (
        "=",
        lambda _rows, label: Query(
            sql="issue.id IN (SELECT issue_id FROM issue_label WHERE label = ?)", values=(label,)
        ),
    ),
    "summary": ("~", _with_words),
}
"""The operator that each field takes, and what a clause with it means."""


def find_issues(rows: Rows, query: Query, *, offset: int, limit: int) -> list[sqlite3.Row]:
    """Return the issues a query finds, in its order."""
    # The pieces are our own words; every value is bound.
    condition = f"{query.sql} ORDER BY {query.order_sql} LIMIT ? OFFSET ?"
    statement = f"SELECT issue.*, project.key AS project_key {FROM_ISSUE} WHERE {condition}"
    return rows.every(statement, *query.values, limit, offset)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    """What one page of a search is asked for."""

    jql: str
    limit: int
    names: Sequence[str]
    """Of the fields to show."""
    properties: Sequence[str]
    page_token: object


@SEARCH_ROUTES.answer("POST", "search/jql", is_open=True)
def answer_search(call: Call) -> object:
    """Search as the body says, which may be long: our client does so."""
    body = call.body()
    limit = body.get("maxResults", DEFAULT_PAGE)
    if not isinstance(limit, int) or limit < 0:
        raise refuse("'maxResults' has to be a number that is not negative.")
    search = _Search(
        jql=str(body.get("jql") or ""),
        limit=limit,
        names=text_list(body.get("fields"), name="fields"),
        properties=text_list(body.get("properties"), name="properties"),
        page_token=body.get("nextPageToken"),
    )
    return _find_page(call, search)


@SEARCH_ROUTES.answer("GET", "search/jql", is_open=True)
def answer_search_by_address(call: Call) -> object:
    """Search as the query says: libraries for Python do so, by which people list what was exported."""
    search = _Search(
        jql=call.parameter("jql"),
        limit=call.number("maxResults", DEFAULT_PAGE),
        names=call.names("fields"),
        properties=call.names("properties"),
        page_token=call.parameter("nextPageToken") or None,
    )
    return _find_page(call, search)


def _find_page(call: Call, search: _Search) -> object:
    """Find what one may see and the index holds already, a page after the other."""
    jql = search.jql
    names = search.names
    properties = search.properties
    is_bare = not names and not properties
    limit = min(search.limit or DEFAULT_PAGE, MAX_BARE_PAGE if is_bare else MAX_PAGE_WITH_FIELDS)
    offset = _offset_of(search.page_token, jql)
    query = parse_jql(jql, rows=call.rows)
    visible_sql, values = call.visible_sql()
    limits = Query(sql=visible_sql, values=values)
    query = joined([query, limits], order_sql=query.order_sql)
    matches = find_issues(call.rows, query, offset=offset, limit=limit + 1)
    issues: list[Mapping[str, object]] = []
    for row in matches[:limit]:
        if is_bare:
            issues.append({"id": str(row["id"])})
        else:
            issues.append(view_issue(call, row, names=names or ["id"], properties=properties))
    answer: dict[str, object] = {"issues": issues, "isLast": len(matches) <= limit}
    if len(matches) > limit:
        answer["nextPageToken"] = f"{_query_mark(jql)}-{offset + limit}"
    return answer


def _query_mark(jql: str) -> str:
    return hashlib.sha256(jql.encode()).hexdigest()[:16]


def _offset_of(page_token: object, jql: str) -> int:
    if not isinstance(page_token, str):
        return 0
    query_mark, _, text = page_token.partition("-")
    offset = read_id(text)
    if query_mark != _query_mark(jql) or offset is None:
        raise refuse(WRONG_PAGE)
    return offset
