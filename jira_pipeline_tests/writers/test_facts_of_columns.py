"""What a ticket says that follows from columns and exact names of other rows."""

import re

import pytest

from jira_pipeline.domain.tickets import TicketProse
from jira_pipeline.stages.entity_grouping.grouping import group_entities
from jira_pipeline_tests.stages.made_specifications import Row, bundle, field, specification_of
from jira_pipeline_tests.writers.rubric import items_of, plain
from jira_pipeline_tests.writers.sites import ticket_of

QUAY = "Quay (Content type)"
CRANE = "Crane (Content type)"


def written(title: str, **sheets: list[Row]) -> TicketProse:
    """Write the ticket of this title."""
    specification = specification_of(**sheets)
    return ticket_of(specification, group_entities(specification).groups, title)


def bullets(prose: TicketProse) -> list[str]:
    """Return the bullets of the analysis."""
    return items_of(prose.parts.analysis)


def checks(prose: TicketProse) -> list[str]:
    """Return the statements to verify."""
    return items_of(prose.parts.verification)


def harbour(*fields: Row) -> dict[str, list[Row]]:
    """Make two content types, the first of which is there already."""
    return {
        "bundles": [bundle("Quay", "quay", x="c"), bundle("Crane", "crane")],
        "fields": [*fields],
    }


def test_a_field_that_another_bundle_only_changes_is_on_the_site() -> None:
    """It was called first created in the ticket that changes it."""
    sheets = harbour(field(QUAY, "field_a", "c"), field(CRANE, "field_a"))

    crane = written("Configure content type: Crane", **sheets)
    quay = written("Update content type: Quay", **sheets)

    assert bullets(crane) == ["Shared storage: field_a is on the site already; reuse it."]
    assert not any("Shared storage" in bullet for bullet in bullets(quay))


@pytest.mark.parametrize("cells", [{"Reused Field": "-"}, {"Field type": "Base field"}])
def test_a_base_field_under_a_new_label_gets_no_machine_name(cells: Row) -> None:
    row = field(CRANE, "-") | {"Field label": "Crane name"} | cells

    crane = written("Configure content type: Crane", **harbour(field(CRANE, "field_a"), row))

    assert "field_crane_name" not in crane.parts.analysis + crane.parts.verification


@pytest.mark.parametrize(
    ("paths", "displays", "opened"),
    [
        (
            "/berths/free, /berths/let",
            "Page (free), block, page (let)",
            [
                "/berths/free opens “Berths”, “Page (free)”",
                "/berths/let opens “Berths”, “page (let)”",
            ],
        ),
        (
            "/berths (free); /berths/let (let)",
            "Page",
            ["/berths opens “Berths”, “free”", "/berths/let opens “Berths”, “let”"],
        ),
        ("/berths\n/berths/let", "Page", ["/berths opens “Berths”", "/berths/let opens “Berths”"]),
        ("list: /berths, /let", "Page", ["/berths opens “Berths”, “list”", "/let opens “Berths”"]),
    ],
)
def test_each_of_several_paths_in_one_cell_is_checked(
    paths: str, displays: str, opened: list[str]
) -> None:
    """They were no path at all, and nothing in the ticket named either."""
    row = {"View name": "Berths", "Machine name": "berths", "X": "a", "Path": paths}
    row |= {"Displays": displays, "Empty text": "free: Nothing free; let: Nothing let"}

    prose = written("Configure view: Berths", views=[row])

    stated = checks(prose)
    assert opened == [check for check in stated if " opens “Berths”" in check and check[0] == "/"]
    assert sum("free: Nothing free; let: Nothing let" in check for check in stated) == 1
    assert f" at {opened[0].split()[0]} and {opened[1].split()[0]}" in prose.parts.user_story


@pytest.mark.parametrize("cell", ["See notes", "/berths, or as the harbour office says", "-"])
def test_a_cell_that_holds_more_than_paths_has_none(cell: str) -> None:
    row = {"View name": "Berths", "Machine name": "berths", "X": "a", "Path": cell}

    stated = checks(
        written("Configure view: Berths", views=[row | {"Displays": "Page", "Pager": "10"}])
    )

    assert not any(" opens " in check for check in stated)


@pytest.mark.parametrize(
    ("cells", "made"),
    [
        ({"Effect": "Scale and crop", "Width": "400", "Height": "300"}, ", 400 × 300"),
        ({"Effect": "Scale and crop", "Width": "400", "Height": ""}, ", 400 wide"),
        ({"Effect": "Scale and crop", "Size": "400 × 300"}, ", 400 × 300"),
        ({"Effect": "Scale and crop 400×300", "Width": "400", "Height": "300"}, ""),
    ],
)
def test_the_size_in_columns_of_its_own_is_checked_with_the_effect(cells: Row, made: str) -> None:
    """Only the former size was in the checks, from the note of what changes."""
    card = {"Style name": "Card", "Machine name": "card", "X": "a"} | cells
    hero = {"Style name": "Hero", "Machine name": "hero", "X": "c", "Notes": "was 900x600"} | cells

    stated = checks(written("Configure image styles", image_styles=[card, hero]))

    effect = f"“{cells['Effect']}”{made}"
    assert f"An image in card comes out as {effect}" in stated
    assert f"An image in hero comes out as {effect}" in stated


