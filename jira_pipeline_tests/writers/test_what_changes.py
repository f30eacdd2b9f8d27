"""What an update changes, what a view lists, who a ticket is for, and what comes first elsewhere."""

import pytest

from jira_pipeline.domain.entities import Specification
from jira_pipeline.domain.tickets import TicketProse
from jira_pipeline.sources.drupal_csv import read_entities, read_files
from jira_pipeline.stages.entity_grouping.grouping import group_entities
from jira_pipeline_tests.stages.made_specifications import Row, bundle, field, specification_of
from jira_pipeline_tests.writers.rubric import items_of, plain
from jira_pipeline_tests.writers.sites import ticket_of

MOORING = "Mooring (Content type)"


def written(title: str, **sheets: list[Row]) -> TicketProse:
    """Write the ticket of this title."""
    return prose_of(title, specification_of(**sheets))


def prose_of(title: str, specification: Specification) -> TicketProse:
    """Write the ticket of this title of a specification."""
    return ticket_of(specification, group_entities(specification).groups, title)


def bullets(prose: TicketProse) -> list[str]:
    """Return the bullets of the analysis, as people read them."""
    return [plain(item) for item in items_of(prose.parts.analysis)]


def checks(prose: TicketProse) -> list[str]:
    """Return the checks, as people read them."""
    return [plain(item) for item in items_of(prose.parts.verification)]


def test_an_update_quotes_the_note_of_what_changes() -> None:
    """Six of forty tickets left what changes to the table."""
    tide = bundle("Tide", "tide", x="c") | {"Settings/notes": "Was a page. Kept as an archive"}
    rows = [field(MOORING, "field_depth", "c") | {"Settings/notes": "Was a text. Now in metres"}]

    alone = written("Update 1 content type", bundles=[tide])
    fields = written(
        "Update content type: Mooring", bundles=[bundle("Mooring", "mooring", x="x")], fields=rows
    )

    assert "tide: “Was a page. Kept as an archive”" in [
        check.replace(", subject to its question", "") for check in checks(alone)
    ]
    assert "the changed content type Tide" in plain(alone.parts.user_story)
    assert "Scope: There and to be changed: field_depth." in bullets(fields)
    assert any("Note: “Was a text. Now in metres”" in check for check in checks(fields))


@pytest.mark.parametrize(
    ("label", "cells", "listed"),
    [
        ("Berths of pier", {"Filters": "Contextual: Pier = node ID"}, "Berth"),
        ("Berth map", {"Filters": "none"}, "Berth"),
        ("Piers", {"Filters": "Until >= today\nExposed: depth, berth (free)"}, "Pier"),
    ],
    ids=["head noun", "shape", "exposed filter"],
)
def test_a_view_lists_what_its_filter_or_head_noun_names(
    label: str, cells: Row, listed: str
) -> None:
    """Two views were said to list what their page is about."""
    view = {
        "View name": label,
        "Machine name": "shown",
        "X": "a",
        "Base table": "Content",
        "Displays": "Block",
    } | cells
    things = [bundle("Berth", "berth"), bundle("Pier", "pier")]

    prose = written(f"Configure view: {label}", bundles=things, views=[view])

    assert f"so that I can find {listed} content there" in plain(prose.parts.user_story)
    assert any(item.startswith(f"Lists: {listed} (") for item in bullets(prose))
    assert not any(item.startswith("Displays") for item in bullets(prose))


def test_no_block_is_called_as_its_view() -> None:
    view = {"View name": "Berths", "Machine name": "berths", "X": "a", "Sort": "Title"}

    block = written("Configure view: Berths", views=[view | {"Displays": "Block"}])

    assert "in a block" in plain(block.parts.user_story)


