"""What people answered stays answered, whatever happens to files, rows, our words and the writer.

Belongs here: sheets, words and writers that change under answers, those in cells of forms too, what
they change and what takes their place. Does not: what carries stores of
older versions over (`contracts/test_question_names`).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest
from typing_extensions import override

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.drupal import row_questions, words
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.jira.adf import adf_to_markdown
from jira_pipeline.jira.adf.to_text import adf_to_text
from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.errors import AnswerConflictError, WrongUseError
from jira_pipeline.model.forms_in_text import with_answers
from jira_pipeline.model.open_questions import MODEL
from jira_pipeline.model.revisions import ChangeKind, ModelChange, TicketProse
from jira_pipeline.model.tickets import Answer
from jira_pipeline.review.answers import answer, answer_by_file
from jira_pipeline.review.forms import asked_cells
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.review.questions import AskedQuestion
from jira_pipeline.review.questions_workbook import questions_workbook
from jira_pipeline.review.waiting import quality_of
from jira_pipeline.tickets.template import TemplateWriter, TicketWriter
from jira_pipeline.writing.generation import generate_tickets
from jira_pipeline_tests import projects
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.sheets.made_specifications import (
    Row,
    bundle,
    display,
    field,
    files_of,
    put_into,
    view,
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
    return session.reload()


def given(session: OpenSession) -> list[str | None]:
    return [question.answer for question in asked(session)]


def left(session: OpenSession) -> list[tuple[str, str | None]]:
    """What was answered and is asked no longer, with the words of its question."""
    return [(q.question, q.answer) for q in session.questions if not q.is_asked]


@pytest.mark.parametrize(
    ("before", "after", "file"),
    [
        (["field_port"], ["field_port"], "fields"),
        (["field_port"], ["field_port"], "Fields v2"),
        (["field_port", "field_pier"], ["field_pier", "field_port"], "fields"),
        (["field_port", "field_pier"], ["field_pier"], "fields"),
    ],
    ids=["the same sheets", "a file renamed", "rows moved", "a row less"],
)
def test_answers_are_kept_wherever_their_rows_are(
    written: Write, before: list[str], after: list[str], file: str
) -> None:
    """The id was a hash of the file's name, too: “No ticket changes”, and the answer was gone."""
    answered(written(boats(*before)))

    now = written(boats(*after), fields=file)

    assert [q.file for q in asked(now)] == [f"{file}.csv"]
    assert given(now) == ["Harbours"]
    assert left(now) == []


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
    session = written(boats("field_port", "field_pier"))

    (question,) = asked(session)
    kept = answer(session, [(question.place, "Piers")], by="ab")
    both = asked(session.reload())[0].answer
    (step,) = kept.undo
    answer(session.reload(), **step[1], by="ab")  # type: ignore[arg-type] # as it was kept

    assert (question.answer, question.is_open) == (None, True)
    assert [(row.name, row.given and row.given.answer) for row in question.rows] == [
        ("field_port", "Harbours"),
        ("field_pier", None),
    ]
    assert both == "field_port: Harbours; field_pier: Piers"
    assert asked(session.reload())[0].given_in_part == "field_port: Harbours"


def test_answers_that_differ_by_row_are_left_and_replaced_as_they_are_shown(
    written: Write,
) -> None:
    """Whoever changed them on a page was told that somebody else had answered."""
    answered(written(boats("field_port")))
    session = answered(written(boats("field_port", "field_pier")), "Piers")
    (question,) = asked(session)
    were = {question.place: question.answer or ""}

    same = answer(session, [*were.items()], were=were, by="cd")
    rows = [row.answer for row in asked(session.reload())[0].rows]
    other = answer(session.reload(), [(question.place, "Both")], were=were, by="cd")

    assert question.answer == "field_port: Harbours; field_pier: Piers"
    assert (same.kept, rows) == (0, ["Harbours", "Piers"])
    assert (other.kept, asked(session.reload())[0].answer) == (2, "Both")


def test_one_row_is_answered_by_its_own_place(written: Write) -> None:
    session = written(boats("field_port", "field_pier"))
    (question,) = asked(session)

    answer(session, [(f"{question.place}.2", "Piers")], by="ab")

    after = session.reload()
    assert asked(after)[0].given_in_part == "field_pier: Piers"
    (rendered,) = (one for one in after.rendered if one.ticket.answers)
    assert " field_pier: Piers (ab, " in adf_to_text(rendered.document)


