"""A home is made: `init`.

Does not belong here: what a home holds (`sessions/homes`), the store in it (`store_commands`).
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from jira_pipeline.cli.console import Screen
from jira_pipeline.context.settings import checkout_path, find_home, user_home_path
from jira_pipeline.model.errors import ConfigurationError

if TYPE_CHECKING:
    pass

FolderArgument = Annotated[
    Path | None, "[FOLDER]", "Where to create it; by default, `~/jira_pipeline`."
]


def init(screen: Screen, folder: FolderArgument = None) -> None:
    """Create the data folder, which holds the settings, inbox, store, pages and Dagster's runs.

    A checkout is already one. Keep the folder: it records what has been sent to Jira. In a data
    folder of an earlier version, only the files that are missing are written.

    For example:

    jira-pipeline init
    jira-pipeline init /srv/jira_pipeline
    """
    from jira_pipeline.sessions.homes import make_home

    try:
        other = find_home()
    except ConfigurationError:
        if folder is None:
            raise
        other = None  # DAGSTER_HOME may name the home that is to be made
    if folder is None and other == checkout_path():
        screen.answer({"home": str(other), "written": [], "kept": []})
        screen.say(f"The data folder is {other}; nothing was written.")
        return
    made = make_home(folder or other or user_home_path())
    screen.answer({"home": str(made.path), "written": list(made.written), "kept": list(made.kept)})
    is_elsewhere = made.path != user_home_path()
    screen.say(
        f"Data folder: {made.path}",
        f"Written: {', '.join(made.written)}" if made.written else "",
        f"Kept unchanged: {', '.join(made.kept)}" if made.kept else "",
        f"The current data folder is {other}: the new one has no record of the issues created from "
        "there."
        if other not in {None, made.path}
        else "",
        f"Commands find it from inside that folder or with DAGSTER_HOME={made.path}."
        if is_elsewhere
        else "",
        "Settings are in its .env. Next: jira-pipeline upload FOLDER",
    )
