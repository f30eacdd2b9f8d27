"""The inbox of questions: filters, answers in place, the spreadsheet out and in."""

import io
from pathlib import Path

import openpyxl
from fastapi.testclient import TestClient
from httpx2 import Response
from selectolax.lexbor import LexborHTMLParser, LexborNode

from jira_pipeline.model.forms_in_text import is_about_form
from jira_pipeline.model.people import Role
from jira_pipeline.model.tickets import question_id_of
from jira_pipeline.review import answers, approvals
from jira_pipeline.review.open_session import open_session
from jira_pipeline.web.context import Web
from jira_pipeline_tests import projects
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.sheets.made_workbooks import with_cell, workbook_of
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.web.browsers import (
    ClientOf,
    address_of,
    hidden_in,
    one,
    opened_web,
    page_at,
    signed_in,
    value_of,
)

HERE = f"/sessions/{SESSION}/questions"


def listed_at(client_of: ClientOf, address: str) -> LexborHTMLParser:
    page = page_at(client_of(Role.REVIEWER), address)
    assert len(page.html or "") < 200_000
    return page


def places(page: LexborHTMLParser) -> list[str]:
    ids = (str(node.attributes["id"]) for node in page.css(".question"))
    return [each.removeprefix("question-").replace("-", ".") for each in ids]


def send(client: TestClient, form: LexborNode, **fields: str) -> Response:
    return client.post(str(form.attributes["action"]), data=hidden_in(form) | fields)


@each("by", ["ticket", "sheet", "assignee"])
def test_every_open_question_is_there_under_each_heading(client_of: ClientOf, by: str) -> None:
    page = listed_at(client_of, f"{HERE}?by={by}&only=all")

    headings = [node.text(strip=True) for node in page.css(".asked > h2")]
    assert len(places(page)) == len(set(places(page))) > 4
    assert headings == list(dict.fromkeys(headings))


def test_the_address_says_which_questions(client_of: ClientOf) -> None:
    of_ticket = listed_at(client_of, f"{HERE}?ticket=17")
    none = listed_at(client_of, f"{HERE}?ticket=4")

    assert places(of_ticket) == ["17.1", "17.2", "17.3"]
    assert none.css_first(".empty") is not None


def test_an_answer_is_kept_and_the_list_stays_as_it_was(web: Web, client_of: ClientOf) -> None:
    address = f"{HERE}?ticket=16"
    before = listed_at(client_of, address)

    answer = send(
        client_of(Role.REVIEWER), one(before, ".question form"), do="answer", answer_text="Yes."
    )

    assert answer.headers["location"] == f"{address}#question-16-2"
    (kept,) = web.pipeline.store.tickets.get(SESSION, 16).answers
    assert kept.answer == "Yes."
    assert places(listed_at(client_of, address)) == places(before)[1:]
    for shown in (f"{HERE}?only=answered", f"/sessions/{SESSION}/tickets/16"):
        (answered,) = listed_at(client_of, shown).css(".question:not(.open)")
        assert f"{kept.answered_by}, {kept.answered_at:%Y-%m-%d %H:%M} UTC" in answered.text()


def test_who_answers_what_somebody_else_answered_meanwhile_sees_both_and_chooses(
    web: Web, client_of: ClientOf
) -> None:
    """The second of two people took the first one's answer away, and neither heard of it."""
    address, client = f"{HERE}?ticket=16", client_of(Role.REVIEWER)
    page = listed_at(client_of, address)
    fields = hidden_in(one(page, ".question form"))
    hers = [(places(page)[0], "Hers.")]
    answers.answer(open_session(web.pipeline, SESSION), hers, is_only=True, by="anna")

    conflicting = fields | {"do": "answer", "answer_text": "His."}
    notices = client.post(address, data=conflicting, follow_redirects=True).text
    client.post(address, data=fields | {"do": "take_back"})

    def kept() -> tuple[str, str]:
        given = web.pipeline.store.tickets.get(SESSION, 16).answers
        return next(
            (a.answer, a.answered_by) for a in given if a.question_id == fields["question_id"]
        )

    refused = kept()
    chosen = f".question:not(.open):has(input[value='{fields['question_id']}'])"
    answered = one(listed_at(client_of, f"{HERE}?only=answered"), chosen)
    client.post(address, data=hidden_in(answered) | {"answer_text": "His."})

    assert refused == ("Hers.", "anna")
    assert "Yours: “His.”" in notices
    assert "Hers." in answered.text()
    assert kept()[0] == "His."


