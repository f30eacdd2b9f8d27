"""The result of judging tickets, in words, rows and for other programs.

Belongs here: order and words of the report. Does not: the points (`rubric`), where it is shown
(terminal, asset check, pages).
"""

from collections.abc import Sequence

from jira_pipeline.stages.quality.rubric import (
    POINTS_MAX,
    POINTS_OF_GOOD,
    POINTS_TO_PASS,
    SessionQuality,
    TicketQuality,
)

COLUMNS = ("no.", "ticket", "points", "where to look")


def summary_of(quality: SessionQuality) -> str:
    """Say how many tickets of a session somebody should look at, and how good they are."""
    total = len(quality.tickets)
    if not total:
        return "There are no tickets to judge."
    points = (
        f"{_count(quality, POINTS_OF_GOOD)} of {total} tickets have at least {POINTS_OF_GOOD} of "
        f"{POINTS_MAX} points, {_count(quality, POINTS_TO_PASS)} at least {POINTS_TO_PASS}; "
        f"{quality.perfect_tables} have perfect tables."
    )
    to_look_at = total - quality.signable
    if not to_look_at:
        return f"Nothing was found that a reader would change. {points}"
    rest = f"; in the other {quality.signable} nothing was found that a reader would change"
    return f"Look at {to_look_at} before you sign{rest if quality.signable else ''}. {points}"


def quality_rows(tickets: Sequence[TicketQuality]) -> list[tuple[str, ...]]:
    """Write tickets as rows of `COLUMNS`, in the order given."""
    return [
        (str(ticket.number), ticket.title, str(ticket.points), missing_words(ticket))
        for ticket in tickets
    ]


def missing_words(ticket: TicketQuality) -> str:
    """Say which points a ticket lacks, each with its first reason; empty where it has all."""
    missing = []
    for criterion in ticket.missing:
        reasons = [s.reason for s in ticket.shortcomings if s.criterion is criterion]
        more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
        missing.append(f"{criterion}: {reasons[0]}{more}")
    return "; ".join(missing)


def quality_object(quality: SessionQuality) -> dict[str, object]:
    """Say the judgement as programs get it; names are part of the public surface."""
    return {
        "tickets_judged": len(quality.tickets),
        "share_with_9": round(quality.share_with(POINTS_OF_GOOD), 4),
        "share_with_8": round(quality.share_with(POINTS_TO_PASS), 4),
        "perfect_tables": quality.perfect_tables,
        "signable": quality.signable,
        "all_passed": quality.is_passed,
        "tickets": [ticket_object(ticket) for ticket in quality.tickets],
    }


def ticket_object(ticket: TicketQuality) -> dict[str, object]:
    """Say one judgement as programs get it."""
    return {
        "ticket_id": ticket.ticket_id,
        "number": ticket.number,
        "title": ticket.title,
        "writer": ticket.writer,
        "points": ticket.points,
        "passed": ticket.is_passed,
        "signable": ticket.is_signable,
        "table_perfect": ticket.is_table_perfect,
        "missing": [
            {"criterion": s.criterion.name.lower(), "reason": s.reason} for s in ticket.shortcomings
        ],
    }


def _count(quality: SessionQuality, points: int) -> int:
    return sum(ticket.points >= points for ticket in quality.tickets)
