"""From a built wheel to the example's review in a browser: what a newcomer waits for.

A new environment in an empty folder outside any checkout gets the wheel and everything it needs by
`pip install`, from wherever this machine's pip takes packages. Then `jira-pipeline demo`,
`jira-pipeline serve`, and Chromium opens the printed link, the session and its pages. Building the
wheel and making the environment are not counted. Every request of the browser is recorded, so that
one to another host shows.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, sync_playwright

from benchmarks.specifications import ROOT
from jira_pipeline_tests.browser.served import CHROMIUM
from jira_pipeline_tests.end_to_end.live_dagster import free_port
from jira_pipeline_tests.end_to_end.processes import wait_until

GOAL_SECONDS = 120
SESSION = "demo"
HERE = f"/sessions/{SESSION}"
OTHER_PAGES = (
    "/",
    "/upload",
    f"{HERE}/graph",
    f"{HERE}/findings",
    f"{HERE}/tickets",
    f"{HERE}/tickets/7?edit=1",
    f"{HERE}/questions",
    f"{HERE}/export",
    f"{HERE}/results",
)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        newcomer = Path(folder) / "newcomer"
        newcomer.mkdir()
        wheels = Path(folder) / "wheels"
        build = ("-m", "hatchling", "build", "--target", "wheel", "--directory", str(wheels))
        subprocess.run([sys.executable, *build], cwd=ROOT, check=True, capture_output=True)
        (wheel,) = wheels.glob("*.whl")
        print(f"{wheel.name}, {wheel.stat().st_size / 1000:,.0f} kB")
        _first_look(newcomer, wheel)


def _first_look(newcomer: Path, wheel: Path) -> None:
    programs = newcomer / "environment" / "bin"
    plain = {"HOME": str(newcomer), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    subprocess.run([sys.executable, "-m", "venv", str(programs.parent)], cwd=newcomer, check=True)
    began = time.monotonic()
    spent = 0.0

    def report(what: str) -> None:
        nonlocal spent
        now = time.monotonic() - began
        print(f"  {what:<46} {now - spent:6.1f} s", flush=True)
        spent = now

    install = [str(programs / "pip"), "install", "-qq", str(wheel)]
    subprocess.run(install, cwd=newcomer, check=True, env=dict(os.environ))  # noqa: TID251 - where pip finds packages
    report("pip install of the wheel and what it needs")
    demo = [str(programs / "jira-pipeline"), "demo"]
    subprocess.run(demo, cwd=newcomer, check=True, env=plain, stdout=subprocess.DEVNULL)
    report("jira-pipeline demo")

    port = free_port()
    with (newcomer / "served").open("w+", encoding="utf-8") as log:
        serve = [str(programs / "jira-pipeline"), "serve", "--port", str(port)]
        process = subprocess.Popen(
            serve, cwd=newcomer, env=plain, stdout=log, stderr=subprocess.STDOUT, text=True
        )
        try:
            wait_until(process, lambda: "?link=" in Path(log.name).read_text("utf-8"))
            report("jira-pipeline serve, until its link is printed")
            link = next(w for w in Path(log.name).read_text("utf-8").split() if "?link=" in w)
            with sync_playwright() as playwright:
                page = playwright.chromium.launch(executable_path=CHROMIUM).new_page()
                asked = _asked_by(page)
                page.goto(link)
                page.get_by_role("button", name="Sign in").click()
                page.goto(f"http://127.0.0.1:{port}{HERE}")
                page.get_by_role("heading", level=1).wait_for()
                report("the browser starts and shows the review")
                verdict = "" if spent <= GOAL_SECONDS else f"  (over {GOAL_SECONDS} s)"
                print(f"  {'all of it':<46} {spent:6.1f} s{verdict}")
                for address in OTHER_PAGES:
                    page.goto(f"http://127.0.0.1:{port}{address}", wait_until="networkidle")
                page.context.browser.close()  # type: ignore[union-attr] # it was launched above
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()
    _print_requests(asked, f"127.0.0.1:{port}")


def _asked_by(page: Page) -> list[tuple[str, int]]:
    """Record address and status of every request; 0 where no answer came."""
    asked: list[tuple[str, int]] = []
    page.on("response", lambda answer: asked.append((answer.url, answer.status)))
    page.on("requestfailed", lambda request: asked.append((request.url, 0)))
    return asked


def _print_requests(asked: list[tuple[str, int]], ours: str) -> None:
    hosts = Counter(urlsplit(address).netloc or address[:20] for address, _ in asked)
    others = hosts.total() - hosts[ours]
    refused = [address for address, status in asked if not 200 <= status < 400]  # noqa: PLR2004 - HTTP
    print(f"  {hosts.total()} requests of {len(OTHER_PAGES) + 2} pages, {others} to other hosts")
    for line in [*(h for h in hosts if h != ours), *refused]:
        print(f"    {line}")


if __name__ == "__main__":
    main()
