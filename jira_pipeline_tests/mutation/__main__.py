"""Takes each defence of the export out and shows what notices: `python -m jira_pipeline_tests.mutation`.

Belongs here: a copy of the code, the tests that are run in it, the score, and who noticed each
defence last (`noticed.json`). Does not: the defences (`defences`), where they are in the source
(`marks`), what the source is without one (`removals`).

What noticed a defence last judges it first. Those it does not notice go through the stages: quick
tests of ledger and settling, those that end at every point, seeded schedules, whole exports. What fails first notices that a defence is missing; so does a test that does not end.
"""

import argparse
import json
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from rich.console import Console

from jira_pipeline_tests.mutation.defences import DEFENCES, Defence
from jira_pipeline_tests.mutation.marks import Mark, marks_below
from jira_pipeline_tests.mutation.removals import without_defence
from jira_pipeline_tests.projects import CHECKOUT

Stage = tuple[str, ...]
"""What is run: the setting of the long form or none, a module of Python, its arguments."""

PACKAGE: Final = "jira_pipeline"
COPIED: Final = (PACKAGE, "jira_pipeline_tests", "examples", "pyproject.toml", "dagster.yaml")
NOTICED_PATH: Final = CHECKOUT / "jira_pipeline_tests/mutation/noticed.json"
"""By the name of a defence, the test or faults that noticed it last, as a command line."""
PYTEST: Final = "pytest"
OPTIONS: Final = ("-v", "-x", "-n", "0", "-p", "no:cacheprovider", "--tb=no")
LONG: Final = "JIRA_PIPELINE_TEST_LONG=1"
FAULTS: Final = ("jira_pipeline_tests.faults", "--until-failed")
ENDED_ANYWHERE: Final = tuple(
    f"{PACKAGE}_tests/{test}"
    for test in (
        "export/test_adoption.py::test_wherever_it_dies_another_adoption_and_export_end_with_one_issue_each",
        "export/test_merged_texts.py::test_wherever_an_update_dies_nothing_of_people_is_lost",
        "jira/adf/test_merging.py::test_nothing_of_people_is_lost_and_nothing_of_ours_unsaid",
    )
)
"""What takes seconds among the quick ones."""
QUICK: Final = (
    PYTEST,
    *(f"--deselect={test}" for test in ENDED_ANYWHERE),
    "jira_pipeline_tests/contracts/test_export_ledger.py",
    "jira_pipeline_tests/model/test_export_ledger.py",
    "jira_pipeline_tests/model/test_removals.py",
    "jira_pipeline_tests/export/test_export_ledger_page.py",
    "jira_pipeline_tests/export/test_ledger_comparison.py",
    "jira_pipeline_tests/export/test_export_lookups.py",
    "jira_pipeline_tests/export/test_reading_issues.py",
    "jira_pipeline_tests/export/test_sending.py",
    "jira_pipeline_tests/export/test_write_once.py",
    "jira_pipeline_tests/export/test_detaching.py",
    "jira_pipeline_tests/jira/adf/test_merging.py",
    "jira_pipeline_tests/export/test_adoption.py",
    "jira_pipeline_tests/export/test_merged_texts.py",
    "jira_pipeline_tests/export/test_text_and_comment_writes.py",
    "jira_pipeline_tests/export/test_export_undo_reasons.py",
    "jira_pipeline_tests/export/test_refused_descriptions.py",
    "jira_pipeline_tests/export/test_export_doubts.py",
    "jira_pipeline_tests/export/test_settling_a_session.py",
    "jira_pipeline_tests/export/test_other_targets.py",
    "jira_pipeline_tests/store/test_ledger_intents.py",
)
SCHEDULES: Final = (*FAULTS, "--seeds", "100")
WHOLE: Final = (
    LONG,
    PYTEST,
    "jira_pipeline_tests/crash/test_horizon.py",
    "jira_pipeline_tests/export/test_export_gate.py",
    "jira_pipeline_tests/faults/test_found_by_schedules.py",
    "jira_pipeline_tests/crash/test_uncalibrated_target.py",
    "jira_pipeline_tests/crash/test_export_batches.py",
    "jira_pipeline_tests/crash/test_export_faults.py",
    "jira_pipeline_tests/crash/test_undo_crashes.py",
    "jira_pipeline_tests/export/test_export_fallbacks.py",
    "jira_pipeline_tests/export/test_export_places.py",
    "jira_pipeline_tests/export/test_export_attachments.py",
    "jira_pipeline_tests/export/test_export_undo.py",
    "jira_pipeline_tests/crash/test_suspended.py",
    "jira_pipeline_tests/crash/test_update_crashes.py",
    "jira_pipeline_tests/crash/test_shown_again.py",
    "jira_pipeline_tests/crash/test_whose_it_is.py",
    "jira_pipeline_tests/faults/test_single_faults.py",
)
SINGLE: Final = (*FAULTS, "--single")
STAGES: Final[Sequence[Stage]] = (QUICK, (PYTEST, *ENDED_ANYWHERE), SCHEDULES, WHOLE, SINGLE)
"""What is run, one after the other."""
SECONDS_MAX: Final = 1800.0
"""What one stage may take; the longest takes some minutes on a busy machine."""
WIDTH: Final = 2_000
"""What rich may print in a line, so that none is broken."""
NOT_RUN: Final = frozenset({4, 5})
"""Exit codes of pytest: wrong use, and no test collected."""


