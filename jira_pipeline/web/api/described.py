"""What the API says of itself in OpenAPI, beside what the framework reads from the routes.

Belongs here: errors as problems, signing in, which statuses an operation may answer. Does not:
answers that are no errors (the routes), what an error means (`model/errors`).

The client that tests use compares every answer it gets with what is declared here, so that a status
which nobody declared fails the test that meets it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from jira_pipeline.model.errors import ErrorCategory, meanings
from jira_pipeline.web.api.repeatable_route import RepeatableRoute, role_for
from jira_pipeline.web.program_steps import ways_out

PROBLEM_TYPE = "application/problem+json"
_SECONDS_TO_WAIT = {
    "Retry-After": {
        "description": "Seconds to wait.",
        "required": True,
        "schema": {"type": "integer", "minimum": 0},
    }
}
_TASK_ADDRESS = {
    "Location": {
        "description": "Where the task can be followed.",
        "required": True,
        "schema": {"type": "string", "format": "uri-reference"},
    }
}
_TAG = {
    "ETag": {
        "description": "Of this answer: sent as `If-None-Match`, it is answered by 304 until it changes.",
        "schema": {"type": "string"},
    }
}
_KNOWN_TAG = {
    "name": "If-None-Match",
    "in": "header",
    "description": "`ETag` of the answer that is there already.",
    "schema": {"type": "string"},
}
_REPLAYED = {
    "Idempotency-Replayed": {
        "description": "`true`: the same request was answered so before, and nothing was done now.",
        "schema": {"type": "string", "const": "true"},
    }
}
_SIGN_IN = {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}}


@dataclass(frozen=True, slots=True)
class _Refusal:
    """What a status says to a program."""

    means: str
    example: str
    """A code of an error that is answered so."""
    headers: Mapping[str, Any]


_REFUSALS: Mapping[int, _Refusal] = {
    HTTPStatus.BAD_REQUEST: _Refusal("The body cannot be read.", "bad_request", {}),
    HTTPStatus.UNAUTHORIZED: _Refusal("You are not signed in.", "not_signed_in", _SIGN_IN),
    HTTPStatus.FORBIDDEN: _Refusal("The role, or Jira, does not allow it.", "role_too_low", {}),
    HTTPStatus.NOT_FOUND: _Refusal(
        "There is no such session, ticket, task or address.", "unknown_session", {}
    ),
    HTTPStatus.CONFLICT: _Refusal(
        "Not now: stale, never validated, failed validation, another plan, or running; also while "
        "the same request is being done.",
        "export_running",
        {},
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _Refusal(
        "The body is larger than 4 MB, or an upload than its limit.", "request_entity_too_large", {}
    ),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: _Refusal(
        "The body is something else than JSON.", "unsupported_media_type", {}
    ),
    HTTPStatus.UNPROCESSABLE_ENTITY: _Refusal(
        "A rule or a value does not allow it: not ready, retries exhausted, nothing to retry, "
        "refused by Jira.",
        "not_ready",
        {},
    ),
    HTTPStatus.TOO_MANY_REQUESTS: _Refusal(
        "Requested too often; `Retry-After` says how long to wait.",
        "too_many_requests",
        _SECONDS_TO_WAIT,
    ),
    HTTPStatus.INTERNAL_SERVER_ERROR: _Refusal(
        "An error of this program, or a fault in what is stored.", "unexpected", {}
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: _Refusal(
        "Jira, the model, Dagster or the store is unavailable; `Retry-After` says how long to wait.",
        "jira_unavailable",
        _SECONDS_TO_WAIT,
    ),
    HTTPStatus.INSUFFICIENT_STORAGE: _Refusal("The disk is full.", "store_unusable", {}),
}

_SIGNED_IN = frozenset({401, 403, 422, 503})
"""Also 422: a parameter of the address that nobody knows is refused."""
_WITH_VALUES = frozenset({422})
_WITH_BODY = frozenset({400, 413, 415, 422})
_OF_SESSION = frozenset({404, 409, 422, 500})
"""A session may be gone, wait for a layout, or be unreadable in the store."""
_CHANGING = frozenset({409, 422, 507})
_PACED = frozenset({429})
_PROBLEM_REF = {"$ref": "#/components/schemas/Problem"}
_PROBLEM_FIELDS = {
    "type": {
        "type": "string",
        "format": "uri-reference",
        "description": "Where this server explains the code, such as `/docs/errors#stale`; `about:blank` "
        "for errors of the framework.",
    },
    "title": {"type": "string", "description": "The text of the status."},
    "status": {
        "type": "integer",
        "minimum": 400,
        "maximum": 599,
        "description": "As the answer has it.",
    },
    "detail": {"type": "string", "description": "What was attempted, on what, in a sentence."},
    "code": {
        "type": "string",
        "description": "The error, such as `stale`; [errors.md](errors.md) explains each, with one code "
        "for each rule of the gate.",
    },
    "error_category": {
        "type": "string",
        "enum": [category.value for category in ErrorCategory],
        "description": "Who can act: `user_fixable`, `admin_required`, `temporary`.",
    },
    "user_message": {"type": "string", "description": "The same for people."},
    "recovery_actions": {
        "type": "array",
        "items": {"type": "string"},
        "description": "What to do, in order, in words.",
    },
    "actions": {
        "type": "array",
        "items": {"$ref": "#/components/schemas/ProgramStep"},
        "description": "The same as data, each step of its own; never empty.",
    },
}
_PROBLEM_FIELDS_OF_SOME = {
    "retry_attempts_used": {
        "type": "integer",
        "minimum": 0,
        "description": "Where retries are exhausted: how often it was retried.",
    },
    "first_error_at": {
        "type": ["string", "null"],
        "format": "date-time",
        "description": "Where retries are exhausted: when it failed first.",
    },
    "findings": {
        "type": "array",
        "items": {"type": "object"},
        "description": "Of an upload that is refused: all that was found in its files.",
    },
    "plan": {"type": "object", "description": "As it is now, where another one was agreed to."},
}
_TAGS = {
    "export": "Issues in Jira: create them, follow that, read what there is.",
    "writing": "Tickets: have them written, follow that, see what went wrong.",
    "layouts": "What the worksheets of a session hold.",
    "tickets": "Single tickets.",
    "sessions": "The verbs of a session: read, decide, and export by a plan, as agents do.",
    "tasks": "What someone asked for, and the run that does it.",
}
_SAME_SESSION = {"key": "$request.path.key"}
_STARTED_TASK = {"task_id": "$response.body#/task_id"}
_FIRST_SESSION = {"key": "$response.body#/sessions/0/session_key"}
_LINKS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "sessions": {"status_of_session": _FIRST_SESSION, "plan": _FIRST_SESSION},
    "start_export": {"export_status": _SAME_SESSION, "show_task": _STARTED_TASK},
    "retry_failed": {"export_status": _SAME_SESSION, "show_task": _STARTED_TASK},
    "export_status": {"export_results": _SAME_SESSION, "export_summary": _SAME_SESSION},
    "generate": {"processing_status": _SAME_SESSION, "show_task": _STARTED_TASK},
    "retry_processing": {"processing_status": _SAME_SESSION, "show_task": _STARTED_TASK},
    "processing_status": {"tickets": _SAME_SESSION, "validate_of_session": _SAME_SESSION},
    "tickets": {"ready": _SAME_SESSION},
    "ready": {"plan": _SAME_SESSION, "start_export": _SAME_SESSION},
}
"""What leads from an operation to others, with the parameters that these take of its answer."""
_ABOUT = (
    "Write the tickets of a site's specification and export them to Jira. "
    "`jira-pipeline people token NAME` makes a token; docs/api.md leads through an export."
)


def operation_id(route: APIRoute) -> str:
    """Return what a client calls an operation: the name of its function."""
    return f"{route.name}_of_session" if route.deprecated else route.name


def describe(application: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document of an application, made once."""
    if application.openapi_schema is None:
        document = get_openapi(
            title=application.title,
            version=application.version,
            description=_ABOUT,
            tags=[{"name": name, "description": about} for name, about in _TAGS.items()],
            servers=[{"url": "/"}],
            routes=application.routes,
        )
        _complete(document, _routes_below_api(application))
        application.openapi_schema = document
    return application.openapi_schema


