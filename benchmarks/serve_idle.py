"""What `jira-pipeline serve` costs while nobody asks: processor time and memory, by process.

On a new home, with the daemon, which is in the process of the code server. Processor time is that
of the processes and of those of theirs that ended; memory is the share of each in what they hold
together (PSS).
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.specifications import ROOT
from jira_pipeline_tests.end_to_end.live_dagster import free_port
from jira_pipeline_tests.end_to_end.processes import children_of

WARM_SECONDS, SECONDS = 120, 120
GOAL_PERCENT, GOAL_MEGABYTES = 5, 450
NAMES = ("api grpc", "forkserver", "resource_tracker")
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Serve, wait until everything has started, and measure."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"DAGSTER_HOME": folder}  # noqa: TID251 - for child processes
        for name in ("dagster.yaml", "workspace.yaml"):
            shutil.copy(ROOT / name, folder)
        program = str(Path(sys.executable).parent / "jira-pipeline")
        command = [program, "serve", "--port", str(free_port())]
        with Path(folder, "output").open("w", encoding="utf-8") as output:
            served = subprocess.Popen(command, cwd=folder, env=environment, stdout=output)
        while not any(NAMES[0] in name for _, name, _, _ in used(served.pid)):
            if served.poll() is not None:
                sys.exit("serve ended by itself")
            time.sleep(0.1)
        time.sleep(WARM_SECONDS)
        before = {process: seconds for process, _, seconds, _ in used(served.pid)}
        time.sleep(SECONDS)
        after = list(used(served.pid))
        served.send_signal(signal.SIGINT)
        served.wait()
    print(f"{'idle':<20} {'% of a core':>11} {'MB':>5}")
    shares = {p: (s - before.get(p, 0)) * 100 / SECONDS for p, _, s, _ in after}
    for process, name, _, megabytes in after:
        print(f"{name:<20} {shares[process]:>11.1f} {megabytes:>5.0f}")
    print(
        f"{'all':<20} {sum(shares.values()):>11.1f} {sum(mb for *_, mb in after):>5.0f}"
        f"  goal <= {GOAL_PERCENT} %, {GOAL_MEGABYTES} MB"
    )


def used(pid: int) -> Iterator[tuple[int, str, float, float]]:
    """Give number and name of each process of a program, its seconds of CPU and its megabytes."""
    for process in (pid, *sorted(children_of(pid))):
        path = Path(f"/proc/{process}")
        try:
            command = (path / "cmdline").read_text(encoding="utf-8").replace("\0", " ")
            fields = (path / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            lines = (path / "smaps_rollup").read_text(encoding="ascii").splitlines()
        except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            continue
        name = next((name for name in NAMES if name in command), "serve")
        kilobytes = sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        yield process, name, sum(map(int, fields[11:15])) / TICKS_PER_SECOND, kilobytes / 1000


if __name__ == "__main__":
    main()
