"""The same issues sent by other libraries: requests, rounds, CPU, and twins after a kill.

What our export made of a specification (issues, files, links) is written to a file, and each script of
`peer_scripts` sends that file to an empty sandbox, as somebody would who writes a script with that
library. All go over HTTP on this machine; an answer takes as long as `DELAY_SECONDS`, so that what
is sent at once counts as one round. Then each is killed once half of the issues are there, and run
again, ours with `jira-pipeline resume` where that is its next step.

The libraries have an environment of their own: `make .venv/.installed-peers` installs it.
"""

import asyncio
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from benchmarks.specifications import ROOT, specification_path
from jira_pipeline.context.pipeline import SystemClock
from jira_pipeline.jira.sandbox.pages import create_app
from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline_tests.end_to_end.live_dagster import write_home
from jira_pipeline_tests.jira.sandbox.served_sandboxes import serving

SCRIPTS = ROOT / "benchmarks" / "peer_scripts"
PYTHON = Path(sys.prefix) / "peers" / "bin" / "python"
INSTALL = "make .venv/.installed-peers"
DELAY_SECONDS = 0.05
PROJECT, KEY = "SBX", "peers"
OWNER = ("owner@sandbox.example", "any")
PROGRAM = Path(sys.executable).with_name("jira-pipeline")
EXPORT: Sequence[object] = (PROGRAM, "export", KEY, "--yes")
NAMES: Mapping[str, str] = {
    "pycontribs_singly": "pycontribs jira, one by one",
    "pycontribs_in_bulk": "pycontribs jira, 50 at once",
    "atlassian_python_api": "atlassian-python-api",
    "requests_with_threads": "requests, 50 at once, 8 threads",
}


@dataclass(frozen=True, slots=True)
class Answered:
    """A request, by when it came and when its answer left, in seconds."""

    began: float
    ended: float


