"""The verification: statements a person can try and tick off, from columns, names and counts.

Belongs here: what must hold of each kind of ticket. A note enters as a whole, quoted after
the check of the row it is about.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from jira_pipeline.domain.entities import (
    MENU,
    NOTE_COLUMNS,
    BundleType,
    Entity,
    EntityKind,
    Reference,
    Status,
    sheet_noun,
)
from jira_pipeline.domain.entity_groups import COMPONENT_KINDS, GroupAction, GroupKind, RelationKind
from jira_pipeline.domain.lexicon import lexicon
from jira_pipeline.domain.note_sentences import is_informative, items_of
from jira_pipeline.domain.questions.field_questions import (
    BOOLEAN,
    LABEL,
    LIST,
    REFERENCE,
    REVISIONS,
    family_of,
    hidden_sentence,
    is_required,
)
from jira_pipeline.domain.questions.question_index import (
    is_machine_name_given,
    name_of,
)
from jira_pipeline.domain.questions.row_questions import PROSE_COLUMNS
from jira_pipeline.domain.questions.structure_questions import effects_of, size_beside_effects
from jira_pipeline.domain.questions.workflow_questions import (
    is_as_another,
    kept_states_lacking,
)
from jira_pipeline.domain.role_notes import BYPASSING_ROLE, says_more_than_roles
from jira_pipeline.domain.view_displays import (
    is_for_administrators,
    is_of_core,
    is_read_by_programs,
    is_shared,
    path_of,
    paths_of,
    plugin_of,
    setting_of,
    silent_displays,
)
from jira_pipeline.writers.analysis import (
    FIELDS_LISTED_SINGLY,
    NOTES_MAX,
    POINT_WORDS_MIN,
    announced,
    bundles_meant_by,
    is_in_checks,
    moderated_by,
    moderated_later,
    note_left,
    note_to_check,
    noted_in_checks,
    notes_in_analysis,
    owned,
    places_named,
    rights_lost_later,
    with_ticket,
)
from jira_pipeline.writers.display_rows import known_places, places_column
from jira_pipeline.writers.english import (
    bundle_noun,
    capitalised,
    count_of,
    is_or_are,
    kinds_named,
    listed,
    number,
    with_article,
)
from jira_pipeline.writers.fragments import (
    checklist,
    code,
    codes,
    label_and_name,
    menu_path,
    named,
    quoted,
    quoted_note,
    text,
)
from jira_pipeline.writers.group_facts import (
    GroupFacts,
    allowed_roles,
    coming_targets,
    is_form_row,
    note_sentences,
    transitions_of,
)
from jira_pipeline.writers.migration_runs import (
    migration_of,
    opened_fields,
    redirected_runs,
    when_run,
)
from jira_pipeline.writers.related_work import granted_transitions
from jira_pipeline.writers.shown_view import ShownView, shown_view
from jira_pipeline.writers.story import described_in_checks

NAMED_MAX = 12
_NOTES_WORDS_MAX = 150
"""Of the notes that checks quote together, where no other check is about their rows alone."""
_OFFERS_MAX = 3
_ANY = frozenset({"*", "unlimited"})
_AT_LEAST = re.compile(r"\bat least (?!one\b)|\bminimum\b|\bmin\. ?\d", re.IGNORECASE)
"""How a note asks for more values than the one that `required` means."""
_UPKEEP = frozenset(
    {"ID", "X", "Dev", "QA", "Notes", "Settings/notes", "Description", "Entity Type"}
    | {"Entities Used On", *NOTE_COLUMNS}  # are checked by themselves
)
_RESPONSIBILITY = re.compile(
    r"(?:resp|owner|kept by|maintain|author|asked|who|person|contact|dev|qa|test|workshop|source"
    r"|estimate|prio|status)",
    re.IGNORECASE,
)
"""Columns of people and of the work, which nobody finds on the site."""
_NAME_WORDS_MAX = 4
"""A longer cell of a role is prose on what it does."""
_CELL_WORDS_MAX = 25
_CELLS_MAX = 4
ADMIN_PAGES: Mapping[BundleType, str] = {
    BundleType.CONTENT: "Content types",
    BundleType.PARAGRAPH: "Paragraph types",
    BundleType.VOCABULARY: "Taxonomy",
    BundleType.MEDIA: "Media types",
    BundleType.BLOCK: "Block types",
    BundleType.WEBFORM: "Webforms",
}
"""Where Drupal's administration lists each type, under Structure."""
SWITCHES: Mapping[str, str] = {
    "Mod.": "moderation",
    "Layout": "Layout Builder",
    "Trns.": "translation",
    "Cmnt.": "commenting",
    "Sched.": "scheduled publishing",
}
"""Columns of the bundles sheet that represent a switch in the settings of the bundle."""


def verification(facts: GroupFacts) -> str:
    """Return the checklist; where a question decides whether to build, nothing is stated yet."""
    is_removal = facts.group.action is GroupAction.REMOVE
    if facts.group.is_hollow and facts.group.heads and not is_removal:
        there = facts.with_status(Status.IMPLEMENTED)
        are = is_or_are(len(there))
        waiting = (
            f"{codes(there, at_most=NAMED_MAX)} of {text(facts.name)} {are} unchanged"
            if there
            else f"{label_and_name(facts.head)} is not on the site"
        )
        body = f"{waiting} as long as the question on it is open"
        return checklist([body, *_added_or_gone(facts)])
    statements = (_removal if is_removal else _STATEMENTS[facts.group.kind])(facts)
    opened = [
        f"{owned(row, facts)} also offers {listed([text(name_of(bundle)) for bundle in new])}"
        for row, new in opened_fields(facts)
    ]
    notes = [*opened, *_notes_of_many(facts), *_notes_above(facts)]
    body = checklist([*statements, *notes])
    for row, name in facts.settled_names:
        if is_machine_name_given(row):
            body = body.replace(code(row.machine_name), code(name))
    return body


