"""The model writer against scripted servers: every failure, what it costs, what is kept."""

import threading
from collections.abc import Callable, Iterable
from contextlib import closing
from decimal import Decimal
from itertools import product

import pytest

from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.errors import (
    ErrorCategory,
    PipelineError,
    WriterAccessError,
    WriterBudgetError,
    WriterContextError,
    WriterQuotaError,
    WriterUnavailableError,
    WriterUnusableError,
)
from jira_pipeline.model.model_requests import RequestOutcome, spending_text
from jira_pipeline.model.revisions import TicketProse
from jira_pipeline.store.store import Store
from jira_pipeline.tickets.template import WrittenTicket
from jira_pipeline.writing.completion.prompt import PromptRule
from jira_pipeline.writing.models.asking_step import REJECTIONS_MAX, UNUSABLE_MAX
from jira_pipeline.writing.models.conversation import Failure, FailureKind, OpenChannel
from jira_pipeline.writing.writers import CheckedWriter, ModelWriter
from jira_pipeline_tests.writing.asked_models import (
    KEY,
    LONG_SECONDS,
    MODELS,
    SESSION,
    StillClock,
    conversation_about,
    counted,
    first_prompt,
    model_tools,
    model_writer,
    outcomes,
    register,
    some_briefs,
    to_complete,
    wait_notice,
)
from jira_pipeline_tests.writing.scripted_models import (
    GOOD,
    NO_CREDIT,
    TOKENS_IN,
    TOKENS_OUT,
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
    text_of,
)
from jira_pipeline_tests.writing.sites import briefs_of, site

pytestmark = pytest.mark.xdist_group("models")

GOOD_STORY = f"<p>{GOOD['story']['text']}</p>"
ONE_TICKET = some_briefs(1)


@pytest.fixture(params=["openai", "anthropic"])
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def written(writer: ModelWriter, count: int = 1) -> list[TicketProse]:
    """Write the first tickets of the example; return them in its order."""
    return prose_of(writer.write_all(some_briefs(count), session_key=SESSION))


def prose_of(arrived: Iterable[WrittenTicket]) -> list[TicketProse]:
    return [t.prose for t in sorted(arrived, key=lambda ticket: ticket.group_key)]


def nobody_home() -> OpenChannel:
    def opened() -> None:
        pytest.fail("something was asked")

    return opened  # type: ignore[return-value] # it never returns


@pytest.mark.parametrize("named", MODELS)
def test_a_model_writes_every_ticket_and_every_request_is_counted(store: Store, named: str) -> None:
    with scripted_server(always(Say())) as server:
        prose = written(model_writer(server, store.writing, provider=named), 24)

    spent = store.writing.spending(SESSION)
    assert [p.parts.user_story for p in prose] == [GOOD_STORY] * 24
    assert {p.fallback_reason for p in prose} == {""}
    assert (spent.requests, spent.tokens_in) == (24, 24 * TOKENS_IN)
    assert spent.cost_usd == Decimal(24 * (TOKENS_IN + TOKENS_OUT)) / 100_000
    assert server.running_most <= 8


def test_what_was_answered_once_is_never_asked_again(store: Store) -> None:
    """A retry, a second generation and another session with the same bundles pay nothing."""
    register(store, "other")
    with scripted_server(always(Say())) as server:
        first = written(model_writer(server, store.writing), 24)
        again = model_writer(server, store.writing, open_channel=nobody_home())

        second = written(again, 24)
        other = prose_of(again.write_all(some_briefs(24), session_key="other"))

    assert first == second == other
    assert len(server.asked) == 24
    assert store.writing.spending("other").requests == 0


