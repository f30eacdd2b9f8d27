"""What a client answered stays listed when nothing asks for it any more, until a person takes it.

Belongs here: newer sheets that rename or leave out what was answered, and each way to take an
answer. Does not: answers that a person accepted before (`test_answers_kept`).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.jira.adf.to_text import adf_to_text
from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.client_links import ClientLink
from jira_pipeline.model.errors import AnswerConflictError, WrongUseError
from jira_pipeline.review.answers import answer, take_answer
from jira_pipeline.review.decisions import decide
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.question_cards import client_cards
from jira_pipeline.review.questions import AskedQuestion
from jira_pipeline.sessions import accounts
from jira_pipeline.sessions.listing import list_sessions, session_lines
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.sheets.made_specifications import Row, bundle, put_into
from jira_pipeline_tests.tables import each

WORDS = "They <b>write</b> pages.\nAnd put them online."


def role(name: str, machine_name: str) -> Row:
    return {"Name": name, "Machine name": machine_name, "X": "a", "Notes": ""}


def gone_type(name: str, machine_name: str) -> Row:
    return bundle(name, machine_name, x="d")


CREW = {"roles": [role("Captain", "captain"), role("Mate", "mate")]}
RENAMED = {"roles": [role("Captain", "captain"), role("Mate", "first_mate")]}
OTHERS = {"roles": [role("Cook", "cook")]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def written(pipeline: Pipeline, folder: Path, sheets: Mapping[str, Sequence[Row]]) -> OpenSession:
    """Upload sheets in place of those before, and write their tickets."""
    place = folder / f"sheets{len(list(folder.iterdir()))}"
    return projects.written(pipeline, put_into(place, sheets))


def permissions(session: OpenSession) -> AskedQuestion:
    (question,) = [one for one in session.questions if one.kind == "lists.permissions"]
    return question


def answered_of_mate(session: OpenSession, text: str = WORDS) -> ClientLink:
    """Let a client answer what the mate may do."""
    _, link = accounts.make_link(session, base="", days=7, by="anna", made_for="Jonas")
    rows = [
        row.rows[0] for card in client_cards(session) for row in card.rows if row.label == "“Mate”"
    ]
    assert accounts.propose(session, link, [(rows[0], text)])
    return link


@pytest.fixture
def renamed(pipeline: Pipeline, folder: Path) -> OpenSession:
    """A session whose client answered about a role that newer sheets call otherwise."""
    answered_of_mate(written(pipeline, folder, CREW))
    return written(pipeline, folder, RENAMED)


def test_an_answer_whose_row_was_renamed_is_shown_everywhere(
    pipeline: Pipeline, renamed: OpenSession
) -> None:
    """It was in no view any more, and nobody was told."""
    (stranded,) = renamed.stranded_answers
    shown = run_json("questions", SESSION)[-1]
    status = run_json("status", SESSION)
    words = [
        run(*command).words
        for command in (["questions", SESSION], ["status", SESSION], ["todo", SESSION])
    ]
    listed = list_sessions(pipeline)
    (line,) = session_lines(pipeline, listed, by="anna")

    assert (stranded.text, stranded.given_by, stranded.words.label) == (WORDS, "Jonas", "“Mate”")
    assert stranded.words.question.startswith("Which permissions do “Captain” and “Mate” get?")
    assert (shown["is_asked"], shown["answer_number"]) == (False, stranded.number)
    assert shown["proposed_answers"][0]["text"] == WORDS
    assert status["answers_stranded"] == line.stranded == 1
    assert "And put them online." in words[0]
    assert all("no longer asked" in each for each in words)
    assert renamed.questions_with_proposals == ()


@pytest.mark.usefixtures("renamed")
def test_an_answer_is_new_again_when_its_row_comes_back(pipeline: Pipeline, folder: Path) -> None:
    back = written(pipeline, folder, CREW)

    assert back.stranded_answers == ()
    assert [once.asked.kind for once in back.questions_with_proposals] == ["lists.permissions"]


def test_an_answer_stays_when_its_whole_ticket_is_gone(pipeline: Pipeline, folder: Path) -> None:
    boat = [bundle("Boat", "boat")]
    pages = [gone_type("Event", "event"), gone_type("Landing Page", "landing_page")]
    session = written(pipeline, folder, {"bundles": [*boat, *pages]})
    _, link = accounts.make_link(session, base="", days=7, by="anna", made_for="Jonas")
    row = client_cards(session)[0].rows[1].rows[0]
    accounts.propose(session, link, [(row, "Move the biggest three.")])

    now = written(pipeline, folder, {"bundles": boat})

    assert [(one.text, one.words.label) for one in now.stranded_answers] == [
        ("Move the biggest three.", "“Landing Page” pages")
    ]
    assert now.stranded_answers[0].ticket not in now.tickets


def test_an_answer_that_somebody_accepted_before_is_not_listed(
    pipeline: Pipeline, folder: Path
) -> None:
    session = written(pipeline, folder, CREW)
    answered_of_mate(session)
    answer(session.reload(), taken_over=[permissions(session).place], by="ben")

    now = written(pipeline, folder, OTHERS)

    assert now.stranded_answers == ()
    assert "And put them online." in adf_to_text(now.rendered[0].document)


def test_who_answered_again_is_listed_with_what_they_said_last(
    pipeline: Pipeline, folder: Path
) -> None:
    session = written(pipeline, folder, CREW)
    link = answered_of_mate(session, "Nothing.")
    row = client_cards(session)[0].rows[1].rows[0]
    accounts.propose(session, link, [(row, WORDS)])

    now = written(pipeline, folder, RENAMED)
    take_answer(now, [now.stranded_answers[0].number], reason="Asked again.", by="ben")

    assert [one.text for one in now.stranded_answers] == [WORDS]
    assert now.reload().stranded_answers == ()


def taken_entries(session: OpenSession) -> list[tuple[str, object]]:
    entries = session.store.audit.latest(SESSION, actions={AuditAction.CLIENT_ANSWER_TAKEN})
    return [(entry.actor, entry.details["answers"]) for entry in entries]


def test_an_answer_is_used_for_another_row_and_can_be_put_back(renamed: OpenSession) -> None:
    number = renamed.stranded_answers[0].number
    (mate,) = [row for row in permissions(renamed).rows if row.name == "first_mate"]

    outcome = take_answer(renamed, [number], place=mate.place, by="ben")
    assert "Jonas proposed" in " ".join(outcome.sentences)
    now = renamed.reload()
    answered = [row.given and row.given.answer for row in permissions(now).rows]
    text = adf_to_text(now.rendered[0].document)
    waiting = now.stranded_answers
    for name, arguments in outcome.undo:
        decide(now, name, arguments, by="ben")

    after = now.reload()
    assert waiting == ()
    assert answered == [None, WORDS]
    assert "first_mate: They <b>write</b> pages." in text
    assert taken_entries(now) == [("ben", [WORDS])]
    assert [one.number for one in after.stranded_answers] == [number]
    assert [row.given for row in permissions(after).rows] == [None, None]


def test_an_answer_is_put_into_the_notes_of_a_ticket_word_for_word(renamed: OpenSession) -> None:
    take_answer(renamed, [renamed.stranded_answers[0].number], note=1, by="ben")

    now = renamed.reload()
    text = adf_to_text(now.rendered[0].document)
    assert now.stranded_answers == ()
    assert "Jonas, " in text
    assert "They <b>write</b> pages." in text
    assert "And put them online." in text
    assert taken_entries(now) == [("ben", [WORDS])]


def test_an_answer_is_set_aside_with_a_reason_once(renamed: OpenSession) -> None:
    number = renamed.stranded_answers[0].number

    run("tickets", "take-answer", SESSION, number, "--reason", "Asked again.")

    now = renamed.reload()
    entries = now.store.audit.latest(SESSION, actions={AuditAction.CLIENT_ANSWER_TAKEN})
    assert now.stranded_answers == ()
    assert [entry.details["reason"] for entry in entries] == ["Asked again."]
    with pytest.raises(WrongUseError, match=f"no answer {number} waits"):
        take_answer(now, [number], reason="Again.", by="ben")
    take_answer(now, [number], is_back=True, by="ben")
    assert [one.number for one in now.reload().stranded_answers] == [number]


@each(
    "way",
    [{}, {"place": "1.1", "reason": "Both"}, {"note": 1, "is_back": True}, {"reason": "  "}],
)
def test_what_becomes_of_an_answer_is_said_in_one_way(
    renamed: OpenSession, way: Mapping[str, object]
) -> None:
    with pytest.raises(WrongUseError, match="Say what to do with the answer"):
        decide(
            renamed,
            "take-answer",
            {"answers": [renamed.stranded_answers[0].number], **way},
            by="ben",
        )

    assert len(renamed.reload().stranded_answers) == 1


def test_an_answer_takes_no_place_of_another_and_waits_on(renamed: OpenSession) -> None:
    place = permissions(renamed).rows[1].place
    answer(renamed, [(place, "Nothing.")], by="anna")
    now = renamed.reload()

    with pytest.raises(AnswerConflictError):
        take_answer(now, [now.stranded_answers[0].number], place=place, by="ben")

    after = renamed.reload()
    assert len(after.stranded_answers) == 1
    assert [row.given and row.given.answer for row in permissions(after).rows] == [
        None,
        "Nothing.",
    ]
    assert taken_entries(after) == []
