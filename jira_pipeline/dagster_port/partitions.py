"""The partitions: one upload session each, and what assets of sessions share."""

from collections.abc import Sequence

import dagster as dg

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.dagster_port.plain_values import plain_tags
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import SessionKeyError

PARTITIONS_NAME = "upload_sessions"
PARTITION_TAG = "dagster/partition"
"""The tag by which Dagster knows the session of a run."""
MAX_RETRIES_TAG = "dagster/max_retries"
"""How often the daemon starts a run again that was lost; default: that of dagster.yaml."""
KIND_TAG = "kind"
"""What a job or an asset is about, by which lists of them and of runs are filtered."""
upload_sessions = dg.DynamicPartitionsDefinition(name=PARTITIONS_NAME)
OWNERS = ["team:web-development"]
TAGS = {KIND_TAG: "session"}
"""Of assets; those of jobs say more."""


KEYS_NAMED = 10
StepContext = dg.AssetExecutionContext | dg.OpExecutionContext | dg.AssetCheckExecutionContext


def no_such_session(pipeline: Pipeline, key: str | None) -> SessionKeyError:
    """Return why a run has no session: it names none, or one of another home or without partition."""
    if key is None:
        return _no_session_named(pipeline)
    if pipeline.store.sessions.find(key) is None:
        return _unknown_session(key)
    return _deleted_partition(key)


def _no_session_named(pipeline: Pipeline) -> SessionKeyError:
    """Return the error for a run that names no session, with the keys there are."""
    keys = [session.session_key for session in pipeline.store.sessions.list_all()]
    shown_keys = ", ".join(keys[:KEYS_NAMED]) or "none"
    choose_partition = (
        "Choose a partition in the UI, or add `--partition KEY` to `dg launch`, or "
        '`--tags \'{"dagster/partition": "KEY"}\'` to `dagster job execute`.'
    )
    upload_folder = (
        "For a folder, launch the job upload_session with `ops: {register_session: "
        "{config: {folder: /path/of/sheets, then: export}}}`."
    )
    return SessionKeyError(
        f"This job works on one session, and the run names none. Known: {shown_keys}.",
        recovery_actions=(choose_partition, upload_folder),
    )


def _unknown_session(key: str) -> SessionKeyError:
    """Return the error for a key that is neither a session here nor a partition."""
    upload_first = Action.of(ActionKind.UPLOAD, "Upload it first: {}.", session=key)
    use_right_instance = (
        "If it was uploaded, this run uses another instance: run it inside the data "
        "folder, or set DAGSTER_HOME to that folder's absolute path."
    )
    return SessionKeyError(
        f"{key!r} is neither a session of this data folder nor a partition of this Dagster "
        "instance.",
        recovery_actions=(upload_first, use_right_instance),
    )


def _deleted_partition(key: str) -> SessionKeyError:
    """Return the error for a session whose partition somebody deleted in Dagster."""
    register_again = (
        "To register it again, launch the job upload_session with "
        f"`ops: {{register_session: {{config: {{session_key: {key}, then: nothing}}}}}}`."
    )
    return SessionKeyError(
        f"Session {key} exists, but its partition was deleted from this Dagster instance.",
        recovery_actions=(register_again,),
    )


def disable_retries(instance: dg.DagsterInstance, run_id: str) -> None:
    """Keep the daemon from starting a run again when it fails."""
    instance.add_run_tags(run_id, plain_tags({MAX_RETRIES_TAG: "0"}))


def register_partition(instance: dg.DagsterInstance, session_key: str) -> None:
    """Make the session a partition; one that is there already stays."""
    instance.add_dynamic_partitions(PARTITIONS_NAME, [session_key])


def with_partitions(
    instance: dg.DagsterInstance, requests: Sequence[dg.RunRequest]
) -> Sequence[dg.RunRequest]:
    """Register the sessions of runs that are asked for; one unknown partition would stop them all.

    Such as of a restored store beside a new Dagster.
    """
    # Of one that is named twice Dagster would add two rows, and fail.
    keys = {request.partition_key for request in requests if request.partition_key}
    if keys:
        instance.add_dynamic_partitions(PARTITIONS_NAME, sorted(keys))
    return requests


def remove_partition(instance: dg.DagsterInstance, session_key: str) -> None:
    if instance.has_dynamic_partition(PARTITIONS_NAME, session_key):
        instance.delete_dynamic_partition(PARTITIONS_NAME, session_key)
