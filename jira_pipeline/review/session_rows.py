"""The rows of a session as rules look them up.

Belongs here: making them once for the contents of a session. Does not: what rules read in them
(`drupal/ticket_rows`).
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what only offers a verb loads no store and no rules
    from jira_pipeline.drupal.ticket_rows import SessionRows
    from jira_pipeline.review.open_session import OpenSession


def rows_of_session(session: "OpenSession") -> "SessionRows":
    """Return what rules look up of the whole session, made once for what they can read of it."""
    # All rules are slow to load, and whoever offers a verb needs none.
    from jira_pipeline.drupal.ticket_rows import SessionRows  # noqa: PLC0415

    contents = session.contents
    site_name = session.stored.site_name
    site_description = session.stored.manifest.site_description

    def make_rows() -> SessionRows:
        return SessionRows(
            specification=contents.specification,
            groups=contents.groups_by_key,
            site_name=site_name,
            site_description=site_description,
        )

    read_by_rules = (contents, site_name, site_description)
    return session.pipeline.memory.as_of(read_by_rules, "rows of rules", session.key, make_rows)
