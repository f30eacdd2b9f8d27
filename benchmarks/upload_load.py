"""Edits by one person while twenty others upload the heaviest sheets at once.

The program is served as people serve it, without the daemon. Each upload sends a specification
whose largest sheet nearly reaches the limit of a file. One person edits tickets, one after the
other with a short pause: alone first, then until the last upload is answered. What counts is how
much longer 95 of 100 edits take beside the uploads than alone, on the same machine in the same run.

Options: `--uploads=20`, `--copies=88` of the example in each, `--seconds=10` alone.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx

from benchmarks.specifications import ROOT, multiply
from benchmarks.web_load import EXAMPLE, GOAL_SAVE, option, quantile, written
from benchmarks.web_load_people import SEE_OTHER, Known
from jira_pipeline.context.settings import load_settings
from jira_pipeline.model.people import Role
from jira_pipeline.sessions import accounts
from jira_pipeline.sessions.composition import open_pipeline

KEY, TICKETS = "edited", 24
WARM_SECONDS, PAUSE_SECONDS, POLL_SECONDS = 2, 0.1, 0.5
UPLOAD_SECONDS = 900
UPLOADS, COPIES, SECONDS = 20, 88, 10
"""Uploads wait for their turn: no more are read at a time than there are processors."""


def main() -> None:
    """Measure, and say what came of the uploads."""
    uploads, copies = option("--uploads", UPLOADS), option("--copies", COPIES)
    with tempfile.TemporaryDirectory() as folder:
        home, sheets = Path(folder) / "home", Path(folder) / "heavy"
        home.mkdir()
        for name in ("dagster.yaml", "workspace.yaml"):
            shutil.copy(ROOT / name, home)
        rows = multiply(EXAMPLE, copies, sheets)
        pipeline = open_pipeline(load_settings(home))
        with pipeline.store:
            tickets = written(pipeline, Path(folder) / KEY, KEY, TICKETS)
            person = accounts.add_person(pipeline, "ada", Role.ADMIN, by="benchmark").name
            link = accounts.invite(pipeline, person, by=person).secret
        files = [("files", (path.name, path.read_bytes())) for path in sorted(sheets.iterdir())]
        size = max(len(content) for _, (_, content) in files)
        print(f"{uploads} uploads of {rows:,} rows each, the largest sheet {size / 1e6:.1f} MB")

        with _served(home, link) as client:
            edits_until = partial(_edits_until, client, tickets, edited=Counter())
            edits_until(lambda began: time.monotonic() - began > WARM_SECONDS)
            seconds = option("--seconds", SECONDS)
            alone = edits_until(lambda began: time.monotonic() - began > seconds)
            with ThreadPoolExecutor(uploads) as pool:
                begun = time.monotonic()
                sent = [
                    pool.submit(client.post, "/upload", files=files, data={"session": f"heavy-{n}"})
                    for n in range(uploads)
                ]
                beside = edits_until(lambda _: all(one.done() for one in sent))
            lasted = time.monotonic() - begun
            answers = [one.result().status_code for one in sent]

    for name, times in (("alone", alone), ("beside", beside)):
        print(
            f"{name:<7} {len(times):>5} edits, p50 {quantile(times, 50):5.0f} ms, p95 "
            f"{quantile(times, 95):5.0f} ms, longest {max(times):5.0f} ms"
        )
    ratio = quantile(beside, 95) / quantile(alone, 95)
    print(f"p95 beside / alone: {ratio:.1f}; the goal for p95 is {GOAL_SAVE} ms")
    print(f"uploads: {lasted:.0f} s in all, answers {sorted(set(answers))}")


def _edits_until(
    client: httpx.Client,
    tickets: Sequence[Known],
    is_over: Callable[[float], bool],
    *,
    edited: Counter[str],
) -> list[float]:
    """Edit one ticket after the other; return the milliseconds of each edit.

    `edited` counts how often each was, and so which revision it has.
    """
    times, began, number = list[float](), time.monotonic(), 0
    while not is_over(began):
        ticket = tickets[number % len(tickets)]
        number += 1
        sent = time.perf_counter()
        answer = client.post(
            f"/sessions/{KEY}/tickets/{ticket.number}/edit",
            data={
                "ticket_id": ticket.ticket_id,
                "revision": 1 + edited[ticket.ticket_id],
                "notes": f"Note {number}, {sent}.",
            },
        )
        edited[ticket.ticket_id] += 1
        times.append((time.perf_counter() - sent) * 1000)
        if answer.status_code != SEE_OTHER:
            raise RuntimeError(answer.text)
        time.sleep(PAUSE_SECONDS)
    return times


@contextmanager
def _served(home: Path, link: str) -> Iterator[httpx.Client]:
    """Serve a home until the block ends; Dagster, too, has started when it begins."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = subprocess.Popen(
        [Path(sys.executable).parent / "jira-pipeline", "serve", "--no-daemon", f"--port={port}"],
        cwd=home,
        env=os.environ | {"DAGSTER_HOME": str(home)},  # noqa: TID251 - for a child process
        stdout=subprocess.DEVNULL,
    )
    try:
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}",
            timeout=UPLOAD_SECONDS,
            limits=httpx.Limits(max_connections=None),
        ) as client:
            while not _is_answered(client, link):
                time.sleep(POLL_SECONDS)
            yield client
    finally:
        stopped = time.monotonic()
        program.terminate()
        program.wait()
        print(f"SIGTERM ended it within {time.monotonic() - stopped:.1f} s")


def _is_answered(client: httpx.Client, link: str) -> bool:
    """Tell whether Dagster answers; the first answer of all is that to the link."""
    try:
        if not client.cookies:
            client.post("/sign-in", data={"link": link})
        return client.get("/dagster/server_info").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
