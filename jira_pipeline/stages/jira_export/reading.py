"""Reads issues by id, and never takes "not read" or "not shown" for "not there" at once.

Belongs here: reading what has a receipt back. Does not: looking for issues of which no id is known
(`lookout`), what is concluded from them (`placing`, `attachments`, `links`).
"""

from collections.abc import Collection, Iterator, Sequence

from jira_pipeline.errors import UnavailableError
from jira_pipeline.ports.issue_tracker import FoundIssue
from jira_pipeline.stages.jira_export.order import ExportTools, OpenTarget

FETCH_SIZE = 100
READS_MAX = 2
"""Of the same issue: what failed, or was answered to nobody, is asked for once more."""


def read_issues(
    tools: ExportTools,
    opened: OpenTarget,
    issue_ids: Sequence[str],
    *,
    fields: Collection[str],
    waiting: str,
) -> dict[str, FoundIssue]:
    """Read issues, by id; one that Jira does not show is left out.

    `waiting` says what is not done while they cannot be read: "nothing is attached".

    Raises:
        UnavailableError: Jira could not read all of them just now, or does not know us.
        UpstreamError: Jira is out of reach or forgot who we are.
    """
    found: dict[str, FoundIssue] = {}
    failed: set[str] = set()
    left = list(dict.fromkeys(issue_ids))
    for _read in range(READS_MAX):
        failed = set()
        for some in portions_of(left):
            answer = tools.tracker.bulk_fetch(some, fields=fields)
            failed.update(answer.failed)
            found.update((issue.issue_id, issue) for issue in answer.issues)
        left = [issue_id for issue_id in left if issue_id not in found]
        if not left:
            return found
    if failed:
        raise UnavailableError(
            f"Jira could not read {len(failed)} issues just now; {waiting} before it can."
        )
    _check_known(tools, opened)
    return found


def portions_of(issue_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield as many ids at a time as Jira reads in one request."""
    for first in range(0, len(issue_ids), FETCH_SIZE):
        yield issue_ids[first : first + FETCH_SIZE]


def _check_known(tools: ExportTools, opened: OpenTarget) -> None:
    """Stop where credentials are lost: reads are then answered 200 with nothing.

    Raises:
        UnavailableError: Jira takes us for somebody else.
        AccessError: Jira forgot who we are.
    """
    if not opened.is_known_as(tools.tracker.whoami()):
        raise UnavailableError(
            f"Jira does not answer as to {opened.account.display_name} just now; "
            "what it does not show may be there."
        )
