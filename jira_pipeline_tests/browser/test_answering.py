"""Questions answered by people who answer many: by keys, and nothing typed is lost."""

from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from jira_pipeline_tests import projects
from jira_pipeline_tests.browser.served import Served, served_for_a_module
from jira_pipeline_tests.sheets.made_specifications import bundle, field, put_into

NUMBERS = count(1)
"""Each test has a session of its own."""
LINE_PIXELS = 26
TICKETS = 3
"""Each asks two questions: one leaves two answers to choose from, one has to be typed."""


reviewed_web = served_for_a_module("empty_project")


@pytest.fixture
def key(reviewed_web: Served, tmp_path: Path) -> str:
    """The session of a test, which asks six questions."""
    names = [f"Pier {number}" for number in range(1, TICKETS + 1)]
    sheets = {
        "bundles": [bundle(name, name.casefold().replace(" ", "_")) for name in names],
        "fields": [
            field(f"{name} (Content type)", f"field_{kind}_{number}") | cells
            for number, name in enumerate(names, start=1)
            for kind, cells in (
                ("depth", {"Field type": ""}),
                (
                    "end",
                    {
                        "Field type": "Entity reference",
                        "Ref. bundle": f"Peer {number} (Content type)",
                    },
                ),
            )
        ],
    }
    key = f"harbour-{next(NUMBERS)}"
    projects.written(
        reviewed_web.web.pipeline, put_into(tmp_path / "sheets", sheets), session_key=key
    )
    return key


def test_an_answer_that_was_not_sent_is_there_again(page: Page, key: str) -> None:
    """Leaving asked, and then the text was gone."""
    page.goto(f"/sessions/{key}/tickets/1#questions")
    page.locator(".question textarea").first.fill("Some 20 m,")
    page.locator(".question textarea").first.fill("Some 20 m, at low tide")
    page.goto(f"/sessions/{key}/tickets/2")

    page.goto(f"/sessions/{key}/questions?ticket=1")
    field = page.locator(".question textarea").first
    expect(field).to_have_value("Some 20 m, at low tide")
    field.press("Control+Enter")
    expect(page.locator(".question.open")).to_have_count(1)

    page.goto(f"/sessions/{key}/tickets/1")
    expect(page.locator("#notices")).to_have_text("")
    expect(page.locator(".returned")).to_have_count(0)


def test_questions_take_a_key_each(page: Page, key: str) -> None:
    """Twenty took 51 keys beside the words, and each answer had to be typed."""
    page.goto(f"/sessions/{key}/questions?only=open&by=ticket")
    expect(page.locator(".question.open")).to_have_count(2 * TICKETS)
    pressed, loads = [], list[str]()
    page.on("load", lambda loaded: loads.append(loaded.url))

    def press(name: str) -> None:
        pressed.append(name)
        page.keyboard.press(name)

    press("e")
    for left in reversed(range(2 * TICKETS)):
        if page.evaluate("document.activeElement.matches('textarea')"):
            page.keyboard.type("Text (plain)")
            press("Control+Enter")
        else:
            press("1")
        expect(page.locator(".question.open")).to_have_count(left)

    for tab in ("open", "agency", "client"):
        expect(page.locator(f"[data-left={tab}]").last).to_have_text("0")
    expect(page.get_by_role("heading", level=1)).to_have_text("0 open questions")
    answered = page.locator(".question.folded")
    expect(answered).to_have_count(2 * TICKETS)
    tallest = max(answered.evaluate_all("all => all.map((one) => one.offsetHeight)"))
    assert tallest < 2 * LINE_PIXELS, "an answered question was a box of 150 pixels"
    assert len(pressed) == 1 + 2 * TICKETS
    assert loads == [], "each answer loaded the page again"

    page.keyboard.press("u")
    expect(page.locator(".question.open")).to_have_count(1)
