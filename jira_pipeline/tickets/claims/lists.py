"""What tickets of lists claim: roles, styles, view modes, other rows, components.

Belongs here: tickets whose rows are things of one kind, how such rows are named and counted. Does
not: workflows (`workflows`), what is left open (`tickets/questions/questions_of_lists`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from jira_pipeline.drupal.claims import Claim, claims_about, clause
from jira_pipeline.drupal.columns import owner_column_of
from jira_pipeline.drupal.image_style.provider import styles_added_by_hand
from jira_pipeline.drupal.markup import code, codes, labels, listed, menu_path, plural, quoted, text
from jira_pipeline.drupal.meaning.modules_and_types import NOUNS, listed_in
from jira_pipeline.drupal.row_names import name_of
from jira_pipeline.drupal.rules import (
    IMAGE_STYLE_RULES,
    RESPONSIVE_IMAGE_STYLE_RULES,
    ROLE_RULES,
    VIEW_MODE_RULES,
    claims_by,
)
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.drupal.view_mode.provider import modes_added_by_hand
from jira_pipeline.model.columns import NOTE_COLUMNS, UPKEEP_COLUMNS
from jira_pipeline.model.entities import Entity, EntityKind, Status
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.sheet_names import sheet_noun, sheet_title
from jira_pipeline.tickets.grouping.component_rows import (
    AFTER,
    PATH,
    TARGET,
    WANTED_AS_IN as AS_IN,
    is_change,
    noun_of,
    settings_of,
    system_name_of,
)

_UPKEEP = frozenset({*UPKEEP_COLUMNS, *NOTE_COLUMNS})
_CELL_WORDS_MAX = 12


def _claims(
    facts: TicketRows,
    rows: Sequence[Entity],
    others: Iterable[Claim],
    *,
    story: Sequence[Entity],
    page: str,
) -> Iterator[Claim]:
    """Join what a list claims with where its new rows are listed and the removed ones are not."""
    gone = facts.with_status(Status.DELETED)
    noun = NOUNS[facts.head.kind]
    words = {"path": page, "nouns": plural(noun)}
    yield from _story(facts, story, noun=noun)
    yield from claims_about("verification.rows", _new(rows), "Machine name", **words)
    yield from others
    yield from claims_about("verification.rows_gone", gone, "X", **words)


def role_claims(facts: TicketRows) -> Iterable[Claim]:
    """Claim which roles come, which Drupal has, and the permissions that cells list."""
    rows = facts.to_build
    core = listed_in("roles")
    own = [row for row in rows if row.machine_name not in core]
    shipped = {*core, *listed_in("roles", "of_standard")}
    added = [row for row in rows if row not in _new(rows) or row.machine_name not in shipped]
    story = added or own or _new(rows)
    page = menu_path("People", "Roles")
    return _claims(facts, own, _of_roles(facts), story=story, page=page)


def _of_roles(facts: TicketRows) -> Iterator[Claim]:
    """Claim which roles are there already, and what they may do, at once or later."""
    whole = {*listed_in("roles", "with_every_permission")}
    standard = {*listed_in("roles", "of_standard")}
    for kind, names in (
        ("analysis.roles_shipped", {*listed_in("roles")}),
        ("analysis.roles_of_standard", standard - whole),
        ("analysis.role_of_administrators", standard & whole),
    ):
        rows = [row for row in _new(facts.to_build) if row.machine_name in names]
        yield from claims_about(kind, rows, "Machine name")
    yield from claims_by(ROLE_RULES, facts)


def image_style_claims(facts: TicketRows) -> Iterable[Claim]:
    """Claim which styles come, and what the rules of styles say."""
    return _claims(
        facts,
        facts.to_build,
        claims_by(IMAGE_STYLE_RULES, facts),
        story=styles_added_by_hand(facts) or facts.to_build,
        page=menu_path("Configuration", "Media", "Image styles"),
    )


def brought(kind: str, shipped: Mapping[str, Sequence[Entity]], *columns: str) -> Iterator[Claim]:
    for provider, rows in shipped.items():
        yield from claims_about(kind, rows, *columns, provider=text(provider))


def responsive_style_claims(facts: TicketRows) -> Iterable[Claim]:
    """Claim which styles come, and what the rules of responsive styles say."""
    return _claims(
        facts,
        facts.to_build,
        claims_by(RESPONSIVE_IMAGE_STYLE_RULES, facts),
        story=facts.to_build,
        page=menu_path("Configuration", "Media", "Responsive image styles"),
    )


def view_mode_claims(facts: TicketRows) -> Iterable[Claim]:
    """Claim which view modes come, and what the rules of view modes say."""
    return _claims(
        facts,
        (),
        claims_by(VIEW_MODE_RULES, facts),
        story=modes_added_by_hand(facts) or facts.to_build,
        page=menu_path("Structure", "Display modes", "View modes"),
    )


def custom_claims(facts: TicketRows) -> Iterable[Claim]:
    """Claim that each thing of a sheet of its own is there with what its columns say.

    Of rows that are no such things nothing is claimed: their table quotes them.
    """
    rows = facts.to_build or facts.rows
    if facts.to_build and rows[0].kind is not EntityKind.CUSTOM:  # of something that no row is
        column = owner_column_of(rows[0].kind)
        owners = {row.cell(column.name) for row in rows} if column else set()
        owner = text(owners.pop()) if len(owners) == 1 else ""
        return claims_about("story.ownerless", rows, owner=owner or "things")
    if facts.group.key != rows[0].key:  # nobody knows what its columns are of
        sheet = quoted(sheet_title(rows[0].source.file))
        return claims_about("story.unknown_table", rows, sheet=sheet)
    checks = (claim for row in facts.to_build for claim in _cells_of(row, row.cells))
    return (*_story(facts, rows, noun=sheet_noun(rows[0].source.file)), *checks)


def _cells_of(row: Entity, cells: Mapping[str, str]) -> Iterator[Claim]:
    """Claim that a row is there with its cells, but for its names and what its table shows better."""
    known = {row.label, name_of(row), row.machine_name, "", "-"}
    short = {c: v for c, v in cells.items() if len(v.split()) <= _CELL_WORDS_MAX and v not in known}
    columns = [column for column in short if column not in _UPKEEP]
    if columns:
        each = listed([f"{text(c)} {quoted(short[c])}" for c in columns])
        values = [short[column] for column in columns]
        words = {"cells": each}
        if row.kind is EntityKind.COMPONENT_ITEM and row.label == row.machine_name:
            words["named"] = code(row.machine_name)
        yield from claims_about("verification.custom", [row], *columns, values=values, **words)


def component_claims(facts: TicketRows) -> Iterator[Claim]:
    """Claim that a component is there with what its rows set; of two environments, what differs."""
    head = facts.head
    session = facts.session
    words = {
        "noun": noun_of(head),
        "name": quoted(facts.name),
        "source": text(head.cell(AS_IN)),
        "target": text(head.cell(TARGET)) or "the target",
        "Target": text(head.cell(TARGET)) or "The target",
        "system": code(system_name_of(head)),
    }
    yield from claims_about(f"story.{facts.group.kind}", [head], **words)
    yield from claims_about(f"verification.{facts.group.kind}", [head], **words)
    for row in facts.own_rows:
        cells = settings_of(row, session.specification)
        if not is_change(row):
            yield from _cells_of(row, cells)
        elif not row.cell(AFTER):
            yield from claims_about("verification.change_gone", [row], PATH, **words)
        elif after := cells.get(AFTER, ""):
            is_short = "\n" not in after and len(after.split()) <= _CELL_WORDS_MAX
            kind = "verification.change" if is_short else "verification.change_tabled"
            yield from claims_about(kind, [row], AFTER, **words, value=quoted(after))


def changes(*parts: tuple[str, str, Sequence[Entity]], is_by_code: bool = False) -> str:
    """List what is new, changed and removed, each as its noun and names, or their count."""
    return listed(
        clause(
            kind,
            rows,
            noun=noun,
            nouns=plural(noun),
            quoted=codes(rows) if is_by_code else labels(rows, shown=quoted),
        )
        for kind, noun, rows in parts
        if rows
    )


def _new(rows: Iterable[Entity]) -> list[Entity]:
    return [row for row in rows if row.status is Status.APPROVED]


def by_value(rows: Iterable[Entity], value_of: Callable[[Entity], str]) -> dict[str, list[Entity]]:
    """Return the rows by what is said of them; those of which nothing is are left out."""
    return {value: same for value, same in group_by(rows, value_of).items() if value}


def _story(facts: TicketRows, rows: Sequence[Entity], *, noun: str) -> tuple[Claim, ...]:
    """Claim what the site needs: new things, changed ones and removed ones apart."""
    new = _new(rows)
    gone = facts.with_status(Status.DELETED)
    changed = [row for row in rows if row.status is Status.CHANGED]
    first = "first_rows" if len(new) == len(facts.rows) else "new_rows"
    parts = ((first, noun, new), ("changed_rows", noun, changed), ("removed_rows", noun, gone))
    what = changes(*parts) or text(plural(noun))
    return claims_about("story.plain", rows or gone or facts.rows, what=what)
