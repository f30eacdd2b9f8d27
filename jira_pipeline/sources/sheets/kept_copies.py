"""The immutable copy of a session's files: made once, checked whenever it is read, restored.

Belongs here: copying beside where a copy will be kept, checking whether it is still what was
uploaded. Does not: where it is kept (`model/kept_files`), what the files say (`upload_reading`,
`session_contents`).
"""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.entities import SourceFile
from jira_pipeline.model.errors import StoreError, system_message
from jira_pipeline.model.file_hashes import content_sha256, file_sha256
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.sources.sheets.manifest import MANIFEST_NAMES

_READ_ONLY = 0o400


@contextmanager
def copied(folder: Path, names: Sequence[str], *, staging_path: Path) -> Iterator[Path]:
    """Copy files beside where they will be kept, so that keeping them is one rename.

    Raises:
        StoreError: They cannot be written there, or cannot be read any more.
    """
    try:
        staging_path.mkdir(parents=True, exist_ok=True)
        incoming = tempfile.TemporaryDirectory(dir=staging_path, prefix=".incoming-")
    except OSError as error:
        raise _not_copied(folder.name, staging_path, error) from error
    with incoming as path:
        copy = Path(path, "files")
        try:
            copy.mkdir()
            for name in names:
                shutil.copyfile(folder / name, copy / name, follow_symlinks=False)
                (copy / name).chmod(_READ_ONLY)
        except OSError as error:
            raise _not_copied(folder.name, staging_path, error) from error
        yield copy


def refuse_altered_copy(
    session: UploadSession,
    *,
    registered: Sequence[SourceFile],
    read: Sequence[SourceFile],
    folder: Path,
) -> None:
    """Stop where a kept copy is not what was uploaded; `read` is what was read of it just now.

    What was read is not hashed again. The registered files serve to name what is wrong.

    Raises:
        StoreError: Files differ, are missing or were added; the message names them.
    """
    hashes = {file.file_name: file.sha256 for file in read}
    try:
        names = {path.name for path in folder.iterdir() if not path.name.startswith(".")}
        hashes |= {name: file_sha256(folder / name) for name in names - hashes.keys()}
    except OSError as error:
        raise _altered(
            session, f"{error.filename} cannot be read: {system_message(error)}"
        ) from error
    if content_sha256(hashes) == session.content_sha256:
        return
    known = {file.file_name: file.sha256 for file in registered}
    missing = [f"{name} is missing" for name in sorted(known.keys() - names)]
    added = [f"{name} was added" for name in sorted(names - known.keys() - set(MANIFEST_NAMES))]
    differing = [
        f"{name} differs" for name in sorted(known) if hashes.get(name, known[name]) != known[name]
    ]
    faults = [*differing, *missing, *added] or ["session.yaml differs"]
    raise _altered(session, "; ".join(faults))


def refuse_missing_copy(session: UploadSession, folder: Path) -> None:
    """Stop where the kept copy of a session is gone.

    Raises:
        StoreError: There is no such folder.
    """
    if not folder.is_dir():
        raise _altered(session, f"{folder} is missing")


def _altered(session: UploadSession, what: str) -> StoreError:
    key = session.session_key
    return StoreError(
        f"The kept copy of session {key} is not what was uploaded: {what}. Nothing was read of it.",
        recovery_actions=(
            Action.of(
                ActionKind.UPLOAD,
                f"Upload the same {session.source_word} again: {{}}.",
                session=key,
            ),
            "This restores the copy; then start again.",
        ),
    )


def _not_copied(name: str, staging_path: Path, error: OSError) -> StoreError:
    return StoreError.because(
        error,
        f"The files of {name} could not be copied to {staging_path}: {system_message(error)}.",
        recovery_actions=(
            "Check that the disk has room and that the folder may be written, then upload again.",
        ),
    )
