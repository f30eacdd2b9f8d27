"""The OpenAPI document: valid, whole, and what the API answers; the linters of others are long tests.

That each status and content type answered is declared, `declared_answers` watches in every test.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from jira_pipeline.model.errors import meanings
from jira_pipeline.web.api.shapes import INTEGER_MAX
from jira_pipeline.web.context import Web
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.web.browsers import declared_by
from jira_pipeline_tests.web.declared_answers import Declared

pytestmark = pytest.mark.small_site

LINTERS = Path(__file__).parent / "document_linters"
CODES_OF_HTTP = {"bad_request", "request_entity_too_large", "unsupported_media_type"}


@pytest.fixture
def document(web: Web) -> dict[str, Any]:
    return dict(declared_by(web).document)


def operations_of(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            yield f"{method} {path}", operation


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    validate(document)


def test_each_operation_says_what_it_does_and_may_refuse(document: dict[str, Any]) -> None:
    """A generated client raised on every 422, and could not tell 404 from 503."""
    tags = {tag["name"] for tag in document["tags"]}
    for name, operation in operations_of(document):
        assert operation["description"].count("\n\n") >= 1, name
        assert set(operation["tags"]) <= tags, name
        assert operation["operationId"].isidentifier(), name
        assert "api" not in operation["operationId"].split("_"), name
        assert {"401", "403", "503"} <= operation["responses"].keys(), name
        assert any(status.startswith("2") for status in operation["responses"]), name
    ids = [operation["operationId"] for _, operation in operations_of(document)]
    assert len(ids) == len(set(ids))
    assert document["security"] == [{"token": []}]
    assert document["servers"]


def test_every_array_says_what_its_items_are(document: dict[str, Any]) -> None:
    """A linter of others wants it; pairs were declared by the places in them alone."""
    pending: list[Any] = [document]
    arrays = 0
    for part in pending:
        if isinstance(part, list):
            pending += part
        elif isinstance(part, dict):
            pending += part.values()
            if part.get("type") == "array":
                arrays += 1
                assert "items" in part, part

    assert arrays


def test_no_body_is_declared_as_null(document: dict[str, Any]) -> None:
    """A generated client sent what it cannot write, where a body might be left out."""
    for name, operation in operations_of(document):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            assert {"type": "null"} not in content["schema"].get("anyOf", ()), name


def test_every_part_of_the_document_is_used(document: dict[str, Any]) -> None:
    text = json.dumps(document)
    for kind in ("schemas", "responses"):
        for name in document["components"][kind]:
            assert f'"#/components/{kind}/{name}"' in text, name


def test_an_example_of_a_problem_has_a_code_that_there_is(document: dict[str, Any]) -> None:
    for status, response in document["components"]["responses"].items():
        example = response["content"]["application/problem+json"]["example"]
        assert example["code"] in meanings() or example["code"] in CODES_OF_HTTP, status
        assert example.keys() == set(document["components"]["schemas"]["Problem"]["required"])


@each(
    ("status", "content_type", "fault"),
    [
        (200, "application/json", None),
        (404, "application/problem+json", None),
        (418, "application/problem+json", "status 418 is not declared"),
        (404, "text/html", "404 comes as text/html"),
    ],
)
def test_an_answer_that_is_not_declared_is_found(
    web: Web, status: int, content_type: str, fault: str | None
) -> None:
    declared = Declared(lambda: declared_by(web).document)

    found = declared.fault_of(
        "GET", "/api/jira/export-status/clocks", status=status, content_type=content_type
    )

    assert (found or "")[: len(fault or "")] == (fault or "")
    assert bool(found) == bool(fault)


@each(
    "command",
    [
        ("redocly", "lint", "--format=summary"),
        ("spectral", "lint", "--fail-severity=error", "--ruleset=ruleset.yaml"),
    ],
)
def test_linters_of_others_find_no_error(
    document: dict[str, Any], tmp_path: Path, command: tuple[str, ...]
) -> None:
    program = LINTERS / "node_modules" / ".bin" / command[0]
    if shutil.which("node") is None or not program.exists():
        pytest.skip("needs Node 20 and `make test-all`, which installs the linters with npm")
    written = tmp_path / "openapi.json"
    written.write_text(json.dumps(document), encoding="utf-8")
    (tmp_path / "ruleset.yaml").write_text('extends: ["spectral:oas"]\n', encoding="utf-8")

    done = subprocess.run(
        [str(program), *command[1:], str(written)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_a_limit_of_its_own_takes_the_place_of_the_one_of_all_numbers(
    document: dict[str, Any],
) -> None:
    """A revision has both a limit and no value: its limit was there under a name of no standard."""
    number, nothing = document["components"]["schemas"]["EditWanted"]["properties"]["revision"][
        "anyOf"
    ]

    assert number == {"type": "integer", "minimum": 1, "maximum": INTEGER_MAX}
    assert nothing == {"type": "null"}


def test_limits_of_a_number_are_in_the_document(document: dict[str, Any]) -> None:
    """A tool sent numbers that the document allowed and the server refused."""
    number = document["components"]["schemas"]["EditWanted"]["properties"]["number"]

    assert (number["minimum"], number["maximum"]) == (1, 2**31 - 1)
