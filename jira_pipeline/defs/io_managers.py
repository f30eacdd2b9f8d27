"""Recomputable values: readable JSON, one file per asset and session, or made again.

Belongs here: how tables, entities and groups pass between assets. Does not: facts; those are in
the store.

With SQLite they are files. With a store on a server a step may run on another machine than the
steps before it, and what that machine has may be of earlier sheets: nothing is written there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import TypeAdapter, ValidationError
from typing_extensions import override
from upath import UPath

from jira_pipeline.context.settings import Settings, load_settings
from jira_pipeline.defs.failures import final_failure, stop_session
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.entities import Entity, SourceTable
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.errors import PipelineError, StoreError, system_message
from jira_pipeline.model.sessions import SessionStage
from jira_pipeline.sessions.composition import open_pipeline
from jira_pipeline.sessions.upload import read_again

ADAPTERS: dict[str, TypeAdapter[Any]] = {
    "source_files": TypeAdapter(list[SourceTable]),
    "entities": TypeAdapter(list[Entity]),
    "entity_groups": TypeAdapter(list[EntityGroup]),
}


_STAGE_OF = {"source_files": SessionStage.UPLOAD}
ValueContext = dg.OutputContext | dg.InputContext
FailureStore = Callable[[ValueContext, PipelineError], None]


class PassedValues(dg.ConfigurableIOManagerFactory[dg.IOManager]):
    """Keeps values below the artefacts folder of the home, or makes them again."""

    project_path: str | None = None
    """Folder of dagster.yaml; None finds it."""

    @override
    def create_io_manager(self, context: dg.InitResourceContext) -> dg.IOManager:
        """Read where the home and its store are."""
        settings = load_settings(Path(self.project_path) if self.project_path else None)

        def store_failure(value: ValueContext, error: PipelineError) -> None:
            _store_failure(settings, value, error)

        if settings.is_store_on_server:
            return ValuesMadeAgain(
                make=lambda key: _values_of(settings, key), store_failure=store_failure
            )
        return JsonIOManager(base_path=UPath(settings.artefacts_path), store_failure=store_failure)


def _values_of(settings: Settings, session_key: str) -> dict[str, Any]:
    """Read the kept copy of a session and return the values of all assets.

    Raises:
        PipelineError: It cannot be read.
    """
    pipeline = open_pipeline(settings)
    with pipeline.store:
        reading = read_again(pipeline, session_key)
    return {
        "source_files": list(reading.tables),
        "entities": list(reading.specification.entities),
        "entity_groups": list(reading.groups),
    }


def write_artefact(path: UPath, *, asset_name: str, value: Any) -> None:
    """Write the value of an asset, indented for people, and put it in place in one step.

    Raises:
        StoreError: It cannot be written there.
    """
    incoming = path.with_name(f".{path.name}.incoming")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        incoming.write_bytes(ADAPTERS[asset_name].dump_json(value, indent=1))
        incoming.rename(path)
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: UPath, error: OSError) -> StoreError:
    return StoreError(
        f"{path} could not be written: {system_message(error)}.",
        recovery_actions=(
            "Check that the disk has room and that the folder may be written.",
            "Then start the run again.",
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _ValuePlace:
    """The run a value is passed on in."""

    partition_key: str
    run: dg.DagsterRun
    instance: dg.DagsterInstance


def _store_failure(settings: Settings, context: ValueContext, error: PipelineError) -> None:
    """Store that a value could not be passed on, as every other failure of a step.

    What cannot be stored either, on a disk that is full, must not hide the failure itself.
    """
    step = context.step_context
    place = _ValuePlace(
        partition_key=step.partition_key, run=step.dagster_run, instance=step.instance
    )
    stage = _STAGE_OF.get(context.asset_key.path[-1], SessionStage.PROCESSING)
    try:
        pipeline = open_pipeline(settings)
        with pipeline.store:
            stop_session(place, pipeline, error=error, stage=stage)
    except PipelineError as unstored:
        context.log.warning("The failure could not be stored: %s", unstored.message)


class JsonIOManager(dg.UPathIOManager):
    """Keeps the value of an asset as `<base>/<asset>/<session>.json`."""

    extension = ".json"

    def __init__(self, *, base_path: UPath, store_failure: FailureStore | None = None) -> None:
        """Keep values below a folder; `store_failure` stores why one cannot be kept."""
        super().__init__(base_path=base_path)
        self._store_failure = store_failure

    @override
    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
        """Write the value of an asset; what hinders it fails the run as every other error."""
        try:
            super().handle_output(context, obj)
        except StoreError as error:
            raise self._failed(context, error) from error
        except OSError as error:
            unwritable = _unwritable(self._base_path, error)
            raise self._failed(context, unwritable) from error

    @override
    def dump_to_path(self, context: dg.OutputContext, obj: Any, path: UPath) -> None:
        """Write the value of an asset."""
        write_artefact(path, asset_name=context.asset_key.path[-1], value=obj)

    @override
    def load_from_path(self, context: dg.InputContext, path: UPath) -> Any:
        """Read a value back; one that is gone or of another shape is refused with what to do."""
        try:
            return ADAPTERS[context.asset_key.path[-1]].validate_json(path.read_bytes())
        except ValidationError as error:
            fault = f"{path} was written by another version of the pipeline."
            raise self._failed(context, _unreadable(fault)) from error
        except OSError as error:
            fault = f"{path} cannot be read: {system_message(error)}."
            raise self._failed(context, _unreadable(fault)) from error

    def _failed(self, context: ValueContext, error: StoreError) -> dg.Failure:
        if self._store_failure is not None:
            self._store_failure(context, error)
        return final_failure(error)


class ValuesMadeAgain(dg.IOManager):
    """Passes values on within the process of a run; those of an earlier run are made again."""

    def __init__(
        self, *, make: Callable[[str], Mapping[str, Any]], store_failure: FailureStore
    ) -> None:
        """Keep how the values of a session are made; `store_failure` stores why they cannot be."""
        self._make = make
        self._store_failure = store_failure
        self._values: dict[tuple[str, str], Any] = {}

    @override
    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
        """Keep a value for the steps after it."""
        self._values[context.asset_partition_key, context.asset_key.path[-1]] = obj

    @override
    def load_input(self, context: dg.InputContext) -> Any:
        """Return a value; one of an earlier run is what the kept copy gives."""
        session_key, asset = context.asset_partition_key, context.asset_key.path[-1]
        if (session_key, asset) not in self._values:
            try:
                made = self._make(session_key)
            except PipelineError as error:
                self._store_failure(context, error)
                raise final_failure(error) from error
            self._values |= {(session_key, name): value for name, value in made.items()}
        return self._values[session_key, asset]


def _unreadable(fault: str) -> StoreError:
    return StoreError(
        fault,
        recovery_actions=(
            Action.of(ActionKind.REGENERATE, "Materialize the upstream assets again, or run {}."),
        ),
    )
