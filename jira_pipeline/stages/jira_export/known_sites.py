"""Under which id a site is known that did not always tell one.

Belongs here: keeping one site one site. Does not: asking it (`jira_client`), targets (`gate`).

A page that is missing for a moment must not give a site a second name: under another name every
issue would be created once more.
"""

from jira_pipeline.domain.export_ledger import Target
from jira_pipeline.errors import UnavailableError
from jira_pipeline.ports.issue_tracker import Site
from jira_pipeline.stages.jira_export.order import ExportTools


def is_same_site(target: Target, site: Site) -> bool:
    """Tell whether a target is on a site, also where one of both was never told the site's id."""
    if target.site_id.lower() == site.site_id.lower():  # cloud ids know no case
        return True
    is_nameless = site.base_url in (target.site_id, site.site_id)
    return is_nameless and target.base_url == site.base_url


def known_site_id(tools: ExportTools, site: Site, *, project_id: str) -> str:
    """Return the id under which a project of the site is known, else what the site calls itself.

    Raises:
        UnavailableError: Several sites had this address, and this one does not say which it is.
    """
    known = [
        target.site_id
        for target in tools.ledger.targets()
        if target.project_id == project_id and is_same_site(target, site)
    ]
    if not known or site.site_id in known:
        return site.site_id
    if len(known) > 1:
        raise UnavailableError(
            f"{site.base_url} does not say which site it is just now, and several were known "
            "there; nothing is sent before it does."
        )
    return known[0]
