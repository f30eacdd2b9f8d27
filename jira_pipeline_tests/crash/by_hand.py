"""What people do on a site by hand, past whatever goes wrong on our way.

Belongs here: requests of theirs, issues they make for tickets. Does not: what must stay of these
(`site_view`), what befalls a site without a request (`site_acts`).
"""

import base64
import json

import httpx

from jira_pipeline.export.issue_texts import consent_to
from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.jira.sandbox_http import SandboxRequest, SandboxResponse
from jira_pipeline.model.issue_tracker import IssueText
from jira_pipeline_tests.crash.sessions import PROJECT_KEY, document

SITE_URL = "http://127.0.0.1:8765"
SOMEBODY = "ada@sandbox.example"
OWNER = "owner@sandbox.example"
"""Of the account of the program."""
BY_A_PERSON = "What a person wrote."
HANDMADE = {1: "SBX-1", 3: "SBX-2", 5: "SBX-3"}
"""By number of the ticket."""
CREATED = 201
EPIC = "10000"
"""The type of an issue."""
TYPED = "What somebody typed into"


def make_issue(
    sandbox: JiraSandbox,
    title: str,
    text: str = "",
    *,
    kind: str = "10002",
    account: str = SOMEBODY,
    **more: object,
) -> None:
    """Make an issue as people do, by default a task."""
    fields = {
        "project": {"key": PROJECT_KEY},
        "issuetype": {"id": kind},
        "summary": title,
        **({"description": document(text)} if text else {}),
        **more,
    }
    made = ask_site(sandbox, "POST", "/rest/api/3/issue", {"fields": fields}, account=account)
    assert made.status == CREATED


def make_by_hand(sandbox: JiraSandbox) -> None:
    for number in HANDMADE:
        make_issue(sandbox, f"Number {number}, as people call it", f"{TYPED} {number}.")


def ask_site(
    sandbox: JiraSandbox,
    method: str,
    path: str,
    body: object = None,
    *,
    account: str = SOMEBODY,
    file: tuple[str, bytes] | None = None,
) -> SandboxResponse:
    """Send a request as somebody who works on the site, past whatever goes wrong on our way."""
    request = httpx.Request(
        method,
        f"{SITE_URL}{path}",
        json=body,
        files=None if file is None else {"file": file},
        headers={"X-Atlassian-Token": "no-check"},
    )
    credentials = base64.b64encode(f"{account}:any".encode()).decode()
    return sandbox.handle(
        SandboxRequest(
            method=method,
            path=request.url.path,
            headers={**request.headers, "authorization": f"Basic {credentials}"},
            body=request.read(),
        )
    )


def consent_in(sandbox: JiraSandbox, issue: str, *, number: int) -> str:
    """Return what a plan calls the text of an issue, by its key or id."""
    chosen = "SELECT key, summary, description FROM issue WHERE key = ? OR id = ?"
    with sandbox.state.reading() as rows:
        row = rows.execute(chosen, (issue, issue)).fetchone()
    document = json.loads(row["description"])
    text = IssueText(
        key=row["key"], updated="", summary=row["summary"], description=document, changes=()
    )
    return consent_to(number, text)