def main() -> int:
    """Print what is missed; return 1 where something is not."""
    parser = argparse.ArgumentParser(prog="python -m jira_pipeline_tests.mutation")
    parser.add_argument("--workers", type=int, default=2, help="defences judged at a time")
    parser.add_argument("--only", default="", help="defences whose name contains this")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))  # so that what runs ends as well
    console = Console(highlight=False, soft_wrap=True)
    noticed = read_noticed()
    defences = [one for one in DEFENCES if chosen.only in one.name]
    copies: SimpleQueue[Path] = SimpleQueue()

    def judged(defence: Defence | None, stages: Iterable[Stage]) -> Stage | None:
        copy = copies.get()
        if defence is not None:
            stages = [nearest_first(stage, defence) for stage in stages]
        with taken_out(copy, defence) if defence else nullcontext():
            failure = next(filter(None, (failure_of(stage, copy) for stage in stages)), None)
        copies.put(copy)
        return failure

    def unnoticed(stage_of: Mapping[Defence, Stage | None]) -> list[Defence]:
        """Run for each defence what is to notice it; return those of which nothing did."""
        stages = {one: [stage] if stage else [] for one, stage in stage_of.items()}
        if fault := judged(None, together(filter(None, stage_of.values()))):
            raise SystemExit(f"This fails with every defence in place: {shlex.join(fault)}")
        left = []
        with ThreadPoolExecutor(chosen.workers) as threads:
            failures = threads.map(judged, stages, stages.values())
            for defence, failure in zip(stages, failures, strict=True):
                if failure is None:
                    left.append(defence)
                    continue
                noticed[defence.name] = failure
                write_noticed(noticed)
                line = f"{shlex.join(failure)} notices: {file_of(defence)}, {defence.name}"
                console.print(line, markup=False)
        return left

    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        for number in range(chosen.workers):
            copies.put(copied(Path(folder, str(number))))
        left = unnoticed({one: noticed.get(one.name) for one in defences})
        for stage in STAGES:
            left = unnoticed(dict.fromkeys(left, stage))
    for defence in left:
        console.print(f"NOTHING notices: {file_of(defence)}, {defence.name}", markup=False)
    count = len(defences) - len(left)
    console.print(f"defences: {count} of {len(defences)} are missed when taken out")
    return 1 if left else 0


def read_noticed() -> dict[str, Stage]:
    """Return what noticed each defence last, by its name."""
    kept = json.loads(NOTICED_PATH.read_text(encoding="utf-8"))
    return {name: tuple(shlex.split(command)) for name, command in kept.items()}


def write_noticed(noticed: Mapping[str, Stage]) -> None:
    """Keep what noticed each defence, in the order of the list; those that are gone go."""
    names = [one.name for one in DEFENCES if one.name in noticed]
    kept = {name: shlex.join(noticed[name]) for name in names}
    NOTICED_PATH.write_text(f"{json.dumps(kept, indent=2)}\n", encoding="utf-8")