def test_of_many_image_styles_one_is_tried_and_the_others_are_in_the_table() -> None:
    styles = [
        {"Style name": name, "Machine name": name.casefold(), "X": "a", "Effect": "Scale 400×300"}
        for name in ("Card", "Hero", "Icon")
    ]

    stated = checks(written("Configure image styles", image_styles=styles))

    assert (
        "Each style applies the effects in its row; an image in card comes out as “Scale 400×300”"
        in stated
    )
    assert not any("hero comes out" in check for check in stated)


GOING = {
    "bundles": [
        bundle("Quay", "quay"),
        bundle("Old crane", "old_crane", x="d"),
        bundle("Crane move", "crane_move") | {"Settings/notes": "Filled from crane_log"},
    ],
    "fields": [
        field(QUAY, "field_a"),
        field(QUAY, "field_b", "d") | {"Settings/notes": "Goes once crane_log has run"},
    ],
    "views": [
        {"View name": "Cranes", "Machine name": "cranes", "X": "d"}
        | {"Notes": "Remove with Old crane, and its block"},
        {"View name": "Cranes today", "Machine name": "today", "X": "d"}
        | {"Notes": "Old cranes are shown by the harbour office"},
    ],
    "migrations": [{"X": "a", "Migration": "crane_log", "Notes": "Titles only"}],
}


def said(prose: TicketProse) -> list[str]:
    """Return the sentences of other tickets that a ticket quotes."""
    title = "Said elsewhere: "
    return [b.removeprefix(title) for b in bullets(prose) if b.startswith(title)]


def test_a_sentence_that_names_what_goes_or_runs_is_in_the_ticket_of_that() -> None:
    """Who removed the type alone broke the view that its own note binds to it."""
    types = written("Remove obsolete content structures", **GOING)
    run = written("Run migration: crane_log", **GOING)

    assert said(types) == ["Cranes (ticket 5): “Remove with Old crane, and its block”."]
    (quoted,) = said(run)
    assert quoted == (
        "Crane move (ticket 2): “Filled from crane_log”; "
        "field_b of Quay (ticket 1): “Goes once crane_log has run”."
    )


@pytest.mark.parametrize(
    "note", ["Cranes today, in the old crane list", "Old Crane Finder", "after a move of cranes"]
)
def test_what_only_resembles_a_name_is_no_mention(note: str) -> None:
    view = {"View name": "Docks", "Machine name": "docks", "X": "d", "Notes": note}

    types = written("Remove obsolete content structures", **GOING | {"views": [view]})

    assert said(types) == []


RULED = {
    "bundles": [
        bundle("Quay", "quay") | {"Settings/notes": "No page; see the view docks. Steel only"},
        bundle("Crane", "crane"),
    ],
    "fields": [
        field(QUAY, "field_a") | {"Settings/notes": "Shown in brackets in the crane finder"},
        field(QUAY, "field_b") | {"Help text": "Feeds crane_finder."},
        field(CRANE, "field_c") | {"Settings/notes": "Who may use the crane finder?"},
    ],
    "views": [
        {"View name": "Crane finder", "Machine name": "crane_finder", "X": "a", "Notes": "Wide"},
        {"View name": "Docks", "Machine name": "docks", "X": "a", "Notes": "As in crane_finder"},
    ],
}


def test_a_view_quotes_the_sentences_of_other_rows_that_say_how_it_is() -> None:
    """A field that has to stand in the filters of a view was in its own ticket only."""
    finder = written("Configure view: Crane finder", **RULED)
    docks = written("Configure view: Docks", **RULED)

    (quoted,) = said(finder)
    assert quoted == (
        "field_a of Quay (ticket 1): “Shown in brackets in the crane finder”; "
        "field_b of Quay (ticket 1): “Feeds crane_finder”."
    )
    assert said(docks) == ["Quay (ticket 1): “No page; see the view docks”."]


def test_what_rows_say_of_a_later_view_is_checked_once_it_exists() -> None:
    quay = written("Configure content type: Quay", **RULED)

    assert (
        "Checked later: What field_a and field_b say of the view Crane finder (ticket 3) and what "
        "its note says of the view Docks (ticket 4), once they exist." in bullets(quay)
    )


def test_a_label_that_a_bundle_has_too_means_a_view_beside_its_kind_only() -> None:
    fields = [field(CRANE, "field_d") | {"Settings/notes": n} for n in ("For old cranes",)]
    sheets = {
        "bundles": [bundle("Crane", "crane"), bundle("Old crane", "old_crane")],
        "fields": fields,
        "views": [{"View name": "Old cranes", "Machine name": "cranes", "X": "a"}],
    }

    assert said(written("Configure view: Old cranes", **sheets)) == []


