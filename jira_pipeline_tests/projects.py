"""Makes projects for tests: prepared once, copied for every test.

Making two databases and running a job takes seconds, copying them takes milliseconds.
"""

import csv
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import dagster as dg
import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.settings import load_settings
from jira_pipeline.dagster_port.partitions import PARTITIONS_NAME, register_partition
from jira_pipeline.defs.build import build_definitions
from jira_pipeline.model.sessions import SessionStage, SessionStatus
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.sessions import upload as uploading
from jira_pipeline.sessions.composition import open_pipeline
from jira_pipeline.writing import generation

CHECKOUT = Path(__file__).resolve().parents[1]
DEPLOYED = CHECKOUT / "deploy" / "dagster.postgres.yaml"
_NO_COMPUTE_LOGS = """
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
"""
"""Dagster follows the output of a run by programs of its own; two runs in threads of one process
waited for each other's for ever."""
EXAMPLE = CHECKOUT / "examples" / "uhrenmuseum"
EXAMPLE_TICKETS = 24
SMALL_TICKETS = 6
SMALL_CLOCK = 5
"""The ticket of a content type in the small site, with several questions."""
SESSION = "museum"


@contextmanager
def opened(project_path: Path) -> Iterator[Pipeline]:
    pipeline = open_pipeline(load_settings(project_path))
    with pipeline.store:
        yield pipeline


def make_empty(folder: Path) -> Path:
    """Make a project with its databases, in `folder`."""
    folder.mkdir()
    settings = (CHECKOUT / "dagster.yaml").read_text(encoding="utf-8")
    (folder / "dagster.yaml").write_text(settings + _NO_COMPUTE_LOGS, encoding="utf-8")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DAGSTER_HOME", str(folder))
        with dg.DagsterInstance.get() as instance:
            assert instance.get_dynamic_partitions(PARTITIONS_NAME) == []
        with opened(folder):
            pass
    return folder


def make_reviewed(empty: Path, sheets: Path, folder: Path) -> Path:
    """Copy an empty project and write the tickets of these sheets, none of them ready."""
    project_path = folder / "project"
    shutil.copytree(empty, project_path)
    upload(project_path, sheets)
    run_once(project_path, "generate_tickets")
    return project_path


def make_exported(reviewed: Path, sheets: Path, folder: Path) -> Path:
    """Copy a project with the written tickets of these sheets and export them."""
    project_path = folder / "project"
    shutil.copytree(reviewed, project_path)
    upload(project_path, sheets, auto_approve=True)
    run_once(project_path, "csv_to_jira")
    return project_path


def is_small(request: pytest.FixtureRequest) -> bool:
    """Tell whether a test, or all of its module but this one, is marked as one of the small site."""
    node = request.node
    is_whole = node.get_closest_marker("whole_site") is not None
    return node.get_closest_marker("small_site") is not None and not is_whole


def prepared(request: pytest.FixtureRequest, name: str) -> Path:
    """Return the prepared project of a name, of the small site where the test is marked so."""
    project: Path = request.getfixturevalue(f"small_{name}" if is_small(request) else name)
    return project


def adopt(prepared: Path, folder: Path, environment: pytest.MonkeyPatch) -> Path:
    """Copy a prepared project and make it the home of this process."""
    shutil.copytree(prepared, folder)
    environment.setenv("DAGSTER_HOME", str(folder))
    return folder


def copy_sheets(folder: Path, *, is_auto_approved: bool = False) -> Path:
    """Copy the example's sheets; the manifest says whether it approves itself."""
    shutil.copytree(EXAMPLE, folder)
    manifest = folder / "session.yaml"
    text = manifest.read_text(encoding="utf-8")
    wanted = f"auto_approve: {str(is_auto_approved).lower()}"
    manifest.write_text(text.replace("auto_approve: true", wanted), encoding="utf-8")
    return folder


def copy_small_sheets(folder: Path, *, is_auto_approved: bool = False) -> Path:
    """Copy the rows of the example that make six tickets, for tests that need only some session.

    A view and a vocabulary that depend on others, a field of two bundles, open questions.
    """
    copy_sheets(folder, is_auto_approved=is_auto_approved)
    for path in folder.glob("*.csv"):
        is_kept = _SMALL_SITE.get(path.stem.removeprefix("Uhrenmuseum_"))
        if is_kept is None:
            path.unlink()
            continue
        write_rows(path, [row for row in rows_in(path) if is_kept(row)])
    return folder


