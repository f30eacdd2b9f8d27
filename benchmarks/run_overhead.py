"""The main job on a real specification against a job of seven empty assets, in the same run.

Both are whole processes of `dagster job execute` on a fresh home, taken in turn. Goal: at most
three times.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.specifications import ROOT, specification_path

ROUNDS = 3
BIN = Path(sys.executable).parent
EMPTY = ("benchmarks.empty_assets", "seven_empty_assets", None)
OURS = ("jira_pipeline.definitions", "csv_to_jira", "bench")
JOBS = {
    "seven empty assets": EMPTY,
    "csv_to_jira, creates everything": OURS,
    "csv_to_jira again, creates nothing": OURS,
}
"""Module, job and session; the first is what the others are compared with."""


def main() -> None:
    """Measure in turn and print medians and the ratio."""
    source = specification_path()
    taken: dict[str, list[float]] = {name: [] for name in JOBS}
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            shutil.copy(ROOT / "dagster.yaml", home)
            # Dagster's commands read the .env of their folder, which names the home of a checkout.
            environment = os.environ | {"DAGSTER_HOME": folder, "PYTHONPATH": str(ROOT)}  # noqa: TID251 - for child processes
            _run(["dagster", "instance", "info"], environment)
            if OURS in JOBS.values():
                upload = ["jira-pipeline", "upload", str(source), "--session", "bench"]
                _run([*upload, "--auto-approve"], environment)
            for name, job in JOBS.items():
                taken[name].append(_job(*job, environment))
    print(f"{source.name}, whole processes, {ROUNDS} rounds in turn: median (min-max) in seconds")
    empty, *_ = taken.values()
    for name, seconds in taken.items():
        ratio = statistics.median(s / e for s, e in zip(seconds, empty, strict=True))
        print(
            f"  {name:<36} {statistics.median(seconds):6.2f} "
            f"({min(seconds):.2f}-{max(seconds):.2f})  ratio {ratio:.2f}"
        )


def _job(module: str, job: str, partition: str | None, environment: dict[str, str]) -> float:
    command = ["dagster", "job", "execute", "-m", module, "-j", job]
    if partition:
        command += ["--tags", f'{{"dagster/partition": "{partition}"}}']
    started = time.perf_counter()
    _run(command, environment)
    return time.perf_counter() - started


def _run(command: list[str], environment: dict[str, str]) -> None:
    program = str(BIN / command[0])
    answer = subprocess.run(
        [program, *command[1:]],
        env=environment,
        cwd=environment["DAGSTER_HOME"],
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        sys.exit(f"{' '.join(command)} ended with {answer.returncode}:\n{answer.stderr[-3000:]}")
