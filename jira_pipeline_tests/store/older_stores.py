"""A home that an older version of the program left: its store, its sandbox, its kept sheets.

Belongs here: what is in the archive, unpacking it, and how it was made. Does not: what has to be
true of it (`test_older_stores`).

`python -m jira_pipeline_tests.store.older_stores ARCHIVE`, run at a commit, makes one with the
program of that commit. That of 1f91cce5 holds the session `harbour`, without a model: all tickets
ready and exported to the embedded sandbox, the title of ticket 1 edited, ticket 15 with an
attachment, fields set by people, a dependency added. Answered are questions about one row and about
several, one by its suggestion, one as not relevant, one that the client proposed, a cell of a form,
and one that tickets 14 and 15 ask, in 14 alone. On the client's link wait proposals for an answered
question and for an open one, and "please call me".
"""

import csv
import re
import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from zipfile import ZIP_LZMA, ZipFile

import pytest

from jira_pipeline.model.people import Role
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.projects import CHECKOUT
from jira_pipeline_tests.web.browsers import browser, opened_web, signed_in

OF_1F91CCE5 = Path(__file__).with_name("store_of_1f91cce5.zip")
SESSION = "harbour"
TICKETS = 22
_KEPT = (".jira_pipeline/*.sqlite", ".jira_pipeline/uploads/**/*")


def unpacked(archive: Path, home: Path) -> Path:
    """Make a home of an archive, as it was when that version was stopped."""
    home.mkdir()
    shutil.copy(CHECKOUT / "dagster.yaml", home)
    with ZipFile(archive) as file:
        file.extractall(home)
    return home


def _make(archive: Path) -> None:
    """Write an archive of a home that the program of this commit made."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as environment:
        home = Path(folder, "home")
        home.mkdir()
        shutil.copy(CHECKOUT / "dagster.yaml", home)
        environment.setenv("DAGSTER_HOME", str(home))
        environment.setenv("LOGNAME", "anna")
        _go_through(home, _sheets(Path(folder, "sheets")))
        for path in home.glob(".jira_pipeline/*.sqlite"):
            with closing(sqlite3.connect(path)) as database:
                database.execute("PRAGMA journal_mode = DELETE")
                database.execute("VACUUM")
        with ZipFile(archive, "w", ZIP_LZMA) as file:
            for path in sorted(path for kept in _KEPT for path in home.glob(kept)):
                if path.is_file():
                    file.write(path, path.relative_to(home))


def _sheets(folder: Path) -> Path:
    """Write an example's sheets, with a question about three rows and a ticket that overflows."""
    shutil.copytree(CHECKOUT / "examples" / "skarvsund", folder)
    facility, register = "Facility (Content type)", "Boat Register (Content type)"
    with (folder / "bundles.csv").open("a", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerow(
            ["Boat Register", "boat_register", "a", "", *"nnnn", "Content type", "", ""]
        )
    fields = [
        [facility, "Pier", "field_pier", "a", "Entity reference", "", "n", "1", "Select list"],
        [register, "Pier", "field_pier", "a", "Entity reference", "", "n", "1", "Select list"],
        [facility, "Opened on", "field_opened_on", "a", "Date", "", "y", "1", "Date and time"],
        [facility, "Seats", "field_seats", "a", "Number (integer)", "", "y", "1", "Number field"],
    ]
    note = "Copied from the paper register as it stands there, and shown to the harbour office. "
    fields += [
        [register, f"Mark {n}", f"field_mark_{n}", "a", "Text (plain)", "", "n", "1", "", note * 3]
        for n in range(1, 81)
    ]
    with (folder / "fields.csv").open("a", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(row + [""] * (11 - len(row)) for row in fields)
    return folder


def _go_through(home: Path, sheets: Path) -> None:
    def do(*words: object) -> None:
        answer = run(*words)
        assert answer.exit_code == 0, answer.words

    def place(part: str, nth: int = 0) -> str:
        asked = [q for q in run_json("questions", SESSION) if part in q["question"]]
        return f"{asked[nth]['ticket_number']}.{asked[nth]['number']}"

    do("upload", sheets, "--session", SESSION)
    do("generate", SESSION)
    do("tickets", "edit", SESSION, "1", "--title", "Set up the roles of the harbour")
    do("tickets", "assign", SESSION, "--all", "--labels", "harbour,site", "--priority", "Medium")
    do("tickets", "assign", SESSION, "2", "3", "--assignee", "ada@sandbox.example")
    do("tickets", "depend", SESSION, "4", "3")
    with opened_web(home) as web:
        link = signed_in(web, Role.REVIEWER).post(
            f"/sessions/{SESSION}/questions/link", data={"days": "90"}
        )
        [address] = set(re.findall(r"http://[^<\"]*(/client/[\w.-]+)", link.text))
        client = browser(web)
        for asked, answer in (
            ("there to itself", {"text": "No"}),
            ("map", {"text": "A further display."}),
            ("calendar", {"text": "The theme."}),
            ("Which terms does", {"call_me": "1", "text": ""}),
        ):
            which = next(
                f"{q['ticket_id']}.{q['question_id']}"
                for q in run_json("questions", SESSION)
                if asked in q["question"]
            )
            assert client.post(address, data={"which": which, **answer}).status_code == 303
    do("questions", SESSION, "--answer", place("there to itself"), "Yes")
    do("questions", SESSION, "--accept", place("In which of the states"))
    why = "The office scans with a text layer."
    do("questions", SESSION, "--not-relevant", place("text layer"), why)
    do("questions", SESSION, "--answer", "16.page_1.Shows", "Title and date")
    do("questions", SESSION, "--answer", place("existing items"), "They stay empty.")
    do("questions", SESSION, "--answer", place("Vals. of"), "Any number.")
    do("questions", SESSION, "--answer", place("Enclosures"), "Five.")
    do("questions", SESSION, "--answer", place("Pier"), "Term of Pier.", "--only")
    do("questions", SESSION, "--take-over", place("calendar"))
    do("validate", SESSION)
    do("tickets", "ready", SESSION, "--all")
    do("export", SESSION, "--yes")
    do("export", SESSION, "--update", "--plan")


if __name__ == "__main__":
    _make(Path(sys.argv[1]).absolute())
