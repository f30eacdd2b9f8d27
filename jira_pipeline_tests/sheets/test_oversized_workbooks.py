"""Small workbooks that stand for more than there is memory are refused before they take it."""

import resource
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from jira_pipeline.model.findings import Severity
from jira_pipeline_tests.forking import CHILDREN
from jira_pipeline_tests.sheets.made_readings import read_files
from jira_pipeline_tests.sheets.oversized_workbooks import OVERSIZED

MORE_BYTES = 300_000_000
"""What reading one may take at most, beside what the process has."""


def answer_within_limit(name: str, content: bytes, answers: Connection) -> None:
    """Send the errors in a workbook; this process may not grow by more than the limit."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    most = pages * resource.getpagesize() + MORE_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    reading = read_files({f"Spec{OVERSIZED[name].suffix}": content})
    answers.send([f.code for f in reading.findings if f.severity is Severity.ERROR])


@pytest.mark.skipif(not Path("/proc/self/statm").is_file(), reason="asks /proc for its size")
@pytest.mark.parametrize("name", OVERSIZED)
def test_a_workbook_that_stands_for_more_than_there_is_memory_is_a_finding(name: str) -> None:
    """830 bytes took 5.7 GB; others ended the process."""
    content = OVERSIZED[name].make()
    receiving, sending = CHILDREN.Pipe(duplex=False)
    child = CHILDREN.Process(target=answer_within_limit, args=(name, content, sending))

    child.start()
    sending.close()
    codes = receiving.recv() if receiving.poll(60) else None
    child.join()

    assert codes is not None
    assert OVERSIZED[name].code in codes
    assert child.exitcode == 0
