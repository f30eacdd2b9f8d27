"""One call: who asks, what may be seen and done, what is read of the request, how it is refused.

Belongs here: the value that every answer is made from, tables of routes, pages, refusals in Jira's
form. Does not: fields (`issue_fields`), what is answered (`*_calls`), which call it is (`sandbox`).

Whatever reads or answers a call refuses it by raising what `refuse` and `refuse_fields` make;
`sandbox` undoes what was begun and says it.
"""

import json
import re
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message
from email.parser import HeaderParser
from functools import cached_property
from http import HTTPStatus
from itertools import chain
from typing import TypeGuard, TypeVar
from urllib.parse import parse_qs

from jira_pipeline.jira.sandbox.sandbox_site import (
    ISSUE_TYPES,
    PRIORITIES,
    IssueType,
    Priority,
    User,
    find_users,
    kind_of,
)
from jira_pipeline.jira.sandbox_http import (
    Rows,
    SandboxRequest,
    SandboxResponse,
    answer_json,
    compact_json,
)
from jira_pipeline.model.errors import RefusedError

ISSUE_NOT_FOUND = "Issue does not exist or you do not have permission to see it."
NOT_SIGNED_IN = "Client must be authenticated to access this resource."
BROWSE = "BROWSE_PROJECTS"
LONGEST_ID = 18
"""Digits that surely fit SQLite's 64-bit integers."""
DEPTH_MAX = 1_000
"""Levels of a body. Source: Jackson, `StreamReadConstraints`, 2.15; Python 3.13 reads nine times
as many, and 3.12 a few less."""
FILE_FIELD = "file"
Item = TypeVar("Item")
JsonObject = Mapping[str, object]


def is_object(value: object) -> TypeGuard[JsonObject]:
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


def refuse(message: str, *, status: int = 400) -> RefusedError:
    """Make the refusal of a whole request."""
    return RefusedError(message, status_code=status)


def refuse_fields(errors: Mapping[str, str]) -> RefusedError:
    """Make the refusal of single fields."""
    return RefusedError("; ".join(errors.values()), field_errors=dict(errors), status_code=400)


def error_collection(refusal: RefusedError) -> dict[str, object]:
    """Write a refusal as Jira's error collection."""
    messages = [] if refusal.field_errors else [refusal.message]
    return {"errorMessages": messages, "errors": refusal.field_errors}


def read_id(text: str) -> int | None:
    """Read a number that may be an id in the tables; None when it cannot be one."""
    return int(text) if text.isdecimal() and len(text) <= LONGEST_ID else None


def read_value(body: bytes) -> object:
    """Read a request body that has to be JSON."""
    try:
        value: object = json.loads(body, parse_constant=_refuse_constant)
        if b"\\u" in body:
            compact_json(value).encode("utf-8")  # half a surrogate pair cannot be stored
        if body.count(b"{") + body.count(b"[") > DEPTH_MAX:
            _require_shallow(value)
    except (ValueError, RecursionError) as error:
        text = "There was an error parsing JSON. Check that your request body is valid."
        raise refuse(text) from error
    return value


def _require_shallow(value: object) -> None:
    level = [value]
    depth = 0
    while level:
        parts = [part for part in level if is_array(part)]
        parts += [list(part.values()) for part in level if is_object(part)]
        level, depth = list(chain.from_iterable(parts)), depth + 1
        if depth > DEPTH_MAX:
            raise ValueError(depth)


def _refuse_constant(name: str) -> object:
    """Refuse NaN and Infinity, which Python takes and JSON does not know."""
    raise ValueError(name)


def read_choice(value: object, *names: str) -> str | None:
    """Return the first of the names that a JSON object has, as a text; None where it has none."""
    parts = [value.get(name) for name in names] if is_object(value) else []
    texts = [
        str(part) for part in parts if isinstance(part, str | int) and not isinstance(part, bool)
    ]
    return next(iter(texts), None)


