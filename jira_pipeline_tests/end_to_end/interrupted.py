"""What a forked child does that becomes a command and is interrupted while a step of it is at work.

Belongs here: what happens in the child. Does not: starting it and what came of it (`test_interruptions`).
"""

import importlib
import os
import signal
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dagster as dg

from jira_pipeline.context import interruptions
from jira_pipeline.context.interruptions import STOPPING
from jira_pipeline.dagster_port.interruptible_waits import have_interruptions_end_waits
from jira_pipeline_tests.end_to_end.commands import become

HANDLED = "handled"
"""Said by a handler; signals that come before it has its turn are one."""
SAID_WITHIN_SECONDS = 60.0
WAIT_SECONDS = 600
"""Longer than any test may take."""


def become_interrupted(command: Sequence[str], *, at: str, output_path: Path, **home: Any) -> None:
    """Run a command; a function, named `module:function`, gets Ctrl-C when it begins, once.

    Where that is not in the main thread, it goes on as soon as the command said that it stops.
    """
    module_name, _, name = at.partition(":")
    module = importlib.import_module(module_name)
    step = getattr(module, name)

    def interrupt_and_go_on(*arguments: Any, **named: Any) -> Any:
        setattr(module, name, step)
        os.kill(os.getpid(), signal.SIGINT)
        if threading.current_thread() is not threading.main_thread():
            latest = time.monotonic() + SAID_WITHIN_SECONDS
            while STOPPING not in output_path.read_text() and time.monotonic() < latest:
                time.sleep(0.01)
        return step(*arguments, **named)

    setattr(module, name, interrupt_and_go_on)
    become(command, output_path=output_path, **home)


def wait_for_another_try(begun: Any) -> None:
    """Run a job whose only step waits for its next try; `begun` is set as that wait begins."""

    @dg.op
    def wait() -> None:
        begun.set()
        raise dg.RetryRequested(seconds_to_wait=WAIT_SECONDS)

    @dg.job
    def waiting() -> None:
        wait()

    signal.signal(signal.SIGINT, signal.default_int_handler)
    have_interruptions_end_waits()
    waiting.execute_in_process()


def work_on(ready: Any, *, ends_after: int, ending_seconds: float) -> None:
    """Say each interruption, and end as soon as the handler saw `ends_after` of them."""
    interruptions.SAYING_SECONDS = 0.0
    interruptions.ENDING_SECONDS = ending_seconds
    seen = list[int]()

    def handle(number: int, _frame: object) -> None:
        seen.append(number)
        ready.send(HANDLED)

    signal.signal(signal.SIGINT, handle)
    with interruptions.noticed_interruptions(ready.send):
        ready.send("ready")
        while len(seen) < ends_after:
            time.sleep(0.01)
    ready.send("ended by itself")
