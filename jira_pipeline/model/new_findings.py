"""Findings of two versions of the same sheets, compared: which are new, which were there before.

Belongs here: what a finding is the same by. Does not: the finding itself (`findings`), which version
is compared with which (`sessions/incoming`, `sheets/upload_reading`).
"""

from collections import Counter
from collections.abc import Iterable

from jira_pipeline.model.findings import Finding
from jira_pipeline.model.sheet_names import WORKBOOK_SUFFIXES, containing_file, sheet_title

_BETWEEN_NAMES = " - "
"""Exports are called `Workbook - Worksheet.csv`; in a workbook it is a part of a title."""


def new_findings(findings: Iterable[Finding], before: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings that were not among those before.

    A finding is the same where only its row moved, or its file has another name.
    """
    remaining_before = Counter(map(_identity, before))
    new: list[Finding] = []
    for finding in findings:
        identity = _identity(finding)
        remaining_before[identity] -= 1
        if remaining_before[identity] < 0:
            new.append(finding)
    return tuple(new)


def _identity(finding: Finding) -> tuple[object, ...]:
    """Return what is equal for the same finding in two versions of the sheets.

    The name of the file is left out, since the next version of a workbook usually has another one.
    """
    if finding.file is None:
        return (
            finding.severity,
            finding.code,
            None,
            finding.column,
            finding.value or finding.message,
        )
    workbook = containing_file(finding.file)
    text = finding.value or finding.message.replace(workbook, "")
    return (finding.severity, finding.code, _sheet(finding.file), finding.column, text)


def _sheet(name: str) -> str:
    """Return the name of a sheet without the one of its workbook; empty for a workbook itself."""
    title = sheet_title(name)
    if title != name:
        return title
    if title.casefold().endswith(tuple(WORKBOOK_SUFFIXES)):
        return ""
    return title.rpartition(_BETWEEN_NAMES)[2]
