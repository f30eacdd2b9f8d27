"""Which sheets are called missing, from what is known of an upload."""

from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.findings import Finding
from jira_pipeline.model.source_tables import SourceFile
from jira_pipeline.sheets.missing_sheets import missing_sheets
from jira_pipeline_tests.contracts.stored_values import a_file, a_finding
from jira_pipeline_tests.tables import each


def of_kind(kind: EntityKind, *, rows: int = 1) -> SourceFile:
    return a_file(f"{kind.value}.csv", sheet=kind, row_count=rows)


def cited(name: str) -> Finding:
    return a_finding(code="sheet_missing", value=name)


BUNDLES, FIELDS = of_kind(EntityKind.BUNDLE), of_kind(EntityKind.FIELD)


@each(
    ("files", "findings", "expected"),
    [
        ([BUNDLES, FIELDS], [], ()),
        ([BUNDLES], [], ("fields",)),
        ([BUNDLES, of_kind(EntityKind.FIELD, rows=0)], [], ("fields",)),
        ([FIELDS], [cited("bundles")], ("bundles",)),
        # several, in the order of sheets
        ([BUNDLES], [cited("image styles"), cited("views")], ("fields", "views", "image styles")),
        ([of_kind(EntityKind.USER_ROLE)], [], ()),
    ],
)
def test_a_sheet_is_missing_where_others_need_it(
    files: list[SourceFile], findings: list[Finding], expected: tuple[str, ...]
) -> None:
    assert missing_sheets(files, findings) == expected
