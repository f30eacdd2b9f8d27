"""How many values a field takes."""

from jira_pipeline.drupal.field.cardinality import (
    COLUMN,
    COUNTERPART,
    AnyNumber,
    CardinalityFact,
    NoNumber,
    SingleValue,
    UpTo,
    cardinality_of,
    check,
    facts,
)
from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline.model.site_verifications import Verdict
from jira_pipeline_tests.drupal.made_rows import (
    field,
    fields_of,
    row_of,
    sentences,
    verdict_on,
)
from jira_pipeline_tests.sheets.made_specifications import Row, bundle
from jira_pipeline_tests.tables import each

ON_ANCHOR = {"bundle": "Anchor (Content type)", "status": "x"}


def claimed(*rows: Row) -> list[str]:
    return sentences(check(fields_of(*rows, others=[bundle("Anchor", "anchor", x="x")])))


# The fact.


@each(
    ("cell", "fact"),
    [
        ("*", AnyNumber()),
        ("unlimited", AnyNumber()),
        ("3", UpTo(3)),
        ("1", SingleValue()),
        ("", NoNumber()),
        ("-", NoNumber()),
        ("0", NoNumber()),
        ("as many as fit", NoNumber()),
    ],
)
def test_the_number_of_values_is_that_of_the_cell(cell: str, fact: CardinalityFact) -> None:
    assert cardinality_of(row_of(field(values=cell))) == fact


def test_the_facts_of_a_ticket_are_those_of_the_fields_to_set() -> None:
    assert [stated.fact for stated in facts(fields_of(field(), field("a", values="*")))] == [
        SingleValue(),
        AnyNumber(),
    ]


# The sentences.


def test_fields_without_a_limit_take_any_number_and_others_so_many() -> None:
    rows = [field(values="*"), field("field_mast", values="3"), field("field_sail")]

    assert claimed(*rows) == [
        "field_hull takes any number of values.",
        "field_mast takes up to 3 values.",
    ]


def test_many_fields_without_a_limit_are_those_of_the_column_but_for_doubted_ones() -> None:
    rows = [field(f"field_{n}", values="*") for n in range(6)]
    assert claimed(*rows) == ["The fields on the form with Vals. * take any number of values."]

    doubted = [field(values="*"), field(values="3", **ON_ANCHOR)]

    assert claimed(*rows, *doubted) == [
        "The fields on the form with Vals. * take any number of values, except field_hull."
    ]


@each(
    "rows",
    [
        [field()],
        [field(values="*", widget="-- Disabled --")],
        [field(values="*", type="Markup")],
        [field(values="3", type="Markup")],
        [field(values="3"), field(values="1", **ON_ANCHOR)],  # a question asks which is right
        [field(values="*"), field(values="1", **ON_ANCHOR)],
    ],
)
def test_nothing_is_claimed_of_a_field_without_a_certain_number(rows: list[Row]) -> None:
    assert claimed(*rows) == []


# The comparison with a site.


@each(
    ("cell", "on_site", "verdict"),
    [
        ("*", "-1", Verdict.MET),
        ("3", "3", Verdict.MET),
        ("3", "1", Verdict.DIFFERS),
    ],
)
def test_the_number_is_compared_with_that_of_the_storage(
    cell: str, on_site: str, verdict: Verdict
) -> None:
    site_cell = SiteCell(text=on_site, yaml="")

    assert verdict_on(field(values=cell), COUNTERPART, COLUMN.name, site_cell) is verdict
