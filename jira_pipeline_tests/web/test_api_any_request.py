"""Any request to the API: made by Schemathesis from the OpenAPI document, signed in and not.

No answer is a failure of ours, and none is undocumented. Each request is about a session that is
there as often as about any other. The long form is `JIRA_PIPELINE_TEST_LONG=1`.
"""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation

from jira_pipeline.flow import people
from jira_pipeline.kernel.people import Role
from jira_pipeline.web.application import create_app
from jira_pipeline.web.context import Web
from jira_pipeline.web.dagster import LateDagster
from jira_pipeline.web.limits import StatusPace
from jira_pipeline_tests.long_form import IS_LONG, OF_THE_LONG_FORM
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.web.browsers import NAMES, dagster_in_test, opened_web
from jira_pipeline_tests.web.recorded_runs import RecordedRuns

load_all_checks()
EXAMPLES = 200 if IS_LONG else 2
DOCUMENT = "/api/openapi.json"
WHAT_MUST_HOLD = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
    ]
)
REFUSES_WRONG_DATA = CHECKS.get_by_names(["negative_data_rejection"])


@pytest.fixture(scope="module")
def asked_web(
    small_reviewed_project: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Web]:
    """A web whose runs are only asked for, and whose status may be asked for at any time."""
    project = tmp_path_factory.mktemp("asked") / "project"
    shutil.copytree(small_reviewed_project, project)
    seconds = count(step=3)
    with opened_web(project) as web:
        dagster = LateDagster()
        dagster.arrive(dagster_in_test, RecordedRuns(is_queueing=False))
        pace = StatusPace(monotonic=lambda: float(next(seconds)))
        yield replace(web, dagster=dagster, status_pace=pace)


@pytest.mark.parametrize(
    "is_signed_in",
    [
        pytest.param(True, id="signed_in"),
        # that each route refuses nobody, `test_routes_and_roles` asks
        pytest.param(False, id="not_signed_in", marks=OF_THE_LONG_FORM),
    ],
)
def test_no_request_breaks_it_and_no_answer_is_undocumented(
    asked_web: Web, *, is_signed_in: bool
) -> None:
    application = create_app(asked_web)
    headers: dict[str, str] = {}
    if is_signed_in:
        issued = people.issue_token(
            asked_web.pipeline, NAMES[Role.ADMIN], role=None, days=1, label="test", by="test"
        )
        headers["Authorization"] = f"Bearer {issued.secret}"
    schema = schemathesis.openapi.from_asgi(DOCUMENT, application)

    wrong: dict[str, str] = {}
    asked = 0
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        fault = _fault_of(operation, headers, is_signed_in=is_signed_in)
        asked += 1
        if fault:
            wrong[operation.label] = fault

    assert asked > 50
    assert not wrong, "\n\n".join(f"{label}: {fault}" for label, fault in wrong.items())


def _fault_of(
    operation: APIOperation[Any, Any, Any, Any], headers: Mapping[str, str], *, is_signed_in: bool
) -> str:
    """Say what is wrong with any answer of an operation; nothing where all is well."""

    @settings(
        max_examples=EXAMPLES if is_signed_in else EXAMPLES // 2,  # all of those are refused
        deadline=None,
        derandomize=not IS_LONG,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=operation.as_strategy(),
        is_about_ours=st.booleans(),
        number=st.integers(min_value=1, max_value=26),
    )
    def ask(case: schemathesis.Case[Any], *, is_about_ours: bool, number: int) -> None:
        checks = [*WHAT_MUST_HOLD]
        if not is_about_ours:
            checks += REFUSES_WRONG_DATA
        else:  # which may put a right value in the place of the wrong one
            ours = {"key": SESSION, "number": number, "after": 1, "other": 2}
            known = case.path_parameters or {}
            case.path_parameters = known | {n: v for n, v in ours.items() if n in known}
        response = case.call(headers=dict(headers))
        case.validate_response(response, checks=checks)  # type: ignore[arg-type] # as its registry has them
        if not is_signed_in:
            assert response.status_code in {401, 429}, response.status_code  # guesses are slowed

    try:
        ask()
    except (Failure, FailureGroup, AssertionError) as fault:
        return str(fault)[:2_000]
    return ""


def test_the_document_itself_is_whole(asked_web: Web) -> None:
    application: FastAPI = create_app(asked_web)

    schema = schemathesis.openapi.from_asgi(DOCUMENT, application)

    schema.validate()
