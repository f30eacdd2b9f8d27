"""How long to wait until a request fits the limits of a provider, by the headers of its answers."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from jira_pipeline_tests.late import Late

if TYPE_CHECKING:
    from jira_pipeline.writing.models import model_calls
else:
    model_calls = Late("jira_pipeline.writing.models.model_calls")

pytestmark = pytest.mark.xdist_group("models")
NOW = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)


def openai(kind: str, limit: str, remaining: str, reset: str) -> Mapping[str, str]:
    values = {"limit": limit, "remaining": remaining, "reset": reset}
    return {f"x-ratelimit-{what}-{kind}": value for what, value in values.items()}


def anthropic(kind: str, limit: str, remaining: str, reset: str) -> Mapping[str, str]:
    values = {"limit": limit, "remaining": remaining, "reset": reset}
    return {f"anthropic-ratelimit-{kind}-{what}": value for what, value in values.items()}


def test_a_limit_comes_back_evenly_and_only_what_is_missing_is_waited_for() -> None:
    half_past = "2026-11-24T12:00:30Z"
    cases: list[tuple[Mapping[str, str], float]] = [
        ({}, 0.0),
        (openai("requests", "60", "59", "1s"), 0.0),
        (openai("requests", "60", "0", "1m0s"), 1.0),
        (openai("tokens", "10000", "1000", "54s"), 24.0),
        (openai("tokens", "10000", "10000", "0s"), 0.0),
        (openai("tokens", "1000", "0", "12ms"), 0.012),
        (anthropic("input-tokens", "10000", "0", half_past), 12.0),
        (anthropic("output-tokens", "10000", "4000", half_past), 0.0),
        (anthropic("requests", "50", "0", half_past), 0.6),
        (anthropic("tokens", "6000", "0", "2026-11-24T13:00:00Z"), 60.0),
        (openai("requests", "60", "0", "soon"), 0.0),
        (openai("requests", "many", "0", "1s"), 0.0),
    ]
    for headers, expected in cases:
        found = model_calls.seconds_until_room(headers, tokens_in=4_000, tokens_out=1_000, now=NOW)
        assert abs(found - expected) < 1e-9, headers
