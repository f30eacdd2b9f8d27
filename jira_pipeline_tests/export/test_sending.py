"""One request for each batch: intents before, one outcome for every ticket after."""

import json
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from jira_pipeline.export.create_screen import CreateScreen
from jira_pipeline.export.export_run import ExportRun
from jira_pipeline.export.issue_fields import IssueFields
from jira_pipeline.export.sending import Sending
from jira_pipeline.export.unconfirmed import UnconfirmedWrites
from jira_pipeline.jira.adf import nodes as adf
from jira_pipeline.model.actions import action_text
from jira_pipeline.model.errors import (
    AccessError,
    LeaseLostError,
    OutageError,
    RateLimitedError,
    RefusedError,
    UnavailableError,
)
from jira_pipeline.model.exports import LedgerEvent
from jira_pipeline.model.issue_tracker import Created
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.tickets import canonical_json
from jira_pipeline_tests.crash.export_faults import (
    DOUBTS,
    REFUSALS,
    Fault,
    StrikeOnce,
    bent,
    error_at,
    in_bulk,
    is_bulk_creation,
    is_creation,
)
from jira_pipeline_tests.crash.export_world import Answering
from jira_pipeline_tests.crash.sessions import entries_of
from jira_pipeline_tests.export.small_site import INTENT, RECEIPT, UNKNOWN, SmallSite, a_ticket
from jira_pipeline_tests.export.whole_exports import refusal, where

NOTHING_DONE = LedgerEvent.NOTHING_DONE
SCREEN = frozenset({"labels", "priority", "assignee", "parent"})


@dataclass
class Sender:
    site: SmallSite
    run: ExportRun
    sending: Sending
    unconfirmed: UnconfirmedWrites

    def send(self, *numbers: int) -> None:
        """Send the tickets with these numbers as one batch."""
        by_number = {rendered.ticket.number: rendered for rendered in self.site.tickets}
        self.sending.send([by_number[of] for of in numbers])

    def send_last(self, *numbers: int) -> None:
        """Send a batch that no other one follows: a refusal of the first ticket waits for none."""
        self.send(*numbers)
        self.sending.stop_at_first_refusal()

    def bodies(self) -> list[Any]:
        sent = [r for r in self.site.requests if is_creation(r) or is_bulk_creation(r)]
        return [json.loads(request.content) for request in sent]


def sender(site: SmallSite, *, delay_seconds: float = 0.0, **tools: Any) -> Sender:
    """Open a sending as an execution does."""
    order = replace(site.order, create_delay_seconds=delay_seconds)
    run = replace(site.run, order=order, tools=replace(site.tools, **tools))
    unconfirmed = UnconfirmedWrites(run)
    found = CreateScreen(field_ids=SCREEN, issue_type_id=site.issue_type_id)
    sending = Sending(run, unconfirmed=unconfirmed, fields=IssueFields(run, found))
    return Sender(site, run, sending, unconfirmed)


def test_an_intent_is_there_before_the_request_and_a_receipt_after(site: SmallSite) -> None:
    def looking(request: httpx.Request, inner: httpx.BaseTransport) -> httpx.Response:
        if is_creation(request):
            before.append(site.events(1))
        return inner.handle_request(request)

    before: list[list[LedgerEvent]] = []
    site.answering = looking
    opened = sender(site)
    opened.run.page.note_number(site.target.project_key, 40)

    opened.send(1)

    assert before == [[INTENT]]
    assert site.events(1) == [INTENT, RECEIPT]
    intent, receipt = entries_of(site.store)
    assert (intent.low_bound, intent.attempt) == (40, 1)
    assert (receipt.remote_id, receipt.remote_key) == ("10001", "SBX-1")
    assert opened.unconfirmed.since == {}


