"""Drives a sandbox with `jira` (pycontribs) from PyPI; started by a test with the address."""

import io
import sys

from jira import JIRA, JIRAError


def main(address: str) -> None:
    """Create, read, link, attach, move, search, delete; every answer is what the client expects."""
    jira = JIRA(address, basic_auth=("owner@sandbox.example", "token"), max_retries=0)
    least = {"project": {"key": "SBX"}, "issuetype": {"name": "Task"}}
    assert [one.key for one in jira.projects()] == ["SBX"]

    blocker = jira.create_issue(fields={**least, "summary": "D", "labels": ["jp-x"]})
    blocked = jira.create_issue(fields={**least, "summary": "T", "description": "text"})
    good, bad = jira.create_issues([{**least, "summary": "C"}, {**least, "summary": ""}])
    assert (good["status"], bad["status"]) == ("Success", "Error")
    assert "summary" in bad["error"]

    jira.create_issue_link("Blocks", blocker.key, blocked.key)
    [link] = jira.issue(blocked.key).fields.issuelinks
    assert (link.type.inward, link.inwardIssue.key) == ("is blocked by", blocker.key)
    [link] = jira.issue(blocker.key).fields.issuelinks
    assert (link.type.outward, link.outwardIssue.key) == ("blocks", blocked.key)

    file = jira.add_attachment(blocker.key, io.BytesIO(b"hello"), filename="a.txt")
    assert (file.filename, file.get()) == ("a.txt", b"hello")
    found = jira.enhanced_search_issues("project = SBX ORDER BY key", maxResults=0)
    assert [one.fields.summary for one in found] == ["D", "T", "C"]

    scrum, kanban = jira.boards(projectKeyOrID="SBX")
    active, _future = jira.sprints(scrum.id, state="active,future")
    jira.add_issues_to_sprint(active.id, [blocker.key])
    assert [one.name for one in jira.issue(blocker.key).fields.customfield_10020] == [active.name]
    expect_refusal(lambda: jira.sprints(kanban.id), status=400)

    jira.add_issue_property(blocker.key, "jp", {"a": 1})
    assert [one.key for one in jira.issue_properties(blocker.key)] == ["jp"]
    assert jira.issue_property(blocker.key, "jp").value.a == 1
    assert jira.add_worklog(blocker.key, timeSpent="1h").timeSpentSeconds == 3600
    blocked.update(summary="T2")
    histories = jira.issue(blocked.key, expand="changelog").changelog.histories
    assert [item.toString for item in histories[0].items] == ["T2"]
    blocked.delete()
    expect_refusal(lambda: jira.issue(blocked.key), status=404)


def expect_refusal(call, *, status: int) -> None:
    answered: int | None = 200
    try:
        call()
    except JIRAError as error:
        answered = error.status_code
    assert answered == status


if __name__ == "__main__":
    main(sys.argv[1])
