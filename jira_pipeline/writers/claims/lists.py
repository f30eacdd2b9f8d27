"""What tickets of lists claim: roles, styles, view modes, migrations, rows of sheets of their own.

Belongs here: tickets whose rows are a list of things of one kind, and what several kinds of tickets
say of such lists. Does not: workflows (`workflows`), or what is left open (`domain/questions`).
"""

from collections.abc import Iterator, Mapping, Sequence

from jira_pipeline.domain.entities import MENU, Entity, EntityKind, Status, sheet_noun
from jira_pipeline.domain.entity_groups import GroupAction
from jira_pipeline.domain.questions.question_index import name_of
from jira_pipeline.domain.workflow_rows import permissions_of
from jira_pipeline.writers.claims.claim import Claim, Claims
from jira_pipeline.writers.claims.drupal import drupal_facts
from jira_pipeline.writers.claims.image_effects import Effects, effects_of
from jira_pipeline.writers.claims.phrases import rendered
from jira_pipeline.writers.english import bundle_noun, listed, plural
from jira_pipeline.writers.fragments import code, codes, label_and_name, menu_path, quoted, text
from jira_pipeline.writers.group_facts import GONE, GroupFacts

_NAMED_MAX = 8
"""More rows are counted in a story."""
_LISTED_MAX = 12
"""More rows are checked against the table."""
_SIZES_MAX = 6


def role_claims(facts: GroupFacts) -> Claims:
    """Claim which roles come, which Drupal has, and the permissions that cells list."""
    shipped = set(drupal_facts("roles")["shipped"]["names"])
    own = [row for row in facts.to_build if row.machine_name not in shipped]
    core = [row for row in _new(facts.to_build) if row.machine_name in shipped]
    analysis: list[Claim] = []
    verification = list(_listed(own, page=("People", "Roles"), noun="role"))
    if core:
        analysis.append(
            _claim("analysis.roles_shipped", core, words={"names": codes(core)}, count=len(core))
        )
    later: dict[str, list[str]] = {}
    for role in facts.to_build:
        there: list[str] = []
        for permission, needed in permissions_of(role, facts.session.specification):
            if needed is not None and is_later(needed, facts):
                later.setdefault(permission, []).append(role.key)
            else:
                there.append(permission)
        if there:
            named = listed([code(permission) for permission in there])
            words = {"role": labels([role]), "names": named}
            verification.append(
                _claim("verification.permissions", [role], words=words, said=tuple(there))
            )
    if later:
        names = listed([code(permission) for permission in later])
        rows = [r for r in facts.to_build if any(r.key in keys for keys in later.values())]
        analysis.append(
            _claim("analysis.permissions_later", rows, words={"names": names}, count=len(later))
        )
    verification += _removed(facts, page=("People", "Roles"))
    return Claims(
        story=_story(facts, own or core, noun="role"),
        analysis=(*analysis, *_there(facts)),
        verification=tuple(verification),
    )


def image_style_claims(facts: GroupFacts) -> Claims:
    """Claim which styles come, the modules of their effects, and the sizes they deliver."""
    page = ("Configuration", "Media", "Image styles")
    rows = facts.to_build
    made = {row.key: effects for row in rows if (effects := effects_of(row))}
    shipped = drupal_facts("image_styles")["shipped"]["names"]
    analysis: list[Claim] = []
    if core := [row for row in _new(rows) if row.machine_name in shipped]:
        words = {"names": codes(core)}
        analysis.append(_claim("analysis.styles_shipped", core, words=words, count=len(core)))
    modules: dict[str, list[Entity]] = {}
    for row in rows:
        for module in made[row.key].modules if row.key in made else ():
            modules.setdefault(module, []).append(row)
    for module, using in modules.items():
        words = {"module": text(module), "names": codes(using), "count": str(len(using))}
        kind = (
            "analysis.effect_module" if len(using) <= _NAMED_MAX else "analysis.effect_module_count"
        )
        analysis.append(_claim(kind, using, words=words, count=len(using)))
    return Claims(
        story=_story(facts, rows, noun="image style"),
        analysis=(*analysis, *_there(facts)),
        verification=(
            *_listed(rows, page=page, noun="image style"),
            *_sizes([row for row in rows if row.key in made], made),
            *_removed(facts, page=page),
        ),
    )


