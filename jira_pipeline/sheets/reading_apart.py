"""Sheets are read in a process of their own where one process serves everybody.

Belongs here: that process, its limits of time and memory, and what is said where it meets one. Does
not: reading (`sheets/reading`), grouping, asking. A child is forked from a server that has
imported what it needs; it can be killed, and whoever waits for it is told what took so long.
"""

import os
import resource
import signal
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from traceback import format_exc
from types import FrameType, TracebackType
from typing import Final, TypeVar, cast

from typing_extensions import override

from jira_pipeline.model.entities import Entity, RowSource
from jira_pipeline.model.errors import PipelineError, ReadingLimitError
from jira_pipeline.model.sessions import ColumnMeanings, OwnerBlank
from jira_pipeline.model.source_tables import FolderReading, SourceTable
from jira_pipeline.model.specification_source import EntityReading, SpecificationSource

READING_MAX_SECONDS: Final = 60.0
"""Of time and of CPU time; the largest specification we know of takes two."""
READING_MAX_BYTES: Final = 2_000_000_000
_KILLED_AFTER_SECONDS = 5.0
"""What does not stop by itself after the limit is ended."""
_BEGINS_WITHIN_SECONDS = 30
"""On a busy machine a child takes a while until its own time begins."""
PRELOADED: Final = (
    "jira_pipeline.sheets.sources",
    "jira_pipeline.sheets.sheet_linting",
    "jira_pipeline.sheets.reading.entities",
    "jira_pipeline.tickets.grouping.grouping",
    "jira_pipeline.sharedo.reading.reading",
)
_ROOT = "jira_pipeline"
_CHILDREN = get_context("forkserver")

Read = TypeVar("Read")


class ReadingApart(SpecificationSource):
    """A source whose sheets are read, grouped and asked about in another process, within limits."""

    def __init__(
        self,
        source: SpecificationSource,
        *,
        seconds_max: float = READING_MAX_SECONDS,
        bytes_max: int = READING_MAX_BYTES,
        imported: Sequence[str] = PRELOADED,
    ) -> None:
        """Read with another source; nothing is started yet.

        Children find these modules imported; what else their work needs each imports for itself.
        """
        _CHILDREN.set_forkserver_preload([*imported])
        self._source = source
        self._seconds_max = seconds_max
        self._bytes_max = bytes_max
        self._turns = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))
        self._lock = threading.Lock()
        self._children: set[BaseProcess] = set()
        self._is_closed = False

    @override
    def read_folder(
        self,
        folder: Path,
        *,
        columns: ColumnMeanings,
        owner_blank: OwnerBlank | None = None,
        encoding: str | None = None,
        layout: bytes | None = None,
    ) -> FolderReading:
        """Read a folder with the source, in this process."""
        return self._source.read_folder(
            folder, columns=columns, owner_blank=owner_blank, encoding=encoding, layout=layout
        )

    @override
    def read_entities(self, tables: Sequence[SourceTable]) -> EntityReading:
        return self._source.read_entities(tables)

    @override
    def run_in_subprocess(self, work: Callable[[SpecificationSource], Read]) -> Read:
        """Return what work on the source makes of it in a child; what it raises is raised here.

        No more children work at a time than there are processors; others wait for their turn.

        Raises:
            ReadingLimitError: It took more time or memory than there is, or was ended.
        """
        with self._turns:
            receiving, sending = _CHILDREN.Pipe(duplex=False)
            child = _CHILDREN.Process(
                target=_work_within,
                args=(sending, work, self._source, self._seconds_max, self._bytes_max),
                daemon=True,
            )
            with receiving:
                with sending, self._lock:
                    if self._is_closed:
                        raise ReadingLimitError(
                            "The program is stopping; the sheets were not read."
                        )
                    child.start()
                    self._children.add(child)
                try:
                    return cast("Read", self._answer(receiving))
                finally:
                    child.kill()
                    child.join()
                    with self._lock:
                        self._children.discard(child)

    @override
    def close(self) -> None:
        """End what is read now; whoever waits for it gets an error. Nothing more is read."""
        with self._lock:
            self._is_closed = True
            children = tuple(self._children)
        for child in children:
            child.kill()

    def _answer(self, receiving: Connection) -> object:
        answer: object = None
        with suppress(EOFError):  # it was killed
            if receiving.poll(self._seconds_max + _BEGINS_WITHIN_SECONDS):
                answer = receiving.recv()
        if isinstance(answer, PipelineError):
            raise answer
        if isinstance(answer, _Fault):
            raise RuntimeError(answer.trace)  # noqa: TRY004 - a fault of ours, elsewhere
        if isinstance(answer, tuple):
            return answer[0]
        if isinstance(answer, str):
            raise ReadingLimitError(answer)
        raise ReadingLimitError(
            "The program is stopping; the sheets were not read."
            if self._is_closed
            else f"{_took(self._seconds_max)}, or more memory than there is."
        )


@dataclass(frozen=True, slots=True)
class _Fault:
    """A mistake of ours, as it was seen in the child."""

    trace: str


class _TooLong(BaseException):
    """Time is up; no rule may catch it."""


def _work_within(
    sending: Connection,
    work: Callable[[SpecificationSource], object],
    source: SpecificationSource,
    seconds_max: float,
    bytes_max: int,
) -> None:
    """Send what work makes of a source as a tuple of one, or a sentence on the limit that it met."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started this ends it
    whole = int(time.process_time() + seconds_max) + 1  # importing took its share
    resource.setrlimit(resource.RLIMIT_CPU, (whole, whole + int(_KILLED_AFTER_SECONDS)))
    resource.setrlimit(resource.RLIMIT_AS, (bytes_max, bytes_max))
    for number in (signal.SIGALRM, signal.SIGXCPU):
        signal.signal(number, _raise_too_long)
    answer: object
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds_max)
        answer = (work(source),)
        signal.setitimer(signal.ITIMER_REAL, 0)
    except _TooLong as error:
        answer = f"{_took(seconds_max)}: {_place_in(error.__traceback__)}."
    except MemoryError as error:
        place = _place_in(error.__traceback__)
        answer = f"The sheets need more than {bytes_max // 1_000_000} MB of memory: {place}."
    except PipelineError as error:
        answer = error
    except Exception:  # noqa: BLE001 - it is raised where somebody waits
        answer = _Fault(format_exc())
    sending.send(answer)


def _raise_too_long(_number: int, _frame: FrameType | None) -> None:
    raise _TooLong


def _took(seconds_max: float) -> str:
    return f"The sheets took longer than {seconds_max:g} s"


def _place_in(traceback: TracebackType | None) -> str:
    """Say which file and row something was about, as far as it shows, and what read it."""
    place = ""
    rule = ""
    while traceback is not None:
        frame = traceback.tb_frame
        module = frame.f_globals.get("__name__", "")
        if module.startswith(f"{_ROOT}.") and module != __name__:
            rule = f"{module.removeprefix(f'{_ROOT}.')}.{frame.f_code.co_qualname}"
        for value in frame.f_locals.values():
            source = value.source if isinstance(value, Entity) else getattr(value, "place", None)
            if isinstance(source, RowSource):
                place = f"{source.file}, {source.citation}"
        traceback = traceback.tb_next
    return ", ".join(filter(None, (place, rule))) or "no row shows"