def together(stages: Iterable[Stage]) -> Iterator[Stage]:
    """Yield each stage once; single tests of pytest in one call."""
    tests: dict[Stage, list[str]] = defaultdict(list)
    for *head, last in dict.fromkeys(stages):
        if head[-1] == PYTEST:
            tests[tuple(head)].append(last)
        else:
            yield (*head, last)
    yield from ((*head, *names) for head, names in tests.items())


def mark_of(defence: Defence, folder: Path) -> Mark:
    """Return the mark of a defence in a copy of the code."""
    marks = [mark for mark in marks_below(folder / PACKAGE) if mark.name == defence.mark]
    if len(marks) != 1:
        raise SystemExit(f"The code has {len(marks)} times: # defence: {defence.mark}")
    return marks[0]


def file_of(defence: Defence) -> str:
    """Return the path of the module that has a defence, in the checkout."""
    return mark_of(defence, CHECKOUT).path.relative_to(CHECKOUT).as_posix()


def nearest_first(stage: Stage, defence: Defence) -> Stage:
    """Order the test files of a stage: those that import the module of a defence come first."""
    module = file_of(defence).removesuffix(".py").replace("/", ".")

    def is_far(word: str) -> bool:
        return word.endswith(".py") and f"from {module} import" not in (CHECKOUT / word).read_text(
            encoding="utf-8"
        )

    return tuple(sorted(stage, key=is_far))


def narrowed(stage: Stage, printed: str) -> Stage:
    """Return what of a stage failed, as a stage of its own; all of it where that is not printed."""
    if PYTEST in stage:
        head = stage[: stage.index(PYTEST) + 1]
        failed = re.search(r"^(?:FAILED|ERROR) (\S+::\w+)", printed, re.MULTILINE)
        begun = re.findall(r"^(\S+::\w+)", printed, re.MULTILINE)  # the last one did not end
        return (*head, failed[1] if failed else begun[-1]) if failed or begun else stage
    if seed := re.search(r"^seed (\d+): ", printed, re.MULTILINE):
        return (*FAULTS, "--seeds", "1", "--first", seed[1])
    if plan := re.search(r"^(.+? at .+?): ", printed, re.MULTILINE):
        return (*SINGLE, "--only", plan[1])
    return stage


def copied(folder: Path) -> Path:
    """Copy what the tests need into a new folder, and return it."""
    folder.mkdir()
    for name in COPIED:
        if (CHECKOUT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "node_modules")
            shutil.copytree(CHECKOUT / name, folder / name, ignore=ignored)
        else:
            shutil.copy(CHECKOUT / name, folder / name)
    return folder


@contextmanager
def taken_out(copy: Path, defence: Defence) -> Iterator[None]:
    """Have a copy lack a defence until the block ends."""
    mark = mark_of(defence, copy)
    whole = mark.path.read_text(encoding="utf-8")
    _write(mark.path, without_defence(whole, line=mark.line, removals=defence.removals))
    try:
        yield
    finally:
        _write(mark.path, whole)


def _write(path: Path, source: str) -> None:
    """Write a module; what was compiled of it before may have the same size and second."""
    path.write_text(source, encoding="utf-8")
    for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*"):
        compiled.unlink()


def failure_of(stage: Stage, copy: Path) -> Stage | None:
    """Run a stage in a copy, and return what failed there."""
    setting, (module, *arguments) = (stage[:1], stage[1:]) if stage[0] == LONG else ((), stage)
    options = OPTIONS if module == PYTEST else ()
    words = [*setting, sys.executable, "-m", module, *options, *arguments]
    try:
        ended = subprocess.run(
            ["env", f"COLUMNS={WIDTH}", *words],
            cwd=copy,
            capture_output=True,
            text=True,
            timeout=SECONDS_MAX,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        return narrowed(stage, (error.stdout or b"").decode())
    if ended.returncode in NOT_RUN:
        raise SystemExit(f"No test ran: {ended.stdout[-1000:]}{ended.stderr[-1000:]}")
    return narrowed(stage, ended.stdout) if ended.returncode else None


if __name__ == "__main__":
    sys.exit(main())
