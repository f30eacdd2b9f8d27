"""Messages to the team: what they say, how they are signed, and that none is lost or sent twice."""

import json
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from standardwebhooks.webhooks import Webhook

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.run_statuses import EndedRun, RunEnd
from jira_pipeline.model.errors import ErrorCategory
from jira_pipeline.model.webhook_deliveries import DeliveryState, WebhookDelivery
from jira_pipeline.review.open_session import open_session
from jira_pipeline.sessions.delivering import DeliveryLook, deliver_due
from jira_pipeline.sessions.notifying import notify, notify_of_answers, notify_of_removal
from jira_pipeline_tests import projects
from jira_pipeline_tests.clocks import MovableClock
from jira_pipeline_tests.tables import each

HOOK = "https://hooks.example.org/canary-path-81c2"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
UNHURRIED = SimpleNamespace(monotonic=lambda: 0.0, sleep=lambda _seconds: None)


class KilledError(BaseException):
    """Stands for the end of the process: nothing of ours catches it."""


@dataclass
class Team:
    """A webhook that answers so, and the program that posts to it at some time."""

    pipeline: Pipeline
    clock: MovableClock
    answer: httpx.Response | BaseException = field(default_factory=lambda: httpx.Response(204))
    requests: list[httpx.Request] = field(default_factory=list)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer

    def look(self) -> DeliveryLook:
        transport = httpx.MockTransport(self._handle)
        return deliver_due(self.pipeline, timer=UNHURRIED, random=lambda: 0.5, transport=transport)

    def notify(self, *, end: RunEnd = RunEnd.FAILED, run_id: str = "r1") -> bool:
        """Have the end of a run posted, as the sensor does."""
        session = open_session(self.pipeline, "museum")
        ended = EndedRun(run_id=run_id, end=end, ended_at=session.stored.created_at)
        return notify(session, ended, job_name="csv_to_jira", task_id="task-1")

    @property
    def last(self) -> WebhookDelivery:
        """The message that waits, or did."""
        return self.pipeline.store.webhook_deliveries.of_session("museum", limit=1)[0]

    def body(self) -> Any:
        return json.loads(self.requests[-1].content)


def team_of(pipeline: Pipeline, **settings: object) -> Team:
    clock = MovableClock()
    given = {"notify_webhook_url": SecretStr(HOOK), **settings}
    changed = pipeline.settings.model_copy(update=given)
    return Team(replace(pipeline, settings=changed, clock=clock), clock)


@pytest.fixture
def uploaded(project: Path, sheets: Path, pipeline: Pipeline) -> Pipeline:
    projects.upload(project, sheets)
    return pipeline


def test_the_end_of_a_run_is_posted_with_its_task_and_signed(uploaded: Pipeline) -> None:
    team = team_of(uploaded, notify_webhook_secret=SecretStr(SECRET))
    team.notify()

    assert team.look() == DeliveryLook(delivered=1)

    [request] = team.requests
    assert (request.method, str(request.url)) == ("POST", HOOK)
    assert request.headers["user-agent"].startswith("jira-pipeline/")
    message = Webhook(SECRET).verify(request.content, dict(request.headers))
    assert message["delivery_id"] == request.headers["webhook-id"]
    assert (message["event"], message["session_key"]) == ("run_failed", "museum")
    assert (message["task_id"], message["run_id"]) == ("task-1", "r1")
    assert (team.last.state, team.last.message) == (DeliveryState.DELIVERED, None)


def test_a_message_without_a_secret_has_an_id_and_no_signature(uploaded: Pipeline) -> None:
    team = team_of(uploaded)
    team.notify()

    team.look()

    assert "webhook-id" in team.requests[0].headers
    assert "webhook-signature" not in team.requests[0].headers


