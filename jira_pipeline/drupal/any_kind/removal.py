"""Things that go: a ticket removes all of one sheet, and Drupal lists none of them any more.

Source: Drupal core, the collection pages of its configuration entities; `admin_pages` of `drupal.toml`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.markup import label_with_name, listed, menu_path, plural, quoted
from jira_pipeline.drupal.meaning.modules_and_types import facts_of
from jira_pipeline.drupal.row_names import name_of, noun_of
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.columns import STATUS_COLUMN
from jira_pipeline.model.entities import Entity
from jira_pipeline.model.grouped import group_by, group_pairs


@dataclass(frozen=True, slots=True)
class ListedOn:
    """Drupal lists things of its kind on a page of its administration."""

    page: str
    """The way to it through the menu, as HTML."""


@dataclass(frozen=True, slots=True)
class ListedNowhere:
    """No page lists things of its kind, such as migrations or rows of a sheet of their own."""


ListingFact: TypeAlias = ListedOn | ListedNowhere


def listing_of(head: Entity) -> ListingFact:
    """Tell where Drupal lists a thing."""
    steps = facts_of("admin_pages").get(str(head.bundle_type or head.kind.value))
    return ListedOn(menu_path(*steps)) if steps else ListedNowhere()


def say(ticket: TicketRows) -> tuple[Claim, ...]:
    """Say what the ticket removes, with the kinds: a view may have the name of a type.

    `The site no longer needs the view “Boats” and the content type “Boat”.`
    """
    heads = ticket.group.heads
    names_by_noun = group_pairs((noun_of(head), quoted(name_of(head))) for head in heads)
    things = []
    for noun, names in names_by_noun.items():
        things.append(f"the {noun if len(names) == 1 else plural(noun)} {listed(names)}")
    return claims_about("story.removal_ticket", heads, STATUS_COLUMN, things=listed(things))


def check(ticket: TicketRows) -> Iterator[Claim]:
    """Claim that nothing of what the ticket removes is left.

    `… does not list Boats.` Of kinds without such a page: `The site has no Boats.`
    """
    for listing, heads in group_by(ticket.group.heads, listing_of).items():
        names = listed(map(label_with_name, heads), word="or")
        match listing:
            case ListedOn(page):
                yield from claims_about(
                    "verification.removal_unlisted",
                    heads,
                    MACHINE_NAME_COLUMN,
                    page=page,
                    names=names,
                )
            case ListedNowhere():
                yield from claims_about(
                    "verification.removal_gone", heads, MACHINE_NAME_COLUMN, page="", names=names
                )


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield where Drupal lists each thing that goes."""
    return facts_by_row(listing_of, ticket.group.heads)


RULE = Rule(key="any_kind.removal", facts=facts, say=say, check=check)
