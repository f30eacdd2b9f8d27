"""What a command says that was typed wrongly: the value, what is expected, what to type instead.

Belongs here: our words for what the library of the terminal refuses before a command begins, and
refusing what it would lose: an option that is given twice. Does not: what commands refuse
themselves (`errors`).
"""

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from itertools import islice
from typing import Any

import typer
from pydantic import ValidationError
from typer.core import TyperCommand, TyperGroup
from typer.models import CommandFunctionType
from typing_extensions import override

from jira_pipeline.cli.console import ExitCode, new_screen, show_error
from jira_pipeline.errors import PipelineError, WrongUseError

_refusals: Any = import_module(typer.BadParameter.__module__)
"""The library's classes of wrong use; under which name they can be imported varies."""
PROGRAM = "jira-pipeline"
_WHOLE_NUMBER = "a whole number"
_SESSIONS_NAMED = 10
PAIR_SEPARATOR = "\x1f"
"""Between the two values of an option that takes a pair and may be repeated."""


class Command(TyperCommand):
    """A command that loses nothing it is given: an option that takes one value is taken once.

    An option that may be repeated and names two values takes both: the library knows no such
    options. They arrive in one text, with `PAIR_SEPARATOR` between them.
    """

    @override
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read what was typed.

        Raises:
            typer.BadParameter: An option that takes one value is there twice, or half a pair.
        """
        if ctx.resilient_parsing:  # the shell completes an unfinished line
            return super().parse_args(ctx, args)
        given = self._with_pairs(ctx, args)
        _, _, order = self.make_parser(ctx).parse_args(args=list(given))
        params: list[Any] = self.params  # of classes whose names vary
        for param in params:
            is_single = param.param_type_name == "option" and not param.multiple
            if is_single and not param.is_flag and order.count(param) > 1:
                fault = f"it takes one value and is there {order.count(param)} times"
                raise typer.BadParameter(fault, ctx=ctx, param=param)
        ctx.allow_extra_args = True  # refused here, in our words
        if extra := super().parse_args(ctx, given):
            raise typer.BadParameter(f"{' '.join(extra)!r} is one word too many", ctx=ctx)
        return extra

    def _with_pairs(self, ctx: Any, args: Sequence[str]) -> list[str]:
        params: list[Any] = self.params
        pairs = {
            name: param
            for param in params
            if param.param_type_name == "option" and param.multiple and " " in (param.metavar or "")
            for name in param.opts
        }
        given, following = [], iter(args)
        for word in following:
            name, is_joined, first = word.partition("=")
            if word == "--" or name not in pairs:
                given.append(word)
                if word == "--":
                    break
                continue
            values = [first] if is_joined else list(islice(following, 1))
            values += islice(following, 1)
            if len(values) < 2:  # noqa: PLR2004 - a pair
                fault = f"it takes two values: {pairs[name].metavar}"
                raise typer.BadParameter(fault, ctx=ctx, param=pairs[name])
            given.append(f"{name}={PAIR_SEPARATOR.join(values)}")
        return [*given, *following]


class Commands(typer.Typer):
    """Commands of which each is a `Command`."""

    @override
    def command(
        self, name: str | None = None, **options: Any
    ) -> Callable[[CommandFunctionType], CommandFunctionType]:
        """Add a command as the library does."""
        return super().command(name, **{"cls": Command} | options)


class Program(TyperGroup):
    """The program; wrong use is reported in our words and ends with 2, as an object to programs."""

    @override
    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command and leave with its exit code."""
        given = list(sys.argv[1:] if args is None else args)
        try:
            code = super().main(
                args=given,
                prog_name=prog_name,
                complete_var=complete_var,
                standalone_mode=False,
                windows_expand_args=windows_expand_args,
                **extra,
            )
        except _refusals.UsageError as error:
            if not standalone_mode:
                raise
            if isinstance(error, _refusals.NoArgsIsHelpError):
                error.show()
            else:
                screen = new_screen(is_json=_is_json(given))
                show_error(screen, wrong_use_of(error, given, program=self))
            sys.exit(ExitCode.WRONG_USE)
        except WrongUseError as error:
            show_error(new_screen(is_json=_is_json(given)), error)
            sys.exit(ExitCode.WRONG_USE)
        except typer.Abort:
            if not standalone_mode:
                raise
            new_screen(is_json=False).err.print("Nothing was done.")
            sys.exit(ExitCode.FAILED)
        if standalone_mode:
            sys.exit(code)
        return code


def _is_json(given: Sequence[str]) -> bool:
    return "--json" in given


