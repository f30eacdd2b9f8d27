"""Calls on worklogs: log time and list it.

Not here: showing them inside an issue (`issue_views`).
"""

import re
from datetime import UTC, datetime

from jira_pipeline.jira_sandbox.access import require_permission
from jira_pipeline.jira_sandbox.exchange import (
    LONGEST_ID,
    SandboxResponse,
    answer_json,
    refuse,
)
from jira_pipeline.jira_sandbox.field_readers import read_document
from jira_pipeline.jira_sandbox.history import Change, write_history
from jira_pipeline.jira_sandbox.issue_rows import editable_issue, visible_issue
from jira_pipeline.jira_sandbox.paging import named_page, page_bounds
from jira_pipeline.jira_sandbox.routing import Call, route
from jira_pipeline.jira_sandbox.value_views import view_worklog

UNIT_SECONDS = {"w": 144_000, "d": 28_800, "h": 3_600, "m": 60}
"""Source: Jira's default time tracking: a week of five days, a day of eight hours."""
MAX_PAGE = 5_000
MAX_SPENT_SECONDS = 10**9
DURATION = re.compile(r"(\d{1,6})([wdhm])")


def answer_list(call: Call) -> SandboxResponse:
    """List the time logged on an issue."""
    _require_time_tracking(call)
    issue = visible_issue(call, call.path_values["issue"])
    found = call.rows.execute(
        "SELECT * FROM worklog WHERE issue_id = ? ORDER BY id", (issue["id"],)
    ).fetchall()
    bounds = page_bounds(call, usual=MAX_PAGE, largest=MAX_PAGE)
    return answer_json(
        named_page(bounds, found, lambda row: view_worklog(call, row), name="worklogs")
    )


def answer_add(call: Call) -> SandboxResponse:
    """Log time on an issue."""
    _require_time_tracking(call)
    issue = editable_issue(call)
    require_permission(
        call, issue, permission="WORK_ON_ISSUES", to="log work on this issue", status=400
    )
    body = call.body()
    seconds = _spent_seconds(body.get("timeSpentSeconds"), body.get("timeSpent"))
    comment, wiki = body.get("comment"), None
    if comment is not None:
        comment, wiki = read_document(call, comment, field="comment")
    row = call.rows.execute(
        "INSERT INTO worklog (issue_id, author_id, comment, comment_wiki, started_at,"
        " spent_seconds, created_at) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING *",
        (
            issue["id"],
            call.signed_in().account_id,
            comment,
            wiki,
            _started_at(call, body.get("started")),
            seconds,
            call.now.isoformat(),
        ),
    ).fetchone()
    spent = Change(field="timespent", field_id="timespent", after=str(seconds))
    write_history(call, issue_id=issue["id"], changes=[spent])
    call.record("worklog_added", issue_id=issue["id"], worklog_id=str(row["id"]))
    return answer_json(view_worklog(call, row), status=201)


def _require_time_tracking(call: Call) -> None:
    """Refuse with 404 where nobody logs time, as for an issue that is not there.

    Source: Atlassian, "Get issue worklogs", platform v3, December 2025.
    """
    if not call.rules.is_time_tracking_on:
        raise refuse("Time tracking is currently disabled.", status=404)


def _spent_seconds(seconds: object, text: object) -> int:
    """Read how long it took: seconds, or a text such as `1d 4h`."""
    if isinstance(text, str):
        parts = [DURATION.fullmatch(part) for part in text.split()[:LONGEST_ID]]
        seconds = sum(int(part[1]) * UNIT_SECONDS[part[2]] for part in parts if part)
        if not all(parts):
            seconds = None
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        raise refuse("Worklog must not be null.")
    if not 0 < seconds <= MAX_SPENT_SECONDS:
        raise refuse("Worklog must not be null.")
    return seconds


def _started_at(call: Call, value: object) -> str:
    if value is None:
        return call.now.isoformat()
    try:
        at = datetime.strptime(str(value), "%Y-%m-%dT%H:%M:%S.%f%z")
        return at.astimezone(UTC).isoformat()
    except (ValueError, OverflowError) as error:
        raise refuse(f"Unparseable date: {value}.") from error


WORKLOG_ROUTES = (
    route("GET", "issue/{issue}/worklog", answer_list),
    route("POST", "issue/{issue}/worklog", answer_add),
)
