"""What fails at one ticket while others are answered is that ticket's; what answers nobody stops."""

import json
from collections.abc import Iterable
from dataclasses import replace

import pytest

from jira_pipeline.model.errors import WriterUnavailableError, WriterUnusableError
from jira_pipeline.model.revisions import TicketProse
from jira_pipeline.store.store import Store
from jira_pipeline.writing.models.asking_step import TRIES_MAX, UNUSABLE_MAX
from jira_pipeline.writing.models.bounded_answers import ANSWER_MAX_BYTES
from jira_pipeline.writing.models.conversation import PING_QUESTION
from jira_pipeline.writing.writers import ModelWriter
from jira_pipeline_tests.writing.asked_models import (
    SESSION,
    counted,
    model_tools,
    model_writer,
    outcomes,
    register,
    some_briefs,
)
from jira_pipeline_tests.writing.scripted_models import (
    Act,
    Asked,
    Fail,
    Raw,
    Say,
    ScriptedServer,
    always,
    in_turn,
    scripted_server,
    text_of,
)

pytestmark = pytest.mark.xdist_group("models")

USAGE = {"prompt_tokens": 12_000, "completion_tokens": 0, "total_tokens": 12_000}
FIREWALL = b"<html><title>Request Rejected</title>The requested URL was rejected.</html>"


def body(**fields: object) -> Raw:
    answer = {"id": "c1", "object": "chat.completion", "created": 1, "model": "m", **fields}
    return Raw(body=json.dumps(answer).encode())


def message(**fields: object) -> Raw:
    answer = {"id": "m1", "type": "message", "role": "assistant", "model": "m", "usage": {}}
    return Raw(body=json.dumps({**answer, **fields}).encode())


NOTHING = "answers with nothing"
UNKNOWN_FORM = "a form that this program does not know"
UNUSABLE: dict[str, tuple[str, Act, int, str]] = {
    "no choice": ("compatible", body(choices=[], usage=USAGE), 3, NOTHING),
    "no choice and no usage": ("openai", body(choices=[]), 3, NOTHING),
    "choices are null": ("compatible", body(choices=None, usage=USAGE), 3, NOTHING),
    "a choice of null": ("compatible", body(choices=[None], usage=USAGE), 3, NOTHING),
    "a choice without text": ("compatible", body(choices=[{"message": None}]), 3, NOTHING),
    "a stream without text": (
        "compatible",
        Raw(body=b'data: {"choices": []}\n\ndata: [DONE]'),
        3,
        NOTHING,
    ),
    "no block": ("anthropic", message(content=[], stop_reason="end_turn"), 3, NOTHING),
    "another JSON": ("compatible", Raw(body=b'{"hello": "world"}'), 3, UNKNOWN_FORM),
    "a list": ("openai", Raw(body=b"[1, 2]"), 3, UNKNOWN_FORM),
    "another JSON of Anthropic": ("anthropic", Raw(body=b'{"a": 1}'), 3, UNKNOWN_FORM),
    "nested": ("compatible", Raw(body=b"[" * 900 + b"]" * 900), 3, "nested too deeply"),
    "far too large": ("compatible", Raw(body=b" " * (ANSWER_MAX_BYTES + 1)), 3, "more than 10 MB"),
    "an empty body": ("compatible", Raw(body=b""), 3, NOTHING),
    "no content": ("openai", Raw(body=b"", status=204), 3, NOTHING),
    "blanks": ("anthropic", Raw(body=b" \n"), 3, NOTHING),
    "half an answer": ("compatible", Raw(body=b'{"choices": ['), TRIES_MAX, "only a part of it"),
    "a page of a firewall": ("compatible", Raw(body=FIREWALL), TRIES_MAX, "“Request Rejected”"),
    "500": ("compatible", Fail(status=500, message="Oops"), TRIES_MAX, "HTTP 500: Oops"),
    "error in an answer": ("compatible", body(choices=[], error="down"), TRIES_MAX, "HTTP 502"),
}


def failing_at(title: str, act: Act, server: ScriptedServer) -> None:
    """Let the server answer all questions but those about one ticket."""
    server.script = lambda asked: act if f"Title: {title}\n" in asked.request else Say()


