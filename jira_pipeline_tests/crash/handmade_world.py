"""Issues that people made for tickets of a world of the tests, and what must stay of them.

Belongs here: making them, the checker. Does not: worlds and exports (`export_world`).
"""

import json

from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline_tests.crash.export_world import DRAFTS, PROJECT_KEY, document
from jira_pipeline_tests.crash.undo_world import SOMEBODY, ask_site

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


def take_over_titles(sandbox: JiraSandbox) -> list[str]:
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
