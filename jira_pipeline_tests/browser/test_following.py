"""A page follows what is at work: told over a WebSocket, by asking where there is none."""

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from jira_pipeline.model.people import Role
from jira_pipeline.model.sessions import SessionStage, SessionStatus
from jira_pipeline.web.context import Web
from jira_pipeline_tests.browser.served import Served
from jira_pipeline_tests.projects import SESSION, show_run

PAGE = f"/sessions/{SESSION}/export"


@pytest.fixture
def exporting_web(exported_web: Served) -> Served:
    """A session whose export is at work, as the store says it."""
    show_run(exported_web.web.pipeline, SessionStatus.RUNNING, run_id="r1")
    set_progress(exported_web.web, 1)
    return exported_web


def end(web: Web) -> None:
    done = SessionStage.COMPLETED
    show_run(web.pipeline, SessionStatus.COMPLETED, stage=done, run_id="r1")


def set_progress(web: Web, number: int) -> None:
    web.pipeline.store.sessions.set_progress(
        SESSION,
        percentage=float(number),
        text=f"Creating ticket {number} of 24",
        at=web.pipeline.clock.now(),
    )


def questions_of(page: Page) -> list[str]:
    asked: list[str] = []
    page.on(
        "request", lambda one: asked.append(one.url) if one.url.endswith("/export/live") else None
    )
    return asked


def test_a_page_shows_what_happens_without_asking(exporting_web: Served, browser: Browser) -> None:
    page = exporting_web.visit(browser, Role.READER)
    asked = questions_of(page)

    page.goto(PAGE)
    for number in (2, 3):
        set_progress(exporting_web.web, number)
        expect(page.locator("#live")).to_contain_text(f"Creating ticket {number} of 24")
    end(exporting_web.web)

    expect(page.locator("#live")).to_contain_text("24 issues in Jira")
    assert asked == []


def test_a_page_without_a_websocket_asks(exporting_web: Served, browser: Browser) -> None:
    """Such as behind a proxy that does not pass them on."""
    page = exporting_web.visit(browser, Role.READER)
    page.route_web_socket("**/live", lambda socket: socket.close())
    asked = questions_of(page)

    page.goto(PAGE)
    set_progress(exporting_web.web, 2)

    expect(page.locator("#live")).to_contain_text("Creating ticket 2 of 24")
    assert asked


def test_who_is_on_cancel_stays_there(exporting_web: Served, browser: Browser) -> None:
    """What is told takes the place of what was shown, buttons with it."""
    page = exporting_web.visit(browser, Role.EXPORTER)
    page.goto(f"/sessions/{SESSION}")
    cancel = page.locator("#live").get_by_role("button", name="Cancel")
    cancel.focus()

    set_progress(exporting_web.web, 2)
    expect(page.locator("#live")).to_contain_text("Creating ticket 2 of 24")

    expect(cancel).to_be_focused()


def test_cancel_is_sent_though_what_is_told_took_its_place(
    exporting_web: Served, browser: Browser
) -> None:
    """Who had said “Stop it” saw the work go on."""
    page = exporting_web.visit(browser, Role.EXPORTER)
    page.goto(f"/sessions/{SESSION}")
    page.wait_for_load_state()
    # What is told first takes the place of the button, too, and must not do so during the click.
    set_progress(exporting_web.web, 3)
    expect(page.locator("#live")).to_contain_text("Creating ticket 3 of 24")
    held = list[Route]()
    page.route("**/away.js*", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks it
    page.route("**/stop", lambda route: route.fulfill(body="stopped"))
    page.on("dialog", lambda dialog: dialog.accept())
    with page.expect_request("**/away.js*"):
        page.locator("#live").get_by_role("button", name="Cancel").click()
    set_progress(exporting_web.web, 2)
    expect(page.locator("#live")).to_contain_text("Creating ticket 2 of 24")

    with page.expect_request("**/stop") as sent:
        held[0].continue_()

    assert sent.value.method == "POST"


def test_a_page_that_lost_the_network_says_so_and_shows_the_end_once_it_is_back(
    exporting_web: Served, browser: Browser
) -> None:
    page = exporting_web.visit(browser, Role.READER)
    page.goto(PAGE)
    expect(page.locator("#live")).to_contain_text("Creating ticket 1 of 24")

    page.context.set_offline(True)
    expect(page.get_by_text("The server cannot be reached")).to_be_visible()
    end(exporting_web.web)
    page.context.set_offline(False)

    expect(page.locator("#live")).to_contain_text("24 issues in Jira")
