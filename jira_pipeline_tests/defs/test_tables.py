"""The assets of sessions are tables for notebooks and other code locations, read from the store."""

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import make_url

from jira_pipeline.context.settings import load_settings
from jira_pipeline.dagster_port.partitions import register_partition
from jira_pipeline.dagster_port.tables import IO_MANAGER, SessionTables, schema_of, table_spec
from jira_pipeline.defs.build import build_definitions
from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.errors import StoreError
from jira_pipeline.review.open_session import open_session
from jira_pipeline.sessions.composition import open_pipeline_to_read
from jira_pipeline.sessions.session_tables import PORTFOLIO, TABLES
from jira_pipeline.store.store import open_store_to_read
from jira_pipeline_tests import projects

pytestmark = pytest.mark.small_site
OTHER = "annex"
NEW = "unread"


@pytest.fixture
def three_sessions(exported: Path, tmp_path: Path) -> Path:
    """Return a home with an exported session, one that is reviewed, and one that was only uploaded."""
    sheets = projects.copy_small_sheets(tmp_path / "sheets")
    projects.upload(exported, sheets, session_key=OTHER, as_new=True)
    projects.run_once(exported, "generate_tickets", session_key=OTHER)
    projects.upload(exported, sheets, session_key=NEW, as_new=True)
    with dg.DagsterInstance.get() as instance:
        for key in (projects.SESSION, OTHER, NEW):
            register_partition(instance, key)
    return exported


def _printed(home: Path, program: str, *words: str) -> Any:
    """Run a program of Python in another process in a home, and return the JSON it prints."""
    return json.loads(_run(home, program, *words))