def written(server: ScriptedServer, store: Store, provider: str, count: int) -> list[TicketProse]:
    writer = model_writer(server, store.writing, provider=provider)
    return [ticket.prose for ticket in writer.write_all(some_briefs(count), session_key=SESSION)]


def reasons(prose: Iterable[TicketProse]) -> list[str]:
    return [one.fallback_reason for one in prose if one.fallback_reason]


@pytest.mark.parametrize("case", UNUSABLE)
@pytest.mark.parametrize("place", [0, 2], ids=["the first", "the last"])
def test_an_answer_that_nobody_can_read_for_one_ticket_leaves_that_one_to_the_template(
    store: Store, case: str, place: int, caplog: pytest.LogCaptureFixture
) -> None:
    """A `choices: []` was asked for 28 times in three minutes, and nothing was written."""
    provider, act, requests, reason = UNUSABLE[case]
    title = some_briefs(3)[place].group.title
    with scripted_server(always(Say())) as server:
        failing_at(title, act, server)
        prose = written(server, store, provider, 3)

    about_it = [asked for asked in server.asked if f"Title: {title}\n" in asked.request]
    assert len(about_it) == requests
    assert len(prose) == 3
    (told,) = reasons(prose)
    assert reason in told
    assert "Error" not in f"{told}{caplog.text}"
    assert counted(outcomes(store))["answered"] == len(server.asked) - requests


def test_a_filter_that_says_so_is_not_asked_again(store: Store) -> None:
    filtered = body(choices=[{"finish_reason": "content_filter", "message": None}], usage=USAGE)
    with scripted_server(always(Say())) as server:
        failing_at(some_briefs(3)[1].group.title, filtered, server)
        prose = written(server, store, "compatible", 3)

    assert reasons(prose) == ["The model refused to answer."]
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    "act", [body(choices=[], usage=USAGE), Say(text="", tokens_in=12_000)], ids=["none", "blank"]
)
def test_a_model_that_answers_the_first_five_with_nothing_is_asked_no_more(
    store: Store, act: Act
) -> None:
    answers_nothing = pytest.raises(WriterUnusableError, match="This model answers with nothing")
    with scripted_server(always(act)) as server, answers_nothing as caught:
        written(server, store, "compatible", 24)

    assert len(server.asked) == 3 * UNUSABLE_MAX
    assert store.writing.spending(SESSION).unseen_requests == 0
    assert "0 of 24 tickets" in caught.value.message


@pytest.mark.parametrize("place", [0, 1, 2], ids=["the first", "one of several", "the last"])
def test_a_ticket_that_is_throttled_for_ever_is_the_templates_where_others_are_answered(
    store: Store, place: int
) -> None:
    """The step waited, stopped and was started again, each time for this one ticket."""
    throttled = Fail(status=429, kind="rate_limit_error", message="Slow down")
    title = some_briefs(3)[place].group.title
    with scripted_server(always(Say())) as server:
        failing_at(title, throttled, server)
        prose = written(server, store, "compatible", 3)

    (told,) = reasons(prose)
    assert "fails at this one: HTTP 429: Slow down" in told


@pytest.mark.parametrize(("answered", "count"), [(0, 1), (0, 8), (1, 8)])
def test_tickets_that_are_all_throttled_wait_although_a_small_question_is_answered(
    store: Store, answered: int, count: int
) -> None:
    """A limit of tokens lets small questions through, and all tickets would be the template's."""

    def script(asked: Asked) -> Act:
        is_small = PING_QUESTION.request in text_of(asked.body["messages"][-1])
        is_answered = is_small or asked.number <= answered
        return Say() if is_answered else Fail(status=429, message="Slow down")

    with (
        scripted_server(script) as server,
        pytest.raises(WriterUnavailableError, match=f"{answered} of {count} tickets"),
    ):
        written(server, store, "compatible", count)


def test_a_service_that_answers_nobody_any_more_stops_the_step(store: Store) -> None:
    """All others would be the template's, and nobody would ask again."""
    with (
        scripted_server(lambda asked: Say() if asked.number <= 3 else Raw(body=FIREWALL)) as server,
        pytest.raises(WriterUnavailableError, match="3 of 8 tickets"),
    ):
        written(server, store, "compatible", 8)

    # Tickets that were being asked beside it may end after it.
    asked = [text_of(request.body["messages"][-1]) for request in server.asked]
    assert PING_QUESTION.request in asked


