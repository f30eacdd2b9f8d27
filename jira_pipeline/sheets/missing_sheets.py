"""Sheets that others need and that are not among the files of an upload.

Belongs here: naming them, and the sentence for people. Does not: noticing that references lead
nowhere (`reading`).

Whether a copy was whole cannot be known for certain: a specification may have no fields yet. So
people are asked, and nothing is exported without one of them.
"""

from collections.abc import Iterable

from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.findings import Finding
from jira_pipeline.model.source_tables import SHEET_NAMES, SourceFile

SHEET_MISSING = "sheet_missing"
"""Code of the finding; its value is the name of the sheet."""
REFERENCE_DANGLING = "reference_dangling"
"""Code of the finding of each cell that names what no row has: most of them follow from a missing sheet."""


def missing_sheets(files: Iterable[SourceFile], findings: Iterable[Finding]) -> tuple[str, ...]:
    """Name the sheets that others refer to, and fields where bundles have none at all."""
    filled = {file.sheet for file in files if file.row_count}
    named = {finding.value for finding in findings if finding.code == SHEET_MISSING}
    if EntityKind.BUNDLE in filled and EntityKind.FIELD not in filled:
        named.add(SHEET_NAMES[EntityKind.FIELD])
    return tuple(name for name in SHEET_NAMES.values() if name in named)


def missing_sheets_sentence(names: tuple[str, ...]) -> str:
    are, them = ("is", "it") if len(names) == 1 else ("are", "them")
    noun = "The sheet of" if len(names) == 1 else "The sheets of"
    return f"{noun} {', '.join(names)} {are} missing, and other sheets need {them}"
