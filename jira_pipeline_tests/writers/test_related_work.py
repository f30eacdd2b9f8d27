"""What other rows say of the work of a ticket: order, use, removal, and what is only shipped."""

import gc
from weakref import WeakSet

import pytest

from jira_pipeline.domain.configuration_tables import tables_of
from jira_pipeline.domain.questions.question_index import once_per_session
from jira_pipeline.domain.tickets import TicketProse
from jira_pipeline.stages.entity_grouping.grouping import group_entities
from jira_pipeline.writers.group_facts import FactsReader, SessionFacts
from jira_pipeline_tests.stages.made_specifications import Row, bundle, field, specification_of
from jira_pipeline_tests.writers.asked_models import some_briefs
from jira_pipeline_tests.writers.rubric import items_of
from jira_pipeline_tests.writers.sites import ticket_of

QUAY = "Quay (Content type)"
CRANE = "Crane (Content type)"


def written(title: str, **sheets: list[Row]) -> TicketProse:
    """Write the ticket of this title."""
    specification = specification_of(**sheets)
    return ticket_of(specification, group_entities(specification).groups, title)


def items(prose: TicketProse) -> list[str]:
    """Return the bullets of the analysis."""
    return items_of(prose.parts.analysis)


def harbour(**more: list[Row]) -> dict[str, list[Row]]:
    """Make two content types with a field each, and what a test adds."""
    return {
        "bundles": [bundle("Quay", "quay"), bundle("Old crane", "crane")],
        "fields": [field(QUAY, "field_a"), field("Old crane (Content type)", "field_b")],
        **more,
    }


def view(name: str, note: str = "", **cells: str) -> Row:
    """Make a view of content."""
    machine_name = name.casefold().replace(" ", "_")
    row = {"View name": name, "Machine name": machine_name, "X": "a", "Base table": "Content"}
    return row | {"Notes": note} | cells


def page(view_name: str, note: str) -> Row:
    """Make a page of a view."""
    row = {"View": view_name, "Title": "Page", "Machine name": "page_1", "X": "a"}
    return row | {"Display plugin": "Page", "Notes": note}


def test_what_the_description_of_a_removal_asks_for_is_checked() -> None:
    views = [view("Old list", X="d", Description="redirect /old to /quays")]
    views += [view("Slides", X="d", Description="Was on the home page")]

    prose = written("Remove obsolete views", views=views)

    assert "old_list: “redirect /old to /quays”" in items_of(prose.parts.verification)
    assert "home page" not in prose.parts.verification


def test_redirects_run_after_what_they_lead_to_and_runs_quote_the_old_site() -> None:
    said = "About 900 nodes on the old site; missing translations are not shown"
    row = bundle("Quay", "quay") | {"Settings/notes": said}
    runs = [
        {"X": "a", "Migration": "Quays", "Source": "D7 node quay", "Target": "Quay"},
        {"X": "a", "Migration": "Addresses", "Source": "D7 url_alias"},
    ]
    sheets = {"bundles": [row], "fields": [field(QUAY, "field_a")], "migrations": runs}

    addresses = written("Run migration: Addresses", **sheets)
    quays = written("Run migration: Quays", **sheets)

    assert items(addresses) == ["Order: Run it after Quays (ticket 2)."]
    assert f"Said elsewhere: Quay (ticket 1): “{said}”." in items(quays)


@pytest.mark.parametrize(("x", "title", "of"), [("c", "Update", ""), ("x", "Create 1", " of Quay")])
def test_a_field_of_the_site_is_opened_to_a_target_that_is_new(x: str, title: str, of: str) -> None:
    """Two readers found such a field said to be there already, and nothing of it checked."""
    bundles = [bundle("Quay", "quay", x=x), bundle("Slides", "slides", "Paragraph type")]
    content = field(QUAY, "field_content", "x", ref="Slides (Paragraph type)")
    specification = specification_of(bundles=bundles, fields=[content])
    groups = group_entities(specification).groups
    (whole,) = (g.title for g in groups if g.title.startswith(title))

    prose = ticket_of(specification, groups, whole)

    assert f"There, to be opened: field_content{of} to Slides." in items(prose)
    assert f"field_content{of} also offers Slides" in items_of(prose.parts.verification)


def test_styles_are_named_by_machine_name_and_changed_modes_are_called_so() -> None:
    prose = written(
        "Update view modes: Content type",
        image_styles=[{"Style name": "Card 3:2", "Machine name": "card_3_2", "X": "a"}],
        view_modes=[
            {"View Modes": "Hero", "Entity Type": "Content", "X": "c"}
            | {"Notes": "image card_3_2, title"}
        ],
    )

    assert "I want the changed view mode Hero, so that" in prose.parts.user_story
    assert "Uses: The image style Card 3:2 (ticket 1)." in items(prose)


MIGRATIONS = [
    {"X": "a", "Target": "Quay", "Migration": "Charts", "Notes": "Titles only. Runs before Pilots"},
    {"X": "a", "Target": "Quay", "Migration": "Pilots", "Notes": "Titles only"},
    {"X": "a", "Target": "Old crane", "Migration": "Wrecks", "Notes": "Linked from pilots"},
]


def test_an_order_that_one_migration_states_is_in_both_tickets() -> None:
    """`Runs before Pilots` was stated of one of the two only, and read the wrong way round."""
    first, second = (
        written(f"Run migration: {name}", **harbour(migrations=MIGRATIONS))
        for name in ("Charts", "Pilots")
    )

    assert "Order: Run it before Pilots (ticket 4)." in items(first)
    assert "Needs: Quay (ticket 1); the migration Charts (ticket 3) has run." in items(second)


