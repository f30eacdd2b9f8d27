"""Runs the benchmarks that are named, or all of them; options of one follow its name.

`--smallest` runs each on as little as it can: that shows that it works, its figures say nothing.
"""

import sys
from itertools import takewhile

from benchmarks.running import BENCHMARKS, run, show_that_each_works


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
    if "--smallest" in sys.argv:
        sys.argv.remove("--smallest")
        show_that_each_works(names)
        return
    for name in names:
        print(f"\n== {name}", flush=True)
        run(name, {})


if __name__ == "__main__":
    main()
