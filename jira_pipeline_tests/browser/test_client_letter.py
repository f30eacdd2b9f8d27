"""A client answers on a phone: nothing is lost by a reload or a lost network, and nothing is sent early."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.review.question_cards import ClientCard, client_cards
from jira_pipeline.sessions.accounts import make_link
from jira_pipeline_tests import projects
from jira_pipeline_tests.browser.served import Served, served_copy
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.sheets.made_specifications import bundle, field, put_into

PHONE = {"width": 390, "height": 844}
NUMBERS = count(1)
"""What one person said is there again by each of their links."""


@pytest.fixture(scope="module")
def reviewed_web(empty_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A project that is served, with a session that asks its client two questions."""
    folder = tmp_path_factory.mktemp("letter")
    asking = {"programme": {"Field type": "File"}, "kind": {"Field type": "List (text)"}}
    sheets = {
        "bundles": [bundle("Concert", "concert")],
        "fields": [field("Concert (Content type)", f"field_{n}") | c for n, c in asking.items()],
    }
    with served_copy(empty_project, folder / "served") as served:
        pipeline = served.web.pipeline
        projects.written(pipeline, put_into(folder / "sheets", sheets), session_key=SESSION)
        yield served


@pytest.fixture
def session(reviewed_web: Served) -> OpenSession:
    return open_session(reviewed_web.web.pipeline, SESSION)


@pytest.fixture
def letter(reviewed_web: Served, browser: Browser, session: OpenSession) -> Page:
    """A phone that has opened a new link."""
    return opened(reviewed_web, browser, session)


def opened(served: Served, browser: Browser, session: OpenSession, **options: Any) -> Page:
    address, _ = make_link(session, base="", days=7, by="anna", made_for=f"Jonas {next(NUMBERS)}")
    page = served.visitor(browser, viewport=PHONE, **options)
    page.goto(address)
    return page


def texts_in(session: OpenSession) -> list[str]:
    return [one.text for one in session.store.client_links.proposed(SESSION)]


def card_with_choices(session: OpenSession) -> ClientCard:
    """Return a card of one question that a tap answers, and that another one follows."""
    return next(
        card
        for card in client_cards(session)[:-1]
        if len(card.rows) == 1 and card.rows[0].choices and not card.is_assumption
    )


def test_what_was_typed_outlives_a_reload_and_a_lost_network(
    letter: Page, session: OpenSession
) -> None:
    before = texts_in(session)
    card = card_with_choices(session)
    letter.locator(f".questions a[href='#q-{card.name}']").click()
    field = letter.locator("section:target textarea").first
    radio = letter.locator("section:target input[type=radio][value='']")
    if radio.count():
        radio.check()
    field.fill("Only what the museum owns.")
    expect(letter.locator("section:target .kept")).to_contain_text("Saved on this device")
    letter.reload()
    expect(field).to_have_value("Only what the museum owns.")

    letter.context.set_offline(True)
    field.fill("Only what the museum owns, and loans.")
    letter.locator("section:target .where a").click()
    letter.locator("#all").get_by_role("button", name="Review and send").click()
    expect(letter.locator(".kept.warn").first).to_contain_text("no network")
    letter.context.set_offline(False)
    letter.locator("#all").get_by_role("button", name="Review and send").click()

    expect(letter.locator("dd").first).to_contain_text("Only what the museum owns, and loans.")
    assert texts_in(session) == before
    letter.get_by_role("button", name="Send", exact=True).click()
    expect(letter.get_by_role("heading", level=1)).to_contain_text("Thank you")
    assert "Only what the museum owns, and loans." in texts_in(session)
    assert letter.evaluate("Object.keys(localStorage)") == []


def test_a_tap_goes_on_and_next_without_an_answer_says_so(
    letter: Page, session: OpenSession
) -> None:
    card = card_with_choices(session)
    letter.locator(f".questions a[href='#q-{card.name}']").click()
    shown = letter.locator("section:target h1")

    letter.locator("section:target [data-next]").click()
    expect(letter.locator("section:target .kept")).to_contain_text("not chosen anything")
    expect(shown).to_have_text(card.title)
    letter.locator("section:target .choice").first.click()

    expect(shown).not_to_have_text(card.title)
    letter.go_back()
    expect(shown).to_have_text(card.title)
    expect(letter.locator("section:target input[type=radio]").first).to_be_checked()


def test_without_scripts_one_card_is_on_a_screen_and_answers_are_sent(
    reviewed_web: Served, browser: Browser, session: OpenSession
) -> None:
    letter = opened(reviewed_web, browser, session, java_script_enabled=False)
    card = card_with_choices(session)

    letter.locator(f".questions a[href='#q-{card.name}']").click()
    expect(letter.locator(".letter > section:visible")).to_have_count(1)
    letter.locator("section:target .choice").first.click()
    letter.locator("section:target .where a").click()
    letter.locator("#all").get_by_role("button", name="Review and send").click()
    letter.get_by_role("button", name=f"Change the answer to: {card.title}").click()
    expect(letter.locator("section:target h1")).to_have_text(card.title)
    expect(letter.locator("section:target input[type=radio]").first).to_be_checked()
    letter.locator("section:target .where a").click()
    letter.locator("#all").get_by_role("button", name="Review and send").click()
    letter.get_by_role("button", name="Send", exact=True).click()

    expect(letter.get_by_role("heading", level=1)).to_contain_text("Thank you")
    assert card.rows[0].choices[0] in texts_in(session)