def rows_in(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def write_rows(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Write a sheet with the columns of its first row."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


_SMALL_BUNDLES = (
    "Clock (Content type)",
    "Clockmakers (Vocabulary)",
    "Image (Media type)",
    "Chime Recording (Media type)",
)
_SMALL_SITE: Mapping[str, Callable[[Mapping[str, str]], bool]] = {
    "Bundles": lambda row: f"{row['Name']} ({row['Type']})" in _SMALL_BUNDLES,
    "Fields": lambda row: (
        row["Bundle"] in _SMALL_BUNDLES and row["Field group"] not in ("Provenance", "Visiting")
    ),
    "UserRoles": lambda row: row["Machine name"] in ("editor", "curator", "guest_author"),
    "CustomViews": lambda row: row["Machine name"] == "clocks",
    "CustomViewsDisplays": lambda row: row["View"] == "Clocks",
}
"""Which rows of a sheet are kept; the other sheets are left out."""


def blank_view_ids(folder: Path) -> Path:
    """Empty a computed reference column: a blocking finding on each of its 15 rows."""
    path = folder / "Uhrenmuseum_CustomViewsDisplays.csv"
    write_rows(path, [row | {"View ID": ""} for row in rows_in(path)])
    return folder


def leave_a_type_open(folder: Path) -> Path:
    """Give a field a type of two meanings: its ticket asks, and suggests the one of its widget."""
    path = folder / "Uhrenmuseum_Fields.csv"
    replace_in(
        path, ',Text (plain),,n,*,Textfield,n,"Indexed', ',Plain text,,n,*,Textfield,n,"Indexed'
    )
    return folder


def rename_a_field(folder: Path) -> None:
    replace_in(folder / "Uhrenmuseum_Fields.csv", ",Chime,field_chime", ",Bells,field_chime")


def orphan_fields(folder: Path) -> None:
    """Leave a bundle without fields: the ticket that had them is gone."""
    path = folder / "Uhrenmuseum_Fields.csv"
    replace_in(path, "Chime Recording (Media type)", "Chyme Recording (Media type)")


def replace_in(path: Path, old: str, new: str) -> None:
    """Replace a text that must be there."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def upload(
    project_path: Path,
    folder: Path,
    *,
    session_key: str = SESSION,
    auto_approve: bool = False,
    as_new: bool = False,
) -> None:
    with opened(project_path) as pipeline:
        uploading.upload(
            pipeline,
            folder,
            session_key=session_key,
            auto_approve=auto_approve,
            as_new=as_new,
            actor="test",
        )


def written(pipeline: Pipeline, folder: Path, *, session_key: str = SESSION) -> OpenSession:
    """Upload a folder in place of what the session had, and write its tickets."""
    uploading.upload(
        pipeline, folder, session_key=session_key, auto_approve=False, replaces_all=True, actor="ab"
    )
    generation.generate(open_session(pipeline, session_key), run_id="r1")
    return open_session(pipeline, session_key)


def show_run(
    pipeline: Pipeline,
    status: SessionStatus,
    *,
    stage: SessionStage = SessionStage.JIRA_EXPORT,
    run_id: str | None = None,
    failed_at_ticket_number: int | None = None,
) -> None:
    """Show the session as a run leaves it in the store: an export, unless another stage is named."""
    pipeline.store.sessions.set_stage(
        SESSION,
        stage=stage,
        status=status,
        at=pipeline.clock.now(),
        run_id=run_id,
        failed_at_ticket_number=failed_at_ticket_number,
    )


def run_once(project_path: Path, job_name: str, *, session_key: str = SESSION) -> None:
    """Run a job in an instance of its own; the store keeps what it did."""
    with dg.DagsterInstance.ephemeral() as instance:
        execute(instance, project_path, job_name, session_key=session_key)


def execute(
    instance: dg.DagsterInstance,
    project_path: Path,
    job_name: str,
    *,
    session_key: str = SESSION,
    is_registered: bool = True,
    raise_on_error: bool = True,
) -> dg.ExecuteInProcessResult:
    """Run a job for a session in this process, asked for as on the command line: by tag."""
    if is_registered:
        register_partition(instance, session_key)
    definitions = build_definitions(project_path=project_path)
    return definitions.resolve_job_def(job_name).execute_in_process(
        instance=instance, tags={"dagster/partition": session_key}, raise_on_error=raise_on_error
    )


def rename_ticket(
    pipeline: Pipeline, session_key: str, number: int, title: str, *, at: datetime | None = None
) -> None:
    """Give a ticket another title, as `ab` does."""
    ticket = pipeline.store.tickets.get(session_key, number)
    pipeline.store.reviews.edit(
        session_key,
        ticket.ticket_id,
        expected_revision=ticket.revision.number,
        title=title,
        parts=ticket.revision.parts,
        by="ab",
        at=at or pipeline.clock.now(),
    )
