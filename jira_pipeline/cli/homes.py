"""The command `init`: a home where there is no checkout."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from jira_pipeline.cli.console import Screen
from jira_pipeline.cli.context import JsonOption, commanded
from jira_pipeline.errors import ConfigurationError

FolderArgument = Annotated[
    Path | None,
    typer.Argument(
        metavar="[FOLDER]",
        help="Where to make it; without one, `jira_pipeline` in your own folder.",
    ),
]


def init(folder: FolderArgument = None, *, is_json: JsonOption = False) -> None:
    """Make a home: the folder that keeps settings, inbox, store, pages and Dagster's runs.

    Inside a checkout there is one already. A home has a ledger of its own: make one, and keep it.

    For example:

    jira-pipeline init
    jira-pipeline init /srv/jira_pipeline
    """
    from jira_pipeline.settings import find_home, user_home_path  # noqa: PLC0415 - starts fast

    with commanded(is_json=is_json) as screen:
        if folder is not None:
            _make(screen, folder, other=_home_so_far())
            return
        found = find_home()
        if found is None:
            _make(screen, user_home_path(), other=None)
            return
        screen.answer(_answer(found))
        screen.say(f"The home is {found}; nothing was written.")


def _home_so_far() -> Path | None:
    from jira_pipeline.settings import find_home  # noqa: PLC0415 - starts fast

    try:
        return find_home()
    except ConfigurationError:
        return None  # DAGSTER_HOME may name the home that is to be made


def _make(screen: Screen, folder: Path, *, other: Path | None) -> None:
    from jira_pipeline.sessions.homes import make_home  # noqa: PLC0415 - starts fast
    from jira_pipeline.settings import user_home_path  # noqa: PLC0415 - as above

    made = make_home(folder)
    screen.answer(_answer(made.path, written=made.written, kept=made.kept))
    screen.say(f"Home: {made.path}")
    if made.written:
        screen.say(f"Written: {', '.join(made.written)}")
    if made.kept:
        screen.say(f"Kept as they were: {', '.join(made.kept)}")
    if other not in {None, made.path}:
        screen.say(
            f"The home so far is {other}: this one has a ledger of its own, which knows nothing of "
            "the issues that were created from there."
        )
    if made.path != user_home_path():
        screen.say(f"Commands find it from inside that folder, or with DAGSTER_HOME={made.path}.")
    screen.say("Settings are in its .env. Next: jira-pipeline upload FOLDER")


def _answer(
    home: Path, *, written: Sequence[str] = (), kept: Sequence[str] = ()
) -> dict[str, object]:
    return {"home": str(home), "written": list(written), "kept": list(kept)}