def moved(*, on_hold: bool = False) -> dict[str, list[Row]]:
    """Make content and media of two systems, moderated, with what rows say of migrating."""
    runs = [
        {"Migration": "Old pictures", "Source": "Drupal 7, files", "Destination": "Picture"},
        {"Migration": "New pictures", "Source": "Joomla 3, files", "Destination": "Picture"},
        {"Migration": "Old quays", "Source": "Drupal 7, node quay", "Destination": "quay"},
        {"Migration": "Job feed", "Source": "XML", "Destination": "Crane"},
    ]
    return {
        "bundles": [
            bundle("Quay", "quay") | {"Mod.": "y"},
            bundle("Crane", "crane"),
            bundle("Picture", "picture", "Media type"),
        ],
        "fields": [
            field(QUAY, "field_code") | {"Settings/notes": "Used by the job import"},
            field(QUAY, "field_day")
            | {
                "Settings/notes": "Migrated quays get 1 May. Optional. Only new ones, see migrations"
            },
            field(QUAY, "field_picture", ref="Picture (Media type)")
            | {"Settings/notes": "The importer takes the largest"},
            field(CRANE, "field_job") | {"Settings/notes": "Key of the import"},
        ],
        "workflows": [
            {"Label": "Editorial", "Machine name": "editorial", "X": "a", "Applies to": "Quay"}
            | {"Notes": "Mail to the office. Migrated content arrives as Published"}
        ],
        "migrations": [{"X": "w" if on_hold else "a"} | run for run in runs],
    }


def test_a_migration_quotes_what_fields_and_workflow_of_its_target_say_of_it() -> None:
    """Four readings of migrations failed on the state and the defaults of what arrives."""
    run = written("Run migration: Old quays", **moved())

    (quoted,) = said(run)
    assert "Editorial (ticket " in quoted
    assert ": “Migrated content arrives as Published”" in quoted
    assert "field_day of Quay (ticket " in quoted
    assert ": “Migrated quays get 1 May”" in quoted
    assert ": “The importer takes the largest”" in quoted
    assert not any(other in quoted for other in ("Mail", "Optional", "see migr"))


def test_a_migration_names_that_of_its_own_system_that_brings_the_media() -> None:
    run = written("Run migration: Old quays", **moved())

    (others,) = (b for b in bullets(run) if b.startswith("Refers to items of: "))
    assert others.startswith("Refers to items of: Old pictures (ticket ")
    assert others.endswith("), by field_picture.")


def test_a_bundle_says_that_the_migration_to_fill_it_is_on_hold() -> None:
    quay = written("Configure content type: Quay", **moved(on_hold=True))

    assert "On hold: The migration Old quays is on hold." in bullets(quay)


def test_a_field_whose_row_says_that_it_is_reused_is_not_called_created_here() -> None:
    """The body of the starter kit was said to be created with the first type that has it."""
    reused = {"Reused Field": "y"}
    sheets = {
        "bundles": [bundle("Crane", "crane"), bundle("Quay", "quay")],
        "fields": [
            field(name, machine_name) | cells
            for name in (CRANE, QUAY)
            for machine_name, cells in (("field_a", reused), ("field_b", {}))
        ],
    }

    (storage,) = bullets(written("Configure content type: Crane", **sheets))
    assert storage == (
        "Shared storage: field_b is created here and reused on Quay; field_a is shared with Quay."
    )


def test_the_first_ticket_creates_a_field_that_a_later_one_introduces() -> None:
    """Its row says reused, and nothing was there to reuse."""
    sheets = {
        "bundles": [bundle("Crane", "crane"), bundle("Quay", "quay")],
        "fields": [
            field(CRANE, "field_a") | {"Reused Field": "y"},
            field(QUAY, "field_a") | {"Reused Field": "n"},
        ],
    }

    (crane,) = bullets(written("Configure content type: Crane", **sheets))
    quay = bullets(written("Configure content type: Quay", **sheets))

    assert crane == "Shared storage: field_a is created here, before Quay introduces it."
    assert "Shared storage: field_a comes with ticket 1; reuse it." in quay


def searched(*views: Row) -> dict[str, list[Row]]:
    """Make three types, two of them searched, one of these new; a part of one; and views."""
    return {
        "bundles": [
            bundle("Quay", "quay") | {"Srch.": "y"},
            bundle("Crane", "crane") | {"Srch.": "n"},
            bundle("Berth", "berth", x="c") | {"Srch.": "y"},
            bundle("Step", "step", "Paragraph type") | {"Srch.": "y"},
        ],
        "fields": [field(QUAY, "field_a"), field(CRANE, "field_b")],
        "views": [*views],
    }


SEARCH = {"View name": "Site search", "Machine name": "site_search", "X": "c", "Displays": "Page"}
"""A view over the one index."""


@pytest.mark.parametrize(
    "over", [{"Base table": "Index Content"}, {"Filters": 'Search API index "content", published'}]
)
def test_a_view_over_the_search_index_names_what_is_new_in_it(over: Row) -> None:
    prose = written("Update view: Site search", **searched(SEARCH | over))

    assert "To index: New and to be searched: Quay (ticket 2)." in bullets(prose)


