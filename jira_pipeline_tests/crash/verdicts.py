"""Verdicts on the tickets of an export world, as a comparison with a site would give them."""

from collections.abc import Mapping

from jira_pipeline.export.export_run import ExportOrder, ExportTools
from jira_pipeline.export.ledger_page import LedgerPage
from jira_pipeline.export.verdict_comments import KnownVerdict
from jira_pipeline.kernel.entities import EntityKind, Status
from jira_pipeline.kernel.site_verifications import (
    TicketVerdict,
    Verdict,
    VerifiedCell,
    VerifiedRow,
    VerifiedTicket,
)
from jira_pipeline_tests.contracts.stored_values import START
from jira_pipeline_tests.crash.export_world import SESSION_KEY

ROW = VerifiedRow(
    file="Fields.csv",
    line=2,
    kind=EntityKind.FIELD,
    key="field:a",
    name="A field",
    x=Status.APPROVED,
    verdict=Verdict.DIFFERS,
    cells=(
        VerifiedCell(
            column="Field label",
            verdict=Verdict.DIFFERS,
            sheet="A",
            site="B",
            yaml="field.field.a: label",
        ),
    ),
)
MET = {TicketVerdict.BUILT: 2, TicketVerdict.PARTLY: 1}


def known_verdicts(
    order: ExportOrder, verdicts: Mapping[str, TicketVerdict | None]
) -> tuple[KnownVerdict, ...]:
    """Return these verdicts, by ticket id; of each ticket that is not built one row differs."""
    return tuple(
        KnownVerdict(
            ticket=VerifiedTicket(
                ticket_id=rendered.ticket.ticket_id,
                number=rendered.ticket.number,
                title=rendered.ticket.title,
                verdict=verdict,
                wordings=0,
                met=0 if verdict is None else MET.get(verdict, 0),
                of=2,
                there_met=0,
                there_of=0,
            ),
            config="sync",
            compared_at=START,
            failing=() if verdict is TicketVerdict.BUILT else (ROW,),
        )
        for rendered in order.rendered
        if (verdict := verdicts.get(rendered.ticket.ticket_id)) is not None
        or rendered.ticket.ticket_id in verdicts
    )


def page_of(tools: ExportTools) -> LedgerPage:
    """Read what the ledger holds of the session on its one target."""
    [target] = tools.ledger.targets()
    return LedgerPage(
        tools.ledger, clock=tools.clock, target_id=target.target_id, session_key=SESSION_KEY
    )
