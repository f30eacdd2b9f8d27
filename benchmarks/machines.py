"""Sessions over several machines, of which one is killed every few seconds: each ticket one issue?

Each machine is a `work` process with a home of its own; beside them are one or two `serve`, which get
the sessions in their inboxes, and a sandbox that they reach as a real Jira. They share PostgreSQL
alone. One machine after the other is killed with all it started, and starts again; one is added, one
drains, and with two `serve` the one that runs the daemon is killed. The verdict is read from the
journal of the sandbox.

With `--launcher kubernetes --machines 0` runs are pods of an emulated cluster instead: in turn one pod is
killed, and all are lost with their jobs.

It ends with 1 where a ticket has no issue, or two. Options: `--help` of `python -m
benchmarks.machines`. JIRA_PIPELINE_TEST_POSTGRES_URL names a server (`deploy/with_postgres`).
"""

import argparse
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import yaml

from benchmarks.specifications import number
from jira_pipeline.jira_sandbox.sandbox import JiraSandbox
from jira_pipeline.kernel.sessions import SessionStage
from jira_pipeline.store.engine import open_store
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.open_stores import empty_database
from jira_pipeline_tests.end_to_end.emulated_cluster import Cluster, emulated_cluster, on_cluster
from jira_pipeline_tests.end_to_end.live_dagster import free_port
from jira_pipeline_tests.end_to_end.processes import children_of, start
from jira_pipeline_tests.projects import CHECKOUT, DEPLOYED, EXAMPLE

PROJECT_KEY = "MANY"
LOOK_SECONDS = 1.0
SAY_SECONDS = 15.0
CREATED = """
SELECT (SELECT group_concat(label) FROM issue_label WHERE issue_id = change.issue_id) AS labels,
  json_extract(detail, '$.summary') AS summary
FROM journal_change AS change WHERE change = 'issue_created'
"""


def main() -> int:
    """Run it; return 1 where a ticket has no issue, or two, or a session was not done."""
    chosen = _arguments()
    signal.signal(signal.SIGTERM, _stop)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="machines-")))
        urls = [stack.enter_context(empty_database()) for _ in range(2)]
        show = Show(chosen=chosen, folder=folder, urls=(urls[0], urls[1]), stack=stack)
        stack.callback(show.end)
        return show.run()


