"""Actions become words at the edge, and every command they name exists."""

import re
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

import jira_pipeline
from jira_pipeline.cli.app import app
from jira_pipeline.model.actions import (
    PROGRAM,
    WORDS_ALONE,
    Action,
    ActionKind,
    action_text,
    advice,
    as_written,
    command_of,
    line_of,
    with_action_texts,
)
from jira_pipeline.model.errors import meanings
from jira_pipeline_tests.tables import each

SOURCES = Path(jira_pipeline.__file__).parent
NO_COMMAND = {ActionKind.CHANGE_SETTING, ActionKind.FIX_SHEET, *WORDS_ALONE}
RESUME = Action.of(ActionKind.RESUME, "Run {} to carry on.")
SETTLE = Action.of(
    ActionKind.SETTLE,
    "Look ({1} says how), then settle: {}.",
    also=(Action.of(ActionKind.SHOW_FIXES, "{}", session_key="site"),),
    session_key="site",
    wait=True,
)


def test_terminal_commands_are_named_at_the_edge_only() -> None:
    """82 lines of domain, store, stages and writers named them; the web needs others."""
    named = [
        f"{path.relative_to(SOURCES)}:{number}"
        for path in sorted(SOURCES.rglob("*"))
        if path.suffix in {".py", ".html"}
        and path.relative_to(SOURCES).parts[0] not in {"cli", "web"}
        and path != SOURCES / "sharedo" / "commands.py"
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if re.search(rf"{PROGRAM} [a-z]", line)
    ]

    assert named == []


def test_every_kind_has_a_command_or_needs_none() -> None:
    assert {kind for kind in ActionKind if not kind.usage} == NO_COMMAND


def test_every_command_and_option_exists() -> None:
    program = typer.main.get_command(app)
    for kind in set(ActionKind) - NO_COMMAND:
        words, command = kind.usage.split(), program
        while isinstance(command, TyperGroup):
            command = command.commands[words.pop(0)]

        options = {name for param in command.params for name in param.opts}

        assert set(re.findall(r"--[\w-]+", " ".join(words))) <= options, kind


def test_every_sentence_of_an_error_names_its_command() -> None:
    for code, meaning in meanings().items():
        for action in meaning.actions_on():
            assert ("{}" in action.sentence) is bool(action.kind.usage), code


@each(
    ("action", "command"),
    [
        (RESUME, "jira-pipeline resume KEY"),
        (SETTLE, "jira-pipeline settle site --wait"),
        (RESUME.on(session_key="site"), "jira-pipeline resume site"),
        (
            Action.of(ActionKind.SKIP_TICKET, "{}", number=4),
            "jira-pipeline tickets skip KEY 4 --reason TEXT",
        ),
        (Action.of(ActionKind.UPLOAD, "{}"), "jira-pipeline upload FOLDER"),
        (
            Action.of(ActionKind.UPLOAD, "{}", session="site", folder="my sheets"),
            "jira-pipeline upload 'my sheets' --session site",
        ),
        (
            Action.of(ActionKind.EXPORT, "{}", session_key="site", as_new=True),
            "jira-pipeline export site --as-new",
        ),
        (
            Action.of(ActionKind.DEPEND, "{}", number=4, on="2 3"),
            "jira-pipeline tickets depend KEY 4 2 3",
        ),
        (advice("Free space."), ""),
    ],
)
def test_what_an_action_has_is_in_its_command(action: Action, command: str) -> None:
    assert command_of(action) == command


def test_a_sentence_names_every_step() -> None:
    assert action_text(SETTLE) == (
        "Look (`jira-pipeline fixes site` says how), then settle: `jira-pipeline settle site --wait`."
    )
    assert line_of(SETTLE) == (
        "Look (`jira-pipeline fixes site` says how), then settle: jira-pipeline settle site --wait"
    )
    assert line_of(advice("Free space.")) == "Free space."


def test_a_program_gets_sentences_wherever_an_action_is() -> None:
    value = {"error": {"recovery_actions": [RESUME]}, "count": 2, "rows": ("a", None)}

    assert with_action_texts(value) == {
        "error": {"recovery_actions": ["Run `jira-pipeline resume KEY` to carry on."]},
        "count": 2,
        "rows": ["a", None],
    }


@each("words", ["LIST_SESSION: Look the key up with {}.", "Look the key up with {}."])
def test_a_step_that_errors_toml_spells_otherwise_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match="No kind of step begins: "):
        as_written(words)