def test_other_words_of_ours_keep_answers(written: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    answered(written(boats("field_port")))
    forms = {**words.question_words()}
    forms[TARGET] = {**forms[TARGET], "one": "What can {subjects} refer to? {lacks}"}
    monkeypatch.setattr(row_questions, "question_words", lambda: forms)

    after = written(boats("field_port"), fields="Fields v2")

    assert asked(after)[0].question.startswith("What can")
    assert given(after) == ["Harbours"]


def test_what_is_asked_no_longer_stays_visible_with_its_answer(written: Write) -> None:
    session = answered(written(boats("field_port")))
    words = asked(session)[0].question

    after = written(boats())
    (question,) = (q for q in after.questions if not q.is_asked)
    answer(after, [(question.place, "")], by="ab")

    assert left(after) == [(f"{words} (Boat: Port)", "Harbours")]
    assert question.ticket.title == "Configure content type: Boat"
    assert left(after.reload()) == []


class ProposingWriter(TemplateWriter):
    """Writes as the template does, drops nothing, and asks one question more, as a model would."""

    name = "model/1"

    @override
    def write(self, brief: TicketRows) -> TicketProse:
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
            previous_groups=lambda _: {},
            unchanged_tickets={},
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
    assert by_template == ["Harbours", ("Who sails it? (Boat: Port)", "The crew")]
    assert [question.answer for question in asked(again, MODEL)] == ["The crew"]
    assert left(again) == []


def test_a_workbook_answers_the_rows_it_was_written_for(written: Write) -> None:
    session = written(boats("field_port"))
    once = [one for one in session.asked.once if one.asked.kind == TARGET]
    filled = with_cell(questions_workbook(once), "Answer", "Harbours", row=2)
    later = written(boats("field_pier", "field_port"))

    answer_by_file(later, filled, name="questions.xlsx", by="ab")

    assert asked(later.reload())[0].given_in_part == "field_port: Harbours"


@pytest.fixture
def news_written(pipeline: Pipeline, tmp_path: Path) -> Write:
    """Upload two views, News with a page and these cells, and write their tickets."""

    def write(page_name: str = "page_1", **cells: str) -> OpenSession:
        page: Row = display("News", page_name, Notes="Path: /news", Pager="", **cells)
        sheets = {
            "views": [view("News", "news"), view("Press", "press")],
            "displays": [page, display("News", "feed_1", "Feed", "x")],
        }
        return projects.written(pipeline, put_into(tmp_path / "sheets", sheets))

    return write


def test_prose_speaks_of_no_question_once_all_are_answered(reviewed: Path) -> None:
    """Sentences of the analysis and of the verification named questions that were gone."""
    with projects.opened(reviewed) as pipeline:
        session = open_session(pipeline, SESSION)
        left = [(q.place, "As it is.") for q in session.questions if q.is_open]
        answer(session, left, is_only=True, by="ab")
        tickets = session.reload().tickets

    prose = [
        (t.revision.parts.user_story, t.analysis, t.revision.parts.verification) for t in tickets
    ]
    assert [text for text in chain(*prose) if re.search(r"\bquestions?\b", text)] == []


def asked_of_news(session: OpenSession) -> Mapping[str, str]:
    """The cells of the page of News to fill in, by column, with their places."""
    return {c.cell.column: c.place for c in session.cells if c.cell.display == "page_1"}


def body(session: OpenSession, title: str = "Configure view: News") -> str:
    (rendered,) = (one for one in session.rendered if one.summary == title)
    return adf_to_markdown(rendered.document)


def test_a_ticket_whose_cells_are_answered_waits_for_nothing_and_asks_for_nothing(
    news_written: Write,
) -> None:
    session = news_written()
    places = asked_of_news(session)
    before = quality_of(session.tickets)
    number = next(c.ticket.number for c in session.cells if c.place == places["Sort"])

    answer(session, [(places["Filters"], "published only")], by="dana")
    some = session.reload()
    rest = {column: place for column, place in places.items() if column != "Filters"}
    kept = answer(some, [(place, f"its {column}") for column, place in rest.items()], by="dana")

    after = some.reload()
    asked = {one.ticket.number: len(one.ticket.unanswered) for one in before.tickets}[number]
    counts = [quality_of(s.tickets).waiting_count for s in (session, some, after)]
    assert counts == [2, 1, 1]
    assert kept.tickets == (number,)
    assert len(after.ticket(number).unanswered) == asked - 1
    assert after.store.tickets.tally(SESSION).questions == after.tally.questions == after.asked.left
    assert {t.number: t.unanswered_count for t in after.listed}[number] == asked - 1
    assert "| published only | its Sort |" in body(after)
    assert "cells marked" not in body(after)
    assert "dana" not in body(after)


def test_answers_outlive_another_upload_until_a_sheet_fills_their_cell(news_written: Write) -> None:
    session = news_written()
    places = asked_of_news(session)
    given = [(place, f"answered {column}") for column, place in places.items()]
    answer(session, given, by="dana")

    again = news_written(Sort="By title")

    assert "| answered Filters | By title |" in body(again)
    assert body(again).count("answered Sort") == 1, "beside the form, with its name"
    assert set(places) - set(asked_of_news(again)) == {"Sort"}
    assert quality_of(again.tickets).waiting_count == 1
    assert not any("page_1" in q.question for t in again.tickets for q in t.unanswered)
    assert "| answered Filters | answered Sort |" in body(news_written())


def test_answers_in_the_cells_of_a_display_stay_in_the_ticket_when_it_is_renamed(
    news_written: Write,
) -> None:
    """The ticket said them nowhere, and an update took them out of its issue."""
    session = news_written()
    answer(session, [(asked_of_news(session)["Filters"], "published only")], by="dana")

    renamed = news_written("page_2")

    assert "published only" in body(renamed)
    assert "| published only |" not in body(renamed)


def test_what_somebody_else_answered_meanwhile_is_named_and_nothing_is_kept(
    news_written: Write,
) -> None:
    session = news_written()
    places = asked_of_news(session)
    answer(session, [(places["Sort"], "By date")], by="eve")
    mine = [(places["Sort"], "By title"), (places["Filters"], "all")]

    with pytest.raises(AnswerConflictError, match=r"Sort of `page_1`.*“By date”"):
        answer(session, mine, were={places["Sort"]: ""}, by="dana")
    same = answer(session, [(places["Sort"], "By date")], were={places["Sort"]: ""}, by="dana")
    seen = answer(session.reload(), mine, were={places["Sort"]: "By date"}, by="dana")

    assert (same.kept, seen.kept) == (0, 2)
    (entry, *_) = reversed(
        session.store.audit.entries(SESSION, actions={AuditAction.QUESTIONS_ANSWERED})
    )
    (ticket_id,) = (session.ticket(number).ticket_id for number in seen.tickets)
    assert entry.details["answers"] == {
        ticket_id: {"Filters of `page_1`": "all", "Sort of `page_1`": "By title"}
    }


def test_an_answer_stands_before_what_a_model_filled_in(news_written: Write) -> None:
    session = news_written()
    sort = next(cell for cell in session.cells if cell.cell.column == "Sort")
    revision, by_model = sort.ticket.revision, "By age (from the note)"
    html = with_answers(revision.parts.analysis, [sort.cell], {sort.cell.cell_id: by_model})
    fill = ModelChange(kind=ChangeKind.FILL, text=by_model, before="?", after=by_model)
    parts = replace(revision.parts, analysis=html)
    ticket = replace(sort.ticket, revision=replace(revision, parts=parts, changes=(fill,)))
    answer = Answer(
        question_id=sort.cell.cell_id,
        question=sort.cell.asks,
        answer="By date",
        answered_by="dana",
        answered_at=revision.created_at,
    )

    answered = replace(ticket, answers=(answer,))

    (asked,) = (cell for cell in asked_cells(ticket) if cell.place == sort.place)
    assert (asked.known, asked.is_open, sort.is_open) == (by_model, False, True)
    assert (by_model in ticket.analysis, by_model in answered.analysis) == (True, False)
    assert "<td>By date</td>" in answered.analysis


@pytest.mark.parametrize(
    ("column", "text", "fault"),
    [("Sort", "By date?", "marks open"), ("Sort", "x" * 5_001, "5,000")],
    ids=["open still", "too long"],
)
def test_what_cannot_be_in_a_cell_is_refused(
    news_written: Write, column: str, text: str, fault: str
) -> None:
    session = news_written()

    with pytest.raises(WrongUseError, match=fault):
        answer(session, [(asked_of_news(session)[column], text)], by="dana")
    sort = asked_of_news(session)["Sort"]
    colour = f"{sort.partition('.')[0]}.page_1.Colour"
    with pytest.raises(WrongUseError, match=f"there is no question '{colour}'; .*{sort}"):
        answer(session, [(colour, "red")], by="dana")
    assert answer(session, [(sort.lower(), "By date")], by="dana").kept == 1
