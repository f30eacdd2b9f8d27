"""What the kept upload of a session was read to: from the store, or read this once for good.

Belongs here: which reading of an upload counts; reading uploads of programs that kept no readings,
when the store is opened or somebody needs one. Does not: the copy of the files (`kept_uploads`),
how a reading is written (`stored_readings`), its rows (`store/upload_readings`).
"""

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from jira_pipeline.context.pipeline import Pipeline, holder_name
from jira_pipeline.model.errors import (
    LayoutNeededError,
    LeaseBusyError,
    PipelineError,
    StoreBusyError,
    StoreError,
    system_message,
)
from jira_pipeline.model.kept_files import content_sha256, file_sha256, upload_place
from jira_pipeline.model.sessions import SessionManifest
from jira_pipeline.model.source_tables import FolderReading
from jira_pipeline.model.specification_source import SpecificationSource
from jira_pipeline.model.upload_readings import ReadingState, UploadReading
from jira_pipeline.sheets.layout_beside import layout_beside
from jira_pipeline.sheets.manifest import read_manifest
from jira_pipeline.sheets.stored_readings import (
    FORMAT,
    UnreadableReadingError,
    read_reading,
    write_reading,
)
from jira_pipeline.sheets.upload_reading import upload_path_of

ALL_AT_ONCE_SECONDS = 60.0
"""So long the first program of this version reads uploads of older ones; a large one takes 0.3 s.
What is left then is read when it is needed, or when the store is opened next."""
PROGRESS_EVERY_SECONDS = 2.0
_LEASE = "upload readings"
logger = logging.getLogger(__name__)


def stored_reading(
    pipeline: Pipeline, session_key: str, content_sha256: str
) -> FolderReading | None:
    """Return what an upload was read to; None where the store has no reading, or cannot decode it.

    Raises:
        LayoutNeededError: No reader of this program reads it.
    """
    stored = pipeline.store.upload_readings.find(session_key, content_sha256)
    if stored is not None and stored.state is ReadingState.NEEDS_LAYOUT:
        raise LayoutNeededError(session_key=session_key)
    if stored is None or stored.state is not ReadingState.READ:
        return None
    try:
        return read_reading(stored.reading, stored_format=stored.format_version)
    except UnreadableReadingError as error:
        logger.warning("the stored reading of session %s is not used: %s", session_key, error)
        return None


def reading_to_keep(
    pipeline: Pipeline, session_key: str, content_sha256: str, reading: FolderReading
) -> UploadReading:
    """Return a reading as the store keeps it; of one that needs a layout, only that it does."""
    if reading.needs_layout:
        return UploadReading(
            session_key=session_key,
            content_sha256=content_sha256,
            state=ReadingState.NEEDS_LAYOUT,
            read_at=pipeline.clock.now(),
        )
    return UploadReading(
        session_key=session_key,
        content_sha256=content_sha256,
        state=ReadingState.READ,
        format_version=FORMAT,
        reading=write_reading(reading),
        read_at=pipeline.clock.now(),
    )


def keep_reading(pipeline: Pipeline, reading: UploadReading) -> None:
    """Keep a reading for later processes; where the store takes nothing now, they read it again."""
    try:
        pipeline.store.upload_readings.keep(reading)
    except (StoreError, StoreBusyError) as error:
        logger.info("the reading of session %s is not kept: %s", reading.session_key, error.message)


def read_older_upload(
    pipeline: Pipeline, folder: Path, manifest: SessionManifest, *, session_key: str
) -> FolderReading:
    """Read the files of a kept upload as the program did that registered it.

    Raises:
        LayoutNeededError: No reader of this program does.
    """
    read = partial(_read_as_before, folder, manifest, layout_beside(folder))
    reading = pipeline.source.run_in_subprocess(read)
    if reading.needs_layout:
        raise LayoutNeededError(session_key=session_key)
    return reading