def test_a_view_mode_of_all_searchable_types_is_switched_on_for_these() -> None:
    mode = {"View Modes": "Result", "Entity Type": "Content", "Machine name": "result", "X": "a"}

    prose = written(
        "Configure view modes: Content type",
        **searched(),
        view_modes=[mode | {"Entities Used On": "All searchable content types"}],
    )

    assert "Manage display of Quay and Berth has “Result” switched on" in checks(prose)


def test_a_new_search_names_all_that_is_searched() -> None:
    view = SEARCH | {"X": "a", "Base table": "Index Content"}

    prose = written("Configure view: Site search", **searched(view))

    (bullet,) = [one for one in bullets(prose) if one.startswith("To index")]
    assert re.fullmatch(r"To index: Quay \(ticket \d+\) and Berth( \(ticket \d+\))?\.", bullet)


def test_the_field_of_a_media_type_that_holds_addresses_says_its_source() -> None:
    address = field("Talk (Media type)", "field_media_oembed_video", "Text (plain)")
    sheets = {"bundles": [bundle("Talk", "talk", "Media type")], "fields": [address]}

    prose = written("Configure media type: Talk", **sheets)

    assert "Source: Remote video, by its field field_media_oembed_video." in bullets(prose)


def test_a_view_over_one_of_several_indexes_names_no_bundles() -> None:
    one, other = {"Base table": "Index Content"}, {"Base table": "Index Tides"}
    tides = {"View name": "Tides", "Machine name": "tides", "X": "a"} | other

    prose = written("Update view: Site search", **searched(SEARCH | one, tides))

    assert not any(bullet.startswith("To index") for bullet in bullets(prose))


@pytest.mark.parametrize(
    ("note", "told"),
    [
        ("Contextual filter: field_moorings", ["Fields: field_moorings is on Quay (ticket 1)."]),
        ("Contextual filter: field_old", []),
        ("Sorted by field_height", []),
    ],
)
def test_a_view_names_the_field_that_another_ticket_builds(note: str, told: list[str]) -> None:
    """What it lists comes with the field, and a field that is there needs no ticket."""
    view = {"View name": "Cranes", "Machine name": "cranes", "X": "a", "Notes": note}
    sheets = {
        "bundles": [bundle("Quay", "quay"), bundle("Crane", "crane")],
        "fields": [
            field(QUAY, "field_moorings"),
            field(QUAY, "field_old", "x"),
            field(CRANE, "field_height"),
        ],
        "views": [view | {"Base table": "Content", "Filters": "type = Crane"}],
    }

    prose = written("Configure view: Cranes", **sheets)

    assert told == [bullet for bullet in bullets(prose) if bullet.startswith("Fields")]


@pytest.mark.parametrize(
    ("access", "who"),
    [
        ("Unrestricted", "As a visitor, "),
        ("anonymous", "As a visitor, "),
        ("Role: Pilot", "As a user with the role Pilot, "),
    ],
)
def test_a_view_is_for_whom_its_column_of_access_names(access: str, who: str) -> None:
    row = {"View name": "Berths", "Machine name": "berths", "X": "a", "Path": "/berths"}
    pilot = {"Name": "Pilot", "Machine name": "pilot", "X": "x"}

    prose = written("Configure view: Berths", views=[row | {"Access": access}], roles=[pilot])

    assert prose.parts.user_story.startswith(f"<p>{who}")


@pytest.mark.parametrize(
    ("note", "who"),
    [
        ("/admin/berths, role Pilot", "As a user with the role Pilot, "),
        ("/admin/berths, access Pilot", "As a user with the role Pilot, "),
        ("/admin/berths, pager 10", "As an administrator, "),
    ],
)
def test_a_view_is_for_whom_the_last_setting_of_a_note_names(note: str, who: str) -> None:
    row = {"View name": "Berths", "Machine name": "berths", "X": "a"}
    page = {"View": "Berths", "Machine name": "page_1", "X": "a", "Notes": note}
    pilot = {"Name": "Pilot", "Machine name": "pilot", "X": "x"}

    prose = written("Configure view: Berths", views=[row], displays=[page], roles=[pilot])

    assert prose.parts.user_story.startswith(f"<p>{who}")


def test_up_to_eight_types_on_which_roles_are_checked_later_have_their_ticket() -> None:
    names = ["Quay", "Crane", "Berth", "Buoy", "Lock", "Slip", "Pier"]
    bundles = [bundle(name, f"type_{name.casefold()}") for name in names]
    fields = [field(f"{name} (Content type)", f"field_{name.casefold()}") for name in names]
    note = f"Create and edit {', '.join(names)}"
    role = {"Name": "Pilot", "Machine name": "pilot", "X": "a", "Notes": note}

    prose = written("Configure user roles", bundles=bundles, fields=fields, roles=[role])

    (later,) = (bullet for bullet in bullets(prose) if bullet.startswith("Checked later"))
    assert all(f"{name} (ticket " in later for name in names)


