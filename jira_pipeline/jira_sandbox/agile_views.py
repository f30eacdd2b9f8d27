"""How the agile API shows boards, sprints and pages of them.

Not here: the calls (`agile_calls`), the sprint field of issues (`value_views`).
"""

import sqlite3

from jira_pipeline.jira_sandbox.exchange import SandboxResponse, answer_json
from jira_pipeline.jira_sandbox.routing import MAX_PAGE, Call
from jira_pipeline.jira_sandbox.value_views import stored_time


def page_bounds(call: Call) -> tuple[int, int]:
    """Return where a page starts and how long it may be."""
    limit = min(call.query_number("maxResults", default=50), MAX_PAGE)
    return call.query_number("startAt", default=0), limit


def answer_page_of(call: Call, values: list[dict[str, object]]) -> SandboxResponse:
    """Answer with one page of values."""
    start, limit = page_bounds(call)
    return answer_json(
        {
            "maxResults": limit,
            "startAt": start,
            "total": len(values),
            "isLast": start + limit >= len(values),
            "values": values[start : start + limit],
        }
    )


def view_board(call: Call, board: sqlite3.Row) -> dict[str, object]:
    """Show a board."""
    return {
        "id": board["id"],
        "self": call.agile_url(f"board/{board['id']}"),
        "name": board["name"],
        "type": board["type"],
        "location": {
            "projectId": board["project_id"],
            "projectKey": board["project_key"],
            "projectName": board["project_name"],
            "projectTypeKey": "software",
            "displayName": f"{board['project_name']} ({board['project_key']})",
            "name": f"{board['project_name']} ({board['project_key']})",
        },
    }


def view_agile_sprint(call: Call, row: sqlite3.Row) -> dict[str, object]:
    """Show a sprint as the agile API does."""
    times = {"startDate": "start_at", "endDate": "end_at", "completeDate": "complete_at"}
    return {
        "id": row["id"],
        "self": call.agile_url(f"sprint/{row['id']}"),
        "state": row["state"],
        "name": row["name"],
        **{name: stored_time(row[column]) for name, column in times.items() if row[column]},
        "originBoardId": row["board_id"],
        "goal": row["goal"],
    }
