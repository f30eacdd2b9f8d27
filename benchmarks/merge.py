"""People edit a text in Jira while ours changes: is anything lost when both are merged?

Each seed plays some rounds of random edits of both hands, with the changes that Jira makes when it
stores a document, as the tests of merging do. The exit code is 1 where anything must not be.
"""

import argparse
import sys
import time
from collections import Counter

from jira_pipeline_tests.jira.adf.edited_documents import BELOW, FAULTS, play

SEEDS = 1_000
"""Some fifteen seconds."""


def main() -> None:
    """Play, and print what was seen; exit with 1 where a word of either is lost."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks merge")
    parser.add_argument("names", nargs="*", help=argparse.SUPPRESS)
    parser.add_argument("--seeds", type=int, default=SEEDS, help=f"how many; default: {SEEDS:,}")
    seeds = parser.parse_args().seeds
    seen, faulty, began = Counter[str](), [], time.process_time()
    for seed in range(seeds):
        one = play(seed)
        seen += one
        faulty += [seed] if any(one[fault] for fault in FAULTS) else []
    seconds = time.process_time() - began
    print(f"{seeds:,} seeds, {seconds:.1f} CPU s")
    for name in ("rounds", "edits", BELOW, *FAULTS):
        print(f"{seen[name]:8,} {name}")
    if faulty:
        sys.exit(f"Seeds {', '.join(map(str, faulty[:10]))} of {len(faulty)} have faults.")


if __name__ == "__main__":
    main()
