"""What a server refuses of a request is read in its refusal, left out, and remembered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from jira_pipeline.model.actions import action_text
from jira_pipeline.model.errors import WriterAccessError
from jira_pipeline.store.store import Store
from jira_pipeline.writing.models.advice import Advice, steps_of
from jira_pipeline.writing.models.conversation import ModelChoice, ModelTools
from jira_pipeline.writing.models.health import check_model
from jira_pipeline.writing.models.request_form import USUAL_FORM, RequestForm, form_of_json
from jira_pipeline.writing.writers import ModelWriter, open_model_channel
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.writing.asked_models import (
    KEY,
    MODELS,
    SESSION,
    model_tools,
    model_writer,
    outcomes,
    some_briefs,
)
from jira_pipeline_tests.writing.scripted_models import (
    Act,
    Asked,
    Fail,
    Raw,
    Say,
    Script,
    ScriptedServer,
    always,
    scripted_server,
)

pytestmark = pytest.mark.xdist_group("models")

Refusal = Callable[[Mapping[str, Any]], str]
"""Says why a body is refused; empty where it is taken."""


def refusing(*refusals: Refusal, status: int = 400) -> Script:
    def script(asked: Asked) -> Act:
        for refusal in refusals:
            words = refusal(asked.body)
            if words:
                return Fail(status=status, kind="invalid_request_error", message=words)
        return Say()

    return script


def limit_of(body: Mapping[str, Any]) -> int:
    return int(body.get("max_completion_tokens") or body.get("max_tokens") or 0)


def above(most: int, words: str) -> Refusal:
    return lambda body: (
        words.format(asked=limit_of(body), most=most) if limit_of(body) > most else ""
    )


def named(name: str, words: str) -> Refusal:
    return lambda body: words if name in body else ""


def roles(body: Mapping[str, Any]) -> list[str]:
    return [message["role"] for message in body["messages"]]


def has_system(body: Mapping[str, Any]) -> bool:
    return "system" in body or bool({"system", "developer"} & set(roles(body)))


LIMITS = (
    "max_tokens is too large: {asked}. This model supports at most {most} completion tokens, whereas you provided {asked}.",
    'litellm.BadRequestError: BedrockException - {{"message":"The maximum tokens you requested exceeds the model limit of {most}. Try again with a maximum tokens value that is lower than {most}."}}',
    "Invalid max_tokens value, the valid range of max_tokens is [1, {most}]",
    "`max_tokens` must be less than or equal to `{most}`",
    "max_tokens: {asked} > {most}, which is the maximum allowed number of output tokens for gpt-9-2024-08-06",
    "too many tokens: max_tokens must be at most {most:,}",
    "Unsupported value: 'max_completion_tokens' must be below {most}.",
)
FORMS: dict[str, tuple[str, list[Refusal], int]] = {
    **{f"limit {n}": ("compatible", [above(4_096, words)], 2) for n, words in enumerate(LIMITS)},
    "limit at Anthropic": ("anthropic", [above(4_096, LIMITS[4])], 2),
    "limit by its name": (
        "compatible",
        [
            named(
                "max_tokens",
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
            )
        ],
        2,
    ),
    "the other name": (
        "openai",
        [
            named(
                "max_completion_tokens",
                "Unrecognized request argument supplied: max_completion_tokens",
            )
        ],
        2,
    ),
    "extra inputs": (
        "openai",
        [
            named(
                "max_completion_tokens",
                "body.max_completion_tokens: Extra inputs are not permitted",
            )
        ],
        2,
    ),
    "no limit at all": (
        "compatible",
        [
            named("max_tokens", "max_tokens is not supported"),
            named("max_completion_tokens", "max_completion_tokens is not supported"),
        ],
        3,
    ),
    "name and size": (
        "compatible",
        [
            named(
                "max_tokens", "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens'."
            ),
            above(4_096, LIMITS[0]),
        ],
        3,
    ),
    "no system message": (
        "compatible",
        [lambda body: "System role not supported" if has_system(body) else ""],
        2,
    ),
    "no developer message": (
        "openai",
        [
            lambda body: (
                "Unsupported value: 'messages[0].role' does not support 'system'"
                if has_system(body)
                else ""
            )
        ],
        2,
    ),
    "no system message, in another language": (
        "compatible",
        [
            lambda body: (
                "Das Modell unterstützt die Rolle „system“ nicht." if has_system(body) else ""
            )
        ],
        2,
    ),
    "no form of an answer at all": (
        "openai",
        [named("response_format", "'response_format.type' must be 'text'")],
        2,
    ),
    "roles alternate": (
        "compatible",
        [
            lambda body: (
                "Conversation roles must alternate user/assistant/…" if has_system(body) else ""
            )
        ],
        2,
    ),
    "no system at Anthropic's gateway": (
        "anthropic",
        [lambda body: "system messages are not supported" if has_system(body) else ""],
        2,
    ),
    "one system message and no schema": (
        "compatible",
        [
            named("response_format", "response_format is not supported by this model"),
            lambda body: (
                "System message must be at the beginning." if "system" in roles(body)[1:] else ""
            ),
        ],
        2,
    ),
    "a schema refused with other words": (
        "compatible",
        [
            lambda body: (
                "System message must be at the beginning."
                if "system" in roles(body)[1:] or "response_format" in body
                else ""
            )
        ],
        3,
    ),
    "a cache": (
        "anthropic",
        [
            lambda body: (
                "cache_control: Extra inputs are not permitted"
                if "cache_control" in str(body)
                else ""
            )
        ],
        2,
    ),
    "everything": (
        "compatible",
        [
            named("response_format", "json_schema is not supported"),
            lambda body: "System role not supported" if has_system(body) else "",
            named("max_tokens", "Unknown parameter: 'max_tokens'"),
            above(5_000, LIMITS[0]),
        ],
        5,
    ),
}


@pytest.mark.parametrize("case", FORMS)
def test_what_a_server_refuses_is_left_out_of_the_next_request(store: Store, case: str) -> None:
    """The writer could not be used, and WRITER_MODEL was blamed."""
    provider, refusals, requests = FORMS[case]
    with scripted_server(refusing(*refusals)) as server:
        health = check_model(
            tools=model_tools(server, store.writing, provider=provider), is_trial=True
        )
        asked = len(server.asked)
        writer = model_writer(server, store.writing, provider=provider)
        prose = [ticket.prose for ticket in writer.write_all(some_briefs(3), session_key=SESSION)]

    assert (health.status.value, health.reason, asked) == ("healthy", "", requests)
    assert [one.fallback_reason for one in prose] == [""] * 3
    assert len(server.asked) - asked == requests + 2
    last = server.asked[-1].body
    assert "Harbour" in str(last["messages"])
    assert "write Jira tickets" in f"{last.get('system')}{last['messages']}"


def test_the_schema_in_words_goes_into_the_only_system_message(store: Store) -> None:
    refusal = named("response_format", "response_format is not supported")
    with scripted_server(refusing(refusal)) as server:
        writer = model_writer(server, store.writing, provider="compatible")
        list(writer.write_all(some_briefs(1), session_key=SESSION))

    body = server.asked[-1].body
    assert roles(body) == ["system", "user"]
    assert "estimated_hours" in str(body["messages"][0])


LITTLE_ROOM = (
    "'max_tokens' or 'max_completion_tokens' is too large: {asked}. This model's maximum context "
    "length is 16384 tokens and your request has 12288 input tokens ({asked} > 16384 - 12288)."
)
LITTLE_ROOM_IN_OTHER_WORDS = (
    "This model's maximum context length is 16384 tokens. However, you requested 20288 tokens "
    "(12288 in the messages, {asked} in the completion). Please reduce the length of the messages "
    "or completion."
)


@pytest.mark.parametrize("words", [LITTLE_ROOM, LITTLE_ROOM_IN_OTHER_WORDS], ids=["vLLM", "OpenAI"])
def test_a_prompt_that_leaves_little_room_gets_less_for_its_answer(
    store: Store, words: str
) -> None:
    with scripted_server(refusing(above(4_096, words))) as server:
        writer = model_writer(server, store.writing, provider="compatible")
        (ticket,) = writer.write_all(some_briefs(1), session_key=SESSION)

    assert ticket.prose.fallback_reason == ""
    assert [limit_of(asked.body) for asked in server.asked] == [8_000, 4_096]
    assert "left out" not in server.asked[-1].last, "all rows are sent"


@dataclass
class Remembered:
    """A memory in the place of the store's."""

    form: RequestForm = USUAL_FORM
    kept: list[RequestForm] = field(default_factory=list)

    def recall(self) -> RequestForm:
        return self.form

    def keep(self, form: RequestForm) -> None:
        self.form = form_of_json(form.as_json)
        self.kept.append(self.form)

    def forget(self) -> None:
        self.form = USUAL_FORM


