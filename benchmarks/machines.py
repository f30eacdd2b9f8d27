"""Sessions over several machines, of which one is killed every few seconds: each ticket one issue?

Each machine is a `work` process with a home of its own; beside them are one or two `serve`, which get
the sessions in their inboxes, and a sandbox that they reach as a real Jira with its documented limits.
They share PostgreSQL alone. One machine after the other is killed with all it started, and starts
again; one is added, one drains, one loses PostgreSQL while it exports, and with two `serve` the one
that runs the daemon is killed. A site is of one installation: with two of them, two installations run
side by side, and sessions and machines are dealt to them in turn.

The verdict is read from the journals of the sandboxes: each ticket has one issue, no request was
answered 429, and whoever lost PostgreSQL wrote nothing once its lease could be gone.

With `--launcher kubernetes --machines 0` runs are pods of an emulated cluster instead: in turn one pod is
killed, and all are lost with their jobs.

It ends with 1 where that does not hold. `--figures` writes what each session took. Options: `--help` of `python -m
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
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import cycle
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import make_url

from benchmarks.forwarder import NOTICED_SECONDS, Forwarder
from benchmarks.machines_figures import Watched, busy_seconds, figures_of, medians, write_figures
from benchmarks.specifications import number
from jira_pipeline.jira_sandbox.rate_limits import READING_POSTS
from jira_pipeline.kernel.sessions import SessionStage
from jira_pipeline.store.engine import open_store
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.open_stores import empty_database
from jira_pipeline_tests.end_to_end.emulated_cluster import Cluster, emulated_cluster
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
OF_CUT = "machine1"
"""The machine that loses PostgreSQL."""
CUT_SECONDS = 2.0 * NOTICED_SECONDS
LAST_WRITE = "SELECT max(at) FROM journal_request WHERE account_id = ? AND path LIKE '%/issue'"
SENT = (
    "SELECT at, path FROM journal_request "
    "WHERE account_id = ? AND at > ? AND at < ? AND method <> 'GET' ORDER BY at"
)
REFUSED = "SELECT count(*) FROM journal_request WHERE status = 429"
REQUESTS = "SELECT count(*) FROM journal_request"


def main() -> int:
    """Run it; return 1 where the verdict is bad, or a session was not done."""
    chosen = _arguments()
    signal.signal(signal.SIGTERM, _stop)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="machines-")))
        shows = []
        for at in range(chosen.sites):
            urls = [stack.enter_context(empty_database()) for _ in range(2)]
            place = folder / f"site{at}"
            place.mkdir()
            shows.append(Show(at=at, chosen=chosen, folder=place, urls=urls, stack=stack))
            stack.callback(shows[-1].end)
        for step in (Show.begin, Show.join, Show.arrive):
            for show in shows:
                step(show)
        began_at, busy_before = time.monotonic(), busy_seconds()
        disturbed = _disturb(shows, chosen.kill_every)
        host = {
            "cores": os.cpu_count(),
            "seconds": round(time.monotonic() - began_at, 2),
            "busy_seconds": round(busy_seconds() - busy_before, 2),
        }
        bad = [show for show in shows if not show.is_well()]
        if chosen.figures is not None:
            settings = {name: str(value) for name, value in vars(chosen).items()}
            figures = [show.figures for show in shows]
            write_figures(
                chosen.figures, settings=settings, disturbed=disturbed, host=host, sites=figures
            )
        return 1 if bad else 0


def _disturb(shows: Sequence["Show"], seconds: float) -> list[str]:
    """Kill, add, drain and cut off machines in turn, until every session is done; say what was done."""
    began_at = time.monotonic()
    said: list[str] = []
    next_one, next_word = began_at + seconds, 0.0
    turns = cycle([(show, show.disturbances()) for show in shows])
    while sum(show.look() for show in shows) < len(shows):
        time.sleep(LOOK_SECONDS)
        now = time.monotonic()
        if now >= next_word:
            next_word = now + SAY_SECONDS
            for show in shows:
                show.say()
        show, disturbances = next(turns)
        if seconds and now >= next_one and not show.is_done and (done := next(disturbances)):
            said.append(f"{now - began_at:5.0f} s  site {show.at}: {done}")
            print(said[-1], flush=True)
            next_one = time.monotonic() + seconds
    return said


def _stop(*_: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # what was started is ended once, and wholly
    sys.exit("stopped")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.machines")
    parser.add_argument("--sessions", type=int, default=3, help="how many sessions")
    parser.add_argument("--machines", type=int, default=2, help="how many at first")
    parser.add_argument(
        "--sites", type=int, default=1, help="installations, which share sessions and machines"
    )
    parser.add_argument("--serves", type=int, default=1, choices=(1, 2), help="serve for each site")
    parser.add_argument(
        "--projects", type=int, default=2, help="of each site; exports to one take turns"
    )
    parser.add_argument("--capacity", type=int, default=2, help="runs that a machine takes at once")
    parser.add_argument("--kill-every", type=float, default=20.0, help="seconds; 0: kill none")
    parser.add_argument("--sheets", type=Path, default=EXAMPLE, help="folder of each session")
    parser.add_argument("--minutes", type=float, default=30.0, help="the most it may take")
    parser.add_argument("--seed", type=int, default=1, help="of the order in which they are killed")
    parser.add_argument(
        "--launcher", default="machines", choices=("machines", "kubernetes"), help="of runs"
    )
    parser.add_argument("--figures", type=Path, help="file for what each session took")
    parser.add_argument("--keep", type=Path, help="folder to which homes and logs are copied")
    return parser.parse_args()


@dataclass(frozen=True, kw_only=True)
class Cut:
    """When a machine was without PostgreSQL."""

    began_at: datetime
    ended_at: datetime | None = None

    @property
    def noticed_at(self) -> datetime:
        """When the server let go of what the machine held."""
        return self.began_at + timedelta(seconds=NOTICED_SECONDS)


@dataclass(kw_only=True)
class Show:
    """One installation with its site: what is there, and what was done to it."""

    at: int
    chosen: argparse.Namespace
    folder: Path
    urls: Sequence[str]
    stack: ExitStack
    programs: dict[str, "subprocess.Popen[str]"] = field(default_factory=dict)
    """By the name of their homes."""
    killed: list[str] = field(default_factory=list)
    drained: "subprocess.Popen[str] | None" = None
    cut: Cut | None = None
    is_done: bool = False
    cluster: Cluster | None = None
    dagster_yaml: bytes = field(default_factory=DEPLOYED.read_bytes)
    began_at: float = field(default_factory=time.monotonic)
    watched: Watched = field(default_factory=Watched)

    def __post_init__(self) -> None:
        """Count what of all is for this installation."""
        self.sessions = range(self.at, self.chosen.sessions, self.chosen.sites)
        self.machine_count = len(range(self.at, self.chosen.machines, self.chosen.sites))
        self.port = free_port()
        self.site = self.folder / "site.sqlite"
        self.forwarder = Forwarder(make_url(self.urls[0]).port or 5432)
        self.stack.callback(self.forwarder.close)

    def begin(self) -> None:
        """Start the site, and what makes the tables; programs that do so at once delay each other."""
        names = [f"serve{at}" for at in range(self.chosen.serves)]
        names += [f"machine{at}" for at in range(self.machine_count + 1)]
        rules = self.folder / "site.yaml"
        described = {
            "limits": {},
            "users": [{"name": name, "email": _email(name), "account_id": name} for name in names],
            "projects": {f"{PROJECT_KEY}{at}": {} for at in range(self.chosen.projects)},
        }
        rules.write_text(yaml.safe_dump(described), encoding="utf-8")
        site = ("--file", self.site, "--site", rules, "--port", self.port)
        self._start("site", "sandbox", "serve", *site)
        if self.chosen.launcher == "kubernetes":
            self.cluster, self.dagster_yaml = self.stack.enter_context(
                emulated_cluster(self.folder, self._settings("serve0"))
            )
        self._start("serve0", "serve", "--port", free_port())

    def join(self) -> None:
        """Start everything else, and wait until it is there."""
        self._wait_for_link("serve0")
        for at in range(1, self.chosen.serves):
            self._start(f"serve{at}", "serve", "--port", free_port())
        for at in range(self.machine_count):
            self._join(f"machine{at}")
        for at in range(1, self.chosen.serves):
            self._wait_for_link(f"serve{at}")
        opened = open_store(self.urls[0], lock_path=self.folder / "store.lock")
        self.store = self.stack.enter_context(opened)
        self._wait(lambda: len(_taking(self.store)) == self.machine_count, "all machines")

    def arrive(self) -> None:
        """Put sheets into the inboxes."""
        self.began_at = time.monotonic()
        self.arrived_at = datetime.now(UTC)  # noqa: TID251 - compared with the journal
        for copy in self.sessions:
            self._arrive(copy)

    def look(self) -> bool:
        """Look at what runs; tell whether every session is done, or its time is over."""
        if time.monotonic() - self.began_at > self.chosen.minutes * 60:
            return True
        self._check("the sessions")
        if not self.is_done:
            self.watched.look(self.store)
            known = self.store.sessions.list_all()
            done = [one for one in known if one.stage is SessionStage.COMPLETED]
            self.is_done = len(done) == len(self.sessions)
            self.done_seconds = time.monotonic() - self.began_at
        return self.is_done

    def _settings(self, name: str) -> Mapping[str, str]:
        """Return those of a program; by its account the journal tells what it sent."""
        urls = [make_url(url) for url in self.urls]
        if name == OF_CUT:
            urls = [url.set(host="127.0.0.1", port=self.forwarder.port) for url in urls]
        store, dagster = (url.render_as_string(hide_password=False) for url in urls)
        return {
            "JIRA_PIPELINE_DATABASE_URL": store,
            "DAGSTER_POSTGRES_URL": dagster,
            "JIRA_BASE_URL": f"http://127.0.0.1:{self.port}",
            "JIRA_EMAIL": _email(name),
            "JIRA_API_TOKEN": "any",
            "JIRA_SETTLE_HORIZON_SECONDS": "10",
            "UPLOAD_SETTLE_SECONDS": "2",
        }

    def _start(self, name: str, *command: object) -> None:
        home = self.folder / name
        if not home.exists():
            home.mkdir()
            (home / "dagster.yaml").write_bytes(self.dagster_yaml)
            shutil.copy(CHECKOUT / "workspace.yaml", home)
        with (home / "log").open("a", encoding="utf-8") as log:
            self.programs[name] = start(
                home, "jira-pipeline", *command, output_to=log, settings=self._settings(name)
            )

    def _join(self, name: str) -> None:
        listen = f"127.0.0.1:{free_port()}"
        self.watched.names[listen] = name
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
        key = _key(copy)
        made = self.folder / "arriving" / key
        number(self.chosen.sheets, copy + 1, made)
        manifest = made / "session.yaml"
        given = self.chosen.sheets / manifest.name
        known = yaml.safe_load(given.read_text("utf-8")) if given.exists() else {}
        wanted: dict[str, object] = {"site_name": key, "auto_approve": True}
        wanted["jira_project_key"] = (
            f"{PROJECT_KEY}{self.sessions.index(copy) % self.chosen.projects}"
        )
        manifest.write_text(yaml.safe_dump(known | wanted), encoding="utf-8")
        serve = self.sessions.index(copy) % self.chosen.serves
        inbox = self.folder / f"serve{serve}" / ".jira_pipeline" / "inbox"
        inbox.mkdir(parents=True, exist_ok=True)
        made.rename(inbox / key)

    def disturbances(self) -> Iterator[str]:
        """Do the next one each time, and say what was done; nothing where it has to wait."""
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
        self._join(f"machine{self.machine_count}")
        yield "one more machine joins"
        yield self._kill_and_restart(draw)
        self.drained = self.programs.pop("machine0")
        self.drained.send_signal(signal.SIGTERM)
        yield "machine0 drains"
        while not self._is_creating(OF_CUT):
            yield ""
        self.cut = Cut(began_at=datetime.now(UTC))  # noqa: TID251 - compared with the journal
        self.forwarder.cut()
        yield f"PostgreSQL is cut off from {OF_CUT}, which creates issues"
        mended_at = time.monotonic() + CUT_SECONDS
        while time.monotonic() < mended_at:
            yield self._kill_and_restart(draw)
        self.forwarder.mend()
        self.cut = replace(self.cut, ended_at=datetime.now(UTC))  # noqa: TID251 - as above
        yield f"{OF_CUT} reaches PostgreSQL again"
        while True:
            yield self._kill_and_restart(draw)

    def _is_creating(self, name: str) -> bool:
        """Tell whether a machine asked for an issue a moment ago."""
        [(at,)] = self._asked(LAST_WRITE, name)
        now = datetime.now(UTC)  # noqa: TID251 - compared with the journal
        return at is not None and now - datetime.fromisoformat(at) < timedelta(seconds=LOOK_SECONDS)

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
        is_cut = self.cut is not None and self.cut.ended_at is None
        kept = {OF_CUT} if is_cut else set()
        names = [name for name in self.programs if name.startswith("machine") and name not in kept]
        if not names:
            return ""
        name = draw.choice(names)
        self._kill(name)
        self._join(name)
        return f"{name} is killed"

    def _kill(self, name: str) -> None:
        program = self.programs.pop(name)
        self.watched.leave(name, program.pid)
        for pid in (program.pid, *children_of(program.pid)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        program.wait()
        self.killed.append(name)

    def say(self) -> None:
        """Say how far it is."""
        known = self.store.sessions.list_all()
        stages = Counter(f"{s.stage.value} {s.status.value}" for s in known)
        names = self.watched.names
        runs = {names[one.address]: one.run_count for one in self.store.machines.live()}
        seconds = time.monotonic() - self.began_at
        print(f"{seconds:5.0f} s  site {self.at}: {dict(stages)}  runs: {runs}", flush=True)

    def is_well(self) -> bool:
        """Judge by the journal, and say what came of it."""
        store = self.store
        wanted: Counter[tuple[str, str]] = Counter()
        done = set()
        for session in store.sessions.list_all():
            key = session.session_key
            if session.stage is SessionStage.COMPLETED:
                done.add(key)
            wanted.update((key, ticket.title) for ticket in store.tickets.list_all(key))
        created: Counter[tuple[str, str]] = Counter(self._created())
        doubles = sum(created.values()) - len(created)
        [(refused,)], [(requests,)] = self._asked(REFUSED), self._asked(REQUESTS)
        wrong = [
            *(f"not done: {key}" for key in map(_key, self.sessions) if key not in done),
            *(f"twice: {of}" for of, count in created.items() if count > 1),
            *(f"lost: {of}" for of in wanted.keys() - created.keys()),
            *(f"unknown: {of}" for of in created.keys() - wanted.keys()),
            *([f"{refused} requests were answered 429"] if refused else []),
            *self._written_without_lease(),
            *(["no pod was started"] if self._has_no_pods() else []),
            *(["the drained machine did not end well"] if self._is_drained_badly() else []),
        ]
        print(
            f"site {self.at}: {len(self.sessions)} sessions, {sum(wanted.values())} tickets, "
            f"{sum(created.values())} issues created, {doubles} twice, {len(wrong)} wrong; "
            f"{requests} requests, {refused} answered 429; "
            f"{len(self.killed)} kills, {self.done_seconds:.0f} s"
        )
        for said in medians(self.figures["sessions"]):
            print(f"  a session: {said}")
        print("\n".join(wrong[:20]))
        return not wrong

    def _written_without_lease(self) -> Iterator[str]:
        """Say what the machine without PostgreSQL wrote once its leases could be gone."""
        if self.cut is None:
            return
        now = datetime.now(UTC)  # noqa: TID251 - compared with the journal
        times = (self.cut.began_at, self.cut.ended_at or now)
        sent = self._asked(SENT, OF_CUT, *(at.isoformat() for at in times))
        written = [at for at, path in sent if not path.endswith(READING_POSTS)]
        late = [at for at in written if at > self.cut.noticed_at.isoformat()]
        last = max((datetime.fromisoformat(at) - self.cut.began_at for at in written), default=None)
        said = (
            "nothing"
            if last is None
            else f"{len(written)} times, last {last.total_seconds():.1f} s after it"
        )
        print(
            f"  {OF_CUT} without PostgreSQL for {(times[1] - times[0]).total_seconds():.0f} s wrote {said}"
        )
        yield from (f"{OF_CUT} wrote at {at} without a lease" for at in late)

    @cached_property
    def figures(self) -> Mapping[str, Any]:
        """Return what its sessions took."""
        began_at = self.arrived_at.timestamp()
        return figures_of(self.store, self.urls[1], self.watched, began_at=began_at)

    def _asked(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        """Ask the site's file."""
        with closing(sqlite3.connect(f"file:{self.site}?mode=ro", uri=True)) as rows:
            return rows.execute(query, values).fetchall()

    def _created(self) -> Iterator[tuple[str, str]]:
        """Give session and title of every issue that was ever created, by the site's journal."""
        for labels, summary in self._asked(CREATED):
            (key,) = [word[3:] for word in (labels or "").split(",") if word.startswith("jp-")]
            yield key, summary

    def _has_no_pods(self) -> bool:
        return self.cluster is not None and not any(self.cluster.folder.glob("*"))

    def _is_drained_badly(self) -> bool:
        return self.is_done and self.drained is not None and self.drained.wait() != 0

    def end(self) -> None:
        """End what is at work, and keep what was asked for."""
        if self.drained is not None and self.drained.poll() is None:
            self.programs["machine0"] = self.drained
        for name in list(self.programs):
            self._kill(name)
        if self.chosen.keep is not None:
            place = self.chosen.keep / self.folder.name
            shutil.copytree(self.folder, place, symlinks=True, dirs_exist_ok=True)


def _taking(store: Store) -> list[str]:
    return [one.address for one in store.machines.live() if not one.is_draining]


def _key(copy: int) -> str:
    return f"site-{copy:03}"


def _email(name: str) -> str:
    return f"{name}@machines.example"


if __name__ == "__main__":
    sys.exit(main())
