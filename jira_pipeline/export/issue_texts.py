"""Summary and description of an issue: whether anybody changed them since we wrote them.

Belongs here: what is compared with what, whose changes there are. Does not: reading and writing
them (`updating`), what of a ticket differs from its issue (`later_changes`).

Jira rewrites documents when it stores them, so what it gives back is compared with what it gave
back after our own last write, and with what was sent only as Markdown. An issue that we never
updated has its history as the witness: it is as we made it while its text has none.
"""

from collections.abc import Collection, Mapping

from jira_pipeline.jira.adf.to_markdown import adf_to_markdown
from jira_pipeline.model.export_ledger import WrittenText
from jira_pipeline.model.issue_tracker import IssueText, TextChange
from jira_pipeline.model.runs import CONSENT_CHARACTERS
from jira_pipeline.model.tickets import canonical_hash

UPDATE_PROPERTY = "jira_pipeline_update"
"""Key of the issue property that says which update wrote the text last."""


def text_hash_of(text: IssueText) -> str:
    """Hash summary and description as Jira gave them back."""
    return canonical_hash([text.summary, text.description])


def consent_to(number: int, text: IssueText) -> str:
    """Return what people name to have the issue of a ticket overwritten: it, and the text they saw."""
    return f"{number}:{text_hash_of(text)[:CONSENT_CHARACTERS]}"


def wanted_hash_of(summary: str, description: Mapping[str, object] | None) -> str:
    """Hash what both say, however Jira arranges the nodes."""
    return canonical_hash([summary, description_markdown(description)])


def description_markdown(description: Mapping[str, object] | None) -> str:
    """Return what a description says; nothing where an issue has none."""
    return "" if description is None else adf_to_markdown(dict(description))


def is_unchanged(text: IssueText, last: WrittenText | None, *, is_created_by_us: bool) -> bool:
    """Tell whether a text is as our last update left it, or as we created it without one."""
    if last is None:
        return is_created_by_us and not text.changes
    return text_hash_of(text) == last.after_hash


def text_left_by_update(text: IssueText, *, account_ids: Collection[str]) -> str | None:
    """Return the hash of what an update of ours wrote, where a text still says it; None: it does not.

    By the mark that came with it; nobody else changed the text since.
    """
    mark = text.properties.get(UPDATE_PROPERTY)
    wanted_hash = wanted_hash_of(text.summary, text.description)
    is_said = isinstance(mark, Mapping) and mark.get("text") == wanted_hash
    is_last = bool(text.changes) and text.changes[-1].author_id in account_ids
    return wanted_hash if is_said and is_last else None


def changes_since(text: IssueText, last_change: str) -> tuple[TextChange, ...]:
    """Return the changes of a text after one of its history; after none, all."""
    ids = [change.change_id for change in text.changes]
    return text.changes[ids.index(last_change) + 1 if last_change in ids else 0 :]


def is_written(
    text: IssueText, written: WrittenText, *, mark: Mapping[str, object], is_answered: bool
) -> bool:
    """Tell whether an update was done, where Jira said so or did not answer.

    Its mark comes with the text, in one request. A site that takes a request and stores nothing of
    it shows neither another text nor another history.
    """
    if wanted_hash_of(text.summary, text.description) == written.wanted_hash:
        return True
    is_ours = is_answered or text.properties.get(UPDATE_PROPERTY) == mark
    return is_ours and not is_as_before(text, written)


def is_as_before(text: IssueText, written: WrittenText) -> bool:
    """Tell whether a text is what it was right before an update, and nobody changed it since."""
    is_same = text_hash_of(text) == written.before_hash
    return is_same and not changes_since(text, written.last_change)