def test_a_process_killed_after_sending_sends_the_same_message_under_the_same_id(
    uploaded: Pipeline,
) -> None:
    team = team_of(uploaded)
    team.notify()
    team.answer = KilledError()
    with pytest.raises(KilledError):
        team.look()
    at_once = DeliveryLook()

    team.answer = httpx.Response(204)
    looked = [team.look()]
    team.clock.ahead += timedelta(minutes=1)
    looked += [team.look(), team.look()]

    assert looked == [at_once, DeliveryLook(delivered=1), at_once]
    assert len({request.headers["webhook-id"] for request in team.requests}) == 1
    assert team.last.attempt_count == len(team.requests) == 2


def test_a_webhook_that_never_ends_its_answer_is_left_and_tried_again(uploaded: Pipeline) -> None:
    """One that sent a byte in two seconds kept within each limit, and held up the start of every run."""
    team = team_of(uploaded)
    team.notify()
    is_over = Event()

    def answer_for_ever(_: httpx.Request) -> httpx.Response:
        is_over.wait()
        return httpx.Response(200)

    looked = deliver_due(
        team.pipeline,
        timer=UNHURRIED,
        random=lambda: 0.5,
        transport=httpx.MockTransport(answer_for_ever),
        attempt_seconds=0.01,
    )
    is_over.set()

    assert looked == DeliveryLook(failed=1)
    assert team.last.state is DeliveryState.WAITING
    assert team.last.failure == "the webhook took longer than 0.01 s"


def test_an_end_that_is_seen_twice_is_posted_once(uploaded: Pipeline) -> None:
    team = team_of(uploaded)

    assert [team.notify(), team.notify(), team.notify(run_id="r2")] == [True, False, True]

    team.look()
    assert sorted(json.loads(request.content)["run_id"] for request in team.requests) == [
        *("r1", "r2"),
    ]


@each(
    ("answer", "category"),
    [
        pytest.param(httpx.Response(500), ErrorCategory.TEMPORARY, id="failed"),
        pytest.param(httpx.Response(429), ErrorCategory.TEMPORARY, id="too many"),
        pytest.param(httpx.Response(404), ErrorCategory.ADMIN_REQUIRED, id="wrong address"),
        pytest.param(httpx.Response(302), ErrorCategory.ADMIN_REQUIRED, id="moved"),
        pytest.param(
            httpx.ConnectTimeout("canary-path-81c2"), ErrorCategory.TEMPORARY, id="out of reach"
        ),
        pytest.param(httpx.ReadError("canary-path-81c2"), ErrorCategory.TEMPORARY, id="cut"),
    ],
)
def test_what_is_not_accepted_waits_and_is_logged_without_the_address(
    uploaded: Pipeline,
    caplog: pytest.LogCaptureFixture,
    answer: httpx.Response | Exception,
    category: ErrorCategory,
) -> None:
    team = team_of(uploaded)
    team.notify(run_id=repr(answer))
    team.answer = answer

    with caplog.at_level(logging.WARNING):
        looked = team.look()

    assert (looked, len(team.requests)) == (DeliveryLook(failed=1), 1)
    assert (team.last.state, team.last.failure_category) == (DeliveryState.WAITING, category)
    assert "museum" in caplog.text
    assert "canary-path" not in caplog.text + team.last.failure
    assert not re.search(r"[a-z]Error|[a-z]Timeout", caplog.text)


def waits_of(team: Team, *, attempts: int) -> list[int]:
    """Return the whole seconds after which each next attempt was due."""
    waits = []
    for _ in range(attempts):
        now = team.clock.now()
        team.look()
        due_at = team.last.next_attempt_at
        assert due_at is not None
        waits.append(round((due_at - now).total_seconds()))
        team.clock.ahead += due_at - now
    return waits


def test_attempts_become_rarer_up_to_one_an_hour(uploaded: Pipeline) -> None:
    team = team_of(uploaded)
    team.notify()
    team.answer = httpx.Response(503)

    assert waits_of(team, attempts=9) == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]