def _note(row: Entity, facts: GroupFacts) -> str:
    """Quote the note of a row after what is checked of it: it is no check of its own."""
    note = facts.note_to_quote(row)
    return f". Note: {quoted_note(note)}" if note else ""


def _notes_above(facts: GroupFacts) -> Iterator[str]:
    """State that the note holds which the analysis quotes; one of a word or two asks for nothing."""
    if facts.group.kind in COMPONENT_KINDS:
        return
    if is_in_checks(facts):
        yield from _noted(facts)
        return
    shown = list(notes_in_analysis(facts).items())[:NOTES_MAX]
    rows = [row for note, noting in shown if len(note.split()) >= POINT_WORDS_MIN for row in noting]
    for row in rows:
        pending = "; subject to its question" if facts.is_doubted(row) else ""
        yield f"{named(row)} is as noted above{pending}"


def _noted(facts: GroupFacts) -> Iterator[str]:
    """Quote what the description and the notes of heads ask for."""
    if description := described_in_checks(facts):
        yield f"As described: {quoted_note(description)}"
    is_one = len(facts.group.heads) == 1
    for head in facts.group.heads:
        if note := note_to_check(head, facts):
            asked = [q.quote for q in facts.questions_on(head) if q.column in PROSE_COLUMNS]
            is_touched = any(quote in note or note in quote for quote in asked if quote)
            pending = ", subject to its question" if is_touched else ""
            yield f"{'As noted' if is_one else named(head)}{pending}: {quoted_note(note)}"


def _pending(row: Entity, facts: GroupFacts) -> str:
    """Say that a question of the ticket may change what is checked of a row."""
    return "; subject to its question" if facts.is_doubted(row) else ""


def _exists(facts: GroupFacts) -> str:
    return "is still there" if facts.group.action is GroupAction.UPDATE else "exists"


def _with_machine_name(row: Entity, facts: GroupFacts) -> str:
    name = facts.session.index.settled_name(row) or row.machine_name
    return f" with the machine name {code(name)}" if name not in {"", "-"} else ""


def _bundle(facts: GroupFacts) -> Iterator[str]:
    head, rows = facts.head, facts.to_build
    kind = head.bundle_type
    path = menu_path("Structure", ADMIN_PAGES[kind], facts.name) if kind else text(facts.name)
    statement = f"{path} {_exists(facts)}{_with_machine_name(head, facts)}"
    switches = _switched_on(head, facts)
    if switches and _is_new_or_changed(facts):
        statement += f"; {listed(switches)} {is_or_are(len(switches))} switched on"
    is_asked = any(question.column in SWITCHES for question in facts.questions_on(head))
    yield f"{statement}; subject to its question" if switches and is_asked else statement
    if len(rows) <= FIELDS_LISTED_SINGLY:
        yield from (_field_statement(row, facts) for row in rows if _is_to_state(row, facts))
    else:
        yield from _fields_together(facts)
    yield from _field_groups(rows)
    yield from _address(facts)
    yield from _added_or_gone(facts, f" from {text(facts.name)}")


def _switched_on(head: Entity, facts: GroupFacts) -> list[str]:
    """Return what the columns of a bundle switch on, save what a question disputes."""
    doubted = {question.disputes for question in facts.questions_on(head)}
    found = facts.session.index.workflow_of(head)
    by = f" by {quoted(found[0].label)}" if found else ""
    return [
        f"{words}{by if words == 'moderation' else ''}"
        for column, words in SWITCHES.items()
        if head.cell(column).casefold() == "y" and column not in doubted
    ]


def _is_new_or_changed(facts: GroupFacts) -> bool:
    """Tell whether what the row of a bundle says is to be set, not only its fields."""
    is_new = facts.group.action is not GroupAction.UPDATE
    return is_new or facts.head.status is Status.CHANGED


def required_on_form(rows: Sequence[Entity]) -> list[Entity]:
    """Return the fields a form cannot be saved without: required, named and entered on it."""
    return [
        row
        for row in rows
        if is_required(row) and is_machine_name_given(row)
        if not hidden_sentence(row) and not _READ_ONLY.search(row.note)
    ]


_READ_ONLY = re.compile(r"\bread-only\b", re.IGNORECASE)