def remembering(server: ScriptedServer, store: Store, memory: Remembered) -> ModelTools:
    choice = ModelChoice(
        model=MODELS["compatible"],
        base_url=server.base_url("compatible"),
        api_key=None,
        timeout_seconds=20.0,
    )
    opened = partial(open_model_channel, choice, memory=memory)
    return model_tools(server, store.writing, provider="compatible", open_channel=opened)


def test_a_form_is_remembered_once_a_request_in_it_was_answered(store: Store) -> None:
    memory = Remembered()
    with scripted_server(refusing(above(4_096, LIMITS[0]))) as server:
        for _ in range(2):
            check_model(tools=remembering(server, store, memory), is_trial=True)

    assert [limit_of(asked.body) for asked in server.asked] == [8_000, 4_096, 4_096]
    assert memory.kept == [RequestForm(answer_tokens_max=4_096)]


def test_a_retry_with_more_room_keeps_to_the_limit_and_its_answer_has_the_first_key(
    store: Store,
) -> None:
    """The second request after a cut answer asks for twice the room."""

    def script(asked: Asked) -> Act:
        if limit_of(asked.body) > 10_000:
            return Fail(status=400, message=LIMITS[0].format(asked=16_000, most=10_000))
        return Say(text="{", end="length") if asked.attempt == 1 else Say()

    with scripted_server(script) as server:
        writer = model_writer(server, store.writing)
        tickets = [*writer.write_all(some_briefs(1), session_key=SESSION)]
        tickets += writer.write_all(some_briefs(1), session_key=SESSION)

    assert [ticket.prose.fallback_reason for ticket in tickets] == ["", ""]
    assert [limit_of(asked.body) for asked in server.asked] == [8_000, 16_000, 10_000]
    assert len(outcomes(store)) == 3


