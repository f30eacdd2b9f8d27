"""The table of counterparts is what docs/site.md prints, and names columns that sheets have."""

from collections.abc import Iterator

from jira_pipeline.model.entities import SHEET_NAMES
from jira_pipeline.sheets.reading.sheet_kinds import rule_of
from jira_pipeline.verification.counterparts import columns_never_compared, counterparts
from jira_pipeline_tests.projects import CHECKOUT

DOCS = CHECKOUT / "docs" / "site.md"


def counterparts_table() -> Iterator[str]:
    """Say the whole table as Markdown, for docs/site.md."""
    yield "| sheet | column | on the site | compared |"
    yield "|---|---|---|---|"
    for kind, columns in counterparts().items():
        for column, counterpart in columns.items():
            how = counterpart.how.value + (" (wording)" if counterpart.is_wording else "")
            yield f"| {SHEET_NAMES[kind]} | {column} | {counterpart.where} | {how} |"
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
