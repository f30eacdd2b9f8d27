"""Whether a field is translated."""

from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.field.translatable import (
    COLUMN,
    COUNTERPART,
    NotTranslated,
    TranslatableFact,
    Translated,
    WithoutEffect,
    facts,
    say,
    translatable_of,
)
from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline.model.site_verifications import Verdict
from jira_pipeline_tests.drupal.made_bundles import boat, bundles_of
from jira_pipeline_tests.drupal.made_rows import field, sentences, verdict_on
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

TRANSLATED = field(translated="y")


def fields_in(bundle: Row, *fields: Row) -> TicketFields:
    return TicketFields(ticket=bundles_of(bundle, fields=fields).ticket)


# The fact.


@each(
    ("cell", "bundle_cell", "fact"),
    [
        ("y", "y", Translated()),
        ("y", "", Translated()),
        ("y", "n", WithoutEffect()),
        ("n", "n", NotTranslated()),
        ("", "y", NotTranslated()),
    ],
)
def test_a_field_is_translated_unless_its_bundle_is_not(
    cell: str, bundle_cell: str, fact: TranslatableFact
) -> None:
    fields = fields_in(boat(translated=bundle_cell), field(translated=cell))

    assert translatable_of(fields.new[0], fields.ticket.head) == fact
    assert [stated.fact for stated in facts(fields)] == [fact]


# The sentence.


def test_the_mark_of_a_field_has_no_effect_where_its_bundle_is_not_translated() -> None:
    fields = fields_in(boat(translated="n"), TRANSLATED, field("field_mast", translated="n"))

    assert sentences(say(fields)) == [
        "Trns. y of field_hull has no effect: Boat is not translated (Trns. n)."
    ]


@each(
    ("bundle_cell", "row"),
    [
        ("y", TRANSLATED),
        ("", TRANSLATED),
        ("n", field(translated="n")),
        ("n", field("title", type="Title", translated="y")),
    ],
)
def test_nothing_is_claimed_of_other_fields(bundle_cell: str, row: Row) -> None:
    assert sentences(say(fields_in(boat(translated=bundle_cell), row))) == []


# The comparison with a site.


@each(("cell", "verdict"), [("yes", Verdict.MET), ("n", Verdict.DIFFERS)])
def test_the_flag_is_compared_with_the_site(cell: str, verdict: Verdict) -> None:
    site_cell = SiteCell(text="y", yaml="")

    assert verdict_on(field(translated=cell), COUNTERPART, COLUMN.name, site_cell) is verdict
