"""Searches: the part of JQL the sandbox understands, as SQL, and the call over the index.

Belongs here: clauses joined by AND, what each means (one row per field), order, page tokens. Does
not: what one may see (`call`), showing issues (`issue_fields`).
"""

import base64
import binascii
import hashlib
import json
import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from jira_pipeline.jira.sandbox.call import (
    Call,
    Routes,
    find_issue,
    find_project,
    is_object,
    marks,
    read_id,
    refuse,
    text_list,
)
from jira_pipeline.jira.sandbox.issue_fields import view_issue
from jira_pipeline.jira.sandbox.sandbox_site import (
    ISSUE_TYPES,
    PRIORITIES,
    STATUSES,
    IssueType,
    Priority,
    Status,
)
from jira_pipeline.jira.sandbox_http.requests import compact_json
from jira_pipeline.jira.sandbox_http.sqlite_rows import Rows

MAX_BARE_PAGE = 5_000
MAX_PAGE_WITH_FIELDS = 100
"""Source: Atlassian, "Search for issues using JQL enhanced search": 5000 for ids alone."""
DEFAULT_PAGE = 50
MAX_OFFSET = 10**9
FROM_ISSUE = "FROM issue JOIN project ON project.id = issue.project_id"
UNBOUNDED = (
    "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
)
WRONG_PAGE = "The provided next page token is invalid or expired."

SEARCH_ROUTES = Routes()

