"""What a person is told of an issue nobody is sure of.

Belongs here: the manual fix about an issue, or about the doubt whether there is one. Does not:
when a doubt is left to a person (`settling`).
"""

from collections.abc import Sequence
from functools import partial

from jira_pipeline.domain.manual_fixes import FixType
from jira_pipeline.domain.rendered_tickets import RenderedTicket
from jira_pipeline.stages.jira_export.book import issue_subject
from jira_pipeline.stages.jira_export.doubts import give_up
from jira_pipeline.stages.jira_export.left_to_people import Fallback, record_fix
from jira_pipeline.stages.jira_export.lookout import Lookout
from jira_pipeline.stages.jira_export.sighting import Sighting

CREATION_SUBJECT = "creation"
"""Subject of the manual fix about a ticket whose issue was found nowhere."""


def give_up_issue(lookout: Lookout, rendered: RenderedTicket, *, why: str) -> None:
    """Leave the issue of a ticket to a person."""
    what = issue_subject(lookout.opened, rendered)
    give_up(lookout.book, what, why=why, tell=partial(tell_doubt, lookout, rendered))


def tell_doubt(lookout: Lookout, rendered: RenderedTicket, why: str) -> None:
    """Tell a person that whether a ticket has an issue cannot be found out."""
    record_orphan(lookout, rendered, key=None, why=why)


def record_unmarked(
    lookout: Lookout, sighting: Sighting, tickets: Sequence[RenderedTicket]
) -> None:
    """List what looks like a second issue of a ticket, where the site drops our markers.

    Its title is all that tells it: people compare, nothing is done about it.
    """
    if sighting.is_calibrated:
        return
    known_ids = lookout.known_ids()
    for rendered in tickets:
        if lookout.book.receipt(issue_subject(lookout.opened, rendered).identity) is not None:
            for key in sighting.suspects(rendered, known_ids=known_ids):
                record_orphan(lookout, rendered, key=key, why="it has the same title, no marker")


def record_orphan(lookout: Lookout, rendered: RenderedTicket, *, key: str | None, why: str) -> None:
    """List an issue, or the doubt about one, for a person."""
    ticket, target = rendered.ticket, lookout.opened.target
    action = (
        f"Compare {key} with the ticket's issue and delete the one that is too many."
        if key
        else f"Look in {target.name} for an issue with the title “{rendered.summary}”, then settle the "
        "session."
    )
    orphan = Fallback(
        fix_type=FixType.ORPHAN_ISSUE,
        subject=key or CREATION_SUBJECT,
        title=f"Settle the issue of {ticket.title}",
        original_value=why,
        recommended_action=action,
    )
    record_fix(lookout.tools, lookout.opened, ticket, orphan, key=key)
