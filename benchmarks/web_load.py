"""Twenty people at work on one session of 1,000 tickets, over HTTP, while an export runs.

Eight read, four review, six edit the same few tickets, two decide about many at once. Who reviews
decides about one ticket after the other, answers questions and searches. Browsers fetch what a page
names, as far as they have not kept it, and follow the export over a socket. One ticket is far over
the limit of an issue. `jira-pipeline serve` runs with its daemon; another process
exports another session of the same store, three tenths as large,
into the sandbox, at a pace that lasts as long as the people work: 0.4 s per issue in two minutes.
All of it, the people too, shares this machine. Whether an edit was lost is judged from the
revisions and from what the server answered. `alone` is the median of one person who does the same
without a pause, before the others come, beside the export too, and `CPU` what the server used for
it: other work on the machine makes that little longer.

Options: `--seconds=120`, `--tickets=1000`, and `--postgres` or `--sqlite` for that one alone.
PostgreSQL is measured where JIRA_PIPELINE_TEST_POSTGRES_URL names a server
(`deploy/with_postgres`).
"""

import asyncio
import csv
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
from sqlalchemy import create_engine, text

from benchmarks.specifications import ROOT, multiply
from benchmarks.web_load_people import Known, Load, Save, Worker
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.settings import load_settings
from jira_pipeline.model.people import Role
from jira_pipeline.model.revisions import Revision
from jira_pipeline.review import approvals
from jira_pipeline.review.open_session import open_session
from jira_pipeline.sessions import accounts, upload
from jira_pipeline.sessions.composition import open_pipeline
from jira_pipeline.writing import generation
from jira_pipeline_tests.contracts.open_stores import POSTGRES_URL, empty_database

EXAMPLE = ROOT / "examples" / "uhrenmuseum"
TICKETS_OF_EXAMPLE, TICKETS_OF_COPY = 24, 15
"""Some tickets, such as those of roles, have all copies in one."""
KEY, EXPORTED = "team", "exported"
READERS, REVIEWERS, EDITORS, DECIDERS = 8, 4, 6, 2
FIELDS_OF_LARGEST = 300
"""Of one bundle: its tables are over the limit of an issue."""
GOAL_READ, GOAL_SAVE = 150, 300
"""Milliseconds that 95 of 100 requests take at most."""
SECONDS, TICKETS = 120, 1000
ALONE_SECONDS = 5
SERVE = ("serve",)
BUSY = 0.85
"""A core, or all of them, counts as used up from this share on."""
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """CPU seconds since some time, of processes and of the machine."""

    server: float
    exporter: float
    people: float
    database: float
    """Of PostgreSQL, where its server is on this machine; its processes that ended included."""
    busy: float
    """Of the whole machine, whoever used them."""
    stolen: float
    """That the machine below this virtual one gave to others."""

    def since(self, before: "Used") -> "Used":
        """Return what was used since."""
        return Used(
            server=self.server - before.server,
            exporter=self.exporter - before.exporter,
            people=self.people - before.people,
            database=self.database - before.database,
            busy=self.busy - before.busy,
            stolen=self.stolen - before.stolen,
        )


def main() -> None:
    """Measure on SQLite, and on PostgreSQL where there is a server."""
    seconds, tickets = option("--seconds", SECONDS), option("--tickets", TICKETS)
    if "--postgres" not in sys.argv:
        _measure("SQLite", None, seconds=seconds, tickets=tickets)
    if "--sqlite" not in sys.argv:
        if POSTGRES_URL is None:
            print("PostgreSQL: left out, JIRA_PIPELINE_TEST_POSTGRES_URL names no server")
        else:
            with empty_database() as url:
                _measure("PostgreSQL", url, seconds=seconds, tickets=tickets)


def option(name: str, default: int) -> int:
    """Return a number that was given as an option, or the default."""
    given = [word.partition("=")[2] for word in sys.argv if word.startswith(f"{name}=")]
    return int(given[-1]) if given else default


