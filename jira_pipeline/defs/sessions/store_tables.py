"""Tables that no step makes: findings and questions of a session, and all sessions side by side.

Belongs here: their assets, and when the portfolio is looked at. Does not: their columns and rows
(`sessions/session_tables`), loading them (`dagster_port/tables`).
"""

from typing import Any

import dagster as dg

from jira_pipeline.dagster_port.metadata import table
from jira_pipeline.dagster_port.partitions import OWNERS, TAGS, upload_sessions
from jira_pipeline.dagster_port.plain_values import plain_metadata
from jira_pipeline.dagster_port.reports import SOURCE_FILES
from jira_pipeline.dagster_port.steps import PipelineResource, failing_for_good
from jira_pipeline.dagster_port.tables import IO_MANAGER, table_metadata
from jira_pipeline.sessions.session_tables import PORTFOLIO, portfolio_rows


def _external_table(name: str, *, group: str, deps: list[str], description: str) -> dg.AssetSpec:
    """Return the specification of a table of each session that the store has anyway."""
    spec = dg.AssetSpec(
        name,
        partitions_def=upload_sessions,
        owners=OWNERS,
        tags=TAGS,
        deps=deps,
        group_name=group,
        kinds={"table"},
        metadata=table_metadata(name),
        description=description,
    )
    return spec.with_io_manager_key(IO_MANAGER)


findings = _external_table(
    "findings",
    group="intake",
    deps=[SOURCE_FILES],
    description="What is remarked about the sheets, to be loaded as a table. Its rows are in the "
    "store; nothing here creates them.",
)
questions = _external_table(
    "questions",
    group="tickets",
    deps=["tickets"],
    description="What the sheets leave open, and what people answered, to be loaded as a table. Its "
    "rows are in the store; nothing here creates them.",
)


@dg.asset(
    owners=OWNERS,
    tags=TAGS,
    group_name="sessions",
    kinds={"table"},
    io_manager_key=IO_MANAGER,
    metadata=table_metadata(PORTFOLIO.name),
    description="All sessions side by side: tickets, hours, questions and issues by group, read from "
    "the store every night and whenever somebody materializes it.",
)
def portfolio(pipeline: PipelineResource) -> dg.MaterializeResult[Any]:
    with failing_for_good():
        rows = portfolio_rows(pipeline.opened())
    return dg.MaterializeResult(
        metadata=plain_metadata(
            {
                "dagster/row_count": len(rows),
                "sessions": len({row["session"] for row in rows}),
                "portfolio": table(rows),
            }
        )
    )
