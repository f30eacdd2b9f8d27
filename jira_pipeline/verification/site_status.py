"""What X would say of each row, by what the site has.

Belongs here: the proposal for each verdict, as findings and as sheets with X corrected. Does not:
the verdicts (`rows`), how sheets become files (`sheets/written_sheets`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jira_pipeline.documents.facts import DocumentFacts
from jira_pipeline.kernel.entities import Entity, Status, sheet_title
from jira_pipeline.kernel.findings import Finding, Severity, finding_json, sorted_findings
from jira_pipeline.kernel.site_verifications import Verdict, Verification, VerifiedRow
from jira_pipeline.sheets.written_sheets import WrittenSheet, files_of
from jira_pipeline.verification.verifying import compare_site, read_site

_X = "X"
_PROPOSED: Mapping[tuple[Verdict, Status], Status] = {
    (Verdict.MET, Status.APPROVED): Status.IMPLEMENTED,
    (Verdict.MET, Status.CHANGED): Status.IMPLEMENTED,
    (Verdict.DIFFERS, Status.APPROVED): Status.CHANGED,
    (Verdict.DIFFERS, Status.IMPLEMENTED): Status.CHANGED,
    (Verdict.MISSING, Status.CHANGED): Status.APPROVED,
    (Verdict.MISSING, Status.IMPLEMENTED): Status.APPROVED,
}
"""What X becomes; rows on hold, rows to remove and what cannot be compared keep theirs."""


_SENTENCES: Mapping[Status, tuple[str, str]] = {
    Status.IMPLEMENTED: ("already_on_site", "is on the site as the row says"),
    Status.CHANGED: ("otherwise_on_site", "is on the site with something else in {columns}"),
    Status.APPROVED: ("not_on_site", "is not on the site"),
}
"""Code and words of the finding, by what is proposed."""
_ADVICE: Mapping[Status, str] = {
    Status.IMPLEMENTED: "Write x: nothing is left to do.",
    Status.CHANGED: "Write c if the site is to become as the row says, else correct the row.",
    Status.APPROVED: "Write a if it is to be built, else take the row out.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteStatus:
    """The sheets of a session with X as the site has it."""

    verification: Verification
    proposed: Mapping[tuple[str, int], Status]
    """File and line of each row whose X would change."""
    findings: tuple[Finding, ...]
    """One for each of them."""
    files: Mapping[Path, bytes]
    """The corrected sheets, to be written; none where nobody asked for them."""

    def to_json(self) -> dict[str, object]:
        """Return the shape `compare --json` promises."""
        return {
            "session_key": self.verification.session_key,
            "config": self.verification.config,
            "files": [str(path) for path in self.files],
            "findings": [
                {**finding_json(finding), "proposed": self.proposed[finding.file, finding.line]}
                for finding in self.findings
                if finding.file is not None and finding.line is not None
            ],
            "counts": self.verification.counts["rows"],
        }


def propose_statuses(
    session: DocumentFacts,
    path: Path,
    *,
    split: Path | None = None,
    out: Path | None = None,
) -> SiteStatus:
    """Say what X would be for each row of a session, and make files of its sheets with that.

    Nothing is kept.

    Raises:
        SiteConfigurationRefusedError: There is no export, or it exceeds a limit.
        ReadingLimitError: It took more time or memory than there is.
        InputError: A text is longer than a workbook may hold.
    """
    read = read_site(session, path, split=split)
    specification = session.contents.specification
    verification = compare_site(
        specification,
        (),
        read.site,
        session_key=session.key,
        config=path.name,
        titles={},
    )
    return statuses_of(verification, specification.entities, out=out)


def statuses_of(
    verification: Verification, rows: Sequence[Entity], *, out: Path | None = None
) -> SiteStatus:
    """Say what X would be for each row that was compared.

    Raises:
        InputError: A text is longer than a workbook may hold.
    """
    verified = verification.by_place
    proposed = {
        place: status
        for place, row in verified.items()
        if (status := _PROPOSED.get((row.verdict, row.x))) is not None
    }
    findings = (_finding(row, verified[_place(row)]) for row in rows if _place(row) in proposed)
    return SiteStatus(
        verification=verification,
        proposed=proposed,
        findings=sorted_findings(findings),
        files={} if out is None else files_of(tuple(_corrected(rows, proposed)), out),
    )


def _place(row: Entity) -> tuple[str, int]:
    return row.source.file, row.source.line


def _finding(row: Entity, verified: VerifiedRow) -> Finding:
    proposed = _PROPOSED[verified.verdict, verified.x]
    code, said = _SENTENCES[proposed]
    columns = ", ".join(cell.column for cell in verified.differing)
    return Finding(
        severity=Severity.INFO,
        code=code,
        file=row.source.file,
        line=row.source.line,
        record=row.source.record,
        column=_X,
        value=row.cell(_X),
        message=f"“{row.label}” {said.format(columns=columns)} ({verified.yaml}).",
        advice=_ADVICE[proposed],
    )


def _corrected(
    rows: Iterable[Entity], proposed: Mapping[tuple[str, int], Status]
) -> Iterator[WrittenSheet]:
    by_file: dict[str, list[Entity]] = {}
    for row in rows:
        by_file.setdefault(row.source.file, []).append(row)
    for file, of_file in by_file.items():
        columns = tuple(of_file[0].cells)
        yield WrittenSheet(
            title=sheet_title(file).removesuffix(".csv"),
            kind=of_file[0].kind,
            columns=columns if _X in columns else (*columns, _X),
            rows=tuple(
                {_X: "", **row.as_in_sheet.cells, **_x(proposed.get(_place(row)))}
                for row in of_file
            ),
        )


def _x(status: Status | None) -> Mapping[str, str]:
    return {} if status is None else {_X: status.value}
