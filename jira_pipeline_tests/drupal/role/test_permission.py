"""What a role may do."""

from jira_pipeline.drupal.comparisons import CellResult, Differs, Met, NotComparable, SheetCell
from jira_pipeline.drupal.role.permission import (
    COLUMN,
    COUNTERPARTS,
    CountedPermissions,
    DescribedPermissions,
    ListedPermissions,
    NoNote,
    NoPermissions,
    PermissionsFact,
    check,
    compare,
    modules_permitting,
    permissions_in,
    permissions_of,
    say,
    transitions_granted,
)
from jira_pipeline.drupal.site.site_cells import Site, SiteCell, SiteEntity
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.entities import Entity, EntityKind
from jira_pipeline.verification.names import Names
from jira_pipeline_tests.drupal.made_roles import role, ticket_of
from jira_pipeline_tests.drupal.made_rows import asked, sentences
from jira_pipeline_tests.sheets.made_specifications import Row, bundle
from jira_pipeline_tests.tables import each

ALL_QUESTIONS = (
    "lists.no_transition",
    "lists.permissions",
    "lists.permissions_changed",
    "lists.permissions_noted",
    "lists.permissions_none",
)
LISTING = "Permissions: access content, create boat content."
BOAT = bundle("Boat", "boat")


def row_of(role_row: Row) -> Entity:
    return ticket_of(role_row).head


def questions(ticket: TicketRows) -> list[str]:
    return [key for key in ALL_QUESTIONS if asked(key, ticket)]


# The fact.


@each(
    ("note", "fact"),
    [
        (LISTING, ListedPermissions(("access content", "create boat content"))),
        ("Every permission", ListedPermissions(("every permission",))),
        ("12 permissions", CountedPermissions()),
        ("1 permissions. Permissions: view media", ListedPermissions(("view media",))),
        ("2 permissions. Permissions: see boats, edit", ListedPermissions(("see boats", "edit"))),
        ("3 permissions. Permissions: see the sheet", DescribedPermissions()),
        ("All permissions.", CountedPermissions()),
        ("0 permissions", NoPermissions()),
        ("Permissions: the same as an editor, but not more", DescribedPermissions()),
        ("Steers the boat.", DescribedPermissions()),
        ("", NoNote()),
    ],
)
def test_a_note_lists_permissions_counts_or_describes_them(
    note: str, fact: PermissionsFact
) -> None:
    assert permissions_in(row_of(role(note))) == fact


def test_a_permission_names_what_it_is_on() -> None:
    ticket = ticket_of(
        role("create boat content, edit terms in knots, create buoy content, sail"),
        bundles=[BOAT, bundle("Knots", "knots", "Vocabulary"), bundle("Buoy", "buoy", x="d")],
    )

    named = permissions_of(ticket.head, ticket.session.specification)

    assert [(name, thing.machine_name) for name, thing in named] == [
        ("create boat content", "boat"),
        ("edit terms in knots", "knots"),
    ]


def test_a_permission_of_a_transition_names_workflow_and_transition() -> None:
    row = row_of(role("use plain transition publish; access content"))

    assert transitions_granted(row) == (("plain", "publish"),)


@each(
    ("note", "modules"),
    [
        ("Permissions: administer webform, access content", ["Webform"]),
        ("Permissions: access content, create boat content", []),
        ("administer webform", []),  # no list: nobody says that these are all
    ],
)
def test_a_list_needs_the_modules_of_its_permissions(note: str, modules: list[str]) -> None:
    assert sorted(modules_permitting(row_of(role(note)))) == modules


# The questions.


@each(
    ("row", "raised"),
    [
        (role(LISTING), []),
        (role("0 permissions"), ["lists.permissions_none"]),
        (role("12 permissions"), ["lists.permissions"]),
        (role("12 permissions", X="c"), ["lists.permissions_changed"]),
        (role(""), ["lists.permissions"]),
        (role("", X="c"), ["lists.permissions_changed"]),
        (role("", Duties="Steers the boat"), []),
        (role("12 permissions", Duties="Steers the boat"), []),
        (role("", name="Authenticated"), []),
        (role("Steers the boat."), ["lists.permissions_noted"]),
        (role("Steers the boat.", Duties="Mooring"), []),
        (role("use plain transition publish"), []),
    ],
)
def test_permissions_that_no_cell_lists_are_asked_for(row: Row, raised: list[str]) -> None:
    assert questions(ticket_of(row)) == raised


def test_permissions_on_what_the_sheets_have_are_no_prose() -> None:
    assert questions(ticket_of(role("create boat content"), bundles=[BOAT])) == []
    assert questions(ticket_of(role("create boat content"))) == ["lists.permissions_noted"]


def test_who_counts_permissions_can_look_them_up() -> None:
    (counted,) = [q for q in ticket_of(role("12 permissions")).left_open if "permissions" in q.kind]
    (silent,) = [q for q in ticket_of(role("")).left_open if "permissions" in q.kind]

    assert (counted.audience, silent.audience) == ("agency", "client")
    assert counted.question.endswith("The sheet gives only how many a role has.")
    assert silent.question.endswith("No cell says.")


@each(
    ("note", "moderated", "is_asked"),
    [
        ("create boat content, access content", "y", True),
        ("edit any boat content, access content", "y", True),
        ("delete any boat content, access content", "y", False),
        ("create boat content, access content", "n", False),
        ("create boat content, use plain transition publish", "y", False),
    ],
)
def test_who_edits_what_is_moderated_needs_a_transition(
    note: str, moderated: str, *, is_asked: bool
) -> None:
    ticket = ticket_of(role(f"Permissions: {note}"), bundles=[BOAT | {"Mod.": moderated}])

    assert bool(asked("lists.no_transition", ticket)) is is_asked


