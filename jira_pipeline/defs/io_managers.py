"""Recomputable values as readable JSON, one file per asset and session.

Belongs here: how tables, entities and groups pass between assets. Does not: facts; those are in
the store.
"""

from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import TypeAdapter, ValidationError
from typing_extensions import override
from upath import UPath

from jira_pipeline.domain.entities import Entity, SourceTable
from jira_pipeline.domain.entity_groups import EntityGroup
from jira_pipeline.settings import load_settings

ADAPTERS: dict[str, TypeAdapter[Any]] = {
    "source_files": TypeAdapter(list[SourceTable]),
    "entities": TypeAdapter(list[Entity]),
    "entity_groups": TypeAdapter(list[EntityGroup]),
}


class JsonArtefacts(dg.ConfigurableIOManagerFactory["JsonIOManager"]):
    """Keeps values below the artefacts folder of the home."""

    project_path: str | None = None
    """Folder of dagster.yaml; None finds it."""

    @override
    def create_io_manager(self, context: dg.InitResourceContext) -> "JsonIOManager":
        """Read where the home is."""
        settings = load_settings(Path(self.project_path) if self.project_path else None)
        return JsonIOManager(base_path=UPath(settings.artefacts_path))


def write_artefact(path: UPath, *, asset_name: str, value: Any) -> None:
    """Write the value of an asset, indented for people, and put it in place in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    incoming = path.with_name(f".{path.name}.incoming")
    incoming.write_bytes(ADAPTERS[asset_name].dump_json(value, indent=1))
    incoming.rename(path)


class JsonIOManager(dg.UPathIOManager):
    """Keeps the value of an asset as `<base>/<asset>/<session>.json`."""

    extension = ".json"

    @override
    def dump_to_path(self, context: dg.OutputContext, obj: Any, path: UPath) -> None:
        """Write the value of an asset."""
        write_artefact(path, asset_name=context.asset_key.path[-1], value=obj)

    @override
    def load_from_path(self, context: dg.InputContext, path: UPath) -> Any:
        """Read a value back; one of another shape is told with what to do."""
        try:
            return ADAPTERS[context.asset_key.path[-1]].validate_json(path.read_bytes())
        except ValidationError as error:
            raise dg.Failure(
                description=f"{path.name} was written by another version of the pipeline.",
                metadata={"recovery_actions": "Materialize the upstream assets again."},
                allow_retries=False,
            ) from error
