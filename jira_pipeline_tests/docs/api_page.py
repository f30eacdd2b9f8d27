"""Writes the lists of `docs/api.md` that the document of the API has: `make api-page`.

Belongs here: which list comes from which part of the document. Does not: the rest of the page, and
the fields of WebSocket messages, which a test compares with messages.
"""

from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from jira_pipeline.web.api.described import describe, operation_id
from jira_pipeline.web.application import API

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
FIELDS = "including the framework's and the [guard's](operations.md#the-guard):"
STEPS = "Each step of `actions` has all of these fields:"
STATUSES = "The statuses of errors:"


def document() -> dict[str, Any]:
    application = FastAPI(generate_unique_id_function=operation_id)
    for router in API:
        application.include_router(router)
    return describe(application)


def lists() -> Mapping[str, str]:
    """Return each list by the end of the line above it."""
    components = document()["components"]
    schemas = components["schemas"]
    return {
        FIELDS: _fields(schemas["Problem"]),
        STEPS: _fields(schemas["ProgramStep"]),
        STATUSES: "".join(
            f"- {status}: {HTTPStatus(int(status)).phrase}. {response['description']}\n"
            for status, response in components["responses"].items()
        ),
    }


def _fields(schema: Mapping[str, Any]) -> str:
    lines: list[str] = []
    for name, field in schema["properties"].items():
        of_some = "" if name in schema["required"] else " (of some)"
        lines.append(f"- `{name}`{of_some}: {field['description']}\n")
    return "".join(lines)


def page_with_lists(page: str) -> str:
    """Return the page with each list in the place of what is below its line."""
    for head, items in lists().items():
        before, _, rest = page.partition(f"{head}\n\n")
        _, _, after = rest.partition("\n\n")
        page = f"{before}{head}\n\n{items}\n{after}"
    return page


if __name__ == "__main__":
    PAGE.write_text(page_with_lists(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
