"""Updating an export in a world of the tests, and what must be true of the site afterwards.

Belongs here: tickets that change after their export, people who edit issues, the checker, which
reads nothing but the sandbox's own tables. Does not: worlds and exports (`export_world`).
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from jira_pipeline.export.attachments import attach_files
from jira_pipeline.export.creation import create_issues
from jira_pipeline.export.export_run import ExportOrder
from jira_pipeline.export.later_changes import LaterChange
from jira_pipeline.export.links import link_issues
from jira_pipeline.export.results import issue_contents
from jira_pipeline.export.text_writes import BLOCKS_PROPERTY, consent_to
from jira_pipeline.export.updating import UpdateReport, update_issues
from jira_pipeline.jira.adf.to_text import adf_to_text
from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.model.entities import SourceWord
from jira_pipeline.model.exports import LedgerEntry, SentContent
from jira_pipeline.model.issue_tracker import IssueText
from jira_pipeline.model.rendered_tickets import RenderedTicket, hashed_file_name
from jira_pipeline.model.tickets import TicketDraft, canonical_json
from jira_pipeline_tests.contracts.open_stores import open_in
from jira_pipeline_tests.crash.export_world import (
    DRAFTS,
    ExportWorld,
    Tripwire,
    change,
    document,
    entries_of,
    fill_store,
    wrong_links,
)
from jira_pipeline_tests.crash.undo_world import ask

OWNER = "owner@sandbox.example"
CHANGED = ("t01", "t02", "t04")
WITH_FILES = ("t01", "t04")
BY_A_PERSON = "What a person wrote."


OTHER_DEPENDENCIES: Mapping[str, tuple[str, ...]] = {"t01": (), "t04": ("t05",)}
"""One link falls away, another one is new."""


def later_drafts(when: str) -> tuple[TicketDraft, ...]:
    """Return the session's drafts with three of them changed, one of which a person edits in Jira."""
    return tuple(
        replace(
            draft,
            title=f"{draft.title}, {when}",
            depends_on=OTHER_DEPENDENCIES.get(draft.ticket_id, draft.depends_on),
        )
        if draft.ticket_id in CHANGED
        else draft
        for draft in DRAFTS
    )


LATER_DRAFTS = later_drafts("later")


def change_tickets(world: ExportWorld, drafts: tuple[TicketDraft, ...] = LATER_DRAFTS) -> None:
    """Change tickets of the session; all are validated and ready again."""
    with open_in(world.folder) as store:
        fill_store(store, drafts)


def changes_of(order: ExportOrder, entries: Collection[LedgerEntry]) -> tuple[LaterChange, ...]:
    """Return which issues no longer say what their tickets say, by the hashes of both."""
    changes, contents = [], issue_contents(entries)
    there = {rendered.ticket.ticket_id for rendered in order.rendered}
    for ticket_id in sorted(contents.keys() - there):
        gone = replace(contents[ticket_id], rendered_hash="")
        changes.append(_change_of(ticket_id, 0, "", becomes=gone, is_vanished=True))
    for rendered in order.rendered:
        ticket = rendered.ticket
        was = contents.get(ticket.ticket_id)
        if was is not None and was.rendered_hash != rendered.rendered_hash:
            becomes = SentContent(
                rendered_hash=rendered.rendered_hash,
                revision=ticket.revision.number,
                content_sha256=order.content_sha256,
            )
            changes.append(
                _change_of(ticket.ticket_id, ticket.number, ticket.title, becomes=becomes)
            )
    return tuple(changes)


def _change_of(
    ticket_id: str, number: int, title: str, *, becomes: SentContent, is_vanished: bool = False
) -> LaterChange:
    return LaterChange(
        ticket_id=ticket_id,
        number=number,
        title=title,
        jira_key="",
        jira_url="",
        source_word=SourceWord.SHEETS,
        becomes=becomes,
        parts=() if is_vanished else ("title",),
        is_vanished=is_vanished,
    )


def with_files(order: ExportOrder) -> ExportOrder:
    """Return the order with a file for two of the tickets, which their descriptions name."""
    return replace(
        order,
        rendered=tuple(
            _with_file(r) if r.ticket.ticket_id in WITH_FILES else r for r in order.rendered
        ),
    )


def _with_file(rendered: RenderedTicket) -> RenderedTicket:
    name, text = "full text.md", f"All of {rendered.summary}.\n"
    words = f"{rendered.summary}, the whole in {hashed_file_name(name, text)}"
    return replace(rendered, attachment=(name, text), kept_text=canonical_json(document(words)))


def files_of(world: ExportWorld) -> list[str]:
    """Return the text of every file on the issues of tickets with files, by issue."""
    keys = {key_of(world, ticket_id) for ticket_id in WITH_FILES}
    chosen = "SELECT key, content FROM attachment JOIN issue ON issue.id = issue_id ORDER BY key"
    with world.sandbox.state.reading() as rows:
        found = rows.execute(chosen).fetchall()
    return [bytes(row["content"]).decode().strip() for row in found if row["key"] in keys]


