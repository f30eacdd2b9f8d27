"""The client sends what the documents say, to the configured host, and shows no credentials."""

import base64
import logging
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from jira_pipeline.jira.client.client import IssueCalls, JiraClient, SiteCalls
from jira_pipeline.jira.client.exchange import PAGES_MAX
from jira_pipeline.jira.client.responses import SHOWN_WHOLE_MAX
from jira_pipeline.model.errors import (
    ConfigurationError,
    RateLimitedError,
    RefusedError,
    UnavailableError,
    UpstreamError,
)
from jira_pipeline.model.issue_tracker import (
    Board,
    BulkAnswer,
    BulkAnswered,
    Created,
    IssueAttachment,
    IssueChange,
    IssueDraft,
    IssueLink,
    IssueTraces,
    LinkEnd,
    NothingDone,
    Project,
    Site,
    Unknown,
)
from jira_pipeline_tests.jira.client.answered_clients import (
    SITE,
    TOKEN,
    client_of,
    impatient_client_of,
)
from jira_pipeline_tests.tables import each

FILE = {"id": "7", "filename": "a.md", "size": 3}
WHEN = "2026-03-04T05:06:07.000+0000"
WRITTEN_AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
ADA = {"author": {"accountId": "ada", "displayName": "Ada"}, "created": WHEN}
TRACES: dict[str, dict[int, dict[str, Any]]] = {
    "/rest/api/3/issue/2": {
        0: {
            "id": "2",
            "key": "ABC-2",
            "fields": {
                "status": {"name": "Done"},
                "creator": {"accountId": "ada", "displayName": "Ada"},
                "subtasks": [{"id": "3", "key": "ABC-3"}],
                "issuelinks": [
                    {
                        "id": "5",
                        "type": {"id": "10000", "name": "Blocks"},
                        "inwardIssue": {"id": "1"},
                    }
                ],
                "attachment": [{**FILE, **ADA}],
            },
            "properties": {"marker": {"identity": "x"}},
        }
    },
    "/rest/api/3/issue/2/comment": {
        0: {"comments": [{"id": "10", **ADA}], "total": 2},
        1: {"comments": [{"id": "11", "created": WHEN}], "total": 2},
    },
    "/rest/api/3/issue/2/worklog": {
        0: {"worklogs": [{"id": "20", **ADA}], "total": 2},
        1: {"worklogs": [{"id": "21", **ADA}], "total": 2},
    },
    "/rest/api/3/issue/2/changelog": {
        0: {
            "values": [
                {
                    "id": "30",
                    **ADA,
                    "items": [
                        {"field": "status", "fromString": "To Do", "toString": "Done"},
                        {"field": "Link"},
                    ],
                }
            ],
            "total": 2,
        },
        1: {"values": [{"id": "31", **ADA, "items": [{"field": "summary"}]}], "total": 2},
    },
}
"""Answers by path and start of the page."""
LINK = IssueLink(link_type_id="10000", other_end=LinkEnd.INWARD, other_issue_id="1", link_id="5")
ATTACHMENT = IssueAttachment(
    attachment_id="7", file_name="a.md", size_bytes=3, author_id="ada", created_at=WRITTEN_AT
)


class Recorder:
    """A site that notes requests and answers by path."""

    def __init__(self, answers: dict[str, httpx.Response]) -> None:
        self.requests: list[httpx.Request] = []
        self._answers = answers

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self._answers[request.url.path]


@each(
    ("write", "response", "lacks"),
    [
        (lambda c: c.attach("1", file_name="a.md", content=b"a"), (200, []), "one id"),
        (lambda c: c.attach("1", file_name="a.md", content=b"a"), (200, [FILE, FILE]), "one id"),
        (lambda c: c.add_comment("1", {}), (201, {}), "its id"),
    ],
)
def test_what_was_made_without_saying_what_is_in_doubt(
    write: Callable[[JiraClient], object], response: tuple[int, object], lacks: str
) -> None:
    status, body = response

    answer = write(client_of(lambda _request: httpx.Response(status, json=body)))

    assert isinstance(answer, Unknown)
    assert answer.reason.endswith(f"Jira answered {status} without {lacks}.")


