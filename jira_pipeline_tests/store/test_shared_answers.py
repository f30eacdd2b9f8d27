"""What clients said of one row, hidden by an answer for all rows, waits again after the upgrade.

The program of 86d9d321 left a site whose client said of three roles what each may do: a person
accepted what was said of the first, which that program wrote to all of them.
"""

import shlex
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from jira_pipeline.context.pipeline import SystemClock
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.kept.homes import SESSION, KeptHome
from jira_pipeline_tests.kept.takers import unpack_older

EDITOR = "wordeditor only their own events"
CURATOR = "wordcurator never clocks on loan"
REGISTRAR = "write pages, put online, manage people"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KeptHome:
    unused = KeptHome(project=tmp_path, sheets=tmp_path)
    (tmp_path / "older").mkdir()
    return unpack_older(unused, tmp_path / "older", monkeypatch)


def proposals_of_roles() -> dict[str, str | None]:
    """Return the command that takes each proposal over, by its text; None: it waits for nobody."""
    (question,) = [
        one
        for one in run_json("questions", SESSION)
        if any(proposal["text"] == EDITOR for proposal in one["proposed_answers"])
    ]
    return {one["text"]: one["take_over"] for one in question["proposed_answers"] if one["is_new"]}


@pytest.mark.usefixtures("home")
def test_what_was_said_of_the_other_rows_is_new_after_the_upgrade() -> None:
    """Accepting the first answer wrote it to all rows, and the others were shown nowhere."""
    assert set(proposals_of_roles()) == {CURATOR, REGISTRAR}


@pytest.mark.usefixtures("home")
def test_the_command_that_is_shown_gives_the_row_its_own_answer() -> None:
    command = proposals_of_roles()[CURATOR]
    assert command is not None

    assert run(*shlex.split(command)[1:]).exit_code == 0

    answers = {
        row["row"]: row["answer"]
        for question in run_json("questions", SESSION)
        for row in question.get("rows", ())
        if row["row"] in {"editor", "curator"}
    }
    assert answers == {"editor": EDITOR, "curator": CURATOR}
    assert set(proposals_of_roles()) == {REGISTRAR}


def test_an_answer_given_to_a_row_alone_is_a_decision(home: KeptHome) -> None:
    with closing(sqlite3.connect(home.store)) as store, store:
        store.execute(
            "UPDATE answers SET answered_at = ? WHERE question_id "
            "= (SELECT question_id FROM proposed_answers WHERE text = ?)",
            (SystemClock().now().isoformat(timespec="microseconds"), CURATOR),
        )

    assert set(proposals_of_roles()) == {REGISTRAR}
