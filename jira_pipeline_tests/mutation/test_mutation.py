"""The runner notices a defence that is taken out, and nothing where none is."""

import ast
from pathlib import Path

import pytest

from jira_pipeline_tests.mutation.__main__ import (
    LONG,
    PACKAGE,
    PYTEST,
    SINGLE,
    STAGES,
    copied,
    failure_of,
    narrowed,
    nearest_first,
    read_noticed,
    taken_out,
    together,
)
from jira_pipeline_tests.mutation.defences import DEFENCES
from jira_pipeline_tests.projects import CHECKOUT

TESTS = (PYTEST, "jira_pipeline_tests/model/test_export_ledger.py")
ONE = next(one for one in DEFENCES if one.name == "only one resend")


def test_a_defence_is_noticed_when_it_is_taken_out(tmp_path: Path) -> None:
    copy = copied(tmp_path / "copy")

    with taken_out(copy, ONE):
        noticed = failure_of(TESTS, copy)

    assert noticed is not None
    assert noticed[-1].startswith(f"{TESTS[-1]}::test_")
    assert failure_of(TESTS, copy) is None
    with pytest.raises(SystemExit, match="No test ran"):
        failure_of((PYTEST, "jira_pipeline_tests/missing.py"), copy)


def test_what_failed_of_a_stage_is_a_stage_of_its_own() -> None:
    quick, schedules = STAGES[0], STAGES[2]

    assert narrowed(quick, "a.py::test_b[c d] \nFAILED a.py::test_b[c d] - E") == (
        PYTEST,
        "a.py::test_b",
    )
    assert narrowed((LONG, *quick), "a.py::test_b PASSED\na.py::test_c ") == (
        LONG,
        PYTEST,
        "a.py::test_c",
    )
    assert narrowed(schedules, "\nseed 17: t01 has 2 issues")[-4:] == (
        "--seeds",
        "1",
        "--first",
        "17",
    )
    assert narrowed(SINGLE, "lost at a file: export of 3 tickets") == (
        *SINGLE,
        "--only",
        "lost at a file",
    )
    assert narrowed(SINGLE, "Traceback") == SINGLE


def test_test_files_that_import_the_module_of_a_defence_come_first() -> None:
    far, near = (
        f"jira_pipeline_tests/export/{name}.py" for name in ("test_epics", "test_deciding")
    )
    defence = next(one for one in DEFENCES if one.file == "export/settle.py")

    assert nearest_first((LONG, PYTEST, far, near), defence) == (LONG, PYTEST, near, far)


def test_single_tests_of_several_defences_are_run_in_one_call() -> None:
    stages = [(PYTEST, "a"), SINGLE, (LONG, PYTEST, "b"), (PYTEST, "c"), (PYTEST, "a")]

    assert list(together(stages)) == [SINGLE, (PYTEST, "a", "c"), (LONG, PYTEST, "b")]


def test_every_defence_is_found_once() -> None:
    """Else the code moved on, and the list with it."""
    found = {}
    for one in DEFENCES:
        source = (CHECKOUT / PACKAGE / one.file).read_text(encoding="utf-8")
        found[one.name] = source.count(one.text)
        ast.parse(source.replace(one.text, one.without))  # else no test runs without it

    assert {name: count for name, count in found.items() if count != 1} == {}


def test_it_is_known_of_every_defence_what_noticed_it_last() -> None:
    noticed = read_noticed()

    assert list(noticed) == [one.name for one in DEFENCES]
    tests = {stage[-1] for stage in noticed.values() if PYTEST in stage}
    files = {test.split("::")[0] for test in tests}
    sources = {name: (CHECKOUT / name).read_text(encoding="utf-8") for name in files}
    gone = [t for t in tests if f"def {t.split('::')[1]}(" not in sources[t.split("::")[0]]]
    assert gone == []
