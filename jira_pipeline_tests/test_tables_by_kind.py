"""A table that is looked up by a closed set has all of its members, or is named here with the rest.

Who adds a member is told each table that lacks it. A table that has few of them is about these few.
"""

import pkgutil
import re
from collections.abc import Iterator, Mapping
from enum import Enum
from importlib import import_module
from inspect import getsource

import jira_pipeline

STARTS_WHEN_IMPORTED = {"jira_pipeline.cli.warm_definitions"}
_OF_PACKAGES = {"COMPONENT", "COMPONENT_ITEM"}
_OF_NO_SITE = {*_OF_PACKAGES, "CUSTOM", "MIGRATION"}
_UNREADABLE = {"MOVED", "UNMARKED", "UNREADABLE"}
LACKING: Mapping[str, set[str]] = {
    "context.runs._REASONS": {"SUCCEEDED"},
    "drupal.meaning.modules_and_types.NOUNS": _OF_NO_SITE,
    "export.settle._OUTCOMES": _UNREADABLE,
    "model.entities._FLAGS": {"UNLIMITED"},
    "model.exports.DECISIONS": _UNREADABLE,
    "review.history.KINDS": {
        "COOKIE_MADE",
        "GENERATION_MARKED",
        "LINK_MADE",
        "NAMES_LOOKED_UP",
        "PERSON_ADDED",
        "PERSON_REVOKED",
        "SESSION_REMOVED",
        "SHAREDO_DOUBT_DECIDED",
        "SHAREDO_EXPORTS_REMOVED",
        "SHAREDO_EXPORT_ASKED",
        "SHAREDO_EXPORT_CANCELLED",
        "SHAREDO_EXPORT_RETRIED",
        "SIGNED_IN",
        "STAGE_SET",
        "TICKETS_SEEN",
        "TOKEN_MADE",
        "TOKEN_REVOKED",
    },
    "review.revisions._PARTS": {"DROP", "HOURS", "QUESTION"},
    "review.ticket_selection._VALUES": {"PLACE"},
    "sheets.reading.entities._IDENTITIES": {
        "COMPONENT",
        "COMPONENT_ITEM",
        "IMAGE_STYLE",
        "MIGRATION",
        "USER_ROLE",
        "VIEW",
        "WORKFLOW",
    },
    "tickets.template._CLAIMS": {"REMOVAL"},
    "tickets.documents.configuration_tables._NOUNS": {"COMPONENT_ITEM"},
    "tickets.grouping.ticket_plan._PLACES": _OF_PACKAGES,
    "tickets.questions.found_questions._MANY": _OF_NO_SITE,
    "tickets.questions.question_index._CALLED": {"MEDIA"},
    "verification.compared_cells._COMPARISONS": {"KEY"},
    "verification.names._FILES": _OF_NO_SITE,
    "web.labels.PLACES": {
        "ADVICE",
        "CHANGE_SETTING",
        "CHECK_WRITER",
        "FIX_SHEET",
        "MAKE_HOME",
        "RESUME_SHAREDO_JOB",
        "RUN_DAEMON",
        "RUN_DEMO",
        "SERVE_SANDBOX",
        "SHOW_SHAREDO_JOBS",
    },
}
"""What a table lacks on purpose, as the names of members."""


def tables() -> Iterator[tuple[str, set[str]]]:
    """Yield each table of a module that is by members of an enumeration, with those it lacks."""
    for found in pkgutil.walk_packages(jira_pipeline.__path__, "jira_pipeline."):
        if found.name in STARTS_WHEN_IMPORTED:
            continue
        module = import_module(found.name)
        for name, value in vars(module).items():
            sets = {type(key) for key in value} if isinstance(value, Mapping) else set()
            is_here = len(sets) == 1 and re.search(
                rf"^{name}\b.* =", getsource(module), re.MULTILINE
            )
            if is_here and issubclass(members := sets.pop(), Enum) and len(value) > 1:
                lacking = {each.name for each in members if each not in value}
                if len(value) > len(lacking):
                    yield f"{found.name.removeprefix('jira_pipeline.')}.{name}", lacking


def test_a_table_by_members_of_a_closed_set_has_all_or_is_named_with_those_it_lacks() -> None:
    """A further order of tickets was a `KeyError` on its page, and every test was green."""
    found = dict(tables())

    assert {name: lacking for name, lacking in found.items() if lacking} == LACKING
    assert len(found) > len(LACKING)
