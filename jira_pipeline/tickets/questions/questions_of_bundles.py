"""Certain questions of bundles and their fields.

Belongs here: what the cells leave open or contradict, without reading English. Does not: words
(`questions.toml`), joining rows into one question (`found_questions`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from jira_pipeline.drupal.meaning.modules_and_types import (
    facts_of,
    folded,
    is_base_field,
    is_list,
    is_locked,
    is_never_empty,
    is_on_form,
    is_reference,
    is_required,
    is_text_on_form,
    is_widget_wrong,
    is_without_value,
    listed_in,
    media_source,
    module_of_bundle,
    module_of_field,
    modules,
    modules_of,
    plugin_modules,
    types_in,
    types_left_open,
    unknown_plugin,
)
from jira_pipeline.drupal.meaning.notes import (
    LEFT_OPEN,
    are_options_left_open,
    default_in,
    is_shapes_only,
    items_in_lines,
    number_words,
    one_of,
    options_in,
    pattern_of,
    readable,
    sentences_of,
    settings_noted,
    singular,
    word_list,
)
from jira_pipeline.model.columns import SHAPED_COLUMNS, UPKEEP_COLUMNS
from jira_pipeline.model.entities import (
    GONE,
    THERE,
    TO_BUILD,
    UNLIMITED,
    BundleType,
    Entity,
    EntityKind,
    ReferenceState,
    Status,
)
from jira_pipeline.model.entity_groups import EntityGroup, GroupKind
from jira_pipeline.model.grouped import grouped
from jira_pipeline.model.open_questions import Audience
from jira_pipeline.tickets.questions.question_index import (
    REUSED,
    QuestionIndex,
    made_of_label,
    name_of,
    once_per_session,
    words_in,
)
from jira_pipeline.tickets.questions.questions_of_lists import name_questions
from jira_pipeline.tickets.questions.row_questions import (
    SUBJECTS,
    RowQuestion,
    asked,
    joined,
    marked,
    marked_subject,
    plain,
)

NOTES, TARGETS, ALIASES = "Settings/notes", "Ref. bundle", "URL alias pattern"
NOTED = (NOTES, *SHAPED_COLUMNS)
"""Where a field has what a note may say."""
NAMED_AT_MOST, PROMISES_MAX = 3, 3
_KINDS = frozenset({GroupKind.BUNDLE, GroupKind.BUNDLES_WITHOUT_FIELDS})
_OF_FIELDS_ONLY = frozenset({BundleType.PARAGRAPH, BundleType.BLOCK})
"""Kinds of bundles whose items show nothing but their fields."""
_EXTENSION = one_of("file_extensions")
_FILE_TYPES = re.compile(rf"(?i)\b{_EXTENSION}\b")
"""What a field accepts."""
_SITE_DOES, _NO_PROMISE = map(pattern_of, ("site_does", "no_promise"))
_NO_DEFAULT = re.compile(r"(?i)(?:-|n/?a|none|no\b.*|empty|blank|null|now|today|current \w+)?$")
"""A cell that says no value, or one that only the time has."""
_RETURNED = re.compile(r"\w\(\) returns\b")
"""How a note says that code gives the options of a list."""
_NUMBER = (
    rf" (\d{{1,6}}|{'|'.join(number_words())})\b"
    r"(?! ?(?:characters?|letters|words|sentences|lines|pixels|px|[kMG]B|%|x)\b"
    r"| (?:\w+ )?(?:years?|months?|weeks?|days?|hours?|minutes?)\b)"
)
_AT_MOST = re.compile(rf"(?i)\b(?:up to|at most|no more than|maximum of){_NUMBER}")
"""A most of values that a label or help text states, not one of what a value holds."""
OF_FIELDS = {
    BundleType.PARAGRAPH: "paragraph|revisions",
    BundleType.VOCABULARY: "vocabular|term|taxonom",
}
"""Kinds whose items are made for a field, or chosen in it, by words of one that offers them all."""
_FATES = {Status.DELETED: "bundles.target_goes", Status.WAITING: "bundles.target_waits"}


def new_fields(group: EntityGroup) -> tuple[Entity, ...]:
    """Return the fields that a bundle gets, once each; of a bundle that is new all of its own."""
    statuses = {Status.APPROVED} if group.heads[0].status in THERE else TO_BUILD
    fields = (r for r in group.members if r.kind is EntityKind.FIELD and r.status in statuses)
    return tuple(rows[0] for rows in grouped(fields, lambda row: row.key).values())


def fields_of(head: Entity, group: EntityGroup) -> list[Entity]:
    """Return the fields of a bundle that stay or come."""
    rows = (row for row in group.members if row.owner_key == head.key)
    return [row for row in rows if row.status is not Status.DELETED]


def bundle_questions(group: EntityGroup, index: QuestionIndex) -> Iterator[RowQuestion]:
    """Find what the rows of a bundle leave open; of what is there already only what changes."""
    if group.kind not in _KINDS:
        return
    is_there = group.heads[0].status in THERE
    for head in group.heads:
        if head.status in TO_BUILD:
            yield from _head_questions(head, group, index)
    if group.is_hollow:
        return
    new = new_fields(group)
    yield from _module_questions(new)
    yield from _promise_questions(group, new, index)
    gone = " ".join(row.note for row in group.members if row.status is Status.DELETED)
    for row in new:
        yield from _row_questions(row, index)
        yield from _reference_questions(row, index)
        if row.has_machine_name and not is_base_field(row):
            yield from _storage_questions(row, index)
        is_filled_in = is_required(row) and is_on_form(row) and not is_base_field(row)
        is_filled_in &= not (is_without_value(row) or is_never_empty(row))
        if is_there and is_filled_in and not re.search(rf"\b{re.escape(name_of(row))}\b", gone):
            yield asked("bundles.newly_required", row)
    yield from _repeated_questions(group, new)
    yield from _changed_questions(group)


def _head_questions(
    head: Entity, group: EntityGroup, index: QuestionIndex
) -> Iterator[RowQuestion]:
    if group.is_hollow and not LEFT_OPEN.search(head.note):
        is_there = any(row.status in THERE for row in fields_of(head, group))
        yield asked(f"bundles.hollow{'_there' * is_there}", head)
    if head.status in THERE:
        return
    fields = fields_of(head, group)
    yield from _name_questions(head, index)
    yield from _source_questions(head, fields)
    is_told = head.flag("Migr.") or head.note
    if head.bundle_type is BundleType.VOCABULARY and not is_told:
        yield from _term_questions(head, index)
    types = {folded(row.cell("Field type")) for row in fields}
    is_bare = types <= {"boolean", *types_in("list_types")}  # of no fields, too
    is_told = has_words(head) or module_of_bundle(head)
    if is_bare and not is_told and head.bundle_type in _OF_FIELDS_ONLY:
        yield asked("bundles.no_fields", head)
    yield from _named_alike(head, index)


def _named_alike(head: Entity, index: QuestionIndex) -> Iterator[RowQuestion]:
    """Ask which fields offer a type that none names."""
    if head.key in _unreferred(index) and not module_of_bundle(head):
        texts, blank = _names_in_references(index)
        if head.label.casefold() not in texts and name_of(head) not in blank:
            yield asked("bundles.unreferred", head)


@once_per_session
def _names_in_references(index: QuestionIndex) -> tuple[frozenset[str], frozenset[str]]:
    """Return what references say, in lower case, and the labels of those that say nothing."""
    fields = index.specification.live[EntityKind.FIELD]
    texts = frozenset(r.text.casefold() for row in fields for r in row.references)
    blank = (row.label for row in fields if is_reference(row) and not row.states(TARGETS))
    return texts, frozenset(blank)


def _fields_offering(key: str, index: QuestionIndex) -> list[Entity]:
    rows = (row for row, _ in index.specification.referrers_of.get(key, ()))
    return [r for r in rows if r.kind is EntityKind.FIELD and r.status is not Status.DELETED]


@once_per_session
def _unreferred(index: QuestionIndex) -> frozenset[str]:
    """Return the types that only fields offer and none does; of a kind of which they name some."""
    found: set[str] = set()
    offered = " ".join(
        f"{reference.text} {row.cell('Field type')}".casefold()
        for row in index.specification.live[EntityKind.FIELD]
        for reference in row.references
        if reference.state is ReferenceState.WILDCARD
    )
    bundles = index.specification.live[EntityKind.BUNDLE]
    for kind in (kind for kind, words in OF_FIELDS.items() if not re.search(words, offered)):
        types = {bundle.key for bundle in bundles if bundle.bundle_type is kind}
        unnamed = {key for key in types if not _fields_offering(key, index)}
        found |= unnamed if unnamed < types else set()
    return frozenset(found)


def _source_questions(head: Entity, fields: Sequence[Entity]) -> Iterator[RowQuestion]:
    """Ask for the source of a media type; suggest what its required field or its name says."""
    if head.bundle_type is not BundleType.MEDIA or media_source(fields):
        return
    likely = []
    for row in (row for row in filter(is_required, fields) if not is_base_field(row)):
        kind = row.cell("Field type")
        is_foreign = folded(kind) in plugin_modules()
        if kind and (is_foreign or folded(kind) in {"file", "image"}):
            source = "One that a module brings" if is_foreign else kind
            likely.append(f"{source}, with the field {marked(row.machine_name)}")
    called = facts_of("media_sources", "called")
    answer, because = called.get(name_of(head).casefold(), ""), "its name"
    if likely:
        answer, because = likely[0] if len(likely) == 1 else "", "no other required field can be it"
    yield asked("bundles.media_source", head, answer=answer, because=because)


def _term_questions(head: Entity, index: QuestionIndex) -> Iterator[RowQuestion]:
    """Ask for the terms of a vocabulary without which a required list on a form offers nothing."""
    lists = frozenset({"selectlist", "optionsselect", "checkboxesradiobuttons", "optionsbuttons"})
    fields = [row for row in _fields_offering(head.key, index) if row.status not in GONE]
    if any(is_required(row) and folded(row.cell("Form widget")) in lists for row in fields):
        terms, because = head.cell("Description").strip(". "), "its description"
        if noted := next(filter(None, (options_in(row.note) for row in fields)), None):
            terms, because = noted.text, "the note of a field"
        is_list = terms.count(",") > 1 and word_list("frequent_words").isdisjoint(terms.split())
        yield asked("bundles.terms", head, answer=plain(terms) * is_list, because=because)


def _name_questions(row: Entity, index: QuestionIndex) -> Iterator[RowQuestion]:
    """Ask for a machine name that is missing, or that Drupal refuses."""
    is_field = row.kind is EntityKind.FIELD
    if is_field and (is_base_field(row) or not row.cell("Field type")):
        return
    if not row.has_machine_name:
        yield asked("bundles.machine_name", row, answer=marked(made_of_label(row)))
    yield from name_questions(row, index)


def _row_questions(row: Entity, index: QuestionIndex) -> Iterator[RowQuestion]:
    """Find what a new field leaves open by itself."""
    yield from _name_questions(row, index)
    type_, widget = plain(row.cell("Field type")), plain(row.cell("Form widget"))
    texts, is_typed = f"{row.note} {row.cell('Help text')}", type_ or is_base_field(row)
    is_shipped = row.machine_name in facts_of("media_sources", "fields")  # with its file types
    is_file = folded(type_) == "file" and not is_shipped
    noted = settings_noted(row.note, type_)
    is_odd = is_widget_wrong(row) and row.bundle_type is not BundleType.WEBFORM
    types, answer = types_left_open(row)
    if types:
        words = {"type": type_, "types": joined(types, "or"), "answer": answer}
        yield asked("bundles.which_type", row, choices=types, **words)
    for topic, is_open in (
        ("field_type", not is_typed),
        ("widget_number", is_typed and widget.isdecimal()),
        ("widget", is_typed and is_odd),
        ("text", is_text_on_form(row) and texts.isspace()),
        ("extensions", is_file and not (_FILE_TYPES.search(texts) or "extensions" in noted)),
    ):
        if is_open:
            yield asked(f"bundles.{topic}", row, type=type_, widget=widget)
    bundle, *_ = index.specification.by_key.get(row.owner_key or "", (row,))
    is_filled = f":{row.machine_name}" in bundle.cell(ALIASES) or module_of_field(row)
    if not (is_on_form(row) or is_without_value(row) or is_locked(row) or is_filled):
        is_told = has_words(row) or row.cell("Help text") or is_base_field(row)
        if is_required(row) and not has_words(row):
            yield asked("bundles.not_on_the_form", row)
        elif not (is_told or bundle.bundle_type is BundleType.WEBFORM):
            yield asked("bundles.off_the_form", row)
    yield from _most_questions(row)


def has_words(row: Entity) -> bool:
    """Tell whether a note says more than shapes."""
    return not is_shapes_only(row.note)


def _most_questions(row: Entity) -> Iterator[RowQuestion]:
    """Ask which number holds where a label or help text has another one than Vals."""
    number, match = row.count("Vals."), _AT_MOST.search(f"{row.label}\n{row.cell('Help text')}")
    most = match and _number(match)
    if match and number not in {None, 1, most}:
        vals, quote = row.cell("Vals."), plain(match[0])
        place = "label" if match.start() < len(row.label) else "help text"
        choices = [f"At most {most}", "Any number" if number == UNLIMITED else f"At most {vals}"]
        yield asked("bundles.most", row, quote=quote, choices=choices, vals=vals, place=place)


def stated_default(row: Entity) -> str:
    """Return the value that new items have, by the cell or the note of a field."""
    own = row.cell("Default value")
    own = "" if _NO_DEFAULT.match(own) or LEFT_OPEN.search(own) else own
    return default_in(row.note, own) or own * (not (is_list(row) or is_never_empty(row)))


def has_default(row: Entity) -> bool:
    """Tell whether a list has a value before anybody chooses one, by its cell or note."""
    return is_list(row) and ("(default)" in row.note.casefold() or stated_default(row) != "")


def _number(match: re.Match[str]) -> int:
    return number_words().get(match[1].casefold()) or int(match[1])


def promises(new: Sequence[Entity]) -> Mapping[str, Entity]:
    """Return what help texts of new fields say that the site does, and a field only stores.

    Not of what core or a module brings with what it does: its text is theirs, or true of it.
    """
    found: dict[str, Entity] = {}
    for row in new:
        plugins = {folded(row.cell("Field type")), folded(row.cell("Form widget"))}
        is_brought = unknown_plugin(row) or not plugin_modules().keys().isdisjoint(plugins)
        is_silent = is_brought or is_base_field(row) or is_without_value(row)
        for said in () if is_silent else sentences_of(readable(row.cell("Help text"))):
            if _SITE_DOES.search(said) and not _NO_PROMISE.search(said):
                found.setdefault(plain(said.rstrip(". ")), row)
    return dict(islice(found.items(), PROMISES_MAX))


@once_per_session
def _first_promised(index: QuestionIndex) -> Mapping[str, str]:
    """Return the key of the first ticket with each promise: what many types say is asked once."""
    built = [group for group in index.groups if group.kind in _KINDS and not group.is_hollow]
    said = [(text, group.key) for group in built for text in promises(new_fields(group))]
    return dict(reversed(said))


def _promise_questions(
    group: EntityGroup, new: Sequence[Entity], index: QuestionIndex
) -> Iterator[RowQuestion]:
    for said, row in promises(new).items():
        if _first_promised(index).get(said, group.key) == group.key:
            where = f"help text of {marked_subject(row)}"
            yield asked("bundles.done_so", row, "Help text", quote=said, where=where)


def _reference_questions(row: Entity, index: QuestionIndex) -> Iterator[RowQuestion]:
    """Ask for targets that are missing, unknown, on hold, or that go."""
    is_blank = is_reference(row) and not (row.states(TARGETS) or module_of_field(row))
    if is_blank:
        why = "Ref. bundle is blank."
        why = why if row.has_column(TARGETS) else f"The sheet has no column {TARGETS}."
        noted = " The note may say it." * has_words(row)
        answer, because = _likely_target(row, index)
        yield asked("bundles.target", row, answer=answer, because=because, why=why + noted)
    yield from _odd_targets(row, index)
    references = [r for r in row.references if r.column == TARGETS]
    if unknown := [r for r in references if r.state is ReferenceState.DANGLING]:
        labels = {each.bundle.label for each in _offered_to(row, index)}
        fits = dict.fromkeys(c for r in unknown for c in r.candidates if c in labels)
        near = [*map(plain, fits)][:NAMED_AT_MOST]
        listed = ", ".join(f"“{each}”" for each in near)
        texts = [*dict.fromkeys(f"“{plain(r.text)}”" for r in unknown)]
        words = {"target": joined(texts), "name": "these names", "which": "which bundles are"}
        if len(texts) == 1:
            words |= {"name": "that name", "which": "which bundle is"}
        alike = [r for r in unknown if len(index.bundles_by_name.get(r.text.casefold(), ())) > 1]
        words["rows"] = "several rows have" if len(alike) == len(unknown) else "no row has"
        words["near"] = f" The nearest: {listed}." if near else ""
        yield asked("bundles.no_such_target", row, choices=near * (len(texts) == 1), **words)
    for reference in references:
        said = plain(reference.text)
        for target in index.specification.first_of(reference.target_key):
            names = [marked(each.machine_name) for each in index.called_alike(target)]
            if topic := _FATES.get(target.status):
                yield asked(topic, row, "", [target], target=f"“{said}”")
            elif len(names) > 1 and said != target.machine_name:
                yield asked("bundles.alike", row, choices=names, said=said, names=", ".join(names))


def _odd_targets(row: Entity, index: QuestionIndex) -> Iterator[RowQuestion]:
    """Ask about a field that is called like a type which it does not offer."""
    targets = index.specification.targets_of(row, TARGETS)
    keys, kinds = {t.key for t in targets}, {t.bundle_type for t in targets}
    named = index.bundles_by_name.get(row.label.casefold(), ()) if " " in row.label else ()
    fitting = [b for b in named if b.bundle_type in kinds and b.status not in GONE]
    if fitting and (keys | {row.owner_key}).isdisjoint(b.key for b in fitting):
        yield asked("bundles.other_target", row, target=f"“{plain(fitting[0].label)}”")


class _Offered(NamedTuple):
    """A bundle that a reference may offer, with what it is called."""

    bundle: Entity
    name: str
    words: frozenset[str]
    lower: str
    one: str
    """In the singular."""


@once_per_session
def _names_of_bundles(index: QuestionIndex) -> Sequence[_Offered]:
    bundles = index.specification.live[EntityKind.BUNDLE]
    names = [(bundle, name_of(bundle)) for bundle in bundles]
    return [_Offered(b, n, words_in(n), n.casefold(), singular(n)) for b, n in names]


def _offered_to(row: Entity, index: QuestionIndex) -> list[_Offered]:
    """Return the bundles of the kinds that a reference of this type and widget offers."""
    type_, widget = folded(row.cell("Field type")), folded(row.cell("Form widget"))
    kinds = {BundleType.CONTENT, BundleType.VOCABULARY, BundleType.MEDIA}
    if re.search("paragraph|revisions", f"{type_} {widget}"):
        kinds = {BundleType.PARAGRAPH}
    elif widget.startswith("medialibrary"):
        kinds = {BundleType.MEDIA}
    return [each for each in _names_of_bundles(index) if each.bundle.bundle_type in kinds]


def _likely_target(row: Entity, index: QuestionIndex) -> tuple[str, str]:
    """Return what a reference is likely to offer, and why: what another row says, or the one name."""
    others = index.storage_of(row).live_users.values()
    told = {plain(cell): o for o in others if (cell := o.cell(TARGETS)).strip("- ")}
    if len(told) == 1:
        (target, other), *_ = told.items()
        return target, f"as on {plain(index.owner_name(other))}"
    named, own, label = _offered_to(row, index), words_in(row.label), row.label.casefold()
    note, help_text = row.note.casefold(), row.cell("Help text")
    for fits, why in (
        ([each for each in named if each.lower == label], "the same name"),
        ([each for each in named if each.words == own], "the same name"),
        ([e for e in named if own and own <= e.words], "the only name that has its words"),
        ([e for e in named if e.bundle.label.casefold() in note], "its note"),
        ([e for e in named if f" {e.name} page" in help_text], "its help text"),
    ):
        if len(fits) == 1:
            return plain(fits[0].bundle.label), why
    return "", ""


def _module_questions(new: Sequence[Entity]) -> Iterator[RowQuestion]:
    """Ask what fields of modules cannot do without, and has no column."""
    asks = {module.label: module.asks for module in modules().values()}
    for row in (row for row in new if not is_base_field(row)):
        texts = row.note + row.cell("Help text")
        is_told = not is_on_form(row) or not is_shapes_only(row.note) or re.search(r"\d", texts)
        known = {asks.get(label, "") for label in modules_of(row)} - {""}
        for words in () if is_told else sorted(known):
            one, many = (words.format(fields=SUBJECTS, do=do) for do in ("does", "do"))
            yield asked("bundles.module_settings", row, one=one, many=many)


def _storage_questions(row: Entity, index: QuestionIndex) -> Iterator[RowQuestion]:
    """Find what a new field leaves open or contradicts together with others of its storage."""
    is_alone = len(index.storage_of(row).users) == 1 and row.machine_name.isidentifier()
    if is_alone and row.flag(REUSED) and not module_of_field(row):
        yield asked("bundles.reused_of_nothing", row, noun=str(row.bundle_type).casefold())
    if is_list(row) and (others := _others_without_options(row, index)) is not None:
        labels = {o.label: f"“{plain(o.label)}” on {plain(index.owner_name(o))}" for o in others}
        labels.pop(row.label, None)
        called = f", such as {joined([*labels.values()][:NAMED_AT_MOST])}" if labels else ""
        count = f"{len(others)} other types" if len(others) > 1 else "another type"
        shared = f" The same hold on {count}{called}: offering fewer here takes a module or code."
        words = {"shared": shared * bool(others)}
        if items := items_in_lines(row.note):
            words |= {"answer": "; ".join(items), "because": "its notes"}
            words["lacks"] = "Its notes have a list and do not say of what."
        is_part = row.bundle_type in {BundleType.PARAGRAPH, BundleType.BLOCK}  # a choice of look
        words["audience"] = Audience.AGENCY * is_part
        yield asked("bundles.options", row, **words)
    found = (_contradiction(row, column, index) for column in _columns_shared())
    yield from islice(filter(None, found), 1)


def _others_without_options(row: Entity, index: QuestionIndex) -> Sequence[Entity] | None:
    """Return the other new lists of a storage; None where it has options or something asks for them."""
    users = index.storage_of(row).live_users
    is_there = index.storage_origins.get((row.bundle_type, row.machine_name)) == 0
    notes = [user.note for user in (row, *users.values())]
    told = (
        are_options_left_open(n)
        or _RETURNED.search(n)
        or ("," in n and not (items_in_lines(n) or is_shapes_only(n)))
        for n in notes
    )
    if is_there or any(map(options_in, notes)) or any(told):
        return None
    new = [user for user in users.values() if user.status in TO_BUILD and is_list(user)]
    first = [index.specification.first_of(user.owner_key) or (user,) for user in new]
    lists = [user for user, (owner,) in zip(new, first, strict=True) if owner.status not in GONE]
    return lists[1:] if not lists or lists[0].owner_key == row.owner_key else None


@once_per_session
def _users_by_value(
    index: QuestionIndex,
) -> Mapping[tuple[BundleType | None, str, str], Mapping[str, Sequence[Entity]]]:
    """Return the fields of each storage by what they say of it, by its key and a column."""
    found: dict[tuple[BundleType | None, str, str], dict[str, list[Entity]]] = {}
    for (type_, name), storage in index.storages.items():
        for user in storage.live_users.values():
            for column in _columns_shared() if user.status is not Status.WAITING else ():
                if value := _shared(user, column):
                    by_value = found.setdefault((type_, name, column), {})
                    by_value.setdefault(folded(value) or value, []).append(user)
    return found


def _columns_shared() -> Sequence[str]:
    return (*listed_in("storage", "columns"), NOTES)


def _contradiction(row: Entity, column: str, index: QuestionIndex) -> RowQuestion | None:
    """Ask about the odd one out of the fields that share a storage; where there is none, about all."""
    by_value = {**_users_by_value(index).get((row.bundle_type, row.machine_name, column), {})}
    here = _shared(row, column)
    agreeing = by_value.pop(folded(here) or here, ())
    most = max(by_value.values(), key=len, default=())
    if not here or not most or len(agreeing) > len(most):
        return None
    values = [plain(_shared(users[0], column)) for users in by_value.values()]
    others = []
    for value, users in zip(values, by_value.values(), strict=True):
        where = f"{len(users)} others"
        if len(users) <= NAMED_AT_MOST:
            where = " and ".join(plain(index.owner_name(user)) for user in users)
        others.append(f"{_as_stated(value)} on {where}")
    is_likely = len(most) > len(agreeing) and len(by_value) == 1
    compared = [user for users in by_value.values() for user in users[:NAMED_AT_MOST]]
    what = f"{'Options' if column == NOTES else column} of {marked_subject(row)}"
    words = {"what": what, "here": _as_stated(plain(here)), "others": ", ".join(others)}
    words |= {"answer": values[0] * is_likely, "because": "most users of the field"}
    words |= {"quote": row.cell(column), "disputes": column}
    choices = (plain(here), *values)
    return asked("bundles.storage", row, column, compared, choices=choices, **words)


def _as_stated(value: str) -> str:
    return "any number" if value == "*" else f"“{value}”"


def _shared(row: Entity, column: str) -> str:
    """Return what a row says of its storage; empty where it says nothing."""
    if column != NOTES:
        return row.cell(column).strip("-")
    options = options_in(row.note) if is_list(row) else None
    return options.text if options else ""


def _repeated_questions(group: EntityGroup, new: Sequence[Entity]) -> Iterator[RowQuestion]:
    """Ask which of two rows of one field holds, where they differ."""
    for row in (row for row in new if row.has_machine_name):
        rows = [r for r in group.members if r.key == row.key and r.status not in GONE]
        columns = [column for column in row.cells if column not in UPKEEP_COLUMNS]
        differing = [c for c in columns if len({r.cell(c) for r in rows}) > 1]
        if differing:
            stated = ([f"{c}: {plain(r.cell(c)) or 'blank'}" for c in differing] for r in rows)
            words = {"field": marked_subject(row), "count": str(len(rows))}
            words["columns"] = ", ".join(differing)
            each, others = [*map("; ".join, stated)], [r for r in rows if r is not row]
            yield asked("bundles.repeated", row, "", others, choices=each, **words)


def _changed_questions(group: EntityGroup) -> Iterator[RowQuestion]:
    """Ask what changes where X is c and nothing says it."""
    for row in group.members if group.heads[0].status in THERE else ():
        if row.status is Status.CHANGED and is_shapes_only(row.note):
            yield asked("bundles.changed", row)
    statuses = {row.status for row in group.members}
    if statuses == {Status.DELETED} and group.heads[0].status in THERE:
        yield asked("bundles.emptied", group.heads[0])
    is_alone = statuses.isdisjoint({*TO_BUILD, Status.DELETED})
    for head in group.heads:
        if head.status is Status.CHANGED and is_shapes_only(head.note):
            yield asked(f"bundles.{'changed' if is_alone else 'changed_beside'}", head)
