"""The command that shows how far people are with the issues of a session: progress."""

from jira_pipeline.cli.console import Screen
from jira_pipeline.export import exporting
from jira_pipeline.model.issue_tracker import IssueStage
from jira_pipeline.model.json_values import json_object
from jira_pipeline.model.line_numbers import counted
from jira_pipeline.review.open_session import OpenSession

BAR = 24
"""Characters of a bar."""


def progress(screen: Screen, session: OpenSession) -> None:
    """Show how far people are with the issues in Jira, and which changes of the sheets come late.

    Issues are counted by the category of their status: to do, doing, done. Read from Jira now.
    """
    found = exporting.jira_progress(session)
    screen.answer({"session_key": session.key} | json_object(found))
    rows = []
    for group, counts in found.by_group().items():
        total = counts.total()
        done, doing = (
            round(BAR * counts[stage] / total) for stage in (IssueStage.DONE, IssueStage.DOING)
        )
        bar = "█" * done + "▒" * doing + "·" * (BAR - done - doing)
        numbers = (
            counts[IssueStage.TO_DO],
            counts[IssueStage.DOING],
            counts[IssueStage.DONE],
            counts[None],
        )
        rows.append((group, bar, *numbers))
    screen.table(("group", "", "to do", "doing", "done", "other"), rows, wide="group")
    if late := found.late:
        screen.say(f"{counted(len(late), 'issue')} changed in the sheets after work on it began:")
        columns = ("no.", "issue", "status", "assignee", "sprint", "what changed")
        screen.table(
            columns,
            [(o.number, o.key, o.status, o.assignee or "", o.sprint or "", o.late) for o in late],
            wide="what changed",
        )
