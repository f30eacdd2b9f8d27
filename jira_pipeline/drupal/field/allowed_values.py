"""The values that a list offers: somebody chooses one of them, or as many as the field takes.

They belong to the storage, so all bundles with the field offer the same; whoever re-uses a field has
them already. Sheets list them in a column of their own or, after `Options:`, in a note.

Source: Drupal core, `ListItemBase` (`allowed_values`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import fields_added
from jira_pipeline.drupal.claims import Claim, claims_by_value
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.field.compared_options import compare_options
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.field.type import FIELD_TYPE
from jira_pipeline.drupal.field.widget import fields_on_form
from jira_pipeline.drupal.markup import quoted
from jira_pipeline.drupal.meaning.modules_and_types import is_base_field, is_list
from jira_pipeline.drupal.meaning.notes import (
    Options,
    are_options_left_open,
    is_shapes_only,
    items_in_lines,
    options_in,
)
from jira_pipeline.drupal.row_names import joined, plain
from jira_pipeline.drupal.row_notes import ALLOWED_VALUES, SHAPED_COLUMNS, note_of
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.specification_index import (
    SpecificationIndex,
    StorageKey,
    once_per_session,
    storage_key_of,
)
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.drupal.unknown_columns import may_list_more
from jira_pipeline.model.columns import SETTINGS_AND_NOTES
from jira_pipeline.model.entities import GONE, TO_BUILD, BundleType, Entity
from jira_pipeline.model.open_questions import Audience

COLUMN = ALLOWED_VALUES
NOTED_COLUMNS = (SETTINGS_AND_NOTES.name, *SHAPED_COLUMNS)
"""Where a row may say the values."""
_RETURNED_BY_CODE = re.compile(r"\w\(\) returns\b")
_NAMED_MAX = 3
_CHOICES_OF_LOOK = frozenset({BundleType.PARAGRAPH, BundleType.BLOCK})
"""What lists of parts of a page choose is mostly how the part looks: the agency knows it."""


# The fact: the values of a list, by its row or another one with its storage.


@dataclass(frozen=True, slots=True)
class Values:
    """Values that can be told from prose; where nobody can tell them apart, as one text."""

    options: Options


@dataclass(frozen=True, slots=True)
class NoValues:
    """A list, and no row says its values in a form that is known."""


@dataclass(frozen=True, slots=True)
class NotAList:
    """A field of another type."""


ValuesFact: TypeAlias = Values | NoValues | NotAList


def values_of(row: Entity, index: SpecificationIndex) -> ValuesFact:
    """Read the values of a list from its row, else from another field of its storage that says some."""
    if not is_list(row):
        return NotAList()
    options = options_in(note_of(row)) or _first_options(index).get(storage_key_of(row))
    return NoValues() if options is None else Values(options)


@once_per_session
def _first_options(index: SpecificationIndex) -> Mapping[StorageKey, Options]:
    """Return the first options that a field of each storage has in its row."""
    first: dict[StorageKey, Options] = {}
    for storage, users in index.storages.items():
        for field in users.values():
            options = options_in(note_of(field))
            if options is not None and field.status not in GONE:
                first.setdefault(storage, options)
    return first


# The question.


def ask(row: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask for the values of a new list whose row has none in a known form.

    `Which values should the list “Rig” offer?` Fields that share a storage are asked about once,
    with the first of them.
    """
    index = rows.index
    is_list_to_add = is_list(row) and row.has_machine_name and not is_base_field(row)
    if not is_list_to_add or may_list_more(row) or _are_values_mentioned(row, index):
        return
    lists = _lists_to_build(row, index)
    if not lists or lists[0].owner_key == row.owner_key:
        yield _question_on_values(row, lists[1:], index)


def _are_values_mentioned(row: Entity, index: SpecificationIndex) -> bool:
    """Tell whether the storage is there with its values, or a row of it speaks of them."""
    if index.storage_origins.get(storage_key_of(row)) == 0:
        return True
    for field in (row, *index.users_of(row).values()):
        note = note_of(field)
        options = options_in(note)
        has_values = options is not None and options.are_several
        if has_values or are_options_left_open(note) or _RETURNED_BY_CODE.search(note):
            return True
        if _may_list_in_prose(note):
            return True
    return False


def _may_list_in_prose(note: str) -> bool:
    """Tell whether a note has a comma that is neither in lines of a list nor in a known form."""
    return "," in note and not items_in_lines(note) and not is_shapes_only(note)


def _lists_to_build(row: Entity, index: SpecificationIndex) -> list[Entity]:
    """Return the new lists with the storage of a row whose bundles stay or come."""
    lists = []
    for field in index.users_of(row).values():
        owner = next(iter(index.specification.first_of(field.owner_key)), field)
        if field.status in TO_BUILD and is_list(field) and owner.status not in GONE:
            lists.append(field)
    return lists


def _question_on_values(
    row: Entity, others: Sequence[Entity], index: SpecificationIndex
) -> RowQuestion:
    """Return the question for the values, with what the row has of them and the bundles that share them."""
    places = {"shared": ""}
    owners = [plain(index.owner_name(field)) for field in others]
    if owners:
        is_short = len(owners) <= _NAMED_MAX
        named = joined(owners) if is_short else f"{len(owners)} other types"
        places["shared"] = f" The same hold on {named}."
    items = items_in_lines(note_of(row))
    if items:
        places["lacks"] = "Its notes have a list and do not say of what."
    elif row.cell(COLUMN.name):
        places["lacks"] = f"“{COLUMN.name}” says “{plain(row.cell(COLUMN.name))}”."
    return question_about(
        "bundles.options",
        row,
        answer="; ".join(items),
        because="its notes",
        audience=Audience.AGENCY if row.bundle_type in _CHOICES_OF_LOOK else "",
        **places,
    )


# The sentence.


def check(fields: TicketFields) -> tuple[Claim, ...]:
    """Claim which values each list on the form offers.

    `field_rig offers sloop, ketch and yawl.` Values that nobody can tell apart are quoted as one
    text.
    """
    ticket = fields.ticket
    values_by_field = []
    texts = []
    for row in fields_on_form(fields):
        if ticket.is_disputed(row, *NOTED_COLUMNS, FIELD_TYPE):
            continue
        match values_of(row, ticket.session.index):
            case Values(options) if _can_be_quoted(options):
                values_by_field.append((row, options.items or (options.text,)))
                texts.append(options.text)
            case Values() | NoValues() | NotAList():
                continue
    return claims_by_value(
        "verification.options",
        values_by_field,
        COLUMN.name,
        SETTINGS_AND_NOTES.name,
        shown=quoted,
        values=texts,
    )


def _can_be_quoted(options: Options) -> bool:
    """Tell whether options are values, not a range or a hint where values are."""
    is_range = not options.items and " to " in options.text
    return options.are_several and options.text != "" and not is_range


COUNTERPART = Counterpart(
    how=Comparison.SHAPES,
    where="`allowed_values` of the storage",
    in_note=options_in,
    compare=compare_options,
)


def facts(fields: TicketFields) -> Iterator[StatedFact]:
    """Yield the values of each list to set."""
    index = fields.ticket.session.index
    for row in fields.set:
        if is_list(row):
            yield StatedFact(fact=values_of(row, index), rows=(row,))


RULE = Rule(
    key="field.allowed_values",
    columns=(COLUMN,),
    facts=facts,
    asked_rows=fields_added,
    ask=ask,
    check=check,
    counterpart=COUNTERPART,
)
