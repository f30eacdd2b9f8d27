"""Errors as answers: RFC 9457 problems under /api, pages with the same words elsewhere.

Belongs here: the shape of a problem, the framework's own errors in that shape, the page that says of
every error what it means. Does not: what one means, its status (`model/errors`).
"""

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from jira_pipeline.context.run_errors import unexpected_error
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import (
    ErrorCategory,
    NotFoundError,
    NotFoundKind,
    NotSignedInError,
    PipelineError,
    StoreError,
    StoreFullError,
    meanings,
    system_message,
)
from jira_pipeline.web.context import Reader
from jira_pipeline.web.labels import sentence_of
from jira_pipeline.web.pages.people_page import keep_wanted
from jira_pipeline.web.pages.showing import refusal_of, show
from jira_pipeline.web.program_steps import steps_of, ways_out
from jira_pipeline.web.request_limits import is_of_client

router = APIRouter()
ERRORS_ADDRESS = "/docs/errors"
_HEADINGS = {
    401: "You are not signed in",
    403: "Your role does not allow this",
    404: "There is no such page",
    409: "Not now",
    422: "That cannot be done",
    429: "Too fast",
    500: "Something went wrong here",
    503: "Not available just now",
    507: "The disk is full",
}
"""What a page is called for people; problems keep the words of HTTP."""
_MISSING = {NotFoundKind.SESSION: "site", NotFoundKind.TICKET: "ticket"}
"""What pages call a thing that the address names and that does not exist; others say what is missing."""
_CHECK_REQUEST = Action.of(
    ActionKind.CORRECT, "Check address, method and body; docs/api.md lists what there is."
)
"""What leads out of an error of the framework."""
RETRY_AFTER_SECONDS = 5
"""Where an error does not say itself how long to wait."""
_POLICY_VIOLATION = 1008
"""Source: RFC 6455, 7.4.1: the code of a WebSocket that is closed since it may not be used."""
_TRY_AGAIN_LATER = 1013
"""Source: IANA, WebSocket Close Code Number Registry: closed by a condition that passes."""
_REASON_MAX_BYTES = 123
"""Source: RFC 6455, 5.5: a control frame has 125 bytes, two of them are the code."""


def status_of(error: PipelineError) -> int:
    """Return the HTTP status of an error."""
    if isinstance(error, NotFoundError):
        return 422 if error.kind is NotFoundKind.PERSON else 404
    return 507 if isinstance(error, StoreFullError) else error.meaning.status


def problem_of(
    error: PipelineError, *, status: int | None = None, **more: object
) -> dict[str, Any]:
    """Return an error as a problem document (RFC 9457) with the fields programs know, and `more`."""
    status_shown = status or status_of(error)
    return {
        "type": f"{ERRORS_ADDRESS}#{error.code}",
        "title": HTTPStatus(status_shown).phrase,
        "status": status_shown,
        "detail": error.message,
        "code": error.code,
        "error_category": error.category.value,
        "user_message": error.message,
        **ways_out(error.code, error.recovery_actions, session_key=error.session_key),
        **more,
    }


class DetailedProblemError(Exception):
    """An error of ours with more to say in its problem than others of its kind."""

    def __init__(self, error: PipelineError, **more: object) -> None:
        """Keep both; a given `status` takes the place of the usual one."""
        super().__init__(error.message)
        self.error = error
        self.more = more


def handle_errors(application: FastAPI) -> None:
    """Have an application answer every error as a problem, or as a page."""

    @application.exception_handler(PipelineError)
    def ours(request: Request, error: PipelineError) -> Response:
        return refusal_of(request, error) or answer(request, error)

    @application.exception_handler(DetailedProblemError)
    def detailed(request: Request, error: DetailedProblemError) -> Response:
        return answer(request, error.error, more=error.more)

    @application.exception_handler(HTTPException)
    def refused_by_framework(request: Request, error: HTTPException) -> Response:
        """Answer an error of the framework, such as an unknown address or method, in our form."""
        # A body that is too large for the memory is written to a file, which may fill the disk.
        disk_full = _disk_full_error(error.__cause__)
        if disk_full is not None:
            return answer(request, disk_full)
        detail = str(error.detail)
        headers = dict(error.headers or {})
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            headers["Allow"] = ", ".join(_methods_at(request))
        return _answer_to_framework(request, error.status_code, detail, headers)

    @application.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        """Answer which fields of a request cannot be used, without repeating their values."""
        if is_api(request) and _has_foreign_body(request):
            detail = "Send the body as JSON, with `Content-Type: application/json`."
            status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
            return _answer_to_framework(request, status, detail, {})
        faults: list[str] = []
        for fault in error.errors():
            field = ".".join(map(str, fault["loc"]))
            faults.append(f"{field}: {fault['msg']}")
        detail = "; ".join(faults)
        return _answer_to_framework(request, HTTPStatus.UNPROCESSABLE_ENTITY, detail, {})

    @application.exception_handler(Exception)
    def unexpected(request: Request, error: Exception) -> Response:
        request_line = f"{request.method} {request.url.path}"
        return answer(request, _disk_full_error(error) or unexpected_error(request_line, error))