def _routes_below_api(application: FastAPI) -> dict[tuple[str, str], APIRoute]:
    """Return the routes that the document describes, by method and path."""
    routes: dict[tuple[str, str], APIRoute] = {}
    pending = list(application.routes)
    for route in pending:
        included = getattr(route, "original_router", None)
        if included is not None:  # FastAPI keeps a router that was included as one
            pending.extend(included.routes)
        elif isinstance(route, APIRoute) and route.path.startswith("/api/"):
            routes |= {(method.lower(), route.path): route for method in route.methods or ()}
    return routes


def _complete(document: dict[str, Any], routes: Mapping[tuple[str, str], APIRoute]) -> None:
    components = document["components"]
    for name in ("HTTPValidationError", "ValidationError"):  # the framework's own, never answered
        components["schemas"].pop(name, None)
    components["schemas"]["Problem"] = {
        "type": "object",
        "description": "An error, as RFC 9457 has it.",
        "required": [*_PROBLEM_FIELDS],
        "properties": _PROBLEM_FIELDS | _PROBLEM_FIELDS_OF_SOME,
    }
    components["securitySchemes"] = {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "Of a person: `jira-pipeline people token NAME`.",
        }
    }
    components["responses"] = {
        str(int(status)): _response_of(int(status), refusal)
        for status, refusal in _REFUSALS.items()
    }
    document["security"] = [{"token": []}]
    schemas = components["schemas"]
    _give_pairs_items(schemas)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for response in operation["responses"].values():
                for content in response.get("content", {}).values():
                    _distinguish_variants(content["schema"], schemas)
            _complete_operation(operation, routes[method, path])


