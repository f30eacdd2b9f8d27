"""Summary and description of issues: whose changes there are, and what an issue is to say next.

Belongs here: what is compared with what, what an issue remembers of our text. Does not: merging
documents (`jira/adf/merging`), writing a text (`text_writes`), which issues are updated (`updating`),
what of a ticket differs from its issue (`later_changes`).

Jira rewrites documents when it stores them, so what it gives back is compared with what it gave
back after our own last write, and with what was sent only as Markdown. An issue that we never
updated is as we made it if its history shows no change of the text.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from jira_pipeline.export.export_run import UPDATE_PROPERTY
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
from jira_pipeline.model.exports import WrittenText
from jira_pipeline.model.issue_tracker import IssueText, JsonObject, TextChange
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.model.tickets import canonical_hash
from jira_pipeline.model.update_choices import CONSENT_CHARACTERS

BLOCKS_PROPERTY = "jira_pipeline_blocks"
"""Key of the issue property that remembers which blocks of the text are ours; sent with the text."""
NOTHING_OURS: Mapping[str, object] = {"title": "", "blocks": []}
"""What an adopted issue remembers: people wrote all of it."""


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


def lines_taken_out(
    text: IssueText,
    *,
    summary: str,
    description: Mapping[str, object] | None,
    most: int,
    characters_max: int,
) -> tuple[str, ...]:
    """Return the lines of an issue that its next text lacks; where many go, how many more."""
    next_lines = {summary}
    next_lines.update(map(str.strip, description_markdown(description).splitlines()))
    current_lines = [text.summary, *description_markdown(text.description).splitlines()]
    going = []
    for line in dict.fromkeys(map(str.strip, current_lines)):
        if line and line not in next_lines:
            going.append(line)
    shown = [_shortened(line, characters_max) for line in going[:most]]
    more_count = len(going) - most
    if more_count > 0:
        shown.append(f"… and {format_count(more_count, 'more line')}")
    return tuple(shown)


def _shortened(line: str, characters_max: int) -> str:
    return line if len(line) <= characters_max else f"{line[:characters_max]} …"


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
    kept_of_people: str = ""
    """What stays of people in it, for a plan; empty: nothing."""
    below: tuple[str, ...] = ()
    """How what is new of ours begins where people rewrote what was there, and it is put below."""
    shares: tuple[TextShare, ...] = ()
    """All of it, where something stays of people."""


def merged_text(text: IssueText, summary: str, description: JsonObject | None) -> MergedText:
    """Return the next text of an issue: what people wrote stays, our blocks say what the ticket says.

    Where the issue does not remember which blocks are ours, the text is the ticket's alone.
    """
    memory = memory_of(text)
    if memory is None or description is None:
        blocks = blocks_of(summary, description)
        return MergedText(summary=summary, description=description, blocks=blocks)
    theirs = text.description or {"type": "doc", "version": 1}
    merged = merge(memory, theirs, description)
    title_hash = _remembered_title(text)
    is_title_ours = canonical_hash(text.summary) == title_hash
    blocks = _blocks(summary, merged.memory)
    if not is_title_ours:
        blocks = {**blocks, "title": title_hash}  # a title that people gave stays theirs
    kept_of_people = _describe_kept(merged, is_title_ours=is_title_ours)
    return MergedText(
        summary=summary if is_title_ours else text.summary,  # defence: title-of-people
        description=merged.document,
        blocks=blocks,
        kept_of_people=kept_of_people,
        below=tuple(merged.below.values()),
        shares=tuple(_shares(merged)) if kept_of_people else (),
    )


def _remembered_title(text: IssueText) -> object:
    """Return the hash of the title that an issue remembers as ours; None: it remembers none."""
    remembered = text.properties[BLOCKS_PROPERTY]
    return remembered.get("title") if isinstance(remembered, Mapping) else None


def _describe_kept(merged: Merged, *, is_title_ours: bool) -> str:
    """Say what stays of people in a merged text; empty: nothing."""
    phrases = []
    if not is_title_ours:
        phrases.append("title given by people kept")
    if merged.theirs:
        phrases.append(f"{format_count(merged.theirs, 'part')} written by people kept")
    if merged.below:
        phrases.append(f"{format_count(len(merged.below), 'new part')} of ours put below")
    return "; ".join(phrases)


def blocks_as_given(sent: MergedText, given: IssueText) -> Mapping[str, object]:
    """Return what an issue is to remember of a text, by what Jira made of it."""
    memory = memory_from_json(sent.blocks["blocks"])
    if memory is None or sent.description is None:
        return sent.blocks
    memory_as_given = as_given(memory, sent.description, given.description or {})
    return {**sent.blocks, "blocks": memory_to_json(memory_as_given)}


def _shares(merged: Merged) -> Iterator[TextShare]:
    for whose, pairs in groupby(merged.shares, key=itemgetter(1)):
        nodes = [node for node, _ in pairs]
        markdown = description_markdown({"type": "doc", "content": nodes})
        yield TextShare(whose=whose, count=len(nodes), markdown=markdown)


def is_unchanged(text: IssueText, last: WrittenText) -> bool:
    """Tell whether a text is as our last update left it."""
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
    return is_same and not changes_since(text, written.last_change)  # defence: back-and-forth
