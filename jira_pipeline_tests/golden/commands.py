"""Freezes what scripted sessions are answered, and what each step leaves in the store.

Belongs here: running the lines of `scripts/`, and the audit entries and events that a line adds.
Does not: the lines themselves, nor which commands there are (`surfaces`).
"""

import json
import re
import shlex
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from jira_pipeline.model.people import Role
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.golden.frozen_text import Item, indented, one_line
from jira_pipeline_tests.golden.homes import SESSION, Home, opened_home
from jira_pipeline_tests.golden.specifications import write_packages
from jira_pipeline_tests.web.browsers import opened_web, signed_in

SCRIPTS = Path(__file__).parent / "scripts"
_PLACE = re.compile(r"<([^<>]+?)(?:\.([\w.]+))?>")
ADDED = {
    "audit": ("sequence", ("session_key", "actor", "action", "details")),
    "review_events": ("event_id", ("session_key", "action", "by")),
}
"""Tables that tell of a change: their number, and the columns that are frozen."""

Answer = tuple[str, Any]
"""How it ended, and what was answered, as JSON."""


def lines_of(script: str) -> list[str]:
    lines = (SCRIPTS / f"{script}.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def at_the_terminal(script: str) -> Iterator[Item]:
    """Freeze a script of commands."""
    with opened_home() as home:
        yield from _answers(home, script, _command, _files(home))


def over_http() -> Iterator[Item]:
    """Freeze a script of forms of pages and requests to the API."""
    with opened_home() as home:
        run("upload", _files(home)["sheets"], "--session", SESSION)
        run("generate", SESSION)
        listed = run_json("tickets", "list", SESSION)
        ids = {f"id {ticket['number']}": ticket["ticket_id"] for ticket in listed}
        with opened_web(home.path) as web:
            client = signed_in(web, Role.EXPORTER)

            def request(line: str) -> Answer:
                method, address, body, *_ = [*line.split(" ", 2), ""]
                if method == "FORM":
                    kind = {"content-type": "application/x-www-form-urlencoded"}
                    answer = client.post(address, content=body, headers=kind)
                    return f"{answer.status_code}", answer.headers.get("location")
                wanted = json.loads(body) if body else None
                answer = client.request(method, address, json=wanted)
                return f"{answer.status_code}", answer.json() if answer.content else None

            yield from _answers(home, "requests", request, ids)


def _answers(
    home: Home, script: str, ask: Callable[[str], Answer], places: Mapping[str, object]
) -> Iterator[Item]:
    known: dict[str, Any] = dict(places)
    for number, line in enumerate(lines_of(script), start=1):
        end, answer = ask(_PLACE.sub(lambda place: _value(known, place), line))
        words = " ".join(line.split(" ")[:2])
        known.setdefault(words, answer)
        text = f"{line}\n→ {end}\n{indented(home.plain.news(home.plain.shortened(answer)))}"
        added = "".join(f"\n+ {one}" for one in _added(home))
        yield Item(f"{number} {words}", home.plain(text + added))


def _value(known: Mapping[str, Any], place: re.Match[str]) -> str:
    value = known[place[1]]
    for step in place[2].split(".") if place[2] else ():
        value = value[int(step) if step.isdecimal() else step]
    return str(value)


def _command(line: str) -> Answer:
    answer = run(*shlex.split(line), "--json")
    try:
        return f"exit {answer.exit_code}", answer.json
    except json.JSONDecodeError:
        return f"exit {answer.exit_code}", answer.words


def _files(home: Home) -> dict[str, Path]:
    fewer = projects.copy_small_sheets(home.work / "fewer")
    for path in fewer.glob("*Views*.csv"):
        path.unlink()
    notes = home.work / "notes.md"
    notes.write_text("Ask **Ada** first.", encoding="utf-8")
    sheets = projects.copy_small_sheets(home.work / "museum")
    named = {"sheets": sheets, "fewer": fewer, "notes": notes, "work": home.work}
    named["roles"] = home.work / "roles"
    named["roles"].mkdir()
    shutil.copy(projects.EXAMPLE / "Uhrenmuseum_UserRoles.csv", named["roles"])
    named["config"] = projects.EXAMPLE.with_name("uhrenmuseum.config.zip")
    return named | write_packages(home.work)


def _added(home: Home) -> Iterator[str]:
    """Give what was added to the store since the last call."""
    with closing(sqlite3.connect(home.data / "store.sqlite")) as rows:
        for table, (number, columns) in ADDED.items():
            seen = home.seen.get(table, 0)
            wanted = f"SELECT {number}, {', '.join(columns)} FROM {table} WHERE {number} > ?"  # noqa: S608 - names of ours
            for row in rows.execute(f"{wanted} ORDER BY {number}", (seen,)).fetchall():
                home.seen[table] = row[0]
                told = dict(zip(columns, row[1:], strict=True))
                if "details" in told:
                    told["details"] = json.loads(told["details"])
                yield f"{table} {one_line(home.plain.answer(told))}"
