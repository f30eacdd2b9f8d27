"""What an answer, or the lack of one, means: one table for all calls.

Belongs here: the error an answer becomes, and with it what became of the request: an
`InDoubtError` says that it may have been done, any other that it was not. Does not: sending (`connection`),
the shape of good answers (`responses`), what to do about a doubt (`export/unconfirmed`).

Source: docs/export.md, rule 4.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import httpx

from jira_pipeline.jira.client.connection import AllAnswersTooSlowError
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.clock import asked_seconds, http_date
from jira_pipeline.model.errors import (
    AccessError,
    InDoubtError,
    RateLimitedError,
    RefusedError,
    UnavailableError,
    UpstreamError,
)
from jira_pipeline.model.issue_tracker import TOKEN_SCOPES
from jira_pipeline.model.network_failures import failure_text, plain_words

DEFAULT_WAIT_SECONDS = 5.0


NEVER_SENT = (
    httpx.ConnectTimeout,
    httpx.ConnectError,
    httpx.PoolTimeout,
    httpx.ProxyError,  # it opened no tunnel, and only a tunnel carries a request
    httpx.UnsupportedProtocol,
)
"""After these failures a request certainly never reached the server; after any other it may have."""

REFUSING_STATUSES = frozenset({400, 401, 403, 404, 410, 413, 422, 429})
"""With an error body of Jira's own these say that nothing was done."""
DECIDING_STATUSES = frozenset({401, 403})  # defence: gateway-limit
"""Whoever answers, Jira or a gateway before it, turned the request away: the body says nothing
more. Source: docs/jira_answers.md."""
JIRA_LIMIT_PREFIX = "jira-"
"""Of every `RateLimit-Reason` that Jira gives. Gateways send `X-RateLimit-*` headers, too.
Source: Atlassian, "Rate limiting", August 2026."""
SIGNED_OUT_REASONS = ("AUTHENTICATED_FAILED", "AUTHENTICATION_DENIED")
"""`X-Seraph-LoginReason` of answers to nobody: our credentials were read and not taken."""
PLAIN_REASON_MAX_CHARS = 300
"""Of an answer in plain text: enough for a sentence, too little for a page."""
_SCOPE_MISSING = "scope does not match"

