"""Titles and labels of tickets: computed, never written by a person or a model.

Belongs here: verb, type and label of every kind of group, the limit, and uniqueness. Does not:
any prose (`writing`).
"""

from collections import Counter
from collections.abc import Sequence

from jira_pipeline.model.entities import EntityKind, sheet_noun
from jira_pipeline.model.entity_groups import COMPONENT_KINDS, GroupAction, GroupKind
from jira_pipeline.sources.grouping.group_drafts import BUNDLE_LABELS, GroupDraft
from jira_pipeline.sources.grouping.ticket_plan import PlannedTicket
from jira_pipeline.sources.sharedo.lexicon import TARGET, noun_of

MAX_TITLE_CHARACTERS = 255
"""Source: Jira's limit for `summary`."""

_VERBS = {
    GroupAction.CREATE: "Configure",
    GroupAction.UPDATE: "Update",
    GroupAction.REMOVE: "Remove",
}


def label_of(draft: GroupDraft) -> str:
    """Return what people call the group, without its type."""
    if draft.kind is GroupKind.BUNDLES_WITHOUT_FIELDS:
        known = " without custom fields" if draft.is_fields_sheet_read else ""
        words = BUNDLE_LABELS[draft.bundle_type] if draft.bundle_type else ("bundle", "bundles")
        count, (one, several) = len(draft.heads), words
        return f"{count} {one if count == 1 else several}{known}"
    if draft.kind is GroupKind.VIEW_MODES:
        return f"view modes: {_one_line(draft.label)}"
    return _one_line(draft.label)


def titles_of(tickets: Sequence[PlannedTicket]) -> tuple[str, ...]:
    """Return a title for each ticket, each within the limit and no two alike.

    Titles that would be alike get the machine name; where that does not tell them apart either,
    they are numbered in the order given.
    """
    plain = [_cut(_title_of(ticket)) for ticket in tickets]
    alike = Counter(title.casefold() for title in plain)
    named = [
        _with_suffix(_title_of(ticket), ticket.draft.heads[0].machine_name)
        if alike[title.casefold()] > 1
        else title
        for title, ticket in zip(plain, tickets, strict=True)
    ]
    taken: set[str] = set()
    tries: Counter[str] = Counter()
    unique: list[str] = []
    for title in named:
        candidate = title
        while candidate.casefold() in taken:
            tries[title] += 1
            candidate = _with_suffix(title, f"{tries[title] + 1}")
        taken.add(candidate.casefold())
        unique.append(candidate)
    return tuple(unique)


def _title_of(ticket: PlannedTicket) -> str:
    draft = ticket.draft
    if draft.kind is GroupKind.BUNDLES_WITHOUT_FIELDS:
        verb = "Create" if ticket.action is GroupAction.CREATE else _VERBS[ticket.action]
        title = f"{verb} {label_of(draft)}"
        return f"{title} (on hold)" if ticket.is_on_hold else title
    if draft.kind is GroupKind.MIGRATION:
        verb = "Run" if ticket.action is GroupAction.CREATE else _VERBS[ticket.action]
        return f"{verb} migration: {label_of(draft)}"
    if target := draft.heads[0].cell(TARGET) if draft.kind in COMPONENT_KINDS else "":
        verb = "Create" if ticket.action is GroupAction.CREATE else _VERBS[ticket.action]
        verb = "Review" if draft.kind is GroupKind.COMPONENT_REVIEW else verb
        return f"{verb} {_phrase_of(draft)} in {target}"
    return f"{_VERBS[ticket.action]} {_phrase_of(draft)}"


def _phrase_of(draft: GroupDraft) -> str:
    match draft.kind:
        case GroupKind.BUNDLE:
            word = "bundle" if draft.bundle_type is None else BUNDLE_LABELS[draft.bundle_type][0]
            return f"{word}: {label_of(draft)}"
        case GroupKind.VIEW | GroupKind.WORKFLOW:
            return f"{draft.kind.value}: {label_of(draft)}"
        case GroupKind.COMPONENT | GroupKind.COMPONENT_CHANGE | GroupKind.COMPONENT_REVIEW:
            return f"{noun_of(draft.heads[0])}: {label_of(draft)}"
        case GroupKind.CUSTOM if draft.has_head:
            return f"{sheet_noun(draft.heads[0].source.file)}: {label_of(draft)}"
        case GroupKind.CUSTOM if draft.sheet is EntityKind.CUSTOM:
            return f"custom sheet: {label_of(draft)}"
        case _:
            return label_of(draft)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _cut(title: str, limit: int = MAX_TITLE_CHARACTERS) -> str:
    return title if len(title) <= limit else f"{title[: limit - 1].rstrip()}…"


def _with_suffix(title: str, suffix: str) -> str:
    ending = f" ({_cut(_one_line(suffix), 60)})" if suffix else ""
    return _cut(title, MAX_TITLE_CHARACTERS - len(ending)) + ending
