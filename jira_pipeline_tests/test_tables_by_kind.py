"""A table that is looked up by a closed set has all of its members, or is named here with the rest.

A sheet was added as CONTRIBUTING says, and its tickets ended in `KeyError`: the recipe did not name
three tables. Who adds a member is told each table that lacks it.
"""

import pkgutil
import re
from collections.abc import Mapping
from enum import Enum
from functools import cache
from importlib import import_module
from inspect import getsource
from typing import Any

import jira_pipeline
from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.entity_groups import GroupKind
from jira_pipeline.verification.counterparts import counterparts

STARTS_WHEN_IMPORTED = {"jira_pipeline.cli.warm_definitions"}
_OF_PACKAGES = "COMPONENT COMPONENT_ITEM"
_OF_NO_SITE = f"MIGRATION MIGRATION_MAPPING CUSTOM {_OF_PACKAGES}"
_OF_NO_PAGE = (
    "ADVICE ASK CHANGE_SETTING CHECK_WRITER CORRECT FIX_SHEET MAKE_HOME RESUME_SHAREDO_JOB "
    "RUN_DAEMON RUN_DEMO SERVE_SANDBOX SHOW_KEPT SHOW_SHAREDO_JOBS WAIT"
)
# Their commands hold words or numbers that somebody gave: the name of a page would leave these out.
_WITH_WORDS = "ANSWER ASK_QUESTION GIVE_WORDS REQUEST_CHANGES SKIP_AGAIN TAKE_OVER TAKE_WORDS"
_UNREADABLE = "MOVED UNMARKED UNREADABLE"
LACKING: Mapping[str, str] = {
    "context.ended_runs._REASONS": "SUCCEEDED",  # only runs that did not are told why
    "drupal.meaning.modules_and_types.NOUNS": _OF_NO_SITE,  # Drupal has no machine name for them
    "export.ledger_comparison._FIELDS_OF": "COMMENT ISSUE MARK UNDO",
    "export.settle._OUTCOMES": _UNREADABLE,
    "model.entities._FLAGS": "UNLIMITED",
    "model.differences.DECISIONS": _UNREADABLE,
    "drupal.columns._COLUMNS_BY_KIND": f"CUSTOM {_OF_PACKAGES}",  # their columns are their own
    # Made of those that have a kind, and only those are read from the store.
    "review.ticket_history.KINDS": " ".join(
        action.name for action in AuditAction if not action.kind
    ),
    "review.revisions._PARTS": "DROP HOURS QUESTION",
    "review.ticket_selection._VALUES": "PLACE",  # the order that tickets have anyway
    "sheets.reading.entities._IDENTITIES": f"{_OF_PACKAGES} IMAGE_STYLE USER_ROLE VIEW WORKFLOW",
    "drupal.rules.RULES_OF_TICKETS": "COMPONENT COMPONENT_CHANGE COMPONENT_REVIEW",  # no matter of Drupal
    "tickets.documents.configuration_tables._NOUNS": "COMPONENT_ITEM",  # called like its section
    "tickets.grouping.ticket_plan._PLACES": _OF_PACKAGES,  # they have an order of their own
    "tickets.questions.found_questions._MANY": _OF_NO_SITE,
    # A client knows these by their own names.
    "tickets.questions.found_questions._CALLED": "MEDIA USER COMMENT GROUP PROFILE PRODUCT "
    "PRODUCT_VARIATION MESSAGE CONFIG_PAGE",
    "verification.compared_cells._COMPARISONS": "EFFECTS KEY PERMISSIONS SHAPES",  # compared by its rule; a row is found by it
    "verification.counterparts.counterparts()": _OF_NO_SITE,
    "verification.names._FILES": _OF_NO_SITE,
    "web.labels.PLACES": f"{_OF_NO_PAGE} {_WITH_WORDS}",
}
"""What a table lacks on purpose, as the names of members."""