def test_the_migration_that_fills_a_type_is_named_once_in_its_ticket() -> None:
    run = GOING["migrations"][0] | {"Destination": "Quay"}

    quay = written("Configure content type: Quay", **GOING | {"migrations": [run]})

    assert plain(quay.parts.analysis).count("crane_log (ticket ") == 1


@pytest.mark.parametrize(
    ("mode", "is_named"),
    [
        ({"X": "a"}, True),
        ({"X": "x"}, False),
        ({"X": "c", "Notes": "Add Quay"}, True),
        ({"X": "c", "Notes": "Add Crane"}, False),
        ({"X": "c", "Notes": "Show the label"}, True),
    ],
    ids=["new", "there", "changes for it", "changes for another", "changes for all"],
)
def test_a_view_uses_the_mode_of_its_format_that_is_new_or_changes_for_it(
    mode: Row, is_named: bool
) -> None:
    """“Grid, Card” was taken for a layout; the mode is built by another ticket."""
    display = {"View": "Quays", "Title": "Page", "Machine name": "page_1", "X": "a"}
    settings = {"Display plugin": "Page", "Path": "/quays", "Format": "Grid, Card"}
    sheets = {
        "bundles": [bundle("Quay", "quay"), bundle("Crane", "crane")],
        "fields": [field(QUAY, "field_a"), field(CRANE, "field_b")],
        "view_modes": [
            {"View Modes": "Wide", "Entity Type": "Content", "X": "a"},
            {"View Modes": "Card", "Entity Type": "Content"} | mode,
        ],
        "views": [{"View name": "Quays", "Machine name": "quays", "X": "a"}],
        "displays": [display | settings | {"Filters": "Published, type Quay"}],
    }

    view = written("Configure view: Quays", **sheets)

    named = [b for b in bullets(view) if b.startswith("Uses: The view mode Card (ticket ")]
    assert bool(named) is is_named


@pytest.mark.parametrize(
    ("look", "modes"),
    [
        ("Leaflet map (Map popup), Card below", "modes Card and Map popup"),
        ("Leaflet with Map popup", "mode Map popup"),
        ("vm map_popup, A-Z headings", "mode Map popup"),
    ],
)
def test_a_view_uses_every_mode_that_its_format_names(look: str, modes: str) -> None:
    """The map of a page and the cards below it came without either mode."""
    display = {"View": "Quays", "Title": "Page", "Machine name": "page_1", "X": "a"}
    sheets = {
        "bundles": [bundle("Quay", "quay")],
        "view_modes": [
            {"View Modes": name, "Entity Type": "Content", "X": "a"}
            for name in ("Card", "Map popup")
        ],
        "views": [{"View name": "Quays", "Machine name": "quays", "X": "a"}],
        "displays": [display | {"Display plugin": "Page", "Path": "/quays", "Format": look}],
    }

    told = bullets(written("Configure view: Quays", **sheets))

    assert [b.split(" (")[0] for b in told if b.startswith("Uses")] == [f"Uses: The view {modes}"]


@pytest.mark.parametrize(
    ("title", "note", "is_used"),
    [
        ("Cranes to review", "For the review queue and the public table.", True),
        ("Cranes to review", "For the queue", False),
        ("Dry crane queue", "Dry crane", False),
    ],
    ids=["names and title", "one word", "a bundle"],
)
def test_a_view_uses_the_image_style_whose_row_names_it(
    title: str, note: str, *, is_used: bool
) -> None:
    """A queue was built without its thumbnails."""
    display = {"View": "Crane queue", "Title": title, "Machine name": "page_1", "X": "a"}
    sheets = {
        "bundles": [bundle("Dry crane", "dry_crane")],
        "image_styles": [{"Style name": "Thumb", "Machine name": "thumb", "X": "a", "Notes": note}],
        "views": [{"View name": "Crane queue", "Machine name": "crane_queue", "X": "a"}],
        "displays": [display | {"Display plugin": "Page", "Path": "/queue"}],
    }

    told = bullets(written("Configure view: Crane queue", **sheets))

    assert any(b.startswith("Uses: The image style Thumb (ticket ") for b in told) is is_used


@pytest.mark.parametrize(
    "note", ["On Quay detail page", "Above the title on each Quay and Crane. Hide if empty"]
)
def test_a_block_is_placed_where_its_note_says(note: str) -> None:
    """The check passed with a block that nobody had placed."""
    display = {"View": "Pilots", "Title": "Pilots here", "Machine name": "block_1", "X": "a"}
    page = {"View": "Pilots", "Title": "All", "Machine name": "page_1", "X": "c"}
    sheets = {
        "bundles": [bundle("Quay", "quay"), bundle("Crane", "crane"), bundle("Pilot", "pilot")],
        "views": [{"View name": "Pilots", "Machine name": "pilots", "X": "c"}],
        "displays": [
            display | {"Display plugin": "Block", "Notes": note, "Format": "List"},
            page | {"Display plugin": "Page", "Path": "/pilots", "Format": "Table"},
        ],
    }

    view = written("Update view: Pilots", **sheets)

    (placed,) = (b for b in bullets(view) if b.startswith("Placed on: Quay"))
    assert ("Crane" in placed) is ("Crane" in note)
    assert "Scope: New: block_1; there and to be changed: page_1." in bullets(view)
    assert any(f"Note: “{note}”" in check for check in checks(view))


