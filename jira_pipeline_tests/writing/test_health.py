"""Whether a model can be used: each failure, the part it is about, and what a run would end with."""

from contextlib import AbstractContextManager, nullcontext
from decimal import Decimal
from typing import NoReturn

import pytest

from jira_pipeline.model.errors import (
    PipelineError,
    WriterAccessError,
    WriterBudgetError,
    WriterContextError,
    WriterMissingError,
    WriterQuotaError,
    WriterUnavailableError,
    WriterUnusableError,
)
from jira_pipeline.model.json_values import json_object
from jira_pipeline.store.store import Store
from jira_pipeline.writing.models.conversation import (
    PING_QUESTION,
    Conversation,
    Failure,
    FailureKind,
)
from jira_pipeline.writing.models.health import (
    NO_PART_NEEDED,
    HealthStatus,
    WriterHealth,
    check_model,
    health_of_model,
)
from jira_pipeline_tests.writing.asked_models import SESSION, StillClock, model_tools, outcomes
from jira_pipeline_tests.writing.scripted_models import (
    NO_CREDIT,
    TOO_LATE,
    Act,
    Asked,
    Fail,
    Raw,
    Reset,
    Say,
    Script,
    Silence,
    always,
    in_turn,
    scripted_server,
)

pytestmark = pytest.mark.xdist_group("models")

PARTS = ("connectivity", "availability", "authentication", "quota", "model")
YES = Say(text="yes")
HEALTH: dict[str, tuple[Act, str, dict[str, str], type[PipelineError] | None]] = {
    "an answer": (YES, "healthy", {}, None),
    "an answer cut short": (Say(text="", end="length"), "healthy", {}, None),
    "a refusal": (Say(text="No.", end="refusal"), "degraded", {"model": "limited"}, None),
    "429": (
        Fail(status=429, kind="rate_limit_error"),
        "degraded",
        {"quota": "limited", "model": "not_known"},
        None,
    ),
    "429 for an hour": (
        TOO_LATE,
        "unavailable",
        {"quota": "limited", "model": "not_known"},
        WriterUnavailableError,
    ),
    "no credit": (
        NO_CREDIT,
        "unavailable",
        {"quota": "failed", "model": "not_known"},
        WriterQuotaError,
    ),
    "401": (
        Fail(status=401, kind="invalid_api_key"),
        "unavailable",
        {"authentication": "failed", "quota": "not_known", "model": "not_known"},
        WriterAccessError,
    ),
    "404": (
        Fail(status=404, kind="model_not_found"),
        "unavailable",
        {"quota": "not_known", "model": "failed"},
        WriterAccessError,
    ),
}
OUT_OF_ORDER = {
    "availability": "failed",
    "authentication": "not_known",
    "quota": "not_known",
    "model": "not_known",
}
OUTAGES: dict[str, Act] = {
    "500": Fail(status=500),
    "reset": Reset(),
    "another page": Raw(body=b"<html>welcome", content_type="text/html"),
}
HEALTH |= {
    name: (act, "unavailable", OUT_OF_ORDER, WriterUnavailableError)
    for name, act in OUTAGES.items()
}


@pytest.mark.parametrize("case", HEALTH)
def test_each_answer_shows_which_part_is_well_and_what_a_run_would_end_with(
    store: Store, case: str
) -> None:
    act, status, signs, error = HEALTH[case]
    ended: AbstractContextManager[object] = (
        pytest.raises(error, match="Nothing was written") if error else nullcontext()
    )
    with scripted_server(always(act)) as server:
        tools = model_tools(server, store.writing)

        found = check_model(tools=tools)
        with ended:
            check_model(tools=tools, session_key=SESSION).require()

    report = json_object(found)
    well = dict.fromkeys(PARTS, "ok")
    assert report["status"] == status
    assert {part: report[part] for part in well} == well | signs
    assert type(found.error) is (error or type(None))
    assert (len(server.asked), len(outcomes(store))) == (2, 1), "the check is counted nowhere"
    assert len(str(server.asked[0].body)) < 1_000
    assert error is None or store.writing.spending(SESSION).tokens_out == 0
    assert bool(report["next_steps"]) == (status != "healthy")


ANSWER, ENDLESS = Say(), Say(text="", end="length")
TOO_LONG = Fail(status=400, message="prompt is too long: 9 tokens > 8")
CUT = ("unavailable", "tokens of a prompt that has", WriterContextError)
PROSE = Say(text="I am ready to help you with your ticket.")


def without_schemas(asked: Asked) -> Act:
    return Fail(status=400) if "response_format" in asked.body else ANSWER