def _fields_together(facts: GroupFacts) -> Iterator[str]:
    rows = facts.to_build
    has_title = any(family_of(row.cell("Field type")) == LABEL for row in rows)
    new = "new " if facts.group.action is GroupAction.UPDATE else ""
    is_all = not new and not facts.with_status(Status.IMPLEMENTED)
    targets = {row.key: coming_targets(row, facts.session.specification) for row in rows}
    referring = [row for row in rows if targets[row.key]]
    parts = ["types", *(["targets"] if len(referring) > _OFFERS_MAX else [])]
    columns = {"Form widget": "widgets", "Vals.": "numbers of values"}
    parts += [word for column, word in columns.items() if rows[0].has_column(column)]
    yield (
        f"Manage fields of {text(facts.name)} lists {'exactly ' if is_all else ''}the {new}fields "
        f"tabled{' beside the title' if has_title else ''}, with their {listed(parts)}"
    )
    required = required_on_form(rows)
    shown = {row.source: row.note for row in _noted_in_room(noted_in_checks(facts))}
    hidden = [
        r for r in rows if hidden_sentence(r) and hidden_sentence(r) not in shown.get(r.source, "")
    ]
    hidden.sort(key=lambda r: not is_required(r))
    if hidden:
        yield f"{codes(hidden, at_most=NAMED_MAX)} {is_or_are(len(hidden))} not on the form"
    doubted = [row for row in required if facts.may_be_optional(row)]
    if len(required) == len(rows) and not doubted:
        yield "The form cannot be saved while any of these fields is empty"
    elif required:
        sure = [row for row in required if row not in doubted]
        parts = (
            [f"The form cannot be saved without {codes(sure, at_most=NAMED_MAX)}"] if sure else []
        )
        if doubted:
            which = "its question" if len(doubted) == 1 else "their questions"
            verb = "is" if len(doubted) == 1 else "are"
            parts.append(
                f"whether {codes(doubted, at_most=NAMED_MAX)} {verb} required waits for {which}"
            )
        yield capitalised("; ".join(parts))
    yield from _offers(rows, targets, facts)
    values: dict[str, list[Entity]] = {}
    for row in rows:
        count = row.cell("Vals.").casefold()
        if any(q.disputes == "Vals." for q in facts.questions_on(row)):
            continue
        if count in _ANY or (count.isdecimal() and int(count) > 1):
            values.setdefault("any number of" if count in _ANY else f"up to {count}", []).append(
                row
            )
    if values:
        parts = [
            f"{codes(same, at_most=NAMED_MAX)} {'takes' if len(same) == 1 else 'take'} {count} values"
            for count, same in values.items()
        ]
        yield "; ".join(parts)


def _offers(
    rows: Sequence[Entity], targets: Mapping[str, Sequence[Reference]], facts: GroupFacts
) -> Iterator[str]:
    """State what reference fields offer; of many, whose targets are tabled, only what is open."""
    referring = [row for row in rows if targets[row.key]]
    open_targets = [
        row
        for row in referring
        if any(
            q.column == "Ref. bundle" or not (q.disputes or len(q.quote.split()) >= POINT_WORDS_MIN)
            for q in facts.questions_on(row)
        )
        and facts.is_doubted(row)
    ]
    which = "its question" if len(open_targets) == 1 else "their questions"
    pending = f"{codes(open_targets, at_most=NAMED_MAX)} subject to {which}" if open_targets else ""
    if len(referring) > _OFFERS_MAX:
        others = [
            row
            for row in rows
            if not targets[row.key] and any(r.column == "Ref. bundle" for r in row.references)
        ]
        if open_targets:
            offer = "offers" if len(open_targets) == 1 else "offer"
            yield f"What {codes(open_targets, at_most=NAMED_MAX)} {offer} is subject to {which}"
        if others:
            wait = "waits for its target" if len(others) == 1 else "wait for their targets"
            yield f"{codes(others, at_most=NAMED_MAX)} {wait}"
    elif referring:
        offers = [
            f"{named(row)} offers only {listed([text(t.text) for t in targets[row.key]], at_most=4)}"
            for row in referring
        ]
        yield "; ".join([*offers, *([pending] if pending else [])])


def _is_to_state(row: Entity, facts: GroupFacts) -> bool:
    """Tell whether there is anything to check: every item has a title."""
    is_title = family_of(row.cell("Field type")) == LABEL
    return not is_title or bool(_note(row, facts)) or facts.is_doubted(row)


def _field_statement(row: Entity, facts: GroupFacts) -> str:
    """State what a field takes, how many, and what its note adds."""
    who = label_and_name(row) if is_machine_name_given(row) else quoted(name_of(row))
    return f"{who} {_taking(row, facts)}{_pending(row, facts)}{_note(row, facts)}"


def _taking(row: Entity, facts: GroupFacts) -> str:
    family, count = family_of(row.cell("Field type")), row.cell("Vals.").casefold()
    if family == LABEL:
        return "names each item"
    if family == BOOLEAN:
        return "can be switched on and off"
    if row.cell("Field type").casefold() == "checkbox":
        return "must be ticked" if is_required(row) else "can be ticked"
    one, many = _things(row, facts)
    if one == many:
        amount = one
    elif count in _ANY:
        amount = f"any number of {many}"
    elif count.isdecimal() and int(count) > 1:
        amount = f"up to {count} {many}"
    else:
        amount = f"one {one}" if count == "1" else with_article(one)
    if hidden_sentence(row) or _READ_ONLY.search(row.note):
        return f"keeps {amount}"
    if is_required(row) and count in _ANY and one != many:
        return (
            f"must hold {many}" if _AT_LEAST.search(row.note) else f"must hold at least one {one}"
        )
    if is_required(row):
        return f"must hold {amount}"
    return f"takes {amount}"


def _things(row: Entity, facts: GroupFacts) -> tuple[str, str]:
    type_ = row.cell("Field type").strip("-")
    if targets := coming_targets(row, facts.session.specification):
        groups = facts.session.groups
        later = {
            r.label
            for r in facts.group.relations
            if r.kind is RelationKind.DEFERRED
            if (other := groups.get(r.group_key or "")) and other.action is GroupAction.CREATE
        }
        once = " once it exists"
        called = [f"{text(t.text)}{once if t.text in later else ''}" for t in targets]
        names = listed(called, at_most=4, word="or")
        return f"reference to {names}", f"references to {names}"
    family = family_of(type_)
    if family in {REFERENCE, REVISIONS}:
        return "reference", "references"
    if family == LIST:
        return "option of its list", "options of its list"
    return lexicon().entered.get(type_.casefold().removesuffix(" file"), ("value", "values"))


