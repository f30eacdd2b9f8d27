"""What people and programs are shown: literally, whatever names and titles hold."""

import io
import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console
from rich.text import Text

from jira_pipeline.cli.console import (
    FINDINGS_SHOWN,
    Screen,
    key_values,
    new_screen,
    show_error,
    show_findings,
    shown_progress,
)
from jira_pipeline.model.actions import action_text
from jira_pipeline.model.errors import InputError, StoreBusyError, UnavailableError
from jira_pipeline.model.findings import Finding
from jira_pipeline_tests.contracts import stored_values
from jira_pipeline_tests.tables import each

pytestmark = pytest.mark.small_site
HOSTILE = "[/] [red]x[/red] [link=http://a.example]y[/link] :heart: <b> \\[ß"


def screen_of(*, is_json: bool = False, is_terminal: bool = False) -> tuple[Screen, io.StringIO]:
    written = io.StringIO()
    console = Console(file=written, width=900, force_terminal=is_terminal, soft_wrap=is_json)
    return Screen(out=console, err=console, is_json=is_json), written


def a_finding(**changes: object) -> Finding:
    hostile = dict.fromkeys(("file", "value", "message"), HOSTILE)
    return stored_values.a_finding(**(hostile | changes))  # type: ignore[arg-type] # of several types


def words_of(written: io.StringIO) -> str:
    """What was written, without line ends and padding."""
    return " ".join(written.getvalue().split())


def show_everything(screen: Screen, hostile: str, finding: Finding) -> None:
    show_error(screen, InputError(hostile, recovery_actions=(hostile,)))
    screen.table(("title",), [(hostile,), (None,), (3,)], title=hostile)
    screen.show(key_values({hostile: hostile, "none": None}))
    show_findings(screen, [finding], files=())


@each("is_terminal", [True, False])
def test_nothing_a_terminal_acts_on_is_written(is_terminal: bool) -> None:
    """A NUL or an escape sequence of a cell reached the terminal as it was."""
    screen, written = screen_of(is_terminal=is_terminal)
    hostile = "a\0b\x1b[2Jc\x7fd\x9b2Je\u202ef"

    screen.say(hostile)
    screen.say(Text.assemble("x", (hostile, "bold")))
    show_everything(screen, hostile, a_finding(value=hostile, message=hostile, file=hostile))

    text = re.sub(r"\x1b\[[0-9;]*m", "", written.getvalue())
    assert text.count("a␀b␛[2Jc␡d\ufffd2Je\ufffdf") == 11
    assert {c for c in text if not c.isprintable()} == {"\n"}


def test_errors_tables_and_findings_are_literal() -> None:
    screen, written = screen_of()

    show_everything(screen, HOSTILE, a_finding())

    in_place_and_message = 2
    assert words_of(written).count(HOSTILE) == 2 + 2 + 2 + in_place_and_message
    assert words_of(written).count(HOSTILE[:60]) == 2 + 2 + 2 + in_place_and_message + 1


