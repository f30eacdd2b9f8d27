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


def main() -> None:
    """Measure in turn and print medians and the ratio."""
    source = specification_path()
    empty, first, second = [], [], []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            shutil.copy(ROOT / "dagster.yaml", home)
            # Dagster's commands read the .env of their folder, which names the home of a checkout.
            environment = os.environ | {"DAGSTER_HOME": folder, "PYTHONPATH": str(ROOT)}  # noqa: TID251 - for child processes
            _run(["dagster", "instance", "info"], environment)
            upload = ["jira-pipeline", "upload", str(source), "--session", "bench"]
            upload += ["--auto-approve"]
            _run(upload, environment)
            empty.append(_job("benchmarks.empty_assets", "seven_empty_assets", None, environment))
            first.append(_job("jira_pipeline.definitions", "csv_to_jira", "bench", environment))
            second.append(_job("jira_pipeline.definitions", "csv_to_jira", "bench", environment))
    print(f"{source.name}, whole processes, {ROUNDS} rounds in turn: median (min-max) in seconds")
    for name, seconds in (
        ("seven empty assets", empty),
        ("csv_to_jira, creates everything", first),
        ("csv_to_jira again, creates nothing", second),
    ):
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
