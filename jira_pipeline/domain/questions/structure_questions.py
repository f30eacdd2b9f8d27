"""Questions about groups, views, roles, modes and styles as wholes.

Belongs here: what a kind of thing always leaves unsaid in these sheets, and groups in which
nothing is approved. Does not: bundles (`bundle_questions`), workflows (`workflow_questions`),
single fields (`field_questions`).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from jira_pipeline.domain.entities import (
    NOTE_COLUMNS,
    BundleType,
    Entity,
    EntityKind,
    Status,
)
from jira_pipeline.domain.entity_groups import EntityGroup, GroupAction
from jira_pipeline.domain.note_sentences import sentences_of
from jira_pipeline.domain.questions.bundle_questions import bundle_doubts, is_source
from jira_pipeline.domain.questions.doubts import (
    SUBJECTS,
    Doubt,
    marked,
    marked_subject,
    plain,
    why_unknown,
)
from jira_pipeline.domain.questions.field_questions import REFERENCE, family_of, is_required
from jira_pipeline.domain.questions.question_index import (
    QuestionIndex,
    destination_cells,
    filled_by,
    is_machine_name_given,
    name_of,
    once_per_session,
    stems_of,
)
from jira_pipeline.domain.questions.row_questions import PROSE_COLUMNS, is_to_build
from jira_pipeline.domain.questions.workflow_questions import (
    is_published,
    transition_doubts,
    workflow_doubts,
)
from jira_pipeline.domain.role_notes import BYPASSING_ROLE
from jira_pipeline.domain.view_displays import (
    path_of,
    plugin_of,
    says_what_it_shows,
    setting_of,
)

_SIZE = re.compile(r"(?<![\d.])(\d{2,5}) ?[x×] ?(\d{2,5})(?!\.?\d)")
_FACTOR = re.compile(r"\b(\d(?:\.\d+)?)x\b")
_VIEWS_LISTED_MAX = 12
_RUNS_LISTED_MAX = 12
_STATUS_WORDS: Mapping[Status, str] = {
    Status.IMPLEMENTED: "already there",
    Status.WAITING: "on hold",
    Status.DELETED: "to be removed",
}


def group_doubts(group: EntityGroup, index: QuestionIndex) -> Iterator[Doubt]:
    """Find what the head and the members of a group leave open as a whole."""
    if group.action is GroupAction.REMOVE:
        yield from _content_doubts(group, group.heads, index)
        for head in group.heads:
            yield from _rest_doubts(head, index)
        return
    if not group.is_hollow:
        yield from _content_doubts(group, group.members, index)
    if group.is_hollow and group.heads and (group.members or not group.heads[0].note):
        yield _hollow_doubt(group)
    elif _is_changed_without_a_word(group):
        are_shown = any(row.status is Status.CHANGED for row in group.members)
        yield Doubt(
            rank=0,
            topic="changed",
            entity=group.heads[0],
            column="X",
            quote=group.heads[0].cell("X"),
            question=f"{SUBJECTS} is marked as changed, and no row says what: what changes?",
            suggested_answer="What differs from the rows here" if are_shown else "",
            suggested_because="they say how it is to be",
        )


def kind_doubts(entity: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find what a row of its kind always leaves unsaid."""
    rule = _RULES.get(entity.kind)
    if rule is not None and is_to_build(entity):
        yield from rule(entity, index)


def _content_doubts(
    group: EntityGroup, rows: Sequence[Entity], index: QuestionIndex
) -> Iterator[Doubt]:
    """Ask once in a ticket what becomes of the content that leaves with bundles and fields.

    A note on the row or a migration that names them is the answer, or that nobody uses them. Where
    the target goes too, that ticket asks; where the source of a media type goes, its question does.
    A new bundle has no content yet.
    """
    holders = {EntityKind.BUNDLE, EntityKind.FIELD}
    is_new = group.action is GroupAction.CREATE
    for row in rows:
        notes = " ".join(head.note for head in group.heads if head.source != row.source)
        is_named = re.search(
            rf"\b(?:{re.escape(name_of(row))}|{re.escape(row.machine_name)})\b", notes
        )
        targets = (index.specification.by_key.get(r.target_key or "", ()) for r in row.references)
        goes_with = any(t.status is Status.DELETED for found in targets for t in found)
        users = (field for field, _ in index.specification.referrers_of.get(row.key, ()))
        is_unused = any(map(_UNUSED.search, (row.cell("Description"), *(u.note for u in users))))
        is_answer = row.note if row.kind is EntityKind.FIELD else _FATE.search(row.note)
        is_noted = is_named or goes_with or is_answer or is_unused
        is_settled = is_new or is_noted or is_source(row) or index.is_in_a_migration(row)
        if row.status is Status.DELETED and row.kind in holders and not is_settled:
            yield Doubt(
                rank=26,
                topic="existing content",
                entity=row,
                column="X",
                quote=row.cell("X"),
                question=f"If {SUBJECTS} is on the site: may its content be deleted, or where does "
                "it go?",
                question_for_many=f"If {SUBJECTS} are on the site: may their content be deleted, "
                "or where does it go?",
            )


