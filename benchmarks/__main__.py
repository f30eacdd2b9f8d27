"""Runs the benchmarks that are named; without a name it lists them. Options of one follow its name.

`NAME --help` says what one measures and takes; `--all` runs each, which takes an hour. `--smallest`
runs each on as little as it can: that shows that it works, its figures say nothing.
"""

import sys
from itertools import takewhile
from pathlib import Path

from benchmarks.running import (
    BENCHMARKS,
    first_sentence_of,
    run,
    show_help_of,
    show_that_each_works,
)

HELP = {"-h", "--help"}


def main() -> None:
    """Run and print."""
    if len(sys.argv) == 1 or HELP & {*sys.argv[1:2]}:
        print(f"usage: python -m benchmarks [NAME …] [OPTION …]\n\n{__doc__}\n")
        width = max(map(len, BENCHMARKS))
        for name in BENCHMARKS:
            print(f"  {name:{width}}  {first_sentence_of(name)}")
        return
    given = list(takewhile(lambda word: not word.startswith("-"), sys.argv[1:]))
    names = [word for word in given if word in BENCHMARKS] or list(BENCHMARKS)
    # A file is read by the benchmark that is named before it.
    unknown = [word for word in given if word not in BENCHMARKS and not Path(word).exists()]
    if unknown:
        sys.exit(f"No benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}.")
    if HELP & {*sys.argv}:
        for name in names:
            show_help_of(name)
        return
    if "--smallest" in sys.argv:
        sys.argv.remove("--smallest")
        show_that_each_works(names)
        return
    if "--all" in sys.argv[1:2]:
        sys.argv.remove("--all")
    for name in names:
        print(f"\n== {name}", flush=True)
        run(name, {})


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("Stopped.")
