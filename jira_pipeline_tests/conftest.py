"""Projects as fixtures: a folder with `dagster.yaml`, its home, and the sheets tests upload.

Belongs here: what `defs`, `cli` and `end_to_end` share. How projects are made is in
`projects`, which is imported when it is needed: the other rooms' tests start without Dagster.
"""

import gc
import importlib
import importlib.util
import json
import os
import pickle
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jira_pipeline_tests.shared_data import SharedDataWatch, shared_data

if TYPE_CHECKING:
    from ssl import SSLContext

    from sqlalchemy import Engine

    from jira_pipeline.context.pipeline import Pipeline


def pytest_configure(config: pytest.Config) -> None:
    """Let the garbage collector run seldom: it took a quarter of the processor time of all tests.

    It looked again and again through what importing 300 modules and making 8,000 tests leaves.

    Hypothesis makes a part of its examples save in the long form, and none must be quick: a machine
    that did something else as well missed its deadline of 200 ms.
    """
    from hypothesis import settings  # noqa: PLC0415 - see above

    from jira_pipeline_tests.long_form import examples  # noqa: PLC0415 - see above

    config.pluginmanager.register(SharedDataWatch(config.rootpath))
    gc.set_threshold(100_000, 20, 10)
    settings.register_profile("part", deadline=None, max_examples=examples(100))
    settings.load_profile("part")


LONG_GROUPS = ("live", "processes", "installed", "browser", "models")
"""They take a minute and more, most of it waiting: each begins at once, beside what computes.
`models` is what asks a model: importing the clients of providers takes five seconds, once.
"""
LONG_ROOMS = ("faults", "crash", "end_to_end", "kept", "cli")
"""Their tests take seconds: each goes to the worker that is free, the shortest ones last."""

KEPT_SHEET_BYTES = 50_000
KEPT_ENTITIES_COUNT = 20
KEPT_ENGINES_COUNT = 100

DAGSTERS_STORAGES = (
    "dagster._core.storage.event_log.sqlite.sqlite_event_log",
    "dagster._core.storage.runs.sqlite.sqlite_run_storage",
    "dagster._core.storage.schedules.sqlite.sqlite_schedule_storage",
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a file of short tests on one worker, which makes what they share once.

    What takes minutes on one worker comes first, single tests last, so that the workers end
    together; `--no-loadscope-reorder` keeps this order.
    """
    here = f"{Path(__file__).parent}/"

    def group_of(item: pytest.Item) -> str | None:
        path = str(item.path).removeprefix(here)
        if marker := item.get_closest_marker("xdist_group"):
            return str(marker.args[0])
        room = path.split("/")[0]
        return None if room in LONG_ROOMS else room if room in LONG_GROUPS else path

    groups = {item: group_of(item) for item in items}

    def rank(item: pytest.Item) -> int:
        group = groups[item]
        if group is None:
            room = str(item.path).removeprefix(here).split("/")[0]
            return len(LONG_GROUPS) + 2 + LONG_ROOMS.index(room)
        if group in LONG_GROUPS:
            return LONG_GROUPS.index(group)
        return len(LONG_GROUPS) + group.endswith(".py")

    items.sort(key=rank)
    for item, group in groups.items():
        if group is not None and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(group))


def pytest_collection_finish() -> None:
    """Keep the collector from what lives as long as the process."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _no_settings_of_this_shell() -> Iterator[None]:
    """Take away every setting a shell may have, so that tests see the defaults."""
    prefixes = (
        "JIRA_",
        "WRITER_",
        "OPENAI_",
        "ANTHROPIC_",
        "UPLOAD_",
        "ADF_",
        "WEB_",
        "SHAREDO_",
        "DAGSTER_HOME",
    )
    with pytest.MonkeyPatch.context() as environment:
        for name in [n for n in os.environ if n.startswith(prefixes)]:  # noqa: TID251 - to clean it
            if not name.startswith("JIRA_PIPELINE_TEST_"):
                environment.delenv(name)
        yield


@pytest.fixture(scope="session", autouse=True)
def _migrations_read_once() -> Iterator[None]:
    """Read a folder of migrations once per process, not whenever a database is opened.

    Opening a Dagster instance, and each run of it, loads Dagster's 40 migrations three times
    over: a sixth of all processor time of the tests of commands.
    """
    from alembic.config import Config  # noqa: PLC0415 - see above
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - see above

    read = ScriptDirectory.from_config
    known: dict[str | None, ScriptDirectory] = {}

    def from_config(config: Config) -> ScriptDirectory:
        location = config.get_main_option("script_location")
        if location not in known:
            known[location] = read(config)
        return known[location]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ScriptDirectory, "from_config", from_config)
        yield


