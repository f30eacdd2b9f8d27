"""Every answer that public threads quote, `public_answers.yaml`, has one meaning, whoever wrote its body."""

from pathlib import Path

import httpx
import pytest
import yaml
from pydantic import BaseModel, TypeAdapter

from jira_pipeline.export.repeated_writes import is_for_people
from jira_pipeline.model.actions import action_text
from jira_pipeline.model.errors import AccessError, UpstreamError
from jira_pipeline.model.issue_tracker import TOKEN_SCOPES, NothingDone, Unknown
from jira_pipeline_tests.jira.client.answered_clients import client_that_gets
from jira_pipeline_tests.tables import each


class PublicAnswer(BaseModel, extra="forbid", frozen=True):
    """One answer and the thread that quotes it."""

    status: int
    content_type: str | None
    body: str
    headers: dict[str, str] = {}
    thread: str
    write: str
    read: str

    @property
    def name(self) -> str:
        kind = (self.content_type or "nothing").partition(";")[0].partition("/")[2] or "nothing"
        return f"{self.status}-{kind}-{self.thread}"

    def response(self) -> httpx.Response:
        kind = {} if self.content_type is None else {"Content-Type": self.content_type}
        headers = {**kind, **self.headers}
        return httpx.Response(self.status, headers=headers, content=self.body.encode())


PUBLIC_ANSWERS = TypeAdapter(tuple[PublicAnswer, ...]).validate_python(
    yaml.safe_load(Path(__file__).with_name("public_answers.yaml").read_text(encoding="utf-8"))
)


SITE = "https://jira.example"


@each("answer", PUBLIC_ANSWERS, ids=lambda answer: answer.name)
def test_a_creation_reads_a_public_answer_as_the_table_says(answer: PublicAnswer) -> None:
    outcome = client_that_gets(answer.response(), SITE).create_issue({}, {})

    name = type(outcome.error).__name__ if isinstance(outcome, NothingDone) else "Unknown"
    assert (answer.write, isinstance(outcome, NothingDone | Unknown)) == (name, True)


@each("answer", PUBLIC_ANSWERS, ids=lambda answer: answer.name)
def test_a_read_takes_a_public_answer_as_the_table_says(answer: PublicAnswer) -> None:
    with pytest.raises(UpstreamError) as caught:
        client_that_gets(answer.response(), SITE).projects()

    assert answer.read == type(caught.value).__name__


@each(
    ("body", "expected"),
    [
        ('{"message":"Client must be authenticated.","status-code":401}', "Client must be"),
        ("Basic authentication with passwords is deprecated.", "Basic authentication"),
    ],
)
def test_what_a_plain_answer_says_is_reported(body: str, expected: str) -> None:
    kind = "application/json" if body.startswith("{") else "text/plain"
    response = httpx.Response(401, content=body, headers={"Content-Type": kind})

    with pytest.raises(AccessError, match=expected):
        client_that_gets(response, SITE).projects()


def test_a_missing_scope_is_a_missing_permission_and_names_the_scopes() -> None:
    """An export goes on without sprints; were it a lost login, everything would stop."""
    body = {"code": 401, "message": "Unauthorized; scope does not match"}

    answer = client_that_gets(httpx.Response(401, json=body), SITE).move_to_sprint("1", ["10001"])

    assert isinstance(answer, NothingDone)
    assert isinstance(answer.error, AccessError)
    assert answer.error.status_code == 403
    assert all(scope in action_text(answer.error.recovery_actions[0]) for scope in TOKEN_SCOPES)


def test_a_gateways_no_stops_everything_and_jiras_own_only_what_was_asked() -> None:
    """Left to people one by one, every link and file of a session would become their work."""
    page = httpx.Response(403, html="<html>The request could not be satisfied</html>")
    words = httpx.Response(403, json={"errorMessages": ["You may not link."], "errors": {}})

    answers = [
        client_that_gets(one, SITE).create_link(
            link_type_id="1", inward_issue_id="2", outward_issue_id="3"
        )
        for one in (page, words)
    ]

    assert [is_for_people(a.error) for a in answers if isinstance(a, NothingDone)] == [False, True]