BUSY = {"Retry-After": "7"}
HEALED: dict[str, tuple[Act, str]] = {
    "429 with a wait": (Fail(status=429, kind="rate_limit_error", headers=BUSY), "rate_limited"),
    "500 of a gateway": (Fail(status=500, kind="api_error"), "unseen"),
    "502 without JSON": (
        Raw(status=502, body=b"<html>bad gateway", content_type="text/html"),
        "unseen",
    ),
    "503 while loading": (Fail(status=503, kind="unavailable_error"), "failed"),
    "503 overloaded": (Fail(status=503, kind="overloaded_error"), "rate_limited"),
    "529 overloaded": (Fail(status=529, kind="overloaded_error"), "rate_limited"),
    "408": (Fail(status=408), "unseen"),
    "reset": (Reset(), "unseen"),
    "torn": (Raw(body=b'{"id": "chatcmpl-1", "cho', missing_bytes=400), "unseen"),
    "another JSON": (Raw(body=b'{"hello": "world"}'), "unseen"),
    "no JSON": (Say(text="I would rather talk."), "invalid"),
    "truncated": (Say(text='{"story": {"text": "The si', end="length"), "invalid"),
    "half of a surrogate pair": (Say(text="\ud83d"), "invalid"),
    "invents a name": (Say(text=Say().text.replace("The table", "`field_unheard`")), "unfounded"),
}


OF_THE_PROTOCOL = ("429 with a wait", "529 overloaded", "another JSON", "no JSON", "truncated")
"""What each service says in its own way."""


@pytest.mark.parametrize(
    ("provider", "fault"), [*product(["openai"], HEALED), *product(["anthropic"], OF_THE_PROTOCOL)]
)
def test_a_fault_that_passes_is_healed_with_one_more_request(
    store: Store, provider: str, fault: str
) -> None:
    act, outcome = HEALED[fault]
    with scripted_server(in_turn(act, Say())) as server:
        (prose,) = written(model_writer(server, store.writing, provider=provider))

    assert (prose.parts.user_story, prose.fallback_reason) == (GOOD_STORY, "")
    assert [o.value for o in outcomes(store)] == [outcome, "answered"]
    assert len(server.asked) == 2


def test_an_answer_that_does_not_come_is_asked_for_again(store: Store) -> None:
    with scripted_server(in_turn(Silence(), Say())) as server:
        writer = model_writer(server, store.writing, timeout_seconds=2.0)

        (prose,) = written(writer)

    assert prose.parts.user_story == GOOD_STORY
    spent = store.writing.spending(SESSION)
    assert counted(outcomes(store)) == {"unseen": 1, "answered": 1}
    assert (spent.unseen_requests, spent.unpriced_requests) == (1, 0)
    assert spent.cost_usd > Decimal("0.08") + Decimal(TOKENS_IN + TOKENS_OUT) / 100_000


@pytest.mark.parametrize(
    ("acts", "slept"),
    [
        ([Fail(status=429, kind="rate_limit_error", headers=BUSY)], [7.0]),
        ([Fail(status=500)] * 4, [1.0, 2.0, 4.0, 8.0]),
    ],
    ids=["asked for", "longer each time"],
)
def test_before_a_service_is_asked_again_it_is_waited_for(
    store: Store, acts: list[Act], slept: list[float]
) -> None:
    clock = StillClock()
    with scripted_server(in_turn(*acts, Say())) as server:
        written(model_writer(server, store.writing, clock=clock))

    assert clock.slept == slept


INVENTS = Say(text=Say().text.replace("The table", "`field_unheard`"))
USELESS: dict[str, tuple[Act, int, str]] = {
    "refused": (Say(text="I cannot help with that.", end="refusal"), 1, "refused to answer"),
    "never JSON": (Say(text="I would rather talk."), 3, "does not fit its schema"),
    "always truncated": (Say(text='{"user', end="length"), 3, "longer than it may be"),
}


@pytest.mark.parametrize("fault", USELESS)
def test_an_answer_that_stays_useless_leaves_the_ticket_to_the_template_until_it_is_corrected(
    store: Store, fault: str
) -> None:
    act, requests, reason = USELESS[fault]
    with scripted_server(always(act)) as server:
        writer = model_writer(server, store.writing)

        (prose,) = written(writer)
        asked = len(server.asked)
        server.script = always(Say())
        (corrected,) = written(writer)

    assert reason in prose.fallback_reason
    assert prose.writer.startswith("template/")
    assert (corrected.parts.user_story, corrected.fallback_reason) == (GOOD_STORY, "")
    assert (asked, len(server.asked)) == (requests, requests + 1)


