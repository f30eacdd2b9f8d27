"""What people do on the page of a ticket, by its forms."""

from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import event

from jira_pipeline.model.people import Role
from jira_pipeline.web.context import Web
from jira_pipeline.web.pages import ticket_page
from jira_pipeline_tests.projects import EXAMPLE_TICKETS, SESSION
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.web.browsers import ClientOf

HERE = f"/sessions/{SESSION}/tickets"


def id_of(web: Web, number: int) -> str:
    return web.pipeline.store.tickets.get(SESSION, number).ticket_id


def post(
    client_of: ClientOf, web: Web, number: int, form: str, **fields: str | list[str]
) -> LexborHTMLParser:
    """Send a form of the page of a ticket, and return the page it leads to."""
    answer = client_of(Role.REVIEWER).post(
        f"{HERE}/{number}/{form}".rstrip("/"),
        data={"ticket_id": id_of(web, number), **fields},
        follow_redirects=True,
    )
    assert answer.status_code == 200, answer.text
    return LexborHTMLParser(answer.text)


def shown(page: LexborHTMLParser, selector: str) -> str:
    return " ".join(node.text(strip=True, separator=" ") for node in page.css(selector))


def test_a_ticket_is_shown_as_jira_will_with_its_rows_beside(client_of: ClientOf) -> None:
    answer = client_of(Role.READER).get(f"{HERE}/7")
    page = LexborHTMLParser(answer.text)

    assert len(answer.content) < 200_000
    assert "View modes to build" in shown(page, "article.ticket h3")
    assert "line 3" in shown(page, "#rows [data-file='Uhrenmuseum_CustomViewModes.csv'] summary")
    assert page.css_first("#editing") is None, "readers do not edit"
    assert [a.attributes["href"] for a in page.css("nav a[rel]")] == [f"{HERE}/6", f"{HERE}/8"]


def test_what_was_found_in_the_rows_of_a_ticket_stands_beside_it(client_of: ClientOf) -> None:
    """A reviewer approved rows that the page of findings doubted, and named the ticket of."""
    client = client_of(Role.READER)
    rows = LexborHTMLParser(client.get("/sessions/museum/findings").text).css(
        "table.found tbody tr"
    )
    linked = [(link, row) for row in rows for link in row.css("a.ticket-link")]

    assert linked
    for link, row in linked:
        page = LexborHTMLParser(client.get(link.attributes["href"] or "").text)
        assert shown(LexborHTMLParser(row.html or ""), "td.text:nth-child(3)") in shown(
            page, "#findings li"
        )


def test_every_ticket_has_a_page_of_bounded_weight(client_of: ClientOf) -> None:
    for number in range(1, EXAMPLE_TICKETS + 1):
        answer = client_of(Role.REVIEWER).get(f"{HERE}/{number}?edit=1")

        assert (answer.status_code, len(answer.content) < 200_000) == (200, True), number


@each("place", ["", "/tickets", "/tickets/7", "/questions", "/findings"])
def test_no_page_asks_the_store_for_the_same_twice(
    client_of: ClientOf, web: Web, place: str
) -> None:
    """The one of a ticket reads that one, and no other, where the process keeps none."""
    client, asked = client_of(Role.REVIEWER), list[tuple[str, str]]()
    client.get(f"/sessions/{SESSION}{place}")

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, str(parameters)))

    event.listen(web.pipeline.store.database.engine, "before_cursor_execute", note)
    try:
        client.get(f"/sessions/{SESSION}{place}")
    finally:
        event.remove(web.pipeline.store.database.engine, "before_cursor_execute", note)

    assert [one for one in set(asked) if asked.count(one) > 1 and one[0] != "BEGIN"] == []
    assert not [sql for sql, _ in asked if "FROM tickets" in sql and "number = ?" not in sql]


@each("ticket", ["99", "0", "nowhere", "٣", "99999999999999999999"])
def test_what_is_no_ticket_is_not_found(client_of: ClientOf, ticket: str) -> None:
    assert client_of(Role.READER).get(f"{HERE}/{ticket}").status_code == 404


def test_comments_are_shown_as_text_and_removed_by_their_author(
    web: Web, client_of: ClientOf
) -> None:
    page = post(client_of, web, 11, "comments", text="Really?\n<b>Yes</b>")
    form = page.css_first(".comment form")
    assert form is not None

    client_of(Role.EXPORTER).post(str(form.attributes["action"]))
    other = LexborHTMLParser(client_of(Role.EXPORTER).get(f"{HERE}/11").text)
    client_of(Role.REVIEWER).post(str(form.attributes["action"]))

    assert "<b>Yes</b>" in shown(page, ".comment .lines")
    assert "Really?" in shown(other, ".comment .lines"), "it is not theirs"
    assert web.pipeline.store.comments.of_ticket(id_of(web, 11)) == ()


def test_fields_are_set_where_they_differ_from_what_was_shown(
    web: Web, client_of: ClientOf
) -> None:
    """Somebody else may have set another one since the page was loaded."""
    had = "configuration"
    first: dict[str, str | list[str]] = {
        "do": "assign",
        "was": ["assignee ", "sprint ", f"labels {had}"],
        "labels": had,
    }
    post(client_of, web, 11, "", **first, assignee="anna@example.org", sprint="")
    post(client_of, web, 11, "", **first, assignee="", sprint="Sprint 2")
    second = post(client_of, web, 11, "", do="assign", was=[f"labels {had}"], labels=f"{had}, late")
    refused = post(client_of, web, 11, "", do="assign", was=["labels "], labels="two words")
    nothing = post(client_of, web, 11, "", do="assign", was=["sprint Sprint 2"], sprint="Sprint 2")

    ticket = web.pipeline.store.tickets.get(SESSION, 11)
    assert (ticket.assignee, ticket.sprint) == ("anna@example.org", "Sprint 2")
    assert set(ticket.labels) == {had, "late"}
    assert "1 ticket changed." in shown(second, ".notice")
    assert "without spaces" in shown(refused, ".notice.error")
    assert "Nothing was changed." in shown(nothing, ".notice")


def test_a_preview_without_script_is_by_the_real_converter(web: Web, client_of: ClientOf) -> None:
    page = post(client_of, web, 17, "edit", do="preview", revision="1", notes="**Loud** <i>x</i>")

    assert web.pipeline.store.tickets.get(SESSION, 17).revision.number == 1
    preview = page.css_first(".part[data-part=notes] .preview")
    assert preview is not None
    assert "<strong>Loud</strong>" in (preview.html or "")


@pytest.mark.parametrize("waits", [True, False])
def test_a_ticket_that_waits_for_answers_says_so(
    client_of: ClientOf, monkeypatch: pytest.MonkeyPatch, *, waits: bool
) -> None:
    monkeypatch.setattr(f"{ticket_page.__name__}.is_waiting_for_answers", lambda _analysis: waits)
    page = LexborHTMLParser(client_of(Role.READER).get(f"{HERE}/22").text)

    assert ("Waits for answers" in shown(page, ".state.changed")) == waits
