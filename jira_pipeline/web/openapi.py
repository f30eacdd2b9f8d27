"""The OpenAPI document: what FastAPI makes of the routes, with what holds for all of them.

Belongs here: how callers sign in, the Idempotency-Key, the answers of the framework. Does not: the
shapes of single operations (`api`).
"""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

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
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Any word of yours for this request, such as a UUID.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "example": "6f1d1f0e-9c2b-4a1e-8f5e-3b0c6a7d2e11",
}


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
    for model in _models(BaseModel):
        extra = model.model_config.get("json_schema_extra")
        if isinstance(extra, dict) and model.__name__ in schemas:
            schemas[model.__name__] |= extra  # FastAPI leaves out every null of an example
    for operations in found["paths"].values():
        for operation in operations.values():  # FastAPI makes a summary of the function's name
            summary, _, more = operation["description"].partition("\n\n")
            operation["summary"] = " ".join(summary.split()).removesuffix(".")
            operation["description"] = more
        if "post" in operations:
            operations["post"].setdefault("parameters", []).append(_KEY)
    return found


def _models(root: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for model in root.__subclasses__():
        yield from _models(model)
        if model.__module__.startswith(_API):
            yield model
