"""Take the pictures of the README; or, into a folder, a gallery of every page for people to look at.

The gallery has each page with the content of the demo at two widths, light and dark. Checks find text
over text; whether a page may be shown to a client is seen.
"""

import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page, sync_playwright

from benchmarks.specifications import ROOT
from jira_pipeline_tests.browser.served import CHROMIUM
from jira_pipeline_tests.browser.test_every_page import PAGES
from jira_pipeline_tests.end_to_end.live_dagster import free_port
from jira_pipeline_tests.projects import SESSION

PROGRAM = [sys.executable, "-c", "from jira_pipeline.cli.app import main; main()"]
SHOWN = {"review": "/sessions/demo/tickets/8", "issue": "/sandbox/browse/UHR-8"}
WIDTHS = {1440: 900, 390: 844}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
TALLEST = 4_000
"""Of a picture: a list of 84 tickets shows how it goes on."""


def main() -> None:
    """Serve a home of its own that ran the demo, and take a picture of each page."""
    with opened_home(["demo"]) as (page, address):
        if sys.argv[1:]:
            take_gallery(page, address, Path(sys.argv[1]))
        for name, place in () if sys.argv[1:] else SHOWN.items():
            page.goto(f"{address}{place}")
            path = Path(ROOT, "docs", "pictures", f"{name}.png")
            page.screenshot(path=path)
            print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


@contextmanager
def opened_home(*commands: Sequence[str]) -> Iterator[tuple[Page, str]]:
    """Serve a new home in which these commands ran, with a browser signed in; and its address."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        plain = {"HOME": folder, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "DAGSTER_HOME": folder}
        plain["PYTHONPATH"] = str(ROOT)
        for command in (["init", folder], *commands):
            subprocess.run(
                [*PROGRAM, *command], cwd=folder, env=plain, check=True, stdout=subprocess.DEVNULL
            )
        address = f"http://127.0.0.1:{free_port()}"
        serve = [*PROGRAM, "serve", "--no-daemon", "--port", address.rpartition(":")[2]]
        process = subprocess.Popen(serve, cwd=folder, env=plain, stdout=subprocess.PIPE, text=True)
        try:
            browser = playwright.chromium.launch(executable_path=CHROMIUM)
            page = browser.new_page(viewport={"width": 1280, "height": 860})
            page.goto(next(iter(process.stdout or ())).strip())
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url(f"{address}/")
            yield page, address
            browser.close()
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()


def take_gallery(page: Page, address: str, folder: Path) -> None:
    """Take a picture of every page at each width, light and dark."""
    folder.mkdir(parents=True, exist_ok=True)
    page.goto(f"{address}/sessions/demo/questions")
    page.locator("details.for-client summary").click()
    page.locator("[name=made_for]").fill("Client")
    page.locator("[name=sender]").fill("Ada")
    page.get_by_role("button", name="Create link").click()
    client = page.locator("code.secret").inner_text().removeprefix(address)
    for place in (*PAGES, client):
        page.goto(f"{address}{place.replace(SESSION, 'demo')}")
        name = re.sub(r"\W+", "-", place).strip("-") or "sessions"
        name = "client" if place == client else name
        for width, height in WIDTHS.items():
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                page.set_viewport_size({"width": width, "height": height})
                tall = page.evaluate("document.documentElement.scrollHeight")
                page.set_viewport_size({"width": width, "height": min(tall, TALLEST)})
                page.screenshot(path=folder / f"{name}-{width}-{scheme}.png")
    print(f"{len(PAGES) + 1} pages in {folder}: who looks at them says so in docs/web.md")


if __name__ == "__main__":
    main()
