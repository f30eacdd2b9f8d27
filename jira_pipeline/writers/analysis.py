"""The analysis: what is unusual about a ticket, grouped by what one does about it.

Belongs here: the bullets, at most `BULLETS_MAX`, each with the fields and counts it is about and
at most one quoted sentence. The rest of the notes is in the table, beside its row.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.domain.entities import BundleType, Entity, EntityKind, ReferenceState, Status
from jira_pipeline.domain.entity_groups import GroupAction, GroupKind, RelationKind
from jira_pipeline.domain.lexicon import NoteTheme, lexicon
from jira_pipeline.domain.note_sentences import comparable, readable
from jira_pipeline.domain.questions.field_questions import (
    REFERENCE,
    REVISIONS,
    family_of,
    is_required,
)
from jira_pipeline.domain.questions.open_questions import OpenQuestion
from jira_pipeline.domain.questions.question_index import is_machine_name_given, name_of
from jira_pipeline.domain.questions.row_questions import is_open
from jira_pipeline.domain.questions.structure_questions import first_silent_view
from jira_pipeline.domain.questions.workflow_questions import is_named_by
from jira_pipeline.domain.role_notes import ALL_ROLES, covered_roles
from jira_pipeline.domain.view_displays import is_shared, plugin_of, says_what_it_shows
from jira_pipeline.domain.workflow_notes import Meaning
from jira_pipeline.writers.english import capitalised, count_of, is_or_are, listed, number
from jira_pipeline.writers.fragments import (
    bullet_list,
    code,
    codes,
    label_and_name,
    named,
    quoted,
    text,
)
from jira_pipeline.writers.group_facts import (
    GroupFacts,
    bundle_noun,
    note_sentences,
    notes_of,
    transitions_of,
)
from jira_pipeline.writers.shown_view import ShownView
from jira_pipeline.writers.storage_plan import storage_plan_of

BULLETS_MAX = 8
FIELDS_TOLD_SINGLY = 6
"""Up to so many fields are stated one by one in the verification, notes included."""
NAMED_MAX = 4
"""Rows a bullet names; the rest is counted."""
CREATORS_MAX = 2
_HEAD_NOTES_MAX = 4
_BOTH = 2
"""Two notes are both told; of more one is quoted."""
_QUOTE_WORDS_MAX = 25
_QUOTE_WORDS_MIN = 2


def analysis(facts: GroupFacts, questions: Sequence[OpenQuestion]) -> str:
    """Return the bullets; a plain ticket says how much there is to build."""
    if facts.group.action is GroupAction.REMOVE:
        return bullet_list(_removal(facts))
    bullets = [*_decide_first(facts, questions), *_depends_on(facts)]
    bullets += _BULLETS[facts.group.kind](facts)
    scope = list(_scope(facts))
    bullets = [*bullets[: BULLETS_MAX - len(scope)], *scope]
    return bullet_list((bullets or [_extent(facts)])[:BULLETS_MAX])


def _bullet(title: str, told: str) -> str:
    return f"<strong>{title}:</strong> {told}"


def _decide_first(facts: GroupFacts, questions: Sequence[OpenQuestion]) -> Iterator[str]:
    """Say what has to be settled before anybody builds."""
    told = []
    if facts.group.is_on_hold:
        told.append(f"X of {text(facts.name)} is w; do not start before that changes")
    if facts.group.is_hollow:
        counts = Counter(member.status for member in facts.group.members)
        states = [f"{number(counts[s])} {w}" for s, w in _STATUS_WORDS.items() if counts[s]]
        rows = f"none of its rows is ({listed(states)})" if states else "it has no rows"
        told.append(
            f"no approved member: {text(facts.name)} is approved, but {rows}; there is no estimate"
        )
    if questions:
        subjects = list(dict.fromkeys(s for q in questions for s in q.subjects))
        about = f", on {listed([code(s) for s in subjects], at_most=3)}" if subjects else ""
        told.append(f"{count_of(len(questions), 'question')} below{about}")
    if told:
        yield _bullet("Decide first", f"{capitalised('; '.join(told))}.")


_STATUS_WORDS: Mapping[Status, str] = {
    Status.IMPLEMENTED: "there already",
    Status.WAITING: "on hold",
    Status.DELETED: "to be removed",
}


def _depends_on(facts: GroupFacts) -> Iterator[str]:
    """Say what is on hold and which reference follows later; the body names what must come first."""
    labels: dict[RelationKind, list[str]] = {}
    for relation in facts.group.relations:
        labels.setdefault(relation.kind, []).append(text(relation.label))
    told = []
    if held := labels.get(RelationKind.ON_HOLD):
        told.append(f"{listed(held, at_most=NAMED_MAX)} {is_or_are(len(held))} on hold")
    if deferred := labels.get(RelationKind.DEFERRED):
        exist = "it exists" if len(deferred) == 1 else "they exist"
        told.append(f"add the reference to {listed(deferred, at_most=NAMED_MAX)} once {exist}")
    if told:
        yield _bullet("Depends on", f"{capitalised('; '.join(told))}.")


@dataclass(frozen=True, slots=True)
class Noted:
    """One sentence with the rows whose notes say it."""

    sentence: str
    rows: list[Entity]

    @property
    def words(self) -> int:
        """How long a reader finds it."""
        return len(readable(self.sentence).split())


def themes_of(facts: GroupFacts) -> Mapping[NoteTheme, Sequence[Noted]]:
    """Return what the notes of a ticket say, by theme, each sentence once with its rows.

    Of rows that the verification states one by one only permissions are told: fields of a small
    form, and displays.
    """
    is_small = len(facts.to_build) <= FIELDS_TOLD_SINGLY
    is_stated = facts.group.kind is GroupKind.VIEW or (
        facts.group.kind is GroupKind.BUNDLE and is_small
    )
    found: dict[NoteTheme, dict[str, Noted]] = {}
    for row in facts.to_build:
        for sentence in note_sentences(row):
            theme = None if is_open(sentence) else lexicon().theme_of(sentence)
            if theme is NoteTheme.PERMISSIONS or (theme is not None and not is_stated):
                same = found.setdefault(theme, {})
                same.setdefault(comparable(sentence), Noted(sentence, [])).rows.append(row)
    return {theme: list(found[theme].values()) for theme in NoteTheme if theme in found}


def _head_notes(facts: GroupFacts) -> Iterator[str]:
    """Quote what the note of the head says, permissions first: a sentence a bullet."""
    head = facts.head
    settled = [s for s in note_sentences(head) if not is_open(s) and is_telling(s)]
    themes = [lexicon().theme_of(s) for s in settled]
    order = sorted(range(len(settled)), key=lambda n: themes[n] is not NoteTheme.PERMISSIONS)
    for place in order[:_HEAD_NOTES_MAX]:
        theme = themes[place]
        title = lexicon().theme_titles[theme] if theme else f"The {_head_noun(facts)}"
        yield _bullet(title, f"{quoted(settled[place])}.")


def _themes(facts: GroupFacts) -> Iterator[str]:
    """Say per theme which rows have a note on it, with the sentence that most of them share."""
    for theme, noted in themes_of(facts).items():
        yield _bullet(lexicon().theme_titles[theme], _told_of(noted, facts))


def _told_of(noted: Sequence[Noted], facts: GroupFacts) -> str:
    rows = list(dict.fromkeys((r.source.file, r.source.line) for n in noted for r in n.rows))
    by_place = {(r.source.file, r.source.line): r for n in noted for r in n.rows}
    short = [n for n in noted if _QUOTE_WORDS_MIN <= n.words <= _QUOTE_WORDS_MAX]
    shown = max(short, key=lambda n: len(n.rows), default=None)
    everything = [by_place[place] for place in rows]
    who = _named_with_head(everything, facts)
    if len(noted) == _BOTH and len(short) == _BOTH:
        both = [
            f"{_named_with_head(n.rows, facts, at_most=2)}: {quoted(n.sentence)}" for n in noted
        ]
        return f"{capitalised('; '.join(both))}."
    if shown is None:
        return f"{capitalised(who)}; see the {'note' if len(rows) == 1 else 'notes'} in the table."
    if len(noted) == 1:
        return f"{capitalised(who)}: {quoted(shown.sentence)}."
    whose = _named_with_head(shown.rows, facts, at_most=1)
    on = f" on {whose}" if len(rows) > 1 else ""
    such = "" if len(noted) == 1 else "for example "
    return f"{capitalised(who)}: {such}{quoted(shown.sentence)}{on}."


def _named_with_head(rows: Sequence[Entity], facts: GroupFacts, *, at_most: int = NAMED_MAX) -> str:
    """Name rows; the head of the ticket is called by what it is."""
    is_one = len(facts.group.heads) == 1
    others = [row for row in rows if not (is_one and row.key == facts.head.key)]
    told = codes(others, at_most=at_most)
    if len(others) == len(rows):
        return told
    return f"{told}, and {_head_itself(facts)}" if others else _head_itself(facts)


def _head_itself(facts: GroupFacts) -> str:
    return f"the {_head_noun(facts)} itself"


def _head_noun(facts: GroupFacts) -> str:
    head = facts.head
    if head.kind is EntityKind.CUSTOM:
        return "entry"
    return bundle_noun(head.bundle_type) if head.bundle_type else head.kind.value.replace("_", " ")


def _bundle(facts: GroupFacts) -> Iterator[str]:
    moderation = _moderation(facts)
    if moderation:
        yield _bullet("Moderation", moderation)
    yield from _head_notes(facts)
    yield from _themes(facts)
    yield from _shared_storage(facts)


def _moderation(facts: GroupFacts) -> str:
    """Say which workflow moderates, and by which note."""
    found = facts.session.index.workflow_of(facts.head)
    if found is None:
        naming = _moderated_by(facts.head, facts)
        return f"By {text(naming.label)}, whose note names it." if naming else ""
    workflow, meaning = found
    if meaning is Meaning.NAMED:
        return f"By {text(workflow.label)}, whose note names this {bundle_noun(facts.head.bundle_type)}."
    return f"By {text(workflow.label)}: {quoted(workflow.cell('Notes'))}."


def _moderated_by(bundle: Entity, facts: GroupFacts) -> Entity | None:
    """Return the workflow whose note names a bundle that is no content type."""
    workflows = facts.session.index.workflows
    return next((w for w in workflows if is_named_by(bundle, w)), None)


def _shared_storage(facts: GroupFacts) -> Iterator[str]:
    """Name the ticket that first creates a shared field, and who reuses what is created here."""
    plan = storage_plan_of(facts)
    told = []
    if plan.there:
        verb = is_or_are(len(plan.there))
        told.append(f"{codes(plan.there, at_most=3)} {verb} on the site already")
    told += [
        f"{codes(rows, at_most=3)} {is_or_are(len(rows))} created by ticket {group.number}, "
        f"{text(group.label)}"
        for group, rows in plan.created_before[:CREATORS_MAX]
    ]
    if rest := [row for _, rows in plan.created_before[CREATORS_MAX:] for row in rows]:
        told.append(f"{codes(rest, at_most=2)} by other tickets before")
    add = ["add, do not create again"] if told else []
    if plan.created_here:
        noun = bundle_noun(facts.head.bundle_type)
        verb = is_or_are(len(plan.created_here))
        add.append(
            f"{codes(plan.created_here, at_most=3)} {verb} created here and reused on "
            f"{count_of(plan.later_users, f'later {noun}')}"
        )
    if told or add:
        yield _bullet("Shared storage", f"{capitalised('; '.join([*told, *add]))}.")


def _scope(facts: GroupFacts) -> Iterator[str]:
    """Say what is there already, on hold or to be removed."""
    told = []
    if facts.group.action is GroupAction.UPDATE:
        told.append(f"the {_head_noun(facts)} exists already")
    if there := facts.with_status(Status.IMPLEMENTED):
        told.append(f"there already: {codes(there, at_most=NAMED_MAX)}")
    if waiting := facts.with_status(Status.WAITING):
        told.append(f"on hold, do not build: {codes(waiting, at_most=NAMED_MAX)}")
    if leaving := facts.with_status(Status.DELETED):
        told.append(f"remove if present: {codes(leaving, at_most=NAMED_MAX)}")
    if told:
        title = "Scope and removal" if facts.with_status(Status.DELETED) else "Scope"
        yield _bullet(title, f"{capitalised('; '.join(told))}.")


_ROW_NOUNS: Mapping[EntityKind, str] = {
    EntityKind.VIEW_DISPLAY: "display",
    EntityKind.USER_ROLE: "role",
    EntityKind.WORKFLOW_STATE: "state",
    EntityKind.WORKFLOW_TRANSITION: "transition",
    EntityKind.CUSTOM: "row",
}


def _extent(facts: GroupFacts) -> str:
    """Say how much there is to build, where nothing else is to be said."""
    rows = facts.to_build or facts.rows
    if len(rows) == 1:
        return _bullet("Scope", f"{codes(rows)} alone.")
    if not rows:
        return _bullet("Scope", f"{text(facts.name)} alone; no rows belong to it.")
    nouns = Counter(
        bundle_noun(r.bundle_type)
        if r.kind is EntityKind.BUNDLE
        else _ROW_NOUNS.get(r.kind, r.kind.value.replace("_", " "))
        for r in rows
    )
    told = listed([count_of(count, noun) for noun, count in nouns.items()])
    fields = [r for r in rows if r.kind is EntityKind.FIELD]
    more = []
    if required := sum(is_required(r) for r in fields):
        more.append(f"{number(required)} required")
    families = [family_of(r.cell("Field type")) for r in fields]
    if references := sum(f in {REFERENCE, REVISIONS} for f in families):
        more.append(f"{number(references)} with references")
    return _bullet("Scope", f"{capitalised(told)}{', ' if more else ''}{listed(more)}.")


def _bundles_without_fields(facts: GroupFacts) -> Iterator[str]:
    for head in facts.group.heads[:NAMED_MAX]:
        said = [s for s in note_sentences(head) if not is_open(s)]
        moderated = _moderated_by(head, facts)
        if said:
            yield _bullet(text(name_of(head)), f"{quoted(said[0])}.")
        if moderated:
            yield _bullet("Moderation", f"{text(name_of(head))} by {text(moderated.label)}.")
    if not facts.session.index.is_fields_sheet_read:
        yield _bullet("Fields", "No fields sheet was uploaded, so nobody knows of any.")


def _view(facts: GroupFacts) -> Iterator[str]:
    view = ShownView(facts=facts)
    displays = facts.to_build
    shared = [d for d in displays if is_shared(d)]
    plugins = Counter(
        d.cell("Display plugin") or plugin_of(d) for d in displays if not is_shared(d)
    )
    parts = [
        listed([count_of(count, f"{text(plugin)} display") for plugin, count in plugins.items()])
    ]
    if shared:
        parts.append(f"{codes(shared)} only holds what all displays share")
    if displays:
        yield _bullet("Displays", f"{capitalised('; '.join(part for part in parts if part))}.")
    silent = [d for d in displays if not is_shared(d) and not says_what_it_shows(d)]
    asking = facts.session.groups.get(first_silent_view(facts.session.specification) or "")
    if silent and asking is not None and asking.key != facts.group.key:
        which = "shows is" if len(silent) == 1 else "show is"
        yield _bullet(
            "Decide first",
            f"What {codes(silent, at_most=NAMED_MAX)} {which} asked once for all views, in ticket "
            f"{asking.number}.",
        )
    if view.listed_bundles:
        names = listed([text(b.label) for b in view.listed_bundles], at_most=NAMED_MAX)
        yield _bullet("Lists", f"{names}.")
    yield from _head_notes(facts)
    yield from _themes(facts)
    mentioned = facts.session.mentions.get(facts.name, ())
    elsewhere = [d for d, _ in mentioned if d.owner_key != facts.head.key]
    if elsewhere:
        owners = [text(facts.session.index.owner_name(d)) for d in elsewhere]
        yield _bullet("Used as an example by", f"{listed(list(dict.fromkeys(owners)))}.")


def _workflow(facts: GroupFacts) -> Iterator[str]:  # noqa: C901 - four bullets in their order
    states = facts.live(EntityKind.WORKFLOW_STATE)
    rows = facts.live(EntityKind.WORKFLOW_TRANSITION)
    transitions = transitions_of(rows)
    told = f"{count_of(len(states), 'state')}, {count_of(len(transitions), 'transition')}"
    if len(rows) > len(transitions):
        told += f"; the {number(len(rows))} rows of the sheet are one for each from-state"
    names = {t.machine_name for t in transitions}
    if both := [s for s in states if is_machine_name_given(s) and s.machine_name in names]:
        told += f"; {codes(both)} names a state and a transition"
    yield _bullet("Scope", f"{capitalised(told)}.")
    roles = facts.session.specification.by_kind[EntityKind.USER_ROLE]
    allowed: dict[str, list[str]] = {}
    for transition in transitions:
        for role in covered_roles(transition.note, roles):
            allowed.setdefault(text(name_of(role)), []).append(named(transition.row))
    if allowed:
        same: dict[str, list[str]] = {}
        for role_name, what in allowed.items():
            all_of_them = len(what) == len(transitions) > 1
            same.setdefault("all transitions" if all_of_them else listed(what), []).append(
                role_name
            )
        said = "; ".join(f"{listed(who)} may use {what}" for what, who in same.items())
        yield _bullet(lexicon().theme_titles[NoteTheme.PERMISSIONS], f"{said}.")
    sweeping = next((t for t in transitions if ALL_ROLES.search(t.note)), None)
    if sweeping is not None:
        yield _bullet("All roles", f"{named(sweeping.row)}: {quoted(sweeping.note)}.")
    meant = [name_of(b) for b in bundles_meant_by(facts)]
    note = notes_of(facts.head)
    if meant or note:
        parts = [quoted(note)] if note and not is_open(note) else []
        if meant:
            parts.append(f"these are {listed([text(m) for m in meant], at_most=12)}")
        if parts:
            yield _bullet("Applies to", f"{capitalised('; '.join(parts))}.")


def bundles_meant_by(facts: GroupFacts) -> tuple[Entity, ...]:
    """Return the bundles that a workflow moderates by its note, of any type, in sheet order."""
    index = facts.session.index
    return tuple(
        bundle
        for bundle in facts.session.specification.by_kind[EntityKind.BUNDLE]
        if bundle.status not in {Status.DELETED, Status.WAITING}
        and (
            is_named_by(bundle, facts.head)
            if bundle.bundle_type is not BundleType.CONTENT
            else (way := index.meant_by.get(name_of(bundle))) is not None
            and way.workflow == facts.head.key
            and bundle in index.moderated
        )
    )


def _roles(facts: GroupFacts) -> Iterator[str]:
    """Say what each role is for, by the first sentence of its note."""
    for row in facts.to_build[:NAMED_MAX]:
        said = [s for s in note_sentences(row) if not is_open(s) and is_telling(s)]
        permissions = [p.strip() for p in re.split(r"[,;\n]", row.cell("Permissions")) if p.strip()]
        if said:
            yield _bullet(label_and_name(row), f"{quoted(said[0])}.")
        elif permissions:
            told = f"{count_of(len(permissions), 'permission')}: "
            told += listed([quoted(p) for p in permissions], at_most=3)
            yield _bullet(label_and_name(row), f"{capitalised(told)}.")
    workflows = [g.label for g in facts.dependents if g.kind is GroupKind.WORKFLOW]
    if workflows:
        them = listed([text(w) for w in workflows], at_most=NAMED_MAX)
        yield _bullet("Transitions", f"Permissions on transitions come with {them}.")


def is_telling(sentence: str) -> bool:
    """Tell whether a sentence says something by itself, not only `11 permissions`."""
    return sum(not word[0].isdigit() for word in readable(sentence).split()) > _QUOTE_WORDS_MIN


def _image_styles(facts: GroupFacts) -> Iterator[str]:
    without = [row for row in facts.to_build if not notes_of(row)]
    told = [f"{count_of(len(facts.to_build), 'style')} to build"]
    if without:
        told.append(f"{codes(without, at_most=NAMED_MAX)} without a note on size or effect")
    yield _bullet("Scope", f"{capitalised('; '.join(told))}.")


def _responsive_styles(facts: GroupFacts) -> Iterator[str]:
    used: dict[str, list[Entity]] = {}
    for row in facts.to_build:
        used.setdefault(row.cell("Breakpoints Used"), []).append(row)
    for breakpoints, rows in list(used.items())[:NAMED_MAX]:
        if breakpoints:
            yield _bullet(
                "Breakpoints", f"{quoted(breakpoints)} in {codes(rows, at_most=NAMED_MAX)}."
            )


def _view_modes(facts: GroupFacts) -> Iterator[str]:
    used: dict[str, list[Entity]] = {}
    for row in facts.to_build:
        used.setdefault(", ".join(known_places(row)), []).append(row)
    for used_on, rows in list(used.items())[: NAMED_MAX - 1]:
        if used_on:
            names = listed([quoted(row.label) for row in rows], at_most=NAMED_MAX)
            where = listed([text(p) for p in used_on.split(",") if p.strip()], at_most=NAMED_MAX)
            yield _bullet("Used on", f"{names} on {where}.")
    yield from _themes(facts)


def known_places(mode: Entity) -> list[str]:
    """Return where a view mode is used, without names that a question asks about."""
    unknown = {r.text for r in mode.references if r.state is ReferenceState.DANGLING}
    names = (part.strip() for part in mode.cell("Entities Used On").split(","))
    return [name for name in names if name and name not in unknown]


def _plain(facts: GroupFacts) -> Iterator[str]:
    yield from _themes(facts)


def _removal(facts: GroupFacts) -> Iterator[str]:
    types: dict[str, list[Entity]] = {}
    for head in facts.group.heads:
        noun = bundle_noun(head.bundle_type) if head.bundle_type else head.kind.value
        types.setdefault(noun.replace("_", " "), []).append(head)
    for noun, heads in types.items():
        told = f"{count_of(len(heads), noun)}: {listed([label_and_name(h) for h in heads])}"
        yield _bullet("Remove", f"{capitalised(told)}.")
    yield _bullet(
        "If present", "The sheets do not say whether any of this was ever built; look first."
    )
    if facts.group.members:
        yield _bullet("Goes with it", f"{capitalised(count_of(len(facts.group.members), 'row'))}.")
    mentions = [text(r.label) for r in facts.group.relations if r.kind is RelationKind.REMOVAL]
    if mentions:
        names = listed(list(dict.fromkeys(mentions)), at_most=NAMED_MAX)
        yield _bullet("Still mentioned by", f"{names}: mend these first.")


_BULLETS: Mapping[GroupKind, Callable[[GroupFacts], Iterator[str]]] = {
    GroupKind.BUNDLE: _bundle,
    GroupKind.BUNDLES_WITHOUT_FIELDS: _bundles_without_fields,
    GroupKind.VIEW: _view,
    GroupKind.WORKFLOW: _workflow,
    GroupKind.USER_ROLES: _roles,
    GroupKind.IMAGE_STYLES: _image_styles,
    GroupKind.RESPONSIVE_IMAGE_STYLES: _responsive_styles,
    GroupKind.VIEW_MODES: _view_modes,
    GroupKind.MIGRATION: _plain,
    GroupKind.CUSTOM: _plain,
    GroupKind.REMOVAL: _removal,
}
