"""Certain questions of bundles and their fields.

Belongs here: what the cells leave open or contradict, without reading English. Does not: words
(`questions.toml`), joining rows into one question (`found_questions`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from jira_pipeline.model.columns import NOTE_COLUMNS, UPKEEP_COLUMNS
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
from jira_pipeline.sources.drupal.modules_and_types import (
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
    modules_of,
    names_of,
    unknown_plugin,
)
from jira_pipeline.sources.drupal.notes import (
    default_in,
    is_shapes_only,
    items_of,
    number_words,
    options_in,
    readable,
    sentences_of,
    stated_in,
    word_list,
)
from jira_pipeline.sources.questions.question_index import (
    REUSED,
    QuestionIndex,
    made_of_label,
    name_of,
    once_per_session,
    words_in,
)
from jira_pipeline.sources.questions.questions_of_lists import name_questions
from jira_pipeline.sources.questions.row_questions import (
    NAMED_MAX,
    SUBJECTS,
    RowQuestion,
    asked,
    joined,
    marked,
    marked_subject,
    plain,
)

NOTES, TARGETS, ALIASES = "Settings/notes", "Ref. bundle", "URL alias pattern"
_FIELD_TOKEN = re.compile(r"\[(?:node|term|media):([a-z0-9]+_\w+)[\]:]")
NAMED_AT_MOST, PROMISES_MAX = 3, 4
_KINDS = frozenset({GroupKind.BUNDLE, GroupKind.BUNDLES_WITHOUT_FIELDS})
_OF_FIELDS_ONLY = frozenset({BundleType.PARAGRAPH, BundleType.BLOCK})
"""Kinds of bundles whose items show nothing but their fields."""
_EXTENSION = (
    r"(?:pdf|docx?|xlsx?|pptx?|csv|txt|zip|json|xml|mp[34]|m4a|wav|webm|png|jpe?g|gif|svg|vtt)"
)
_TAKEN = r"(?:only|must|attach|accept|allow|upload|format|type|file|extension)"
_FILE_TYPES = re.compile(
    rf"\b{_TAKEN}[^.]{{0,80}}\b{_EXTENSION}\b|\b{_EXTENSION}\b[^.]{{0,80}}\b{_TAKEN}"
    rf"|^\W*{_EXTENSION}\b",
    re.IGNORECASE,
)
"""What a field accepts, not what a document is called elsewhere."""
_FILLED_IN = re.compile(
    r"\b(?:populated|filled(?: in)?|generated|calculated|updated) automatically\b"
    r"|\bautomatically (?:populated|filled|generated|calculated|updated)\b"
    r"|\b(?:displays?|shows?|reveals?|hides?) [^.;]{0,80}\bfields\b",
    re.IGNORECASE,
)
"""What a help text promises that no field does by itself."""
_FILLING = re.compile(
    r"\b(?:default|filled|computed|automatic\w*|sync\w*|import\w*|populated|pulled|generated|set by)\b",
    re.IGNORECASE,
)
"""What a note or help text says of where the value of a field is from."""
_SHOWING = re.compile(r"\b(?:no fields|theme|twig|template|module|code)\b", re.IGNORECASE)
"""What a note says of what shows items without fields."""
_DEFAULT = re.compile(
    r"(?i)\bdifferent default\b"
    r"|\bdefault (?:value )?(?:depends|differs|varies|is (?:set to )?[\"“])"
)
_STATED = re.compile(r"(?i)(?:the )?default (?:value )?is (?:set to )?[\"“]([^\"“”]+)[\"”]\W*")
_REQUIRED = re.compile(
    r"(?:required|mandatory)\W*$|(?:an?|the|this) (?:[\w-]+ ){1,4}(?:is|are|must be) "
    r"(?:always )?(?:required|mandatory|entered|filled in|provided)\W*$",
    re.IGNORECASE,
)
"""A whole sentence that says it of the field itself, under no condition."""
_NUMBER = (
    rf" (\d{{1,6}}|{'|'.join(number_words())})\b"
    r"(?! ?(?:characters?|letters|words|sentences|lines|pixels|px|[kMG]B|%|x)\b"
    r"| (?:\w+ )?(?:years?|months?|weeks?|days?|hours?|minutes?)\b)"
)
_AT_LEAST = re.compile(rf"\b(?:at least|minimum of)(?! 1\b){_NUMBER}", re.IGNORECASE)
"""Of several values; Drupal only requires one."""
_AT_TIMES = re.compile(
    r"\b(?:required|mandatory|optional) (?:when|if|unless|only|for)\b[^.;]{0,200}"
    r"|\b(?:if|when|unless)\b[^.;]{0,200}\b(?:is|are|becomes?) (?:required|mandatory)\b",
    re.IGNORECASE,
)
"""Under a condition; Drupal requires a field always or never."""
_REFUSED = re.compile(
    r"\b(?:must|has to|have to) (?:be (?:[\w-]+ and )?unique|start with|begin with|end with)\b[^.;]*"
    r"|(?<!make sure it is )\bunique (?:within|among|across|for)\b[^.;]*",
    re.IGNORECASE,
)
"""Values that no setting of a field refuses."""
_DONE_SO = re.compile(
    r"\b(?:accordions?|tabs|carousel|slide ?show|slider|lightbox|pop-?up|modal|masonry|flip through"
    r"|jump links?|table of contents|sticky|togg?l\w+|expandable|collaps\w+|on a loop"
    r"|number of [^.;]{1,60} to (?:display|show|appear)"
    r"|(?:imported|synced|synchroni[sz]ed|generated) (?:from|via)"
    r"|interactive|dynamic(?:ally)?|redirects?|pulls? in|auto-?populat\w+|automatically"
    r"|(?:shows?|displays?) (?:\w+ ){0,4}(?:list|calendar))\b",
    re.IGNORECASE,
)
"""What items do beyond showing their fields; where on the page, and how wide, is for the theme."""
_GIVEN_UP = re.compile(
    r"\blegacy field\b|\bphase (?:this field )?out\b|(?:^|[.!] )(?:this|the) \w+ (?:is|was) "
    r"(?:now )?(?:deprecated|no longer used)",
    re.IGNORECASE,
)
"""How a help text says that its field is not to be used any more."""
_DENIED = re.compile(
    r"^(?:if|used?|using|consider|see)\b|\bused in\b|\b(?:no|not|never|cannot|don['’]t|sparingly)\b"
    r"|^(?:[\w-]+ ){1,4}(?:is|are) an? |\bmeant to\b|^this (?:field|text|section) is the "
    r"|\b(?:allows?|lets?|enables?) (?:you|\w+s) (?:to )?(?:create|add|build|make)\b",
    re.IGNORECASE,
)
"""What is to be done or not, what something is, and what an editor can make."""
_AT_MOST = re.compile(rf"\b(?:up to|at most|no more than|maximum of){_NUMBER}", re.IGNORECASE)
"""A most of values that a label or help text states, not one of what a value holds."""
ONLY_FOR = re.compile(
    rf"\b(?:{'|'.join(sorted(word_list('people')))})s?(?: use)? only\b"
    r"|\bwith (?:the |special )?permissions?\b"
    rf"|\bonly (?:the |for |by )*(?:\w+ )?(?:{'|'.join(sorted(word_list('people')))})s?\b",
    re.IGNORECASE,
)


_EDITING = re.compile(
    r"\b(?:add|creat|edit|us|manag|plac|delet|access)(?:e|es|ing|s)?\b", re.IGNORECASE
)


def new_fields(group: EntityGroup) -> tuple[Entity, ...]:
    """Return the fields that a bundle gets, once each; of a bundle that is new all of its own."""
    statuses = {Status.APPROVED} if group.heads[0].status in THERE else TO_BUILD
    found: dict[str, Entity] = {}
    for row in group.members:
        if row.kind is EntityKind.FIELD and row.status in statuses:
            found.setdefault(row.key, row)
    return tuple(found.values())


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
    yield from _module_questions(group, new, index)
    yield from _display_questions(group, new)
    for row in new:
        yield from _row_questions(row, index)
        yield from _reference_questions(row, index)
        if row.has_machine_name and not is_base_field(row):
            yield from _storage_questions(row, index)
        is_filled_in = is_required(row) and is_on_form(row) and not is_base_field(row)
        if is_there and is_filled_in and not (is_without_value(row) or is_never_empty(row)):
            yield asked("bundles.newly_required", row)
    yield from _repeated_questions(group, new)
    yield from _label_questions(new)
    yield from _changed_questions(group)


def _head_questions(
    head: Entity, group: EntityGroup, index: QuestionIndex
) -> Iterator[RowQuestion]:
    if not index.specification.by_kind[EntityKind.FIELD]:  # nobody knows whether it has fields
        yield asked("bundles.fields_sheet", head)
    elif group.is_hollow:
        is_there = any(row.status in THERE for row in fields_of(head, group))
        yield asked(f"bundles.hollow{'_there' * is_there}", head)
    if head.status in THERE:
        return
    fields = fields_of(head, group)
    yield from _name_questions(head, index)
    yield from _source_questions(head, fields)
    if head.bundle_type is BundleType.VOCABULARY and not (head.note or head.flag("Migr.")):
        yield from _term_questions(head, index)
    yield from _mode_questions(head, index)
    own = {row.machine_name for row in fields if is_on_form(row)}
    known = {name for kind, name in index.storages if kind is head.bundle_type}
    tokens = dict.fromkeys(_FIELD_TOKEN.findall(pattern := head.cell(ALIASES)))
    used = [name for name in tokens if name in known or name.startswith("field_")]
    if foreign := [marked(name) for name in used if name not in own]:
        yield asked("bundles.token", head, quote=pattern, fields=joined(foreign))
    if copied := _copied_from(head, index):
        yield asked("bundles.copied", head, "", [copied], other=plain(copied.label))
    only = stated_in(ONLY_FOR, head.cell("Description"))
    if only and not limit_of_paragraph(head):
        yield asked("bundles.only_for", head, quote=only[0], said=plain(only[0]))
    types = {folded(row.cell("Field type")) for row in fields}
    is_bare = group.kind is GroupKind.BUNDLES_WITHOUT_FIELDS or types == {"boolean"}
    is_told = bool(_SHOWING.search(head.note) or module_of_bundle(head))
    if is_bare and not is_told and head.bundle_type in _OF_FIELDS_ONLY:
        yield asked("bundles.no_fields", head)
    yield from _named_alike(head, index)


def _named_alike(head: Entity, index: QuestionIndex) -> Iterator[RowQuestion]:
    """Ask what offers a type that no field names, and how those of one name are told apart."""
    alike = index.called_alike(head)
    names = joined([marked(bundle.machine_name) for bundle in alike])
    words = {"said": plain(name_of(head)), "names": names}
    if head.key in _unreferred(index) and not module_of_bundle(head):
        fields = index.specification.live[EntityKind.FIELD]
        rows = [row for bundle in alike for row in _fields_offering(bundle.key, index)]
        texts = {r.text.casefold() for row in fields for r in row.references}
        blank = {row.label for row in fields if is_reference(row) and not row.states(TARGETS)}
        if not rows and (head.label.casefold() in texts or name_of(head) in blank):
            return
        owned = [f"{marked(row.machine_name)} of {plain(index.owner_name(row))}" for row in rows]
        words["fields"] = (
            joined(owned) if len(rows) <= NAMED_MAX else f"the {len(rows)} that name it"
        )
        yield asked(f"bundles.{'of_alike' if rows else 'unreferred'}", head, "", rows, **words)
    elif len(alike) > 1:
        yield asked("bundles.same_name", head, "", [b for b in alike if b is not head], **words)


def limit_of_paragraph(head: Entity) -> tuple[str, str] | None:
    """Return the sentence that limits who may edit a paragraph type, after the name of its column."""
    columns = ("Description", *NOTE_COLUMNS) if head.bundle_type is BundleType.PARAGRAPH else ()
    for column in columns:
        only = stated_in(ONLY_FOR, readable(head.cell(column)))
        if only and _EDITING.search(only.string):
            return column, only.string
    return None


def _fields_offering(key: str, index: QuestionIndex) -> list[Entity]:
    rows = (row for row, _ in index.specification.referrers_of.get(key, ()))
    return [r for r in rows if r.kind is EntityKind.FIELD and r.status is not Status.DELETED]


OF_FIELDS = {
    BundleType.PARAGRAPH: "paragraph|revisions",
    BundleType.VOCABULARY: "vocabular|term|taxonom",
}
"""Kinds whose items are made for a field, or chosen in it, by words of one that offers them all."""


@once_per_session
def _unreferred(index: QuestionIndex) -> frozenset[str]:
    """Return the types that only fields offer and none does; of a kind of which they name some."""
    found: set[str] = set()
    live = index.specification.live
    offered = " ".join(
        f"{reference.text} {row.cell('Field type')}".casefold()
        for row in live[EntityKind.FIELD]
        for reference in row.references
        if reference.state is ReferenceState.WILDCARD
    )
    bundles = live[EntityKind.BUNDLE]
    for kind in (kind for kind, words in OF_FIELDS.items() if not re.search(words, offered)):
        types = {bundle.key for bundle in bundles if bundle.bundle_type is kind}
        unnamed = {key for key in types if not _fields_offering(key, index)}
        found |= unnamed if unnamed < types else set()
    return frozenset(found)


def _source_questions(head: Entity, fields: Sequence[Entity]) -> Iterator[RowQuestion]:
    """Ask for the source of a media type; its one required field that can be it is suggested."""
    if head.bundle_type is not BundleType.MEDIA or media_source(fields):
        return
    of_module = "One that a module brings"
    likely = [
        f"{of_module if is_foreign else kind}, with the field {marked(row.machine_name)}"
        for row in filter(is_required, fields)
        for kind in [row.cell("Field type")]
        if kind and not is_base_field(row)
        for is_foreign in [folded(kind) not in names_of("field_plugins", "types")]
        if is_foreign or folded(kind) in {"file", "image"}
    ]
    answer = likely[0] if len(likely) == 1 else ""
    yield asked("bundles.media_source", head, answer=answer)


def _term_questions(head: Entity, index: QuestionIndex) -> Iterator[RowQuestion]:
    """Ask for the terms of a vocabulary without which a required list on a form offers nothing."""
    lists = frozenset({"selectlist", "optionsselect", "checkboxesradiobuttons", "optionsbuttons"})
    fields = [row for row in _fields_offering(head.key, index) if row.status not in GONE]
    if any(is_required(row) and folded(row.cell("Form widget")) in lists for row in fields):
        terms = items_of(head.cell("Description").strip(". "))
        is_list = len(terms) > 2 and all(len(term.split()) <= 3 for term in terms)  # noqa: PLR2004
        answer = ", ".join(terms) if is_list else ""
        yield asked("bundles.terms", head, answer=plain(answer), because="its description")


def _mode_questions(head: Entity, index: QuestionIndex) -> Iterator[RowQuestion]:
    """Ask which of the bundles of one name a view mode is used on."""
    name = name_of(head).casefold()
    alike = [b for b in index.bundles_by_name[name] if b.bundle_type is head.bundle_type]
    for mode in index.specification.by_kind[EntityKind.VIEW_MODE] if len(alike) > 1 else ():
        is_named = any(reference.text.casefold() == name for reference in mode.references)
        if is_named and mode.status not in GONE and mode.bundle_type is head.bundle_type:
            names = ", ".join(marked(bundle.machine_name) for bundle in alike)
            words = {"mode": plain(name_of(mode)), "name": plain(name_of(head)), "names": names}
            yield asked("bundles.mode_of_alike", head, "", [mode], **words)


def _copied_from(head: Entity, index: QuestionIndex) -> Entity | None:
    """Return the bundle whose description a bundle has, where it names that one and not its own."""
    said = words_in(text := head.cell("Description"))
    of_kind = index.specification.by_kind[EntityKind.BUNDLE]
    same = [b for b in of_kind if b.cell("Description") == text and words_in(name_of(b)) <= said]
    is_own = not said or words_in(name_of(head)) <= said
    return next((b for b in same if b.bundle_type is head.bundle_type and not is_own), None)


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
    if not row.cell("Field type") and not is_base_field(row):
        yield asked("bundles.field_type", row)
    elif is_widget_wrong(row) and row.bundle_type is not BundleType.WEBFORM:
        type_, widget = plain(row.cell("Field type")), plain(row.cell("Form widget"))
        yield asked("bundles.widget", row, type=type_, widget=widget)
    found = stated_in(_GIVEN_UP, readable(row.cell("Help text")))
    said = "deprecated" if "deprecated" in row.label.casefold() else ""
    if given_up := found[0].strip(".! ") if found else said:
        where, column = ("help text", "Help text") if found else ("label", "Field label")
        yield asked("bundles.deprecated", row, column, quote=given_up, said=given_up, where=where)
    bundle, *_ = index.specification.by_key.get(row.owner_key or "", (row,))
    is_told = _FILLING.search(row.note) or f":{row.machine_name}" in bundle.cell(ALIASES)
    if not (is_on_form(row) or is_without_value(row) or is_locked(row) or is_told):
        is_asked = given_up or _FILLING.search(row.cell("Help text")) or is_base_field(row)
        if is_required(row):
            yield asked("bundles.not_on_the_form", row)
        elif not is_asked and bundle.bundle_type is not BundleType.WEBFORM:
            yield asked("bundles.off_the_form", row)
    if folded(row.cell("Field type")) in {"comment", "comments"}:
        yield asked("bundles.comment_type", row)
    if is_text_on_form(row) and not row.note and not row.cell("Help text"):
        yield asked("bundles.text", row)
    is_shipped = row.machine_name in facts_of("media_sources", "fields")  # with its file types
    is_file = folded(row.cell("Field type")) == "file" and not is_shipped
    if is_file and not _FILE_TYPES.search(f"{row.note} {row.cell('Help text')}"):
        yield asked("bundles.extensions", row)
    yield from _help_questions(row)


def _help_questions(row: Entity) -> Iterator[RowQuestion]:
    """Ask about what a help text says that no field does, or that the cells of its row do not say."""
    helping = sentences_of(readable(row.cell("Help text")))
    is_optional = row.flag("Req'd") is False and is_on_form(row)
    patterns = (_FILLED_IN, _REFUSED, _AT_TIMES if row.count("Vals.") == 1 else _AT_LEAST)
    found = (stated_in(pattern, row.cell("Help text")) for pattern in patterns)
    for topic, texts in (
        ("not_required", filter(_REQUIRED.match, helping if is_optional else ())),
        ("filled_in", (m[0] for m in found if m and not is_without_value(row))),
        ("default", () if stated_default(row) else filter(_DEFAULT.search, helping)),
    ):
        for said in (plain(text.rstrip(". ")) for text in texts):
            yield asked(f"bundles.{topic}", row, quote=said, said=said)
    number, match = row.count("Vals."), _AT_MOST.search(f"{row.label}\n{row.cell('Help text')}")
    most = match and _number(match)
    if match and number not in {None, 1, most}:
        vals, said = row.cell("Vals."), plain(match[0])
        place = "label" if match.start() < len(row.label) else "help text"
        choices = [f"At most {most}", "Any number" if number == UNLIMITED else f"At most {vals}"]
        words = {"vals": vals, "said": said, "place": place}
        yield asked("bundles.most", row, quote=said, choices=choices, **words)


def stated_default(row: Entity) -> str:
    """Return the value that new items have, by the note of a field or the quotation of its help text."""
    found = map(_STATED.fullmatch, sentences_of(readable(row.cell("Help text"))))
    return default_in(row.note) or next((match[1] for match in found if match), "")


def has_default(row: Entity) -> bool:
    """Tell whether a list has a value before anybody chooses one, by its note or help text."""
    is_said = stated_default(row) or _DEFAULT.search(readable(row.cell("Help text")))
    return is_list(row) and bool(is_said)


def least_values(row: Entity) -> int:
    """Return how many values a help text asks for at least; 0 where it does not."""
    vals, match = row.count("Vals."), stated_in(_AT_LEAST, row.cell("Help text"))
    least = _number(match) if match and vals != 1 else 0
    return 0 if 0 < (vals or 0) < least else least


def _number(match: re.Match[str]) -> int:
    return number_words().get(match[1].casefold()) or int(match[1])


def _display_questions(group: EntityGroup, new: Sequence[Entity]) -> Iterator[RowQuestion]:
    """Ask once where it is built that items look or behave as their texts say."""
    heads = [head for head in group.heads if head.status not in THERE]
    of_module = {row.owner_key for row in new if unknown_plugin(row) == "Field type"}
    told = [(h, "Description") for h in heads if h.key not in of_module]
    found: dict[str, tuple[Entity, str, str]] = {}
    for row, column in [*told, *((r, "Help text") for r in new)]:
        whose = f" of “{plain(name_of(row))}”" if len(group.heads) > 1 or row in new else ""
        for sentence in sentences_of(readable(row.cell(column))):
            is_asked = _FILLED_IN.search(sentence) or _AT_LEAST.search(sentence)
            if _DONE_SO.search(sentence) and not _DENIED.search(sentence) and not is_asked:
                said = plain(sentence.rstrip(". "))
                found.setdefault(said, (row, column, f"“{said}” ({column.casefold()}{whose})"))
    kept = [*found.values()][:PROMISES_MAX]
    for said, (row, column, _) in [*found.items()][:1]:
        others = [other for other, *_ in kept if other is not row]
        each = joined([quoted for *_, quoted in kept])
        yield asked("bundles.shown_so", row, column, others, quote=said, each=each)


def _reference_questions(row: Entity, index: QuestionIndex) -> Iterator[RowQuestion]:
    """Ask for targets that are missing, unknown, on hold, or that go."""
    is_blank = is_reference(row) and not row.states(TARGETS)
    if is_blank and (is_required(row) or is_shapes_only(row.note)):
        is_there = row.has_column(TARGETS)
        why = "Ref. bundle is blank." if is_there else f"The sheet has no column {TARGETS}."
        answer, because = _likely_target(row, index)
        yield asked("bundles.target", row, answer=answer, because=because, why=why)
    references = [r for r in row.references if r.column == TARGETS]
    if unknown := [r for r in references if r.state is ReferenceState.DANGLING]:
        fitting = {bundle.label for bundle in _offered_to(row, index)}
        fits = dict.fromkeys(c for r in unknown for c in r.candidates if c in fitting)
        near = [*map(plain, fits)][:NAMED_AT_MOST]
        listed = ", ".join(f"“{each}”" for each in near)
        words = {"target": joined([*dict.fromkeys(f"“{plain(r.text)}”" for r in unknown)])}
        words["near"] = f" The nearest: {listed}." if near else ""
        is_one = len({r.text for r in unknown}) == 1
        words["name"] = "that name" if is_one else "these names"
        words["which"] = "which bundle is" if is_one else "which bundles are"
        yield asked("bundles.no_such_target", row, choices=near * is_one, **words)
    for reference in references:
        said = plain(reference.text)
        for target in index.specification.first_of(reference.target_key):
            names = [marked(each.machine_name) for each in index.called_alike(target)]
            if topic := _FATES.get(target.status):
                yield asked(topic, row, "", [target], target=f"“{said}”")
            elif len(names) > 1:
                yield asked("bundles.alike", row, choices=names, said=said, names=", ".join(names))


_FATES = {Status.DELETED: "bundles.target_goes", Status.WAITING: "bundles.target_waits"}


def _offered_to(row: Entity, index: QuestionIndex) -> list[Entity]:
    """Return the bundles of the kinds that a reference of this type and widget offers."""
    type_, widget = folded(row.cell("Field type")), folded(row.cell("Form widget"))
    kinds = {BundleType.CONTENT, BundleType.VOCABULARY, BundleType.MEDIA}
    if re.search("paragraph|revisions", f"{type_} {widget}"):
        kinds = {BundleType.PARAGRAPH}
    elif widget.startswith("medialibrary"):
        kinds = {BundleType.MEDIA}
    return [b for b in index.specification.live[EntityKind.BUNDLE] if b.bundle_type in kinds]


def _likely_target(row: Entity, index: QuestionIndex) -> tuple[str, str]:
    """Return what a reference is likely to offer, and why: what another row says, or the one name."""
    others = index.storage_of(row).live_users.values()
    told = {plain(cell): o for o in others if (cell := o.cell(TARGETS)).strip("- ")}
    if len(told) == 1:
        (target, other), *_ = told.items()
        return target, f"as on {plain(index.owner_name(other))}"
    named = [(words_in(name_of(bundle)), bundle) for bundle in _offered_to(row, index)]
    own = words_in(row.label)
    for fits, why in (
        ([b for _, b in named if name_of(b).casefold() == row.label.casefold()], "the same name"),
        ([b for words, b in named if words == own], "the same name"),
        ([b for words, b in named if own and own <= words], "the only name that has its words"),
        ([b for _, b in named if b.label.casefold() in row.note.casefold()], "its note"),
    ):
        if len(fits) == 1:
            return plain(fits[0].label), why
    return "", ""


@once_per_session
def _first_tickets(index: QuestionIndex) -> Mapping[str, str]:
    """Return the key of the first ticket that needs a module; of one that is there no ticket's."""
    there = (r for r in index.specification.by_kind[EntityKind.FIELD] if r.status in THERE)
    found = {module: "" for row in there for module in modules_of(row)}
    for group in index.groups:
        for row in new_fields(group) if group.kind in _KINDS else ():
            found |= {m: group.key for m in modules_of(row) if m not in found}
    return found


