"""What a site is made of, and which of its cells a file that cannot be read may say otherwise."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jira_pipeline.drupal.site.configuration import read_configuration
from jira_pipeline.drupal.site.site_cells import Site, SiteEntity
from jira_pipeline.drupal.site.site_entities import site_entities
from jira_pipeline_tests.drupal.site.exports import write_export
from jira_pipeline_tests.tables import each

TORN = "<<<<<<< HEAD\nname: ["
BERTH = "bundle:Content type/berth"
BERTHING = "workflows.workflow.berthing"
"""The workflow that moderates berths."""
NEEDS_MUCH = {"dependencies": {"config": [f"rig.mast.n{number}" for number in range(200)]}}
"""So much is lacking that nothing follows from what is not there."""


def site_of(folder: Path, changes: Mapping[str, Any]) -> Site:
    """Read the club with some changes, each time from a folder of its own."""
    own = folder / f"export_{len([*folder.iterdir()])}"
    return site_entities(read_configuration(write_export(own, changes)))


def entity_of(site: Site, key: str) -> SiteEntity:
    (entity,) = site.by_key[key]
    return entity


@each(
    ("changes", "modules", "is_torn"),
    [
        ({}, {"node"}, False),
        ({"core.extension": None}, None, True),
        ({"rig.mast": NEEDS_MUCH}, {"node"}, True),
    ],
)
def test_an_export_without_its_modules_or_with_much_missing_is_torn(
    tmp_path: Path, changes: Mapping[str, Any], modules: set[str] | None, *, is_torn: bool
) -> None:
    site = site_of(tmp_path, changes)

    assert (site.modules, site.is_torn) == (modules, is_torn)


@each(
    ("changes", "text", "is_unread"),
    [
        ({}, "y", False),
        # One workflow turns it on: what another one says does not matter.
        ({"workflows.workflow.rig": TORN}, "y", False),
        ({BERTHING: None}, "n", False),
        ({BERTHING: TORN}, "n", True),
    ],
)
def test_a_switch_that_some_file_turns_on_is_known(
    tmp_path: Path, changes: Mapping[str, Any], text: str, *, is_unread: bool
) -> None:
    cell = entity_of(site_of(tmp_path, changes), BERTH).cells["Mod."]

    assert (cell.text, cell.is_unread) == (text, is_unread)


def test_a_column_that_a_thing_does_not_have_is_not_unread(tmp_path: Path) -> None:
    """Core's own search may hold the type, so nobody knows whether it is searched."""
    changes = {
        "core.extension": {"module": {"node": 0, "search": 0}},
        "search_api.index.mast": TORN,
    }

    assert "Srch." not in entity_of(site_of(tmp_path, changes), BERTH).cells


def test_a_cell_that_no_bad_file_may_change_stays_known(tmp_path: Path) -> None:
    site = site_of(tmp_path, {BERTHING: TORN})
    berth = entity_of(site, BERTH)

    assert [column for column, cell in berth.cells.items() if cell.is_unread] == ["Mod."]
    assert not berth.is_unread


@each(
    ("changes", "is_unread"),
    [
        ({}, False),
        ({"core.extension": None}, False),
        ({"core.extension": None, "rig.mast": NEEDS_MUCH}, True),
    ],
)
def test_of_a_torn_export_other_patterns_of_a_kind_prove_nothing(
    tmp_path: Path, changes: Mapping[str, Any], *, is_unread: bool
) -> None:
    berth = entity_of(site_of(tmp_path, changes), BERTH)

    assert berth.cells["URL alias pattern"].is_unread is is_unread


@each(
    ("name", "berth_is_unread"),
    [
        ("node.type.berth", True),
        ("node.type.notice", False),
        ("field.field.node.berth.field_pier", False),
        ("field.storage.node.field_pier", False),
    ],
)
def test_a_bundle_whose_own_file_cannot_be_read_is_known_by_its_name(
    tmp_path: Path, name: str, *, berth_is_unread: bool
) -> None:
    site = site_of(tmp_path, {name: TORN})

    assert entity_of(site, BERTH).is_unread is berth_is_unread
    # Nobody changed when a berth was created: the field is in the file of its type, and is there.
    assert not entity_of(site, "field:Content type/berth/created").is_unread


def test_a_bundle_whose_own_file_is_missing_is_known_by_its_name(tmp_path: Path) -> None:
    site = site_of(tmp_path, {"node.type.berth": None})

    assert entity_of(site, BERTH).is_unread
    assert not entity_of(site, "bundle:Content type/notice").is_unread
