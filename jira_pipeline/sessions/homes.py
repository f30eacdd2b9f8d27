"""Makes a home: the folder with `dagster.yaml` in which the program keeps everything.

A checkout is a home already. Whoever installed the package gets one by `init` or `demo`, with files
that the package brings along: `dagster.yaml`, `workspace.yaml`, `.env`, and a folder for definitions
of one's own.

Belongs here: what a new home has, the bundled files, closing it to other accounts. Does not: finding
a home (`context/settings`), the data in it (`composition`).
"""

import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import jira_pipeline
from jira_pipeline.context.settings import PROJECT_MARK, Settings
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import ConfigurationError, system_message

_PACKAGED = "packaged"
"""The folder of a wheel with the files from the top of a checkout (pyproject.toml: force-include)."""
EXAMPLE = "uhrenmuseum"
"""The example with every kind of sheet, and whose manifest approves its tickets."""
WORKSPACE = "workspace.yaml"
PROJECT_OF_DG = "pyproject.toml"
DEFINITIONS_OF_USERS = "defs/__init__.py"
ENV = ".env"
ENV_EXAMPLE = ".env.example"
_OWN_HOME_LINE = "DAGSTER_HOME="
_PROJECT_OF_DG_TEXT = """\
# By this file `dg` knows the folder as a project: `dg dev`, `dg list defs`, `dg launch`.
[tool.dg]
directory_type = "project"

[tool.dg.project]
root_module = "defs"
defs_module = "defs" # `dg scaffold defs` writes there
code_location_target_module = "jira_pipeline.definitions"
code_location_name = "jira_pipeline.definitions" # as workspace.yaml names it: links lead there
"""
_DEFINITIONS_OF_USERS_TEXT = '''\
"""Your own assets, checks, jobs, schedules, sensors and resources.

Every module in and below this folder is loaded beside the definitions of jira_pipeline.
"""
'''
DAGSTER_FOLDERS = ("history", "logs", "schedules", "storage")
"""The folders that Dagster makes beside `dagster.yaml`; the history of runs quotes cells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewHome:
    """A home that was made, or completed where some of its files were there."""

    path: Path
    written: tuple[str, ...]
    """Names of the files that were written."""
    kept: tuple[str, ...]
    """Names of the files that were there before, and are unchanged."""


def bundled_path() -> Path:
    """Return the folder of `dagster.yaml`, `workspace.yaml`, `.env.example` and the examples."""
    package = Path(jira_pipeline.__file__).parent
    return package / _PACKAGED if (package / _PACKAGED).is_dir() else package.parent


def example_path(folder: Path) -> Path:
    """Return the folder of the example in the folder of bundled files.

    Raises:
        ConfigurationError: It is not there.
    """
    path = folder / "examples" / EXAMPLE
    if not path.is_dir():
        raise ConfigurationError(
            f"There is no example in {path}.",
            recovery_actions=(
                "Reinstall the program, or restore the checkout's `examples` folder.",
                Action.of(ActionKind.UPLOAD, "Or use your own sheets: {}."),
            ),
        )
    return path


def refuse_beside_real_jira(settings: Settings) -> None:
    """Refuse the example where its issues would be created in a real Jira.

    Raises:
        ConfigurationError: A real Jira is configured.
    """
    if not settings.is_sandbox:
        raise ConfigurationError(
            "The example uses only the sandbox, but JIRA_BASE_URL is set.",
            recovery_actions=(Action.of(ActionKind.RUN_DEMO, "Unset JIRA_BASE_URL, and run {}."),),
        )


def make_home(folder: Path) -> NewHome:
    """Make a home in `folder`; files that are there stay as they are.

    `dagster.yaml` is written last, as it makes a folder a home: one that was interrupted before is
    none.

    Raises:
        ConfigurationError: The folder cannot be written to.
    """
    path = folder.resolve()
    bundled = bundled_path()
    settings = (bundled / ENV_EXAMPLE).read_text(encoding="utf-8")
    settings = settings.replace(f"\n{_OWN_HOME_LINE}\n", f"\n{_OWN_HOME_LINE}{path}\n")
    texts = {ENV: settings, WORKSPACE: (bundled / WORKSPACE).read_text(encoding="utf-8")}
    if path != bundled.resolve():  # a checkout is a project of `dg` already, with another folder
        texts[DEFINITIONS_OF_USERS] = _DEFINITIONS_OF_USERS_TEXT
        texts[PROJECT_OF_DG] = _PROJECT_OF_DG_TEXT
    texts[PROJECT_MARK] = (bundled / PROJECT_MARK).read_text(encoding="utf-8")
    written = []
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, text in texts.items():
            if not (path / name).exists():
                (path / name).parent.mkdir(mode=0o700, exist_ok=True)
                _write(path / name, text, mode=0o600 if name == ENV else 0o666)
                written.append(name)
    except OSError as error:
        raise ConfigurationError(
            f"No data folder can be made in {path}: {system_message(error)}.",
            recovery_actions=(
                Action.of(
                    ActionKind.MAKE_HOME,
                    "Name a folder this account may write to: {}.",
                    folder="FOLDER",
                ),
            ),
        ) from error
    unchanged = tuple(name for name in texts if name not in written)
    return NewHome(path=path, written=tuple(written), kept=unchanged)


def add_setting(env_path: Path, name: str, value: str) -> None:
    """Append a setting to `.env`; a file that is new may be read by this account alone.

    Raises:
        ConfigurationError: The file cannot be written.
    """
    quoted = value.replace("\\", "\\\\").replace("'", "\\'")
    try:
        env_path.touch(mode=0o600)
        with env_path.open("a", encoding="utf-8") as file:
            file.write(f"\n{name}='{quoted}'\n")
    except OSError as error:
        raise ConfigurationError(
            f"{env_path} cannot be written: {system_message(error)}.",
            recovery_actions=(f"Set {name} in the environment.",),
        ) from error


def _write(path: Path, text: str, *, mode: int) -> None:
    """Write a file in one step, so that nobody reads half of it; the mode holds from the first byte."""
    unfinished = path.with_name(f"{path.name}.new")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=mode, exist_ok=False)
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)


def remove_access_of_others(folders: Iterable[Path]) -> None:
    """Take from other accounts what they may do with folders of ours and all that is in them.

    Earlier versions and Dagster left files that everybody may read.

    Raises:
        ConfigurationError: The permissions of a file cannot be changed.
    """
    for folder in folders:
        paths = [folder, *folder.rglob("*")] if folder.is_dir() else []
        for path in paths:
            try:
                mode = path.lstat().st_mode
                if mode & 0o077 and not path.is_symlink():
                    path.chmod(stat.S_IMODE(mode) & 0o700)
            except FileNotFoundError:  # removed meanwhile, as somebody works here
                continue
            except OSError as error:
                raise ConfigurationError(
                    f"{path} may be read by other accounts, and its permissions cannot be changed: "
                    f"{system_message(error)}.",
                    recovery_actions=(f"Take their rights away: chmod -R go= {folder}",),
                ) from error
