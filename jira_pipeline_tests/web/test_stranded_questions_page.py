"""The page of questions shows what was sent to somebody and is no longer asked, and takes it.

Belongs here: the forms beside each such question. Does not: which these are
(`review/test_stranded_questions`).
"""

from pathlib import Path

import pytest

from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.kept.homes import KeptHome, browsing, posted
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.sheets.made_specifications import put_into
from jira_pipeline_tests.web.browsers import page_at

WORDS = "Who writes <b>pages</b>?"
QUESTIONS = f"/sessions/{SESSION}/questions"


def crew(machine_name: str) -> dict[str, list[dict[str, str]]]:
    return {"roles": [{"Name": "Captain", "Machine name": machine_name, "X": "a", "Notes": ""}]}


@pytest.fixture
def home(project: Path, tmp_path: Path) -> KeptHome:
    """A session whose question about a role was worded, and whose sheets then rename the role."""
    with projects.opened(project) as pipeline:
        projects.written(pipeline, put_into(tmp_path / "crew", crew("captain")))
    (question,) = [one for one in run_json("questions", SESSION) if one["is_asked"]][:1]
    place = f"{question['ticket_number']}.{question['number']}"
    asked = run("tickets", "ask", SESSION, place, "--audience", "client", "--words", WORDS)
    assert asked.exit_code == 0
    with projects.opened(project) as pipeline:
        projects.written(pipeline, put_into(tmp_path / "renamed", crew("first_captain")))
    return KeptHome(project=project, sheets=tmp_path)


def test_the_page_sends_the_question_that_asks_now_in_the_same_words(home: KeptHome) -> None:
    (stranded,) = [one for one in run_json("questions", SESSION) if "words" in one]
    now = next(one for one in run_json("questions", SESSION) if one["is_asked"])
    place = f"{now['ticket_number']}.{now['number']}"

    with browsing(home) as reviewer:
        shown = page_at(reviewer, QUESTIONS).css_first("#stranded-questions")
        overview = page_at(reviewer, f"/sessions/{SESSION}").css_first(
            "a[href$='#stranded-questions']"
        )
        posted(reviewer, f"{QUESTIONS}/stranded", question=stranded["place"], place=place)
        after = page_at(reviewer, QUESTIONS)

    assert shown is not None
    assert overview is not None
    assert WORDS in shown.text()
    assert after.css_first("#stranded-questions") is None
    assert not [one for one in run_json("questions", SESSION) if "words" in one]


def test_the_page_sets_a_question_aside(home: KeptHome) -> None:
    (stranded,) = [one for one in run_json("questions", SESSION) if "words" in one]

    with browsing(home) as reviewer:
        after = posted(reviewer, f"{QUESTIONS}/stranded", question=stranded["place"])

    assert after.css_first("#stranded-questions") is None
