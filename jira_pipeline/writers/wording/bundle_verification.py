"""What can be checked about a bundle once it is built.

Belongs here: statements of content, paragraph, media and block types and vocabularies. Does not:
other kinds (`verification`).
"""

from collections.abc import Iterator, Mapping, Sequence

from jira_pipeline.domain.entities import BundleType, Entity, Reference, Specification, Status
from jira_pipeline.domain.entity_groups import GroupAction
from jira_pipeline.domain.note_sentences import sentences_of
from jira_pipeline.domain.questions.bundle_questions import is_about_meta_tags, meta_sentence
from jira_pipeline.domain.questions.field_questions import (
    LABEL,
    family_of,
    hidden_sentence,
    is_optional,
    is_required,
)
from jira_pipeline.domain.questions.question_index import (
    QuestionIndex,
    is_machine_name_given,
    name_of,
)
from jira_pipeline.domain.questions.row_questions import is_open
from jira_pipeline.domain.questions.target_questions import asked_sentences
from jira_pipeline.writers.group_facts import (
    GroupFacts,
    bundle_noun,
    coming_targets,
    note_sentences,
    notes_of,
)
from jira_pipeline.writers.wording.acceptance import accepted, access_in_words
from jira_pipeline.writers.wording.bundle_analysis import title_sentences
from jira_pipeline.writers.wording.bundle_story import alias_prefix
from jira_pipeline.writers.wording.english import (
    capitalised,
    count_of,
    is_or_are,
    listed,
    plural,
    without_stop,
)
from jira_pipeline.writers.wording.field_acceptance import (
    FIELDS_TOLD_SINGLY,
    field_statements,
    options_of,
)
from jira_pipeline.writers.wording.html_fragments import code, menu_path, packed, quoted, text
from jira_pipeline.writers.wording.note_themes import (
    Theme,
    ToldOnce,
    is_about_options,
    theme_of,
    told_apart,
    told_once,
)
from jira_pipeline.writers.wording.row_wording import SWITCHES, codes, with_machine_name
from jira_pipeline.writers.wording.themed_notes import statements

ADMIN_PAGES: Mapping[BundleType, str] = {
    BundleType.CONTENT: "Content types",
    BundleType.PARAGRAPH: "Paragraph types",
    BundleType.VOCABULARY: "Taxonomy",
    BundleType.MEDIA: "Media types",
    BundleType.BLOCK: "Block types",
}
"""Where Drupal's administration lists each type, under Structure."""
_NAMED_OPTIONAL_MAX = 5
_TRIED = frozenset({Theme.RESTRICTION, Theme.DEFAULT})
"""Themes of sentences about what is entered."""
_SEEN = frozenset({Theme.HIDDEN, Theme.CONDITION, Theme.FILLED, Theme.TITLE, Theme.RENDERING})
"""Themes of sentences about what shows."""


def admin_path(bundle_type: BundleType | None) -> str:
    """Return the menu path under which bundles of a type are listed."""
    return menu_path("Structure", ADMIN_PAGES[bundle_type]) if bundle_type else "Structure"


def bundle_statements(facts: GroupFacts) -> Iterator[str]:
    """State what must be true of the bundle and its fields."""
    yield _existence(facts)
    if len(facts.to_build) <= FIELDS_TOLD_SINGLY:
        yield from _each_field(facts)
    else:
        yield from _fields_together(facts)
    yield from _title(facts)
    yield from _address(facts)
    yield from _meta_tags(facts)
    yield from _access(facts)
    yield from _leaving(facts)


def _each_field(facts: GroupFacts) -> Iterator[str]:
    """State field by field what somebody finds who fills in the form."""
    yield from _as_tabled(facts)
    yield from field_statements(facts)
    yield from _field_groups(facts.to_build)


def _fields_together(facts: GroupFacts) -> Iterator[str]:
    """State what fields have in common: of many fields one by one nobody would read it."""
    yield from _as_tabled(facts)
    yield from _required(facts.to_build)
    yield from _targets(facts)
    yield from _cardinalities(facts.to_build)
    yield from _field_groups(facts.to_build)
    yield from _options(facts)
    yield from _notes(facts)


def _existence(facts: GroupFacts) -> str:
    head = facts.head
    path = (
        menu_path("Structure", ADMIN_PAGES[head.bundle_type], facts.name)
        if head.bundle_type
        else text(facts.name)
    )
    is_update = facts.group.action is GroupAction.UPDATE
    told = f"{path} {'is still there' if is_update else 'exists'}{with_machine_name(head)}"
    description = head.cell("Description")
    if description:
        and_ = " and" if is_machine_name_given(head) else " with"
        told += f"{and_} the description {quoted(description)}"
    switches = [words for column, words in SWITCHES.items() if head.cell(column).casefold() == "y"]
    if switches and not is_update:
        told += f"; {listed(switches)} {is_or_are(len(switches))} switched on"
    return told


