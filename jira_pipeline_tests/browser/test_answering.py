"""Questions answered by people who answer many: by keys, and nothing typed is lost."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from jira_pipeline.flow import upload as uploading
from jira_pipeline.flow.open_session import open_session
from jira_pipeline.kernel.people import Role
from jira_pipeline.writing import generation
from jira_pipeline_tests.browser.served import Served
from jira_pipeline_tests.sheets.made_specifications import bundle, field, files_of

KEY = "harbour"
PHONE: ViewportSize = {"width": 390, "height": 800}
TICKETS = 10
"""Each asks two questions: one leaves two answers to choose from, one has to be typed."""


@pytest.fixture
def asking(empty_web: Served, tmp_path: Path) -> Served:
    """A session that asks twenty questions."""
    names = [f"Pier {number}" for number in range(1, TICKETS + 1)]
    sheets = {
        "bundles": [bundle(name, name.casefold().replace(" ", "_")) for name in names],
        "fields": [
            field(f"{name} (Content type)", f"field_{kind}_{number}") | cells
            for number, name in enumerate(names, start=1)
            for kind, cells in (
                ("depth", {"Field type": ""}),
                ("length", {"Form widget": "Select list"}),
            )
        ],
    }
    folder = tmp_path / "sheets"
    folder.mkdir()
    for name, content in files_of(sheets).items():
        (folder / name).write_bytes(content)
    pipeline = empty_web.web.pipeline
    uploading.upload(pipeline, folder, session_key=KEY, auto_approve=False, actor="test")
    session = open_session(pipeline, KEY)
    contents = session.contents
    generation.generate(
        session, specification=contents.specification, groups=contents.groups, run_id="r1"
    )
    return empty_web


@pytest.fixture
def page(asking: Served, browser: Browser) -> Page:
    """A browser in which a reviewer is signed in."""
    return asking.visit(browser, Role.REVIEWER)


def test_an_answer_that_was_not_sent_is_there_again(page: Page) -> None:
    """Leaving asked, and then the text was gone."""
    page.goto(f"/sessions/{KEY}/tickets/1#questions")
    page.locator(".question textarea").first.fill("Some 20 m,")
    expect(page.locator(".question .hint").first).to_contain_text("Kept as your draft.")
    page.locator(".question textarea").first.fill("Some 20 m, at low tide")
    page.goto(f"/sessions/{KEY}/tickets/2")  # within the moment that typing may pause

    page.goto(f"/sessions/{KEY}/questions?ticket=1")
    field = page.locator(".question textarea").first
    expect(field).to_have_value("Some 20 m, at low tide")
    field.press("Control+Enter")
    expect(page.locator(".question.open")).to_have_count(1)

    page.goto(f"/sessions/{KEY}/tickets/1")
    expect(page.locator("#notices")).to_have_text("")
    expect(page.get_by_text("is still a draft")).to_have_count(0)


def test_twenty_questions_take_a_key_each(page: Page) -> None:
    """They took 51 keys beside the words, and each answer had to be typed."""
    page.goto(f"/sessions/{KEY}/questions")
    expect(page.locator(".question.open")).to_have_count(2 * TICKETS)
    pressed = []

    def press(key: str) -> None:
        pressed.append(key)
        page.keyboard.press(key)

    press("e")
    for left in reversed(range(2 * TICKETS)):
        if page.evaluate("document.activeElement.matches('textarea')"):
            page.keyboard.type("Text (plain)")
            press("Control+Enter")
        else:
            press("1")
        expect(page.locator(".question.open")).to_have_count(left)
        page.wait_for_load_state()

    expect(page.locator(".empty")).to_contain_text("Everything is answered.")
    assert len(pressed) == 1 + 2 * TICKETS


def test_a_client_is_invited_answers_three_questions_and_sees_nothing_else(
    asking: Served, browser: Browser
) -> None:
    admin = asking.visit(browser, Role.ADMIN)
    admin.goto("/people")
    admin.locator("#name").fill("owner@example.org")
    admin.locator("#role").select_option("respondent")
    admin.locator("#which").select_option("chosen")
    admin.locator("#session").select_option(KEY)
    admin.get_by_role("button", name="Give access").click()
    link = str(admin.locator("code.secret").text_content())

    client = browser.new_context(base_url=asking.address, viewport=PHONE).new_page()
    client.goto(link[link.index("/sign-in") :])
    client.get_by_role("button", name="Sign in").click()
    expect(client.get_by_role("link", name="Tickets")).to_have_count(0)
    client.goto(f"/sessions/{KEY}/questions")
    for number in range(3):
        field = client.locator(".question textarea").nth(number)
        field.fill("Ask the harbour master")
        field.press("Control+Enter")
        expect(client.get_by_text("waits for a reviewer")).to_have_count(number + 1)

    session = open_session(asking.web.pipeline, KEY)
    assert len(session.proposed_answers) == 3
    for path in (f"/sessions/{KEY}/tickets", "/people", "/sandbox/", "/upload", "/dagster/"):
        answer = client.request.get(path)
        assert answer.status in (403, 404), path