@pytest.mark.parametrize(
    ("cells", "note", "source", "is_known"),
    [
        ({"Req'd": "y"}, "Linked from pilots", "XML of the port", True),
        ({}, "Own quay by its number", "XML of the port", True),
        ({}, "Linked from pilots", "CSV of wrecks", True),
        ({}, "Linked from pilots", "XML of the port", False),
    ],
    ids=["required", "in its note", "same system", "optional and from elsewhere"],
)
def test_a_migration_refers_to_what_another_brings_where_it_must_or_its_row_says_so(
    cells: Row, note: str, source: str, *, is_known: bool
) -> None:
    """That articles of one system refer to products of another was stated without a row."""
    old = field("Old crane (Content type)", "field_quay", ref=QUAY)
    sheets = harbour(
        migrations=[
            MIGRATIONS[0] | {"Source": "CSV of quays"},
            MIGRATIONS[2] | {"Source": source, "Notes": note},
        ]
    )
    sheets["fields"].append(old | {"Field label": "Own quay"} | cells)

    run = written("Run migration: Wrecks", **sheets)
    brings = written("Run migration: Charts", **sheets)
    filled = written("Configure content type: Quay", **sheets)

    assert ("Refers to items of: Charts (ticket 3), by field_quay." in items(run)) is is_known
    named = "Items referred to by: Wrecks (ticket 4), by field_quay."
    assert (named in items(brings)) is is_known
    assert "Migration: Filled by Charts (ticket 3)." in items(filled)


@pytest.mark.parametrize(
    ("bundle_x", "field_x", "needs"),
    [
        ("x", "x", []),
        ("c", "a", ["Needs: The changes to Quay (ticket 1)."]),
        ("a", "a", ["Needs: Quay (ticket 1)."]),
    ],
    ids=["there", "changes", "new"],
)
def test_a_migration_needs_what_is_new_and_what_changes(
    bundle_x: str, field_x: str, needs: list[str]
) -> None:
    sheets = harbour(migrations=MIGRATIONS[:1])
    sheets["bundles"][0]["X"], sheets["fields"][0]["X"] = bundle_x, field_x

    run = written("Run migration: Charts", **sheets)

    assert [item for item in items(run) if item.startswith("Needs")] == needs


def test_a_migration_into_a_field_needs_the_bundle_of_that() -> None:
    sheets = harbour(
        migrations=[{"X": "a", "Migration": "Hours", "Target": "field_a of Quay", "Source": "CSV"}]
    )

    assert "Needs: Quay (ticket 1)." in items(written("Run migration: Hours", **sheets))


@pytest.mark.parametrize(("x", "is_first"), [("a", True), ("c", False)], ids=["new", "there"])
def test_the_page_that_a_redirect_leads_to_goes_before_the_removal(
    x: str, *, is_first: bool
) -> None:
    views = [
        view("Cranes", "Redirect /cranes to /quays.", X="d", Path="/cranes"),
        view("Quays", X=x, Path="/quays"),
    ]

    removal = items(written("Remove obsolete views", **harbour(views=views)))

    first = "Goes first: The view Quays (ticket 3), which brings /quays for the redirect."
    assert (first in removal) is is_first


def test_a_bundle_names_the_view_that_uses_a_field_which_goes_and_quotes_when_it_goes() -> None:
    """Deleted first, it breaks a view in use."""
    sheets = harbour(
        views=[view("Map", "Rebuild on depths instead of Quay date"), view("List", "A date")]
    )
    sheets["bundles"][0]["X"] = "c"
    gone = {"Settings/notes": "Out of use. Delete after the pilots have signed"}
    sheets["fields"] += [
        field(QUAY, "field_quay_date", "d") | {"Field label": "Quay date"} | gone,
        field(QUAY, "field_day", "d") | {"Field label": "Date"},
    ]

    quay = items(written("Update content type: Quay", **sheets))

    assert "Remove after: The view Map (ticket 3), which names field_quay_date." in quay
    assert "First: field_quay_date: “Delete after the pilots have signed”." in quay
    assert "Scope and removal: Remove if present: field_quay_date and field_day." in quay


@pytest.mark.parametrize(
    ("note", "things"),
    [
        ("On quay pages. 24 per page", ""),
        ("Published quays and cranes with a light. Newest first", "Quay and Old crane content"),
        ("All quays whose depth is known", "Quay content"),
        ("A quay of the day", ""),
        ("List of harbours", ""),
    ],
)
def test_a_view_lists_what_its_note_begins_with(note: str, things: str) -> None:
    prose = written("Configure view: Today", **harbour(views=[view("Today", note)]))

    assert (f"find {things} in" in prose.parts.user_story) is bool(things)


def test_a_view_lists_the_one_bundle_whose_name_begins_as_its_own() -> None:
    """A changed view News said neither that it lists News article nor what it is for."""
    tides = [bundle("Tide report", "tide_report"), bundle("Quay", "quay")]

    prose = written(
        "Configure view: Tide",
        **harbour(bundles=tides, views=[view("Tide")], displays=[page("Tide", "Path /tide")]),
    )

    assert "so that I can find Tide report content there" in prose.parts.user_story
    assert any(item.startswith("Lists: Tide report") for item in items(prose))


def test_a_view_lists_what_the_note_of_a_display_calls_all_it_shows() -> None:
    displays = [page("Today", "Path /today. All quays with a light")]

    prose = written("Configure view: Today", **harbour(views=[view("Today")], displays=displays))

    assert "so that I can find Quay content there" in prose.parts.user_story


