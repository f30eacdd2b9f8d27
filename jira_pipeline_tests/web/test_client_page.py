"""The page of a client: what its link opens and for how long, and that what it takes is no answer."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import delete, insert

from jira_pipeline.model.errors import InputError, WrongUseError
from jira_pipeline.model.open_questions import CALL_ME
from jira_pipeline.model.people import Role
from jira_pipeline.model.tickets import Answer
from jira_pipeline.review import answers
from jira_pipeline.review.cells import read_filled_table
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.review.questions import AskedQuestion, questions_workbook
from jira_pipeline.sessions.client_links import make_link, propose, revoke_link
from jira_pipeline.store import tables
from jira_pipeline.web.access import FREE_GUESSES, Access
from jira_pipeline.web.context import Web
from jira_pipeline_tests.contracts.stored_values import an_upload
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.sheets.made_workbooks import with_cell
from jira_pipeline_tests.web.browsers import NAMES, browser, signed_in
from jira_pipeline_tests.web.test_access import MovableClock

HERE = f"/sessions/{SESSION}/questions"


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def own_web(web: Web, clock: MovableClock) -> Iterator[Web]:
    """The web without guesses, links and answers, with a clock that moves."""
    pipeline = replace(web.pipeline, clock=clock)
    yield replace(web, pipeline=pipeline, access=Access(pipeline))
    with web.pipeline.store.database.writing() as connection:
        for table in (tables.client_links, tables.proposed_answers, tables.answers):
            connection.execute(delete(table))


def opened(web: Web, key: str = SESSION) -> OpenSession:
    return open_session(web.pipeline, key)


def link_of(web: Web, key: str = SESSION) -> str:
    address, _ = make_link(opened(web, key), base="", days=7, by="anna")
    return address


def shown(client: TestClient, address: str) -> LexborHTMLParser:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return LexborHTMLParser(answer.text)


def asked_on(page: LexborHTMLParser) -> str:
    field = page.css_first("input[name=which]")
    assert field is not None
    return str(field.attributes["value"])


def given(web: Web) -> list[Answer]:
    return [answer for ticket in opened(web).tickets for answer in ticket.answers]


def test_a_client_proposes_on_one_page_and_a_reviewer_takes_it_over(own_web: Web) -> None:
    reviewer, client = signed_in(own_web, Role.REVIEWER), browser(own_web)
    made = LexborHTMLParser(reviewer.post(f"{HERE}/link", data={"days": "3"}).text)
    secret = made.css_first("code.secret")
    assert secret is not None
    address = secret.text().removeprefix("http://127.0.0.1:3000")
    which = asked_on(shown(client, address))

    sent = client.post(address, data={"which": which, "text": "Only\r\n<b>here</b>."})
    after = shown(client, sent.headers["location"])
    file = read_filled_table(reviewer.get(f"/api{HERE}/file").content, name="questions.xlsx")
    waiting = given(own_web)
    proposed = LexborHTMLParser(reviewer.get(f"{HERE}?only=proposed").text)
    (take,) = proposed.css("button.take")
    (form,) = proposed.css(".question form:has(.take)")
    fields = {
        str(i.attributes["name"]): i.attributes["value"] for i in form.css("input[type=hidden]")
    }
    text = str(take.attributes["value"])
    reviewer.post(HERE, data=fields | {"choice": text, "alone": ""})

    assert waiting == []
    assert {row["answer"] for _, row in file.rows} == {""}
    assert [secret.text() in reviewer.get(HERE).text, "valid until" in reviewer.get(HERE).text] == [
        False,
        True,
    ]
    assert asked_on(after) != which
    assert "Only\n<b>here</b>." in after.css(".client li")[0].text()
    assert proposed.css(".seg a[aria-current]")[0].text() == "Proposed 1"
    assert {(one.answer, one.answered_by) for one in given(own_web)} == {
        ("Only\n<b>here</b>.", NAMES[Role.REVIEWER])
    }
    answered = LexborHTMLParser(reviewer.get(f"{HERE}?only=answered").text)
    assert "proposed by the client" in answered.css(".question")[0].text()
    assert which not in str(shown(client, address).html)


def test_the_page_shows_questions_of_the_site_and_nothing_else(own_web: Web) -> None:
    reviewer, client = signed_in(own_web, Role.REVIEWER), browser(own_web)
    session, address = opened(own_web), link_of(own_web)
    fields = {"number": ["1"], "do": "assign", "assignee": "kim@example.org"}
    reviewer.post(f"/sessions/{SESSION}/tickets", data=fields)

    answer = client.get(address)
    page = LexborHTMLParser(answer.text)

    assert session.stored.site_name in answer.text
    assert session.asked.once[0].asked.ticket.title in page.css(".one")[0].text()
    assert not re.search(
        r"” \(`?\w+_\w+`?\)",
        "".join(
            shown(client, f"{address}?which={'.'.join(one.asked.key)}").css("main")[0].text()
            for one in session.asked.once
        ),
    )
    assert page.css("script") == []
    assert {str(one.attributes["href"])[:7] for one in page.css("a")} == {"?which="}
    assert address.rpartition("/")[2] not in answer.text
    assert not re.search(r"/museum|jira|hours|example\.org|anna", answer.text, re.IGNORECASE)
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
    assert {client.get(f"/{path}").status_code for path in ("", "people", HERE[1:])} == {401}


@pytest.mark.parametrize(
    "end", ["expired", "revoked", "replaced", "tampered", "of nobody", "too long"]
)
def test_a_link_that_is_over_opens_nothing_and_takes_nothing(
    own_web: Web, clock: MovableClock, end: str
) -> None:
    client, address = browser(own_web), link_of(own_web)
    which = asked_on(shown(client, address))
    match end:
        case "expired":
            clock.ahead = timedelta(days=8)
        case "revoked":
            revoke_link(opened(own_web), by="anna")
        case "replaced":
            link_of(own_web)
        case "tampered":
            address = address[:-1] + ("A" if address[-1] != "A" else "B")
        case "of nobody":
            address = "/client/x"
        case _:
            address += "x" * 2_000

    found = client.get(address)
    sent = client.post(address, data={"which": which, "text": "No"})

    assert (found.status_code, sent.status_code) == (404, 404)
    assert "is no longer valid" in found.text
    assert "set-cookie" not in found.headers
    assert own_web.pipeline.store.client_links.proposed(SESSION) == ()


def test_the_link_of_another_session_shows_and_takes_nothing_of_this_one(own_web: Web) -> None:
    store, now = own_web.pipeline.store, own_web.pipeline.clock.now()
    store.sessions.register(an_upload("annex"), at=now, actor="test")
    client, own, other = browser(own_web), link_of(own_web), link_of(own_web, "annex")
    which = asked_on(shown(client, own))

    page = client.get(f"{other}?which={which}").text
    sent = client.post(other, data={"which": which, "text": "No"})

    assert "There are no more questions" in page
    assert opened(own_web).asked.once[0].asked.question not in page
    assert sent.status_code == 422
    assert store.client_links.proposed(SESSION) == store.client_links.proposed("annex") == ()


def test_of_two_proposals_somebody_has_to_choose(own_web: Web) -> None:
    client, address = browser(own_web), link_of(own_web)
    which = asked_on(shown(client, address))
    place = opened(own_web).asked.once[0].asked.place

    client.post(address, data={"which": which, "text": "Editors"})
    client.post(address, data={"which": which, "text": "Editors"})
    once = answers.answer(opened(own_web), taken_over=[place], by="ben")
    answers.answer(opened(own_web), [(place, "")], by="ben")
    client.post(address, data={"which": which, "choice": "Others", "text": "but not all"})
    shown_both = shown(client, f"{address}?which={which}").css(".one blockquote.lines")
    with pytest.raises(WrongUseError, match=r"Editors \| Others: but not all"):
        answers.answer(opened(own_web), taken_over=[place], by="ben")
    with pytest.raises(WrongUseError, match="no answer"):
        answers.answer(opened(own_web), taken_over=["9999.1"], by="ben")

    assert once.kept > 0
    assert [node.text().split("You answered")[-1] for node in shown_both][-2:] == [
        "Editors",
        "Others: but not all",
    ]
    assert given(own_web) == []


def test_whoever_does_not_know_asks_to_be_called_and_skips(own_web: Web) -> None:
    client, address = browser(own_web), link_of(own_web)
    page = shown(client, address)
    (skip,) = page.css(".one a.button")

    second = asked_on(shown(client, f"{address}{skip.attributes['href']}"))
    client.post(address, data={"which": asked_on(page), "call_me": "1", "text": ""})
    nothing = client.post(address, data={"which": second, "text": " \r\n "})

    with pytest.raises(WrongUseError, match="I don’t know: please call me"):
        answers.answer(
            opened(own_web), taken_over=[opened(own_web).asked.once[0].asked.place], by="ben"
        )
    assert second != asked_on(page)
    assert nothing.headers["location"] == f"{address}?which={second}"
    assert [one.text for one in own_web.pipeline.store.client_links.proposed(SESSION)] == [
        "I don’t know: please call me"
    ]


def test_hostile_input_is_kept_as_text_or_refused(own_web: Web) -> None:
    client, address = browser(own_web), link_of(own_web)
    which = asked_on(shown(client, address))
    evil = '"><script>alert(1)</script>{{ 7*7 }}\x00`x`'

    kept = client.post(address, data={"which": which, "text": evil})
    page = shown(client, f"{address}?which={which}")
    seen = signed_in(own_web, Role.REVIEWER).get(f"{HERE}?only=proposed").text
    refused = {
        name: client.post(address, data=data).status_code
        for name, data in {
            "long": {"which": which, "text": "x" * 5_001},
            "longer": {"which": which, "text": "x" * 10_001},
            "huge": {"which": which, "text": "x" * 200_000},
            "no question": {"which": "no.such", "text": "x"},
            "no name": {"text": "x"},
        }.items()
    }
    unknown = shown(client, f"{address}?which=%00%3Cb%3E")

    assert kept.status_code == 303
    assert page.css("script") == []
    assert "<script>alert" not in seen
    assert "{{ 7*7 }}\ufffd" in page.css(".one")[0].text()
    assert refused == {"long": 422, "longer": 422, "huge": 413, "no question": 422, "no name": 422}
    assert asked_on(unknown) != which
    assert len(own_web.pipeline.store.client_links.proposed(SESSION)) == 1


def test_guesses_are_slowed_down_and_a_link_opens_all_the_same(own_web: Web) -> None:
    client, address = browser(own_web), link_of(own_web)

    found = [client.get(f"/client/guess{n}").status_code for n in range(FREE_GUESSES + 3)]

    assert found == [404] * (FREE_GUESSES + 1) + [429] * 2
    assert client.get(address).status_code == 200


@pytest.fixture
def called(suggesting_web: Web) -> AskedQuestion:
    """A question with a suggested answer, about which its client wants to be called."""
    session = opened(suggesting_web)
    once = next(once for once in session.asked.once if once.is_suggested)
    _, link = make_link(session, base="", days=7, by="anna")
    propose(session, link, once.asked, CALL_ME)
    return once.asked


def test_suggested_answers_show_what_the_client_said_and_leave_it_to_a_person(
    suggesting_web: Web, called: AskedQuestion
) -> None:
    """All suggestions were saved at once: the request to be called was gone, and was never shown."""
    with signed_in(suggesting_web, Role.REVIEWER) as client:
        offered = shown(client, f"{HERE}/suggestions")
        client.post(f"{HERE}/suggestions", data={"place": [called.place]})
        proposed = shown(client, f"{HERE}?only=proposed")

    (row,) = (row for row in offered.css("tbody tr") if called.place in row.text())
    assert CALL_ME in row.text()
    assert row.css("input[name=place]") == []
    assert given(suggesting_web) == []
    assert CALL_ME in proposed.css(".question .proposed")[0].text()


def test_a_workbook_leaves_what_the_client_said_to_a_person(
    suggesting_web: Web, called: AskedQuestion
) -> None:
    session = opened(suggesting_web)
    once = [once for once in session.asked.once if once.asked.key == called.key]
    filled = with_cell(questions_workbook(once), "Answer", "Ours.", row=2)

    with pytest.raises(InputError, match=f"{called.place}: {CALL_ME}"):
        answers.answer_by_file(session, filled, name="questions.xlsx", by="ben")

    assert given(suggesting_web) == []


def test_a_page_that_did_not_show_what_the_client_said_saves_nothing_over_it(
    suggesting_web: Web, called: AskedQuestion
) -> None:
    ids = {"ticket_id": called.ticket.ticket_id, "question_id": called.question_id}
    with signed_in(suggesting_web, Role.REVIEWER) as client:
        form = ids | {"do": "accept", "proposed": "0"}
        refused = client.post(HERE, data=form, follow_redirects=True)
        nothing = given(suggesting_web)
        client.post(HERE, data=form | {"proposed": "1"})

    assert CALL_ME in refused.text
    assert nothing == []
    assert len(given(suggesting_web)) == 1


def test_a_second_link_covers_nothing_that_was_said_by_the_first(
    suggesting_web: Web, called: AskedQuestion
) -> None:
    session = opened(suggesting_web)
    _, second = make_link(session, base="", days=7, by="anna")
    propose(session, second, called, "Draft.")

    with pytest.raises(WrongUseError, match=f"{CALL_ME} | Draft."):
        answers.answer(session.again(), taken_over=[called.place], by="ben")
    with signed_in(suggesting_web, Role.REVIEWER) as client:
        page = shown(client, f"{HERE}?only=proposed")

    said = [node.text() for node in page.css(".question .proposed blockquote")]
    assert said == ["Draft.", CALL_ME]


def test_pages_show_the_answer_of_each_row_and_of_what_is_asked_no_longer(own_web: Web) -> None:
    session = opened(own_web)
    several = next(q for q in session.questions if len(q.rows) > 1 and q.is_open)
    gone = {"ticket_id": several.ticket.ticket_id, "session_key": SESSION, "question_id": "gone"}
    gone |= {"question": "Who sails?", "answer": "The crew.", "answered_by": "ben"}
    with own_web.pipeline.store.database.writing() as connection:
        at = own_web.pipeline.clock.now()
        connection.execute(insert(tables.answers).values(**gone, answered_at=at))
    answers.answer(opened(own_web), [(several.rows[1].place, "Some.")], by="ben")

    reviewer, number = signed_in(own_web, Role.REVIEWER), several.ticket.number
    address = f"/sessions/{SESSION}/tickets/{number}"
    pages = [shown(reviewer, one) for one in (f"{HERE}?only=all&ticket={number}", address)]

    for page in pages:
        (asked,) = (q for q in page.css(".question") if several.question[:30] in q.text())
        (left,) = (q for q in page.css(".question") if "Who sails?" in q.text())
        assert "Some. (ben" in asked.text()
        assert "still open" in asked.text()
        assert "no longer asked" in left.text()
        assert "The crew." in left.text()
