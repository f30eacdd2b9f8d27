"""What people who follow a run are told while it works: observations of its asset.

Belongs here: the event and its fields. Does not: how often (`sessions/runs`), what is stored.
"""

from collections.abc import Mapping

import dagster as dg

from jira_pipeline.domain.sessions import UploadSession
from jira_pipeline.sessions.runs import PassOn


def telling(context: dg.AssetExecutionContext | dg.OpExecutionContext, *, asset_key: str) -> PassOn:
    """Return what tells subscribers of a run how far its session is."""

    def tell(session: UploadSession) -> None:
        details = session.progress_details
        fields: dict[str, str | int | float | None] = {
            "progress_percentage": round(session.progress_percentage, 1),
            "current_stage": session.progress_text,
            **({} if details is None else details.to_json()),
        }
        known = {name: value for name, value in fields.items() if value is not None}
        observe(context, known, asset_key=asset_key)

    return tell


def observe(
    context: dg.AssetExecutionContext | dg.OpExecutionContext,
    metadata: Mapping[str, str | int | float | bool],
    *,
    asset_key: str,
) -> None:
    """Tell subscribers of the run something about an asset of its session."""
    context.log_event(
        dg.AssetObservation(asset_key=asset_key, partition=context.partition_key, metadata=metadata)
    )
