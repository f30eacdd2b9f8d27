"""Opens a `Pipeline`: the settings, the store and the adapters that one process works with.

Belongs here: which adapter implements which role. Does not: Jira (`context/trackers`), writers
(`writing/writers`), one session (`review/open_session`). Every command imports this module, so what
only some commands need is imported inside functions.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

from jira_pipeline.context.background import Background
from jira_pipeline.context.pipeline import Pipeline, SystemClock, make_data_home
from jira_pipeline.context.session_memory import SessionMemory
from jira_pipeline.context.settings import Settings
from jira_pipeline.model.clock import Clock
from jira_pipeline.model.specification_source import SpecificationSource
from jira_pipeline.sheets.sources import UploadedSource
from jira_pipeline.store.store import open_store, open_store_to_read

logger = logging.getLogger(__name__)
READ_FOR_PAGES = "jira_pipeline.sessions.layouts"
"""The module that the reading process of a server imports first: each view of a layout needs it."""


def open_pipeline(
    settings: Settings,
    *,
    clock: Clock | None = None,
    is_serving: bool = False,
    memory: SessionMemory | None = None,
    show_progress: Callable[[str], None] = logger.info,
) -> Pipeline:
    """Open the store and choose the adapters that the settings ask for.

    A server reads sheets in a process of their own, with limits. `memory` is that of another
    pipeline of the same home, so that both share what they read. After an upgrade all stored
    uploads are read once, which may take a while: `show_progress` gets sentences about it.
    """
    make_data_home(settings)
    source: SpecificationSource = UploadedSource(settings=settings)
    background = Background(time.monotonic) if is_serving else None
    if is_serving:
        from jira_pipeline.sheets.reading_apart import PRELOADED, ReadingApart  # noqa: PLC0415 - few serve

        source = ReadingApart(source, imported=(*PRELOADED, READ_FOR_PAGES))
    pipeline = Pipeline(
        settings=settings,
        store=open_store(settings.database_url, lock_path=settings.home_path / "store.lock"),
        source=source,
        clock=clock or SystemClock(),
        background=background,
        memory=memory or SessionMemory(),
    )
    if pipeline.store.upload_readings.pending():
        from jira_pipeline.sheets.kept_readings import read_uploads_of_older_programs  # noqa: PLC0415 - after an upgrade alone

        read_uploads_of_older_programs(pipeline, show_progress=show_progress)
    return pipeline


@contextmanager
def reading_apart(pipeline: Pipeline) -> Iterator[Pipeline]:
    """Give a pipeline that reads files in another process, within limits of time and memory.

    It takes a second or two to start. So runs use it for new uploads, which may be harmful, and not
    for stored copies.
    """
    from jira_pipeline.sheets.reading_apart import ReadingApart  # noqa: PLC0415 - as above

    with closing(ReadingApart(pipeline.source)) as source:
        yield replace(pipeline, source=source)


def open_pipeline_to_read(settings: Settings) -> Pipeline:
    """Open the store of another process to read it: nothing is made, and nothing can be written.

    Raises:
        StoreError: There is no store, or it is of another version than this program.
    """
    return Pipeline(
        settings=settings,
        store=open_store_to_read(
            settings.database_url, lock_path=settings.home_path / "store.lock"
        ),
        source=UploadedSource(settings=settings),
        clock=SystemClock(),
        background=None,
        memory=SessionMemory(),
    )