def answer(
    request: Request, error: PipelineError, *, more: Mapping[str, Any] | None = None
) -> Response:
    """Answer a request with an error, in the form of the place that was asked.

    `more` is added to a problem; a page has no room for it.
    """
    if "key" in request.path_params:
        error.name_session(request.path_params["key"])
    problem = problem_of(error, **(more or {}))
    response = _answered(
        request,
        problem,
        _headers_of(error, problem["status"]),
        lacking=_MISSING.get(error.kind, "") if isinstance(error, NotFoundError) else "",
        actions=[sentence_of(action) for action in error.recovery_actions],
    )
    if isinstance(error, NotSignedInError) and not is_api(request):
        keep_wanted(request, response)
    return response


def _methods_at(request: Request) -> Iterator[str]:
    """Yield the methods of an address; the framework names those of its first route alone."""
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        scope = {**request.scope, "method": method}
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.router.routes):
            yield method
            if method == "GET":
                yield "HEAD"


def is_api(request: Request) -> bool:
    """Tell whether a program asks."""
    return request.url.path == "/api" or request.url.path.startswith("/api/")


def _has_foreign_body(request: Request) -> bool:
    """Tell whether a body says that it is something else than JSON."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    return media_type not in {"", "application/json"} and not media_type.endswith("+json")


def _headers_of(error: PipelineError, status: int) -> dict[str, str]:
    if status == HTTPStatus.UNAUTHORIZED:
        return {"www-authenticate": "Bearer"}
    seconds = getattr(error, "retry_after_seconds", None)
    if seconds or status in {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS}:
        seconds = seconds or RETRY_AFTER_SECONDS
        return {"retry-after": f"{seconds:.0f}"}
    return {}


def _disk_full_error(error: BaseException | None) -> StoreFullError | None:
    """Return our error where a foreign one says that the disk is full; None for any other."""
    if not isinstance(error, OSError):
        return None
    store_error = StoreError.because(
        error,
        f"A file could not be written: {system_message(error)}.",
        recovery_actions=("Free up disk space, then send the request again.",),
    )
    return store_error if isinstance(store_error, StoreFullError) else None


def _answer_to_framework(
    request: Request, status: int, detail: str, headers: Mapping[str, str]
) -> Response:
    """Answer a request that the framework refuses; `detail` is its own word, which only programs get."""
    problem = _problem_of_framework(request.method, request.url.path, status, detail)
    return _answered(
        request, problem, headers, lacking="page" if status == HTTPStatus.NOT_FOUND else ""
    )


def _problem_of_framework(method: str, path: str, status: int, detail: str) -> dict[str, Any]:
    title = HTTPStatus(status).phrase
    return {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "code": title.casefold().replace(" ", "_"),
        "error_category": ErrorCategory.USER_FIXABLE.value,
        "user_message": f"{title}: {method} {path}.",
        "recovery_actions": [_CHECK_REQUEST.sentence],
        "actions": [step.model_dump(mode="json") for step in steps_of([_CHECK_REQUEST])],
    }


def _answered(
    request: Request,
    problem: Mapping[str, Any],
    headers: Mapping[str, str],
    *,
    lacking: str,
    actions: Sequence[object] = (),
) -> Response:
    """Answer a problem in the form of the place that was asked; `lacking` is what there is not."""
    if is_api(request):
        return _json(problem, headers)
    status = problem["status"]
    words = {"title": _HEADINGS.get(status, problem["title"])}
    if lacking:
        nothing = f"Nothing was found at `{request.url.path}`."
        words = {"title": f"There is no such {lacking}", "user_message": nothing}
    return show(
        request,
        "client_problem.html" if is_of_client(request.url.path) else "problem.html",
        person=request.app.state.web.access.person_or_none(request),
        status=status,
        headers=headers,
        problem={**problem, **words},
        actions=actions,
    )


async def deny_websocket(scope: Scope, receive: Receive, send: Send, error: PipelineError) -> None:
    """Refuse a connection before it is accepted, by a problem where the server can answer with one.

    Else it is closed with the code for a broken rule, and the reason.
    """
    if "websocket.http.response" not in scope.get("extensions", {}):
        await close_websocket(send, error)
        return
    denial = _json(problem_of(error), _headers_of(error, status_of(error)))
    await denial(scope, receive, send)


async def refuse_unknown_address(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a connection to an address that is none: a WebSocket with a problem before it opens."""
    if scope["type"] == "http":
        raise HTTPException(HTTPStatus.NOT_FOUND)
    problem = _problem_of_framework("GET", scope["path"], HTTPStatus.NOT_FOUND, "Not Found")
    if "websocket.http.response" in scope.get("extensions", {}):
        await _json(problem, {})(scope, receive, send)
    else:
        await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": "Not Found"})


async def close_websocket(send: Send, error: PipelineError) -> None:
    """Close a connection and say why, in as many bytes as a frame of this kind has."""
    reason = error.message.encode()[:_REASON_MAX_BYTES].decode(errors="ignore")
    passes = error.category is ErrorCategory.TEMPORARY
    code = _TRY_AGAIN_LATER if passes else _POLICY_VIOLATION
    await send({"type": "websocket.close", "code": code, "reason": reason})


def _json(problem: Mapping[str, Any], headers: Mapping[str, str]) -> JSONResponse:
    return JSONResponse(
        problem,
        status_code=problem["status"],
        headers=dict(headers),
        media_type="application/problem+json",
    )


@router.get(ERRORS_ADDRESS)
def explained_errors(request: Request, _person: Reader) -> Response:
    """Show what each error means and what to do about it, by code."""
    explained = []
    for code, meaning in sorted(meanings().items()):
        sentences = [sentence_of(action) for action in meaning.actions_on()]
        explained.append((code, meaning, sentences))
    return show(request, "errors.html", explained=explained)
