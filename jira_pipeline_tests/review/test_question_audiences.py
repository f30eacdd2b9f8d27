"""Whom a question goes to by somebody's decision is the same in every list, page and file.

Belongs here: that decision, read wherever an audience is shown. Does not: cards and their words
(`test_question_cards`), a question that no row asks any more (`test_stranded_questions`).
"""

from pathlib import Path

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.open_questions import Audience
from jira_pipeline.review.answers import ask
from jira_pipeline.review.cells import read_filled_table
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.question_cards import Whose, owner_of
from jira_pipeline.review.questions import AskedQuestion
from jira_pipeline.sessions.session_tables import TABLES
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.sheets.made_specifications import Row, bundle, field, put_into


def reference(bundle_name: str) -> Row:
    """A field with a target that no row has: every content type that has it asks the same."""
    return field(f"{bundle_name} (Content type)", "field_about", ref="Subjects (Vocabulary)")


def boats(*names: str) -> dict[str, list[Row]]:
    return {
        "bundles": [bundle(name, name.casefold()) for name in names],
        "fields": [reference(name) for name in names],
    }


def of_target(session: OpenSession) -> list[AskedQuestion]:
    return [question for question in session.questions if "Subjects" in question.question]


def test_whom_a_question_was_sent_to_is_in_every_list_and_file(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    """The workbook and `questions --json` showed the audience of its kind."""
    session = projects.written(pipeline, put_into(tmp_path / "sheets", boats("Barge")))
    question = of_target(session)[0]
    other = next(one for one in Audience if one != question.audience)
    ask(session, [question.place], audience=other, by="ada")
    now = session.reload()
    file = tmp_path / "questions.xlsx"

    listed = {one["question_id"]: one["audience"] for one in run_json("questions", SESSION)}
    assert run("questions", SESSION, "--xlsx", str(file)).exit_code == 0
    workbook = {
        row["question_id"].removeprefix("q"): row["for"]
        for _, row in read_filled_table(file.read_bytes(), name=file.name).rows
    }
    tables = {row["question_id"]: row["audience"] for row in TABLES["questions"].rows(now)}
    (once,) = now.asked.in_ticket([of_target(now)[0]])
    assert owner_of(once) is Whose(other)
    assert {shown[question.question_id] for shown in (listed, workbook, tables)} == {str(other)}


def test_a_ticket_that_asks_it_later_asks_the_same_people(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    session = projects.written(pipeline, put_into(tmp_path / "sheets", boats("Barge")))
    question = of_target(session)[0]
    other = next(one for one in Audience if one != question.audience)
    ask(session, [question.place], audience=other, by="ada")

    now = projects.written(pipeline, put_into(tmp_path / "newer", boats("Ark", "Barge")))

    asked = of_target(now)
    assert len({one.ticket.number for one in asked}) == 2
    assert {one.audience for one in asked if one.shared == asked[0].shared} == {other}
