"""Questions about groups, views, roles, modes and styles as wholes.

Belongs here: what a kind of thing always leaves unsaid in these sheets, and groups in which
nothing is approved. Does not: bundles (`bundle_questions`), workflows (`workflow_questions`),
single fields (`field_questions`).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from jira_pipeline.domain.entities import Entity, EntityKind, Specification, Status
from jira_pipeline.domain.entity_groups import EntityGroup, GroupAction
from jira_pipeline.domain.note_sentences import comparable, readable, sentences_of
from jira_pipeline.domain.questions.bundle_questions import bundle_doubts
from jira_pipeline.domain.questions.doubts import (
    SUBJECTS,
    Doubt,
    marked_subject,
    plain,
    said_without,
)
from jira_pipeline.domain.questions.question_index import QuestionIndex, name_of
from jira_pipeline.domain.questions.row_questions import is_to_build
from jira_pipeline.domain.questions.workflow_questions import transition_doubts, workflow_doubts
from jira_pipeline.domain.view_displays import (
    path_of,
    plugin_of,
    says_what_it_shows,
    setting_of,
    silent_displays,
)

_SIZE = re.compile(r"(?<![\d.])(\d{2,5})x(\d{2,5})(?![\d.])")
_FACTOR = re.compile(r"\b(\d(?:\.\d+)?)x\b")
_VIEWS_LISTED_MAX = 12
_STATUS_WORDS: Mapping[Status, str] = {
    Status.IMPLEMENTED: "already there",
    Status.WAITING: "on hold",
    Status.DELETED: "to be removed",
}


def group_doubts(group: EntityGroup, index: QuestionIndex) -> Iterator[Doubt]:
    """Find what the head and the members of a group leave open as a whole."""
    if group.action is GroupAction.REMOVE:
        return
    if group.is_hollow and group.heads:
        yield _hollow_doubt(group)
    elif _is_changed_without_rows(group):
        yield Doubt(
            rank=0,
            topic="changed",
            entity=group.heads[0],
            column="X",
            quote=group.heads[0].cell("X"),
            question=f"{SUBJECTS} is marked as changed, but none of its rows is to be built or "
            "removed: what changes?",
        )
    for entity in (*group.heads, *group.members):
        rule = _RULES.get(entity.kind)
        if rule is not None and is_to_build(entity):
            yield from rule(entity, index)


def _is_changed_without_rows(group: EntityGroup) -> bool:
    work = {Status.APPROVED, Status.CHANGED, Status.DELETED}
    return (
        bool(group.members)
        and group.heads[0].status is Status.CHANGED
        and not any(member.status in work for member in group.members)
    )


def _hollow_doubt(group: EntityGroup) -> Doubt:
    head = group.heads[0]
    counts = Counter(member.status for member in group.members)
    told = ", ".join(f"{counts[s]} {words}" for s, words in _STATUS_WORDS.items() if counts[s])
    state = f"none of its rows is ({told})" if told else "these sheets give it no rows"
    return Doubt(
        rank=0,
        topic="hollow",
        entity=head,
        column="X",
        quote=head.cell("X"),
        question=f"{SUBJECTS} is approved but {state}: should it be built, wait, or be left out?",
    )


_ATTACHED = re.compile(r"\b(?:before|after|above|below|attach\w*|to)\b", re.IGNORECASE)
"""A note that says where an attachment goes."""


def _display_doubts(display: Entity, _: QuestionIndex) -> Iterator[Doubt]:
    plugin = plugin_of(display)
    if plugin == "attachment" and not _ATTACHED.search(display.cell("Notes")):
        yield Doubt(
            rank=28,
            topic="attachment",
            entity=display,
            column="Display plugin",
            quote=display.cell("Display plugin"),
            question=f"To which display is {SUBJECTS} attached, before or after it?",
            question_for_many=f"To which displays are {SUBJECTS} attached, before or after them?",
        )
    elif plugin == "page" and says_what_it_shows(display) and not path_of(display):
        yield Doubt(
            rank=28,
            topic="page",
            entity=display,
            column="Display plugin",
            quote=display.cell("Display plugin"),
            question=f"What is the path of the page {SUBJECTS}, and who may open it?",
            question_for_many=f"What are the paths of the pages {SUBJECTS}, and who may open them?",
        )


_ASKED_SETTINGS: Mapping[str, str] = {
    "path": "path or region",
    "format": "format",
    "filters": "filters",
    "sort": "sort order",
    "pager": "items per page",
    "access": "access",
    "empty": "text without results",
}


def first_silent_view(specification: Specification) -> str | None:
    """Return the key of the first view to build with a display the sheets say nothing of."""
    return next((view.key for view, _ in _silent_displays(specification)), None)


def _silent_displays(
    specification: Specification,
) -> Iterator[tuple[Entity, Sequence[Entity]]]:
    """Find, view by view, displays of which the sheets do not say what they show."""
    for view in specification.by_kind[EntityKind.VIEW]:
        rows = [row for row in specification.members_of.get(view.key, ()) if is_to_build(row)]
        silent = silent_displays(rows)
        if silent and is_to_build(view):
            yield view, silent


def _view_doubts(view: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Ask once for all views what displays show of which the sheets say nothing."""
    if first_silent_view(index.specification) != view.key:
        return
    found = list(_silent_displays(index.specification))
    told = [
        f"{plain(name_of(of))}: {', '.join(marked_subject(row) for row in silent)}"
        for of, silent in found[:_VIEWS_LISTED_MAX]
    ]
    rest = len(found) - len(told)
    missing = [
        words
        for setting, words in _ASKED_SETTINGS.items()
        if not any(setting_of(row, setting) for _, silent in found for row in silent)
    ]
    more = f"; and {rest} more view{'' if rest == 1 else 's'}" if rest else ""
    yield Doubt(
        rank=29,
        topic="silent displays",
        entity=view,
        column="Notes",
        quote="",
        question=f"The sheets do not say what these displays show: {', '.join(missing)}? "
        f"{'; '.join(told)}{more}.",
    )