@dataclass
class Watched:
    """A site over HTTP that notes what it is asked, and can be told when to stop its client."""

    site: ASGIApp
    answered: list[Answered] = field(default_factory=list)
    after_each: Callable[[], None] = lambda: None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, later by the delay."""
        if scope["type"] != "http":
            await self.site(scope, receive, send)
            return
        began = time.monotonic()
        await asyncio.sleep(DELAY_SECONDS)
        await self.site(scope, receive, send)
        self.answered.append(Answered(began, time.monotonic()))
        self.after_each()


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A sandbox of its own, served, with what can be asked of it."""

    address: str
    watched: Watched
    sandbox: JiraSandbox

    def titles(self) -> list[str]:
        """Return the titles of all issues, one for each issue."""
        with self.sandbox.state.reading() as rows:
            found = rows.execute("SELECT summary FROM issue ORDER BY id").fetchall()
        return [str(row[0]) for row in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What one run of a program took."""

    requests: int
    rounds: int
    cpu_seconds: float


def main() -> None:
    """Measure ours and each library, and print a table."""
    if not PYTHON.exists():
        print(f"The libraries are not installed: `{INSTALL}` makes their environment.")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        specification = specification_path()
        home = _prepared_home(folder / "home", specification)
        wanted = folder / "wanted.json"
        with _site(folder / "ours") as site:
            _point_to(home, site.address)
            ours = _run(EXPORT, site, cwd=home)
            _write_wanted(site.address, wanted)
            titles = site.titles()
        print(f"{len(titles)} issues, on {SystemClock().now():%d %B %Y}; {_versions()}")
        print(f"{'':<34} {'requests':>8} {'rounds':>7} {'CPU s':>6}  killed half-way, run again")
        _print_row("ours", ours, _ours_after_a_kill(folder, specification, titles))
        for script, title in NAMES.items():
            command = [PYTHON, SCRIPTS / f"{script}.py"]
            with _site(folder / script) as site:
                sent = _run([*command, site.address, wanted], site, cwd=folder)
                _show_equal(site.titles(), titles, title)
            with _site(folder / f"{script} killed") as site:
                _run_killed([*command, site.address, wanted], site, len(titles), cwd=folder)
                _run([*command, site.address, wanted], site, cwd=folder)
                _print_row(title, sent, _told_of(site.titles(), titles))


def rounds_of(answered: Sequence[Answered]) -> int:
    """Return the length of the longest chain of requests that each began after the one before ended."""
    rounds, ended = 0, float("-inf")
    for one in sorted(answered, key=lambda one: one.ended):
        if one.began >= ended:
            rounds += 1
            ended = one.ended
    return rounds


def _prepared_home(home: Path, specification: Path) -> Path:
    """Upload a specification, write its tickets and approve them, as commands do."""
    write_home(home, "sandbox")
    for words in (
        ["upload", specification, "--session", KEY],
        ["generate", KEY],
        ["tickets", "ready", KEY, "--all"],
    ):
        _checked([PROGRAM, *words], cwd=home)
    return home


def _point_to(home: Path, address: str) -> None:
    """Have the program take a served sandbox for its Jira."""
    settings = home / ".env"
    lines = settings.read_text(encoding="utf-8").splitlines()
    others = [line for line in lines if not line.startswith("JIRA_BASE_URL=")]
    ours = [f"JIRA_BASE_URL={address}", f"JIRA_PROJECT_KEY={PROJECT}", ""]
    settings.write_text("\n".join([*others, *ours]), encoding="utf-8")


def _ours_after_a_kill(folder: Path, specification: Path, titles: Sequence[str]) -> str:
    home = _prepared_home(folder / "home killed", specification)
    with _site(folder / "ours killed") as site:
        _point_to(home, site.address)
        _run_killed(EXPORT, site, len(titles), cwd=home)
        _checked([PROGRAM, "resume", KEY], cwd=home)
        return _told_of(site.titles(), titles)


@contextmanager
def _site(folder: Path) -> Iterator[Site]:
    folder.mkdir()
    with JiraSandbox(folder / "sandbox.sqlite", clock=SystemClock().now) as sandbox:
        sandbox.ensure_project(PROJECT)
        watched = Watched(create_app(sandbox))
        with serving(watched) as address:
            sandbox.set_base_url(address)
            yield Site(address=address, watched=watched, sandbox=sandbox)


def _run(command: Sequence[object], site: Site, *, cwd: Path) -> Sent:
    """Run a program to its end, and return what it took; the CPU of its children is counted."""
    site.watched.answered.clear()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _checked(command, cwd=cwd)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    answered = site.watched.answered
    return Sent(requests=len(answered), rounds=rounds_of(answered), cpu_seconds=cpu_seconds)


def _run_killed(command: Sequence[object], site: Site, count: int, *, cwd: Path) -> None:
    """Run a program, and kill it and all it started once half of the issues are there."""
    process = subprocess.Popen(
        [str(word) for word in command],
        cwd=cwd,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )

    def kill_half_way() -> None:
        if len(site.titles()) >= count / 2 and process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)

    site.watched.after_each = kill_half_way
    process.wait()
    site.watched.after_each = lambda: None


def _checked(command: Sequence[object], *, cwd: Path) -> None:
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")


def _write_wanted(address: str, wanted: Path) -> None:
    """Write what is on a site as a script wants it: issues with their fields and files, and links."""
    files = wanted.with_name("files")
    files.mkdir()
    asked = ["summary", "description", "issuetype", "labels", "attachment", "issuelinks"]
    with httpx.Client(base_url=f"{address}/rest/api/3", auth=OWNER, timeout=60) as client:
        found = _all_issues(client, asked)
        places = {issue["key"]: place for place, issue in enumerate(found)}
        issues = [_wanted_issue(issue, files) for issue in found]
    links = [
        {
            "type": link["type"]["name"],
            "inward": places[issue["key"]],
            "outward": places[link["outwardIssue"]["key"]],
        }
        for issue in found
        for link in issue["fields"]["issuelinks"]
        if "outwardIssue" in link
    ]
    wanted.write_text(json.dumps({"issues": issues, "links": links}), encoding="utf-8")


def _all_issues(client: httpx.Client, fields: Sequence[str]) -> list[dict[str, Any]]:
    jql = f"project = {PROJECT} ORDER BY key"
    question: dict[str, object] = {"jql": jql, "fields": fields, "maxResults": 100}
    found: list[dict[str, Any]] = []
    while True:
        page = client.post("/search/jql", json=question).raise_for_status().json()
        found += page["issues"]
        if "nextPageToken" not in page:
            return found
        question["nextPageToken"] = page["nextPageToken"]


def _wanted_issue(issue: Mapping[str, Any], files: Path) -> Mapping[str, object]:
    """Return an issue as a script wants it; its files are as long as on the site, and say nothing."""
    fields = issue["fields"]
    paths = []
    for attachment in fields["attachment"]:
        path = files / f"{attachment['id']} {attachment['filename']}"
        path.write_bytes(b"-" * attachment["size"])
        paths.append(str(path))
    return {
        "fields": {
            "project": {"key": PROJECT},
            "summary": fields["summary"],
            "description": fields["description"],
            "issuetype": {"name": fields["issuetype"]["name"]},
            "labels": fields["labels"],
        },
        "files": paths,
    }


def _show_equal(found: Sequence[str], titles: Sequence[str], name: str) -> None:
    if sorted(found) != sorted(titles):
        sys.exit(f"{name} did not send what ours sent: {_told_of(found, titles)}")


def _told_of(found: Sequence[str], titles: Sequence[str]) -> str:
    """Return how many issues are there twice, and how many are not there."""
    twins = len(found) - len(set(found))
    missing = len(set(titles) - set(found))
    return f"{twins} twins" + (f", {missing} missing" if missing else "")


def _print_row(name: str, sent: Sent, after_a_kill: str) -> None:
    print(
        f"{name:<34} {sent.requests:>8} {sent.rounds:>7} {sent.cpu_seconds:>6.2f}  {after_a_kill}",
        flush=True,
    )


def _versions() -> str:
    lock = (SCRIPTS / "requirements.lock").read_text(encoding="utf-8").splitlines()
    wanted = (SCRIPTS / "requirements.txt").read_text(encoding="utf-8").split()
    return ", ".join(line for line in lock if line.partition("==")[0] in wanted)