def _run(home: Path, program: str, *words: str) -> str:
    ended = subprocess.run(
        [sys.executable, "-c", program, *words],
        cwd=home,
        env={"PATH": "", "DAGSTER_HOME": str(home), "PYTHONPATH": str(projects.CHECKOUT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode in {0, 1}, ended.stderr[-3000:]
    assert "Traceback" not in ended.stderr
    return ended.stdout


def _commanded(home: Path, *words: str) -> Any:
    """Return what a command answers to programs."""
    return _printed(home, "from jira_pipeline.cli.app import main; main()", *words, "--json")


_LOADING = """
import json, sys
import dagster as dg
import jira_pipeline.definitions
early = [name for name in ("pandas", "numpy") if name in sys.modules]
from jira_pipeline.dagster_port.tables import SessionTables, table_spec
from jira_pipeline.sessions.session_tables import TABLES
location = dg.Definitions(
    assets=[table_spec(name) for name in TABLES], resources={"session_tables": SessionTables()}
)
loaded = {}
with dg.DagsterInstance.get() as instance:
    for name in TABLES:
        loaded[name] = {}
        for key in KEYS:
            frame = location.load_asset_value(name, partition_key=key, instance=instance)
            rows = frame.to_json(orient="records", date_format="iso", date_unit="us")
            loaded[name][key] = json.loads(rows)
print(json.dumps({"early": early, "loaded": loaded}))
"""
_MATERIALIZING = f"""
with dg.DagsterInstance.get() as instance:
    for asset in (hours_by_group, issues_of_all_sessions):
        key = {projects.SESSION!r} if asset is hours_by_group else None
        dg.materialize(
            [asset, table_spec("tickets"), table_spec("jira_issues")],
            instance=instance,
            partition_key=key,
            selection=[asset],
            resources={{"session_tables": SessionTables()}},
        )
"""


def test_another_code_location_loads_every_table_of_three_sessions(three_sessions: Path) -> None:
    """No asset had a value, and pandas was installed and imported nowhere."""
    keys = [projects.SESSION, OTHER, NEW]

    answer = _printed(three_sessions, f"KEYS = {keys!r}\n{_LOADING}")

    assert answer["early"] == []
    loaded = answer["loaded"]
    with projects.opened(three_sessions) as pipeline:
        for key in keys:
            session = open_session(pipeline, key)
            expected = {name: list(table.rows(session)) for name, table in TABLES.items()}
            assert {name: len(rows) for name, rows in expected.items()} == {
                name: len(rows[key]) for name, rows in loaded.items()
            }
            tables = session.contents.tables
            cells = [cell for table in tables for row in table.rows for cell in row.cells]
            assert [row["value"] for row in loaded["source_files"][key]] == cells
    for key in (projects.SESSION, OTHER):
        listed = _commanded(three_sessions, "tickets", "list", key)
        assert _column(loaded["tickets"][key], "ticket_id", "number", "title") == _column(
            listed, "ticket_id", "number", "title"
        )
        asked = _commanded(three_sessions, "questions", key)
        answers = [row for question in asked for row in question["rows"]]
        assert sorted(_column(answers, "question_id", "answer"), key=str) == sorted(
            _column(loaded["questions"][key], "question_id", "answer"), key=str
        )
    issues = _commanded(three_sessions, "results", projects.SESSION)["jira_tickets"]
    assert _column(loaded["jira_issues"][projects.SESSION], "key", "url") == _column(
        issues, "jira_key", "jira_url"
    )
    assert loaded["jira_issues"][OTHER] == []
    assert loaded["tickets"][NEW] == []


def test_findings_are_those_that_lint_names(three_sessions: Path, tmp_path: Path) -> None:
    linted = _commanded(three_sessions, "lint", str(tmp_path / "sheets"))["findings"]

    with projects.opened(three_sessions) as pipeline:
        rows = list(TABLES["findings"].rows(open_session(pipeline, OTHER)))

    places = ("code", "file", "line", "column", "message")
    assert sorted(_column(rows, *places), key=str) == sorted(_column(linted, *places), key=str)


def _column(rows: Sequence[Mapping[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


def test_columns_are_in_the_catalogue_before_anything_ran() -> None:
    specs = {
        spec.key.to_user_string(): spec for spec in build_definitions().resolve_all_asset_specs()
    }

    for table in (*TABLES.values(), PORTFOLIO):
        assert specs[table.name].metadata["dagster/column_schema"] == schema_of(table)
        assert all(column.meaning.endswith((".", "…")) for column in table.columns)


def test_what_is_loaded_is_typed_also_where_there_is_no_row(three_sessions: Path) -> None:
    spec = table_spec("tickets")
    location = dg.Definitions(
        assets=[spec, dg.AssetSpec(PORTFOLIO.name).with_io_manager_key(IO_MANAGER)],
        resources={IO_MANAGER: SessionTables(project_path=str(three_sessions))},
    )
    with dg.DagsterInstance.get() as instance:
        tickets: Any = location.load_asset_value("tickets", partition_key=NEW, instance=instance)
        portfolio: Any = location.load_asset_value(PORTFOLIO.name, instance=instance)

    kinds = {name: str(kind) for name, kind in tickets.dtypes.items()}
    assert tickets.empty
    assert kinds["title"] == "string"
    assert kinds["number"] == "Int64"
    assert kinds["is_ready"] == "boolean"
    assert kinds["hours_low"] == "Float64"
    assert set(portfolio["session"]) == {projects.SESSION, OTHER}
    assert portfolio["in_jira"].sum() == projects.SMALL_TICKETS


def test_whoever_loads_a_table_can_write_nothing(exported: Path) -> None:
    pipeline = open_pipeline_to_read(load_settings(exported))

    with pipeline.store:
        session = open_session(pipeline, projects.SESSION)
        with pytest.raises(StoreError):
            session.note(next(iter(AuditAction)), by="somebody", said="anything")


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "absent" / "store.sqlite"

    with pytest.raises(StoreError, match="There is no store"):
        open_store_to_read(f"sqlite:///{path}", lock_path=path.with_name("store.lock"))

    assert not path.parent.exists()


def test_a_store_of_another_version_is_refused_with_both(exported: Path) -> None:
    path = make_url(load_settings(exported).database_url).database
    with closing(sqlite3.connect(str(path))) as connection, connection:
        connection.execute("UPDATE jira_pipeline_store SET version = 3")

    with pytest.raises(StoreError, match=r"version 3; this program reads version \d+"):
        open_pipeline_to_read(load_settings(exported))


def test_the_portfolio_shows_all_sessions_when_it_is_materialized(three_sessions: Path) -> None:
    """Whatever has no partition was refused: a run without a session was a mistake."""
    definitions = build_definitions(project_path=three_sessions)
    with dg.DagsterInstance.get() as instance:
        result = definitions.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=instance, asset_selection=[dg.AssetKey(PORTFOLIO.name)]
        )

    (materialization,) = result.asset_materializations_for_node(PORTFOLIO.name)
    assert materialization.metadata["sessions"].value == len([projects.SESSION, OTHER])


@pytest.mark.parametrize("name", ["notebook", "location"])
def test_the_examples_of_the_page_run(name: str, three_sessions: Path) -> None:
    page = (projects.CHECKOUT / "docs/tables.md").read_text(encoding="utf-8")
    found = re.search(rf"<!-- tested: {name} -->\n```python\n(.*?)```", page, re.DOTALL)
    assert found is not None
    program = found[1].replace('"demo"', repr(projects.SESSION))
    if name == "location":
        program += _MATERIALIZING

    _run(three_sessions, program)


def test_files_have_the_same_rows_and_no_formula(three_sessions: Path, tmp_path: Path) -> None:
    out = tmp_path / "tables"
    answer = _commanded(three_sessions, "tables", projects.SESSION, "--out", str(out))

    assert [written["table"] for written in answer["tables"]] == list(TABLES)
    for written in answer["tables"]:
        rows = projects.rows_in(Path(written["path"]))
        assert len(rows) == written["rows"]
        assert not [
            cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "@"))
        ]