@pytest.mark.parametrize("fault", USELESS)
def test_a_model_without_any_usable_answer_is_not_asked_about_every_ticket(
    store: Store, fault: str
) -> None:
    """With eight places 51 requests were paid for before it stopped."""
    act, requests, reason = USELESS[fault]
    with scripted_server(always(act)) as server:
        writer = model_writer(server, store.writing)
        with pytest.raises(
            WriterUnusableError, match="gives no usable responses: 5 tickets"
        ) as raised:
            written(writer, 24)

    assert reason in raised.value.message
    assert "0 of 24 tickets are written and kept" in raised.value.message
    assert len(server.asked) == requests * UNUSABLE_MAX


@pytest.mark.parametrize(
    "second", [USELESS["never JSON"][0], Fail(status=400, message="Policy")], ids=["prose", "400"]
)
def test_a_repair_that_cannot_be_read_takes_nothing_from_what_held(
    store: Store, second: Act
) -> None:
    """What the sheets do not say is asked for once, and the rest was paid for."""
    with scripted_server(in_turn(INVENTS, second)) as server:
        prose = written(model_writer(server, store.writing), UNUSABLE_MAX + 1)

    assert {(p.parts.user_story, p.fallback_reason) for p in prose} == {(GOOD_STORY, "")}
    assert len(server.asked) == 2 * (UNUSABLE_MAX + 1)


def test_the_first_question_goes_alone_and_its_answer_opens_every_place(store: Store) -> None:
    """The first fills the cache of the provider, which the others read from."""
    order: list[str] = []
    every_place = threading.Event()

    def script(asked: Asked) -> Act:
        order.append(f"asked {asked.number}")
        if asked.number == 1:
            order.append("answered")
            return Say()
        if asked.number == 1 + 8:
            every_place.set()
        assert every_place.wait(LONG_SECONDS)
        return Say()

    with scripted_server(script) as server:
        prose = written(model_writer(server, store.writing, concurrency_max=8), 24)

    assert order[:2] == ["asked 1", "answered"]
    assert {p.fallback_reason for p in prose} == {""}
    assert server.running_most == 8


def test_fewer_tickets_without_a_usable_answer_are_the_templates(store: Store) -> None:
    with scripted_server(always(USELESS["never JSON"][0])) as server:
        prose = written(model_writer(server, store.writing), UNUSABLE_MAX - 1)

    assert len(prose) == UNUSABLE_MAX - 1
    assert all("does not fit its schema" in p.fallback_reason for p in prose)


def test_tickets_that_no_model_is_asked_about_are_no_answers_of_it(store: Store) -> None:
    """With WRITER_FOR=notes a useless model was asked about every ticket with notes."""
    act, requests, _ = USELESS["never JSON"]
    briefs, rule = briefs_of(*site("lanterne")), PromptRule(is_for_notes_only=True)
    with scripted_server(always(act)) as server:
        writer = ModelWriter(tools=model_tools(server, store.writing), rule=rule)
        with pytest.raises(WriterUnusableError):
            list(writer.write_all(briefs, session_key=SESSION))

    assert len(server.asked) == requests * UNUSABLE_MAX


def test_useless_answers_stop_nothing_once_one_was_usable(store: Store) -> None:
    with scripted_server(breaking_after(1, USELESS["refused"][0])) as server:
        prose = written(model_writer(server, store.writing, concurrency_max=1), 24)

    assert len([p for p in prose if "refused to answer" in p.fallback_reason]) == 23


def test_a_change_that_does_not_hold_twice_is_left_out_and_listed_and_the_others_are_made(
    store: Store,
) -> None:
    with scripted_server(always(INVENTS)) as server:
        writer = model_writer(server, store.writing)

        (prose,) = written(writer)
        (again,) = written(writer)

    refused = [(change.text, change.refused) for change in prose.changes if change.refused]
    assert refused == [
        ("`field_unheard` holds what is to be built.", "`field_unheard` is in no row")
    ]
    assert (prose.parts.user_story, prose.fallback_reason) == (GOOD_STORY, "")
    assert "field_unheard" not in prose.parts.analysis
    assert prose == again
    assert len(server.asked) == 2


def test_the_model_gets_what_was_wrong(store: Store, provider: str) -> None:
    with scripted_server(in_turn(Say(text='{"analysis": 7}'), Say())) as server:
        written(model_writer(server, store.writing, provider=provider))

    assert "Input should be a valid array" in server.asked[1].last
    assert '{"analysis": 7}' in str(server.asked[1].body["messages"][-2])


