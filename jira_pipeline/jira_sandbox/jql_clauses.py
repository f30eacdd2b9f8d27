"""What each clause of a query means in SQL: one function per field.

Belongs here: fields, their operators and values, and Jira's refusals of them. Does not: the
grammar around the clauses (`jql`).
"""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from jira_pipeline.jira_sandbox.exchange import read_id, refuse
from jira_pipeline.jira_sandbox.issue_rows import find_issue
from jira_pipeline.jira_sandbox.project_calls import look_up_project
from jira_pipeline.jira_sandbox.site import ISSUE_TYPES, PRIORITIES, TO_DO


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A piece of SQL over `issue` joined with its project, and its values."""

    sql: str
    values: tuple[object, ...] = ()


Clause = Callable[[sqlite3.Connection, str, str], Condition]
"""Makes the condition of a field, given the operator and the value."""


def any_of(
    field: Clause, rows: sqlite3.Connection, *, values: list[str], is_not: bool
) -> Condition:
    """Join the conditions of several values; `!=` and NOT IN leave issues without a value out."""
    parts = [field(rows, "=", value) for value in values]
    sql = " OR ".join(part.sql for part in parts)
    return Condition(
        sql=f"NOT ({sql})" if is_not else sql,
        values=tuple(value for part in parts for value in part.values),
    )


def is_empty(name: str, *, is_not: bool) -> Condition:
    """Ask whether a field holds nothing.

    Raises:
        RefusedError: It is not asked of this field.
    """
    sql = EMPTY_SQL.get(name)
    if sql is None:
        raise refuse(f"The operator 'is' is not supported by the '{name}' field.")
    return Condition(sql=f"NOT ({sql})" if is_not else sql)


def _only(sign: str, signs: tuple[str, ...], *, field: str) -> None:
    if sign not in signs:
        raise refuse(f"The operator '{sign}' is not supported by the '{field}' field.")


def _project(rows: sqlite3.Connection, sign: str, value: str) -> Condition:
    _only(sign, ("=",), field="project")
    project = look_up_project(rows, value)
    if project is None:
        query = "SELECT * FROM project WHERE name = ?"
        project = rows.execute(query, (value,)).fetchone()
    if project is None:
        raise refuse(f"The value '{value}' does not exist for the field 'project'.")
    return Condition(sql="issue.project_id = ?", values=(project["id"],))


def _key(rows: sqlite3.Connection, sign: str, value: str) -> Condition:
    _only(sign, ("=", "<", "<=", ">", ">="), field="key")
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


def _labels(_rows: sqlite3.Connection, sign: str, value: str) -> Condition:
    _only(sign, ("=",), field="labels")
    return Condition(
        sql="issue.id IN (SELECT issue_id FROM issue_label WHERE label = ?)", values=(value,)
    )


def _summary(_rows: sqlite3.Connection, sign: str, value: str) -> Condition:
    return _words(sign, value, field="summary", text_sql="issue.summary")


def _text(_rows: sqlite3.Connection, sign: str, value: str) -> Condition:
    both = "issue.summary || ' ' || document_text(issue.description)"
    return _words(sign, value, field="text", text_sql=both)


def _words(sign: str, value: str, *, field: str, text_sql: str) -> Condition:
    """Every word occurs in the text, in any case; Jira also knows stems, the sandbox does not."""
    _only(sign, ("~",), field=field)
    words = [word.strip("*").casefold() for word in value.split()]
    return Condition(
        sql=" AND ".join(f"instr(folded({text_sql}), ?) > 0" for _ in words) or "1 = 1",
        values=tuple(words),
    )


def _issue_type(_rows: sqlite3.Connection, sign: str, value: str) -> Condition:
    _only(sign, ("=",), field="issuetype")
    for kind in ISSUE_TYPES:
        if value == kind.id or value.casefold() == kind.name.casefold():
            return Condition(sql="issue.type_id = ?", values=(kind.id,))
    raise refuse(f"The value '{value}' does not exist for the field 'issuetype'.")


def _priority(_rows: sqlite3.Connection, sign: str, value: str) -> Condition:
    _only(sign, ("=",), field="priority")
    for priority in PRIORITIES:
        if value == priority.id or value.casefold() == priority.name.casefold():
            return Condition(sql="issue.priority_id = ?", values=(priority.id,))
    raise refuse(f"The value '{value}' does not exist for the field 'priority'.")


def _status(_rows: sqlite3.Connection, sign: str, value: str) -> Condition:
    _only(sign, ("=",), field="status")
    if value != TO_DO.id and value.casefold() != TO_DO.name.casefold():
        raise refuse(f"The value '{value}' does not exist for the field 'status'.")
    return Condition(sql="issue.status_id = ?", values=(TO_DO.id,))


def _parent(rows: sqlite3.Connection, sign: str, value: str) -> Condition:
    _only(sign, ("=",), field="parent")
    issue = find_issue(rows, value)
    if issue is None:
        raise refuse(f"An issue with key '{value}' does not exist for field 'parent'.")
    return Condition(sql="issue.parent_id = ?", values=(issue["id"],))


def _sprint(rows: sqlite3.Connection, sign: str, value: str) -> Condition:
    _only(sign, ("=",), field="sprint")
    query = "SELECT id FROM sprint WHERE id = ? OR name = ?"
    found = [row["id"] for row in rows.execute(query, (read_id(value), value))]
    if not found:
        raise refuse(f"Sprint with name '{value}' does not exist or you do not have permission.")
    marks = ", ".join("?" for _ in found)
    return Condition(
        sql=f"issue.id IN (SELECT issue_id FROM issue_sprint WHERE sprint_id IN ({marks}))",  # noqa: S608 - question marks only
        values=tuple(found),
    )


CLAUSES: Mapping[str, Clause] = {
    "project": _project,
    "key": _key,
    "issuekey": _key,
    "id": _key,
    "labels": _labels,
    "summary": _summary,
    "text": _text,
    "issuetype": _issue_type,
    "type": _issue_type,
    "priority": _priority,
    "status": _status,
    "parent": _parent,
    "sprint": _sprint,
}
EMPTY_SQL = {
    "labels": "issue.id NOT IN (SELECT issue_id FROM issue_label)",
    "parent": "issue.parent_id IS NULL",
    "sprint": "issue.id NOT IN (SELECT issue_id FROM issue_sprint)",
}
