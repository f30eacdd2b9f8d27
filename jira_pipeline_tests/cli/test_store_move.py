"""`store move`: a store goes to PostgreSQL and back whole, or not at all, and only one is used."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from jira_pipeline.errors import StoreError
from jira_pipeline.export.trackers import open_sandbox
from jira_pipeline.settings import load_settings
from jira_pipeline.store import moving, tables
from jira_pipeline.store.moving import move_store
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.contracts.open_stores import empty_database, open_postgres
from jira_pipeline_tests.contracts.stored_values import START

pytestmark = [pytest.mark.postgres, pytest.mark.small_site]


@pytest.fixture
def database() -> Iterator[str]:
    """URL of a database without tables."""
    with empty_database() as url:
        yield url


def store_of(project: Path) -> Path:
    return project / ".jira_pipeline" / "store.sqlite"


def counts_in(url: str) -> dict[str, int]:
    """Count the rows of every table of a store on PostgreSQL."""
    engine = create_engine(url)
    with engine.connect() as connection:
        counts = {
            name: int(connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one())  # noqa: S608 - our names
            for name in tables.metadata.tables.keys() - moving.LEFT
        }
    engine.dispose()
    return counts


def rows_in(url: str, query: str) -> list[tuple[object, ...]]:
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(text(query))]
    engine.dispose()
    return rows


def rows_of(project: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(store_of(project))) as store:
        return [tuple(row) for row in store.execute(query)]


def issues_of(project: Path) -> int:
    with open_sandbox(load_settings(project)) as sandbox:
        changes = [c.change for entry in sandbox.journal() for c in entry.changes]
    return changes.count("issue_created")


LEDGER = "SELECT sequence, event, subject, ticket_id, session_key FROM ledger ORDER BY sequence"
AUDIT = "SELECT sequence, entry_hash, details FROM audit ORDER BY sequence"


def test_everything_is_moved_there_and_back_and_only_one_store_is_used(
    exported: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = exported / ".jira_pipeline"
    before, created = rows_of(exported, LEDGER), issues_of(exported)
    uploaded = {path.name: path.read_bytes() for path in home.glob("uploads/museum/*/*")}
    with projects.opened(exported) as opened_before:
        (target,) = opened_before.store.ledger.targets()
        entry = opened_before.store.ledger.entries(
            target_id=target.target_id, session_key="museum"
        )[-1]
        answer = run_json("store", "move", "--to", database)
        with pytest.raises(StoreError, match="was moved to postgresql://"):
            opened_before.store.audit.append(
                at=opened_before.clock.now(), session_key=None, actor="ab", action="a", details={}
            )
        with pytest.raises(StoreError, match="was moved to postgresql://"):
            opened_before.store.ledger.append(entry)

    moved = {entry["table"]: entry["rows"] for entry in answer["tables"]}
    assert moved == counts_in(database)
    assert moved["ledger"] > projects.SMALL_TICKETS
    assert answer["files"] == len(uploaded)
    assert answer["audit"] == {"entries": moved["audit"], "faults": []}
    assert rows_in(database, LEDGER) == before
    assert rows_in(database, AUDIT) == rows_of(exported, AUDIT)
    left = run("sessions")
    assert left.exit_code == 1
    assert "nobody works on this one any more" in left.words
    assert run("store", "move", "--to", database).exit_code == 1

    monkeypatch.setenv("JIRA_PIPELINE_DATABASE_URL", database)
    shutil.rmtree(home / "uploads")
    for path in home.glob("store.sqlite*"):
        path.unlink()
    run("tickets", "ready", "museum", "--all")
    answered = run("export", "museum", "--yes")
    back = run_json("store", "move", "--to", "sqlite")
    assert "was moved to sqlite" in run("sessions").words
    monkeypatch.delenv("JIRA_PIPELINE_DATABASE_URL")
    once_more = run("export", "museum", "--yes")

    assert (answered.exit_code, once_more.exit_code) == (0, 0), once_more.words
    assert issues_of(exported) == created == projects.SMALL_TICKETS
    assert rows_of(exported, LEDGER)[: len(before)] == before
    assert back["audit"]["faults"] == []
    assert {p.name: p.read_bytes() for p in home.glob("uploads/museum/*/*")} == uploaded


@pytest.mark.usefixtures("reviewed")
def test_a_move_that_is_killed_anywhere_is_carried_on_by_the_same_command(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody works on either store until it is known which one has everything."""
    for at in ("_copy_rows", "_carry_files", "_finish"):
        with monkeypatch.context() as killed:
            killed.setattr(moving, at, kill)
            killed.setattr(moving, "_unmark", kill)  # a killed process takes nothing back
            with pytest.raises(Killed):
                run("store", "move", "--to", database)
        assert "Carry on with it" in run("sessions").words, at
        assert "was moved" in run("store", "move", "--to", f"{database}_other").words, at
        is_copied = counts_in(database)["revisions"] > 0
        assert is_copied is (at == "_finish"), at

    run_json("store", "move", "--to", database)

    assert counts_in(database)["revisions"] == projects.SMALL_TICKETS
    assert "nobody works on this one any more" in run("sessions").words


