"""How a check of a session is declared: what must hold about an asset before the next is made.

Belongs here: that declaration. Does not: the checks, which stand beside their assets. The gate
inside `jira_issues` is the law; a re-execution from failure skips these.
"""

import warnings
from collections.abc import Callable

import dagster as dg

from jira_pipeline.dagster_port.failures import working_on
from jira_pipeline.dagster_port.partitions import upload_sessions
from jira_pipeline.dagster_port.resources import PipelineResource
from jira_pipeline.model.sessions import SessionStage
from jira_pipeline.review.open_session import OpenSession


def check_spec(
    name: str, *, asset: dg.AssetKey, description: str, blocking: bool = False, **metadata: str
) -> dg.AssetCheckSpec:
    """Specify a check of each session; that checks of partitions are a preview is known."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.PreviewWarning)
        return dg.AssetCheckSpec(
            name,
            asset=asset,
            blocking=blocking,
            partitions_def=upload_sessions,
            description=description,
            metadata=metadata,
        )


SessionCheck = Callable[[dg.AssetCheckExecutionContext, OpenSession], dg.AssetCheckResult]


def session_check(
    *,
    asset: dg.AssetsDefinition | dg.AssetKey,
    stage: SessionStage,
    description: str,
    blocking: bool = False,
) -> Callable[[SessionCheck], dg.AssetChecksDefinition]:
    """Make a check of one session; that checks of partitions are a preview is known."""

    def check_of(body: SessionCheck) -> dg.AssetChecksDefinition:
        def check(
            context: dg.AssetCheckExecutionContext, pipeline: PipelineResource
        ) -> dg.AssetCheckResult:
            with working_on(context, pipeline.opened(), stage=stage) as session:
                return body(context, session)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", dg.PreviewWarning)
            return dg.asset_check(
                name=body.__name__,
                asset=asset,
                blocking=blocking,
                partitions_def=upload_sessions,
                description=description,
            )(check)

    return check_of
