"""The ADF test report: what validation found of each ticket, as rows and as Markdown.

Belongs here: the order and the words of the report. Does not: checking tickets
(`adf_validation`), where it is shown (terminal, asset check).
"""

import re
from collections.abc import Mapping, Sequence

from jira_pipeline.model.json_values import json_object
from jira_pipeline.model.validations import TicketValidation

COLUMNS = ("no.", "ticket", "status", "bytes", "characters", "attachment", "message", "fix")
REPORT_ROWS = 200
"""Rows of the Markdown report; a page in a browser gets slow with more."""
_MARKED = re.compile(r"([\\|`*_<>\[\]#~])")


def ordered_results(results: Sequence[TicketValidation]) -> list[TicketValidation]:
    """Put failed tickets first, then the largest."""
    return sorted(results, key=lambda r: (r.is_passed, -r.adf_size_bytes, r.title))


def result_object(result: TicketValidation, *, number: int | None) -> dict[str, object]:
    """Write one result for other programs; names are part of the public surface."""
    shown = json_object(result)
    return {"ticket_id": shown.pop("ticket_id"), "number": number} | shown


def report_rows(
    results: Sequence[TicketValidation], *, numbers: Mapping[str, int]
) -> list[tuple[str, ...]]:
    """Write the results as rows of `COLUMNS`, in the order given."""
    return [
        (
            str(numbers.get(result.ticket_id) or ""),
            result.title,
            result.status,
            f"{result.adf_size_bytes:,}",
            f"{-result.character_reduction:+,}" if result.character_reduction else "",
            result.attachment_upload_status,
            result.error_message,
            result.suggested_fix,
        )
        for result in results
    ]


def report_markdown(results: Sequence[TicketValidation], *, numbers: Mapping[str, int]) -> str:
    """Write the report as a Markdown table, with a line before it that says how it went."""
    failed = sum(not result.is_passed for result in results)
    words = f"{len(results)} tested, {len(results) - failed} passed, {failed} failed."
    shown = ordered_results(results)[:REPORT_ROWS]
    rows = [COLUMNS, ("---",) * len(COLUMNS)]
    rows += [tuple(map(_cell, row)) for row in report_rows(shown, numbers=numbers)]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    rest = len(results) - len(shown)
    return "\n".join([words, "", *lines, *([f"\n… and {rest} more that passed."] if rest else [])])


def _cell(text: str) -> str:
    """Write text into one cell: one line, with nothing that Markdown reads as markup."""
    return _MARKED.sub(r"\\\1", " ".join(text.split()))
