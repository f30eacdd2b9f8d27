"""What is read out of requests to the sandbox, and refusals in Jira's form.

Belongs here: reading JSON and files out of bodies. Does not: requests and responses themselves
(`sandbox_http`), whose request it is (`dispatch`), what is answered (`*_calls`), keeping files
(`issue_part_calls`).

Whatever reads or answers a call refuses it by raising what `refuse` and `refuse_fields` make;
`dispatch` undoes what was begun and says it.

Source of form data: RFC 7578 and RFC 2046, section 5.1.1 (boundaries).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from email.message import Message
from email.parser import HeaderParser
from http import HTTPStatus
from typing import TypeGuard

from jira_pipeline.jira.sandbox_http.requests import (
    SandboxRequest,
    SandboxResponse,
    answer_json,
    compact_json,
)
from jira_pipeline.model.errors import RefusedError

ISSUE_NOT_FOUND = "Issue does not exist or you do not have permission to see it."
NOT_SIGNED_IN = "Client must be authenticated to access this resource."

LONGEST_ID = 18
"""Digits that surely fit SQLite's 64-bit integers."""

JsonObject = Mapping[str, object]

FIELD_NAME = "file"
FEWEST_PIECES = 2
"""A body split at its boundaries has something before the first and after the last."""


def is_object(value: object) -> TypeGuard[JsonObject]:
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


def answer_refusal(refusal: RefusedError, *, path: str) -> SandboxResponse:
    """Answer as Jira's error collection says it, and as a problem where the media type is wrong."""
    if refusal.status_code != HTTPStatus.UNSUPPORTED_MEDIA_TYPE:
        return answer_json(error_collection(refusal), status=refusal.status_code or 400)
    title = HTTPStatus.UNSUPPORTED_MEDIA_TYPE.phrase
    problem = {"title": title, "detail": refusal.message, "instance": path}
    answer = answer_json(problem, status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    return replace(answer, headers={"content-type": "application/problem+json;charset=UTF-8"})


def error_collection(refusal: RefusedError) -> dict[str, object]:
    """Write a refusal as Jira's error collection."""
    messages = [] if refusal.field_errors else [refusal.message]
    return {"errorMessages": messages, "errors": refusal.field_errors}


def refuse(message: str, *, status: int = 400) -> RefusedError:
    """Make the refusal of a whole request."""
    return RefusedError(message, status_code=status)


def refuse_fields(errors: Mapping[str, str]) -> RefusedError:
    """Make the refusal of single fields."""
    return RefusedError("; ".join(errors.values()), field_errors=dict(errors), status_code=400)


def refuse_media_type(request: SandboxRequest) -> RefusedError:
    """Make the refusal of a body that is not what its call reads, whatever its bytes are.

    Source: answers of a Jira Cloud site, brekkylab/backlot issue 191, 2026-09-11.
    """
    media_type = request.headers.get("content-type", "null").partition(";")[0].strip()
    return refuse(
        f"Content-Type '{media_type}' is not supported.", status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    )


def refuse_unknown_issue() -> RefusedError:
    """Make the refusal of an issue that is not there or not to be seen."""
    return refuse(ISSUE_NOT_FOUND, status=404)


def is_json(request: SandboxRequest) -> bool:
    media_type = request.headers.get("content-type", "").partition(";")[0]
    return media_type.strip().lower() == "application/json"


def read_value(body: bytes) -> object:
    """Read a request body that has to be JSON."""
    try:
        value: object = json.loads(body, parse_constant=_refuse_constant)
        if b"\\u" in body:
            compact_json(value).encode("utf-8")  # half a surrogate pair cannot be stored
    except (ValueError, RecursionError) as error:
        raise refuse(
            "There was an error parsing JSON. Check that your request body is valid."
        ) from error
    return value


def _refuse_constant(name: str) -> object:
    """Refuse NaN and Infinity, which Python takes and JSON does not know."""
    raise ValueError(name)


def read_id(text: str) -> int | None:
    """Read a number that may be an id in the tables; None when it cannot be one."""
    return int(text) if text.isdecimal() and len(text) <= LONGEST_ID else None


def text_list(value: object, *, name: str) -> list[str]:
    """Read an array of strings or numbers; absent is empty."""
    if value is None:
        return []
    if not is_array(value) or not all(isinstance(item, str | int) for item in value):
        raise refuse(f"Can not deserialize '{name}': an array of strings is expected.")
    return [str(item) for item in value]


def split_names(values: Sequence[str]) -> list[str]:
    """Split query values that hold comma-separated names."""
    return [name.strip() for value in values for name in value.split(",") if name.strip()]


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedFile:
    filename: str
    mime_type: str
    content: bytes


def read_files(request: SandboxRequest) -> list[UploadedFile]:
    """Return the files of the field `file`, in order."""
    media_type = Message()
    media_type["content-type"] = request.headers.get("content-type", "")
    boundary = media_type.get_boundary()
    if media_type.get_content_type() != "multipart/form-data" or not boundary:
        raise refuse_media_type(request)
    parts = (b"\r\n" + request.body).split(b"\r\n--" + boundary.encode("ascii", "replace"))
    if len(parts) < FEWEST_PIECES or not parts[-1].startswith(b"--"):
        raise refuse("The multipart body ends before its closing boundary.")
    files = []
    for part in parts[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        headers = HeaderParser().parsestr(head.decode("utf-8", "replace"))
        filename = headers.get_filename()
        if headers.get_param("name", header="content-disposition") != FIELD_NAME or not filename:
            continue
        # Browsers and httpx escape quotes and line ends.
        for escaped, letter in (("%22", '"'), ("%0D", ""), ("%0A", "")):
            filename = filename.replace(escaped, letter)
        # Of a path Jira keeps the last part.
        base_name = filename.replace("\\", "/").rpartition("/")[2] or FIELD_NAME
        files.append(
            UploadedFile(filename=base_name, mime_type=headers.get_content_type(), content=content)
        )
    return files
