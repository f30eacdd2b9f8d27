"""Real specifications, configurations and documents beside the checkout, which tests read if there.

Belongs here: finding them, skipping a test without them, and failing a run that skipped all that
reads them although the folder is there. Does not: what they hold.

A wrong path looks like an absent folder: every test that reads it is skipped, and the run passes.
"""

from collections.abc import Generator
from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
ABSENT = "not in ../shared/data: "
_FOUND = "found_in_shared_data"
_found = list[str]()


def shared_data(name: str, *, data: Path = DATA) -> Path:
    """Return a file or folder of the shared data; where it is absent, the test is skipped."""
    path = data / name
    if not path.exists():
        pytest.skip(f"{ABSENT}{name}")
    _found.append(name)
    return path


class SharedDataWatch:
    """Fails a run in which all tests that read the shared data were skipped, though it is there."""

    def __init__(self, checkout: Path) -> None:
        # Not `DATA`, which the tests use: where that is wrong, this must see it.
        self._data = checkout.parent / "shared" / "data"
        self._found_count = 0
        self._skipped_count = 0

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self,
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Note in the report of a test what it found; that report reaches the run's own process."""
        report = yield
        report.user_properties.extend((_FOUND, name) for name in _found)
        _found.clear()
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._found_count += sum(name == _FOUND for name, _ in report.user_properties)
        self._skipped_count += report.skipped and ABSENT in str(report.longrepr)

    @property
    def has_failed(self) -> bool:
        return self._skipped_count > 0 and self._found_count == 0 and self._data.is_dir()

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        is_worker = hasattr(session.config, "workerinput")
        if self.has_failed and not is_worker and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.has_failed:
            terminalreporter.write_line(
                f"{self._skipped_count} tests found nothing in ../shared/data and were skipped, and "
                f"no test found anything there, but {self._data} exists: is their path right?",
                red=True,
            )
