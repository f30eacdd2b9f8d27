"""Facts of Drupal, read from `drupal.toml`."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any


@cache
def drupal_facts(section: str) -> Mapping[str, Mapping[str, Any]]:
    """Return the facts of a section, by name; the file is read once in a process."""
    text = resources.files("jira_pipeline.writers.claims").joinpath("drupal.toml").read_text()
    found: Mapping[str, Mapping[str, Any]] = tomllib.loads(text)[section]
    return found