def test_a_body_shows_the_issues_there_are_and_names_those_to_come(site: SmallSite) -> None:
    def naming(of: int, other: int) -> RenderedTicket:
        ticket = a_ticket(of)
        words = adf.text(
            f"Create {other}", [adf.link(f"ticket:{a_ticket(other).ticket.group_key}")]
        )
        return replace(ticket, kept_text=canonical_json(adf.doc([adf.paragraph([words])])))

    site.tickets = (naming(1, 2), naming(2, 1), naming(3, 4), a_ticket(4))
    opened = sender(site)
    opened.send(1)
    opened.send(2)
    opened.send(3)

    sent = [body["fields"]["description"]["content"][0]["content"] for body in opened.bodies()]
    assert sent == [
        [adf.text("Create 2")],
        [{"type": "inlineCard", "attrs": {"url": f"{site.target.base_url}/browse/SBX-1"}}],
        [adf.text("Create 4")],
    ]


def test_a_creation_carries_its_marker_and_the_label_of_the_session(site: SmallSite) -> None:
    site.write(2, INTENT, NOTHING_DONE)
    opened = sender(site)

    opened.send(1)

    [body] = opened.bodies()
    marker, blocks = body["properties"]
    assert blocks["key"] == "jira_pipeline_blocks"
    assert [marker] == [
        {
            "key": "jira_pipeline",
            "value": {
                "identity": site.identity(1),
                "installation": site.run.installation_id,
                "session": "site",
                "sequence": 3,
                "place": site.store.place,
            },
        }
    ]
    assert body["fields"]["labels"] == ["jp-site"]
    assert body["fields"]["project"] == {"id": site.target.project_id}
    assert body["fields"]["issuetype"] == {"id": site.issue_type_id}
    assert body["fields"]["summary"] == "Create content type 1"


def test_no_answer_says_how_high_the_numbers_are(site: SmallSite) -> None:
    """A key that is far too high would hide all issues below it from who looks for them."""
    opened = sender(site)
    site.answering = where(is_creation, bent(lambda body: body | {"key": "SBX-7001"}))

    opened.send(1)

    assert site.receipt(1)[1] == "SBX-7001"
    assert opened.run.page.highest_number(site.target.project_key) == 0


def test_an_answer_that_names_an_issue_of_ours_again_is_a_doubt(site: SmallSite) -> None:
    """A proxy gave the answer to the creation before."""
    answers: list[httpx.Response] = []

    def stale(request: httpx.Request, inner: httpx.BaseTransport) -> httpx.Response:
        answers.append(inner.handle_request(request))
        return httpx.Response(201, content=answers[0].read())

    opened = sender(site)
    site.answering = where(is_creation, stale)

    opened.send(1)
    opened.send(2)

    assert (site.events(1), site.events(2)) == ([INTENT, RECEIPT], [INTENT, UNKNOWN])


def test_an_issue_whose_key_is_not_given_is_recorded_by_its_id(site: SmallSite) -> None:
    site.client.create_issue = lambda _fields, _properties: Created(remote_id="7")  # type: ignore[method-assign,assignment] # it names no key

    opened = sender(site)
    opened.send(1)

    assert entries_of(site.store)[0].low_bound == 0, "before anything was seen it may be any"
    assert site.receipt(1) == ("7", None)
    assert opened.run.page.highest_number(site.target.project_key) == 0


@pytest.mark.parametrize("name", ["read timeout after commit", "503 before commit", "torn body"])
def test_an_answer_that_decides_nothing_is_a_doubt_from_now_on(site: SmallSite, name: str) -> None:
    site.answering = StrikeOnce(DOUBTS[name], at=1)
    site.time.seconds = 30.0
    opened = sender(site)

    opened.send(1)

    assert site.events(1) == [INTENT, UNKNOWN]
    assert entries_of(site.store)[-1].detail
    assert opened.unconfirmed.since == {site.identity(1): 30.0}
    assert (opened.sending.sent, opened.sending.created) == (1, 0)


