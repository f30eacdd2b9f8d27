"""The list of tickets: its address says what it shows, its forms decide about many at once."""

import re
from pathlib import Path

from fastapi.testclient import TestClient
from httpx2 import Response
from selectolax.lexbor import LexborHTMLParser

from jira_pipeline.export.project_check import look_names_up
from jira_pipeline.model.people import Role
from jira_pipeline.review.decisions import decide
from jira_pipeline.review.open_session import open_session
from jira_pipeline.review.outcomes import Step
from jira_pipeline.sessions import upload
from jira_pipeline.web.context import Web
from jira_pipeline.web.pages import showing
from jira_pipeline.writing import generation
from jira_pipeline_tests.contracts.stored_values import START, an_upload
from jira_pipeline_tests.projects import SESSION, copy_sheets, orphan_fields, rename_ticket
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.web.browsers import NAMES, ClientOf, hidden_in, one, page_at, signed_in

HERE = "/sessions/museum/tickets"


def numbers_in(page: Response) -> list[int]:
    assert page.status_code == 200, page.text
    rows = LexborHTMLParser(page.text).css("#tickets tbody tr")
    return [int(str(row.attributes["id"]).removeprefix("ticket-")) for row in rows]


def notices_on(page: Response) -> str:
    return " ".join(n.text().strip() for n in LexborHTMLParser(page.text).css(".notice p"))


def taken_back(client: TestClient, page: Response) -> str:
    form = one(LexborHTMLParser(page.text), ".notice form.undo")
    answer = client.post(str(form.attributes["action"]), data=hidden_in(form))
    return notices_on(client.get(answer.headers["location"]))


@each(
    ("query", "expected"),
    [
        ("group=Views&sort=title&down=1", [21, 24, 20, 22, 19]),
        ("text=CLOCK", [10, 16, 19]),
        ("hollow=1", [13]),
        ("questions=1&group=User+Roles", [1]),
        ("state=pending&text=roles", [1]),
        ("label=configuration&text=roles", [1]),
        ("begin=1&text=image", [5]),
        ("text=&group=&state=&questions=&sort=number&page=1", list(range(1, 25))),
    ],
)
def test_the_address_says_which_tickets_are_shown(
    client_of: ClientOf, query: str, expected: list[int]
) -> None:
    assert numbers_in(client_of(Role.READER).get(f"{HERE}?{query}")) == expected


def test_a_name_that_jira_does_not_know_is_refused_and_marked_where_a_ticket_has_it(
    client_of: ClientOf, web: Web
) -> None:
    """It was stored on 84 tickets first."""
    client, session = client_of(Role.REVIEWER), open_session(web.pipeline, SESSION)

    answer = client.post(
        HERE, data={"do": "assign", "number": ["7", "8"], "assignee": "Nobody Known"}
    )
    refused = client.get(answer.headers["location"])
    kept = session.reload().ticket(7).assignee
    decide(session, "assign", {"numbers": [7], "assignee": "Nobody Known"}, by="test")
    look_names_up(session, by="test")
    page, ticket = page_at(client, HERE), page_at(client, f"{HERE}/7")

    assert "Jira has no assignee Nobody Known" in notices_on(refused)
    assert kept != "Nobody Known"
    assert "1 with an assignee or sprint not known" in " ".join(
        page.css(".legend.end")[0].text().split()
    )
    assert [mark.text() for mark in page.css("#ticket-7 .who .state")] == ["unknown"]
    assert "Not known to Jira: assignee Nobody Known" in ticket.css("#fields")[0].text()


def test_a_filter_offers_what_occurs_and_what_is_asked_for(client_of: ClientOf) -> None:
    def offered(query: str) -> list[str]:
        page = page_at(client_of(Role.READER), f"{HERE}?{query}")
        return [o.text() for o in page.css("select[name=state] option")]

    assert "exported" not in offered("")
    assert len(offered("")) > 1
    assert "exported" in offered("state=exported")


def test_a_filter_that_matches_nothing_says_so_and_leads_back(client_of: ClientOf) -> None:
    page = client_of(Role.READER).get(f"{HERE}?text=nothing-like-it")

    assert "No ticket matches these filters." in page.text
    (heading,) = LexborHTMLParser(page.text).css(".filters .end")
    assert heading.text().startswith("0 of ")
    assert "/search?q=nothing-like-it&amp;session_key=" in page.text
    assert f'href="{HERE}"' in page.text


def test_a_filter_that_does_not_exist_is_refused_as_a_page(client_of: ClientOf) -> None:
    answer = client_of(Role.READER).get(f"{HERE}?group=Nonsense")

    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("text/html")


