"""Issues of a sandbox with the least that Jira asks for, and what hangs on them, in few words.

Belongs here: requests that many tests send. Does not: what a test is about (there).
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx

from jira_pipeline.jira.adf import nodes as adf

API = "/rest/api/3"
NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
SIGNED_IN = {"authorization": "Basic YTpi", "content-type": "application/json"}
NO_CHECK = {"X-Atlassian-Token": "no-check"}
LEAST = {"project": {"key": "SBX"}, "issuetype": {"name": "Task"}, "summary": "x"}
Create = Callable[..., str]


def document(text: str) -> dict[str, Any]:
    return adf.doc([adf.paragraph(text)])


def post_issue(client: httpx.Client, **fields: object) -> httpx.Response:
    return client.post(f"{API}/issue", json={"fields": {**LEAST, **fields}})


def fields_of(client: httpx.Client, key: str) -> dict[str, Any]:
    fields: dict[str, Any] = client.get(f"{API}/issue/{key}").json()["fields"]
    return fields


def ends(inward: str, outward: str, *, kind: str = "Blocks") -> dict[str, Any]:
    """Return the body of a link."""
    return {
        "type": {"name": kind},
        "inwardIssue": {"key": inward},
        "outwardIssue": {"key": outward},
    }


def attach(client: httpx.Client, key: str, *files: tuple[Any, ...]) -> httpx.Response:
    """Attach files, each a name, its content and maybe its type."""
    path = f"{API}/issue/{key}/attachments"
    return client.post(path, files=[("file", file) for file in files], headers=NO_CHECK)


def fetched(client: httpx.Client, *keys: str) -> list[str]:
    page = client.post(f"{API}/issue/bulkfetch", json={"issueIdsOrKeys": keys}).json()
    return [one["key"] for one in page["issues"]]


def found_by(client: httpx.Client, jql: str = "project = SBX") -> list[str]:
    page = client.post(f"{API}/search/jql", json={"jql": jql, "fields": ["summary"]}).json()
    return [one["key"] for one in page["issues"]]