ABOUT_FEW = """
    context.run_statuses._EVENTS context.session_needs._NEEDS_AFTER_FAILURE dagster_port.launchpad._JOBS
    dagster_port.launchpad._SHOWN
    drupal.site.site_entities._SOURCES drupal.rules.RULES
    drupal.meaning.modules_and_types._LENGTHS
    sheets.layouts.cell_looks._STATUSES sheets.layouts.coverage._UNREAD_COLOURS
    sheets.layouts.layout_findings._WORDS sheets.layouts.row_checks._CLOSED_SETS
    sheets.layouts.table_shapes.FORM_WORDS
    sheets.layouts.word_offers.WORDS_ARE sheets.layouts.word_offers.WORDS_OFFERED
    sheets.reading.cells._READERS
    sheets.layouts.mark_meanings.ASKED sheets.layouts.mark_meanings._USUAL
    sheets.layouts.matrices.KINDS_OF_SIDES sheets.layouts.word_offers._REFERENCES
    tickets.grouping.ticket_plan._COLLECTIONS
    model.revisions.PARTS_OF_SENTENCES web.api.described._REFUSALS
    tickets.grouping.ticket_plan._COMPARED tickets.grouping.ticket_plan._HEADS
    tickets.grouping.ticket_plan._REMOVALS
    tickets.grouping.ticket_plan._VERBS_OF_NEW
    drupal.any_kind.reference.FATES drupal.listed_things._CHANGES drupal.bundle.offered.WORDS_FOR_ALL
    drupal.bundle.fields._WHAT_FIELDS_DO verification.compared_cells._READERS
    verification.site_lookup._BROUGHT_BY web.labels._PARTICULARS web.pages.layout_settling.LEFT_TO_SETTLE
    web.pages.session_page._ROLE_TAGS web.program_steps.ADDRESSES context.waits._CODES_WITHIN_STEPS
    web.pages.session_page._FORMS_OF_STEPS web.problems._MISSING writing.completion.checking._NEEDED
    writing.layouts.pointing._MEANINGS
"""
"""Tables of half of the members or fewer: whoever looks there for another one finds none."""

DECIDED: Mapping[type[Enum], str] = {
    EntityKind: "BUNDLE FIELD VIEW VIEW_DISPLAY IMAGE_STYLE IMAGE_EFFECT RESPONSIVE_IMAGE_STYLE VIEW_MODE USER_ROLE "
    "WORKFLOW WORKFLOW_STATE WORKFLOW_TRANSITION MIGRATION MIGRATION_MAPPING CUSTOM COMPONENT COMPONENT_ITEM",
    GroupKind: "BUNDLE BUNDLES_WITHOUT_FIELDS VIEW IMAGE_STYLES RESPONSIVE_IMAGE_STYLES VIEW_MODES "
    "USER_ROLES WORKFLOW MIGRATION CUSTOM REMOVAL COMPONENT COMPONENT_CHANGE COMPONENT_REVIEW",
}
"""Kinds of which somebody decided whether they belong in the tables that are about few."""


@cache
def tables() -> Mapping[str, Mapping[Any, object]]:
    """Return each table of a module that is by members of one enumeration, by where it is."""
    tables: dict[str, Mapping[Any, object]] = {
        "verification.counterparts.counterparts()": counterparts()
    }
    for found in pkgutil.walk_packages(jira_pipeline.__path__, "jira_pipeline."):
        if found.name in STARTS_WHEN_IMPORTED:
            continue
        module = import_module(found.name)
        for name, value in vars(module).items():
            sets = {type(key) for key in value} if isinstance(value, Mapping) else set()
            is_table = len(sets) == 1 and issubclass(sets.pop(), Enum) and len(value) > 1
            if is_table and re.search(rf"^{name}\b.* =", getsource(module), re.MULTILINE):
                tables[f"{found.name.removeprefix('jira_pipeline.')}.{name}"] = value
    return tables


def missing_from(table: Mapping[Any, object]) -> set[str]:
    return {member.name for member in type(next(iter(table))) if member not in table}


def test_a_table_by_members_of_a_closed_set_has_all_or_is_named_with_those_it_lacks() -> None:
    """A further order of tickets was a `KeyError` on its page, and every test was green."""
    lacking = {
        name: missing for name, table in tables().items() if (missing := missing_from(table))
    }
    few = {name for name, missing in lacking.items() if name not in LACKING}

    assert few == {*ABOUT_FEW.split()}
    assert {name: missing for name, missing in lacking.items() if name not in few} == {
        name: {*missing.split()} for name, missing in LACKING.items()
    }
    assert len(tables()) > 60, "the look for them would pass if it found none"


def test_a_new_kind_is_decided_about_in_every_table_that_is_partial() -> None:
    """A table that is asked whether it has a kind is quiet where a new one was forgotten."""
    undecided = [
        f"{name} lacks {kind}: add it where it belongs, then name it in DECIDED"
        for name, table in tables().items()
        for kind in missing_from(table)
        if kind not in DECIDED.get(type(next(iter(table))), kind).split()
    ]

    assert not undecided, "\n".join(undecided)
