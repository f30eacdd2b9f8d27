"""One process for one peer, asked line by line.

Belongs here: starting, asking, and ending one that takes too long. Does not: which peers there
are (`catalogue`).
"""

import json
import select
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

_START_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a converter made of one source."""

    document: dict[str, Any] | None
    """`None` = it failed; `error` says how."""
    seconds: float
    error: str = ""


class PeerProcess:
    """A driver that runs until it is closed, and is started again after it took too long."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None

    def convert(self, source: str, *, timeout_seconds: float) -> Answer:
        """Convert one source; a crash, an error or the end of its time is no document."""
        is_new = self._process is None
        process = self._running()
        line = json.dumps(source).encode() + b"\n"
        if process.stdin is None or process.stdout is None:
            raise AssertionError("The process was started with pipes.")
        try:
            process.stdin.write(line)
            process.stdin.flush()
        except BrokenPipeError:
            self.close()
            return Answer(document=None, seconds=0.0, error="crashed")
        allowed_seconds = timeout_seconds + (_START_SECONDS if is_new else 0)
        ready, _, _ = select.select([process.stdout], [], [], allowed_seconds)
        written = process.stdout.readline() if ready else b""
        if not written:
            self.close()
            error = "crashed" if ready else f"not done in {timeout_seconds:g} s"
            return Answer(document=None, seconds=timeout_seconds, error=error)
        answer = json.loads(written)
        return Answer(
            document=answer.get("document"),
            seconds=answer["seconds"],
            error=answer.get("error", ""),
        )

    def close(self) -> None:
        """End the process, if it runs."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(
                list(self._command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        return self._process


StartPeer = Callable[[], PeerProcess]
