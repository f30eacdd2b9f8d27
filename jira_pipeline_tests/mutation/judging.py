"""Judges changes in a copy of the code: which tests run what is changed, and which of them notices.

Belongs here: the copy, the workers in it, the choice of tests. Does not: what is changed
(`defences`, `operators`), what a worker does (`worker`), the score (`__main__`).

The rule: of the quick tests those that run a changed line are run, the quickest first; then, where
they run the line, the seeded schedules. What fails first notices the change. So does a change that
ends the process, or makes a test compute several times as long as it does without it. A mutant nothing of
this notices has survived, even if slower tests would notice it. A defence has whole exports as well.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from jira_pipeline_tests.mutation.worker import FACTOR, PACKAGE, SCHEDULES

CHECKOUT = Path(__file__).resolve().parents[2]
COPIED = (PACKAGE, "jira_pipeline_tests", "pyproject.toml")
QUICK = (
    "jira_pipeline_tests/contracts/test_export_ledger.py",
    "jira_pipeline_tests/kernel/test_export_ledger.py",
    "jira_pipeline_tests/kernel/test_removals.py",
    "jira_pipeline_tests/export/test_export_ledger_page.py",
    "jira_pipeline_tests/export/test_ledger_comparison.py",
    "jira_pipeline_tests/export/test_export_lookups.py",
    "jira_pipeline_tests/export/test_reading_issues.py",
    "jira_pipeline_tests/export/test_sending.py",
    "jira_pipeline_tests/export/test_refused_descriptions.py",
    "jira_pipeline_tests/export/test_export_doubts.py",
    "jira_pipeline_tests/export/test_settling_a_session.py",
    "jira_pipeline_tests/export/test_other_targets.py",
    "jira_pipeline_tests/store/test_ledger_intents.py",
)
WHOLE = (
    "jira_pipeline_tests/crash/test_horizon.py",
    "jira_pipeline_tests/export/test_export_gate.py",
    "jira_pipeline_tests/faults/test_found_by_schedules.py",
    "jira_pipeline_tests/crash/test_uncalibrated_target.py",
    "jira_pipeline_tests/crash/test_settle.py",
    "jira_pipeline_tests/crash/test_export_batches.py",
    "jira_pipeline_tests/crash/test_export_faults.py",
    "jira_pipeline_tests/crash/test_undo_crashes.py",
    "jira_pipeline_tests/export/test_export_fallbacks.py",
    "jira_pipeline_tests/export/test_export_places.py",
)
"""Whole exports, without those in processes of their own: a change stays in one process."""
WHOLE_SECONDS = 300
"""What they compute, with room."""
SECONDS_MAX = 20.0
"""What the quick tests of one change may compute; the rest of them is left out."""
DEFENCE = "defence"
SPARE_SECONDS = 15
"""What a worker needs to start and to make the stores and sites that tests copy."""
BASELINE_SECONDS = 1800

Answer = dict[str, Any]
"""What a worker says: JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One module that is different."""

    kind: str
    """DEFENCE, or the operator."""
    name: str
    file: str
    """Below the package."""
    lines: range
    """What is different, as the lines are numbered without it."""
    source: str
    """The whole module."""
    diff: str
    """Where it is, for people."""

    @property
    def module(self) -> str:
        """The module's dotted name."""
        return _module_of(self.file)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one change."""

    change: Change
    noticed_by: str | None
    """None when nothing noticed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What the tests do while nothing is changed."""

    seconds: Mapping[str, float]
    """What each computes."""
    tests: Mapping[str, Mapping[int, frozenset[str]]]
    """By module and line; what only an import runs is run by the empty name."""
    failed: tuple[str, ...]

    def tests_of(self, change: Change) -> list[str]:
        """Return the tests that run what is changed, the quickest first.

        What an import runs concerns every test that runs anything of the module.
        """
        lines = self.tests.get(change.module, {})
        chosen = frozenset[str]().union(*(lines.get(n, frozenset()) for n in change.lines))
        if "" in chosen:
            chosen = frozenset[str]().union(*lines.values())
        return sorted(chosen & self.seconds.keys(), key=lambda test: (self.seconds[test], test))


class Workshop:
    """A copy of the code, and the workers that change it."""

    def __init__(self, copy: Path, workers: Sequence["subprocess.Popen[str]"]) -> None:
        """Take the workers that wait for orders."""
        self.code = copy / PACKAGE
        self._idle: SimpleQueue[subprocess.Popen[str]] = SimpleQueue()
        self._count = len(workers)
        for worker in workers:
            self._idle.put(worker)

    def measure(
        self, files: Sequence[str], *, seeds: int, quick: Sequence[str] = QUICK
    ) -> Baseline:
        """Run all tests once, unchanged, and see which lines of these files each runs."""
        modules = [_module_of(file) for file in files]
        parts: list[tuple[list[str], int]] = [([test], 0) for test in quick]
        parts.append(([], seeds))
        with ThreadPoolExecutor(self._count) as threads:
            answers = threads.map(lambda part: self._measure(modules, *part), parts)
            return _together(list(answers))

    def _measure(self, modules: Sequence[str], files: Sequence[str], seeds: int) -> Answer:
        return self._answer(
            {"measured": modules, "files": files, "seeds": seeds, "cpu_seconds": BASELINE_SECONDS}
        )

    def judge(
        self, changes: Sequence[Change], baseline: Baseline, *, seeds: int, seconds_max: float
    ) -> Iterator[Verdict]:
        """Yield a verdict on each change, as they come."""
        with ThreadPoolExecutor(self._count) as threads:
            waiting = [
                threads.submit(self._judge, c, baseline, seeds, seconds_max) for c in changes
            ]
            try:
                for done in as_completed(waiting):
                    yield done.result()
            finally:
                threads.shutdown(cancel_futures=True)

    def _judge(self, change: Change, baseline: Baseline, seeds: int, seconds_max: float) -> Verdict:
        """Try a change on the tests that run it."""
        known = baseline.tests_of(change)
        whole = WHOLE if change.kind == DEFENCE else ()
        tests = _within(seconds_max, [t for t in known if t != SCHEDULES], baseline)
        tried = seeds if SCHEDULES in known else 0
        seconds = sum(tests.values()) + (baseline.seconds[SCHEDULES] if tried else 0.0)
        answer = self._answer(
            {
                "module": change.module,
                "source": change.source,
                "tests": tests,
                "seeds": tried,
                "whole": whole,
                "cpu_seconds": int(FACTOR * seconds)
                + SPARE_SECONDS
                + (WHOLE_SECONDS if whole else 0),
            }
        )
        ended = f"ended by signal {answer['signal']}" if answer["signal"] else None
        return Verdict(change=change, noticed_by=ended or answer["noticed_by"])

    def _answer(self, order: Mapping[str, object]) -> Answer:
        """Give an order to an idle worker and wait for what it answers."""
        worker = self._idle.get()
        try:
            assert worker.stdin is not None
            assert worker.stdout is not None
            worker.stdin.write(json.dumps(order) + "\n")
            worker.stdin.flush()
            answer: Answer = json.loads(worker.stdout.readline())
            if "error" in answer:
                raise SystemExit(answer["error"])
            return answer
        finally:
            self._idle.put(worker)


@contextmanager
def open_workshop(workers: int) -> Iterator[Workshop]:
    """Copy what the tests need, and start workers in the copy."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="mutation-"))
        copy = _copied(Path(folder))
        started = [stack.enter_context(_started(copy)) for _ in range(workers)]
        yield Workshop(copy, started)