def test_a_form_of_several_decisions_says_what_each_did(fresh_web: Web) -> None:
    """The larger one alone was reported, such as of two ways to leave tickets out."""
    with signed_in(fresh_web, Role.REVIEWER) as client:
        client.post(HERE, data={"do": "skip", "number": "4", "reason": "Built already"})
        client.post(HERE, data={"do": "ready", "number": ["1", "2"], "with_questions": "1"})
        client.get(HERE)
        client.post(HERE, data={"do": "unskip unready", "number": ["1", "2", "4"]})
        said = notices_on(client.get(HERE))

    assert said == "1 skipped ticket included again. 2 ready marks removed."


def test_what_was_decided_about_many_is_taken_back_as_it_was(fresh_web: Web) -> None:
    store = fresh_web.pipeline.store.tickets
    with signed_in(fresh_web, Role.REVIEWER) as client:
        client.post(HERE, data={"do": "skip", "number": "4", "reason": "Built already"})
        client.post(HERE, data={"do": "ready", "number": ["1", "2"], "with_questions": "1"})
        before = store.list_all("museum")
        fields = {"do": "labels assign", "sprint": "UHR Sprint 2", "added": "new"}
        client.post(f"{HERE}?group=Views", data=fields | {"number": ["1", "2", "3"]})
        assigned = taken_back(client, page := client.get(f"{HERE}?group=Views"))
        again = taken_back(client, page)
        client.post(HERE, data={"do": "skip", "number": ["3", "4"], "reason": "Later"})
        skipped = taken_back(client, client.get(HERE))
        client.post(HERE, data={"do": "unready", "number": ["1", "2", "3"]})
        taken_back(client, client.get(HERE))

    changing = {"revision", "assigned_fields"}
    for ticket, was in zip(store.list_all("museum"), before, strict=True):
        kept = {name: getattr(ticket, name) for name in ticket.__slots__ if name not in changing}
        assert kept == {name: getattr(was, name) for name in kept}
    assert (assigned, skipped) == ("Undone for 3 tickets.", "Undone for 2 tickets.")
    assert again == "This can be undone for a minute only."


def test_an_undo_returns_to_its_page_whatever_the_session_is_called(fresh_web: Web) -> None:
    fresh_web.pipeline.store.sessions.register(an_upload("undo-site"), at=START, actor="maria")
    client = signed_in(fresh_web, Role.REVIEWER)

    answer = client.post("/sessions/undo-site/tickets/undo?group=Views", data={"undo": "x"})

    assert answer.headers["location"] == "/sessions/undo-site/tickets?group=Views"


@each(
    ("before", "mine", "theirs"),
    [
        (
            [],
            {"do": "assign", "sprint": "UHR Sprint 1"},
            [("assign", {"fields": {"sprint": "Of Ben"}})],
        ),
        ([], {"do": "skip", "reason": "Mine"}, [("skip", {"reason": "The client cancelled it"})]),
        ([("skip", {"reason": "Old"})], {"do": "unskip"}, [("skip", {"reason": "Cancelled"})]),
        ([("skip", {"reason": "Old"})], {"do": "skip", "reason": "Mine"}, [("unskip", {})]),
        ([], {"do": "ready", "with_questions": "1"}, [("unready", {}), ("ready", {})]),
        ([("ready", {})], {"do": "unready"}, [("ready", {}), ("unready", {})]),
        ([], {"do": "skip", "reason": "Same"}, [("unskip", {}), ("skip", {"reason": "Same"})]),
    ],
)
def test_what_somebody_else_decided_meanwhile_is_not_taken_back(
    fresh_web: Web, before: list[Step], mine: dict[str, str], theirs: list[Step]
) -> None:
    def bens(steps: list[Step], numbers: list[int]) -> None:
        for verb, arguments in steps:
            opened = open_session(fresh_web.pipeline, "museum")
            decide(opened, verb, {"numbers": numbers, **arguments}, by="ben")

    bens(before, [1, 2])
    with signed_in(fresh_web, Role.REVIEWER) as client:
        client.post(HERE, data=mine | {"number": ["1", "2"]})
        page = client.get(HERE)
        bens(theirs, [2])
        decided = fresh_web.pipeline.store.tickets.list_all("museum")
        said = taken_back(client, page)

    assert fresh_web.pipeline.store.tickets.list_all("museum") == decided
    assert "ticket 2" in said.casefold()


def test_everything_the_list_has_is_decided_at_once(fresh_web: Web) -> None:
    with signed_in(fresh_web, Role.REVIEWER) as client:
        client.post(f"{HERE}?group=Views", data={"do": "ready", "every": "1"})
        first = [t.number for t in fresh_web.pipeline.store.tickets.listed("museum") if t.is_ready]
        said = notices_on(client.get(HERE))
        form = {"do": "ready", "every": "1", "with_questions": "1"}
        client.post(f"{HERE}?group=Views", data=form)

    ready = [t.number for t in fresh_web.pipeline.store.tickets.listed("museum") if t.is_ready]
    assert (first, ready) == ([24], [19, 20, 21, 22, 24])
    assert "4 tickets have open questions and are not ready: 19, 20, 21, 22." in said