def test_a_field_of_a_view_mode_is_not_the_bundle_it_is_for() -> None:
    """`Date, location, status` made a view mode one for the content type Location."""
    mode = {"View Modes": "Row", "Entity Type": "Content", "Machine name": "row", "X": "a"}
    sheets = harbour(views=[view("Quays")], displays=[page("Quays", "Path /quays")])

    fields, place = (
        items(written("Configure view: Quays", **sheets, view_modes=[mode | {"Notes": note}]))
        for note in ("Date, quay and depth", "Quay. Date and depth")
    )

    assert not any(item.startswith("Shown as") for item in fields)
    assert any(item.startswith("Shown as") for item in place)


def test_a_view_names_the_new_field_that_one_word_of_its_description_means() -> None:
    """`With consent ending within 60 days` did not say that `Consent until` is new."""
    sheets = harbour(
        views=[view("Quays", Description="Quays with a survey in the last 60 days")],
        displays=[page("Quays", "Path /quays")],
    )
    sheets["bundles"][0]["X"] = "c"
    sheets["fields"] += [field(QUAY, "field_surveyed") | {"Field label": "Survey until"}]

    named = items(written("Configure view: Quays", **sheets))
    sheets["fields"] += [field(QUAY, "field_by") | {"Field label": "Survey office"}]
    either = items(written("Configure view: Quays", **sheets))

    assert "Fields: field_surveyed is new." in named
    assert not any(item.startswith("Fields") for item in either)


def test_a_display_says_what_it_lists_where_only_another_ones_filter_does() -> None:
    """A block by branch, without a filter on the type, passed with news and jobs in it."""
    block = {"View": "Quays", "Title": "Near", "Machine name": "block_1", "X": "a"}
    displays = [
        page("Quays", "Path /quays") | {"Filters": "Published; type Quay"},
        block | {"Display plugin": "Block", "Filters": "Contextual: Basin = node ID"},
    ]

    prose = written("Configure view: Quays", **harbour(views=[view("Quays")], displays=displays))

    assert "so that I can find Quay content there" in prose.parts.user_story
    assert "block_1</code> “Near”, which lists Quay content; filtered by" in (
        prose.parts.verification
    )


def test_a_view_on_states_for_who_runs_the_site_has_a_purpose() -> None:
    states = [{"Workflow": "Harbour", "Label": "In review", "Machine name": "review", "X": "a"}]
    sheets = harbour(
        views=[view("Desk", "Everything in state In review", **{"Base table": "Revisions"})],
        displays=[page("Desk", "Path /admin/desk")],
        workflows=[{"Label": "Harbour", "Machine name": "harbour", "X": "a"}],
        states=states,
    )

    prose = written("Configure view: Desk", **sheets)

    assert "find and manage what is in the state “In review” there" in prose.parts.user_story


def test_modes_and_styles_that_notes_name_are_listed_with_their_ticket() -> None:
    """`No result` and `no Search API here` were read as the view mode `Search result`."""
    displays = [page("Map", 'Path /map. View mode Card. No result: "None". No Search API here')]
    modes = [{"View Modes": "Card", "Entity Type": "Content", "X": "a", "Entities Used On": ""}]
    sheets = harbour(
        views=[view("Map")],
        displays=displays,
        view_modes=[
            modes[0] | {"Notes": "Photo in responsive image Wide"},
            modes[0] | {"View Modes": "Search result"},
        ],
        responsive=[{"Responsive style": "Wide", "Machine name": "wide", "X": "a"}],
    )

    shown = items(written("Configure view: Map", **sheets))
    mode = items(written("Configure view modes: Content type", **sheets))

    assert "Uses: The view mode Card (ticket 2)." in shown
    assert "Uses: The responsive image style Wide (ticket 1)." in mode


def test_a_removal_says_what_goes_first_what_stays_and_who_agreed() -> None:
    gone = bundle("Old crane", "crane", x="d") | {
        "Settings/notes": "The 12 nodes may be deleted with the type"
    }
    crane = "Old crane (Content type)"
    sheets: dict[str, list[Row]] = {
        "bundles": [bundle("Quay", "quay", x="c"), gone],
        "fields": [
            field(QUAY, "field_shared"),
            field(QUAY, "field_crane", "d", ref=crane),
            field(QUAY, "field_lift", "x", ref=crane),
            field(crane, "field_shared", "d"),
            field(crane, "field_load", "d"),
        ],
    }

    bullets = items(written("Remove obsolete content structures", **sheets))

    assert "Remove if present: One content type: Old crane crane." in bullets
    assert "Note: “The 12 nodes may be deleted with the type”." in bullets
    assert (
        "Goes with it: The field field_load; field_shared, whose storage stays, "
        "as other bundles use it." in bullets
    )
    assert "Goes first: field_crane of Quay (ticket 1), which refers to Old crane." in bullets
    assert (
        "Still refers to it: field_lift of Quay (ticket 1) stays and refers to Old crane: take that "
        "reference away, or give it another target, before the removal." in bullets
    )


def test_what_is_only_to_be_disabled_is_not_gone() -> None:
    gone = [view("Archive", "disable") | {"X": "d"}, view("Late") | {"X": "d"}]

    prose = written("Remove obsolete views", views=gone)

    assert items_of(prose.parts.verification)[:2] == [
        "The view Archive archive is disabled",
        "The view Late late is no longer on the site",
    ]