def _as_tabled(facts: GroupFacts) -> Iterator[str]:
    count = len(facts.to_build)
    new = "new " if facts.group.action is GroupAction.UPDATE else ""
    is_all = not new and not facts.with_status(Status.IMPLEMENTED)
    if count == 1:
        row = facts.to_build[0]
        widget = row.cell("Form widget")
        widget = f" with the widget {text(widget)}" if widget not in {"", "-"} else ""
        yield (
            f"The {'only ' if is_all else ''}{new}field, {codes([row])}, is of type "
            f"{text(row.cell('Field type') or 'to be settled')}{widget}"
        )
    elif count:
        named_rows = [row for row in facts.to_build if is_machine_name_given(row)] or facts.to_build
        beside = codes([row for row in facts.to_build if row not in named_rows])
        told = ["labels", "types"]
        told += ["numbers of values"] if facts.to_build[0].has_column("Vals.") else []
        as_tabled = listed(told)
        if facts.to_build[0].has_column("Form widget"):
            as_tabled = f"{', '.join(told)} and, on Manage form display, widgets"
        yield (
            f"Manage fields lists the {count_of(len(named_rows), f'{new}field')} of the table"
            f"{f' besides {beside}' if beside else ''}{' and no others' if is_all else ''}; "
            f"{as_tabled} are as tabled"
        )


def _required(rows: Sequence[Entity]) -> Iterator[str]:
    """Say what must and what may stay empty; of other fields the sheet says neither."""
    required = [row for row in rows if is_required(row)]
    optional = [row for row in rows if _may_stay_empty(row)]
    if len(required) == len(rows) > 1:
        told = [f"Every field is required: {codes(required)}"]
    elif len(required) == len(rows) == 1:
        told = [f"{codes(required)} is required"]
    else:
        told = [f"Required: {codes(required)}"] if required else []
    if optional and len(optional) <= _NAMED_OPTIONAL_MAX:
        told.append(f"the form can be saved without {codes(optional)}")
    elif optional:
        some = codes([optional[0], optional[-1]])
        told.append(f"fields with Req'd n may stay empty, for example {some}")
    if told:
        yield capitalised("; ".join(told))


def _may_stay_empty(row: Entity) -> bool:
    """Tell whether a form can be saved without a field; Drupal requires labels in any case."""
    is_label = family_of(row.cell("Field type")) == LABEL or not is_machine_name_given(row)
    return is_optional(row) and not is_label and not hidden_sentence(row)


def _targets(facts: GroupFacts) -> Iterator[str]:
    """State what reference fields offer, by the type of what they refer to."""
    specification = facts.session.specification
    kinds: dict[str, dict[str, list[Entity]]] = {}
    for row in facts.to_build:
        references = coming_targets(row, specification)
        if references:
            kind = _kind_of(references, specification)
            names = listed([text(_name_in(kind, r, specification)) for r in references])
            kinds.setdefault(kind, {}).setdefault(names, []).append(row)
    told = [_offers(kind, targets) for kind, targets in kinds.items()]
    for run in packed(told):
        yield capitalised("; ".join(told[run.start : run.stop]))


def _offers(kind: str, targets: Mapping[str, Sequence[Entity]]) -> str:
    said = [
        f"{codes(fields)} {'offers' if len(fields) == 1 else 'offer'} only {names}"
        for names, fields in targets.items()
    ]
    return f"of {kind}, {listed(said)}" if kind else listed(said)


def _kind_of(references: Sequence[Reference], specification: Specification) -> str:
    """Return what the targets are, in the plural; nothing where they are of several types."""
    kinds = {specification.by_key[r.target_key or ""][0].bundle_type for r in references}
    return plural(bundle_noun(next(iter(kinds)))) if len(kinds) == 1 else ""


def _name_in(kind: str, reference: Reference, specification: Specification) -> str:
    """Name a target, without its type where that is said of all."""
    return name_of(specification.by_key[reference.target_key or ""][0]) if kind else reference.text


def _cardinalities(rows: Sequence[Entity]) -> Iterator[str]:
    values: dict[str, list[Entity]] = {}
    for row in rows:
        count = row.cell("Vals.")
        if count not in {"", "-", "1"}:
            values.setdefault("*" if count.casefold() == "unlimited" else count, []).append(row)
    told = []
    for count, fields in values.items():
        takes = "takes" if len(fields) == 1 else "take"
        limit = "any number of values" if count == "*" else f"{text(count)} values and no more"
        told.append(f"{codes(fields)} {takes} {limit}")
    if told:
        yield capitalised("; ".join(told))


