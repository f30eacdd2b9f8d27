"""The program `jira-pipeline`: its commands by name, and where each is.

Commands are imported when they are typed, and listed without: their imports take up to a second.
"""

import ast
import atexit
import gc
import os
from collections import UserDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command_from_info, get_group
from typer.models import CommandInfo
from typing_extensions import override

from jira_pipeline.model.other_source import has_other_source
from jira_pipeline.review.verbs import VERBS

_FIRST = "From sheets to issues"
_REVIEW = "Review"
_AFTER = "After the export"
_MORE = "More"
GARBAGE_THRESHOLDS = (300_000, 10, 100)
"""A command makes up to 500,000 values and keeps nearly all: with Python's own 700, looking for
reference cycles took 17 to 22 % of its processor time, and found 8 MB of 180."""


@dataclass(frozen=True, slots=True)
class LazyCommand:
    """Where a command is, or the group itself, which then imports its own commands late."""

    place: str | typer.Typer
    """`module.function` of this package, or `room/module.function`."""
    panel: str | None = None
    """Under which it is listed."""
    text: str = ""
    """`room/module.function` that says what it does, where another one does."""

    @property
    def help(self) -> str:
        """What it says of itself; empty where only importing it shows that."""
        if isinstance(self.place, typer.Typer):
            return str(self.place.info.help)
        module, function = (self.text or self._path).split(".")
        return _texts_of(module).get(function, "").partition("\n\nRaises:")[0]

    @property
    def _path(self) -> str:
        return str(self.place) if "/" in str(self.place) else f"cli/{self.place}"

    def load(self) -> Any:
        """Import it and return the command, as the library makes it."""
        if isinstance(self.place, typer.Typer):
            return get_group(self.place)
        name, function = self._path.replace("/", ".").rsplit(".", 1)
        module = import_module(f"jira_pipeline.{name}")
        frame_command = import_module("jira_pipeline.cli.context").frame_command
        command_class = getattr(module, "COMMAND_CLASS", None)
        info = CommandInfo(cls=command_class, callback=frame_command(getattr(module, function)))
        return get_command_from_info(info, pretty_exceptions_short=True, rich_markup_mode="rich")


class _Commands(UserDict[str, Any]):
    """Commands by name, each made when somebody asks for it."""

    @override
    def __getitem__(self, name: str) -> Any:
        lazy = self.data[name]
        if isinstance(lazy, LazyCommand):
            command = self.data[name] = lazy.load()
            command.name = name
            command.rich_help_panel = lazy.panel
        return self.data[name]


