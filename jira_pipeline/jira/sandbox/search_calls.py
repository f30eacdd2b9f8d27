"""Searches: the part of JQL the sandbox understands, as SQL, and the call over the index.

Belongs here: reading a query, what each clause means (one function per field), page tokens.
"""

import base64
import binascii
import hashlib
import json
import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from jira_pipeline.jira.sandbox.access import find_issue, visible_issues_sql
from jira_pipeline.jira.sandbox.issue_views import view_issue
from jira_pipeline.jira.sandbox.project_calls import look_up_project
from jira_pipeline.jira.sandbox.request_reading import read_id, refuse, split_names, text_list
from jira_pipeline.jira.sandbox.routing import Call, Routes
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
from jira_pipeline.model.errors import RefusedError

MAX_BARE_PAGE = 5_000
MAX_PAGE_WITH_FIELDS = 100
"""Source: Atlassian, "Search for issues using JQL enhanced search": 5000 for ids alone."""
DEFAULT_PAGE = 50
MAX_OFFSET = 10**9
FROM_ISSUE = "FROM issue JOIN project ON project.id = issue.project_id"

SEARCH_ROUTES = Routes()

TOKEN = re.compile(
    r"""\s*(?:"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>(?:[^'\\]|\\.)*)'"""
    r"""|(?P<sign>!=|!~|<=|>=|[=<>~(),])|(?P<word>[^\s=!<>~(),"']+))"""
)
UNBOUNDED = (
    "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
)
ORDER_COLUMNS = {
    "key": ("project_key", "number"),
    "issuekey": ("project_key", "number"),
    "id": ("issue.id",),
    "created": ("issue.created_at",),
    "updated": ("issue.updated_at",),
    "priority": ("CAST(issue.priority_id AS INTEGER)",),
    "summary": ("issue.summary",),
}

