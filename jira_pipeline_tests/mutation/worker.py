"""A process in the copy that runs tests against changed modules: one fork for each change.

Belongs here: what happens in the copy. Does not: which change and which tests (`__main__`).

Orders arrive as JSON lines, answers leave as JSON lines. A fork costs a fraction of a start: what
no change affects is imported once. A changed module is never written: the import finds its text.
"""

import gc
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import logging
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import CodeType

import pytest
from coverage import Coverage
from typing_extensions import override

PACKAGE = "jira_pipeline"
NEVER_MUTATED = (
    "hypothesis",
    "httpx",
    "rich.console",
    "sqlalchemy",
    "jira_pipeline.jira_client.client",
    "jira_pipeline.sandbox_http.transport",
)
"""Imported before the first fork."""
PYTEST = ("-q", "-x", "-p", "no:cacheprovider", "-p", "xdist", "--no-header", "--tb=no")
"""Plugins do not load by themselves here; `pyproject.toml` has an option of xdist."""
SCHEDULES = "schedules"
"""Stands for the seeded schedules where a test is named."""
FACTOR = 4
ENDLESS_SECONDS = 3.0
"""A test that computes so much longer than FACTOR times what it should does not end."""
WALL_FACTOR = 20
"""On the clock a change may take so many times its seconds of computing: the machine is shared."""
MEMORY_FOLDER = Path("/dev/shm")  # noqa: S108 - only where it exists; files in memory are faster
MEMORY_BYTES_MAX = 4 * 1024**3


def main() -> int:
    """Answer every order until there is none; return 0."""
    for name in NEVER_MUTATED:
        importlib.import_module(name)
    gc.freeze()  # so that no fork looks through what all of them share
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    silence = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (sys.stdout.fileno(), sys.stderr.fileno()):
        os.dup2(silence, descriptor)
    for line in sys.stdin:
        order = json.loads(line)
        answers.write(json.dumps(_answer(order)) + "\n")
        answers.flush()
    return 0