def _give_pairs_items(part: object) -> None:
    """Say of every array what its items are, also where each place is declared by itself.

    Linters and generators of clients know `items` alone; all places of our arrays are alike.
    """
    if isinstance(part, list):
        for entry in part:
            _give_pairs_items(entry)
    if not isinstance(part, dict):
        return
    for value in part.values():
        _give_pairs_items(value)
    places = part.get("prefixItems")
    if isinstance(places, list) and all(place == places[0] for place in places):
        part["items"] = places[0]
        del part["prefixItems"]


def _distinguish_variants(schema: dict[str, Any], schemas: Mapping[str, Any]) -> None:
    """Say by which value of `status` an answer is which of its variants, where that says it."""
    variants = schema.get("anyOf", ())
    by_status: dict[str, str] = {}
    statuses: list[str] = []
    for variant in variants:
        reference = variant.get("$ref", "")
        status = schemas.get(reference.rpartition("/")[2], {}).get("properties", {}).get("status")
        if status is None:
            return
        values = status.get("enum") or [status.get("const")]
        statuses.extend(values)
        by_status |= dict.fromkeys(values, reference)
    if len(statuses) > 1 and len(by_status) == len(statuses):
        schema["oneOf"] = schema.pop("anyOf")
        schema["discriminator"] = {"propertyName": "status", "mapping": by_status}
        schema.pop("title", None)


def _response_of(status: int, refusal: _Refusal) -> dict[str, Any]:
    code = refusal.example
    category = ErrorCategory.USER_FIXABLE
    if code in meanings():
        category = meanings()[code].category
    example = {
        "type": f"/docs/errors#{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": refusal.means,
        "code": code,
        "error_category": category.value,
        "user_message": refusal.means,
        **ways_out(code, (), session_key="my_site"),
    }
    return {
        "description": refusal.means,
        "headers": dict(refusal.headers),
        "content": {PROBLEM_TYPE: {"schema": _PROBLEM_REF, "example": example}},
    }


def _complete_operation(operation: dict[str, Any], route: APIRoute) -> None:
    """Declare what an operation may refuse, and the role that it needs."""
    role = role_for(route.dependant)
    operation["x-role"] = role.value
    operation["description"] = f"{operation.get('description', '')}\n\nNeeds the role {role.value}."
    operation["responses"].pop("422", None)
    _leave_null_out_of_body(operation)
    if isinstance(route, RepeatableRoute):
        _declare_repetition(operation, is_reading=route.methods == {"GET"})
    _link_further(operation)
    if "202" in operation["responses"]:
        operation["responses"]["202"].setdefault("headers", {}).update(_TASK_ADDRESS)
    for status in sorted(refused_statuses(route)):
        operation["responses"][str(status)] = {"$ref": f"#/components/responses/{status}"}


def _link_further(operation: dict[str, Any]) -> None:
    """Declare which operations an answer leads to: what a program asks for next."""
    for target, parameters in _LINKS.get(operation["operationId"], {}).items():
        for status in {"200", "202"} & operation["responses"].keys():
            links = operation["responses"][status].setdefault("links", {})
            links[target] = {"operationId": target, "parameters": dict(parameters)}


def _leave_null_out_of_body(operation: dict[str, Any]) -> None:
    """Declare an optional body by its model alone.

    `null` is taken for none, too; where it was declared, a generated client sent what it cannot
    write instead of no body.
    """
    for content in operation.get("requestBody", {}).get("content", {}).values():
        schema = content["schema"]
        models = [variant for variant in schema.get("anyOf", ()) if variant != {"type": "null"}]
        if len(models) == 1:
            content["schema"] = models[0]


def _declare_repetition(operation: dict[str, Any], *, is_reading: bool) -> None:
    """Declare how an operation answers a request that is repeated."""
    responses = operation["responses"]
    if is_reading:
        responses["200"]["headers"] = dict(_TAG)
        responses["304"] = {"description": "Nothing has changed.", "headers": dict(_TAG)}
        operation.setdefault("parameters", []).append(_KNOWN_TAG)
        return
    for status, response in responses.items():
        if status.startswith("2"):
            response["headers"] = dict(_REPLAYED)


def refused_statuses(route: APIRoute) -> frozenset[int]:
    """Return the statuses of errors that a route may answer, by what it takes and does."""
    is_of_session = "{key}" in route.path
    is_reading = route.methods == {"GET"}
    statuses = _SIGNED_IN
    if is_of_session:
        statuses |= _OF_SESSION
    if route.body_field is not None or "requestBody" in (route.openapi_extra or {}):
        statuses |= _WITH_BODY
    places = {parameter.name for parameter in route.dependant.path_params}
    if places and not is_of_session:
        statuses |= {404, 422}
    if places - {"key"} or route.dependant.query_params:
        statuses |= _WITH_VALUES
    if not is_reading:
        statuses |= _CHANGING
    if is_reading and route.name in PACED:
        statuses |= _PACED
    return statuses


PACED = frozenset({"export_status", "processing_status"})
"""Operations that answer once in two seconds."""