_WORD = r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s=!<>~(),"']+)"""
_CLAUSE = re.compile(
    rf"\s*(?P<field>{_WORD})\s*(?:is\s+(?P<is_not>not\s+)?empty"
    rf"|(?P<not_in>not\s+)?in\s*\((?P<values>\s*{_WORD}(?:\s*,\s*{_WORD})*)\s*\)"
    rf"|(?P<sign>!=|!~|<=|>=|[=<>~])\s*(?P<value>{_WORD}))\s*(?:(?P<and>and)\b|(?=order\b)|\Z)",
    re.IGNORECASE,
)
_TERM = r"\w+(?:\s+(?:asc|desc))?"
_ORDER = re.compile(rf"\s*order\s+by\s+(?P<terms>{_TERM}(?:\s*,\s*{_TERM})*)\s*", re.IGNORECASE)
ORDER_COLUMNS = {
    **dict.fromkeys(("key", "issuekey"), ("project_key", "number")),
    "id": ("issue.id",),
    "created": ("issue.created_at",),
    "updated": ("issue.updated_at",),
    "priority": ("CAST(issue.priority_id AS INTEGER)",),
    "summary": ("issue.summary",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A piece of SQL over `issue` joined with its project, its values, and an order."""

    sql: str
    values: tuple[object, ...] = ()
    order_sql: str = ""


def parse_jql(text: str, *, rows: Rows) -> Query:
    """Return what a JQL text asks for; a refusal says what is not understood."""
    parts: list[Query] = []
    rest, is_open = text, True
    while is_open and (clause := _CLAUSE.match(rest)):
        parts.append(_read_clause(clause, rows))
        rest, is_open = rest[clause.end() :], bool(clause["and"])
    order = _ORDER.fullmatch(rest)
    if (is_open and parts) or (order is None and rest.strip()):
        raise refuse(f"Error in the JQL Query: '{rest.strip()}' is not understood.")
    order_sql = _read_order("created desc" if order is None else order["terms"])
    if not parts:
        raise refuse(UNBOUNDED)
    return joined(parts, order_sql=order_sql)


def joined(parts: Sequence[Query], *, order_sql: str, word: str = "AND") -> Query:
    """Join conditions by a word."""
    return Query(
        sql=f" {word} ".join(f"({one.sql})" for one in parts),
        values=tuple(value for one in parts for value in one.values),
        order_sql=order_sql,
    )


def _read_clause(clause: re.Match[str], rows: Rows) -> Query:
    name, list_text = _unquoted(clause["field"]), clause["values"]
    field = QUERY_FIELDS.get(name.lower())
    if field is None:
        raise refuse(f"Field '{name}' does not exist or you do not have permission to view it.")
    if not (list_text or clause["sign"]):
        if not field.empty_sql:
            raise refuse(f"The operator 'is' is not supported by the '{name.lower()}' field.")
        return Query(sql=f"NOT ({field.empty_sql})" if clause["is_not"] else field.empty_sql)
    sign = "=" if list_text or clause["sign"] == "!=" else clause["sign"]
    if sign not in field.signs:
        raise refuse(f"The operator '{sign}' is not supported by the '{field.name}' field.")
    values = [_unquoted(word) for word in re.findall(_WORD, list_text or clause["value"])]
    parts = joined([field.find(rows, sign, v) for v in values], order_sql="", word="OR")
    # `!=` and NOT IN leave issues without a value out.
    is_not = clause["not_in"] or clause["sign"] == "!="
    return Query(sql=f"NOT ({parts.sql})", values=parts.values) if is_not else parts


def _unquoted(word: str) -> str:
    return re.sub(r"\\(.)", r"\1", word[1:-1]) if word[0] in "\"'" else word


def _read_order(terms: str) -> str:
    columns: list[str] = []
    for term in terms.split(","):
        name, *way = term.lower().split()
        if name not in ORDER_COLUMNS:
            raise refuse(f"Not able to sort using field '{name}'.")
        direction = "DESC" if way == ["desc"] else "ASC"
        columns += [f"{column} {direction}" for column in ORDER_COLUMNS[name]]
    # Ties follow the id in the direction of the first term: pages never overlap.
    return f"{', '.join(columns)}, issue.id {columns[0].rpartition(' ')[2]}"


@dataclass(frozen=True, slots=True)
class QueryField:
    """What a clause about a field means."""

    name: str
    find: Callable[[Rows, str, str], Query]
    """Given the operator and the value."""
    signs: tuple[str, ...] = ("=",)
    empty_sql: str = ""
    """What holds where the field is empty; blank where nobody may ask for that."""


def _key(rows: Rows, sign: str, value: str) -> Query:
    issue = find_issue(rows, value)
    if issue is not None and sign == "=":
        return Query(sql="issue.id = ?", values=(issue["id"],))
    project_key, _, number = value.upper().rpartition("-")
    project = find_project(rows, project_key) if project_key else None
    if sign == "=" or project is None or read_id(number) is None:
        raise refuse(f"An issue with key '{value}' does not exist for field 'key'.")
    sql = f"issue.project_id = ? AND issue.number {sign} ?"
    return Query(sql=sql, values=(project["id"], int(number)))


def _words(name: str, text_sql: str) -> QueryField:
    """Every word occurs in the text, in any case; Jira also knows stems, the sandbox does not."""

    def find(_rows: Rows, _sign: str, value: str) -> Query:
        words = [word.strip("*").casefold() for word in value.split()]
        sql = " AND ".join(f"instr(folded({text_sql}), ?) > 0" for _ in words) or "1 = 1"
        return Query(sql=sql, values=tuple(words))

    return QueryField(name, find, ("~",))


def _equal(
    name: str,
    column: str,
    find_id: Callable[[Rows, str], object | None],
    *,
    refusal: str = "The value '{}' does not exist for the field '{}'.",
    empty_sql: str = "",
) -> QueryField:
    """Make the clause of a field that one value is in, found by its id, key or name."""

    def find(rows: Rows, _sign: str, value: str) -> Query:
        found_id = find_id(rows, value)
        if found_id is None:
            raise refuse(refusal.format(value, name))
        return Query(sql=f"issue.{column} = ?", values=(found_id,))

    return QueryField(name, find, empty_sql=empty_sql)


def _listed(name: str, known: Sequence[IssueType | Priority | Status]) -> QueryField:
    ids = {text.casefold(): kind.id for kind in known for text in (kind.id, kind.name)}
    column = "type_id" if name == "issuetype" else f"{name}_id"
    return _equal(name, column, lambda _rows, value: ids.get(value.casefold()))


def _project_id(rows: Rows, value: str) -> object | None:
    by_name = "SELECT * FROM project WHERE name = ?"
    project = find_project(rows, value) or rows.first(by_name, value)
    return project and project["id"]


def _issue_id(rows: Rows, value: str) -> object | None:
    issue = find_issue(rows, value)
    return issue and issue["id"]


def _sprint(rows: Rows, _sign: str, value: str) -> Query:
    query = "SELECT id FROM sprint WHERE id = ? OR name = ?"
    ids = [row["id"] for row in rows.every(query, read_id(value), value)]
    if not ids:
        raise refuse(f"Sprint with name '{value}' does not exist or you do not have permission.")
    sql = f"issue.id IN (SELECT issue_id FROM issue_sprint WHERE sprint_id IN ({marks(ids)}))"  # noqa: S608 - question marks only
    return Query(sql=sql, values=tuple(ids))


def _label(_rows: Rows, _sign: str, value: str) -> Query:
    sql = "issue.id IN (SELECT issue_id FROM issue_label WHERE label = ?)"
    return Query(sql=sql, values=(value,))


QUERY_FIELDS: Mapping[str, QueryField] = {
    "project": _equal("project", "project_id", _project_id),
    **dict.fromkeys(
        ("key", "issuekey", "id"), QueryField("key", _key, ("=", "<", "<=", ">", ">="))
    ),
    "labels": QueryField(
        "labels", _label, empty_sql="issue.id NOT IN (SELECT issue_id FROM issue_label)"
    ),
    "summary": _words("summary", "issue.summary"),
    "text": _words("text", "issue.summary || ' ' || document_text(issue.description)"),
    **dict.fromkeys(("issuetype", "type"), _listed("issuetype", ISSUE_TYPES)),
    "priority": _listed("priority", PRIORITIES),
    "status": _listed("status", STATUSES),
    "parent": _equal(
        "parent",
        "parent_id",
        _issue_id,
        refusal="An issue with key '{}' does not exist for field '{}'.",
        empty_sql="issue.parent_id IS NULL",
    ),
    "sprint": QueryField(
        "sprint", _sprint, empty_sql="issue.id NOT IN (SELECT issue_id FROM issue_sprint)"
    ),
}


def find_issues(rows: Rows, query: Query, *, offset: int, limit: int) -> list[sqlite3.Row]:
    """Return the issues a query finds, in its order."""
    # The pieces are our own words; every value is bound.
    condition = f"{query.sql} ORDER BY {query.order_sql} LIMIT ? OFFSET ?"
    statement = f"SELECT issue.*, project.key AS project_key {FROM_ISSUE} WHERE {condition}"
    return rows.every(statement, *query.values, limit, offset)


@SEARCH_ROUTES.answer("POST", "search/jql")
def answer_search(call: Call) -> object:
    """Search what one may see and the index holds already, a page after the other."""
    body = call.body()
    jql, limit = str(body.get("jql") or ""), body.get("maxResults", DEFAULT_PAGE)
    if not isinstance(limit, int) or limit < 0:
        raise refuse("'maxResults' has to be a number that is not negative.")
    names, properties = (text_list(body.get(n), name=n) for n in ("fields", "properties"))
    is_bare = not names and not properties
    limit = min(limit or DEFAULT_PAGE, MAX_BARE_PAGE if is_bare else MAX_PAGE_WITH_FIELDS)
    offset = _offset_of(body.get("nextPageToken"), jql)
    query = parse_jql(jql, rows=call.rows)
    visible_sql, values = call.visible_sql()
    indexed_until = (call.now - timedelta(seconds=call.rules.index_lag_seconds)).isoformat()
    limits = Query(sql=f"{visible_sql} AND issue.created_at <= ?", values=(*values, indexed_until))
    query = joined([query, limits], order_sql=query.order_sql)
    found = find_issues(call.rows, query, offset=offset, limit=limit + 1)
    issues = [
        {"id": str(row["id"])}
        if is_bare
        else view_issue(call, row, names=names or ["id"], properties=properties)
        for row in found[:limit]
    ]
    answer: dict[str, object] = {"issues": issues, "isLast": len(found) <= limit}
    if len(found) > limit:
        text = compact_json({"query": _query_mark(jql), "offset": offset + limit})
        answer["nextPageToken"] = base64.urlsafe_b64encode(text.encode()).decode()
    return answer


def _query_mark(jql: str) -> str:
    return hashlib.sha256(jql.encode()).hexdigest()[:16]


def _offset_of(page_token: object, jql: str) -> int:
    if not isinstance(page_token, str):
        return 0
    try:
        token = json.loads(base64.urlsafe_b64decode(page_token.encode()))
    except (binascii.Error, ValueError) as error:
        raise refuse(WRONG_PAGE) from error
    offset = token.get("offset") if is_object(token) else None
    if not isinstance(offset, int) or not 0 <= offset <= MAX_OFFSET:
        raise refuse(WRONG_PAGE)
    if token.get("query") != _query_mark(jql):
        raise refuse(WRONG_PAGE)
    return offset