@each(
    ("note", "acts"),
    [
        ("create boat content, access content", "create"),
        ("edit any boat content, access content", "edit"),
        ("edit any boat content, create boat content", "create and edit"),
        ("create boat content, delete any boat content", "create"),
    ],
)
def test_the_question_for_transitions_names_what_the_row_permits(note: str, acts: str) -> None:
    ticket = ticket_of(role(f"Permissions: {note}"), bundles=[BOAT | {"Mod.": "y"}])

    (question,) = asked("lists.no_transition", ticket)

    assert question.startswith(f"“Skipper” may {acts} “Boat (Content type)”, ")


# The sentences.


def test_a_list_is_what_a_role_has_exactly() -> None:
    assert sentences(check(ticket_of(role(LISTING), role("Steers.", name="Mate")))) == [
        "On People \u203a Permissions, Skipper has exactly the permissions of its row."
    ]


def test_permissions_beside_prose_are_those_of_what_exists_by_then() -> None:
    ticket = ticket_of(role("create boat content"), bundles=[BOAT])

    assert sentences(check(ticket)) == [
        "On People \u203a Permissions, Skipper has the permissions of its row on what exists by then."
    ]


def test_permissions_on_what_a_later_ticket_makes_are_granted_later() -> None:
    ticket = ticket_of(role(LISTING), bundles=[BOAT])

    assert sentences(say(ticket)) == ["What the rows permit on Boat is granted when that exists."]
    assert sentences(check(ticket)) == [
        (
            "On People \u203a Permissions, Skipper has exactly the permissions of its row, except those "
            "that are granted later."
        )
    ]


def test_permissions_on_what_is_there_are_granted_at_once() -> None:
    assert sentences(say(ticket_of(role(LISTING), bundles=[BOAT | {"X": "x"}]))) == []


def test_permissions_of_modules_are_named() -> None:
    ticket = ticket_of(role("Permissions: administer webform, access content"))

    assert sentences(say(ticket)) == [
        "Permissions in the row of Skipper exist only with the Webform module."
    ]


# The comparison with a site.


def compared(row: Row, *values: str, every: bool = False, column: str = COLUMN.name) -> CellResult:
    """Compare with a site whose role has these permissions, and that knows `sail` beside them."""
    ticket = ticket_of(row)
    on_site = SiteCell(text="Every permission" if every else "", values=values, yaml="")
    others = SiteCell(text="", values=(*values, "sail"), yaml="")
    site_role = SiteEntity(
        kind=EntityKind.USER_ROLE,
        key="user_role:mate",
        label="Mate",
        machine_name="mate",
        yaml="",
        cells={COLUMN.name: others},
    )
    names = Names(ticket.session.specification, Site(entities=(site_role,)))
    text = ticket.head.cell(column)
    cell = SheetCell(row=ticket.head, column=column, text=text, counterpart=COUNTERPARTS[column])
    return compare(cell, on_site, names)


@each(
    ("row", "values", "result"),
    [
        (role("access content, sail"), ["sail", "access content"], Met()),
        (role("Permissions: access content."), ["access content"], Met()),
        (role("access content"), ["access content", "sail"], Differs(("sail",), ())),
        (role("access content, sail"), ["access content"], Differs((), ("sail",))),
        (role("2 permissions"), ["access content"], Differs()),
        (
            role("1 permission"),
            ["access content"],
            NotComparable("the number is the same, but the sheet does not list them"),
        ),
        (role("1 permission", Remarks="Permissions: sail."), ["sail"], Met()),
        (role("0 permissions"), [], Met()),
        (role("Steers the boat"), ["sail"], NotComparable("prose")),
        (role(""), ["sail"], NotComparable("prose")),
        (role("Every permission"), ["sail"], Differs()),
        (role("Changed: Notes (more sail; no longer moor)."), ["sail"], Met()),
        (role("Changed: Notes (more sail; no longer moor)."), ["sail", "moor"], Differs()),
        (role("Changed: Notes (more sail; no longer moor)."), [], Differs()),
        (role("Changed: Notes (more sail)."), ["sail"], Met()),
        (role("Changed: Notes (no longer moor)."), [], Met()),
        (role("Changed: Notes (no longer moor)."), ["moor"], Differs()),
        (
            role("Permissions: sail.\nChanged: Notes (more sail; no longer moor)."),
            ["sail", "row"],
            Differs(("row",), ()),
        ),
        (role("Permissions: steer."), ["sail"], Differs(("sail",), ("steer",))),
    ],
)
def test_permissions_are_compared_both_ways(
    row: Row, values: list[str], result: CellResult
) -> None:
    assert compared(row, *values) == result


@each(
    ("row", "result"),
    [
        (role("Every permission"), Met()),
        (role("access content"), Differs()),
        (role("2 permissions"), Differs()),
        (role("sail", name="Administrator"), Differs((), ("sail",))),
        (role("sail", Description="Has all rights."), Differs((), ("sail",))),
        (
            role("0 permissions", name="Administrator"),
            NotComparable("the number is the same, but the sheet does not list them"),
        ),
    ],
)
def test_a_role_with_every_permission_differs_unless_its_row_allows_everything(
    row: Row, result: CellResult
) -> None:
    assert compared(row, every=True) == result


def test_a_role_that_may_do_everything_is_not_asked_what_it_may_do() -> None:
    assert questions(ticket_of(role(name="Administrator"))) == []
    assert questions(ticket_of(role())) == ["lists.permissions"]
