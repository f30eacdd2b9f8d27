"""What programs are referred to: the OpenAPI document, its page, and what each error means.

Belongs here: what FastAPI makes of the routes, with how callers sign in, the Idempotency-Key and the
answers of the framework. Does not: the shapes of single operations (`api`), what errors mean
(`errors`). Swagger UI comes with its own files, nothing from other hosts.
"""

from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import fastapi_offline
from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from starlette.responses import Response

from jira_pipeline.errors import meanings
from jira_pipeline.web.access import AnyReader
from jira_pipeline.web.examples import example_of
from jira_pipeline.web.pages.showing import show
from jira_pipeline.web.problems import ERRORS_ADDRESS, MEDIA_TYPE
from jira_pipeline.web.static_files import ADDRESS, NamedFiles
from jira_pipeline.web.words import sentence_of

router = APIRouter(include_in_schema=False)
FILES = Path(fastapi_offline.__file__).parent / "static"
FILES_ADDRESS = f"{ADDRESS}/api-docs"
_FILES_NAME = metadata.version("fastapi-offline")

_DESCRIPTION = """\
What the pages do, for programs.

Send `Authorization: Bearer TOKEN`; `jira-pipeline people token` makes one.
Errors are problem documents (RFC 9457). A POST with an `Idempotency-Key` is done once: the same
request again gets the same answer, for a day."""
_API = "jira_pipeline.web.api."
_SCHEMES = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "As `jira-pipeline people token NAME` prints it, once.",
    }
}
_KNOWN = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The `ETag` of the answer you have; where it is the same, the answer is 304.",
    "schema": {"type": "string", "maxLength": 1_000},
    "example": '"r1-0a1b2c3d4e5f6071"',
}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Any word of yours for this request, such as a UUID.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "example": "6f1d1f0e-9c2b-4a1e-8f5e-3b0c6a7d2e11",
}


@router.get("/api/docs")
def documentation(request: Request, person: AnyReader) -> Response:
    """Show every operation with its examples."""
    return show(request, "api_docs.html", person=person, files=f"{FILES_ADDRESS}/{_FILES_NAME}")


def files() -> NamedFiles:
    """Return what serves the scripts of the documentation."""
    return NamedFiles(FILES, name=_FILES_NAME)


@router.get(ERRORS_ADDRESS)
def explained_errors(request: Request, person: AnyReader) -> Response:
    """Say of every error what it means and what to do; problems lead to its code."""
    explained = [
        (code, meaning, [sentence_of(action) for action in meaning.actions_on()])
        for code, meaning in sorted(meanings().items())
    ]
    return show(request, "errors.html", person=person, explained=explained)


def describe(application: FastAPI, *, version: str) -> None:
    """Have an application describe itself; the document is made when somebody first asks."""

    def document() -> dict[str, Any]:
        if application.openapi_schema is None:
            application.openapi_schema = _document(application, version=version)
        return application.openapi_schema

    application.openapi = document  # type: ignore[method-assign] # as FastAPI documents it


def _document(application: FastAPI, *, version: str) -> dict[str, Any]:
    found = get_openapi(
        title="jira_pipeline",
        version=version,
        description=_DESCRIPTION,
        routes=application.routes,
    )
    found.setdefault("components", {})["securitySchemes"] = _SCHEMES
    found["security"] = [{"token": []}]
    schemas = found["components"].get("schemas", {})
    ours = {model.__name__: model for model in _models(BaseModel) if model.__name__ in schemas}
    for name, model in ours.items():
        extra = model.model_config.get("json_schema_extra")
        if isinstance(extra, dict):
            schemas[name] |= extra  # FastAPI leaves out every null of an example
    for name in ours:
        schemas[name].setdefault("examples", [example_of(schemas[name], schemas)])
    for field in _fields(schemas):
        if "contentMediaType" in field:  # of a file; makers of clients know it by its format
            field["format"] = "binary"
    for operations in found["paths"].values():
        for method, operation in operations.items():
            _complete(method, operation)
    return found


def _complete(method: str, operation: dict[str, Any]) -> None:
    """Say of an operation what FastAPI does not know of it, or says in a way that misleads tools."""
    summary, _, more = operation["description"].partition("\n\n")
    operation["summary"] = " ".join(summary.split()).removesuffix(".")  # else the function's name
    operation["description"] = more
    for body in operation.get("requestBody", {}).get("content", {}).values():
        if "anyOf" in body["schema"]:  # it may be left out; made clients would send it empty
            body["schema"] = body["schema"]["anyOf"][0]
    for response in operation["responses"].values():
        if MEDIA_TYPE in response.get("content", {}):  # FastAPI adds the type of its own
            response["content"] = {MEDIA_TYPE: response["content"]["application/json"]}
    if method == "get":
        operation.setdefault("parameters", []).append(_KNOWN)
        operation["responses"]["304"] = {"description": "It is as `If-None-Match` says."}
    if method == "post":
        operation.setdefault("parameters", []).append(_KEY)


def _fields(schemas: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for schema in schemas.values():
        for field in schema.get("properties", {}).values():
            yield field.get("items", field)


def _models(root: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for model in root.__subclasses__():
        yield from _models(model)
        if model.__module__.startswith(_API):
            yield model
