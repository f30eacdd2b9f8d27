"""What Dagster is told of an upload: the partition, and sheets newer than all that follows them.

Belongs here: the event that makes `entities` and what is behind it stale as soon as other sheets
are uploaded. Does not: uploading itself (`sessions/upload`), runs (`jobs`, `sensors`).
"""

import dagster as dg
from upath import UPath

from jira_pipeline.defs.io_managers import write_artefact
from jira_pipeline.defs.partitions import register_partition
from jira_pipeline.defs.runs import opened_instance
from jira_pipeline.sessions.composition import Pipeline
from jira_pipeline.stages.upload_reading import UploadOutcome

SOURCE_FILES = "source_files"
SOURCE_FILES_CODE_VERSION = "1"
_DATA_VERSION_TAG = "dagster/data_version"
_CODE_VERSION_TAG = "dagster/code_version"


def announce_upload(
    instance: dg.DagsterInstance, pipeline: Pipeline, outcome: UploadOutcome
) -> None:
    """Register the partition, and materialize `source_files` with the sheets just read."""
    session = outcome.session
    register_partition(instance, session.session_key)
    if outcome.is_unchanged:
        return
    path = UPath(pipeline.settings.artefacts_path, SOURCE_FILES, f"{session.session_key}.json")
    write_artefact(path, asset_name=SOURCE_FILES, value=list(outcome.tables))
    instance.report_runless_asset_event(
        dg.AssetMaterialization(
            asset_key=SOURCE_FILES,
            partition=session.session_key,
            description="Uploaded; nothing behind it was made from these sheets yet.",
            metadata={"dagster/row_count": sum(file.row_count for file in outcome.files)},
            tags={
                _DATA_VERSION_TAG: session.content_sha256,
                _CODE_VERSION_TAG: SOURCE_FILES_CODE_VERSION,
            },
        )
    )


def tell_of_upload(pipeline: Pipeline, outcome: UploadOutcome) -> None:
    """Tell the Dagster instance of this home of an upload."""
    with opened_instance() as instance:
        announce_upload(instance, pipeline, outcome)