def _module_questions(
    group: EntityGroup, new: Sequence[Entity], index: QuestionIndex
) -> Iterator[RowQuestion]:
    """Ask once which module brings what core does not have, and what fields of modules need."""
    settings = facts_of("module_settings")
    for row in (row for row in new if not is_base_field(row)):
        column, modules = unknown_plugin(row), modules_of(row)
        if column and any(_first_tickets(index).get(m, group.key) == group.key for m in modules):
            what = f"{column.casefold()} “{plain(row.cell(column))}”"
            yield asked("bundles.module", row, column, quote=row.cell(column), what=what)
        texts = row.note + row.cell("Help text")
        is_told = not is_on_form(row) or not is_shapes_only(row.note) or re.search(r"\d", texts)
        known = {settings.get(module, "") for module in modules} - {""}
        for words in () if is_told else sorted(known):
            one, many = (words.format(fields=SUBJECTS, do=do) for do in ("does", "do"))
            yield asked("bundles.module_settings", row, one=one, many=many)


def _storage_questions(row: Entity, index: QuestionIndex) -> Iterator[RowQuestion]:
    """Find what a new field leaves open or contradicts together with others of its storage."""
    is_alone = len(index.storage_of(row).users) == 1 and row.machine_name.isidentifier()
    if is_alone and row.flag(REUSED):
        yield asked("bundles.reused_of_nothing", row, noun=str(row.bundle_type).casefold())

    if is_list(row) and (others := _others_without_options(row, index)) is not None:
        labels = {o.label: f"“{plain(o.label)}” on {plain(index.owner_name(o))}" for o in others}
        labels.pop(row.label, None)
        called = f", such as {joined([*labels.values()][:NAMED_AT_MOST])}" if labels else ""
        count = f"{len(others)} other types" if len(others) > 1 else "another type"
        shared = f" The same values hold on {count}{called}." if others else ""
        yield asked("bundles.options", row, shared=shared)
    columns = (*listed_in("storage", "columns"), NOTES)
    found = (_contradiction(row, column, index) for column in columns)
    yield from islice(filter(None, found), 1)


