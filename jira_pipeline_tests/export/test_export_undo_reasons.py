"""What counts as work of people on an issue."""

from dataclasses import replace
from typing import Any

from jira_pipeline.export.ledger_comparison import OwnTraces, reasons_to_keep
from jira_pipeline.model.issue_tracker import (
    IssueAttachment,
    IssueChange,
    IssueComment,
    IssueLink,
    IssueTraces,
    LinkEnd,
)
from jira_pipeline_tests.tables import each

US, SOMEBODY = "account-us", "account-somebody"
WRITTEN = frozenset({"attachment", "link", "sprint"})
OWN = OwnTraces(
    account_ids=frozenset({US}),
    fields=WRITTEN,
    link_ids=frozenset({"l1"}),
    linked_ids=frozenset({"3"}),
    attachment_ids=frozenset({"f1"}),
    file_names=frozenset({"text.md"}),
    comments={"c1": "as sent"},
)


def a_link(other_issue_id: str, link_id: str) -> IssueLink:
    return IssueLink(
        link_type_id="10000",
        other_end=LinkEnd.INWARD,
        other_issue_id=other_issue_id,
        link_id=link_id,
    )


def a_file(**changes: Any) -> IssueAttachment:
    file = IssueAttachment(
        attachment_id="f1", file_name="text.md", size_bytes=1, author_id=SOMEBODY
    )
    return replace(file, **changes)


def a_change(field: str, author_id: str | None = US) -> IssueChange:
    return IssueChange(author_id=author_id, field=field)


def a_comment(comment_id: str = "c1", version: str = "as sent") -> IssueComment:
    return IssueComment(comment_id=comment_id, document={}, version=version)


UNCHANGED = IssueTraces(
    updated="",
    key="SBX-1",
    comments=(a_comment(),),
    worklog_count=0,
    changes=(a_change("Link"), a_change("Attachment"), a_change("Sprint")),
    links=(a_link("2", "l1"), a_link("3", "l2")),
    subtask_ids=(),
    attachments=(a_file(),),
)


def test_what_an_export_leaves_is_no_change() -> None:
    assert reasons_to_keep(UNCHANGED, OWN) == ()


def test_a_file_in_doubt_is_ours_by_name_and_author() -> None:
    traces = replace(UNCHANGED, attachments=(a_file(attachment_id="f9", author_id=US),))

    assert reasons_to_keep(traces, OWN) == ()


LINK, FILE = (f"it has 1 {what} from outside this export" for what in ("link", "attachment"))
BY_PEOPLE: dict[str, tuple[dict[str, Any], str]] = {
    "a comment, even with our account": (
        {"comments": (a_comment(), a_comment(comment_id="c2"))},
        "it has 1 comment",
    ),
    "ours, edited since": ({"comments": (a_comment(version="edited"),)}, "it has 1 comment"),
    "worklogs": ({"worklog_count": 2}, "it has 2 worklogs"),
    "a subtask": ({"subtask_ids": ("9",)}, "it has 1 subtask"),
    "a link to somebody's issue": ({"links": (a_link("2", "l1"), a_link("9", "l3"))}, LINK),
    "a link to ours that the ledger does not know": ({"links": (a_link("2", "l3"),)}, LINK),
    "a file of the same name by somebody": ({"attachments": (a_file(attachment_id="f9"),)}, FILE),
    "another file with our account": (
        {"attachments": (a_file(attachment_id="f9", file_name="other.md", author_id=US),)},
        FILE,
    ),
    **{
        f"{field} by {author}": (
            {"changes": (a_change(field, author),)},
            f"its field {field} was changed",
        )
        for field, author in (("status", US), ("Parent", US), ("Link", SOMEBODY), ("Sprint", None))
    },
}


@each(("changes", "reason"), BY_PEOPLE.values(), ids=BY_PEOPLE)
def test_what_people_did_is_named(changes: dict[str, Any], reason: str) -> None:
    assert reasons_to_keep(replace(UNCHANGED, **changes), OWN) == (reason,)


@each("field", sorted(WRITTEN))
def test_what_an_export_changes_itself_is_ours_only_with_our_account(field: str) -> None:
    ours, theirs = a_change(field), a_change(field, SOMEBODY)

    assert reasons_to_keep(replace(UNCHANGED, changes=(ours,)), OWN) == ()
    assert reasons_to_keep(replace(UNCHANGED, changes=(ours, theirs)), OWN) != ()
