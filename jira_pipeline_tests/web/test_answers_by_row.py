"""Each row of a question keeps its own answer, from the page of a client into the ticket.

Belongs here: several rows that are asked about in one question, of every kind; who accepts, changes
and reads what was said of each. Does not: links and pages of clients (`test_client_page`), what is
no longer asked (`test_stranded_answers`).
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode
from typing_extensions import override

from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.drupal.words import question_words
from jira_pipeline.jira.adf.to_text import adf_to_text
from jira_pipeline.model.errors import InputError
from jira_pipeline.model.open_questions import MODEL, Audience, OpenQuestion
from jira_pipeline.model.people import Role
from jira_pipeline.model.revisions import TicketProse
from jira_pipeline.review import answers
from jira_pipeline.review.cells import read_filled_table
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.review.question_cards import CardRow, client_cards
from jira_pipeline.review.questions import AskedQuestion
from jira_pipeline.review.questions_workbook import questions_workbook
from jira_pipeline.sessions.accounts import make_link
from jira_pipeline.tickets.template import TemplateWriter
from jira_pipeline.web.context import Web
from jira_pipeline.writing.generation import generate_tickets
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.sheets.made_specifications import bundle, field, put_into
from jira_pipeline_tests.sheets.made_workbooks import workbook_of
from jira_pipeline_tests.web.browsers import browser, hidden_in, one, opened_web, page_at, signed_in

HERE = f"/sessions/{SESSION}/questions"
BOAT = "Boat (Content type)"
KINDS = (*question_words(), MODEL)
"""All that anything asks, so all that has what `sharing_key` returns."""


class AskingWriter(TemplateWriter):
    """Writes as the template does, and asks one question of each kind about two fields."""

    @override
    def write(self, brief: TicketRows) -> TicketProse:
        first, second = brief.group.members[:2]
        questions = [
            OpenQuestion(
                kind=kind,
                file=first.source.file,
                line=first.source.line,
                column="Notes",
                quote="",
                question=f"What holds for these two by {kind}?",
                keys=(first.key, second.key),
                labels=("Bow", "Stern"),
                client_quotes=("", ""),
                for_client=f"Something about {kind}",
            )
            for kind in KINDS
        ]
        return replace(super().write(brief), questions=tuple(questions))


@pytest.fixture(scope="module")
def asking_web(empty_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """The web of a session with one ticket, which asks all kinds, all of them of the client."""
    folder = tmp_path_factory.mktemp("asking")
    sheets = put_into(
        folder / "sheets",
        {
            "bundles": [bundle("Boat", "boat")],
            "fields": [field(BOAT, "field_bow"), field(BOAT, "field_stern")],
        },
    )
    with opened_web(projects.make_reviewed(empty_project, sheets, folder)) as web:
        session = open_session(web.pipeline, SESSION)
        generate_tickets(
            session,
            previous_groups=lambda _: {},
            unchanged_tickets={},
            writer=AskingWriter(),
            sessions=web.pipeline.store.sessions,
            run_id="r2",
        )
        session = session.reload()
        places = [question.place for question in session.questions]
        answers.ask(session, places, audience=Audience.CLIENT, by="test")
        yield web


def opened(web: Web) -> OpenSession:
    return open_session(web.pipeline, SESSION)


def asked_as(web: Web, kind: str) -> AskedQuestion:
    (question,) = [asked for asked in opened(web).questions if asked.kind == kind]
    return question


def fields_of_answers(
    session: OpenSession, question: AskedQuestion, texts: Sequence[str]
) -> Mapping[str, str]:
    """Return what the form of a client sends that answers each row of a question."""
    rows = [
        row
        for card in client_cards(session)
        for row in card.rows
        if row.rows[0].keys[0] in question.keys_of_rows
    ]
    parts = [part.name for row in rows for part in row.parts]
    names = parts or [row.name for row in rows]
    return {f"text-{name}": text for name, text in zip(names, texts, strict=True)}


def sent_by_client(web: Web, fields: Mapping[str, str]) -> str:
    """Send the form of a client; return the address of the page."""
    address, _ = make_link(opened(web), base="", days=7, by="anna", made_for="Jonas")
    answer = browser(web).post(address, data={**fields, "do": "send"})
    assert answer.status_code == 303
    return address


def answered_on_page(web: Web, question: AskedQuestion, *texts: str) -> str:
    """Answer each row of a question on the page of a client; return the address of the page."""
    return sent_by_client(web, fields_of_answers(opened(web), question, texts))


def ticket_text(web: Web, question: AskedQuestion) -> str:
    session = opened(web)
    (rendered,) = session.rendered_of([session.ticket(question.ticket.number)])
    # All kinds together are too long for an issue: the file that comes with it has the whole.
    return adf_to_text(json.loads(session.whole_text_of(rendered)))


def test_two_rows_that_a_client_answers_differently_are_both_in_the_ticket(
    asking_web: Web,
) -> None:
    """The first answer was written to both rows, and the second one was never seen again.

    All kinds of questions are answered in one form, since reading a session costs most.
    """
    session = opened(asking_web)
    texts = {kind: (f"Red, {kind}.", f"Green, {kind}.") for kind in KINDS}
    fields: dict[str, str] = {}
    for question in session.questions:
        fields |= fields_of_answers(session, question, texts[question.kind])

    address = sent_by_client(asking_web, fields)
    shown = page_at(browser(asking_web), address).css("textarea")
    places = [question.place for question in session.questions]
    answers.answer(opened(asking_web), taken_over=places, by="ben")

    shown_to_client = {field.text().strip() for field in shown}
    questions = opened(asking_web).questions
    text = ticket_text(asking_web, questions[0])
    assert {question.kind for question in questions} == {*KINDS}
    for question in questions:
        red, green = texts[question.kind]
        assert [row.given and row.given.answer for row in question.rows] == [red, green]
        assert {red, green} <= shown_to_client
        assert f"field_bow: {red}" in text
        assert f"field_stern: {green}" in text


@pytest.fixture
def rows_web(empty_project: Path, tmp_path: Path) -> Iterator[Web]:
    """The web of a site that gives up pages of two types, and has two roles."""
    sheets = put_into(
        tmp_path / "sheets",
        {
            "bundles": [
                bundle("Boat", "boat"),
                bundle("Event", "event", x="d"),
                bundle("Landing Page", "landing_page", x="d"),
            ],
            "roles": [{"Name": "Mate", "Machine name": "mate", "X": "a"}],
        },
    )
    with opened_web(projects.make_reviewed(empty_project, sheets, tmp_path)) as web:
        yield web


ITEMS = "views.items"
NONE, MOVE = "There are none", "Move the biggest three."


def shown_question(page: LexborHTMLParser, question: AskedQuestion) -> LexborNode:
    return one(page, f"#question-{question.place.replace('.', '-')}")


def given_to(web: Web, kind: str = ITEMS) -> list[str | None]:
    return [row.given.answer if row.given else None for row in asked_as(web, kind).rows]


def test_a_proposal_shows_its_row_and_is_accepted_for_it(rows_web: Web) -> None:
    question = asked_as(rows_web, ITEMS)
    address = answered_on_page(rows_web, question, NONE, MOVE)
    with signed_in(rows_web, Role.REVIEWER) as reviewer:
        before = shown_question(page_at(reviewer, f"{HERE}?only=proposed"), question)
        first = one(before, "form:has(.take)")
        proposed = [
            (one(node, ".of").text(), one(node, "blockquote").text())
            for node in before.css(".proposed")
        ]
        accept = [str(node.attributes["value"]) for node in before.css("button[name=proposal]")]
        reviewer.post(HERE, data=hidden_in(first) | {"proposal": accept[0]})
        after = shown_question(page_at(reviewer, f"{HERE}?only=proposed"), question)
        of_ticket = page_at(reviewer, f"/sessions/{SESSION}/tickets/{question.ticket.number}")
    client = page_at(browser(rows_web), address)

    assert proposed == [("“Event” pages", NONE), ("“Landing Page” pages", MOVE)]
    assert given_to(rows_web) == [NONE, None]
    assert [node.text() for node in after.css(".proposed blockquote")] == [MOVE]
    assert [node.text() for node in of_ticket.css(".proposed blockquote")] == [MOVE]
    assert f"event: {NONE}" in ticket_text(rows_web, question)
    decided, waiting = [
        node for node in client.css("fieldset") if "pages" in one(node, "legend").text()
    ]
    assert f"You answered: “{NONE}”" in decided.text()
    assert decided.css("textarea, input") == []
    assert one(waiting, "textarea").text().strip() == MOVE


def test_all_that_clients_agree_on_is_accepted_at_once_and_the_rest_waits(rows_web: Web) -> None:
    question = asked_as(rows_web, ITEMS)
    address = answered_on_page(rows_web, question, NONE, MOVE)
    other, _ = make_link(opened(rows_web), base="", days=7, by="anna", made_for="Maria")
    landing = row_named(rows_web, "“Landing Page” pages")
    with signed_in(rows_web, Role.REVIEWER) as reviewer:
        form = one(
            shown_question(page_at(reviewer, f"{HERE}?only=proposed"), question), "form:has(.take)"
        )
        browser(rows_web).post(other, data={f"text-{landing.name}": "Delete.", "do": "send"})
        covering = reviewer.post(HERE, data=hidden_in(form) | {"do": "take_over"})
        unseen = given_to(rows_web)
        form = one(
            shown_question(page_at(reviewer, f"{HERE}?only=proposed"), question), "form:has(.take)"
        )
        has_one_act = bool(form.css("button[value=take_over]"))
        outcome = answers.answer(opened(rows_web), taken_over=[question.place], by="ben")
        shown = shown_question(page_at(reviewer, f"{HERE}?only=proposed"), question)

    assert covering.status_code == 303
    assert unseen == [None, None]
    assert not has_one_act
    assert outcome.left == f"Not taken over: {question.place}.2: Delete. | {MOVE}."
    assert given_to(rows_web) == [NONE, None]
    assert {node.text() for node in shown.css(".proposed blockquote")} == {MOVE, "Delete."}
    assert "There are none" in page_at(browser(rows_web), address).text()


def row_named(web: Web, label: str) -> CardRow:
    (row,) = [row for card in client_cards(opened(web)) for row in card.rows if row.label == label]
    return row


def test_one_button_accepts_each_row_its_own_answer(rows_web: Web) -> None:
    question = asked_as(rows_web, ITEMS)
    answered_on_page(rows_web, question, NONE, MOVE)
    with signed_in(rows_web, Role.REVIEWER) as reviewer:
        page = page_at(reviewer, f"{HERE}?only=proposed")
        form = one(shown_question(page, question), "form:has(.take)")
        button = one(form, "button[value=take_over]").text()
        reviewer.post(HERE, data=hidden_in(form) | {"do": "take_over"})
        after = page_at(reviewer, f"{HERE}?only=answered")

    assert button == "Accept all 2"
    assert given_to(rows_web) == [NONE, MOVE]
    assert f"event: {NONE}" in ticket_text(rows_web, question)
    assert f"landing_page: {MOVE}" in ticket_text(rows_web, question)
    assert f"“Landing Page” pages: “{MOVE}”" in shown_question(after, question).text()


def test_the_team_answers_and_changes_row_by_row(rows_web: Web) -> None:
    question = asked_as(rows_web, ITEMS)
    with signed_in(rows_web, Role.REVIEWER) as reviewer:

        def save(*texts: str) -> None:
            shown = shown_question(page_at(reviewer, f"{HERE}?only=all"), question)
            form = one(shown, ".by-row form")
            fields = hidden_in(form) | {
                name: [str(node.attributes["value"] or "") for node in form.css(f"[name={name}]")]
                for name in ("row", "row_was")
            }
            answer = reviewer.post(HERE, data=fields | {"row_text": [*texts]})
            assert answer.status_code == 303

        save(NONE, "")
        first = given_to(rows_web)
        save(NONE, MOVE)
        both = given_to(rows_web)
        save("", "Delete.")

    assert first == [NONE, None]
    assert both == [NONE, MOVE]
    assert given_to(rows_web) == [None, "Delete."]


def test_who_changes_a_row_that_somebody_changed_meanwhile_changes_nothing(rows_web: Web) -> None:
    question = asked_as(rows_web, ITEMS)
    answers.answer(opened(rows_web), [(f"{question.place}.1", "Theirs.")], by="anna")
    ids = [row.row_id for row in question.rows]
    fields = {"ticket_id": question.ticket.ticket_id, "question_id": question.question_id}
    rows = {"row": ids, "row_was": ["", ""], "row_text": ["Ours.", "Ours."]}
    with signed_in(rows_web, Role.REVIEWER) as reviewer:
        page = reviewer.post(HERE, data=fields | rows | {"do": "rows"}, follow_redirects=True)

    assert "somebody else answered it “Theirs.”" in page.text
    assert given_to(rows_web) == ["Theirs.", None]


@pytest.mark.parametrize(
    "accept",
    [
        lambda place: run("questions", SESSION, "--take-over", f"{place}.2"),
        lambda place: run("questions", SESSION, "--answer", f"{place}.2", MOVE),
    ],
    ids=["taken over", "answered"],
)
def test_a_row_is_decided_by_its_own_number_at_a_terminal(
    rows_web: Web, accept: Callable[[str], object]
) -> None:
    question = asked_as(rows_web, ITEMS)
    answered_on_page(rows_web, question, NONE, MOVE)

    words = run("questions", SESSION).words
    (shown,) = [row for row in run_json("questions", SESSION) if row["kind"] == ITEMS]
    accept(question.place)

    assert f"{question.place}.2" in words
    assert [(given["text"], given["rows"]) for given in shown["proposed_answers"]] == [
        (NONE, ["event"]),
        (MOVE, ["landing_page"]),
    ]
    assert given_to(rows_web) == [None, MOVE]


def test_who_wants_to_be_called_about_one_row_has_the_other_accepted(rows_web: Web) -> None:
    question = asked_as(rows_web, ITEMS)
    card = next(card for card in client_cards(opened(rows_web)) if card.rows[1:])
    address, _ = make_link(opened(rows_web), base="", days=7, by="anna", made_for="Jonas")
    fields = {f"text-{card.rows[0].name}": NONE, f"call-{card.name}": "1", "do": "send"}
    browser(rows_web).post(address, data=fields)

    outcome = answers.answer(opened(rows_web), taken_over=[question.place], by="ben")

    assert given_to(rows_web) == [NONE, None]
    assert "please call me" in outcome.left


def test_a_row_that_several_tickets_have_is_answered_in_each(
    empty_project: Path, tmp_path: Path
) -> None:
    """Its key names the type it belongs to: the answer reached the first ticket alone."""
    types = [bundle(name, name.casefold()) for name in ("Pier", "Quay")]
    fields = [
        field(f"{name} (Content type)", f"field_{part}", ref="Subjects (Vocabulary)")
        for name in ("Pier", "Quay")
        for part in ("bow", "stern")
    ]
    sheets = put_into(tmp_path / "sheets", {"bundles": types, "fields": fields})
    with opened_web(projects.make_reviewed(empty_project, sheets, tmp_path)) as web:
        session = opened(web)
        [once] = [one_each for one_each in session.asked.once if one_each.also]
        answers.ask(session, [once.asked.place], audience=Audience.CLIENT, by="ben")
        answered_on_page(web, once.asked, "Short, long", "Blue, red")
        answers.answer(opened(web), taken_over=[once.asked.place], by="ben")
        given = [
            [row.given.answer if row.given else None for row in question.rows]
            for question in opened(web).questions
        ]

    assert len(once.everywhere) == 2
    assert given == [["Short, long", "Blue, red"]] * 2


def filled(content: bytes, *answers_given: Mapping[str, str]) -> bytes:
    """Fill in lines of a workbook, in the order of its lines about one question."""
    table = read_filled_table(content, name="questions.xlsx")
    lines = [
        dict(row) | dict(given) for (_, row), given in zip(table.rows, answers_given, strict=True)
    ]
    names = list(lines[0])
    rows = [[row[name] for name in names] for row in lines]
    return workbook_of({"Questions": [[name.replace("_", " ") for name in names], *rows]})


def workbook_for(web: Web, kind: str = ITEMS) -> bytes:
    session = opened(web)
    once = [asked for asked in session.asked.once if asked.asked.kind == kind]
    return questions_workbook(once, session.proposed_answers)


def read_workbook(web: Web, content: bytes) -> None:
    answers.answer_by_file(opened(web), content, name="questions.xlsx", by="ben")


def test_a_workbook_shows_each_row_what_was_proposed_for_it(rows_web: Web) -> None:
    answered_on_page(rows_web, asked_as(rows_web, ITEMS), NONE, MOVE)
    content = workbook_for(rows_web)
    lines = [row for _, row in read_filled_table(content, name="questions.xlsx").rows]

    read_workbook(rows_web, filled(content, {"answer": NONE}, {"answer": "Delete."}))

    assert [(row["for_rows"], row["proposed"]) for row in lines] == [
        ("event", f"{NONE} (Jonas)"),
        ("landing_page", f"{MOVE} (Jonas)"),
    ]
    assert given_to(rows_web) == [NONE, "Delete."]


def test_a_workbook_that_showed_no_proposal_covers_none(rows_web: Web) -> None:
    content = workbook_for(rows_web)
    question = asked_as(rows_web, ITEMS)
    answered_on_page(rows_web, question, NONE, MOVE)

    with pytest.raises(InputError, match=f"{question.place}.1: {NONE}"):
        read_workbook(rows_web, filled(content, {"answer": "Ours."}))

    assert given_to(rows_web) == [None, None]


def test_a_line_of_a_workbook_answers_the_rows_whose_names_are_left_in_it(rows_web: Web) -> None:
    content = workbook_for(rows_web)
    unknown = filled(content, {"answer": MOVE, "for_rows": "event; news"})

    read_workbook(rows_web, filled(content, {"answer": MOVE, "for_rows": "landing_page"}))

    assert given_to(rows_web) == [None, MOVE]
    with pytest.raises(InputError, match="news is none of its rows"):
        read_workbook(rows_web, unknown)
