"""Calls of the agile API: boards, sprints, and moving issues into one.

Belongs here: one method per call. Does not: finding a sprint by name (`stages/jira_export`), the
platform API (`site_calls`, `issue_calls`).

The sprint field of an issue takes a number and has to be on the create screen; these calls need
neither. Source: docs/export.md, Limits.
"""

from collections.abc import Sequence

import httpx
from typing_extensions import override

from jira_pipeline.errors import RefusedError
from jira_pipeline.jira_client.connection import AGILE_API, Call
from jira_pipeline.jira_client.exchange import JiraCalls
from jira_pipeline.jira_client.responses import (
    BoardBody,
    BoardPageBody,
    SprintBody,
    SprintPageBody,
)
from jira_pipeline.ports.issue_tracker import Board, Created, IssueTracker, Sprint, WriteAnswer

AGILE_PAGE_SIZE = 50
SPRINT_MOVE_MAX = 50
_NO_CONTENT = frozenset({204})


class AgileCalls(JiraCalls, IssueTracker):
    """What can be done with boards and sprints."""

    @override
    def boards(self, project_key: str) -> tuple[Board, ...]:
        found: list[BoardBody] = []
        while True:
            call = Call(
                method="GET",
                path=f"{AGILE_API}/board",
                query={
                    "projectKeyOrId": project_key,
                    "startAt": len(found),
                    "maxResults": AGILE_PAGE_SIZE,
                },
                action=f"Reading the boards of {project_key}",
            )
            page = self._exchange.read(call, BoardPageBody)
            found.extend(page.values)
            if page.is_last or not page.values:
                return tuple(body.to_board() for body in found)

    @override
    def open_sprints(self, board_id: str) -> tuple[Sprint, ...]:
        found: list[SprintBody] = []
        while True:
            try:
                page = self._sprint_page(board_id, start=len(found))
            except RefusedError as error:
                if error.status_code == httpx.codes.BAD_REQUEST:
                    return ()
                raise
            found.extend(page.values)
            if page.is_last or not page.values:
                return tuple(body.to_sprint() for body in found)

    @override
    def move_to_sprint(self, sprint_id: str, issue_ids: Sequence[str]) -> WriteAnswer:
        if not 0 < len(issue_ids) <= SPRINT_MOVE_MAX:
            raise ValueError("a sprint takes 1 to 50 issues at once")
        call = Call(
            method="POST",
            path=f"{AGILE_API}/sprint/{{sprint}}/issue",
            path_values={"sprint": sprint_id},
            json={"issues": list(issue_ids)},
            is_idempotent=True,
            written_issue_ids=tuple(issue_ids),
            action=f"Moving {len(issue_ids)} issues into a sprint",
        )
        answer = self._exchange.write(call, done_statuses=_NO_CONTENT)
        return Created(remote_id=sprint_id) if isinstance(answer, httpx.Response) else answer

    def _sprint_page(self, board_id: str, *, start: int) -> SprintPageBody:
        call = Call(
            method="GET",
            path=f"{AGILE_API}/board/{{board}}/sprint",
            path_values={"board": board_id},
            query={"state": "active,future", "startAt": start, "maxResults": AGILE_PAGE_SIZE},
            action="Reading the sprints of a board",
        )
        return self._exchange.read(call, SprintPageBody)