def test_a_form_of_a_sheet_of_its_own_says_where_it_is() -> None:
    """It read: As a site builder, I want the webform. One of it."""
    forms = (
        "ID,Webform,Machine name,Where,Elements,X\n"
        'W1,Berth request,berth_request,Path berths/request,"Boat name*, pier* (select, from Pier), phone",a'
    )
    roles = "Name,Machine name,X,Permissions\nQuay desk,quay_desk,x,Submissions of W1: view"
    bundles = "Name,Machine name,Type,X\nPier,pier,Vocabulary,a"
    files = {"Webforms.csv": forms, "User roles.csv": roles, "Bundles.csv": bundles}
    tables = read_files({name: text.encode() for name, text in files.items()}).tables

    prose = prose_of(
        "Configure webform: Berth request", Specification(entities=read_entities(tables).entities)
    )

    assert plain(prose.parts.user_story) == (
        "As a visitor, I want to fill in and send the webform “Berth request”."
    )
    assert checks(prose) == [
        "The form Berth request berth_request is at /berths/request",
        "Berth request cannot be sent without “Boat name” and “pier”",
    ]


def test_a_migration_accounts_for_every_item_whether_it_creates_or_updates() -> None:
    note = "Updates existing nodes by number, does not create"
    run = {"X": "a", "Migration": "Depths", "Target": "Mooring", "Count": "70", "Notes": note}

    prose = written(
        "Run migration: Depths",
        bundles=[bundle("Mooring", "mooring")],
        fields=[field(MOORING, "field_depth")],
        migrations=[run],
    )

    assert checks(prose) == [
        "Depths runs to its end without an error; running it again neither doubles nor loses an item",
        "Its log shows each of the 70 items of the source as taken over, or left out with a reason",
        f"As noted: “{note}”",
    ]


def test_a_migration_is_in_the_ticket_of_everything_it_fills() -> None:
    run = {"X": "a", "Migration": "Harbour book", "Target": "Mooring, Lighthouse", "Source": "ERP"}
    sheets: dict[str, list[Row]] = {
        "bundles": [bundle("Mooring", "mooring"), bundle("Lighthouse", "lighthouse")],
        "fields": [field(MOORING, "field_a"), field("Lighthouse (Content type)", "field_b")],
        "migrations": [run],
    }

    told = [
        item
        for name in ("Mooring", "Lighthouse")
        for item in bullets(written(f"Configure content type: {name}", **sheets))
        if item.startswith("Migration")
    ]

    assert told == ["Migration: Filled by Harbour book (ticket 3)."] * 2


def test_an_answer_is_not_quoted_without_its_question() -> None:
    note = "Depth from the chart? No, W2. Never deeper than the pier"
    rows = [field(MOORING, "field_depth") | {"Settings/notes": note}]

    prose = written(
        "Configure content type: Mooring", bundles=[bundle("Mooring", "mooring")], fields=rows
    )

    assert "“No, W2" not in prose.parts.verification


def test_a_removal_names_what_takes_its_content_and_what_still_offers_it() -> None:
    old = bundle("Buoy", "buoy", x="d")
    runs = [{"X": "a", "Migration": "Buoys", "Source": "Buoy (same site)", "Target": "Mooring"}]
    rows = [field(MOORING, "field_a", "c") | {"Settings/notes": "Take Buoy out"}]

    prose = written(
        "Remove obsolete content structures",
        bundles=[old, bundle("Mooring", "mooring", x="x")],
        fields=rows,
        migrations=runs,
    )

    assert [item for item in bullets(prose) if item.startswith("Goes first")] == [
        "Goes first: Buoys (ticket 2), which reads Buoy.",
        "Goes first: field_a of Mooring (ticket 1): “Take Buoy out”.",
    ]


@pytest.mark.parametrize(
    ("note", "hours"),
    [
        ("Ranges are computed, approx. 2 days", "16-32"),
        ("Deleted after 2 days", "1-3"),
        ("", "1-3"),
    ],
    ids=["effort", "period", "none"],
)
def test_an_estimate_is_not_below_the_effort_that_a_note_states(note: str, hours: str) -> None:
    rows = [field(MOORING, "field_depth") | {"Settings/notes": note}]

    prose = written(
        "Configure content type: Mooring", bundles=[bundle("Mooring", "mooring")], fields=rows
    )

    assert prose.estimated_hours == hours


