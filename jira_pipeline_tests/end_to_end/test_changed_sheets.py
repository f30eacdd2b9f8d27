"""A specification uploaded again with changed rows: only their tickets are written again."""

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.tickets import GenerationOutcome
from jira_pipeline.review import validating
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.sessions import upload as uploading
from jira_pipeline.writing import generation
from jira_pipeline_tests import projects

KEY = "site"


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
    session = pipeline.store.sessions.get(KEY)
    return generation.generate(OpenSession(pipeline=pipeline, stored=session), run_id=None)


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.reader(opened))


def _write(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows(rows)


def _fields(sheets: Path) -> tuple[Path, list[list[str]], int]:
    """Return the sheet of fields, its rows and where its help text is."""
    (path,) = sheets.glob("*_Fields.csv")
    rows = _rows(path)
    return path, rows, rows[0].index("Help text")


def test_of_ten_percent_changed_rows_exactly_their_tickets_are_written_again(
    pipeline: Pipeline, sheets: Path
) -> None:
    """Whose rows they are is looked up by name in the groups before the change."""
    session = pipeline.store.sessions.get(KEY)
    before = {t.group_key: t for t in pipeline.store.tickets.list_all(KEY)}
    groups = OpenSession(pipeline=pipeline, stored=session).contents.groups
    path, rows, help_text = _fields(sheets)
    bundle, machine_name = rows[0].index("Bundle"), rows[0].index("Machine name")
    described = [row for row in rows[1:] if row[machine_name]]
    changed = described[::10]
    for row in changed:
        row[help_text] += " (changed)"
    _write(path, rows)

    outcome = _generated(pipeline, sheets)

    names = {(row[bundle].strip(), row[machine_name].strip()) for row in changed}
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
    assert (outcome.rewritten, outcome.created, outcome.withdrawals_proposed) == (
        len(expected),
        0,
        0,
    )
    assert 1 < len(expected) < len(before)


def test_a_row_put_before_others_leaves_the_ready_marks_of_their_tickets(
    pipeline: Pipeline, sheets: Path
) -> None:
    validating.validate(open_session(pipeline, KEY), run_id=None)
    rendered = open_session(pipeline, KEY).rendered
    hashes = {r.ticket.ticket_id: r.rendered_hash for r in rendered}
    pipeline.store.tickets.mark_ready(KEY, hashes, by="ab", at=pipeline.clock.now())
    path, rows, _ = _fields(sheets)
    new = list(rows[1])
    new[rows[0].index("Machine name")] = "field_quite_new"
    _write(path, [rows[0], new, *rows[1:]])

    _generated(pipeline, sheets)

    now = {r.ticket.ticket_id: r for r in open_session(pipeline, KEY).rendered}
    moved = {i for i, r in now.items() if r.rendered_hash != hashes[i]}
    waiting = {i for i, r in now.items() if r.ticket.ready_hash != r.rendered_hash}
    assert len(waiting) == 1
    assert len(moved) > 1
    assert {r.ticket.ready_by for i, r in now.items() if i not in waiting} == {"ab"}


def test_initials_and_other_spellings_write_no_ticket_and_keep_every_approval(
    pipeline: Pipeline, sheets: Path
) -> None:
    """No sentence says *Dev* or `approved`; tables do, so documents are validated anew."""
    validating.validate(open_session(pipeline, KEY), run_id=None)
    before = {r.ticket.ticket_id: r for r in open_session(pipeline, KEY).rendered}
    hashes = {i: r.rendered_hash for i, r in before.items()}
    pipeline.store.tickets.mark_ready(KEY, hashes, by="ab", at=pipeline.clock.now())
    path, rows, _ = _fields(sheets)
    for row in rows[1:]:
        for column, cells in {
            "Dev": {"": "cd"},
            "QA": {"": "ef"},
            "X": {"a": "approved"},
            "Req'd": {"y": "TRUE", "n": "FALSE"},
        }.items():
            place = rows[0].index(column)
            row[place] = cells.get(row[place], row[place])
    _write(path, rows)

    outcome = _generated(pipeline, sheets)

    now = {r.ticket.ticket_id: r for r in open_session(pipeline, KEY).rendered}
    assert (outcome.rewritten, outcome.unchanged) == (0, len(before))
    assert {r.ticket.revision for r in now.values()} == {r.ticket.revision for r in before.values()}
    assert any(r.rendered_hash != hashes[i] for i, r in now.items())
    assert all(r.ticket.ready_hash == r.rendered_hash for r in now.values())
    assert {r.ticket.ready_by for r in now.values()} == {"ab"}
