"""The program `jira-pipeline`: its commands by name, and where each is."""

import atexit
import gc
import os
from collections.abc import Mapping

from jira_pipeline.cli.late import Late, late_group
from jira_pipeline.model.other_source import has_other_source
from jira_pipeline.review.verbs import VERBS


def _at(*places: str, panel: str | None = None, is_hidden: bool = False) -> Mapping[str, Late]:
    return {
        place.split(".")[1].replace("_", "-"): Late(place, panel, is_hidden) for place in places
    }


TICKETS = late_group(
    {
        "list": Late("tickets.list_tickets"),
        **_at("tickets.show", "tickets.edit", "tickets.diff"),
        **{
            name: Late(f"verb_commands.{name}", text=f"review/{verb.place}")
            for name, verb in VERBS.items()
            if verb.has_command
        },
    },
    help="List, read, change and approve a session's tickets.",
)
PEOPLE = late_group(
    {
        **_at("people.add"),
        "list": Late("people.list_people"),
        **_at("people.revoke", "people.token", "people.tokens"),
    },
    help="Manage who may use the web pages, and with which role.",
)
_FIRST, _REVIEW, _AFTER, _MORE = "From sheets to issues", "Review", "After the export", "More"
_SHAREDO = ("export", "status", "cancel", "resume", "compare")


def _of_sharedo() -> Mapping[str, Late]:
    """Return its group, where the room is."""
    places = (f"sharedo/commands.{name}" for name in _SHAREDO)
    words = "Export ShareDo packages, compare environments and create tickets."
    group = late_group(_at(*places), help=words)
    return {"sharedo": Late(group, _MORE)} if has_other_source() else {}


app = late_group(
    {
        **_at("intake.lint", "intake.upload", "session.generate", panel=_FIRST),
        **_at("export.export", "session.status", "serving.serve", "homes.demo", panel=_FIRST),
        "tickets": Late(TICKETS, _REVIEW),
        **_at("questions.questions", "questions.client_link", "tickets.hours", panel=_REVIEW),
        **_at("export.todo", "export.results", "export.fixes", "checks.verify", panel=_AFTER),
        **_at("export.progress", "recovery.resume", "recovery.cancel", panel=_AFTER),
        **_at("recovery.settle", "recovery.undo", "recovery.adopt", panel=_AFTER),
        **_at("session.sessions", "records.errors", "checks.validate", panel=_MORE),
        **_at("checks.quality", "records.audit", "checks.check_project", panel=_MORE),
        **_at("checks.check_writer", "checks.estimate", "homes.init", panel=_MORE),
        **_at("intake.sheets", "agents.mcp", panel=_MORE),
        "people": Late(PEOPLE, _MORE),
        "sandbox": Late(
            late_group(_at("sandbox.serve"), help="Run the embedded Jira sandbox."), _MORE
        ),
        **_of_sharedo(),
        "store": Late(
            late_group(
                _at("store.copy", "store.backup", "store.restore"),
                help="Copy, back up and restore the store.",
            ),
            _MORE,
        ),
        **_at("session.regenerate", is_hidden=True),
    },
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Turn the sheets of a site specification into reviewed, validated Jira issues.",
    epilog="Start with `upload FOLDER`. Every command says what to do next, as does `status KEY`.",
)


GARBAGE_THRESHOLDS = (300_000, 10, 100)
"""A command makes up to 500,000 values and keeps nearly all: with Python's own 700, looking for
reference cycles took 17 to 22 % of its processor time, and found 8 MB of 180."""


def main() -> None:
    """Run the program; what it makes is for this account alone."""
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    atexit.register(gc.freeze)  # what ends is not looked through once more
    os.umask(0o077)
    app()
