"""Findings: remarks of rules about the uploaded files, each with its place, its words and its advice.

Belongs here: the value, its order, and which findings people see first. Does not: the rules themselves
(`sheets/reading`), how findings are shown (`sessions/export_report`, `cli/console`).

Example: the finding `reference_dangling` at `fields.csv`, line 12, says that no sheet has the bundle
“Artikel”. It names the row, and says to add the bundle or to correct the cell.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.line_numbers import line_ranges, lines_text

FORMULA_NOT_COMPUTED = "formula_not_computed"
"""Code of a finding about one cell of a workbook, which has no result."""
LAYOUT_MISFIT = "layout_misfit"
"""Code of a finding about something that a layout names and a worksheet does not have."""
UNREAD_STATUS = "status_unknown"
"""Code of a finding about a word in X that nobody can read, which is its value."""
_EXPLAIN_OTHERS = ("status_column_missing", "usual_column_missing")
"""Codes of what makes many other findings; of one severity they come first, in this order."""
_PLACE = {code: place for place, code in enumerate(_EXPLAIN_OTHERS)}
_HEADER_LINE = 1
_RANGES_NAMED = 4
TITLES: Mapping[str, str] = {
    "field_storage_conflict": "Fields with the same machine name but different settings",
    "field_type_missing": "Fields without a type",
    FORMULA_NOT_COMPUTED: "Formulas without a value",
    "header_repeated": "Headers used twice",
    "accounts_repeated": "Second rows of user accounts",
    "key_repeated": "Names used twice",
    "label_contradicts_target": "Labels that name a different target",
    "machine_name_invalid": "Machine names that Drupal refuses",
    "machine_name_missing": "Rows without a machine name",
    "reference_dangling": "Broken references",
    "reference_not_computed": "References to check",
    "separator_with_text": "Separator rows with text",
    "sheet_missing": "Missing sheets",
    "sheet_repeated": "Duplicate sheets",
    "status_blank": "Missing status",
    "status_column_missing": "Sheets without a status column",
    "text_damaged": "Damaged characters",
    "usual_column_missing": "Sheets without an expected column",
}
"""As a person would write them; other rules are named by their code."""


class Severity(StrEnum):
    """Whether a finding blocks the upload."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


class ReadFile(Protocol):
    @property
    def name(self) -> str:
        """Name of it, as findings cite it."""

    @property
    def row_count(self) -> int:
        """Rows that it holds."""


@json_fields("severity code file line record column value message advice also_lines")
@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One remark, placed so that a person finds the cell."""

    severity: Severity
    code: str
    """Stable name of the rule, in snake case; documented in `docs/sheets.md`."""
    file: str | None = None
    line: int | None = None
    """First physical line of the record; the header is line 1."""
    record: int | None = None
    """The row a spreadsheet program shows; the header is record 1."""
    column: str | None = None
    """Header as in the file."""
    value: str | None = None
    """The cell as read, cut to 200 characters."""
    message: str
    advice: str
    also_lines: tuple[int, ...] = ()
    """Of other rows with the same cause: one correction settles them all."""

    @property
    def lines(self) -> frozenset[int]:
        """First lines of all rows it is about."""
        return frozenset(self.also_lines if self.line is None else (self.line, *self.also_lines))

    @property
    def place(self) -> str:
        """The file and lines as a person says them, such as `fields.csv, line 12 / row 9`."""
        parts = [self.file or "folder"]
        if self.line is not None:
            parts.append(lines_text([self.line], [self.record or self.line]))
        if self.column:
            parts.append(f"column {self.column}")
        if self.also_lines:
            ranges = line_ranges(self.also_lines).split(", ")
            cut = " …" if len(ranges) > _RANGES_NAMED else ""
            named = ", ".join(ranges[:_RANGES_NAMED])
            parts.append(f"and {len(self.also_lines)} more: {named}{cut}")
        return ", ".join(parts)


def sorted_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings by severity, file, line, column and code, whatever order they came in.

    Within a severity, those that explain many others come first.
    """
    return tuple(
        sorted(
            findings,
            key=lambda f: (
                _RANK[f.severity],
                _PLACE.get(f.code, len(_PLACE)),
                f.file or "",
                f.line or 0,
                f.column or "",
                f.code,
                f.value or "",
                f.message,
            ),
        )
    )


def ranked_findings(
    findings: Iterable[Finding], *, files: Iterable[ReadFile]
) -> tuple[Finding, ...]:
    """Return each fault once, the gravest first, with the lines of its other findings.

    One correction settles a fault: several findings about one cell are one, and so are findings of a
    rule about the same value in many cells of a file. Errors come first; then faults that explain
    others; then those that concern most rows. A finding about a header, a file or the folder concerns
    all rows of it. `files` have the numbers of rows.
    """
    row_counts = {file.name: file.row_count for file in files}
    cells: dict[tuple[object, ...], Finding] = {}
    faults: dict[tuple[object, ...], list[Finding]] = defaultdict(list)
    for finding in sorted_findings(findings):
        if finding.line is None or finding.line == _HEADER_LINE:
            faults[(finding.code, finding.file, finding.message)].append(finding)
            continue
        cell = (finding.file, finding.line, finding.column, finding.value)
        if cells.setdefault(cell, finding) is finding:
            what = finding.value or finding.column
            faults[(finding.severity, finding.code, finding.file, what)].append(finding)

    def rows(same: list[Finding]) -> int:
        first = same[0]
        if first.file is None:
            return sum(row_counts.values())
        if first.line is None or first.line == _HEADER_LINE:
            return row_counts.get(first.file, 0)
        return len(frozenset[int]().union(*(finding.lines for finding in same)))

    def order(same: list[Finding]) -> tuple[int, int, int]:
        first = same[0]
        return (_RANK[first.severity], _PLACE.get(first.code, len(_PLACE)), -rows(same))

    ranked: list[Finding] = []
    for same in sorted(faults.values(), key=order):
        also_lines = [*same[0].also_lines]
        for other in same[1:]:
            also_lines += sorted(other.lines)
        ranked.append(replace(same[0], also_lines=tuple(also_lines)))
    return tuple(ranked)


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingCause:
    """What one rule found."""

    severity: Severity
    code: str
    findings: tuple[Finding, ...]

    @property
    def label(self) -> str:
        """The heading for these findings."""
        return TITLES.get(self.code) or self.code.replace("_", " ").capitalize()

    @property
    def advice(self) -> str:
        """The advice that all of them have; empty where they differ."""
        advice = {finding.advice for finding in self.findings}
        return advice.pop() if len(advice) == 1 else ""


def causes_of(findings: Iterable[Finding]) -> tuple[FindingCause, ...]:
    """Return findings grouped by severity and rule; groups and their findings keep their order."""
    findings_by_rule = group_by(findings, lambda finding: (finding.severity, finding.code))
    return tuple(
        FindingCause(severity=severity, code=code, findings=tuple(findings_of_rule))
        for (severity, code), findings_of_rule in findings_by_rule.items()
    )


def has_errors(findings: Iterable[Finding]) -> bool:
    return any(f.severity is Severity.ERROR for f in findings)
