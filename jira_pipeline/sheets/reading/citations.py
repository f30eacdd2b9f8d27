"""Collects findings about files.

Belongs here: how a finding is made short enough to show, and how many of a sort are kept. Does
not: the rules that make findings (`csv_files`, `folder_files`, `entities`).
"""

from dataclasses import dataclass, field, replace

from jira_pipeline.model.entities import RowSource
from jira_pipeline.model.findings import Finding, Severity
from jira_pipeline.model.source_tables import SourceRow

VALUE_MAX_CHARACTERS = 200
KEPT_PER_CODE = {Severity.ERROR: 1_000, Severity.WARNING: 200, Severity.INFO: 50}


@dataclass(slots=True)
class Citations:
    """Findings about one file, in the order they were made.

    Of one code no more than `KEPT_PER_CODE` are kept; a last one then says how many there were.
    """

    file: str | None
    _kept: list[Finding] = field(default_factory=list)
    _causes: dict[tuple[object, ...], tuple[int, list[int]]] = field(default_factory=dict)
    """Of what has a cause, the finding and the lines of the others."""
    _counts: dict[tuple[Severity, str], int] = field(default_factory=dict)

    def cite(
        self,
        severity: Severity,
        code: str,
        message: str,
        advice: str,
        *,
        row: SourceRow | RowSource | None = None,
        line: int | None = None,
        record: int | None = None,
        column: str | None = None,
        value: str | None = None,
        cause: object = None,
    ) -> None:
        """Add one finding, its value cut to 200 characters; of one cause the first, with all lines."""
        if row is not None:
            line = row.line
            record = row.record
        if cause is not None:
            known = self._causes.setdefault((severity, code, cause), (len(self._kept), []))
            if known[0] < len(self._kept):
                known[1].extend([line] if line is not None else [])
                return
        count = self._counts.get((severity, code), 0) + 1
        self._counts[(severity, code)] = count
        if count > KEPT_PER_CODE[severity]:
            return
        self._kept.append(
            Finding(
                severity=severity,
                code=code,
                file=self.file,
                line=line,
                record=record,
                column=column,
                value=None if value is None else value[:VALUE_MAX_CHARACTERS],
                message=message,
                advice=advice,
            )
        )

    def error(self, code: str, message: str, advice: str, **place: object) -> None:
        """Add a finding that blocks."""
        self.cite(Severity.ERROR, code, message, advice, **place)  # type: ignore[arg-type] # same keywords

    def warn(self, code: str, message: str, advice: str, **place: object) -> None:
        """Add a finding that does not block."""
        self.cite(Severity.WARNING, code, message, advice, **place)  # type: ignore[arg-type] # same keywords

    def inform(self, code: str, message: str, advice: str, **place: object) -> None:
        """Add a finding that only informs."""
        self.cite(Severity.INFO, code, message, advice, **place)  # type: ignore[arg-type] # same keywords

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All that were kept, and one more for each code of which some were not."""
        overflow = tuple(
            Finding(
                severity=severity,
                code=code,
                file=self.file,
                message=(
                    f"{count} findings of this kind; only the first {KEPT_PER_CODE[severity]} are "
                    "listed."
                ),
                advice="Correct the listed ones and check again.",
            )
            for (severity, code), count in self._counts.items()
            if count > KEPT_PER_CODE[severity]
        )
        also = {at: lines for at, lines in self._causes.values() if lines}
        kept = (
            replace(finding, also_lines=tuple(also[at])) if at in also else finding
            for at, finding in enumerate(self._kept)
        )
        return (*kept, *overflow)


class CitedFiles:
    """Findings about several files."""

    def __init__(self) -> None:
        self._files: list[Citations] = []

    def of(self, file: str | None) -> Citations:
        """Return what collects further findings about a file, or about the folder."""
        self._files.append(Citations(file))
        return self._files[-1]

    @property
    def findings(self) -> list[Finding]:
        return [finding for citations in self._files for finding in citations.findings]
