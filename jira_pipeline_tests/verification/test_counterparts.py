"""The table of counterparts is what docs/site.md prints, and names columns that sheets have."""

from collections.abc import Iterator

from jira_pipeline.drupal.comparisons import Comparison
from jira_pipeline.model.entities import SHEET_NAMES
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


def counterparts_table() -> Iterator[str]:
    """Say the whole table as Markdown, for docs/site.md."""
    yield "| compared | means |"
    yield "|---|---|"
    for way, name in WAYS.items():
        yield f"| {name} | {way.value} |"
    yield ""
    yield "| sheet | column | on the site | compared |"
    yield "|---|---|---|---|"
    for kind, columns in counterparts().items():
        sheet = f" {SHEET_NAMES[kind]} "
        for column, counterpart in columns.items():
            if counterpart.how is Comparison.KEY:
                continue
            how = WAYS.get(counterpart.how, counterpart.how.value)
            wording = " (wording)" if counterpart.is_wording else ""
            yield f"|{sheet}| {column} | {counterpart.where} | {how}{wording} |"
            sheet = " "
    yield ""
    yield "| sheet | used to find the row |"
    yield "|---|---|"
    for kind, columns in counterparts().items():
        keys = [name for name, column in columns.items() if column.how is Comparison.KEY]
        yield f"| {SHEET_NAMES[kind]} | {', '.join(keys)} |"
    yield ""
    yield "| never compared | why |"
    yield "|---|---|"
    for column, reason in columns_never_compared().items():
        yield f"| {column} | {reason} |"


def test_docs_print_the_table() -> None:
    assert "\n".join(counterparts_table()) in DOCS.read_text(encoding="utf-8")


def test_every_column_with_a_counterpart_is_one_of_its_sheet() -> None:
    for kind, columns in counterparts().items():
        rule = rule_of(kind)
        assert rule is not None
        assert columns.keys() <= rule.columns.keys()