def test_a_model_that_only_thought_is_asked_again_with_more_room_and_low_effort(
    store: Store,
) -> None:
    thinks = Say(text="", end="length")
    with scripted_server(always(thinks)) as server:
        tools = model_tools(server, store.writing, provider="compatible")
        health = check_model(tools=tools, is_trial=True)

    assert "with thoughts" in health.reason
    assert "WRITER_EFFORT=low" in action_text(health.next_steps[0])
    efforts = [asked.body.get("reasoning_effort") for asked in server.asked]
    assert efforts == [None, "low", "low"]
    assert [limit_of(asked.body) for asked in server.asked] == [8_000, 16_000, 16_000]


def test_an_effort_that_is_refused_is_left_out(store: Store) -> None:
    def script(asked: Asked) -> Act:
        if "reasoning_effort" in asked.body:
            return Fail(status=400, message="Unrecognized request argument: reasoning_effort")
        return Say(text="", end="length") if asked.number == 1 else Say()

    with scripted_server(script) as server:
        writer = model_writer(server, store.writing, provider="compatible")
        (ticket,) = writer.write_all(some_briefs(1), session_key=SESSION)

    assert ticket.prose.fallback_reason == ""
    assert len(server.asked) == 3


PAGE = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>x</body></html>"
ELSEWHERE: dict[str, tuple[Act, str, str]] = {
    "https": (
        Fail(
            status=308, headers={"Location": "https://m.example.org/v1/chat/completions?k=secret"}
        ),
        "redirects to https://m.example.org/v1/chat/completions,",
        "WRITER_BASE_URL",
    ),
    "a portal": (
        Fail(status=302, headers={"Location": "http://portal.example.org/login"}),
        "redirects to http://portal.example.org/login,",
        "WRITER_BASE_URL",
    ),
    "a redirect to nowhere": (Fail(status=307), "redirects to elsewhere", "WRITER_BASE_URL"),
    "a wall": (Raw(status=403, body=PAGE, content_type="text/html"), "Just a moment...", "network"),
    "a page of 401": (Raw(status=401, body=PAGE, content_type="text/html"), "web page", "network"),
    "a page of 404": (
        Raw(status=404, body=PAGE, content_type="text/html"),
        "web page",
        "WRITER_BASE_URL",
    ),
    "no such path": (
        Raw(status=404, body=b"404 page not found", content_type="text/plain"),
        "HTTP 404",
        "address of most servers",
    ),
    "a page of 407": (Raw(status=407, body=b"<HTML>Proxy"), "without a title", "network"),
}


@pytest.mark.parametrize("case", ELSEWHERE)
def test_what_is_not_the_service_is_told_as_the_address_or_the_network(
    store: Store, case: str
) -> None:
    """The advice was to set a key."""
    act, reason, advice = ELSEWHERE[case]
    with scripted_server(always(act)) as server:
        tools = model_tools(server, store.writing, provider="compatible")
        health = check_model(tools=tools, is_trial=True)
        writer = ModelWriter(tools=tools)
        with pytest.raises(WriterAccessError) as caught:
            list(writer.write_all(some_briefs(1), session_key=SESSION))

    for steps, words in (
        (health.next_steps, health.reason),
        (caught.value.recovery_actions, caught.value.message),
    ):
        told = " ".join(map(action_text, steps))
        assert reason in words
        assert advice in told
        assert "secret" not in words
        assert "API_KEY" not in told.split("check-writer")[0]
        assert "WRITER_MODEL" not in told.split("address of most servers")[0]
    assert len(server.asked) == 2


@each(
    ("message", "advice"),
    [
        ("Unsupported: temperature of the room", "Read the reason"),
        ("max_tokens is wrong", "WRITER_OUTPUT_TOKENS"),
    ],
)
def test_a_refusal_that_stays_names_its_own_setting(
    store: Store, message: str, advice: str
) -> None:
    with scripted_server(always(Fail(status=400, message=message))) as server:
        tools = model_tools(server, store.writing, provider="compatible")
        health = check_model(tools=tools, is_trial=True)

    told = " ".join(map(action_text, health.next_steps))
    assert advice in told
    assert "WRITER_MODEL" not in told


def test_every_advice_has_its_steps() -> None:
    assert all(steps_of(advice) for advice in Advice)
    assert steps_of(None) == ()
    assert KEY not in str([steps_of(advice) for advice in Advice])


def test_a_form_is_the_same_after_it_was_kept() -> None:
    form = RequestForm(answer_tokens_max=4_096, takes_system=False)

    assert form_of_json(form.as_json) == form
    assert form_of_json('{"of_another_version": 1}') == USUAL_FORM