def test_links_and_files_are_read_with_an_issue() -> None:
    shown = TRACES["/rest/api/3/issue/2"][0]
    issue = shown | {"fields": shown["fields"] | {"customfield_10020": None}}
    body = {"issues": [issue], "issueErrors": [{"id": "3", "errorMessage": "Later."}]}
    site = Recorder({"/rest/api/3/issue/bulkfetch": httpx.Response(200, json=body)})

    answer = client_of(site).bulk_fetch(["2", "3"], fields=("summary",), properties=("marker",))

    [found] = answer.issues
    assert (found.links, found.attachments, found.number) == ((LINK,), (ATTACHMENT,), 2)
    assert (found.properties, answer.failed) == ({"marker": {"identity": "x"}}, ("3",))


DRAFT = IssueDraft(fields={"summary": "A"}, properties={"marker": {"identity": "x"}})


def bulk_answer(response: httpx.Response, *, count: int = 3) -> BulkAnswer:
    return client_of(lambda _request: response).create_issues([DRAFT] * count)


@each("status", [201, 400])
def test_an_element_that_failed_is_named_by_its_position_and_status(status: int) -> None:
    def failed(number: int, element_status: int) -> dict[str, object]:
        errors = {"errorMessages": [], "errors": {"priority": "Invalid."}}
        return {"status": element_status, "elementErrors": errors, "failedElementNumber": number}

    body = {"issues": [], "errors": [failed(0, 400), failed(1, 500), failed(2, 429)]}

    answer = bulk_answer(httpx.Response(status, json=body))

    assert isinstance(answer, BulkAnswered)
    refused, lost, throttled = (answer.failed[number] for number in range(3))
    assert isinstance(refused, NothingDone)
    assert refused.field_errors == {"priority": "Invalid."}
    assert isinstance(lost, Unknown)
    assert isinstance(throttled, NothingDone)
    assert isinstance(throttled.error, RateLimitedError)


@each(
    ("response", "kind"),
    [
        (httpx.Response(400, json={"errorMessages": ["No."], "errors": {}}), NothingDone),
        (httpx.Response(401, json={"errorMessages": ["No."]}), NothingDone),
        (httpx.Response(400, html="<html>a gateway</html>"), Unknown),
        (httpx.Response(400, json={"issues": [], "errors": []}), Unknown),
        (httpx.Response(201, json={"issues": [], "errors": []}), Unknown),
        (httpx.Response(201, content=b'{"issues": [{"id": "1", "ke'), Unknown),
        (httpx.Response(201, json={"issues": [{"id": "1"}]}), Unknown),
        (httpx.Response(200, json={"issues": [{"id": "1", "key": "A-1"}]}), Unknown),
        (httpx.Response(503), Unknown),
    ],
)
def test_a_bulk_whose_answer_says_nothing_is_in_doubt_as_a_whole(
    response: httpx.Response, kind: type[object]
) -> None:
    assert isinstance(bulk_answer(response), kind)


@each("count", [0, 51])
def test_a_bulk_takes_at_most_fifty(count: int) -> None:
    with pytest.raises(ValueError, match="1 to 50"):
        bulk_answer(httpx.Response(201), count=count)


def paged(request: httpx.Request, *values: object) -> httpx.Response:
    start = int(request.url.params["startAt"])
    page = {"values": [values[start]], "isLast": start == len(values) - 1}
    return httpx.Response(200, json=page)


def test_projects_boards_and_sprints_are_read_to_their_last_page() -> None:
    projects = [{"id": str(n), "key": f"A{n}", "name": "A"} for n in (1, 2)]
    boards = [{"id": 7, "name": "B", "type": "scrum"}, {"id": 8, "name": "K", "type": "kanban"}]
    sprints = [{"id": n, "name": f"S{n}", "state": "future"} for n in (1, 2)]

    assert client_of(lambda r: paged(r, *projects)).projects() == tuple(
        Project(project_id=n, key=f"A{n}", name="A") for n in "12"
    )
    assert client_of(lambda r: paged(r, *boards)).boards("ABC") == (
        Board(board_id="7", name="B", board_type="scrum"),
        Board(board_id="8", name="K", board_type="kanban"),
    )
    open_sprints = client_of(lambda r: paged(r, *sprints)).open_sprints("7")
    assert [sprint.sprint_id for sprint in open_sprints] == ["1", "2"]


