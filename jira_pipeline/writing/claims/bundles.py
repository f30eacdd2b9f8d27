"""What tickets of bundles claim: who uses them, their fields, their form, what they share.

Belongs here: which claims a bundle makes. Does not: sorting its fields (`bundle_fields`), words
(`phrases.toml`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from jira_pipeline.model.entities import GONE, UNLIMITED, BundleType, Entity, EntityKind, Status
from jira_pipeline.model.grouped import grouped
from jira_pipeline.sources.drupal.modules_and_types import (
    facts_of,
    holds_value,
    is_list,
    is_locked,
    is_on_form,
    is_one_of,
    is_required,
    is_storage_of_core,
    is_text_on_form,
    listed_in,
    media_source,
    modules_of,
    names_of,
)
from jira_pipeline.sources.drupal.notes import default_in, max_length_in
from jira_pipeline.sources.questions.question_index import (
    REUSED,
    accepted_name,
    is_machine_name_given,
    name_of,
)
from jira_pipeline.sources.questions.questions_of_bundles import fields_of, least_values
from jira_pipeline.writing.claims.bundle_fields import BundleFields, view_modes_of
from jira_pipeline.writing.claims.claim import Claim, Claims, clause, description_of, stated
from jira_pipeline.writing.claims.lists import changes
from jira_pipeline.writing.fragments import (
    bundle_noun,
    code,
    codes,
    count_of,
    listed,
    menu_path,
    named,
    plural,
    quoted,
    text,
)
from jira_pipeline.writing.group_facts import GroupFacts

_ORIGINS = {True: "origin_earlier", False: "origin_there", None: "origin_core"}
"""What a storage comes from, by whether a ticket makes it; of core nothing does."""
NAMED_MAX = 6
"""So many fields are named one by one in a check; more are those of the table."""
HOSTS_MAX = 6
"""So many places where a bundle is used are named; more are counted."""


def bundle_claims(facts: GroupFacts) -> Claims:
    """Claim what the rows of one bundle and its fields make certain."""
    fields = BundleFields(facts=facts)
    return Claims.of(_story(fields), _analysis(fields), _verification(fields))


def fieldless_claims(facts: GroupFacts) -> Claims:
    """Claim what the rows of bundles without fields make certain."""
    heads = facts.to_build
    if not heads:
        return Claims(story=None)
    kind = heads[0].bundle_type
    new = [head for head in heads if head.status is not Status.CHANGED]
    changed = [head for head in heads if head.status is Status.CHANGED]
    story = "fieldless" if not changed else "fieldless_both" if new else "fieldless_changed"
    names = listed([text(name_of(head)) for head in changed])
    noun = text(bundle_noun(kind) if len(new) == 1 else plural(bundle_noun(kind)))
    named_ones = f"the {noun} {listed([quoted(name_of(head)) for head in new])}"
    words = {"what": named_ones if len(new) <= NAMED_MAX else _noun(kind, len(new)), "names": names}
    words["description"] = description_of(new[0]) if len(new) == 1 else ""
    what = stated(f"story.{story}", heads, **words)
    page = listed_in("admin_pages", kind.value) if kind else None
    checks = [
        *([_listed_claim(heads, page)] if page else ()),
        *_settings(heads, facts, is_list=True),
        *_modes_ticked(heads, facts),
    ]
    return Claims.of(what, (), checks)


def _noun(kind: BundleType | None, count: int) -> str:
    return text(count_of(count, bundle_noun(kind)))


def _story(fields: BundleFields) -> Claim:
    """Say what the ticket is for: a new bundle and where it is used, or what an old one gets."""
    head, facts = fields.facts.head, fields.facts
    name, noun = text(facts.name), text(bundle_noun(head.bundle_type))
    if not fields.is_new:
        changed = facts.with_status(Status.CHANGED)
        parts = {"new_rows": fields.new, "changed_rows": changed, "removed_rows": fields.gone}
        if what := changes(*((kind, "field", rows) for kind, rows in parts.items())):
            rows = (*fields.new, *changed, *fields.gone)
            return stated("story.update", rows, "X", name=name, noun=noun, what=what)
        modes = listed([quoted(name_of(mode)) for mode in view_modes_of(head, facts)])
        kind = "story.changed_modes" if modes else "story.changed"
        return stated(kind, (head,), "X", name=name, noun=noun, modes=modes)
    about = description_of(head)
    hosts = _uses(facts) if head.bundle_type in _PLACED else ()
    return stated(
        "story.bundle_in" if hosts else "story.bundle",
        (head, *hosts),
        *(("Description",) if about else ()),
        noun=noun,
        name=name,
        places=_places(hosts, facts),
        description=about,
    )


_PLACED = frozenset({BundleType.PARAGRAPH, BundleType.VOCABULARY})
"""Kinds of bundles whose items are made for a field, or chosen in it."""


def _uses(facts: GroupFacts) -> tuple[Entity, ...]:
    """Return the live fields of other live bundles that refer to the bundle, and to no namesake."""
    specification, own = facts.session.specification, facts.head.key
    named = (facts.head.bundle_type, facts.head.label)
    bundles = specification.by_kind[EntityKind.BUNDLE]
    if sum((b.bundle_type, b.label) == named and b.status not in GONE for b in bundles) > 1:
        return ()
    hosts = {host.key for host in facts.hosts}
    return tuple(
        row
        for row, reference in specification.referrers_of.get(own, ())
        if row.kind is EntityKind.FIELD and row.status not in GONE
        if row.owner_key in hosts and reference.column == "Ref. bundle"
    )


def _places(uses: Sequence[Entity], facts: GroupFacts) -> str:
    """Name where a bundle is used: the field, the bundles, or how many of which type."""
    specification = facts.session.specification
    owners = [
        specification.by_key[key][0] for key in dict.fromkeys(u.owner_key or "" for u in uses)
    ]
    if len(uses) == 1:
        return clause("one_field", field=quoted(name_of(uses[0])), owner=text(owners[0].label))
    if len(owners) <= HOSTS_MAX:
        return listed([text(owner.label) for owner in owners])
    kinds = dict.fromkeys(owner.bundle_type for owner in owners)
    return listed([_noun(k, sum(owner.bundle_type is k for owner in owners)) for k in kinds])


def _analysis(fields: BundleFields) -> Iterator[Claim]:
    if fields.facts.group.is_hollow:
        return
    head, group = fields.facts.head, fields.facts.group
    is_new_media = fields.is_new and head.bundle_type is BundleType.MEDIA
    if is_new_media and (source := media_source(fields_of(head, group))):
        kind, row = source
        words = {"source": quoted(kind), "field": code(row.machine_name)}
        yield stated("analysis.media_source", (head, row), values=(kind, kind), **words)
    yield from _storage_claims(fields)
    yield from _later_claims(fields)
    yield from _shared_option_claims(fields)
    yield from _module_claims(fields)
    if fields.gone:
        yield stated("analysis.gone", fields.gone, "X", fields=codes(fields.gone))
    if rows := [row for row in fields.new if is_locked(row)]:
        yield stated("analysis.locked", rows, "Machine name", fields=codes(rows))
    if rows := [row for row in fields.added if is_text_on_form(row)]:
        yield stated("analysis.no_value", rows, "Field type", fields=codes(rows))


def _module_claims(fields: BundleFields) -> Iterator[Claim]:
    """Say which modules beside core bring types and widgets that the site does not use yet."""
    needing: dict[str, list[Entity]] = {}
    for row in (*fields.added, *([fields.facts.head] if fields.is_new else ())):
        for module in modules_of(row) - fields.modules_there:
            needing.setdefault(module, []).append(row)
    if needing:
        here = " ".join(question.question for question in fields.facts.questions)
        each = [
            clause(
                "for_fields"
                if (what := module.removeprefix("of the ")) == module
                else ("for_fields_unknown" if what in here else "for_fields_asked"),
                module=text(module),
                fields=clause(module.casefold().replace(" ", "_"))
                if module in facts_of("column_modules", "names").values()
                else codes(of)
                if len(of) <= NAMED_MAX
                else text(count_of(len(of), "field")),
            )
            for module, of in sorted(needing.items())
        ]
        rows = list({row.source: row for of in needing.values() for row in of}.values())
        columns = ("Field type", "Form widget")
        yield stated("analysis.field_modules", rows, *columns, each="; ".join(each))


def _storage_claims(fields: BundleFields) -> Iterator[Claim]:
    """Say which fields are created here and which are re-used, the shorter list named."""
    if not fields.has_storage:
        return
    own = fields.facts.group.number
    rows = [row for row in fields.added if is_machine_name_given(row)]
    rows = [row for row in rows if not fields.is_storage_disputed(row)]
    here = [row for row in rows if fields.origin(row) == own]
    reused = [row for row in rows if fields.origin(row) < own]
    if reused:
        of_core = [row for row in reused if is_storage_of_core(row)]
        origins = {fields.origin(row) for row in reused if row not in of_core}
        made_when = {bool(origin) for origin in origins}
        origin = (
            "origin_both"
            if len(made_when) > 1
            else _ORIGINS[made_when.pop() if made_when else None]
        )
        noun = bundle_noun(fields.facts.head.bundle_type)
        if len(rows) < len(fields.stored) or len(reused) == 1 > len(here):
            shape = "reused"
        elif not here:
            shape = "all_reused"
        else:
            shape = "few_created" if len(here) <= len(reused) else "few_reused"
        rest = reused if shape == "few_created" else here
        others = "other_fields" if fields.is_new else "other_new_fields"
        all_fields = "both" if len(reused) == 2 else "all"  # noqa: PLR2004 - of two
        all_fields = all_fields if fields.is_new else f"{all_fields}_new"
        yield stated(
            f"analysis.{shape}",
            reused,
            "Machine name",
            of_count=len(here if shape == "few_created" else reused),
            here=codes(here),
            reused=codes(reused),
            all=clause(all_fields, number=str(len(reused))),
            rest=clause(others, count=len(rest), number=str(len(rest))),
            origin=clause(origin, count=len(origins), type=text(noun), types=text(plural(noun)))
            + (clause("or_of_core", fields=codes(of_core)) if of_core and origins else ""),
        )
    if first := [row for row in here if row.flag(REUSED)]:
        is_told = bool(reused) and len(here) <= len(reused)
        kind = "reused_not_earlier" if is_told else "reused_first"
        yield stated(f"analysis.{kind}", first, REUSED, fields=codes(first))


def _later_claims(fields: BundleFields) -> Iterator[Claim]:
    """Say which targets later tickets build: all of them, whether the ticket is linked or not."""
    later = [targets for targets in fields.targets if targets.later]
    if later:
        alike = grouped(later, lambda targets: tuple(bundle.key for bundle in targets.later))
        each = [
            clause(
                "later",
                targets=_labels(same[0].later),
                fields=listed([named(targets.field) for targets in same]),
            )
            for same in alike.values()
        ]
        yield stated(
            "analysis.set_later",
            [targets.field for targets in later],
            "Ref. bundle",
            values=["; ".join(bundle.label for bundle in targets.later) for targets in later],
            each="; ".join(each),
        )


def _labels(bundles: Iterable[Entity]) -> str:
    return listed([text(bundle.label) for bundle in bundles])


def _shared_option_claims(fields: BundleFields) -> Iterator[Claim]:
    """Say which lists have their options from a storage that is there before."""
    if not fields.has_storage:
        return
    rows = [
        row
        for row in fields.added
        if is_list(row) and fields.origin(row) < fields.facts.group.number
        if not fields.facts.is_disputed(row, "Settings/notes")
        if not fields.facts.is_disputed(row, "Field type")
        if not fields.origin(row) or fields.options_of(row)
    ]
    if rows:
        yield stated("analysis.shared_options", rows, "Field type", fields=codes(rows))
    asked = [
        row
        for row in fields.added
        if is_list(row) and 0 < fields.origin(row) < fields.facts.group.number
        if not fields.options_of(row) and not row.note
    ]
    if asked:
        yield stated("analysis.options_asked", asked, "Field type", fields=codes(asked))


def _verification(fields: BundleFields) -> Iterator[Claim]:
    head = fields.facts.head
    page = listed_in("admin_pages", head.bundle_type.value) if head.bundle_type else None
    if fields.facts.group.is_hollow:
        return
    if fields.is_new and page:
        yield _listed_claim((head,), page)
    yield from _place_claims(fields)
    yield from _value_claims(fields)
    yield from _form_group_claims(fields)
    if fields.is_new:
        yield from _settings((head,), fields.facts)
    if modes := view_modes_of(head, fields.facts):
        labels = listed([quoted(name_of(mode)) for mode in modes])
        rows = (head, *modes)
        values = [mode.label for mode in modes]
        yield stated(
            "verification.view_modes", rows, "Entities Used On", values=values, modes=labels
        )
    if fields.gone:
        yield stated("verification.gone", fields.gone, "X", fields=codes(fields.gone))


def _listed_claim(heads: Sequence[Entity], page: tuple[str, ...]) -> Claim:
    names = [
        clause("name_and_code", name=text(name_of(head)), code=code(head.machine_name))
        if head.machine_name.strip("-")
        and accepted_name(head.machine_name, head.kind) == head.machine_name
        else text(name_of(head))
        for head in heads
    ]
    return stated(
        "verification.listed",
        heads,
        "Machine name",
        "Name",
        page=menu_path(*page),
        names=listed(names),
    )


def _settings(
    heads: Sequence[Entity], facts: GroupFacts, *, is_list: bool = False
) -> Iterator[Claim]:
    """Claim what the rows of new bundles say of them beside their fields, once where it is the same."""
    workflows = facts.session.specification.by_kind[EntityKind.WORKFLOW]
    is_moderated = any(row.status not in GONE for row in workflows)
    for kind, column in (("moderated", "Mod."), ("layout", "Layout"))[not is_moderated :]:
        if on := [head for head in heads if head.flag(column)]:
            yield stated(f"verification.{kind}", on, column, name=_whose(on, heads))
    column = "URL alias pattern"
    having = [head for head in heads if head.cell(column).strip("- ")]
    for pattern, same in grouped(having, lambda head: head.cell(column)).items():
        kind = "alias_of" if is_list else "alias"
        item = clause("term" if same[0].bundle_type is BundleType.VOCABULARY else "item")
        words = {"name": _whose(same, heads), "item": item, "pattern": code(pattern)}
        yield stated(f"verification.{kind}", same, column, **words)


def _whose(some: Sequence[Entity], heads: Sequence[Entity]) -> str:
    """Name bundles; of many say that it is all of the table, or those whose row has it."""
    if len(some) <= NAMED_MAX:
        return listed([text(name_of(head)) for head in some])
    number, noun = str(len(some)), text(plural(bundle_noun(some[0].bundle_type)))
    return clause(
        "each_of_all" if len(some) == len(heads) else "each_of_row", number=number, noun=noun
    )


def _modes_ticked(heads: Sequence[Entity], facts: GroupFacts) -> Iterator[Claim]:
    """Claim which view modes bundles without fields have switched on."""
    by_modes = grouped(heads, lambda head: tuple(m.key for m in view_modes_of(head, facts)))
    for same in by_modes.values():
        if modes := view_modes_of(same[0], facts):
            names = listed([quoted(name_of(mode)) for mode in modes])
            values = ["; ".join(head.label for head in same)] * len(modes)
            words = {"names": names, "bundles": _whose(same, heads)}
            yield stated(
                "verification.modes_ticked", modes, "Entities Used On", values=values, **words
            )


def _place_claims(fields: BundleFields) -> Iterator[Claim]:
    """Claim what Manage fields and Manage form display show."""
    typed = fields.certain(fields.added, "Field type")
    untyped = [row for row in fields.added if row not in typed]
    if fields.added and len(fields.added) <= NAMED_MAX:
        each = [
            clause("with_type", field=named(row), type=text(row.cell("Field type")))
            if row in typed
            else named(row)
            for row in fields.added
        ]
        rests = (typed, "Field type") if typed else (fields.added, "Machine name")
        yield stated("verification.types", *rests, fields=listed(each))
    elif typed:
        names = listed(list(dict.fromkeys(quoted(name_of(row)) for row in fields.unlisted)))
        kind = "all_but" if fields.unlisted else "all_fields"
        which = clause(kind if fields.is_new else "new_fields", fields=names)
        kind = "types_of_table_but" if untyped else "types_of_table"
        but = codes(untyped)
        yield stated(f"verification.{kind}", typed, "Field type", which=which, but=but)
    on_form = [row for row in fields.new if is_on_form(row)]
    shown = fields.certain(on_form, "Form widget")
    if len(shown) > 1:
        others = [row for row in on_form if row not in shown]
        kind = "each_field" if fields.is_new else "each_new_field"
        which = clause(f"{kind}_but" if others else kind, fields=codes(others))
        yield stated("verification.widgets_of_table", shown, "Form widget", which=which)
    elif shown:
        widget = text(shown[0].cell("Form widget"))
        yield stated(
            "verification.widget", shown, "Form widget", field=named(shown[0]), widget=widget
        )
    hidden = [
        row
        for row in fields.certain(fields.added, "Form widget")
        if not is_on_form(row) and not is_required(row)
    ]
    if hidden:
        yield stated("verification.disabled", hidden, "Form widget", fields=codes(hidden))


def _value_claims(fields: BundleFields) -> Iterator[Claim]:
    """Claim what the form refuses and offers."""
    rows = [row for row in fields.on_form if holds_value(row)]
    required = [
        row
        for row in fields.certain(rows, "Req'd")
        if is_required(row) and not default_in(row.note)
        if not is_one_of(row.cell("Field type"), names_of("types_never_empty"))
    ]
    if required:
        names = listed(list(dict.fromkeys(map(named, required))), word="or")
        yield stated("verification.required", required, "Req'd", fields=names)
    for row in (row for row in rows if least_values(row)):
        number = least_values(row) - 1
        words = {"field": named(row), "number": str(number)}
        yield stated("verification.least", [row], "Help text", of_count=number, **words)
    yield from _target_claims(fields)
    yield from _number_claims(fields, rows)
    lengths = grouped(
        (row for row in rows if max_length_in(row.note)), lambda row: max_length_in(row.note)
    )
    yield from _by_value("lengths", "Settings/notes", lengths, "length", place="length")
    yield from _option_claims(fields, rows)


def _target_claims(fields: BundleFields) -> Iterator[Claim]:
    offered = [t for t in fields.targets if t.now and t.field in fields.on_form]
    rows = [targets.field for targets in offered]
    values = ["; ".join(bundle.label for bundle in targets.now) for targets in offered]
    if len(offered) > NAMED_MAX:
        kind = "targets_by_then" if any(t.later for t in fields.targets) else "targets_of_table"
        yield stated(f"verification.{kind}", rows, "Ref. bundle", values=values)
    elif offered:
        alike = grouped(offered, lambda targets: tuple(bundle.key for bundle in targets.now))
        each = [
            clause(
                "offers_only",
                count=len(same),
                fields=codes(targets.field for targets in same),
                targets=_labels(same[0].now),
            )
            for same in alike.values()
        ]
        joined = "; ".join(each)
        yield stated("verification.targets", rows, "Ref. bundle", values=values, each=joined)


def _number_claims(fields: BundleFields, rows: Sequence[Entity]) -> Iterator[Claim]:
    counted = fields.certain(rows, "Vals.")
    many = [row for row in counted if row.count("Vals.") == UNLIMITED]
    if len(many) > NAMED_MAX:
        yield stated("verification.any_number_of_table", many, "Vals.")
    elif many:
        yield stated("verification.any_number", many, "Vals.", fields=codes(many))
    limited = grouped(
        (row for row in counted if (row.count("Vals.") or 0) > 1), lambda row: row.cell("Vals.")
    )
    yield from _by_value("numbers", "Vals.", limited, "up_to", place="number")


def _by_value(
    kind: str, column: str, found: Mapping[str, Sequence[Entity]], part: str, *, place: str
) -> Iterator[Claim]:
    """Claim of fields what holds for them, together where it is the same value."""
    each = [
        clause(part, count=len(of), fields=codes(of), **{place: text(value)})
        for value, of in found.items()
    ]
    if each:
        rows = [row for of in found.values() for row in of]
        values = [value for value, of in found.items() for _ in of]
        each_joined = "; ".join(each)
        yield stated(f"verification.{kind}", rows, column, values=values, each=each_joined)


def _option_claims(fields: BundleFields, rows: Sequence[Entity]) -> Iterator[Claim]:
    lists = [
        (row, found)
        for row in rows
        if is_list(row) and not fields.facts.is_disputed(row, "Settings/notes")
        if not fields.facts.is_disputed(row, "Field type")
        if (found := fields.options_of(row)) and found[1].text
    ]
    if not lists:
        return
    each = []
    for row, (_, options) in lists:
        if options.items:
            shown = listed([quoted(item) for item in options.items])
            each.append(clause("offers", field=named(row), options=shown))
        else:
            each.append(clause("offers_as_noted", field=named(row), options=quoted(options.text)))
    givers = [row for row, _ in lists]
    values = [options.text for _, (_, options) in lists]
    yield stated(
        "verification.options", givers, "Settings/notes", values=values, each="; ".join(each)
    )
    preset = [(row, value) for row, _ in lists if (value := default_in(row.note))]
    if preset:
        each = [clause("preset", field=named(row), value=quoted(value)) for row, value in preset]
        rows, values = [row for row, _ in preset], [value for _, value in preset]
        yield stated(
            "verification.defaults", rows, "Settings/notes", values=values, each=listed(each)
        )


def _form_group_claims(fields: BundleFields) -> Iterator[Claim]:
    rows, column = fields.certain(fields.on_form, "Field group"), "Field group"
    groups = grouped(rows, lambda row: row.cell(column))
    if groups and fields.is_new:
        kind, shown = "verification.form_groups", listed([quoted(group) for group in groups])
        yield stated(kind, rows, column, of_count=len(groups), groups=shown)
    elif groups:
        yield from _by_value("form_groups_with_new", column, groups, "in_group", place="group")
