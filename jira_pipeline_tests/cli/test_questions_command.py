"""What `questions` says at a terminal before it keeps answers."""

from pathlib import Path

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.review.approvals import mark_ready
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.sheets.made_specifications import bundle, field, put_into


def test_an_answer_names_the_approvals_that_it_takes_and_may_keep_them(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    """One answer after the review cost its approvals without a word before it."""
    sheets = {
        "bundles": [bundle("Boat", "boat")],
        "fields": [field("Boat (Content type)", "field_about", ref="Subjects (Vocabulary)")],
    }
    session = projects.written(pipeline, put_into(tmp_path / "sheets", sheets))
    place = next(question.place for question in session.questions if question.is_open)
    mark_ready(session, by="ada")

    answered = run("questions", SESSION, "--answer", place, "None")
    after_answer = session.reload().ticket(1).is_ready
    again = run("questions", SESSION, "--answer", place, "None")
    approved = run("tickets", "ready", SESSION, "1")
    kept = run("questions", SESSION, "--answer", place, "Terms", "--approve")

    assert "Takes the approval from ticket 1" in answered.words
    assert not after_answer
    assert "Takes the approval" not in again.words
    assert approved.exit_code == kept.exit_code == 0
    assert session.reload().ticket(1).is_ready
