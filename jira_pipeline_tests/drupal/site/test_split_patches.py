"""Partial splits: what a site has once the patches of its split are applied."""

from pathlib import Path
from typing import Any

import pytest

from jira_pipeline.drupal.site.configuration import SiteConfiguration, read_configuration
from jira_pipeline.drupal.site.split_patches import PatchRefusedError, apply_patch, split_patch
from jira_pipeline.model.errors import SiteConfigurationRefusedError
from jira_pipeline_tests.drupal.site.exports import write_export
from jira_pipeline_tests.projects import CHECKOUT
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.verification.invented import compared, specification_in

ROLE = "user.role.harbourmaster"
OF_X = "config_split_sequence_9gtdc4tvfl4stjlq"
"""The key of the entry `x` of a list, as Config Split makes it."""
PERMISSIONS = ["create berth content", "edit any berth content"]


def split(folder: Path, patches: dict[str, Any]) -> SiteConfiguration:
    """Read the club's export with a split that has nothing but patches."""
    base = write_export(folder / "sync")
    only_patches = {path.stem: None for path in base.iterdir()}
    names = {f"config_split.patch.{name}": patch for name, patch in patches.items()}
    return read_configuration(
        base, splits=[write_export(folder / "split", {**only_patches, **names})]
    )


def test_a_split_adds_and_takes_away_permissions(tmp_path: Path) -> None:
    patch = {
        "adding": {"permissions": ["use berths"]},
        "removing": {"permissions": PERMISSIONS[:1]},
    }

    configuration = split(tmp_path, {ROLE: patch})

    assert configuration.objects[ROLE]["permissions"] == [PERMISSIONS[1], "use berths"]
    assert configuration.objects[ROLE]["label"] == "Harbourmaster"
    assert configuration.findings == ()


@each(
    "data, adding, removing, expected",
    [
        ({"a": 1, "b": 2}, {"a": 3}, {"a": 1}, {"a": 3, "b": 2}),
        ({"a": 1, "b": 2}, {}, {"b": 2}, {"a": 1}),
        # what the file does not say is not taken away
        ({"a": 1, "b": 2}, {}, {"b": 1, "c": 2}, {"a": 1, "b": 2}),
        ({"a": 0}, {}, {"a": False}, {"a": 0}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"d": 3}}, {"a": {"b": 1}}, {"a": {"c": 2, "d": 3}}),
        # a list whose texts all go stays, and is empty
        ({"a": ["x", "y"]}, {}, {"a": ["x", "y"]}, {"a": []}),
        ({"a": ["x", "y"]}, {"a": ["z", "x"]}, [], {"a": ["x", "y", "z"]}),
        ({"a": ["x", "x"]}, {}, {"a": ["x"]}, {"a": ["x"]}),
        # a component that is hidden now is no component any more; a setting stays, empty
        (
            {"content": {"f": {"type": "t"}}, "hidden": {}},
            {"hidden": {"f": True}},
            {"content": {"f": {"type": "t"}}},
            {"content": {}, "hidden": {"f": True}},
        ),
        (
            {"settings": {"target_bundles": {"a": "a"}}},
            {},
            {"settings": {"target_bundles": {"a": "a"}}},
            {"settings": {"target_bundles": {}}},
        ),
        # what is nothing, or of another shape than what goes, stays
        ({"a": None, "b": 1}, {}, {"b": 1}, {"a": None}),
        ({"a": "x"}, {}, {"a": {"b": 1}}, {"a": "x"}),
        ({"a": {"b": 1}}, {}, {"a": "x"}, {"a": {"b": 1}}),
        # what comes takes the place of what has another shape
        ({"a": 1}, {"a": {"b": 2}}, {}, {"a": {"b": 2}}),
        ({"a": {"b": 1}}, {"a": 2}, {}, {"a": 2}),
        # where only one side is a list, its entries have their places as keys
        ({"a": ["x", "y"]}, {}, {"a": {"0": "x"}}, {"a": {"1": "y"}}),
        ({"a": {"0": "x", "b": 1}}, {}, {"a": ["x"]}, {"a": {"b": 1}}),
        ({"a": ["x"]}, {"a": {"0": "y"}}, {}, {"a": {"0": "y"}}),
        ({"a": {"0": "x", "b": 1}}, {"a": ["y"]}, {}, {"a": {"0": "y", "b": 1}}),
        # an entry of a list of which nothing is left goes
        ({"a": [{"label": "P"}]}, {}, {"a": [{"label": "P"}]}, {"a": []}),
        # PHP writes an empty list like empty settings
        ({"a": ["x"]}, {}, {"a": {}}, {"a": ["x"]}),
        ({"a": []}, {"a": []}, {}, {"a": []}),
        ({"a": ["x"]}, {}, {"a": {OF_X: "x"}}, {"a": {}}),
        ({"a": [{"b": ["x"]}]}, {}, {"a": [{"b": {}}]}, {"a": [{"b": ["x"]}]}),
        # lists within a list are told apart by their place
        ({"a": [["x"], ["y"]]}, {"a": [["z"]]}, {}, {"a": [["x", "z"], ["y"]]}),
        # entries without names are told apart by their place
        (
            {"a": [{"value": "p", "label": "P"}, {"value": "q", "label": "Q"}]},
            {"a": [{"label": "Port"}]},
            {"a": [{"label": "P"}]},
            {"a": [{"value": "p", "label": "Port"}, {"value": "q", "label": "Q"}]},
        ),
    ],
)
def test_what_a_patch_makes_of_a_file(
    data: dict[str, Any], adding: object, removing: object, expected: object
) -> None:
    patch = split_patch({"adding": adding, "removing": removing})

    assert apply_patch(data, patch) == expected


