"""A generation writes the tickets that would say something else, and leaves the others alone."""

import csv
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import text

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.revisions import Revision
from jira_pipeline.model.tickets import GenerationOutcome
from jira_pipeline.review import revisions
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.review.session_rows import rows_of_session
from jira_pipeline.sessions import upload as uploading
from jira_pipeline.tickets.template import TemplateWriter
from jira_pipeline.writing import generation
from jira_pipeline_tests import projects
from jira_pipeline_tests.growth import calls_of
from jira_pipeline_tests.projects import EXAMPLE_TICKETS, SESSION


@pytest.fixture
def sheets(tmp_path: Path) -> Path:
    return projects.copy_sheets(tmp_path / "sheets")


@pytest.fixture
def written(pipeline: Pipeline, sheets: Path) -> Pipeline:
    """A pipeline with the example uploaded and its tickets written."""
    upload(pipeline, sheets)
    generate(pipeline)
    return pipeline


def upload(pipeline: Pipeline, sheets: Path) -> None:
    uploading.upload(pipeline, sheets, session_key=SESSION, auto_approve=False, actor="ab")


def session_in(pipeline: Pipeline) -> OpenSession:
    return open_session(pipeline, SESSION)


def generate(pipeline: Pipeline, *, numbers: tuple[int, ...] = ()) -> tuple[GenerationOutcome, int]:
    """Generate; return the outcome, and how many tickets the template wrote."""
    outcomes: list[GenerationOutcome] = []

    def run() -> None:
        outcome = generation.generate(session_in(pipeline), run_id="r1", numbers=numbers)
        outcomes.append(outcome)

    calls = calls_of(run)
    return outcomes[0], calls[TemplateWriter.write.__code__]


def texts_in(pipeline: Pipeline) -> Mapping[str, Revision]:
    return {ticket.group_key: ticket.revision for ticket in session_in(pipeline).tickets}


def change_cells(sheets: Path, column: str, words: str) -> None:
    """Put other words into a column of the first field of the sheets."""
    (path,) = sheets.glob("*Fields.csv")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        header, *rows = csv.reader(stream)
    rows[0][header.index(column)] = words
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])


def test_nothing_is_written_where_nothing_changed(written: Pipeline) -> None:
    before = texts_in(written)

    outcome, written_count = generate(written)

    assert (outcome.unchanged, outcome.rewritten, written_count) == (EXAMPLE_TICKETS, 0, 0)
    assert texts_in(written) == before
    assert session_in(written).stored.progress_text == "0 tickets written, 24 unchanged"


def test_a_changed_cell_costs_its_ticket(written: Pipeline, sheets: Path) -> None:
    change_cells(sheets, "Help text", "As on the card.")
    upload(written, sheets)

    outcome, written_count = generate(written)

    assert (outcome.rewritten, written_count) == (1, 1)


def test_what_stays_is_what_would_be_written(written: Pipeline, sheets: Path) -> None:
    change_cells(sheets, "Machine name", "field_of_nobody")
    upload(written, sheets)
    generate(written)
    with written.store.database.writing() as connection:
        connection.execute(text("DELETE FROM written_from"))

    outcome, written_count = generate(written)

    assert (outcome.rewritten, written_count) == (0, EXAMPLE_TICKETS)


def test_sheets_that_are_put_back_bring_their_texts_back(
    written: Pipeline, sheets: Path, tmp_path: Path
) -> None:
    before = {key: revision.parts for key, revision in texts_in(written).items()}
    first = tmp_path / "first"
    shutil.copytree(sheets, first)
    change_cells(sheets, "Help text", "As on the card.")
    upload(written, sheets)
    generate(written)
    upload(written, first)

    outcome, written_count = generate(written)

    assert (outcome.rewritten, written_count) == (1, 1)
    assert {key: revision.parts for key, revision in texts_in(written).items()} == before


def test_the_rules_read_again_what_people_wrote_over(written: Pipeline) -> None:
    """New questions of the rows come into a text of people; what it was said from says nothing."""
    revisions.edit_text(session_in(written), 3, "analysis", "As agreed.", by="anna")

    assert [generate(written)[1] for _ in range(2)] == [1, 1]


def test_an_order_for_one_ticket_leaves_what_is_known_of_the_others(written: Pipeline) -> None:
    ordered = generate(written, numbers=(5,))

    later = generate(written)

    assert [written_count for _, written_count in (ordered, later)] == [1, 0]


def test_a_ticket_whose_rows_are_back_is_written(
    written: Pipeline, sheets: Path, tmp_path: Path
) -> None:
    first = tmp_path / "first"
    shutil.copytree(sheets, first)
    (views,) = sheets.glob("*CustomViews.csv")
    lines = views.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    views.write_text("".join(lines[:-1]), encoding="utf-8")
    upload(written, sheets)
    generate(written)
    upload(written, first)

    outcome, _ = generate(written)

    assert outcome.created == 1
    assert len(session_in(written).tickets) == EXAMPLE_TICKETS


def test_rows_of_rules_have_the_name_that_the_site_has_now(written: Pipeline, sheets: Path) -> None:
    manifest = sheets / "session.yaml"
    words = manifest.read_text(encoding="utf-8")
    before = rows_of_session(session_in(written)).site_name
    manifest.write_text(words.replace(before, "Museum of Tides"), encoding="utf-8")
    upload(written, sheets)

    assert rows_of_session(session_in(written)).site_name == "Museum of Tides"


def test_a_session_that_was_read_before_another_generation_brings_no_older_text_back(
    written: Pipeline, sheets: Path
) -> None:
    """It wrote its older text over that of the other one, and no later generation saw it."""
    read_before = session_in(written)
    assert len(read_before.tickets) == EXAMPLE_TICKETS
    change_cells(sheets, "Help text", "As on the card.")
    upload(written, sheets)
    generate(written)
    newest = texts_in(written)

    outcome = generation.generate(read_before, run_id="r2")

    assert outcome.unchanged == EXAMPLE_TICKETS
    assert texts_in(written) == newest