def text_list(value: object, *, name: str) -> list[str]:
    """Read an array of strings or numbers; absent is empty."""
    if value is None:
        return []
    if not is_array(value) or not all(isinstance(entry, str | int) for entry in value):
        raise refuse(f"Can not deserialize '{name}': an array of strings is expected.")
    return [str(entry) for entry in value]


def project_key_of(issue: sqlite3.Row) -> str:
    return str(issue["key"].rpartition("-")[0])


def find_issue(rows: Rows, id_or_key: str) -> sqlite3.Row | None:
    """Return the issue with an id, a key or a key it had before (in any case)."""
    return next(iter(issues_named(rows, [id_or_key])), None)


def issues_named(rows: Rows, ids_or_keys: Sequence[str]) -> list[sqlite3.Row]:
    """Return the issues with these ids, keys or keys they had before (in any case).

    Asked for all at once: of the numbers that an export looks up, most have no issue.
    """
    numbers: list[int] = []
    keys: list[str] = []
    for name in ids_or_keys:
        number = read_id(name)
        if number is None:
            keys.append(name.upper())
        else:
            numbers.append(number)
    by_id = f"SELECT * FROM issue WHERE id IN ({marks(numbers)})"  # noqa: S608 - marks
    by_key = (
        f"SELECT * FROM issue WHERE key IN ({marks(keys)}) OR id IN"  # noqa: S608 - marks
        f" (SELECT issue_id FROM former_key WHERE key IN ({marks(keys)}))"
    )
    issues: list[sqlite3.Row] = []
    if numbers:
        issues += rows.every(by_id, *numbers)
    if keys:
        issues += rows.every(by_key, *keys, *keys)
    return issues


def find_project(rows: Rows, id_or_key: str) -> sqlite3.Row | None:
    number = read_id(id_or_key)
    column, value = ("key", id_or_key.upper()) if number is None else ("id", number)
    return rows.first(f"SELECT * FROM project WHERE {column} = ?", value)  # noqa: S608 - one of two