@each(
    ("form", "expected"),
    [
        ({"do": "ready"}, "No ticket selected"),
        ({"do": "skip", "number": "4"}, "requires a reason"),
        ({"do": "assign", "number": "4"}, "No field was given"),
        ({"do": "labels assign", "number": "4", "added": "two words"}, "cannot be used for labels"),
    ],
)
def test_what_cannot_be_done_is_explained_on_the_list(
    client_of: ClientOf, form: dict[str, str], expected: str
) -> None:
    client = client_of(Role.REVIEWER)

    answer = client.post(HERE, data=form)

    assert answer.headers["location"] == HERE
    assert expected in notices_on(client.get(HERE))


BY_NUMBER = (
    ("tickets", {"do": "ready", "number": "1", "with_questions": "1"}),
    ("tickets", {"do": "move:2:1"}),
    ("export", {"update": "1", "chosen": "leave 1"}),
    ("export/adopt", {"pair": "1=UHR-1"}),
    ("results/decide", {"decision": "create_again", "ticket": "1"}),
    ("questions/suggestions", {"place": "1.1"}),
)


def test_a_page_of_earlier_sheets_decides_nothing_by_number(fresh_web: Web, tmp_path: Path) -> None:
    """A colleague's sheets gave the numbers to other tickets, which were approved unread."""
    pipeline, folder = fresh_web.pipeline, copy_sheets(tmp_path / "sheets")
    orphan_fields(folder)
    with signed_in(fresh_web, Role.EXPORTER) as client:
        first = hidden_in(one(page_at(client, HERE), "#decisions"))
        upload.upload(pipeline, folder, session_key=SESSION, auto_approve=False, actor="ben")
        second = hidden_in(one(page_at(client, HERE), "#decisions"))
        generation.generate(open_session(pipeline, SESSION), run_id="r1")
        before = pipeline.store.tickets.list_all(SESSION)
        said = [
            notices_on(
                client.post(
                    f"/sessions/{SESSION}/{place}", data=form | shown, follow_redirects=True
                )
            )
            for shown in (first, second)
            for place, form in BY_NUMBER
        ]

    assert ["Look at what there is now" in text for text in said] == [True] * 2 * len(BY_NUMBER)
    assert pipeline.store.tickets.list_all(SESSION) == before


def test_a_list_approves_no_ticket_that_says_something_else_by_a_colleague(fresh_web: Web) -> None:
    """Its text was approved unread; the page of a ticket refuses that, too."""
    with signed_in(fresh_web, Role.REVIEWER) as client:
        form = {"do": "ready", "number": ["1", "2"], "with_questions": "1"}
        form |= hidden_in(one(page_at(client, HERE), "#decisions"))
        mine, theirs = ({"number": n, "title": "Something else"} for n in (1, 2))
        decide(open_session(fresh_web.pipeline, SESSION), "title", theirs, by="ben")
        refused = notices_on(client.post(HERE, data=form, follow_redirects=True))
        form |= hidden_in(one(page_at(client, HERE), "#decisions"))
        decide(open_session(fresh_web.pipeline, SESSION), "title", mine, by=NAMES[Role.REVIEWER])
        done = notices_on(client.post(HERE, data=form, follow_redirects=True))

    assert "Ticket 2: something was decided about it since; nothing was approved." in refused
    assert "2 tickets marked ready." in done


def test_every_form_that_names_tickets_by_number_says_of_which_sheets() -> None:
    pages = Path(showing.__file__).parents[1] / "templates"
    markup = "".join(page.read_text(encoding="utf-8") for page in sorted(pages.glob("*.html")))
    markup = " ".join(markup.split())  # a tag may be on several lines
    forms = re.findall(r'<form[^>]*method="post"(?:(?!</form>).)*', markup, re.DOTALL)
    naming = [f for f in forms if re.search(r'name="(number|pair|chosen|ticket|on)"', f)]
    places = [f for f in forms if re.search(r'name="place" value="{{ (q|once)\.', f)]
    assert len(naming + places) == 9
    assert [form for form in naming + places if "sheets_shown(opened)" not in form] == []


def test_what_changed_since_a_person_looked_is_marked(fresh_web: Web) -> None:
    with signed_in(fresh_web, Role.REVIEWER) as client:
        before = numbers_in(client.get(f"{HERE}?unseen=1"))
        noted = client.post(f"{HERE}/seen?unseen=1&group=")
        after = numbers_in(client.get(f"{HERE}?unseen=1"))

        rename_ticket(fresh_web.pipeline, "museum", 5, "Configure other image styles")
        changed = numbers_in(client.get(f"{HERE}?unseen=1"))

    assert noted.headers["location"] == f"{HERE}?unseen=1"
    assert (len(before), after, changed) == (24, [], [5])