def _sizes(rows: Sequence[Entity], made: Mapping[str, Effects]) -> Iterator[Claim]:
    """Claim the size in which an image comes out, and as which kind of file."""
    exact = [row for row in rows if made[row.key].size]
    sizes: dict[str, list[Entity]] = {}
    for row in exact:
        sizes.setdefault(made[row.key].size, []).append(row)
    if len(sizes) > _SIZES_MAX:
        words = {"count": str(len(exact))}
        yield _claim("verification.sizes_tabled", exact, words=words, columns=("Notes",))
        sizes = {}
    for size, same in sizes.items():
        words = {"names": codes(same), "size": text(size)}
        yield _claim(
            "verification.size",
            same,
            words=words,
            columns=("Notes",),
            said=(size,),
            count=len(same),
        )
    formats: dict[str, list[Entity]] = {}
    for row in rows:
        if made[row.key].file_type:
            formats.setdefault(made[row.key].file_type, []).append(row)
    for file_type, same in formats.items():
        few = len(same) <= _LISTED_MAX
        words = {"names": codes(same), "count": str(len(same)), "file_type": text(file_type)}
        kind = "verification.file_type" if few else "verification.file_type_count"
        yield _claim(kind, same, words=words, columns=("Notes",), count=len(same))


def responsive_style_claims(facts: GroupFacts) -> Claims:
    """Claim which styles come, where their breakpoints come from, and their fallback styles."""
    page = ("Configuration", "Media", "Responsive image styles")
    rows = facts.to_build
    core = drupal_facts("breakpoints")["responsive_image"]["group"]
    groups: dict[str, list[Entity]] = {}
    for row in rows:
        if group := row.cell("Breakpoint Group"):
            groups.setdefault(group, []).append(row)
    analysis = [
        _claim(
            "analysis.breakpoints_core" if group == core else "analysis.breakpoints",
            using,
            words={"group": quoted(group)},
            columns=("Breakpoint Group",),
        )
        for group, using in groups.items()
    ]
    return Claims(
        story=_story(facts, rows, noun="responsive image style"),
        analysis=(*analysis, *_there(facts)),
        verification=(
            *_listed(rows, page=page, noun="responsive image style"),
            *_fallbacks(rows, facts),
            *_removed(facts, page=page),
        ),
    )


def _fallbacks(rows: Sequence[Entity], facts: GroupFacts) -> Iterator[Claim]:
    """Claim fallback style and image styles of each style, as far as they resolve."""
    found: dict[str, list[Entity]] = {}
    fallback_of: dict[str, Entity] = {}
    for row in rows:
        for reference in row.references:
            target = next(
                iter(facts.session.specification.by_key.get(reference.target_key or "", ())), None
            )
            if reference.column.startswith("Fallback") and target and target.status not in GONE:
                found.setdefault(target.key, []).append(row)
                fallback_of[target.key] = target
    sure = [row for same in found.values() for row in same]
    if len(found) > _SIZES_MAX:
        words = {"count": str(len(sure))}
        yield _claim(
            "verification.fallbacks_tabled", sure, words=words, columns=("Fallback Style",)
        )
        return
    for key, same in found.items():
        words = {"names": codes(same), "fallback": codes([fallback_of[key]])}
        yield _claim(
            "verification.fallback",
            same,
            words=words,
            columns=("Fallback Style", "Fallback machine name"),
            said=(fallback_of[key].machine_name,),
            count=len(same),
        )


