"""Finds the sprint a name means among those of a project's boards.

Belongs here: asking for boards and sprints, which one is meant. Does not: moving issues into it
(`placing`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from jira_pipeline.errors import AccessError, RefusedError
from jira_pipeline.ports.issue_tracker import IssueTracker, Sprint
from jira_pipeline.stages.jira_export.left_to_people import is_for_people
from jira_pipeline.stages.jira_export.people import Unresolved

ACTIVE = "active"
NO_SPRINTS = "the project has no board with sprints"
LISTED_MAX = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSprints:
    """The sprints of a project that issues can be moved into."""

    sprints: tuple[Sprint, ...]
    """Each once, in the order of the boards."""
    trouble: str = ""
    """Why there are none, or why they could not be asked for."""


def find_sprints(tracker: IssueTracker, project_key: str) -> ProjectSprints:
    """Return the active and future sprints of all boards of a project.

    A site without boards answers 404, an account or token that may not see them 403: there is
    none then.
    """
    try:
        boards = tracker.boards(project_key)
        found = [sprint for board in boards for sprint in tracker.open_sprints(board.board_id)]
    except (RefusedError, AccessError) as error:
        if not is_for_people(error):
            raise
        return ProjectSprints(sprints=(), trouble=error.message)
    by_id = {sprint.sprint_id: sprint for sprint in found}
    trouble = "" if any(board.board_type != "kanban" for board in boards) else NO_SPRINTS
    return ProjectSprints(sprints=tuple(by_id.values()), trouble=trouble)


def choose_sprint(asked: str, known: ProjectSprints) -> Sprint | Unresolved:
    """Choose the sprint a name means; of several with one name, the one that is active."""
    named = [s for s in known.sprints if s.name.casefold() == asked.strip().casefold()]
    active = [sprint for sprint in named if sprint.state == ACTIVE]
    candidates = active or named
    if len(candidates) == 1:
        return candidates[0]
    if candidates:
        return Unresolved(reason=f"{len(candidates)} sprints have that name")
    return Unresolved(reason=known.trouble or f"the project has {_listed(known.sprints)}")


def _listed(sprints: Sequence[Sprint]) -> str:
    names = [sprint.name for sprint in sprints]
    return ", ".join(names[:LISTED_MAX]) or "no open sprint"
