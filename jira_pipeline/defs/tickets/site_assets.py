"""The built site as an asset: checks that say how far it is built by the tickets.

Belongs here: the asset, one check for each group of tickets. Does not: comparing a site with its
specification (`verification`, `sessions/site_verifying`).
"""

from collections.abc import Iterator, Mapping

import dagster as dg

from jira_pipeline.dagster_port.metadata import verdicts_table
from jira_pipeline.dagster_port.partitions import OWNERS, TAGS, upload_sessions
from jira_pipeline.dagster_port.plain_values import plain_metadata
from jira_pipeline.dagster_port.reports import ENTITIES
from jira_pipeline.dagster_port.steps import PipelineResource, check_spec, session_step
from jira_pipeline.model.entity_groups import DisplayGroup
from jira_pipeline.model.sessions import SessionStage
from jira_pipeline.model.site_verifications import (
    NOT_COMPARED,
    TicketVerdict,
    VerifiedTicket,
    ticket_counts,
)
from jira_pipeline.model.tickets import ticket_id_of
from jira_pipeline.review.open_session import OpenSession

built_site = dg.AssetSpec(
    "built_site",
    deps=[ENTITIES],
    partitions_def=upload_sessions,
    owners=OWNERS,
    tags=TAGS,
    group_name="site",
    kinds={"yaml"},
    description="The site as it was when its configuration was exported; session_action with "
    "`verify` compares it, and nothing here builds it.",
)
COMPARED_GROUPS = (
    DisplayGroup.CONTENT,
    DisplayGroup.MEDIA,
    DisplayGroup.VIEWS,
    DisplayGroup.WORKFLOW,
    DisplayGroup.USER_ROLES,
)
"""Groups of tickets that an export says something of."""


@dg.multi_asset_check(
    name="sites_built",
    specs=[
        check_spec(
            f"{group.value.lower().replace(' ', '_')}_built",
            asset=built_site.key,
            description=f"Every ticket in {group.value} was built at the last comparison.",
            group=group.value,
        )
        for group in COMPARED_GROUPS
    ],
)
def sites_built(
    context: dg.AssetCheckExecutionContext, pipeline: PipelineResource
) -> Iterator[dg.AssetCheckResult]:
    """Judge each group of tickets."""
    with session_step(context, pipeline.opened(), stage=SessionStage.COMPLETED) as session:
        yield from built(session)


def built(session: OpenSession) -> Iterator[dg.AssetCheckResult]:
    """Judge each group by the last comparison; what is not begun is a warning, a contradiction more.

    A group passes if all of its tickets were compared and are built, or if it has none. Before the
    tickets are written none passes: nobody could be shown what was compared.
    """
    last = session.site_verification
    by_ticket: Mapping[str, VerifiedTicket] = {}
    last_compared = "never"
    if last is not None:
        by_ticket = last.verification.by_ticket
        last_compared = f"{last.verification.config}, {last.at.isoformat()}"
    could_pass = last is not None and session.tickets != ()
    for spec in sites_built.check_specs:
        display_group = spec.metadata["group"]
        wanted = [
            group for group in session.groups.values() if group.display_group == display_group
        ]
        ids = [ticket_id_of(session.key, group.key) for group in wanted]
        verified = [by_ticket[ticket_id] for ticket_id in ids if ticket_id in by_ticket]
        counts = ticket_counts(verified)
        is_built = counts[TicketVerdict.BUILT] == len(wanted) - counts[NOT_COMPARED]
        is_compared = not wanted or counts[NOT_COMPARED] < len(verified)
        severity = dg.AssetCheckSeverity.WARN
        if counts[TicketVerdict.CONTRADICTS] > 0:
            severity = dg.AssetCheckSeverity.ERROR
        metadata = {
            "tickets": len(wanted),
            **counts,
            "by_ticket": verdicts_table(verified),
            "compared": last_compared,
        }
        yield dg.AssetCheckResult(
            asset_key=built_site.key,
            check_name=spec.name,
            passed=could_pass and is_built and is_compared,
            severity=severity,
            description="" if wanted else "The sheets ask for no ticket of this group.",
            metadata=plain_metadata(metadata),
        )
