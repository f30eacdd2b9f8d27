"""What people answered stays answered, whatever happens to files, rows, our words and the writer.

Belongs here: sheets, words and writers that change under answers. Does not: what carries stores of
older versions over (`contracts/test_question_names`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from typing_extensions import override

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.jira.adf.to_text import adf_to_text
from jira_pipeline.model.open_questions import MODEL
from jira_pipeline.model.tickets import TicketProse
from jira_pipeline.review.answers import answer, answer_by_file
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.review.questions import AskedQuestion, questions_workbook
from jira_pipeline.tickets.group_facts import GroupFacts
from jira_pipeline.tickets.questions import question_index
from jira_pipeline.tickets.template import TemplateWriter, TicketWriter
from jira_pipeline.writing.generation import generate_tickets
from jira_pipeline_tests import projects
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.sheets.made_specifications import (
    Row,
    bundle,
    field,
    files_of,
)
from jira_pipeline_tests.sheets.made_workbooks import with_cell

BOAT = "Boat (Content type)"
TARGET = "bundles.target"
REFERS = {"Field type": "Entity reference", "Ref. bundle": "", "Req'd": "y"}

Sheets = Mapping[str, Sequence[Row]]
Write = Callable[..., OpenSession]


def boats(*fields: str, note: str = "") -> Sheets:
    """A type with fields that refer to nobody knows what, which are asked about in one question."""
    rows = [field(BOAT, name) | REFERS | {"Settings/notes": note} for name in fields]
    plain = field(BOAT, "field_title") | {"Field type": "Text (plain)"}
    return {"bundles": [bundle("Boat", "boat")], "fields": [*rows, plain]}


@pytest.fixture
def written(pipeline: Pipeline, tmp_path: Path) -> Write:
    """Upload sheets, named as they are or otherwise, and write their tickets."""

    def write(sheets: Sheets, **names: str) -> OpenSession:
        folder = tmp_path / f"sheets{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        for name, content in files_of(sheets).items():
            stem = Path(name).stem
            (folder / f"{names.get(stem, stem)}.csv").write_bytes(content)
        return projects.written(pipeline, folder)

    return write


def asked(session: OpenSession, kind: str = TARGET) -> list[AskedQuestion]:
    return [question for question in session.questions if question.kind == kind]


def answered(session: OpenSession, text: str = "Harbours", kind: str = TARGET) -> OpenSession:
    (question,) = asked(session, kind)
    answer(session, [(question.place, text)], by="ab")
    return session.again()


def given(session: OpenSession) -> list[str | None]:
    return [question.answer for question in asked(session)]


def left(session: OpenSession) -> list[tuple[str, str | None]]:
    """What was answered and is asked no longer, with the words of its question."""
    return [(q.question, q.answer) for q in session.questions if not q.is_asked]


def test_renaming_a_file_keeps_its_answers(written: Write) -> None:
    """The id was a hash of the file's name, too: “No ticket changes”, and the answer was gone."""
    answered(written(boats("field_port")))

    after = written(boats("field_port"), fields="Fields v2")

    assert [q.file for q in asked(after)] == ["Fields v2.csv"]
    assert given(after) == ["Harbours"]
    assert left(after) == []


def test_moving_rows_keeps_answers(written: Write) -> None:
    answered(written(boats("field_port", "field_pier")))

    after = written(boats("field_pier", "field_port"))

    assert given(after) == ["Harbours"]


def test_uploading_the_same_sheets_again_keeps_answers(written: Write) -> None:
    answered(written(boats("field_port")))

    assert given(written(boats("field_port"))) == ["Harbours"]


def test_sheets_split_over_two_files_keep_the_answers_of_each_row(
    pipeline: Pipeline, written: Write, tmp_path: Path
) -> None:
    answered(written(boats("field_port", "field_pier")))
    folder = tmp_path / "split"
    folder.mkdir()
    for part in ("field_port", "field_pier"):
        files = files_of(boats(part))
        (folder / "bundles.csv").write_bytes(files["bundles.csv"])
        (folder / f"fields_{part}.csv").write_bytes(files["fields.csv"])

    after = projects.written(pipeline, folder)

    assert sorted(q.file for q in asked(after)) == [
        "fields_field_pier.csv",
        "fields_field_port.csv",
    ]
    assert given(after) == ["Harbours", "Harbours"]