def _copied(folder: Path) -> Path:
    for name in COPIED:
        source = CHECKOUT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, folder / name, ignore=ignored)
        else:
            shutil.copy(source, folder / name)
    return folder


@contextmanager
def _started(copy: Path) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "jira_pipeline_tests.mutation.worker"]
    environment = {
        **os.environ,  # noqa: TID251 - handed on
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "JIRA_PIPELINE_TEST_LONG": "1",
    }
    with subprocess.Popen(
        command,
        cwd=copy,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as worker:
        try:
            yield worker
        finally:
            os.killpg(worker.pid, signal.SIGKILL)  # its fork too, which may never end


def _together(answers: Sequence[Answer]) -> Baseline:
    """Add up what the workers measured."""
    seconds: dict[str, float] = {}
    tests: dict[str, dict[int, frozenset[str]]] = {}
    failed: list[str] = []
    for answer in answers:
        failed += answer["failed"]
        seconds |= answer["seconds"]
        for module, lines in answer["lines"].items():
            known = tests.setdefault(module, {})
            for line, who in lines.items():
                known[int(line)] = known.get(int(line), frozenset()) | frozenset(who)
    return Baseline(seconds=seconds, tests=tests, failed=tuple(failed))


def _within(seconds_max: float, tests: Sequence[str], baseline: Baseline) -> dict[str, float]:
    """Return as many of the first tests as fit, with what each computes."""
    seconds = [baseline.seconds[test] for test in tests]
    spent = accumulate(seconds)
    return {
        test: own
        for test, own, until in zip(tests, seconds, spent, strict=True)
        if until <= seconds_max
    }


def _module_of(file: str) -> str:
    return ".".join([PACKAGE, *Path(file).with_suffix("").parts])
