"""What the documents tell people to type and to set exists."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperGroup

from jira_pipeline.cli.app import app
from jira_pipeline.settings import Settings
from jira_pipeline.sharedo.sandbox.environments import sandbox_environments

CHECKOUT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [
        *(CHECKOUT / "docs").rglob("*.md"),
        *(CHECKOUT / name for name in ("CONTRIBUTING.md", "README.md", "deploy/README.md")),
    ]
)
CASES = [pytest.param(page, id=str(page.relative_to(CHECKOUT))) for page in PAGES]
NOT_OURS = {
    "DAGSTER_HOME",
    "DAGSTER_POSTGRES_URL",
    "HTTPS_PROXY",
    "JIRA_PIPELINE_TEST_CLIENTS",
    "JIRA_PIPELINE_TEST_POSTGRES_URL",
    "NO_PROXY",
    "SSL_CERT_FILE",
}
"""Read by Dagster itself, by httpx, by deploy/dagster.postgres.yaml and by the tests."""


@pytest.mark.parametrize("page", CASES)
def test_a_make_target_that_a_page_names_exists(page: Path) -> None:
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))

    named = set(re.findall(r"`make ([a-z]+)`", page.read_text(encoding="utf-8")))

    assert named <= targets


@pytest.mark.parametrize("page", CASES)
def test_a_setting_that_a_page_names_exists(page: Path) -> None:
    settings = {name.upper() for name in Settings.model_fields}

    named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", page.read_text(encoding="utf-8")))

    assert named - NOT_OURS <= settings


def test_the_page_of_settings_lists_every_setting_once() -> None:
    page = (CHECKOUT / "docs" / "settings.md").read_text(encoding="utf-8")
    cells = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]

    listed = [name for cell in cells for name in re.findall(r"`([A-Z_]+)`", cell)]

    assert sorted(listed) == sorted(name.upper() for name in Settings.model_fields)


@pytest.mark.parametrize("page", CASES)
def test_a_page_or_folder_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    named = set(
        re.findall(r"`((?:deploy|docs|examples|jira_pipeline|jira_pipeline_tests)/[\w./-]*)`", text)
    )

    assert [name for name in sorted(named) if not (CHECKOUT / name).exists()] == []


@pytest.mark.parametrize("page", CASES)
def test_a_page_has_one_heading_and_no_trailing_space(page: Path) -> None:
    lines = page.read_text(encoding="utf-8").splitlines()
    is_prose = [True]
    for line in lines:
        is_prose.append(is_prose[-1] ^ line.startswith("```"))

    headings = [line for line, prose in zip(lines, is_prose, strict=False) if prose]

    assert sum(line.startswith("# ") for line in headings) == 1
    assert [line for line in lines if line != line.rstrip()] == []


@pytest.mark.parametrize("page", CASES)
def test_a_command_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)

    named = set(re.findall(r"jira-pipeline ([a-z][a-z-]*(?: [a-z][a-z-]*)?)(?![\w./])", text))

    assert [words for words in sorted(named) if not is_command(root, words.split())] == []


def test_the_readme_names_the_commands_without_json() -> None:
    """It said that every command has `--json`."""
    sentence = re.search(
        r"Every command that answers has `--json`; (.+?) only write for people\.",
        (CHECKOUT / "README.md").read_text(encoding="utf-8"),
    )
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    assert sentence is not None

    assert set(without_json(root)) == set(re.findall(r"`([\w ]+)`", sentence[1]))


def without_json(group: TyperGroup, *, before: str = "") -> Iterator[str]:
    """Name the commands that cannot answer programs."""
    for name, command in group.commands.items():
        words = f"{before} {name}".strip()
        if isinstance(command, TyperGroup):
            yield from without_json(command, before=words)
        elif not any("--json" in option.opts for option in command.params):
            yield words


def is_command(group: TyperGroup, words: list[str]) -> bool:
    """Tell whether words name a command; what follows a command that has no commands is its own."""
    command = group.commands.get(words[0])
    if isinstance(command, TyperGroup) and len(words) > 1:
        return is_command(command, words[1:])
    return command is not None


def test_examples_of_comparisons_name_environments_and_things_that_are_there() -> None:
    """Whoever types them with nothing configured has the two environments of the sandbox."""
    pages = [*PAGES, CHECKOUT / ".env.example"]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    known = sandbox_environments()
    compared = [
        *(line.split() for line in re.findall(r"SHAREDO_COMPARE=(.+)", text)),
        *(line.split() for line in re.findall(r"sharedo compare ([a-z]+ [a-z]+ \w+:[\w-]+)", text)),
        *(
            (first, second, item)
            for first, second, item in re.findall(
                r'\{first: (\w+), second: (\w+), items: \["([\w:-]+)"\]', text
            )
        ),
    ]

    named = {name for first, second, *_ in compared for name in (first, second)}
    items = {item.rpartition(":")[2] for _, _, *found in compared for item in found}
    listed = re.findall(r"^  (\w+):\n    api_url:", text, re.MULTILINE)

    assert len(compared) >= 4
    assert named == known.keys() == {*listed}
    assert items <= {component.name for component in known["test"].components}