@pytest.mark.usefixtures("reviewed")
def test_a_move_that_fails_leaves_the_store_as_it_was(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "_carry_files", kill)

    with pytest.raises(Killed):
        run("store", "move", "--to", database)

    assert counts_in(database)["revisions"] == 0
    assert run("tickets", "ready", "museum", "--all").exit_code == 0


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

    answer = run_json("store", "move", "--to", database)

    numbers = {entry["table"]: entry["next_number"] for entry in answer["tables"]}
    given = rows_in(
        database, "SELECT nextval(pg_get_serial_sequence('validations', 'validation_id'))"
    )
    assert numbers["validations"] == newest + 8
    assert given == [(newest + 8,)]
    assert numbers["audit"] is None


def test_a_person_sees_the_tables_and_what_to_do_next(reviewed: Path, database: str) -> None:
    assert reviewed.is_dir()
    answer = run("store", "move", "--to", database)

    assert answer.exit_code == 0, answer.words
    assert "revisions 6 " in answer.words
    assert "whole." in answer.words
    assert "JIRA_PIPELINE_DATABASE_URL" in answer.words
    assert database not in answer.words


def test_a_database_that_holds_a_store_is_refused_and_stays_as_it_is(
    reviewed: Path, database: str
) -> None:
    assert reviewed.is_dir()
    with open_postgres(database, reviewed) as other:
        other.errors.record(StoreError("x"), session_key=None, stage="", at=START)
    before = counts_in(database)

    answer = run("store", "move", "--to", database)

    assert answer.exit_code == 1
    assert "not empty" in answer.words
    assert counts_in(database) == before


def test_a_row_that_does_not_fit_stops_the_copy_with_nothing_copied(
    reviewed: Path, database: str
) -> None:
    """SQLite does not look at lengths; PostgreSQL does."""
    with closing(sqlite3.connect(store_of(reviewed))) as store, store:
        store.execute("PRAGMA foreign_keys=OFF")
        store.execute("UPDATE tickets SET group_key = ?", ["x" * 5_000_000])
        store.execute("UPDATE sessions SET session_key = ?", ["x" * 100])

    answer = run("store", "move", "--to", database)

    assert answer.exit_code == 1
    assert "The store was not moved" in answer.words
    assert run("sessions").exit_code == 0
    assert set(counts_in(database).values()) == {0, 1}
    assert counts_in(database)["installation"] == 1


def test_an_export_at_work_keeps_the_store_where_it_is(exported: Path, database: str) -> None:
    with projects.opened(exported) as pipeline:
        (target,) = pipeline.store.ledger.targets()
        with pipeline.store.leases.hold(target.target_id, holder="an export"):
            answer = run("store", "move", "--to", database)

    assert answer.exit_code == 75
    assert "an export" in answer.words
    assert counts_in(database)["ledger"] == 0


def test_nobody_writes_to_the_old_store_while_it_is_copied(
    exported: Path, database: str, tmp_path: Path
) -> None:
    refused: list[str] = []

    def write(_table: str, _done: int, _total: int) -> None:
        with closing(sqlite3.connect(store_of(exported), timeout=0)) as other:
            try:
                other.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                refused.append(str(error))

    with projects.opened(exported) as pipeline, open_postgres(database, tmp_path) as target:
        move_store(pipeline.store, target, to=database, on_rows=write)

    assert refused
    assert set(refused) == {"database is locked"}


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (lambda database, _: f"{database}_missing", "does not exist"),
        (lambda _, folder: f"sqlite:///{folder / 'other.sqlite'}", "between SQLite and PostgreSQL"),
        (lambda _, __: "mysql://root:secret@host/db", "between SQLite and PostgreSQL"),
    ],
    ids=["no such database", "SQLite", "MySQL"],
)
def test_what_is_no_database_on_postgres_is_refused(
    reviewed: Path, database: str, url: Callable[[str, Path], str], words: str
) -> None:
    answer = run("store", "move", "--to", url(database, reviewed))

    assert answer.exit_code in {1, 2}
    assert words in answer.words
    assert "secret" not in answer.words
    assert not (reviewed / "other.sqlite").exists()