@pytest.fixture(scope="session", autouse=True)
def _statements_compiled_once() -> Iterator[None]:
    """Compile an SQL statement once per process, not once per engine.

    Every store, sandbox and Dagster instance of a test is a new engine, and Dagster's storages make
    one per connection: each began with nothing compiled.
    """
    from sqlalchemy import Engine  # noqa: PLC0415 - see above
    from sqlalchemy.dialects.postgresql.psycopg2 import (  # noqa: PLC0415 - see above
        PGDialect_psycopg2,
    )
    from sqlalchemy.dialects.sqlite.pysqlite import (  # noqa: PLC0415 - see above
        SQLiteDialect_pysqlite,
    )
    from sqlalchemy.util import LRUCache  # noqa: PLC0415 - see above

    compiled: LRUCache[object, object] = LRUCache(5_000)
    with pytest.MonkeyPatch.context() as patched:
        shared = property(lambda _engine: compiled, lambda _engine, _own: None)
        patched.setattr(Engine, "_compiled_cache", shared, raising=False)
        for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg2):  # what it is compiled for
            patched.setattr(dialect, "__hash__", lambda one: hash(type(one)))
            patched.setattr(dialect, "__eq__", lambda one, other: type(one) is type(other))
        yield


@pytest.fixture(scope="session", autouse=True)
def _engines_of_dagster_made_once() -> Iterator[None]:
    """Make the engine of a file of Dagster's once, not whenever its storages read or write.

    Each new engine asks SQLite what it can, and each new connection reads the schema of the file;
    so a connection is kept, too. A process that has not imported Dagster by now starts few runs.
    """
    engines: dict[object, Engine] = {}
    with pytest.MonkeyPatch.context() as patched:
        if "dagster" in sys.modules:
            for name in DAGSTERS_STORAGES:
                storage = importlib.import_module(name)
                patched.setattr(storage, "create_engine", _kept(storage.create_engine, engines))
        yield
    for engine in engines.values():
        type(engine).dispose(engine)


@pytest.fixture(scope="session", autouse=True)
def _sheets_read_once() -> Iterator[None]:
    """Read the same files of a folder, and the entities of the same tables, once per process.

    Every command and run of a test reads the sheets of the example again: a tenth of the processor
    time of the tests of commands. Both are functions of their arguments, which the tests of `sheets` hold.
    """
    from jira_pipeline.sheets.layouts import folder_reading  # noqa: PLC0415 - see above
    from jira_pipeline.sheets.sources import UploadedSource  # noqa: PLC0415 - see above

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(
            folder_reading,
            "read_files_by_layout",
            _kept_tables(folder_reading.read_files_by_layout),
        )
        patched.setattr(
            UploadedSource, "read_entities", _kept_entities(UploadedSource.read_entities)
        )
        yield


@pytest.fixture(scope="session", autouse=True)
def _certificates_read_once() -> Iterator[None]:
    """Read the authorities of this system once per process, not once per HTTP client.

    That takes 25 ms, and most clients of tests speak plain HTTP. A client that is told what to
    trust gets a context of its own.
    """
    with pytest.MonkeyPatch.context() as patched:
        for package in ("httpx", "httpx2"):  # the second comes with the extra llm
            if importlib.util.find_spec(package) is not None:
                transport = importlib.import_module(f"{package}._transports.default")
                patched.setattr(
                    transport, "create_ssl_context", _made_once(transport.create_ssl_context)
                )
        yield


def _kept(
    create_engine: Callable[..., "Engine"], engines: "dict[object, Engine]"
) -> Callable[..., "Engine"]:
    """Return the engine that was made before for the same file in the same way.

    A file is the same by its number: the folder of a test may have the name of one that is gone.
    """
    from sqlalchemy import NullPool, QueuePool  # noqa: PLC0415 - see above

    def create(address: str, **options: Any) -> "Engine":
        path = Path(address.removeprefix("sqlite:///"))
        if not path.exists():
            return create_engine(address, **options)
        key = (create_engine, address, path.stat().st_ino, repr(sorted(options.items())))
        engine = engines.pop(key, None)
        if engine is None:
            if options.get("poolclass") is NullPool:
                options["poolclass"] = QueuePool
            engine = create_engine(address, **options)
            engine.dispose = lambda **_: None  # type: ignore[method-assign] # after every event
        engines[key] = engine  # the last of them is the one that was wanted last
        if len(engines) > KEPT_ENGINES_COUNT:
            oldest = engines.pop(next(iter(engines)))
            type(oldest).dispose(oldest)
        return engine

    return create


def _kept_tables(read_files: Callable[..., Any]) -> Callable[..., Any]:
    """Return what was read before of the same files by the same layout."""

    @lru_cache(maxsize=100)
    def kept(files: tuple[tuple[str, bytes], ...], options: bytes) -> Any:
        declared, others = pickle.loads(options)  # noqa: S301 - written below
        return read_files(dict(files), declared, **others)

    def read(files: Mapping[str, bytes], declared: object, **others: object) -> Any:
        if sum(map(len, files.values())) > KEPT_SHEET_BYTES:
            return read_files(files, declared, **others)
        return kept(tuple(files.items()), pickle.dumps((declared, others)))

    return read