@each(
    "token_after",
    [lambda _count: "again", lambda count: f"page {count % 3}", lambda count: f"page {count}"],
    ids=["the same page", "a circle of pages", "ever more pages"],
)
def test_a_search_that_never_ends_is_given_up(token_after: Callable[[int], str]) -> None:
    asked: list[object] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.content)
        return httpx.Response(200, json={"issues": [], "nextPageToken": token_after(len(asked))})

    with pytest.raises(UnavailableError, match="Searching issues: Jira named a page again"):
        client_of(answer).search("project = ABC", fields=())

    assert len(asked) <= PAGES_MAX


@each(
    ("read", "page"),
    [
        (lambda client: client.projects(), {"values": [{"id": "1", "key": "ABC", "name": "A"}]}),
        (lambda client: client.create_fields("1", "2"), {"fields": [{"fieldId": "summary"}]}),
        (lambda client: client.issue_history("1"), {"values": [{}]}),
    ],
    ids=["a list with a last page", "a counted list", "a history"],
)
def test_a_list_that_never_ends_is_given_up(
    read: Callable[[JiraClient], object], page: dict[str, object]
) -> None:
    page |= {"total": 10**9}

    with pytest.raises(UnavailableError, match=f"more than {PAGES_MAX} pages"):
        read(client_of(lambda _request: httpx.Response(200, json=page)))


@each(
    ("read", "none", "refused"),
    [
        (lambda client: client.open_sprints("8"), 400, 404),  # a board without sprints, or none
        (lambda client: client.link_types(), 404, 400),  # linking is switched off
    ],
)
def test_a_list_that_a_site_does_not_have_is_empty_and_one_it_refuses_is_not(
    read: Callable[[JiraClient], object], none: int, refused: int
) -> None:
    def client(status: int) -> JiraClient:
        refusal = {"errorMessages": ["No."], "errors": {}}
        return client_of(lambda _request: httpx.Response(status, json=refusal))

    assert read(client(none)) == ()
    with pytest.raises(RefusedError):
        read(client(refused))


def test_all_pages_of_the_create_screen_name_the_values_a_field_takes() -> None:
    fields = [
        {"fieldId": "priority", "allowedValues": [{"id": "1", "name": "High"}]},
        {"fieldId": "customfield_1", "allowedValues": [{"id": "1", "value": "Red"}]},
        {"fieldId": "summary", "required": True},
    ]

    def answer(request: httpx.Request) -> httpx.Response:
        page = [fields[int(request.url.params["startAt"])]]
        return httpx.Response(200, json={"fields": page, "total": 3})

    found = client_of(answer).create_fields("1", "2")

    assert [(f.field_id, f.is_required, f.options and f.options[0].name) for f in found] == [
        *(("priority", False, "High"), ("customfield_1", False, "Red"), ("summary", True, None))
    ]


def site_that_says(tenant: httpx.Response) -> Recorder:
    return Recorder(
        {
            "/rest/api/3/myself": httpx.Response(200, json={"accountId": "ada"}),
            "/rest/api/3/serverInfo": httpx.Response(200, json={"baseUrl": f"{SITE}/"}),
            "/_edge/tenant_info": tenant,
        }
    )


@each(("known", "asked"), [({}, 1), ({"c-1": SITE}, 0), ({"another": SITE}, 1)])
def test_a_site_is_named_by_its_cloud_id_and_asked_for_its_address_unless_it_is_known(
    known: dict[str, str], asked: int
) -> None:
    site = site_that_says(httpx.Response(200, json={"cloudId": "c-1"}))

    assert client_of(site).site(known) == Site(site_id="c-1", base_url=SITE, api_url=SITE)
    assert sum(r.url.path.endswith("/serverInfo") for r in site.requests) == asked


@each("status", [410, 503])
def test_a_cloud_id_that_cannot_be_read_gives_the_site_no_second_name(status: int) -> None:
    """Under a second name everything would be exported once more."""
    with pytest.raises(UpstreamError, match=str(status)):
        client_of(site_that_says(httpx.Response(status))).site()


def test_a_redirect_to_another_host_is_not_followed() -> None:
    elsewhere = {"Location": "https://elsewhere.example/myself"}
    site = Recorder({"/rest/api/3/myself": httpx.Response(302, headers=elsewhere)})

    with pytest.raises(UpstreamError, match="redirect"):
        client_of(site).whoami()

    assert [request.url.host for request in site.requests] == ["example.atlassian.net"]