@pytest.mark.parametrize(
    ("name", "error"),
    [("400", RefusedError), ("401", AccessError), ("connection refused", UnavailableError)],
)
def test_a_refusal_stops_at_the_ticket(site: SmallSite, name: str, error: type[Exception]) -> None:
    site.answering = StrikeOnce(REFUSALS[name], at=1)
    opened = sender(site)

    with pytest.raises(error) as caught:
        opened.send_last(3)

    assert site.events(3) == [INTENT, NOTHING_DONE]
    assert entries_of(site.store)[-1].detail
    assert getattr(caught.value, "failed_at_ticket_number", None) == 3
    assert opened.unconfirmed.since == {}


@pytest.mark.parametrize(
    ("status", "errors", "is_of_project"),
    [(400, {"summary": "No."}, False), (400, {"issuetype": "No."}, True), (404, {}, True)],
    ids=["the ticket", "the type", "not found"],
)
def test_a_refused_ticket_is_named_with_what_to_do(
    site: SmallSite, status: int, errors: dict[str, str], *, is_of_project: bool
) -> None:
    body = {"errorMessages": ["Wrong."], "errors": errors}
    site.answering = where(is_creation, httpx.Response(status, json=body))

    with pytest.raises(RefusedError, match=r"Ticket 2 \(Create content type 2\)") as caught:
        sender(site).send(2)

    advice = action_text(caught.value.recovery_actions[0])
    assert ("check-project" in advice) is is_of_project


def test_a_refused_field_is_left_out_next_time(site: SmallSite) -> None:
    site.tickets = (a_ticket(1, priority="Odd"),)
    opened = sender(site)

    opened.send(1)
    opened.send(1)

    assert site.events(1) == [INTENT, NOTHING_DONE, INTENT, RECEIPT]
    assert [body["fields"].get("priority") for body in opened.bodies()] == [{"name": "Odd"}, None]
    [fix] = site.fixes()
    assert (fix.ticket_id, fix.original_value) == ("t01", "Odd")
    assert "The priority selected is invalid." in fix.recommended_action


def test_a_field_that_is_refused_twice_or_was_not_sent_stops(site: SmallSite) -> None:
    """It was sent once more as it was, and somebody was asked to set it to nothing."""
    refused = httpx.Response(400, json={"errorMessages": [], "errors": {"priority": "No."}})
    site.answering = where(is_creation, refused)
    site.tickets = (a_ticket(1, priority="High"), a_ticket(2, priority=None))
    opened = sender(site)
    opened.send(1)

    for number in (1, 2):
        with pytest.raises(RefusedError):
            opened.send(number)

    assert [fix.ticket_id for fix in site.fixes()] == ["t01"]


