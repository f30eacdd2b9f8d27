"""What a ticket claims, by the parts of its text, and the description that stories quote.

Does not belong here: making a claim (`drupal/claims`), which claims there are (`bundles`, `views`,
`workflows`, `lists`), their order in the text (`tickets/template`).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from jira_pipeline.drupal.claims import Claim, clause
from jira_pipeline.drupal.markup import text
from jira_pipeline.model.entities import (
    Entity,
)
from jira_pipeline.model.grouped import group_by
from jira_pipeline.tickets.questions.questions_of_views import FormRow

_PARTS = ("story", "analysis", "verification")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a ticket claims, by part, each in the order of the text."""

    story: tuple[Claim, ...] = ()
    analysis: tuple[Claim, ...] = ()
    form: tuple[FormRow, ...] = ()
    """Of a view: what it is to be built from; none where it is built, or a module ships it."""
    verification: tuple[Claim, ...] = ()

    @staticmethod
    def of(claims: Iterable[Claim], form: tuple[FormRow, ...] = ()) -> "Claims":
        """Put claims into the parts that their kinds begin with."""
        parts = group_by(claims, lambda claim: claim.kind.partition(".")[0])
        story, analysis, checks = (tuple(parts.get(part, ())) for part in _PARTS)
        return Claims(story=story, analysis=analysis, form=form, verification=checks)


def description_of(head: Entity) -> str:
    """Quote the description of a thing: its first paragraph; one with markup inside is in the table."""
    paragraph = re.match(r"<p>([^<]+)</p>", head.cell("Description"))
    description = text((paragraph[1] if paragraph else head.cell("Description")).strip())
    if not description.strip("- ") or "&lt;" in description:
        return ""
    stop = "" if description.endswith((".", "!", "?")) else "."
    return clause("description", text=description, stop=stop)