_TELLING = re.compile(r"(?:[^\W\d]\w*\W+){2}[^\W\d]")
"""Three words in a row: `13 permissions` says nothing."""


def _role_doubts(role: Entity, _: QuestionIndex) -> Iterator[Doubt]:
    if not _TELLING.search(readable(role.cell("Notes"))) and not role.cell("Permissions"):
        yield _blank_doubt(role, "Notes", "Which permissions does {} get?")


def _style_doubts(style: Entity, _: QuestionIndex) -> Iterator[Doubt]:
    note = style.cell("Notes")
    if not note:
        yield _blank_doubt(style, "Notes", "Which effects and which size does {} apply?")
        return
    made = _sizes_in(note)
    names = (("label", style.label), ("machine name", style.machine_name.replace("_", " ")))
    for what, name in names:
        sizes = _sizes_in(name)
        if made and sizes and not _is_scaled(sizes[0], made[0], factor=_factor_of(style.label)):
            told, wanted = ("x".join(map(str, size)) for size in (sizes[0], made[0]))
            yield Doubt(
                rank=24,
                topic=f"size {style.machine_name}",
                entity=style,
                column="Notes",
                quote=note,
                question=f"The {what} of {SUBJECTS} says {told}, its note {wanted}: "
                "which size is right?",
            )
            return


def _is_scaled(named: tuple[int, int], made: tuple[int, int], *, factor: float) -> bool:
    """Tell whether a size is the named one times the factor, give or take a rounded pixel."""
    pairs = zip(named, made, strict=True)
    return all(abs(side * factor - pixels) <= 1 for side, pixels in pairs)


def _sizes_in(text: str) -> list[tuple[int, int]]:
    return [(int(w), int(h)) for w, h in _SIZE.findall(text)]


def _factor_of(label: str) -> float:
    match = _FACTOR.search(label)
    return float(match.group(1)) if match else 1.0


def _responsive_doubts(style: Entity, _: QuestionIndex) -> Iterator[Doubt]:
    if "," in style.cell("Image Style Group(s)") and not style.cell("Notes"):
        yield Doubt(
            rank=24,
            topic="breakpoints",
            entity=style,
            column="Image Style Group(s)",
            quote=style.cell("Image Style Group(s)"),
            question=f"Which of these image styles does {SUBJECTS} use at which breakpoint? "
            + said_without(style, "Notes", blank="Its note is empty."),
        )


_NAMED_BUNDLE = re.compile(
    r"\b(?:to|on|in|of|for)\s+(?:the\s+|an?\s+)?(?P<name>[\w &/-]{2,40}?)\s+"
    r"(?P<type>media|content|paragraph|(?:custom )?block) type\b",
    re.IGNORECASE,
)
USED_ON = "Entities Used On"


def elsewhere_sentence(mode: Entity, index: QuestionIndex) -> tuple[str, str]:
    """Return the sentence of a view mode that names a bundle it is not used on, and the bundle.

    Both are empty where note and column agree, or one of them names nothing.
    """
    used_on = [name.strip().casefold() for name in mode.cell(USED_ON).split(",") if name.strip()]
    for sentence in sentences_of(mode.cell("Notes")):
        for match in _NAMED_BUNDLE.finditer(sentence):
            type_ = match["type"].casefold()
            found = [
                bundle
                for bundle in index.bundles_by_name.get(match["name"].casefold(), ())
                if bundle.bundle_type is not None and type_ in bundle.bundle_type.casefold()
            ]
            labels = {bundle.label.casefold() for bundle in found}
            is_used = match["name"].casefold() in used_on or labels & set(used_on)
            if used_on and found and not is_used:
                return sentence, name_of(found[0])
    return "", ""


def _view_mode_doubts(mode: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    sentence, named = elsewhere_sentence(mode, index)
    if sentence:
        used_on = plain(mode.cell(USED_ON))
        yield Doubt(
            rank=24,
            topic=f"used on {comparable(sentence)} {used_on.casefold()}",
            entity=mode,
            column="Notes",
            quote=sentence,
            question=f"The note of {SUBJECTS} names {plain(named)}, {USED_ON} says {used_on}: "
            "which is meant?",
            question_for_many=f"The notes of {SUBJECTS} name {plain(named)}, {USED_ON} says "
            f"{used_on}: which is meant?",
        )


def _blank_doubt(entity: Entity, column: str, question: str) -> Doubt:
    return Doubt(
        rank=29,
        topic=f"blank {column}",
        entity=entity,
        column=column,
        quote="",
        question=f"{question.replace('{}', SUBJECTS)} "
        + said_without(entity, column, blank="Its note is empty."),
        question_for_many=f"{question.replace('does {}', f'do {SUBJECTS}')} "
        + said_without(entity, column, blank="Their notes are empty."),
    )


_RULES: Mapping[EntityKind, Callable[[Entity, QuestionIndex], Iterator[Doubt]]] = {
    EntityKind.BUNDLE: bundle_doubts,
    EntityKind.VIEW: _view_doubts,
    EntityKind.VIEW_DISPLAY: _display_doubts,
    EntityKind.VIEW_MODE: _view_mode_doubts,
    EntityKind.WORKFLOW: workflow_doubts,
    EntityKind.WORKFLOW_TRANSITION: transition_doubts,
    EntityKind.USER_ROLE: _role_doubts,
    EntityKind.IMAGE_STYLE: _style_doubts,
    EntityKind.RESPONSIVE_IMAGE_STYLE: _responsive_doubts,
}
