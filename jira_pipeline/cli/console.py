"""How things are shown in a terminal: tables, findings, errors, progress; JSON for other programs.

Every command writes to a `Screen`: lines and tables for people, or one JSON answer for programs
(`--json`), where the other is nothing. Texts that come from files are made harmless by `literal` first.

Belongs here: presentation shared by commands. Does not: what a command does.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import IntEnum

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from jira_pipeline.model.actions import Action, action_text, as_actions, with_action_texts
from jira_pipeline.model.errors import (
    GATE_CODES,
    ErrorCategory,
    NotFoundKind,
    PipelineError,
    SessionLockedError,
    SiteInQuestionError,
    WrongUseError,
)
from jira_pipeline.model.findings import Finding, ReadFile, Severity, causes_of, ranked_findings
from jira_pipeline.model.json_values import json_of, select_fields
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.model.records import StoredError

LOOKS_PER_SECOND = 5
_PICTURES = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\n\t"}
"""The Unicode pictures of control characters."""
_DIRECTIONS = (*range(0x200E, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""Marks that turn the direction of a text, so that it reads as another one."""
_HARMLESS_CHARACTERS = (
    _PICTURES
    | {0x7F: 0x2421}
    | dict.fromkeys((*range(0x80, 0xA0), *_DIRECTIONS), "\N{REPLACEMENT CHARACTER}")
)
"""What is shown in place of characters that a terminal would act on: ␀, ␛ and so on, one for each."""
FINDINGS_SHOWN = 5
"""Kinds of findings that are shown in full; of others the number and the first place."""
CELL_CHARACTERS_SHOWN = 60
_CODES_TO_ACT_ON = {*GATE_CODES, SessionLockedError.code, SiteInQuestionError.code}
"""Errors after which a person has to decide or do something, and nothing is broken."""


class ExitCode(IntEnum):
    """What a command ends with."""

    DONE = 0
    FAILED = 1
    WRONG_USE = 2
    USER_MUST_ACT = 3
    TEMPORARY = 75


@dataclass(frozen=True, slots=True)
class Screen:
    """Where a command writes: tables for people on one side, JSON for programs on the other."""

    out: Console
    err: Console
    is_json: bool = False

    def say(self, *lines: str | Text, soft_wrap: bool | None = None) -> None:
        """Print lines for people, literally, without empty ones; programs get nothing."""
        if self.is_json:
            return
        for line in lines:
            if line:
                self.out.print(literal(line), soft_wrap=soft_wrap)

    def say_unwrapped(self, *lines: str) -> None:
        """Print lines for people to copy, however long."""
        self.say(*lines, soft_wrap=True)

    def show(self, table: Table) -> None:
        if not self.is_json:
            self.out.print(table)

    def table(
        self,
        columns: Sequence[str],
        rows: Iterable[Sequence[object]],
        *,
        title: str = "",
        wide: str = "",
        if_any: bool = False,
    ) -> None:
        """Print a table; the column named `wide` takes the room that is left.

        An empty table prints its header, unless `if_any`.
        """
        lines = list(rows)
        if self.is_json or (if_any and not lines):
            return
        table = Table(
            title=literal(title) if title else None,
            box=SIMPLE_HEAD,
            title_justify="left",
            pad_edge=False,
        )
        for column in columns:
            table.add_column(column, overflow="fold", ratio=1 if column == wide else None)
        for row in lines:
            if len(row) != len(columns):
                raise ValueError(f"a row has {len(row)} cells, the table {len(columns)} columns")
            table.add_row(*map(literal, row))
        self.out.print(table)

    def answer(self, value: object, *, is_line: bool = False) -> None:
        """Print the answer for programs as JSON: a value with declared fields, or a mapping or list of such.

        With `is_line` it is one of many answers, each on a line of its own. People get nothing.
        """
        if self.is_json:
            shown = with_action_texts(json_of(value))
            indent = None if is_line else 2
            text = json.dumps(shown, default=str, ensure_ascii=False, indent=indent)
            self.out.out(text, highlight=False)  # print_json looks for places to break every word


def literal(text: object, style: str = "") -> Text:
    """Return a text that is shown as it is: without markup, and with nothing a terminal would act on.

    Cells come from files of other people; an escape sequence in one could rewrite the screen.
    """
    if isinstance(text, Text):
        harmless = text.copy()
        harmless.plain = harmless.plain.translate(_HARMLESS_CHARACTERS)
    else:
        harmless = Text("" if text is None else str(text).translate(_HARMLESS_CHARACTERS))
    if style:
        harmless.stylize(style)
    return harmless


def new_screen(*, is_json: bool) -> Screen:
    """Return a screen that writes to the standard streams."""
    width = None if Console().is_terminal else 140  # a file has no width of its own
    return Screen(
        out=Console(width=width, soft_wrap=is_json),
        err=Console(stderr=True, width=width),
        is_json=is_json,
    )


def is_interactive(screen: Screen) -> bool:
    """Tell whether a person who can be asked is at the terminal."""
    return not screen.is_json and screen.err.is_terminal and sys.stdin.isatty()


