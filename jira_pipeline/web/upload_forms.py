"""The form by which files are sent, from a page or by a program: it is read within limits.

Belongs here: reading it, its files, what is no file where one belongs. Does not: what becomes of the
files (`sessions/incoming`), how large a form may be (`request_limits`).
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, BinaryIO, TypeAlias

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from jira_pipeline.model.errors import InputError
from jira_pipeline.web.context import Reviewer, TheWeb

KEY_CHARACTERS_MAX = 200
SITE_NAME_CHARACTERS_MAX = 200
FIELDS_MAX = 10
"""Fields of an upload beside its files; the form of the page sends two."""
SETTINGS_FILES_COUNT = 2
"""`session.yaml` and `layout.yaml`, which come along with the files that are counted."""


async def _read_form(request: Request, web: TheWeb, _person: Reviewer) -> AsyncIterator[FormData]:
    """Read the form of an upload, and close its files once the answer is made.

    It asks for the person first, so that nothing is read of whoever may not send files.
    """
    files_max = web.pipeline.settings.upload_max_files
    try:
        form = await request.form(max_files=files_max + SETTINGS_FILES_COUNT, max_fields=FIELDS_MAX)
    except HTTPException as error:  # its own page would not say what is wrong with the form
        raise InputError(
            f"The files could not be taken: {error.detail}",
            recovery_actions=(f"Send at most {files_max} files and their session.yaml at once.",),
        ) from error
    try:
        yield form
    finally:
        await form.close()


UploadForm: TypeAlias = Annotated[FormData, Depends(_read_form)]


def sent_files(form: FormData, name: str) -> list[tuple[str, BinaryIO]]:
    """Return the files in a field of a form, each with its name without folders.

    A field in which nobody chose a file is sent as one without a name: it is left out.
    """
    files: list[tuple[str, BinaryIO]] = []
    for file in form.getlist(name):
        if isinstance(file, UploadFile) and file.filename:
            files.append((Path(file.filename).name, file.file))
    return files


def refuse_other_files(form: FormData) -> None:
    """Refuse a form in which a program sends a file as another field, or text in place of a file.

    Without that it would be told that nothing was sent.

    Raises:
        InputError: It names the first such field.
    """
    for name, value in form.multi_items():
        is_file = isinstance(value, UploadFile)
        if (is_file and name != "files") or (name == "files" and not is_file):
            raise InputError(
                f"The field {name[:KEY_CHARACTERS_MAX]!r} was not read, so nothing was saved.",
                recovery_actions=("Send each file with its name as a field `files`.",),
            )
