"""Which fields, issue types and priorities a project offers.

Belongs here: the site's lists, narrowed or widened by the rules. Does not: reading values into
fields (`field_readers`), showing createmeta (`project_calls`).
"""

from dataclasses import replace

from jira_pipeline.jira.sandbox.sandbox_site import (
    FIELDS,
    ISSUE_TYPES,
    PRIORITIES,
    Field,
    IssueType,
    Priority,
    issue_type_of,
)
from jira_pipeline.jira.sandbox.site_rules import SiteRules

TEAM_TYPE_OFFSET = 1_000
_CUSTOM = "com.atlassian.jira.plugin.system.customfieldtypes"
_CUSTOM_TYPES = {
    "text": ("string", f"{_CUSTOM}:textfield"),
    "number": ("number", f"{_CUSTOM}:float"),
    "date": ("date", f"{_CUSTOM}:datepicker"),
    "option": ("option", f"{_CUSTOM}:select"),
}
"""What Jira calls the kinds of fields that a site file adds."""


def site_fields(rules: SiteRules) -> tuple[Field, ...]:
    added = (
        Field(id=one.id, name=one.name, type=kind, custom=custom, is_on_create_screen=False)
        for one in rules.custom_fields
        for kind, custom in [_CUSTOM_TYPES[one.kind]]
    )
    return (*FIELDS, *added)


def create_screen(rules: SiteRules, project_key: str) -> tuple[Field, ...]:
    """Return the fields that may be given when an issue is created; which are required."""
    project = rules.project(project_key)
    off = {*project.off_create_screen, *rules.off_every_create_screen}
    if rules.is_team_managed(project_key):
        off.add("priority")
    return tuple(
        replace(one, is_required=one.is_required or one.id in project.required_fields)
        for one in site_fields(rules)
        if one.id in project.required_fields
        or ((one.is_on_create_screen or one.id in project.on_create_screen) and one.id not in off)
    )


def edit_screen(rules: SiteRules, project_key: str) -> frozenset[str]:
    """Return the ids of the fields that may be changed."""
    off = rules.project(project_key).off_edit_screen
    return frozenset(one.id for one in site_fields(rules) if one.id not in off)


def project_issue_types(rules: SiteRules, project_key: str) -> tuple[IssueType, ...]:
    """Return the issue types of a project; those of a team have ids of their own."""
    names = rules.project(project_key).issue_types
    return tuple(
        project_issue_type(rules, project_key, one.id)
        for one in ISSUE_TYPES
        if names is None or one.name in names
    )


def project_issue_type(rules: SiteRules, project_key: str, type_id: str) -> IssueType:
    """Return an issue type, by the id it is stored under, as a project has it."""
    kind = issue_type_of(type_id)
    is_own = rules.is_team_managed(project_key)
    return replace(kind, id=str(int(kind.id) + TEAM_TYPE_OFFSET)) if is_own else kind


def stored_type_id(rules: SiteRules, project_key: str, type_id: str) -> str:
    """Return the id under which an issue type of a project is stored."""
    is_own = rules.is_team_managed(project_key)
    return str(int(type_id) - TEAM_TYPE_OFFSET) if is_own else type_id


def project_priorities(rules: SiteRules, project_key: str) -> tuple[Priority, ...]:
    names = rules.project(project_key).priorities
    return tuple(one for one in PRIORITIES if names is None or one.name in names)
