"""What there is to see of a home: what the program shows, what Jira has, what its tables hold.

Belongs here: one look, taken by commands, pages and the files themselves. Does not: which of it is in
force of a gift (`gifts`), what that is called (`judging`).
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jira_pipeline.model.kept_files import upload_place
from jira_pipeline.review.open_session import open_session
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run
from jira_pipeline_tests.kept.homes import SESSION, KeptHome, browsing

_COMMANDS: Sequence[Sequence[str]] = (
    ("status", SESSION),
    ("todo", SESSION),
    ("questions", SESSION),
    ("export", SESSION, "--plan"),
    ("export", SESSION, "--update", "--plan"),
    ("results", SESSION),
    ("fixes", SESSION),
    ("tickets", "list", SESSION),
    ("sessions",),
    ("audit", SESSION),
    ("kept-reviews", SESSION),
    ("layout", "show", SESSION),
)
"""What people look at to know what there is to do."""
_TEXT_TOO = {"status", "todo", "questions"}
"""Read as a person reads them, too, as is the plan of an update."""
_PAGES = {
    "session": f"/sessions/{SESSION}",
    "questions": f"/sessions/{SESSION}/questions",
    "proposed": f"/sessions/{SESSION}/questions?only=proposed",
    "answered": f"/sessions/{SESSION}/questions?only=answered",
    "tickets": f"/sessions/{SESSION}/tickets",
    "export": f"/sessions/{SESSION}/export",
    "results": f"/sessions/{SESSION}/results",
    "history": f"/sessions/{SESSION}/history?limit=500",
    "settings": f"/sessions/{SESSION}/settings",
    "people": "/people",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """All that is to be seen at one moment."""

    tickets: Mapping[str, Mapping[str, Any]]
    """As they are listed, by id, in their order."""
    ticket_texts: Mapping[str, str]
    """Each as Jira would get it, by id: a line for each paragraph, item of a list or row of a table."""
    ticket_pages: Mapping[str, str]
    """The page of each ticket that was there once, also of one whose rows are gone."""
    questions: Sequence[Mapping[str, Any]]
    answers: Mapping[str, Any]
    """What each command says as JSON, by the command."""
    shown: Mapping[str, str]
    """What some of them print for people."""
    pages: Mapping[str, str]
    """The text of pages, by name."""
    jira: str
    """Everything in the issues that exist."""
    rows: str
    """Everything in the tables of the store but the audit trail."""
    audit: str
    routes: Sequence[tuple[str, str, str]]
    """Ticket, question and words of each question that people sent to somebody, from their table."""
    layout: str
    """The layout that the sheets are read by, from beside their kept copy."""


def look_at(home: KeptHome, ticket_ids: Sequence[str]) -> Look:
    """Look at everything; a command that refuses shows nothing but its refusal."""
    answers: dict[str, Any] = {}
    shown: dict[str, str] = {}
    for command in _COMMANDS:
        name = " ".join(command)
        as_json = run(*command, "--json")
        if command[0] in _TEXT_TOO or "--update" in command:
            plain = run(*command)
            shown[name] = f"{plain.out}\n{plain.err}"
        answers[name] = as_json.json if as_json.exit_code == 0 else None
    listed = answers[f"tickets list {SESSION}"] or ()
    tickets = {ticket["ticket_id"]: ticket for ticket in listed}
    pages, ticket_pages = _pages_of(home, ticket_ids)
    rows, audit = _texts_in(home.store)
    return Look(
        tickets=tickets,
        ticket_texts=_rendered(home) if tickets else {},
        ticket_pages=ticket_pages,
        questions=answers[f"questions {SESSION}"] or (),
        answers=answers,
        shown=shown,
        pages=pages,
        jira=words_in_jira(home),
        rows=rows,
        audit=audit,
        routes=_routes_in(home.store),
        layout=_layout_beside_sheets(home),
    )


def _layout_beside_sheets(home: KeptHome) -> str:
    with projects.opened(home.project) as pipeline:
        session = pipeline.store.sessions.find(SESSION)
        if session is None or not session.has_sheets:
            return ""
        folder = pipeline.store.files.folder(upload_place(session.upload_path))
        path = folder / "layout.yaml"
        return path.read_text(encoding="utf-8") if path.exists() else ""


def words_in_jira(home: KeptHome) -> str:
    """Return everything in the issues that exist, from the tables of the site itself."""
    return "\n".join(_values_of(home.sandbox, ("issue", "comment", "issue_link")))


def _rendered(home: KeptHome) -> Mapping[str, str]:
    with projects.opened(home.project) as pipeline:
        return {
            rendered.ticket.ticket_id: "\n".join(
                [rendered.summary, *_lines_of(rendered.document), *(rendered.attachment or ())]
            )
            for rendered in open_session(pipeline, SESSION).rendered
        }


def _lines_of(node: Mapping[str, Any]) -> Iterator[str]:
    """Return the text of each block that people read as one."""
    if node["type"] in {"paragraph", "heading", "tableRow", "listItem", "taskItem"}:
        yield " ".join(_texts_of(node))
        return
    for child in node.get("content", ()):
        yield from _lines_of(child)


def _texts_of(node: Mapping[str, Any]) -> Iterator[str]:
    if node.get("text"):
        yield str(node["text"])
    for child in node.get("content", ()):
        yield from _texts_of(child)


def _pages_of(
    home: KeptHome, ticket_ids: Sequence[str]
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    with browsing(home) as client:
        pages = {name: client.get(address).text for name, address in _PAGES.items()}
        if home.link_path.exists():
            opened = client.get(home.link_path.read_text(encoding="utf-8"))
            pages["client"] = opened.text if opened.status_code == 200 else ""
        of_tickets = {}
        for ticket_id in ticket_ids:
            answer = client.get(f"/sessions/{SESSION}/tickets/{ticket_id}", follow_redirects=True)
            of_tickets[ticket_id] = answer.text
    return pages, of_tickets


def _texts_in(store: Path) -> tuple[str, str]:
    with closing(sqlite3.connect(store)) as tables:
        names = [
            row[0] for row in tables.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
    others = [name for name in names if name != "audit"]
    return "\n".join(_values_of(store, others)), "\n".join(_values_of(store, ["audit"]))


def _routes_in(store: Path) -> Sequence[tuple[str, str, str]]:
    with closing(sqlite3.connect(store)) as tables:
        return tables.execute(
            "SELECT ticket_id, question_id, words FROM question_routes"
        ).fetchall()


def _values_of(path: Path, tables: Sequence[str]) -> Iterator[str]:
    with closing(sqlite3.connect(path)) as connection:
        for table in tables:
            for row in connection.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - its own names
                yield " ".join(
                    value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
                    for value in row
                )