def view_mode_claims(facts: GroupFacts) -> Claims:
    """Claim which view modes come, which Drupal has, and where they are switched on."""
    rows = facts.to_build
    kind = facts.head.bundle_type
    headings = drupal_facts("view_modes")["headings"]["names"]
    page = ["Structure", "Display modes", "View modes"]
    analysis: list[Claim] = []
    for fact in drupal_facts("view_modes").values():
        known = {name.casefold() for name in fact.get(str(kind), ())}
        brought = [row for row in _new(rows) if row.label.casefold() in known]
        if brought:
            words = {"names": labels(brought, is_quoted=True), "provider": text(fact["provider"])}
            analysis.append(
                _claim("analysis.modes_shipped", brought, words=words, count=len(brought))
            )
    users = {row.key: _users(row, facts) for row in rows}
    later = {b.key: b for found in users.values() for b in found if is_later(b, facts)}
    if later:
        words = {"names": labels(list(later.values())), "count": str(len(later))}
        words["noun"] = bundle_noun(kind) if len(later) == 1 else plural(bundle_noun(kind))
        rows_later = [r for r in rows if any(b.key in later for b in users[r.key])]
        analysis.append(
            _claim(
                "analysis.modes_later"
                if len(later) <= _LISTED_MAX
                else "analysis.modes_later_many",
                rows_later,
                words=words,
                columns=("Entities Used On",),
                count=len(later),
            )
        )
    verification = []
    if new := _new(rows) or rows:
        heading = headings.get(str(kind), str(kind or ""))
        names = labels(new, is_quoted=True)
        words = {"path": menu_path(*page), "heading": text(heading), "names": names}
        words["count"] = str(len(new))
        is_few = len(new) <= 2 * _LISTED_MAX
        listing = "verification.modes" if is_few else "verification.modes_tabled"
        verification.append(_claim(listing, new, words=words, count=len(new)))
    ticked: dict[tuple[str, ...], list[Entity]] = {}
    for bundle in {b.key: b for found in users.values() for b in found}.values():
        if bundle.key not in later:
            modes = [row for row in rows if bundle in users[row.key]]
            ticked.setdefault(tuple(row.key for row in modes), []).append(bundle)
    for keys, bundles in ticked.items():
        modes = [row for row in rows if row.key in keys]
        words = {"names": labels(modes, is_quoted=True), "bundles": labels(bundles)}
        words["count"] = str(len(modes))
        is_few = len(modes) <= _LISTED_MAX
        verification.append(
            _claim(
                "verification.modes_ticked" if is_few else "verification.modes_ticked_all",
                modes,
                words=words,
                columns=("Entities Used On",),
                said=tuple(bundle.machine_name for bundle in bundles),
                count=len(modes),
            )
        )
    return Claims(
        story=_story(facts, rows, noun="view mode"),
        analysis=(*analysis, *_there(facts)),
        verification=(*verification, *_removed(facts, page=tuple(page))),
    )


def _users(mode: Entity, facts: GroupFacts) -> list[Entity]:
    """Return the bundles a view mode is used on that stay or come, once each."""
    by_key = facts.session.specification.by_key
    named = [by_key.get(r.target_key or "", ())[:1] for r in mode.references]
    found = {b.key: b for some in named for b in some if b.kind is EntityKind.BUNDLE}
    return [bundle for bundle in found.values() if bundle.status not in GONE]


def migration_claims(facts: GroupFacts) -> Claims:
    """Claim that a migration runs, as often as somebody likes."""
    words = {"name": quoted(facts.name), "migration": label_and_name(facts.head)}
    return Claims(
        story=_claim("story.migration", [facts.head], words=words),
        verification=(
            _claim("verification.migration_runs", [facts.head], words=words),
            _claim("verification.migration_again", [facts.head], words=words),
        ),
    )


def custom_claims(facts: GroupFacts) -> Claims:
    """Claim that each row of a sheet of its own is there with what its columns say."""
    rows = facts.to_build or facts.rows
    noun = sheet_noun(rows[0].source.file)
    verification = []
    for row in facts.to_build:
        cells = [
            f"{text(column)} {quoted(cell)}"
            for column, cell in row.cells.items()
            if column not in _UPKEEP and cell not in {row.label, row.machine_name, "", "-"}
            if len(cell.split()) <= _CELL_WORDS_MAX
        ]
        words = {"name": label_and_name(row), "cells": listed(cells[:_CELLS_MAX])}
        if noun == MENU:
            words["path"] = menu_path("Structure", "Menus")
            verification.append(_claim("verification.menu", [row], words=words))
        elif cells:
            verification.append(_claim("verification.custom", [row], words=words))
    return Claims(
        story=_story(facts, rows, noun=noun),
        analysis=tuple(_there(facts)),
        verification=tuple(verification),
    )