@pytest.mark.parametrize(
    ("name", "view", "path", "is_listed"),
    [
        ("Bureau", "Bureaux", "/firms", True),
        ("Museo", "All", "/musei", True),
        ("Museo", "Museum shop", "/shop", False),
        ("News", "Newsroom", "/newsroom", False),
        ("Person", "People", "/people", True),
        ("Page", "Old boats", "/old", False),
    ],
)
def test_a_view_called_as_a_type_with_another_ending_lists_that(
    name: str, view: str, path: str, *, is_listed: bool
) -> None:
    """`Bureaux` said neither what it lists nor which ticket it needs; each display is a `Page`."""
    display = {"View": view, "Title": "Page", "Machine name": "page_1", "X": "a"}
    sheets = {
        "bundles": [bundle(name, name.casefold())],
        "fields": [field(f"{name} (Content type)", "field_a")],
        "views": [{"View name": view, "Machine name": "the_view", "X": "a"}],
        "displays": [display | {"Display plugin": "Page", "Path": path}],
    }

    told = written(f"Configure view: {view}", **sheets)
    listed = written(f"Configure content type: {name}", **sheets)

    assert (f"Lists: {name} (ticket 1)." in bullets(told)) is is_listed
    assert (f"find {name} content there" in told.parts.user_story) is is_listed
    assert (f"the view “{view}” can list it" in listed.parts.user_story) is is_listed


def test_a_view_over_an_index_quotes_what_fields_say_of_searching() -> None:
    """Without the field of other words the search did not find what people type."""
    notes = {
        "field_words": "Search only, never displayed. Two at most",
        "field_results": "Used in search results",
        "field_other": "Searched by view Cranes",
    }
    fields = [field(QUAY, name) | {"Settings/notes": note} for name, note in notes.items()]
    views = [
        {"View name": "Quays", "Machine name": "quays", "X": "a", "Filters": "Type Quay"}
        | {"Displays": "Page", "Notes": "On Search API index quays"},
        {"View name": "Cranes", "Machine name": "cranes", "X": "a", "Displays": "Page"},
    ]

    view = written(
        "Configure view: Quays", bundles=[bundle("Quay", "quay")], fields=fields, views=views
    )

    (quoted,) = said(view)
    assert quoted.endswith(": “Search only, never displayed”.")
    assert quoted.startswith("field_words of Quay (ticket ")


def test_a_form_quotes_what_the_field_that_it_names_says_of_forms() -> None:
    sheets = {
        "bundles": [
            bundle("Quay", "quay"),
            bundle("Enquiry", "enquiry", "Webform")
            | {"Settings/notes": "Mail goes to field_mail of the quay"},
        ],
        "fields": [
            field(QUAY, "field_mail") | {"Settings/notes": "Only for the form. Max. 80 characters"},
            field("Enquiry (Webform)", "message"),
        ],
    }

    (quoted,) = said(written("Configure webform: Enquiry", **sheets))

    assert quoted.endswith(": “Only for the form”.")


def test_a_migration_needs_the_new_terms_and_bundles_that_its_note_names() -> None:
    sheets = {
        "bundles": [
            bundle("Quay", "quay"),
            bundle("Crane", "crane"),
            bundle("Harbour", "harbour", "Vocabulary"),
            bundle("Depth", "depth", "Vocabulary", x="c"),
        ],
        "fields": [
            field(QUAY, "field_harbour", ref="Harbour (Vocabulary)"),
            field(CRANE, "field_b"),
            field("Harbour (Vocabulary)", "field_c"),
            field("Depth (Vocabulary)", "field_d"),
        ],
        "migrations": [
            {"X": "a", "Migration": "old_quays", "Target": "Quay"}
            | {
                "Notes": "Mapped by a list from the client, so Harbour terms first. Also fills Crane. By Depth"
            }
        ],
    }

    (needs,) = (b for b in bullets(written("Run migration: old_quays", **sheets)) if "Needs" in b)

    assert "Harbour (ticket " in needs
    assert "Crane (ticket " in needs
    assert "Depth" not in needs


def test_fields_that_a_migration_reads_by_their_bundle_are_named_together() -> None:
    """`quay.body` named no field, so its removal did not wait."""
    sheets = {
        "bundles": [bundle("Quay", "quay", x="c")],
        "fields": [field(QUAY, "body", "d"), field(QUAY, "field_fee", "d"), field(QUAY, "field_a")],
        "migrations": [
            {"X": "a", "Migration": "parts", "Source": "quay.body, quay.field_fee"}
            | {"Target": "quay.field_a", "Notes": "In place"}
        ],
    }

    quay = bullets(written("Update content type: Quay", **sheets))

    (after,) = (item for item in quay if item.startswith("Remove after: "))
    assert after.endswith(", which reads body and field_fee.")


