"""The page of a client: what its link opens and for how long, and that what it takes is no answer."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import delete, insert

from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.errors import InputError, WrongUseError
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.open_questions import CALL_ME, Audience, ProposedAnswer
from jira_pipeline.model.people import Role
from jira_pipeline.model.tickets import Answer
from jira_pipeline.review import answers
from jira_pipeline.review.cells import read_filled_table
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.review.question_cards import FINE, CardRow, client_cards
from jira_pipeline.review.questions import AskedQuestion
from jira_pipeline.review.questions_workbook import questions_workbook
from jira_pipeline.sessions.accounts import links_of, make_link, revoke_links
from jira_pipeline.store import tables
from jira_pipeline.web.context import FREE_GUESSES, Access, Web
from jira_pipeline_tests.clocks import MovableClock
from jira_pipeline_tests.contracts.stored_values import an_upload
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.sheets.made_workbooks import with_cell
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.web.browsers import (
    NAMES,
    browser,
    hidden_in,
    one,
    page_at,
    signed_in,
    slow_browser,
    value_of,
)

HERE = f"/sessions/{SESSION}/questions"


@pytest.fixture
def own_web(web: Web, clock: MovableClock) -> Iterator[Web]:
    """The web without guesses, links and answers, with a clock that moves."""
    pipeline = replace(web.pipeline, clock=clock)
    yield replace(web, pipeline=pipeline, access=Access(pipeline))
    with web.pipeline.store.database.writing() as connection:
        for table in (
            tables.client_links,
            tables.proposed_answers,
            tables.answers,
            tables.question_routes,
        ):
            connection.execute(delete(table))


def opened(web: Web, key: str = SESSION) -> OpenSession:
    return open_session(web.pipeline, key)


def link_of(web: Web, key: str = SESSION, *, made_for: str = "Jonas") -> str:
    address, _ = make_link(opened(web, key), base="", days=7, by="anna", made_for=made_for)
    return address


@each(("sender", "is_address"), [("anna@studio.example", True), ("Anna @ Studio", False)])
def test_whom_a_client_writes_to_is_a_link_where_it_is_an_address(
    own_web: Web, sender: str, is_address: bool
) -> None:
    session = opened(own_web)
    address, _ = make_link(session, base="", days=7, by="anna", made_for="Kim", sender=sender)

    assert bool(page_at(browser(own_web), address).css("a[href^=mailto]")) is is_address


def sent(client: TestClient, address: str, do: str = "send", **fields: str) -> Response:
    """Press a button of the form, with what its fields say."""
    return client.post(address, data=fields | {"do": do})


def rows_of(web: Web) -> list[CardRow]:
    return [row for card in client_cards(opened(web)) for row in card.rows]


def proposed_in(web: Web) -> list[str]:
    return [one.text for one in web.pipeline.store.client_links.proposed(SESSION)]


def given(web: Web) -> list[Answer]:
    return [answer for ticket in opened(web).tickets for answer in ticket.answers]


def test_a_client_sends_answers_and_a_reviewer_takes_one_over(own_web: Web) -> None:
    reviewer, client, row = signed_in(own_web, Role.REVIEWER), browser(own_web), rows_of(own_web)[0]
    offered = page_at(reviewer, HERE).css("input[name=topic]")
    topics = [str(topic.attributes["value"]) for topic in offered]
    wanted = {"days": "3", "made_for": "Jonas  Weber", "topic": topics}
    made = LexborHTMLParser(reviewer.post(f"{HERE}/link", data=wanted).text)
    secret = one(made, "code.secret").text()
    typed = {f"text-{row.name}": "Only\r\n<b>here</b>."}

    answer = sent(client, secret.removeprefix("http://127.0.0.1:3000"), **typed)
    thanks = page_at(client, answer.headers["location"])
    file = read_filled_table(reviewer.get(f"/api{HERE}/file").content, name="questions.xlsx")
    waiting = given(own_web)
    home, sessions = page_at(reviewer, f"/sessions/{SESSION}"), page_at(reviewer, "/")
    sent_by = own_web.pipeline.store.audit.latest(SESSION, actions={AuditAction.CLIENT_ANSWERED})
    proposed = page_at(reviewer, f"{HERE}?only=proposed")
    (form,) = proposed.css(".question form:has(.take)")
    taken = hidden_in(form) | {"proposal": value_of(form, "button.take"), "alone": ""}
    reviewer.post(HERE, data=taken)

    assert "Only\n<b>here</b>." in thanks.css("dd")[0].text()
    assert waiting == []
    assert one(home, "#arrived").text() == "1 new answer from the client"
    assert "Read 1 answer from the client" in sessions.text()
    assert "Read 1 answer" not in page_at(reviewer, "/").text()
    assert [entry.actor for entry in sent_by] == ["Jonas Weber"]
    assert page_at(reviewer, f"/sessions/{SESSION}").css_first("#arrived") is None
    assert {row["answer"] for _, row in file.rows} == {""}
    assert {row["for"] for _, row in file.rows} >= {"client", "agency", "developer"}
    assert "Jonas Weber" in proposed.css(".proposed")[0].text()
    assert {(each.answer, each.answered_by) for each in given(own_web)} == {
        ("Only\n<b>here</b>.", NAMES[Role.REVIEWER])
    }
    (answered,) = [
        question.text()
        for question in page_at(reviewer, f"{HERE}?only=client").css(".question")
        if "proposed by" in question.text()
    ]
    assert "proposed by Jonas Weber" in answered
    assert "still open" in answered
    [listed] = page_at(reviewer, HERE).css(".for-client tbody tr")
    assert secret not in reviewer.get(HERE).text
    assert "not yet" not in listed.text()


def test_nothing_is_kept_before_it_is_sent_and_what_was_typed_goes_along(own_web: Web) -> None:
    client, address, (first, second, *_) = browser(own_web), link_of(own_web), rows_of(own_web)
    fields = {f"text-{first.name}": "Editors"}

    review = LexborHTMLParser(sent(client, address, "review", **fields).text)
    kept = hidden_in(one(review, "main"))
    back = LexborHTMLParser(sent(client, address, "edit", **kept).text)
    before = proposed_in(own_web)
    sent(client, address, **kept)

    assert before == []
    assert kept == fields
    assert "Editors" in review.css("dd")[0].text()
    assert "No answer yet" in review.css("main")[0].text() or second.choices
    assert typed_in(back, first) == "Editors"
    assert {*proposed_in(own_web)} == {"Editors"}


def typed_in(page: LexborHTMLParser, row: CardRow) -> str:
    return one(page, f"textarea[name=text-{row.name}]").text().strip()


def test_the_page_is_a_letter_about_the_site_and_shows_nothing_else(own_web: Web) -> None:
    reviewer, client = signed_in(own_web, Role.REVIEWER), browser(own_web)
    address, cards = link_of(own_web), client_cards(opened(own_web))
    fields = {"number": ["1"], "do": "assign", "assignee": "kim@example.org"}
    reviewer.post(f"/sessions/{SESSION}/tickets", data=fields)

    answer = client.get(address)
    page = LexborHTMLParser(answer.text)

    assert opened(own_web).stored.site_name in page.css(".letterhead")[0].text()
    assert "from anna" in page.css(".letterhead")[0].text()
    assert "for Jonas" in page.css("h1")[0].text()
    assert [one.text() for one in page.css("[data-card] h1")] == [card.title for card in cards]
    assert [one.text() for one in page.css(".questions a")] == [card.title for card in cards]
    assert page.css("input[type=radio][checked]") == []
    assert {str(one.attributes["href"])[:1] for one in page.css("a")} == {"#"}
    assert address.rpartition("/")[2] not in answer.text
    assert not re.search(r"/museum|jira|example\.org", answer.text, re.IGNORECASE)
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
    assert {client.get(f"/{path}").status_code for path in ("", "people", HERE[1:])} == {401}


def test_several_people_have_a_link_each_that_ends_alone(own_web: Web) -> None:
    client = browser(own_web)
    jonas, maria = (link_of(own_web, made_for=name) for name in ("Jonas", "Maria"))
    row = rows_of(own_web)[0]

    for address, answer in ((jonas, "Editors"), (maria, "Everybody")):
        sent(client, address, **{f"text-{row.name}": answer})
    own = typed_in(page_at(client, jonas), row)
    (first,) = [link for link in links_of(opened(own_web)) if link.is_for("jonas")]
    revoke_links(opened(own_web), [first.secret_sha256], by="anna")

    proposed = own_web.pipeline.store.client_links.proposed(SESSION)
    said = {(each.given_by, each.text) for each in proposed}
    assert said == {("Jonas", "Editors"), ("Maria", "Everybody")}
    assert own == "Editors"
    assert [client.get(link).status_code for link in (jonas, maria)] == [404, 200]


def test_a_colleague_gets_a_link_of_one_question_that_ends_with_the_other(own_web: Web) -> None:
    client, address, card = browser(own_web), link_of(own_web), client_cards(opened(own_web))[1]
    row = card.rows[0]

    asked = {f"colleague-{card.name}": "Kim", f"text-{row.name}": "Ask Kim"}
    page = LexborHTMLParser(sent(client, address, f"ask {card.name}", **asked).text)
    secret = page.css("code.secret")[0].text().rpartition("/")[2]
    own = page_at(client, f"/client/{secret}")
    sent(client, f"/client/{secret}", **{f"text-{row.name}": "Yes"})
    refused = [
        sent(client, f"/client/{secret}", f"ask {card.name}", **asked).status_code,
        sent(client, address, f"ask {card.name}").status_code,
        sent(client, address, "ask nothing", **asked).status_code,
    ]
    of_jonas, of_kim = sorted(links_of(opened(own_web)), key=lambda one: one.is_one_card)
    revoke_links(opened(own_web), [of_jonas.secret_sha256], by="anna")

    assert typed_in(page, row) == "Ask Kim"
    assert [one.text() for one in own.css("[data-card] h1")] == [card.title]
    assert "Jonas asks you" in own.css("main")[0].text()
    assert (of_kim.made_by, of_kim.expires_at) == ("Jonas", of_jonas.expires_at)
    assert refused == [422] * 3
    proposed = own_web.pipeline.store.client_links.proposed(SESSION)
    sent_by = own_web.pipeline.store.audit.latest(SESSION, actions={AuditAction.CLIENT_ANSWERED})
    assert {each.given_by for each in proposed} == {"Kim, asked by Jonas"}
    assert sent_by[0].actor == "Kim, asked by Jonas"
    assert client.get(f"/client/{secret}").status_code == 404


def test_a_link_is_made_for_the_topics_that_are_ticked(own_web: Web) -> None:
    reviewer, client = signed_in(own_web, Role.REVIEWER), browser(own_web)
    cards = client_cards(opened(own_web))
    topic = cards[-1].topic

    form = {"made_for": "Kim", "days": "3", "topic": [topic]}
    made = LexborHTMLParser(reviewer.post(f"{HERE}/link", data=form).text)
    page = page_at(client, "/client/" + made.css("code.secret")[0].text().rpartition("/")[2])
    refused = {
        reviewer.post(
            f"{HERE}/link", data=form | {"topic": other}, follow_redirects=True
        ).text.count("opic")
        > 0
        for other in ([], ["Ships"])
    }

    assert len(page.css("[data-card]")) == sum(card.topic == topic for card in cards)
    assert refused == {True}
    assert len(links_of(opened(own_web))) == 1


@pytest.mark.parametrize(
    "end", ["expired", "revoked", "replaced", "tampered", "of nobody", "too long"]
)
def test_a_link_that_is_over_opens_nothing_and_takes_nothing(
    own_web: Web, clock: MovableClock, end: str
) -> None:
    client, address, row = browser(own_web), link_of(own_web), rows_of(own_web)[0]
    match end:
        case "expired":
            clock.ahead = timedelta(days=8)
        case "revoked":
            (link,) = links_of(opened(own_web))
            revoke_links(opened(own_web), [link.secret_sha256], by="anna")
        case "replaced":
            link_of(own_web)
        case "tampered":
            address = address[:-1] + ("A" if address[-1] != "A" else "B")
        case "of nobody":
            address = "/client/x"
        case _:
            address += "x" * 2_000

    found = client.get(address)
    refused = sent(client, address, **{f"text-{row.name}": "No"})

    assert (found.status_code, refused.status_code) == (404, 404)
    assert "no longer opens anything" in found.text
    assert not re.search(
        "jira|pipeline|unknown|404",
        LexborHTMLParser(found.text).css("body")[0].text(),
        re.IGNORECASE,
    )
    assert "set-cookie" not in found.headers
    assert proposed_in(own_web) == []


def test_a_link_that_is_revoked_while_a_form_arrives_shows_nothing_more(own_web: Web) -> None:
    address, session = link_of(own_web), opened(own_web)
    hashes = [link.secret_sha256 for link in links_of(session)]
    slow = slow_browser(
        own_web, browser(own_web), meanwhile=lambda: revoke_links(session, hashes, by="anna")
    )

    assert sent(slow, address, "review").status_code == 404


def test_the_link_of_another_session_shows_and_takes_nothing_of_this_one(own_web: Web) -> None:
    store, now = own_web.pipeline.store, own_web.pipeline.clock.now()
    store.sessions.register(an_upload("annex"), at=now, actor="test")
    client, other, row = browser(own_web), link_of(own_web, "annex"), rows_of(own_web)[0]

    page = client.get(other).text
    sent(client, other, **{f"text-{row.name}": "No"})

    assert "There are no more questions" in page
    assert store.client_links.proposed(SESSION) == store.client_links.proposed("annex") == ()


def test_of_two_proposals_somebody_has_to_choose(own_web: Web) -> None:
    client, address, row = browser(own_web), link_of(own_web), rows_of(own_web)[0]
    place = row.rows[0].first.place

    for _ in "ab":
        sent(client, address, **{f"text-{row.name}": "Editors"})
    once = answers.answer(opened(own_web), taken_over=[place], by="ben")
    answers.answer(opened(own_web), [(place, "")], by="ben")
    sent(client, address, **{f"choice-{row.name}": "Others", f"text-{row.name}": "but not all"})
    with pytest.raises(WrongUseError, match=r"Others: but not all \| Editors"):
        answers.answer(opened(own_web), taken_over=[place], by="ben")
    with pytest.raises(WrongUseError, match="no answer"):
        answers.answer(opened(own_web), taken_over=["9999.1"], by="ben")

    assert once.kept > 0
    assert given(own_web) == []


def test_who_agrees_to_an_assumption_says_nothing_unless_they_objected_before(own_web: Web) -> None:
    client, address, session = browser(own_web), link_of(own_web), opened(own_web)
    place = next(one.place for one in session.questions if one.is_assumed)
    answers.ask(session, [place], audience=Audience.CLIENT, by="ben")
    row = next(card for card in client_cards(opened(own_web)) if card.is_assumption).rows[0]

    sent(client, address, **{f"choice-{row.name}": FINE})
    silent = proposed_in(own_web)
    sent(client, address, **{f"text-{row.name}": "No, as they are."})
    sent(client, address, **{f"choice-{row.name}": FINE})

    assert silent == []
    assert proposed_in(own_web) == ["No, as they are.", FINE]


def test_whoever_wants_to_be_called_says_so_beside_what_they_know(own_web: Web) -> None:
    client, address = browser(own_web), link_of(own_web)
    cards = client_cards(opened(own_web))
    first, second = cards[0], next(card for card in cards[1:] if not card.rows[1:])
    one, other = first.rows[0], second.rows[0]

    fields = {
        f"call-{first.name}": "1",
        f"call-{second.name}": "1",
        f"text-{other.name}": " Six.\r\n ",
    }
    sent(client, address, **fields)
    page = page_at(client, address)

    with pytest.raises(WrongUseError, match="I don’t know: please call me"):
        answers.answer(opened(own_web), taken_over=[one.rows[0].first.place], by="ben")
    assert {*proposed_in(own_web)} == {CALL_ME, f"Six.\n{CALL_ME}"}
    assert not any(p.is_answer for p in own_web.pipeline.store.client_links.proposed(SESSION))
    assert len(page.css("input[type=checkbox][checked]")) == 2
    assert typed_in(page, other) == "Six."


def test_a_client_is_shown_what_was_not_sent_as_it_was_answered_meanwhile(own_web: Web) -> None:
    """It was dropped, and the page thanked for answers that nobody has."""
    client, address, (first, *_, second) = browser(own_web), link_of(own_web), rows_of(own_web)
    fields = {f"text-{first.name}": "Editors", f"text-{second.name}": "Monthly"}

    def answered(row: CardRow) -> list[Response]:
        answers.answer(opened(own_web), [(row.rows[0].first.place, "Ours.")], by="ben")
        return [sent(client, address, do, **fields) for do in ("review", "send")]

    pages = [LexborHTMLParser(answer.text) for answer in answered(first)]
    again = answered(second)[1]

    assert [page.css("blockquote")[0].text() for page in pages] == ["Editors"] * 2
    assert [one(page, "h1").text() for page in pages] == [
        "Before you send",
        "Thank you, your answers are sent",
    ]
    assert {*proposed_in(own_web)} == {"Monthly"}
    assert "Editors" in again.text
    assert "Monthly" not in again.text
    assert "Nothing was sent" in again.text


def test_a_wish_to_be_called_that_nobody_gets_is_shown_as_not_sent(own_web: Web) -> None:
    """It was dropped with thanks, as only choices and texts were looked at."""
    client, address = browser(own_web), link_of(own_web)
    heard, unheard, *_ = client_cards(opened(own_web))
    asked = [row for card in (heard, unheard) for row in card.rows]
    ours = [(shared.first.place, "Ours.") for row in asked for shared in row.rows]

    sent(client, address, **{f"call-{heard.name}": "1"})
    answers.answer(opened(own_web), ours, by="ben")
    fields = {f"call-{card.name}": "1" for card in (heard, unheard)}
    pages = [
        LexborHTMLParser(sent(client, address, do, **fields).text) for do in ("review", "send")
    ]
    repeated = sent(client, address, **{f"call-{heard.name}": "1"})

    assert [[quote.text() for quote in page.css("blockquote")] for page in pages] == [
        [CALL_ME],
        [CALL_ME],
    ]
    assert repeated.status_code == 303, "it was sent before"


def test_hostile_input_is_kept_as_text_or_refused(own_web: Web) -> None:
    client, address, row = browser(own_web), link_of(own_web), rows_of(own_web)[0]
    field = f"text-{row.name}"
    evil = '"><script>alert(1)</script>{{ 7*7 }}\x00`x`'

    kept = sent(client, address, **{field: evil})
    page = page_at(client, address)
    seen = signed_in(own_web, Role.REVIEWER).get(f"{HERE}?only=proposed").text
    review = sent(client, address, "review", **{field: evil, '"><b>': evil}).text
    refused = {
        name: sent(client, address, **data).status_code
        for name, data in {
            "long": {field: "x" * 5_001},
            "huge": {field: "x" * 1_000_000},
            "many": {f"text-{number}": "x" for number in range(5_001)},
        }.items()
    }
    unknown = sent(client, address, **{"text-nobody": "x"})

    assert (kept.status_code, unknown.status_code) == (303, 200)
    assert "<script>alert" not in seen + review + str(page.html)
    closed_up = re.sub(r">\s+<", "><", review)
    assert "<b>" not in closed_up.replace("<br><b>", "").replace("<p><b>", "")
    assert "{{ 7*7 }}\ufffd" in page.css(f"textarea[name={field}]")[0].text()
    assert refused == {"long": 422, "huge": 413, "many": 400}
    assert len({*proposed_in(own_web)}) == 1


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
    say(session, once.asked, CALL_ME, made_for="Jonas")
    return once.asked


def say(session: OpenSession, asked: AskedQuestion, text: str, *, made_for: str) -> None:
    """Have somebody propose an answer to a question, whoever it is asked of."""
    _, link = make_link(session, base="", days=7, by="anna", made_for=made_for)
    at = session.clock.now()
    proposed = ProposedAnswer(
        ticket_id=asked.ticket.ticket_id,
        question_id=" ".join(row.row_id for row in asked.rows),
        secret_sha256=link.secret_sha256,
        text=text,
        at=at,
    )
    assert session.store.client_links.propose(link, [proposed], at=at)


def test_suggested_answers_show_what_the_client_said_and_leave_it_to_a_person(
    suggesting_web: Web, called: AskedQuestion
) -> None:
    """All suggestions were saved at once: the request to be called was gone, and was never shown."""
    with signed_in(suggesting_web, Role.REVIEWER) as client:
        offered = page_at(client, f"{HERE}/suggestions")
        client.post(f"{HERE}/suggestions", data={"place": [called.place]})
        proposed = page_at(client, f"{HERE}?only=proposed")

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


def test_one_answer_to_a_card_covers_nothing_that_its_page_did_not_show(own_web: Web) -> None:
    """It was kept over what a client had said since, and that was counted nowhere any more."""
    reviewer = signed_in(own_web, Role.REVIEWER)

    def shown() -> dict[str, list[str]]:
        form = one(page_at(reviewer, f"{HERE}?only=developer"), "form[action*='/card']")
        fields = form.css("input[type=hidden]")
        named = group_by([(str(f.attributes["name"]), f) for f in fields], lambda pair: pair[0])
        sent = {
            name: [f.attributes["value"] or "" for _, f in same] for name, same in named.items()
        }
        return sent | {"answer_text": ["Ours."]}

    before = shown()
    (question,) = (q for q in opened(own_web).questions if q.place == before["place"][0])
    say(opened(own_web), question, "Three.", made_for="Jonas")
    refused = reviewer.post(f"{HERE}/card", data=before, follow_redirects=True)
    nothing = given(own_web)
    reviewer.post(f"{HERE}/card", data=shown())

    assert "The client has proposed an answer since you opened this page: “Three.”" in refused.text
    assert nothing == []
    assert {answer.answer for answer in given(own_web)} == {"Ours."}


def test_a_second_link_covers_nothing_that_was_said_by_the_first(
    suggesting_web: Web, called: AskedQuestion
) -> None:
    session = opened(suggesting_web)
    say(session, called, "Draft.", made_for="Maria")

    with pytest.raises(WrongUseError, match=f"{CALL_ME} | Draft."):
        answers.answer(session.reload(), taken_over=[called.place], by="ben")
    with signed_in(suggesting_web, Role.REVIEWER) as client:
        page = page_at(client, f"{HERE}?only=proposed")

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
    pages = [page_at(reviewer, place) for place in (f"{HERE}?only=all&ticket={number}", address)]

    for page in pages:
        (asked,) = (q for q in page.css(".question") if several.question[:30] in q.text())
        (left,) = (q for q in page.css(".question") if "Who sails?" in q.text())
        assert "Some. (ben" in asked.text()
        assert "still open" in asked.text()
        assert "no longer asked" in left.text()
        assert "The crew." in left.text()