def throttled(seconds: int, *, times: int = 99) -> Answering:
    """Ask to wait, at the first so many creations."""
    left = [times]

    def answer(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        if not (is_creation(request) or is_bulk_creation(request)) or not left[0]:
            return site.handle_request(request)
        left[0] -= 1
        body = {"errorMessages": ["Too many."], "errors": {}}
        return httpx.Response(429, json=body, headers={"Retry-After": str(seconds)})

    return answer


def test_what_jira_throttles_is_sent_again_after_the_wait(site: SmallSite) -> None:
    site.answering = throttled(7, times=1)
    opened = sender(site)

    opened.send(1)
    slept = sum(site.time.slept)
    opened.send(1)

    assert slept == 0
    assert sum(site.time.slept) == 7
    assert site.events(1) == [INTENT, NOTHING_DONE, INTENT, RECEIPT]


def test_a_long_wait_ends_the_run(site: SmallSite) -> None:
    site.answering = throttled(600)

    with pytest.raises(RateLimitedError) as caught:
        sender(site).send(4)

    assert getattr(caught.value, "failed_at_ticket_number", None) == 4
    assert site.time.slept == []


def test_a_fifth_throttling_in_a_row_ends_the_run(site: SmallSite) -> None:
    """A creation in between restarts the count."""
    opened = sender(site)
    for of in range(1, 4):
        site.answering = throttled(2, times=4)
        for _ in range(5):
            opened.send(of)
    site.answering = throttled(2)
    for _ in range(4):
        opened.send(4)

    with pytest.raises(RateLimitedError):
        opened.send(4)

    assert [site.events(of)[-1] for of in range(1, 4)] == [RECEIPT] * 3


def test_a_client_that_has_to_pause_for_long_says_at_which_ticket(site: SmallSite) -> None:
    def paused(*, is_bulk: bool) -> None:
        assert is_bulk
        raise RateLimitedError("Later.", wait_seconds=900.0)

    site.client.await_creation = paused  # type: ignore[method-assign] # it asks to wait

    with pytest.raises(RateLimitedError) as caught:
        sender(site).send(3, 4)

    assert getattr(caught.value, "failed_at_ticket_number", None) == 3
    assert site.events(3) == []


@pytest.mark.parametrize(("asked", "fixed", "waited"), [(3.0, 0.0, 3.0), (1.0, 2.0, 2.0)])
def test_the_wait_before_a_creation_is_the_longest_anybody_asks_for(
    site: SmallSite, asked: float, fixed: float, waited: float
) -> None:
    opened = sender(site, delay_seconds=fixed)
    opened.send(1)
    assert site.time.slept == [], "the first waits for no fixed delay"
    turns = [asked]

    def await_creation(*, is_bulk: bool) -> None:
        assert not is_bulk
        site.time.sleep(turns.pop() if turns else 0.0)

    site.client.await_creation = await_creation  # type: ignore[method-assign] # it waits

    opened.send(2)

    assert sum(site.time.slept) == waited


def pause(site: SmallSite, *, times: int = 99) -> None:
    """Let the process pause at the first so many entries."""
    append, left = site.store.ledger.append, [times]

    def pausing(entry: Any) -> Any:
        site.time.seconds += 21.0 if left[0] else 0.0
        left[0] -= left[0] > 0
        return append(entry)

    site.store.ledger.append = pausing  # type: ignore[method-assign] # it takes its time


def test_intents_that_grew_old_are_committed_again(site: SmallSite) -> None:
    """The process paused between intent and request: the lease may be gone."""
    pause(site, times=1)

    sender(site).send(1)

    assert site.events(1) == [INTENT, INTENT, RECEIPT]


def test_a_process_that_always_pauses_sends_nothing(site: SmallSite) -> None:
    pause(site)

    with pytest.raises(LeaseLostError, match="grow old"):
        sender(site).send(1)

    assert site.events(1) == [INTENT] * 3


def test_a_bulk_needs_an_issue_of_ours_that_comes_back(site: SmallSite) -> None:
    site.batch_size = 3
    opened = sender(site)

    before = opened.sending.batch_limit()
    opened.send(1)
    after = opened.sending.batch_limit()

    assert (before, after) == (1, 3)


def test_without_bulk_nothing_is_read_back(site: SmallSite) -> None:
    site.export(1)

    limit = sender(site).sending.batch_limit()

    assert limit == 1
    assert site.requests == []


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM issue_property", "DELETE FROM issue"],
    ids=["markers dropped", "issues hidden"],
)
def test_where_markers_do_not_come_back_there_is_no_bulk(site: SmallSite, statement: str) -> None:
    site.batch_size = 3
    site.export(1)
    site.change(statement)
    opened = sender(site)

    limits = [opened.sending.batch_limit(), opened.sending.batch_limit()]

    assert limits == [1, 1]
    assert len(site.read_keys()) == 1


def test_a_bulk_is_distinguished_by_its_markers(site: SmallSite) -> None:
    site.answering = in_bulk(bent(lambda body: {**body, "issues": body["issues"][::-1]}))
    opened = sender(site)

    opened.send(2, 3, 4)

    assert [site.receipt(of)[1] for of in (2, 3, 4)] == ["SBX-1", "SBX-2", "SBX-3"]
    assert len(opened.bodies()) == 1
    assert (opened.sending.sent, opened.sending.created) == (3, 3)


