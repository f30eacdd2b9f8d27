"""Which findings people see first, and which are one to them."""

from dataclasses import dataclass
from typing import Any

from jira_pipeline.model.findings import Finding, Severity, ranked_findings
from jira_pipeline_tests.contracts import stored_values


@dataclass(frozen=True)
class Sheet:
    name: str
    row_count: int


FILES = (Sheet("Bundles.csv", 10), Sheet("Fields.csv", 300))


def a_finding(line: int | None, **changes: object) -> Finding:
    wrong: dict[str, Any] = {"code": "reference_dangling", "file": "Fields.csv", "record": None}
    wrong |= {
        "column": "Ref. bundle",
        "value": "Clock",
        "message": f"Line {line} refers to “Clock”.",
    }
    return stored_values.a_finding(line=line, **(wrong | changes))


def test_a_value_that_is_wrong_in_fifty_cells_is_one_finding_with_their_lines() -> None:
    """Fifty `#VALUE!` buried the one finding that mattered."""
    (found,) = ranked_findings([a_finding(n) for n in (2, *range(5, 53), 60)], files=FILES)

    assert found.message == "Line 2 refers to “Clock”."
    assert found.place == "Fields.csv, line 2, column Ref. bundle, and 49 more: 5–52, 60"


def test_very_many_lines_are_cut() -> None:
    (found,) = ranked_findings([a_finding(n) for n in range(2, 40, 2)], files=FILES)

    assert found.place.endswith("and 18 more: 4, 6, 8, 10 …")
    assert found.also_lines == tuple(range(4, 40, 2))


def test_a_cell_that_two_rules_name_is_one_finding() -> None:
    joined = [a_finding(n, code="display_joined_by_label") for n in (6, 7)]

    found = ranked_findings([*joined, a_finding(6), a_finding(7)], files=FILES)

    assert [(f.code, f.line, f.also_lines) for f in found] == [("display_joined_by_label", 6, (7,))]


def test_two_wrong_names_in_one_cell_are_two_findings() -> None:
    cell = [a_finding(5), a_finding(5, value="Bell")]

    found = ranked_findings([*cell, a_finding(6, value="Bell")], files=FILES)

    assert [(f.value, f.also_lines) for f in found] == [("Bell", (6,)), ("Clock", ())]


def test_blank_cells_of_a_column_are_one_finding() -> None:
    blank = [a_finding(n, code="status_blank", value=None, column="X") for n in (2, 3)]
    other = a_finding(2, code="status_blank", value=None, column="Name")

    found = ranked_findings([*blank, other], files=FILES)

    assert [(f.column, f.also_lines) for f in found] == [("X", (3,)), ("Name", ())]


def test_what_blocks_comes_first_and_then_what_concerns_most_rows() -> None:
    def whole(file: str | None, code: str, severity: Severity = Severity.WARNING) -> Finding:
        return a_finding(
            None, file=file, code=code, severity=severity, column=None, value=None, message=code
        )

    findings = [
        *(a_finding(n) for n in range(2, 30)),
        a_finding(40, value="Bell"),
        a_finding(1, file="Bundles.csv", code="header_blank", value=None, message="No header."),
        whole("notes.txt", "file_ignored"),
        whole("Fields.csv", "delimiter_detected", Severity.INFO),
        whole("Fields.csv", "encoding_assumed"),
        whole(None, "sheet_missing"),
        whole("Bundles.csv", "sheet_unknown", Severity.ERROR),
    ]

    found = [f.value or f.code for f in ranked_findings(findings, files=FILES)]

    assert found == [
        *("sheet_unknown", "sheet_missing", "encoding_assumed", "Clock", "header_blank", "Bell"),
        *("file_ignored", "delimiter_detected"),
    ]
