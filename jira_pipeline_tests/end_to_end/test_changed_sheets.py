"""A specification uploaded again with changed rows: only their tickets are written again."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.tickets import GenerationOutcome
from jira_pipeline.review import approvals
from jira_pipeline.review.open_session import open_session
from jira_pipeline.sessions import upload as uploading
from jira_pipeline.writing import generation
from jira_pipeline_tests import projects

KEY, FIELDS = "site", "Uhrenmuseum_Fields.csv"
pytestmark = pytest.mark.xdist_group("changed_sheets")


@pytest.fixture(scope="module")
def written(empty_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the tickets of the specification as it is; copied, never used."""
    project = tmp_path_factory.mktemp("written") / "project"
    shutil.copytree(empty_project, project)
    with projects.opened(project) as pipeline:
        outcome = _generated(pipeline, projects.EXAMPLE)
        assert outcome.created == len(pipeline.store.tickets.list_all(KEY))
    return project


@pytest.fixture
def pipeline(written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pipeline]:
    with projects.opened(projects.adopt(written, tmp_path / "project", monkeypatch)) as pipeline:
        yield pipeline


@pytest.fixture
def sheets(tmp_path: Path) -> Path:
    return projects.copy_sheets(tmp_path / "sheets")


def _generated(pipeline: Pipeline, sheets: Path) -> GenerationOutcome:
    """Upload the sheets as they are now and write the tickets, without Dagster around it."""
    uploading.upload(pipeline, sheets, session_key=KEY, auto_approve=False, actor="ab")
    return generation.generate(open_session(pipeline, KEY), run_id=None)


def _rendered(pipeline: Pipeline) -> dict[str, RenderedTicket]:
    return {one.ticket.ticket_id: one for one in open_session(pipeline, KEY).rendered}


@pytest.fixture
def approved(pipeline: Pipeline) -> dict[str, RenderedTicket]:
    approvals.validate(open_session(pipeline, KEY), run_id=None)
    rendered = _rendered(pipeline)
    hashes = {ticket_id: one.hashes for ticket_id, one in rendered.items()}
    pipeline.store.tickets.mark_ready(KEY, hashes, by="ab", at=pipeline.clock.now())
    return rendered


def test_of_ten_percent_changed_rows_exactly_their_tickets_are_written_again(
    pipeline: Pipeline, sheets: Path
) -> None:
    """Whose rows they are is looked up by name in the groups before the change."""
    before = {t.group_key: t for t in pipeline.store.tickets.list_all(KEY)}
    groups = open_session(pipeline, KEY).contents.groups
    path = sheets / FIELDS
    rows = projects.rows_in(path)
    changed = [row for row in rows if row["Machine name"]][::10]
    for row in changed:
        row["Help text"] += " (changed)"
    projects.write_rows(path, rows)

    outcome = _generated(pipeline, sheets)

    names = {(row["Bundle"].strip(), row["Machine name"].strip()) for row in changed}
    expected = {
        group.key
        for group in groups
        for entity in (*group.heads, *group.members)
        if entity.source.file == path.name
        and (entity.cells["Bundle"], entity.cells["Machine name"]) in names
    }
    rewritten = {
        t.group_key
        for t in pipeline.store.tickets.list_all(KEY)
        if t.revision.number != before[t.group_key].revision.number
    }
    assert expected == rewritten
    assert outcome.rewritten == len(expected)
    assert (outcome.created, outcome.withdrawals_proposed) == (0, 0)
    assert 1 < len(expected) < len(before)


def test_a_row_put_before_others_leaves_the_ready_marks_of_their_tickets(
    pipeline: Pipeline, sheets: Path, approved: dict[str, RenderedTicket]
) -> None:
    rows = projects.rows_in(sheets / FIELDS)
    new = rows[0] | {"Machine name": "field_quite_new"}
    projects.write_rows(sheets / FIELDS, [new, *rows])

    _generated(pipeline, sheets)

    now = _rendered(pipeline)
    moved = {i for i, r in now.items() if r.rendered_hash != approved[i].rendered_hash}
    waiting = {i for i, r in now.items() if not r.is_approved}
    assert len(waiting) == 1
    assert len(moved) > 1
    assert {r.ticket.ready_by for i, r in now.items() if i not in waiting} == {"ab"}


def test_initials_and_other_spellings_write_no_ticket_and_keep_every_approval(
    pipeline: Pipeline, sheets: Path, approved: dict[str, RenderedTicket]
) -> None:
    """No sentence says *Dev* or `approved`; tables do, so documents are validated anew."""
    spelt = {
        "Dev": {"": "cd"},
        "QA": {"": "ef"},
        "X": {"a": "approved"},
        "Req'd": {"y": "TRUE", "n": "FALSE"},
    }
    rows = projects.rows_in(sheets / FIELDS)
    for row in rows:
        row |= {column: cells.get(row[column], row[column]) for column, cells in spelt.items()}
    projects.write_rows(sheets / FIELDS, rows)

    outcome = _generated(pipeline, sheets)

    now = _rendered(pipeline)
    assert (outcome.rewritten, outcome.unchanged) == (0, len(approved))
    assert {i: r.ticket.revision for i, r in now.items()} == {
        i: r.ticket.revision for i, r in approved.items()
    }
    assert any(r.rendered_hash != approved[i].rendered_hash for i, r in now.items())
    assert all(r.is_approved for r in now.values())
    assert {r.ticket.ready_by for r in now.values()} == {"ab"}
