"""Asks a real Jira which of our unproven claims hold there: `make live`.

Needs JIRA_BASE_URL, JIRA_EMAIL, JIRA_API_TOKEN and JIRA_PROJECT_KEY, in the environment or `.env`;
creates some issues in that project and deletes them; sends at most 60 requests. Never run by CI.

What it prints is a table in Markdown, without the names of site and account.
"""

import sys
from collections.abc import Mapping

from jira_pipeline.context.settings import Settings, load_settings
from jira_pipeline.context.trackers import network_of
from jira_pipeline.model.actions import action_text
from jira_pipeline.model.errors import PipelineError
from jira_pipeline_tests.live.facts import check_facts
from jira_pipeline_tests.live.ground import Verdict
from jira_pipeline_tests.live.site import REQUESTS_MAX, CannotAskError, LiveSite, opened_site

WORDS: Mapping[bool | None, str] = {True: "holds", False: "DOES NOT HOLD", None: "cannot be asked"}


def main() -> None:
    """Ask, clean up, and tell."""
    try:
        settings = load_settings()
        sys.exit(0 if _is_good(settings) else 1)
    except PipelineError as error:
        sys.exit("\n".join((error.message, *map(action_text, error.recovery_actions))))


def _is_good(settings: Settings) -> bool:
    url, email, token, project_key = (
        settings.jira_base_url,
        settings.jira_email,
        settings.jira_api_token,
        settings.jira_project_key,
    )
    if not (url and email and token and project_key):
        sys.exit(
            "make live asks a real Jira; set JIRA_BASE_URL, JIRA_EMAIL, JIRA_API_TOKEN and "
            "JIRA_PROJECT_KEY."
        )
    auth, network = (email, token.get_secret_value()), network_of(settings)
    with opened_site(url, auth=auth, project_key=project_key, network=network) as site:
        return print_verdicts(site)


def print_verdicts(site: LiveSite) -> bool:
    """Print every verdict as it comes; return whether all claims hold and nothing was left."""
    verdicts: list[Verdict] = []
    left: list[str] = []
    print_line("| verdict | claim | seen |")
    print_line("| --- | --- | --- |")
    trouble = ""
    try:
        for verdict in check_facts(site):
            verdicts.append(verdict)
            seen = verdict.seen if verdict.holds is not True or verdict.is_informative else ""
            print_line(
                f"| {WORDS[verdict.holds]} | {site.shown(verdict.claim)} | {site.shown(seen)} |"
            )
    except CannotAskError as error:
        trouble = f"The rest cannot be asked here. {site.shown(str(error))}"
    finally:
        left = site.clean_up()
        print_line(f"\n{trouble}" if trouble else "")
        print_line(f"{site.request_count} of {REQUESTS_MAX} requests")
        if left:
            print_line(f"not deleted: issues {', '.join(left)}")
    return not trouble and not left and all(verdict.holds is not False for verdict in verdicts)


def print_line(text: str) -> None:
    print(text)  # noqa: T201 - a command


if __name__ == "__main__":
    main()
