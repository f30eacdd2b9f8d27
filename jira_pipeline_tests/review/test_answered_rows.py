"""An answer names the row it was said of, wherever its question is not there to name it.

Belongs here: rows that are split, merged or gone, as tickets and lists show the answers to them. Does
not: keeping the row with the answer (`contracts/test_answered_rows`), rows that are in another ticket
since (`test_moved_rows`).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.jira.adf.to_text import adf_to_text
from jira_pipeline.review.answers import answer
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.sheets.made_specifications import Row, put_into

WHAT_CAPTAINS_DO = "They steer."
WHAT_MATES_DO = "They hoist the sails."


def role(name: str, machine_name: str) -> Row:
    return {"Name": name, "Machine name": machine_name, "X": "a", "Notes": ""}


CAPTAIN = role("Captain", "captain")
MATE = role("Mate", "mate")
COOK = role("Cook", "cook")
SPLIT = [role("First mate", "first_mate"), role("Second mate", "second_mate")]


def written(pipeline: Pipeline, folder: Path, roles: Sequence[Row]) -> OpenSession:
    place = folder / f"sheets{len(list(folder.iterdir()))}"
    return projects.written(pipeline, put_into(place, {"roles": roles}))


def answer_rows(session: OpenSession, answers: Mapping[str, str]) -> None:
    """Answer rows of the one question, by the machine name of the row."""
    (question,) = [one for one in session.questions if one.kind == "lists.permissions"]
    places = {row.name: row.place for row in question.rows}
    given = [(places[name], text) for name, text in answers.items()]
    answer(session.reload(), given, by="ben")


def lines_with(session: OpenSession, text: str) -> list[str]:
    """Return the lines of the tickets as Jira would get them that have a text."""
    documents = [adf_to_text(rendered.document) for rendered in session.rendered]
    return [line for document in documents for line in document.splitlines() if text in line]


def test_the_answer_to_a_row_that_is_split_names_it(pipeline: Pipeline, tmp_path: Path) -> None:
    """It stood in the ticket as the answer for all rows."""
    before = written(pipeline, tmp_path, [CAPTAIN, MATE])
    answer_rows(before, {"captain": WHAT_CAPTAINS_DO, "mate": WHAT_MATES_DO})

    now = written(pipeline, tmp_path, [CAPTAIN, *SPLIT])

    assert [f"captain: {WHAT_CAPTAINS_DO}" in line for line in lines_with(now, "They steer")] == [
        True
    ]
    assert [f"“Mate”: {WHAT_MATES_DO}" in line for line in lines_with(now, "They hoist")] == [True]
    shown = run_json("questions", SESSION)
    (left,) = [one for one in shown if one["answer"] == WHAT_MATES_DO]
    assert left["is_asked"] is False
    assert left["question"].endswith("(“Mate”)")
    assert [row["row"] for row in left["rows"]] == ["mate"]
    assert "(“Mate”)" in run("questions", SESSION).words


def test_what_was_said_of_some_rows_does_not_read_as_said_of_all(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    """The rows that are left had one answer, and the words of the question name three."""
    before = written(pipeline, tmp_path, [CAPTAIN, MATE, COOK])
    answer_rows(before, {"captain": WHAT_CAPTAINS_DO, "mate": WHAT_CAPTAINS_DO})

    now = written(pipeline, tmp_path, [CAPTAIN])

    (line,) = lines_with(now, "They steer")
    assert f"captain, “Mate”: {WHAT_CAPTAINS_DO}" in line


@pytest.mark.parametrize("roles", [[CAPTAIN, MATE], [MATE, CAPTAIN]], ids=["before", "after"])
def test_what_was_said_of_all_rows_names_none(
    pipeline: Pipeline, tmp_path: Path, roles: Sequence[Row]
) -> None:
    before = written(pipeline, tmp_path, roles)
    answer_rows(before, {"captain": WHAT_CAPTAINS_DO, "mate": WHAT_CAPTAINS_DO})

    (line,) = lines_with(written(pipeline, tmp_path, roles), "They steer")

    assert f"? {WHAT_CAPTAINS_DO}" in line or f". {WHAT_CAPTAINS_DO}" in line
