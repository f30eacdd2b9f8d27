"""A newcomer's session from the built wheel, in a new environment, without any checkout.

The environment gets the wheel by pip, and what the wheel needs by a path to the packages of this
project's own environment: installing them again would take minutes.
"""

import json
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Response, sync_playwright

from jira_pipeline_tests.browser.served import CHROMIUM
from jira_pipeline_tests.end_to_end.live_dagster import free_port
from jira_pipeline_tests.end_to_end.processes import wait_until
from jira_pipeline_tests.projects import CHECKOUT, EXAMPLE, EXAMPLE_TICKETS

pytestmark = pytest.mark.xdist_group("installed")
ANSWERS = 10
FORKING = """
import json, os, sys, tempfile
from jira_pipeline.cli.app import main
from jira_pipeline.defs import build
for line in sys.stdin:
    with tempfile.TemporaryFile("w+", encoding="utf-8") as answer:
        child = os.fork()
        if not child:
            os.dup2(answer.fileno(), sys.stdout.fileno())
            sys.argv = ["jira-pipeline", *json.loads(line)]
            sys.exit(main())
        _, status = os.waitpid(child, 0)
        answer.seek(0)
        print(json.dumps([status, answer.read()]), flush=True)
"""
"""Runs the command of each line in a child that has Dagster imported, and tells how it ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """Somebody with a folder of their own, a program from the wheel, and nothing else."""

    folder: Path
    program: Path

    @property
    def home(self) -> Path:
        """Where the one home of the account is made."""
        return self.folder / "jira_pipeline"

    @property
    def environment(self) -> dict[str, str]:
        """Nothing is set."""
        return {"HOME": str(self.folder), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}

    def run(self, *words: object) -> "subprocess.CompletedProcess[str]":
        """Run a command in a folder of its own, without a setting."""
        return subprocess.run(
            [str(self.program), *map(str, words)],
            cwd=self.folder / "work",
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def done(self, *words: object) -> str:
        """Run a command that must succeed; return what it answers."""
        ended = self.run(*words)
        assert ended.returncode == 0, f"{words}: {ended.stdout[-2000:]} {ended.stderr[-2000:]}"
        return ended.stdout

    @contextmanager
    def forking(self) -> Iterator[Callable[..., str]]:
        """Give a way to do the same that spares each command the start of the program."""
        with subprocess.Popen(
            [str(self.program.with_name("python")), "-c", FORKING],
            cwd=self.folder / "work",
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as server:
            assert server.stdin is not None
            assert server.stdout is not None
            commands, answers = server.stdin, server.stdout

            def done(*words: str) -> str:
                commands.write(f"{json.dumps(words)}\n")
                commands.flush()
                status, answer = json.loads(answers.readline())
                assert status == 0, f"{words}: {answer[-2000:]}"
                return str(answer)

            yield done


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Newcomer:
    """Build the wheel and install it into a new environment."""
    folder = tmp_path_factory.mktemp("newcomer")
    environment = folder / "environment"

    def start(*words: object) -> None:
        subprocess.run([sys.executable, *map(str, words)], cwd=CHECKOUT, check=True)

    start("-m", "hatchling", "build", "--target", "wheel", "--directory", folder / "wheels")
    start("-m", "venv", "--without-pip", environment)
    (wheel,) = (folder / "wheels").glob("*.whl")
    offline = ("--quiet", "--no-deps", "--no-index", "--no-compile", "--no-warn-script-location")
    start(
        *("-m", "pip", "--python", environment / "bin" / "python", "--disable-pip-version-check"),
        *("install", *offline, wheel),
    )
    (packages,) = environment.glob("lib/python*/site-packages")
    shared = sysconfig.get_path("purelib")  # its own .pth files, such as this project's, do nothing
    (packages / "what_the_wheel_needs.pth").write_text(f"{shared}\n", encoding="utf-8")
    (folder / "work").mkdir()
    return Newcomer(folder=folder, program=environment / "bin" / "jira-pipeline")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What a session left, from the first command to the issues."""

    refused: "subprocess.CompletedProcess[str]"
    linted: Any
    before: tuple[str, ...]
    """What the newcomer's folders held before the demo."""
    demo: str
    answered: int
    results: Any


@pytest.fixture(scope="module")
def finished(newcomer: Newcomer) -> Finished:
    """Go from nothing to issues: look around, demo, own sheets, a review, an export."""
    refused = newcomer.run("sessions")
    sheets = newcomer.folder / "work" / "my_site"
    shutil.copytree(EXAMPLE, sheets, ignore=shutil.ignore_patterns("session.yaml"))
    linted = json.loads(newcomer.done("lint", "my_site", "--json"))
    before = tuple(path.name for path in newcomer.folder.iterdir())

    demo = newcomer.done("demo")

    with newcomer.forking() as done:
        done("upload", "my_site")
        done("generate", "my_site")
        questions = json.loads(done("questions", "my_site", "--json"))
        numbers = [f"{q['ticket_number']}.{q['number']}" for q in questions][:ANSWERS]
        answers = [
            word for number in numbers for word in ("--answer", number, f"Decided for {number}.")
        ]
        done("questions", "my_site", *answers)
        kept = json.loads(done("questions", "my_site", "--json"))
        done("validate", "my_site")
        done("tickets", "ready", "my_site", "--all")
        results = json.loads(done("export", "my_site", "--yes", "--json"))
    return Finished(
        refused=refused,
        linted=linted,
        before=before,
        demo=demo,
        answered=sum((q["answer"] or "").startswith("Decided for ") for q in kept),
        results=results,
    )