def _answer(order: Mapping[str, object]) -> dict[str, object]:
    """Carry an order out in a fork and return what it wrote, and how it ended."""
    imported = [name for name in sys.modules if name in _names(order)]
    if imported:
        raise SystemExit(f"imported before it could be changed: {imported}")
    with TemporaryDirectory(prefix="mutant-", dir=_memory(), ignore_cleanup_errors=True) as folder:
        text, status = _forked(order, Path(folder))
    answer: dict[str, object] = json.loads(text) if text else {}
    return {**answer, "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0}


def _memory() -> Path | None:
    return MEMORY_FOLDER if MEMORY_FOLDER.is_dir() else None


def _forked(order: Mapping[str, object], folder: Path) -> tuple[str, int]:
    """Carry an order out in a process with a folder of its own: pytest's default one is shared."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        tempfile.tempdir = str(folder)
        _carry_out(order, writing)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as stream:
        text = stream.read()
    _, status = os.waitpid(child, 0)
    return text, status


def _names(order: Mapping[str, object]) -> set[str]:
    module = order.get("module")
    measured = order.get("measured")
    names = list(measured) if isinstance(measured, list) else []
    return {str(name) for name in [*names, module] if name}


def _carry_out(order: Mapping[str, object], writing: int) -> None:
    """End this process after one order, however it goes."""
    try:
        _limit(int(str(order["cpu_seconds"])))
        logging.disable(logging.ERROR)
        answer = _measure(order) if "measured" in order else _try(order)
    except BaseException:  # noqa: BLE001 - the process that asked must hear of it
        answer = {"error": traceback.format_exc()}
    with os.fdopen(writing, "w", encoding="utf-8") as stream:
        stream.write(json.dumps(answer))
    os._exit(0)


def _limit(cpu_seconds: int) -> None:
    """End this process by a signal when it takes too long or too much."""
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    signal.alarm(WALL_FACTOR * cpu_seconds)  # for what waits for ever and computes nothing


def _try(order: Mapping[str, object]) -> dict[str, object]:
    """Run tests against a change; tell which one noticed it first."""
    module, source = str(order["module"]), str(order["source"])
    sys.meta_path.insert(0, _Changed(module, source))
    tests, seeds, whole = order["tests"], int(str(order["seeds"])), order["whole"]
    assert isinstance(tests, dict)
    assert isinstance(whole, list)
    try:
        noticed = _first_failure(dict.fromkeys(t.partition("::")[0] for t in tests), tests)
        noticed = noticed or _first_violation(seeds) or _first_failure(whole)
    except BaseException as error:  # noqa: BLE001 - whatever the change leads to, it is noticed
        noticed = f"{type(error).__name__}: {error}"[:200]
    return {"noticed_by": noticed}


def _first_failure(files: Iterable[str], tests: Mapping[str, float] | None = None) -> str | None:
    """Run the tests of files up to the first that fails; some of them, in this order, or all."""
    watching = _Watching(tests or {})
    chosen = list(files)
    if not chosen:
        return None
    ended = pytest.ExitCode(pytest.main([*_options(), *chosen], plugins=[watching]))
    if ended == pytest.ExitCode.OK:
        return None
    return watching.failed or f"{ended.name.lower()} in {', '.join(chosen)}"


def _first_violation(seeds: int) -> str | None:
    if not seeds:
        return None
    from jira_pipeline_tests.faults.running import (  # noqa: PLC0415 - what is changed comes first
        ScheduleRunner,
    )

    runner = ScheduleRunner(Path(tempfile.mkdtemp()))
    failed = (seed for seed in range(seeds) if runner.run_seed(seed).violations)
    return next((f"schedule {seed}" for seed in failed), None)


def _options() -> list[str]:
    return [*PYTEST, f"--basetemp={tempfile.mkdtemp()}"]


class _Watching:
    """Keeps the chosen tests in the chosen order, ends endless ones, and knows what failed first."""

    def __init__(self, seconds: Mapping[str, float]) -> None:
        self._seconds = seconds
        self._places = {test: place for place, test in enumerate(seconds)}
        self.failed: str | None = None

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Drop what was not chosen, if any was."""
        if not self._places:
            return
        chosen = [item for item in items if item.nodeid in self._places]
        items[:] = sorted(chosen, key=lambda item: self._places[item.nodeid])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """End the process by a signal where a test computes much longer than it should."""
        known = self._seconds.get(item.nodeid)
        if known is not None:
            signal.setitimer(signal.ITIMER_PROF, FACTOR * known + ENDLESS_SECONDS)
        answer = yield
        signal.setitimer(signal.ITIMER_PROF, 0)
        return answer

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember the first failure."""
        if report.failed and self.failed is None:
            self.failed = report.nodeid


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Finds the changed module in place of its file."""

    def __init__(self, module: str, source: str) -> None:
        self._module = module
        self._source = source

    @override
    def find_spec(
        self, fullname: str, path: object, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._module:
            return None
        return importlib.util.spec_from_loader(fullname, self, origin=_path_of(fullname))

    @override
    def get_source(self, fullname: str) -> str:
        return self._source

    @override
    def get_code(self, fullname: str) -> CodeType:
        return compile(self._source, _path_of(fullname), "exec", dont_inherit=True)


def _path_of(module: str) -> str:
    return str(Path(module.replace(".", "/")).with_suffix(".py").resolve())


def _measure(order: Mapping[str, object]) -> dict[str, object]:
    """Run tests on the code as it is; tell what each costs, and which lines it runs."""
    modules, files = order["measured"], order["files"]
    assert isinstance(modules, list)
    assert isinstance(files, list)
    paths = {_path_of(str(module)): str(module) for module in modules}
    coverage = Coverage(data_file=None, include=list(paths), config_file=False)
    coverage.start()
    measuring = _Measuring(coverage)
    if files:
        ended = pytest.ExitCode(pytest.main([*_options(), *files], plugins=[measuring]))
        if ended != pytest.ExitCode.OK and not measuring.failed:
            measuring.failed.append(f"{ended.name.lower()} in {', '.join(files)}")
        elif not measuring.seconds:
            measuring.failed.append(f"every test is skipped in {', '.join(files)}")
    if not measuring.failed and order["seeds"]:
        with measuring.measured(SCHEDULES):
            violation = _first_violation(int(str(order["seeds"])))
        measuring.failed += [violation] if violation is not None else []
    coverage.stop()
    found = coverage.get_data()
    lines = {
        module: {str(line): who for line, who in found.contexts_by_lineno(path).items()}
        for path, module in paths.items()
    }
    return {"failed": measuring.failed, "seconds": measuring.seconds, "lines": lines}


class _Measuring:
    """Notices what every test costs, and tells the measuring of lines which one runs."""

    def __init__(self, coverage: Coverage) -> None:
        self._coverage = coverage
        self._skipped: set[str] = set()
        self.seconds: dict[str, float] = {}
        self.failed: list[str] = []

    @contextmanager
    def measured(self, name: str) -> Iterator[None]:
        """Measure what happens within; what was skipped says nothing."""
        self._coverage.switch_context(name)
        began = time.process_time()
        yield
        if name not in self._skipped:
            self.seconds[name] = time.process_time() - began
        self._coverage.switch_context("")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Measure one test."""
        with self.measured(item.nodeid):
            return (yield)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what fails though nothing was changed, and what does not run here."""
        if report.failed:
            self.failed.append(report.nodeid)
        if report.skipped:
            self._skipped.add(report.nodeid)


if __name__ == "__main__":
    sys.exit(main())
