"""The command `quality`: ten points for every ticket, and two writers side by side.

Belongs here: how points are laid out in a terminal. Does not: what they mean
(`stages/quality`, docs/quality.md).
"""

from typing import TYPE_CHECKING, Annotated

import typer

from jira_pipeline.cli.console import Screen, plain_table
from jira_pipeline.cli.context import (
    JsonOption,
    SessionArgument,
    opened_session,
    refuse_unknown_writer,
)
from jira_pipeline.domain.next_step import refuse_without_tickets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jira_pipeline.sessions.quality import WriterComparison
    from jira_pipeline.stages.quality.rubric import Criterion, SessionQuality

CompareOption = Annotated[
    str | None,
    typer.Option(
        "--compare",
        metavar="WRITER",
        help="Let another writer write the tickets too, such as template; none is stored.",
    ),
]


def quality(
    session_key: SessionArgument, *, compare: CompareOption = None, is_json: JsonOption = False
) -> None:
    """Give each ticket up to ten points, and say why it lacks one (docs/quality.md).

    With --compare another writer writes the same tickets, and both are judged. A model is asked
    and paid for as in a generation.
    """
    from jira_pipeline.sessions.quality import compare_writer, quality_now  # noqa: PLC0415 - starts fast

    with opened_session(session_key, is_json=is_json) as (screen, pipeline, session):
        refuse_without_tickets(session.stored)
        refuse_unknown_writer(pipeline, compare, option="--compare")
        if compare is None:
            _tell(screen, session_key, quality_now(session))
        else:
            comparison = compare_writer(session, writer_name=compare)
            _tell_comparison(screen, session_key, comparison)


def _tell(screen: Screen, session_key: str, judged: "SessionQuality") -> None:
    from jira_pipeline.stages.quality.quality_report import (  # noqa: PLC0415 - starts fast
        COLUMNS,
        quality_object,
        quality_rows,
        summary_of,
    )

    screen.answer({"session_key": session_key, **quality_object(judged)})
    screen.show(plain_table("", COLUMNS, quality_rows(judged.tickets), wide="what is missing"))
    screen.say(summary_of(judged))


def _tell_comparison(screen: Screen, session_key: str, comparison: "WriterComparison") -> None:
    from jira_pipeline.stages.quality.quality_report import (  # noqa: PLC0415 - starts fast
        quality_object,
        summary_of,
        ticket_object,
    )

    screen.answer(
        {
            "session_key": session_key,
            "writer": comparison.writer,
            "kept": quality_object(comparison.kept),
            "other": quality_object(comparison.other),
            "tickets": [
                {"kept": ticket_object(t.kept), "other": ticket_object(t.other)}
                for t in comparison.tickets
            ],
        }
    )
    rows = [
        (
            t.kept.number,
            t.kept.title,
            f"{t.kept.points} {t.kept.writer}",
            f"{t.other.points} {t.other.writer}",
            _difference(t.gained, t.lost),
        )
        for t in comparison.tickets
    ]
    columns = ("no.", "ticket", "as kept", "rewritten", "difference")
    screen.show(plain_table("", columns, rows, wide="ticket"))
    screen.say(f"As kept: {summary_of(comparison.kept)}")
    screen.say(f"By {comparison.writer}: {summary_of(comparison.other)}")


def _difference(gained: "Sequence[Criterion]", lost: "Sequence[Criterion]") -> str:
    return "; ".join([*(f"+ {c}" for c in gained), *(f"- {c}" for c in lost)])