def _measure(store_name: str, url: str | None, *, seconds: int, tickets: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        for name in ("dagster.yaml", "workspace.yaml"):
            shutil.copy(ROOT / name, home)
        environment = os.environ | {"DAGSTER_HOME": str(home)}  # noqa: TID251 - for child processes
        if url is not None:
            environment["JIRA_PIPELINE_DATABASE_URL"] = url
            os.environ["JIRA_PIPELINE_DATABASE_URL"] = url  # noqa: TID251 - for `load_settings`
        pipeline = open_pipeline(load_settings(home))
        with pipeline.store:
            known = written(pipeline, Path(folder) / KEY, KEY, tickets)
            exported = written(pipeline, Path(folder) / EXPORTED, EXPORTED, tickets * 3 // 10)
            environment["JIRA_CREATE_DELAY_SECONDS"] = f"{seconds / len(exported):.3f}"
            port = _free_port()
            with (
                _child([*SERVE, "--port", str(port)], environment) as server,
                _child(["export", EXPORTED, "--yes"], environment) as exporter,
            ):
                address = f"http://127.0.0.1:{port}"
                _await_pages(server, address)
                _await_export(pipeline, exporter)
                rendered = open_session(pipeline, KEY).rendered
                largest = max(rendered, key=lambda one: one.whole_characters).ticket.number
                load = Load(tickets=known, largest=largest, until=0.0)
                load.cpu_milliseconds = partial(_cpu_milliseconds, server.pid)
                alone = asyncio.run(_work_alone(load, pipeline, address))
                postmaster = None if url is None else _postmaster(url)
                before, began = _used(server, exporter, postmaster), time.monotonic()
                asyncio.run(_work(load, pipeline, address, seconds))
                lasted = time.monotonic() - began
                used = _used(server, exporter, postmaster).since(before)
                is_exporting = exporter.poll() is None
            created = len({e.ticket_id for e in open_session(pipeline, EXPORTED).entries})
            title = f"{store_name}, {len(known):,} tickets, {lasted:.0f} s"
            state = "still at work" if is_exporting else "done before the end"
            print(f"{title}; beside it an export created {created:,} issues, {state}")
            _print_times(load, lasted, alone)
            _print_bound(used, lasted, len(load.timed))
            _print_edits(load, pipeline)
        os.environ.pop("JIRA_PIPELINE_DATABASE_URL", None)  # noqa: TID251 - as it was


def written(pipeline: Pipeline, sheets: Path, key: str, tickets: int) -> Sequence[Known]:
    """Make sheets for so many tickets, have them written and validated, and mark all ready."""
    multiply(EXAMPLE, 1 - (TICKETS_OF_EXAMPLE - tickets) // TICKETS_OF_COPY, sheets)
    _add_large_bundle(sheets)
    upload.upload(pipeline, sheets, session_key=key, auto_approve=False, actor="benchmark")
    session = open_session(pipeline, key)
    upload.read_files(session)
    generation.generate(session.reload(), run_id=None)
    approvals.validate(session.reload(), run_id=None)
    approvals.mark_ready(session.reload(), None, by="benchmark")
    return [
        Known(number=one.number, ticket_id=one.ticket_id, group=one.display_group.value)
        for one in session.reload().tickets
    ]


def _add_large_bundle(sheets: Path) -> None:
    """Give one bundle so many fields that its ticket is over the limit of an issue."""
    (path,) = sheets.glob("*_Fields.csv")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        header, _, row, *_ = csv.reader(stream)
    label, name = header.index("Field label"), header.index("Machine name")
    with path.open("a", encoding="utf-8", newline="") as stream:
        for number in range(FIELDS_OF_LARGEST):
            row[label], row[name] = f"Part {number}", f"field_part_{number}"
            csv.writer(stream).writerow(row)


@contextmanager
def _child(
    words: Sequence[str], environment: dict[str, str]
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a command of ours until the block ends."""
    program = subprocess.Popen(
        [str(Path(sys.executable).parent / "jira-pipeline"), *words],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with program:
        try:
            yield program
        finally:
            program.terminate()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _await_pages(server: "subprocess.Popen[bytes]", address: str) -> None:
    """Wait until pages are served; whoever is not signed in is answered, too."""
    while server.poll() is None:
        with suppress(httpx.TransportError):
            httpx.get(address)
            return
        time.sleep(0.2)
    sys.exit(f"The server ended with {server.returncode} before its first page.")


def _await_export(pipeline: Pipeline, exporter: "subprocess.Popen[bytes]") -> None:
    """Wait until the export created its first issue: starting Dagster is not measured."""
    while exporter.poll() is None:
        if open_session(pipeline, EXPORTED).entries:
            return
        time.sleep(0.2)
    sys.exit(f"The export ended with {exporter.returncode} before its first issue.")


async def _work_alone(
    load: Load, pipeline: Pipeline, address: str
) -> Mapping[str, tuple[float, float]]:
    """Let one person do everything without a pause.

    Return the median milliseconds by kind, and those of CPU time of the server.
    """
    worker = await _person(load, pipeline, address, len(load.tickets))
    worker.think_seconds = (0.0, 0.0)
    works = [worker.edit_by_form, worker.read_pages, worker.review, worker.decide_in_bulk]
    for work in works:
        load.until = time.monotonic() + ALONE_SECONDS
        await _until_the_end(work)
    await worker.client.aclose()
    taken: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for one in load.timed:
        taken[one.kind].append((one.milliseconds, one.cpu_milliseconds))
    load.timed.clear()
    load.cpu_milliseconds = lambda: 0.0  # of many at once it says nothing
    return {
        kind: (statistics.median(t for t, _ in times), statistics.median(c for _, c in times))
        for kind, times in taken.items()
    }


async def _work(load: Load, pipeline: Pipeline, address: str, seconds: int) -> None:
    """Let everybody work at once."""
    works, clients = list[Callable[[], Awaitable[None]]](), []
    for place in range(READERS + REVIEWERS + EDITORS + DECIDERS):
        worker = await _person(load, pipeline, address, place)
        clients.append(worker.client)
        if place < READERS:
            works += [worker.read_pages, partial(worker.follow, EXPORTED)]
        elif place < READERS + REVIEWERS:
            works.append(worker.review)
        elif place < READERS + REVIEWERS + EDITORS:
            works.append(worker.edit_by_form)
        else:
            works.append(worker.decide_in_bulk)
    load.until = time.monotonic() + seconds
    await asyncio.gather(*(_until_the_end(work) for work in works))
    await asyncio.gather(*(client.aclose() for client in clients))


async def _person(load: Load, pipeline: Pipeline, address: str, place: int) -> Worker:
    """Sign somebody in."""
    name = f"person{place:02}@example.org"
    accounts.add_person(pipeline, name, Role.REVIEWER, by="benchmark")
    client = httpx.AsyncClient(base_url=address, timeout=60)
    client.headers["origin"] = address
    link = accounts.invite(pipeline, name, by="benchmark").secret
    answer = await client.post("/sign-in", data={"link": link})
    if not answer.is_redirect:
        sys.exit(f"{name} cannot sign in: {answer.status_code} {answer.text[:300]}")
    chance = random.Random(place)  # noqa: S311 - the same choices every time
    return Worker(load=load, name=name, client=client, key=KEY, chance=chance)


async def _until_the_end(work: Callable[[], Awaitable[None]]) -> None:
    with suppress(TimeoutError):
        await work()


def _print_times(load: Load, seconds: float, alone: Mapping[str, tuple[float, float]]) -> None:
    print(
        f"  {'ms':<24} {'count':>6} {'p50':>6} {'p95':>6} {'p99':>6} {'worst':>6} {'alone':>6} "
        f"{'CPU':>6}"
    )
    for is_save, name, goal in ((False, "reads", GOAL_READ), (True, "saves", GOAL_SAVE)):
        of_kind: dict[str, list[float]] = defaultdict(list)
        for one in load.timed:
            if one.is_save == is_save:
                of_kind[one.kind].append(one.milliseconds)
        for kind, times in sorted(of_kind.items()):
            own = alone.get(kind)
            own_figures = "" if own is None else f" {own[0]:6.0f} {own[1]:6.0f}"
            print(f"  {kind:<24} {_figures(times)}{own_figures}")
        every = [milliseconds for times in of_kind.values() for milliseconds in times]
        p95 = quantile(every, 95)
        verdict = "met" if p95 <= goal else "missed"
        print(f"  {'all ' + name:<24} {_figures(every)}  goal p95 <= {goal}: {verdict}")
    failed = [one for one in load.timed if one.status >= 500]  # noqa: PLR2004 - HTTP
    print(
        f"  {len(load.timed) / seconds:.1f} requests/s; {len(failed)} answers 5xx, "
        f"{len(load.broken)} unexpected; {load.sockets} sockets heard {load.messages:,} messages"
    )
    for broken in load.broken[:3]:
        print(f"    {broken}")


def _figures(times: list[float]) -> str:
    p50, p95, p99 = (quantile(times, share) for share in (50, 95, 99))
    return f"{len(times):>6} {p50:6.0f} {p95:6.0f} {p99:6.0f} {max(times):6.0f}"


def quantile(times: list[float], share: int) -> float:
    """Return what so many of 100 times are at most."""
    if len(times) == 1:
        return times[0]
    return statistics.quantiles(times, n=100, method="inclusive")[share - 1]


def _used(
    server: "subprocess.Popen[bytes]", exporter: "subprocess.Popen[bytes]", postmaster: int | None
) -> Used:
    first = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()
    user, nice, system, _idle, _waiting, irq, soft_irq, stolen = (int(t) for t in first[1:9])
    return Used(
        server=_cpu_seconds(server.pid),
        exporter=_cpu_seconds(exporter.pid),
        people=time.process_time(),
        database=0.0 if postmaster is None else _family_seconds(postmaster),
        busy=(user + nice + system + irq + soft_irq) / _TICKS,
        stolen=stolen / _TICKS,
    )


def _postmaster(url: str) -> int | None:
    """Return the process that began those of the database; None where it is elsewhere."""
    engine = create_engine(url)
    with engine.connect() as connection:
        stat = _stat_of(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
    engine.dispose()
    return None if stat is None else int(stat[1])


def _family_seconds(parent: int) -> float:
    """Return what a process and its children used, those that ended included."""
    stats = [stat for one in Path("/proc").glob("[0-9]*") if (stat := _stat_of(int(one.name)))]
    own = _stat_of(parent)
    ended = 0 if own is None else int(own[13]) + int(own[14])
    living = sum(int(s[11]) + int(s[12]) for s in stats if int(s[1]) == parent)
    return (ended + living) / _TICKS + _cpu_seconds(parent)


def _cpu_milliseconds(pid: int) -> float:
    """Return what all threads of a process used, exactly; those that ended are left out."""
    used = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):
            used += int((task / "schedstat").read_text(encoding="ascii").split()[0])
    return used / 1e6


def _cpu_seconds(pid: int) -> float:
    """Return what a process used; of one that ended, nothing."""
    stat = _stat_of(pid)
    return 0.0 if stat is None else (int(stat[11]) + int(stat[12])) / _TICKS


def _stat_of(pid: int) -> list[str] | None:
    """Return the fields after the name of a process; None where there is none.

    Source: proc(5), /proc/pid/stat, 2025.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    return stat.rpartition(")")[2].split()


def _print_bound(used: Used, seconds: float, requests: int) -> None:
    cores = os.cpu_count() or 1
    server, machine = used.server / seconds, used.busy / seconds / cores
    others = used.busy - used.server - used.exporter - used.people - used.database
    print(
        f"  CPU of one core: server {server:.0%}, exporter {used.exporter / seconds:.0%}, these "
        f"people {used.people / seconds:.0%}, PostgreSQL {used.database / seconds:.0%}, all else "
        f"{others / seconds:.0%}, kept from this machine {used.stolen / seconds:.0%}; "
        f"{cores} cores busy {machine:.0%}, load {os.getloadavg()[0]:.0f}; the server took "
        f"{used.server / requests * 1000:.0f} ms of CPU for a request"
    )
    if server >= BUSY:
        print("  bound by the server's process: Python runs one thread of it at a time")
    elif machine >= BUSY:
        print("  bound by the cores, which all of these share")
    else:
        print(
            "  bound by neither: by what one request takes, and its wait for others and the store"
        )


def _print_edits(load: Load, pipeline: Pipeline) -> None:
    """Judge every edit by the revisions."""
    store = pipeline.store
    revisions = {
        save.ticket.ticket_id: {r.number: r for r in store.tickets.revisions(save.ticket.ticket_id)}
        for save in load.saves
    }
    kept = [save for save in load.saves if save.kept_as is not None]
    refused = [save for save in load.saves if save.kept_as is None]
    lost = [save for save in kept if not _is_in(revisions[save.ticket.ticket_id], save)]
    over = [save for save in kept if _went_over(revisions[save.ticket.ticket_id], save)]
    unclear = [save for save in refused if not save.is_conflict]
    sprints = {ticket.number: ticket.sprint for ticket in open_session(pipeline, KEY).tickets}
    unassigned = [n for n, given in load.sprints.items() if sprints[n] not in given.values()]
    verdict = "met" if not (lost or over or unclear or unassigned) else "missed"
    print(
        f"  {len(kept)} edits kept, of them {len(lost)} in no revision and {len(over)} over a text "
        f"their writer had not seen; {len(refused)} refused, of them {len(unclear)} without a "
        f"conflict; {len(load.sprints)} tickets assigned, {len(unassigned)} without it: "
        f"no lost edit, {verdict}"
    )
    for save in (*lost, *over, *unclear)[:5]:
        print(f"    {save}")


def _is_in(revisions: dict[int, Revision], save: Save) -> bool:
    """Whether the revision the server named is by this person and has the text."""
    found = revisions.get(save.kept_as or 0)
    return (
        found is not None
        and found.author == save.person
        and save.text in getattr(found.parts, save.part)
    )


def _went_over(revisions: dict[int, Revision], save: Save) -> bool:
    """Whether the text it replaced is another one than its writer saw."""
    before, seen = revisions.get((save.kept_as or 0) - 1), revisions.get(save.base)
    return (
        before is None
        or seen is None
        or getattr(before.parts, save.part) != getattr(seen.parts, save.part)
    )


if __name__ == "__main__":
    main()
