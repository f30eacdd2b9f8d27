"""Take the pictures of the README: a ticket of the demo beside its rows, and its issue."""

import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.specifications import ROOT
from jira_pipeline_tests.browser.served import CHROMIUM
from jira_pipeline_tests.end_to_end.live_dagster import free_port

PROGRAM = [sys.executable, "-c", "from jira_pipeline.cli.app import main; main()"]
SHOWN = {"review": "/sessions/demo/tickets/8", "issue": "/sandbox/browse/UHR-8"}


def main() -> None:
    """Serve a home of its own that ran the demo, and take a picture of each page."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        plain = {"HOME": folder, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "DAGSTER_HOME": folder}
        for command in (["init", folder], ["demo"]):
            subprocess.run([*PROGRAM, *command], cwd=folder, env=plain, check=True)
        address = f"http://127.0.0.1:{free_port()}"
        serve = [*PROGRAM, "serve", "--no-daemon", "--port", address.rpartition(":")[2]]
        process = subprocess.Popen(serve, cwd=folder, env=plain, stdout=subprocess.PIPE, text=True)
        try:
            browser = playwright.chromium.launch(executable_path=CHROMIUM)
            page = browser.new_page(viewport={"width": 1280, "height": 860})
            page.goto(next(iter(process.stdout or ())).strip())
            page.get_by_role("button", name="Sign in").click()
            for name, place in SHOWN.items():
                page.goto(f"{address}{place}")
                path = Path(ROOT, "docs", "pictures", f"{name}.png")
                page.screenshot(path=path)
                print(f"{path}: {path.stat().st_size / 1000:.0f} kB")
            browser.close()
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()


if __name__ == "__main__":
    main()
