"""A browser, and projects that are served to it; skipped with a reason where there is none.

The room is one group of xdist with one browser, which ends with the room: between its calls
Playwright's loop counts as running, and the loop of a Dagster run in this thread could not end. So
projects are made before it, too.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from jira_pipeline.model.people import Role
from jira_pipeline_tests import projects
from jira_pipeline_tests.browser.fonts import FONTS, environment_with, is_installed
from jira_pipeline_tests.browser.served import CHROMIUM, Served, served_for_a_module
from jira_pipeline_tests.conftest import MakeOnce
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.web.hostile_sheets import PAYLOADS, spoil

HERE = Path(__file__).parent
OPENED = ExitStack()
BROWSERS_BY_FONT: dict[str, Browser] = {}
PROJECTS = ("small_reviewed_project", "reviewed_project", "exported_project", "hostile_project")


@pytest.fixture(scope="session")
def browser(request: pytest.FixtureRequest) -> Browser:
    """The Chromium of this system, without a window."""
    if not CHROMIUM.exists():
        pytest.skip(f"there is no {CHROMIUM}")
    for name in PROJECTS:
        request.getfixturevalue(name)
    playwright = OPENED.enter_context(sync_playwright())
    browser = playwright.chromium.launch(executable_path=CHROMIUM)
    OPENED.callback(browser.close)
    return browser


@pytest.fixture(scope="session")
def browsers_by_font(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, Browser]:
    """A Chromium for each of the fonts that this machine has, with that font as its system font."""
    for font in filter(is_installed, FONTS):
        environment = environment_with(font, tmp_path_factory.mktemp("font"))
        BROWSERS_BY_FONT[font] = browser.browser_type.launch(
            executable_path=CHROMIUM, env=environment
        )
        OPENED.callback(BROWSERS_BY_FONT[font].close)
    # A machine with none of them has a font all the same.
    return BROWSERS_BY_FONT or {FONTS[0]: browser}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> Iterator[None]:
    yield
    if nextitem is None or HERE not in nextitem.path.parents:
        OPENED.close()


@pytest.fixture(autouse=True)
def _pages_end_with_their_test(browser: Browser) -> Iterator[None]:
    """Close what a test opened: an open page goes on asking the server."""
    yield
    for opened in (browser, *BROWSERS_BY_FONT.values()):
        for context in opened.contexts:
            context.close()


@pytest.fixture(scope="session")
def hostile_project(empty_project: Path, make_once: MakeOnce) -> Path:
    """A project whose sheets hold each hostile text, its tickets written."""

    def make(folder: Path) -> None:
        sheets = projects.copy_small_sheets(folder / SESSION)
        assert spoil(sheets) > len(PAYLOADS)
        projects.make_reviewed(empty_project, sheets, folder)

    return make_once("hostile", make) / "project"


reviewed_web = served_for_a_module("reviewed_project")
exported_web = served_for_a_module("exported_project")


@pytest.fixture
def page(reviewed_web: Served, browser: Browser) -> Page:
    """A browser in which a reviewer is signed in."""
    return reviewed_web.visit(browser, Role.REVIEWER)