def _read_as_before(
    folder: Path, manifest: SessionManifest, layout: bytes | None, source: SpecificationSource
) -> FolderReading:
    return source.read_folder(
        folder,
        columns=manifest.columns,
        owner_blank=manifest.owner_blank,
        encoding=manifest.encoding,
        layout=layout,
    )


def read_uploads_of_older_programs(
    pipeline: Pipeline,
    *,
    show_progress: Callable[[str], None],
    monotonic: Callable[[], float] = time.monotonic,
) -> None:
    """Read the uploads of an upgraded store once, and keep what they were read to.

    Nothing stops here: an upload that is damaged is noted as unreadable, and what is left after
    `ALL_AT_ONCE_SECONDS` is read later. Where another process does the same, this one goes on.
    """
    try:
        with pipeline.store.leases.hold(_LEASE, holder=holder_name("reading kept uploads")):
            pending = pipeline.store.upload_readings.pending()
            began = monotonic()
            show_at = PROGRESS_EVERY_SECONDS
            for count, upload in enumerate(pending):
                seconds = monotonic() - began
                if seconds > ALL_AT_ONCE_SECONDS:
                    left = len(pending) - count
                    show_progress(f"Uploads left to be read later, when they are needed: {left}.")
                    return
                if seconds > show_at:
                    show_progress(
                        f"Reading uploads of the older version once: {count} of {len(pending)} …"
                    )
                    show_at = seconds + PROGRESS_EVERY_SECONDS
                _read_pending(pipeline, upload)
    except (LeaseBusyError, StoreBusyError, StoreError) as error:
        logger.info("kept uploads are read when they are needed: %s", error.message)


def _read_pending(pipeline: Pipeline, upload: UploadReading) -> None:
    """Read one upload and keep what it was read to, or why it could not be read."""
    store = pipeline.store
    key = upload.session_key
    session = store.sessions.find(key)
    if session is None:  # it was removed meanwhile, and this with it
        return
    is_current = session.content_sha256 == upload.content_sha256
    try:
        folder = store.files.folder(upload_place(upload_path_of(key, upload.content_sha256)))
        if not folder.is_dir() and not is_current:
            store.upload_readings.forget(upload)
            return
        refuse_other_content(folder, upload.content_sha256)
        manifest = session.manifest if is_current else read_manifest(folder)
        reading = read_older_upload(pipeline, folder, manifest, session_key=key)
        kept = reading_to_keep(pipeline, key, upload.content_sha256, reading)
    except LayoutNeededError:
        kept = replace(upload, state=ReadingState.NEEDS_LAYOUT, read_at=pipeline.clock.now())
    except PipelineError as error:
        kept = _unreadable(pipeline, upload, error.message)
    except Exception:
        # A fault of the reader must not keep everybody from a store that was upgraded.
        logger.exception("an upload of session %s was not read", key)
        kept = _unreadable(pipeline, upload, "a mistake of this program, which the log shows")
    store.upload_readings.keep(kept)


def refuse_other_content(folder: Path, expected_sha256: str) -> None:
    """Stop where the files of a kept upload are gone, or are not those that were uploaded.

    Raises:
        StoreError: They are.
    """
    if not folder.is_dir():
        raise StoreError(f"{folder} is missing.")
    try:
        paths = [path for path in folder.iterdir() if not path.name.startswith(".")]
        hashes = {path.name: file_sha256(path) for path in paths}
    except OSError as error:
        raise StoreError(f"{folder} cannot be read: {system_message(error)}.") from error
    if content_sha256(hashes) != expected_sha256:
        raise StoreError(f"The files in {folder} are not those that were uploaded.")


def _unreadable(pipeline: Pipeline, upload: UploadReading, reason: str) -> UploadReading:
    return replace(
        upload,
        state=ReadingState.UNREADABLE,
        unreadable_because=reason,
        read_at=pipeline.clock.now(),
    )
