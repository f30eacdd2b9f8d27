"""A home in which people work, as the table of kept words sees it: by commands and by pages.

Belongs here: running a command as somebody, opening pages, ageing what is stored, finding tickets. Does
not: what people give (`gifts`), what takes it away (`takers`), what is looked at (`looking`).
"""

import json
import re
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from selectolax.lexbor import LexborHTMLParser, LexborNode

from jira_pipeline.cli.context import opened_runs
from jira_pipeline.dagster_port.reports import report_upload
from jira_pipeline.model.people import Role
from jira_pipeline.sessions import accounts
from jira_pipeline.web.context import Access, LateDagster, Web
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import Answer, run
from jira_pipeline_tests.web.browsers import browser, with_runs

SESSION = "uhr"
REVIEWER = "Ada"
"""Who signs in to give what is given on a page."""
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[^\"]*")


class CommandRefusedError(Exception):
    """A command that must work did not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptHome:
    """A home with one session, and the folder of sheets that it was made from."""

    project: Path
    sheets: Path

    @property
    def store(self) -> Path:
        return self.project / ".jira_pipeline" / "store.sqlite"

    @property
    def link_path(self) -> Path:
        """Where the test keeps the client's link, which the program shows only once."""
        return self.sheets.parent / "client_link.txt"

    @property
    def ids_path(self) -> Path:
        """Where the test keeps the ids of tickets by the titles they began with."""
        return self.sheets.parent / "ids.json"

    @property
    def ids(self) -> Mapping[str, str]:
        ids: dict[str, str] = json.loads(self.ids_path.read_text(encoding="utf-8"))
        return ids

    @property
    def sandbox(self) -> Path:
        return self.project / ".jira_pipeline" / "sandbox.sqlite"

    def run(self, *arguments: object) -> Answer:
        """Run a command that must work."""
        answer = run(*arguments)
        if answer.exit_code != 0:
            raise CommandRefusedError(f"{' '.join(map(str, arguments))}: {answer.words}")
        return answer

    def json(self, *arguments: object) -> Any:
        return self.run(*arguments, "--json").json

    def tickets(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the tickets as they are listed, by id."""
        listed = self.json("tickets", "list", SESSION)
        return {ticket["ticket_id"]: ticket for ticket in listed}

    def number_of(self, ticket_id: str) -> int:
        return int(self.tickets()[ticket_id]["number"])

    def place_of(self, ticket_id: str, row: str) -> str:
        """Return where a question is asked of a row, such as 16.2."""
        for question in self.json("questions", SESSION):
            rows = [one["row"] for one in question.get("rows", ())]
            if question["ticket_id"] == ticket_id and row in rows:
                return f"{question['ticket_number']}.{question['number']}"
        raise CommandRefusedError(f"nothing is asked of {row}")


def copy_home(home: KeptHome, folder: Path, environment: pytest.MonkeyPatch) -> KeptHome:
    """Copy a home and make the copy the one of this process."""
    project = projects.adopt(home.project, folder / "project", environment)
    copy = KeptHome(project=project, sheets=shutil.copytree(home.sheets, folder / "sheets"))
    for path in (home.link_path, home.ids_path):
        shutil.copy(path, copy.sheets.parent)
    return copy


@contextmanager
def opened_pages(home: KeptHome) -> Iterator[Web]:
    with projects.opened(home.project) as pipeline, opened_runs(pipeline) as runs:
        web = Web(
            pipeline=pipeline,
            dagster=LateDagster(),
            access=Access(pipeline),
            report_to_dagster=report_upload,
        )
        yield with_runs(web, runs)


@contextmanager
def browsing(home: KeptHome, role: Role = Role.ADMIN) -> Iterator[TestClient]:
    """Open the pages for somebody who is signed in."""
    with opened_pages(home) as web:
        accounts.add_person(web.pipeline, REVIEWER, role, by="test")
        link = accounts.invite(web.pipeline, REVIEWER, by="test").secret
        client = browser(web)
        posted(client, "/sign-in", link=link)
        yield client


@contextmanager
def client_page(home: KeptHome) -> Iterator[TestClient]:
    """Open the pages for somebody who is not signed in."""
    with opened_pages(home) as web:
        yield browser(web)


def fields_of(form: LexborNode) -> dict[str, Any]:
    """Return what a form would send as it is shown."""
    fields: dict[str, Any] = {}
    for field in form.css("input, textarea, select"):
        name = field.attributes.get("name")
        kind = field.attributes.get("type")
        if not name or kind in {"file", "submit"}:
            continue
        if field.tag == "textarea":
            fields[name] = field.text().strip()
        elif field.tag == "select":
            chosen = field.css_first("option[selected]") or field.css_first("option")
            fields[name] = (chosen.attributes.get("value") if chosen else "") or ""
        elif kind not in {"checkbox", "radio"} or "checked" in field.attributes:
            fields[name] = field.attributes.get("value") or ""
    return fields


def posted(client: TestClient, address: str, **fields: Any) -> LexborHTMLParser:
    """Send a form as a browser does, and return the page that follows."""
    answer = client.post(address, data=fields, follow_redirects=True)
    if answer.status_code != 200:
        raise CommandRefusedError(f"{address}: {answer.status_code} {answer.text[:2000]}")
    return LexborHTMLParser(answer.text)


def age(home: KeptHome, *, days: int) -> None:
    """Let everything that is stored have happened so many days earlier.

    The triggers that keep rows from being changed are put back as they were.
    """
    with closing(sqlite3.connect(home.store)) as store, store:
        triggers = store.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        for name, _ in triggers:
            store.execute(f'DROP TRIGGER "{name}"')
        tables = store.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            columns = [row[1] for row in store.execute(f'PRAGMA table_info("{table}")')]
            for column in columns:
                if column == "at" or column.endswith("_at") or column == "since":
                    _age_column(store, table, column, days=days)
        for _, statement in triggers:
            store.execute(statement)


def _age_column(store: sqlite3.Connection, table: str, column: str, *, days: int) -> None:
    values = store.execute(f'SELECT DISTINCT "{column}" FROM "{table}"').fetchall()  # noqa: S608 - names of the schema
    for (value,) in values:
        if isinstance(value, str) and _TIME.fullmatch(value):
            earlier = (datetime.fromisoformat(value) - timedelta(days=days)).isoformat()
            store.execute(
                f'UPDATE "{table}" SET "{column}" = ? WHERE "{column}" = ?',  # noqa: S608 - as above
                (earlier, value),
            )