def test_a_webhook_that_asks_to_wait_is_obeyed_for_an_hour_at_most(uploaded: Pipeline) -> None:
    team = team_of(uploaded)
    team.notify()

    team.answer = httpx.Response(429, headers={"Retry-After": "600"})
    asked = waits_of(team, attempts=1)
    team.answer = httpx.Response(429, headers={"Retry-After": "999999"})

    assert asked + waits_of(team, attempts=1) == [600, 3600]


def test_after_a_day_a_message_is_given_up_and_its_text_is_gone(uploaded: Pipeline) -> None:
    team = team_of(uploaded)
    team.notify()
    team.answer = httpx.Response(503)
    team.look()

    team.clock.ahead += timedelta(hours=23, minutes=59)
    team.look()

    assert (team.last.state, team.last.message) == (DeliveryState.GIVEN_UP, None)
    assert team.last.failure == "the webhook answered 503"
    sent = len(team.requests)
    team.clock.ahead += timedelta(hours=1)
    assert (team.look(), len(team.requests)) == (DeliveryLook(), sent)


def test_where_the_webhook_is_unset_what_waits_is_forgotten_after_a_day(
    uploaded: Pipeline,
) -> None:
    team_of(uploaded).notify()
    unset = team_of(uploaded, notify_webhook_url=None)
    unset.clock.ahead += timedelta(days=1, seconds=1)

    assert unset.look() == DeliveryLook()

    assert unset.last.state is DeliveryState.GIVEN_UP


def test_nothing_waits_where_no_webhook_is_set_or_the_event_is_not_wanted(
    uploaded: Pipeline,
) -> None:
    assert not team_of(uploaded, notify_webhook_url=None).notify()
    assert not team_of(uploaded, notify_events="export_completed").notify()


def test_answers_of_a_client_and_a_removal_are_posted(uploaded: Pipeline) -> None:
    team = team_of(uploaded)
    session = open_session(team.pipeline, "museum")
    posts: list[Callable[[], bool]] = [
        lambda: notify_of_answers(session, by="Jonas Weber"),
        lambda: notify_of_removal(session, removed_on=date(2026, 12, 6)),
        lambda: notify_of_removal(session, removed_on=date(2026, 12, 6)),
    ]

    kept = [post() for post in posts]

    team.look()
    results = [json.loads(request.content)["result"] for request in team.requests]
    assert kept == [True, True, False]
    assert {"by": "Jonas Weber", "answers_arrived": 0} in results
    assert {"removed_on": "2026-12-06"} in results


ODD_NAME = "A & B <!channel> [here](https://x.example) *now*"


@pytest.fixture
def oddly_named(project: Path, sheets: Path, pipeline: Pipeline) -> Pipeline:
    """A pipeline with a site whose name is markup in Slack and in Teams."""
    (sheets / "session.yaml").write_text(json.dumps({"site_name": ODD_NAME}), encoding="utf-8")
    projects.upload(project, sheets)
    return pipeline


def test_slack_gets_a_sentence_in_which_no_name_is_markup(oddly_named: Pipeline) -> None:
    team = team_of(oddly_named, notify_webhook_shape="slack")
    team.notify(end=RunEnd.CANCELLED)

    team.look()

    body = team.body()
    assert "A &amp; B &lt;!channel&gt; [here]" in body["text"]
    assert body["text"].endswith("(museum): csv_to_jira was cancelled.")
    assert body["mrkdwn"] is False


def test_teams_gets_a_sentence_as_text_without_markdown(oddly_named: Pipeline) -> None:
    team = team_of(oddly_named, notify_webhook_shape="teams")
    team.notify(end=RunEnd.CANCELLED)

    team.look()

    [card] = team.body()["attachments"]
    [block] = card["content"]["body"]
    assert block["type"] == "RichTextBlock"
    assert block["inlines"] == [
        {"type": "TextRun", "text": f"{ODD_NAME} (museum): csv_to_jira was cancelled."}
    ]