def update(
    world: ExportWorld, wire: Tripwire | None = None, *, has_files: bool = False, **choice: Any
) -> UpdateReport:
    """Run an export that updates, in one process."""
    with world.process(wire) as (tools, given):
        order = replace(given, **choice)
        wanted = with_files(order) if has_files else order
        create_issues(tools, wanted)
        report = update_issues(
            tools, wanted, changes=lambda: changes_of(wanted, entries_of(tools.store))
        )
        attach_files(tools, wanted)
        link_issues(tools, wanted)
    return report


def consent(world: ExportWorld, ticket_id: str) -> str:
    """Return what a plan calls the text of a ticket's issue, as it is now."""
    number = next(n for n, draft in enumerate(DRAFTS, start=1) if draft.ticket_id == ticket_id)
    return consent_in(world.sandbox, key_of(world, ticket_id), number=number)


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


def key_of(world: ExportWorld, ticket_id: str) -> str:
    """Return the key of a ticket's issue, by the order of creation."""
    title = next(draft.title for draft in DRAFTS if draft.ticket_id == ticket_id)
    with world.sandbox.state.reading() as rows:
        rows_of = rows.execute("SELECT key, summary FROM issue").fetchall()
    return next(str(row["key"]) for row in rows_of if row["summary"].startswith(title))


def edit(
    world: ExportWorld,
    ticket_id: str,
    *,
    words: str = BY_A_PERSON,
    account: str = "ada@sandbox.example",
) -> None:
    """Write another text over that of an issue, which forgets what of it is ours.

    As where an older version wrote it, or the site drops properties; `test_merged_texts` has edits
    of issues that remember.
    """
    forget_blocks(world)
    fields = {"description": document(words)}
    path = f"/rest/api/3/issue/{key_of(world, ticket_id)}"
    assert ask(world, "PUT", path, {"fields": fields}, account=account) == 204


def forget_blocks(world: ExportWorld) -> None:
    """Have all issues be as an older version left them."""
    change(world, "DELETE FROM issue_property WHERE key = ?", BLOCKS_PROPERTY)


def texts(world: ExportWorld) -> dict[str, str]:
    """Return summary and description of every issue, by key."""
    with world.sandbox.state.reading() as rows:
        return {
            row["key"]: f"{row['summary']}: {adf_to_text(json.loads(row['description'])).strip()}"
            for row in rows.execute("SELECT key, summary, description FROM issue")
        }


def times_written(world: ExportWorld) -> dict[str, int]:
    """Return how often our account changed the text of each issue, by key."""
    chosen = """
        SELECT key, count(change_history.id) AS times FROM issue
        LEFT JOIN change_history ON change_history.issue_id = issue.id
            AND items LIKE '%"description"%'
            AND author_id = (SELECT account_id FROM user WHERE email = ?)
        GROUP BY key"""
    with world.sandbox.state.reading() as rows:
        return {row["key"]: row["times"] for row in rows.execute(chosen, (OWNER,))}


def comments(world: ExportWorld) -> dict[str, list[str]]:
    """Return the text of every comment, by the key of its issue."""
    found: dict[str, list[str]] = {}
    chosen = "SELECT key, body FROM comment JOIN issue ON issue.id = issue_id ORDER BY comment.id"
    with world.sandbox.state.reading() as rows:
        for row in rows.execute(chosen):
            found.setdefault(row["key"], []).append(adf_to_text(json.loads(row["body"])).strip())
    return found


def violations_of_update(world: ExportWorld, *, edited: Collection[str] = ()) -> list[str]:
    """Say what is wrong with the site after an update: nothing overwritten, nothing twice, none lost.

    `edited` are tickets whose issues people edited; each of these has one comment.
    """
    shown, times, commented = texts(world), times_written(world), comments(world)
    wrong = [f"{len(shown)} issues"] if len(shown) != len(DRAFTS) else []
    for before, after in zip(DRAFTS, LATER_DRAFTS, strict=True):
        ticket_id = before.ticket_id
        key = key_of(world, ticket_id)
        wanted = {f"{after.title}: {after.title}"}
        if ticket_id in edited:
            wanted = {f"{before.title}: {BY_A_PERSON}"}
        if shown[key] not in wanted:
            wrong.append(f"{key} says {shown[key]!r}")
        most = 1 if ticket_id in CHANGED and ticket_id not in edited else 0
        if times[key] > most:
            wrong.append(f"{key} was written {times[key]} times")
        if len(commented.get(key, ())) != (ticket_id in edited):
            wrong.append(f"{key} has the comments {commented.get(key, ())}")
    ids = {draft.ticket_id: number_of(world, draft.ticket_id) for draft in DRAFTS}
    with world.sandbox.state.reading() as rows:
        return [*wrong, *wrong_links(rows, LATER_DRAFTS, ids)]


def number_of(world: ExportWorld, ticket_id: str) -> int:
    key = key_of(world, ticket_id)
    with world.sandbox.state.reading() as rows:
        chosen = rows.execute("SELECT id FROM issue WHERE key = ?", (key,))
        return int(chosen.fetchone()["id"])
