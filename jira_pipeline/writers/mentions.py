"""What rows of other tickets say that binds this one.

Belongs here: sentences, by whom and about what. Does not: which rows name which others at all
(`named_rows`), rows that bind without a sentence (`related_work`), words (`analysis`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from jira_pipeline.domain.entities import BundleType, Entity, EntityKind, RowSource, Status
from jira_pipeline.domain.entity_groups import EntityGroup, GroupAction, GroupKind
from jira_pipeline.domain.lexicon import lexicon, word_list
from jira_pipeline.domain.note_sentences import items_of, sentences_of
from jira_pipeline.domain.questions.field_questions import BOOLEAN, family_of
from jira_pipeline.domain.questions.question_index import (
    SOURCE,
    name_of,
    once_per_session,
    stems_of,
)
from jira_pipeline.domain.questions.row_questions import PROSE_COLUMNS, is_open
from jira_pipeline.writers.display_rows import bundles_to_index
from jira_pipeline.writers.english import bundle_noun
from jira_pipeline.writers.group_facts import (
    GONE,
    TO_BUILD,
    VIEWS,
    GroupFacts,
    SessionFacts,
    note_sentences,
    settled_sentences,
)
from jira_pipeline.writers.migration_runs import (
    UPKEEP,
    migration_of,
    runs_by_name,
    runs_filling,
    schedule_of,
)
from jira_pipeline.writers.named_rows import (
    SUBJECT_NOUN,
    bare_words,
    folded,
    is_named_in,
    names_of,
    phrases_in,
)
from jira_pipeline.writers.plain_words import singular
from jira_pipeline.writers.removals import bound_removals, preparing_rows
from jira_pipeline.writers.shown_view import shown_view


class Mention(NamedTuple):
    """A sentence of a row that names what another ticket is about."""

    row: Entity
    subject: Entity
    sentence: str


def mentions_of(facts: GroupFacts) -> list[Mention]:
    """Return the sentences of other tickets that rule something here, without what is said anyway."""
    bound = {frozenset({head.key, other.key}) for head, other, _ in bound_removals(facts)}
    run = migration_of(facts) if facts.group.kind is GroupKind.MIGRATION else None
    ordered = {other.key for other in (*run.before, *run.after)} if run else set()
    is_removal = facts.group.action is GroupAction.REMOVE
    prepared = {row.key for _, row, _ in preparing_rows(facts)} if is_removal else set()
    found = [
        mention
        for mention in _mentions(facts.session).get(facts.group.key, ())
        if frozenset({mention.row.key, mention.subject.key}) not in bound
        if mention.row.key not in prepared | ordered
    ]
    found += [m for head in facts.group.heads for m in notes_of_runs(head, facts)]
    known = {(mention.row.source, mention.sentence) for mention in found}
    more = _rules_of_migrating(facts, run.destinations) if run else []
    if facts.group.kind is GroupKind.VIEW and facts.group.heads:
        more = rules_of_listing(facts)
    more += notes_of_fields_named(facts)
    return [*found, *(m for m in more if (m.row.source, m.sentence) not in known)]


@once_per_session
def _mentions(session: SessionFacts) -> Mapping[str, Sequence[Mention]]:
    """Return the sentences of other tickets that rule something, by the key of the ticket they name.

    Those on removals and migrations, and what fields, bundles, states and modes say of views.
    """
    bundles = {bare_words(name_of(b)) for b in session.specification.by_kind[EntityKind.BUNDLE]}
    found: dict[str, dict[tuple[RowSource, str], Mention]] = {}
    for row, name, group, subject in _rows_ruling(session):
        is_view = subject.kind in VIEWS
        own = session.building[row.source]
        is_alone = own.action is GroupAction.REMOVE and row in own.heads
        is_run = subject.kind is EntityKind.MIGRATION
        is_alone |= " " in name and not is_run and not (is_view and bare_words(name) in bundles)
        is_kept = group.action is not GroupAction.REMOVE
        for sentence in sentences_of(_ruling_prose(row) if is_view else row.note):
            rest = re.sub(SUBJECT_NOUN, "", sentence.replace(name, ""), flags=re.IGNORECASE)
            is_settled = not (is_kept and is_open(sentence)) and re.search(r"\w", rest)
            if is_settled and is_named_in(sentence, name, subject, is_alone=is_alone):
                of_group = found.setdefault(group.key, {})
                of_group[row.source, sentence] = Mention(row, subject, sentence)
    rules = _of_other_tickets(session, (*_rules_of_kinds(session), *_rules_of_imports(session)))
    for mention in (*_labels_named(session), *rules):
        of_group = found.setdefault(session.building[mention.subject.source].key, {})
        of_group.setdefault((mention.row.source, mention.sentence), mention)
    return {key: tuple(mentions.values()) for key, mentions in found.items()}


def _rows_ruling(session: SessionFacts) -> Iterator[tuple[Entity, str, EntityGroup, Entity]]:
    """Yield rows whose word binds another ticket, the name they use, that ticket, its subject."""
    subjects = _subjects_by_name(session.groups.values())
    for row in session.specification.entities:
        own = session.building.get(row.source)
        if own is None or row.status is Status.WAITING:
            continue
        names = {m.name: None for m in session.named_rows.names_in.get(row.source, ())}
        names |= dict.fromkeys(_WITH_UNDERSCORE.findall(row.note))
        for name in names:
            for group, subject in subjects.get(name, ()):
                if group.key != own.key and _is_ruled(row, group, subject):
                    yield row, name, group, subject


def _subjects_by_name(
    groups: Iterable[EntityGroup],
) -> Mapping[str, Sequence[tuple[EntityGroup, Entity]]]:
    """Return what tickets are about by each name that other rows may call it, if one only."""
    found: dict[str, list[tuple[EntityGroup, Entity]]] = {}
    for group in groups:
        displays = [m for m in group.members if m.kind is EntityKind.VIEW_DISPLAY]
        for subject in (*group.heads, *displays):
            is_display = subject.kind is EntityKind.VIEW_DISPLAY
            names = [subject.machine_name] if is_display else names_of(subject)
            for name in names if subject.status is not Status.WAITING else ():
                found.setdefault(name, []).append((group, subject))
    return {name: subjects for name, subjects in found.items() if len(subjects) == 1}


def _is_ruled(row: Entity, group: EntityGroup, subject: Entity) -> bool:
    """Tell whether what a row says of a subject binds the ticket of that."""
    if subject.kind is EntityKind.MIGRATION:
        return row.kind not in VIEWS
    if group.action is GroupAction.REMOVE:
        return True
    ruling = _RULING_VIEWS if subject.kind in VIEWS else _RULING_BUNDLES
    is_ruled = subject.kind in {*VIEWS, EntityKind.BUNDLE}
    return is_ruled and row.kind in ruling and row.status is not Status.DELETED


def _ruling_prose(row: Entity) -> str:
    """Return note and help text; a description says what a thing is for, not what is done."""
    cells = [row.cell("Help text"), *(row.cell(c) for c in PROSE_COLUMNS if c != "Description")]
    return "\n".join(dict.fromkeys(filter(None, cells)))


_WITH_UNDERSCORE = re.compile(r"\b[a-z]\w*_\w+\b")
_RULING_BUNDLES = frozenset({EntityKind.WORKFLOW_STATE, EntityKind.WORKFLOW_TRANSITION})
"""Rows whose note, if it names a bundle, says what its items may do."""
_RULING = _RULING_BUNDLES | {EntityKind.BUNDLE, EntityKind.FIELD, EntityKind.VIEW_MODE}
_RULING_VIEWS = _RULING | {EntityKind.CUSTOM}
"""Rows whose prose says what a view has to do; other views only resemble it."""
_NAMING_KINDS = _RULING | {EntityKind.USER_ROLE}
"""Rows whose notes may name a field, form or import by its label: views show fields anyway."""


@once_per_session
def _labels_named(session: SessionFacts) -> Sequence[Mention]:
    """Return the sentences that name a field or form of another ticket by its label.

    A field by a label of several words that no bundle and only one field to build has; one to
    tick in any writing. A form as `the registration form`, by a word that no second one has.
    """
    bundles = session.specification.by_kind[EntityKind.BUNDLE]
    names = {folded(name_of(bundle)) for bundle in bundles}
    fields: dict[str, list[Entity]] = {}
    for row in session.specification.by_kind[EntityKind.FIELD]:
        label = folded(row.label.replace("-", " "))
        if " " in label and label not in names and row.status not in GONE:
            fields.setdefault(label, []).append(row)
    forms: dict[str, list[Entity]] = {}
    for form in bundles:
        is_form = form.bundle_type is BundleType.WEBFORM and form.status not in GONE
        for word in set(form.label.casefold().split()) if is_form else ():
            forms.setdefault(word, []).append(form)
    found: list[Mention] = []
    for row, sentence in _settled_sentences(session):
        items = {*items_of(sentence), *items_of(sentence.partition(":")[2])}
        for phrase in dict.fromkeys(phrases_in(sentence.replace("-", " "))):
            called = fields.get(folded(phrase), ()) if " " in phrase else ()
            if len(called) == 1 and called[0].status in TO_BUILD:
                is_exact = called[0].label in sentence and called[0].label not in items
                if is_exact or family_of(called[0].cell("Field type")) == BOOLEAN:
                    found.append(Mention(row, called[0], sentence))
        for word in _FORM_CALLED.findall(sentence.casefold()):
            of_word = forms.get(word, ())
            found += [Mention(row, form, sentence) for form in of_word if len(of_word) == 1]
    return _of_other_tickets(session, found)


def labels_named(facts: GroupFacts) -> list[Mention]:
    """Return the sentences of a ticket that name a field or form of another one by its label."""
    own = {row.source for row in facts.own_rows}
    return [mention for mention in _labels_named(facts.session) if mention.row.source in own]


_FORM_CALLED = re.compile(r"(?<![\w-])([\w-]+) (?:web)?form\b")


@once_per_session
def _settled_sentences(session: SessionFacts) -> Sequence[tuple[Entity, str]]:
    """Return the settled sentences of rows with a ticket that say what is done, not what views show."""
    return [
        (row, sentence)
        for row in session.specification.entities
        if row.kind in _NAMING_KINDS and row.status not in GONE and row.source in session.building
        for sentence in settled_sentences(row)
    ]


def _of_other_tickets(session: SessionFacts, mentions: Iterable[Mention]) -> list[Mention]:
    """Return the mentions of what another ticket than that of the row is about."""
    tickets = session.building
    return [
        m
        for m in mentions
        if (group := tickets.get(m.subject.source)) and group.key != tickets[m.row.source].key
    ]


def _rules_of_kinds(session: SessionFacts) -> Iterator[Mention]:
    """Return the sentences of bundles that rule all of a type or status, for each to build."""
    return (
        Mention(row, bundle, sentence)
        for row, sentence in _settled_sentences(session)
        if row.kind is EntityKind.BUNDLE and (rule := _OF_ALL_TYPES.search(sentence))
        for bundle in session.specification.by_kind[EntityKind.BUNDLE]
        if bundle.status in TO_BUILD
        if rule["kind"] or rule["x"]
        if bundle_noun(bundle.bundle_type).startswith((rule["kind"] or "").casefold())
        if rule["kind"] or bundle.bundle_type is row.bundle_type
        if not rule["x"] or bundle.cell("X").casefold() == rule["x"].casefold()
        if name_of(bundle) not in phrases_in(rule["but"] or "")
    )


_OF_ALL_TYPES = re.compile(
    r"\b(?:all|every) (?:(?P<kind>content|paragraph|media|block) )?types?\b"
    r"(?: marked (?P<x>\w)\b)?(?: (?:but|except)(?: for)? (?P<but>[^,;.]*))?",
    re.IGNORECASE,
)


def _rules_of_imports(session: SessionFacts) -> Iterator[Mention]:
    """Yield the sentences that speak of `the register import`, for the one migration that is meant.

    Of several from one source the one that runs again and again. What is a key for it is so in
    its own bundle.
    """
    frequent = word_list("frequent_words")
    runs = [r for r in session.specification.by_kind[EntityKind.MIGRATION] if r.status in TO_BUILD]
    for row, sentence in _settled_sentences(session):
        called = _IMPORT_CALLED.findall(POINTER.sub("", sentence))
        words = () if _KEY.search(sentence) else (w for w in called if w.casefold() not in frequent)
        for word in map(singular, words):
            named = re.compile(rf"(?<![^\W_]){re.escape(word)}s?(?![^\W_]|['’])", re.IGNORECASE)
            meant = [
                run
                for run in runs
                for column, cell in run.cells.items()
                if (SOURCE.match(column) or cell in names_of(run)) and named.search(cell)
            ]
            meant = list({run.key: run for run in meant}.values())
            again = [run for run in meant if schedule_of(run)]
            if len(again if meant[1:] else meant) == 1:
                yield Mention(row, (again or meant)[0], sentence)


_KEY = re.compile(r"\bkey\b", re.IGNORECASE)
_IMPORT_CALLED = re.compile(r"\b(\w{3,}) (?:import|sync)\b", re.IGNORECASE)
POINTER = re.compile(r"\b(?:see|cf\.?|s\.) (?:the |sheet )?[\"“]?(?:migr\w*|import)", re.IGNORECASE)
"""What only says where more is said."""


@once_per_session
def _ruled_views(session: SessionFacts) -> Mapping[RowSource, Sequence[EntityGroup]]:
    """Return the tickets of the views and forms of which a row says something."""
    found: dict[RowSource, list[EntityGroup]] = {}
    for key, mentions in _mentions(session).items():
        group = session.groups[key]
        for mention in mentions:
            if group.kind is GroupKind.VIEW or mention.subject.bundle_type is BundleType.WEBFORM:
                found.setdefault(mention.row.source, []).append(group)
    return found


def ruled_views(facts: GroupFacts) -> list[tuple[Entity, list[Entity]]]:
    """Return the views that later tickets create, each with the rows of a ticket that speak of it."""
    found: dict[int, tuple[Entity, list[Entity]]] = {}
    for row in {row.source: row for row in facts.own_rows}.values():
        for group in _ruled_views(facts.session).get(row.source, ()):
            if group.number > facts.group.number and group.action is GroupAction.CREATE:
                found.setdefault(group.number, (group.heads[0], []))[1].append(row)
    return [found[number] for number in sorted(found)]


@once_per_session
def _noting(session: SessionFacts) -> Mapping[str, Sequence[tuple[Entity, str, frozenset[str]]]]:
    """Return the migrations to run whose notes name a bundle, with the sentence and all names there, by its key."""
    bundles = {name_of(b): b for b in session.specification.by_kind[EntityKind.BUNDLE]}
    found: dict[str, list[tuple[Entity, str, frozenset[str]]]] = {}
    for run in session.specification.by_kind[EntityKind.MIGRATION]:
        for sentence in note_sentences(run) if run.status in TO_BUILD else ():
            names = frozenset(phrases_in(sentence))
            for name in names & bundles.keys():
                found.setdefault(bundles[name].key, []).append((run, sentence, names))
    return found


def notes_of_runs(head: Entity, facts: GroupFacts) -> list[Mention]:
    """Return what migrations to other bundles say of this one where they name a field of it too.

    Both stand in one sentence, by their exact labels.
    """
    labels = {
        row.label
        for row in facts.session.live_fields(head)
        if row.label and row.label != name_of(head)
    }
    own = runs_filling(facts.session).get(head.key, ())
    return [
        Mention(run, head, sentence)
        for run, sentence, names in _noting(facts.session).get(head.key, ())
        if run not in own and names & labels
    ]


def rules_of_listing(facts: GroupFacts) -> list[Mention]:
    """Return what rows and fields of what a view lists say of who finds it and in which order.

    Of those the view names, and on a search index, more is told; what names another view is about
    that.
    """
    session, rows, view = facts.session, (facts.head, *facts.to_build), shown_view(facts)
    cells = " ".join(cell for row in rows for c, cell in row.cells.items() if c not in UPKEEP)
    bundles = [*view.listed_bundles, *bundles_to_index(facts)]
    named = {n.field.source for n in view.fields.named}
    ruling = [n.field for n in view.fields.named]
    ruling += [
        row for bundle in bundles for row in session.live_fields(bundle) if row.source not in named
    ]
    shown = [row for bundle in view.listed_bundles for row in session.live_fields(bundle)]
    words = lexicon()
    is_on_index = bool(_ON_INDEX.search(cells))
    found = []
    for row in (*ruling, *bundles):
        is_named, barred, is_field = row.source in named, "", row.kind is EntityKind.FIELD
        notes, help_text = note_sentences(row), sentences_of(row.cell("Help text"))
        for sentence in (*notes, *help_text):
            barred = "" if sentence in help_text[:1] else barred
            is_rule = is_named and bool(words.ruling_lists.search(sentence))
            is_searching = is_on_index and is_field and sentence in notes
            is_shown = row in shown and sentence in notes and not view.is_administrative
            is_rule |= is_shown and bool(_IN_LISTS.search(sentence))
            is_rule |= is_searching and bool(words.searching.search(sentence))
            is_bar = words.barring.search(sentence) and not view.is_administrative
            goes_on = is_field and any(
                len(w) > _GENERAL_LENGTH for w in stems_of(barred) & stems_of(sentence)
            )
            barred = sentence if is_bar or goes_on else ""
            if not (is_rule or barred) or is_open(sentence):
                continue
            if not _names_another_view(sentence, row, facts):
                found.append(Mention(row, facts.head, sentence))
    return found


_IN_LISTS = re.compile(r"\bin (?:the |all )?lists?\b(?! of\b)", re.IGNORECASE)
"""How a field is shown where items are listed."""
_GENERAL_LENGTH = 4
"""Shorter words do not tie a sentence to the one before it."""
_ON_INDEX = re.compile(r"\b(?:search api|index|solr|full-?text)\b", re.IGNORECASE)


def _names_another_view(sentence: str, row: Entity, facts: GroupFacts) -> bool:
    session = facts.session
    return any(
        other.kind is EntityKind.VIEW and other.key != facts.head.key
        for mention in session.named_rows.names_in.get(row.source, ())
        if f"view {mention.name}" in sentence
        for other in session.named_rows.called.get(mention.name, ())
    )


def notes_of_fields_named(facts: GroupFacts) -> list[Mention]:
    """Return what fields of another ticket say of showing, or of a view or form that names them.

    By machine name, if one row has it.
    """
    if not (facts.group.kind is GroupKind.VIEW or facts.is_webform) or not facts.group.heads:
        return []
    notes = " ".join(row.note for row in (*facts.group.heads, *facts.to_build))
    called = facts.session.named_rows.called
    found = [
        [row for row in called.get(name, ()) if row.status not in GONE]
        for name in dict.fromkeys(re.findall(r"\bfield_\w+", notes))
    ]
    return [
        Mention(row, facts.head, sentence)
        for row, *others in filter(None, found)
        if not others and row.kind is EntityKind.FIELD
        if facts.session.building.get(row.source) not in (None, facts.group)
        for sentence in settled_sentences(row)
        if lexicon().showing.search(sentence) or facts.head.machine_name in sentence.split()
    ]


def _rules_of_migrating(facts: GroupFacts, destinations: Sequence[Entity]) -> list[Mention]:
    """Return what fields, workflow and row of a destination say of migrating, and fields read.

    The row may speak of the old site instead. Of a field that is read and removed, all is quoted,
    and what people keep if it runs again and again; what names another migration is about that.
    """
    specification, head = facts.session.specification, facts.head
    rows = {d.source: d for d in destinations}
    own = set(rows)
    for destination in destinations:
        if moderated := facts.session.index.workflow_of(destination):
            rows[moderated[0].source] = moderated[0]
        for row in specification.members_of.get(destination.key, ()):
            rows[row.source] = row
    is_again = bool(schedule_of(head))
    read = {n for cell in head.cells.values() for n in re.findall(r"\bfield_\w+", cell)}
    for name in sorted(read):
        rows |= {row.source: row for row in facts.session.named_rows.called.get(name, ())}
    return [
        Mention(row, head, sentence)
        for row in rows.values()
        if row.status is not Status.WAITING
        for sentence in settled_sentences(row)
        if (row.status is Status.DELETED and row.machine_name in read)
        or lexicon().migrating.search(POINTER.sub("", sentence))
        or (is_again and _BY_PEOPLE.search(sentence))
        or (row.source in own and _OF_SOURCE.search(sentence))
        if not _is_of_another_run(sentence, row, facts)
    ]


def _is_of_another_run(sentence: str, row: Entity, facts: GroupFacts) -> bool:
    """Tell whether a sentence names another migration."""
    session = facts.session
    names = [m.name for m in session.named_rows.names_in.get(row.source, ())]
    runs = ((name, run) for name in names if (run := runs_by_name(session).get(name)))
    return any(
        run.key != facts.head.key and is_named_in(sentence, name, run, is_alone=False)
        for name, run in runs
    )


_OF_SOURCE = re.compile(r"\bold (?!ones\b)", re.IGNORECASE)
_BY_PEOPLE = re.compile(r"\bedits? only\b|\bkept by hand\b", re.IGNORECASE)