def test_what_a_module_ships_and_no_row_changes_is_no_work() -> None:
    sheets = harbour(
        views=[view("Glossary")], displays=[page("Glossary", "") | {"Machine name": "page_1"}]
    )
    specification = specification_of(**sheets)
    groups = group_entities(specification).groups
    (group,) = (g for g in groups if g.title == "Configure view: Glossary")

    prose = ticket_of(specification, groups, group.title)

    assert "I want the view “Glossary” as its module ships it." in prose.parts.user_story
    assert prose.estimated_hours == ""
    assert "to build" not in " ".join(table.title for table in tables_of(group))


BOUND = harbour(
    views=[view("Old cranes", "Together with content type Old crane", X="d")],
    migrations=[{"X": "a", "Target": "Quay", "Migration": "crane_moves", "Notes": "Titles only"}],
) | {
    "bundles": [
        bundle("Quay", "quay"),
        bundle("Old crane", "crane")
        | {
            "X": "d",
            "Notes": "Delete only after migration crane_moves was accepted. Redirect /crane/* to /quay.",
        },
    ]
}


def test_a_view_goes_together_with_what_it_lists() -> None:
    bullet = (
        "Remove if present: One view: Old cranes old_cranes; together with the content type Old "
    )

    assert any(item.startswith(bullet) for item in items(written("Remove obsolete views", **BOUND)))


@pytest.mark.parametrize(
    ("label", "cells", "said"),
    [
        ("Thumb", {"Notes": "Only used by old cranes"}, ": “Only used by old cranes”"),
        ("Thumb", {"Used by": "Old crane"}, ""),
        ("Old crane thumb", {}, ""),
    ],
    ids=["note", "column", "name"],
)
def test_a_style_of_what_goes_is_in_the_tickets_of_both(label: str, cells: Row, said: str) -> None:
    styles = [
        {"Style name": "Wide", "Machine name": "wide", "X": "a"},
        {"Style name": label, "Machine name": "thumb", "X": "d"} | cells,
        {"Style name": "Hero thumb", "Machine name": "hero", "X": "d"},
    ]
    sheets = BOUND | {"image_styles": styles}

    kept = items(written("Configure image styles", **sheets))
    removed = items(written("Remove obsolete content structures", **sheets))

    (removal,) = (item for item in kept if item.startswith("Removal"))
    assert removal.startswith(f"Removal: {label} together with the content type Old crane (ticket ")
    assert "Hero" not in removal
    assert any(item.endswith(f"; the image style {label} (ticket 1){said}.") for item in removed)


def test_a_view_goes_before_the_bundle_that_it_lists() -> None:
    sheets = harbour(
        views=[view("Archive", X="d")],
        displays=[page("Archive", "") | {"X": "d", "Path": "/cranes"}],
        migrations=[
            {"X": "a", "Migration": "to_quay", "Source": "Old crane nodes", "Target": "Quay"}
        ],
    )
    sheets["bundles"][1] |= {"X": "d", "URL alias pattern": "cranes/[node:title]"}
    sheets["bundles"][1] |= {"Settings/notes": "Twelve cranes. Old paths redirect"}

    views = items(written("Remove obsolete views", **sheets))
    bundles = items(written("Remove obsolete content structures", **sheets))
    run = items(written("Run migration: to_quay", **sheets))

    assert any(
        item.startswith("Order: Before the removal of the content type Old crane (ticket ")
        for item in views
    )
    assert any(
        item.startswith("Goes first: The view Archive (ticket ")
        and "), which lists Old crane; to_quay (ticket " in item
        for item in bundles
    )
    (order,) = (item for item in run if item.startswith("Order: "))
    assert order.startswith("Order: Run it before the removal of Old crane (ticket ")
    assert order.endswith("): “Old paths redirect”.")


def test_a_view_called_as_the_bundle_goes_before_it() -> None:
    sheets = harbour(views=[view("Old cranes", X="d")])
    sheets["bundles"][1] |= {"X": "d"}

    bundles = items(written("Remove obsolete content structures", **sheets))

    assert any(item.startswith("Goes first: The view Old cranes (ticket ") for item in bundles)


def test_a_role_that_may_do_what_another_may_is_asked_about_and_not_refused() -> None:
    roles = [
        {"Name": name, "Machine name": name.casefold(), "X": "a", "Notes": note}
        for name, note in (
            ("Pilot", "Edits quays."),
            ("Harbourer", "Everything a pilot may do."),
            ("Clerk", "Edits nothing."),
        )
    ]
    moves = {"Workflow": "Tide", "X": "a", "From state": "Low", "To state": "Low"}
    prose = written(
        "Configure workflow: Tide",
        **harbour(
            roles=roles,
            workflows=[{"Label": "Tide", "Machine name": "tide", "X": "a"}],
            states=[{"Workflow": "Tide", "Label": "Low", "Machine name": "low", "X": "a"}],
            transitions=[
                moves | {"Label": "Rise", "Machine name": "rise", "Notes": "Pilot can use"},
                moves
                | {"Label": "Fall", "Machine name": "fall", "Notes": "Pilot, Harbourer can use"},
            ],
        ),
    )

    asked = [q.question for q in prose.questions if "Everything a pilot may do" in q.question]
    assert len(asked) == 1
    assert "does not name that role: may it use it?" in asked[0]
    checks = items_of(prose.parts.verification)
    assert "With the role pilot: Rise and Fall can be used" in checks
    assert "With the role harbourer: Fall can be used" in checks


def test_a_role_is_checked_later_on_a_type_it_names_by_machine_name() -> None:
    pilot = {"Name": "Pilot", "Machine name": "pilot", "X": "a", "Notes": "create quay content"}
    bundles = [bundle("Landing place", "quay")]

    prose = written("Configure user roles", bundles=bundles, fields=[], roles=[pilot])

    assert any(
        item.startswith("Checked later: Permissions on the content type Landing place")
        for item in items(prose)
    )


