"""The table of counterparts is what docs/site.md prints, and names columns that sheets have."""

from pathlib import Path

from jira_pipeline.sheets.reading.sheets import SHARED_COLUMNS, rule_of
from jira_pipeline.verification.counterparts import COUNTERPARTS, counterparts_table

DOCS = Path(__file__).parents[2] / "docs" / "site.md"


def test_docs_print_the_table() -> None:
    assert "\n".join(counterparts_table()) in DOCS.read_text(encoding="utf-8")


def test_every_column_with_a_counterpart_is_one_of_its_sheet() -> None:
    for kind, columns in COUNTERPARTS.items():
        rule = rule_of(kind)
        assert rule is not None
        assert columns.keys() <= {*rule.columns, *SHARED_COLUMNS}
