"""One remark of a rule about the uploaded files.

Belongs here: the value and its order. Does not: the rules themselves (`sources`) or how findings
are shown (`stages/pages`, `cli`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from jira_pipeline.domain.line_numbers import lines_in_words


class Severity(StrEnum):
    """Whether a finding blocks the upload."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
_EXPLAIN_OTHERS = (
    *("header_not_first", "sheet_unknown", "column_missing", "status_column_missing"),
    "usual_column_missing",
)
"""Codes of what makes many other findings; of one severity they come first, in this order."""
_PLACE = {code: place for place, code in enumerate(_EXPLAIN_OTHERS)}


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

    @property
    def place(self) -> str:
        """The file and line as a person says them, such as `fields.csv, line 12 / row 9`."""
        parts = [self.file or "folder"]
        if self.line is not None:
            parts.append(lines_in_words([self.line], [self.record or self.line]))
        if self.column:
            parts.append(f"column {self.column}")
        return ", ".join(parts)


def sorted_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Order findings by severity, file, line, column and code: the same for any order of files.

    Of one severity those that explain others come first.
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


def finding_json(finding: Finding) -> dict[str, object]:
    """Return the shape that every `--json` gives findings."""
    return {
        "severity": finding.severity.value,
        "code": finding.code,
        "file": finding.file,
        "line": finding.line,
        "record": finding.record,
        "column": finding.column,
        "value": finding.value,
        "message": finding.message,
        "advice": finding.advice,
    }


def has_errors(findings: Iterable[Finding]) -> bool:
    """Tell whether any finding blocks."""
    return any(f.severity is Severity.ERROR for f in findings)
