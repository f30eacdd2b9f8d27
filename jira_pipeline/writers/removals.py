"""What a removal takes along, what has to be done before it, and what is removed with what.

Belongs here: rows that are bound to what goes. Does not: what uses a field storage
(`storage_plan`), words (`analysis`).
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from jira_pipeline.domain.entities import Entity, EntityKind, Status
from jira_pipeline.domain.entity_groups import EntityGroup, GroupAction
from jira_pipeline.domain.questions.field_questions import LABEL, family_of
from jira_pipeline.domain.questions.question_index import (
    is_machine_name_given,
    name_of,
    once_per_session,
)
from jira_pipeline.domain.view_displays import path_of, setting_of
from jira_pipeline.writers.display_rows import used_for
from jira_pipeline.writers.group_facts import (
    GONE,
    VIEWS,
    GroupFacts,
    SessionFacts,
    note_sentences,
    rows_by_name,
    settled_sentences,
)
from jira_pipeline.writers.migration_runs import runs_reading
from jira_pipeline.writers.named_rows import bare_words, phrases_in


@once_per_session
def _bound_removals(session: SessionFacts) -> Sequence[tuple[Entity, Entity, str]]:
    """Return what is removed only after a migration or together with something, that, the sentence.

    A style that goes as well says by its name or its use what it goes with: without a sentence.
    """
    runs = [r for r in session.specification.by_kind[EntityKind.MIGRATION] if r.status not in GONE]
    heads = session.removed_heads
    styles = [
        row
        for group in session.groups.values()
        for row in (*group.heads, *group.members)
        if row.kind in _STYLES and row.status is Status.DELETED
    ]
    noted = [
        (head, other, sentence)
        for head in {row.source: row for row in (*heads, *styles)}.values()
        for sentence in settled_sentences(head)
        for pattern, others in ((_ONLY_AFTER, runs), (_BESIDE, heads))
        for found in [pattern.search(sentence)]
        for other in (others if found else ())
        if found and other.key != head.key
        if re.search(rf"(?<!\w){re.escape(name_of(other))}s?(?!\w)", found["what"], re.IGNORECASE)
    ]
    known = {head.source for head, _, _ in noted}
    silent = [style for style in styles if style.source not in known]
    return [*noted, *((s, head, "") for s in silent for head in _removed_with(s, heads))]


def bound_removals(facts: GroupFacts) -> list[tuple[Entity, Entity, str]]:
    """Return what is removed, what its note ties it to, and the sentence, where one is of another ticket."""
    own = {row.key for row in facts.own_rows}
    return [
        (head, other, sentence)
        for head, other, sentence in _bound_removals(facts.session)
        if (head.key in own) is not (other.key in own)
    ]


_STYLES = frozenset(
    {EntityKind.IMAGE_STYLE, EntityKind.RESPONSIVE_IMAGE_STYLE, EntityKind.VIEW_MODE}
)
_ONLY_AFTER = re.compile(
    r"\b(?:after|once|until)\b[^.;]*?\bmigration\b(?P<what>[^.;]*)", re.IGNORECASE
)
_BESIDE = re.compile(
    r"\b(?:together with|goes with|only used (?:by|for|in|on))\b(?P<what>[^.;]*)", re.IGNORECASE
)


def _removed_with(style: Entity, removed: Iterable[Entity]) -> list[Entity]:
    """Return what a style is used by, or is called after; a view only where no bundle is."""
    use = used_for(style)
    words, places = (use, re.search) if use else (style.label, re.match)
    found = [
        head
        for head in removed
        if name_of(head).casefold() in words.casefold()
        and places(rf"(?<!\w){re.escape(name_of(head))}s?(?!\w)", words, re.IGNORECASE)
    ]
    return [head for head in found if head.kind is EntityKind.BUNDLE] or found


@once_per_session
def listing_removals(session: SessionFacts) -> Sequence[tuple[Entity, Entity]]:
    """Return the views to be removed that list bundles to be removed, with those, in sheet order.

    By its name, a filter that names one, or a path that begins as its addresses do.
    """
    bound = {frozenset({head.key, other.key}) for head, other, _ in _bound_removals(session)}
    bundles = [h for h in session.removed_heads if h.kind is EntityKind.BUNDLE]
    found: list[tuple[Entity, Entity]] = []
    for view in (h for h in session.removed_heads if h.kind is EntityKind.VIEW):
        rows = (view, *session.specification.members_of.get(view.key, ()))
        filters = " ".join(setting_of(row, "filters") for row in rows)
        names = set(phrases_in(re.sub(r"[,;=:()]", " ", filters)))
        places = {setting_of(row, "path").strip("/").partition("/")[0] for row in rows}
        found += [
            (view, bundle)
            for bundle in bundles
            if bare_words(name_of(view)) == bare_words(name_of(bundle))
            or names & {name_of(bundle), bundle.machine_name}
            or bundle.cell("URL alias pattern").strip("/").partition("/")[0] in places - {"", "-"}
            if frozenset({view.key, bundle.key}) not in bound
        ]
    return found


def referring_rows(facts: GroupFacts) -> list[tuple[Entity, Entity]]:
    """Return the fields outside a removal that refer to what it removes, with that."""
    specification = facts.session.specification
    own = {row.key for row in (*facts.own_rows, *facts.session.removed_heads)}
    return [
        (row, head)
        for head in facts.group.heads
        for row, _ in specification.referrers_of.get(head.key, ())
        if row.kind is EntityKind.FIELD and row.key not in own and (row.owner_key or "") not in own
    ]


def reading_runs(facts: GroupFacts) -> list[tuple[Entity, str]]:
    """Return the migrations whose source names what a ticket removes, with its name: they run before.

    A field that goes is named by its machine name, and what it refers to goes as well; no
    migration reads a view.
    """
    gone = [row for row in facts.own_rows if row.status is Status.DELETED]
    if facts.group.action is GroupAction.REMOVE:
        gone = [head for head in facts.group.heads if head.kind is not EntityKind.VIEW]
    names: dict[str, str] = {}
    for row in gone:
        if is_machine_name_given(row):
            names.setdefault(row.machine_name, row.machine_name)
            for owner in facts.session.specification.by_key.get(row.owner_key or "", ())[:1]:
                names[f"{owner.machine_name}.{row.machine_name}"] = row.machine_name
        if row.kind is not EntityKind.FIELD:
            names[name_of(row)] = name_of(row)
            names[row.machine_name] = name_of(row)
        for reference in row.references:
            for target in facts.session.specification.by_key.get(reference.target_key or "", ()):
                if target.status is Status.DELETED:
                    names[name_of(target)] = name_of(target)
    found = {
        (run.key, what): (run, what)
        for name, what in names.items()
        for run in runs_reading(facts.session).get(name, ())
    }
    return list(found.values())


def read_removals(facts: GroupFacts) -> list[Entity]:
    """Return what removals take away and a migration reads: it runs before them."""
    bound = {head.key for head, _, _ in bound_removals(facts)}
    reading = runs_reading(facts.session)
    return [
        head
        for head in facts.session.removed_heads
        if head.kind is not EntityKind.VIEW and head.key not in bound
        if any(facts.head in reading.get(name, ()) for name in (name_of(head), head.machine_name))
    ]


@once_per_session
def _rows_before_removals(session: SessionFacts) -> Sequence[tuple[EntityGroup, Entity]]:
    """Return rows that stay and whose notes take something away or replace it, with their tickets."""
    return [
        (group, row)
        for group in session.in_order
        if group.action is not GroupAction.REMOVE
        for row in (*group.heads, *group.members)
        if row.kind is EntityKind.FIELD and BEFOREHAND.search(row.note)
    ]


def preparing_rows(facts: GroupFacts) -> list[tuple[EntityGroup, Entity, list[str]]]:
    """Return the rows of other tickets whose notes say what comes before the removal."""
    named = "|".join(re.escape(name_of(head)) for head in facts.group.heads)
    naming = re.compile(rf"\b(?:{named})\b")
    found = []
    for group, row in _rows_before_removals(facts.session):
        if group.key == facts.group.key or not naming.search(row.note):
            continue
        sentences = [*filter(naming.search, settled_sentences(row))]
        if any(map(BEFOREHAND.search, sentences)):
            found.append((group, row, sentences[:_QUOTATIONS_MAX]))
    return found


BEFOREHAND = re.compile(
    r"\b(?:no longer|tak(?:e|es|en)\b.* out|replac\w+|remov\w+|drop(?:s|ped)?)\b", re.IGNORECASE
)
"""What a note says that takes away what a removal would find in use."""
_QUOTATIONS_MAX = 3


def redirect_views(facts: GroupFacts) -> list[tuple[str, EntityGroup]]:
    """Return the paths that redirects of what a ticket removes lead to, if a later view brings them."""
    gone = [r for r in facts.own_rows if r.status is Status.DELETED]
    sentences = [s for row in gone for s in note_sentences(row) if _REDIRECT.search(s)]
    paths = [path.strip("/") for s in sentences for path in _REDIRECT_TO.findall(s)]
    new = _new_paths(facts.session)
    return [
        (path, facts.session.building[new[path].source])
        for path in dict.fromkeys(paths)
        if path in new
    ]


_REDIRECT = re.compile(r"\bredirect|\b301\b", re.IGNORECASE)
_REDIRECT_TO = re.compile(r"(?:(?:\bto|->|→) |/)([\w/-]+)")


@once_per_session
def _new_paths(session: SessionFacts) -> Mapping[str, Entity]:
    """Return the views and displays to build anew by their paths, without slashes around."""
    rows = [row for kind in VIEWS for row in session.specification.by_kind[kind]]
    paths = [(path_of(row).strip("/"), row) for row in rows if row.status is Status.APPROVED]
    return {path: row for path, row in paths if path and row.source in session.building}


def views_naming(facts: GroupFacts) -> list[tuple[EntityGroup, Entity]]:
    """Return the fields that a ticket takes from a bundle to stay and that views name, with those.

    By machine name, or by a label of several words.
    """
    if facts.group.action is GroupAction.REMOVE:
        return []
    found = {
        (group.key, row.key): (group, row)
        for row in facts.with_status(Status.DELETED)
        if row.kind is EntityKind.FIELD
        for name in (row.machine_name, row.label)
        if "_" in name or " " in name
        for other in _view_rows_naming(facts.session).get(name, ())
        if (group := facts.session.building.get(other.source)) and group is not facts.group
    }
    return list(found.values())


@once_per_session
def _view_rows_naming(session: SessionFacts) -> Mapping[str, Sequence[Entity]]:
    """Return the rows of views to stay or to come by each name that notes, filters and sorting may hold."""
    return rows_by_name(
        (name, row)
        for kind in VIEWS
        for row in session.specification.by_kind[kind]
        if row.status not in GONE
        for name in phrases_in(
            f"{row.note} ; {setting_of(row, 'filters')} ; {setting_of(row, 'sort')}"
        )
    )


def going_rows(facts: GroupFacts) -> tuple[list[Entity], list[Entity]]:
    """Return what a removal takes along, each name once: what is its own, and shared fields.

    The storage of a shared field stays, as other bundles use it; labels are no fields of their own.
    """
    index = facts.session.index
    gone = {head.key for head in facts.group.heads}
    own: dict[tuple[EntityKind, str], Entity] = {}
    shared: dict[tuple[EntityKind, str], Entity] = {}
    for row in facts.group.members:
        if family_of(row.cell("Field type")) == LABEL:
            continue
        is_field = row.kind is EntityKind.FIELD and is_machine_name_given(row)
        is_shared = is_field and bool(set(index.storage_of(row).live_users) - gone)
        found = shared if is_shared else own
        found.setdefault((row.kind, row.machine_name if is_field else row.key), row)
    return list(own.values()), list(shared.values())