def test_a_command_without_a_home_says_where_it_looked_and_makes_none(
    newcomer: Newcomer, finished: Finished
) -> None:
    message = " ".join(finished.refused.stderr.split())

    assert finished.refused.returncode == 1
    assert "There is no data folder: DAGSTER_HOME is not set" in message
    assert str(newcomer.home) in "".join(message.split())
    assert "`jira-pipeline init` makes one" in message
    assert sorted(finished.before) == ["environment", "wheels", "work"]


def test_sheets_are_linted_without_a_home(finished: Finished) -> None:
    assert len(finished.linted["files"]) == 11
    assert finished.linted["questions"]


def test_the_demo_makes_the_one_home_of_the_account(newcomer: Newcomer, finished: Finished) -> None:
    """The example and what a home is made of come with the wheel."""
    data = newcomer.home / ".jira_pipeline"
    modes = [path.stat().st_mode & 0o777 for path in (newcomer.home, newcomer.home / ".env", data)]

    assert f"Data folder: {newcomer.home}" in finished.demo
    assert f"{EXAMPLE_TICKETS} issues and" in finished.demo
    assert "jira-pipeline sandbox serve" in finished.demo
    assert modes == [0o700, 0o600, 0o700]
    assert f"\nDAGSTER_HOME={newcomer.home}\n" in (newcomer.home / ".env").read_text("utf-8")
    for name in ("dagster.yaml", "workspace.yaml"):
        assert (newcomer.home / name).read_bytes() == (CHECKOUT / name).read_bytes()


def test_own_sheets_become_issues_after_a_review(newcomer: Newcomer, finished: Finished) -> None:
    assert finished.results["total_tickets_created"] == EXAMPLE_TICKETS
    assert finished.answered >= 1
    assert [path.name for path in (newcomer.folder / "work").iterdir()] == ["my_site"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """The installed program at work."""

    address: str
    secret: str
    """Of the link that it printed."""


@pytest.fixture(scope="module")
def serving(newcomer: Newcomer, finished: Finished) -> Iterator[Serving]:
    """Serve what the newcomer made; Ctrl-C ends it at the end, also while Dagster starts."""
    assert finished.demo
    port = free_port()
    with (newcomer.folder / "served").open("w+", encoding="utf-8") as log:
        process = subprocess.Popen(
            [str(newcomer.program), "serve", "--port", str(port)],
            cwd=newcomer.folder / "work",
            env=newcomer.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            wait_until(process, lambda: "?link=" in Path(log.name).read_text("utf-8"))
            secret = Path(log.name).read_text("utf-8").split("?link=")[1].split()[0]
            yield Serving(address=f"http://127.0.0.1:{port}", secret=secret)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()
    assert process.returncode == 0


def test_the_review_is_served_with_its_styles(serving: Serving) -> None:
    """Templates, styles and scripts come with the wheel."""
    with httpx.Client(base_url=serving.address, timeout=None) as browser:
        browser.post("/sign-in", data={"link": serving.secret})
        page = browser.get("/")
        addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
        found = {address: browser.get(address).status_code for address in addresses}

    assert "my_site" in page.text
    assert len(found) >= 2
    assert set(found.values()) == {200}


def test_a_browser_asks_no_other_host(newcomer: Newcomer, serving: Serving) -> None:
    """Fonts, icons and the documentation of the API, too."""
    if not CHROMIUM.exists():
        pytest.skip(f"there is no {CHROMIUM}")
    link = newcomer.done("people", "add", "anna", "--role", "admin")
    here = f"{serving.address}/sessions/my_site"
    asked: dict[str, int] = {}

    def note(answer: Response) -> None:
        asked[answer.url] = answer.status

    with sync_playwright() as playwright:
        page = playwright.chromium.launch(executable_path=CHROMIUM).new_page()
        page.set_default_timeout(0)
        page.on("response", note)
        page.on("requestfailed", lambda request: asked.update({request.url: 0}))
        page.goto(f"{serving.address}/sign-in?link={link.split('?link=')[1].split()[0]}")
        page.get_by_role("button", name="Sign in").click()
        for address in (here, f"{here}/tickets/7?edit=1", f"{here}/graph", f"{here}/export"):
            page.goto(address)
        page.goto(f"{serving.address}/api/docs")
        page.locator(".opblock").first.wait_for()
        page.wait_for_load_state("networkidle")

    assert {f"{url.scheme}://{url.netloc}" for url in map(urlsplit, asked)} == {serving.address}
    assert {url: status for url, status in asked.items() if not 200 <= status < 400} == {}


def test_ten_answers_in_one_command_are_all_kept(finished: Finished) -> None:
    assert finished.answered == ANSWERS
