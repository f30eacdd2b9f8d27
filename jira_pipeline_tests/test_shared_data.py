"""A run that skipped all that reads the shared data, though it is there, fails and says so."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jira_pipeline_tests.projects import CHECKOUT

CONFTEST = """
from jira_pipeline_tests.shared_data import SharedDataWatch

def pytest_configure(config):
    config.pluginmanager.register(SharedDataWatch(config.rootpath))
"""
TESTS = """
from pathlib import Path
from jira_pipeline_tests.shared_data import shared_data

HERE = Path(__file__).parent

def test_of_a_wrong_path():
    shared_data("site", data=HERE / "shared" / "data")

def test_of_nothing_shared():
    pass
"""
FINDING = """
def test_of_the_right_path():
    shared_data("site", data=HERE.parent / "shared" / "data")
"""


def _finished(
    folder: Path, tests: str, *, is_there: bool, options: tuple[str, ...]
) -> "subprocess.CompletedProcess[str]":
    """Run tests in a checkout of their own, beside which shared data is or is not."""
    checkout = folder / "checkout"
    checkout.mkdir()
    (checkout / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (checkout / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    (checkout / "test_data.py").write_text(tests, encoding="utf-8")
    if is_there:
        (folder / "shared" / "data" / "site").mkdir(parents=True)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *options],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},  # noqa: TID251 - for the child
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("options", [(), ("-n", "1")], ids=["alone", "with workers"])
def test_a_run_that_skipped_everything_that_is_there_fails(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    """A path that was wrong after a move of the tests hid a red room behind skips."""
    run = _finished(tmp_path, TESTS, is_there=True, options=options)

    assert run.returncode == pytest.ExitCode.TESTS_FAILED
    assert "1 tests found nothing in ../shared/data and were skipped" in run.stdout


@pytest.mark.parametrize(
    ("tests", "is_there"),
    [
        pytest.param(TESTS, False, id="it is not there"),
        pytest.param(TESTS + FINDING, True, id="another test found it"),
    ],
)
def test_a_run_passes_where_nothing_is_there_or_something_was_found(
    tmp_path: Path, tests: str, is_there: bool
) -> None:
    run = _finished(tmp_path, tests, is_there=is_there, options=())

    assert run.returncode == pytest.ExitCode.OK
    assert "were skipped, and" not in run.stdout
