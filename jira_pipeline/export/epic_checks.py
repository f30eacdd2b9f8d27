"""What is checked of a session's epics in Jira, before anything is created.

Belongs here: the type of epics of the project and its create screen, the epics that people named in
`epic_keys`, epics of ours that divide the tickets otherwise, epics of others with the same title.
Does not: which epics a session has (`epics`), creating them (`creation`).
"""

import re
from collections.abc import Collection, Sequence

from jira_pipeline.export.create_screen import (
    ADD_DESCRIPTION,
    NO_DESCRIPTION,
    NO_EPICS,
    CreateScreen,
    given_fields,
    lacks_description,
    list_with_types,
    unfilled_fields,
    way_to_fill,
)
from jira_pipeline.export.export_run import MARKER_PROPERTY, ExportRun, marker_of, names_of_tickets
from jira_pipeline.export.jira_names import Unresolved, choose_epic_type
from jira_pipeline.export.lookups import read_some
from jira_pipeline.model.errors import RefusedError
from jira_pipeline.model.exports import LedgerSubject, NotSent
from jira_pipeline.model.issue_tracker import EPIC_LEVEL
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.search_words import folded

EPIC_NAME_FIELD = "gh-epic-label"
"""The end of the type of a field that older projects require of an epic: its short name."""
SAME_TITLES_MAX = 100
"""How many issues Jira's search returns for a title."""
CORRECT_KEYS = "Correct epic_keys in session.yaml and upload it."


def _epic_screen(run: ExportRun) -> CreateScreen:
    """Find the type of epics of a project, and what can be filled when one is created.

    Raises:
        RefusedError: It has none, several, or requires what we do not fill.
    """
    tracker = run.tools.tracker
    target = run.target
    kind = choose_epic_type(tracker.issue_types(target.project_id))
    if isinstance(kind, Unresolved):
        raise RefusedError(
            f"Epics cannot be created in {target.name}: {kind.reason}.",
            recovery_actions=(NO_EPICS,),
        )
    fields = tracker.create_fields(target.project_id, kind.issue_type_id)
    if lacks_description(fields):
        raise RefusedError(
            f"Epics cannot be created in {target.name}: {NO_DESCRIPTION}",
            recovery_actions=(ADD_DESCRIPTION, NO_EPICS),
        )
    given = given_fields(run, fields, may_lack=True)
    title_fields = tuple(
        field.field_id for field in fields if field.custom_type.endswith(EPIC_NAME_FIELD)
    )
    created = [rendered.ticket for rendered in run.order.epics.created]
    unfilled = unfilled_fields(fields, created, {*title_fields, *given})
    if unfilled:
        names = list_with_types(unfilled)
        raise RefusedError(
            f"{target.name} requires fields of epics that are not filled: {names}.",
            recovery_actions=(way_to_fill(unfilled), NO_EPICS),
        )
    return CreateScreen(
        issue_type_id=kind.issue_type_id,
        field_ids=frozenset(field.field_id for field in fields),
        defaults=given,
        fields=tuple(fields),
        title_fields=title_fields,
    )


def check_epics(run: ExportRun) -> CreateScreen | None:
    """Check all epics before anything is created; return what they are created with, None: no epics.

    Raises:
        RefusedError: The project has no type for them; `epic_keys` name no group or no epic of the
            project; the session has epics that divide its tickets otherwise; an epic of a title is
            there that is not ours.
    """
    epics = run.order.epics
    if not epics.wanted:
        return None
    usable_names = {folded(name): name for name in sorted(epics.names)}
    unknown = [name for name in epics.keys if folded(name) not in usable_names]
    if unknown:
        raise RefusedError(
            f"epic_keys names what no ticket goes below: {', '.join(unknown)} (known: "
            f"{', '.join(usable_names.values())}).",
            recovery_actions=(CORRECT_KEYS,),
        )
    _check_named(run, {epic.key for epic in epics.wanted if epic.key})
    missing = [
        rendered for rendered in epics.created if isinstance(run.issue_state(rendered), NotSent)
    ]
    former_keys = _former_epics(run, missing)
    if former_keys:
        names = names_of_tickets(rendered.ticket for rendered in missing)
        raise RefusedError(
            f"Session {run.order.session_key} has epics that divide its tickets otherwise "
            f"({', '.join(former_keys)}); {names} would be created beside them.",
            recovery_actions=(
                "Set `epics` in session.yaml as it was and upload it, or undo the export first.",
                "Or name what is to be used: `epic_keys: {Content: ABC-12}`.",
            ),
        )
    screen = _epic_screen(run) if epics.created else None
    _refuse_others(run, missing)  # defence: epic-of-others
    return screen


def _former_epics(run: ExportRun, missing: Sequence[RenderedTicket]) -> list[str]:
    """Return the keys of our epics whose issues would move below an epic that is still missing."""
    moving: set[str] = set()
    """Identities of the tickets below the missing epics."""
    for epic in run.order.epics.wanted:
        if epic.rendered in missing:
            moving.update(map(run.identity, epic.below))
    former_ids: set[str] = set()
    for name in run.page.sent(LedgerSubject.PARENT):
        # parent/IDENTITY, and the id of the epic where it is ours
        _, identity, *epic_ids = name.split("/")
        if identity in moving:
            former_ids.update(epic_ids)
    return [
        receipt.remote_key or ""
        for receipt in run.page.issue_receipts()
        if receipt.remote_id in former_ids
    ]


def _check_named(run: ExportRun, keys: Collection[str]) -> None:
    """Stop where an issue that people named in `epic_keys` cannot be used as an epic.

    An issue that could not be read just now is not refused.
    """
    shown, failed = read_some(run, sorted(keys), fields=("issuetype",))
    issues = {issue.key: issue for issue in shown.values()}
    prefix = f"{run.target.project_key}-"
    faults: dict[str, str] = {}
    for key in {*keys} - failed:
        if not key.startswith(prefix):
            faults[key] = "is of another project"
        elif key not in issues:
            faults[key] = "is not there, was moved, or this account may not see it"
        elif issues[key].hierarchy_level not in {EPIC_LEVEL, None}:
            faults[key] = "is no epic"
    if faults:
        listed = "; ".join(f"{key} {fault}" for key, fault in sorted(faults.items()))
        raise RefusedError(
            f"epic_keys cannot be used in {run.target.name}: {listed}.",
            recovery_actions=(CORRECT_KEYS,),
        )


def _refuse_others(run: ExportRun, missing: Sequence[RenderedTicket]) -> None:
    """Stop where the project has epics with these titles that are not ours: a person says which to use."""
    others: list[str] = []
    for rendered in missing:
        words = " ".join(re.findall(r"\w+", rendered.summary))
        jql = f'project = {run.target.project_id} AND summary ~ "{words}"'
        issues = run.tools.tracker.search(
            jql,
            fields=("summary", "issuetype"),
            properties=(MARKER_PROPERTY,),
            limit=SAME_TITLES_MAX,
        )
        for issue in issues:
            is_titled_alike = folded(issue.summary) == folded(rendered.summary)
            is_epic = issue.hierarchy_level == EPIC_LEVEL
            if is_titled_alike and is_epic and marker_of(issue) is None:
                others.append(f"{issue.key} “{issue.summary}”")
    if others:
        raise RefusedError(
            f"{run.target.name} has epics of these titles: {', '.join(others)}.",
            recovery_actions=(
                "To use them, name them in session.yaml (`epic_keys: {Content: ABC-12}`); upload it.",
                "Or rename them in Jira.",
            ),
        )
