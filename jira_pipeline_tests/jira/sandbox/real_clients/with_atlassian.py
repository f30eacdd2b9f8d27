"""Drives a sandbox with `atlassian-python-api` from PyPI; started by a test with the address."""

import sys
import tempfile
from pathlib import Path
from typing import Any

from atlassian import Jira


def main(address: str) -> None:
    """Create, read, link, attach, move, search, delete; every answer is what the client expects."""
    jira: Any = Jira(address, username="owner@sandbox.example", password="token", cloud=True)
    least = {"project": {"key": "SBX"}, "issuetype": {"name": "Task"}}
    assert [one["key"] for one in jira.projects()] == ["SBX"]

    blocker = jira.create_issue({**least, "summary": "D"})["key"]
    blocked = jira.create_issue({**least, "summary": "T"})["key"]
    bad = {**least, "issuetype": {"name": "Nope"}, "summary": "C"}
    bulk = jira.create_issues([{"fields": {**least, "summary": "C"}}, {"fields": bad}])
    assert [one["failedElementNumber"] for one in bulk["errors"]] == [1]
    assert len(bulk["issues"]) == 1

    ends = {"inwardIssue": {"key": blocker}, "outwardIssue": {"key": blocked}}
    jira.create_issue_link({"type": {"name": "Blocks"}, **ends})
    [link] = jira.issue(blocked)["fields"]["issuelinks"]
    assert (link["type"]["inward"], link["inwardIssue"]["key"]) == ("is blocked by", blocker)
    [link] = jira.issue(blocker)["fields"]["issuelinks"]
    assert (link["type"]["outward"], link["outwardIssue"]["key"]) == ("blocks", blocked)

    attach(jira, blocker)
    page = jira.enhanced_jql("project = SBX ORDER BY key", limit=2)
    rest = jira.enhanced_jql(
        "project = SBX ORDER BY key", limit=2, nextPageToken=page["nextPageToken"]
    )
    assert [one["fields"]["summary"] for one in page["issues"] + rest["issues"]] == ["D", "T", "C"]

    [board, *_] = jira.get_all_agile_boards(project_key="SBX")["values"]
    sprints = jira.get_all_sprints_from_board(board["id"])["values"]
    jira.add_issues_to_sprint(sprints[0]["id"], [blocker])
    fields = jira.issue(blocker)["fields"]
    assert [one["name"] for one in fields["customfield_10020"]] == [sprints[0]["name"]]

    jira.set_issue_property(blocker, "jp", data={"a": 1})
    assert [one["key"] for one in jira.get_issue_property_keys(blocker)["keys"]] == ["jp"]
    assert jira.get_issue_property(blocker, "jp")["value"] == {"a": 1}
    jira.update_issue_field(blocker, {"summary": "D2"})
    assert jira.issue_field_value(blocker, "summary") == "D2"
    jira.delete_issue(blocked)
    assert not jira.issue_exists(blocked)


def attach(jira, key: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.txt"
        path.write_text("hello", "utf-8")
        assert [one["filename"] for one in jira.add_attachment(key, str(path))] == ["a.txt"]


if __name__ == "__main__":
    main(sys.argv[1])
