"""Every page in a browser: accessible by axe-core, light and dark; no wider than a narrow screen."""

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from jira_pipeline.domain.people import Role
from jira_pipeline.sessions.drafts import keep_drafts, save_draft
from jira_pipeline.sessions.open_session import open_session
from jira_pipeline.sessions.sharedo_upload import receive_comparison
from jira_pipeline.sharedo_sandbox.environments import sandbox_environments
from jira_pipeline.sharedo_sandbox.packages import build_package
from jira_pipeline_tests.browser.served import Served, served_project
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.web.browsers import NAMES

HERE = f"/sessions/{SESSION}"
PAGES = [
    "/",
    "/upload",
    "/sharedo?check=1",
    HERE,
    f"{HERE}/graph",
    f"{HERE}/findings",
    f"{HERE}/tickets",
    f"{HERE}/tickets/7?edit=1",
    f"{HERE}/tickets/16",
    f"{HERE}/tickets/7/text",
    f"{HERE}/tickets/7/quality",
    f"{HERE}/questions?only=all",
    f"{HERE}/export",
    f"{HERE}/results?undo=1",
    "/sandbox/browse/UHR-9",
    "/sandbox/projects/UHR",
    "/sessions/nowhere",
    "/sign-in?link=x",
]
GRAVE = {"serious", "critical"}
NARROW_PIXELS = (360, 390)
WIDEST = """Math.max(
  document.documentElement.scrollWidth,
  ...[...document.querySelectorAll(".scroll")].map((box) => box.scrollWidth),
)"""
"""Of a page and its lists: what a finding asks to do was to be scrolled to, out of sight."""


@pytest.fixture(scope="module")
def exported_web(
    browser: Browser, exported_project: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """An exported session that is served; two texts of ticket 16 are to be decided about."""
    assert browser.is_connected()
    project = tmp_path_factory.mktemp("exported_web") / "project"
    shutil.copytree(exported_project, project)
    with served_project(project) as served:
        session = open_session(served.web.pipeline, SESSION)
        ticket_id = served.web.pipeline.store.tickets.get(SESSION, 16).ticket_id
        for role in (Role.ADMIN, Role.REVIEWER):
            save_draft(
                session,
                ticket_id,
                "notes",
                text=f"Of the {role.value}",
                base_revision=1,
                known_hash="",
                by=NAMES[role],
            )
        keep_drafts(session, ticket_id, by=NAMES[Role.REVIEWER])
        yield served


@pytest.fixture(scope="module", params=["light", "dark"])
def page(request: pytest.FixtureRequest, exported_web: Served, browser: Browser) -> Page:
    """A browser in which somebody who sees everything is signed in."""
    return exported_web.visit(browser, Role.ADMIN, color_scheme=request.param)


@pytest.mark.parametrize("address", PAGES)
def test_axe_finds_nothing_grave(page: Page, address: str) -> None:
    page.goto(address)

    assert not grave_violations(page)


def test_axe_finds_nothing_grave_in_a_comparison(page: Page, exported_web: Served) -> None:
    first, second = (
        [("matter.zip", io.BytesIO(build_package(environment, ["sharedo-type:matter"])))]
        for environment in sandbox_environments().values()
    )
    received = receive_comparison(
        exported_web.web.pipeline, first, second, names=("development", "test"), by="test"
    )

    page.goto(f"/sharedo/comparisons/{received.upload_id}")

    assert page.get_by_role("button", name="Make migration tickets").is_visible()
    assert not grave_violations(page)


def grave_violations(page: Page) -> list[tuple[str, str, str]]:
    """What axe-core finds on the page that is open and holds somebody up."""
    return [
        (one["id"], node["html"][:200], node["failureSummary"])
        for one in Axe().run(page).response["violations"]
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("width", NARROW_PIXELS)
def test_no_page_or_list_is_wider_than_a_narrow_screen(
    exported_web: Served, browser: Browser, width: int
) -> None:
    page = exported_web.visit(browser, Role.ADMIN, viewport={"width": width, "height": 800})
    wide = {}
    for address in PAGES:
        page.goto(address)
        shown = page.evaluate(WIDEST)
        if shown > width:
            wide[address] = shown

    assert wide == {}


def test_no_page_complains_in_the_console(exported_web: Served, browser: Browser) -> None:
    """A refused style or a script that fails is said there, and nowhere else."""
    page = exported_web.visit(browser, Role.ADMIN)
    messages: list[str] = []
    page.on("console", lambda message: messages.append(f"{page.url}: {message.text}"))
    page.on("pageerror", lambda error: messages.append(f"{page.url}: {error}"))

    for address in PAGES:
        page.goto(address)

    assert [one for one in messages if "404" not in one] == []
