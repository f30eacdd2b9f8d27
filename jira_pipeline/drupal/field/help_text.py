"""The help text of a field: what the form says below it to whoever fills it in.

It is set for each bundle, on the field’s own page. A text may promise what the site does with a
value, such as sending an e-mail. A field by itself stores values and checks them by their type: the
rest takes a setting of a display, a view, a module or custom code. Which of them cannot be read from
the text, so that is asked; of 34 false sentences that readers marked on 1 December 2026, 27 were
“core does not do this” where a view or a display did.

Source: Drupal core, `description` of `FieldConfig`; `site_does`, `no_promise` and
`done_by_date_widget` of `lexicon.toml`, `types_of_dates` of `drupal.toml`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import fields_added
from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.field.modules import PLUGINS, unknown_plugin
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.meaning.modules_and_types import (
    folded,
    is_base_field,
    is_date,
    is_without_value,
    plugin_modules,
)
from jira_pipeline.drupal.meaning.notes import pattern_of, readable, sentences_of
from jira_pipeline.drupal.row_names import marked_subject, plain
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.specification_index import SpecificationIndex, once_per_session
from jira_pipeline.drupal.ticket_rows import BUNDLES, GroupRows, new_fields
from jira_pipeline.model.columns import Column, Holds
from jira_pipeline.model.entities import Entity, RowSource

COLUMN = Column(
    "Help text",
    (
        "Help",
        "Help for editors",
        "Editor help",
        "Guidance",
        "Instructions",
        "Help text for editor",
        "Help text for editors",
        "Hint",
        "Hint for editors",
    ),
    Holds.PROSE,
    loss="the help texts",
)
_PROMISES_MAX = 3
"""Of a ticket: more of them make questions that nobody reads."""
_SITE_DOES = pattern_of("site_does")
_NO_PROMISE = pattern_of("no_promise")
_DONE_BY_DATE_WIDGET = pattern_of("done_by_date_widget")


# The fact: what the help text of a field promises.


@dataclass(frozen=True, slots=True)
class Promises:
    """It says what the site does, and neither core nor a known module does it for such a field."""

    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Guidance:
    """It says how to fill in the field, or what a module that brings the field does."""


@dataclass(frozen=True, slots=True)
class NoHelpText:
    """The form says nothing below the field."""


HelpTextFact: TypeAlias = Promises | Guidance | NoHelpText


def help_text_of(row: Entity) -> HelpTextFact:
    """Read from the row of a field what its help text promises."""
    sentences = sentences_of(readable(row.cell(COLUMN.name)))
    if not sentences:
        return NoHelpText()
    if _does_more_than_store(row) or is_base_field(row) or is_without_value(row):
        return Guidance()
    promises = []
    for sentence in sentences:
        is_done_by_core = is_date(row) and _DONE_BY_DATE_WIDGET.search(sentence) is not None
        if _is_promise(sentence) and not is_done_by_core:
            promises.append(plain(sentence.rstrip(". ")))
    return Promises(tuple(dict.fromkeys(promises))) if promises else Guidance()


def _does_more_than_store(row: Entity) -> bool:
    """Tell whether a field may do more than store a value: a module brings it, or nobody knows what does."""
    plugins = {folded(row.cell(column)) for column in PLUGINS}
    return bool(unknown_plugin(row)) or not plugin_modules().keys().isdisjoint(plugins)


def _is_promise(sentence: str) -> bool:
    return _SITE_DOES.search(sentence) is not None and not _NO_PROMISE.search(sentence)


def _first_promises(rows: Iterable[Entity]) -> Mapping[str, Entity]:
    """Return the first promises of the fields of a ticket, each with the first field that has it."""
    promising: dict[str, Entity] = {}
    for row in rows:
        match help_text_of(row):
            case Promises(sentences):
                for sentence in sentences:
                    promising.setdefault(sentence, row)
            case Guidance() | NoHelpText():
                continue
    return dict(islice(promising.items(), _PROMISES_MAX))


# What follows from it.


def ask(row: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask what makes a promise of a help text true, once for all fields of the site that have it.

    `“Sent to the harbour master” (Hull of Boat): which setting, view, module or custom code does
    this?`
    """
    asked_rows = _rows_asked_by_promise(rows.index)
    where = f"help text of {marked_subject(row)}"
    for sentence in _first_promises([row]):
        if asked_rows.get(sentence) == row.source:
            yield question_about("bundles.done_so", row, COLUMN.name, quote=sentence, where=where)


@once_per_session
def _rows_asked_by_promise(index: SpecificationIndex) -> Mapping[str, RowSource]:
    """Return the first row of all tickets that has each promise."""
    sources: dict[str, RowSource] = {}
    for group in index.groups:
        if group.kind in BUNDLES:
            for sentence, row in _first_promises(new_fields(group)).items():
                sources.setdefault(sentence, row.source)
    return sources


def say(fields: TicketFields) -> tuple[Claim, ...]:
    """Say which fields need more than themselves to do what their help texts promise.

    `A field by itself only stores the value of Hull: what its help text says takes a setting, …`
    """
    promising = {row.source: row for row in _first_promises(fields.new).values()}
    return claims_about("analysis.promised", promising.values(), COLUMN.name)


COUNTERPART = Counterpart(
    how=Comparison.WORDING, where="description of the field on its bundle", is_wording=True
)


def facts(fields: TicketFields) -> Iterator[StatedFact]:
    """Yield what the help text of each field to set promises."""
    return facts_by_row(help_text_of, fields.set)


RULE = Rule(
    key="field.help_text",
    columns=(COLUMN,),
    facts=facts,
    say=say,
    asked_rows=fields_added,
    ask=ask,
    counterpart=COUNTERPART,
)
