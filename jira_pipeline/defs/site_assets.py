"""The site as it is: an asset that people build, and checks of how far it is built."""

from collections.abc import Iterator

import dagster as dg

from jira_pipeline.defs.failures import working_on
from jira_pipeline.defs.metadata import verdicts_table
from jira_pipeline.defs.partitions import OWNERS, TAGS, upload_sessions
from jira_pipeline.defs.reports import ENTITIES
from jira_pipeline.defs.resources import PipelineResource
from jira_pipeline.defs.session_checks import check_spec
from jira_pipeline.model.entity_groups import DisplayGroup
from jira_pipeline.model.sessions import SessionStage
from jira_pipeline.model.site_verifications import TicketVerdict
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
    with working_on(context, pipeline.opened(), stage=SessionStage.COMPLETED) as session:
        yield from built(session)


def built(session: OpenSession) -> Iterator[dg.AssetCheckResult]:
    """Judge each group by the last comparison; what is not begun is a warning, a contradiction more."""
    kept = session.site_verification
    found = {} if kept is None else kept.verification.by_ticket
    tickets_of = [t for t in session.tickets if t.ticket_id in found]
    for spec in sites_built.check_specs:
        group = spec.metadata["group"]
        verified = [found[t.ticket_id] for t in tickets_of if t.display_group == group]
        verdicts = {one.verdict for one in verified}
        contradicts = TicketVerdict.CONTRADICTS in verdicts
        yield dg.AssetCheckResult(
            asset_key=built_site.key,
            check_name=spec.name,
            passed=kept is not None and verdicts <= {TicketVerdict.BUILT, None},
            severity=dg.AssetCheckSeverity.ERROR if contradicts else dg.AssetCheckSeverity.WARN,
            metadata={
                "tickets": len(verified),
                "built": sum(one.verdict is TicketVerdict.BUILT for one in verified),
                "by_ticket": verdicts_table(verified),
                "compared": "never"
                if kept is None
                else f"{kept.verification.config}, {kept.at.isoformat()}",
            },
        )
