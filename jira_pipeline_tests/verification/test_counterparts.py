"""The table of counterparts is what docs/site.md prints, and names columns that sheets have."""

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


def counterparts_lists() -> Iterator[str]:
    """Say in Markdown what is compared of each sheet, and how, for docs/site.md."""
    for comparison, name in WAYS.items():
        yield f"- {name}: {comparison.value}"
    for kind, columns in counterparts().items():
        keys = [name for name, column in columns.items() if column.how is Comparison.KEY]
        yield f"\nOf {SHEET_NAMES[kind]}, whose rows are found by {', '.join(keys)}:\n"
        yield from places_by_way(columns)
    columns_by_reason: dict[str, list[str]] = {}
    for name, reason in columns_never_compared().items():
        columns_by_reason.setdefault(reason, []).append(name)
    yield "\nNever compared:\n"
    for reason, names in columns_by_reason.items():
        yield f"- {', '.join(names)}: {reason}"


def places_by_way(columns: Mapping[str, Counterpart]) -> Iterator[str]:
    """Say for each way of comparing which columns of a sheet it compares, and with what."""
    places: dict[str, list[str]] = {}
    for name, column in columns.items():
        if column.how is Comparison.KEY:
            continue
        way = WAYS.get(column.how, column.how.value)
        place = f"wording, {column.where}" if column.is_wording else column.where
        # Of a text, the label or description of the row's own thing, the name says it all.
        is_text = column.how is Comparison.WORDING
        places.setdefault(way, []).append(name if is_text else f"{name} ({place})")
    for way, named in places.items():
        yield f"- {way}: {', '.join(named)}"


def test_docs_print_the_lists() -> None:
    assert "\n".join(counterparts_lists()) in DOCS.read_text(encoding="utf-8")


def test_every_column_with_a_counterpart_is_one_of_its_sheet() -> None:
    for kind, columns in counterparts().items():
        rule = rule_of(kind)
        assert rule is not None
        assert columns.keys() <= rule.columns.keys()