def test_a_truncated_answer_gets_more_room(store: Store) -> None:
    with scripted_server(in_turn(Say(text="{", end="length"), Say())) as server:
        written(model_writer(server, store.writing))

    rooms = [asked.body["max_completion_tokens"] for asked in server.asked]
    assert rooms == [8_000, 16_000]


STOPS: dict[str, tuple[str, Act, type[PipelineError], int]] = {
    "401": ("openai", Fail(status=401, kind="invalid_api_key"), WriterAccessError, 1),
    "404": ("openai", Fail(status=404, kind="model_not_found"), WriterAccessError, 1),
    "no credit": ("openai", NO_CREDIT, WriterQuotaError, 1),
    "prompts cut silently": ("compatible", Say(tokens_in=120), WriterContextError, 1),
    "a long wait": ("openai", TOO_LATE, WriterUnavailableError, 1),
    "500 for ever": ("openai", Fail(status=500), WriterUnavailableError, 7),
    "400 for everything": ("openai", Fail(status=400, kind="bad_request"), WriterAccessError, 2),
    "a redirect": (
        "openai",
        Fail(status=307, headers={"Location": "https://elsewhere.example.org/"}),
        WriterAccessError,
        1,
    ),
    "the budget of a gateway": (
        "compatible",
        Fail(status=400, kind="budget_exceeded", message="Team over its budget: 3 of 2"),
        WriterQuotaError,
        1,
    ),
    "no credit at Anthropic": (
        "anthropic",
        Fail(
            status=400,
            kind="invalid_request_error",
            message="Your credit balance is too low to access the Anthropic API.",
        ),
        WriterQuotaError,
        1,
    ),
    "529 for ever": (
        "anthropic",
        Fail(status=529, kind="overloaded_error"),
        WriterUnavailableError,
        7,  # with the small question that tells whether it answers others
    ),
}


@pytest.mark.parametrize("fault", STOPS)
def test_a_fault_of_the_service_stops_the_step_within_bounds(store: Store, fault: str) -> None:
    provider, act, expected, requests = STOPS[fault]
    with scripted_server(always(act)) as server, pytest.raises(expected) as caught:
        written(model_writer(server, store.writing, provider=provider))

    assert len(server.asked) == len(outcomes(store)) == requests
    assert "0 of 1 tickets are written and kept" in caught.value.message
    assert caught.value.recovery_actions
    assert act is not TOO_LATE or getattr(caught.value, "wait_seconds", 0) == 3600.0


def test_a_server_that_once_read_a_whole_prompt_may_count_less_of_what_a_cache_held(
    store: Store,
) -> None:
    """Ollama 0.30 counted only what its cache did not hold. Source: ollama/ollama, pull 16428."""
    with scripted_server(breaking_after(1, Say(tokens_in=50))) as server:
        prose = written(model_writer(server, store.writing), 3)

    assert {p.fallback_reason for p in prose} == {""}


def breaking_after(count: int, act: Act) -> Script:
    return lambda asked: Say() if asked.number <= count else act


def test_what_was_finished_before_a_stop_is_yielded_and_not_asked_for_again(store: Store) -> None:
    found: list[WrittenTicket] = []
    with scripted_server(breaking_after(10, Fail(status=500))) as server:
        writer = model_writer(server, store.writing)
        with pytest.raises(WriterUnavailableError, match="10 of 24 tickets are written and kept"):
            found += writer.write_all(some_briefs(24), session_key=SESSION)

        server.script = always(Say())
        asked_before = len(server.asked)
        rest = written(writer, 24)

    assert len(rest) == 24
    assert len(server.asked) - asked_before == 14


def test_kept_answers_after_the_one_that_stops_the_step_are_yielded(store: Store) -> None:
    found: list[WrittenTicket] = []
    with scripted_server(always(Say())) as server:
        writer = model_writer(server, store.writing)
        list(writer.write_all(some_briefs(24)[12:], session_key=SESSION))
        server.script = always(Fail(status=401))

        with pytest.raises(WriterAccessError, match="12 of 24 tickets are written and kept"):
            found += writer.write_all(some_briefs(24), session_key=SESSION)

    assert {t.group_key for t in found} == {b.group.key for b in some_briefs(24)[12:]}


