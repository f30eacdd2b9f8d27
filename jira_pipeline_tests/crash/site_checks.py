"""What must be true of a site after an export of a session, read from the sandbox's own tables.

Belongs here: issues, markers, links, files; the one epic above; what people made before. Does not:
schedules and what may be named to people instead (`faults/judging`).
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping

from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.model.rendered_tickets import hashed_file_name
from jira_pipeline.model.tickets import TicketDraft
from jira_pipeline_tests.crash.by_hand import HANDMADE, TYPED
from jira_pipeline_tests.crash.sessions import ATTACHED, DRAFTS, FULL_TEXT

REQUESTS_PER_TICKET_MAX = 12
REQUESTS_BASE_MAX = 150
"""Source: docs/export.md, Invariants."""


def violations_of(
    sandbox: JiraSandbox, drafts: tuple[TicketDraft, ...], *, is_ordered: bool = True
) -> list[str]:
    """Say what is wrong with the site after an export of the drafts; nothing when all is well."""
    with sandbox.state.reading() as rows:
        ids = _ids_by_title(rows)
        counts = {draft.title: len(ids.get(draft.title, ())) for draft in drafts}
        wrong = [f"{count} issues for {title}" for title, count in counts.items() if count != 1]
        wrong += [f"unknown issue {title}" for title in ids.keys() - counts.keys()]
        if wrong:
            return wrong
        id_of = {draft.ticket_id: ids[draft.title][0] for draft in drafts}
        return [
            *(_misplaced(drafts, id_of) if is_ordered else ()),
            *_unmarked(rows, id_of),
            *wrong_links(rows, drafts, id_of),
            *_wrong_files(rows, id_of),
            *_too_many_requests(rows, len(drafts)),
        ]


def _ids_by_title(rows: sqlite3.Connection) -> dict[str, list[int]]:
    ids: dict[str, list[int]] = {}
    for row in rows.execute("SELECT id, summary FROM issue ORDER BY id"):
        ids.setdefault(row["summary"], []).append(row["id"])
    return ids


def _misplaced(drafts: tuple[TicketDraft, ...], id_of: Mapping[str, int]) -> list[str]:
    return [
        f"{draft.ticket_id} was created before {dependency}"
        for draft in drafts
        for dependency in draft.depends_on
        if id_of[draft.ticket_id] < id_of[dependency]
    ]


def _unmarked(rows: sqlite3.Connection, id_of: Mapping[str, int]) -> list[str]:
    marked = [row["issue_id"] for row in rows.execute("SELECT issue_id FROM issue_property")]
    labelled = [
        row["issue_id"]
        for row in rows.execute("SELECT issue_id FROM issue_label WHERE label = 'jp-site'")
    ]
    return [
        f"issue {issue_id} lacks its marker or label"
        for issue_id in id_of.values()
        if issue_id not in marked or issue_id not in labelled
    ]


def wrong_links(
    rows: sqlite3.Connection, drafts: tuple[TicketDraft, ...], id_of: Mapping[str, int]
) -> list[str]:
    """Say which links are missing, there twice, or asked for by no draft."""
    blocks, relates = "10000", "10003"
    expected = {
        (blocks, id_of[dependency], id_of[draft.ticket_id])
        for draft in drafts
        for dependency in draft.depends_on
    } | {
        (relates, *sorted((id_of[draft.ticket_id], id_of[other])))
        for draft in drafts
        for other in draft.relates_to
    }
    links = Counter(
        (row[0], *(sorted(row[1:]) if row[0] == relates else row[1:]))
        for row in rows.execute(
            "SELECT type_id, inward_issue_id, outward_issue_id FROM issue_link"
        ).fetchall()
    )
    wrong = [f"link {link} is there {count} times" for link, count in links.items() if count > 1]
    wrong += [f"link {link} is not wanted" for link in links.keys() - expected]
    return [*wrong, *(f"link {link} is missing" for link in expected - links.keys())]


def _wrong_files(rows: sqlite3.Connection, id_of: Mapping[str, int]) -> list[str]:
    expected = Counter(
        (id_of[ticket_id], hashed_file_name("full text.md", FULL_TEXT), FULL_TEXT.encode())
        for ticket_id in ATTACHED
        if ticket_id in id_of
    )
    found = Counter(
        (row["issue_id"], row["filename"], bytes(row["content"]))
        for row in rows.execute("SELECT issue_id, filename, content FROM attachment")
    )
    return [
        f"file {key[:2]} is there {found[key]} times"
        for key in (expected - found) + (found - expected)
    ]


def _too_many_requests(rows: sqlite3.Connection, ticket_count: int) -> list[str]:
    """Bound all but the reading of numbers, which a doubt may need much of."""
    count = rows.execute(
        "SELECT count(*) FROM journal_request WHERE path NOT LIKE '%/bulkfetch'"
    ).fetchone()[0]
    limit = REQUESTS_PER_TICKET_MAX * ticket_count + REQUESTS_BASE_MAX
    return [f"{count} requests"] if count > limit else []


def take_epic(sandbox: JiraSandbox) -> list[str]:
    """Say what is wrong with the one epic of a session; take it away, for who judges the rest."""
    with sandbox.state.writing() as rows:
        epics = [row["id"] for row in rows.execute("SELECT id FROM issue WHERE type_id = '10000'")]
        apart = rows.execute(
            "SELECT count(*) FROM issue WHERE type_id <> '10000' AND parent_id IS NULL"
        ).fetchone()[0]
        rows.execute("UPDATE issue SET parent_id = NULL")
        for epic in epics:
            rows.execute("DELETE FROM issue WHERE id = ?", (epic,))
    wrong = [] if len(epics) == 1 else [f"{len(epics)} epics"]
    return [*wrong, *([f"{apart} issues below no epic"] if apart else [])]


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