def test_options_that_a_note_keeps_elsewhere_are_asked_for() -> None:
    tide = field(QUAY, "field_tide") | {
        "Field type": "List (text)",
        "Settings/notes": "5 colours of the harbour, keys from the designer's file",
    }

    prose = written("Configure content type: Quay", bundles=[bundle("Quay", "quay")], fields=[tide])

    assert any("Please send the values of the list" in q.question for q in prose.questions)


@pytest.mark.parametrize(
    ("note", "is_asked"),
    [("Depth and berth are in one column.", False), ("Runs at night.", True)],
)
def test_a_mapping_is_asked_for_where_the_notes_do_not_speak_of_every_field(
    note: str, is_asked: bool
) -> None:
    fields = [field(QUAY, f"field_{n.casefold()}") | {"Field label": n} for n in ("Depth", "Berth")]
    run = {"X": "a", "Target": "Quay", "Migration": "charts", "Source": "old table", "Notes": note}

    prose = written(
        "Run migration: charts",
        bundles=[bundle("Quay", "quay")],
        fields=fields,
        migrations=[run],
    )

    assert any("goes into which field" in q.question for q in prose.questions) is is_asked


def test_a_migration_names_the_ticket_that_asks_for_its_mapping() -> None:
    run = {"X": "a", "Target": "Quay", "Source": "old table"}
    runs = [
        run | {"Migration": "charts"},
        run
        | {"Migration": "tides", "Notes": "A table the client fills in. List comes from client."},
    ]

    prose = written(
        "Run migration: tides",
        bundles=[bundle("Quay", "quay")],
        fields=[field(QUAY, "field_depth"), field(QUAY, "field_berth")],
        migrations=runs,
    )

    (asked,) = [item for item in items(prose) if item.startswith("Decide first")]
    assert "what goes where is asked in ticket 2, for this one too" in asked
    assert not any(item.startswith("Note") for item in items(prose))


def test_a_field_to_be_changed_is_not_added_from_a_shared_storage() -> None:
    shared = [
        field(QUAY, "field_depth") | {"X": "x"},
        field(CRANE, "field_depth") | {"X": "c", "Settings/notes": "No longer required"},
        field(CRANE, "field_load"),
    ]

    prose = written(
        "Update content type: Crane",
        bundles=[bundle("Quay", "quay") | {"X": "x"}, bundle("Crane", "crane") | {"X": "c"}],
        fields=shared,
    )

    assert not any(item.startswith("Shared storage") for item in items(prose))


READING = harbour(
    migrations=[
        {
            "X": "a",
            "Migration": "Cranes",
            "Source": "Old crane (Content type), 12",
            "Target": "Quay",
        },
        {"X": "a", "Migration": "Rust", "Source": "Drupal, field_rust", "Target": "Quay"},
        {"X": "a", "Migration": "Hooks", "Source": "Old crane hooks, Old cranes", "Target": "Quay"},
        {"X": "a", "Migration": "Ropes", "Source": "Old crane Depot", "Target": "Quay"},
        {"X": "a", "Migration": "Depths", "Source": "Charts", "Target": "Quay"}
        | {"Notes": "Run first. Also fills Draught in existing Pier from charts."},
    ]
) | {
    "bundles": [
        bundle("Quay", "quay"),
        bundle("Pier", "pier", x="c"),
        *(
            bundle(f"Old {name}", name, x="d") | {"Notes": f"Rusty {name}"}
            for name in ("crane", "hoist", "winch", "lift", "davit")
        ),
    ],
    "fields": [
        field(QUAY, "field_a"),
        field("Pier (Content type)", "field_draught") | {"Field label": "Draught"},
        field("Pier (Content type)", "field_crane", "d", ref="Old crane (Content type)"),
        field("Pier (Content type)", "field_rust", "d"),
    ],
}


def test_a_removal_names_every_migration_that_reads_what_goes_and_quotes_every_note() -> None:
    bullets = items(written("Remove obsolete content structures", **READING))

    (first,) = (item for item in bullets if item.startswith("Goes first"))
    assert first.startswith("Goes first: field_crane of Pier (ticket")
    assert [name in first for name in ("Cranes", "Rust", "Hooks", "Ropes")] == [
        True,
        False,
        True,
        False,
    ]
    assert [item for item in bullets if item.startswith("Note on")] == [
        f"Note on Old {name}: “Rusty {name}”."
        for name in ("crane", "hoist", "winch", "lift", "davit")
    ]


def test_a_bundle_names_the_migrations_that_read_its_fields_that_go_and_quotes_the_note_that_fills_it() -> (
    None
):
    bullets = items(written("Update content type: Pier", **READING))

    (first,) = (item for item in bullets if item.startswith("Remove after: "))
    assert [name in first for name in ("Cranes", "Rust", "Hooks", "Ropes")] == [
        True,
        True,
        True,
        False,
    ]
    (said,) = (item for item in bullets if item.startswith("Said elsewhere: Depths (ticket"))
    assert said.endswith(": “Also fills Draught in existing Pier from charts”.")


def test_more_notes_of_what_goes_than_there_is_room_for_are_in_the_table() -> None:
    gone = [bundle(f"Old {n}", f"old_{n}", x="d") | {"Notes": f"Rusty {n}"} for n in range(12)]

    bullets = items(written("Remove obsolete content structures", bundles=gone))

    assert len(bullets) == 8
    assert bullets[-1] == "More notes: In the table."