_UPKEEP = frozenset({"ID", "X", "Dev", "QA", "Notes", "Settings/notes", "Remarks"})
_CELL_WORDS_MAX = 12
_CELLS_MAX = 6


def _new(rows: Sequence[Entity]) -> list[Entity]:
    return [row for row in rows if row.status is Status.APPROVED]


def _claim(
    kind: str,
    rows: Sequence[Entity],
    *,
    words: Mapping[str, str],
    columns: tuple[str, ...] = (),
    said: tuple[str, ...] = (),
    count: int = 1,
) -> Claim:
    return Claim(kind=kind, rows=tuple(rows), columns=columns, said=said, words=words, count=count)


def _story(facts: GroupFacts, rows: Sequence[Entity], *, noun: str) -> Claim:
    """Claim what the site needs: the things to build, new ones and changed ones apart."""
    new = [row for row in rows if row.status is Status.APPROVED]
    changed = [row for row in rows if row.status is Status.CHANGED]
    gone = facts.with_status(Status.DELETED)
    is_first = len(new) == len(facts.rows)
    what = changes(
        ("first" if is_first else "new", noun, new),
        ("changed", noun, changed),
        ("removed", noun, gone),
    )
    return _claim("story.plain", rows or gone, words={"what": what or text(plural(noun))})


def changes(*parts: tuple[str, str, Sequence[Entity]]) -> str:
    """List what is new, changed and removed, each as its noun and names, or their count."""
    found = []
    for kind, noun, rows in parts:
        if not rows:
            continue
        is_few = len(rows) <= _NAMED_MAX
        words = {"names": labels(rows, is_quoted=True), "count": str(len(rows)), "noun": noun}
        words["nouns"] = plural(noun)
        shown = f"part.{kind}" if is_few else f"part.{kind}_counted"
        found.append(rendered(_claim(shown, rows, words=words, count=len(rows))))
    return listed(found)


def labels(rows: Sequence[Entity], *, is_quoted: bool = False) -> str:
    """Name rows by their labels, once each."""
    shown = quoted if is_quoted else text
    return listed(list(dict.fromkeys(shown(name_of(row)) for row in rows)))


def is_later(thing: Entity, facts: GroupFacts) -> bool:
    """Tell whether a thing is created by a later ticket than this one."""
    making = facts.session.making.get(thing.key)
    is_new = thing.status is Status.APPROVED
    return is_new and making is not None and making.number > facts.group.number


def _listed(rows: Sequence[Entity], *, page: tuple[str, ...], noun: str) -> Iterator[Claim]:
    """Claim that the page of a kind lists the new rows, or the changed ones where none is new."""
    if rows := _new(rows) or rows:
        is_few = len(rows) <= _LISTED_MAX
        words = {
            "path": menu_path(*page),
            "names": listed([label_and_name(row) for row in rows]),
            "count": str(len(rows)),
            "nouns": plural(noun),
        }
        yield _claim(
            "verification.listed" if is_few else "verification.listed_tabled",
            rows,
            words=words,
            columns=("Machine name",),
            said=tuple(row.machine_name for row in rows),
        )


def _there(facts: GroupFacts) -> Iterator[Claim]:
    """Claim which rows are on the site already and stay as they are."""
    there = facts.with_status(Status.IMPLEMENTED)
    if there and facts.group.action is not GroupAction.REMOVE:
        is_few = len(there) <= _LISTED_MAX
        words = {"names": labels(there, is_quoted=True), "count": str(len(there))}
        kind = "analysis.there" if is_few else "analysis.there_counted"
        yield _claim(kind, there, words=words, columns=("X",), count=len(there))


def _removed(facts: GroupFacts, *, page: tuple[str, ...]) -> Iterator[Claim]:
    if gone := facts.with_status(Status.DELETED):
        is_few = len(gone) <= _LISTED_MAX
        words = {"path": menu_path(*page), "names": labels(gone, is_quoted=True)}
        words["count"] = str(len(gone))
        kind = "verification.gone" if is_few else "verification.gone_tabled"
        yield _claim(kind, gone, words=words, columns=("X",), count=len(gone))
