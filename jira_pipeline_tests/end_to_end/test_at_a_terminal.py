"""Commands as somebody at a terminal sees them, who can be asked."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from jira_pipeline_tests import projects

pytestmark = [pytest.mark.xdist_group("processes"), pytest.mark.small_site]


def test_an_upload_offers_to_write_the_tickets_and_enter_does_it(
    project: Path, sheets: Path
) -> None:
    """Whoever uploaded had to type a second command for what an upload is for."""
    asked = at_terminal("upload", str(sheets), answer="\n")
    with projects.opened(project) as pipeline:
        tickets = pipeline.store.tickets.tally("museum").total
    projects.rename_a_field(sheets)
    declined = at_terminal("upload", str(sheets), answer="n\n")

    assert "Write them now? [Y/n]" in asked
    assert "Read them:" in asked
    assert tickets == projects.SMALL_TICKETS
    assert "Write them now? [Y/n]" in declined
    assert "Read them:" not in declined


def at_terminal(*words: str, answer: str) -> str:
    """Run a command in a terminal of its own, type an answer once it asks, and read it to its end."""
    ours, theirs = pty.openpty()
    program = [sys.executable, "-c", "from jira_pipeline.cli.app import main; main()", *words]
    process = subprocess.Popen(program, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
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
        assert process.wait(60) == 0, shown.decode()
    return shown.decode()
