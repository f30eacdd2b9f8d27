"""Rows per second of reading and grouping at 1, 10 and 100 times a specification.

Each size runs in a process of its own, so that its peak memory is its own. Goal: linear; 100 times
in less than 20 s and 2 GB.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.specifications import multiply, specification_path

SIZES = (1, 10, 100)
UNLIMITED_BYTES = 200_000_000


def main() -> None:
    """Measure every size and print rates and ratios."""
    source = specification_path()
    print(f"reading and grouping {source.name}; the ratio is time per row against 1x")
    print(
        f"{'size':>6} {'rows':>8} {'tickets':>8} {'seconds':>8} {'rows/s':>9} {'ratio':>6} {'peak MB':>8}"
    )
    base = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            path = Path(folder, str(size))
            multiply(source, size, path)
            command = [sys.executable, "-m", "benchmarks.reading_scale", str(path)]
            answer = subprocess.run(command, check=True, capture_output=True, text=True)
            figures = json.loads(answer.stdout)
            per_row = figures["seconds"] / figures["rows"]
            base = base or per_row
            print(
                f"{size:>5}x {figures['rows']:>8} {figures['tickets']:>8} "
                f"{figures['seconds']:>8.2f} {1 / per_row:>9.0f} {per_row / base:>6.2f} "
                f"{figures['peak_megabytes']:>8.0f}"
            )


def measure(path: Path) -> dict[str, float]:
    """Read and group one folder; the best of three for sizes that are over at once."""
    from jira_pipeline.grouping.grouping import group_entities  # noqa: PLC0415 - as above
    from jira_pipeline.kernel.entities import Specification  # noqa: PLC0415 - not in the parent
    from jira_pipeline.sheets.reading.entities import (  # noqa: PLC0415 - as above
        read_entities,
    )
    from jira_pipeline.sheets.reading.folders import (  # noqa: PLC0415 - as above
        read_folder,
    )
    from jira_pipeline.sheets.reading.limits import (  # noqa: PLC0415 - as above
        ReadingLimits,
    )

    limits = ReadingLimits(file_max_bytes=UNLIMITED_BYTES, session_max_bytes=UNLIMITED_BYTES)
    seconds = []
    for _ in range(3):
        started = time.perf_counter()
        reading = read_folder(path, limits=limits)
        entities = read_entities(reading.tables).entities
        groups = group_entities(Specification(entities=entities)).groups
        seconds.append(time.perf_counter() - started)
        if seconds[0] > 1:
            break
    return {
        "rows": len(entities),
        "tickets": len(groups),
        "seconds": min(seconds),
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
    }


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]))))
