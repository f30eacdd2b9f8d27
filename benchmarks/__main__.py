"""Runs the benchmarks that are named, or all of them; options of one follow its name.

`--smallest` runs each on as little as it can: that shows that it works, its figures say nothing.
"""

import sys
from collections.abc import Mapping
from importlib import import_module
from itertools import takewhile
from typing import Final

INSTALL: Final = "make .venv/.installed-dev"
OURS: Final = ("benchmarks", "jira_pipeline", "jira_pipeline_tests")
BENCHMARKS: Final[Mapping[str, Mapping[str, object] | str]] = {
    "reading_scale": {"SIZES": (1,)},
    "workbook_reading": {"SIZES": (1,), "ROUNDS": 1},
    "hostile_sheets": {},
    "cell_reading": {},
    "polluted_sheets": {},
    "run_overhead": {"ROUNDS": 1},
    "sharedo_packages": {},
    "command_speed": {"ROUNDS": 1},
    "export_load": {},
    "returning_later": {"PROJECT_SIZES": (1_100,)},
    "review_scale": {"TICKETS": 100, "ROUNDS": 1},
    "first_look": "it installs everything anew, as jira_pipeline_tests/test_installed.py does",
    "web_list": {"TICKETS": 100, "ROUNDS": 1},
    "web_load": {},
    "upload_load": {},
    "writer_concurrency": {"TICKETS": 8, "CALL_SECONDS": 0.1},
    "adf_commonmark": {},
    "adf_snippets": {},
    "adf_speed": {},
    "adf_hostile": {},
    "ticket_prose": {},
    "ticket_packets": {},
    "claims": {},
    "house": {},
    "model_sentences": {},
}
"""What the smallest form of each sets, or why it is left out of that."""


def main() -> None:
    """Run and print."""
    if sys.argv[1:2] in (["-h"], ["--help"]):
        print(f"usage: python -m benchmarks [NAME …] [OPTION …]\n\n{__doc__}\n")
        print("\n".join(BENCHMARKS))
        return
    given = takewhile(lambda word: not word.startswith("-"), sys.argv[1:])
    names = list(given) or list(BENCHMARKS)
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        sys.exit(f"No benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}.")
    is_smallest = "--smallest" in sys.argv
    if is_smallest:
        sys.argv.remove("--smallest")
    for name in names:
        print(f"\n== {name}", flush=True)
        smallest = BENCHMARKS[name] if is_smallest else {}
        if isinstance(smallest, str):
            print(f"Left out: {smallest}.")
            continue
        try:
            benchmark = import_module(f"benchmarks.{name}")
            for constant, value in smallest.items():
                setattr(benchmark, constant, value)
            benchmark.main()
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] in OURS:
                raise
            sys.exit(f"{name} needs the package {error.name}: `{INSTALL}` installs it.")


if __name__ == "__main__":
    main()
