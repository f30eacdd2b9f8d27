"""Values between assets: readable, put in place in one step, refused when they are of another shape."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from upath import UPath

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.defs.failures import MAX_RETRIES_TAG
from jira_pipeline.defs.io_managers import JsonIOManager, ValuesMadeAgain
from jira_pipeline.model.errors import StoreError
from jira_pipeline.model.sessions import SessionStage, SessionStatus
from jira_pipeline.sources.sheets.reading.entities import read_entities
from jira_pipeline.sources.sheets.reading.folders import read_files
from jira_pipeline_tests import projects
from jira_pipeline_tests.review.documents.made_tickets import site_tickets
from jira_pipeline_tests.sources.sheets.made_specifications import bundle, field, files_of
from jira_pipeline_tests.tables import each

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


@each("asset", VALUES)
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


@each(
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
def test_a_value_of_another_version_is_reported_with_what_to_do(
    manager: JsonIOManager, tmp_path: Path, spoil: Any
) -> None:
    kept(manager, "entities", VALUES["entities"]())
    path = tmp_path / "entities" / "site.json"
    path.write_text(spoil(path.read_text(encoding="utf-8")), encoding="utf-8")

    with pytest.raises(dg.Failure, match="written by another version") as caught:
        read_back(manager, path, "entities")

    assert not caught.value.allow_retries
    assert "recovery_actions" in caught.value.metadata


def block_a_value(artefacts: Path, asset: str) -> None:
    """Put a folder where a value of the session is kept."""
    (artefacts / asset / "museum.json" / "in the way").mkdir(parents=True)


def block_all_values(artefacts: Path, _asset: str) -> None:
    """Put a file where all values are kept: no folder can be made."""
    artefacts.write_text("in the way", encoding="utf-8")


@pytest.mark.parametrize("block", [block_a_value, block_all_values])
def test_a_value_that_cannot_be_written_fails_the_session_with_what_to_do(
    project: Path,
    sheets: Path,
    pipeline: Pipeline,
    instance: dg.DagsterInstance,
    block: Callable[[Path, str], None],
) -> None:
    """A full disk ended the run with a traceback and the session in no state at all."""
    projects.upload(project, sheets)
    block(pipeline.settings.artefacts_path, "source_files")

    result = projects.execute(instance, project, "generate_tickets", raise_on_error=False)

    (error,) = pipeline.store.errors.list_all("museum")
    session = pipeline.store.sessions.get("museum")
    run = instance.get_run_by_id(result.run_id)
    assert (error.code, error.run_id) == ("store_unusable", result.run_id)
    assert "could not be written" in error.message
    assert (session.stage, session.status) == (SessionStage.UPLOAD, SessionStatus.FAILED)
    assert run is not None
    assert run.tags[MAX_RETRIES_TAG] == "0"


def test_a_value_that_is_gone_is_reported_with_what_to_do(
    manager: JsonIOManager, tmp_path: Path
) -> None:
    with pytest.raises(
        dg.Failure, match="cannot be read: there is no such file or folder"
    ) as caught:
        read_back(manager, tmp_path / "entities" / "site.json", "entities")

    assert caught.value.metadata["code"].value == "store_unusable"


SESSIONS = dg.StaticPartitionsDefinition(["one", "site", "two"])


def input_of(asset: str) -> dg.InputContext:
    """What the next asset asks with."""
    return dg.build_input_context(
        asset_key=dg.AssetKey(asset),
        partition_key="site",
        asset_partition_key_range=dg.PartitionKeyRange("site", "site"),
        asset_partitions_def=SESSIONS,
    )


def test_with_a_store_on_a_server_what_an_earlier_run_made_is_made_again_once() -> None:
    """A file of this machine may be of sheets that another machine replaced since."""
    asked: list[str] = []

    def make(session_key: str) -> dict[str, Any]:
        asked.append(session_key)
        return {"source_files": ["tables"], "entities": ["again"]}

    manager = ValuesMadeAgain(make=make, store_failure=lambda _context, _error: None)
    output = dg.build_output_context(
        asset_key=dg.AssetKey("entity_groups"),
        partition_key="site",
        asset_partitions_def=SESSIONS,
    )
    manager.handle_output(output, ["of this run"])

    found = [manager.load_input(input_of(asset)) for asset in ("entity_groups", *("entities",) * 2)]

    assert found == [["of this run"], ["again"], ["again"]]
    assert asked == ["site"]


def test_what_cannot_be_made_again_fails_the_run_with_what_to_do() -> None:
    stored: list[str] = []

    def make(_session_key: str) -> dict[str, Any]:
        raise StoreError("The kept copy is not what was uploaded.")

    manager = ValuesMadeAgain(make=make, store_failure=lambda _, error: stored.append(error.code))

    with pytest.raises(dg.Failure, match="not what was uploaded"):
        manager.load_input(input_of("entities"))

    assert stored == ["store_unusable"]
