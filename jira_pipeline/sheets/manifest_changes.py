"""Settings of a session that an upload takes away: what `session.yaml` of a folder no longer says.

Belongs here: which settings differ, and how people read it. Does not: the settings as text
(`model/manifest_settings`), reading `session.yaml` (`manifest`), changing settings on their page
(`sessions/incoming`).
"""

from collections.abc import Mapping

from jira_pipeline.model.manifest_settings import changed_settings
from jira_pipeline.model.sessions import SessionManifest


def replaced_settings(before: Mapping[str, str], now: SessionManifest) -> tuple[str, ...]:
    """Name each setting that was made in a session and that its upload does not have.

    Reviewers change settings on a page; the next folder brings a `session.yaml` of its own.
    """
    changed = changed_settings(before, now)
    return tuple(_sentence(name, one["from"], one["to"]) for name, one in changed.items())


def _sentence(name: str, before: str, now: str) -> str:
    became = f"now it is “{now}”" if now else "now it is not set"
    return (
        f"The setting {name} of this session was “{before}”; {became}. To have it back, enter it "
        "on the settings page, or write it into session.yaml and upload the folder again."
    )