_LIST_OF_ITEMS = re.compile(r"[\w -]{2,20}(?:, [\w -]{2,20}){2,}")
"""Terms, where a vocabulary is described so; of anything else only examples."""


def listed_terms(head: Entity) -> str:
    """Return the description of a vocabulary that is nothing but a list of its terms."""
    description = head.cell("Description").strip()
    is_list = _LIST_OF_ITEMS.fullmatch(description.rstrip(". ")) and not description.endswith("..")
    return description if head.bundle_type is BundleType.VOCABULARY and is_list else ""


def _notes_of_many(facts: GroupFacts) -> Iterator[str]:
    """Quote the notes of rows that no other check is about alone, and point to those that are many.

    Required rows and the first ones have the room; what is too much for it is in the table.
    """
    noted = noted_in_checks(facts)
    shown = {row.source for row in _noted_in_room(noted)}
    same: dict[str, list[Entity]] = {}
    for row in (row for row in noted if row.source in shown):
        pending = ", subject to its question" if facts.is_doubted(row) else ""
        note = quoted_note(facts.note_to_quote(row))
        places = places_named(row, facts)
        same.setdefault(f"{pending}: {note}{places}", []).append(row)
    for said, rows in same.items():
        yield f"{codes(rows, at_most=len(rows))}{said}"
    rest = [row for row in noted if row.source not in shown]
    if shown and len(rest) > FIELDS_LISTED_SINGLY:
        yield "All other rows with a note are as the table says"
    elif rest:
        say = "its note in the table says" if len(rest) == 1 else "their notes in the table say"
        yield f"{codes(rest, at_most=NAMED_MAX)} {is_or_are(len(rest))} as {say}"


def _noted_in_room(noted: Sequence[Entity]) -> Iterator[Entity]:
    """Return the rows for whose notes there is room."""
    words = 0
    for row in sorted(noted, key=lambda row: not is_required(row)):
        count = len(row.note.split())
        if words + count <= _NOTES_WORDS_MAX:
            words += count
            yield row


def _listed_as_there(rows: Sequence[Entity], facts: GroupFacts) -> list[Entity]:
    """Leave out what is there in any case and changes as its note says: that has its own check."""
    noted = {row.source for row in noted_in_checks(facts)}
    return [r for r in rows if r.status is not Status.CHANGED or r.source not in noted]


def _field_groups(rows: Sequence[Entity]) -> Iterator[str]:
    groups: dict[str, list[Entity]] = {}
    for row in rows:
        if row.cell("Field group") not in {"", "-"} and not hidden_sentence(row):
            groups.setdefault(row.cell("Field group"), []).append(row)
    if groups:
        if len(groups) > _OFFERS_MAX:
            yield f"The form has the {number(len(groups))} field groups tabled, each with its fields"
            return
        groups_text = [
            f"{quoted(name)} holds {codes(held, at_most=NAMED_MAX)}"
            for name, held in groups.items()
        ]
        yield f"On the form, {'; '.join(groups_text)}"


def _address(facts: GroupFacts) -> Iterator[str]:
    alias = facts.head.cell("URL alias pattern")
    if facts.is_webform:
        yield from _forms(facts)
    elif _is_new_or_changed(facts) and _ALIAS_PATTERN.search(alias):
        is_asked = any(q.column == "URL alias pattern" for q in facts.questions)
        pending = "; subject to its question" if is_asked else ""
        yield f"The address of a newly saved item follows {_addresses(alias)}{pending}"


def _addresses(alias: str) -> str:
    """Return the address or pattern of a cell, each language of a cell with several by itself."""
    by_language = re.findall(r"\b([A-Z]{2}):? ([^\s,;]+)", alias)
    found = [f"{code(path)} ({language})" for language, path in by_language]
    return listed(found) if found[1:] else code(alias)


_ALIAS_PATTERN = re.compile(r"\[.+\]|/")
"""A token or a path; another cell says in words how addresses come about."""


def _added_or_gone(facts: GroupFacts, where: str = "") -> Iterator[str]:
    for row in announced(facts.with_status(Status.IMPLEMENTED)):
        yield f"{named(row)}: {quoted_note(row.note)}"
    leaving = facts.with_status(Status.DELETED)
    noted = [row for row in leaving if note_left(row, facts)]
    noted = noted if len(noted) <= FIELDS_LISTED_SINGLY else []
    for row in noted:
        note = note_left(row, facts)
        note = f". Note: {quoted_note(note)}" if note else ""
        yield f"{named(row)} is gone{where}{_asked(row, facts)}{note}"
    rest: dict[str, list[Entity]] = {}
    for row in leaving:
        if row not in noted:
            rest.setdefault(_asked(row, facts), []).append(row)
    for pending, rows in rest.items():
        yield f"{codes(rows, at_most=NAMED_MAX)} {is_or_are(len(rows))} gone{where}{pending}"
    if waiting := facts.with_status(Status.WAITING):
        verb = "has" if len(waiting) == 1 else "have"
        yield f"{codes(waiting, at_most=NAMED_MAX)}, on hold, {verb} not been built"


def _asked(row: Entity, facts: GroupFacts) -> str:
    """Say that a question of the ticket decides on what goes, such as on what it holds."""
    is_named = any(f"“{row.label}”" in question.question for question in facts.questions)
    return "; subject to its question" if is_named or facts.questions_on(row) else ""


