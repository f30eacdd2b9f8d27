"""Which withdrawals auto approval agrees to, and how tickets without rows are named."""

from dataclasses import replace
from typing import Any

from jira_pipeline.model.revisions import RevisionOrigin
from jira_pipeline.model.sessions import SessionManifest
from jira_pipeline.model.source_tables import SourceFile
from jira_pipeline.model.ticket_decisions import Withdrawal
from jira_pipeline.model.tickets import SourceLines, Ticket, unconfirmed_withdrawals
from jira_pipeline.review.withdrawals import (
    NAMED,
    automatic_withdrawals,
    vanished_list,
    without_rows,
)
from jira_pipeline_tests.contracts.stored_values import SHA, START, a_file, a_session
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.tickets.documents.made_tickets import site_tickets

SESSION = a_session(
    manifest=SessionManifest(auto_approve=True), generated_at=START, generated_from_sha256=SHA
)


def gone(count: int = 1) -> list[Ticket]:
    made = site_tickets("uhrenmuseum")[:count]
    return [replace(m.ticket, withdrawal=Withdrawal.PROPOSED) for m in made]


def files_of(tickets: list[Ticket]) -> list[SourceFile]:
    names = {source.file for ticket in tickets for source in ticket.source_lines}
    return [replace(a_file(name), row_count=3) for name in sorted(names)]


def agreed(proposed: list[Ticket], **changes: Any) -> tuple[Ticket, ...]:
    """What auto approval agrees to, of a session that had thirty tickets."""
    named: dict[str, Any] = {
        "session": SESSION,
        "ticket_count": 30 - len(proposed),
        "files": files_of(proposed),
        "sent": (),
    } | changes
    return automatic_withdrawals(proposed=proposed, **named)


def edited(ticket: Ticket) -> Ticket:
    return replace(ticket, revision=replace(ticket.revision, origin=RevisionOrigin.EDITED))


@each(("count", "is_agreed"), [(0, False), (1, True), (3, True), (4, False)])
def test_auto_approval_agrees_to_a_tenth_of_the_tickets_and_not_to_more(
    count: int, *, is_agreed: bool
) -> None:
    proposed = gone(count)

    assert agreed(proposed) == (tuple(proposed) if is_agreed else ())


def test_of_few_tickets_it_agrees_to_one() -> None:
    assert len(agreed(gone(1), ticket_count=2)) == 1
    assert agreed(gone(2), ticket_count=2) == ()


@each(
    "changes",
    [
        {"session": replace(SESSION, generated_from_sha256="b" * 64)},
        {"files": []},
        {"files": [replace(file, row_count=0) for file in files_of(gone())]},
        {"sent": {gone()[0].ticket_id}},
    ],
    ids=["other sheets since", "a sheet is gone", "a sheet is empty", "it has an issue"],
)
def test_it_agrees_to_none_where_something_may_be_lost(changes: dict[str, Any]) -> None:
    assert len(agreed(gone())) == 1
    assert agreed(gone(), **changes) == ()


@each(
    "worked_on",
    [edited, lambda ticket: replace(ticket, assigned_fields=("labels",))],
    ids=["text", "fields"],
)
def test_work_of_people_in_one_ticket_keeps_it_from_agreeing_to_any(worked_on: Any) -> None:
    first, second = gone(2)

    assert agreed([first, worked_on(second)]) == ()


def test_only_what_nobody_agreed_to_is_proposed() -> None:
    proposed, other = gone(2)

    assert unconfirmed_withdrawals([replace(other, withdrawal=Withdrawal.AGREED), proposed]) == (
        proposed,
    )


def test_an_upload_leaves_those_tickets_whose_group_it_lacks() -> None:
    first, second = gone(2)

    assert without_rows([first, second], group_keys={first.group_key}) == (second,)


def test_tickets_without_rows_are_named_with_their_rows_and_very_many_are_cut() -> None:
    ticket = replace(
        edited(gone()[0]),
        number=7,
        source_lines=(
            SourceLines(file="Site_Bundles.csv", lines=(3,)),
            SourceLines(file="Site_Fields.csv", lines=(8, 9, 12)),
        ),
    )

    listed = vanished_list([ticket] * (NAMED + 2))

    group = ticket.display_group.value
    assert listed.startswith(
        f"7 {ticket.title} ({group}; Site_Bundles.csv line 3; Site_Fields.csv lines 8–9, 12; "
        "worked on by people); 7 "
    )
    assert listed.endswith("; and 2 more")
