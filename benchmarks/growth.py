"""How the work on a session grows with its tickets, beside the same work of the commit before.

Both commits in turn, each size in a new process on a new home: CPU seconds of that process after its
start, so that what else the machine does counts little. Writing, validating, one changed cell and
what follows it. The exponent is of growth: 1 is linear, 2 quadratic.

Options: `--at=HEAD^` is the commit before, `--times=1,10` how often the specification is taken.
"""

import csv
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.specifications import ROOT, multiply, specification_path
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.settings import load_settings
from jira_pipeline.review import approvals
from jira_pipeline.review.open_session import open_session
from jira_pipeline.sessions import upload
from jira_pipeline.sessions.composition import open_pipeline
from jira_pipeline.writing import generation

KEY = "grown"
TIMES = "1,10"
BEFORE = "HEAD^"


def main() -> None:
    """Measure both commits at each size, and print a table."""
    given = dict(word.removeprefix("--").split("=") for word in sys.argv if "=" in word)
    sizes = [int(one) for one in given.get("times", TIMES).split(",")]
    found: dict[tuple[str, int], Mapping[str, float]] = {}
    with checked_out(given.get("at", BEFORE)) as before:
        for times in sizes:
            for name, tree in (("before", before), ("here", ROOT)):
                found[name, times] = _in_process(tree, times)
    for times in sizes:
        was, here = (found[name, times] for name in ("before", "here"))
        print(f"{here['tickets']:.0f} tickets: CPU s before, here, ratio")
        for name in (one for one in here if one != "tickets"):
            print(f"  {name:<32} {was[name]:8.2f} {here[name]:8.2f} {here[name] / was[name]:6.2f}")
    if len(sizes) > 1:
        first, last = (found["here", times] for times in (sizes[0], sizes[-1]))
        print("exponents here:")
        for name in (one for one in first if one != "tickets"):
            grown = math.log(last[name] / first[name]) / math.log(
                last["tickets"] / first["tickets"]
            )
            print(f"  {name:<32} {grown:8.2f}")


@contextmanager
def checked_out(revision: str) -> Iterator[Path]:
    """Have another commit in a folder until the block ends."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "before"
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "--detach", "--quiet", tree, revision], check=True)
        try:
            yield tree
        finally:
            subprocess.run([*git, "remove", "--force", tree], check=True)


def _in_process(tree: Path, times: int) -> Mapping[str, float]:
    """Measure the program of a folder, on the same sheets."""
    command = [sys.executable, __file__, str(specification_path()), str(times)]
    environment = os.environ | {"PYTHONPATH": str(tree)}  # noqa: TID251 - for a child process
    finished = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    found: dict[str, float] = json.loads(finished.stdout)
    return found


def _upload(pipeline: Pipeline, sheets: Path) -> None:
    upload.upload(pipeline, sheets, session_key=KEY, auto_approve=False, actor="benchmark")
    upload.read_files(open_session(pipeline, KEY))


STEPS: Mapping[str, Callable[[Pipeline, Path], object]] = {
    "upload": _upload,
    "generate": lambda pipeline, _: generation.generate(open_session(pipeline, KEY), run_id=None),
    "validate": lambda pipeline, _: approvals.validate(open_session(pipeline, KEY), run_id=None),
    "ready": lambda pipeline, _: approvals.mark_ready(
        open_session(pipeline, KEY), None, by="benchmark"
    ),
}
"""From sheets to approved tickets."""


def _measured(specification: Path, times: int) -> Mapping[str, float]:
    """Return the CPU seconds of each step, and the number of tickets."""
    seconds: dict[str, float] = {}

    @contextmanager
    def timed(name: str) -> Iterator[None]:
        began = time.process_time()
        yield
        seconds[name] = time.process_time() - began

    with tempfile.TemporaryDirectory() as folder:
        home, sheets = Path(folder) / "home", Path(folder) / "sheets"
        home.mkdir()
        multiply(specification, times, sheets)
        pipeline = open_pipeline(load_settings(home))
        with pipeline.store:
            for after in ("", ", one cell changed"):
                if after:
                    change_a_note(sheets)
                for name, step in STEPS.items():
                    with timed(f"{name}{after}"):
                        step(pipeline, sheets)
            seconds["tickets"] = len(open_session(pipeline, KEY).tickets)
    return seconds


def change_a_note(sheets: Path) -> None:
    """Say something in the help text of the first field that is to be built."""
    (path,) = sheets.glob("*ields.csv")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        header, *rows = csv.reader(stream)
    status, text = header.index("X"), header.index("Help text")
    row = next(row for row in rows if row[status] in {"", "a", "c"})
    row[text] = f"{row[text]} As on the card.".strip()
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])


if __name__ == "__main__":
    print(json.dumps(_measured(Path(sys.argv[1]), int(sys.argv[2]))))
