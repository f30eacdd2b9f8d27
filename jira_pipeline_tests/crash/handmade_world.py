"""Issues that people made for tickets of a world of the tests, and what must stay of them.

Belongs here: making them, the checker. Does not: worlds and exports (`export_world`).
"""

import json

from jira_pipeline.jira.client.client import JiraClient
from jira_pipeline.jira.sandbox_http.transport import SandboxTransport
from jira_pipeline.model.issue_tracker import Created
from jira_pipeline_tests.crash.export_world import DRAFTS, SITE_URL, document
from jira_pipeline_tests.crash.undo_world import SOMEBODY
from jira_pipeline_tests.jira.sandbox_faults.faulty_sandbox import FaultySandbox

HANDMADE = {1: "SBX-1", 3: "SBX-2", 5: "SBX-3"}
"""By number of the ticket."""
TYPED = "What somebody typed into"


def make_by_hand(sandbox: FaultySandbox) -> None:
    jira = JiraClient(SITE_URL, auth=(SOMEBODY, "x"), transport=SandboxTransport(sandbox))
    for number in HANDMADE:
        fields = {
            "project": {"key": "SBX"},
            "issuetype": {"id": "10002"},
            "summary": f"Number {number}, as people call it",
            "description": document(f"{TYPED} {number}."),
        }
        assert isinstance(jira.create_issue(fields, {}), Created)


def take_over_titles(sandbox: FaultySandbox) -> list[str]:
    """Say what is lost of these issues; give them the titles of tickets, for who judges the rest."""
    titles = {draft.number: draft.title for draft in DRAFTS}
    wrong = []
    with sandbox.state.writing() as rows:
        for number, key in HANDMADE.items():
            row = rows.execute(
                "SELECT summary, description FROM issue WHERE key = ?", (key,)
            ).fetchone()
            if row is None or row["summary"] != f"Number {number}, as people call it":
                wrong.append(f"{key} lost its title")
            if row is None or f"{TYPED} {number}." not in json.dumps(row["description"]):
                wrong.append(f"{key} lost its text")
            rows.execute("UPDATE issue SET summary = ? WHERE key = ?", (titles[number], key))
    return wrong