@pytest.mark.parametrize(
    ("cells", "bundle_x", "is_named"),
    [
        ({"Notes": "Quay, Old crane"}, "a", True),
        ({"Notes": "Photo and depth. Quay only"}, "a", True),
        ({"Notes": "Photo of the quay"}, "a", False),
        ({"Notes": "Quay, Old crane"}, "c", False),
    ],
    ids=["names", "sentence", "another word", "bundle is there"],
)
def test_a_new_bundle_names_the_view_modes_that_it_is_displayed_in(
    cells: Row, bundle_x: str, *, is_named: bool
) -> None:
    """The ticket of the view modes left their displays to one that did not speak of them."""
    mode = {"View Modes": "Card", "Entity Type": "Content", "X": "a", "Entities Used On": ""}
    sheets = harbour(view_modes=[mode | cells])
    sheets["bundles"][0]["X"] = bundle_x
    title = f"{'Configure' if bundle_x == 'a' else 'Update'} content type: Quay"

    quay = items(written(title, **sheets))

    assert ("Displays: Also for the view mode Card (ticket 1)." in quay) is is_named


def test_a_new_bundle_names_the_view_mode_of_the_site_that_is_used_on_it() -> None:
    mode = {"View Modes": "Teaser", "Entity Type": "Content", "X": "x", "Notes": "Old cranes"}
    sheets = harbour(view_modes=[mode | {"Entities Used On": "Quay"}])

    quay, crane = (
        items(written(f"Configure content type: {name}", **sheets))
        for name in ("Quay", "Old crane")
    )

    assert "Displays: Also for the view mode Teaser." in quay
    assert not any(item.startswith("Displays") for item in crane)


@pytest.mark.parametrize(
    ("cells", "title", "is_named"),
    [
        ({"Used on": "pier, quays"}, "Quay", True),
        ({"Notes": "Quays, keep transparency"}, "Quay", True),
        ({"Notes": "Photo of a quay"}, "Quay", False),
        ({"Notes": "Do not crop old cranes"}, "Old crane", True),
    ],
    ids=["column", "item of a note", "word of a sentence", "words of a sentence"],
)
def test_a_bundle_uses_the_image_style_whose_row_names_it(
    cells: Row, title: str, *, is_named: bool
) -> None:
    style = {"Style name": "Wide", "Machine name": "wide", "X": "a"} | cells

    prose = written(f"Configure content type: {title}", **harbour(image_styles=[style]))

    assert ("Uses: The image style Wide (ticket 1)." in items(prose)) is is_named


@pytest.mark.parametrize(
    ("note", "is_quoted"),
    [
        ("Hidden for all but Old crane", True),
        ("Content type Old crane", False),
        ("Is Old crane meant?", False),
        ("Hidden for all but quays", False),
    ],
    ids=["says more", "its name alone", "open", "another"],
)
def test_a_bundle_quotes_what_a_transition_says_of_it(note: str, *, is_quoted: bool) -> None:
    """That one type has to pass a state was in the ticket of the workflow only."""
    move = {"Workflow": "Tide", "X": "a", "From state": "Low", "To state": "Low", "Label": "Rise"}
    sheets = harbour(
        workflows=[{"Label": "Tide", "Machine name": "tide", "X": "a"}],
        states=[{"Workflow": "Tide", "Label": "Low", "Machine name": "low", "X": "a"}],
        transitions=[move | {"Machine name": "rise", "Notes": note}],
    )

    crane = items(written("Configure content type: Old crane", **sheets))

    assert (f"Said elsewhere: rise of Tide (ticket 1): “{note}”." in crane) is is_quoted


def test_what_was_looked_up_once_goes_with_its_session() -> None:
    """A cache of one session was made again for each ticket where two were written in turn."""
    made: list[SessionFacts] = []

    @once_per_session
    def look_up(session: SessionFacts) -> int:
        made.append(session)
        return len(session.groups)

    sessions = [
        FactsReader().facts_of(brief).session for brief in (*some_briefs(1), *some_briefs(1))
    ]

    for session in (*sessions, *sessions):
        look_up(session)
    assert made == sessions

    left = WeakSet(sessions)
    made.clear()
    sessions.clear()
    del session
    gc.collect()
    assert not left


@pytest.mark.parametrize(
    ("note", "is_said"),
    [
        ("Default Body on all content types, not listed under fields.", True),
        ("Default Body on all content types but Quay, not listed under fields.", False),
        ("Fields not listed stay as they are (goes for all types marked a).", True),
        ("Fields not listed stay as they are (goes for all types marked c).", False),
        ("Links to media of all types.", False),
    ],
    ids=["all", "excepted", "this status", "another status", "no rule"],
)
def test_what_one_row_says_of_all_types_is_in_the_ticket_of_each(
    note: str, *, is_said: bool
) -> None:
    """That every content type has a body stood with the last of them."""
    sheets = harbour()
    sheets["bundles"][1]["Settings/notes"] = note

    bullets = items(written("Configure content type: Quay", **sheets))

    assert any(item.startswith("Said elsewhere: Old crane") for item in bullets) is is_said


