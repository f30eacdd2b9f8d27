"""What others do on the site right after an issue was created: clone it, move it, take numbers.

Belongs here: the deeds of a site world, journalled under names of their own. Does not: when they
happen (`site_rules`, `site_worlds`).
"""

import random

from jira_pipeline.jira_sandbox.agile_rows import add_first_board
from jira_pipeline.jira_sandbox.routing import Call
from jira_pipeline.jira_sandbox.site_rules import NOBODY

MOVED_TO = "MOVED"
"""The project issues are moved to."""
CLONERS = "10001"
FOREIGN_KEPT_MAX = 200
"""Of a longer run the rest was deleted: only the numbers are gone."""


def after_creation(call: Call, issue_id: int) -> None:
    """Let happen what is due after this creation, counted over the life of the site."""
    rules = call.rules
    if not (rules.clones_every or rules.moves_every or rules.hidden_run_every):
        return
    created = call.rows.execute(
        "SELECT count(*) FROM journal_change WHERE change = 'issue_created'"
    ).fetchone()[0]
    if rules.clones_every and created % rules.clones_every == 0:
        clone_issue(call, issue_id)
    if rules.moves_every and created % rules.moves_every == 0:
        move_issue(call, issue_id)
    if rules.hidden_run_every and created % rules.hidden_run_every == 0:
        length = rules.hidden_run_length
        if rules.hidden_run_varies:
            length = random.Random(issue_id).randint(1, length)  # noqa: S311 - a length, no secret
        add_foreign_run(call, issue_id, length=length)


def clone_issue(call: Call, issue_id: int) -> int:
    """Clone an issue as people do in Jira: labels go along, properties do not; return its id."""
    project_id = call.rows.execute(
        "SELECT project_id FROM issue WHERE id = ?", (issue_id,)
    ).fetchone()["project_id"]
    number, key = _next_key(call, project_id)
    clone = call.rows.execute(
        "INSERT INTO issue (project_id, number, key, summary, type_id, priority_id, status_id,"
        " description, description_wiki, assignee_id, reporter_id, creator_id, parent_id, due_on,"
        " created_at, updated_at, security_level)"
        " SELECT project_id, ?, ?, 'CLONE - ' || summary, type_id, priority_id, status_id,"
        " description, description_wiki, assignee_id, reporter_id, creator_id, parent_id, due_on,"
        " created_at, updated_at, security_level FROM issue WHERE id = ? RETURNING id",
        (number, key, issue_id),
    ).fetchone()["id"]
    call.rows.execute(
        "INSERT INTO issue_label SELECT ?, label FROM issue_label WHERE issue_id = ?",
        (clone, issue_id),
    )
    call.rows.execute(
        "INSERT INTO issue_link (type_id, inward_issue_id, outward_issue_id) VALUES (?, ?, ?)",
        (CLONERS, clone, issue_id),
    )
    call.record("issue_cloned", issue_id=clone, key=key, source=str(issue_id))
    return int(clone)


def move_issue(call: Call, issue_id: int) -> str:
    """Move an issue to another project: a new key, the same id; return the key."""
    issue = call.rows.execute("SELECT * FROM issue WHERE id = ?", (issue_id,)).fetchone()
    number, key = _next_key(call, _project_of_the_moved(call))
    call.rows.execute(
        "UPDATE issue SET project_id = (SELECT id FROM project WHERE key = ?), number = ?, key = ?"
        " WHERE id = ?",
        (MOVED_TO, number, key, issue_id),
    )
    call.rows.execute(
        "INSERT INTO former_key (key, issue_id) VALUES (?, ?)", (issue["key"], issue_id)
    )
    call.record("issue_moved", issue_id=issue_id, key=key, former_key=issue["key"])
    return key


def add_foreign_run(call: Call, issue_id: int, *, length: int) -> None:
    """Take the next numbers: in turns a hidden issue, a deleted one, one that was moved away."""
    issue = call.rows.execute("SELECT * FROM issue WHERE id = ?", (issue_id,)).fetchone()
    for position in range(min(length, FOREIGN_KEPT_MAX)):
        number, key = _next_key(call, issue["project_id"])
        if position % 3 == 1:  # deleted: only the number is gone
            continue
        foreign = call.rows.execute(
            "INSERT INTO issue (project_id, number, key, summary, type_id, priority_id, status_id,"
            " reporter_id, creator_id, created_at, updated_at, security_level)"
            " SELECT project_id, ?, ?, 'Foreign ' || ?, type_id, priority_id, status_id,"
            " reporter_id, creator_id, created_at, updated_at, ? FROM issue WHERE id = ?"
            " RETURNING id",
            (number, key, key, NOBODY, issue_id),
        ).fetchone()["id"]
        call.record("foreign_issue_created", issue_id=foreign, key=key)
        if position % 3 == 2:  # noqa: PLR2004 - the third of three kinds
            move_issue(call, foreign)
    call.rows.execute(
        "UPDATE project SET last_number = last_number + ? WHERE id = ?",
        (max(0, length - FOREIGN_KEPT_MAX), issue["project_id"]),
    )


def _next_key(call: Call, project_id: int) -> tuple[int, str]:
    found = call.rows.execute(
        "UPDATE project SET last_number = last_number + 1 WHERE id = ? RETURNING last_number, key",
        (project_id,),
    ).fetchone()
    return found["last_number"], f"{found['key']}-{found['last_number']}"


def _project_of_the_moved(call: Call) -> int:
    found = call.rows.execute("SELECT id FROM project WHERE key = ?", (MOVED_TO,)).fetchone()
    if found is None:
        found = call.rows.execute(
            "INSERT INTO project (key, name) VALUES (?, 'Moved here') RETURNING id", (MOVED_TO,)
        ).fetchone()
        add_first_board(call.rows, project_id=found["id"], key=MOVED_TO)
    return int(found["id"])
