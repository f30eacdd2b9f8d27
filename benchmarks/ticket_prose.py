"""Words of the template's prose for every specification at hand, tables and questions left out.

    python -m benchmarks ticket_prose

Source of the goal: a median of at most 110 words a ticket. Markup, machine names included, is
counted as a reader meets it: a name is a word. Prints tickets, median and 90th percentile; as a
ratio beside it, the share that story, analysis and verification have in these words.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from jira_pipeline.model.entities import Specification
from jira_pipeline.model.revisions import ProseParts
from jira_pipeline.sheets.layouts.folder_reading import read_folder_by_layout
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline.tickets.template import TemplateWriter
from jira_pipeline_tests.writing.sites import briefs_of

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = (*sorted((ROOT / "examples").iterdir()), ROOT.parent / "shared" / "data" / "uwec")
_TAG = re.compile(r"<[^>]+>")


def main() -> None:
    """Print one line a specification and one for all."""
    print(
        f"{'specification':16} {'tickets':>7} {'median':>7} {'p90':>5}  story/analysis/verification"
    )
    everything: list[tuple[int, int, int]] = []
    for folder in FOLDERS:
        if folder.is_dir():
            counts = list(_words_of(folder))
            everything += counts
            _print(folder.name, counts)
    _print("all", everything)


def _words_of(folder: Path) -> Iterator[tuple[int, int, int]]:
    specification = Specification(
        entities=read_entities(read_folder_by_layout(folder, None).tables).entities
    )
    groups = group_entities(specification).groups
    writer = TemplateWriter()
    for brief in briefs_of(specification, groups):
        yield _counted(writer.write(brief).parts)


def _counted(parts: ProseParts) -> tuple[int, int, int]:
    texts = (parts.user_story, parts.analysis, parts.verification)
    story, analysis, verification = (
        sum(any(map(str.isalnum, word)) for word in _TAG.sub(" ", text).split()) for text in texts
    )
    return story, analysis, verification


def _print(name: str, counts: list[tuple[int, int, int]]) -> None:
    totals = sorted(sum(parts) for parts in counts)
    shares = [sum(part) / sum(totals) for part in zip(*counts, strict=True)]
    listed = " / ".join(f"{share:.0%}" for share in shares)
    p90 = totals[int(len(totals) * 0.9)]
    print(f"{name:16} {len(totals):7} {median(totals):7.0f} {p90:5}  {listed}")


if __name__ == "__main__":
    main()