def test_the_most_requests_of_a_session_count_over_all_its_runs(store: Store) -> None:
    with scripted_server(always(Say())) as server:
        writer = model_writer(server, store.writing, requests_max=10)
        with pytest.raises(WriterBudgetError):
            written(writer, 24)
        with pytest.raises(WriterBudgetError) as caught:
            written(writer, 24)

    assert len(server.asked) == 10
    assert "WRITER_MAX_REQUESTS (10)" in caught.value.message
    assert "Spent on this session: 10 requests to models, " in caught.value.message
    assert "10 of 24 tickets are written and kept" in caught.value.message
    assert caught.value.category is ErrorCategory.USER_FIXABLE


def test_a_budget_is_never_exceeded_whatever_runs_at_once(store: Store) -> None:
    """The most a request can cost is some 13 cents here, its real cost 1.2."""
    budget = Decimal("0.28")
    with scripted_server(always(Say())) as server:
        writer = model_writer(server, store.writing, budget_usd=budget)
        with pytest.raises(WriterBudgetError, match=r"WRITER_BUDGET \(0.28 US dollars\)"):
            written(writer, 24)

    spent = store.writing.spending(SESSION)
    assert server.running_most <= 2
    assert Decimal("0.05") < spent.cost_usd <= budget


def test_a_budget_holds_over_all_runs_where_answers_are_paid_for_and_never_arrive(
    store: Store,
) -> None:
    """The 8,000 tokens that each may be answered with cost 8 cents."""
    torn, budget = Raw(body=b'{"id": "chatcmpl-1", "cho', missing_bytes=400), Decimal("0.40")
    with scripted_server(always(torn)) as server:
        for _ in range(2):
            with pytest.raises(WriterBudgetError):
                written(model_writer(server, store.writing, budget_usd=budget), 24)
        with pytest.raises(WriterBudgetError) as caught:
            written(model_writer(server, store.writing, budget_usd=budget), 24)

    spent = store.writing.spending(SESSION)
    assert spent.requests == spent.unseen_requests == len(server.asked)
    assert len(server.asked) * Decimal("0.08") < spent.cost_usd <= budget
    assert spending_text(spent) in caught.value.message


