"""Reading files out of a multipart/form-data body.

Not here: keeping them (`attachment_calls`).
Source: RFC 7578 (form data) and RFC 2046, section 5.1.1 (boundaries).
"""

from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser

from jira_pipeline.jira_sandbox.exchange import SandboxRequest, refuse, refuse_media_type

FIELD_NAME = "file"
FEWEST_PIECES = 2
"""A body split at its boundaries has something before the first and after the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedFile:
    """One file of a request."""

    filename: str
    mime_type: str
    content: bytes


def read_files(request: SandboxRequest) -> list[UploadedFile]:
    """Return the files of the field `file`, in order.

    Raises:
        RefusedError: The body is not complete multipart form data.
    """
    media_type = Message()
    media_type["content-type"] = request.headers.get("content-type", "")
    boundary = media_type.get_boundary()
    if media_type.get_content_type() != "multipart/form-data" or not boundary:
        raise refuse_media_type(request)
    parts = (b"\r\n" + request.body).split(b"\r\n--" + boundary.encode("ascii", "replace"))
    if len(parts) < FEWEST_PIECES or not parts[-1].startswith(b"--"):
        raise refuse("The multipart body ends before its closing boundary.")
    files = [_read_part(part) for part in parts[1:-1]]
    return [file for file in files if file is not None]


def _read_part(part: bytes) -> UploadedFile | None:
    head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    headers = HeaderParser().parsestr(head.decode("utf-8", "replace"))
    name = headers.get_param("name", header="content-disposition")
    filename = headers.get_filename()
    if name != FIELD_NAME or not filename:
        return None
    return UploadedFile(
        filename=_base_name(_unescape(filename)),
        mime_type=headers.get_content_type(),
        content=content,
    )


def _unescape(filename: str) -> str:
    """Undo what browsers and httpx do to quotes and line ends in a file name."""
    for escaped, letter in (("%22", '"'), ("%0D", ""), ("%0A", "")):
        filename = filename.replace(escaped, letter)
    return filename


def _base_name(filename: str) -> str:
    """Keep the last part of a path, as Jira does."""
    return filename.replace("\\", "/").rpartition("/")[2] or FIELD_NAME
