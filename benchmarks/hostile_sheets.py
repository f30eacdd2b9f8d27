"""Time for sheets made to be slow, at two sizes: ten times the text, ten times the time.

A quadratic reader would show ratios near 100.
"""

import time

from jira_pipeline.sources.sheets.reading.csv_files import read_csv

HEADER = "Style name,Machine name,Notes\n"
LINES = {
    "quotes never closed": '"x',
    "quotes across lines": '"a\n""',
    "stray quotes": '"a"b,',
    "spaces around quotes": '"a "  ',
    "commas only": "," * 150,
}
SMALL, LARGE = 1_000, 10_000


def main() -> None:
    """Print seconds and the ratio of the two sizes for each kind of sheet."""
    print(f"{'lines of':<24} {SMALL:>8} {LARGE:>8}   ratio")
    for name, line in LINES.items():
        small, large = (min(_seconds(line, count) for _ in range(3)) for count in (SMALL, LARGE))
        print(f"{name:<24} {small:>7.3f}s {large:>7.3f}s  {large / small:>6.1f}")


def _seconds(line: str, count: int) -> float:
    content = (HEADER + f"{line}\n" * count).encode()
    started = time.perf_counter()
    read_csv(content, file="Sheet.csv")
    return time.perf_counter() - started
