"""What was typed wrongly is told in words: the value, what is expected, what to type; it ends with 2."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from jira_pipeline.cli.app import app
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import Answer, run
from jira_pipeline_tests.tables import each

ERROR_KEYS = {"code", "category", "message", "recovery_actions"}
RAW = (
    "Invalid value",
    "Input should be",
    "Value error",
    "Missing argument",
    "Usage:",
    "Errno",
    "╭",
)
"""Words of the libraries below."""


def all_commands(group: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every command with the words that call it."""
    program: Any = group or typer.main.get_command(app)
    for name, command in program.commands.items():
        words = (*path, name)
        if hasattr(command, "commands"):
            yield from all_commands(command, words)
        else:
            yield words, command


COMMANDS = list(all_commands())
KEYED = [
    words
    for words, command in COMMANDS
    for param in command.params[:1]
    if param.param_type_name == "argument" and param.metavar == "KEY"
]
OF_PROGRAMS = [
    words for words, command in COMMANDS if any("--json" in param.opts for param in command.params)
]


def assert_wrong_use(answer: Answer) -> None:
    """It is wrong use, reported in our words with a next step, on the side of errors."""
    assert answer.exit_code == 2, answer.words
    assert answer.out == ""
    assert answer.err.startswith("✗ ")
    assert "\n  1. " in answer.err
    assert not [raw for raw in RAW if raw in answer.err], answer.err


def assert_object(answer: Answer, shown: Answer) -> None:
    """Programs get the same as an object."""
    assert (answer.exit_code, answer.err) == (2, "")
    error = answer.json["error"]
    assert set(error) == ERROR_KEYS
    assert " ".join(error["message"].split()) in shown.words


def test_an_unknown_option_is_reported_by_every_command() -> None:
    for words, _ in COMMANDS:
        answer = run(*words, "--nope")

        assert_wrong_use(answer)
        assert f"jira-pipeline {' '.join(words)} has no option --nope." in answer.words
        assert f"`jira-pipeline {' '.join(words)} --help` shows what it takes." in answer.words


def test_an_option_that_takes_one_value_is_not_taken_twice() -> None:
    """The library keeps the last value and says nothing of the others."""
    cases = [
        (words, max(param.opts, key=len))
        for words, command in COMMANDS
        for param in command.params
        if param.param_type_name == "option"
        and param.nargs == 1
        and not (param.multiple or param.is_flag)
    ]

    assert len(cases) > 70
    for words, option in cases:
        answer = run(*words, option, "first", f"{option}=second")

        assert_wrong_use(answer)
        told = f"{option}: it takes one value and is there 2 times."
        assert told in answer.words, (words, option)


def test_most_commands_are_about_a_session_and_answer_programs() -> None:
    assert len(KEYED) >= 28
    assert {words[0] for words, _ in COMMANDS} - {words[0] for words in OF_PROGRAMS} == {
        "serve",
        "dev",
        "webserver",
        "sandbox",
        "demo",
        "work",
    }


@each("words", KEYED, ids=" ".join)
@pytest.mark.usefixtures("shared")
def test_a_missing_key_names_the_session_there_is(words: tuple[str, ...]) -> None:
    """It said: Missing argument 'KEY'."""
    shown = run(*words)

    command = f"jira-pipeline {' '.join(words)}"
    assert_wrong_use(shown)
    assert f"{command} needs the key of an upload session. There is one session: museum." in (
        shown.words
    )
    assert f"Name it: `{command} museum`." in shown.words


def test_a_missing_key_names_all_sessions_or_how_to_get_one(project: Path) -> None:
    nothing = run("status")
    register(project, "clocks")
    register(project, "towers")
    two = run("status", "--json")

    assert_wrong_use(nothing)
    assert "Upload the folder with the sheets first" in nothing.words
    assert_object(two, run("status"))
    assert "Sessions: towers, clocks." in two.json["error"]["message"]
    assert "`jira-pipeline sessions` lists" in two.json["error"]["recovery_actions"][0]


def register(project: Path, key: str) -> None:
    """Register a session of two sheets."""
    folder = project.parent / key
    folder.mkdir()
    sheet = "Name,Machine name,Type,X\nPage,page,Content type,a\n"
    (folder / "bundles.csv").write_text(sheet, encoding="utf-8")
    projects.upload(project, folder, session_key=key)


