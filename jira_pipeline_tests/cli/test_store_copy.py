"""`store copy`: a store goes to PostgreSQL whole, or not at all, and only one is used afterwards."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from jira_pipeline.model.errors import StoreError
from jira_pipeline.sessions.upload import remove_session
from jira_pipeline.store import store_copies, tables
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.contracts.open_stores import empty_database, open_postgres
from jira_pipeline_tests.contracts.stored_values import START
from jira_pipeline_tests.end_to_end.reading_back import issues_created

pytestmark = [pytest.mark.postgres, pytest.mark.small_site]

LEDGER = "SELECT sequence, event, subject, ticket_id, session_key FROM ledger ORDER BY sequence"


@pytest.fixture
def database() -> Iterator[str]:
    with empty_database() as url:
        yield url


def store_of(project: Path) -> Path:
    return project / ".jira_pipeline" / "store.sqlite"


def rows_in(url: str, query: str) -> list[tuple[object, ...]]:
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(text(query))]
    engine.dispose()
    return rows


def counts_in(url: str) -> dict[str, object]:
    names = tables.metadata.tables.keys() - store_copies.TABLES_NOT_COPIED
    return {name: rows_in(url, f"SELECT count(*) FROM {name}")[0][0] for name in names}  # noqa: S608 - our names


def rows_of(project: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(store_of(project))) as store:
        return [tuple(row) for row in store.execute(query)]


def test_everything_is_copied_and_only_the_copy_is_used(
    exported: Path, database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = exported / ".jira_pipeline"
    before, created = rows_of(exported, LEDGER), issues_created(exported)
    uploaded = [path.name for path in home.glob("uploads/museum/*/*")]
    with projects.opened(exported) as opened_before:
        sheets = projects.copy_small_sheets(tmp_path / "gone")
        projects.written(opened_before, sheets, session_key="gone")
        projects.rename_ticket(opened_before, "gone", 1, "A title of people")
        remove_session(
            opened_before,
            "gone",
            remove_partition=lambda _: None,
            last_entry=opened_before.store.audit.newest("gone"),
        )
        asked = run("kept-reviews", "gone", "--forget")  # nobody is there to ask
        (target,) = opened_before.store.ledger.targets()
        entry = opened_before.store.ledger.entries(
            target_id=target.target_id, session_key="museum"
        )[-1]
        answer = run_json("store", "copy", "--to", database)
        with pytest.raises(StoreError, match="was copied to postgresql://"):
            opened_before.store.ledger.append(entry)

    assert answer == {"rows": counts_in(database), "files": len(uploaded)}
    assert answer["rows"]["ledger"] > projects.SMALL_TICKETS
    assert asked.exit_code != 0
    assert "A title of people" in asked.words
    assert "kept-reviews gone --forget --yes" in asked.words
    assert answer["rows"]["kept_reviews"] == 2  # of the ticket with a title, and of the settings
    assert rows_in(database, LEDGER) == before
    left = run("sessions")
    assert left.exit_code == 1
    assert "this one is no longer used" in left.words
    assert run("store", "copy", "--to", database).exit_code == 1

    monkeypatch.setenv("JIRA_PIPELINE_DATABASE_URL", database)
    shutil.rmtree(home / "uploads")
    run("tickets", "ready", "museum", "--all")
    answered = run("export", "museum", "--yes")

    assert answered.exit_code == 0, answered.words
    assert issues_created(exported) == created == projects.SMALL_TICKETS
    assert rows_in(database, LEDGER)[: len(before)] == before


@pytest.mark.usefixtures("reviewed")
def test_a_copy_that_is_killed_leaves_the_store_as_it_was_and_is_made_again(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as killed:
        killed.setattr(store_copies, "_mark", kill)
        with pytest.raises(Killed):
            run("store", "copy", "--to", database)

    assert counts_in(database)["revisions"] == 0
    assert run("tickets", "ready", "museum", "--all").exit_code == 0
    answer = run("store", "copy", "--to", database)
    assert answer.exit_code == 0, answer.words
    assert "JIRA_PIPELINE_DATABASE_URL" in answer.words
    assert database not in answer.words
    assert counts_in(database)["revisions"] == projects.SMALL_TICKETS


class Killed(BaseException):
    """The process ends here."""


def kill(*_anything: object, **_more: object) -> None:
    raise Killed


def test_numbers_go_on_where_the_old_store_would_have_gone_on(
    exported: Path, database: str
) -> None:
    """A number given twice would join the results of two validations."""
    with closing(sqlite3.connect(store_of(exported))) as store, store:
        (newest,) = store.execute("SELECT max(validation_id) FROM validations").fetchone()
        store.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'validations'", [newest + 7])

    run_json("store", "copy", "--to", database)

    given = rows_in(
        database, "SELECT nextval(pg_get_serial_sequence('validations', 'validation_id'))"
    )
    assert given == [(newest + 8,)]


def test_a_database_that_holds_a_store_is_refused_and_stays_as_it_is(
    reviewed: Path, database: str
) -> None:
    with open_postgres(database, reviewed) as other:
        other.errors.record(StoreError("x"), session_key=None, stage="", at=START)
    before = counts_in(database)

    answer = run("store", "copy", "--to", database)

    assert answer.exit_code == 1
    assert "not empty" in answer.words
    assert counts_in(database) == before
    assert rows_in(database, "SELECT * FROM kept_files") == []


def test_a_row_that_does_not_fit_stops_the_copy_with_nothing_copied(
    reviewed: Path, database: str
) -> None:
    """SQLite does not look at lengths; PostgreSQL does."""
    with closing(sqlite3.connect(store_of(reviewed))) as store, store:
        store.execute("PRAGMA foreign_keys=OFF")
        store.execute("UPDATE sessions SET session_key = ?", ["x" * 100])

    answer = run("store", "copy", "--to", database)

    assert answer.exit_code == 1
    assert "The store was not copied" in answer.words
    assert run("sessions").exit_code == 0
    assert set(counts_in(database).values()) == {0, 1}
    assert counts_in(database)["installation"] == 1


def test_an_export_at_work_keeps_the_store_where_it_is(exported: Path, database: str) -> None:
    with projects.opened(exported) as pipeline:
        (target,) = pipeline.store.ledger.targets()
        with pipeline.store.leases.hold(target.target_id, holder="an export"):
            answer = run("store", "copy", "--to", database)

    assert answer.exit_code == 75
    assert "an export" in answer.words
    assert counts_in(database)["ledger"] == 0


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (lambda database, _: f"{database}_missing", "does not exist"),
        (
            lambda _, folder: f"sqlite:///{folder / 'other.sqlite'}",
            "Only a SQLite store can be copied",
        ),
        (lambda _, __: "mysql://root:secret@host/db", "Only a SQLite store can be copied"),
    ],
    ids=["no such database", "SQLite", "MySQL"],
)
def test_what_is_no_database_on_postgres_is_refused(
    reviewed: Path, database: str, url: Callable[[str, Path], str], words: str
) -> None:
    answer = run("store", "copy", "--to", url(database, reviewed))

    assert answer.exit_code in {1, 2}
    assert words in answer.words
    assert "secret" not in answer.words
    assert not (reviewed / "other.sqlite").exists()
