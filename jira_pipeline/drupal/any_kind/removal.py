"""Things that go: a ticket removes all of one sheet, and Drupal lists none of them any more.

Source: Drupal core, the collection pages of its configuration entities; `admin_pages` of `drupal.toml`.
"""

from collections.abc import Iterator

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.markup import label_with_name, listed, menu_path, plural, quoted
from jira_pipeline.drupal.meaning.modules_and_types import facts_of
from jira_pipeline.drupal.row_names import name_of, noun_of
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.columns import STATUS_COLUMN
from jira_pipeline.model.entities import Entity
from jira_pipeline.model.grouped import group_by, group_pairs


def say(ticket: TicketRows) -> tuple[Claim, ...]:
    """Say what goes, beside what it is: a view often has the name of what it lists."""
    heads = ticket.group.heads
    names_by_noun = group_pairs((noun_of(head), quoted(name_of(head))) for head in heads)
    things = []
    for noun, names in names_by_noun.items():
        things.append(f"the {noun if len(names) == 1 else plural(noun)} {listed(names)}")
    return claims_about("story.removal_ticket", heads, STATUS_COLUMN, things=listed(things))


def check(ticket: TicketRows) -> Iterator[Claim]:
    """Claim that the page of each kind of thing lists none of them, or that the site has none."""
    for page, heads in group_by(ticket.group.heads, page_of).items():
        yield from claims_about(
            "verification.removal_unlisted" if page else "verification.removal_gone",
            heads,
            MACHINE_NAME_COLUMN,
            page=page,
            names=listed(map(label_with_name, heads), word="or"),
        )


def page_of(head: Entity) -> str:
    """Return where Drupal lists a thing; empty of what it does not list."""
    return menu_path(*facts_of("admin_pages").get(str(head.bundle_type or head.kind.value), ()))


RULE = Rule(key="any_kind.removal", say=say, check=check)