CASES: dict[str, tuple[tuple[str, ...], str]] = {
    "an unknown command": (("statu", "museum"), "No such command 'statu'. Did you mean 'status'"),
    "an unknown command of a group": (("tickets", "nope"), "No such command 'nope'."),
    "one word too many": (("status", "museum", "more"), "'more' is one word too many."),
    "a key that is nearly right": (("status", "musem"), "'musem'. Did you mean museum? Known: "),
    "a key in capitals": (("status", "MUSEUM"), "'MUSEUM'. Did you mean museum?"),
    "no number": (("tickets", "show", "museum"), "tickets show needs N: number of the ticket"),
    "a word for a number": (("tickets", "show", "museum", "x"), "N: 'x' is not a whole number."),
    "a negative number": (("tickets", "show", "museum", "-1"), "-1 is no number of anything"),
    "an unknown number": (("tickets", "show", "museum", "99"), "museum has no ticket 99"),
    "an unknown number in a range": (("tickets", "ready", "museum", "23-25"), "no ticket 25"),
    "a range the wrong way round": (
        ("tickets", "assign", "museum", "5-3", "--labels", "a"),
        "'5-3' is no range: the lower number comes first.",
    ),
    "an endless range": (("tickets", "ready", "museum", "1-999999"), "is more than 10,000 tickets"),
    "half a range": (("tickets", "ready", "museum", "3-"), "'3-' is no ticket number."),
    "numbers to validate": (("validate", "museum", "--tickets", "x"), "'x' is no ticket number."),
    "no choice": (("tickets", "ready", "museum"), "Name ticket numbers, --group or --title-has"),
    "an empty choice": (("tickets", "ready", "museum", "--title-has", "zzz"), "No ticket matches"),
    "an unknown group": (
        ("tickets", "ready", "museum", "--group", "Nope"),
        "--group: 'Nope' is not one of 'content', 'media',",
    ),
    "an unknown category": (
        ("errors", "museum", "--category", "x"),
        "--category: 'x' is not one of 'user_fixable', 'admin_required', 'temporary'.",
    ),
    "an unknown part": (
        ("tickets", "edit", "museum", "1", "--part", "story", "--file", "x.md"),
        "--part: 'story' is no part; there are user_story, analysis,",
    ),
    "a text without its part": (
        ("tickets", "edit", "museum", "1", "--file", "x.md"),
        "--part: name the part that the file is of.",
    ),
    "a number below the least": (
        ("tickets", "list", "museum", "--limit", "0"),
        "--limit: 0 is not a whole number of at least 1.",
    ),
    "a limit no database takes": (
        ("tickets", "list", "museum", "--limit", "99999999999999999999"),
        "--limit: 99999999999999999999 is not a whole number of at most 2147483647.",
    ),
    "an offset no database takes": (
        ("tickets", "list", "museum", "--offset", "99999999999999999999"),
        "--offset: 99999999999999999999 is not a whole number of at most 2147483647.",
    ),
    "a ticket no database takes": (
        ("tickets", "edit", "museum", "99999999999999999999", "--title", "x"),
        "N: 99999999999999999999 is not a whole number of at most 2147483647.",
    ),
    "a fix no database takes": (
        ("fixes", "museum", "--done", "99999999999999999999"),
        "--done: 99999999999999999999 is not a whole number of at most 2147483647.",
    ),
    "a device that is full": (
        ("questions", "museum", "--xlsx", "/dev/full"),
        "/dev/full cannot be written: the disk is full.",
    ),
    "a folder that nobody makes": (
        ("questions", "museum", "--xlsx", "/proc/folder/questions.xlsx"),
        "/proc/folder/questions.xlsx cannot be written: there is no such file or folder.",
    ),
    "a port beyond the last": (
        ("sandbox", "serve", "--port", "99999"),
        "--port: 99999 is not a whole number of at most 65535.",
    ),
    "a missing option": (("tickets", "skip", "museum", "1"), "needs --reason: why they are left "),
    "an option that is nearly right": (("export", "museum", "--plna"), "Did you mean --plan"),
    "an unknown revision": (("tickets", "rollback", "museum", "1", "--to", "7"), "no revision 7"),
    "an unknown question": (("questions", "museum", "--answer", "99.1", "x"), "question '99.1'"),
    "an unknown fix": (("fixes", "museum", "--done", "99"), "museum has no manual fix 99"),
    "an unknown error": (("explain", "99"), "There is no stored error 99"),
    "an unknown actor": (("audit", "museum", "--actor", "me"), "--actor: 'me' is in no entry"),
    "a parent that is none": (
        ("tickets", "assign", "museum", "1", "--parent", "x"),
        "'x' cannot be used for parent: Jira takes a key such as SITE-12.",
    ),
    "a writer that is none": (
        ("generate", "museum", "--writer", "nope"),
        "--writer: 'nope' cannot write tickets: name the provider",
    ),
    "a folder that is none": (("upload", "nowhere"), "nowhere is neither a folder nor a workbook"),
    "a folder that is a file": (
        ("lint", "FILE"),
        "is neither a folder nor a workbook (.xlsx, .ods or .xls) nor a",
    ),
    "a file that is a folder": (
        ("questions", "museum", "--answers", "FOLDER"),
        "cannot be read: it is a folder.",
    ),
    "a file that is none": (
        ("questions", "museum", "--answers", "no.csv"),
        "no.csv cannot be read: there is no such file or folder",
    ),
    "an unknown world": (("sandbox", "serve", "--world", "x"), "no site world is called 'x'"),
}


