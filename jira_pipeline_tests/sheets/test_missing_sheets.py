"""Which sheets are called missing, from what is known of an upload."""

import pytest

from jira_pipeline.model.entities import EntityKind, SourceFile
from jira_pipeline.model.findings import Finding, Severity
from jira_pipeline.sheets.upload_preview import missing_sheets
from jira_pipeline_tests.contracts.stored_values import SHA


def a_file(kind: EntityKind, *, rows: int = 1) -> SourceFile:
    return SourceFile(
        name=f"{kind.value}.csv",
        sheet=kind,
        row_count=rows,
        sha256=SHA,
        size_bytes=1,
        encoding="utf-8",
        delimiter=",",
    )


def cited(name: str) -> Finding:
    return Finding(
        severity=Severity.WARNING, code="sheet_missing", value=name, message="-", advice="-"
    )


BUNDLES, FIELDS = a_file(EntityKind.BUNDLE), a_file(EntityKind.FIELD)


@pytest.mark.parametrize(
    ("files", "findings", "expected"),
    [
        pytest.param([BUNDLES, FIELDS], [], (), id="whole"),
        pytest.param([BUNDLES], [], ("fields",), id="bundles without fields"),
        pytest.param(
            [BUNDLES, a_file(EntityKind.FIELD, rows=0)], [], ("fields",), id="no row of fields"
        ),
        pytest.param([FIELDS], [cited("bundles")], ("bundles",), id="referred to"),
        pytest.param(
            [BUNDLES],
            [cited("image styles"), cited("views")],
            ("fields", "views", "image styles"),
            id="several, in the order of sheets",
        ),
        pytest.param([a_file(EntityKind.USER_ROLE)], [], (), id="nothing needs fields"),
    ],
)
def test_a_sheet_is_missing_where_others_need_it(
    files: list[SourceFile], findings: list[Finding], expected: tuple[str, ...]
) -> None:
    assert missing_sheets(files, findings) == expected