@pytest.mark.parametrize(
    ("label", "kind", "note", "is_named"),
    [
        ("Hide phone", "Text (plain)", "No numbers if Hide phone is on", True),
        ("Hide phone", "Text (plain)", "Fields hide phone, mail", False),
        ("Hide phone", "Text (plain)", "Options: Short, Hide phone", False),
        ("Members only", "Boolean", "Members-only ones have a lock", True),
        ("Phone", "Boolean", "Phone on the left", False),
        ("Old crane", "Boolean", "Old crane has no picture", False),
        ("Hide phone", "Text (plain)", "Hide phone, perhaps?", False),
    ],
    ids=["label", "words", "option", "to tick", "one word", "a bundle", "open"],
)
def test_a_label_that_a_note_names_ties_its_ticket_to_that_of_the_field(
    label: str, kind: str, note: str, *, is_named: bool
) -> None:
    """The card hid details by a field of another ticket that neither of the two named."""
    mode = {"View Modes": "Card", "Entity Type": "Content", "X": "a", "Notes": note}
    sheets = harbour(view_modes=[mode | {"Entities Used On": ""}])
    sheets["fields"][0] |= {"Field label": label, "Field type": kind}

    quay = items(written("Configure content type: Quay", **sheets))
    card = items(written("Configure view modes: Content type", **sheets))

    assert (f"Said elsewhere: Card (ticket 1): “{note}”." in quay) is is_named
    meant = f"Named fields: “{label}” is field_a on Quay (ticket 2)."
    assert (meant in card) is is_named


def test_a_form_that_a_field_speaks_of_is_tied_to_it() -> None:
    note = "If empty, the booking form asks for the depth"
    form = bundle("Berth booking", "berth_booking") | {"Type": "Webform"}
    sheets = harbour()
    sheets["bundles"].append(form)
    sheets["fields"].append(field("Berth booking (Webform)", "field_mail"))
    sheets["fields"][0]["Settings/notes"] = note

    quay = items(written("Configure content type: Quay", **sheets))
    booking = items(written("Configure webform: Berth booking", **sheets))

    (later,) = (item for item in quay if item.startswith("Checked later"))
    assert later.startswith("Checked later: What field_a says of the webform Berth booking (ticket")
    assert f"Said elsewhere: field_a of Quay (ticket 1): “{note}”." in booking


@pytest.mark.parametrize(
    ("note", "is_said"),
    [
        ("Given by the nightly register import, never by hand", True),
        ("Given by the import", False),
        ("Name is the key for the register import", False),
    ],
    ids=["by its source", "any", "a key of its own bundle"],
)
def test_a_migration_quotes_what_a_role_says_of_it(note: str, *, is_said: bool) -> None:
    """An import gave and withdrew a role, and its ticket did not say so."""
    run = {"X": "a", "Target": "Quay", "Migration": "Pilots", "Source": "Register, CSV"}
    nightly = run | {"Target": "Old crane", "Migration": "Cranes", "Notes": "Every night"}
    role = {"Name": "Pilot", "Machine name": "pilot", "X": "a", "Notes": note}
    sheets = harbour(migrations=[run, nightly], roles=[role])

    said = [
        any("Pilot (ticket" in item and note in item for item in items(written(title, **sheets)))
        for title in ("Run migration: Pilots", "Run migration: Cranes")
    ]

    assert said == [False, is_said]


def test_a_migration_that_runs_again_quotes_what_people_keep() -> None:
    run = {"X": "a", "Target": "Quay", "Migration": "Pilots", "Notes": "Every night"}
    sheets = harbour(migrations=[run])
    sheets["bundles"][0]["Settings/notes"] = "Quay has a wall. The pilot edits only the depth."

    bullets = items(written("Run migration: Pilots", **sheets))

    assert "Said elsewhere: Quay (ticket 1): “The pilot edits only the depth”." in bullets


@pytest.mark.parametrize("source", ["Quay, field_photo", "Folder of the yard"])
def test_a_migration_says_which_new_field_refers_to_the_media_it_brings(source: str) -> None:
    """Files of a field that goes became media, and the ticket did not say who shows them."""
    run = {"X": "a", "Target": "Chart", "Migration": "Charts", "Source": source}
    fields = [
        field(QUAY, "field_photo", x="d"),
        field(QUAY, "field_chart", ref="Chart (Media type)"),
    ]
    others = [bundle("Crane", "crane", x="c"), bundle("Chart", "chart", "Media type", x="x")]
    sheets: dict[str, list[Row]] = {
        "bundles": [bundle("Quay", "quay", x="c"), *others],
        "fields": fields,
        "migrations": [run],
    }

    bullets = items(written("Run migration: Charts", **sheets))

    shown = "Then: field_chart of Quay (ticket 1) refers to what it brings."
    assert shown in bullets
    assert ("Needs: The changes to Quay (ticket 1)." in bullets) is source.startswith("Quay")

    sheets["fields"] = [*fields, field(CRANE, "field_map", ref="Chart (Media type)")]
    assert (shown in items(written("Run migration: Charts", **sheets))) is source.startswith("Quay")


@pytest.mark.parametrize(("required", "needs"), [("y", True), ("n", False)])
def test_a_migration_needs_what_it_must_refer_to_and_the_states_it_names(
    required: str, *, needs: bool
) -> None:
    """Sightings came with a species each, whose vocabulary had to be there first."""
    sheets = harbour(
        migrations=[
            {"X": "a", "Target": "Quay", "Migration": "Walls", "Notes": "All go in as Low"}
        ],
        workflows=[{"Label": "Tide", "Machine name": "tide", "X": "a", "Notes": "For Quay"}],
        states=[{"Workflow": "Tide", "Label": "Low", "Machine name": "low", "X": "a"}],
    )
    sheets["bundles"][0]["Mod."] = "y"
    sheets["fields"][0] |= {
        "Field type": "Entity reference",
        "Ref. bundle": "Old crane (Content type)",
        "Req'd": required,
    }

    (told,) = (i for i in items(written("Run migration: Walls", **sheets)) if "Needs" in i)

    assert ("Old crane" in told) is needs
    assert "the state “Low” of Tide (ticket" in told