def _others_without_options(row: Entity, index: QuestionIndex) -> Sequence[Entity] | None:
    """Return the other new lists of a storage; None where it has options or one of them asks for them."""
    users = index.storage_of(row).live_users
    is_there = index.storage_origins.get((row.bundle_type, row.machine_name)) == 0
    notes = [user.note for user in (row, *users.values())]
    if is_there or any(options_in(note) or not is_shapes_only(note) for note in notes):
        return None
    new = [user for user in users.values() if user.status in TO_BUILD and is_list(user)]
    first = [index.specification.first_of(user.owner_key) or (user,) for user in new]
    lists = [user for user, (owner,) in zip(new, first, strict=True) if owner.status not in GONE]
    return lists[1:] if not lists or lists[0].owner_key == row.owner_key else None


def _contradiction(row: Entity, column: str, index: QuestionIndex) -> RowQuestion | None:
    """Ask about the odd one out of the fields that share a storage; where there is none, about all."""
    by_value: dict[str, list[Entity]] = {}
    for user in index.storage_of(row).live_users.values():
        if (value := _shared(user, column)) and user.status is not Status.WAITING:
            by_value.setdefault(folded(value) or value, []).append(user)
    here = _shared(row, column)
    agreeing = by_value.pop(folded(here) or here, [])
    most = max(by_value.values(), key=len, default=[])
    if not here or not most or len(agreeing) > len(most):
        return None
    values = [plain(_shared(users[0], column)) for users in by_value.values()]
    others = []
    for value, users in zip(values, by_value.values(), strict=True):
        names = " and ".join(plain(index.owner_name(user)) for user in users)
        where = names if len(users) <= NAMED_AT_MOST else f"{len(users)} others"
        others.append(f"{_as_stated(value)} on {where}")
    is_likely = len(most) > len(agreeing) and len(by_value) == 1
    return asked(
        "bundles.storage",
        row,
        column,
        [user for users in by_value.values() for user in users[:NAMED_AT_MOST]],
        quote=row.cell(column),
        answer=values[0] * is_likely,
        because="most users of the field",
        disputes=column,
        choices=(plain(here), *values),
        what=f"{'Options' if column == NOTES else column} of {marked_subject(row)}",
        here=_as_stated(plain(here)),
        others=", ".join(others),
    )


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
            each = [
                "; ".join(f"{c}: {plain(r.cell(c)) or 'blank'}" for c in differing) for r in rows
            ]
            words = {"field": marked_subject(row), "count": str(len(rows))}
            words["columns"] = ", ".join(differing)
            others = [r for r in rows if r is not row]
            yield asked("bundles.repeated", row, "", others, choices=each, **words)


def _label_questions(new: Sequence[Entity]) -> Iterator[RowQuestion]:
    """Ask about new fields that a form has under one label, in one group."""
    shown = (row for row in new if row.has_machine_name and is_on_form(row))
    for rows in grouped(shown, lambda row: (row.label, row.cell("Field group"))).values():
        names = joined([marked(row.machine_name) for row in rows])
        for row in rows if len(rows) > 1 else ():
            yield asked("bundles.same_label", row, label=plain(row.label), names=names)


def _changed_questions(group: EntityGroup) -> Iterator[RowQuestion]:
    """Ask what changes where X is c and nothing says it."""
    is_there = group.heads[0].status in THERE
    for row in group.members if is_there else ():
        if row.status is Status.CHANGED and is_shapes_only(row.note):
            yield asked("bundles.changed", row)
    is_alone = all(row.status not in {*TO_BUILD, Status.DELETED} for row in group.members)
    for head in group.heads:
        if head.status is Status.CHANGED and is_shapes_only(head.note):
            yield asked(f"bundles.{'changed' if is_alone else 'changed_beside'}", head)