def _field_groups(rows: Sequence[Entity]) -> Iterator[str]:
    groups: dict[str, list[Entity]] = {}
    for row in rows:
        if row.cell("Field group") not in {"", "-"} and not hidden_sentence(row):
            groups.setdefault(row.cell("Field group"), []).append(row)
    if groups:
        told = [f"{quoted(name)} holds {codes(fields)}" for name, fields in groups.items()]
        for run in packed(told):
            yield f"On the form, {'; '.join(told[run.start : run.stop])}"


def _options(facts: GroupFacts) -> Iterator[str]:
    """State what lists offer, as notes give it; a sentence about options that is no list whole."""
    said: dict[str, list[Entity]] = {}
    for row in facts.to_build:
        about = [s for s in note_sentences(row) if is_about_options(s) and not is_open(s)]
        options = options_of(row)
        for sentence in [options] if options else about[:1]:
            said.setdefault(without_stop(sentence), []).append(row)
    told = [
        f"{codes(rows)} {'offers' if len(rows) == 1 else 'offer'} {quoted(sentence)}"
        for sentence, rows in said.items()
    ]
    for run in packed(told):
        yield f"To choose from: {'; '.join(told[run.start : run.stop])}"


def _title(facts: GroupFacts) -> Iterator[str]:
    """State what the notes on the bundle say about the titles of items."""
    said = [quoted(without_stop(s)) for s in title_sentences(facts.head)]
    if said:
        yield f"Seen on a newly saved item and its form: {listed(said)}"


def _meta_tags(facts: GroupFacts) -> Iterator[str]:
    """State what a note on the bundle asks of meta tags, as far as Meta does not contradict it."""
    said = [
        quoted(without_stop(s))
        for s in sentences_of(notes_of(facts.head))
        if is_about_meta_tags(s) and not is_open(s)
    ]
    if said and meta_sentence(facts.head):
        yield f"The head of a saved page has or lacks what {listed(said)} says, as Meta was settled"
    elif said:
        yield f"Seen in the head of a saved page: {listed(said)}"


def _address(facts: GroupFacts) -> Iterator[str]:
    if facts.head.bundle_type is not BundleType.CONTENT or facts.group.action is GroupAction.UPDATE:
        return
    alias, prefix = facts.head.cell("URL alias pattern"), alias_prefix(facts.head)
    if prefix:
        yield f"The address of a newly saved item begins {code(prefix)} and follows {code(alias)}"
    elif alias not in {"", "-"}:
        yield f"The address of a newly saved item follows {code(alias)}"


def _notes(facts: GroupFacts) -> Iterator[str]:
    """State what notes promise: what can be tried on the form, and what is only seen.

    What a question about a target or preset quotes is not tried.
    """
    index = facts.session.index
    hidden = [row for row in facts.to_build if hidden_sentence(row)]
    shown = [row for row in facts.to_build if row not in hidden]
    tried = [one for one in _settled(shown, index) if theme_of(one.sentence) in _TRIED]
    if tried:
        yield from told_apart("Tried on the form", tried, accepted)
    seen = [one for one in _settled(facts.to_build, index) if theme_of(one.sentence) in _SEEN]
    seen += [one for one in _settled(hidden, index) if theme_of(one.sentence) in _TRIED]
    if seen:
        yield from told_apart("Seen on the form and on a saved item", seen, accepted)


def _settled(rows: Sequence[Entity], index: QuestionIndex) -> list[ToldOnce]:
    """Return what notes say, without what is asked about."""
    asked = {row.key: asked_sentences(row, index) for row in rows}
    return [
        one
        for one in told_once(rows)
        if not any(one.sentence in asked[row.key] for row in one.rows)
    ]


def _access(facts: GroupFacts) -> Iterator[str]:
    """State who may and who may not, to be tried with two accounts."""
    told = told_once(facts.to_build)
    access = [
        access_in_words(without_stop(s))
        for s in sentences_of(notes_of(facts.head))
        if theme_of(s) is Theme.ACCESS and not is_open(s)
    ]
    on_fields = [one for one in told if theme_of(one.sentence) is Theme.ACCESS]
    if on_fields:
        access.append(statements(on_fields, among=len(facts.to_build)))
    if access:
        yield f"Access, tried out: {'; '.join(access)}"


def _leaving(facts: GroupFacts) -> Iterator[str]:
    there = facts.with_status(Status.IMPLEMENTED)
    told = [f"{codes(there)} {is_or_are(len(there))} as before"] if there else []
    if leaving := facts.with_status(Status.DELETED):
        told.append(f"{codes(leaving)} {is_or_are(len(leaving))} not on {text(facts.name)}")
    if waiting := facts.with_status(Status.WAITING):
        verb = "has" if len(waiting) == 1 else "have"
        told.append(f"{codes(waiting)}, on hold, {verb} not been built")
    if told:
        yield "; ".join(told)