def wrong_use_of(error: Any, given: Sequence[str], *, program: TyperGroup) -> WrongUseError:
    """Say wrong use in our words; `given` is what was typed after the name of the program."""
    names = _command_in(given, program) if error.ctx is None else error.ctx.command_path.split()[1:]
    command = " ".join([PROGRAM, *names])
    shown = f"`{command} --help` shows what it takes."
    param = getattr(error, "param", None)
    if param is None:
        return WrongUseError(_unnamed(error, command), recovery_actions=(shown,))
    name = _name_of(param)
    if isinstance(error, _refusals.MissingParameter):
        if name == "KEY":
            return _without_session(command, given=given)
        text = str(getattr(param, "help", None) or "").strip()
        explained = f": {text[:1].lower()}{text[1:]}" if text else "."
        return WrongUseError(f"{command} needs {name}{explained}", recovery_actions=(shown,))
    return WrongUseError(f"{name}: {_expected(error)}", recovery_actions=(shown,))


def _command_in(given: Sequence[str], program: TyperGroup) -> Sequence[str]:
    """Return the words that name the command, where the library no longer knows it."""
    command: Any = program
    names: list[str] = []
    for word in given:
        command = getattr(command, "commands", {}).get(word)
        if command is None:
            break
        names.append(word)
    return names


def _unnamed(error: Any, command: str) -> str:
    """Say what is wrong with no parameter: an unknown option or command, one word too many."""
    if isinstance(error, _refusals.NoSuchOption):
        option = error.option_name
        if option[1:].isdigit():
            return f"{option} is no number of anything: numbers begin with 1."
        close = error.possibilities
        meant = f" Did you mean {' or '.join(close)}?" if close else ""
        return f"{command} has no option {option}.{meant}"
    message, hint = str(error.message).strip().rstrip("."), getattr(error, "param_hint", None)
    if hint:
        return f"{hint}: {message}."
    sentence = f"{message[:1].upper()}{message[1:]}"
    return sentence if sentence.endswith("?") else f"{sentence}."


def _name_of(param: Any) -> str:
    """Name a parameter as people type it: an option by its long name, an argument by its word."""
    if param.param_type_name == "option":
        return str(max(param.opts, key=len))
    return str(param.metavar or param.human_readable_name).strip("[].")


def _expected(error: Any) -> str:
    """Say which value was refused and what is expected instead."""
    cause = error.__cause__
    if not isinstance(cause, ValidationError):
        return f"{str(error.message).rstrip('.')}."
    first = cause.errors()[0]
    value, limits = first["input"], first.get("ctx", {})
    match first["type"]:
        case "int_parsing" | "int_type" | "int_from_float":
            return f"{value!r} is not {_WHOLE_NUMBER}."
        case "greater_than_equal":
            return f"{value} is not {_WHOLE_NUMBER} of at least {limits['ge']}."
        case "less_than_equal":
            return f"{value} is not {_WHOLE_NUMBER} of at most {limits['le']}."
        case _:
            return first["msg"].removeprefix("Value error, ")


def _without_session(command: str, *, given: Sequence[str]) -> WrongUseError:
    """Say that no session was named, and which there are, where the store can be asked."""
    keys = _session_keys()
    words = " ".join([PROGRAM, *given])
    actions = [f"`{PROGRAM} sessions` lists the sessions with what each needs."]
    if not keys:
        there = ""
        actions = [f"Upload the folder with the sheets first: `{PROGRAM} upload FOLDER`."]
    elif len(keys) == 1:
        there = f" There is one session: {keys[0]}."
        actions = [f"Name it: `{words} {keys[0]}`."] if words == command else actions
    else:
        more = ", …" if len(keys) > _SESSIONS_NAMED else ""
        there = f" Sessions: {', '.join(keys[:_SESSIONS_NAMED])}{more}."
    return WrongUseError(
        f"{command} needs the key of an upload session.{there}", recovery_actions=actions
    )


def _session_keys() -> list[str]:
    """Return the keys of all sessions, newest first; none where the home cannot be opened."""
    from jira_pipeline.flow.composition import open_pipeline
    from jira_pipeline.flow.listing import all_sessions
    from jira_pipeline.settings import adopt_dagster_home, load_settings

    try:
        pipeline = open_pipeline(load_settings(adopt_dagster_home()))
        with pipeline.store:
            return [session.session_key for session in all_sessions(pipeline)]
    except PipelineError:
        return []  # what is wrong there is reported by the command once it is typed rightly
