"""Export worlds as fixtures: a session is stored once, exported once, and copied for every test."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline_tests.contracts.open_stores import initialised_path, open_in
from jira_pipeline_tests.crash.export_world import ExportWorld, SteadyClock
from jira_pipeline_tests.crash.sessions import fill_store
from jira_pipeline_tests.jira.sandbox_faults.faulty_sandbox import FaultySandbox

__all__ = [
    "changed",
    "changed_folder",
    "exported",
    "exported_folder",
    "initialised_path",
    "open_world",
    "ready_folder",
    "world",
]


@pytest.fixture(scope="session")
def ready_folder(tmp_path_factory: pytest.TempPathFactory, initialised_path: Path) -> Path:
    """A folder with a store that holds a ready session, and a new site; copied, never used."""
    folder = tmp_path_factory.mktemp("ready")
    shutil.copy(initialised_path, folder / "store.sqlite")
    with open_in(folder) as store:
        fill_store(store)
    JiraSandbox(folder / "sandbox.sqlite", clock=SteadyClock().now).close()
    return folder


@pytest.fixture
def world(tmp_path: Path, ready_folder: Path) -> Iterator[ExportWorld]:
    """A session that is ready, and an empty site."""
    with open_world(ready_folder, tmp_path / "world") as opened:
        yield opened


@pytest.fixture(scope="session")
def exported_folder(ready_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world with an export that nobody touched; copied, never used."""
    folder = tmp_path_factory.mktemp("exported") / "world"
    with open_world(ready_folder, folder) as world:
        world.export()
    return folder


@pytest.fixture
def exported(exported_folder: Path, tmp_path: Path) -> Iterator[ExportWorld]:
    """A session that is exported, untouched."""
    with open_world(exported_folder, tmp_path / "world") as opened:
        yield opened


@pytest.fixture(scope="session")
def changed_folder(exported_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world with an export, three of whose tickets changed since; copied, never used."""
    folder = tmp_path_factory.mktemp("changed") / "world"
    with open_world(exported_folder, folder) as world:
        world.change_tickets()
        world.edit("t02")
    return folder


@pytest.fixture
def changed(changed_folder: Path, tmp_path: Path) -> Iterator[ExportWorld]:
    """A session of which three tickets changed, and a person edited the issue of one."""
    with open_world(changed_folder, tmp_path / "world") as world:
        yield world


@contextmanager
def open_world(ready_folder: Path, folder: Path) -> Iterator[ExportWorld]:
    shutil.copytree(ready_folder, folder)
    with FaultySandbox(folder / "sandbox.sqlite", clock=SteadyClock().now) as sandbox:
        yield ExportWorld(folder=folder, sandbox=sandbox)