def test_an_error_that_names_no_step_has_those_of_its_code(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An undo that Jira did not know any more ended with nothing to do."""
    error = UnavailableError("Jira does not know us any more; nothing is deleted.")
    [step] = error.meaning.actions

    for is_json in (False, True):
        show_error(new_screen(is_json=is_json), error)

    printed = capsys.readouterr()
    assert f"1. {action_text(step)}" in printed.err
    assert json.loads(printed.out)["error"]["recovery_actions"] == [action_text(step)]


def test_programs_get_json_and_nothing_else() -> None:
    screen, written = screen_of(is_json=True)
    refused, refusal = screen_of(is_json=True)

    screen.say("For people.")
    screen.table(("a",), [("b",)])
    show_findings(screen, [a_finding()], files=())
    screen.answer({"text": HOSTILE * 30, "path": Path("/a"), "umlaut": "ß"})
    show_error(refused, InputError("It is empty.", recovery_actions=("Fill it.",)))

    assert json.loads(written.getvalue()) == {"text": HOSTILE * 30, "path": "/a", "umlaut": "ß"}
    assert "ß" in written.getvalue()
    assert json.loads(refusal.getvalue())["error"] == {
        "code": InputError.code,
        "category": "user_fixable",
        "message": "It is empty.",
        "recovery_actions": ["Fill it."],
    }


def test_of_very_many_findings_people_see_each_kind_once() -> None:
    """All but the first five were only named by `--all`, and of those several were of one kind."""
    screen, written = screen_of()
    alike = [a_finding(line=line, value=str(line)) for line in range(2, 10)]
    kinds = [a_finding(code=f"odd_{n}", line=20 + n, value="x") for n in range(FINDINGS_SHOWN)]

    show_findings(screen, [*alike, *kinds], files=())
    few = written.getvalue()
    show_findings(screen, [*alike, *kinds], files=(), is_all=True)

    assert few.count("Fill it in.") == FINDINGS_SHOWN
    assert "And 7 more like it." in " ".join(few.split())
    assert f"Odd {FINDINGS_SHOWN - 1}" in few
    assert "8 more findings: --all shows them." in few
    everything = written.getvalue()[len(few) :]
    assert everything.count("Fill it in.") == len(alike) + len(kinds)


def looked_at(screen: Screen, look: Callable[[], tuple[float, str]], *, times: int) -> None:
    """Show progress until somebody looked so often."""
    looked = threading.Semaphore(0)

    def counted() -> tuple[float, str]:
        looked.release()
        return look()

    with shown_progress(screen, counted, title="[/] job"):
        for _ in range(times):
            assert looked.acquire()


def test_progress_shows_titles_literally() -> None:
    """A ticket titled `[/]` ended a finished export with a traceback."""
    screen, written = screen_of(is_terminal=True)
    texts = [*[""] * 4, *["Creating [/] [bold]x"] * 6]

    looked_at(screen, lambda: (40.0, texts.pop(0) if texts else "Creating links"), times=10)

    for shown in ("[/] job", "Creating [/] [bold]x", " 40%"):
        assert shown in written.getvalue()


def test_progress_goes_on_when_the_store_is_busy_for_once() -> None:
    screen, written = screen_of(is_terminal=True)
    errors = [StoreBusyError("locked")]

    def look() -> tuple[float, str]:
        if errors:
            raise errors.pop()
        return 60.0, "later"

    looked_at(screen, look, times=3)

    assert "later" in written.getvalue()


@each(("is_json", "is_terminal"), [(True, True), (False, False)], ids=["json", "no terminal"])
def test_progress_is_for_people_at_a_terminal(*, is_json: bool, is_terminal: bool) -> None:
    screen, written = screen_of(is_json=is_json, is_terminal=is_terminal)

    with shown_progress(screen, lambda: (1.0, "never"), title="job"):
        pass

    assert written.getvalue() == ""


def test_progress_ends_with_an_error_of_its_block() -> None:
    screen, _ = screen_of(is_terminal=True)
    with pytest.raises(InputError), shown_progress(screen, lambda: (1.0, ""), title="job"):
        raise InputError("It is empty.")

    assert [t.name for t in threading.enumerate() if "follow" in t.name] == []


STOPPED_WHILE_CLOSING = """
import os, signal, typer
from sqlalchemy import create_engine, event
from jira_pipeline.cli.context import run_command

def command():
    engine = create_engine("sqlite://")
    event.listen(engine, "reset", lambda *_: os.kill(os.getpid(), signal.SIGINT))
    with run_command(is_json=False), engine.connect():
        pass

signal.signal(signal.SIGINT, signal.default_int_handler)
typer.run(command)
"""


def test_ctrl_c_while_a_connection_closes_shows_no_traceback() -> None:
    """SQLAlchemy logs whatever ends a close, and passes it on; the log went to the terminal."""
    command = [sys.executable, "-c", STOPPED_WHILE_CLOSING]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)

    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr == "Stopped. Finished work is kept.\n"