_FATE = re.compile(
    r"\b(?:content|nodes?|items|entries|blocks?|terms|copies|exports?|used|uses|in use|everywhere|goes with)\b",
    re.IGNORECASE,
)
"""What a note says of the content of a bundle that goes."""
_UNUSED = re.compile(
    r"\bunused\b|\b(?:nobody|no one|never|not|no longer) (?:\w+ )?(?:uses?|used|needed)\b",
    re.IGNORECASE,
)


def _rest_doubts(bundle: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Ask what becomes of the content of a bundle that goes, where a migration reads only a part."""
    for run in index.specification.by_kind[EntityKind.MIGRATION]:
        said = " ".join((*run.cells.values(), bundle.note))
        is_read = is_to_build(run) and bundle in _bundles_read(run, index)
        part = _PART.search(" ".join((run.cell("Source"), run.note)))
        if bundle.kind is EntityKind.BUNDLE and is_read and part and not _REST.search(said):
            yield Doubt(
                rank=26,
                topic="rest",
                entity=bundle,
                column="X",
                quote=bundle.cell("X"),
                question=f"{plain(name_of(run))} takes over only a part of {SUBJECTS} "
                f"(“{plain(part[0])}”): is the rest deleted with it, or where "
                "does it go?",
            )


_PART = re.compile(
    r"\b(?:(?:upcoming|future|current|recent|selected) (?:ones|items|nodes|\w+s)\b(?: only)?|not all\b"
    r"|only (?:the last|the \w+ ones|those|from|since|upcoming|future|current|recent|selected)\b"
    r"|(?:approx\.? |about )?\d+ of (?:the )?\d+\b|(?:since|from) (?:19|20)\d\d\b)",
    re.IGNORECASE,
)
"""What says that a migration takes a part of its source."""
_REST = re.compile(
    r"\b(?:rest|others?|older|not (?:taken|kept|migrated)|dropped|archived?)\b", re.IGNORECASE
)
"""What says what becomes of the other part."""


def staying_doubts(bundle: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find fields that stay and may refer to nothing but what goes."""
    if bundle.kind is not EntityKind.BUNDLE or bundle.status is not Status.DELETED:
        return
    for field, _ in index.specification.referrers_of.get(bundle.key, ()):
        targets = [index.specification.by_key.get(r.target_key or "", ()) for r in field.references]
        is_left = any(t.status is not Status.DELETED for found in targets for t in found)
        if field.kind is EntityKind.FIELD and field.status is Status.IMPLEMENTED and not is_left:
            yield Doubt(
                rank=25,
                topic=f"staying {field.key}",
                entity=field,
                column="X",
                quote=field.cell("X"),
                question=f"{SUBJECTS} of {plain(index.owner_name(field))} stays and refers only to "
                f"{plain(name_of(bundle))}, which goes: is the field removed too, or what does it "
                "refer to then?",
            )


def used_doubts(row: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Ask where a display that stays uses a field that goes: in the tickets of both."""
    by_key = index.specification.by_key
    for use in index.uses_of_what_goes.get(row.source, ()):
        views = dict.fromkeys(
            f"“{plain(view.label)}”"
            for display, _ in use.places
            for view in by_key.get(display.owner_key or "", ())[:1]
        )
        of = f" of {' and '.join(views)}" if views else ""
        where = f" ({', '.join(dict.fromkeys(column for _, column in use.places))})"
        for display, column in use.places:
            beginning = (
                f"{marked_subject(use.field)} of {plain(index.owner_name(use.field))} goes, but"
            )
            yield Doubt(
                rank=25,
                topic=f"used {use.field.key}",
                entity=display,
                column=column,
                quote=display.cell(column),
                question=f"{beginning} {SUBJECTS}{of} uses it{where}: drop it there, or keep the field?",
                question_for_many=f"{beginning} {SUBJECTS}{of} use it{where}: drop it there, or keep the field?",
            )


def _is_changed_without_a_word(group: EntityGroup) -> bool:
    """Tell whether a head is changed, and nothing that says what is new or goes."""
    head, *others = (*group.heads, *group.members)
    is_silent = head.status is Status.CHANGED and not head.note
    return (
        is_silent
        and bool(group.members)
        and not any(
            row.status in {Status.APPROVED, Status.DELETED}
            or (row.status is Status.CHANGED and _OF_A_CHANGE.search(row.note))
            for row in others
        )
    )


_OF_A_CHANGE = re.compile(
    r"\+|\b(?:new|add(?:s|ed)?|now|was|were|so far|instead|no longer|replac\w+|remov\w+|chang\w+|drop\w*"
    r"|goes|gets|becomes?|loses|also|more|switch\w*|includ\w+|renam\w+|mov\w+|takes|allow|off|out|in)\b",
    re.IGNORECASE,
)
"""Words of a note that says what changes."""


def _hollow_doubt(group: EntityGroup) -> Doubt:
    head = group.heads[0]
    counts = Counter(member.status for member in group.members)
    counted = ", ".join(f"{counts[s]} {words}" for s, words in _STATUS_WORDS.items() if counts[s])
    state = f"none of its rows is ({counted})" if counted else "these sheets give it no rows"
    return Doubt(
        rank=0,
        topic="hollow",
        entity=head,
        column="X",
        quote=head.cell("X"),
        question=f"{SUBJECTS} is approved but {state}: should it be built, wait, or be left out?",
    )


_BEFORE_OR_AFTER = re.compile(r"\b(?:before|after|above|below)\b", re.IGNORECASE)
_ATTACHED_TO = re.compile(
    r"\battach\w*|\b(?:to|before|after|above|below) (?:the )?[^\W\d]\w+", re.IGNORECASE
)
_WHO_MAY_OPEN = re.compile(
    r"\b(?:access|roles?|visitors?|public|admins?|anonymous|authenticated|permissions?)\b",
    re.IGNORECASE,
)


def _display_doubts(display: Entity, _: QuestionIndex) -> Iterator[Doubt]:
    """Ask where a display is found, as far as its row does not say it."""
    plugin, note = plugin_of(display), display.note
    if plugin == "attachment":
        is_placed, is_attached = _BEFORE_OR_AFTER.search(note), _ATTACHED_TO.search(note)
        which = "" if is_attached else f"To which display is {SUBJECTS} attached"
        where = "" if is_placed else "before or after it"
        if which or where:
            yield Doubt(
                rank=28,
                topic=f"attachment {bool(which)} {bool(where)}",
                entity=display,
                column="Display plugin",
                quote=display.cell("Display plugin"),
                question=f"{', '.join(part for part in (which, where) if part)}?"
                if which
                else f"Is {SUBJECTS} attached before or after its display?",
            )
    elif plugin == "page" and says_what_it_shows(display) and not path_of(display):
        access = setting_of(display, "access") or _WHO_MAY_OPEN.search(note)
        yield Doubt(
            rank=28,
            topic=f"page {bool(access)}",
            entity=display,
            column="Display plugin",
            quote=display.cell("Display plugin"),
            question=f"What is the path of the page {SUBJECTS}"
            f"{'' if access else ', and who may open it'}?",
            question_for_many=f"What are the paths of the pages {SUBJECTS}"
            f"{'' if access else ', and who may open them'}?",
        )


_ASKED_SETTINGS: Mapping[str, str] = {
    "filters": "content and filters",
    "path": "path or region",
    "format": "format",
    "sort": "sort order",
    "pager": "items per page",
    "access": "access",
    "empty": "text without results",
}


def _view_doubts(view: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Ask once for all views what displays show of which the sheets say nothing."""
    yield from _index_doubts(view, index)
    found = index.silent_views
    if not found or found[0][0].key != view.key:
        return
    shown = [
        f"{plain(name_of(of))}: {', '.join(marked_subject(row) for row in silent)}"
        for of, silent in found[:_VIEWS_LISTED_MAX]
    ]
    rest = len(found) - len(shown)
    missing = [
        words
        for setting, words in _ASKED_SETTINGS.items()
        if not any(setting_of(row, setting) for _, silent in found for row in silent)
        and (setting != "path" or not any(path_of(row) for _, silent in found for row in silent))
    ]
    if all(index.listed_by(of) for of, _ in found):
        missing = [words.removeprefix("content and ") for words in missing]
    more = f"; and {rest} more view{'' if rest == 1 else 's'}" if rest else ""
    many = f" (asked here once for {len(found)} views)" if len(found) > 1 else ""
    yield Doubt(
        rank=29,
        topic="silent displays",
        entity=view,
        column="Notes",
        quote="",
        question=f"Please give {', '.join(missing)}: the sheets do not say what these displays "
        f"show{many}. {'; '.join(shown)}{more}.",
    )


def _index_doubts(view: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Ask once who makes the search index that views are based on: no sheet has rows for one."""
    table = view.cell("Base table")
    if not table.casefold().startswith("index "):
        return
    known = (r for r in index.specification.by_kind[EntityKind.CUSTOM] if r.label in table)
    based = (
        other.source
        for other in index.specification.by_kind[EntityKind.VIEW]
        if other.cell("Base table") == table
        and any(map(is_to_build, index.specification.members_of.get(other.key, ())))
    )
    if next(based, None) == view.source and not any(known):
        yield Doubt(
            rank=23,
            topic=f"index {table.casefold()}",
            entity=view,
            column="Base table",
            quote=table,
            question=f"Is the search index “{plain(table[6:].strip())}” there already, with its server, "
            "else which ticket makes it, and which fields does it hold?",
            answered_by=re.compile(r"\bindex\b", re.IGNORECASE).search,
            beside=tuple(index.specification.members_of.get(view.key, ())),
        )


def _migration_doubts(run: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Ask for the mapping of a migration, and what fills required fields."""
    members = index.specification.members_of
    fields = _filled_fields(run, index)
    if not _is_run(run):
        return
    noted = [f for f in fields if _FROM_MIGRATION.search(f.note)]
    yield from _mapping_doubts(run, index)
    yield from _state_doubts(run, index)
    yield from _homeless_doubts(run, fields, index)
    yield from _referring_doubts(run, index)
    mentioned = stems_of(" ".join(v for c, v in run.cells.items() if c not in _UPKEEP))
    called = (n for n in (run.label, run.machine_name) if not n.isalpha() and n)
    run_name = re.compile("|".join(rf"(?<!\w){re.escape(n)}(?!\w)" for n in called) or r"(?!)")
    for field in fields if _is_mapped(run, index) else ():  # else the question on that asks
        is_new = is_to_build(field) and family_of(field.cell("Field type")) in {
            REFERENCE,
            "image",
            "list",
        }
        targets = [index.specification.by_key.get(r.target_key or "", ()) for r in field.references]
        rows = (field, *(target for found in targets for target in found))
        is_filled = any(name_of(target).casefold() in index.filled_names for target in rows[1:])
        keyed = (field, *(row for target in rows[1:] for row in members.get(target.key, ())))
        is_given = is_filled or field in noted or any(run_name.search(row.note) for row in rows)
        is_given |= any(_IMPORTED.search(row.note) for row in keyed)
        names = (stems_of(field.label), *(stems_of(name_of(target)) for target in rows[1:]))
        is_given |= bool(_DEFAULTS.search(field.note)) or any(n and n <= mentioned for n in names)
        is_given |= field.bundle_type is BundleType.MEDIA
        named = stems_of(" ".join(_FROM.findall(field.note)))
        is_given |= not named.isdisjoint(stems_of(run.cell("Source")))
        if is_new and is_required(field) and not is_given:
            yield Doubt(
                rank=24,
                topic="required",
                entity=field,
                column="Req'd",
                quote=field.cell("Req'd"),
                question=f"{SUBJECTS} must be filled in, and {plain(name_of(run))} names no source for "
                "it: what do the migrated items get?",
                question_for_many=f"{SUBJECTS} must be filled in, and {plain(name_of(run))} names no "
                "source for them: what do the migrated items get?",
            )


_LONGEST_NAME = 4
"""Words of the name of a bundle that a source is searched for."""


def _bundles_read(run: Entity, index: QuestionIndex) -> list[Entity]:
    """Return the bundles of the site that the source of a migration names."""
    words = re.findall(r"\w+", _source_of(run).casefold())
    ends = range(1, _LONGEST_NAME + 1)
    names = {" ".join(words[at : at + n]) for at in range(len(words)) for n in ends}
    return [b for name in sorted(names) for b in index.bundles_by_name.get(name, ())]


def _homeless_doubts(
    run: Entity, filled: Sequence[Entity], index: QuestionIndex
) -> Iterator[Doubt]:
    """Find fields that go with the bundle a migration reads, and that its destination lacks."""
    there = {f.machine_name for f in filled}
    said = stems_of(" ".join((run.note, *(f.label for f in filled))))
    for source in _bundles_read(run, index):
        for field in index.specification.members_of.get(source.key, ()):
            is_going = source.status is Status.DELETED and field.kind is EntityKind.FIELD
            is_known = field.machine_name in there or not said.isdisjoint(stems_of(field.label))
            if filled and is_going and not is_known and not field.note:
                of = plain(index.owner_name(filled[0]))
                family = family_of(field.cell("Field type"))
                like = [f for f in filled if family_of(f.cell("Field type")) == family]
                yield Doubt(
                    rank=25,
                    topic=f"homeless {source.key}",
                    entity=field,
                    column="X",
                    quote=field.cell("X"),
                    question=f"{SUBJECTS} of {plain(name_of(source))} has no field of that name in {of}: "
                    "where do its values go, or are they dropped?",
                    question_for_many=f"{SUBJECTS} of {plain(name_of(source))} have no fields of those "
                    f"names in {of}: where do their values go, or are they dropped?",
                    suggested_answer=f"Into {plain(like[0].label)}" if len(like) == 1 else "",
                    suggested_because="the only field of its type",
                )


def bundles_taken_apart(run: Entity, index: QuestionIndex) -> list[Entity]:
    """Return the bundles that stay of which the source of a migration names a field."""
    source = _source_of(run)
    return [
        bundle
        for bundle in _bundles_read(run, index)
        if bundle.status is not Status.DELETED
        for row in index.specification.members_of.get(bundle.key, ())
        if is_machine_name_given(row)
        and re.search(rf"(?<!\w){re.escape(row.machine_name)}(?!\w)", source)
    ]


def referring_fields(run: Entity, index: QuestionIndex) -> list[Entity]:
    """Return the new fields that refer to what a migration of nothing but media or paragraphs brings.

    Only those of the bundle whose field it reads, where its source names one.
    """
    brought, read = destinations_of(run, index), bundles_taken_apart(run, index)
    if any(b.bundle_type not in {BundleType.MEDIA, BundleType.PARAGRAPH} for b in brought):
        return []
    rows = (row for b in brought for row, _ in index.specification.referrers_of.get(b.key, ()))
    return [
        row
        for row in rows
        if row.kind is EntityKind.FIELD and row.status is Status.APPROVED
        if not read or row.owner_key in {bundle.key for bundle in read}
    ]


def _referring_doubts(run: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Ask which of several fields gets what comes out of a field of the same bundle."""
    fields = referring_fields(run, index) if bundles_taken_apart(run, index) else []
    said, source = stems_of(run.note), stems_of(_source_of(run).replace("_", " "))
    if len(fields) <= 1 or any(stems_of(field.label) <= said for field in fields):
        return
    like = [field for field in fields if stems_of(field.label) <= source]
    yield Doubt(
        rank=24,
        topic="referring",
        entity=run,
        column="Source",
        quote=run.cell("Source"),
        question=f"Which field of {plain(index.owner_name(fields[0]))} refers to what {SUBJECTS} "
        f"brings: {' or '.join(marked(field.machine_name) for field in fields)}?",
        suggested_answer=marked(like[0].machine_name) if len(like) == 1 else "",
        suggested_because="its name is in that of the source",
    )


def _is_run(run: Entity) -> bool:
    """Tell whether a migration creates content from a source."""
    is_update = any(map(_UPDATES.search, sentences_of(run.note)))
    return run.cell("Source").casefold() not in _NO_SOURCE and not is_update


def _filled_fields(run: Entity, index: QuestionIndex) -> list[Entity]:
    """Return the fields of the bundles a migration fills."""
    return [
        row
        for bundle in destinations_of(run, index)
        for row in index.specification.members_of.get(bundle.key, ())
        if row.kind is EntityKind.FIELD and is_machine_name_given(row)
    ]


def _mapping_doubts(run: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Ask for the source of a migration, and once for all migrations what of it goes where."""
    is_mapped, source = _is_mapped(run, index), _source_of(run)
    mapping = "" if is_mapped else ", and which of its fields or columns goes into which field"
    question = f"Where does the source of {SUBJECTS} lie{mapping}? The sheets do not say."
    if source and is_mapped:
        return
    if source:
        first, *others = unmapped_runs(index)
        if first.source != run.source:
            return
        names = [SUBJECTS, *(f"“{plain(name_of(other))}”" for other in others)]
        filled = (f for r in (run, *others) for f in _filled_fields(r, index))
        required = ", and what do required fields get that it does not fill"
        lacking = required if any(map(is_required, filled)) else ""
        of = "each source" if names[1:] else f"the source “{source}”"
        if len(names) > _RUNS_LISTED_MAX:
            names[_RUNS_LISTED_MAX:] = [f"{len(names) - _RUNS_LISTED_MAX} more"]
        listed = " or ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
        question = f"Which part of {of} goes into which field{lacking}? No sheet maps {listed}."
    yield Doubt(rank=23, topic="mapping", entity=run, column="Notes", quote="", question=question)


def _state_doubts(run: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Ask once in which state of their workflow the items of migrations arrive."""
    runs = stateless_runs(index)
    if run.source not in {first.source for first, _ in runs[:1]}:
        return
    names = [SUBJECTS, *(f"“{plain(name_of(other))}”" for other, _ in runs[1:_RUNS_LISTED_MAX])]
    names += [f"{len(runs) - _RUNS_LISTED_MAX} more"] if runs[_RUNS_LISTED_MAX:] else []
    listed = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
    seen = [[state for state in states if is_published(state)] for _, states in runs]
    labels = dict.fromkeys(plain(s.label) for states in seen for s in states)
    yield Doubt(
        rank=24,
        topic="state",
        entity=run,
        column="Notes",
        quote="",
        question=f"In which state of their workflow do the items of {listed} arrive? No sheet says.",
        suggested_answer=f"{' or '.join(labels)}, save what is unpublished at the source"
        if all(len(states) == 1 for states in seen)
        else "",
        suggested_because="visitors would see none of them otherwise",
    )


@once_per_session
def stateless_runs(index: QuestionIndex) -> Sequence[tuple[Entity, Sequence[Entity]]]:
    """Find the migrations whose items nothing gives a state, with the states of their workflow."""
    runs = index.specification.by_kind[EntityKind.MIGRATION]
    return [(run, states) for run in runs if (states := _states_to_choose(run, index))]


def _states_to_choose(run: Entity, index: QuestionIndex) -> Sequence[Entity]:
    """Return the states of what a migration fills; none where a row says in which items arrive."""
    bundles = destinations_of(run, index) if is_to_build(run) and _is_run(run) else ()
    for bundle in bundles:
        workflow = (index.workflow_of(bundle) or [None])[0]
        rows = index.specification.members_of.get(workflow.key, ()) if workflow else ()
        states = [row for row in rows if row.kind is EntityKind.WORKFLOW_STATE]
        names = "|".join(re.escape(s.label) for s in states if s.label) or "(?!)"
        state = re.compile(rf"\b(?:states?|(?:un)?published|{names})\b", re.IGNORECASE)
        said = [
            r.note
            for r in (workflow, *states)
            if r and (_FROM_MIGRATION.search(r.note) or "existing" in r.note.casefold())
        ]
        said += [s for s in sentences_of(bundle.note) if _FROM_MIGRATION.search(s)]
        if states and not any(map(state.search, (run.note, *said))):
            return states
    return ()


@once_per_session
def unmapped_runs(index: QuestionIndex) -> Sequence[Entity]:
    """Find the migrations to build of which no sheet says what goes where; the first asks for all."""
    runs = filter(is_to_build, index.specification.by_kind[EntityKind.MIGRATION])
    return [r for r in runs if _is_run(r) and _source_of(r) and not _is_mapped(r, index)]


def _source_of(run: Entity) -> str:
    arrows = (cell.partition("->")[0].strip() for cell in run.cells.values() if "->" in cell)
    return plain(run.cell("Source") or next(arrows, ""))


def _is_mapped(run: Entity, index: QuestionIndex) -> bool:
    """Tell whether a row says what goes where, or only one field could take anything."""
    filled = [f for f in _filled_fields(run, index) if f.status is not Status.DELETED]
    fields = [f for f in filled if f.bundle_type is BundleType.CONTENT]
    if len(fields) <= 1 or any(f.cell("Source") for f in fields):
        return True
    prose = [s for c in ("Source", *PROSE_COLUMNS) for s in sentences_of(run.cell(c))]
    said = stems_of(" ".join(s for s in sentences_of(run.note) if not _ORDER.search(s)))
    known = [f for f in fields if _FROM_MIGRATION.search(f.note)]
    known += [f for f in fields if stems_of(f.label) and stems_of(f.label) <= said]
    required = [f for f in fields if is_required(f)]
    referred = (re.sub(r"\([^()]*\)", "", f.cell("Ref. bundle")) for f in fields)
    names = stems_of(" ".join((*(f.label for f in fields), *referred)))
    return (
        len(known) >= _MAPPED_FIELDS_MIN
        or (len(required) == 1 and required[0] in known)
        or any(_MAPPED.search(s) or len(_ASSIGNED.findall(s)) >= _MAPPED_FIELDS_MIN for s in prose)
        or any(not names.isdisjoint(stems_of(" ".join(_TURNED.findall(s)))) for s in prose)
    )


_MAPPED_FIELDS_MIN = 2
_MAPPED = re.compile(
    r"\bmapping\b|\bcolumns?\b|\bholds?\b|https?://|^sets\b|\bfrom the old field\b"
    r"|\bas (?:the )?(?:name|title|label)\b|\bfield_\w|\bmapped\b|\bgoes? into\b",
    re.IGNORECASE,
)
"""What a note or source says of what goes where."""
_TURNED = re.compile(
    r"\b(?:becomes?|map (?:the )?\w+ (?:in)?to|split into)\b([^.;,]*)", re.IGNORECASE
)
"""The same, where what follows names a field or what a field refers to."""
_ORDER = re.compile(r"^(?:after|before|depends on)\b|\bneeds\b", re.IGNORECASE)
"""What says when to run, not what goes where."""
_FROM = re.compile(r"\bfrom (?:the )?(\w+)", re.IGNORECASE)
"""Where a note says that the values of its field come from."""
_ASSIGNED = re.compile(r"\w ?= ?\w")
_FROM_MIGRATION = re.compile(
    r"(?<!\bno )(?<!after )\bmigr?(?:\b|ate|ation|ated)(?!\.? key\b)", re.IGNORECASE
)
"""A field whose note speaks of the migration: `migrated as it is`."""
_IMPORTED = re.compile(r"\b(?:import|feed)\b", re.IGNORECASE)
"""What a note says of the import that fills a field, or the terms it refers to."""
_UPDATES = re.compile(r"\bupdates? (?:existing|script|hook)\b", re.IGNORECASE)
"""What changes content that is there, field by field, and creates none."""
_NO_SOURCE = frozenset({"-", "none", "no", "n/a"})
"""Where there is nothing to run."""
_DEFAULTS = re.compile(r"\bdefaults?\b", re.IGNORECASE)


def _unfilled_doubts(bundle: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find content that is to be migrated, and that no migration of the sheets speaks of."""
    is_own = bundle.bundle_type is BundleType.CONTENT
    is_own &= bool(index.specification.by_kind[EntityKind.MIGRATION])
    is_migrated = bundle.cell("Migr.").casefold() in {"y", "yes"}
    if is_own and is_migrated and not index.is_in_a_migration(bundle):
        yield Doubt(
            rank=28,
            topic="unfilled",
            entity=bundle,
            column="Migr.",
            quote=bundle.cell("Migr."),
            question=f"Migr. is y, but no migration of the sheets fills {SUBJECTS}: which one does?",
            disputes="Migr.",
        )


def destinations_of(run: Entity, index: QuestionIndex) -> tuple[Entity, ...]:
    """Return the bundles that the cells of a migration name as filled, once each."""
    own = {run.label, run.machine_name}
    cells = (cell for cell in destination_cells(run) if cell not in own)
    names = [name for cell in cells for name in filled_by(cell)]
    found = [b for name in names for b in index.bundles_by_name.get(name, ())]
    return tuple({b.key: b for b in found if b.status is not Status.DELETED}.values())


def _role_doubts(role: Entity, _: QuestionIndex) -> Iterator[Doubt]:
    """Ask for the permissions of a role of which its row says nothing, or only how many."""
    others = any(cell for c, cell in role.cells.items() if c not in {*_UPKEEP, *_OF_ROLES})
    is_counted = _COUNTED.fullmatch(role.note)
    if others or (role.note and not is_counted) or role.machine_name == BYPASSING_ROLE:
        return
    reason = (
        "The sheet only counts them."
        if is_counted
        else why_unknown(role, "Notes", blank="No note says.")
    )
    yield Doubt(
        rank=29,
        topic=f"permissions {bool(is_counted)}",
        entity=role,
        column="Notes",
        quote="",
        question=f"Which permissions does {SUBJECTS} get? {reason}",
        question_for_many=f"Which permissions do {SUBJECTS} get? {reason}",
    )


_COUNTED = re.compile(r"\d+ permissions?\.?", re.IGNORECASE)
_OF_ROLES = frozenset({"Name", "Role", "Label", "Machine name", *NOTE_COLUMNS})


def effects_of(style: Entity) -> str:
    """Return what a column of its own says of the effects of an image style."""
    found = (c for column, c in style.cells.items() if column.casefold() in _EFFECT_COLUMNS)
    return next(filter(None, found), "")


def size_beside_effects(style: Entity) -> str:
    """Return the size that columns of its own give beside the effects; empty where those say it."""
    effects, cells = effects_of(style), {c.casefold(): cell for c, cell in style.cells.items()}
    sizes = (cells.get(column, "") for column in ("size", "sizes", "dimensions"))
    size = next(filter(None, sizes), "")
    width, height = (cells.get(column, "").strip("-") for column in ("width", "height"))
    if width and height:
        size = f"{width} × {height}"
    elif width or height:
        size = f"{width} wide" if width else f"{height} high"
    return "" if size == effects or re.search(r"\d{2}", effects) else size


_EFFECT_COLUMNS = frozenset({"effects", "effect", "size", "sizes", "dimensions"})


def _style_doubts(style: Entity, _: QuestionIndex) -> Iterator[Doubt]:
    note = effects_of(style) or style.note
    if not note:
        yield _blank_doubt(style, "Notes", "Which effects and which size does {} apply?")
        return
    made = _sizes_in(note)
    names = (("label", style.label), ("machine name", style.machine_name.replace("_", " ")))
    for what, name in names:
        sizes = _sizes_in(name)
        if made and sizes and not _is_scaled(sizes[0], made[0], factor=_factor_of(style.label)):
            tabled, wanted = ("x".join(map(str, size)) for size in (sizes[0], made[0]))
            yield Doubt(
                rank=24,
                topic=f"size {style.machine_name}",
                entity=style,
                column="Notes",
                quote=note,
                question=f"The {what} of {SUBJECTS} says {tabled}, its note {wanted}: "
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
    columns = ("Image Style Group(s)", "Breakpoints Used")
    if not any(map(style.cell, (*columns, "Mapping"))):
        yield Doubt(
            rank=24,
            topic="breakpoints",
            entity=style,
            column="Notes",
            quote="",
            question=f"Which image style does {SUBJECTS} use at which breakpoint? The sheets do not "
            "say.",
            question_for_many=f"Which image styles do {SUBJECTS} use at which breakpoints? The "
            "sheets do not say.",
            answered_by=_AT_BREAKPOINT.search,
        )


_AT_BREAKPOINT = re.compile(
    r"\b(?:breakpoints?|mobile|phone|tablet|desk(?:top)?|narrow|medium|wide|\d+ ?px)\b|:",
    re.IGNORECASE,
)
_UPKEEP = frozenset({"ID", "X", "Dev", "QA"})


def _blank_doubt(entity: Entity, column: str, question: str) -> Doubt:
    return Doubt(
        rank=29,
        topic=f"blank {column}",
        entity=entity,
        column=column,
        quote="",
        question=f"{question.replace('{}', SUBJECTS)} "
        + why_unknown(entity, column, blank="Its note is empty."),
        question_for_many=f"{question.replace('does {}', f'do {SUBJECTS}')} "
        + why_unknown(entity, column, blank="Their notes are empty."),
    )


_RULES: Mapping[EntityKind, Callable[[Entity, QuestionIndex], Iterable[Doubt]]] = {
    EntityKind.BUNDLE: lambda row, index: (
        *bundle_doubts(row, index),
        *_unfilled_doubts(row, index),
    ),
    EntityKind.VIEW: _view_doubts,
    EntityKind.VIEW_DISPLAY: _display_doubts,
    EntityKind.WORKFLOW: lambda row, index: (*workflow_doubts(row, index),),
    EntityKind.WORKFLOW_TRANSITION: transition_doubts,
    EntityKind.USER_ROLE: _role_doubts,
    EntityKind.MIGRATION: _migration_doubts,
    EntityKind.IMAGE_STYLE: _style_doubts,
    EntityKind.RESPONSIVE_IMAGE_STYLE: _responsive_doubts,
}