def _kept_entities(read_entities: Callable[..., Any]) -> Callable[..., Any]:
    """Return what was read before of these very tables."""
    kept: dict[tuple[int, ...], tuple[object, Any]] = {}

    def read(source: object, tables: Sequence[object]) -> Any:
        key = tuple(map(id, tables))
        if key not in kept:
            if len(kept) == KEPT_ENTITIES_COUNT:
                kept.clear()
            kept[key] = tuple(tables), read_entities(source, tables)  # their ids stay theirs
        return kept[key][1]

    return read


def _made_once(make: Callable[..., "SSLContext"]) -> Callable[..., "SSLContext"]:
    """Make the context that trusts what the system trusts once, any other as often as asked."""

    @cache
    def by_default(trust_env: bool) -> "SSLContext":
        return make(trust_env=trust_env)

    def create(**asked: Any) -> "SSLContext":
        if asked["verify"] is True and asked["cert"] is None:
            return by_default(asked["trust_env"])
        return make(**asked)

    return create


MakeOnce = Callable[[str, Callable[[Path], object]], Path]


@pytest.fixture(scope="session")
def make_once(tmp_path_factory: pytest.TempPathFactory) -> MakeOnce:
    """Make a folder by its name: one worker of a run does, the others wait for it and read it."""
    from filelock import FileLock  # noqa: PLC0415 - see above

    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # noqa: TID251 - of tests only
        root = root.parent

    def made(name: str, make: Callable[[Path], object]) -> Path:
        folder, mark = root / name, root / f"{name}.made"
        with FileLock(root / f"{name}.lock"):
            if not mark.exists():
                shutil.rmtree(folder, ignore_errors=True)  # of a worker that failed or was killed
                folder.mkdir()
                make(folder)
                mark.touch()
        return folder

    return made


@pytest.fixture(scope="session")
def empty_project(make_once: MakeOnce) -> Path:
    """A project whose databases are made but empty; copied, never used."""
    from jira_pipeline_tests import projects  # noqa: PLC0415 - see above

    return make_once("empty", lambda folder: projects.make_empty(folder / "project")) / "project"


def _prepared(before: str, name: str, *, make: str, sheets: str) -> Any:
    """Make a fixture of a project that goes on from another one; copied, never used."""

    @pytest.fixture(scope="session")
    def prepared(request: pytest.FixtureRequest, make_once: MakeOnce) -> Path:
        from jira_pipeline_tests import projects  # noqa: PLC0415 - see above

        def made(folder: Path) -> None:
            copied = getattr(projects, sheets)(folder / "museum")
            getattr(projects, make)(request.getfixturevalue(before), copied, folder)

        return make_once(name, made) / "project"

    return prepared


# Session `museum`: tickets written and valid, none ready; then exported into the sandbox. The small
# ones have the six tickets of the small site.
reviewed_project = _prepared(
    "empty_project", "reviewed", make="make_reviewed", sheets="copy_sheets"
)
exported_project = _prepared(
    "reviewed_project", "exported", make="make_exported", sheets="copy_sheets"
)
small_reviewed_project = _prepared(
    "empty_project", "small_reviewed", make="make_reviewed", sheets="copy_small_sheets"
)
small_exported_project = _prepared(
    "small_reviewed_project", "small_exported", make="make_exported", sheets="copy_small_sheets"
)


@pytest.fixture
def project(empty_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project that is the Dagster home of this process."""
    from jira_pipeline_tests import projects  # noqa: PLC0415 - see above

    return projects.adopt(empty_project, tmp_path / "project", monkeypatch)


def _adopted(name: str) -> Any:
    """Make a fixture of a copy of a prepared project, adopted by this process."""

    @pytest.fixture
    def adopted(
        request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> Path:
        from jira_pipeline_tests import projects  # noqa: PLC0415 - see above

        prepared = projects.prepared(request, name)
        return projects.adopt(prepared, tmp_path / "project", monkeypatch)

    return adopted


reviewed = _adopted("reviewed_project")
exported = _adopted("exported_project")


@pytest.fixture
def pipeline(project: Path) -> "Iterator[Pipeline]":
    """The pipeline of an empty project."""
    from jira_pipeline_tests import projects  # noqa: PLC0415 - see above

    with projects.opened(project) as pipeline:
        yield pipeline


@pytest.fixture
def sheets(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of the example's sheets that a test may change; nothing approves itself."""
    from jira_pipeline_tests import projects  # noqa: PLC0415 - see above

    copy = projects.copy_small_sheets if projects.is_small(request) else projects.copy_sheets
    return copy(tmp_path / "museum")


@pytest.fixture(scope="session")
def uwec() -> Path:
    """The real specification."""
    return shared_data("uwec")