def test_an_unknown_price_is_reported_once_and_requests_stay_bounded(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """A run that tried a step three times reported it three times."""
    with scripted_server(always(Say())) as server:
        tools = model_tools(server, store.writing, price_of=lambda **_: None, requests_max=5)
        for _ in range(2):
            with pytest.raises(WriterBudgetError):
                list(CheckedWriter(tools=tools).write_all(some_briefs(24), session_key=SESSION))

    assert caplog.text.count("WRITER_BUDGET cannot bind; WRITER_MAX_REQUESTS does (5)") == 1
    assert store.writing.spending(SESSION).unpriced_requests == 5


def test_a_request_refused_for_one_ticket_leaves_it_to_the_template(store: Store) -> None:
    refused = some_briefs(5)[2].group.title

    def script(asked: Asked) -> Act:
        is_refused = f"Title: {refused}\n" in asked.request
        return Fail(status=400, kind="invalid_prompt", message="Policy") if is_refused else Say()

    with scripted_server(script) as server:
        written(model_writer(server, store.writing), 2)
        writer = model_writer(server, store.writing)
        prose = written(writer, 5)

    reasons = [p.fallback_reason for p in prose if p.fallback_reason]
    assert reasons == ["The service did not take the request: HTTP 400: Policy."]


def test_a_service_that_takes_no_request_at_all_is_not_asked_about_every_ticket(
    store: Store,
) -> None:
    with scripted_server(always(Fail(status=400, message="Unknown parameter"))) as server:
        writer = model_writer(server, store.writing, provider="compatible", concurrency_max=1)
        with pytest.raises(WriterAccessError, match=r"Unknown parameter\. 0 of 24 tickets"):
            written(writer, 24)

    with_schema = ["response_format" in asked.body for asked in server.asked]
    assert with_schema == [True, False] * REJECTIONS_MAX


def test_what_a_filter_of_the_service_refuses_is_the_templates() -> None:
    conversation = conversation_about(clock_brief())

    conversation.take(Failure(kind=FailureKind.REFUSED, reason="Self-harm."))

    assert conversation.end is RequestOutcome.REFUSED
    assert "Self-harm" in conversation.reason


@pytest.mark.parametrize(
    ("provider", "name", "message"),
    [
        ("compatible", "response_format", "response_format is not supported"),
        ("anthropic", "output_config", "The schema is too large: reduce the number of its parts"),
    ],
)
def test_a_server_that_takes_no_schema_gets_it_in_words(
    store: Store, provider: str, name: str, message: str
) -> None:
    def script(asked: Asked) -> Act:
        return Fail(status=400, message=message) if name in asked.body else Say()

    with scripted_server(script) as server:
        prose = written(
            model_writer(server, store.writing, provider=provider, concurrency_max=1), 3
        )

    assert {p.fallback_reason for p in prose} == {""}
    assert [name in asked.body for asked in server.asked] == [True] + [False] * 3
    assert "estimated_hours" in str(server.asked[-1].body)


@pytest.mark.parametrize("named", MODELS)
def test_the_key_shows_nowhere_whatever_the_service_says_of_it(
    store: Store, named: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    leak = Fail(status=401, message=f"Incorrect API key provided: {KEY}. {KEY}")
    with scripted_server(always(leak)) as server:
        writer = model_writer(server, store.writing, provider=named)
        with pytest.raises(WriterAccessError) as caught:
            written(writer)

    error = caught.value
    shown = f"{error!r} {error} {error.args} {error.recovery_actions} {error.__context__!r}"
    assert "Incorrect API key provided: [key]" in shown
    assert KEY not in shown
    assert KEY not in caplog.text
    assert KEY not in f"{vars(writer)!r}"
    assert KEY in str(server.asked[0].headers)


@pytest.mark.parametrize("named", MODELS)
def test_nothing_of_the_shell_is_sent_to_another_server(
    store: Store, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The packages read headers, organisations and keys from the environment."""
    for name in ("AUTH_TOKEN", "API_KEY", "ADMIN_KEY", "ORG_ID", "PROJECT_ID"):
        monkeypatch.setenv(f"OPENAI_{name}", "of-the-shell")
        monkeypatch.setenv(f"ANTHROPIC_{name}", "of-the-shell")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Gateway: of-the-shell")
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "X-Gateway: of-the-shell")
    with scripted_server(always(Say())) as server:
        (prose,) = written(model_writer(server, store.writing, provider=named))

    assert prose.fallback_reason == ""
    assert KEY in str(server.asked[0].headers)
    assert "of-the-shell" not in str(server.asked[0].headers)


def test_no_key_is_sent_to_where_a_service_redirects(store: Store) -> None:
    with scripted_server(always(Say())) as other, scripted_server(always(Say())) as server:
        server.script = always(Fail(status=307, headers={"Location": f"{other.url}/v1/messages"}))
        with pytest.raises(WriterAccessError):
            written(model_writer(server, store.writing, provider="anthropic"))

    assert other.asked == []


def test_the_model_is_given_no_tools(store: Store, provider: str) -> None:
    with scripted_server(always(Say())) as server:
        written(model_writer(server, store.writing, provider=provider))

    assert {"tools", "tool_choice", "functions"} & set(server.asked[0].body) == set()


def clock_brief() -> TicketRows:
    briefs = briefs_of(*site("uhrenmuseum"))
    return next(b for b in briefs if b.group.title == "Configure content type: Clock")


def too_long_above(characters: int) -> Script:
    """A model that reads no more than so many characters of a request, as services say it."""
    message = "This model's maximum context length is exceeded, reduce the length of the messages"
    refusal = Fail(status=400, kind="context_length_exceeded", message=message)
    return lambda asked: refusal if len(said_to(asked)) > characters else Say()


def said_to(asked: Asked) -> str:
    return text_of(next(m for m in asked.body["messages"] if m["role"] == "user"))


def test_a_ticket_that_is_too_long_for_the_model_is_asked_with_fewer_rows(store: Store) -> None:
    with scripted_server(always(Say())) as server:
        writer = model_writer(server, store.writing)
        whole = len(first_prompt(to_complete(clock_brief())).context)
        server.script = too_long_above(whole // 2 + 7_000)

        (ticket,) = writer.write_all([clock_brief()], session_key=SESSION)

    assert ticket.prose.fallback_reason == ""
    assert counted(outcomes(store)) == {"too_long": 1, "answered": 1}
    lengths = [len(said_to(asked)) for asked in server.asked]
    assert lengths == sorted(lengths, reverse=True)
    assert "rows of other tickets are left out" in server.asked[-1].last


def test_a_ticket_that_no_model_can_read_is_left_to_the_template(store: Store) -> None:
    with scripted_server(too_long_above(0)) as server:
        (ticket,) = model_writer(server, store.writing).write_all(
            [clock_brief()], session_key=SESSION
        )

        asked = len(server.asked)
        with pytest.raises(WriterContextError, match="more than the model can read: HTTP 4"):
            written(model_writer(server, store.writing), UNUSABLE_MAX)

    assert "This ticket is more than the model can read" in ticket.prose.fallback_reason
    assert asked <= 3


PLACES = 3


def with_places_taken(taken: threading.Event, act: Callable[[], Act]) -> Script:
    """Answer the first request; say when all places are taken by others, which `act` is for."""

    def script(asked: Asked) -> Act:
        if asked.number == 1:
            return Say()
        if asked.number == 1 + PLACES:
            taken.set()
        return act()

    return script


def test_an_interrupted_step_asks_nothing_more_and_keeps_the_answers_under_way(
    store: Store,
) -> None:
    """They are paid for: whoever carries on does not ask for them again."""
    taken = threading.Event()
    with wait_notice() as waits, scripted_server(always(Say())) as server:

        def answer_to_who_waits() -> Act:
            assert waits.wait(LONG_SECONDS)
            return Say()

        server.script = with_places_taken(taken, answer_to_who_waits)
        writer = model_writer(
            server, store.writing, concurrency_max=PLACES, grace_seconds=LONG_SECONDS
        )
        with closing(writer.write_all(some_briefs(24), session_key=SESSION)) as arriving:
            next(arriving)
            assert taken.wait(LONG_SECONDS)
        asked, found = len(server.asked), counted(outcomes(store))
        server.script = always(Say())
        written(writer, 24)

    assert (asked, found) == (1 + PLACES, {"answered": 1 + PLACES})
    assert len(server.asked) == 24


def test_answers_that_do_not_come_within_the_grace_count_with_the_most(store: Store) -> None:
    taken = threading.Event()
    with scripted_server(with_places_taken(taken, Silence)) as server:
        writer = model_writer(server, store.writing, concurrency_max=PLACES, grace_seconds=0.1)
        with closing(writer.write_all(some_briefs(24), session_key=SESSION)) as arriving:
            next(arriving)
            assert taken.wait(LONG_SECONDS)
        asked = len(server.asked)

    spent = store.writing.spending(SESSION)
    assert (asked, counted(outcomes(store))) == (1 + PLACES, {"answered": 1, "unseen": PLACES})
    assert spent.requests == asked
    assert spent.unseen_usd > PLACES * Decimal("0.08")


def test_two_who_ask_about_a_session_share_its_limits(store: Store) -> None:
    taken, release = threading.Event(), threading.Event()

    def answer_when_asked() -> Act:
        assert release.wait(LONG_SECONDS)
        return Say()

    with scripted_server(with_places_taken(taken, answer_when_asked)) as server:
        most = 1 + PLACES
        writer = model_writer(server, store.writing, concurrency_max=PLACES, requests_max=most)
        other = model_writer(server, store.writing, requests_max=most)
        with closing(writer.write_all(some_briefs(24), session_key=SESSION)) as arriving:
            next(arriving)
            assert taken.wait(LONG_SECONDS)
            with pytest.raises(WriterBudgetError, match=r"WRITER_MAX_REQUESTS \(4\)"):
                list(other.write_all(some_briefs(24)[-2:], session_key=SESSION))
            release.set()
            with pytest.raises(WriterBudgetError):
                list(arriving)

    assert len(server.asked) == store.writing.spending(SESSION).requests == most


@pytest.mark.usefixtures("no_threads_left")
def test_an_error_of_the_store_ends_the_step_as_it_is(store: Store) -> None:
    with scripted_server(always(Say())) as server:
        writer = model_writer(server, store.writing)

        with pytest.raises(PipelineError, match="nowhere"):
            list(writer.write_all(ONE_TICKET, session_key="nowhere"))
