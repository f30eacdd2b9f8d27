"""What a person can change where a model cannot be used: the setting that a failure is about.

Belongs here: the advice for each thing that a refusal or an answer names. Does not: reading what it
names (`model_calls`, `request_form`), which part of a writer fails (`health`).
"""

from collections.abc import Mapping
from enum import StrEnum

from jira_pipeline.model.actions import Action, as_actions
from jira_pipeline.writing.models.request_form import RequestPart


class Advice(StrEnum):
    """What has to change so that a service takes a request, or a model answers it."""

    REDIRECT = "redirect"
    WEB_PAGE = "web page"
    LIMIT = RequestPart.LIMIT.value
    SYSTEM = RequestPart.SYSTEM.value
    SCHEMA = RequestPart.SCHEMA.value
    EFFORT = RequestPart.EFFORT.value
    CACHE = RequestPart.CACHE.value
    REQUEST = "the request"
    THOUGHTS = "thoughts"
    ADDRESS = "the address"


CHECK_ADDRESS = "Check WRITER_BASE_URL: the address of most servers ends in /v1."
_STEPS: Mapping[Advice, tuple[str, ...]] = {
    Advice.REDIRECT: (
        "Set WRITER_BASE_URL to the address that it redirects to, if that is the service: mostly the same with https. No key was sent there.",
    ),
    Advice.WEB_PAGE: (
        "Ask whoever runs the network or the gateway to let this machine through to the service: a web page answered in its place.",
        CHECK_ADDRESS,
    ),
    Advice.LIMIT: (
        "Set WRITER_OUTPUT_TOKENS to the most tokens that the model may answer, as the reason says.",
    ),
    Advice.SYSTEM: (
        "Give the server a chat template that takes instructions, such as the one of the model's maker.",
    ),
    Advice.SCHEMA: (
        "Look at the log of the server: it takes no JSON schema, and no request without one.",
    ),
    Advice.EFFORT: ("Remove WRITER_EFFORT, or set it to what the reason names.",),
    Advice.CACHE: ("Look at the log of the gateway: it refuses the marks for a cache.",),
    Advice.REQUEST: (
        "Read the reason: it says what of the request the service refuses.",
        CHECK_ADDRESS,
    ),
    Advice.ADDRESS: (
        CHECK_ADDRESS,
        "Or correct the name in WRITER_MODEL: the service did not say which of both it does not know.",
    ),
    Advice.THOUGHTS: (
        "Set WRITER_EFFORT=low, or name a model that does not think first.",
        "Or raise WRITER_OUTPUT_TOKENS, if the model may answer with more.",
    ),
}
"""What a person can do; a test holds that none is missing."""


def steps_of(advice: Advice | None) -> tuple[Action, ...]:
    """Return what a person can do; empty without advice."""
    return () if advice is None else as_actions(_STEPS[advice])