def _bundles_without_fields(facts: GroupFacts) -> Iterator[str]:
    kind = facts.head.bundle_type
    path = menu_path("Structure", ADMIN_PAGES[kind]) if kind else "Structure"
    heads = facts.group.heads
    doubted = [head for head in heads if facts.is_doubted(head)]
    which = "their questions" if len(doubted) > 1 else "its question"
    there = _listed_as_there(heads, facts)
    of = "" if doubted == there else f"{codes(doubted, at_most=NAMED_MAX)} "
    pending = f"; {of}subject to {which}" if doubted else ""
    if len(heads) <= NAMED_MAX:
        if there:
            yield f"{path} lists {listed([label_and_name(h) for h in there])}{pending}"
    else:
        yield f"{path} lists all {number(len(heads))} of the table, by label and machine name"
    switched: dict[str, list[Entity]] = {}
    for head in heads:
        switches = _switched_on(head, facts)
        is_stated = any(words.startswith("moderation") for words in switches)
        if (workflow := moderated_by(head, facts)) and not is_stated:
            switches = [f"moderation by {text(workflow.label)}", *switches]
        if switches:
            on = f"{capitalised(listed(switches))} {is_or_are(len(switches))} switched on"
            switched.setdefault(on, []).append(head)
    for on, same in switched.items():
        is_asked = any(q.column in SWITCHES for head in same for q in facts.questions_on(head))
        pending = "; subject to its question" if is_asked else ""
        yield f"{on} for {codes(same, at_most=NAMED_MAX)}{pending}"
    listing = [head for head in heads if listed_terms(head) and not facts.is_doubted(head)]
    yield from (
        f"{named(head)} has the terms {quoted(head.cell('Description'))}" for head in listing
    )
    if facts.is_webform:
        yield from _forms(facts)


def _forms(facts: GroupFacts) -> Iterator[str]:
    """State where forms are found."""
    for head in facts.group.heads:
        alias = head.cell("URL alias pattern")
        if alias not in {"", "-"}:
            yield f"{text(name_of(head))} is at {_addresses(alias)}"


def _view(facts: GroupFacts) -> Iterator[str]:
    head = facts.head
    is_there = "is still there" if is_of_core(head) else _exists(facts)
    statement = (
        f"{menu_path('Structure', 'Views', facts.name)} {is_there}{_with_machine_name(head, facts)}"
    )
    if table := head.cell("Base table"):
        statement += f" on the base table {text(table)}"
    yield statement
    view = shown_view(facts)
    for display in facts.to_build:
        if not is_shared(display):
            yield from _further_paths(display)
            yield _display_statement(display, view)
            kinds = [kind.casefold() for kind in items_of(setting_of(display, "displays"))]
            blocks = [kind for kind in kinds if kind.startswith("block")]
            if display.kind is EntityKind.VIEW and path_of(display) and blocks:
                many = len(blocks) > 1 or view.has_several(display, "block")
                which = "blocks of" if many else "block"
                layout = menu_path("Structure", "Block layout")
                yield f"{layout} offers the {which} {quoted(display.label)}"
        elif note := facts.note_to_quote(display):
            yield f"{named(display)} holds what the others inherit. Note: {quoted_note(note)}"
    yield from _added_or_gone(facts)


def _further_paths(display: Entity) -> Iterator[str]:
    """State what each of several paths in one cell opens; the settings are those of all."""
    paths = paths_of(display)
    for path, shown in paths if paths[1:] else ():
        which = f", {quoted(shown)}" if shown else ""
        yield f"{_tried(path)} opens {quoted(name_of(display))}{which}"


def _tried(path: str) -> str:
    """Name a path as somebody tries it: none is opened with the sign for its argument."""
    return f"{code(path)}, with a value for {code('%')}," if "%" in path else code(path)


def _display_statement(display: Entity, view: ShownView) -> str:
    """State where a display is found, what it shows and what its columns and note say."""
    plugin, path = plugin_of(display), path_of(display)
    kind = display.cell("Display plugin") or plugin
    label = f" {quoted(display.label)}" if display.label else ""
    is_view = display.kind is EntityKind.VIEW
    is_coded = not is_view and is_machine_name_given(display)
    who = f"{code(display.machine_name)}{label}" if is_coded else label.strip()
    settings = _own_settings(display, view.shared)
    is_typed = view.names_listed(display) or not any(map(view.names_listed, view.displays))
    is_filtered = is_typed and any(words.endswith("filtered by") for words, _ in settings)
    has_argument = is_of_core(view.facts.head) and "%" in path
    things = "" if is_filtered or has_argument else view.listed_things(at_most=3, display=display)
    things = "" if things == "content" else text(things)
    if path:
        is_one = not paths_of(display)[1:]
        opens = f"{_tried(path)} opens {who}" if is_one else f"Each of these paths opens {who}"
        parts = [f"{opens}{f' and lists {things}' if things else ''}"]
        if is_for_administrators(display) and not any(words == "access:" for words, _ in settings):
            who = listed([with_ticket(role, view.facts) for role in view.roles], word="or")
            parts.append(
                f"users with the role {who} can open it, visitors cannot{_pending(view.facts.head, view.facts)}"
                if who
                else "visitors have no access to it"
            )
    elif plugin == "block":
        place = menu_path("Structure", "Block layout")
        which, lists = ("blocks of", "list") if view.has_several(display) else ("block", "lists")
        parts = [f"{place} offers the {which} {who}{f', which {lists} {things}' if things else ''}"]
    else:
        parts = [f"{who}, of type {text(kind)}, {f'lists {things}' if things else 'is there'}"]
    parts += [f"{words} {quoted(cell)}" if cell else words for words, cell in settings]
    if is_view:  # its notes have checks of their own
        return "; ".join(parts) + _pending(display, view.facts)
    if silent_displays(view.facts.head, [*([view.shared] if view.shared else []), display]):
        is_core = is_of_core(view.facts.head)
        parts.append(
            "the rest is as its module ships it"
            if is_core
            else "the rest waits for the question on it"
        )
    return "; ".join(parts) + _pending(display, view.facts) + _note(display, view.facts)


