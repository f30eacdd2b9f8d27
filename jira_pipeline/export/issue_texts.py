"""Summary and description of an issue: whose they are, and what they say next.

Belongs here: what is compared with what, whose changes there are, what an issue remembers of our
text. Does not: merging documents (`jira/adf/merging`), reading and writing texts (`text_writes`),
what of a ticket differs from its issue (`later_changes`).

Jira rewrites documents when it stores them, so what it gives back is compared with what it gave
back after our own last write, and with what was sent only as Markdown. An issue that we never
updated has its history as the witness: it is as we made it while its text has none.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from jira_pipeline.jira.adf.merging import (
    Memory,
    Merged,
    Whose,
    as_given,
    memory_from_json,
    memory_to_json,
    merge,
    remember,
)
from jira_pipeline.jira.adf.to_markdown import adf_to_markdown
from jira_pipeline.model.export_ledger import WrittenText
from jira_pipeline.model.issue_tracker import IssueText, JsonObject, TextChange
from jira_pipeline.model.line_numbers import counted
from jira_pipeline.model.runs import CONSENT_CHARACTERS
from jira_pipeline.model.tickets import canonical_hash

BLOCKS_PROPERTY = "jira_pipeline_blocks"
"""Key of the issue property that remembers which blocks of the text are ours; sent with the text."""
NOTHING_OURS: Mapping[str, object] = {"title": "", "blocks": []}
"""What an adopted issue remembers: people wrote all of it."""
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


def blocks_of(summary: str, description: object) -> Mapping[str, object]:
    """Return what an issue remembers that is ours from end to end."""
    document = description if isinstance(description, Mapping) else {}
    return _blocks(summary, remember(document))


def _blocks(summary: str, memory: Memory) -> Mapping[str, object]:
    """Return what an issue remembers of our title and text; too long, it remembers nothing."""
    return {"title": canonical_hash(summary), "blocks": memory_to_json(memory)}


def memory_of(text: IssueText) -> Memory | None:
    """Return which blocks of a text are ours; None: the issue does not remember."""
    value = text.properties.get(BLOCKS_PROPERTY)
    return memory_from_json(value.get("blocks")) if isinstance(value, Mapping) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextShare:
    """Blocks of a text that follow each other, and whose they are."""

    whose: Whose
    count: int
    markdown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedText:
    """The next text of an issue."""

    summary: str
    description: JsonObject | None
    blocks: Mapping[str, object]
    """What the issue is to remember."""
    beside: str = ""
    """What stays of people in it, for a plan; empty: nothing."""
    below: tuple[str, ...] = ()
    """How what is new of ours begins where people rewrote what was there, and it is put below."""
    shares: tuple[TextShare, ...] = ()
    """All of it, where something stays of people."""


def merged_text(
    text: IssueText, summary: str, description: JsonObject | None, *, is_as_left: bool
) -> MergedText:
    """Return what people wrote as it is, and ours as a ticket says it now.

    `is_as_left`: nobody changed it since our last write, whatever Jira made of it. Where the issue
    does not remember what is ours, ours alone.
    """
    memory = memory_of(text)
    if memory is None or description is None:
        blocks = blocks_of(summary, description)
        return MergedText(summary=summary, description=description, blocks=blocks)
    theirs = text.description or {"type": "doc", "version": 1}
    merged = merge(memory, theirs, description, is_as_left=is_as_left)
    known = text.properties[BLOCKS_PROPERTY]
    title = known.get("title") if isinstance(known, Mapping) else None
    is_title_ours = canonical_hash(text.summary) == title
    blocks = _blocks(summary, merged.memory)
    beside = _beside(merged, is_title_ours=is_title_ours)
    return MergedText(
        summary=summary if is_title_ours else text.summary,
        description=merged.document,
        # a title that people gave stays theirs
        blocks=blocks if is_title_ours else {**blocks, "title": title},
        beside=beside,
        below=tuple(merged.below.values()),
        shares=tuple(_shares(merged)) if beside else (),
    )


def blocks_as_given(sent: MergedText, given: IssueText) -> Mapping[str, object]:
    """Return what an issue is to remember of a text, by what Jira made of it."""
    memory = memory_from_json(sent.blocks["blocks"])
    if memory is None or sent.description is None:
        return sent.blocks
    known = as_given(memory, sent.description, given.description or {})
    return {**sent.blocks, "blocks": memory_to_json(known)}


def _beside(merged: Merged, *, is_title_ours: bool) -> str:
    below = len(merged.below)
    phrases = (
        (not is_title_ours, "title given by people kept"),
        (merged.theirs, f"{counted(merged.theirs, 'part')} written by people kept"),
        (below, f"{counted(below, 'new part')} of ours put below"),
    )
    return "; ".join(words for is_so, words in phrases if is_so)


def _shares(merged: Merged) -> Iterator[TextShare]:
    for whose, pairs in groupby(merged.shares, key=itemgetter(1)):
        nodes = [node for node, _ in pairs]
        markdown = description_markdown({"type": "doc", "content": nodes})
        yield TextShare(whose=whose, count=len(nodes), markdown=markdown)


def is_unchanged(text: IssueText, last: WrittenText | None, *, is_created_by_us: bool) -> bool:
    """Tell whether a text is as our last update left it, or as we created it without one."""
    if last is None:
        return is_created_by_us and not text.changes
    return text_hash_of(text) == last.after_hash


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
