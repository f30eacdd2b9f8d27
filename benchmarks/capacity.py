"""How many sessions a day machines bear, where they wait, and how many machines are needed.

It measures what one session takes, in a small real run: its sheets are registered, its tickets
written and exported to a sandbox beside it, each run in a forked process, as on a machine. Then it
simulates days of many sessions by events: the inbox that is looked into, the queue of runs, the
room of machines and their processors, exports to one project that take turns, shares of what a
site of Jira allows, in turn with more machines until they are enough. Rules and figures of all
these are the program's own. What is assumed: how the day's sessions arrive, and how fast Jira
answers (`export_load`).

`--reproduce FILE` holds it against a real run: a file of `python -m benchmarks.machines --figures`.
Options: `python -m benchmarks.capacity --help`. PostgreSQL is measured where
JIRA_PIPELINE_TEST_POSTGRES_URL names a server (`deploy/with_postgres`).
"""

import argparse
import json
import os
import random
import shutil
import socket
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import replace
from io import StringIO
from itertools import dropwhile
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import NAMESPACE_URL, uuid5

import dagster as dg

from benchmarks.export_load import LATENCY_SECONDS, OTHER_WRITE_SECONDS, READ_SECONDS
from benchmarks.queueing import Arrival, Day, Installation, Place, Session, Simulation, Stage
from benchmarks.serve_idle import used
from benchmarks.specifications import number, specification_path
from jira_pipeline.defs.build import build_definitions
from jira_pipeline.defs.partitions import PARTITION_TAG, register_partition
from jira_pipeline.flow import upload as uploading
from jira_pipeline.flow.composition import open_pipeline
from jira_pipeline.jira_sandbox.sandbox import JiraSandbox
from jira_pipeline.session.pipeline import SystemClock
from jira_pipeline.settings import load_settings
from jira_pipeline_tests.contracts.open_stores import POSTGRES_URL, empty_database
from jira_pipeline_tests.end_to_end.live_dagster import free_port
from jira_pipeline_tests.end_to_end.processes import start
from jira_pipeline_tests.projects import CHECKOUT, DEPLOYED, opened

SESSIONS = 10_000
ROUNDS = 3
SHEETS = specification_path()
MACHINES_MAX = 128
ALMOST_ALL = 0.95
PROJECT_KEY = "DAY"
DAY_SECONDS, HOUR_SECONDS = 86_400.0, 3_600.0
WORKING_HOURS: Final = (0, 0, 0, 0, 0, 0, 1, 3, 8, 11, 11, 8, 5, 9, 11, 11, 9, 6, 4, 2, 1, 0, 0, 0)
"""Of a hundred sessions so many arrive in each hour; assumed: a day at an office."""
STAGES = ("registering", "starting", "writing", "exporting")
FIRST_STEP_OF_EXPORT = "jira_issues.create_issues"
READS = ("/bulkfetch", "/search/jql")
Result = TypeVar("Result")