def test_a_name_in_a_path_cannot_leave_it() -> None:
    seen: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.raw_path)
        return httpx.Response(404, json={"errorMessages": ["No."]})

    with pytest.raises(UpstreamError):
        client_of(answer).project("../../secret?x=1")

    assert seen == [b"/rest/api/3/project/..%2F..%2Fsecret%3Fx%3D1"]


@each(
    "base_url",
    [
        "http://example.atlassian.net",
        "ftp://example.atlassian.net",
        "example.atlassian.net",
        "//example.atlassian.net",
        "https://user:secret@example.atlassian.net",
        "https://example.atlassian.net/?a=b",
        "https://example.atlassian.net/#a",
        "http://127.0.0.1.example.net",
        "http://localhost.example.net",
        "http://",
        "https://[::1",
        "https://example.net:port",
        "https://example.net:99999",
        "https://user:secret@example.net:port",
        "https://example.net/a b",
        "https://example.net\n.other.example",
        "",
    ],
)
def test_an_unsafe_address_is_refused_without_showing_credentials(base_url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        JiraClient(base_url)

    assert "secret" not in str(caught.value)


@each(
    "base_url",
    [SITE, f"{SITE}/", "http://127.0.0.1:8765", "http://localhost:1", "http://[::1]:8765"],
)
def test_https_and_this_host_are_fine(base_url: str) -> None:
    JiraClient(base_url).close()


WRITES: tuple[Callable[[JiraClient], object], ...] = (
    lambda client: client.create_issue({}, {}),
    lambda client: client.create_issues([DRAFT]),
    lambda client: client.create_link(link_type_id="1", inward_issue_id="1", outward_issue_id="2"),
    lambda client: client.attach("1", file_name="a.md", content=b"a"),
    lambda client: client.set_parent("1", "ABC-1"),
    lambda client: client.mark_issue("1", add_label="a", properties={}),
    lambda client: client.move_to_sprint("1", ["1"]),
    lambda client: client.delete_issue("1"),
    lambda client: client.write_text("1", summary="a", description={}, properties={}),
    lambda client: client.add_comment("1", {}),
    lambda client: client.delete_attachment("1"),
    lambda client: client.delete_link("1"),
)
READS: tuple[Callable[[JiraClient], object], ...] = (
    lambda client: client.whoami(),
    lambda client: client.site(),
    lambda client: client.project("ABC"),
    lambda client: client.projects(),
    lambda client: client.granted_permissions("ABC", ["BROWSE_PROJECTS"]),
    lambda client: client.issue_types("1"),
    lambda client: client.create_fields("1", "2"),
    lambda client: client.link_types(),
    lambda client: client.assignable_users("ABC", "ada"),
    lambda client: client.attachment_rules(),
    lambda client: client.boards("ABC"),
    lambda client: client.open_sprints("1"),
    lambda client: client.bulk_fetch(["1"], fields=()),
    lambda client: client.search("project = ABC", fields=()),
    lambda client: client.issue_traces("1"),
    lambda client: client.traces_of_one_moment("1"),
    lambda client: client.issue_history("1"),
    lambda client: client.issue_text("1"),
    lambda client: client.issue_texts(["1"], properties=()),
    lambda client: client.comments("1"),
)


def test_every_call_of_the_client_is_among_those_that_are_searched_for_the_token() -> None:
    calls = {**vars(SiteCalls), **vars(IssueCalls)}
    names = {name for name in calls if not name.startswith("_")}

    searched = Path(__file__).read_text(encoding="utf-8")

    assert {
        name for name in names - {"await_creation"} if f"client.{name}(" not in searched
    } == set()


def test_nothing_the_client_says_shows_the_token(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    texts = []

    def echo(request: httpx.Request) -> httpx.Response:
        header = request.headers["Authorization"]
        errors = {"errorMessages": [f"{header} {TOKEN}"], "errors": {"labels": TOKEN}}
        return httpx.Response(400, json=errors)

    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError(f"broken: {request.headers['Authorization']}", request=request)

    def throttle(request: httpx.Request) -> httpx.Response:
        headers = {"Retry-After": "1", "RateLimit-Reason": request.headers["Authorization"]}
        return httpx.Response(429, json={"errorMessages": [TOKEN]}, headers=headers)

    def bulk_echo(_request: httpx.Request) -> httpx.Response:
        element = {
            "status": 400,
            "elementErrors": {"errorMessages": [TOKEN], "errors": {TOKEN: TOKEN}},
            "failedElementNumber": 0,
        }
        return httpx.Response(400, json={"issues": [], "errors": [element]})

    for handle in (echo, fail, throttle, bulk_echo):
        client = impatient_client_of(handle)
        texts += [repr(write(client)) for write in WRITES]
        for read in READS:
            try:
                read(client)
            except UpstreamError as error:
                texts += [*traceback.format_exception(error), repr(vars(error))]

    shown = "".join([*texts, caplog.text])
    assert "[redacted]" in shown
    assert TOKEN not in shown
    assert "YUBiLmV4YW1wbGU6" not in shown
    assert len(texts) > 4 * (len(WRITES) + len(READS))


@each(
    "form",
    [
        lambda pair: base64.b64encode(pair.encode()).decode(),
        lambda pair: base64.urlsafe_b64encode(pair.encode()).decode().rstrip("="),
        lambda pair: quote(pair, safe=""),
        lambda pair: pair.encode().hex(),
        lambda pair: "".join(f"&#{ord(character)};" for character in pair),
        lambda pair: "".join(f"\\u{ord(character):04x}" for character in pair),
    ],
)
def test_a_proxy_that_shows_user_and_token_in_another_form_is_not_repeated(
    form: Callable[[str], str],
) -> None:
    """In these forms the token was in the terminal, the store and Dagster's history."""

    def echo(request: httpx.Request) -> httpx.Response:
        pair = base64.b64decode(request.headers["Authorization"].removeprefix("Basic "))
        return httpx.Response(403, json={"errorMessages": [f"Sent: {form(pair.decode())}."]})

    with pytest.raises(UpstreamError) as caught:
        READS[0](impatient_client_of(echo))

    assert "Sent: [redacted]" in caught.value.message


def test_the_traces_of_an_issue_are_read_to_their_last_page() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        start = int(request.url.params.get("startAt", "0"))
        return httpx.Response(200, json=TRACES[request.url.path][start])

    traces = client_of(answer).traces_of_one_moment("2", properties=("marker",))

    assert [comment.comment_id for comment in traces.comments] == ["10", "11"]
    assert traces == IssueTraces(
        key="ABC-2",
        updated="",
        comments=traces.comments,
        worklog_count=2,
        changes=tuple(
            IssueChange(author_id="ada", field=name, before=before, at=WRITTEN_AT)
            for name, before in (("status", "To Do"), ("Link", ""), ("summary", ""))
        ),
        links=(LINK,),
        subtask_ids=("3",),
        attachments=(ATTACHMENT,),
        creator_id="ada",
        properties={"marker": {"identity": "x"}},
    )


def site_with(worklog: httpx.Response, configuration: httpx.Response) -> Recorder:
    """A site that shows an issue, and answers about its worklogs as given."""
    changes = {"values": [{**ADA, "items": [{"field": "Link"}]}], "total": 1}
    return Recorder(
        {
            "/rest/api/3/issue/2": httpx.Response(200, json=TRACES["/rest/api/3/issue/2"][0]),
            "/rest/api/3/issue/2/comment": httpx.Response(200, json={"comments": [], "total": 0}),
            "/rest/api/3/issue/2/changelog": httpx.Response(200, json=changes),
            "/rest/api/3/issue/2/worklog": worklog,
            "/rest/api/3/configuration": configuration,
        }
    )


@each(
    ("total", "newest"),
    [(2, 2), (3, 2), (SHOWN_WHOLE_MAX, SHOWN_WHOLE_MAX), (None, 2)],
    ids=["all are shown", "the newest are shown", "too many to tell", "nobody says how many"],
)
def test_the_history_of_a_text_is_whole(total: int | None, newest: int) -> None:
    changes = [
        {"id": str(number), **ADA, "items": [{"field": "summary"}]}
        for number in range(total or newest, 0, -1)
    ]
    shown = {"histories": changes[:newest], "total": total}
    site = Recorder(
        {
            "/rest/api/3/issue/2": httpx.Response(
                200, json={"key": "ABC-2", "fields": {"summary": "x"}, "changelog": shown}
            ),
            "/rest/api/3/issue/2/changelog": httpx.Response(
                200, json={"values": changes[::-1], "total": len(changes)}
            ),
        }
    )

    text = client_of(site).issue_text("2")

    assert [change.change_id for change in text.changes] == [one["id"] for one in changes[::-1]]
    assert len(site.requests) == (1 if total == newest < SHOWN_WHOLE_MAX else 3)


def test_texts_are_read_together_and_one_with_a_longer_history_is_left_out() -> None:
    """`total` counts what the answer shows, so a full page may be the newest part of more."""

    def issue(number: int, change_count: int) -> dict[str, object]:
        changes = [
            {"id": str(place), **ADA, "items": [{"field": "summary"}]}
            for place in range(change_count, 0, -1)
        ]
        shown = {"histories": changes, "total": change_count}
        return {"id": str(number), "key": f"ABC-{number}", "fields": {}, "changelog": shown}

    without_history = {"id": "4", "key": "ABC-4", "fields": {}}
    body = {"issues": [issue(2, 2), issue(3, SHOWN_WHOLE_MAX), without_history]}
    site = Recorder({"/rest/api/3/issue/bulkfetch": httpx.Response(200, json=body)})

    texts = client_of(site).issue_texts(["2", "3", "4"], properties=("mark",))

    assert list(texts) == ["2"]
    assert [change.change_id for change in texts["2"].changes] == ["1", "2"]
    assert b'"expand":["changelog"]' in site.requests[0].read()


TRACKING_OFF = {"errorMessages": ["Time tracking is disabled."]}
ON, OFF = ({"timeTrackingEnabled": is_on} for is_on in (True, False))


@each("status", [400, 404])
def test_a_site_where_nobody_logs_work_has_no_worklogs(status: int) -> None:
    refusal = httpx.Response(status, json=TRACKING_OFF)

    traces = client_of(site_with(refusal, httpx.Response(200, json=OFF))).traces_of_one_moment("2")

    assert traces.worklog_count == 0
    assert [change.field for change in traces.changes] == ["Link"]


@each(
    ("status", "configuration", "error"),
    [
        (404, httpx.Response(200, json=ON), UnavailableError),
        (404, httpx.Response(404, json={"errorMessages": ["No."]}), UnavailableError),
        (404, httpx.Response(503), UnavailableError),
        (400, httpx.Response(200, json=ON), RefusedError),
    ],
    ids=["on", "refused", "out of order", "it may not be read"],
)
def test_worklogs_that_cannot_be_read_are_not_taken_for_none_nor_their_issue_for_gone(
    status: int, configuration: httpx.Response, error: type[UpstreamError]
) -> None:
    """An undo would write down that it deleted the issue."""
    site = site_with(httpx.Response(status, json=TRACKING_OFF), configuration)

    with pytest.raises(error):
        client_of(site).traces_of_one_moment("2")


@each(
    ("response", "answer"),
    [
        (httpx.Response(204), Created),
        (httpx.Response(404, json={"errorMessages": ["Gone."]}), NothingDone),
        (httpx.Response(400, json={"errorMessages": ["It has subtasks."]}), NothingDone),
        (httpx.Response(404, html="<html>a gateway</html>"), Unknown),
        (httpx.Response(200), Unknown),
        (httpx.Response(503), Unknown),
    ],
)
def test_a_deletion_has_the_three_answers_of_every_write(
    response: httpx.Response, answer: type[object]
) -> None:
    site = Recorder({"/rest/api/3/issue/2": response})

    assert isinstance(client_of(site).delete_issue("2"), answer)
    assert [request.method for request in site.requests] == ["DELETE"]


def test_a_request_names_the_program_and_its_version() -> None:
    """An administrator of the site finds it by that in the log of a proxy; it was a name alone."""
    named: list[str] = []

    def note(request: httpx.Request) -> httpx.Response:
        named.append(request.headers["User-Agent"])
        return httpx.Response(200, json={"accountId": "1", "displayName": "A"})

    client_of(note).whoami()

    assert named == [f"jira-pipeline/{metadata.version('jira-pipeline')}"]