def test_a_workflow_says_which_ticket_brings_its_new_roles() -> None:
    sheets = {
        "bundles": [bundle("Quay", "quay")],
        "roles": [
            {"Name": "Pilot", "Machine name": "pilot", "X": "a"},
            {"Name": "Clerk", "Machine name": "clerk", "X": "x"},
        ],
        "workflows": [
            {"Label": "Review", "Machine name": "review", "X": "a", "Applies to": "Quay"}
        ],
        "states": [{"Workflow": "Review", "Label": "Live", "Machine name": "live", "X": "a"}],
        "transitions": [
            {"Workflow": "Review", "Label": "Go", "Machine name": "go", "X": "a"}
            | {"From state": "Live", "To state": "Live", "Roles": "Pilot, Clerk"}
        ],
    }

    (rights,) = (
        b for b in bullets(written("Configure workflow: Review", **sheets)) if "may use" in b
    )

    assert rights.endswith("; Pilot comes with ticket 1.")


def test_a_view_names_the_fields_of_its_filters_that_are_new_or_change_on_a_bundle_there_is() -> (
    None
):
    crane_field = field(CRANE, "field_a") | {"Field label": "Load"}
    sheets = {
        "bundles": [bundle("Crane", "crane", x="c")],
        "fields": [
            crane_field,
            field(CRANE, "field_b", x="c") | {"Field label": "Owner"},
            field(CRANE, "field_c") | {"Field label": "Colour"},
            field(CRANE, "field_d", x="x") | {"Field label": "Reach"},
        ],
        "views": [{"View name": "Harbour map", "Machine name": "harbour_map", "X": "a"}],
        "displays": [
            {"View": "Harbour map", "Display": "Page", "Machine name": "page_1", "X": "a"}
            | {"Filters": "Published cranes; exposed: Load, Reach", "Sort": "Owner asc"}
        ],
    }

    (fields,) = (
        b for b in bullets(written("Configure view: Harbour map", **sheets)) if b[:6] == "Fields"
    )

    assert fields == "Fields: field_a is new."


def fields_told(fields: list[Row], **settings: str) -> list[str]:
    """Write the view of cranes, and return what is said of fields."""
    sheets = {
        "bundles": [bundle("Quay", "quay", x="c"), bundle("Crane", "crane", x="c")],
        "fields": fields,
        "views": [{"View name": "Cranes", "Machine name": "cranes", "X": "a"} | settings],
    }
    told = bullets(written("Configure view: Cranes", **sheets))
    return [bullet for bullet in told if bullet.startswith(("Fields", "Said elsewhere"))]


LOAD = field(CRANE, "field_load", "x") | {"Field label": "Load"}
DEPTH = field(QUAY, "field_depth", "x") | {"Field label": "Depth"}
TO_QUAY = field(CRANE, "field_quay", "x") | {"Field label": "Quay", "Ref. bundle": QUAY}


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        (
            "Published; exposed: Load, Depth",
            ["Fields: field_depth is on Quay (ticket 1), reached by field_quay."],
        ),
        ("Published; exposed: Load, current language", []),
        ("Type Crane or Quay, not Load", ["Fields: Quay has no Load."]),
    ],
    ids=["one reference away", "here", "on one of two"],
)
def test_a_view_says_where_a_field_is_that_not_all_it_lists_have(
    filters: str, told: list[str]
) -> None:
    """A facet of plants filtered a list of seeds, and nothing said how it gets there."""
    spoken = field(QUAY, "field_languages", "x") | {"Field label": "Languages"}

    assert fields_told([LOAD, DEPTH, spoken, TO_QUAY], Filters=filters) == told


def test_a_view_says_where_a_field_is_of_what_refers_to_what_it_lists() -> None:
    """Productions are filtered by the hall of their performances."""
    of_crane = field(QUAY, "field_crane", "x") | {"Field label": "Crane", "Ref. bundle": CRANE}

    told = fields_told([LOAD, DEPTH, of_crane], Filters="Published; exposed: Load, Depth")

    assert told == [
        "Fields: field_depth is on Quay (ticket 2), which refers to Crane by field_crane."
    ]


@pytest.mark.parametrize(
    ("filters", "is_of_core"),
    [("Type Crane", False), ("Published", True)],
    ids=["of one type", "of any"],
)
def test_a_view_of_one_type_is_none_that_a_module_ships(filters: str, *, is_of_core: bool) -> None:
    sheets = {
        "bundles": [bundle("Crane", "crane")],
        "fields": [field(CRANE, "field_load")],
        "views": [{"View name": "Past", "Machine name": "archive", "X": "c", "Filters": filters}],
    }

    told = bullets(written("Update view: Past", **sheets))

    assert any(bullet.startswith("Ships with its module") for bullet in told) is is_of_core


def test_a_field_without_machine_name_is_not_named_by_every_sentence() -> None:
    nameless = field(CRANE, "", "x") | {"Field label": "Colour"}
    noted = "Depth of water is for the pilots."

    assert fields_told([nameless, DEPTH, TO_QUAY], Notes=noted) == []


