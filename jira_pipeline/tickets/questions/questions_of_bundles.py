"""Certain questions of types and their fields; a kind of question is a function of its name.

Belongs here: what the cells leave open or contradict, without reading English. Does not: words
(`drupal/words`), joining rows into one question (`found_questions`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from jira_pipeline.drupal.meaning.modules_and_types import (
    folded,
    is_base_field,
    is_list,
    listed_in,
    module_of_field,
)
from jira_pipeline.drupal.meaning.notes import (
    are_options_left_open,
    is_shapes_only,
    items_in_lines,
    options_in,
)
from jira_pipeline.drupal.row_names import (
    joined,
    marked_subject,
    plain,
)
from jira_pipeline.drupal.row_notes import SHAPED_COLUMNS, note_of
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.specification_index import SpecificationIndex, once_per_session
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.drupal.unknown_columns import may_list_more
from jira_pipeline.model.columns import UPKEEP_COLUMNS
from jira_pipeline.model.entities import (
    GONE,
    TO_BUILD,
    BundleType,
    Entity,
)
from jira_pipeline.model.grouped import group_pairs
from jira_pipeline.model.open_questions import Audience
from jira_pipeline.tickets.questions.question_rules import rule

REUSED = "Reused Field"
NOTES = "Settings/notes"
TARGETS = "Ref. bundle"
ALIASES = "URL alias pattern"
NOTED = (NOTES, *SHAPED_COLUMNS)
"""Where a field has what a note may say."""
NAMED_AT_MOST = 3
_RETURNED = re.compile(r"\w\(\) returns\b")
"""How a note says that code gives the options of a list."""


def _others_without_options(row: Entity, index: SpecificationIndex) -> Sequence[Entity] | None:
    """Return the other new lists of a storage; None where it has options or something asks for them."""
    users = index.users_of(row)
    is_there = index.storage_origins.get((row.bundle_type, row.machine_name)) == 0
    notes = [note_of(user) for user in (row, *users.values())]
    told = (
        are_options_left_open(n)
        or _RETURNED.search(n)
        or ("," in n and not (items_in_lines(n) or is_shapes_only(n)))
        for n in notes
    )
    given = any(options.are_several for options in map(options_in, notes) if options)
    if is_there or given or any(told):
        return None
    new = [user for user in users.values() if user.status in TO_BUILD and is_list(user)]
    first = [index.specification.first_of(user.owner_key) or (user,) for user in new]
    lists = [user for user, (owner,) in zip(new, first, strict=True) if owner.status not in GONE]
    return lists[1:] if not lists or lists[0].owner_key == row.owner_key else None


@once_per_session
def _users_by_value(
    index: SpecificationIndex,
) -> Mapping[tuple[BundleType | None, str, str], Mapping[str, Sequence[Entity]]]:
    """Return the fields of each storage by what they say of it, by its key and a column."""
    told = (
        ((*storage, column), (folded(value) or value, user))
        for storage, users in index.storages.items()
        for user in users.values()
        if user.status not in GONE
        for column in _columns_shared()
        if (value := _shared(user, column))
    )
    return {place: group_pairs(pairs) for place, pairs in group_pairs(told).items()}


def _columns_shared() -> Sequence[str]:
    return (*listed_in("storage", "columns"), NOTES)


def _as_stated(value: str) -> str:
    return "any number" if value == "*" else f"“{value}”"


def _shared(row: Entity, column: str) -> str:
    """Return what a row says of its storage; empty where it says nothing."""
    if column != NOTES:
        return row.cell(column).strip("-")
    options = options_in(note_of(row)) if is_list(row) else None
    return options.text if options else ""


@rule("bundles.reused_of_nothing")
def reused_of_nothing(row: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask about a field that is marked as reused, and nothing else has."""
    users = rows.index.storages.get((row.bundle_type, row.machine_name), ())
    is_alone = _has_storage(row) and len(users) == 1
    is_named = row.machine_name.isidentifier()
    if is_alone and is_named and row.flag(REUSED) and not module_of_field(row):
        yield question_about("bundles.reused_of_nothing", row, noun=str(row.bundle_type).casefold())


def _has_storage(row: Entity) -> bool:
    return row.has_machine_name and not is_base_field(row)


@rule("bundles.options")
def options(row: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask for the options of a list that no row gives."""
    is_open = _has_storage(row) and is_list(row) and not may_list_more(row)
    if not is_open or (others := _others_without_options(row, rows.index)) is None:
        return
    owners = [plain(name) for name in map(rows.index.owner_name, others) if name]
    called = joined(owners) if len(owners) <= NAMED_AT_MOST else f"{len(owners)} other types"
    words = {"shared": f" The same hold on {called}." * bool(owners)}
    if items := items_in_lines(note_of(row)):
        lacks = "Its notes have a list and do not say of what."
        words |= {"answer": "; ".join(items), "because": "its notes", "lacks": lacks}
    elif said := row.cell("Allowed values"):
        words["lacks"] = f"“Allowed values” says “{plain(said)}”."
    is_part = row.bundle_type in {BundleType.PARAGRAPH, BundleType.BLOCK}  # a choice of look
    yield question_about("bundles.options", row, audience=Audience.AGENCY * is_part, **words)


@rule("bundles.storage")
def storage(row: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask about the odd one out of the fields that share a storage; where there is none, about all."""
    for column in _columns_shared() if _has_storage(row) else ():
        here = _shared(row, column)
        of_storage = (row.bundle_type, row.machine_name, column)
        by_value = {**_users_by_value(rows.index).get(of_storage, {})}
        agreeing = by_value.pop(folded(here) or here, ())
        if not (here and by_value) or len(agreeing) > max(map(len, by_value.values())):
            continue
        values = [plain(_shared(users[0], column)) for users in by_value.values()]
        owners = [[*map(rows.index.owner_name, users)] for users in by_value.values()]
        where = [
            " and ".join(map(plain, names))
            if len(names) <= NAMED_AT_MOST
            else f"{len(names)} others"
            for names in owners
        ]
        stated = zip(map(_as_stated, values), where, strict=True)
        is_likely = len(by_value) == 1 and all(len(u) > len(agreeing) for u in by_value.values())
        compared = [user for users in by_value.values() for user in users[:NAMED_AT_MOST]]
        what = f"{'Options' if column == NOTES else column} of {marked_subject(row)}"
        yield question_about(
            "bundles.storage",
            row,
            column,
            compared,
            quote=row.cell(column),
            answer=values[0] if is_likely else "",
            because="most users of the field",
            choices=(plain(here), *values),
            disputes=column,
            what=what,
            here=_as_stated(plain(here)),
            others=", ".join(f"{value} on {place}" for value, place in stated),
        )
        return


@rule("bundles.repeated")
def repeated(row: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask which of two rows of one field holds, where they differ."""
    members = rows.group.members if row.has_machine_name else ()
    same = [r for r in members if r.key == row.key and r.status not in GONE]
    columns = [column for column in row.cells if column not in UPKEEP_COLUMNS]
    differing = [c for c in columns if len({r.cell(c) for r in same}) > 1]
    if differing:
        stated = ([f"{c}: {plain(r.cell(c)) or 'blank'}" for c in differing] for r in same)
        yield question_about(
            "bundles.repeated",
            row,
            "",
            [r for r in same if r is not row],
            choices=[*map("; ".join, stated)],
            field=marked_subject(row),
            count=str(len(same)),
            columns=", ".join(differing),
        )
