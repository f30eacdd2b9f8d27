"""What the pages show: lists of issues and one issue, read from the tables.

Belongs here: the values the templates are filled with. Does not: addresses, headers, templates
(`pages`); the JSON of the calls (`issue_views`).
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from jira_pipeline.jira_sandbox.jql import Query
from jira_pipeline.jira_sandbox.search_calls import FROM_ISSUE, find_issues
from jira_pipeline.jira_sandbox.site import LINK_TYPES, TO_DO, issue_type_of, priority_of
from jira_pipeline.jira_sandbox.value_views import stored_time

PAGE_SIZE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueLine:
    """One issue in a list."""

    key: str
    summary: str
    type_name: str
    priority_name: str
    status_name: str
    labels: tuple[str, ...]
    blocked_by_count: int
    blocks_count: int
    other_link_count: int
    attachment_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueList:
    """One page of a list of issues."""

    lines: tuple[IssueLine, ...]
    total: int
    page: int
    """From 1."""

    @property
    def page_count(self) -> int:
        """At least 1."""
        return max(1, ceil(self.total / PAGE_SIZE))


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkGroup:
    """The links of an issue that read alike, such as "is blocked by"."""

    verb: str
    issues: tuple[IssueLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentLine:
    """One attachment of an issue."""

    id: str
    filename: str
    size: str
    """For people."""
    created: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelCount:
    """A label and how many issues of the project carry it."""

    label: str
    count: int


def read_issue_list(rows: sqlite3.Connection, query: Query, *, page: int) -> IssueList:
    """Read one page of what a query finds."""
    where = query.where()
    condition = f"{FROM_ISSUE} WHERE {where.sql}"
    total = rows.execute(f"SELECT count(*) {condition}", where.values).fetchone()[0]
    found = find_issues(rows, query, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    return IssueList(lines=tuple(_issue_line(rows, row) for row in found), total=total, page=page)


def read_labels(rows: sqlite3.Connection, *, project_id: int) -> tuple[LabelCount, ...]:
    """Count the labels of a project, the commonest first."""
    found = rows.execute(
        "SELECT label, count(*) AS uses FROM issue_label"
        " JOIN issue ON issue.id = issue_label.issue_id WHERE issue.project_id = ?"
        " GROUP BY label ORDER BY uses DESC, label",
        (project_id,),
    ).fetchall()
    return tuple(LabelCount(label=row["label"], count=row["uses"]) for row in found)


def read_link_groups(rows: sqlite3.Connection, *, issue_id: int) -> tuple[LinkGroup, ...]:
    """Read the links of an issue by how they read from it; what blocks it comes first."""
    ends: dict[str, list[int]] = {}
    for kind in LINK_TYPES:
        ends.setdefault(kind.inward, []).extend(_inward_ends(rows, kind.id, issue_id))
        ends.setdefault(kind.outward, []).extend(_outward_ends(rows, kind.id, issue_id))
    return tuple(
        LinkGroup(verb=verb, issues=_issue_lines(rows, others))
        for verb, others in ends.items()
        if others
    )


def read_attachments(rows: sqlite3.Connection, *, issue_id: int) -> tuple[AttachmentLine, ...]:
    """Read the attachments of an issue, oldest first."""
    found = rows.execute(
        "SELECT id, filename, size_bytes, created_at FROM attachment WHERE issue_id = ?"
        " ORDER BY id",
        (issue_id,),
    ).fetchall()
    return tuple(
        AttachmentLine(
            id=str(row["id"]),
            filename=row["filename"],
            size=size_for_people(row["size_bytes"]),
            created=time_for_people(row["created_at"]),
        )
        for row in found
    )


def read_neighbours(rows: sqlite3.Connection, issue: sqlite3.Row) -> tuple[str | None, str | None]:
    """Return the keys before and after an issue in its project."""
    before = rows.execute(
        "SELECT key FROM issue WHERE project_id = ? AND number < ? ORDER BY number DESC LIMIT 1",
        (issue["project_id"], issue["number"]),
    ).fetchone()
    after = rows.execute(
        "SELECT key FROM issue WHERE project_id = ? AND number > ? ORDER BY number LIMIT 1",
        (issue["project_id"], issue["number"]),
    ).fetchone()
    return (before and before["key"], after and after["key"])


def size_for_people(size_bytes: int) -> str:
    """Write a size with its unit."""
    kilobytes = size_bytes / 1000
    if kilobytes < 1:
        return f"{size_bytes} B"
    return f"{kilobytes:.1f} kB" if kilobytes < 1000 else f"{kilobytes / 1000:.1f} MB"  # noqa: PLR2004


def time_for_people(stored: str) -> str:
    """Write a stored time without fractions."""
    return stored_time(stored)[:16].replace("T", " ") + " UTC"


def _inward_ends(rows: sqlite3.Connection, type_id: str, issue_id: int) -> list[int]:
    found = rows.execute(
        "SELECT inward_issue_id FROM issue_link WHERE type_id = ? AND outward_issue_id = ?"
        " ORDER BY inward_issue_id",
        (type_id, issue_id),
    )
    return [row["inward_issue_id"] for row in found.fetchall()]


def _outward_ends(rows: sqlite3.Connection, type_id: str, issue_id: int) -> list[int]:
    found = rows.execute(
        "SELECT outward_issue_id FROM issue_link WHERE type_id = ? AND inward_issue_id = ?"
        " ORDER BY outward_issue_id",
        (type_id, issue_id),
    )
    return [row["outward_issue_id"] for row in found.fetchall()]


def _issue_lines(rows: sqlite3.Connection, issue_ids: Sequence[int]) -> tuple[IssueLine, ...]:
    query = "SELECT * FROM issue WHERE id = ?"
    return tuple(_issue_line(rows, rows.execute(query, (one,)).fetchone()) for one in issue_ids)


def _issue_line(rows: sqlite3.Connection, row: sqlite3.Row) -> IssueLine:
    counts = rows.execute(
        "SELECT"
        " (SELECT count(*) FROM issue_link WHERE type_id = :blocks AND outward_issue_id = :id),"
        " (SELECT count(*) FROM issue_link WHERE type_id = :blocks AND inward_issue_id = :id),"
        " (SELECT count(*) FROM issue_link WHERE type_id <> :blocks"
        "   AND :id IN (inward_issue_id, outward_issue_id)),"
        " (SELECT count(*) FROM attachment WHERE issue_id = :id)",
        {"id": row["id"], "blocks": LINK_TYPES[0].id},
    ).fetchone()
    labels = rows.execute(
        "SELECT label FROM issue_label WHERE issue_id = ? ORDER BY label", (row["id"],)
    ).fetchall()
    return IssueLine(
        key=row["key"],
        summary=row["summary"],
        type_name=issue_type_of(row["type_id"]).name,
        priority_name=priority_of(row["priority_id"]).name,
        status_name=TO_DO.name,
        labels=tuple(one["label"] for one in labels),
        blocked_by_count=counts[0],
        blocks_count=counts[1],
        other_link_count=counts[2],
        attachment_count=counts[3],
    )
