"""Readings of folders that are made: one small one with everything in it, and any others."""

from hypothesis import strategies as st

from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.findings import Finding, Severity
from jira_pipeline.model.source_tables import (
    CopiedCell,
    CopiedRow,
    FolderReading,
    SourceFile,
    SourceRow,
    SourceTable,
)

SMALL = FolderReading(
    tables=(
        SourceTable(
            file=SourceFile(
                name="Spec.xlsx:Rôles",
                file_name="Spec.xlsx",
                sheet=EntityKind.USER_ROLE,
                row_count=1,
                sha256="a" * 64,
                size_bytes=812,
                encoding="utf-8",
                delimiter=",",
            ),
            columns=("Role", "Wireframe"),
            rows=(SourceRow(line=4, record=3, cells=("Editor\nin chief", "")),),
            headers=("Rolle", "Wireframe"),
            header_line=3,
            headings=(SourceRow(line=6, record=5, cells=("Later", "")),),
            above=(SourceRow(line=1, record=1, cells=("Version 2",)),),
            copied_from=(
                CopiedRow(
                    sheet="Rôles",
                    row=3,
                    columns={"Wireframe": 1},
                    others={"Role": (CopiedCell(sheet="Rôles", row=2, column=0),), "X": ()},
                ),
            ),
        ),
    ),
    findings=(
        Finding(
            severity=Severity.WARNING,
            code="status_blank",
            file="Spec.xlsx:Rôles",
            line=4,
            record=3,
            column="X",
            value="?",
            message="It has no status.",
            advice="Give it one.",
            also_lines=(5, 6),
        ),
        Finding(severity=Severity.INFO, code="sheet_missing", message="None.", advice=""),
    ),
    file_hashes={"Spec.xlsx": "a" * 64},
)
"""A value in each field, and an empty one where there may be none."""

_texts = st.text(alphabet=st.characters(exclude_categories=()), max_size=12)
_numbers = st.integers(0, 99_999)
_rows = st.builds(SourceRow, line=_numbers, record=_numbers, cells=st.lists(_texts).map(tuple))
_cells = st.builds(CopiedCell, sheet=_texts, row=_numbers, column=_numbers)
_copied_rows = st.builds(
    CopiedRow,
    sheet=_texts,
    row=_numbers,
    columns=st.dictionaries(_texts, _numbers, max_size=3),
    others=st.dictionaries(_texts, st.lists(_cells, max_size=2).map(tuple), max_size=2),
)
_files = st.builds(
    SourceFile,
    name=_texts,
    file_name=_texts,
    sheet=st.sampled_from(EntityKind),
    row_count=_numbers,
    sha256=_texts,
    size_bytes=_numbers,
    encoding=_texts,
    delimiter=_texts,
)
_several_texts = st.lists(_texts, max_size=3).map(tuple)
_several_rows = st.lists(_rows, max_size=3).map(tuple)
_tables = st.builds(
    SourceTable,
    file=_files,
    columns=_several_texts,
    rows=_several_rows,
    headers=_several_texts,
    header_line=_numbers,
    headings=_several_rows,
    above=_several_rows,
    copied_from=st.lists(_copied_rows, max_size=2).map(tuple),
)
_findings = st.builds(
    Finding,
    severity=st.sampled_from(Severity),
    code=_texts,
    file=st.none() | _texts,
    line=st.none() | _numbers,
    record=st.none() | _numbers,
    column=st.none() | _texts,
    value=st.none() | _texts,
    message=_texts,
    advice=_texts,
    also_lines=st.lists(_numbers, max_size=3).map(tuple),
)
folder_readings = st.builds(
    FolderReading,
    tables=st.lists(_tables, max_size=2).map(tuple),
    findings=st.lists(_findings, max_size=2).map(tuple),
    file_hashes=st.dictionaries(_texts, _texts, max_size=2),
)
"""Any reading, lone surrogates and control characters in its texts included."""
