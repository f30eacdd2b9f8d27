"""What tickets of lists claim: roles, styles, view modes, migrations, rows of sheets of their own.

Belongs here: tickets whose rows are things of one kind, how such rows are named and counted. Does
not: workflows (`workflows`), or what is left open (`sources/questions/questions_of_lists`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from jira_pipeline.model.columns import NOTE_COLUMNS, UPKEEP_COLUMNS
from jira_pipeline.model.entities import GONE, Entity, EntityKind, Status, sheet_noun
from jira_pipeline.sources.drupal.image_effects import COLUMNS, Effects, effects_of
from jira_pipeline.sources.drupal.modules_and_types import drupal, facts_of, folded, listed_in
from jira_pipeline.sources.drupal.workflow_rows import permissions_of
from jira_pipeline.sources.questions.question_index import name_of
from jira_pipeline.writing.claims.claim import Claim, Claims, clause, rendered, stated
from jira_pipeline.writing.fragments import (
    code,
    codes,
    label_and_name,
    listed,
    menu_path,
    plural,
    quoted,
    text,
)
from jira_pipeline.writing.group_facts import GroupFacts

_NAMED_MAX = 8
"""More rows are counted in a story."""
LISTED_MAX = 12
"""More rows are those of the table in a check."""
_DIFFERENT_MAX = 6
"""More different values are those of the table."""
_USED_ON = "Entities Used On"
_UPKEEP = frozenset({*UPKEEP_COLUMNS, *NOTE_COLUMNS})
_CELL_WORDS_MAX = 12


def _claims(
    facts: GroupFacts,
    rows: Sequence[Entity],
    analysis: Iterable[Claim],
    checks: Iterable[Claim],
    *,
    story: Sequence[Entity],
    noun: str,
    page: str,
) -> Claims:
    """Join what a list claims with where its new rows are listed and the removed ones are not."""
    listing, gone = (_rows(rows, page=page, noun=noun), _rows_gone(facts, page=page, noun=noun))
    return Claims.of(_story(facts, story, noun=noun), analysis, (*listing, *checks, *gone))


def role_claims(facts: GroupFacts) -> Claims:
    """Claim which roles come, which Drupal has, and the permissions that cells list."""
    page = menu_path("People", "Roles")
    own = [row for row in facts.to_build if row.machine_name not in listed_in("roles")]
    core = [row for row in _new(facts.to_build) if row.machine_name in listed_in("roles")]
    analysis: list[Claim] = []
    if core:
        analysis.append(stated("analysis.roles_shipped", core, "Machine name", names=codes(core)))
    standard = [r for r in _new(own) if r.machine_name in listed_in("roles", "of_standard")]
    whole = listed_in("roles", "with_every_permission")
    for kind, rows in (
        ("analysis.roles_of_standard", [r for r in standard if r.machine_name not in whole]),
        ("analysis.role_of_administrators", [r for r in standard if r.machine_name in whole]),
    ):
        if rows:
            analysis.append(stated(kind, rows, "Machine name", names=codes(rows)))
    checks: list[Claim] = []
    later: dict[str, Entity] = {}
    waiting: list[Entity] = []
    for role in facts.to_build:
        granted = permissions_of(role, facts.session.specification)
        there = [permission for permission, thing in granted if not is_later(thing, facts)]
        if len(there) < len(granted):
            waiting.append(role)
            later |= {thing.key: thing for _, thing in granted if is_later(thing, facts)}
        if there:
            names = listed([code(permission) for permission in there])
            values = ("; ".join(there),)
            check = stated(
                "verification.permissions", [role], values=values, role=labels([role]), names=names
            )
            checks.append(check)
    if later:
        names = labels(later.values())
        analysis.append(stated("analysis.permissions_later", waiting, names=names))
    story = [row for row in own if row not in standard] or own or core
    return _claims(facts, own, analysis, checks, story=story, noun="role", page=page)


def image_style_claims(facts: GroupFacts) -> Claims:
    """Claim which styles come, the modules of their effects, and what they deliver."""
    page, noun = menu_path("Configuration", "Media", "Image styles"), "image style"
    rows = facts.to_build
    made = {row.key: effects for row in rows if (effects := effects_of(row))}
    analysis: list[Claim] = []
    shipped = _by((drupal().image_styles.get(row.machine_name, ""), row) for row in _new(rows))
    for provider, brought in shipped.items():
        words = {"names": codes(brought), "provider": text(provider)}
        analysis.append(stated("analysis.styles_shipped", brought, "Machine name", **words))
    for module in dict.fromkeys(module for effects in made.values() for module in effects.modules):
        using = [row for row in rows if row.key in made and module in made[row.key].modules]
        is_every = len(using) == len(rows)
        kind = _kind("analysis.effect_module", using, at_most=1 if is_every else _NAMED_MAX)
        count = f"{'All ' * is_every}{len(using)}"
        words = {"names": codes(using), "count": count, "module": text(module)}
        analysis.append(stated(kind, using, made[using[0].key].column, **words))
    checks = _deliveries(facts, [row for row in rows if row.key in made], made)
    story = _besides(rows, shipped)
    return _claims(facts, rows, analysis, checks, story=story, noun=noun, page=page)


def _deliveries(
    facts: GroupFacts, rows: Sequence[Entity], made: Mapping[str, Effects]
) -> Iterator[Claim]:
    """Claim the size of what styles deliver, and its type of file."""
    exact = [row for row in rows if made[row.key].size]
    sure = [r for r in exact if not made[r.key].unknown and not facts.is_disputed(r, *COLUMNS)]
    sizes = _by((made[row.key].size, row) for row in sure)
    if len(sizes) > _DIFFERENT_MAX:
        kind = "sizes_of_table" if len(sure) == len(exact) else "sizes_of_table_save"
        words = {"count": str(len(exact)), "save": codes([r for r in exact if r not in sure])}
        values = [made[row.key].size for row in sure]
        yield stated(f"verification.{kind}", sure, made[sure[0].key].column, values=values, **words)
        sizes = {}
    for size, same in sizes.items():
        words = {"names": codes(same), "size": text(size)}
        values, column = [size] * len(same), made[same[0].key].column
        yield stated("verification.size", same, column, values=values, **words)
    for file_type, same in _by((made[row.key].file_type, row) for row in rows).items():
        words = {"names": codes(same), "count": str(len(same)), "file_type": text(file_type)}
        values, column = [file_type] * len(same), made[same[0].key].column
        yield stated(_kind("verification.file_type", same), same, column, values=values, **words)


def responsive_style_claims(facts: GroupFacts) -> Claims:
    """Claim which styles come, where their breakpoints come from, and their fallback styles."""
    rows, column, core = facts.to_build, "Breakpoint Group", listed_in("breakpoints", "groups")
    analysis = [
        stated(
            f"analysis.breakpoints{'_core' * (group in core)}", using, column, group=quoted(group)
        )
        for group, using in _by([(row.cell(column), row) for row in rows]).items()
    ]
    page, noun = (
        menu_path("Configuration", "Media", "Responsive image styles"),
        "responsive image style",
    )
    checks = _fallbacks(rows, facts)
    return _claims(facts, rows, analysis, checks, story=rows, noun=noun, page=page)


def _fallbacks(rows: Sequence[Entity], facts: GroupFacts) -> Iterator[Claim]:
    """Claim the fallback of each style whose name resolves to a style that stays or comes."""
    columns = ("Fallback machine name", "Fallback Style")
    by_key = facts.session.specification.by_key
    found: list[tuple[str, Entity]] = []
    for row in rows:
        for reference in (r for r in row.references if r.column in columns):
            targets = by_key.get(reference.target_key or "", ())[:1]
            found += [(target.key, row) for target in targets if target.status not in GONE]
    fallbacks = _by(found)
    if len(fallbacks) > _DIFFERENT_MAX:
        sure = [row for _, row in found]
        values = [by_key[key][0].machine_name for key, _ in found]
        count = str(len(sure))
        yield stated("verification.fallbacks_of_table", sure, *columns, values=values, count=count)
        return
    for key, same in fallbacks.items():
        target = by_key[key][0]
        values = [target.machine_name] * len(same)
        words = {"names": codes(same), "fallback": codes([target])}
        yield stated("verification.fallback", same, *columns, values=values, **words)


def view_mode_claims(facts: GroupFacts) -> Claims:
    """Claim which view modes come, what brings others, and where they are switched on."""
    rows, kind = facts.to_build, facts.head.cell("Entity Type")
    users = {row.key: _users(row, facts) for row in rows}
    heading = text(facts_of("view_modes", "headings").get(str(facts.head.bundle_type), kind))
    checks: list[Claim] = []
    if new := _new(rows):
        words = {"names": labels(new, is_quoted=True), "count": str(len(new)), "heading": heading}
        values = [row.label for row in new]
        listing = _kind("verification.modes", new, at_most=2 * LISTED_MAX)
        checks.append(stated(listing, new, values=values, **words))
    places = {b.key: b for of_row in users.values() for b in of_row}
    ticked: dict[tuple[str, ...], list[Entity]] = {}
    for bundle in places.values():
        if not is_later(bundle, facts):
            modes = tuple(row.key for row in rows if bundle in users[row.key])
            ticked.setdefault(modes, []).append(bundle)
    for keys, bundles in ticked.items():
        modes_there = [row for row in rows if row.key in keys]
        words = {"names": labels(modes_there, is_quoted=True), "count": str(len(modes_there))}
        values = ["; ".join(bundle.label for bundle in bundles)] * len(modes_there)
        words["bundles"] = labels(bundles)
        shown = _kind("verification.modes_ticked", modes_there)
        checks.append(stated(shown, modes_there, _USED_ON, values=values, **words))
    known, of_kind = drupal().view_modes, str(facts.head.bundle_type)
    shipped = _by((known.get((of_kind, folded(row.label)), ""), row) for row in _new(rows))
    story, page = _besides(rows, shipped), menu_path("Structure", "Display modes", "View modes")
    analysis = _mode_analysis(rows, users, shipped, facts)
    return _claims(facts, (), analysis, checks, story=story, noun="view mode", page=page)


def _mode_analysis(
    rows: Sequence[Entity],
    users: Mapping[str, Sequence[Entity]],
    shipped: Mapping[str, Sequence[Entity]],
    facts: GroupFacts,
) -> Iterator[Claim]:
    """Claim what brings view modes, and where they are switched on later."""
    for provider, brought in shipped.items():
        names = labels(brought, is_quoted=True)
        yield stated("analysis.modes_shipped", brought, names=names, provider=text(provider))
    later = {b.key: b for of_row in users.values() for b in of_row if is_later(b, facts)}
    if not later:
        return
    waiting = [row for row in rows if any(b.key in later for b in users[row.key])]
    places = _by((labels(b for b in users[row.key] if b.key in later), row) for row in waiting)
    each = [
        clause("modes_on", names=labels(rows, is_quoted=True), places=place)
        for place, rows in places.items()
    ]
    is_short = len(later) <= LISTED_MAX and len(places) <= _DIFFERENT_MAX
    kind = "analysis.modes_later" if is_short else "analysis.modes_later_of_table"
    words = {"each": "; ".join(each), "count": str(len(later))}
    yield stated(kind, waiting, _USED_ON, **words)


def _users(mode: Entity, facts: GroupFacts) -> list[Entity]:
    """Return the bundles a view mode is used on that stay or come, once each."""
    by_key = facts.session.specification.by_key
    named = (row for r in mode.references for row in by_key.get(r.target_key or "", ())[:1])
    found = {row.key: row for row in named if row.kind is EntityKind.BUNDLE}
    return [bundle for bundle in found.values() if bundle.status not in GONE]


def migration_claims(facts: GroupFacts) -> Claims:
    """Claim that a migration runs, as often as somebody likes."""
    head, name = [facts.head], label_and_name(facts.head)
    kinds = ("verification.migration_runs", "verification.migration_again")
    checks = (stated(kind, head, migration=name) for kind in kinds)
    return Claims.of(stated("story.migration", head, name=quoted(facts.name)), (), checks)


def custom_claims(facts: GroupFacts) -> Claims:
    """Claim that each row of a sheet of its own is there with what its columns say."""
    rows = facts.to_build or facts.rows
    checks: list[Claim] = []
    for row in facts.to_build:
        columns = [
            column
            for column, cell in row.cells.items()
            if column not in _UPKEEP and cell not in {row.label, row.machine_name, "", "-"}
            if len(cell.split()) <= _CELL_WORDS_MAX
        ]
        if columns:
            values = [row.cell(column) for column in columns]
            cells = [f"{text(c)} {quoted(row.cell(c))}" for c in columns]
            words = {"name": label_and_name(row), "cells": listed(cells)}
            checks.append(stated("verification.custom", [row], *columns, values=values, **words))
    return Claims.of(_story(facts, rows, noun=sheet_noun(rows[0].source.file)), (), checks)


def changes(*parts: tuple[str, str, Sequence[Entity]]) -> str:
    """List what is new, changed and removed, each as its noun and names, or their count."""
    found = []
    for kind, noun, rows in parts:
        if rows:
            words = {"names": labels(rows, is_quoted=True), "noun": noun, "nouns": plural(noun)}
            words["codes"] = codes(rows)
            shown = f"clause.{kind}" if len(rows) <= _NAMED_MAX else f"clause.{kind}_counted"
            found.append(rendered(stated(shown, rows, count=str(len(rows)), **words)))
    return listed(found)


def labels(rows: Iterable[Entity], *, is_quoted: bool = False) -> str:
    """Name rows by their labels, once each."""
    shown = quoted if is_quoted else text
    return listed(list(dict.fromkeys(shown(name_of(row)) for row in rows)))


def is_later(thing: Entity, facts: GroupFacts) -> bool:
    """Tell whether a thing is created by a later ticket than this one."""
    making = facts.session.making.get(thing.key)
    is_new = thing.status is Status.APPROVED
    return is_new and making is not None and making.number > facts.group.number


def _new(rows: Iterable[Entity]) -> list[Entity]:
    return [row for row in rows if row.status is Status.APPROVED]


def _by(named: Iterable[tuple[str, Entity]]) -> dict[str, list[Entity]]:
    """Return the rows by what is the same of them; those without it are left out."""
    found: dict[str, list[Entity]] = {}
    for name, row in named:
        if name:
            found.setdefault(name, []).append(row)
    return found


def _besides(rows: Sequence[Entity], shipped: Mapping[str, Sequence[Entity]]) -> Sequence[Entity]:
    """Return the rows that nothing brings; all where something brings each."""
    brought = {row.key for some in shipped.values() for row in some}
    return [row for row in rows if row.key not in brought] or rows


def _kind(kind: str, rows: Sequence[Entity], *, at_most: int = LISTED_MAX) -> str:
    """Return the phrase that names the rows, or that counts them where they are too many."""
    return kind if len(rows) <= at_most else f"{kind}_of_table"


def _story(facts: GroupFacts, rows: Sequence[Entity], *, noun: str) -> Claim:
    """Claim what the site needs: new things, changed ones and removed ones apart."""
    new, gone = _new(rows), facts.with_status(Status.DELETED)
    changed = [row for row in rows if row.status is Status.CHANGED]
    first = "first_rows" if len(new) == len(facts.rows) else "new_rows"
    what = changes(
        (first, noun, new), ("changed_rows", noun, changed), ("removed_rows", noun, gone)
    )
    return stated("story.plain", rows or gone, what=what or text(plural(noun)))


def _rows(rows: Sequence[Entity], *, page: str, noun: str) -> Iterator[Claim]:
    """Claim that the page of a kind lists the new rows."""
    if new := _new(rows):
        names = listed([label_and_name(row) for row in new])
        words = {"path": page, "names": names, "count": str(len(new)), "nouns": plural(noun)}
        yield stated(_kind("verification.rows", new), new, "Machine name", **words)


def _rows_gone(facts: GroupFacts, *, page: str, noun: str) -> Iterator[Claim]:
    """Claim that the page of a kind does not list the rows to remove."""
    if gone := facts.with_status(Status.DELETED):
        words = {"path": page, "count": str(len(gone)), "nouns": plural(noun)}
        names = {"names": labels(gone, is_quoted=True)}
        yield stated(_kind("verification.rows_gone", gone), gone, "X", **words, **names)
