"""CPU and memory of comparing a site with its sheets, and how much of it can be compared.

The sheets of `../shared/data/sites` were made from the later export in
`../shared/data/drupal_config`: it meets every row, the earlier one those that are there already.
Each comparison runs in a process of its own, so that its peak memory is its own. Goals: 4,000 files
in less than 5 s of CPU and 150 MiB beside what Python and the sheets take; 99 % of rows met against
the later export.
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.specifications import DATA, is_absent, read_site, site_folder

SITES = {"yale": ("yale_2026-07", "yale_2025-10"), "mass": ("mass_2026-07", "mass_2025-04")}
AS_X = {"x": "met", "a": "missing", "c": "differs", "d": "left_over", "w": "on_hold"}


def main() -> None:
    """Measure each site against both exports."""
    if is_absent(DATA / "sites", DATA / "drupal_config"):
        return
    columns = (
        "files",
        "rows",
        "met %",
        "as X %",
        "cells %",
        "causes",
        "read s",
        "compare s",
        "MiB",
    )
    print(f"{'export':<14}{''.join(f'{column:>11}' for column in columns)}")
    for site, exports in SITES.items():
        for export in exports:
            command = [sys.executable, "-m", "benchmarks.verify_site", site, export]
            answer = subprocess.run(command, check=True, capture_output=True, text=True)
            print(f"{export:<14}{''.join(f'{v:>11}' for v in json.loads(answer.stdout))}")
    print("met %: rows met, of those that are there or should be; cells %: filled ones compared")
    print("as X %: x met, a missing, c differs, d left over, as before anything is built")


def measure(site: str, export: str) -> list[object]:
    """Compare once."""
    from jira_pipeline.drupal.site.configuration import (  # noqa: PLC0415 - not in the parent
        read_configuration,
    )
    from jira_pipeline.drupal.site.site_entities import site_entities  # noqa: PLC0415 - as above
    from jira_pipeline.sessions.site_verifying import compare_site  # noqa: PLC0415 - as above

    specification = read_site(site_folder(site), is_as_new=False)
    folder = DATA / "drupal_config" / export
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    configuration = read_configuration(folder)
    read = time.process_time()
    entities = site_entities(configuration)
    verification = compare_site(
        specification, (), entities, session_key=site, config=export, titles={}
    )
    ended = time.process_time()
    rows, cells = verification.counts["rows"], verification.counts["cells"]
    judged = rows["met"] + rows["differs"] + rows["missing"] + rows["left_over"]
    as_x = sum(AS_X[row.x.value] == row.verdict.value for row in verification.rows)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return [
        sum(1 for _ in Path(folder).glob("*.yml")),
        len(verification.rows),
        f"{100 * rows['met'] / judged:.2f}",
        f"{100 * as_x / len(verification.rows):.2f}",
        f"{100 * (cells['met'] + cells['differs']) / sum(cells.values()):.1f}",
        len(verification.causes),
        f"{read - started:.2f}",
        f"{ended - read:.2f}",
        f"{peak / 1024:.0f}",
    ]


if __name__ == "__main__":
    print(json.dumps(measure(*sys.argv[1:])))
