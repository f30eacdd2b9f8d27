"""The analysis: what is unusual about a ticket, grouped by what one does about it.

Belongs here: the bullets, at most `BULLETS_MAX`, each with the fields and counts it is about, and
the notes that no check is about alone. The other notes follow their checks or are in the table.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice

from jira_pipeline.domain.entities import (
    BundleType,
    Entity,
    EntityKind,
    RowSource,
    Status,
)
from jira_pipeline.domain.entity_groups import (
    COMPONENT_KINDS,
    EntityGroup,
    GroupAction,
    GroupKind,
    RelationKind,
)
from jira_pipeline.domain.lexicon import lexicon
from jira_pipeline.domain.note_sentences import items_of, sentences_of
from jira_pipeline.domain.questions.bundle_questions import remote_source
from jira_pipeline.domain.questions.question_index import is_machine_name_given, name_of
from jira_pipeline.domain.questions.row_questions import is_open, spelt_otherwise
from jira_pipeline.domain.questions.structure_questions import bundles_taken_apart, referring_fields
from jira_pipeline.domain.questions.workflow_questions import is_named_by
from jira_pipeline.domain.role_notes import BYPASSING_ROLE
from jira_pipeline.domain.ticket_links import link_html
from jira_pipeline.domain.view_displays import (
    is_as_shipped,
    is_of_core,
    silent_displays,
)
from jira_pipeline.domain.workflow_notes import (
    Meaning,
    is_listed,
    workflows_named_by,
)
from jira_pipeline.writers.display_rows import (
    bundles_named,
    bundles_to_index,
    fields_used,
    fitting_modes,
    known_places,
    modes_to_display,
    pages_of_blocks,
    states_meant,
    used_styles_and_modes,
)
from jira_pipeline.writers.english import (
    bundle_noun,
    capitalised,
    count_of,
    is_or_are,
    kinds_named,
    listed,
    noun_of,
    number,
    plural,
)
from jira_pipeline.writers.fragments import (
    bullet_list,
    code,
    codes,
    label_and_name,
    named,
    quoted,
    quoted_note,
    text,
)
from jira_pipeline.writers.group_facts import (
    GroupFacts,
    Transition,
    allowed_roles,
    note_sentences,
    transitions_of,
)
from jira_pipeline.writers.mentions import labels_named, mentions_of, ruled_views
from jira_pipeline.writers.migration_runs import (
    filling,
    held_runs,
    migration_of,
    noted_bundles,
    opened_fields,
    redirected_runs,
    referring_runs,
    required_bundles,
    says_only_order,
    states_entered,
)
from jira_pipeline.writers.related_work import granted_transitions, later_things
from jira_pipeline.writers.removals import (
    bound_removals,
    going_rows,
    listing_removals,
    preparing_rows,
    read_removals,
    reading_runs,
    redirect_views,
    referring_rows,
    views_naming,
)
from jira_pipeline.writers.shown_view import ShownView, shown_view
from jira_pipeline.writers.storage_plan import storage_plan_of

BULLETS_MAX = 8
FIELDS_LISTED_SINGLY = 6
"""Up to so many fields are stated one by one in the verification, notes included."""
NAMED_MAX = 4
"""Rows a bullet names; the rest is counted."""
NOTES_MAX = 4
"""Bullets with notes; the table has all of them."""
_DEMANDS_QUOTED_MAX = 2
_RULING_MAX = 5
"""Sentences of other tickets."""
_GOING_NAMED_MAX = 12
"""Things to be removed that one bullet names; more of them have one for each type."""
CREATORS_MAX = 2
_LATER_NAMED_MAX = 8
"""Things to come that the ticket of the roles names."""
_SEARCHED_MAX = 8
"""New bundles that the ticket of a search names."""
CHECKED_TOGETHER = frozenset(
    {
        GroupKind.BUNDLES_WITHOUT_FIELDS,
        GroupKind.IMAGE_STYLES,
        GroupKind.RESPONSIVE_IMAGE_STYLES,
        GroupKind.VIEW_MODES,
    }
)
"""Tickets whose rows are checked in one statement."""
_CHECKED_SINGLY = frozenset({GroupKind.USER_ROLES, GroupKind.CUSTOM})
"""Tickets whose rows have a statement each, which the note of the row follows."""


def analysis(facts: GroupFacts) -> str:
    """Return the bullets; a plain ticket says how much there is to build."""
    if facts.group.action is GroupAction.REMOVE:
        bullets = [*_first(facts), *_removal(facts), *_depends_on(facts), *_still_named(facts)]
        room = max(BULLETS_MAX - len(bullets), 1)
        is_all = len(notes_in_analysis(facts)) <= room
        bullets += _notes(facts, at_most=room if is_all else room - 1)
        mentions = list(_mentions(facts))[: max(BULLETS_MAX - len(bullets), 0)]
        return bullet_list([*bullets, *mentions])
    bullets = [*_decide_first(facts), *_first(facts), *_custom_work(facts)]
    bullets += [*_depends_on(facts), *_machine_names(facts)]
    bullets += [
        *_notes(facts, at_most=NOTES_MAX),
        *_mentions(facts),
        *_labels_named(facts),
        *_BULLETS[facts.group.kind](facts),
    ]
    scope = list(_scope(facts))
    bullets = [*bullets[: BULLETS_MAX - len(scope)], *scope]
    return bullet_list((bullets or [_extent(facts)])[:BULLETS_MAX])


def _bullet(title: str, content: str) -> str:
    return f"<strong>{title}:</strong> {content}"


def _decide_first(facts: GroupFacts) -> Iterator[str]:
    """Say what has to be settled before anybody builds."""
    clauses = []
    if facts.group.is_on_hold:
        clauses.append(f"X of {text(facts.name)} is w; do not start before that changes")
    if facts.group.is_hollow:
        counts = Counter(member.status for member in facts.group.members)
        states = [f"{number(counts[s])} {w}" for s, w in _STATUS_WORDS.items() if counts[s]]
        rows = f"none of its rows is ({listed(states)})" if states else "it has no rows"
        clauses.append(
            f"nothing to build yet: {text(facts.name)} is approved, but {rows}; there is no estimate"
        )
    holding = [q for q in facts.questions if not q.suggested_answer]
    if holding:
        subjects = list(dict.fromkeys(s for q in holding for s in q.subjects))
        about = f", on {listed([code(s) for s in subjects], at_most=3)}" if subjects else ""
        has = "has" if len(holding) == 1 else "have"
        without = "" if len(holding) == len(facts.questions) else f" {has} no suggestion"
        clauses.append(f"{count_of(len(holding), 'question')} below{without}{about}")
    asked = facts.session.index.silent_views
    asking = facts.session.groups.get(asked[0][0].key) if asked else None
    is_core = facts.group.kind is GroupKind.VIEW and is_of_core(facts.head)
    silent = [] if is_core else _silent(facts)
    if silent and asking is not None and asking.key != facts.group.key:
        show = "shows" if len(silent) == 1 else "show"
        clauses.append(
            f"what {codes(silent, at_most=NAMED_MAX)} {show} is asked for all views in "
            f"{link_html(asking)}"
        )
    elsewhere: dict[RowSource, list[str]] = {}
    for what, runs in facts.session.shared_runs.items():
        if facts.head.source in runs[1:]:
            elsewhere.setdefault(runs[0], []).append(what)
    clauses += [
        f"{listed(what)} is asked in {link_html(facts.session.building[first])}, for this one too"
        for first, what in elsewhere.items()
    ]
    if clauses:
        yield _bullet("Decide first", f"{capitalised('; '.join(clauses))}.")


def _first(facts: GroupFacts) -> Iterator[str]:
    """Quote what notes have done, or waited for, before something goes: nothing brings it back."""
    own = facts.group.heads[:1] if not facts.group.heads[1:] else ()
    by_row: dict[str, list[str]] = {}
    for row, clause in done_first(facts):
        by_row.setdefault("" if row in own else f"{named(row)}: ", []).append(quoted(clause))
    if clauses := [f"{whose}{', '.join(said)}" for whose, said in by_row.items()]:
        yield _bullet("First", f"{'; '.join(clauses)}.")


def done_first(facts: GroupFacts) -> list[tuple[Entity, str]]:
    """Return what has to be done or waited for before a ticket removes something, with whose note."""
    is_removal = facts.group.action is GroupAction.REMOVE
    gone = [*(facts.group.heads if is_removal else ()), *facts.with_status(Status.DELETED)]
    names = "|".join(re.escape(name_of(row)) for row in gone) or "$^"
    found = [
        (row, clause)
        for row in {row.source: row for row in gone}.values()
        for sentence in note_sentences(row)
        for clause in _BEFORE_REDIRECT.split(sentence)
        if (_DONE_FIRST.search(clause) or _CONDITION.search(clause))
    ]
    found += [
        (head, sentence)
        for head in (() if is_removal else facts.group.heads)
        for sentence in note_sentences(head)
        if _DONE_FIRST.search(sentence) and re.search(rf"\b(?:{names})\b", sentence, re.IGNORECASE)
    ]
    return [(r, c) for r, c in found if not is_open(c) and not facts.is_asked_of(r, c)]


def note_left(row: Entity, facts: GroupFacts) -> str:
    """Return what the note of a row says beside that, and beside what questions quote."""
    if not facts.note_to_quote(row):
        return ""
    first = [clause for other, clause in done_first(facts) if other.source == row.source]
    sentences = [s for s in note_sentences(row) if not facts.is_asked_of(row, s)]
    if row.kind is EntityKind.MIGRATION and facts.group.kind is GroupKind.MIGRATION:
        run = migration_of(facts)
        sentences = [s for s in sentences if not says_only_order(s, run)]
    if first:
        clauses = [c for s in sentences for c in _BEFORE_REDIRECT.split(s)]
        sentences = [clause for clause in clauses if clause not in first]
    return " ".join(sentences)


_DONE_FIRST = re.compile(
    r"\bfirst(?=\W*$|[,;]| \()|\bbefore(?= (?:it|we|they|the|delet\w+|remov\w+)\b|\W*$)"
    r"|(?<!no )\bexports?\b|\bby hand\b|\bcopied\b",
    re.IGNORECASE,
)
"""How a note on what goes names a deed that must be done while it is still there."""
_CONDITION = re.compile(
    r"\b(?:after|once|not (?:before|until)|(?:delet|remov)\w+ last)\b", re.IGNORECASE
)
_BEFORE_REDIRECT = re.compile(r"[;,] (?=[^;,]*\b(?:redirect|301\b))", re.IGNORECASE)
"""What a note says of addresses can still be tried when the thing is gone."""


def custom_work(facts: GroupFacts) -> list[tuple[Entity, str]]:
    """Return the sentences of rows to build that ask for code, access or systems of their own."""
    kinds = {*COMPONENT_KINDS, GroupKind.MIGRATION}
    if facts.group.action is GroupAction.REMOVE or facts.group.kind in kinds:
        return []
    heads = [head for head in facts.group.heads if head.status is not Status.IMPLEMENTED]
    found = [
        (row, sentence)
        for row in {row.source: row for row in (*heads, *facts.to_build)}.values()
        for sentence in note_sentences(row)
        if not is_open(sentence) and not facts.is_asked_of(row, sentence)
    ]
    if facts.group.kind is GroupKind.VIEW:  # of which the description is the note
        found += [(head, s) for head in heads for s in sentences_of(head.cell("Description"))]
    return [
        (row, sentence)
        for row, sentence in found
        if lexicon().custom_work.search(sentence) and not _PUT_OFF.search(sentence)
    ]


def _custom_work(facts: GroupFacts) -> Iterator[str]:
    """Quote what asks for more work than configuration: its rows give no estimate of that."""
    demands = custom_work(facts)
    clauses = [
        f"{'' if row in facts.group.heads[:1] else f'{named(row)} '}{quoted(sentence)}"
        for row, sentence in demands[:_DEMANDS_QUOTED_MAX]
    ]
    if rest := list(dict.fromkeys(named(row) for row, _ in demands[_DEMANDS_QUOTED_MAX:])):
        clauses.append(f"the {'note' if len(rest) == 1 else 'notes'} on {listed(rest)}")
    if clauses:
        hence = "" if facts.hours_noted else "; hence no estimate"
        yield _bullet("More work than its rows show", f"{listed(clauses)}{hence}.")


def _silent(facts: GroupFacts) -> list[Entity]:
    rows = facts.of_kind(EntityKind.VIEW_DISPLAY)
    return silent_displays(facts.head, rows) if rows and facts.group.heads else []


_STATUS_WORDS: Mapping[Status, str] = {
    Status.IMPLEMENTED: "there already",
    Status.WAITING: "on hold",
    Status.DELETED: "to be removed",
}


def notes_in_analysis(facts: GroupFacts) -> Mapping[str, Sequence[Entity]]:
    """Return the notes of heads and of rows that no check is about alone, each with who has it."""
    is_removal = facts.group.action is GroupAction.REMOVE
    rows = [head for head in facts.group.heads if not _only_names_fields(head, facts)]
    if facts.group.kind in CHECKED_TOGETHER and not is_removal:
        rows = []
    elif facts.group.kind in _CHECKED_SINGLY and not is_removal:
        rows = list(facts.rows) if len(facts.rows) == 1 else []
    found: dict[str, list[Entity]] = {}
    for row in rows:
        note = note_left(row, facts)
        if note and note not in note_to_check(row, facts):
            found.setdefault(note, []).append(row)
    return found


def note_to_check(head: Entity, facts: GroupFacts) -> str:
    """Return the note of the one thing a ticket is about, unless it is of a word or two.

    Of what goes, only what is to be done beside the removal: nobody can try a reason.
    """
    if not is_in_checks(facts) or _only_names_fields(head, facts):
        return ""
    note = note_left(head, facts)
    if facts.group.action is GroupAction.REMOVE:
        parts = [note, *sentences_of(head.cell("Description"))]
        note = " ".join(filter(_BESIDE_REMOVAL.search, parts))
    return note if len(note.split()) >= POINT_WORDS_MIN else ""


def is_in_checks(facts: GroupFacts) -> bool:
    """Tell whether the note of a head is a check: of the one thing a ticket is about."""
    if facts.group.action is GroupAction.REMOVE:
        return True
    kinds = {GroupKind.VIEW, GroupKind.MIGRATION, GroupKind.BUNDLE, GroupKind.WORKFLOW}
    is_one = facts.group.kind is GroupKind.CUSTOM and len(facts.rows) == 1
    return (facts.group.kind in kinds or is_one) and not facts.group.is_hollow


_PUT_OFF = re.compile(
    r"\bnot (?:part of|in) (?:(?:this|the) )?(?:offer|order|project|estimate)\b|\bnot estimated\b"
    r"|\bout of scope\b|\bphase [2-9]\b|\b(?:asked for|wished|suggestion|decides?)\b",
    re.IGNORECASE,
)
"""What a note leaves out, or to somebody: wishes, and what is decided while building."""
_BESIDE_REMOVAL = re.compile(
    r"\b(?:redirect\w*|301|first|before|after|until|once|together|goes? with|check|export"
    r"|uninstall)\b|^with\b",
    re.IGNORECASE,
)
"""What a note on a removal says of its order, or of what else has to be done."""
POINT_WORDS_MIN = 3
"""Of a note that is a check, or that one points to: a shorter one asks for nothing."""


def _notes(facts: GroupFacts, *, at_most: int) -> Iterator[str]:
    """Quote the first of these notes, and point to the table for the others."""
    is_removal = facts.group.action is GroupAction.REMOVE
    found = notes_in_analysis(facts)
    for note, noting in islice(found.items(), at_most):
        is_of_all = noting == [*facts.group.heads[:1]] and not facts.group.heads[1:]
        names = listed([text(name_of(row)) for row in noting], at_most=NAMED_MAX)
        on = f" on {names if is_removal else codes(noting, at_most=NAMED_MAX)}"
        places = places_named(noting[0], facts)
        yield _bullet(f"Note{'' if is_of_all else on}", f"{quoted_note(note)}{places}.")
    if len(found) > at_most:
        yield _bullet("More notes", "In the table.")


def _only_names_fields(head: Entity, facts: GroupFacts) -> bool:
    """Tell whether the note of a bundle says only which fields are new, as the ticket does."""
    if facts.group.kind is not GroupKind.BUNDLE:
        return False
    new = [row for row in facts.with_status(Status.APPROVED) if row.kind is EntityKind.FIELD]
    known = {"new", "field", "fields", "and"}.union(*(_words(name_of(row)) for row in new))
    return bool(new) and _words(head.note) <= known


def _words(cell: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", cell.casefold()))


def noted_in_checks(facts: GroupFacts) -> list[Entity]:
    """Return the rows whose notes stand among the checks, though no check is about one alone.

    Those of states, of forms with many fields, and of tickets with one statement for all rows.
    """
    kind, rows = facts.group.kind, facts.to_build
    if kind is GroupKind.WORKFLOW:
        rows = facts.live(EntityKind.WORKFLOW_STATE)
    elif (kind is GroupKind.BUNDLE and len(rows) <= FIELDS_LISTED_SINGLY) or kind not in {
        *CHECKED_TOGETHER,
        GroupKind.BUNDLE,
    }:
        return []
    if facts.group.action is GroupAction.REMOVE:
        return []
    return [row for row in rows if facts.note_to_quote(row)]


def places_named(mode: Entity, facts: GroupFacts) -> str:
    """Name the bundles of its type that the note of a view mode names exactly, with their tickets."""
    making = facts.session.making
    named_in = bundles_named(mode, facts)
    places = list(dict.fromkeys(link_html(making[bundle.key]) for bundle in named_in))
    return f" ({listed(places)})" if places else ""


def _depends_on(facts: GroupFacts) -> Iterator[str]:
    """Say what is on hold and which reference follows later; the body names what must come first."""
    labels: dict[RelationKind, list[str]] = {}
    there: list[str] = []
    stated: list[str] = []
    clauses: list[str] = []
    groups = facts.session.groups
    for relation in facts.group.relations:
        other = groups.get(relation.group_key or "")
        if relation.kind is RelationKind.DEFERRED and other and other.action is GroupAction.UPDATE:
            there.append(text(relation.label))  # its ticket only changes what exists
            continue
        labels.setdefault(relation.kind, []).append(text(relation.label))
    if stated:
        later = "comes" if len(stated) == 1 else "come"
        clauses.append(
            f"{listed(stated, at_most=NAMED_MAX)} {later} later; the package only states that one "
            "import is to bring both, so there is no reference to add"
        )
    if held := labels.get(RelationKind.ON_HOLD):
        clauses.append(f"{listed(held, at_most=NAMED_MAX)} {is_or_are(len(held))} on hold")
    if deferred := labels.get(RelationKind.DEFERRED):
        exist = "it exists" if len(deferred) == 1 else "they exist"
        clauses.append(f"add the reference to {listed(deferred, at_most=NAMED_MAX)} once {exist}")
    if there:
        refer = "references to them need" if len(there) > 1 else "reference to it needs"
        exist = "exist" if len(there) > 1 else "exists"
        clauses.append(
            f"{listed(there, at_most=NAMED_MAX)} {exist} already, so the {refer} no wait"
        )
    if held_run := held_runs(facts):
        runs = listed([label_and_name(run) for run in held_run])
        noun = "migration" if len(held_run) == 1 else "migrations"
        clauses.append(f"the {noun} {runs} {is_or_are(len(held_run))} on hold")
    if clauses:
        is_later = len(clauses) > bool(there)
        title = "On hold" if held or held_run else "Later" if is_later else "Already there"
        yield _bullet(title, f"{capitalised('; '.join(clauses))}.")


def _mentions(facts: GroupFacts) -> Iterator[str]:
    """Quote the sentences of other tickets that rule something here, each with whose it is."""
    quotations: dict[str, dict[str, list[str]]] = {}
    for mention in mentions_of(facts):
        group = facts.session.building.get(mention.row.source)
        owners = facts.session.specification.by_key.get(mention.row.owner_key or "", ())[:1]
        of = "".join(f" of {text(name_of(owner))}" for owner in owners)
        where = f"{of} ({link_html(group)})" if group else of
        name = named(mention.row) if of else text(name_of(mention.row))
        quotations.setdefault(quoted(mention.sentence), {}).setdefault(where, []).append(name)
    by_whom: dict[str, list[str]] = {}
    for sentence, places in list(quotations.items())[:_RULING_MAX]:
        whose = listed([listed(names) + where for where, names in places.items()])
        by_whom.setdefault(whose, []).append(sentence)
    clauses = [f"{whose}: {', '.join(sentences)}" for whose, sentences in by_whom.items()]
    if clauses:
        yield _bullet("Said elsewhere", f"{'; '.join(clauses)}.")


def _labels_named(facts: GroupFacts) -> Iterator[str]:
    """Say which fields of other tickets are meant by labels in notes of this one."""
    fields = {m.subject.source: m.subject for m in labels_named(facts) if m.subject.owner_key}
    clauses = []
    for field in fields.values():
        (owner, *_) = facts.session.specification.by_key[field.owner_key or ""]
        clauses.append(
            f"{quoted(field.label)} is {code(field.machine_name)} on {with_ticket(owner, facts)}"
        )
    if clauses:
        yield _bullet("Named fields", f"{listed(clauses, at_most=NAMED_MAX)}.")


def _machine_names(facts: GroupFacts) -> Iterator[str]:
    """Say which names to use where the sheet has none, one that Drupal refuses, or a slip."""
    refused = [(r, name) for r, name in facts.settled_names if is_machine_name_given(r)]
    missing = [(r, name) for r, name in facts.settled_names if not is_machine_name_given(r)]
    clauses = []
    if len(refused) > NAMED_MAX:
        clauses.append(
            f"Drupal refuses those of {len(refused)} rows; put {code('_')} for what it refuses"
        )
    elif refused:
        clauses.append(
            f"use {listed([f'{code(n)} for {named(r)}' for r, n in refused])}, as Drupal refuses "
            f"{'it' if len(refused) == 1 else 'them'}"
        )
    if len(missing) > NAMED_MAX:
        clauses.append(
            f"the sheet gives {len(missing)} rows none; use what Drupal makes of each label"
        )
    elif missing:
        given = listed([f"{code(n)} for {quoted(name_of(r))}" for r, n in missing])
        clauses.append(f"the sheet gives none; use {given}")
    rows = {row.source: row for row in (*facts.group.heads, *facts.to_build)}
    clauses += [
        f"{quoted(reference.text)} of {named(row)} is {text(meant)}"
        for row in rows.values()
        for reference in row.references
        if (meant := spelt_otherwise(reference, row, facts.session.index))
    ]
    title = "Machine names" if refused or missing else "Names"
    if clauses:
        yield _bullet(title, f"{capitalised('; '.join(clauses))}.")


def _bundle(facts: GroupFacts) -> Iterator[str]:
    moderation = _moderation(facts)
    if moderation:
        yield _bullet("Moderation", moderation)
    source = remote_source(facts.head, facts.session.index)
    if source and facts.head.status is Status.APPROVED:
        yield _bullet("Source", f"Remote video, by its field {code(source.machine_name)}.")
    yield from _filled_by(facts)
    yield from _uses(facts)
    if modes := modes_to_display(facts):
        noun = "view mode" if len(modes) == 1 else "view modes"
        there = [mode for mode in modes if mode.status is Status.IMPLEMENTED]
        coming = [mode for mode in modes if mode not in there]
        naming = re.compile(rf"\b{re.escape(name_of(facts.head))}s?\b")
        names = [
            f"{text(name_of(mode))}{f' ({quoted_note(mode.note)})' if naming.search(mode.note) else ''}"
            for mode in there
        ]
        names += [_with_tickets(coming, facts)] if coming else []
        yield _bullet("Displays", f"Also for the {noun} {listed(names, at_most=NAMED_MAX)}.")
    yield from _shared_storage(facts)
    yield from _ruled_views(facts)


def _ruled_views(facts: GroupFacts) -> Iterator[str]:
    """Name the views of later tickets that rows of this one speak of, with these."""
    later = ruled_views(facts)
    by_rows: dict[str, tuple[list[Entity], list[Entity]]] = {}
    for view, rows in later:
        by_rows.setdefault(codes(rows), (rows, []))[1].append(view)
    clauses = []
    for names, (rows, views) in by_rows.items():
        of = kinds_named(views, at_most=NAMED_MAX, called=lambda view: with_ticket(view, facts))
        who = "its note" if [*facts.group.heads] == rows else names
        clauses.append(f"what {who} {'says' if len(rows) == 1 else 'say'} of {of}")
    if clauses:
        exist = "it exists" if len(later) == 1 else "they exist"
        yield _bullet("Checked later", f"{capitalised(listed(clauses))}, once {exist}.")


def _filled_by(facts: GroupFacts) -> Iterator[str]:
    """Name the migrations whose tickets fill what this one makes."""
    filled: dict[str, list[str]] = {}
    for head in facts.group.heads:
        if runs := filling(head, facts):
            filled.setdefault(_with_tickets(runs, facts), []).append(text(name_of(head)))
    for runs_named, heads in filled.items():
        what = f"{listed(heads)} {is_or_are(len(heads))} " if facts.group.heads[1:] else ""
        yield _bullet("Migration", f"{capitalised(f'{what}filled by')} {runs_named}.")
    names: dict[str, list[Entity]] = {}
    for group, row in views_naming(facts):
        names.setdefault(_of_kind(group.heads[0], facts), []).append(row)
    views = [f"{view}, which names {codes(rows, at_most=2)}" for view, rows in names.items()]
    yield from _read_before(facts, *views)


def _read_before(facts: GroupFacts, *clauses: str) -> Iterator[str]:
    """Name the migrations that read what a ticket removes, or what that refers to.

    Of a ticket that removes a field, only that waits: what the migration fills may come with it.
    """
    read: dict[str, list[str]] = {}
    for run, what in reading_runs(facts):
        read.setdefault(with_ticket(run, facts), []).append(text(what))
    first = [*map(capitalised, clauses[:1]), *clauses[1:]]
    first += [f"{run}, which reads {listed(names)}" for run, names in read.items()]
    if first:
        is_all = facts.group.action is GroupAction.REMOVE
        yield _bullet("Goes first" if is_all else "Remove after", f"{'; '.join(first)}.")


def _uses(facts: GroupFacts) -> Iterator[str]:
    """Name the view modes and styles of other tickets that notes name."""
    if used := used_styles_and_modes(facts):
        nouns: dict[str, list[Entity]] = {}
        for row in used:
            nouns.setdefault(row.kind.value.replace("_", " "), []).append(row)
        clauses = [
            f"the {noun if len(rows) == 1 else plural(noun)} {_with_tickets(rows, facts)}"
            for noun, rows in nouns.items()
        ]
        yield _bullet("Uses", f"{capitalised(listed(clauses))}.")


def _moderation(facts: GroupFacts) -> str:
    """Say which workflow moderates, and by which note."""
    if facts.head.cell("Mod.").casefold() in {"n", "no"}:
        return ""
    found = facts.session.index.workflow_of(facts.head)
    if found is None:
        naming = moderated_by(facts.head, facts)
        if naming and is_listed(facts.head, naming):
            return f"By {text(naming.label)}, which applies to it."
        return f"By {text(naming.label)}, whose note names it." if naming else ""
    workflow, meaning = found
    if is_listed(facts.head, workflow):
        return f"By {text(workflow.label)}, which applies to this {bundle_noun(facts.head.bundle_type)}."
    if workflow.key in workflows_named_by(facts.head, facts.session.index.workflows):
        return f"By {text(workflow.label)}, which its note names."
    if meaning is Meaning.NAMED:
        return f"By {text(workflow.label)}, whose note names this {bundle_noun(facts.head.bundle_type)}."
    return f"By the workflow {quoted(workflow.label)}: {quoted(workflow.cell('Notes'))}."


def moderated_by(bundle: Entity, facts: GroupFacts) -> Entity | None:
    """Return the workflow whose note names a bundle that is no content type."""
    workflows = facts.session.index.workflows
    return next((w for w in workflows if is_named_by(bundle, w)), None)


def _shared_storage(facts: GroupFacts) -> Iterator[str]:
    """Name the ticket that first creates a shared field, and who shares what comes here first.

    A field whose own row says that it is reused is not called created here.
    """
    plan = storage_plan_of(facts)
    clauses = []
    if plan.there:
        verb = is_or_are(len(plan.there))
        clauses.append(f"{codes(plan.there, at_most=3)} {verb} on the site already")
    clauses += [
        f"{codes(rows, at_most=2)} {'comes' if len(rows) == 1 else 'come'} with {link_html(group)}"
        for group, rows in plan.created_before[:CREATORS_MAX]
    ]
    if rest := [row for _, rows in plan.created_before[CREATORS_MAX:] for row in rows]:
        verb = "exists" if len(rest) == 1 else "exist"
        clauses.append(f"{codes(rest, at_most=2)} {verb} by then")
    reused = [*plan.there, *(row for _, rows in plan.created_before for row in rows)]
    add = [f"reuse {'it' if len(reused) == 1 else 'them'}"] if reused else []
    noun = bundle_noun(facts.head.bundle_type)
    for plans, here, later in (
        (plan.created_here, "created here and reused on", "created here and reused later"),
        (plan.shared_later, "shared with", "shared with later tickets"),
    ):
        if len(plan.created_here) + len(plan.shared_later) > CREATORS_MAX:
            fields = [row for _, rows in plans for row in rows]
            add += (
                [f"{codes(fields, at_most=3)} {is_or_are(len(fields))} {later}"] if fields else []
            )
            continue
        add += [
            f"{codes(rows, at_most=3)} {is_or_are(len(rows))} {here} "
            f"{listed([text(u) for u in users]) if len(users) <= NAMED_MAX else count_of(len(users), f'later {noun}')}"
            for users, rows in plans
        ]
    if new := [row for _, rows in plan.new_later for row in rows]:
        owners = [text(group.label) for group, _ in plan.new_later]
        whose = (
            f"{listed(owners)} {'introduces' if len(owners) == 1 else 'introduce'}"
            if len(owners) <= NAMED_MAX
            else "later tickets introduce"
        )
        add.append(
            f"{codes(new, at_most=2)} {is_or_are(len(new))} created here, before {whose} "
            f"{'it' if len(new) == 1 else 'them'}"
        )
    if clauses or add:
        yield _bullet("Shared storage", f"{capitalised('; '.join([*clauses, *add]))}.")


def _scope(facts: GroupFacts) -> Iterator[str]:
    """Say what is there already, on hold or to be removed."""
    clauses = []
    opened = opened_fields(facts)
    opening = [f"{owned(row, facts)} to {_with_tickets(new, facts)}" for row, new in opened]
    if opening:
        yield _bullet("There, to be opened", f"{listed(opening, at_most=NAMED_MAX)}.")
    if there := facts.with_status(Status.IMPLEMENTED):
        asking = announced(there)
        known = [*asking, *(row for row, _ in opened)]
        if as_it_is := [row for row in there if row not in known]:
            clauses.append(f"there already: {codes(as_it_is, at_most=NAMED_MAX)}")
        if asking:
            work = [f"{named(row)} {quoted_note(row.note)}" for row in asking]
            its = "its note asks" if len(asking) == 1 else "their notes ask"
            clauses.append(f"there, but {its} for work: {listed(work, at_most=NAMED_MAX)}")
    is_said = facts.group.action is GroupAction.UPDATE
    heads = facts.group.heads[:1] if is_said else ()
    changed = [r for r in facts.with_status(Status.CHANGED) if r not in heads]
    new = [row for row in facts.with_status(Status.APPROVED) if row not in facts.group.heads]
    is_named = facts.group.kind in {GroupKind.BUNDLE, GroupKind.WORKFLOW}  # in the story
    if new and (there or changed) and not is_named:
        clauses.append(f"new: {codes(new, at_most=NAMED_MAX)}")
    if changed:
        clauses.append(f"there and to be changed: {codes(changed, at_most=NAMED_MAX)}")
    if waiting := facts.with_status(Status.WAITING):
        clauses.append(f"on hold, do not build: {codes(waiting, at_most=NAMED_MAX)}")
    if leaving := facts.with_status(Status.DELETED):
        clauses.append(f"remove if present: {codes(leaving, at_most=NAMED_MAX)}")
    if clauses:
        title = "Scope and removal" if facts.with_status(Status.DELETED) else "Scope"
        yield _bullet(title, f"{capitalised('; '.join(clauses))}.")


def owned(field: Entity, facts: GroupFacts) -> str:
    """Name a field, with its bundle where that has no part in the ticket."""
    is_own = field in facts.rows
    return (
        named(field)
        if is_own
        else f"{named(field)} of {text(facts.session.index.owner_name(field))}"
    )


def announced(there: Sequence[Entity]) -> list[Entity]:
    """Return the components on the site whose notes say that something was added to them."""
    kinds = {
        EntityKind.FIELD,
        EntityKind.IMAGE_STYLE,
        EntityKind.USER_ROLE,
        EntityKind.VIEW_MODE,
    }
    return [r for r in there if r.kind in kinds and _ANNOUNCED.search(r.note)]


_ANNOUNCED = re.compile(r"\badded\b(?! (?:by|in)\b)|\bnow also\b|\bnew(?: here\b|:)", re.IGNORECASE)


_ROW_NOUNS: Mapping[EntityKind, str] = {
    EntityKind.VIEW_DISPLAY: "display",
    EntityKind.USER_ROLE: "role",
    EntityKind.WORKFLOW_STATE: "state",
    EntityKind.WORKFLOW_TRANSITION: "transition",
}


def _extent(facts: GroupFacts) -> str:
    """Say what a ticket waits for of which there is nothing else to say."""
    own = {name_of(head).casefold() for head in facts.group.heads}
    rows_here = (*facts.group.heads, *facts.to_build)
    referred = {reference.target_key for row in rows_here for reference in row.references}
    first = []
    for group in (facts.session.groups[d.group_key] for d in facts.group.dependencies):
        to_come = [row for row in group.heads if row.status is not Status.IMPLEMENTED]
        rows = [row for row in to_come if row.key in referred] or to_come or group.heads
        names = [text(name_of(row)) for row in rows]
        names = names if len(names) <= NAMED_MAX else [text(group.label)]
        noun = f"the {noun_of(rows[0])} " if names[0].casefold() in own else ""
        first.append(f"{noun}{listed(names)} ({link_html(group)})")
    if first:
        return _bullet("Order", f"After {listed(first, at_most=NAMED_MAX)}.")
    if waiting := facts.dependents:
        other = waiting[0]
        is_view = other.kind is GroupKind.VIEW
        label = f"the view {quoted(other.label)}" if is_view else text(other.label)
        why = "which waits for it" if len(waiting) == 1 else "the first that waits for it"
        return _bullet("Order", f"Before {label} ({link_html(other)}), {why}.")
    rows = facts.to_build or facts.group.heads
    kind = rows[0].kind
    is_head = kind in {EntityKind.BUNDLE, EntityKind.CUSTOM}
    plain_kind = _ROW_NOUNS.get(kind, kind.value.replace("_", " "))
    noun = noun_of(rows[0]) if is_head else plain_kind
    extent = capitalised(count_of(len(rows), noun))
    return _bullet("Extent", f"{extent}, which no other ticket waits for.")


def _bundles_without_fields(facts: GroupFacts) -> Iterator[str]:
    yield from _filled_by(facts)
    yield from _ruled_views(facts)
    for head in facts.group.heads:
        if moderated := moderated_by(head, facts):
            yield _bullet("Moderation", f"{text(name_of(head))} by {text(moderated.label)}.")
    if not facts.session.index.is_fields_sheet_read:
        yield _bullet("Fields", "No fields sheet was uploaded, so nobody knows of any.")


def _view(facts: GroupFacts) -> Iterator[str]:
    view = shown_view(facts)
    is_own = any(b.bundle_type is BundleType.CONTENT for b in view.listed_bundles)
    if is_of_core(facts.head) and not is_own:  # no module brings a list of one content type
        todo = f"Change {code(facts.head.machine_name)} only as the table says."
        if is_as_shipped(facts.head, facts.rows):
            todo = "The sheets note no change; look whether it is there and works as its rows say."
        yield _bullet("Ships with its module", todo)
    if view.listed_bundles:
        names = [with_ticket(b, facts) for b in view.listed_bundles]
        yield _bullet("Lists", f"{listed(names, at_most=NAMED_MAX)}.")
    if clauses := _fields_of_view(view, facts):
        yield _bullet("Fields", f"{capitalised('; '.join(clauses))}.")
    if searched := bundles_to_index(facts):
        names = [with_ticket(bundle, facts) for bundle in searched]
        bundles = listed(names, at_most=_SEARCHED_MAX)
        new = "New and to be searched: " if facts.group.action is GroupAction.UPDATE else ""
        yield _bullet("To index", f"{new}{bundles}.")
    needs = []
    if states := states_meant(facts):
        shown = [f"{quoted(name_of(s))} of {with_ticket(w, facts)}" for s, w in states]
        needs.append(f"the state {listed(shown)}")
    if roles := [role for role in view.roles if role.status is Status.APPROVED]:
        noun = "role" if len(roles) == 1 else "roles"
        needs.append(f"the {noun} {_with_tickets(roles, facts)}")
    if needs:
        yield _bullet("Needs", f"{capitalised('; '.join(needs))}.")
    if pages := pages_of_blocks(facts):
        yield _bullet("Placed on", f"{_with_tickets(pages, facts)}.")
    yield from _uses(facts)
    for mode, named_bundles in fitting_modes(facts):
        places = listed([text(name_of(b)) for b in named_bundles], at_most=NAMED_MAX)
        only = " only" if bundles_to_index(facts) else ""
        note = quoted_note(mode.note) if mode.note and "search" in mode.label.casefold() else ""
        is_for = f" is for {places}{only}" if places else ""
        is_for += f": {note}" if note else ""
        yield _bullet("Shown as", f"No view mode is named; {with_ticket(mode, facts)}{is_for}.")


def _fields_of_view(view: ShownView, facts: GroupFacts) -> list[str]:
    """Say of the fields that a view names what its row does not: where they are, what is new."""
    led: dict[str, list[Entity]] = {}
    for field, bundle, by in view.fields.named:
        if by is not None:
            is_back = by.owner_key == bundle.key
            to = f"which refers to {text(name_of(view.listed_bundles[0]))} by"
            reached = to if is_back else "reached by"
            where = f"on {with_ticket(bundle, facts)}, {reached} {code(by.machine_name)}"
            led.setdefault(where, []).append(field)
    used = [row for _, row in fields_used(facts)]
    known = {row.source for rows in led.values() for row in rows}
    for row in (row for row in used if row.source not in known):
        owner = facts.session.specification.by_key[row.owner_key or ""][0]
        led.setdefault(f"on {with_ticket(owner, facts)}", []).append(row)
    clauses = [
        f"{codes(rows, at_most=NAMED_MAX)} {is_or_are(len(rows))} {where}"
        for where, rows in led.items()
    ]
    lacking: dict[tuple[str, str], list[str]] = {}
    for label, bundles in view.fields.lacking.items():
        having = [b for b in view.listed_bundles if b not in bundles]
        is_few = len(having) < len(bundles)
        few = having if is_few else bundles
        names = listed([text(name_of(b)) for b in few])
        has = "has" if len(few) == 1 else "have"
        whose = (f"only {names} {has}", "and") if is_few else (f"{names} {has} no", "or")
        lacking.setdefault(whose, []).append(text(label))
    clauses += [
        f"{whose} {listed(labels, at_most=NAMED_MAX, word=word)}"
        for (whose, word), labels in lacking.items()
    ]
    own = [
        field
        for field, bundle, by in view.fields.named
        if by is None and bundle.status is not Status.APPROVED
    ]
    several = view.fields.repeating
    for place, field in enumerate(row for row in own if row.status is Status.CHANGED):
        said = next(filter(_CHANGE.search, note_sentences(field)), "")
        is_short = 0 < len(said.split()) <= _CHANGE_WORDS_MAX and not is_open(said)
        how = f" ({quoted(said)})" if is_short and place < _CHANGES_QUOTED_MAX else ""
        often = f", and {_REPEATING}" if field in several else ""
        if how or often:
            clauses.append(f"{code(field.machine_name)} changes{how}{often}")
    places: dict[str, list[str]] = {}
    for field, bundle, by in view.fields.named:
        if by is None and field in own and field.status is Status.APPROVED:
            places.setdefault(field.machine_name, []).append(text(name_of(bundle)))
    new: dict[str, list[str]] = {}
    for name, owners in places.items():
        on = f" on {listed(owners)}" if view.listed_bundles[1:] else ""
        new.setdefault(on, []).append(code(name))
    clauses += [
        f"{listed(names, at_most=NAMED_MAX)} {is_or_are(len(names))} new{on}"
        for on, names in new.items()
    ]
    if rest := [row for row in several if row not in own or row.status is not Status.CHANGED]:
        takes = "takes" if len(rest) == 1 else "take"
        clauses.append(f"{codes(rest)} {takes} several values: {_REPEATING}")
    return clauses


_REPEATING = "sorting by it lists an item once for each value"
_CHANGE = re.compile(
    r"\b(?:was|were|so far|becomes?|changed|no longer|from now on|now (?!on\b)\w+)\b",
    re.IGNORECASE,
)
"""What a note says of a change itself."""
_CHANGE_WORDS_MAX = 14
_CHANGES_QUOTED_MAX = 2


def _with_tickets(rows: Sequence[Entity], facts: GroupFacts) -> str:
    """Name rows with the tickets that make them, those of one ticket together."""
    made: dict[str, list[str]] = {}
    for row in rows:
        name, bracket, ticket = with_ticket(row, facts).rpartition(" (<a ")
        made.setdefault(bracket + ticket if bracket else "", []).append(name or ticket)
    named = [f"{listed(names, at_most=NAMED_MAX)}{ticket}" for ticket, names in made.items()]
    return listed(named, at_most=NAMED_MAX)


def _with_condition(head: Entity, facts: GroupFacts) -> str:
    """Name what a removal takes away, with what its note says of when."""
    said = [quoted(s) for s in note_sentences(head) if _BESIDE_REMOVAL.search(s)]
    return f"{with_ticket(head, facts)}{': ' if said else ''}{', '.join(said)}"


def with_ticket(row: Entity, facts: GroupFacts) -> str:
    """Name what a ticket needs, with the ticket that makes it where no dependency says so."""
    known = {d.group_key for d in facts.group.dependencies}
    group = facts.session.making.get(row.key)
    is_known = group is None or group.key in known or group.key == facts.group.key
    if group is None or is_known:
        return text(name_of(row))
    return f"{text(name_of(row))} ({link_html(group)})"


def _workflow(facts: GroupFacts) -> Iterator[str]:
    transitions = transitions_of(facts.live(EntityKind.WORKFLOW_TRANSITION))
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
        rights = [f"{listed(who)} may use {what}" for what, who in same.items()]
        rights += _undecided(transitions, facts)
        rights += _to_come(transitions, facts)
        yield _bullet("Permissions", f"{'; '.join(rights)}.")
    later = moderated_later(facts)
    clauses = [
        listed([text(name_of(b)) for b in bundles_meant_by(facts) if b not in later], at_most=12)
    ]
    if later:
        new = [with_ticket(bundle, facts) for bundle in later]
        exist = "it exists" if len(later) == 1 else "they exist"
        clauses.append(f"checked once {exist}: {listed(new, at_most=12)}")
    if applies := "; ".join(filter(None, clauses)):
        yield _bullet("Applies to", f"{capitalised(applies)}.")
    yield from _ruled_views(facts)


def _undecided(transitions: Sequence[Transition], facts: GroupFacts) -> list[str]:
    """Say for which roles, and for which of their transitions, the questions decide."""
    doubts: dict[str, list[str]] = {}
    for role in facts.doubted_roles:
        rows = [t.row for t in transitions if role in facts.roles_doubted_on(t.row)]
        which = f" for {codes(rows)}" if len(rows) < len(transitions) else ""
        doubts.setdefault(which, []).append(text(name_of(role)))
    undecided = [f"{listed(who)}{which}" for which, who in doubts.items()]
    return [f"the questions decide on {listed(undecided)}"] if undecided else []


def _to_come(transitions: Sequence[Transition], facts: GroupFacts) -> list[str]:
    """Say which ticket brings the new roles of transitions, where no dependency does."""
    known = {dependency.group_key for dependency in facts.group.dependencies}
    new: dict[str, dict[str, None]] = {}
    for role in (role for transition in transitions for role in allowed_roles(transition, facts)):
        group = facts.session.building.get(role.source)
        if role.status is Status.APPROVED and group is not None and group.key not in known:
            new.setdefault(link_html(group), {})[text(name_of(role))] = None
    return [
        f"{listed(list(names))} {'comes' if len(names) == 1 else 'come'} with {ticket}"
        for ticket, names in new.items()
    ]


def moderated_later(facts: GroupFacts) -> list[Entity]:
    """Return the new bundles that a workflow moderates and that later tickets create."""
    making, here = facts.session.making, facts.group.number
    is_workflow = facts.group.kind is GroupKind.WORKFLOW
    return [
        bundle
        for bundle in (bundles_meant_by(facts) if is_workflow else ())
        if bundle.status is Status.APPROVED
        if bundle.key in making and making[bundle.key].number > here
    ]


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
        r for r in facts.to_build if r.machine_name in {*lexicon().public_roles, BYPASSING_ROLE}
    ]
    if shipped:
        verb = "it is" if len(shipped) == 1 else "they are"
        yield _bullet(
            "Ships with Drupal",
            f"{codes(shipped, at_most=NAMED_MAX)}; {verb} not created, only given permissions.",
        )
    for row in facts.to_build[:NAMED_MAX]:
        permissions = items_of(row.cell("Permissions"))
        if permissions and not row.note:
            summary = f"{count_of(len(permissions), 'permission')}: "
            summary += listed([quoted(p) for p in permissions], at_most=3)
            yield _bullet(label_and_name(row), f"{capitalised(summary)}.")
    workflows = [g for g in facts.dependents if g.kind is GroupKind.WORKFLOW]
    if workflows:
        them = listed([f"{text(w.label)} ({link_html(w)})" for w in workflows], at_most=NAMED_MAX)
        yield _bullet("Transitions", f"Permissions on transitions come with {them}.")
    for row in facts.to_build:
        for sentence, group in rights_lost_later(row, facts):
            which = f"{text(group.label)} ({link_html(group)})"
            yield _bullet("Order", f"{quoted(sentence)} of {named(row)} once {which} is there.")
    if later := later_things(facts):
        them = kinds_named(
            later, at_most=_LATER_NAMED_MAX, called=lambda thing: with_ticket(thing, facts)
        )
        exist = "it exists" if len(later) == 1 else "they exist"
        yield _bullet("Checked later", f"Permissions on {them}, once {exist}.")
    granted: dict[str, list[str]] = {}
    for role, transition, workflow in granted_transitions(facts):
        to = f"of {text(workflow.label)} to {named(role)}"
        granted.setdefault(to, []).append(quoted(name_of(transition)))
    if granted:
        given = [f"{listed(list(dict.fromkeys(names)))} {to}" for to, names in granted.items()]
        yield _bullet("Transitions there", f"Grant {listed(given)}.")


def rights_lost_later(row: Entity, facts: GroupFacts) -> list[tuple[str, EntityGroup]]:
    """Return what a role loses once a later workflow lets others publish, with that workflow."""
    later = [g for g in facts.dependents if g.kind is GroupKind.WORKFLOW]
    lost = [s for s in note_sentences(row) if _LOST.search(s)] if len(later) == 1 else []
    return [(sentence, later[0]) for sentence in lost]


_LOST = re.compile(r"\b(?:loses?|no longer)\b.*\bpublish", re.IGNORECASE)


def _removal(facts: GroupFacts) -> Iterator[str]:
    types: dict[str, list[Entity]] = {}
    for head in facts.group.heads:
        types.setdefault(noun_of(head), []).append(head)
    sentences = [
        f"{count_of(len(heads), noun)}: {listed([label_and_name(h) for h in heads])}"
        for noun, heads in types.items()
    ]
    if len(facts.group.heads) <= _GOING_NAMED_MAX:
        sentences = ["; ".join([*sentences, *_together(facts)])]
    for sentence in sentences:
        yield _bullet("Remove if present", f"{capitalised(sentence)}.")
    if asked := [head for head in facts.group.heads if facts.questions_on(head)]:
        of = f"content of {listed([text(name_of(h)) for h in asked])}"
        what = of if len(asked) < len(facts.group.heads) else "existing content"
        yield _bullet("Content", f"The question below decides on {what}.")
    own, shared = going_rows(facts)
    kinds = {_ROW_NOUNS.get(row.kind, row.kind.value.replace("_", " ")): row.kind for row in own}
    taken = [
        f"the {noun if len(rows) == 1 else plural(noun)} {codes(rows, at_most=NAMED_MAX)}"
        for noun, kind in kinds.items()
        for rows in [[row for row in own if row.kind is kind]]
    ]
    clauses = [capitalised(listed(taken))] if taken else []
    if shared:
        clauses.append(
            f"{codes(shared, at_most=NAMED_MAX)}, whose storage stays, as other bundles use it"
        )
    if clauses:
        yield _bullet("Goes with it", f"{'; '.join(clauses)}.")
    yield from _referring(facts)


def _referring(facts: GroupFacts) -> Iterator[str]:
    """Say what refers to a removed thing, and what has to happen to that before."""
    going: list[str] = []
    staying: list[str] = []
    for row, head in referring_rows(facts):
        group = facts.session.groups.get(row.owner_key or "")
        owner = text(facts.session.index.owner_name(row))
        where = f"{owner} ({link_html(group)})" if group else owner
        if row.status is Status.DELETED:
            note = f" ({quoted_note(row.note)})" if facts.note_to_quote(row) else ""
            going.append(f"{named(row)} of {where}, which refers to {text(name_of(head))}{note}")
        else:
            staying.append(
                f"{named(row)} of {where} stays and refers to {text(name_of(head))}: take that "
                "reference away, or give it another target, before the removal"
            )
    own = {head.key for head in facts.group.heads}
    removals = listing_removals(facts.session)
    views = [
        f"{_of_kind(v, facts)}, which lists {text(name_of(b))}" for v, b in removals if b.key in own
    ]
    views += [
        f"{_of_kind(group.heads[0], facts)}, which brings {code(f'/{path}')} for the redirect"
        for path, group in redirect_views(facts)
    ]
    yield from _read_before(facts, *going[:NAMED_MAX], *views)
    if listing := [_of_kind(b, facts) for v, b in removals if v.key in own]:
        yield _bullet("Order", f"Before the removal of {listed(listing, at_most=NAMED_MAX)}.")
    yield from (_bullet("Still refers to it", f"{sentence}.") for sentence in staying[:NAMED_MAX])
    together: list[str] = []
    read = {run.key for run, _ in reading_runs(facts)}
    for head, other, sentence in bound_removals(facts):
        if head.key not in own:
            together.append(_of_kind(head, facts) + (f": {quoted(sentence)}" if sentence else ""))
        elif other.kind is EntityKind.MIGRATION and other.key not in read:
            yield _bullet("Goes first", f"{with_ticket(other, facts)}, for {text(name_of(head))}.")
    if together:
        yield _bullet("Together", f"{capitalised('; '.join(together))}.")
    for group, row, sentences in preparing_rows(facts):
        yield _bullet(
            "Goes first",
            f"{named(row)} of {text(group.label)} ({link_html(group)}): {listed(list(map(quoted, sentences)))}.",
        )


def _together(facts: GroupFacts) -> list[str]:
    """Say what of a ticket goes together with what another one removes."""
    own = {row.key for row in (*facts.group.heads, *facts.group.members)}
    others: dict[str, list[str]] = {}
    for head, other, _ in bound_removals(facts):
        if head.key in own and other.kind is not EntityKind.MIGRATION:
            others.setdefault(name_of(head), []).append(_of_kind(other, facts))
    is_one = len(facts.group.heads) == 1
    return [
        f"{'' if is_one else f'{text(name)} '}together with {listed(rows, at_most=NAMED_MAX)}"
        for name, rows in others.items()
    ]


def _of_kind(row: Entity, facts: GroupFacts) -> str:
    """Name a row with its ticket and what it is: a view is often called as what it lists."""
    return f"the {noun_of(row)} {with_ticket(row, facts)}"


def _styles(facts: GroupFacts) -> Iterator[str]:
    if clauses := _together(facts):
        yield _bullet("Removal", f"{capitalised('; '.join(clauses))}.")


def _still_named(facts: GroupFacts) -> Iterator[str]:
    """Name what else names something that goes, and is in no other bullet."""
    owners = {row.owner_key or "" for row, _ in referring_rows(facts)}
    owners |= {group.key for group, _, _ in preparing_rows(facts)}
    names = [
        text(relation.label)
        for relation in facts.group.relations
        if relation.kind is RelationKind.REMOVAL and relation.group_key not in owners
    ]
    if names:
        sentence = listed(list(dict.fromkeys(names)), at_most=NAMED_MAX)
        yield _bullet("Still named in", f"{sentence}: take the name out there before the removal.")


_FIELD_OF = re.compile(r"^field_\w+ of (\w[\w -]*)")
"""A cell of a migration that names a field of a bundle: `field_a of Quay`."""


def _migration(facts: GroupFacts) -> Iterator[str]:
    run = migration_of(facts)
    ran = listed([with_ticket(other, facts) for other in run.before])
    is_one = len(run.before) == 1
    needs = [f"the migration{'' if is_one else 's'} {ran} {'has' if is_one else 'have'} run"]
    needs = needs if ran else []
    making, index = facts.session.making, facts.session.index
    owners = [
        b
        for cell in facts.head.cells.values()
        for name in _FIELD_OF.findall(cell)
        for b in index.bundles_by_name.get(name.casefold(), ())
    ]
    owners += bundles_taken_apart(facts.head, index)
    bundles = [*run.destinations, *owners, *noted_bundles(facts), *required_bundles(facts)]
    needed = [b for b in {b.key: b for b in bundles}.values() if b.key in making]
    new = [b for b in needed if b.status is Status.APPROVED]
    changed = [b for b in needed if b not in new]
    states: dict[str, list[Entity]] = {}
    for state, workflow in states_entered(facts):
        states.setdefault(with_ticket(workflow, facts), []).append(state)
    for of_workflow, named_states in states.items():
        noun = "state" if len(named_states) == 1 else "states"
        needs.insert(
            0, f"the {noun} {listed([quoted(name_of(s)) for s in named_states])} of {of_workflow}"
        )
    needs[:0] = [f"the changes to {_with_tickets(changed, facts)}"] if changed else []
    needs[:0] = [_with_tickets(new, facts)] if new else []
    if needs:
        yield _bullet("Needs", f"{capitalised('; '.join(needs))}.")
    fields, referring = referring_fields(facts.head, index), referring_runs(facts)
    if (
        len(fields) == 1
        and not referring
        and (group := facts.session.building.get(fields[0].source))
    ):
        of = f"{named(fields[0])} of {text(index.owner_name(fields[0]))} ({link_html(group)})"
        yield _bullet("Then", f"{of} refers to what it brings.")
    later = [_with_tickets(run.after, facts)] if run.after else []
    if removed := read_removals(facts):
        later += [f"the removal of {_with_condition(head, facts)}" for head in removed]
    if later:
        yield _bullet("Order", f"Run it before {listed(later)}.")
    if redirected := redirected_runs(facts):
        yield _bullet("Order", f"Run it after {_with_tickets(redirected, facts)}.")
    for title, pairs in (
        ("Items referred to by", referring),
        ("Refers to items of", run.referred),
    ):
        fields_by_run: dict[str, list[Entity]] = {}
        for field, other in pairs:
            fields_by_run.setdefault(with_ticket(other, facts), []).append(field)
        runs: dict[str, list[str]] = {}
        for name, fields in fields_by_run.items():
            runs.setdefault(codes(fields, at_most=2), []).append(name)
        if clauses := [f"{listed(names)}, by {fields}" for fields, names in runs.items()]:
            yield _bullet(title, f"{'; '.join(clauses)}.")


def _view_modes(facts: GroupFacts) -> Iterator[str]:
    yield from _uses(facts)
    yield from _styles(facts)
    if later := later_places(facts):
        exist = "it exists" if len(later) == 1 else "they exist"
        yield _bullet(
            "Checked later", f"The displays of {_with_tickets(later, facts)}, once {exist}."
        )


def later_places(facts: GroupFacts) -> list[Entity]:
    """Return the bundles that later tickets create and on which view modes are used."""
    if facts.group.kind is not GroupKind.VIEW_MODES:
        return []
    places = {
        place.casefold() for row in facts.to_build for place in known_places(row, facts.session)
    }
    kinds = {row.bundle_type for row in facts.to_build}
    deferred = {r.group_key for r in facts.group.relations if r.kind is RelationKind.DEFERRED}
    return [
        head
        for group in sorted(facts.session.groups.values(), key=lambda group: group.number)
        if group.number > facts.group.number and group.action is GroupAction.CREATE
        if group.key not in deferred
        for head in group.heads
        if head.kind is EntityKind.BUNDLE and head.bundle_type in kinds
        if places & {name_of(head).casefold(), head.label.casefold()}
    ]


_BULLETS: Mapping[GroupKind, Callable[[GroupFacts], Iterator[str]]] = {
    GroupKind.BUNDLE: _bundle,
    GroupKind.BUNDLES_WITHOUT_FIELDS: _bundles_without_fields,
    GroupKind.VIEW: _view,
    GroupKind.WORKFLOW: _workflow,
    GroupKind.USER_ROLES: _roles,
    GroupKind.IMAGE_STYLES: _styles,
    GroupKind.RESPONSIVE_IMAGE_STYLES: _styles,
    GroupKind.VIEW_MODES: _view_modes,
    GroupKind.MIGRATION: _migration,
    GroupKind.CUSTOM: lambda _: iter(()),
    GroupKind.REMOVAL: _removal,
}
