"""What a ticket claims, by the parts of its text.

Does not belong here: making a claim (`drupal/claims`), which claims there are and in which
order (`drupal/rules`, `component_claims`), the prose of a ticket (`template`).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from jira_pipeline.drupal.claims import Claim
from jira_pipeline.drupal.view.form import FormRow
from jira_pipeline.model.grouped import group_by

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
