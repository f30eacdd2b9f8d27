"""The analysis: what is unusual about a ticket, grouped by what one does about it.

Belongs here: the bullets, at most `BULLETS_MAX`, each with the fields and counts it is about and
at most one quoted sentence. The rest of the notes is in the table, beside its row.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.domain.entities import (
    BundleType,
    Entity,
    EntityKind,
    ReferenceState,
    Status,
    sheet_noun,
)
from jira_pipeline.domain.entity_groups import (
    COMPONENT_KINDS,
    EntityGroup,
    GroupAction,
    GroupKind,
    RelationKind,
)
from jira_pipeline.domain.lexicon import NoteTheme, lexicon
from jira_pipeline.domain.note_sentences import (
    comparable,
    is_wanted_state,
    sentences_of,
)
from jira_pipeline.domain.questions.field_questions import (
    REFERENCE,
    REVISIONS,
    family_of,
    is_required,
)
from jira_pipeline.domain.questions.question_index import is_machine_name_given, name_of, stems_of
from jira_pipeline.domain.questions.row_questions import is_open, spelt_otherwise
from jira_pipeline.domain.questions.structure_questions import destinations_of, first_silent_view
from jira_pipeline.domain.questions.workflow_questions import START, is_named_by, taken_out
from jira_pipeline.domain.role_notes import ALL_ROLES
from jira_pipeline.domain.view_displays import is_of_core, is_shared, plugin_of, silent_displays
from jira_pipeline.domain.workflow_notes import Meaning
from jira_pipeline.writers.component_prose import component_analysis, is_order_only, is_part_of
from jira_pipeline.writers.english import capitalised, count_of, is_or_are, listed, number, plural
from jira_pipeline.writers.fragments import (
    bullet_list,
    code,
    codes,
    label_and_name,
    named,
    quoted,
    quoted_sentences,
    text,
)
from jira_pipeline.writers.group_facts import (
    GroupFacts,
    allowed_roles,
    bundle_noun,
    note_sentences,
    says_enough,
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
_QUOTATIONS_MAX = 3
_QUOTE_WORDS_MAX = 25
"""Of the quotations from several rows in a bullet."""
_NOTE_WORDS_MAX = 50
"""Of the note of a head."""


def analysis(facts: GroupFacts) -> str:
    """Return the bullets; a plain ticket says how much there is to build."""
    if facts.group.action is GroupAction.REMOVE:
        return bullet_list(_removal(facts))
    if facts.group.kind in COMPONENT_KINDS:
        told = (_bullet(title, said) for title, said in component_analysis(facts))
        return bullet_list([*_depends_on(facts), *told])
    bullets = [*_decide_first(facts), *_depends_on(facts), *_machine_names(facts)]
    bullets += _BULLETS[facts.group.kind](facts)
    scope = list(_scope(facts))
    bullets = [*bullets[: BULLETS_MAX - len(scope)], *scope]
    return bullet_list((bullets or [_extent(facts)])[:BULLETS_MAX])


def _bullet(title: str, told: str) -> str:
    return f"<strong>{title}:</strong> {told}"


def _decide_first(facts: GroupFacts) -> Iterator[str]:
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
    if facts.questions:
        subjects = list(dict.fromkeys(s for q in facts.questions for s in q.subjects))
        about = f", on {listed([code(s) for s in subjects], at_most=3)}" if subjects else ""
        told.append(f"{count_of(len(facts.questions), 'question')} below{about}")
    asking = facts.session.groups.get(first_silent_view(facts.session.specification) or "")
    is_core = facts.group.kind is GroupKind.VIEW and is_of_core(facts.head)
    silent = [] if is_core else _silent(facts)
    if silent and asking is not None and asking.key != facts.group.key:
        show = "shows" if len(silent) == 1 else "show"
        told.append(
            f"what {codes(silent, at_most=NAMED_MAX)} {show} is asked for all views in "
            f"{_ticket(asking)}"
        )
    if told:
        yield _bullet("Decide first", f"{capitalised('; '.join(told))}.")


def _silent(facts: GroupFacts) -> list[Entity]:
    rows = facts.of_kind(EntityKind.VIEW_DISPLAY)
    return silent_displays(facts.head, rows) if rows and facts.group.heads else []


_STATUS_WORDS: Mapping[Status, str] = {
    Status.IMPLEMENTED: "there already",
    Status.WAITING: "on hold",
    Status.DELETED: "to be removed",
}


def _depends_on(facts: GroupFacts) -> Iterator[str]:
    """Say what is on hold and which reference follows later; the body names what must come first."""
    labels: dict[RelationKind, list[str]] = {}
    there: list[str] = []
    stated: list[str] = []
    told: list[str] = []
    groups = facts.session.groups
    for relation in facts.group.relations:
        other = groups.get(relation.group_key or "")
        if relation.kind is RelationKind.DEFERRED and other and other.action is GroupAction.UPDATE:
            there.append(text(relation.label))  # its ticket only changes what exists
            continue
        if relation.kind is RelationKind.DEFERRED and other and is_part_of(facts, other):
            told.append(f"it is a part of {_ticket(other)}: by hand it is made there, after that")
            continue
        if relation.kind is RelationKind.DEFERRED and other and is_order_only(facts, other):
            stated.append(_ticket(other))
            continue
        labels.setdefault(relation.kind, []).append(text(relation.label))
    if stated:
        later = "comes" if len(stated) == 1 else "come"
        told.append(
            f"{listed(stated, at_most=NAMED_MAX)} {later} later; the package only states that one "
            "import is to bring both, so there is no reference to add"
        )
    if held := labels.get(RelationKind.ON_HOLD):
        told.append(f"{listed(held, at_most=NAMED_MAX)} {is_or_are(len(held))} on hold")
    if deferred := labels.get(RelationKind.DEFERRED):
        exist = "it exists" if len(deferred) == 1 else "they exist"
        told.append(f"add the reference to {listed(deferred, at_most=NAMED_MAX)} once {exist}")
    if there:
        refer = "references to them need" if len(there) > 1 else "reference to it needs"
        exist = "exist" if len(there) > 1 else "exists"
        told.append(f"{listed(there, at_most=NAMED_MAX)} {exist} already, so the {refer} no wait")
    if told:
        yield _bullet("Depends on", f"{capitalised('; '.join(told))}.")


def _machine_names(facts: GroupFacts) -> Iterator[str]:
    """Say which names to use where the sheet has none, one that Drupal refuses, or a slip."""
    refused = [(r, name) for r, name in facts.settled_names if is_machine_name_given(r)]
    missing = [(r, name) for r, name in facts.settled_names if not is_machine_name_given(r)]
    told = []
    if len(refused) > NAMED_MAX:
        told.append(
            f"Drupal refuses those of {len(refused)} rows; put {code('_')} for what it refuses"
        )
    elif refused:
        told.append(
            f"use {listed([f'{code(n)} for {named(r)}' for r, n in refused])}, as Drupal refuses "
            f"{'it' if len(refused) == 1 else 'them'}"
        )
    if len(missing) > NAMED_MAX:
        told.append(
            f"the sheet gives {len(missing)} rows none; use what Drupal makes of each label"
        )
    elif missing:
        given = listed([f"{code(n)} for {quoted(name_of(r))}" for r, n in missing])
        told.append(f"the sheet gives none; use {given}")
    rows = {row.source: row for row in (*facts.group.heads, *facts.to_build)}
    told += [
        f"{quoted(reference.text)} of {named(row)} is {text(meant)}"
        for row in rows.values()
        for reference in row.references
        if (meant := spelt_otherwise(reference, row, facts.session.index))
    ]
    title = "Machine names" if refused or missing else "Names"
    if told:
        yield _bullet(title, f"{capitalised('; '.join(told))}.")


@dataclass(frozen=True, slots=True)
class Noted:
    """One sentence with the rows whose notes say it."""

    sentence: str
    rows: list[Entity]


def themes_of(facts: GroupFacts) -> Mapping[NoteTheme, Sequence[Noted]]:
    """Return what the notes of a large form say, by theme, each sentence once with its rows.

    What rows of other tickets say is in their verification, row by row.
    """
    found: dict[NoteTheme, dict[str, Noted]] = {}
    if facts.group.kind is not GroupKind.BUNDLE or len(facts.to_build) <= FIELDS_TOLD_SINGLY:
        return {}
    for row in facts.to_build:
        for sentence in facts.settled_sentences(row):
            theme = lexicon().theme_of(sentence)
            if theme is not None and is_wanted_state(sentence):
                same = found.setdefault(theme, {})
                same.setdefault(comparable(sentence), Noted(sentence, [])).rows.append(row)
    return {theme: list(found[theme].values()) for theme in NoteTheme if theme in found}


def _head_notes(facts: GroupFacts) -> Iterator[str]:
    """Quote what the notes of the heads say that no question asks, equal notes once."""
    found: dict[tuple[str, ...], list[str]] = {}
    for head in facts.group.heads:
        settled = [s for s in facts.settled_sentences(head) if " " in s or says_enough(s)]
        said = quoted_sentences(note_sentences(head), settled, words_max=_NOTE_WORDS_MAX)
        if said:
            found.setdefault(tuple(said[:_QUOTATIONS_MAX]), []).append(text(name_of(head)))
    for notes, names in found.items():
        is_one = len(facts.group.heads) == 1
        title = f"The {_head_noun(facts)}" if is_one else listed(names, at_most=NAMED_MAX)
        yield _bullet(title, f"{listed(notes)}.")


def _themes(facts: GroupFacts) -> Iterator[str]:
    """Say per theme what the notes of most rows say."""
    for theme, noted in themes_of(facts).items():
        yield _bullet(lexicon().theme_titles[theme], _told_of(noted))


def _told_of(noted: Sequence[Noted]) -> str:
    """Quote the sentences that most rows share, as far as a bullet has room for them."""
    told: dict[str, list[str]] = {}
    words = count = 0
    for one in sorted(noted, key=lambda n: -len(n.rows)):
        who = codes(one.rows, at_most=NAMED_MAX)
        words += len(one.sentence.split())
        count += 1 + (0 if who in told else who.count("“"))
        if told and (words > _QUOTE_WORDS_MAX or count > _QUOTATIONS_MAX):
            break
        told.setdefault(who, []).append(quoted(one.sentence))
    return f"{capitalised('; '.join(f'{who}: {listed(said)}' for who, said in told.items()))}."


def _head_noun(facts: GroupFacts) -> str:
    head = facts.head
    if head.kind is EntityKind.CUSTOM:
        return sheet_noun(head.source.file)
    return bundle_noun(head.bundle_type) if head.bundle_type else head.kind.value.replace("_", " ")


def _bundle(facts: GroupFacts) -> Iterator[str]:
    moderation = _moderation(facts)
    if moderation:
        yield _bullet("Moderation", moderation)
    yield from _head_notes(facts)
    yield from _shared_storage(facts)
    yield from _themes(facts)


def _moderation(facts: GroupFacts) -> str:
    """Say which workflow moderates, and by which note."""
    if facts.head.cell("Mod.").casefold() in {"n", "no"}:
        return ""
    found = facts.session.index.workflow_of(facts.head)
    if found is None:
        naming = moderated_by(facts.head, facts)
        return f"By {text(naming.label)}, whose note names it." if naming else ""
    workflow, meaning = found
    if meaning is Meaning.NAMED:
        return f"By {text(workflow.label)}, whose note names this {bundle_noun(facts.head.bundle_type)}."
    return f"By the workflow {quoted(workflow.label)}: {quoted(workflow.cell('Notes'))}."


def moderated_by(bundle: Entity, facts: GroupFacts) -> Entity | None:
    """Return the workflow whose note names a bundle that is no content type."""
    workflows = facts.session.index.workflows
    return next((w for w in workflows if is_named_by(bundle, w)), None)


def _ticket(group: EntityGroup) -> str:
    """Name another ticket by its label too: its issue has a key that nobody knows yet."""
    return f"ticket {group.number} ({text(group.label)})"


def _shared_storage(facts: GroupFacts) -> Iterator[str]:
    """Name the ticket that first creates a shared field, and who reuses what is created here."""
    plan = storage_plan_of(facts)
    told = []
    if plan.there:
        verb = is_or_are(len(plan.there))
        told.append(f"{codes(plan.there, at_most=3)} {verb} on the site already")
    told += [
        f"{codes(rows, at_most=2)} {is_or_are(len(rows))} first created in {_ticket(group)}"
        for group, rows in plan.created_before[:CREATORS_MAX]
    ]
    if rest := [row for _, rows in plan.created_before[CREATORS_MAX:] for row in rows]:
        verb = "exists" if len(rest) == 1 else "exist"
        told.append(f"{codes(rest, at_most=2)} {verb} by then")
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
        new = [row for row in facts.with_status(Status.APPROVED) if row not in facts.group.heads]
        if new and facts.group.kind is not GroupKind.BUNDLE:  # whose story names its new fields
            told.append(f"new: {codes(new, at_most=NAMED_MAX)}")
    heads = facts.group.heads if facts.group.kind is GroupKind.BUNDLE else ()
    if changed := [r for r in facts.with_status(Status.CHANGED) if r not in heads]:
        told.append(f"there and to be changed: {codes(changed, at_most=NAMED_MAX)}")
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
}


def _extent(facts: GroupFacts) -> str:
    """Say how much there is to build, where nothing else is to be said."""
    rows = facts.to_build or facts.rows
    if not rows:
        return _bullet("Scope", f"{text(facts.name)} alone; no rows belong to it.")
    nouns = Counter(
        bundle_noun(r.bundle_type)
        if r.kind is EntityKind.BUNDLE
        else sheet_noun(r.source.file)
        if r.kind is EntityKind.CUSTOM
        else _ROW_NOUNS.get(r.kind, r.kind.value.replace("_", " "))
        for r in rows
    )
    told = listed([count_of(count, noun) for noun, count in nouns.items()])
    if len(rows) == 1:
        return _bullet("Scope", f"{capitalised(told)}, {codes(rows)}.")
    fields = [r for r in rows if r.kind is EntityKind.FIELD]
    more = []
    if required := sum(is_required(r) for r in fields):
        more.append(f"{'all' if required == len(rows) else number(required)} required")
    families = [family_of(r.cell("Field type")) for r in fields]
    if references := sum(f in {REFERENCE, REVISIONS} for f in families):
        more.append(f"{number(references)} with references")
    return _bullet("Scope", f"{capitalised(told)}{', ' if more else ''}{listed(more)}.")


def _bundles_without_fields(facts: GroupFacts) -> Iterator[str]:
    yield from _head_notes(facts)
    for head in facts.group.heads:
        if moderated := moderated_by(head, facts):
            yield _bullet("Moderation", f"{text(name_of(head))} by {text(moderated.label)}.")
    if not facts.session.index.is_fields_sheet_read:
        yield _bullet("Fields", "No fields sheet was uploaded, so nobody knows of any.")


def _view(facts: GroupFacts) -> Iterator[str]:
    view = ShownView(facts=facts)
    displays = facts.to_build
    if is_of_core(facts.head):
        yield _bullet(
            "Ships with its module",
            f"Change {code(facts.head.machine_name)} only as the table says.",
        )
    plugins = Counter(
        d.cell("Display plugin") or plugin_of(d) for d in displays if not is_shared(d)
    )
    if plugins:
        told = [count_of(count, f"{text(plugin)} display") for plugin, count in plugins.items()]
        yield _bullet("Displays", f"{capitalised(listed(told))}.")
    if view.listed_bundles:
        names = [_with_ticket(b, facts) for b in view.listed_bundles]
        yield _bullet("Lists", f"{listed(names, at_most=NAMED_MAX)}.")
    if states := _states_meant(facts):
        told = [f"{quoted(name_of(s))} of {_with_ticket(w, facts)}" for s, w in states]
        yield _bullet("Needs", f"The state {listed(told)}.")
    yield from _head_notes(facts)
    mentioned = facts.session.mentions.get(facts.name, ())
    elsewhere = [d for d, _ in mentioned if d.owner_key != facts.head.key]
    if elsewhere:
        owners = [text(facts.session.index.owner_name(d)) for d in elsewhere]
        yield _bullet("Used as an example by", f"{listed(list(dict.fromkeys(owners)))}.")


def _with_ticket(row: Entity, facts: GroupFacts) -> str:
    """Name what a ticket needs, with the ticket that makes it where no dependency says so."""
    known = {d.group_key for d in facts.group.dependencies}
    group = facts.session.making.get(row.key)
    is_told = group is None or group.key in known or group.key == facts.group.key
    if group is None or is_told:
        return text(row.label)
    return f"{text(name_of(row))} (ticket {group.number})"


def needed_rows(facts: GroupFacts) -> list[Entity]:
    """Return what a view or migration needs by its cells, whether a dependency says so or not."""
    if facts.group.kind is GroupKind.VIEW and facts.group.heads:
        workflows = [workflow for _, workflow in _states_meant(facts)]
        return [*ShownView(facts=facts).listed_bundles, *workflows]
    if facts.group.kind is GroupKind.MIGRATION and facts.group.heads:
        run = migration_of(facts)
        return [*([run.destination] if run.destination else []), *run.before]
    return []


_STATE = re.compile(r"\b(?:state|status) [\"“']?(?P<name>[A-Z][\w ]*\w)")


def _states_meant(facts: GroupFacts) -> list[tuple[Entity, Entity]]:
    """Return the states that a view speaks of, by label or machine name, with their workflows."""
    specification = facts.session.specification
    rows = (facts.head, *facts.to_build)
    said = " ".join(f"{row.cell('Description')} {row.note}." for row in rows)
    names = [match["name"].casefold() for match in _STATE.finditer(said)]
    return [
        (state, workflow)
        for state in specification.by_kind[EntityKind.WORKFLOW_STATE]
        if any(
            re.match(
                rf"(?:{re.escape(state.label)}|{re.escape(state.machine_name)})\b",
                name,
                re.IGNORECASE,
            )
            for name in names
        )
        for workflow in specification.by_key.get(state.owner_key or "", ())[:1]
    ]


def _workflow(facts: GroupFacts) -> Iterator[str]:
    states = facts.live(EntityKind.WORKFLOW_STATE)
    rows = facts.live(EntityKind.WORKFLOW_TRANSITION)
    transitions = transitions_of(rows)
    told = f"{count_of(len(states), 'state')}, {count_of(len(transitions), 'transition')}"
    if len(rows) > len(transitions):
        told += f"; the {number(len(rows))} rows of the sheet are one for each from-state"
    names = {t.machine_name for t in transitions}
    if both := [s for s in states if is_machine_name_given(s) and s.machine_name in names]:
        told += f"; {codes(both)} names a state and a transition"
    yield _bullet("States", f"{capitalised(told)}.")
    allowed: dict[str, dict[str, None]] = {}
    for transition in transitions:
        for role in allowed_roles(transition, facts):
            allowed.setdefault(text(name_of(role)), {})[named(transition.row)] = None
    if allowed:
        every = {named(transition.row) for transition in transitions}
        same: dict[str, list[str]] = {}
        for role_name, what in allowed.items():
            all_of_them = len(every) > 1 and set(what) == every
            same.setdefault("all transitions" if all_of_them else listed(list(what)), []).append(
                role_name
            )
        said = [f"{listed(who)} may use {what}" for what, who in same.items()]
        if doubted := [text(name_of(role)) for role in facts.doubted_roles]:
            said.append(f"the questions decide on {listed(doubted)}")
        yield _bullet(lexicon().theme_titles[NoteTheme.PERMISSIONS], f"{'; '.join(said)}.")
    sweeping = next((t for t in transitions if ALL_ROLES.search(t.note)), None)
    if sweeping is not None and not allowed:
        yield _bullet("All roles", f"{named(sweeping.row)}: {quoted(sweeping.note)}.")
    meant = [name_of(b) for b in bundles_meant_by(facts)]
    note = note_sentences(facts.head)
    is_list = [_is_list_of_bundles(s, facts) for s in note]
    settled = [
        s
        for s, is_names in zip(note, is_list, strict=True)
        if s in facts.settled_sentences(facts.head)
        and not is_names
        and not START.search(s)
        and not any(taken_out(b, facts.head) == s for b in _named_anywhere(facts))
    ]
    parts = quoted_sentences(note, settled, words_max=_NOTE_WORDS_MAX)
    if unnamed := [text(name) for name in meant if not any(name in s for s in settled)]:
        which = (
            "that is" if len(meant) == 1 else "these are" if len(unnamed) == len(meant) else "with"
        )
        parts.append(f"{which} {listed(unnamed, at_most=12)}")
    if not settled and meant:
        yield _bullet("Applies to", f"{listed([text(name) for name in meant], at_most=12)}.")
    elif parts:
        yield _bullet("Applies to", f"{capitalised('; '.join(parts))}.")


def _named_anywhere(facts: GroupFacts) -> list[Entity]:
    bundles = facts.session.specification.by_kind[EntityKind.BUNDLE]
    return [bundle for bundle in bundles if name_of(bundle) in facts.head.note]


def _is_list_of_bundles(sentence: str, facts: GroupFacts) -> bool:
    """Tell whether a sentence is nothing but names of bundles: the rows say which they are."""
    bundles = facts.session.specification.by_kind[EntityKind.BUNDLE]
    names = {name for b in bundles for name in (name_of(b).casefold(), b.label.casefold())}
    parts = [part.strip(" .").casefold() for part in re.split(r",|;| and ", sentence)]
    return all(part in names for part in parts)


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
    """Say which roles Drupal brings, and what is permitted; what notes say is in the checks."""
    shipped = [
        r for r in facts.to_build if r.machine_name in {*lexicon().public_roles, "administrator"}
    ]
    if shipped:
        verb = "it is" if len(shipped) == 1 else "they are"
        yield _bullet(
            "Ships with Drupal",
            f"{codes(shipped, at_most=NAMED_MAX)}; {verb} not created, only given permissions.",
        )
    for row in facts.to_build[:NAMED_MAX]:
        permissions = [p.strip() for p in re.split(r"[,;\n]", row.cell("Permissions")) if p.strip()]
        if permissions and not row.note:
            told = f"{count_of(len(permissions), 'permission')}: "
            told += listed([quoted(p) for p in permissions], at_most=3)
            yield _bullet(label_and_name(row), f"{capitalised(told)}.")
    workflows = [g.label for g in facts.dependents if g.kind is GroupKind.WORKFLOW]
    if workflows:
        them = listed([text(w) for w in workflows], at_most=NAMED_MAX)
        yield _bullet("Transitions", f"Permissions on transitions come with {them}.")


def _responsive_styles(facts: GroupFacts) -> Iterator[str]:
    used: dict[str, list[Entity]] = {}
    for row in facts.to_build:
        used.setdefault(row.cell("Breakpoints Used"), []).append(row)
    for breakpoints, rows in list(used.items())[:NAMED_MAX]:
        if breakpoints and not all(map(facts.is_doubted, rows)):
            yield _bullet(
                "Breakpoints", f"{quoted(breakpoints)} in {codes(rows, at_most=NAMED_MAX)}."
            )


_BY_COLUMN = re.compile(
    r"^all\b.* (?:with|where) (?P<column>\S+) ?(?:=|is) ?(?P<cell>\w+)$", re.IGNORECASE
)
"""Bundles by what their cells say: `All content types with Srch. = y`."""


def known_places(mode: Entity, facts: GroupFacts) -> list[str]:
    """Return where a view mode is used, without names that a question asks about."""
    unknown = {r.text for r in mode.references if r.state is ReferenceState.DANGLING}
    names = [part.strip() for part in mode.cell("Entities Used On").split(",")]
    if rule := _BY_COLUMN.match(mode.cell("Entities Used On")):
        said = f"{rule.group()} {mode.cell('Entity Type')}".casefold()
        types = {kind for kind in BundleType if kind.split()[0].casefold() in said}
        return [
            name_of(bundle)
            for bundle in facts.session.specification.by_kind[EntityKind.BUNDLE]
            if bundle.bundle_type in types
            and bundle.status not in {Status.DELETED, Status.WAITING}
            and bundle.cell(rule["column"]).casefold() == rule["cell"].casefold()
        ]
    return [name for name in names if name and name not in unknown]


def _removal(facts: GroupFacts) -> Iterator[str]:
    types: dict[str, list[Entity]] = {}
    for head in facts.group.heads:
        noun = bundle_noun(head.bundle_type) if head.bundle_type else head.kind.value
        types.setdefault(noun.replace("_", " "), []).append(head)
    for noun, heads in types.items():
        told = f"{count_of(len(heads), noun)}: {listed([label_and_name(h) for h in heads])}"
        yield _bullet("Remove", f"{capitalised(told)}.")
    asked = "; the question below decides on existing content" if facts.questions else ""
    yield _bullet("If present", f"Look first whether any of this was ever built{asked}.")
    for row in (*facts.group.heads, *facts.group.members):
        if said := removal_notes(row):
            yield _bullet(label_and_name(row), f"{listed([quoted(s) for s in said])}.")
    if facts.group.members:
        kinds = Counter(row.kind for row in facts.group.members)
        nouns = {kind: _ROW_NOUNS.get(kind, kind.value.replace("_", " ")) for kind in kinds}
        told = listed(
            [
                f"both {plural(nouns[kind])}"
                if count == 2  # noqa: PLR2004 - English has a word for two
                else f"{'all ' if count > 1 else ''}{count_of(count, nouns[kind])}"
                for kind, count in kinds.items()
            ]
        )
        yield _bullet("Goes with it", f"{capitalised(told)}.")
    for other, same in removed_too(facts):
        names = listed([text(o.label) for o in same], at_most=NAMED_MAX)
        yield _bullet("Goes too", f"{names}, in ticket {other.number}.")
    mentions = [text(r.label) for r in facts.group.relations if r.kind is RelationKind.REMOVAL]
    if mentions:
        names = listed(list(dict.fromkeys(mentions)), at_most=NAMED_MAX)
        yield _bullet("Still mentioned by", f"{names}: mend these first.")


def removed_too(facts: GroupFacts) -> Iterator[tuple[EntityGroup, list[Entity]]]:
    """Return what other tickets remove that has the name of something removed here."""
    for other in facts.session.groups.values():
        if other.action is GroupAction.REMOVE and other.key != facts.group.key:
            same = [o for o in other.heads if any(_is_same_thing(o, h) for h in facts.group.heads)]
            if same:
                yield other, same


def _is_same_thing(one: Entity, other: Entity) -> bool:
    """Tell whether all words of one name are in the other, such as a view and what it lists."""
    words, others = stems_of(name_of(one)), stems_of(name_of(other))
    return bool(words and others) and (words <= others or others <= words)


def removal_notes(row: Entity) -> list[str]:
    """Return what the note of a row that goes asks for: an export first, a redirect.

    Most of its notes say how it was to be built.
    """
    said = [s for s in sentences_of(row.note) if lexicon().leaving.search(s) and not is_open(s)]
    return sorted(said, key=lambda s: not _AHEAD.search(s))[:_QUOTATIONS_MAX]


_AHEAD = re.compile(r"\b(?:first|before|until)\b", re.IGNORECASE)
"""What comes before the removal."""


@dataclass(frozen=True, slots=True)
class MigrationRun:
    """What the columns of a migration say of its run."""

    destination: Entity | None
    count: str
    schedule: str
    """The cell that says how often it runs; empty for one that runs once."""
    before: tuple[Entity, ...]
    """Migrations that its note wants first."""


_COUNT_HEADER = re.compile(r"\b(?:counts?|items|number|records|rows|nodes|amount)\b", re.IGNORECASE)
_SCHEDULE = re.compile(
    r"\b(?:nightly|hourly|daily|weekly|monthly|every (?:\w+ )?(?:minutes?|hours?|night|day|week|month))\b",
    re.IGNORECASE,
)
_NEEDS = re.compile(r"\b(?:needs?|requires?|after|depends?|first|before)\b", re.IGNORECASE)
_LATER = re.compile(r"\bbefore (?!this\b|it\b)[^.;,]*", re.IGNORECASE)
"""What a migration runs before: that needs this one."""


def migration_of(facts: GroupFacts) -> MigrationRun:
    """Read the columns of a migration: the bundle it fills, how many items, how often."""
    head, index = facts.head, facts.session.index
    cells = [(c, v) for c, v in head.cells.items() if c not in {"X", "Dev", "QA", "ID"} and v]
    found = destinations_of(head, index)
    needed = " ".join(
        _LATER.sub("", s) for s in sentences_of(head.note) if _NEEDS.search(s)
    ).casefold()
    return MigrationRun(
        destination=found[0] if len(found) == 1 else None,
        count=next((v for c, v in cells if _COUNT_HEADER.search(c) and re.search(r"\d", v)), ""),
        schedule=next((v for _, v in cells if _SCHEDULE.search(v)), ""),
        before=tuple(
            other
            for other in facts.session.specification.by_kind[EntityKind.MIGRATION]
            if other.key != head.key
            and other.status not in {Status.DELETED, Status.WAITING}
            and re.search(rf"\b{re.escape(other.label.casefold())}\b", needed)
        ),
    )


def _migration(facts: GroupFacts) -> Iterator[str]:
    run = migration_of(facts)
    needs = [f"the migration {_with_ticket(other, facts)} has run" for other in run.before]
    if run.destination:
        needs.insert(0, f"{_with_ticket(run.destination, facts)} is there")
    if needs:
        yield _bullet("Needs", f"{capitalised(listed(needs))}.")
    yield from _head_notes(facts)


_BULLETS: Mapping[GroupKind, Callable[[GroupFacts], Iterator[str]]] = {
    GroupKind.BUNDLE: _bundle,
    GroupKind.BUNDLES_WITHOUT_FIELDS: _bundles_without_fields,
    GroupKind.VIEW: _view,
    GroupKind.WORKFLOW: _workflow,
    GroupKind.USER_ROLES: _roles,
    GroupKind.IMAGE_STYLES: lambda _: iter(()),
    GroupKind.RESPONSIVE_IMAGE_STYLES: _responsive_styles,
    GroupKind.VIEW_MODES: lambda _: iter(()),
    GroupKind.MIGRATION: _migration,
    GroupKind.CUSTOM: lambda _: iter(()),
    GroupKind.REMOVAL: _removal,
}