_WAIT = "Wait and try again; an export continues where it stopped."
_ACCESS_ACTIONS = (
    "Check JIRA_EMAIL (unset for a service account) and JIRA_API_TOKEN; a token may have expired.",
    "Ask an administrator of the site for the permissions named in the message.",
)
_SCOPE_ACTIONS = (
    f"Create an API token with the scopes {', '.join(TOKEN_SCOPES)}, and set JIRA_API_TOKEN.",
    Action.of(ActionKind.CHECK_PROJECT, "{} explains what each is for."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JiraComplaint:
    """The error body of a Jira answer."""

    messages: tuple[str, ...] = ()
    field_errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        fields = (f"{name}: {text}" for name, text in sorted(self.field_errors.items()))
        return "; ".join((*self.messages, *fields))


def is_refusal(response: httpx.Response, *, deciding: frozenset[int] = frozenset()) -> bool:
    """Tell whether an answer certainly says that nothing was done; else a write is in doubt.

    `deciding` are statuses that say so of this call, whoever answers.
    """
    if response.status_code in DECIDING_STATUSES | deciding:
        return True
    if response.status_code not in REFUSING_STATUSES:
        return False
    return complaint_of(response) is not None or _is_limit_of_jira(response)


def _is_limit_of_jira(response: httpx.Response) -> bool:
    """Tell whether Jira itself says that a limit was reached, whatever its body is.

    A gateway may limit what Jira answered, after Jira did what it was asked.
    """
    reason = response.headers.get("RateLimit-Reason", "")
    is_limit = response.status_code == httpx.codes.TOO_MANY_REQUESTS
    return is_limit and reason.startswith(JIRA_LIMIT_PREFIX)


def complaint_of(response: httpx.Response) -> JiraComplaint | None:
    """Read the error body of Jira's own form, or return None where it has another."""
    body = _json_object_of(response)
    if not body.keys() & {"errorMessages", "errors"}:
        return None
    messages = body.get("errorMessages") or []
    if not isinstance(messages, list):
        messages = [messages]
    field_errors: dict[str, str] = {}
    errors = body.get("errors")
    if isinstance(errors, dict):
        field_errors = {str(field): str(text) for field, text in errors.items()}
    return JiraComplaint(messages=tuple(map(str, messages)), field_errors=field_errors)


def is_signed_out(response: httpx.Response) -> bool:
    """Tell whether this answers nobody: what it shows, or lacks, is what strangers see."""
    reason = response.headers.get("X-Seraph-LoginReason", "")
    return response.status_code == httpx.codes.UNAUTHORIZED or reason.startswith(SIGNED_OUT_REASONS)


def error_of_failure(
    error: httpx.HTTPError, *, action: str, site_url: str, is_write: bool
) -> UpstreamError:
    """Translate a request that got no answer."""
    cause = failure_text(error)
    may_be_done = not isinstance(error, NEVER_SENT)
    if is_write and may_be_done:
        return InDoubtError(f"{action}: no response ({cause}); it may have taken effect.")
    if may_be_done:
        return UnavailableError(
            f"{action}: {site_url} sent half a response ({cause}).", recovery_actions=(_WAIT,)
        )
    if isinstance(error, AllAnswersTooSlowError):
        return UnavailableError(
            f"{action}: {site_url} was not asked: {plain_words(str(error))}.",
            recovery_actions=(_WAIT,),
        )
    check = f"Check JIRA_BASE_URL, and whether {site_url} opens in a browser on this machine."
    if isinstance(error, httpx.ProxyError):
        check = "Check JIRA_PROXY_URL, its user name and password, and what the proxy allows."
    elif "CERTIFICATE_VERIFY_FAILED" in str(error):
        check = (
            "A proxy may inspect your TLS traffic: set JIRA_CA_BUNDLE to its certificates, a PEM "
            "file your network's administrators have."
        )
    return UnavailableError(
        f"{action}: {site_url} could not be reached ({cause}).", recovery_actions=(check, _WAIT)
    )


def error_of_response(
    response: httpx.Response,
    *,
    action: str,
    is_write: bool,
    deciding: frozenset[int] = frozenset(),
) -> UpstreamError:
    """Translate an answer that is not the one we hoped for; `deciding` as for `is_refusal`."""
    reason = _reason_in(response)
    message = f"{action}: Jira answered {response.status_code} ({reason})."
    if is_write and not is_refusal(response, deciding=deciding):
        return InDoubtError(f"{message} It may have taken effect.")
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        return error_of_limit(response)
    if _SCOPE_MISSING in reason:
        # a lack of permission: our credentials are known, and other calls go on
        return AccessError(
            message, status_code=httpx.codes.FORBIDDEN, recovery_actions=_SCOPE_ACTIONS
        )
    complaint = complaint_of(response)
    if response.status_code == httpx.codes.FORBIDDEN and complaint is None:
        # a gateway's no is no missing permission: it holds for all we send, as a lost login does
        return AccessError(
            message, status_code=httpx.codes.UNAUTHORIZED, recovery_actions=_ACCESS_ACTIONS
        )
    return _refusal(
        message, status_code=response.status_code, complaint=complaint or JiraComplaint()
    )


def error_of_element(status_code: int, complaint: JiraComplaint) -> UpstreamError:
    """Translate what Jira says of one element of a bulk, as if it had answered it alone."""
    message = (
        f"Creating an issue: Jira answered {status_code} ({complaint.text or 'without a reason'})."
    )
    if status_code not in REFUSING_STATUSES:
        return InDoubtError(f"{message} It may have taken effect.")
    if status_code == httpx.codes.TOO_MANY_REQUESTS:
        return RateLimitedError("Jira", wait_seconds=DEFAULT_WAIT_SECONDS)
    return _refusal(message, status_code=status_code, complaint=complaint)


def _refusal(message: str, *, status_code: int, complaint: JiraComplaint) -> UpstreamError:
    if status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        return AccessError(message, status_code=status_code, recovery_actions=_ACCESS_ACTIONS)
    return RefusedError(message, field_errors=dict(complaint.field_errors), status_code=status_code)


def error_of_read(response: httpx.Response, *, action: str) -> UpstreamError:
    """Translate an answer to a request that changes nothing: it is never in doubt."""
    status = response.status_code
    if status == httpx.codes.SERVICE_UNAVAILABLE and "Retry-After" in response.headers:
        return error_of_limit(response)
    if status != httpx.codes.UNAUTHORIZED and is_signed_out(response):
        return AccessError(
            f"{action}: Jira answered {status} and did not accept the credentials.",
            status_code=httpx.codes.UNAUTHORIZED,
            recovery_actions=_ACCESS_ACTIONS,
        )
    if status == httpx.codes.NOT_FOUND and complaint_of(response) is None:
        return UnavailableError(  # never "it is gone": what is gone, Jira says in its own words
            f"{action}: {response.url.host} answered 404 ({_reason_in(response)}), which does not "
            "come from Jira.",
            recovery_actions=("Check JIRA_BASE_URL: it may not be a Jira site.", _WAIT),
        )
    if status == httpx.codes.REQUEST_TIMEOUT or response.is_server_error or response.is_success:
        return UnavailableError(f"{action}: Jira answered {status} ({_reason_in(response)}).")
    return error_of_response(response, action=action, is_write=False)


def _reason_in(response: httpx.Response) -> str:
    complaint = complaint_of(response)
    if complaint is not None and complaint.text:
        return complaint.text
    if response.is_redirect:
        return "a redirect, which is not followed: JIRA_BASE_URL must be the site's own address"
    message = _json_object_of(response).get("message")
    if isinstance(message, str) and message:
        return message
    kind = response.headers.get("content-type", "no content type").partition(";")[0]
    text = " ".join(response.text.split()) if kind == "text/plain" else ""
    if 0 < len(text) <= PLAIN_REASON_MAX_CHARS:
        return text
    phrase = httpx.codes.get_reason_phrase(response.status_code)
    size = f"{len(response.content)} bytes of {kind}"
    return f"{phrase}: {size}" if phrase else size


def _json_object_of(response: httpx.Response) -> dict[str, object]:
    try:
        body = response.json()
    except (ValueError, RecursionError):  # the latter for an answer nested without end
        return {}
    return body if isinstance(body, dict) else {}


def error_of_limit(response: httpx.Response) -> RateLimitedError:
    """Return how long a throttling answer asks to wait, whoever gave it."""
    wait = asked_wait_seconds(response)
    return RateLimitedError(
        "Jira",
        wait_seconds=DEFAULT_WAIT_SECONDS if wait is None else wait,
        reason=response.headers.get("RateLimit-Reason", ""),
    )


def asked_wait_seconds(response: httpx.Response) -> float | None:
    """Return the wait an answer asks for: Retry-After, else until the limit is reset.

    Both may be times of Jira's clock, so they are compared with the date of the same answer. A
    Retry-After of 0 asks for nothing, and Jira sends it beside 429.
    """
    date = http_date(response.headers.get("Date", ""))
    wait = asked_seconds(response.headers.get("Retry-After", ""), answered_at=date)
    if not wait:
        reset = _time_of(response.headers.get("X-RateLimit-Reset", ""))
        if reset is None or date is None:
            return None
        wait = max(0.0, (reset - date).total_seconds())
    return wait


def _time_of(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
