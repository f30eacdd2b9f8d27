"""Every shape of a client's card: what was ticked and typed is there again, and reaches the team.

The judge are the words that the test ticked and typed: what the program keeps is never asked.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from jira_pipeline.model.open_questions import CALL_ME, Audience
from jira_pipeline.model.people import Role
from jira_pipeline.review import answers
from jira_pipeline.review.open_session import open_session
from jira_pipeline.review.question_cards import FINE, CardRow, ClientCard, client_cards
from jira_pipeline.sessions.accounts import make_link
from jira_pipeline_tests import projects
from jira_pipeline_tests.browser.served import Served, served_copy
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.sheets.made_specifications import bundle, field, put_into, table

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
CONCERT = "Concert (Content type)"
SHEETS = {
    "bundles": [
        bundle("Concert", "concert"),
        bundle("Event", "event", x="d"),
        bundle("Landing Page", "landing_page", x="d"),
    ],
    "fields": [
        field(CONCERT, "field_programme") | {"Field type": "File"},
        field(CONCERT, "field_kind") | {"Field type": "List (text)"},
        field(CONCERT, "field_mood") | {"Field type": "List (text)"},
        field(CONCERT, "field_seat") | {"Field type": "Entity reference"},
    ],
    "roles": table(
        "Name,Machine name,X,Notes",
        "Guests,guests,a,0 permissions",
        "Pilots,pilots,a,All moorings",
        "Editors,editors,a,",
        "Chiefs,chiefs,a,",
    ),
    "workflows": table("Label,Machine name,X,Type", "Plain,plain,a,Content moderation"),
    "states": table(
        "Workflow,Label,Machine name,X",
        "Plain,Draft,draft,a",
        "Plain,Waiting,waiting,a",
        "Plain,Gone,gone,a",
        "Plain,Published,published,a",
    ),
    "transitions": table(
        "Workflow,Machine name,Label,From state,To state,X",
        "Plain,send,Send,Draft,Waiting,a",
        "Plain,post,Post,Waiting,Published,a",
        "Plain,drop,Drop,Published,Gone,a",
    ),
}
STATES_OF_FIELDS = """fields => fields.map(field => [
    field.name,
    field.matches("[type=radio], [type=checkbox]") ? [field.value, field.checked] : field.value,
])"""


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a person ticks and types in one row."""

    choices: tuple[str, ...] = ()
    words: str = ""


