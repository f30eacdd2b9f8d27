"""What an answer, or the lack of one, means: one table for all calls.

Belongs here: the fate of a request and the error it becomes. Does not: sending (`connection`),
the shape of good answers (`responses`), what to do about a doubt (`stages/jira_export/settling`).

Source: docs/export.md, rule 4.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

import httpx

from jira_pipeline.errors import (
    AccessError,
    InDoubtError,
    RateLimitedError,
    RefusedError,
    UnavailableError,
    UpstreamError,
)

DEFAULT_WAIT_SECONDS = 5.0
LONGEST_WAIT_SECONDS = 3600.0


class Fate(StrEnum):
    """What became of a request."""

    NOT_SENT = "not_sent"
    """It certainly never reached the server."""
    NOTHING_DONE = "nothing_done"
    """The server refused it."""
    DONE = "done"
    IN_DOUBT = "in_doubt"


FAILURE_FATES: tuple[tuple[type[httpx.HTTPError], Fate], ...] = (
    (httpx.ConnectTimeout, Fate.NOT_SENT),
    (httpx.ConnectError, Fate.NOT_SENT),
    (httpx.PoolTimeout, Fate.NOT_SENT),
    (httpx.UnsupportedProtocol, Fate.NOT_SENT),
    (httpx.HTTPError, Fate.IN_DOUBT),
)
"""The first row that fits decides."""

REFUSING_STATUSES = frozenset({400, 401, 403, 404, 413, 422, 429})
"""With an error body of Jira's own these say that nothing was done."""

