"""What a home of an older version keeps when this program opens it: its store, sandbox, sheets.

The program of 1f91cce5 left the session `harbour`, written without a model: all tickets ready and
exported to the embedded sandbox, the title of ticket 1 edited, ticket 15 with an attachment, fields
set by people, a dependency added. Answered are questions about one row and about several, one by its
suggestion, one as not relevant, one that the client proposed, a cell of a form, and one that tickets
14 and 15 ask, in 14 alone. On the client's link wait proposals for an answered question and for an
open one, and "please call me".

The program of 86d9d321 left the session `harbour` of two files, two roles, and two types that go. A
client answered what the two roles may do at once, which a person accepted; which files two fields
take, at once; and what becomes of the pages of each type, each otherwise.
"""

import json
import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from jira_pipeline.context.pipeline import SystemClock
from jira_pipeline.jira.adf.nodes import paragraph
from jira_pipeline.jira.client.client import JiraClient
from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.jira.sandbox.sandbox_site import SANDBOX_BASE_URL
from jira_pipeline.jira.sandbox_http import SandboxTransport
from jira_pipeline.model.kept_files import upload_place
from jira_pipeline.model.open_questions import ProposedAnswer
from jira_pipeline.review.open_session import open_session
from jira_pipeline.review.question_cards import client_cards
from jira_pipeline.sessions import accounts
from jira_pipeline.store import tables
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.crash.by_hand import SOMEBODY

OF_1F91CCE5 = Path(__file__).with_name("store_of_1f91cce5.zip")
OF_86D9D321 = Path(__file__).with_name("store_of_86d9d321.zip")
SESSION = "harbour"
TICKETS = 22


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    shutil.copy(projects.CHECKOUT / "dagster.yaml", folder)
    with ZipFile(OF_1F91CCE5) as archive:
        archive.extractall(folder)
    monkeypatch.setenv("DAGSTER_HOME", str(folder))
    return folder


@pytest.fixture
def home_of_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of the later one of these programs."""
    shutil.copy(projects.CHECKOUT / "dagster.yaml", tmp_path)
    with ZipFile(OF_86D9D321) as archive:
        archive.extractall(tmp_path)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    return tmp_path


def test_a_store_of_an_older_version_gets_the_tables_of_a_new_one(home: Path) -> None:
    run("questions", SESSION, "--accept", "site")

    with closing(sqlite3.connect(home / ".jira_pipeline" / "store.sqlite")) as connection:
        there = {
            name: {row[1] for row in connection.execute(f"PRAGMA table_info({name})")}
            for name in tables.metadata.tables
        }
        answers = connection.execute("SELECT question_id FROM site_answers").fetchall()
    described = tables.metadata.tables.values()
    assert there == {each.name: {column.name for column in each.columns} for each in described}
    assert answers


def _unnumbered(proposed: Iterable[ProposedAnswer]) -> list[ProposedAnswer]:
    """Return proposals in some order, without the numbers that the store gives them."""
    return sorted((replace(one, answer_id=0) for one in proposed), key=str)


def test_what_people_decided_in_an_older_version_returns_after_a_removal(home: Path) -> None:
    with projects.opened(home) as pipeline:
        session = open_session(pipeline, SESSION)
        folder = pipeline.store.files.folder(upload_place(session.stored.upload_path))
        sheets = shutil.copytree(folder, home / SESSION)
        before = {
            t.ticket_id: (t.title, frozenset(t.answers), t.assigned_fields) for t in session.tickets
        }
        proposed = pipeline.store.client_links.proposed(SESSION)
        pipeline.store.sessions.remove(SESSION, at=pipeline.clock.now(), by="ab")

        returned = projects.written(pipeline, sheets, session_key=SESSION)

        after = {
            t.ticket_id: (t.title, frozenset(t.answers), t.assigned_fields)
            for t in returned.tickets
        }
        assert proposed
        returned_proposals = pipeline.store.client_links.proposed(SESSION)
        assert _unnumbered(returned_proposals) == _unnumbered(proposed)
    assert after == before


def test_a_client_reads_whole_questions_that_an_older_version_kept(home: Path) -> None:
    """It kept none of the words that a card puts beside the names of its rows."""
    with projects.opened(home) as pipeline:
        session = open_session(pipeline, SESSION)
        cards = client_cards(session)
        asked = {one.question for one in session.questions}

    assert cards
    assert {card.topic for card in cards} == {"Other questions"}
    assert all(any(card.title in one.replace("`", "") for one in asked) for card in cards)


@pytest.mark.usefixtures("home")
def test_an_exported_session_of_an_older_version_is_as_approved_and_needs_no_update() -> None:
    """Documents are made again by this program: their hashes are those that people approved."""
    status = run_json("status", SESSION)
    plan = run_json("export", SESSION, "--update", "--plan")

    assert (status["tickets_ready"], status["stale"]) == (TICKETS, [])
    assert (status["jira_changes"], status["jira_updates"]) == (0, 0)
    assert plan["existing"] == TICKETS
    assert [plan[what] for what in ("create", "link", "attach", "place", "detach", "update")] == [
        *([], 0, 0, 0, 0, [])
    ]


def test_issues_of_an_older_version_keep_what_people_wrote(home: Path) -> None:
    """They don't remember what is ours: an edited one stays, the others learn it by an update."""
    sandbox = JiraSandbox(home / ".jira_pipeline" / "sandbox.sqlite", clock=SystemClock().now)
    jira = JiraClient(SANDBOX_BASE_URL, auth=(SOMEBODY, "x"), transport=SandboxTransport(sandbox))

    def updated(when: str) -> set[int]:
        for number in (2, 3):
            run_json("tickets", "edit", SESSION, number, "--title", f"Ticket {number} {when}")
        run_json("validate", SESSION)
        run_json("tickets", "ready", SESSION, "--all")
        run("export", SESSION, "--update", "--yes")
        return {i["number"] for i in run_json("results", SESSION)["updated"] if when in i["title"]}

    def edit(key: str) -> None:
        text = jira.issue_text(key)
        doc: dict[str, Any] = {**(text.description or {})}
        document = {**doc, "content": [*doc["content"], paragraph("As agreed on the phone.")]}
        jira.write_text(key, summary=text.summary, description=document, properties={})

    edit("SKV-2")
    assert updated("first") == {3}
    edit("SKV-3")
    assert updated("second") == {3}
    for key, title in (
        ("SKV-2", "Configure workflow: Notice approval"),
        ("SKV-3", "Ticket 3 second"),
    ):
        text = jira.issue_text(key)
        assert text.summary.startswith(title)
        assert "As agreed on the phone." in json.dumps(text.description)


