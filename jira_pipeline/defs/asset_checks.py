"""The named checks: what must hold about an asset before the next one starts.

Belongs here: a verdict with its reasons as metadata. The gate inside `jira_issues` is the law; a
re-execution from failure skips these.
"""

import warnings
from collections.abc import Callable, Iterator

import dagster as dg

from jira_pipeline.defs.assets import ENTITIES, OWNERS, adf_validation, tickets
from jira_pipeline.defs.export_ops import jira_issues
from jira_pipeline.defs.failures import run_id_of, working_on
from jira_pipeline.defs.partitions import check_spec, upload_sessions
from jira_pipeline.defs.previews import findings_metadata, listed, numbers_of, verdicts_table
from jira_pipeline.defs.reports import out_of_date
from jira_pipeline.defs.resources import PipelineResource
from jira_pipeline.export import exporting
from jira_pipeline.model.entity_groups import DisplayGroup
from jira_pipeline.model.exports import Difference, FiledComparison
from jira_pipeline.model.sessions import SessionStage
from jira_pipeline.model.site_verifications import TicketVerdict
from jira_pipeline.review.documents.table_comparison import table_faults
from jira_pipeline.review.documents.validation_report import report_markdown
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.validating import last_validation
from jira_pipeline.review.waiting import quality_of, quality_rows, summary_of

DANGLING_CODES = frozenset({"reference_dangling", "reference_not_computed"})
FAULTS_SHOWN = 20

SessionCheck = Callable[[dg.AssetCheckExecutionContext, OpenSession], dg.AssetCheckResult]


def _session_check(
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


@_session_check(
    asset=dg.AssetKey(ENTITIES),
    stage=SessionStage.PROCESSING,
    description="Every reference points to something that exists.",
)
def references_resolved(
    _context: dg.AssetCheckExecutionContext, session: OpenSession
) -> dg.AssetCheckResult:
    """Warn of dangling references."""
    findings = [finding for finding in session.findings if finding.code in DANGLING_CODES]
    return dg.AssetCheckResult(
        passed=not findings,
        severity=dg.AssetCheckSeverity.WARN,
        metadata=findings_metadata(findings),
    )


@_session_check(
    asset=tickets,
    stage=SessionStage.PROCESSING,
    blocking=True,
    description="Every cell of every row is in the row's ticket, word for word.",
)
def tables_match_rows(
    _context: dg.AssetCheckExecutionContext, session: OpenSession
) -> dg.AssetCheckResult:
    """Compare the rendered tables with the rows they come from."""
    faults = table_faults(session.tickets, groups=session.groups)
    return dg.AssetCheckResult(
        passed=not faults,
        metadata={"faults": len(faults), "first_faults": listed(faults[:FAULTS_SHOWN])},
    )


@_session_check(
    asset=adf_validation,
    stage=SessionStage.REVIEW,
    blocking=True,
    description="Every ticket is a document that Jira accepts, within its limits.",
)
def adf_valid(_context: dg.AssetCheckExecutionContext, session: OpenSession) -> dg.AssetCheckResult:
    """Fail when a ticket did not pass validation."""
    validation = last_validation(session)
    results = validation.results if validation else ()
    failed = [r for r in results if not r.is_passed]
    numbers = numbers_of(session.tickets)
    return dg.AssetCheckResult(
        passed=validation is not None and validation.is_passed,
        metadata={
            "tickets": len(results),
            "failed": listed([f"{r.title}: {r.error_message}" for r in failed]),
            "report": dg.MetadataValue.md(report_markdown(results, numbers=numbers)),
        },
    )


@_session_check(
    asset=adf_validation,
    stage=SessionStage.REVIEW,
    description="No ticket is waiting for answers or fell back to the template (docs/quality.md).",
)
def ticket_quality(
    _context: dg.AssetCheckExecutionContext, session: OpenSession
) -> dg.AssetCheckResult:
    """Warn of tickets that nobody should hand to a developer as they are."""
    quality = quality_of(session.tickets)
    rows = quality_rows(quality.to_look_at[:FAULTS_SHOWN])
    return dg.AssetCheckResult(
        passed=not quality.to_look_at,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "summary": summary_of(quality),
            "waiting_for_answers": quality.waiting_count,
            "fallbacks": quality.fallback_count,
            "to_look_at": listed([": ".join((row[1], row[3])) for row in rows]),
        },
    )


@_session_check(
    asset=jira_issues,
    stage=SessionStage.COMPLETED,
    description="Every recorded issue, and no other, is in Jira with its identity.",
)
def ledger_matches_jira(
    context: dg.AssetCheckExecutionContext, session: OpenSession
) -> dg.AssetCheckResult:
    """Read the issues of the session back and compare them with the ledger."""
    if not session.entries:  # nothing was to build
        return dg.AssetCheckResult(passed=True, metadata={"confirmed": 0})
    return compared(exporting.compare_with_jira(session, run_id=run_id_of(context)))


@_session_check(
    asset=jira_issues,
    stage=SessionStage.COMPLETED,
    description="Every issue matches its ticket; if sheets or tickets have changed, an update or "
    "somebody in Jira has to change the issue.",
)
def issues_match_tickets(
    _context: dg.AssetCheckExecutionContext, session: OpenSession
) -> dg.AssetCheckResult:
    """Warn of issues whose tickets changed since."""
    return out_of_date(session)


def compared(comparison: FiledComparison) -> dg.AssetCheckResult:
    """Return a comparison as the check `ledger_matches_jira` of its session."""
    found = comparison.differences
    return dg.AssetCheckResult(
        asset_key=jira_issues.key,
        check_name=ledger_matches_jira.check_key.name,
        passed=comparison.is_equal,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata={
            "confirmed": comparison.confirmed,
            **{
                kind.value.removeprefix("issue_"): listed([d.name for d in found if d.kind is kind])
                for kind in Difference
            },
            "compared_at": comparison.compared_at.isoformat(),
        },
    )


built_site = dg.AssetSpec(
    "built_site",
    deps=[ENTITIES],
    partitions_def=upload_sessions,
    group_name="site",
    kinds={"drupal"},
    owners=OWNERS,
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
