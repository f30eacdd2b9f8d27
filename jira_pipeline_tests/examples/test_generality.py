"""Rules come from the form of the sheets: all examples read, and no code knows a site's words."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from jira_pipeline.model.entities import EntityKind, Specification
from jira_pipeline.model.findings import Severity
from jira_pipeline.sheets.manifest import read_manifest
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline_tests.shared_data import DATA, shared_data
from jira_pipeline_tests.sheets.made_readings import read_folder
from jira_pipeline_tests.tables import each

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGE = CHECKOUT / "jira_pipeline"
EXAMPLES = sorted(path for path in (CHECKOUT / "examples").iterdir() if path.is_dir())
UWEC = DATA / "uwec"
SHORTEST_MACHINE_NAME = 8
"""Shorter ones, such as `card_2x` or `page_1`, are everybody's."""
ALLOWED = {
    "by type": "two plain words",
    "first name": "two plain words",
    "written by": "two plain words",
    "horizontal rule": "the node of Jira's documents",
    "layout section": "a field type of Drupal core",
    "layout_section": "its machine name",
    "domain source": "a module",
    "field_domain_source": "what that module calls its field",
    "field_domain_all_affiliates": "a field of the module Domain Access",
    "front page": "in the label of a base field of Drupal core",
    "block description": "the label of a base field of Drupal core",
    "field_name": "a key of the configuration of fields",
    "remote video": "a media source of Drupal core",
    "remote_video": "a media type of Drupal core",
    "social media": "in the names of modules",
    "social media links": "a module",
    "office hours": "the field type of the module Office Hours",
    "field_type": "the column Field type as a variable",
    **{
        f"field_media_{name}": "what Drupal core calls the field of a media source"
        for name in ("audio_file", "document", "file", "image", "oembed_video", "video_file")
    },
    "media_library": "a view of Drupal core",
    "media_page_list": "a display of Drupal core",
    "create_new_draft": "a transition of Drupal core",
    "search result": "a view mode of Drupal core",
    "user_admin_people": "a view of Drupal core",
    "taxonomy_term": "a view of Drupal core",
    "linkit_result_thumbnail": "an image style of the module Linkit",
    "page_all": "a display of the prompt's invented museum, which the clock museum has, too",
}
DEMO_IS_NAMED_IN = {"jira_pipeline/sessions/homes.py"}


@cache
def specification_of(folder: Path) -> Specification:
    """Read the sheets of a folder; the test skips where it is absent."""
    if folder.is_relative_to(DATA):
        shared_data(folder.name)
    return Specification(entities=read_entities(read_folder(folder).tables).entities)


@cache
def package_texts() -> dict[str, str]:
    """Every file of the package by its path, with single spaces, so that lines may break."""
    paths = (p for p in sorted(PACKAGE.rglob("*")) if p.is_file() and p.suffix != ".pyc")
    return {
        path.relative_to(CHECKOUT).as_posix(): " ".join(path.read_text(encoding="utf-8").split())
        for path in paths
    }


@cache
def folded_texts() -> dict[str, str]:
    """The same in small letters."""
    return {path: text.casefold() for path, text in package_texts().items()}


def labels_of(specification: Specification) -> set[str]:
    """Find the names of two or more words, in small letters."""
    names = (e.cell("Name") or e.label for e in specification.entities)
    return {" ".join(name.casefold().split()) for name in names if len(name.split()) > 1}


def machine_names_of(specification: Specification) -> set[str]:
    """Find the machine names that can only be a site's own."""
    names = (entity.machine_name for entity in specification.entities)
    return {name for name in names if "_" in name and len(name) >= SHORTEST_MACHINE_NAME}


def files_with_phrase(phrase: str) -> Iterator[str]:
    """Find files with a phrase as whole words, in any case; `review.html` is one word."""
    pattern = re.compile(rf"(?<!\w){re.escape(phrase)}(?!\.?\w)")
    for path, text in folded_texts().items():
        if phrase in text and pattern.search(text):
            yield path


def files_with_name(name: str) -> Iterator[str]:
    """Find files with a machine name as a whole word."""
    pattern = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    for path, text in package_texts().items():
        if name in text and pattern.search(text):
            yield path


@each("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_every_example_reads_without_errors_and_gives_tickets(folder: Path) -> None:
    reading = read_folder(folder)
    entities = read_entities(reading.tables)
    grouping = group_entities(Specification(entities=entities.entities))

    findings = (*reading.findings, *entities.findings, *grouping.findings)

    assert [f for f in findings if f.severity is Severity.ERROR] == []
    assert EntityKind.CUSTOM not in {entity.kind for entity in entities.entities}
    assert len(grouping.groups) >= 15


@each("folder", [*EXAMPLES, UWEC], ids=lambda folder: folder.name)
def test_the_package_holds_no_label_of_a_site(folder: Path) -> None:
    labels = labels_of(specification_of(folder)) - ALLOWED.keys()

    found = {label: paths for label in sorted(labels) if (paths := [*files_with_phrase(label)])}

    assert len(labels) >= 10
    assert found == {}


@each("folder", [*EXAMPLES, UWEC], ids=lambda folder: folder.name)
def test_the_package_holds_no_machine_name_of_a_site(folder: Path) -> None:
    names = machine_names_of(specification_of(folder)) - ALLOWED.keys()

    found = {name: paths for name in sorted(names) if (paths := [*files_with_name(name)])}

    assert len(names) >= 10
    assert found == {}


@each("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_the_package_names_no_example_but_the_demo(folder: Path) -> None:
    site_name = read_manifest(folder).site_name or ""

    named = {*files_with_phrase(folder.name), *files_with_phrase(site_name.casefold())}

    assert site_name
    assert named <= DEMO_IS_NAMED_IN