@each("content", ["adding", None, {"adding": "x", "removing": {}}, {"adding": {}, "removing": 1}])
def test_what_says_no_changes_is_no_patch(content: object) -> None:
    with pytest.raises(PatchRefusedError):
        split_patch(content)


def test_the_first_patches_said_what_an_export_adds_and_removes(tmp_path: Path) -> None:
    patch = {"added": {"label": "Harbourmaster"}, "removed": {"label": "Master of the port"}}

    configuration = split(tmp_path, {ROLE: patch})

    assert configuration.objects[ROLE]["label"] == "Master of the port"


def test_a_patch_is_applied_to_the_file_of_its_split(tmp_path: Path) -> None:
    base = write_export(tmp_path / "sync")
    patch = {"adding": {"permissions": ["use berths"]}, "removing": {}}
    laid_over = {ROLE: {"label": "Master", "permissions": []}, f"config_split.patch.{ROLE}": patch}
    others = {path.stem: None for path in base.iterdir()}
    over = write_export(tmp_path / "split", {**others, **laid_over})

    configuration = read_configuration(base, splits=[over])

    assert configuration.objects[ROLE] == {"label": "Master", "permissions": ["use berths"]}


@each(
    "patch, reason",
    [
        ({"adding": {"label": "Master"}}, "does not say what is added and what is removed"),
        ("adding: [", "line"),
        ({"adding": {}, "removing": {"label": "Harbourmaster"}}, "its “label” is missing"),
        (
            {"adding": {}, "removing": {"permissions": {"config_split_sequence_0a": "x"}}},
            "an entry of a list that nothing tells from the others",
        ),
    ],
)
def test_what_a_file_says_is_unknown_where_its_patch_cannot_be_applied(
    tmp_path: Path, patch: object, reason: str
) -> None:
    configuration = split(tmp_path, {ROLE: patch})

    assert ROLE not in configuration.objects
    (finding,) = configuration.findings
    assert finding.code == "configuration_file_refused"
    assert f"its patch config_split.patch.{ROLE}.yml cannot be applied" in finding.message
    assert reason in finding.message


def test_a_patch_makes_no_bad_file_readable(tmp_path: Path) -> None:
    base = write_export(tmp_path / "sync", {ROLE: "label: ["})
    others = {path.stem: None for path in base.iterdir()}
    patch = {"adding": {"label": "Mate"}, "removing": {}}
    over = write_export(tmp_path / "live", {**others, f"config_split.patch.{ROLE}": patch})

    configuration = read_configuration(base, splits=[over])

    assert "line 2" in configuration.refused[ROLE]
    assert ROLE not in configuration.objects


def test_a_patch_that_cannot_be_opened_makes_its_file_unknown(tmp_path: Path) -> None:
    base = write_export(tmp_path / "sync")
    over = tmp_path / "live"
    over.mkdir()
    (over / f"config_split.patch.{ROLE}.yml").symlink_to("nowhere.yml")

    configuration = read_configuration(base, splits=[over])

    assert "cannot be applied: it cannot be opened" in configuration.refused[ROLE]


def test_a_patch_of_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    patch = {"adding": {"label": "Mate"}, "removing": {}}

    configuration = split(tmp_path, {"user.role.mate": patch, "system.site": patch})

    assert [(f.code, f.file) for f in configuration.findings] == [
        ("split_patch_unused", "config_split.patch.user.role.mate.yml")
    ]


def test_a_patch_of_what_no_sheet_describes_is_named(tmp_path: Path) -> None:
    base = write_export(tmp_path / "sync", {"automated_cron.settings": {"interval": 1}})
    others = {path.stem: None for path in base.iterdir()}
    patch = {"adding": {"interval": 0}, "removing": {"interval": 1}}
    name = "config_split.patch.automated_cron.settings"
    over = write_export(tmp_path / "live", {**others, name: patch})

    (finding,) = read_configuration(base, splits=[over]).findings

    assert finding.code == "split_patch_not_described"
    assert "not compared: automated_cron.settings." in finding.message


def test_each_of_several_splits_is_laid_over_those_before_it(tmp_path: Path) -> None:
    """Only the last one was read, and nothing said so."""
    base = write_export(tmp_path / "sync")
    others = {path.stem: None for path in base.iterdir()}
    whole = write_export(tmp_path / "dev", {**others, ROLE: {"label": "Mate", "permissions": []}})
    patch = {"adding": {"permissions": ["use berths"]}, "removing": {}}
    partial = write_export(tmp_path / "live", {**others, f"config_split.patch.{ROLE}": patch})

    configuration = read_configuration(base, splits=[whole, partial])
    reversed_order = read_configuration(base, splits=[partial, whole])

    assert configuration.objects[ROLE] == {"label": "Mate", "permissions": ["use berths"]}
    assert reversed_order.objects[ROLE] == {"label": "Mate", "permissions": []}


def test_a_split_without_a_file_is_refused(tmp_path: Path) -> None:
    base = write_export(tmp_path / "sync")
    write_export(tmp_path / "splits" / "live")

    with pytest.raises(SiteConfigurationRefusedError, match="its folder live does"):
        read_configuration(base, splits=[tmp_path / "splits"])


def test_the_site_of_strangers_is_built_once_its_split_is_applied() -> None:
    case = CHECKOUT.parent / "shared" / "cases6" / "02_partial_split"
    if not case.is_dir():
        pytest.skip("../shared/cases6 is not there")
    read = specification_in(case / "sheets")

    alone = compared(read, read_configuration(case / "sync"))
    with_split = compared(read, read_configuration(case / "sync", splits=[case / "split"]))

    assert alone.counts["cells"]["differs"] > 0
    assert with_split.counts["cells"]["differs"] == 0
