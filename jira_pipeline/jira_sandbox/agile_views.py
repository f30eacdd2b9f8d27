"""How the agile API shows boards and sprints.

Not here: the calls (`agile_calls`), the sprint field of issues (`value_views`).
"""

import sqlite3

from jira_pipeline.jira_sandbox.routing import Call
from jira_pipeline.jira_sandbox.value_views import stored_time


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
