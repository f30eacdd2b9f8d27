"""What other rows say of the work of a ticket where no dependency says it: order, use, removal.

Belongs here: finding those rows. Does not: words (`analysis`), or dependencies
(`stages/entity_grouping`): nothing here waits for anything.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from jira_pipeline.domain.entities import BundleType, Entity, EntityKind, Status
from jira_pipeline.domain.entity_groups import GroupAction, GroupKind
from jira_pipeline.domain.note_sentences import sentences_of
from jira_pipeline.domain.questions.question_index import name_of, once_per_session
from jira_pipeline.domain.questions.row_questions import is_open
from jira_pipeline.domain.questions.structure_questions import bundles_taken_apart, referring_fields
from jira_pipeline.domain.role_notes import permissions_in, roles_named_in
from jira_pipeline.domain.workflow_notes import Meaning
from jira_pipeline.writers.display_rows import (
    bundles_named,
    bundles_to_index,
    fields_used,
    fitting_modes,
    modes_to_display,
    pages_of_blocks,
    states_meant,
    used_styles_and_modes,
)
from jira_pipeline.writers.group_facts import GONE, TO_BUILD, GroupFacts, SessionFacts
from jira_pipeline.writers.mentions import (
    labels_named,
    mentions_of,
    notes_of_fields_named,
    notes_of_runs,
    ruled_views,
    rules_of_listing,
)
from jira_pipeline.writers.migration_runs import (
    bundles_filled,
    filling,
    migration_of,
    noted_bundles,
    opened_fields,
    redirected_runs,
    referring_runs,
    required_bundles,
    states_entered,
)
from jira_pipeline.writers.named_rows import SharedWords, names_of
from jira_pipeline.writers.removals import (
    bound_removals,
    listing_removals,
    preparing_rows,
    read_removals,
    reading_runs,
    redirect_views,
    views_naming,
)
from jira_pipeline.writers.shown_view import shown_view


def needed_rows(facts: GroupFacts) -> list[Entity]:
    """Return every row of another ticket that the analysis names, a dependency or not."""
    if not facts.group.heads:
        return []
    if facts.group.action is GroupAction.REMOVE:
        own = {head.key for head in facts.group.heads}
        pairs = listing_removals(facts.session)
        views = [group.heads[0] for _, group in redirect_views(facts)]
        return [*(row for pair in pairs for row in pair if {r.key for r in pair} & own), *views]
    found = [
        *used_styles_and_modes(facts),
        *(run for head in facts.group.heads for run in filling(head, facts)),
        *(m.row for head in facts.group.heads for m in notes_of_runs(head, facts)),
        *(run for run, _ in reading_runs(facts)),
        *(bundle for row in facts.to_build for bundle in bundles_named(row, facts)),
    ]
    if facts.group.kind is GroupKind.VIEW:
        workflows = [workflow for _, workflow in states_meant(facts)]
        found += [*shown_view(facts).listed_bundles, *workflows]
        found += [*bundles_to_index(facts), *(row for _, row in fields_used(facts))]
        found += [mode for mode, _ in fitting_modes(facts)]
        found += [n.field for n in shown_view(facts).fields.named if n.by is not None]
        found += pages_of_blocks(facts)
        found += [mention.row for mention in rules_of_listing(facts)]
    found += [mention.row for mention in notes_of_fields_named(facts)]
    found += [mention.subject for mention in labels_named(facts)]
    if facts.group.kind is GroupKind.BUNDLE:
        found += modes_to_display(facts)
    if facts.group.kind is GroupKind.USER_ROLES:
        found += [g.heads[0] for g in facts.dependents if g.kind is GroupKind.WORKFLOW]
        found += [row for grant in granted_transitions(facts) for row in grant[1:]]
        found += later_things(facts)
    found += [other for _, other, _ in bound_removals(facts)]
    found += [bundle for _, new in opened_fields(facts) for bundle in new]
    found += [
        *(view for view, _ in ruled_views(facts)),
        *(group.heads[0] for group, _ in views_naming(facts)),
    ]
    if facts.group.kind is GroupKind.MIGRATION:
        run = migration_of(facts)
        found += [head for head, _, _ in bound_removals(facts)]
        found += [*run.destinations, *run.before, *run.after, *(other for _, other in run.referred)]
        found += [*noted_bundles(facts), *required_bundles(facts), *read_removals(facts)]
        found += [row for pair in states_entered(facts) for row in pair]
        for head in facts.group.heads:
            found += referring_fields(head, facts.session.index)
            found += bundles_taken_apart(head, facts.session.index)
        found += [*redirected_runs(facts), *(other for _, other in referring_runs(facts))]
    return found


_NEAREST_MAX = 25
"""So many rows of one name, or in all, are followed to what is beside them."""


def rows_around(facts: GroupFacts) -> list[Entity]:
    """Return rows of other tickets that name something of a ticket or are named by it, nearest first.

    One row for each name comes before a second one for any. The room that is left goes to fields
    of what a view lists or a migration fills, then to rows near in words.
    """
    own = {row.source for row in facts.own_rows}
    found: dict[str, tuple[int, int, Entity]] = {}

    def add(nearness: int, rows: Iterable[Entity]) -> None:
        others = (row for row in rows if row.source not in own)
        for place, row in enumerate(islice(others, _NEAREST_MAX)):
            found[row.key] = min(
                found.get(row.key, (nearness, place, row)),
                (nearness, place, row),
                key=lambda known: known[:2],
            )

    for nearness, rows in _near_rows(facts):
        add(nearness, rows)
    nearest = sorted(found.values(), key=lambda known: known[:2])[:_NEAREST_MAX]
    for nearness, rows in _beside([row for *_, row in nearest], facts):
        add(nearness, rows)
    named = [row for *_, row in sorted(found.values(), key=lambda known: known[:2])]
    return [*named, *_rows_in_room(facts, named)]


def _rows_in_room(facts: GroupFacts, named: Sequence[Entity]) -> list[Entity]:
    """Return the rows that fill the room rows around have left; fields all or none."""
    room = _NEAREST_MAX - len(named)
    if room <= 0:
        return []
    own = facts.own_rows
    known = {row.source for row in (*own, *named)}
    specification = facts.session.specification
    bundles: Iterable[Entity] = ()
    if facts.group.kind is GroupKind.VIEW and facts.group.heads:
        bundles = shown_view(facts).listed_bundles
    elif facts.group.kind is GroupKind.MIGRATION:
        bundles = [b for run in facts.group.heads for b in bundles_filled(facts.session)[run.key]]
    fields = [
        row
        for bundle in bundles
        for row in specification.members_of.get(bundle.key, ())
        if row.kind is EntityKind.FIELD and row.source not in known
        if row.status in TO_BUILD
    ]
    fitting = fields if len(fields) <= room else []
    known |= {row.source for row in fitting}
    shared = {row.machine_name for row in own if row.kind is EntityKind.FIELD}
    near = [
        row
        for row in _shared_words(facts.session).rows_near(own)
        if row.source not in known
        and not (row.kind is EntityKind.FIELD and row.machine_name in shared)
    ]
    return [*fitting, *near][:room]


@once_per_session
def _shared_words(session: SessionFacts) -> SharedWords:
    return SharedWords.of(session.specification.entities)


def _near_rows(facts: GroupFacts) -> Iterator[tuple[int, Iterable[Entity]]]:
    """Return rows one step away: what rules know, whole items of lists, words of sentences."""
    specification, named_rows = facts.session.specification, facts.session.named_rows
    heads, rows = facts.group.heads, facts.own_rows
    for needed in needed_rows(facts):
        yield 0, [needed]
    for head in heads:
        yield 0, (row for row, _ in specification.referrers_of.get(head.key, ()))
        yield 0, facts.naming_roles(head)
    if facts.group.kind is GroupKind.VIEW and heads:
        for bundle in shown_view(facts).listed_bundles:
            yield 0, [bundle, *_fields_of_view(bundle, facts)]
    for row in rows:
        for reference in row.references:
            yield 1, specification.by_key.get(reference.target_key or "", ())[:1]
        for name in names_of(row):
            is_shared = row.kind is EntityKind.FIELD
            yield 1, islice(named_rows.called.get(name, ()) if is_shared else (), _SHARED_MAX)
            mentions = named_rows.naming.get(name, ())
            for is_alone in (True, False):
                yield 2 - is_alone, (m.row for m in mentions if m.is_alone is is_alone)
        for naming in named_rows.names_in.get(row.source, ()):
            yield 2 - naming.is_alone, named_rows.called.get(naming.name, ())


_SHARED_MAX = 1
"""Who else has a field is listed anyway; its first row says what it is."""


def _fields_of_view(bundle: Entity, facts: GroupFacts) -> list[Entity]:
    """Return the fields of a bundle whose labels the cells of a view have."""
    rows = facts.own_rows
    cells = " ".join(cell for row in rows for cell in row.cells.values()).casefold()
    fields = facts.session.specification.members_of.get(bundle.key, ())
    return [
        row
        for row in fields
        if row.kind is EntityKind.FIELD and row.label
        if re.search(rf"\b{re.escape(row.label.casefold())}\b", cells)
    ]


def _beside(near: Sequence[Entity], facts: GroupFacts) -> Iterator[tuple[int, Iterable[Entity]]]:
    """Return rows two steps away.

    Fields of bundles near by that refer to something near by or that a view names, what a field of
    a view refers to, fields of paragraphs, and what names a row that goes as well.
    """
    specification, named_rows = facts.session.specification, facts.session.named_rows
    known = {row.key for row in (*near, *facts.group.heads)}
    for row in near:
        fields = specification.members_of.get(row.key, ()) if row.kind is EntityKind.BUNDLE else ()
        yield 2, (f for f in fields if any(r.target_key in known for r in f.references))
        yield 3, fields if row.bundle_type is BundleType.PARAGRAPH else ()
        is_content = row.kind is EntityKind.BUNDLE and row.bundle_type is BundleType.CONTENT
        if facts.group.kind is GroupKind.VIEW and is_content:
            yield 2, _fields_of_view(row, facts)
        if facts.group.kind is GroupKind.VIEW and row.kind is EntityKind.FIELD:
            for reference in row.references:
                for bundle in specification.by_key.get(reference.target_key or "", ())[:1]:
                    yield 2, [bundle, *_fields_of_view(bundle, facts)]
        if row.status is Status.DELETED:
            mentions = [m for name in names_of(row) for m in named_rows.naming.get(name, ())]
            yield 2, (mention.row for mention in mentions if mention.is_alone)


_OPTIONS_FROM = re.compile(r"\bfrom ([A-Z][\w -]*\w)(?=\W*(?:[),;\n]|$))")


def granted_transitions(facts: GroupFacts) -> list[tuple[Entity, Entity, Entity]]:
    """Return the transitions, each with its workflow, that name a role to build, that role first.

    Only those of workflows without a ticket: the others grant theirs themselves.
    """
    specification = facts.session.specification
    return [
        (role, transition, workflow)
        for transition in specification.by_kind[EntityKind.WORKFLOW_TRANSITION]
        for workflow in specification.by_key.get(transition.owner_key or "", ())[:1]
        if transition.status not in GONE
        and workflow.status not in GONE
        and workflow.key not in facts.session.making
        for role in roles_named_in(permissions_in(transition.note), facts.to_build)
        if not any(map(is_open, sentences_of(transition.note)))
    ]


def later_things(facts: GroupFacts) -> list[Entity]:
    """Return what the rows of roles name and later tickets create: there a permission is checked."""
    cells = " ".join(cell for row in facts.to_build for cell in row.cells.values())
    roles = {name_of(row).casefold() for row in facts.rows}
    kinds = {GroupKind.BUNDLE, GroupKind.BUNDLES_WITHOUT_FIELDS, GroupKind.VIEW}
    return [
        head
        for group in facts.session.in_order
        if group.number > facts.group.number and group.kind in kinds
        if group.action is GroupAction.CREATE
        for head in group.heads
        for noun in ["views? (?:the )?" if head.kind is EntityKind.VIEW else ""]
        if head.bundle_type is not BundleType.PARAGRAPH and name_of(head).casefold() not in roles
        for called in [{*facts.session.names_in_notes(head), head.machine_name} - {""}]
        for names in ["|".join(map(re.escape, called))]
        if re.search(rf"\b{noun}(?:{names})s?\b", cells, re.IGNORECASE)
    ]


def mentioned_elsewhere(facts: GroupFacts) -> dict[str, str]:
    """Return the sentences of other rows that a ticket quotes, by whose they are."""
    found: dict[str, str] = {}
    for head in facts.group.heads:
        found |= {role.label: name_of(head) for role in facts.naming_roles(head)}
        found |= {role.label: name_of(head) for role in facts.roles_granted(head)}
        moderated = facts.session.index.workflow_of(head)
        if moderated is not None and moderated[1] is not Meaning.NAMED:
            found[moderated[0].label] = moderated[0].cell("Notes")
    found |= {name_of(run): what for run, what in reading_runs(facts)}
    if facts.group.action is GroupAction.REMOVE:
        found |= {group.title: " ".join(s) for group, _, s in preparing_rows(facts)}
    for head, other, sentence in bound_removals(facts):
        found[f"removal of {name_of(head)}"] = sentence or name_of(other)
        found.setdefault(f"removal of {name_of(other)}", name_of(other))
    for mention in mentions_of(facts):
        group = facts.session.building.get(mention.row.source)
        who = f"{group.title}: {mention.row.label}" if group else mention.row.label
        found[who] = " ".join(filter(None, (found.get(who), mention.sentence)))
    return found