@pytest.mark.parametrize(
    ("note", "depth", "story"),
    [
        (
            "The alias has the year now",
            None,
            "the changed content type Mooring, as noted: “The alias has the year now”.",
        ),
        (
            "",
            "Used a lot. Metres instead of feet",
            "the changed field Depth on Mooring content, as noted: “Metres instead of feet”.",
        ),
        (
            "Depth becomes mandatory",
            "See the chart",
            "the changed field Depth on Mooring content, as noted: “Depth becomes mandatory”.",
        ),
        ("", "See the chart", "the changed field Depth on Mooring content."),
        ("", "Metres? The client decides", "the changed field Depth on Mooring content."),
    ],
    ids=["head", "field", "head names field", "no change", "open"],
)
def test_the_story_of_an_update_says_what_changes(note: str, depth: str | None, story: str) -> None:
    rows = [field(MOORING, "field_depth", "x" if depth is None else "c")]

    prose = written(
        "Update content type: Mooring",
        bundles=[bundle("Mooring", "mooring", x="c") | {"Notes": note}],
        fields=[row | {"Settings/notes": depth or ""} for row in rows],
    )

    assert plain(prose.parts.user_story) == f"As an editor, I want {story}"


def test_a_label_with_and_is_quoted_and_new_fields_are_told_from_changed_ones() -> None:
    labels = {"field_a": "Piers", "field_b": "Maps and charts", "field_c": "Depth"}
    rows = [
        field(MOORING, name, "c" if name == "field_c" else "a") | {"Field label": label}
        for name, label in labels.items()
    ]

    prose = written(
        "Update content type: Mooring",
        bundles=[bundle("Mooring", "mooring", x="c")],
        fields=rows,
    )

    wish = "the fields Piers and “Maps and charts”, and the changed field Depth on Mooring"
    assert wish in prose.parts.user_story


@pytest.mark.parametrize(
    ("note", "first", "rest"),
    [
        ("Office keeps an Excel export", "Office keeps an Excel export", []),
        ("Clerk moves the 31 nodes first", "Clerk moves the 31 nodes first", []),
        (
            "Remove once moorings are migrated, redirect /buoy to /moorings",
            "Remove once moorings are migrated",
            ["As noted: “redirect /buoy to /moorings”"],
        ),
    ],
    ids=["export", "first", "condition"],
)
def test_what_comes_before_a_removal_is_said_first_and_no_check(
    note: str, first: str, rest: list[str]
) -> None:
    """As last check it came after what cannot be undone."""
    prose = written(
        "Remove obsolete content structures",
        bundles=[bundle("Buoy", "buoy", x="d") | {"Settings/notes": note}],
    )

    assert bullets(prose)[0] == f"First: “{first}”."
    assert checks(prose)[0] == "The content type Buoy buoy is no longer on the site"
    assert [check for check in checks(prose) if check.startswith("As noted")] == rest


def test_what_comes_after_a_removal_is_not_checked_before_it() -> None:
    note = "Redirect /buoy to /moorings"
    prose = written(
        "Remove obsolete content structures",
        bundles=[bundle("Buoy", "buoy", x="d") | {"Settings/notes": note}],
    )

    assert checks(prose)[-1] == f"As noted: “{note}”"


def test_what_comes_before_a_field_goes_is_said_first() -> None:
    note = "Out of use. Clerk copies it by hand"
    rows = [
        field(MOORING, "field_depth", "x"),
        field(MOORING, "field_buoy", "d") | {"Settings/notes": note},
        field(MOORING, "field_rope", "d"),
    ]
    head = bundle("Mooring", "mooring", x="c") | {"Settings/notes": "Rope is copied to the log"}

    prose = written("Update content type: Mooring", bundles=[head], fields=rows)

    assert bullets(prose)[0] == (
        "First: field_buoy: “Clerk copies it by hand”; “Rope is copied to the log”."
    )
    assert "field_buoy is gone from Mooring. Note: “Out of use”" in checks(prose)
    assert "Rope is copied" not in prose.parts.verification


def test_the_reason_of_a_removal_is_in_the_story_and_its_condition_is_not() -> None:
    rows = [field(MOORING, "field_depth", "d") | {"Settings/notes": "Remove once charts are in"}]
    head = bundle("Mooring", "mooring", x="c")

    prose = written("Update content type: Mooring", bundles=[head], fields=rows)

    assert "as noted" not in prose.parts.user_story