EMPTY_SQL = {
    "labels": "issue.id NOT IN (SELECT issue_id FROM issue_label)",
    "parent": "issue.parent_id IS NULL",
    "sprint": "issue.id NOT IN (SELECT issue_id FROM issue_sprint)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A piece of SQL over `issue` joined with its project, and its values."""

    sql: str
    values: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A JQL text, understood."""

    conditions: tuple[Condition, ...]
    order_sql: str

    def where(self) -> Condition:
        """Join the conditions."""
        return Condition(
            sql=" AND ".join(f"({one.sql})" for one in self.conditions),
            values=tuple(value for one in self.conditions for value in one.values),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A word, a quoted text or a sign."""

    text: str
    is_quoted: bool = False

    def is_word(self, *words: str) -> bool:
        """Tell whether it is one of the words or signs, in any case."""
        return not self.is_quoted and self.text.lower() in words


def parse_jql(text: str, *, rows: Rows) -> Query:
    tokens = _Tokens(_split(text))
    conditions: list[Condition] = []
    if not tokens.is_next("order") and not tokens.is_at_end():
        conditions.append(_read_clause(tokens, rows))
        while tokens.take_if("and"):
            conditions.append(_read_clause(tokens, rows))
    order_sql = _read_order(tokens)
    if not tokens.is_at_end():
        raise _not_jql(f"Expecting end of query but got '{tokens.take().text}'.")
    if not conditions:
        raise refuse(UNBOUNDED)
    return Query(conditions=tuple(conditions), order_sql=order_sql)


class _Tokens:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens

    def is_at_end(self) -> bool:
        return not self._tokens

    def is_next(self, *words: str) -> bool:
        return bool(self._tokens) and self._tokens[0].is_word(*words)

    def take(self) -> Token:
        if not self._tokens:
            raise _not_jql("Unexpected end of query.")
        return self._tokens.pop(0)

    def take_if(self, *words: str) -> bool:
        if not self.is_next(*words):
            return False
        self.take()
        return True

    def expect(self, word: str) -> None:
        token = self.take()
        if not token.is_word(word):
            raise _not_jql(f"Expecting '{word}' but got '{token.text}'.")


def _not_jql(reason: str) -> RefusedError:
    return refuse(f"Error in the JQL Query: {reason}")


def _split(text: str) -> list[Token]:
    tokens: list[Token] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        found = TOKEN.match(text, position)
        if not found:
            raise _not_jql(f"The character '{text[position:].strip()[:1]}' is not expected here.")
        kind = str(found.lastgroup)
        value = found[kind]
        is_quoted = kind in {"double", "single"}
        tokens.append(
            Token(text=re.sub(r"\\(.)", r"\1", value) if is_quoted else value, is_quoted=is_quoted)
        )
        position = found.end()
    return tokens


def _read_clause(tokens: _Tokens, rows: Rows) -> Condition:
    name = tokens.take().text
    field = QUERY_FIELDS.get(name.lower())
    if field is None:
        raise refuse(f"Field '{name}' does not exist or you do not have permission to view it.")
    if tokens.take_if("is"):
        is_not = tokens.take_if("not")
        tokens.expect("empty")
        return is_empty(name.lower(), is_not=is_not)
    is_not = tokens.take_if("not")
    if tokens.is_next("in"):
        tokens.expect("in")
        tokens.expect("(")
        values = [tokens.take().text]
        while tokens.take_if(","):
            values.append(tokens.take().text)
        tokens.expect(")")
        return any_of(field, rows, values=values, is_not=is_not)
    sign = tokens.take().text.lower()
    value = tokens.take().text
    if sign == "!=":
        return any_of(field, rows, values=[value], is_not=True)
    return field.on(rows, sign, value)


def _read_order(tokens: _Tokens) -> str:
    if not tokens.take_if("order"):
        return "issue.created_at DESC, issue.id DESC"
    tokens.expect("by")
    terms = [_read_order_term(tokens)]
    while tokens.take_if(","):
        terms.append(_read_order_term(tokens))
    # Ties follow the id in the direction of the first term: pages never overlap.
    direction = "DESC" if terms[0].endswith("DESC") else "ASC"
    return f"{', '.join(terms)}, issue.id {direction}"


def _read_order_term(tokens: _Tokens) -> str:
    name = tokens.take().text
    columns = ORDER_COLUMNS.get(name.lower())
    if columns is None:
        raise refuse(f"Not able to sort using field '{name}'.")
    direction = "DESC" if tokens.take_if("desc") else "ASC"
    tokens.take_if("asc")
    return ", ".join(f"{column} {direction}" for column in columns)


@dataclass(frozen=True, slots=True)
class QueryField:
    field: str
    condition: Callable[[Rows, str, str], Condition]
    """Given the operator and the value."""
    signs: tuple[str, ...] = ("=",)

    def on(self, rows: Rows, sign: str, value: str) -> Condition:
        if sign not in self.signs:
            raise refuse(f"The operator '{sign}' is not supported by the '{self.field}' field.")
        return self.condition(rows, sign, value)


def any_of(field: QueryField, rows: Rows, *, values: list[str], is_not: bool) -> Condition:
    """Join the conditions of several values; `!=` and NOT IN leave issues without a value out."""
    parts = [field.on(rows, "=", value) for value in values]
    sql = " OR ".join(part.sql for part in parts)
    return Condition(
        sql=f"NOT ({sql})" if is_not else sql,
        values=tuple(value for part in parts for value in part.values),
    )


def is_empty(name: str, *, is_not: bool) -> Condition:
    """Ask whether a field holds nothing."""
    sql = EMPTY_SQL.get(name)
    if sql is None:
        raise refuse(f"The operator 'is' is not supported by the '{name}' field.")
    return Condition(sql=f"NOT ({sql})" if is_not else sql)


def _project(rows: Rows, _sign: str, value: str) -> Condition:
    project = look_up_project(rows, value)
    project = project or rows.first("SELECT * FROM project WHERE name = ?", value)
    if project is None:
        raise refuse(f"The value '{value}' does not exist for the field 'project'.")
    return Condition(sql="issue.project_id = ?", values=(project["id"],))


def _key(rows: Rows, sign: str, value: str) -> Condition:
    issue = find_issue(rows, value)
    if issue is not None and sign == "=":
        return Condition(sql="issue.id = ?", values=(issue["id"],))
    project_key, _, number = value.upper().rpartition("-")
    project = look_up_project(rows, project_key) if project_key else None
    if sign == "=" or project is None or read_id(number) is None:
        raise refuse(f"An issue with key '{value}' does not exist for field 'key'.")
    return Condition(
        sql=f"issue.project_id = ? AND issue.number {sign} ?", values=(project["id"], int(number))
    )


def _words(text_sql: str, value: str) -> Condition:
    """Every word occurs in the text, in any case; Jira also knows stems, the sandbox does not."""
    words = [word.strip("*").casefold() for word in value.split()]
    return Condition(
        sql=" AND ".join(f"instr(folded({text_sql}), ?) > 0" for _ in words) or "1 = 1",
        values=tuple(words),
    )


def _listed(field: str, column: str, known: Sequence[IssueType | Priority | Status]) -> QueryField:
    """Make the clause of a field with a few values, each named by its id or name."""

    def condition(_rows: Rows, _sign: str, value: str) -> Condition:
        for one in known:
            if value == one.id or value.casefold() == one.name.casefold():
                return Condition(sql=f"issue.{column} = ?", values=(one.id,))
        raise refuse(f"The value '{value}' does not exist for the field '{field}'.")

    return QueryField(field, condition)


def _parent(rows: Rows, _sign: str, value: str) -> Condition:
    issue = find_issue(rows, value)
    if issue is None:
        raise refuse(f"An issue with key '{value}' does not exist for field 'parent'.")
    return Condition(sql="issue.parent_id = ?", values=(issue["id"],))


def _sprint(rows: Rows, _sign: str, value: str) -> Condition:
    query = "SELECT id FROM sprint WHERE id = ? OR name = ?"
    found = [row["id"] for row in rows.execute(query, (read_id(value), value))]
    if not found:
        raise refuse(f"Sprint with name '{value}' does not exist or you do not have permission.")
    marks = ", ".join("?" for _ in found)
    return Condition(
        sql=f"issue.id IN (SELECT issue_id FROM issue_sprint WHERE sprint_id IN ({marks}))",  # noqa: S608 - question marks only
        values=tuple(found),
    )


_LABELLED = "issue.id IN (SELECT issue_id FROM issue_label WHERE label = ?)"
_TEXT = "issue.summary || ' ' || document_text(issue.description)"
_KEY = QueryField("key", _key, ("=", "<", "<=", ">", ">="))
_ISSUE_TYPE = _listed("issuetype", "type_id", ISSUE_TYPES)
QUERY_FIELDS: Mapping[str, QueryField] = {
    "project": QueryField("project", _project),
    **dict.fromkeys(("key", "issuekey", "id"), _KEY),
    "labels": QueryField(
        "labels", lambda _rows, _sign, value: Condition(sql=_LABELLED, values=(value,))
    ),
    "summary": QueryField(
        "summary", lambda _rows, _sign, value: _words("issue.summary", value), ("~",)
    ),
    "text": QueryField("text", lambda _rows, _sign, value: _words(_TEXT, value), ("~",)),
    **dict.fromkeys(("issuetype", "type"), _ISSUE_TYPE),
    "priority": _listed("priority", "priority_id", PRIORITIES),
    "status": _listed("status", "status_id", STATUSES),
    "parent": QueryField("parent", _parent),
    "sprint": QueryField("sprint", _sprint),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    jql: str
    fields: tuple[str, ...]
    properties: tuple[str, ...]
    page_token: str | None
    max_results: int


@SEARCH_ROUTES.answer("POST", "search/jql")
def answer_search(call: Call) -> object:
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
def answer_search_by_query(call: Call) -> object:
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


def find_issues(rows: Rows, query: Query, *, offset: int, limit: int) -> list[sqlite3.Row]:
    """Return the issues a query finds, in its order."""
    where = query.where()
    # The pieces are our own words; every value is bound.
    condition = f"{where.sql} ORDER BY {query.order_sql} LIMIT ? OFFSET ?"
    statement = f"SELECT issue.*, project.key AS project_key {FROM_ISSUE} WHERE {condition}"
    found: list[sqlite3.Row] = rows.every(statement, *where.values, limit, offset)
    return found


def _answer(call: Call, search: Search) -> object:
    query = _indexed(call, parse_jql(search.jql, rows=call.rows))
    is_bare = not search.fields and not search.properties
    limit = min(
        search.max_results or DEFAULT_PAGE, MAX_BARE_PAGE if is_bare else MAX_PAGE_WITH_FIELDS
    )
    offset = _offset_of(search)
    found = find_issues(call.rows, query, offset=offset, limit=limit + 1)
    page, is_last = found[:limit], len(found) <= limit
    issues = [
        {"id": str(row["id"])}
        if is_bare
        else view_issue(call, row, fields=search.fields or ["id"], properties=search.properties)
        for row in page
    ]
    answer: dict[str, object] = {"issues": issues, "isLast": is_last}
    if not is_last:
        text = compact_json({"query": _query_mark(search.jql), "offset": offset + limit})
        answer["nextPageToken"] = base64.urlsafe_b64encode(text.encode()).decode()
    return answer


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
