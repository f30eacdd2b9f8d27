"""Every rule has an address: a module, its words beside it, its cases in a test of the same name."""

import re
import tomllib
from collections import Counter
from importlib import import_module, resources
from pathlib import Path

from jira_pipeline.drupal.rules import rules_by_key
from jira_pipeline.drupal.words import KINDS_WITH_WORDS
from jira_pipeline_tests.projects import CHECKOUT

DRUPAL = CHECKOUT / "jira_pipeline" / "drupal"
TESTS = CHECKOUT / "jira_pipeline_tests" / "drupal"


def words_files() -> dict[str, dict[str, dict[str, dict[str, object]]]]:
    """Return the files of words by their paths, each by section, part and name."""
    package = resources.files("jira_pipeline.drupal")
    files = {}
    text = (package / "phrases.toml").read_text("utf-8")
    files["phrases.toml"] = {"phrases": tomllib.loads(text)}
    for kind in KINDS_WITH_WORDS:
        files[f"{kind}/words.toml"] = tomllib.loads(
            (package / kind / "words.toml").read_text("utf-8")
        )
    return files


def test_a_rule_is_listed_by_the_key_that_is_its_address() -> None:
    listed = {key: import_module(f"jira_pipeline.drupal.{key}").RULE for key in rules_by_key()}

    assert listed == rules_by_key()


def test_a_rule_that_asks_says_of_which_rows() -> None:
    unsaid = []
    for key, rule in rules_by_key().items():
        if (rule.ask is None) != (rule.asked_rows is None):
            unsaid.append(key)

    assert unsaid == []


def test_every_module_with_a_rule_is_listed() -> None:
    with_rule = set()
    for path in DRUPAL.glob("*/*.py"):
        if re.search("^RULE\\b", path.read_text("utf-8"), re.MULTILINE):
            with_rule.add(f"{path.parent.name}.{path.stem}")

    assert with_rule == rules_by_key().keys()


def test_every_rule_has_its_cases() -> None:
    missing = []
    for key in rules_by_key():
        kind, module = key.split(".")
        if not (TESTS / kind / f"test_{module}.py").is_file():
            missing.append(key)

    assert missing == []


def test_every_folder_with_words_is_read() -> None:
    assert {Path(path).parent.name for path in DRUPAL.glob("*/words.toml")} == {*KINDS_WITH_WORDS}


def test_a_key_of_words_is_in_one_file() -> None:
    files_by_key: Counter[str] = Counter()
    for sections in words_files().values():
        for section, parts in sections.items():
            for part, names in parts.items():
                files_by_key.update(f"{section}.{part}.{name}" for name in names)

    assert [key for key, count in files_by_key.items() if count > 1] == []


def test_a_question_of_a_folder_is_asked_by_one_of_its_modules() -> None:
    unused = []
    for kind in KINDS_WITH_WORDS:
        code = "".join(path.read_text("utf-8") for path in (DRUPAL / kind).glob("*.py"))
        for part, names in words_files()[f"{kind}/words.toml"].get("questions", {}).items():
            unused += [f"{part}.{name}" for name in names if f'"{part}.{name}"' not in code]

    assert unused == []