def test_what_a_bulk_refuses_was_not_done(site: SmallSite) -> None:
    site.tickets = (a_ticket(1), a_ticket(2, priority="Odd"), a_ticket(3))
    opened = sender(site)

    opened.send(1, 2, 3)

    assert site.events(1) == [INTENT, RECEIPT]
    assert site.events(2) == [INTENT, NOTHING_DONE]
    assert site.events(3) == [INTENT, RECEIPT]
    assert opened.unconfirmed.since == {}


def test_a_bulk_that_cannot_be_read_back_is_in_doubt(site: SmallSite) -> None:
    site.answering = where("/bulkfetch", refusal(400))

    sender(site).send(1, 2)

    assert [site.events(of) for of in (1, 2)] == [[INTENT, UNKNOWN]] * 2


def test_a_bulk_that_created_nothing_is_not_read_back(site: SmallSite) -> None:
    site.tickets = tuple(a_ticket(of, priority="Odd") for of in (1, 2))

    sender(site).send(1, 2)

    assert site.read_keys() == []
    assert [site.events(of) for of in (1, 2)] == [[INTENT, NOTHING_DONE]] * 2


def test_an_element_that_is_throttled_inside_a_bulk_waits_too(site: SmallSite) -> None:
    """The client hears of no limit then: the bulk as a whole was answered with 201."""
    site.answering = in_bulk(
        lambda _request, _site: httpx.Response(
            201, json={"issues": [], "errors": [error_at(0, 429), error_at(1, 429)]}
        )
    )
    opened = sender(site)
    opened.send(1, 2)

    opened.send(1, 2)

    assert sum(site.time.slept) > 0
    assert [site.events(of)[-1] for of in (1, 2)] == [RECEIPT] * 2


def test_the_first_ticket_that_is_refused_as_a_whole_is_named(site: SmallSite) -> None:
    """The others of the batch keep their outcomes."""
    errors = [error_at(1), error_at(2)]
    site.answering = in_bulk(bent(lambda body: {"issues": body["issues"][:1], "errors": errors}))

    with pytest.raises(RefusedError, match="Ticket 2 "):
        sender(site).send(1, 2, 3)

    assert [site.events(of)[-1] for of in (1, 2, 3)] == [RECEIPT, NOTHING_DONE, NOTHING_DONE]


LOST = DOUBTS["read timeout before commit"]


def losing_creations(*, looks_too: bool = False) -> Answering:
    """Lose every creation of a ticket; and, in a whole outage, whatever else is asked."""

    def answering(request: httpx.Request, inner: httpx.BaseTransport) -> httpx.Response:
        is_lost = looks_too or (is_creation(request) and json.loads(request.content)["fields"])
        return LOST(request, inner) if is_lost else inner.handle_request(request)

    return answering


def test_three_unanswered_creations_in_a_row_are_an_outage(site: SmallSite) -> None:
    site.answering = losing_creations()
    opened = sender(site)

    opened.send(1)
    opened.send(2)
    with pytest.raises(OutageError) as caught:
        opened.send(3)

    assert caught.value.failed_at_ticket_number == 3
    assert [site.events(of) for of in (1, 2)] == [[INTENT, UNKNOWN]] * 2
    assert site.events(3) == [INTENT, UNKNOWN, LedgerEvent.LOST_IN_OUTAGE]
    assert site.events(4) == []


def test_a_creation_that_is_answered_ends_the_row(site: SmallSite) -> None:
    opened = sender(site)

    for numbers, answering in ((1, 2), losing_creations()), ((3,), site.answering):
        site.answering = answering
        for number in numbers:
            opened.send(number)
    site.answering = losing_creations()
    opened.send(4)
    opened.send(5)

    assert site.events(3) == [INTENT, RECEIPT]
    assert site.events(5) == [INTENT, UNKNOWN]


