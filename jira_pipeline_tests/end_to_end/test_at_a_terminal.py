"""Commands as somebody at a terminal sees them, who can be asked."""

import os
import pty
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from jira_pipeline_tests import projects
from jira_pipeline_tests.forking import CHILDREN

pytestmark = [pytest.mark.xdist_group("processes"), pytest.mark.small_site]


def test_an_upload_offers_to_write_the_tickets_and_enter_does_it(
    project: Path, sheets: Path
) -> None:
    """Whoever uploaded had to type a second command for what an upload is for."""
    asked = at_terminal(project, "upload", str(sheets), answer="\n")
    with projects.opened(project) as pipeline:
        tickets = pipeline.store.tickets.tally("museum").total
    projects.rename_a_field(sheets)
    declined = at_terminal(project, "upload", str(sheets), answer="n\n")

    assert "Write them now? [Y/n]" in asked
    assert "Read them:" in asked
    assert tickets == projects.SMALL_TICKETS
    assert "Write them now? [Y/n]" in declined
    assert "Read them:" not in declined


def at_terminal(project: Path, *words: str, answer: str) -> str:
    """Run a command in a terminal of its own, type an answer once it asks, and read it to its end."""
    from jira_pipeline_tests.end_to_end.commands import become_at  # noqa: PLC0415 - pickled by name

    ours, theirs = pty.openpty()
    with Connection(theirs) as terminal:
        process = CHILDREN.Process(
            target=become_at, args=(terminal, ["jira-pipeline", *words], project)
        )
        process.start()
    shown = b""
    try:
        while chunk := os.read(ours, 4096):
            shown += chunk
            if b"[Y/n]" in shown and answer:
                os.write(ours, answer.encode())
                answer = ""
    except OSError:  # how Linux reports that the other side is closed
        pass
    finally:
        os.close(ours)
        process.join()
    assert process.exitcode == 0, shown.decode()
    return shown.decode()
