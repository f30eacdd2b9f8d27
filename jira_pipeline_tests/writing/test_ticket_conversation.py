"""One conversation about one ticket: it ends, whatever comes back."""

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings, strategies as st

from jira_pipeline.model.model_requests import RequestOutcome
from jira_pipeline.writing.models.conversation import (
    Failure,
    FailureKind,
    Reply,
    ReplyEnd,
    TicketConversation,
    answer_key_of,
    json_in,
)
from jira_pipeline.writing.whole.answer import WholeAnswer
from jira_pipeline_tests.late import Late
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.writing.asked_models import (
    conversation_about,
    first_prompt,
    some_briefs,
    to_complete,
)
from jira_pipeline_tests.writing.scripted_models import GOOD, Say

pytestmark = pytest.mark.xdist_group("models")

if TYPE_CHECKING:
    from pydantic_ai import messages

    from jira_pipeline.writing.models import model_calls
else:
    messages = Late("pydantic_ai.messages")
    model_calls = Late("jira_pipeline.writing.models.model_calls")

TICKET = to_complete(some_briefs(2)[1])
REQUESTS_MAX = 6
NAMES = frozenset(GOOD)


def a_reply(text: str = "", end: ReplyEnd = ReplyEnd.COMPLETE) -> Reply:
    return Reply(text=text, end=end, tokens_in=0, tokens_out=0)


def a_conversation() -> TicketConversation:
    return conversation_about(some_briefs(2)[1])


BAD_REPLIES: list[Reply | Failure] = [
    a_reply("no JSON"),
    a_reply("[]"),
    a_reply(Say().text.replace("The table", "`field_unheard`")),
    a_reply("{", ReplyEnd.TRUNCATED),
    Failure(kind=FailureKind.TOO_LONG, reason="Too long."),
]


@given(replies=st.lists(st.sampled_from(BAD_REPLIES), min_size=7, max_size=7))
def test_a_conversation_ends_after_six_requests_at_most(replies: list[Reply | Failure]) -> None:
    conversation = a_conversation()

    for reply in replies[:REQUESTS_MAX]:
        if conversation.end is None:
            conversation.take(reply)

    assert conversation.end is not None


@given(text=st.text() | st.text(alphabet='{}[]":,\\ud8 0', max_size=60))
def test_any_text_is_judged(text: str) -> None:
    outcome = a_conversation().take(a_reply(text))

    nothing = not json_in(text, NAMES).strip("{} \n\t\r")
    assert outcome is RequestOutcome.INVALID or nothing


@settings(deadline=None)
@given(where=st.sampled_from(["story", "analysis", "checks"]), text=st.text())
def test_any_text_in_an_answer_is_judged_and_can_be_sent_back(where: str, text: str) -> None:
    sentence = {"text": text}
    content = json.dumps(GOOD | {where: sentence if where == "story" else [sentence]})

    conversation = a_conversation()
    conversation.take(
        model_calls.reply_of(messages.ModelResponse(parts=[messages.TextPart(content=content)]))
    )

    assert f"{conversation.question.texts}{conversation.reason}".encode()


def test_half_of_a_surrogate_pair_can_be_sent_back() -> None:
    """It arrives as an escape in JSON, and no encoder takes it."""
    reply = model_calls.reply_of(
        messages.ModelResponse(parts=[messages.TextPart(content="no JSON \ud83d here")])
    )

    conversation = a_conversation()
    conversation.take(reply)

    assert conversation.question.complaint
    assert conversation.question.answered.encode() == b"no JSON ? here"


@each(
    ("text", "found"),
    [
        ('{"a": 1}', '{"a": 1}'),
        ('```json\n{"a": {"b": 1}}\n```', '{"a": {"b": 1}}'),
        ("} {", "} {"),
        ("none", "none"),
        ('Of {rows} or {"row": 1}: {"cells": []} it is', '{"cells": []}'),
        ('{"cells": [1]} no: {"answer": {"cells": []}}', '{"cells": []}'),
        ('{"cells": [{"row": 1}], broken}', '{"cells": [{"row": 1}], broken}'),
        ("", ""),
    ],
)
def test_the_object_is_found_in_what_surrounds_it(text: str, found: str) -> None:
    assert json_in(text, NAMES) == found


SLIPS = {
    "line break": json.dumps(GOOD).replace("table ", "table\n", 1),
    "tab": json.dumps(GOOD).replace("table ", "table\t", 1),
    "commas": json.dumps(GOOD, indent=1).replace("]", ",\n]").replace("[\n,", "[\n").rstrip("}")
    + ", }",
    "commas in a fence": f"Here it is:\n```json\n{json.dumps(GOOD)[:-1]},\n}}\n```\nIt is whole.",
    "null for lists": json.dumps(GOOD | {"answered": None, "cells": None, "estimated_hours": None}),
    "null in a list": json.dumps(GOOD | {"analysis": [None, *GOOD["analysis"]]}),
    "more names": json.dumps({"confidence": 0.9} | GOOD | {"ticket": {"title": "Boat"}}),
    "more names within": json.dumps(
        GOOD | {"questions": [{"row": "bundle2", "question": "Why?", "reason": "It is odd."}]}
    ),
    "null within": json.dumps(
        GOOD | {"questions": [{"row": "bundle2", "question": "Why?", "suggested_answer": None}]}
    ),
    "all null": '{"analysis": null, "cells": null}',
}


def test_an_answer_that_is_json_but_for_a_slip_is_read_at_once() -> None:
    """Each was asked for twice more, and was then the template's ticket."""
    for name, text in SLIPS.items():
        conversation = a_conversation()

        assert conversation.take(a_reply(text)) is RequestOutcome.ANSWERED, (name, conversation)


@each(
    "text",
    ['{"error": "no"}', '{"checks": [{"rows": []}]}', '{"analysis": "one"}', '{"checks": [1],}'],
)
def test_an_answer_that_lacks_something_is_asked_for_again(text: str) -> None:
    assert a_conversation().take(a_reply(text)) is RequestOutcome.INVALID


def test_nothing_in_the_texts_of_an_answer_is_taken_for_a_slip() -> None:
    conversation = a_conversation()

    conversation.take(a_reply('{"analysis": [{"text": "A list ends so: ,] or \\"so,} there."}],}'))

    assert isinstance(conversation.answer, WholeAnswer)
    assert conversation.answer.analysis[0].text == 'A list ends so: ,] or "so,} there.'


def test_an_answer_is_kept_for_one_model_and_one_ticket() -> None:
    other = first_prompt(to_complete(some_briefs(3)[2]))
    keys = {
        answer_key_of(first_prompt(TICKET), model="openai:small"),
        answer_key_of(first_prompt(TICKET), model="openai:large"),
        answer_key_of(other, model="openai:small"),
    }

    assert len(keys) == 3
    assert answer_key_of(first_prompt(TICKET), model="openai:small") in keys