def test_one_unanswered_creation_is_an_outage_where_a_look_fails_too(site: SmallSite) -> None:
    site.answering = losing_creations(looks_too=True)
    opened = sender(site)

    with pytest.raises(OutageError):
        opened.send(1)

    assert site.events(1) == [INTENT, UNKNOWN, LedgerEvent.LOST_IN_OUTAGE]
    assert site.events(2) == []


@pytest.mark.parametrize("is_silent", [True, False])
def test_after_an_unanswered_creation_a_new_process_asks_for_nothing_first(
    site: SmallSite, *, is_silent: bool
) -> None:
    site.write(1, INTENT, UNKNOWN)
    opened = sender(site)
    if is_silent:
        site.answering = losing_creations(looks_too=True)
        with pytest.raises(OutageError):
            opened.send(2)
    else:
        opened.send(2)

    assert opened.bodies()[0]["fields"] == {}
    assert site.events(2) == ([] if is_silent else [INTENT, RECEIPT])


def waiting(seconds: int) -> Fault:
    headers = {"Retry-After": str(seconds)}
    refusal = httpx.Response(429, json={"errorMessages": [], "errors": {}}, headers=headers)
    return lambda _request, _site: refusal


def made_of_nothing(_request: httpx.Request, _site: httpx.BaseTransport) -> httpx.Response:
    return httpx.Response(201, json={"id": "10777", "key": "ODD-7"})


def unreachable(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
    return REFUSALS["connection refused"](request, site)


@pytest.mark.parametrize(
    ("answers", "error", "asked", "slept"),
    [
        ([], None, 1, 0),
        ([LOST], None, 2, 0),
        ([unreachable], None, 2, 0),
        ([LOST, LOST], OutageError, 2, 0),
        ([LOST, unreachable], OutageError, 2, 0),
        ([waiting(7)], None, 2, 7),
        ([waiting(7), LOST], None, 3, 7),
        ([waiting(2)] * 5, RateLimitedError, 5, 8),
        ([waiting(600)], RateLimitedError, 1, 0),
        ([REFUSALS["401"]], AccessError, 1, 0),
        ([made_of_nothing], OutageError, 1, 0),
    ],
    ids=[
        *("refused", "lost once", "refused once", "lost twice", "lost and refused"),
        *("asked to wait", "asked to wait and lost", "throttled", "asked to wait for long"),
        *("let in nobody", "made something"),
    ],
)
def test_an_outage_is_over_where_a_creation_of_nothing_is_refused(
    site: SmallSite, answers: list[Fault], error: type[Exception] | None, asked: int, slept: float
) -> None:
    """Tickets of an order that has them no more are no longer named."""
    for number in (9, 3, 1):
        site.write(number, INTENT, UNKNOWN)
    of_nothing = []

    def answering(request: httpx.Request, inner: httpx.BaseTransport) -> httpx.Response:
        if not is_creation(request) or json.loads(request.content)["fields"]:
            return inner.handle_request(request)
        of_nothing.append(request)
        fault = answers[len(of_nothing) - 1 :][:1]
        return fault[0](request, inner) if fault else inner.handle_request(request)

    site.answering = answering
    if error is None:
        sender(site).send(2)
    else:
        with pytest.raises(error) as caught:
            sender(site).send(2)
        assert getattr(caught.value, "failed_at_ticket_number", None) == 2
        if error is OutageError:
            assert "has not confirmed tickets 1, 3 of" in str(caught.value)

    assert site.events(2) == ([] if error else [INTENT, RECEIPT])
    assert (len(of_nothing), sum(site.time.slept)) == (asked, slept)


def test_within_a_process_only_a_resend_asks_for_nothing_first(site: SmallSite) -> None:
    site.answering = losing_creations()
    opened = sender(site)
    opened.send(1)

    opened.send(2)

    assert {} not in [body["fields"] for body in opened.bodies()]
