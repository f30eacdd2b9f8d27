"""What docs/writers.md says of services and gateways, against stubs that answer as they document it.

Each stub names its source and the day on which it was read. No real service is asked.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pytest
from pydantic import SecretStr

from jira_pipeline.context.settings import Settings
from jira_pipeline.store.store import Store
from jira_pipeline.writing.models.conversation import ModelChoice
from jira_pipeline.writing.models.health import check_model
from jira_pipeline.writing.writers import ModelWriter, open_model_channel
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.writing.asked_models import KEY, SESSION, model_tools, some_briefs
from jira_pipeline_tests.writing.scripted_models import (
    Act,
    Asked,
    Fail,
    Raw,
    Say,
    scripted_server,
)

pytestmark = pytest.mark.xdist_group("models")


@dataclass(frozen=True, kw_only=True)
class Provider:
    """A service as its documentation describes it."""

    address: str
    """WRITER_BASE_URL behind the host."""
    path: str
    """Where requests arrive."""
    script: Callable[[Asked], Act]
    requests: int
    """For the first ticket."""


def refused(message: str, **fields: object) -> Raw:
    return Raw(status=400, body=json.dumps({"error": {"message": message, **fields}}).encode())


def header(asked: Asked, name: str) -> str:
    return next((text for key, text in asked.headers.items() if key.lower() == name), "")


def azure(asked: Asked) -> Act:
    """Source: learn.microsoft.com, Azure OpenAI REST API reference and reasoning models, 2026-11-30."""
    if header(asked, "api-key") != KEY or header(asked, "authorization"):
        body = {
            "error": {"code": "401", "message": "Access denied due to invalid subscription key."}
        }
        return Raw(status=401, body=json.dumps(body).encode())
    if "max_tokens" in asked.body:
        return refused(
            "Unsupported parameter: 'max_tokens' is not supported with this model. "
            "Use 'max_completion_tokens' instead.",
            param="max_tokens",
            code="unsupported_parameter",
        )
    return Say()


def azure_v1(asked: Asked) -> Act:
    """Source: learn.microsoft.com, Azure OpenAI in Foundry Models v1 API, 2026-11-30."""
    is_known = header(asked, "authorization") == f"Bearer {KEY}"
    return Say() if is_known else Fail(status=401)


def vllm(asked: Asked) -> Act:
    """Source: docs.vllm.ai, OpenAI-compatible server, chat template; vllm-project/vllm#41114, 2026-11-30."""
    if any(message["role"] == "system" for message in asked.body["messages"][1:]):
        return refused("System message must be at the beginning.", type="BadRequestError")
    if "response_format" in asked.body:
        return refused("The provided JSON schema contains features not supported by xgrammar.")
    return Say()


def ollama(asked: Asked) -> Act:
    """Source: docs.ollama.com, OpenAI compatibility, fields of a request, 2026-11-30."""
    known = {"model", "messages", "response_format", "max_tokens", "reasoning_effort", "stream"}
    unknown = set(asked.body) - known
    return refused(f"json: unknown field {sorted(unknown)}") if unknown else Say()


def litellm(asked: Asked) -> Act:
    """Source: docs.litellm.ai, drop_params: what a model does not take raises, 2026-11-30."""
    if "response_format" in asked.body:
        return refused(
            "litellm.UnsupportedParamsError: bedrock does not support parameters: "
            "['response_format'], for model=m. To drop these, set `litellm.drop_params=True`."
        )
    return Say()


def openrouter(asked: Asked) -> Act:
    """Source: openrouter.ai, errors and debugging: errors while the model works have status 200, 2026-11-30."""
    if asked.number == 1:
        error = {"error": {"code": 502, "message": "Provider returned error", "metadata": {}}}
        return Raw(body=json.dumps(error).encode())
    return Say()


def bedrock(asked: Asked) -> Act:
    """Source: docs.aws.amazon.com, Bedrock, OpenAI-compatible endpoints; words of its limit: optillm#4, 2026-11-30."""
    if int(asked.body.get("max_tokens") or asked.body["max_completion_tokens"]) > 4_096:
        return refused(
            "The maximum tokens you requested exceeds the model limit of 4096. Try again with a "
            "maximum tokens value that is lower than 4096."
        )
    return Say()


VERSION = "?api-version=2024-10-21"
PROVIDERS = {
    "Azure": Provider(
        address=f"/openai/deployments/ours{VERSION}",
        path=f"/openai/deployments/ours/chat/completions{VERSION}",
        script=azure,
        requests=2,
    ),
    "Azure v1": Provider(
        address="/openai/v1", path="/openai/v1/chat/completions", script=azure_v1, requests=1
    ),
    "vLLM": Provider(address="/v1", path="/v1/chat/completions", script=vllm, requests=2),
    "Ollama": Provider(address="/v1", path="/v1/chat/completions", script=ollama, requests=1),
    "LiteLLM": Provider(address="", path="/chat/completions", script=litellm, requests=2),
    "OpenRouter": Provider(
        address="/api/v1", path="/api/v1/chat/completions", script=openrouter, requests=2
    ),
    "Bedrock": Provider(
        address="/openai/v1", path="/openai/v1/chat/completions", script=bedrock, requests=2
    ),
}


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_ticket_is_written_through_each_service(store: Store, name: str) -> None:
    provider = PROVIDERS[name]
    with scripted_server(provider.script) as server:
        address, _, query = f"{server.url}{provider.address}".partition("?")
        choice = ModelChoice(
            model="m", base_url=address, query=query, api_key=SecretStr(KEY), timeout_seconds=20.0
        )
        opened = partial(open_model_channel, choice)
        tools = model_tools(server, store.writing, provider="compatible", open_channel=opened)
        (ticket,) = ModelWriter(tools=tools).write_all(some_briefs(1), session_key=SESSION)
        asked = len(server.asked)
        health = check_model(tools=tools, is_trial=True)

    assert ticket.prose.fallback_reason == ""
    assert asked == provider.requests
    assert {one.path for one in server.asked} == {provider.path}
    assert health.status.value == "healthy"


@each(
    ("given", "taken"),
    [
        ("https://m.example.org/v1/chat/completions", "https://m.example.org/v1"),
        ("https://m.example.org/v1/chat/completions/", "https://m.example.org/v1"),
        ("https://m.example.org/v1/responses", "https://m.example.org/v1"),
        ("https://m.example.org/v1", "https://m.example.org/v1"),
        ("https://m.example.org/anthropic/v1/messages", "https://m.example.org/anthropic"),
        (
            f"https://o.openai.azure.com/openai/deployments/d/chat/completions{VERSION}",
            f"https://o.openai.azure.com/openai/deployments/d{VERSION}",
        ),
        (
            "https://o.openai.azure.com/openai/v1?api-version=preview",
            "https://o.openai.azure.com/openai/v1?api-version=preview",
        ),
    ],
)
def test_the_address_of_a_request_is_taken_as_that_of_its_server(given: str, taken: str) -> None:
    """`/v1/chat/completions` was asked for twice, and ended in 404."""
    assert Settings(writer_base_url=given).writer_base_url == taken


@each(
    "address",
    [
        "https://m.example.org/v1?key=secret",
        "https://m.example.org/v1?api-version=1&key=secret",
        "https://m.example.org/v1?api-version=1#x",
        "https://ab:secret@m.example.org/v1?api-version=1",
    ],
)
def test_an_address_with_anything_else_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="api-version"):
        Settings(writer_base_url=address)
