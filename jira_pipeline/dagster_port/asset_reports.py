"""What a step reports of an asset, for the steps of assets and for those of a job of ops alike.

Belongs here: the value, and both forms that Dagster takes of it. Does not: what is reported
(`metadata`, the steps in `defs`), reports of what happened outside of runs (`reports`).
"""

from dataclasses import dataclass
from typing import Any

import dagster as dg

from jira_pipeline.dagster_port.dagster_runs import DATA_VERSION_TAG
from jira_pipeline.dagster_port.plain_values import Metadata, plain_metadata, plain_tags


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetReport:
    """One asset of one session, as a step made it."""

    asset: str
    metadata: Metadata
    data_version: str | None = None
    """None: Dagster computes one from the run."""

    @property
    def result(self) -> dg.MaterializeResult[Any]:
        """Return what the step of an asset yields."""
        return dg.MaterializeResult(
            asset_key=self.asset,
            metadata=plain_metadata(self.metadata),
            data_version=None if self.data_version is None else dg.DataVersion(self.data_version),
        )

    def materialization(self, session_key: str) -> dg.AssetMaterialization:
        """Return what an op logs, which is not the step of the asset."""
        tags = {} if self.data_version is None else {DATA_VERSION_TAG: self.data_version}
        return dg.AssetMaterialization(
            asset_key=self.asset,
            partition=session_key,
            metadata=plain_metadata(self.metadata),
            tags=plain_tags(tags),
        )