TRIALS: dict[str, tuple[Script, str, str, type[PipelineError] | None, int]] = {
    "an answer": (always(ANSWER), "healthy", "", None, 1),
    "after thoughts": (
        always(Say(text=f"Hm, {{so}}.</think>{ANSWER.text}")),
        "healthy",
        "",
        None,
        1,
    ),
    "takes no schema": (without_schemas, "healthy", "", None, 2),
    "no tokens counted": (always(Say(tokens_in=0)), "healthy", "", None, 1),
    "the second time": (in_turn(PROSE, ANSWER), "degraded", "does not fit", None, 2),
    "a refusal": (always(Say(text="No.", end="refusal")), "degraded", "It refused", None, 1),
    "too long": (always(TOO_LONG), "degraded", "prompt is too long", None, 1),
    "prose": (always(PROSE), "unavailable", "does not fit", WriterUnusableError, 3),
    "a word": (always(YES), "unavailable", "does not fit", WriterUnusableError, 3),
    "thoughts alone": (always(ENDLESS), "unavailable", "with thoughts", WriterUnusableError, 3),
    "cut to half": (always(Say(tokens_in=2_050)), *CUT, 1),
    "cut to 4,096": (always(Say(tokens_in=4_096)), *CUT, 1),
}


@pytest.mark.parametrize("case", TRIALS)
def test_on_trial_an_answer_is_judged_as_about_a_ticket(store: Store, case: str) -> None:
    """Whatever arrived whole was called healthy: thoughts, prose, and answers to half a prompt."""
    script, status, reason, error, requests = TRIALS[case]
    with scripted_server(script) as server:
        tools = model_tools(server, store.writing, provider="compatible")

        found = check_model(tools=tools, is_trial=True)

    assert found.status.value == status
    assert reason in found.reason
    assert type(found.error) is (error or type(None))
    assert len(server.asked) == requests
    assert bool(found.next_steps) == (status != "healthy")
    assert store.writing.spending(SESSION).requests == 0


def test_only_a_server_that_is_not_there_is_out_of_reach(store: Store) -> None:
    """HTTP 500 and another page were reported as `connectivity failed`."""
    with scripted_server(always(YES)) as server:
        pass

    found = check_model(tools=model_tools(server, store.writing))

    report = json_object(found)
    assert [report[part] for part in PARTS] == ["failed"] + ["not_known"] * 4
    assert isinstance(found.error, WriterUnavailableError)


def test_every_kind_of_failure_has_its_signs() -> None:
    for kind in FailureKind:
        conversation = Conversation(question=PING_QUESTION)
        conversation.take(Failure(kind=kind, reason="It said no."))

        health = health_of_model(conversation, model="m", seconds=1.0)

        assert health.status is not HealthStatus.HEALTHY
        assert health.reason == "It said no."


def test_a_server_that_says_nothing_is_given_up_in_time(store: Store) -> None:
    with scripted_server(always(Silence())) as server:
        tools = model_tools(server, store.writing, timeout_seconds=0.2)

        found = check_model(tools=tools)

    assert found.status is HealthStatus.UNAVAILABLE
    assert "No answer within 0.2 s" in found.reason


def test_without_the_packages_it_says_what_to_install(store: Store) -> None:
    def missing() -> NoReturn:
        raise WriterMissingError(model="openai:gpt-5-mini")

    with scripted_server(always(YES)) as server:
        tools = model_tools(server, store.writing, open_channel=missing)

        found = check_model(tools=tools)

    assert isinstance(found.error, WriterMissingError)
    assert found.signs.connectivity.value == "not_known"
    assert found.seconds is None


def test_the_template_needs_nobody() -> None:
    found = json_object(WriterHealth(writer="template/1", signs=NO_PART_NEEDED))

    assert (found["status"], found["connectivity"], found["latency_seconds"]) == (
        "healthy",
        "not_needed",
        None,
    )


def test_before_a_run_a_model_is_asked_once_and_nobody_waits(store: Store) -> None:
    """It was asked six times, and the step was tried seven: 42 requests to nobody."""
    clock = StillClock()
    with scripted_server(in_turn(Fail(status=503), YES)) as server:
        tools = model_tools(server, store.writing, clock=clock)

        with pytest.raises(WriterUnavailableError) as caught:
            check_model(tools=tools, session_key=SESSION).require()

    assert not caught.value.has_begun
    assert [o.value for o in outcomes(store)] == ["failed"]
    assert clock.seconds == 0


def test_a_session_whose_limits_are_reached_asks_nothing(store: Store) -> None:
    with scripted_server(always(YES)) as server:
        tools = model_tools(server, store.writing, budget_usd=Decimal("0.0001"))

        with pytest.raises(WriterBudgetError, match="WRITER_BUDGET"):
            check_model(tools=tools, session_key=SESSION).require()

    assert server.asked == []
