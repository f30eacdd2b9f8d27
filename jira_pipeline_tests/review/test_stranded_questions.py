"""A question that people sent to somebody stays listed with its words when no row asks it any more.

Belongs here: newer sheets that rename or leave out the row, and what people do then. Does not: what
clients answered (`test_stranded_answers`).
"""

import shlex
from pathlib import Path

import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.model.open_questions import Audience
from jira_pipeline.review import revisions
from jira_pipeline.review.answers import ask
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.questions import AskedQuestion
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.sheets.made_specifications import Row, bundle, put_into

WORDS = "Who of the <b>crew</b> writes 'pages'?"


def role(machine_name: str) -> Row:
    return {"Name": "Captain", "Machine name": machine_name, "X": "a", "Notes": ""}


CREW = {"roles": [role("captain")]}
RENAMED = {"roles": [role("first_captain")]}
OTHERS = {"bundles": [bundle("Boat", "boat")]}


def permissions(session: OpenSession) -> AskedQuestion:
    (question,) = [one for one in session.questions if one.kind == "lists.permissions"]
    return question


@pytest.fixture
def sent(pipeline: Pipeline, tmp_path: Path) -> OpenSession:
    session = projects.written(pipeline, put_into(tmp_path / "crew", CREW))
    place = permissions(session).place
    ask(session, [place], audience=Audience.CLIENT, words=WORDS, by="anna")
    return session.reload()


@pytest.fixture
def renamed(pipeline: Pipeline, sent: OpenSession, tmp_path: Path) -> OpenSession:
    assert sent.stranded_questions == ()
    return projects.written(pipeline, put_into(tmp_path / "renamed", RENAMED))


def test_a_question_whose_row_was_renamed_is_shown_with_its_words(renamed: OpenSession) -> None:
    """It was kept for the old name of its row, and no view had it any more."""
    (stranded,) = renamed.stranded_questions
    shown = run_json("questions", SESSION)[-1]
    said = run("questions", SESSION).words

    assert (stranded.words, stranded.audience, stranded.asked.label) == (
        WORDS,
        Audience.CLIENT,
        "“Captain”",
    )
    assert run_json("status", SESSION)["questions_stranded"] == 1
    assert "whose rows are gone" in run("todo", SESSION).words
    assert (shown["words"], shown["is_asked"]) == (WORDS, False)
    assert (shown["ticket_number"], shown["row"]) == (stranded.ticket.number, "“Captain”")
    assert shown["set_aside"] in said


def test_the_command_that_is_shown_asks_again_in_the_same_words(renamed: OpenSession) -> None:
    command = run_json("questions", SESSION)[-1]["ask_again"]
    place = permissions(renamed).place

    answer = run(*(place if word == "T.N" else word for word in shlex.split(command)[1:]))

    now = renamed.reload()
    assert answer.exit_code == 0
    assert permissions(now).words == WORDS
    assert now.stranded_questions == ()


def test_a_question_no_longer_asked_can_be_set_aside(renamed: OpenSession) -> None:
    command = run_json("questions", SESSION)[-1]["set_aside"]

    assert run(*shlex.split(command)[1:]).exit_code == 0

    assert renamed.reload().stranded_questions == ()
    assert WORDS in str([entry.details for entry in renamed.store.audit.entries(SESSION)][-1])


def test_a_question_is_asked_again_when_its_row_comes_back(
    pipeline: Pipeline, renamed: OpenSession, tmp_path: Path
) -> None:
    assert renamed.stranded_questions

    back = projects.written(pipeline, put_into(tmp_path / "back", CREW))

    assert back.stranded_questions == ()
    assert permissions(back).words == WORDS


def test_a_question_stays_and_goes_where_its_whole_ticket_is_gone(
    pipeline: Pipeline, sent: OpenSession, tmp_path: Path
) -> None:
    assert permissions(sent).words == WORDS
    now = projects.written(pipeline, put_into(tmp_path / "others", OTHERS))
    (stranded,) = now.stranded_questions

    with pytest.raises(WrongUseError, match="no row asks"):
        ask(now, [stranded.place], audience=Audience.CLIENT, words=WORDS, by="anna")
    ask(now, [stranded.place], by="anna")

    assert stranded.ticket.group_key == "user_roles"
    assert now.reload().stranded_questions == ()


def test_what_people_said_of_a_ticket_without_rows_is_shown_with_the_way_back(
    pipeline: Pipeline, sent: OpenSession, tmp_path: Path
) -> None:
    """A number was refused, and no list had the note."""
    (ticket,) = sent.tickets
    notes = revisions.html_of_text("The <captain> writes.", part="notes")
    revisions.edit(sent, ticket, revisions.TicketEdit(parts={"notes": notes}), by="anna")
    projects.written(pipeline, put_into(tmp_path / "others", OTHERS))
    run("tickets", "withdraw", SESSION, "--all")

    (listed,) = run_json("status", SESSION)["words_without_rows"]
    number = str(listed["number"])
    shown = run("tickets", "show", SESSION, number)

    assert shown.exit_code == 0
    assert "writes." in shown.words
    assert listed == run_json("tickets", "show", SESSION, number)
    assert any(word.startswith("notes: ") for word in listed["words"])
    assert f"question sent to the client: {WORDS}" in listed["words"]
    assert f"jira-pipeline generate {SESSION}" in listed["way_back"]
    assert ticket.title in run("status", SESSION).words