@pytest.fixture(scope="module")
def shared(
    reviewed_project: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """A reviewed project that nothing changes, a file and an empty folder."""
    folder = tmp_path_factory.mktemp("wrong_use")
    (folder / "file.txt").write_text("x", encoding="utf-8")
    (folder / "folder").mkdir()
    with pytest.MonkeyPatch.context() as environment:
        projects.adopt(reviewed_project, folder / "project", environment)
        yield {"FILE": str(folder / "file.txt"), "FOLDER": str(folder / "folder")}


@each(("typed", "words"), CASES.values(), ids=CASES)
def test_wrong_use_says_what_is_expected_and_what_to_do(
    shared: dict[str, str], typed: tuple[str, ...], words: str
) -> None:
    command = [shared.get(word, word) for word in typed]

    shown = run(*command)

    assert_wrong_use(shown)
    assert words in shown.words
    if typed[:1] != ("sandbox",):
        assert_object(run(*command, "--json"), shown)


def test_an_option_that_lacks_its_second_value_is_reported() -> None:
    """The library knows no longer which command it was."""
    shown = run("questions", "museum", "--answer", "1.1")

    assert_wrong_use(shown)
    assert "--answer: it takes two values: T.N TEXT." in shown.words
    assert "`jira-pipeline questions --help` shows what it takes." in shown.words


def test_a_range_of_tickets_is_taken_where_numbers_are(reviewed: Path) -> None:
    """`tickets assign KEY 3-5` was refused: a valid integer was expected."""
    answer = run("tickets", "assign", "museum", "3-5", "7,9", "--labels", "a", "--json")

    assert reviewed.is_dir()
    assert (answer.exit_code, answer.json["changed"]) == (0, 5)


def test_the_program_alone_shows_its_commands() -> None:
    answer = run()

    assert answer.exit_code == 2
    assert "From sheets to issues" in answer.words


def test_help_says_what_a_command_does_and_what_each_word_of_it_means() -> None:
    for words, command in COMMANDS:
        first_line = command.help.split("\n", 1)[0]

        assert first_line.endswith("."), words
        assert len(first_line) <= 100, words
        assert [p.name for p in command.params if not str(p.help or "").endswith(".")] == [], words


INSIDE = re.compile(
    r"\b(ledger|receipt|intent|lease|sweep|hollow|in doubt|doubt|horizon|home|orphan)s?\b",
    re.IGNORECASE,
)
"""Words of the code: people read what they mean."""


def test_help_has_no_word_that_only_the_code_knows() -> None:
    for words, command in COMMANDS:
        shown = [command.help, *(str(param.help or "") for param in command.params)]

        assert INSIDE.findall(re.sub(r"[A-Z]+(_[A-Z]+)+", "", " ".join(shown))) == [], words


EXAMPLES = [
    (command, line.split("jira-pipeline ", 1)[1])
    for _, command in COMMANDS
    for line in command.help.splitlines()
    if line.startswith("jira-pipeline ")
]


@each(("command", "line"), EXAMPLES, ids=[line for _, line in EXAMPLES])
def test_an_example_of_the_help_is_one(command: Any, line: str) -> None:
    words = shlex.split(line)
    name = next(path for path, known in COMMANDS if known is command)

    assert tuple(words[: len(name)]) == name
    assert command.make_context(name[-1], words[len(name) :]).params