def exit_code_of(error: PipelineError | StoredError) -> ExitCode:
    """Return the exit code of a command after an error, its own or one that a run stored."""
    if error.code in _CODES_TO_ACT_ON:
        return ExitCode.USER_MUST_ACT
    # A question that a file answers was there when the file was written: nothing was typed wrong.
    is_outdated_question = error.code == NotFoundKind.QUESTION.value
    if isinstance(error, WrongUseError) and not is_outdated_question:
        return ExitCode.WRONG_USE
    if error.category == ErrorCategory.TEMPORARY.value:
        return ExitCode.TEMPORARY
    return ExitCode.FAILED


def show_error(screen: Screen, error: PipelineError | StoredError) -> None:
    """Show what failed and what to do next; programs get it as their answer."""
    if screen.is_json:
        screen.answer({"error": error_object(error)})
        return
    message = error.message if isinstance(error, StoredError) else error.sentence
    show_failure(screen, message, actions=actions_after(error))


def actions_after(error: PipelineError | StoredError) -> Sequence[Action]:
    """Return the next steps of an error; one that names none has those of its code."""
    if isinstance(error, StoredError):
        return error.recovery_actions
    return as_actions(error.recovery_actions or error.meaning.actions)


def show_failure(screen: Screen, message: str, *, actions: Sequence[Action | str]) -> None:
    """Print what failed and the numbered steps that mend it to standard error."""
    screen.err.print(literal(f"✗ {message}", style="bold red"))
    for line in format_steps(actions):
        screen.err.print(literal(line))


def format_steps(actions: Sequence[Action | str], *, indent: str = "  ") -> list[str]:
    """Return steps as numbered lines."""
    steps = enumerate(as_actions(actions), start=1)
    return [f"{indent}{number}. {action_text(action)}" for number, action in steps]


def error_object(error: PipelineError | StoredError) -> dict[str, object]:
    """Return an error as programs get it, with the facts that it has beside its message."""
    shape = select_fields(error, "code category message") | {
        "recovery_actions": actions_after(error)
    }
    return shape if isinstance(error, StoredError) else shape | dict(error.facts)


def show_findings(
    screen: Screen,
    findings: Sequence[Finding],
    *,
    files: Iterable[ReadFile],
    known_count: int = 0,
    is_all: bool = False,
) -> None:
    """Show findings, those that matter most first: all of them, or each kind once.

    Of the first few kinds the first finding is shown in full, of the others their number and first
    place. `files` are what was read, and `known_count` says how many more findings are as before.
    """
    if known_count:
        new = format_count(len(findings), "new finding") if findings else "No new finding"
        screen.say(f"{new}, {known_count} as before: --all shows them.")
    ranked = ranked_findings(findings, files=files)
    if not ranked:
        return
    styles = {Severity.ERROR: "bold red", Severity.WARNING: "yellow"}
    rows: list[tuple[object, ...]] = []
    rows_of_others: list[tuple[object, ...]] = []
    for kind in causes_of(ranked):
        severity = Text(kind.severity.value, style=styles.get(kind.severity, "dim"))
        first = kind.findings[0]
        if is_all:
            rows += [(severity, *_cells_of(finding)) for finding in kind.findings]
        elif len(rows) < FINDINGS_SHOWN:
            place, cell, words = _cells_of(first)
            if len(kind.findings) > 1:
                words = f"{words} And {len(kind.findings) - 1} more like it."
            rows.append((severity, place, cell, words))
        else:
            rows_of_others.append((severity, kind.label, len(kind.findings), first.place))
    screen.table(("", "where", "cell", "what to do"), rows)
    screen.table(("", "also found", "times", "first in"), rows_of_others, if_any=True)
    if len(ranked) > len(rows):
        screen.say(f"{len(ranked) - len(rows)} more findings: --all shows them.")


def _cells_of(finding: Finding) -> tuple[str, str, str]:
    """Return where a finding is, what its cell says, and what to do."""
    cell = (finding.value or "")[:CELL_CHARACTERS_SHOWN]
    return finding.place, cell, f"{finding.message} {finding.advice}"


@contextmanager
def shown_progress(
    screen: Screen, look: Callable[[], tuple[float, str]], *, title: str
) -> Iterator[None]:
    """Show how far something is while the block runs, in a terminal only.

    `look` returns the percentage, 0 to 100, and a text that says what is done now.
    """
    if screen.is_json or not screen.err.is_terminal:
        yield
        return
    progress = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
    )
    task = progress.add_task(title, total=100)

    def updated_progress() -> Progress:
        with suppress(PipelineError):  # a busy store: the run itself goes on
            percentage, text = look()
            shown = literal(text or title).plain[:70]
            progress.update(task, completed=percentage, description=shown)
        return progress

    with Live(
        get_renderable=updated_progress,
        console=screen.err,
        refresh_per_second=LOOKS_PER_SECOND,
        transient=True,
    ):
        yield


def format_duration(minutes: float) -> str:
    """Return how long something takes: `40 s`, `12.5 min`."""
    return f"{60 * minutes:.0f} s" if minutes < 2 else f"{minutes:.1f} min"  # noqa: PLR2004 - short enough to count in seconds


def key_values(values: Mapping[str, object]) -> Table:
    """Return a table of labels and values without a header; an empty value has no row."""
    table = Table(box=None, show_header=False, pad_edge=False)
    for key, value in values.items():
        if value:
            table.add_row(literal(key, style="dim"), literal(value))
    return table
