"""The invented site of the examples in the prompt: its rows, as the prompt tells them.

Belongs here: rows, and what each ticket is about. Does not: the prompt file
(`jira_pipeline/writing/prompts/whole.md`), whose examples are of this site.
"""

from collections.abc import Mapping, Sequence
from functools import cache

from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline_tests.sheets.made_specifications import (
    Row,
    bundle,
    field,
    specification_of,
)
from jira_pipeline_tests.writing.sites import briefs_of

BUNDLES: tuple[Row, ...] = (
    bundle("Boat", "boat")
    | {
        "Description": "Add a boat of the fleet with its papers.",
        "Mod.": "y",
        "URL alias pattern": "fleet/[node:title]",
        "Settings/notes": "Title is generated from Hull name, title field hidden.",
    },
    bundle("Skipper", "skipper", x="x") | {"Mod.": "n"},
    bundle("Rig Types", "rig_types", "Vocabulary"),
    bundle("Plan", "plan", "Media type") | {"Description": "Add drawings as media entities."},
)
FIELDS: tuple[Row, ...] = (
    field("Boat (Content type)", "field_hull_name", req="y") | {"Field label": "Hull name"},
    field("Boat (Content type)", "field_skipper", ref="Skipper (Content type)", req="y"),
    field("Boat (Content type)", "field_plans", ref="Plan (Media type)")
    | {"Vals.": "*", "Help text": "Only the drawings of the last refit."},
    field("Boat (Content type)", "field_rig", ref="Rig Types (Vocabulary)"),
    field("Boat (Content type)", "field_berth")
    | {"Settings/notes": "Pulled from the berth register, hidden on form display."},
    field("Boat (Content type)", "field_length")
    | {"Field type": "Number (decimal)", "Settings/notes": "In metres. Feet to be confirmed."},
    field("Boat (Content type)", "field_old_number", "d") | {"Field label": "Old number"},
    field("Skipper (Content type)", "field_berth", "x"),
    field("Plan (Media type)", "field_media_file", req="y")
    | {"Field type": "File", "Settings/notes": "Allowed file types: pdf"},
)
VIEWS: tuple[Row, ...] = (
    {"View name": "Fleet", "Machine name": "fleet", "X": "a", "Base table": "Content"},
)
DISPLAYS: tuple[Row, ...] = (
    {
        "View": "Fleet",
        "Title": "All boats",
        "Machine name": "page_all",
        "X": "a",
        "Display plugin": "Page",
        "Notes": "Lists Boat (Content type). Exposed filter for rig. Sorted by name. "
        "Shows lengths in metres alone.",
    },
    {
        "View": "Fleet",
        "Title": "At this berth",
        "Machine name": "block_berth",
        "X": "c",
        "Display plugin": "Block",
        "Notes": "Already built. Should be limited to 3 boats.",
    },
)
ROLES: tuple[Row, ...] = (
    {"Name": "Harbour Master", "Machine name": "harbour_master", "X": "a"},
    {"Name": "Deckhand", "Machine name": "deckhand", "X": "a", "Notes": "May not delete."},
)
WORKFLOWS: tuple[Row, ...] = (
    {
        "Label": "Berth review",
        "Machine name": "berth_review",
        "X": "a",
        "Type": "Content moderation",
        "Notes": "Used on Boat (Content type).",
    },
)
STATES: tuple[Row, ...] = tuple(
    {"Workflow": "Berth review", "Label": label, "Machine name": label.casefold(), "X": "a"}
    for label in ("Ashore", "Afloat")
)
TRANSITIONS: tuple[Row, ...] = tuple(
    {
        "Workflow": "Berth review",
        "Label": label,
        "Machine name": name,
        "X": "a",
        "From state": before,
        "To state": after,
        "Notes": note,
    }
    for label, name, before, after, note in (
        ("Launch", "launch", "Ashore", "Afloat", "Harbour Master can use"),
        ("Haul out", "haul_out", "Afloat", "Ashore", "Harbour Master and Deckhand can use"),
    )
)


SHEETS: Mapping[str, Sequence[Row]] = {
    "bundles": BUNDLES,
    "fields": FIELDS,
    "views": VIEWS,
    "displays": DISPLAYS,
    "roles": ROLES,
    "workflows": WORKFLOWS,
    "states": STATES,
    "transitions": TRANSITIONS,
}


@cache
def harbour_facts() -> Mapping[str, TicketRows]:
    return facts_of_sheets(SHEETS)


@cache
def harbour_briefs() -> Mapping[str, TicketRows]:
    return {brief.group.title: brief for brief in briefs_of_sheets(SHEETS)}


@cache
def fleet_briefs() -> tuple[TicketRows, ...]:
    ships = [bundle(f"Ship {number}", f"ship_{number}") for number in range(20)]
    masts = [field(f"{ship['Name']} (Content type)", "field_mast") for ship in ships]
    more = {"bundles": (*BUNDLES, *ships), "fields": (*FIELDS, *masts)}
    return briefs_of_sheets({**SHEETS, **more})


def facts_of_sheets(sheets: Mapping[str, Sequence[Row]]) -> Mapping[str, TicketRows]:
    return {brief.group.title: brief for brief in briefs_of_sheets(sheets)}


def briefs_of_sheets(sheets: Mapping[str, Sequence[Row]]) -> tuple[TicketRows, ...]:
    specification = specification_of(**sheets)
    return briefs_of(specification, group_entities(specification).groups)