def rows_answered(home: Path) -> dict[str, list[str | None]]:
    """Return what each row of each question was answered, by kind."""
    with projects.opened(home) as pipeline:
        questions = open_session(pipeline, SESSION).questions
    return {
        question.kind: [row.given.answer if row.given else None for row in question.rows]
        for question in questions
    }


def test_what_a_client_said_of_several_rows_at_once_shows_them_and_is_accepted_for_all(
    home_of_answers: Path,
) -> None:
    with projects.opened(home_of_answers) as pipeline:
        session = open_session(pipeline, SESSION)
        proposed = {
            once.asked.kind: [
                (one.labels, one.text, one.is_new) for one in session.proposed_to(once)
            ]
            for once in session.asked.once
        }
        cards = client_cards(session)
        (link,) = accounts.links_of(session)
        said = accounts.last_texts_of(session, link, cards)
    before = rows_answered(home_of_answers)
    run("questions", SESSION, "--take-over", "2.1", "--take-over", "3.1")

    assert proposed == {
        "lists.permissions": [(("“Captain”", "“Mate”"), "They write pages.", False)],
        "bundles.extensions": [(("Boat: Plan", "Boat: Log"), "Only PDF", True)],
        "views.items": [
            (("“Event” pages",), "There are none", True),
            (("“Landing Page” pages",), "Move the biggest three.", True),
        ],
    }
    assert [said.get(row.name) for card in cards for row in card.rows] == [
        "There are none",
        "Move the biggest three.",
        "Only PDF",
    ]
    accepted = ["They write pages.", "They write pages."]
    assert before == {
        "lists.permissions": accepted,
        "bundles.extensions": [None, None],
        "views.items": [None, None],
    }
    assert rows_answered(home_of_answers) == {
        "lists.permissions": accepted,
        "bundles.extensions": ["Only PDF", "Only PDF"],
        "views.items": ["There are none", "Move the biggest three."],
    }