@pytest.mark.parametrize(
    ("notes", "is_said"), [("", True), ("Show each crane once", False)], ids=["silent", "told"]
)
def test_a_view_sorted_by_several_values_says_that_items_come_again(
    notes: str, *, is_said: bool
) -> None:
    """Past events listed a series once for each of its sessions, and nobody had noticed."""
    dates = field(CRANE, "field_dates", "c") | {"Field label": "Dates", "Vals.": "*"}
    noted = dates | {"Notes": "Was single value, now unlimited"}

    (told,) = fields_told([noted], Filters="Published cranes", Sort="Dates desc", Notes=notes)

    changes = "Fields: field_dates changes (“Was single value, now unlimited”)"
    again = ", and sorting by it lists an item once for each value"
    assert told == f"{changes}{again if is_said else ''}."


@pytest.mark.parametrize(
    ("field_note", "is_said"),
    [
        ("Price lists disappear after this date", True),
        ("Leave empty if it holds for the whole harbour", True),
        ("Filter of the cranes", False),
        ("Shown in bold", False),
    ],
)
def test_a_view_quotes_what_a_field_it_names_says_of_who_finds_what(
    field_note: str, *, is_said: bool
) -> None:
    until = field(CRANE, "field_until", "x") | {"Field label": "Valid until", "Notes": field_note}

    told = fields_told([until], Filters="Published cranes, valid until in future")

    quoted = f"Said elsewhere: field_until of Crane (ticket 2): “{field_note}”."
    assert told == [quoted] * is_said


def test_a_view_quotes_what_a_type_it_lists_says_of_who_finds_it() -> None:
    """Past events dropped out of all lists by the row of Event, and no list said so."""
    note = "Old cranes stay online but drop out of all lists. Cranes are red."
    sheets = {
        "bundles": [bundle("Crane", "crane") | {"Settings/notes": note}],
        "views": [
            {"View name": "Cranes", "Machine name": "cranes", "X": "a"}
            | {"Filters": "Published cranes"}
        ],
    }

    told = bullets(written("Configure view: Cranes", **sheets))

    rule = "Old cranes stay online but drop out of all lists"
    assert f"Said elsewhere: Crane (ticket 1): “{rule}”." in told


@pytest.mark.parametrize(
    ("settings", "lists"),
    [
        ({"View name": "Past cranes", "Filters": "Published, end date before today"}, "Crane"),
        ({"View name": "Lifting", "Filters": "Published cranes, topic from argument"}, "Crane"),
        ({"View name": "Lifting", "Filters": "Steps with this crane"}, "Quay step"),
        (
            {"View name": "Mine", "Filters": "Submissions of Berth request of the user"},
            "Berth request",
        ),
        ({"View name": "Queue", "Filters": "Moderation state In review"}, "Crane"),
        ({"View name": "Desk", "Filters": "Season, state of the lift"}, "Crane"),
        ({"View name": "Archive", "Filters": "Run over; exposed: title"}, "Crane"),
    ],
    ids=["label", "filter", "last word", "forms", "state", "field called as a type", "run over"],
)
def test_a_view_lists_what_its_words_end_with(settings: dict[str, str], lists: str) -> None:
    """Five of six views of one specification did not name what they list."""
    kinds = [bundle("Quay step", "quay_step"), bundle("Berth request", "berth", "Webform")]
    sheets = {
        "bundles": [bundle("Crane", "crane") | {"Mod.": "y"}, *kinds, bundle("Season", "season")],
        "fields": [
            field(CRANE, "field_season") | {"Field label": "Season"},
            field(CRANE, "field_run") | {"Field label": "Run"},
        ],
        "views": [{"Machine name": "the_view", "X": "a"} | settings],
        "workflows": [
            {"Label": "Review", "Machine name": "review", "X": "x", "Applies to": "Crane"}
        ],
        "states": [{"Workflow": "Review", "Label": "In review", "Machine name": "rev", "X": "x"}],
    }

    told = bullets(written(f"Configure view: {settings['View name']}", **sheets))

    named = [bullet.split(" (")[0] for bullet in told if bullet.startswith("Lists")]
    assert named == [f"Lists: {lists}"]


def test_a_view_without_a_format_names_the_one_mode_that_is_for_what_it_lists() -> None:
    """A search was built without the mode that another sheet has for its results."""
    mode = {"Entity Type": "Content type", "X": "a", "Entities Used On": "Crane"}
    sheets = {
        "bundles": [bundle("Crane", "crane")],
        "views": [
            {"View name": "Cranes", "Machine name": "cranes", "X": "a"}
            | {"Filters": "Published cranes, full text"}
        ],
        "view_modes": [mode | {"View Modes": "Card"}, mode | {"View Modes": "Search result"}],
    }

    told = bullets(written("Configure view: Cranes", **sheets))

    shown = [bullet for bullet in told if bullet.startswith("Shown as")]
    assert shown == ["Shown as: No view mode is named; Search result (ticket 1) is for Crane."]
