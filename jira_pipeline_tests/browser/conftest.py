"""A browser, and a project that is served to it; skipped with a reason where there is none."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from jira_pipeline_tests.browser.served import CHROMIUM, Served, served_project


@pytest.fixture(scope="module")
def browser(empty_project: Path, exported_project: Path) -> Iterator[Browser]:
    """The Chromium of this system, without a window.

    Projects are made before it: between its calls Playwright's loop counts as running, and the
    loop of a Dagster run in this thread could not end.
    """
    assert empty_project != exported_project
    if not CHROMIUM.exists():
        pytest.skip(f"there is no {CHROMIUM}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def empty_web(browser: Browser, empty_project: Path, tmp_path: Path) -> Iterator[Served]:
    """An empty project that is served; its exports take half a second an issue."""
    assert browser.is_connected()
    project = tmp_path / "project"
    shutil.copytree(empty_project, project)
    (project / ".env").write_text("JIRA_CREATE_DELAY_SECONDS=0.5\n", encoding="utf-8")
    with served_project(project) as served:
        yield served


@pytest.fixture(scope="module")
def reviewed_web(
    browser: Browser, reviewed_project: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """A session with written tickets that is served."""
    assert browser.is_connected()
    project = tmp_path_factory.mktemp("reviewed_web") / "project"
    shutil.copytree(reviewed_project, project)
    with served_project(project) as served:
        yield served
