"""Asks a real Jira which of our unproven claims hold there: `make live`.

Needs JIRA_BASE_URL, JIRA_EMAIL, JIRA_API_TOKEN and JIRA_PROJECT_KEY; creates two issues in that
project and deletes them; sends at most 40 requests. Never run by CI.
"""

import os
import sys
from collections.abc import Mapping

from jira_pipeline.jira_client.addresses import checked_base_url
from jira_pipeline_tests.live.facts import Verdict, check_facts
from jira_pipeline_tests.live.site import REQUESTS_MAX, CannotAskError, LiveSite, opened_site

VARIABLES = ("JIRA_BASE_URL", "JIRA_EMAIL", "JIRA_API_TOKEN", "JIRA_PROJECT_KEY")
WORDS: Mapping[bool | None, str] = {True: "holds", False: "DOES NOT HOLD", None: "cannot be asked"}


def main() -> None:
    """Ask, clean up, and tell."""
    environment = os.environ  # noqa: TID251 - this is no part of the product
    missing = [name for name in VARIABLES if not environment.get(name)]
    if missing:
        sys.exit(f"make live asks a real Jira; set {', '.join(missing)}.")
    url, email, token, project_key = (environment[name] for name in VARIABLES)
    with opened_site(checked_base_url(url), auth=(email, token), project_key=project_key) as site:
        is_good = tell(site)
    sys.exit(0 if is_good else 1)


def tell(site: LiveSite) -> bool:
    """Print every verdict as it comes; tell whether all claims hold and nothing was left behind."""
    verdicts: list[Verdict] = []
    left: list[str] = []
    try:
        for verdict in check_facts(site):
            verdicts.append(verdict)
            seen = "" if verdict.holds else f"\n    seen: {verdict.seen}"
            print(f"{WORDS[verdict.holds]:<16} {verdict.claim}{seen}")  # noqa: T201 - a command
    except CannotAskError as error:
        print(f"The rest cannot be asked here. {error}")  # noqa: T201 - a command
        return False
    finally:
        left = site.clean_up()
        print(f"{site.request_count} of {REQUESTS_MAX} requests")  # noqa: T201 - a command
        if left:
            print(f"not deleted: issues {', '.join(left)}")  # noqa: T201 - a command
    return not left and all(verdict.holds is not False for verdict in verdicts)


if __name__ == "__main__":
    main()