def measured(sheets: Path) -> Session:
    """Measure what a session of these sheets takes alone: the medians of some."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="capacity-")))
        settings = {"DAGSTER_HOME": str(folder)}
        site = stack.enter_context(_site(folder, settings))
        yaml_path = CHECKOUT / "dagster.yaml" if POSTGRES_URL is None else DEPLOYED
        shutil.copy(yaml_path, folder / "dagster.yaml")
        if POSTGRES_URL is not None:
            for name in ("JIRA_PIPELINE_DATABASE_URL", "DAGSTER_POSTGRES_URL"):
                settings[name] = stack.enter_context(empty_database())
        _forked(_made_home, settings)
        rounds = []
        for at in range(ROUNDS):
            number(sheets, at + 1, made := folder / f"site_{at}")
            manifest = {"jira_project_key": PROJECT_KEY, "auto_approve": True}
            (made / "session.yaml").write_text(json.dumps(manifest), encoding="utf-8")
            before = _seconds_of(site)
            one = _forked(_session_alone, settings, made, time.monotonic())
            rounds.append(replace(one, site_cpu_seconds=_seconds_of(site) - before))
    return _median_of(rounds)


@contextmanager
def _site(folder: Path, settings: dict[str, str]) -> Iterator[int]:
    """Serve a sandbox; give the number of its process."""
    path = folder / "site.sqlite"
    with JiraSandbox(path, clock=SystemClock().now) as sandbox:
        sandbox.ensure_project(PROJECT_KEY)
    port = free_port()
    settings |= {
        "JIRA_BASE_URL": f"http://127.0.0.1:{port}",
        "JIRA_EMAIL": "owner@sandbox.example",
        "JIRA_API_TOKEN": "any",
    }
    command = ("jira-pipeline", "sandbox", "serve", "--file", path, "--port", port)
    with (folder / "log").open("w", encoding="utf-8") as log:
        served = start(folder, *command, output_to=log)
        try:
            while True:
                with (
                    suppress(ConnectionRefusedError),
                    socket.create_connection(("127.0.0.1", port)),
                ):
                    break
                if served.poll() is not None:
                    sys.exit((folder / "log").read_text(encoding="utf-8"))
                time.sleep(0.1)
            yield served.pid
        finally:
            served.terminate()
            served.wait()


def _seconds_of(pid: int) -> float:
    return sum(seconds for _, seconds, _ in used(pid))


def _forked(function: Callable[..., Result], *arguments: object) -> Result:
    """Call it in a process that has imported everything, and nothing else, as runs are."""
    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as process:
        return process.submit(_quietly, function, *arguments).result()


def _quietly(function: Callable[..., Result], *arguments: object) -> Result:
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        return function(*arguments)


class _Watch:
    """Measures stage after stage of this process."""

    def __init__(self, began_at: float) -> None:
        self._at, self._cpu, self._queued = began_at, 0.0, 0.0

    def stage(self) -> Stage:
        """Return what passed since the last one."""
        at, cpu, queued = time.monotonic(), sum(os.times()[:4]), _queued_seconds()
        wait = at - self._at - (cpu - self._cpu) - (queued - self._queued)
        stage = Stage(cpu_seconds=cpu - self._cpu, wait_seconds=max(0.0, wait))
        self._at, self._cpu, self._queued = at, cpu, queued
        return stage


def _queued_seconds() -> float:
    """Return how long this thread was ready and had no processor: other work is no wait of ours."""
    with suppress(FileNotFoundError):
        return int(Path("/proc/thread-self/schedstat").read_text("ascii").split()[1]) / 1e9
    return 0.0


def _made_home(settings: Mapping[str, str]) -> None:
    os.environ.update(settings)  # noqa: TID251 - of a child process
    with dg.DagsterInstance.get(), open_pipeline(load_settings()).store:
        pass


def _session_alone(settings: Mapping[str, str], sheets: Path, asked_at: float) -> Session:
    """Take a session through all stages, as a run on a machine does, and measure each."""
    os.environ.update(settings)  # noqa: TID251 - of a child process
    watch = _Watch(asked_at)
    jobs = build_definitions(project_path=Path(settings["DAGSTER_HOME"]))
    with dg.DagsterInstance.get() as instance, opened(Path(settings["DAGSTER_HOME"])) as pipeline:
        register_partition(instance, sheets.name)
        starting = watch.stage()
        outcome = uploading.upload(
            pipeline, sheets, session_key=sheets.name, auto_approve=True, actor="benchmark"
        )
        uploading.uploaded(pipeline, outcome)
        registering = watch.stage()
        parts: list[Stage] = []

        def note(event: dg.EventLogEntry) -> None:
            if (
                event.step_key == FIRST_STEP_OF_EXPORT
                and event.dagster_event_type is dg.DagsterEventType.STEP_START
            ):
                parts.append(watch.stage())

        run_id = str(uuid5(NAMESPACE_URL, sheets.name))
        instance.add_event_listener(run_id, note)
        tags = {PARTITION_TAG: sheets.name}
        job = jobs.resolve_job_def("csv_to_jira")
        job.execute_in_process(instance=instance, run_id=run_id, tags=tags)
        parts.append(watch.stage())
        (target,) = pipeline.store.ledger.targets_of(sheets.name)
        requests: Counter[str] = Counter()
        for step in pipeline.store.export_runs.steps(sheets.name, target_id=target.target_id):
            requests.update(step.requests)
    writing, exporting = parts
    return Session(
        registering=registering,
        starting=starting,
        writing=writing,
        exporting=exporting,
        requests=requests,
    )


def _median_of(rounds: Sequence[Session]) -> Session:
    """Return the medians of each stage; what is sent is alike in all."""

    def median(stages: Sequence[Stage]) -> Stage:
        return Stage(
            cpu_seconds=statistics.median([one.cpu_seconds for one in stages]),
            wait_seconds=statistics.median([one.wait_seconds for one in stages]),
        )

    return Session(
        registering=median([one.registering for one in rounds]),
        starting=median([one.starting for one in rounds]),
        writing=median([one.writing for one in rounds]),
        exporting=median([one.exporting for one in rounds]),
        requests=rounds[0].requests,
        site_cpu_seconds=statistics.median([one.site_cpu_seconds for one in rounds]),
    )


def against_jira(session: Session) -> Session:
    """Return a session whose requests Jira answers, as fast as `export_load` assumes."""
    seconds = 0.0
    for name, count in session.requests.items():
        method, _, path = name.partition(" ")
        is_read = method == "GET" or path.endswith(READS)
        seconds += count * LATENCY_SECONDS.get(
            name, READ_SECONDS if is_read else OTHER_WRITE_SECONDS
        )
    return replace(session, exporting=replace(session.exporting, wait_seconds=seconds))


def arrivals(sessions: int, *, sites: int, projects: int, is_even: bool) -> list[Arrival]:
    """Draw when sessions arrive within a day, and for what."""
    draw = random.Random(1)  # noqa: S311 - no secret
    hours = draw.choices(range(24), None if is_even else WORKING_HOURS, k=sessions)
    times = sorted(HOUR_SECONDS * (hour + draw.random()) for hour in hours)
    return [
        Arrival(at=at, site=draw.randrange(sites), project=draw.randrange(projects)) for at in times
    ]


def main() -> None:
    """Measure a session, and say what machines bear."""
    chosen = _arguments()
    if chosen.reproduce is not None:
        _reproduce(json.loads(chosen.reproduce.read_text(encoding="utf-8")))
        return
    session = measured(chosen.sheets)
    _print_session(session, chosen.sheets)
    session = against_jira(session)
    expected = arrivals(
        chosen.sessions, sites=chosen.sites, projects=chosen.projects, is_even=chosen.even
    )
    days: dict[int, Day] = {}

    def is_enough(machines: int) -> bool:
        installation = Installation(
            machines=machines, capacity=chosen.capacity, cores=chosen.cores, serves=chosen.serves
        )
        days[machines] = Simulation(installation, session).run(expected)
        return bool(quantile(days[machines].waits[Place.ROOM], ALMOST_ALL) <= chosen.wait)

    too_few, enough = 0, 1
    while enough <= MACHINES_MAX and not is_enough(enough):
        too_few, enough = enough, 2 * enough
    while enough <= MACHINES_MAX and enough - too_few > 1:
        middle = (too_few + enough) // 2
        too_few, enough = (too_few, middle) if is_enough(middle) else (middle, enough)
    _print_days(chosen, session, days)
    if enough > MACHINES_MAX:
        print(f"Not even {MACHINES_MAX} machines are enough; the last column says why.")
        return
    _print_cost(chosen, session, enough)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks capacity")
    parser.add_argument("--sessions", type=int, default=SESSIONS, help="a day")
    parser.add_argument("--even", action="store_true", help="arrive by day and night alike")
    parser.add_argument("--sheets", type=Path, default=SHEETS, help="folder of each session")
    parser.add_argument("--sites", type=int, default=1, help="of Jira, each with its limits")
    parser.add_argument(
        "--projects", type=int, default=500, help="of each site; exports to one take turns"
    )
    parser.add_argument("--serves", type=int, default=1, help="that look into inboxes")
    parser.add_argument("--capacity", type=int, default=4, help="runs that a machine takes at once")
    parser.add_argument("--cores", type=int, default=2, help="processors of a machine")
    parser.add_argument(
        "--wait", type=float, default=60.0, help="seconds for room that 95 of 100 sessions may wait"
    )
    parser.add_argument("--price", type=float, help="of a machine for an hour")
    parser.add_argument("--reproduce", type=Path, metavar="FILE", help="of machines --figures")
    given = dropwhile(lambda word: not word.startswith("-"), sys.argv[1:])
    return parser.parse_args(list(given))


def quantile(values: Sequence[float], fraction: float) -> float:
    """Return the value below which a fraction of the values is."""
    return sorted(values)[min(len(values) - 1, int(fraction * len(values)))] if values else 0.0


def _print_session(session: Session, sheets: Path) -> None:
    print(f"A session of {sheets.name}, measured alone ({ROUNDS} times): s of CPU, of waiting")
    for name in STAGES:
        stage: Stage = getattr(session, name)
        print(f"  {name:<12} {stage.cpu_seconds:>6.2f} {stage.wait_seconds:>6.2f}")
    print(
        f"  {sum(session.requests.values())} requests, {session.busiest[0]:.0f} of one kind; "
        f"{session.site_cpu_seconds:.2f} s of CPU of the sandbox"
    )


def _print_days(chosen: argparse.Namespace, session: Session, days: Mapping[int, Day]) -> None:
    print(
        f"{chosen.sessions} sessions a day, {chosen.sites} x {chosen.projects} projects, "
        f"{chosen.capacity} runs and {chosen.cores} processors on a machine; Jira takes "
        f"{session.exporting.wait_seconds:.0f} s for the requests of an export (assumed)"
    )
    print("seconds waited, median / 95 of 100; busy: percent from first arrival to last end")
    places = " ".join(f"{place:>18}" for place in Place)
    print(f"machines   done {places}  runs   CPU sites  waits most for")
    for machines, day in sorted(days.items()):
        waits = " ".join(
            f"{statistics.median(day.waits[place]):.0f} / "
            f"{quantile(day.waits[place], ALMOST_ALL):.0f}".rjust(18)
            for place in Place
        )
        runs = day.room_seconds / (machines * chosen.capacity)
        processors = day.busy_seconds / (machines * chosen.cores)
        sites = max(day.sent.values()) / session.busiest[1]
        busy = " ".join(f"{100 * s / day.seconds:>5.0f}" for s in (runs, processors, sites))
        done = sum(at <= DAY_SECONDS for at in day.ended_at)
        print(f"{machines:>8} {done:>6} {waits} {busy}  {day.bottleneck}")


def _print_cost(chosen: argparse.Namespace, session: Session, machines: int) -> None:
    hours = session.cpu_seconds * chosen.sessions / 3600
    print(
        f"{machines} machines are enough for 95 of 100 to get room within {chosen.wait:g} s: "
        f"{24 * machines} machine hours a day, of {hours:.0f} CPU hours"
    )
    if chosen.price is not None:
        print(f"  {24 * machines * chosen.price:.2f} a day")


def _reproduce(figures: Mapping[str, Any]) -> None:
    """Simulate what machines really did, from what a session takes alone.

    All were on one host; what of its processors neither the runs nor the site used, nobody had.
    """
    settings, host, sites = figures["settings"], figures["host"], figures["sites"]
    real = [session for site in sites for session in site["sessions"]]
    sheets = Path(settings["sheets"])
    session = measured(sheets)
    _print_session(session, sheets)
    export, site_cpu = session.exporting, session.site_cpu_seconds
    export = Stage(
        cpu_seconds=export.cpu_seconds + site_cpu,
        wait_seconds=max(0.0, export.wait_seconds - site_cpu),
    )
    ours = sum(one["cpu_seconds"] for one in real) + site_cpu * len(real)
    others = (host["busy_seconds"] - ours) / (host["cores"] * host["seconds"])
    installation = Installation(
        machines=int(settings["machines"]),
        capacity=int(settings["capacity"]),
        cores=host["cores"],
        serves=int(settings["serves"]) * len(sites),
        is_one_host=True,
        speed=1.0 - others,
    )
    projects = int(settings["projects"])
    day = Simulation(installation, replace(session, exporting=export)).run(
        [
            Arrival(at=0.0, site=at % len(sites), project=at // len(sites) % projects)
            for at in range(len(real))
        ]
    )
    cpu = statistics.median(one["cpu_seconds"] for one in real)
    print(
        f"{len(real)} sessions on {installation.machines} machines of one host, of which others "
        f"used {others:.0%}: {cpu:.2f} s of CPU in the runs of each\n"
        f"really {host['seconds']:.0f} s, simulated {day.seconds:.0f} s, "
        f"ratio {day.seconds / host['seconds']:.2f}; most waited for {day.bottleneck}"
    )


if __name__ == "__main__":
    main()