@pytest.fixture(scope="module")
def served(empty_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A project that is served, with a session whose client gets a card of every shape."""
    folder = tmp_path_factory.mktemp("cards")
    with served_copy(empty_project, folder / "served") as served:
        pipeline = served.web.pipeline
        session = projects.written(
            pipeline, put_into(folder / "sheets", SHEETS), session_key=SESSION
        )
        seat = next(one for one in session.questions if "Seat" in one.question)
        answers.ask(
            session, [seat.place], audience=Audience.CLIENT, words="Who sits where?", by="anna"
        )
        yield served


def said_to(cards: tuple[ClientCard, ...]) -> dict[str, Said]:
    """Say something else to each row: choices, words, or both, by the name of the row."""
    said = {}
    for number, row in enumerate(row for card in cards for row in card.rows):
        words = f"Words {number}, and more: of row {number}."
        is_worded = number % 2 == 0
        if row.is_several:
            # Not the first boxes, nor the last: those of a row must not be told by their place.
            said[row.name] = Said(choices=row.choices[number + 1 : number + 4], words=words)
        elif row.choices not in ((), (FINE,)) and not is_worded:  # nobody is told what is fine
            said[row.name] = Said(choices=row.choices[-1:])
        else:
            said[row.name] = Said(words=words)
    boxes_only = next(row for row in rows_in(cards) if row.is_several)
    said[boxes_only.name] = Said(choices=boxes_only.choices[:3])
    return said


def rows_in(cards: tuple[ClientCard, ...]) -> tuple[CardRow, ...]:
    return tuple(row for card in cards for row in card.rows)


def show(letter: Page, card: ClientCard) -> None:
    letter.goto(f"{letter.url.partition('#')[0]}#q-{card.name}")
    expect(letter.locator(f"#q-{card.name}")).to_be_visible()


def fill_in(letter: Page, card: ClientCard, said: Mapping[str, Said]) -> None:
    """Say it on the screen of a card; words come first where boxes are beside them."""
    show(letter, card)
    for row in card.rows:
        words = letter.locator(f"textarea[name='text-{row.name}']")
        of_row = said[row.name]
        if row.is_several:
            go_to_group(letter, card, row)
            expect(words).to_be_visible(timeout=5_000)
        elif row.choices and of_row.words:
            letter.locator(f"input[name='choice-{row.name}'][value='']").check()
        if of_row.words:
            words.fill(of_row.words)
        for choice in of_row.choices:
            if not row.is_several:
                show(letter, card)  # a tap may lead on
            letter.locator(f"input[name='choice-{row.name}'][value='{choice}']").check()


def go_to_group(letter: Page, card: ClientCard, row: CardRow) -> None:
    """Go to the boxes of a group of people: on a phone each has a screen."""
    words = letter.locator(f"textarea[name='text-{row.name}']")
    for _ in card.rows:
        if words.is_visible():
            return
        letter.locator(f"#q-{card.name} [data-next]").click()


def states(letter: Page) -> list[object]:
    fields = letter.locator("[name^=choice-], [name^=text-], [name^=call-]")
    return list(fields.evaluate_all(STATES_OF_FIELDS))


def shown_states(said: Mapping[str, Said], cards: tuple[ClientCard, ...]) -> list[object]:
    """Return what the fields of a letter show where this was said in it, in their order."""
    fields: list[object] = []
    for card in cards:
        for row in card.rows:
            of_row = said.get(row.name, Said())
            fields += [
                [f"choice-{row.name}", [choice, choice in of_row.choices]] for choice in row.choices
            ]
            if row.choices and not row.is_several:
                is_other = bool(of_row.words) and not of_row.choices
                fields.append([f"choice-{row.name}", ["", is_other]])
            fields.append([f"text-{row.name}", of_row.words])
        fields.append([f"call-{card.name}", ["1", card == cards[0]]])
    return fields


def review(letter: Page) -> None:
    letter.goto(f"{letter.url.partition('#')[0]}#all")
    letter.locator("#all").get_by_role("button", name="Review and send").click()
    expect(letter.get_by_role("heading", level=1)).to_have_text("Before you send")


def expect_said(page_text: str, said: Mapping[str, Said]) -> None:
    for of_row in said.values():
        line = next(
            line
            for line in page_text.splitlines()
            if all(text in line for text in (*of_row.choices, of_row.words))
        )
        assert line


def link_for_a_colleague(letter: Page, card: ClientCard) -> str:
    """Make a link for Jo on a card that is shown, after one without a name was refused; copy it."""
    make = letter.locator("section:target").get_by_role("button", name="Make a link")
    make.click()
    expect(letter.locator("section:target [role=alert]")).to_have_text("Write who you want to ask.")
    letter.locator(f"#colleague-{card.name}").fill("Jo")
    make.click()
    letter.get_by_role("button", name="Copy", exact=True).click()
    expect(letter.get_by_role("button", name=re.compile("Copied|Selected"))).to_be_visible()
    return letter.locator("code.secret").inner_text()


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_what_is_ticked_and_typed_is_there_again_and_reaches_the_team(
    served: Served, browser: Browser, viewport: dict[str, int]
) -> None:
    session = open_session(served.web.pipeline, SESSION)
    cards = client_cards(session)
    assert_every_shape(cards)
    said = said_to(cards)
    name = f"Jonas {viewport['width']}"
    address, _ = make_link(session, base="", days=7, by="anna", made_for=name)
    letter = served.visitor(browser, viewport=viewport)
    letter.goto(address)

    for card in cards:
        fill_in(letter, card, said)
    show(letter, cards[0])
    letter.locator("section:target summary").click()
    letter.locator(f"input[name='call-{cards[0].name}']").check()
    typed = shown_states(said, cards)

    assert typed == states(letter)
    letter.reload()
    assert typed == states(letter)

    # A link for a colleague is made on the server, which shows the letter again.
    show(letter, cards[0])
    colleagues_address = link_for_a_colleague(letter, cards[0])
    assert typed == states(letter)

    by_colleague = {row.name: Said(choices=row.choices[-2:]) for row in cards[0].rows}
    colleague = served.visitor(browser, viewport=viewport)
    colleague.goto(colleagues_address)
    fill_in(colleague, cards[0], by_colleague)
    colleague.reload()
    expect_ticked(colleague, by_colleague)
    review(colleague)
    colleague.get_by_role("button", name="Send", exact=True).click()
    expect(colleague.get_by_role("heading", level=1)).to_contain_text("Thank you")

    review(letter)
    letter.locator(".answers button").first.click()  # “Change”
    expect(letter.locator("#all, section:target").first).to_be_attached()
    assert typed == states(letter)
    review(letter)
    letter.get_by_role("button", name="Send", exact=True).click()
    expect(letter.get_by_role("heading", level=1)).to_contain_text("Thank you")

    # Another device of the same person keeps nothing: it shows what was sent.
    other_address, _ = make_link(session, base="", days=7, by="anna", made_for=name)
    other = served.visitor(browser, viewport=viewport)
    other.goto(other_address)
    assert typed == states(other)

    team = served.visit(browser, Role.REVIEWER, viewport=DESK)
    team.goto(f"/sessions/{SESSION}/questions?only=proposed")
    text = team.locator("main").inner_text()
    expect_said(text, said)
    expect_said(text, by_colleague)
    assert CALL_ME in text


def expect_ticked(letter: Page, said: Mapping[str, Said]) -> None:
    for name, of_row in said.items():
        ticked = letter.locator(f"input[name='choice-{name}']:checked")
        values = ticked.evaluate_all("boxes => boxes.map(box => box.value)")
        assert list(of_row.choices) == values


def assert_every_shape(cards: tuple[ClientCard, ...]) -> None:
    rows = rows_in(cards)
    assert {card.is_assumption for card in cards} == {True, False}
    assert {len(card.rows) > 1 for card in cards} == {True, False}
    assert {row.is_several for row in rows} == {True, False}
    assert {bool(row.choices) for row in rows} == {True, False}


def test_words_typed_in_one_dialog_of_the_list_are_not_those_of_another(
    served: Served, browser: Browser
) -> None:
    """Skipping and requesting changes have a reason each, in one form."""
    session = open_session(served.web.pipeline, SESSION)
    page = served.visit(browser, Role.REVIEWER, viewport=DESK)
    page.goto(f"/sessions/{SESSION}/tickets")
    page.locator("input[name=number]").first.check()

    page.get_by_role("button", name="Skip…").click()
    page.locator("dialog[open] input").first.fill("It is of no use.")
    page.locator("dialog[open]").get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Request changes…").click()
    page.locator("dialog[open] input").first.fill("Name the owner.")
    page.locator("dialog[open]").get_by_role("button", name="Request changes").click()

    expect(page.locator("#notices .notice")).to_be_visible()
    assert [one.sent_back for one in session.reload().tickets if one.sent_back] == [
        "Name the owner."
    ]


@pytest.mark.parametrize("screen", [PHONE, DESK], ids=["phone", "desk"])
def test_groups_of_people_are_a_matrix_or_a_screen_each_and_one_box_ticks_all(
    tmp_path: Path, empty_project: Path, browser: Browser, screen: ViewportSize
) -> None:
    """They were thirty boxes below each other, on 2,743 pixels."""
    roles = table(
        "Name,Machine name,X,Notes",
        *(f"{name},{name.casefold()},a,Some moorings" for name in ("Pilots", "Editors", "Chiefs")),
    )
    with served_copy(empty_project, tmp_path / "served") as served:
        sheets = put_into(tmp_path / "sheets", {**SHEETS, "roles": roles})
        session = projects.written(served.web.pipeline, sheets, session_key=SESSION)
        card = next(card for card in client_cards(session) if card.rows[0].is_several)
        address, _link = make_link(session, base=served.address, days=7, by="test")
        letter = served.visitor(browser, viewport=screen)
        letter.goto(address)
        show(letter, card)
        groups = letter.locator(f"#q-{card.name} .several")
        is_phone = screen == PHONE
        expect(groups).to_have_count(3)
        expect(groups.locator("legend:visible")).to_have_count(1 if is_phone else 3)
        assert letter.evaluate("document.body.offsetHeight") < 900

        groups.first.locator("[data-all]").check()
        expect(groups.first.locator("[name]:checked")).to_have_count(len(card.rows[0].choices))
        expect(groups.nth(1).locator("[name]:checked")).to_have_count(0)
        if is_phone:
            letter.locator(f"#q-{card.name} [data-next]").click()
            expect(groups.first).not_to_be_visible()
            expect(groups.nth(1)).to_be_visible()
            letter.locator(f"#q-{card.name} .steps").get_by_label("Back").click()
            expect(groups.first).to_be_visible()
        else:
            # The first column names the rights; where it is decided, the next one does.
            answers.answer(session, [(card.rows[0].rows[0].first.place, "Some.")], by="ben")
            letter.reload()
            show(letter, card)
            words = letter.locator(f"#q-{card.name} .boxes").first.locator("span").first
            assert words.evaluate("span => span.offsetWidth") > 20
