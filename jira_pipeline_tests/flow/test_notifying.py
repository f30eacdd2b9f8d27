"""What a team is posted about answers: who gave them, of which tickets, once, and never the words."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import httpx
from pydantic import SecretStr
from typing_extensions import override

from jira_pipeline.flow.composition import open_pipeline
from jira_pipeline.flow.notifying import notify_of_answers
from jira_pipeline.kernel.people import Membership, Role
from jira_pipeline.ports.clock import Clock
from jira_pipeline.review.proposed_answers import PROPOSED
from jira_pipeline.session.pipeline import Pipeline
from jira_pipeline.settings import load_settings
from jira_pipeline_tests.contracts.stored_values import START, a_draft, after, an_upload

CLIENT = "owner@example.org"


class At(Clock):
    """A clock that stands still."""

    def __init__(self, at: datetime) -> None:
        """Show this time."""
        self._at = at

    @override
    def now(self) -> datetime:
        return self._at


def answer(pipeline: Pipeline, minutes: int, *, by: str = CLIENT, **answers: str) -> None:
    """Put an answer to a question of each of these tickets into the audit trail."""
    pipeline.store.audit.append(
        at=after(minutes),
        session_key="site",
        actor=by,
        action=PROPOSED,
        details={"answers": {ticket_id: {"q": text} for ticket_id, text in answers.items()}},
    )


def test_answers_of_clients_are_posted_once_when_nobody_answers_any_more(tmp_path: Path) -> None:
    settings = load_settings(tmp_path).model_copy(
        update={
            "notify_webhook_url": SecretStr("https://hooks.example.org/x"),
            "notify_webhook_shape": "slack",
        }
    )
    pipeline = open_pipeline(settings)
    posted: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        posted.append(json.loads(request.content)["text"])
        return httpx.Response(200)

    def look(minutes: int, seen: Mapping[str, int] | None) -> Mapping[str, int]:
        then = replace(pipeline, clock=At(after(minutes)))
        return notify_of_answers(then, seen, transport=httpx.MockTransport(handle))

    with pipeline.store:
        pipeline.store.sessions.register(an_upload(), at=START, actor="test")
        pipeline.store.tickets.save_generated("site", [a_draft(n) for n in range(1, 7)], at=START)
        for name, role in ((CLIENT, Role.CLIENT), ("anna", Role.REVIEWER)):
            site = Membership(frozenset({"site"}))
            pipeline.store.people.put(name, role, membership=site, by="test", at=START)
        answer(pipeline, 1, t01="Before anybody looked")
        seen = look(60, None)
        answer(pipeline, 61, t02="Secret words", t03="Taken back later")
        answer(pipeline, 65, t03="", t01="A", t04="B", t05="C")
        answer(pipeline, 65, by="anna", t06="Of the house")
        still = look(66, seen)
        done = look(80, still)
        again = look(90, done)

    assert still == seen
    assert again == done
    [text] = posted
    assert text == (
        "Käsekuchen (site): owner@example.org answered questions of 1 (Create content type 1), "
        "2 (Create content type 2), 4 (Create content type 4) and 1 more."
    )
