"""The tables of counterparts are what docs/site.md prints, and name columns that sheets have."""

from collections.abc import Iterator, Mapping

from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.model.source_tables import SHEET_NAMES
from jira_pipeline.sheets.reading.sheet_kinds import rule_of
from jira_pipeline.verification.counterparts import columns_never_compared, counterparts
from jira_pipeline_tests.projects import CHECKOUT

DOCS = CHECKOUT / "docs" / "site.md"


WAYS = {
    Comparison.WORDING: "text",
    Comparison.FLAG: "yes or no",
    Comparison.NAME: "machine name",
    Comparison.NAMES: "names",
    Comparison.SHAPES: "shapes",
    Comparison.WRITTEN: "as written",
    Comparison.PERMISSIONS: "permissions",
}
"""What the page calls ways of comparing that many columns share; it explains each once."""


def counterparts_tables() -> Iterator[str]:
    """Say in Markdown what is compared of each sheet, and how, for docs/site.md."""
    for comparison, name in WAYS.items():
        yield f"- *{name}*: A cell is compared {comparison.value}."
    for kind, columns in counterparts().items():
        keys = [name for name, column in columns.items() if column.how is Comparison.KEY]
        yield f"\n**{SHEET_NAMES[kind].capitalize()}**: a row is found by {listed(keys)}.\n"
        yield from table_of(columns)
    columns_by_reason: dict[str, list[str]] = {}
    for name, reason in columns_never_compared().items():
        columns_by_reason.setdefault(reason, []).append(name)
    yield "\nIn sheets whose table does not name them, these columns are never compared:\n"
    for reason, names in columns_by_reason.items():
        yield f"- {', '.join(names)}: {reason}"


def table_of(columns: Mapping[str, Counterpart]) -> Iterator[str]:
    """Say in Markdown with what of a site each column of a sheet is compared, and how."""
    yield "| column | compared with | how |"
    yield "|---|---|---|"
    for name, column in columns.items():
        if column.how is Comparison.KEY:
            continue
        way = WAYS.get(column.how, column.how.value)
        wording = " (wording)" if column.is_wording else ""
        yield f"| {name} | {column.where} | {way}{wording} |"


def listed(names: list[str]) -> str:
    """Join names as in a sentence."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def test_docs_print_the_tables() -> None:
    assert "\n".join(counterparts_tables()) in DOCS.read_text(encoding="utf-8")


def test_every_column_with_a_counterpart_is_one_of_its_sheet() -> None:
    for kind, columns in counterparts().items():
        rule = rule_of(kind)
        assert rule is not None
        assert columns.keys() <= rule.columns.keys()