def test_an_assumption_that_somebody_objects_to_is_answered_where_the_page_shows_why(
    fresh_web: Web,
) -> None:
    """The page said that somebody else had answered: it took the objection for an unseen answer."""
    client = signed_in(fresh_web, Role.REVIEWER)
    session = open_session(fresh_web.pipeline, SESSION)
    assumed = next(question for question in session.questions if question.is_assumed)
    address = f"{HERE}?only=all&ticket={assumed.ticket.number}"
    form = f"#question-{assumed.place.replace('.', '-')} form"

    send(client, one(page_at(client, address), form), do="object", reason="It is another one.")
    objected = page_at(client, address)
    send(client, one(objected, form), do="answer", answer_text="A new one.")

    questions = open_session(fresh_web.pipeline, SESSION).questions
    (answered,) = [question for question in questions if question.place == assumed.place]
    assert "It is another one." in objected.text()
    assert answered.answer == "A new one."


def test_what_is_not_relevant_is_called_so_and_is_returned_to_when_taken_back(
    web: Web, client_of: ClientOf
) -> None:
    client, address = client_of(Role.REVIEWER), f"{HERE}?ticket=17"
    approvals.mark_ready(open_session(web.pipeline, SESSION), [17], with_questions=True, by="anna")
    fields = hidden_in(one(listed_at(client_of, address), "form:has(.instead)"))

    client.post(address, data=fields | {"do": "not_relevant", "reason": "Gone."})
    after = listed_at(client_of, address)
    back = send(client, one(after, "form.undo"))

    assert "No longer approved: ticket 17." in one(after, "#notices").text()
    assert back.headers["location"] == f"{address}#question-17-1"


def test_an_answer_on_a_ticket_is_taken_back_there_and_names_what_lost_its_approval(
    fresh_web: Web,
) -> None:
    """It named tickets without a link, and only the page of questions had an Undo."""
    address, pipeline = f"/sessions/{SESSION}/tickets/17", fresh_web.pipeline
    approvals.mark_ready(open_session(pipeline, SESSION), [17], with_questions=True, by="a")
    with signed_in(fresh_web, Role.REVIEWER) as client:
        fields = hidden_in(one(page_at(client, address), "form:has(.instead)"))
        client.post(f"{address}/answers", data=fields | {"answer_text": "Both."})
        after = page_at(client, address)
        back = send(client, one(after, "form.undo"))

    assert address_of(after, "#notices a") == back.headers["location"] == address
    assert open_session(pipeline, SESSION).ticket(17).is_ready


def test_a_question_is_answered_where_its_ticket_asks_it(client_of: ClientOf) -> None:
    """It was there twice, some screens apart: it stands beside the text now, and not in it."""
    page = listed_at(client_of, f"/sessions/{SESSION}/tickets/17")
    asked = [node.text() for node in page.css(".question.open .asks")]
    (ticket,) = page.css("article.ticket .body")

    assert [ticket.text().count(question) for question in asked] == [0] * 3


def test_an_answer_is_chosen_among_those_that_the_rule_knows_of(
    empty_project: Path, tmp_path: Path
) -> None:
    sheets = projects.copy_small_sheets(tmp_path / "sheets")
    fields = sheets / "Uhrenmuseum_Fields.csv"
    projects.replace_in(fields, ",Clockmakers (Vocabulary),", ",Clockmakres (Vocabulary),")
    project = projects.make_reviewed(empty_project, sheets, tmp_path)
    with opened_web(project) as web, signed_in(web, Role.REVIEWER) as client:
        form = one(page_at(client, HERE), ".question form:has(.choices)")
        chosen = value_of(form, ".choices button:last-of-type")

        send(client, form, choice=chosen, answer_text="")

        tickets = web.pipeline.store.tickets.list_all(SESSION)
    assert chosen in [a.answer for ticket in tickets for a in ticket.answers]