def _own_settings(display: Entity, shared: Entity | None) -> list[tuple[str, str]]:
    """Return what columns say of a display, or of the display whose settings it inherits."""
    settings = []
    for setting, words in _SETTINGS.items():
        if setting == "empty" and is_read_by_programs(display):
            continue
        cell = setting_of(display, setting)
        if setting == "displays" and cell.casefold() == plugin_of(display):
            continue
        if cell.casefold() in _NOTHING:
            if setting == "pager" and cell.casefold() == "none":
                settings.append(("no pager", ""))
            continue
        if cell:
            settings.append((words, cell))
        elif shared and (cell := setting_of(shared, setting)):
            settings.append((f"as in {named(shared)}, {words}", cell))
    return settings


_SETTINGS: Mapping[str, str] = {
    "displays": "displays:",
    "format": "format",
    "filters": "filtered by",
    "sort": "sorted by",
    "pager": "per page:",
    "access": "access:",
    "empty": "without results:",
}
"""Columns of a display that can be checked, in the words that introduce the cell."""


_NOTHING = frozenset({"-", "–", "none", "n/a"})
"""Cells that give nothing to check, and do not inherit either; a view without pager shows all."""


def _workflow(facts: GroupFacts) -> Iterator[str]:
    head = facts.head
    yield (
        f"{menu_path('Configuration', 'Workflow', 'Workflows')} lists {text(facts.name)}"
        f"{_with_machine_name(head, facts)}"
    )
    if states := facts.live(EntityKind.WORKFLOW_STATE):
        names = listed([label_and_name(state) for state in states])
        doubted = [state for state in states if facts.is_doubted(state)]
        but = f"; the question decides on {codes(doubted)}" if doubted else ""
        exactly = "" if kept_states_lacking(states) else "exactly "
        yield f"It has {exactly}{count_of(len(states), 'state')}: {names}{but}"
    transitions = transitions_of(facts.live(EntityKind.WORKFLOW_TRANSITION))
    all_roles = facts.session.specification.by_kind[EntityKind.USER_ROLE]
    for transition in transitions:
        sources = listed([text(s) for s in transition.from_states])
        leads = f"leads from {sources} to {text(transition.to_state)}"
        note = _note(transition.row, facts)
        if allowed_roles(transition, facts) and not any(
            says_more_than_roles(s, all_roles) for s in note_sentences(transition.row)
        ):
            note = ""  # which roles may use it is said below
        yield f"{label_and_name(transition.row)} {leads}{_pending(transition.row, facts)}{note}"
    later = moderated_later(facts)
    if meant := [bundle for bundle in bundles_meant_by(facts) if bundle not in later]:
        verb = "uses" if len(meant) == 1 else "use"
        names = listed([text(name_of(bundle)) for bundle in meant], at_most=NAMED_MAX)
        is_own_name = names.casefold() == text(facts.name).casefold()
        nouned = f"The {bundle_noun(meant[0].bundle_type)} {names} is moderated by it"
        yield nouned if is_own_name else f"{names} {verb} {text(facts.name)}"
    roles = [
        role
        for role in all_roles
        if role.status not in {Status.DELETED, Status.WAITING}
        and role.machine_name != BYPASSING_ROLE
        and role.machine_name not in lexicon().public_roles
    ]
    ends = {q.quote for q in facts.questions if q.column == "To state"}
    coming = [t for t in transitions if t.to_state not in ends]
    allowed = [(text(t.label), who) for t in coming if (who := allowed_roles(t, facts))]
    open_for = {
        (text(t.label), role.key) for t in transitions for role in facts.roles_doubted_on(t.row)
    }
    same: dict[str, list[str]] = {}
    for role in roles:
        offered = list(dict.fromkeys(label for label, who in allowed if role in who))
        refused = list(
            dict.fromkeys(
                label
                for label, _ in allowed
                if label not in offered and (label, role.key) not in open_for
            )
        )
        if offered:
            statement = f"{listed(offered)} can be used"
            if refused:
                statement += f"; {listed(refused)} {is_or_are(len(refused))} not offered"
            same.setdefault(statement, []).append(named(role))
    outsiders = [
        role
        for role in roles
        if not any(role in who for _, who in allowed) and not is_as_another(role, all_roles)
        if role not in facts.doubted_roles
    ]
    if same and outsiders:
        labels = list(dict.fromkeys(label for label, _ in allowed))
        is_all = len(labels) == len({text(t.label) for t in transitions})
        what = f"use no transition of {text(facts.name)}"
        may = what if is_all else f"not use {listed(labels, word='or')}"
        yield f"{codes(outsiders, at_most=NAMED_MAX)} may {may}"
    for statement, names_of_roles in same.items():
        yield f"With the role {listed(names_of_roles, word='or')}: {statement}"
    yield from _added_or_gone(facts)