def test_a_second_answer_that_nobody_can_read_takes_nothing_from_the_first(store: Store) -> None:
    invents = Say(text=Say().text.replace("The table", "`field_unheard`"))

    def script(asked: Asked) -> Act:
        return invents if asked.attempt == 1 else body(choices=[], usage=USAGE)

    with scripted_server(script) as server:
        prose = written(server, store, "compatible", 1)

    assert reasons(prose) == []


FAILURES: dict[str, tuple[str, Act, str]] = {
    "502": ("openai", Fail(status=502), "unseen"),
    "504": ("openai", Fail(status=504), "unseen"),
    "499": ("openai", Fail(status=499, kind="invalid_request_error"), "unseen"),
    "499 of a gateway": ("compatible", Fail(status=499), "unseen"),
    "524": ("anthropic", Fail(status=524), "unseen"),
    "an error beside half an answer": (
        "compatible",
        body(choices=[{"finish_reason": "error", "message": {"content": "{"}}], usage=USAGE),
        "unseen",
    ),
    "500 of a gateway": ("openai", Fail(status=500), "unseen"),
    "599 of a gateway": ("compatible", Fail(status=599), "unseen"),
    "503": ("compatible", Fail(status=503, kind="unavailable_error"), "failed"),
    "529": ("compatible", Fail(status=529, kind="overloaded_error"), "rate_limited"),
    "429": ("openai", Fail(status=429, kind="rate_limit_error"), "rate_limited"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_an_answer_that_a_gateway_lost_counts_with_the_most(store: Store, case: str) -> None:
    """A budget of 0.10 sent 42 prompts behind a gateway that answered 504."""
    provider, act, outcome = FAILURES[case]
    with scripted_server(lambda asked: act if asked.number == 1 else Say()) as server:
        written(server, store, provider, 1)

    spent = store.writing.spending(SESSION)
    assert [found.value for found in outcomes(store)] == [outcome, "answered"]
    assert (spent.unseen_usd > 0) == (outcome == "unseen")


def test_a_window_that_the_answer_filled_is_paid_for_and_asked_again_with_fewer_rows(
    store: Store,
) -> None:
    """It was told to write less, and to be a more capable model."""
    full = body(
        choices=[{"finish_reason": "model_context_window_exceeded", "message": {"content": "{"}}],
        usage=USAGE,
    )
    with scripted_server(lambda asked: full if asked.number == 1 else Say()) as server:
        prose = written(server, store, "compatible", 1)

    assert reasons(prose) == []
    assert counted(outcomes(store)) == {"too_long": 1, "answered": 1}
    assert "rows of other tickets are left out" in server.asked[-1].last
    assert store.writing.spending(SESSION).cost_usd > 0


def test_numbers_of_a_server_have_a_bound(store: Store) -> None:
    """`1e30` tokens ended the stage with an exception of the database."""
    register(store, "other")
    for count in ("1e30", "1e300", "9" * 400, "NaN", "-1e30", "true"):
        usage = f'{{"prompt_tokens": {count}, "completion_tokens": {count}}}'
        answer = json.dumps({"choices": [{"message": {"content": Say().text}}]})
        raw = Raw(body=f'{answer[:-1]}, "usage": {usage}}}'.encode())
        with scripted_server(always(raw)) as server:
            prose = written(server, store, "openai", 1)

        assert reasons(prose) == [], count

    assert store.writing.spending(SESSION).tokens_in <= 10**9


def test_a_longer_wait_for_a_model_is_told_once_with_its_reason(store: Store) -> None:
    shown = list[tuple[str, str, float]]()
    throttled = Fail(status=429, message="Slow down.", headers={"Retry-After": "34"})

    with scripted_server(in_turn(throttled, Say())) as server:
        tools = replace(
            model_tools(server, store.writing), show_wait=lambda *wait: shown.append(wait)
        )
        list(ModelWriter(tools=tools).write_all(some_briefs(3), session_key=SESSION))

    (session_key, reason, seconds) = shown[0]
    assert (session_key, "Slow down." in reason, seconds >= 34.0) == (SESSION, True, True)
