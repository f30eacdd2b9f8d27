"""The pattern of addresses of new items."""

from dataclasses import replace

from jira_pipeline.drupal.bundle.ticket_bundles import TicketBundles
from jira_pipeline.drupal.bundle.url_alias import COLUMN, COUNTERPART, check, facts
from jira_pipeline.drupal.cell_facts import BlankCell, CellWords
from jira_pipeline.drupal.row_questions import question_about
from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline.model.site_verifications import Verdict
from jira_pipeline_tests.drupal.made_bundles import anchor, boat, bundles_of, compared, plain
from jira_pipeline_tests.drupal.made_rows import field, said_by
from jira_pipeline_tests.tables import each

PATTERN = "/boats/[node:title]"


def test_a_new_item_gets_an_address_by_the_pattern() -> None:
    assert plain(check(bundles_of(boat(alias=PATTERN), fields=[field()]))) == [
        f"A new item gets an address by the pattern {PATTERN}."
    ]


def test_types_that_share_a_pattern_are_in_one_sentence() -> None:
    types = [
        boat(type="Vocabulary", alias="/on/[term:name]"),
        anchor(type="Vocabulary", alias="/on/[term:name]"),
        anchor(name="Crew", machine_name="crew", type="Vocabulary", alias="/crew/[term:name]"),
        anchor(name="Deck", machine_name="deck", type="Vocabulary"),
    ]

    assert plain(check(bundles_of(*types))) == [
        "A new term of Boat and Anchor gets an address by the pattern /on/[term:name].",
        "A new term of Crew gets an address by the pattern /crew/[term:name].",
    ]


@each(
    "bundles",
    [
        bundles_of(boat(alias=""), fields=[field()]),
        bundles_of(boat(alias="-"), fields=[field()]),
        bundles_of(boat(alias=PATTERN, status="c"), fields=[field()]),
    ],
)
def test_nothing_is_claimed_without_a_pattern(bundles: TicketBundles) -> None:
    assert plain(check(bundles)) == []


def test_a_pattern_that_a_question_doubts_is_not_claimed() -> None:
    ticket = bundles_of(boat(alias=PATTERN), fields=[field()]).ticket
    asked = question_about("bundles.hollow", ticket.head, disputes=COLUMN.name).of_row
    doubt = replace(asked, subjects=(ticket.head.machine_name,))

    assert plain(check(TicketBundles(ticket=replace(ticket, left_open=(doubt,))))) == []


@each(
    ("cell", "on_site", "verdict"),
    [
        (PATTERN, PATTERN, Verdict.MET),
        ("boats/[node:title]/", PATTERN, Verdict.MET),
        (PATTERN, "/[node:title]", Verdict.DIFFERS),
    ],
)
def test_the_pattern_is_compared_without_slashes_at_its_ends(
    cell: str, on_site: str, verdict: Verdict
) -> None:
    site_cell = SiteCell(text=on_site, yaml="")

    assert compared(boat(alias=cell), COUNTERPART, COLUMN.name, site_cell) is verdict


def test_the_pattern_is_a_fact_of_each_type() -> None:
    both = bundles_of(boat(type="Vocabulary", alias=PATTERN), anchor(type="Vocabulary"))

    assert said_by(facts(both)) == [(CellWords(PATTERN), "boat"), (BlankCell(), "anchor")]