def test_suggestions_are_accepted_at_once_and_taken_back(suggesting_web: Web) -> None:
    def kept() -> list[str]:
        session = open_session(suggesting_web.pipeline, SESSION)
        return [a.answer for ticket in session.tickets for a in ticket.answers]

    with signed_in(suggesting_web, Role.REVIEWER) as client:
        boxes = page_at(client, f"{HERE}/suggestions").css("input[name=place][checked]")
        ticked = [box.attributes["value"] for box in boxes]
        accepted = client.post(f"{HERE}/suggestions", data={"place": ticked}, follow_redirects=True)
        given = kept()
        undo = {"undo": value_of(LexborHTMLParser(accepted.text), "form.undo input")}
        taken = client.post(f"{HERE}/undo", data=undo, follow_redirects=True)

    assert ticked == [f"{projects.SMALL_CLOCK}.2"]
    assert len(given) == 1
    assert "suggestion accepted" in given[0]
    assert "Undone for 1 ticket." in taken.text
    assert kept() == []


def test_an_answer_to_a_card_leads_back_to_the_questions_whatever_the_key(
    fresh_web: Web, tmp_path: Path
) -> None:
    """The key was cut from the address where it begins as the card's part of it."""
    sheets = projects.copy_small_sheets(tmp_path / "sheets")
    projects.upload(tmp_path / "project", sheets, session_key="cards")
    with signed_in(fresh_web, Role.REVIEWER) as client:
        refused = client.post("/sessions/cards/questions/card", data={"place": "1.1"})

    assert refused.headers["location"] == "/sessions/cards/questions"


def test_a_spreadsheet_goes_out_and_comes_back_filled_in(web: Web, client_of: ClientOf) -> None:
    client, store = client_of(Role.REVIEWER), web.pipeline.store
    content = client.get(f"/api{HERE}/file").content
    (sheet,) = openpyxl.load_workbook(io.BytesIO(content)).worksheets
    row = 1 + [str(cell.value) for cell in sheet["A"]].index("18")

    def read(answer: str) -> str:
        files = {"file": ("answers.xlsx", with_cell(content, "Answer", answer, row=row), "")}
        return client.post(f"{HERE}/upload", files=files, follow_redirects=True).text

    kept = read("Not before June.")
    ticket = store.tickets.get(SESSION, 18)
    other = {ticket.ticket_id: {a.question_id: "Before June." for a in ticket.answers}}
    store.reviews.answer(SESSION, other, by="other", at=web.pipeline.clock.now())
    refused = read("Never.")

    assert "1 answer saved in ticket" in kept
    assert "someone else has answered it since" in refused
    assert [a.answer for a in store.tickets.get(SESSION, 18).answers] == ["Before June."]


def test_what_is_no_such_spreadsheet_is_refused_by_name(client_of: ClientOf) -> None:
    content = workbook_of({"Sheet": [["a", "b"], ["1", "2"]]})
    files = {"file": ("<b>x</b>.xlsx", content, "")}

    page = client_of(Role.REVIEWER).post(f"{HERE}/upload", files=files, follow_redirects=True)

    assert "it has no column ticket" in page.text
    assert "<b>x</b>" not in page.text


def test_a_question_about_a_form_leads_to_it_and_an_answer_in_words_can_be_removed(
    web: Web, client_of: ClientOf
) -> None:
    link = address_of(listed_at(client_of, f"{HERE}?ticket=22"), ".question a.button")
    ticket = web.pipeline.store.tickets.get(SESSION, 22)
    (asked,) = [q for q in ticket.revision.questions if is_about_form(q.question)]
    answers = {ticket.ticket_id: {question_id_of(asked): "As in the mockup."}}
    web.pipeline.store.reviews.answer(SESSION, answers, by="ab", at=web.pipeline.clock.now())

    page = listed_at(client_of, f"{HERE}?ticket=22&only=answered")

    assert link == f"/sessions/{SESSION}/questions/forms?ticket=22"
    assert page.css(".question button[value=take_back]") != []


def test_what_an_answer_reopens_is_said_before_it_is_given(fresh_web: Web) -> None:
    session = open_session(fresh_web.pipeline, SESSION)
    once = next(q for q in session.asked.once if q.is_open and not q.asked.is_about_form)
    number = once.asked.ticket.number
    address = f"{HERE}?ticket={number}"
    sentence = "An answer takes the approval from 1 ticket."

    with signed_in(fresh_web, Role.REVIEWER) as client:
        before = one(page_at(client, address), "main").text()
        approvals.mark_ready(session, [number], by="anna")
        after = one(page_at(client, address), "main").text()
        answers.answer(session.reload(), [(once.asked.place, "Yes.")], by="anna")

    assert (sentence in before, sentence in after) == (False, True)
    assert not session.store.tickets.get(SESSION, number).is_ready