@pytest.mark.parametrize(
    ("alias", "check"),
    [
        (
            "FR bouees/[node:title] NL boeien/[node:title]",
            "bouees/[node:title] (FR) and boeien/[node:title] (NL)",
        ),
        ("buoys/[node:title]", "buoys/[node:title]"),
    ],
    ids=["two languages", "one"],
)
def test_each_language_has_its_address_checked(alias: str, check: str) -> None:
    head = bundle("Buoy", "buoy") | {"URL alias pattern": alias}

    prose = written(
        "Configure content type: Buoy",
        bundles=[head],
        fields=[field("Buoy (Content type)", "field_a")],
    )

    assert f"The address of a newly saved item follows {check}" in checks(prose)


def test_a_role_without_a_note_is_checked_by_its_description() -> None:
    """Of one that is there only if that says what it does."""
    described = {
        "Pilot": ("c", "Reviews moorings, maintains depths"),
        "Guest": ("c", "People on board"),
        "Tower": ("a", "Signals and lights of berths"),
        "Diver": ("a", ""),
        "Clerk": ("x", "Keeps the book"),
    }
    roles: list[Row] = [
        {"X": x, "Role": name, "Machine name": name.casefold(), "Description": description}
        for name, (x, description) in described.items()
    ]

    found = checks(written("Configure user roles", roles=roles))

    assert found[1:] == [
        "pilot: “Reviews moorings, maintains depths”",
        "tower: “Signals and lights of berths”",
        "clerk is not changed by this ticket",
    ]


@pytest.mark.parametrize(
    "note",
    [
        "Validate the check digit",
        "The file is refused too by its direct URL",
        "Member files go to the private file system",
        "Kept for 30 days, then deleted",
        "Never the person who submitted it",
    ],
)
def test_checks_and_files_that_no_setting_gives_are_more_than_configuration(note: str) -> None:
    rows = [field(MOORING, "field_depth") | {"Settings/notes": note}]

    prose = written(
        "Configure content type: Mooring", bundles=[bundle("Mooring", "mooring")], fields=rows
    )

    assert "More work than its rows show" in prose.parts.analysis
    assert prose.estimated_hours == ""


def test_a_field_that_a_question_speaks_of_goes_subject_to_it() -> None:
    kept = {"Field label": "Day of the survey"}
    rows = [field(MOORING, "field_depth", "x"), field(MOORING, "field_day", "d") | kept]
    listing = {"View": "Moorings", "Display plugin": "Page", "Machine name": "page_1", "X": "c"}

    prose = written(
        "Update content type: Mooring",
        bundles=[bundle("Mooring", "mooring", x="c")],
        fields=rows,
        views=[{"View name": "Moorings", "Machine name": "moorings", "X": "c"}],
        displays=[listing | {"Filters": "type Mooring; exposed: Day of the survey"}],
    )

    assert "field_day is gone from Mooring; subject to its question" in checks(prose)


def test_a_switch_that_a_question_decides_on_is_checked_subject_to_it() -> None:
    terms = bundle("Region", "region", "Vocabulary") | {"Mod.": "y"}
    flow = {"Label": "Review", "Machine name": "review", "X": "a"}

    prose = written(
        "Create 1 vocabulary without custom fields",
        bundles=[terms, bundle("Mooring", "mooring")],
        fields=[field(MOORING, "field_depth")],
        workflows=[flow],
    )

    assert "Moderation is switched on for region; subject to its question" in checks(prose)


def test_a_form_does_not_ask_for_what_it_only_shows() -> None:
    rows = [
        field(MOORING, "field_depth", req="y"),
        field(MOORING, "field_key", req="y") | {"Settings/notes": "Key of the import, read-only"},
    ]

    prose = written(
        "Configure content type: Mooring", bundles=[bundle("Mooring", "mooring")], fields=rows
    )

    assert any("field_depth must hold" in check for check in checks(prose))
    assert any("field_key keeps" in check for check in checks(prose))
