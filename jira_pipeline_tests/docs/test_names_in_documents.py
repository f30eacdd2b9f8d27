"""What the documents tell people to type and to set exists."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import typer.main
from typer.core import TyperGroup

from jira_pipeline.cli.app import app
from jira_pipeline.context.settings import Settings
from jira_pipeline.sharedo.sandbox.sharedo_sandbox import sandbox_environments

CHECKOUT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [
        *(CHECKOUT / "docs").rglob("*.md"),
        *(CHECKOUT / name for name in ("CONTRIBUTING.md", "README.md", "deploy/README.md")),
    ]
)
TEXTS = {str(page.relative_to(CHECKOUT)): page.read_text(encoding="utf-8") for page in PAGES}
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


def named(pattern: str) -> set[tuple[str, str]]:
    """Return what the pages name, each with its page."""
    return {(page, name) for page, text in TEXTS.items() for name in re.findall(pattern, text)}


def test_a_make_target_that_a_page_names_exists() -> None:
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))

    assert [one for one in named(r"`make ([a-z]+)`") if one[1] not in targets] == []


def test_a_setting_that_a_page_names_exists() -> None:
    known = {name.upper() for name in Settings.model_fields} | NOT_OURS

    assert [one for one in named(r"`([A-Z]+(?:_[A-Z]+)+)`") if one[1] not in known] == []


def test_the_page_of_settings_lists_every_setting_once() -> None:
    page = (CHECKOUT / "docs" / "settings.md").read_text(encoding="utf-8")
    cells = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]

    listed = [name for cell in cells for name in re.findall(r"`([A-Z_]+)`", cell)]

    assert sorted(listed) == sorted(name.upper() for name in Settings.model_fields)


def test_a_page_or_folder_that_a_page_names_exists() -> None:
    paths = named(r"`((?:deploy|docs|examples|jira_pipeline|jira_pipeline_tests)/[\w./-]*)`")

    assert [one for one in paths if not (CHECKOUT / one[1]).exists()] == []


def test_no_file_name_is_used_more_than_twice() -> None:
    """As `docs/decisions/rooms.md` says."""
    package = CHECKOUT / "jira_pipeline"
    paths = set(package.rglob("*.py")) - set(package.glob("drupal/*/*.py"))
    names = Counter(path.name for path in paths)

    assert {name for name, count in names.items() if count > 2} == {"__init__.py"}


def test_a_room_or_module_that_a_page_names_exists() -> None:
    """Records of decisions named a tree that was gone in thirteen cases."""
    roots = [CHECKOUT / "jira_pipeline", CHECKOUT / "jira_pipeline_tests"]
    rooms = "|".join(sorted(path.name for path in roots[0].iterdir() if path.is_dir()))
    places = named(rf"`((?:{rooms})/[\w./]+)`")

    assert len(places) > 100
    assert [
        (page, place)
        for page, place in places
        for module in [f"{place.partition('.')[0]}.py"]
        if not any((root / name).exists() for root in roots for name in (place, module))
    ] == []


def test_a_link_of_a_page_leads_to_a_file_and_a_heading() -> None:
    links = [
        (page, target.partition("#"))
        for page, target in named(r"\]\((?!https?:|mailto:|<)([^)\s]+)\)")
    ]
    broken = [
        (page, path, anchor)
        for page, (path, _, anchor) in links
        for file in [(CHECKOUT / page).parent / path if path else CHECKOUT / page]
        if not file.exists() or (anchor and anchor not in anchors_of(file.read_text("utf-8")))
    ]

    assert len(links) > 50
    assert broken == []


def anchors_of(text: str) -> set[str]:
    """Return the names that GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", "".join(text.split("```")[::2]), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


def test_a_page_has_one_heading_and_no_trailing_space() -> None:
    wrong = []
    for page, text in TEXTS.items():
        prose = "".join(text.split("```")[::2])
        if len(re.findall("^# ", prose, re.MULTILINE)) != 1:
            wrong.append((page, "headings"))
        wrong += [(page, line) for line in text.splitlines() if line != line.rstrip()]

    assert wrong == []


def test_a_command_that_a_page_names_exists() -> None:
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)

    commands = named(r"jira-pipeline ([a-z][a-z-]*(?: [a-z][a-z-]*)?)(?![\w./])")

    assert [one for one in commands if not is_command(root, one[1].split())] == []


def test_the_start_names_the_commands_without_json() -> None:
    """It said that every command has `--json`."""
    sentence = re.search(
        r"Every command has `--json`, except (.+?)\.$",
        (CHECKOUT / "docs/start.md").read_text(encoding="utf-8"),
        re.MULTILINE,
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

    assert compared
    assert named == known.keys() == {*listed}
    assert items <= {component.name for component in known["test"].components}