def test_a_block_is_placed_where_its_filter_takes_a_value_from() -> None:
    """A block of what its page names said neither what it lists nor where it is."""
    sheets = harbour(
        views=[
            view("Lifted here", Displays="Block", Filters="lifted at from URL, depth from today")
        ]
    )
    lifted = {"Field label": "Lifted at", "Ref. bundle": QUAY}
    sheets["fields"] += [field("Old crane (Content type)", "field_quay") | lifted]

    bullets = items(written("Configure view: Lifted here", **sheets))

    assert "Lists: Old crane (ticket 2)." in bullets
    assert "Placed on: Quay (ticket 1)." in bullets


@pytest.mark.parametrize(("status", "needed"), [("a", True), ("c", False), ("x", False)])
def test_a_view_needs_the_new_role_that_opens_it(status: str, needed: bool) -> None:
    pilot = {"Name": "Pilot", "Machine name": "pilot", "X": status, "Notes": "No delete"}

    bullets = items(
        written(
            "Configure view: Desk",
            **harbour(views=[view("Desk", Path="/admin/desk", Access="Pilot")], roles=[pilot]),
        )
    )

    assert ("Needs: The role Pilot (ticket 1)." in bullets) is needed


@pytest.mark.parametrize(
    ("note", "is_quoted"),
    [("red label in lists and on the page", True), ("as in the list of the office", False)],
)
def test_how_a_field_looks_in_lists_is_said_where_it_is_listed(note: str, is_quoted: bool) -> None:
    sheets = harbour(views=[view("Quays")])
    sheets["fields"] += [field(QUAY, "field_shut") | {"Settings/notes": note}]

    bullets = items(written("Configure view: Quays", **sheets))

    assert any(note in b for b in bullets if b.startswith("Said elsewhere")) is is_quoted


@pytest.mark.parametrize(
    ("note", "is_quoted"),
    [("otherwise free berths of the port", False), ("shown in the free berths, too", True)],
)
def test_a_plural_in_small_letters_is_no_name_of_a_view(note: str, is_quoted: bool) -> None:
    sheets = harbour(views=[view("Free berths")])
    sheets["fields"][0]["Settings/notes"] = note

    bullets = items(written("Configure view: Free berths", **sheets))

    assert any(note in b for b in bullets if b.startswith("Said elsewhere")) is is_quoted


def test_a_search_index_that_a_view_describes_is_more_work_than_its_row() -> None:
    """It stood beside an estimate of one row, and what time allows was a check."""
    said = "Search API index, facets if time allows. Depth as slider, max. 8 steps."
    row = view("Finder", Path="/finder", Format="Table", Displays="Page", Description=said)

    prose = written("Configure view: Finder", **harbour(views=[row]))

    assert prose.estimated_hours == ""
    assert "As described: “Depth as slider, max. 8 steps”" in items_of(prose.parts.verification)
    assert [(q.quote, q.suggested_answer) for q in prose.questions if "time" in q.quote] == [
        ("Search API index, facets if time allows.", "No, build what the rest of its row says")
    ]


def test_a_migration_says_its_order_once_and_counts_what_a_note_counts() -> None:
    runs: list[Row] = [
        {"Migration": "Cranes", "X": "a", "Destination": "Old crane (Content type)"},
        {"Migration": "Quays", "X": "a", "Destination": QUAY, "Notes": "before Cranes"},
    ]
    sheets = harbour(migrations=runs)
    sheets["bundles"][0]["Settings/notes"] = "About 1,150 nodes on the old site, some of them twice"

    prose = written("Run migration: Quays", **sheets)

    bullets, stated = items(prose), items_of(prose.parts.verification)
    assert [b for b in bullets + stated if "before" in b] == [
        "Order: Run it before Cranes (ticket 3)."
    ]
    assert (
        "Its log shows each item of the source (“About 1,150 nodes”) as taken over, or left out "
        "with a reason"
    ) in stated


def test_a_migration_of_addresses_is_for_those_who_follow_them() -> None:
    runs: list[Row] = [
        {"Migration": "Quays", "X": "a", "Source": "Old node", "Destination": QUAY},
        {"Migration": "Redirects", "X": "a", "Source": "Old url_alias"},
    ]

    prose = written("Run migration: Redirects", **harbour(migrations=runs))

    assert "so that old addresses lead to the new pages" in prose.parts.user_story
    assert "Order: Run it after Quays (ticket 3)." in items(prose)
    assert "The old address of an item that each of these migrations brings opens that item" in (
        items_of(prose.parts.verification)
    )


def test_what_one_migration_fills_is_said_once() -> None:
    run: Row = {"Migration": "Terms", "X": "a", "Destination": "Port, Tide"}
    sheets = harbour(migrations=[run])
    sheets["bundles"] += [
        bundle(name, name.casefold()) | {"Type": "Vocabulary"} for name in ("Port", "Tide")
    ]

    bullets = items(written("Create 2 vocabularies without custom fields", **sheets))

    assert [b for b in bullets if b.startswith("Migration")] == [
        "Migration: Port and Tide are filled by Terms (ticket 4)."
    ]


@pytest.mark.parametrize(
    ("note", "is_heavy"),
    [("mail to the pilots, once a day", True), ("show 410 page", True), ("Mail to pilots", False)],
)
def test_a_collected_mail_is_more_work_than_a_state(note: str, is_heavy: bool) -> None:
    state: Row = {"Workflow": "Tide", "Label": "Ebb", "Machine name": "ebb", "X": "a"}

    prose = written(
        "Configure workflow: Tide",
        workflows=[{"Label": "Tide", "Machine name": "tide", "X": "a"}],
        states=[state | {"Notes": note}],
    )

    assert (prose.estimated_hours == "") is is_heavy