def test_a_row_more_is_asked_about_beside_the_answers_of_the_others(written: Write) -> None:
    answered(written(boats("field_port")))

    after = written(boats("field_port", "field_pier"))
    (question,) = asked(after)

    assert question.answer is None
    assert question.is_open
    assert question.given_in_part == "field_port: Harbours"
    assert [(row.name, row.given and row.given.answer) for row in question.rows] == [
        ("field_port", "Harbours"),
        ("field_pier", None),
    ]


def test_answering_what_is_left_keeps_the_answers_of_the_other_rows(written: Write) -> None:
    answered(written(boats("field_port")))
    session = written(boats("field_port", "field_pier"))

    (question,) = asked(session)
    kept = answer(session, [(question.place, "Piers")], by="ab")
    both = asked(session.again())[0].answer
    (step,) = kept.undo
    answer(session.again(), **step[1], by="ab")  # type: ignore[arg-type] # as it was kept

    assert both == "field_port: Harbours; field_pier: Piers"
    assert asked(session.again())[0].given_in_part == "field_port: Harbours"


def test_one_row_is_answered_by_its_own_place(written: Write) -> None:
    session = written(boats("field_port", "field_pier"))
    (question,) = asked(session)

    answer(session, [(f"{question.place}.2", "Piers")], by="ab")

    after = session.again()
    assert asked(after)[0].given_in_part == "field_pier: Piers"
    (rendered,) = (one for one in after.rendered if one.ticket.answers)
    assert " field_pier: Piers (ab, " in adf_to_text(rendered.document)


def test_a_row_taken_from_a_question_leaves_the_answer_of_the_others(written: Write) -> None:
    answered(written(boats("field_port", "field_pier")))

    after = written(boats("field_pier"))

    assert given(after) == ["Harbours"]


def test_other_words_of_ours_keep_answers(written: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    answered(written(boats("field_port")))
    forms = {**question_index.question_forms()}
    forms[TARGET] = {**forms[TARGET], "one": "What can {subjects} refer to? {why}"}
    monkeypatch.setattr(question_index, "question_forms", lambda: forms)

    after = written(boats("field_port"), fields="Fields v2")

    assert asked(after)[0].question.startswith("What can")
    assert given(after) == ["Harbours"]


def test_what_is_asked_no_longer_stays_visible_with_its_answer(written: Write) -> None:
    session = answered(written(boats("field_port")))
    words = asked(session)[0].question

    after = written(boats())
    (question,) = (q for q in after.questions if not q.is_asked)
    answer(after, [(question.place, "")], by="ab")

    assert left(after) == [(words, "Harbours")]
    assert question.ticket.title == "Configure content type: Boat"
    assert left(after.again()) == []


class ProposingWriter(TemplateWriter):
    """Writes as the template does, drops nothing, and asks one question more, as a model would."""

    name = "model/1"

    @override
    def write(self, brief: GroupFacts) -> TicketProse:
        prose, row = super().write(brief), brief.group.heads[0]
        words = "Who sails it?"
        proposed = replace(
            prose.questions[0], kind=MODEL, keys=(f"{row.key} “{words}”",), question=words
        )
        return replace(prose, questions=(proposed, *prose.questions))


def test_another_writer_keeps_answers_and_its_own_come_back_with_it(
    pipeline: Pipeline, written: Write
) -> None:
    session = answered(written(boats("field_port")))

    def write_by(writer: TicketWriter) -> OpenSession:
        now = open_session(pipeline, SESSION)
        generate_tickets(
            now,
            previous_groups={},
            kept={},
            writer=writer,
            sessions=pipeline.store.sessions,
            run_id="r2",
        )
        return open_session(pipeline, SESSION)

    session = answered(write_by(ProposingWriter()), "The crew", kind=MODEL)
    by_model = given(session)
    template = write_by(TemplateWriter())
    by_template = [*given(template), *left(template)]
    again = write_by(ProposingWriter())

    assert by_model == given(again) == ["Harbours"]
    assert by_template == ["Harbours", ("Who sails it?", "The crew")]
    assert [question.answer for question in asked(again, MODEL)] == ["The crew"]
    assert left(again) == []


def test_a_workbook_answers_the_rows_it_was_written_for(written: Write) -> None:
    session = written(boats("field_port"))
    once = [one for one in session.asked.once if one.asked.kind == TARGET]
    filled = with_cell(questions_workbook(once), "Answer", "Harbours", row=2)
    later = written(boats("field_pier", "field_port"))

    answer_by_file(later, filled, name="questions.xlsx", by="ab")

    assert asked(later.again())[0].given_in_part == "field_port: Harbours"