def marks(values: Sequence[object]) -> str:
    return ", ".join("?" for _ in values)


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request inside its transaction, with who asks and when.

    Sites differ: one that is not as they are from the start has calls of a kind of its own.
    """

    rows: Rows
    request: SandboxRequest
    user: User | None
    """None when nobody is signed in."""
    now: datetime
    sequence: int
    """Of the request in the journal."""
    path: Mapping[str, str] = field(default_factory=dict)
    """The values in the path, by their names in the route."""

    @cached_property
    def site(self) -> sqlite3.Row:
        """What the site says of itself: its identity, whatever port serves it."""
        return self.rows.one("SELECT * FROM site")

    @cached_property
    def _origin(self) -> str:
        return self.request.origin or str(self.site["base_url"])

    def url(self, path: str, api: str = "api/3") -> str:
        """Return the address of a resource, where links in the answer lead."""
        return f"{self._origin}/rest/{api}/{path}"

    def kept_document(self, document: JsonObject) -> JsonObject:
        """Return what becomes of a document that is stored: nothing, on a kind site."""
        return document

    def after_creation(self, issue_id: int) -> None:
        """Let happen what befalls a new issue at once: nothing, on a kind site."""

    @cached_property
    def query(self) -> Mapping[str, list[str]]:
        return parse_qs(self.request.query, keep_blank_values=True)

    def parameter(self, name: str) -> str:
        """Return the first value of a query parameter; blank when absent."""
        return next(iter(self.query.get(name, [])), "")

    def names(self, name: str) -> list[str]:
        """Return the names, separated by commas, that a query parameter holds."""
        parts = ",".join(self.query.get(name, [])).split(",")
        return [part.strip() for part in parts if part.strip()]

    def page(
        self,
        items: Sequence[Item],
        show: Callable[[Item], object],
        *,
        name: str = "values",
        usual: int = 50,
        largest: int = 1_000,
    ) -> dict[str, object]:
        """Show the part of a list that is asked for, in Jira's frame.

        Only a page whose items are its values says whether it is the last.
        """
        start = self.number("startAt", 0)
        limit = min(self.number("maxResults", usual), largest)
        shown = [show(entry) for entry in items[start : start + limit]]
        frame = {"startAt": start, "maxResults": limit, "total": len(items), name: shown}
        if name == "values":
            frame["isLast"] = start + limit >= len(items)
        return frame

    def number(self, name: str, default: int) -> int:
        """Return the number in a query parameter that is not negative, or the default; else refuse."""
        text = self.parameter(name) or str(default)
        number = read_id(text)
        if number is None:
            raise refuse(f"The value '{text}' of '{name}' is not a number.")
        return number

    @property
    def _media_type(self) -> str:
        return self.request.headers.get("content-type", "null").partition(";")[0].strip()

    def body(self) -> JsonObject:
        """Return the request body as a JSON object, or refuse it, unread where it is no JSON."""
        media_type = self._media_type
        if media_type.lower() != "application/json":
            raise refuse(f"Content-Type '{media_type}' is not supported.", status=415)
        value = read_value(self.request.body)
        if not is_object(value):
            text = "Invalid request payload. Refer to the REST API documentation and try again."
            raise refuse(text)
        return value

    def files(self) -> list[tuple[str, str, bytes]]:
        """Return name, media type and content of each file of the field `file`, in order.

        Source: RFC 7578 and RFC 2046, section 5.1.1 (boundaries).
        """
        media_type = Message()
        media_type["content-type"] = self.request.headers.get("content-type", "")
        boundary = media_type.get_boundary()
        if media_type.get_content_type() != "multipart/form-data" or not boundary:
            raise refuse(f"Content-Type '{self._media_type}' is not supported.", status=415)
        first, *parts = (b"\r\n" + self.request.body).split(
            b"\r\n--" + boundary.encode("ascii", "replace")
        )
        if not (parts or [first])[-1].startswith(b"--"):
            raise refuse("The multipart body ends before its closing boundary.")
        files = []
        for part in parts[:-1]:
            head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
            headers = HeaderParser().parsestr(head.decode("utf-8", "replace"))
            name = headers.get_filename()
            if headers.get_param("name", header="content-disposition") == FILE_FIELD and name:
                # Browsers and httpx escape quotes and line ends.
                for escaped, letter in (("%22", '"'), ("%0D", ""), ("%0A", "")):
                    name = name.replace(escaped, letter)
                # Of a path Jira keeps the last part.
                base_name = name.replace("\\", "/").rpartition("/")[2] or FILE_FIELD
                files.append((base_name, headers.get_content_type(), content))
        return files

    def signed_in(self) -> User:
        """Return who asks, or refuse with 401."""
        if self.user is None:
            raise refuse(NOT_SIGNED_IN, status=401)
        return self.user

    @cached_property
    def users(self) -> Mapping[str, User]:
        """Everybody with an account, by its id, the owner first."""
        return {user.account_id: user for user in find_users(self.rows)}

    def is_granted(self, permission: str, project_key: str, user: User | None) -> bool:  # noqa: ARG002 - sites differ
        """Tell whether somebody has a permission in a project; strangers have none."""
        return user is not None

    def may(self, permission: str, project_key: str) -> bool:
        """Tell whether who asks has a permission in a project."""
        return self.is_granted(permission, project_key, self.user)

    def require(self, permission: str, issue: sqlite3.Row, to: str, *, status: int = 403) -> None:
        """Go on only with a permission."""
        if not self.may(permission, project_key_of(issue)):
            raise refuse(f"You do not have permission to {to}.", status=status)

    def can_see(self, issue: sqlite3.Row) -> bool:
        return issue["security_level"] is None and self.may(BROWSE, project_key_of(issue))

    def visible_sql(self) -> tuple[str, tuple[object, ...]]:
        """Return the condition on `issue` joined with `project` that holds for what one finds."""
        return "0 = 1" if self.user is None else "issue.security_level IS NULL", ()

    def issue(self, id_or_key: str | None = None) -> sqlite3.Row:
        """Return an issue that one may see: the named one, or that of the path."""
        issue = find_issue(self.rows, self.path["issue"] if id_or_key is None else id_or_key)
        if issue is None or not self.can_see(issue):
            raise refuse(ISSUE_NOT_FOUND, status=404)
        return issue

    def editable_issue(
        self, permission: str = "", to: str = "", *, status: int = 403
    ) -> sqlite3.Row:
        """Return the issue of the path for a write that may need a permission.

        Refused is 404, or what `require` says.
        """
        issue = self.issue()
        if permission:
            self.require(permission, issue, to, status=status)
        return issue

    def project(self, id_or_key: str) -> sqlite3.Row:
        project = find_project(self.rows, id_or_key)
        if project is None or not self.may(BROWSE, project["key"]):
            kind = "id" if id_or_key.isdecimal() else "key"
            raise refuse(f"No project could be found with {kind} '{id_or_key}'.", status=404)
        return project

    def issue_types(self, project_key: str) -> list[IssueType]:
        """Return the issue types of a project."""
        return [self.issue_type(project_key, kind.id) for kind in ISSUE_TYPES]

    def issue_type(self, project_key: str, stored_id: str) -> IssueType:  # noqa: ARG002 - sites differ
        """Return an issue type, by the id it is stored under, as a project has it."""
        return kind_of(ISSUE_TYPES, stored_id)

    def priorities(self, project_key: str) -> Sequence[Priority]:  # noqa: ARG002 - sites differ
        return PRIORITIES

    def is_team_managed(self, project_key: str) -> bool:  # noqa: ARG002 - sites differ
        return False

    def project_state(self, project_key: str) -> dict[str, object]:  # noqa: ARG002 - sites differ
        """Return what a project says of itself where it is archived or in the trash.

        Source: Atlassian, "Get project", platform v3, December 2025: `archived`, `deleted`.
        """
        return {}

    def fields(self, fields: Sequence[Item]) -> Sequence[Item]:
        """Return the fields of issues, those that an administrator added last."""
        return fields

    def screen(
        self,
        fields: Sequence[Item],
        project_key: str,  # noqa: ARG002 - sites differ
        given: Collection[str] | None = None,  # noqa: ARG002 - sites differ
    ) -> Sequence[Item]:
        """Return the fields that a project has on its create screen.

        With the names that are given: on the screen where they are changed.
        """
        return fields

    def name_of(self, english: str) -> str:
        """Return what the site calls an issue type, a priority, a link type or a field."""
        return english

    def names_of(self, kind: IssueType) -> dict[str, str]:
        """Return the names that Jira shows of an issue type."""
        return {"name": self.name_of(kind.name)}

    def record(self, change: str, *, issue_id: int | None, **detail: object) -> None:
        """Write a change of state into the journal."""
        noted = {
            "at": self.now.isoformat(),
            "change": change,
            "detail": json.dumps(detail, sort_keys=True),
        }
        self.rows.add("journal_change", request_sequence=self.sequence, issue_id=issue_id, **noted)


Answer = Callable[[Call], object]
"""Returns the JSON of an answer, None for an empty one, or a whole response."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A method and a path pattern, and the function that answers."""

    method: str
    pattern: re.Pattern[str]
    answer: Answer
    status: int
    is_open: bool
    """Strangers are answered, too: what they see is up to the call. Else they get 401."""

    def response_to(self, call: Call) -> SandboxResponse:
        """Answer a call that fits."""
        if not self.is_open:
            call.signed_in()
        answer = self.answer(call)
        if isinstance(answer, SandboxResponse):
            return answer
        if answer is not None:
            return answer_json(answer, status=self.status)
        is_usual = self.status == HTTPStatus.OK
        return SandboxResponse(status=HTTPStatus.NO_CONTENT if is_usual else self.status)


class Routes(list[Route]):
    """The calls of one subject, in the order they are tried."""

    def answer(
        self, method: str, path: str, *, status: int = 200, is_open: bool = False
    ) -> Callable[[Answer], Answer]:
        """Let the function below answer a method and a path; `{name}` is one segment of it."""
        pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))

        def register(answer: Answer) -> Answer:
            self.append(
                Route(method=method, pattern=pattern, answer=answer, status=status, is_open=is_open)
            )
            return answer

        return register