_WAIT = "Wait and try again; an export carries on from the ledger."
_ACCESS_ACTIONS = (
    "Check JIRA_EMAIL and JIRA_API_TOKEN; a token may have expired.",
    "Ask an administrator of the site for the permissions named in the message.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JiraComplaint:
    """The error body of a Jira answer."""

    messages: tuple[str, ...] = ()
    field_errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """All of it as one sentence."""
        fields = (f"{name}: {text}" for name, text in sorted(self.field_errors.items()))
        return "; ".join((*self.messages, *fields))


def fate_of_failure(error: httpx.HTTPError) -> Fate:
    """Tell what became of a request that got no answer."""
    return next(fate for kind, fate in FAILURE_FATES if isinstance(error, kind))


def fate_of_response(response: httpx.Response, *, done_statuses: frozenset[int]) -> Fate:
    """Tell what became of a request by its answer; only the body can still make `DONE` a doubt."""
    if response.status_code in done_statuses:
        return Fate.DONE
    if response.status_code not in REFUSING_STATUSES:
        return Fate.IN_DOUBT
    speaks_jira = complaint_of(response) is not None
    is_throttled = response.status_code == httpx.codes.TOO_MANY_REQUESTS and (
        "RateLimit-Reason" in response.headers
    )
    return Fate.NOTHING_DONE if speaks_jira or is_throttled else Fate.IN_DOUBT


def complaint_of(response: httpx.Response) -> JiraComplaint | None:
    """Read the error body of Jira's own form, or return None where it has another."""
    try:
        body = response.json()
    except (ValueError, RecursionError):  # the latter for an answer nested without end
        return None
    if not isinstance(body, dict) or not body.keys() & {"errorMessages", "errors"}:
        return None
    messages, errors = body.get("errorMessages") or [], body.get("errors") or {}
    return JiraComplaint(
        messages=tuple(map(str, messages)) if isinstance(messages, list) else (str(messages),),
        field_errors={str(k): str(v) for k, v in errors.items()}
        if isinstance(errors, dict)
        else {},
    )


def error_of_failure(
    error: httpx.HTTPError, *, action: str, site_url: str, is_write: bool
) -> UpstreamError:
    """Translate a request that got no answer."""
    cause = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    fate = fate_of_failure(error)
    if is_write and fate is Fate.IN_DOUBT:
        return InDoubtError(f"{action}: no answer ({cause}); it may have been done.")
    if fate is Fate.IN_DOUBT:
        return UnavailableError(
            f"{action}: {site_url} gave no whole answer ({cause}).", recovery_actions=(_WAIT,)
        )
    return UnavailableError(
        f"{action}: {site_url} could not be reached ({cause}).",
        recovery_actions=(f"Check JIRA_BASE_URL, and whether {site_url} opens here.", _WAIT),
    )


def error_of_response(response: httpx.Response, *, action: str, fate: Fate) -> UpstreamError:
    """Translate an answer that is not the one we hoped for."""
    said = _said(response)
    message = f"{action}: Jira answered {response.status_code} ({said})."
    if fate is Fate.IN_DOUBT:
        return InDoubtError(f"{message} It may have been done.")
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        return _rate_limited(response)
    complaint = complaint_of(response) or JiraComplaint()
    return _refusal(message, status_code=response.status_code, complaint=complaint)


def fate_of_element(
    status_code: int, complaint: JiraComplaint, *, action: str
) -> tuple[Fate, UpstreamError]:
    """Tell what became of one element of a bulk, by the status Jira gives it."""
    message = f"{action}: Jira answered {status_code} ({complaint.text or 'without a reason'})."
    if status_code not in REFUSING_STATUSES:
        return Fate.IN_DOUBT, InDoubtError(f"{message} It may have been done.")
    if status_code == httpx.codes.TOO_MANY_REQUESTS:
        error = RateLimitedError("Jira", wait_seconds=DEFAULT_WAIT_SECONDS)
        return Fate.NOTHING_DONE, error
    return Fate.NOTHING_DONE, _refusal(message, status_code=status_code, complaint=complaint)


def _refusal(message: str, *, status_code: int, complaint: JiraComplaint) -> UpstreamError:
    if status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        return AccessError(message, status_code=status_code, recovery_actions=_ACCESS_ACTIONS)
    return RefusedError(message, field_errors=dict(complaint.field_errors), status_code=status_code)


def error_of_read(response: httpx.Response, *, action: str) -> UpstreamError:
    """Translate an answer to a request that changes nothing: it is never in doubt."""
    status = response.status_code
    if status == httpx.codes.SERVICE_UNAVAILABLE and "Retry-After" in response.headers:
        return _rate_limited(response)
    if status == httpx.codes.REQUEST_TIMEOUT or response.is_server_error or response.is_success:
        return UnavailableError(f"{action}: Jira answered {status} ({_said(response)}).")
    return error_of_response(response, action=action, fate=Fate.NOTHING_DONE)


def _said(response: httpx.Response) -> str:
    complaint = complaint_of(response)
    if complaint is not None and complaint.text:
        return complaint.text
    if response.is_redirect:
        return "a redirect, which is not followed: JIRA_BASE_URL must be the site's own address"
    kind = response.headers.get("content-type", "no content type").partition(";")[0]
    return f"{len(response.content)} bytes of {kind}"


def _rate_limited(response: httpx.Response) -> RateLimitedError:
    asked = asked_seconds(response)
    return RateLimitedError(
        "Jira",
        wait_seconds=DEFAULT_WAIT_SECONDS if asked is None else min(asked, LONGEST_WAIT_SECONDS),
        reason=response.headers.get("RateLimit-Reason", ""),
    )


def asked_seconds(response: httpx.Response) -> float | None:
    """Return the wait an answer asks for: Retry-After, else until the limit is reset.

    The reset is a time of Jira's clock, so it is compared with the date of the same answer.
    """
    after = response.headers.get("Retry-After", "")
    if after.isascii() and after.isdecimal():
        return float(after[:9])
    reset = _time_of(response.headers.get("X-RateLimit-Reset", ""))
    date = _date_of(response.headers.get("Date", ""))
    if reset is None or date is None:
        return None
    return max(0.0, (reset - date).total_seconds())


def _time_of(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _date_of(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return found if found.tzinfo is not None else None
