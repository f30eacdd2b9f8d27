"""Values between assets: readable, put in place in one step, refused when they are of another shape."""

import json
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from upath import UPath

from jira_pipeline.defs.io_managers import JsonIOManager
from jira_pipeline.sources.drupal_csv import read_entities, read_files
from jira_pipeline_tests.stages.made_specifications import bundle, field, files_of
from jira_pipeline_tests.stages.made_tickets import site_tickets

SHEETS = {
    "bundles": [bundle("Käse <b>", "kaese") | {"Description": "two\nlines | ü"}],
    "fields": [field("Käse <b> (Content type)", "field_a", ref="Gone (Vocabulary)", req="y")],
}
VALUES: dict[str, Any] = {
    "source_files": lambda: list(read_files(files_of(SHEETS)).tables),
    "entities": lambda: list(read_entities(read_files(files_of(SHEETS)).tables).entities),
    "entity_groups": lambda: [made.group for made in site_tickets("uhrenmuseum")],
}


def kept(manager: JsonIOManager, asset: str, value: Any, *, session: str = "site") -> None:
    """Write a value as an asset of a session does."""
    manager.handle_output(
        dg.build_output_context(
            asset_key=dg.AssetKey(asset),
            partition_key=session,
            asset_partitions_def=dg.StaticPartitionsDefinition(["one", "site", "two"]),
        ),
        value,
    )


def read_back(manager: JsonIOManager, path: Path, asset: str) -> Any:
    """Read a value as the next asset does."""
    return manager.load_from_path(dg.build_input_context(asset_key=dg.AssetKey(asset)), UPath(path))


@pytest.fixture
def manager(tmp_path: Path) -> JsonIOManager:
    """Keeps values below a folder of its own."""
    return JsonIOManager(base_path=UPath(tmp_path))


@pytest.mark.parametrize("asset", VALUES)
def test_a_value_comes_back_as_it_was(manager: JsonIOManager, tmp_path: Path, asset: str) -> None:
    value = VALUES[asset]()

    kept(manager, asset, value)

    path = tmp_path / asset / "site.json"
    assert read_back(manager, path, asset) == value
    assert len(value) > 0


def test_a_value_is_readable_and_alone_in_its_folder(
    manager: JsonIOManager, tmp_path: Path
) -> None:
    kept(manager, "entities", VALUES["entities"]())

    (path,) = (tmp_path / "entities").iterdir()
    text = path.read_text(encoding="utf-8")
    assert path.name == "site.json"
    assert "Käse <b>" in text
    assert text.count("\n") > 20


def test_the_same_value_gives_the_same_bytes(manager: JsonIOManager, tmp_path: Path) -> None:
    for session in ("one", "two"):
        kept(manager, "entity_groups", VALUES["entity_groups"](), session=session)

    folder = tmp_path / "entity_groups"
    assert (folder / "one.json").read_bytes() == (folder / "two.json").read_bytes()


def test_sessions_keep_their_values_apart(manager: JsonIOManager, tmp_path: Path) -> None:
    kept(manager, "entities", VALUES["entities"](), session="one")
    kept(manager, "entities", [], session="two")

    assert len(read_back(manager, tmp_path / "entities" / "one.json", "entities")) == 2
    assert read_back(manager, tmp_path / "entities" / "two.json", "entities") == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: "",
        lambda text: text[: len(text) // 2],
        lambda _: json.dumps({"entities": []}),
        lambda text: text.replace('"machine_name"', '"machine"'),
        lambda text: text.replace('"status": "a"', '"status": "z"'),
    ],
    ids=["empty", "cut", "another shape", "another name", "another value"],
)
def test_a_value_of_another_version_is_told_with_what_to_do(
    manager: JsonIOManager, tmp_path: Path, spoil: Any
) -> None:
    kept(manager, "entities", VALUES["entities"]())
    path = tmp_path / "entities" / "site.json"
    path.write_text(spoil(path.read_text(encoding="utf-8")), encoding="utf-8")

    with pytest.raises(dg.Failure, match="written by another version") as caught:
        read_back(manager, path, "entities")

    assert not caught.value.allow_retries
    assert "recovery_actions" in caught.value.metadata
