"""A client that fails where the API answers what its document does not declare.

Every test that asks the API watches its document by that: a status, a content type or a field that
nobody declared so is found by the first test that meets it.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Response
from jsonschema_rs import Draft202012Validator
from starlette.types import ASGIApp
from typing_extensions import override

Document = Mapping[str, Any]
OF_FRAMEWORK = {404, 405}
"""Answered where no operation is: they have no place in the document."""


class Declared:
    """What the document says may be answered."""

    def __init__(self, read: Callable[[], Document]) -> None:
        self._read = read
        self._validators: dict[str, Draft202012Validator] = {}

    @cached_property
    def document(self) -> Document:
        return self._read()

    @cached_property
    def _addresses(self) -> list[tuple[re.Pattern[str], Mapping[str, Any]]]:
        found: list[tuple[re.Pattern[str], Mapping[str, Any]]] = []
        for path, operations in self.document["paths"].items():
            literal = [re.escape(part) for part in re.split(r"\{\w+\}", path)]
            found.append((re.compile("[^/]+".join(literal)), operations))
        return found

    def fault_of(
        self, method: str, path: str, *, status: int, content_type: str, body: bytes = b""
    ) -> str | None:
        """Return what is not declared of an answer; None where all is."""
        if not path.startswith("/api/") or path == "/api/openapi.json":
            return None
        asked = "get" if method == "HEAD" else method.casefold()
        for address, operations in self._addresses:
            if address.fullmatch(path) and asked in operations:
                return self._fault_in(operations[asked], status, content_type, body)
        return None if status in OF_FRAMEWORK | {401} else f"{status} of no operation"

    def _fault_in(
        self, operation: Mapping[str, Any], status: int, content_type: str, body: bytes
    ) -> str | None:
        response = operation["responses"].get(str(status))
        if response is None:
            return f"status {status} is not declared"
        if "$ref" in response:
            response = self.document["components"]["responses"][str(status)]
        declared = response.get("content", {})
        media_type = content_type.partition(";")[0]
        if declared and media_type not in declared:
            return f"{status} comes as {media_type}, and {[*declared]} is declared"
        if not body or not media_type.endswith("json"):
            return None
        return self._fault_of_body(declared[media_type]["schema"], json.loads(body))

    def _fault_of_body(self, schema: Mapping[str, Any], body: object) -> str | None:
        """Return the first thing in a body that its schema does not allow; None where it allows all."""
        whole = {**schema, "components": self.document["components"]}
        name = json.dumps(schema, sort_keys=True)
        if name not in self._validators:
            self._validators[name] = Draft202012Validator(whole)
        for error in self._validators[name].iter_errors(body):
            place = "/".join(map(str, error.instance_path))
            return f"the body is not as declared at /{place}: {error.message}"
        return None


class WatchingClient(TestClient):
    """Compares every answer of the API with what is declared."""

    def __init__(self, app: ASGIApp, declared: Declared, **more: Any) -> None:
        super().__init__(app, **more)
        self._declared = declared

    @override
    def request(self, method: str, url: Any, **more: Any) -> Response:
        answer: Response = super().request(method, url, **more)
        fault = self._declared.fault_of(
            method,
            answer.request.url.path,
            status=answer.status_code,
            content_type=answer.headers.get("content-type", ""),
            body=b"" if method == "HEAD" else answer.content,
        )
        assert fault is None, f"{method} {answer.request.url.path}: {fault}"
        return answer
