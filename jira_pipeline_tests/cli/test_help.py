"""What commands say of themselves, and that wrong use ends with 2 before anything is done."""

import re
import shlex
from typing import Any

import pytest

from jira_pipeline_tests.cli.terminal import run
from jira_pipeline_tests.golden.surfaces import all_commands
from jira_pipeline_tests.tables import each

COMMANDS = [*all_commands()]
INSIDE = re.compile(
    r"\b(ledger|receipt|intent|lease|sweep|hollow|in doubt|doubt|horizon|home|orphan)s?\b",
    re.IGNORECASE,
)
"""Words of the code: people read what they mean."""
EXAMPLES = [
    (command, line.split("jira-pipeline ", 1)[1])
    for _, command in COMMANDS
    for line in command.help.splitlines()
    if line.startswith("jira-pipeline ")
]


@each(
    ("typed", "words"),
    [
        (("statu", "museum"), "Did you mean 'status'"),
        (("status",), "Missing argument 'KEY'"),
        (("status", "museum", "more"), "Got unexpected extra argument"),
        (("export", "museum", "--plna"), "No such option: --plna"),
        (("tickets", "show", "museum", "x"), "should be a valid integer"),
        (("tickets", "list", "museum", "--limit", "0"), "should be greater than or equal to 1"),
        (("tickets", "ready", "museum", "3-"), "'3-' is not a ticket number"),
        (("tickets", "assign", "museum", "5-3", "--labels", "a"), "put the lower number first"),
        (("tickets", "ready", "museum", "1-999999"), "is more than 10,000 tickets"),
        (("tickets", "ready", "museum"), "give ticket numbers, --group, --title-has"),
        (("questions", "museum", "--answer", "1.1"), "it needs two values: T.N TEXT"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else "",
)
@pytest.mark.usefixtures("reviewed")
def test_wrong_use_ends_with_2_and_says_why(typed: tuple[str, ...], words: str) -> None:
    answer = run(*typed)

    assert (answer.exit_code, answer.out) == (2, "")
    assert words in re.sub(r"[│╭╮╰╯─\s]+", " ", answer.err)


@pytest.mark.usefixtures("reviewed")
def test_a_range_of_tickets_is_taken_where_numbers_are() -> None:
    """`tickets assign KEY 3-5` was refused: a valid integer was expected."""
    answer = run("tickets", "assign", "museum", "3-5", "7,9", "--labels", "a", "--json")

    assert (answer.exit_code, answer.json["changed"]) == (0, 5)


def test_the_program_alone_shows_its_commands() -> None:
    answer = run()

    assert answer.exit_code == 2
    assert "From sheets to issues" in answer.words


def test_help_says_what_a_command_does_and_each_word_of_it_means_in_words_of_people() -> None:
    for words, command in COMMANDS:
        first_line = command.help.split("\n", 1)[0]
        shown = [command.help, *(str(param.help or "") for param in command.params)]

        assert first_line.endswith("."), words
        assert len(first_line) <= 100, words
        assert [p.name for p in command.params if not str(p.help or "").endswith(".")] == [], words
        assert INSIDE.findall(re.sub(r"[A-Z]+(_[A-Z]+)+", "", " ".join(shown))) == [], words


@each(("command", "line"), EXAMPLES, ids=[line for _, line in EXAMPLES])
def test_an_example_of_the_help_is_one(command: Any, line: str) -> None:
    words = shlex.split(line)
    name = next(path for path, known in COMMANDS if known is command).split()

    assert words[: len(name)] == name
    assert command.make_context(name[-1], words[len(name) :]).params