class LazyGroup(TyperGroup):
    """A group of such commands."""

    lazy_commands: Mapping[str, LazyCommand] = {}
    usual_command = ""
    """What a name that is no command, alone or with options, is given to: `tickets my_site` lists."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands: Any = _Commands(self.lazy_commands)
        self._is_listing = False

    @override
    def list_commands(self, ctx: Any) -> list[str]:
        """Return their names."""
        return [*self.lazy_commands]

    @override
    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command; for a list only what it says of itself, where that is enough."""
        lazy = self.lazy_commands.get(cmd_name)
        if self._is_listing and lazy is not None and lazy.help:
            return TyperCommand(name=cmd_name, help=lazy.help, rich_help_panel=lazy.panel)
        return self.commands.get(cmd_name)

    @override
    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that is meant."""
        is_command = args[0] in self.lazy_commands
        is_alone = len(args) == 1 or args[1].startswith("-")
        if self.usual_command and not is_command and is_alone:
            args = [self.usual_command, *args]
        return super().resolve_command(ctx, args)

    @override
    def format_help(self, ctx: Any, formatter: Any) -> None:
        """List them."""
        self._is_listing = True
        super().format_help(ctx, formatter)
        self._is_listing = False


def lazy_group(
    commands: Mapping[str, LazyCommand], *, usual_command: str = "", **settings: Any
) -> typer.Typer:
    """Return a program, or a group, of such commands."""
    attributes = {"lazy_commands": commands, "usual_command": usual_command}
    group_class = type("Group", (LazyGroup,), attributes)
    app = typer.Typer(cls=group_class, no_args_is_help=True, **settings)
    app.callback()(lambda: None)  # makes it a group, though it has no command yet
    return app


@cache
def _texts_of(module: str) -> Mapping[str, str]:
    """Return what the functions of a module say of themselves, from its source."""
    tree = ast.parse((Path(__file__).parents[1] / f"{module}.py").read_text(encoding="utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return {function.name: ast.get_docstring(function) or "" for function in functions}


def _commands_of(*places: str, panel: str | None = None) -> Mapping[str, LazyCommand]:
    """Return commands by the names of their functions: `check-project` for `checks.check_project`."""
    commands = {}
    for place in places:
        _, function = place.split(".")
        commands[function.replace("_", "-")] = LazyCommand(place, panel)
    return commands


TICKETS = lazy_group(
    {
        "list": LazyCommand("tickets.list_tickets"),
        **_commands_of("tickets.show", "ticket_editing.edit", "ticket_editing.diff"),
        **{
            name: LazyCommand(f"verb_commands.{name}", text=f"review/{verb.place}")
            for name, verb in VERBS.items()
            if verb.has_command
        },
    },
    usual_command="list",
    help="List, read, change and approve a session's tickets.",
)
LAYOUT = lazy_group(
    _commands_of(
        "layout_commands.show",
        "layout_commands.propose",
        "layout_commands.check",
        "layout_commands.save",
        "layout_commands.discard",
        "layout_commands.undo",
    ),
    help="Say what the worksheets of a specification are: propose, check and confirm a layout.",
)
PEOPLE = lazy_group(
    {
        **_commands_of("people.add"),
        "list": LazyCommand("people.list_people"),
        **_commands_of("people.revoke", "people.token", "people.tokens"),
    },
    help="Manage who may use the web pages, and with which role.",
)
SHAREDO = lazy_group(
    {
        name: LazyCommand(f"sharedo/commands.{name}")
        for name in ("export", "status", "cancel", "resume", "compare")
    },
    help="Export ShareDo packages, compare environments and create tickets.",
)


app = lazy_group(
    {
        **_commands_of("intake.lint", "intake.upload", "generate.generate", panel=_FIRST),
        **_commands_of(
            "export.export", "status.status", "serving.serve", "demo.demo", panel=_FIRST
        ),
        "layout": LazyCommand(LAYOUT, _FIRST),
        "tickets": LazyCommand(TICKETS, _REVIEW),
        **_commands_of(
            "questions.questions", "questions.client_link", "tickets.hours", panel=_REVIEW
        ),
        **_commands_of(
            "export.todo", "export.results", "export.fixes", "verify.verify", panel=_AFTER
        ),
        **_commands_of("export.progress", "resume.resume", "resume.cancel", panel=_AFTER),
        **_commands_of("settle.settle", "undo.undo", "adopt.adopt", panel=_AFTER),
        **_commands_of("session.sessions", "stored_errors.errors", "checks.validate", panel=_MORE),
        **_commands_of(
            "checks.quality",
            "audit.audit",
            "session.kept_reviews",
            "check_project.check_project",
            panel=_MORE,
        ),
        **_commands_of("models.check_writer", "models.estimate", "homes.init", panel=_MORE),
        **_commands_of("intake.sheets", "session.tables", "serving.mcp", panel=_MORE),
        "people": LazyCommand(PEOPLE, _MORE),
        "sandbox": LazyCommand(
            lazy_group(
                {"serve": LazyCommand("serving.serve_sandbox")},
                help="Run the embedded Jira sandbox.",
            ),
            _MORE,
        ),
        **({"sharedo": LazyCommand(SHAREDO, _MORE)} if has_other_source() else {}),
        "store": LazyCommand(
            lazy_group(
                _commands_of(
                    "store_commands.copy", "store_commands.backup", "store_commands.restore"
                ),
                help="Copy, back up and restore the store.",
            ),
            _MORE,
        ),
    },
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Turn the sheets of a site specification into reviewed, validated Jira issues.",
    epilog="Start with `upload FOLDER`. Every command says what to do next, as does `status KEY`.",
)


def main() -> None:
    """Run the program; what it makes is for this account alone."""
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    atexit.register(gc.freeze)  # what ends is not looked through once more
    os.umask(0o077)
    app()