def _stop(*_: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # what was started is ended once, and wholly
    sys.exit("stopped")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.machines")
    parser.add_argument("--sessions", type=int, default=3, help="how many sessions")
    parser.add_argument("--machines", type=int, default=2, help="how many at first")
    parser.add_argument("--serves", type=int, default=1, choices=(1, 2), help="how many serve")
    parser.add_argument(
        "--projects", type=int, default=2, help="of Jira; exports to one take turns"
    )
    parser.add_argument("--capacity", type=int, default=2, help="runs that a machine takes at once")
    parser.add_argument("--kill-every", type=float, default=20.0, help="seconds; 0: kill none")
    parser.add_argument("--sheets", type=Path, default=EXAMPLE, help="folder of each session")
    parser.add_argument("--minutes", type=float, default=30.0, help="the most it may take")
    parser.add_argument("--seed", type=int, default=1, help="of the order in which they are killed")
    parser.add_argument(
        "--launcher", default="machines", choices=("machines", "kubernetes"), help="of runs"
    )
    parser.add_argument("--keep", type=Path, help="folder to which homes and logs are copied")
    return parser.parse_args()


@dataclass(kw_only=True)
class Show:
    """What is there, and what was done to it."""

    chosen: argparse.Namespace
    folder: Path
    urls: tuple[str, str]
    stack: ExitStack
    programs: dict[str, "subprocess.Popen[str]"] = field(default_factory=dict)
    """By the name of their homes."""
    killed: list[str] = field(default_factory=list)
    drained: "subprocess.Popen[str] | None" = None
    cluster: Cluster | None = None
    dagster_yaml: bytes = field(default_factory=DEPLOYED.read_bytes)
    began_at: float = field(default_factory=time.monotonic)

    def run(self) -> int:
        """Have every session exported, and judge."""
        site = self.folder / "site.sqlite"
        with JiraSandbox(site, clock=lambda: datetime.now(UTC)) as sandbox:  # noqa: TID251 - a site has a clock
            for at in range(self.chosen.projects):
                sandbox.ensure_project(f"{PROJECT_KEY}{at}")
        port = free_port()
        self._start("site", "sandbox", "serve", "--file", site, "--port", port)
        os.environ |= self._settings(port)  # noqa: TID251 - for child processes
        if self.chosen.launcher == "kubernetes":
            names = list(self._settings(port))
            self.cluster, kubeconfig = self.stack.enter_context(
                emulated_cluster(self.folder, DEPLOYED.read_bytes())
            )
            self.dagster_yaml = on_cluster(DEPLOYED.read_bytes(), kubeconfig, names)
        for name in [f"serve{at}" for at in range(self.chosen.serves)]:
            self._start(name, "serve", "--port", free_port())
            self._wait_for_link(name)
        for at in range(self.chosen.machines):
            self._join(f"machine{at}")
        with open_store(self.urls[0], lock_path=self.folder / "store.lock") as store:
            self._wait(lambda: len(_taking(store)) == self.chosen.machines, "all machines")
            self.began_at = time.monotonic()
            for copy in range(self.chosen.sessions):
                self._arrive(copy)
            self._disturb(store)
            return self._judge(store, site)

    def _settings(self, port: int) -> Mapping[str, str]:
        return {
            "JIRA_PIPELINE_DATABASE_URL": self.urls[0],
            "DAGSTER_POSTGRES_URL": self.urls[1],
            "JIRA_BASE_URL": f"http://127.0.0.1:{port}",
            "JIRA_EMAIL": "owner@sandbox.example",
            "JIRA_API_TOKEN": "any",
            "JIRA_SETTLE_HORIZON_SECONDS": "1",
            "UPLOAD_SETTLE_SECONDS": "2",
        }

    def _start(self, name: str, *command: object) -> None:
        home = self.folder / name
        if not home.exists():
            home.mkdir()
            (home / "dagster.yaml").write_bytes(self.dagster_yaml)
            shutil.copy(CHECKOUT / "workspace.yaml", home)
        with (home / "log").open("a", encoding="utf-8") as log:
            self.programs[name] = start(home, "jira-pipeline", *command, output_to=log)

    def _join(self, name: str) -> None:
        listen = f"127.0.0.1:{free_port()}"
        self._start(name, "work", "--listen", listen, "--capacity", self.chosen.capacity)

    def _wait_for_link(self, name: str) -> None:
        log = self.folder / name / "log"
        self._wait(lambda: "/sign-in?link=" in log.read_text(encoding="utf-8"), name)

    def _wait(self, is_there: Callable[[], bool], what: str) -> None:
        while not is_there():
            self._check(what)
            time.sleep(LOOK_SECONDS)

    def _check(self, what: str) -> None:
        for name, program in self.programs.items():
            if program.poll() is not None:
                log = (self.folder / name / "log").read_text(encoding="utf-8")
                sys.exit(f"{name} ended while waiting for {what}:\n{log[-3000:]}")
        if time.monotonic() - self.began_at > self.chosen.minutes * 60:
            sys.exit(f"Waited {self.chosen.minutes:g} minutes, and still for {what}.")

    def _arrive(self, copy: int) -> None:
        """Put sheets into the inbox of a serve: whole, by one move."""
        key = f"site-{copy:03}"
        made = self.folder / "arriving" / key
        number(self.chosen.sheets, copy + 1, made)
        manifest = made / "session.yaml"
        given = self.chosen.sheets / manifest.name
        known = yaml.safe_load(given.read_text("utf-8")) if given.exists() else {}
        wanted: dict[str, object] = {"site_name": key, "auto_approve": True}
        wanted["jira_project_key"] = f"{PROJECT_KEY}{copy % self.chosen.projects}"
        manifest.write_text(yaml.safe_dump(known | wanted), encoding="utf-8")
        inbox = self.folder / f"serve{copy % self.chosen.serves}" / ".jira_pipeline" / "inbox"
        inbox.mkdir(parents=True, exist_ok=True)
        made.rename(inbox / key)

    def _disturb(self, store: Store) -> None:
        """Kill, add and drain machines until every session is done."""
        disturbances = self._disturbances()
        next_one, next_word = time.monotonic() + self.chosen.kill_every, 0.0
        while not self._is_done(store):
            time.sleep(LOOK_SECONDS)
            self._check("the sessions")
            now = time.monotonic()
            if now >= next_word:
                next_word = now + SAY_SECONDS
                self._say(store)
            if self.chosen.kill_every and now >= next_one:
                print(f"  {next(disturbances)}", flush=True)
                next_one = time.monotonic() + self.chosen.kill_every

    def _disturbances(self) -> Iterator[str]:
        """Do the next one each time, and say what was done."""
        draw = random.Random(self.chosen.seed)  # noqa: S311 - no secret
        while self.cluster is not None:
            yield self._kill_pod(self.cluster, draw)
            lost = self.cluster.lose_node()
            self.killed += lost
            yield f"the node is lost with {len(lost)} pods"
        yield self._kill_and_restart(draw)
        if self.chosen.serves > 1:
            self._kill("serve0")
            self._start("serve0", "serve", "--port", free_port())  # its inbox may hold sheets
            yield "the serve that runs the daemon is killed"
        self._join(f"machine{self.chosen.machines}")
        yield "one more machine joins"
        yield self._kill_and_restart(draw)
        self.drained = self.programs.pop("machine0")
        self.drained.send_signal(signal.SIGTERM)
        yield "machine0 drains"
        while True:
            yield self._kill_and_restart(draw)

    def _kill_pod(self, cluster: Cluster, draw: random.Random) -> str:
        names = cluster.at_work()
        if not names:
            return "no pod to kill"
        name = draw.choice(names)
        cluster.pods[name].kill()
        self.killed.append(name)
        return f"pod {name} is killed"

    def _kill_and_restart(self, draw: random.Random) -> str:
        """Kill a machine with all that it started, and start it again, as a service manager does."""
        name = draw.choice([name for name in self.programs if name.startswith("machine")])
        self._kill(name)
        self._join(name)
        return f"{name} is killed"

    def _kill(self, name: str) -> None:
        program = self.programs.pop(name)
        for pid in (program.pid, *children_of(program.pid)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        program.wait()
        self.killed.append(name)

    def _is_done(self, store: Store) -> bool:
        known = store.sessions.list_all()
        done = [one for one in known if one.stage is SessionStage.COMPLETED]
        return bool(len(done) == self.chosen.sessions)

    def _say(self, store: Store) -> None:
        stages = Counter(f"{s.stage.value} {s.status.value}" for s in store.sessions.list_all())
        runs = {one.address.rpartition(":")[2]: one.run_count for one in store.machines.live()}
        seconds = time.monotonic() - self.began_at
        print(f"{seconds:5.0f} s  {dict(stages)}  runs by port: {runs}", flush=True)

    def _judge(self, store: Store, site: Path) -> int:
        seconds = time.monotonic() - self.began_at
        wanted: Counter[tuple[str, str]] = Counter()
        for session in store.sessions.list_all():
            key = session.session_key
            wanted.update((key, ticket.title) for ticket in store.tickets.list_all(key))
        created: Counter[tuple[str, str]] = Counter(_created(site))
        doubles = sum(created.values()) - len(created)
        wrong = [
            *(f"twice: {of}" for of, count in created.items() if count > 1),
            *(f"lost: {of}" for of in wanted.keys() - created.keys()),
            *(f"unknown: {of}" for of in created.keys() - wanted.keys()),
            *(["no pod was started"] if self._has_no_pods() else []),
            *(["the drained machine did not end well"] if self._is_drained_badly() else []),
        ]
        print(
            f"{self.chosen.sessions} sessions, {sum(wanted.values())} tickets, "
            f"{sum(created.values())} issues created, {doubles} twice, {len(wrong)} wrong; "
            f"{len(self.killed)} kills, {seconds:.0f} s"
        )
        print("\n".join(wrong[:20]))
        return 1 if wrong else 0

    def _has_no_pods(self) -> bool:
        return self.cluster is not None and not any(self.cluster.folder.glob("*"))

    def _is_drained_badly(self) -> bool:
        return self.drained is not None and self.drained.wait() != 0

    def end(self) -> None:
        """End what is at work, and keep what was asked for."""
        if self.drained is not None and self.drained.poll() is None:
            self.programs["machine0"] = self.drained
        for name in list(self.programs):
            self._kill(name)
        if self.chosen.keep is not None:
            shutil.copytree(self.folder, self.chosen.keep, symlinks=True, dirs_exist_ok=True)


def _taking(store: Store) -> list[str]:
    return [one.address for one in store.machines.live() if not one.is_draining]


def _created(site: Path) -> Iterator[tuple[str, str]]:
    """Give session and title of every issue that was ever created, by the site's journal."""
    with closing(sqlite3.connect(f"file:{site}?mode=ro", uri=True)) as rows:
        for labels, summary in rows.execute(CREATED):
            (key,) = [word[3:] for word in (labels or "").split(",") if word.startswith("jp-")]
            yield key, summary


if __name__ == "__main__":
    sys.exit(main())