def _roles(facts: GroupFacts) -> Iterator[str]:
    rows = facts.to_build
    path = menu_path("People", "Roles")
    if rows:
        yield f"{path} lists {listed([label_and_name(row) for row in rows], at_most=12)}"
    for row in rows:
        is_asked = facts.questions_on(row) and any(map(is_informative, note_sentences(row)))
        note = row.note if is_asked else facts.note_to_quote(row)
        said = named(row)
        description = row.cell("Description")
        is_bare = row.status is Status.APPROVED and not row.note
        if (is_bare and description) or _DUTY.search(description):
            said += f": {quoted_note(description)}"
        if note and (facts.rows[1:] or not facts.note_to_quote(row)):
            pending = ", subject to its question" if facts.is_doubted(row) else ""
            for sentence, group in rights_lost_later(row, facts):
                is_whole = note_sentences(row) == (sentence,)
                pending += f", once {text(group.label)} is there" if is_whole else ""
            said += f"{'. Note' if ': ' in said else ''}{pending}: {quoted_note(note)}"
        if ": " in said:
            yield said
    descriptive = {
        c for row in rows for c, v in row.cells.items() if len(v.split()) > _NAME_WORDS_MAX
    }
    descriptive -= {*_UPKEEP, *(c for c in descriptive if _RESPONSIBILITY.match(c))}
    if descriptive:
        columns = listed([text(column) for column in sorted(descriptive)])
        yield f"Each role may do what {columns} of its row {'says' if len(descriptive) == 1 else 'say'}, and no more"
    all_roles = facts.session.specification.by_kind[EntityKind.USER_ROLE]
    for role, transition, workflow in granted_transitions(facts):
        may = f"With the role {named(role)}, {quoted(name_of(transition))} can be used"
        says_more = any(says_more_than_roles(s, all_roles) for s in note_sentences(transition))
        note = _note(transition, facts) if says_more else ""
        yield f"{may} in {text(workflow.label)}{_pending(role, facts)}{note}"
    bundles = facts.session.specification.by_kind[EntityKind.BUNDLE]
    of_all = any(r.status is not Status.IMPLEMENTED and _ALL_ROLES.search(r.note) for r in bundles)
    rows = facts.with_status(Status.IMPLEMENTED)
    if there := [] if of_all else [row for row in rows if row not in announced(rows)]:
        yield f"{codes(there, at_most=NAMED_MAX)} {is_or_are(len(there))} not changed by this ticket"
    if leaving := facts.with_status(Status.DELETED):
        names = codes(leaving, at_most=NAMED_MAX)
        yield f"No account has {names} any more when {'it is' if len(leaving) == 1 else 'they are'} deleted"
    yield from _added_or_gone(facts)


_ALL_ROLES = re.compile(r"\b(?:all|any|each|every|no) roles?\b", re.IGNORECASE)
_DUTY = re.compile(
    r"\b(?:adds|approves|creates|edits|enters|keeps|maintains|manages|publishes|releases|reviews"
    r"|sees|submits|translates|uploads|writes)\b",
    re.IGNORECASE,
)
"""What a description of a role says that it does."""


def _styles(facts: GroupFacts, page: str, noun: str) -> Iterator[str]:
    rows = facts.to_build
    effects = {r.key: effects_of(r) for r in rows if r.kind is EntityKind.IMAGE_STYLE}
    path = menu_path("Configuration", "Media", page)
    if len(rows) <= NAMED_MAX:
        if there := _listed_as_there(rows, facts):
            yield f"{path} lists {listed([label_and_name(row) for row in there])}"
    else:
        yield f"{path} lists the {count_of(len(rows), noun)} of the table, by label and machine name"
    sure = [row for row in rows if not facts.is_doubted(row)]
    if tabled := [row for row in sure if effects.get(row.key)]:
        shown = [
            tabled[0],
            *(r for r in tabled[1:] if r.status is Status.CHANGED or not tabled[2:]),
        ]
        is_all = len(shown) == len(tabled)
        beginning = "" if is_all else "each style applies the effects in its row; "
        for row in shown:
            size = size_beside_effects(row)
            made = ", ".join([quoted(effects[row.key]), *([text(size)] if size else [])])
            yield capitalised(f"{beginning}an image in {named(row)} comes out as {made}")
            beginning = ""


def _image_styles(facts: GroupFacts) -> Iterator[str]:
    yield from _styles(facts, "Image styles", "image style")
    yield from _added_or_gone(facts)


def _responsive_styles(facts: GroupFacts) -> Iterator[str]:
    yield from _styles(facts, "Responsive image styles", "responsive image style")
    if any(row.cell("Fallback Style") for row in facts.to_build):
        sure = [row for row in facts.to_build if not facts.is_doubted(row)]
        has = "has" if len(sure) == 1 else "have"
        names = codes(sure, at_most=NAMED_MAX)
        columns = {
            "Fallback Style": "fallback style",
            "Breakpoints Used": "breakpoints",
            "Image Style Group(s)": "image styles",
        }
        nouns = [noun for column, noun in columns.items() if any(r.cell(column) for r in sure)]
        if nouns:
            yield f"{names} {has} the {listed(nouns)} tabled"
    yield from _added_or_gone(facts)


def _view_modes(facts: GroupFacts) -> Iterator[str]:
    rows = facts.to_build
    path = menu_path("Structure", "Display modes", "View modes")
    if there := _listed_as_there(rows, facts):
        yield f"{path} lists {listed([quoted(row.label) for row in there], at_most=NAMED_MAX)}"
    used: dict[tuple[str, ...], list[Entity]] = {}
    for row in rows:
        used.setdefault(
            (*map(text, known_places(row, facts.session)), _pending(row, facts)), []
        ).append(row)
    for (*named_places, pending), modes in used.items():
        is_rule = bool(named_places) and named_places[0].casefold() in {"all", "any", "every"}
        places = [f"every {bundle_noun(modes[0].bundle_type)}"] if is_rule else named_places
        if places:
            many = f"all {number(len(modes))} view modes tabled for it"
            names = [quoted(mode.label) for mode in modes]
            few = listed(names) if len(modes) <= NAMED_MAX else many
            yield f"Manage display of {listed(places, at_most=NAMED_MAX)} has {few} switched on{pending}"
    yield from (f"{quoted(row.label)}: {tabled}" for row in rows if (tabled := _tabled(row, facts)))
    yield from _added_or_gone(facts)


def _rows(facts: GroupFacts) -> Iterator[str]:
    for row in facts.to_build:
        more = _pending(row, facts) + (_note(row, facts) if facts.rows[1:] else "")
        if sheet_noun(row.source.file) == MENU:
            yield f"{menu_path('Structure', 'Menus')} lists {label_and_name(row)}{more}"
            yield f"Each link of {text(name_of(row))} opens its page"
        elif is_form_row(row):
            first, *rest = _form(row, facts)
            yield from (f"{first}{more}", *rest)
        else:
            cells = _tabled(row, facts)
            yield f"{label_and_name(row)} {f'has {cells}' if cells else 'is on the site'}{more}"
    yield from _added_or_gone(facts)


def _form(row: Entity, facts: GroupFacts) -> Iterator[str]:
    """State where a form of a sheet of its own is, what it asks for, and who sees what is sent."""
    cells = row.cells.values()
    where = next((cell for cell in cells if _FORM_PATH.fullmatch(cell)), "")
    path = _FORM_PATH.sub(r"/\g<path>", where)
    place = f"at {code(path)}" if path else "on the site"
    yield f"The form {label_and_name(row)} is {place}"
    elements = next((cell for cell in cells if _STARRED.search(cell)), "")
    if required := [quoted(name.strip()) for name in _STARRED.findall(elements)]:
        yield f"{text(name_of(row))} cannot be sent without {listed(required, at_most=12)}"
    if tabled := _tabled(row, facts, without=(where, elements, row.cell("ID"))):
        yield f"{text(name_of(row))} has {tabled}"


_FORM_PATH = re.compile(r"(?:(?:path|url):? /?|/)(?P<path>[\w-]+(?:/[\w-]+)*)", re.IGNORECASE)
_STARRED = re.compile(r"(?<![^,;\n*()])([^,;\n*()]+(?:\([^()]*\))?)\*")
"""An element of a form that must be filled in: `Boat name*`."""


def _tabled(row: Entity, facts: GroupFacts, *, without: Sequence[str] = ()) -> str:
    """List what the columns of a sheet give a row beside its names, places, status and notes."""
    names = {row.label, row.machine_name, places_column(row, facts.session), *without}
    cells = [
        f"{text(column)} {quoted(cell)}"
        for column, cell in row.cells.items()
        if column not in _UPKEEP and not _RESPONSIBILITY.match(column)
        if cell not in names and len(cell) > 1
        if len(cell.split()) <= _CELL_WORDS_MAX
    ]
    return listed(cells[:_CELLS_MAX])


def _migration(facts: GroupFacts) -> Iterator[str]:
    run = migration_of(facts)
    again = "running it again neither doubles nor loses an item"
    yield f"{label_and_name(facts.head)} runs to its end without an error; {again}"
    if redirected_runs(facts):
        yield "The old address of an item that each of these migrations brings opens that item"
    if run.count:
        is_plain = re.fullmatch(r"\d[\d.,' ]*", run.count) and run.count != "1"
        each = f"each item of the source ({quoted(run.count)})"
        each = f"each of the {text(run.count)} items of the source" if is_plain else each
        yield f"Its log shows {each} as taken over, or left out with a reason"
    if run.schedule and run.schedule not in facts.head.note:
        yield f"It runs by itself: {quoted(when_run(run.schedule))}"
    yield from _added_or_gone(facts)


def _removal(facts: GroupFacts) -> Iterator[str]:
    heads = facts.group.heads
    for is_off, state in ((True, "disabled"), (False, "no longer on the site")):
        found = [h for h in heads if bool(_DISABLED.search(h.note)) is is_off]
        names = kinds_named(found, at_most=12, called=label_and_name)
        if found:
            yield f"{capitalised(names)} {is_or_are(len(found))} {state}"
    it = text(kinds_named(heads, at_most=_REMOVED_NAMED_MAX, word="or"))
    if len(heads) > _REMOVED_NAMED_MAX + 1:
        it = f"any of these {number(len(heads))}"
    if any(head.kind is not EntityKind.CUSTOM for head in heads):
        yield f"No field, view or display that stays refers to {it}"
    if asked := [head for head in heads if facts.questions_on(head)]:
        names = text(listed([name_of(head) for head in asked]))
        it = (
            names
            if len(asked) <= NAMED_MAX
            else f"{text(name_of(asked[0]))} or any other asked about"
        )
        yield f"Content of {it} is deleted or moved as the question on it is answered"


_REMOVED_NAMED_MAX = 3
_DISABLED = re.compile(r"\bdisabled?\b|\bswitch(?:ed)? off\b", re.IGNORECASE)
"""What a note asks for that keeps a view, switched off."""
_STATEMENTS: Mapping[GroupKind, Callable[[GroupFacts], Iterator[str]]] = {
    GroupKind.BUNDLE: _bundle,
    GroupKind.BUNDLES_WITHOUT_FIELDS: _bundles_without_fields,
    GroupKind.VIEW: _view,
    GroupKind.WORKFLOW: _workflow,
    GroupKind.USER_ROLES: _roles,
    GroupKind.IMAGE_STYLES: _image_styles,
    GroupKind.RESPONSIVE_IMAGE_STYLES: _responsive_styles,
    GroupKind.VIEW_MODES: _view_modes,
    GroupKind.MIGRATION: _migration,
    GroupKind.CUSTOM: _rows,
    GroupKind.REMOVAL: _removal,
}
