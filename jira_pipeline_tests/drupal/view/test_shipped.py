"""A view that a module installs."""

from jira_pipeline.drupal.view.shipped import (
    AsShipped,
    ChangedView,
    OwnView,
    adjusted_view,
    facts,
    is_as_shipped,
    is_display_as_shipped,
    is_ticket_as_shipped,
    say,
)
from jira_pipeline.drupal.view.shipped_views import shipped_views
from jira_pipeline_tests.drupal.made_rows import asked
from jira_pipeline_tests.drupal.made_views import (
    display,
    display_row,
    group_rows,
    plain,
    view,
    view_of,
)
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

CONTENT = view(label="Content", name="content")
PAGE = display()
ADDED = display("block_1", "Block")


# The fact.


@each(
    ("head", "displays"),
    [
        (CONTENT, [PAGE]),
        (CONTENT, [PAGE, display("default", "Default")]),
        (CONTENT | {"Base table": ""}, [PAGE]),
        (CONTENT | {"Status": "Enabled"}, [PAGE]),
        (CONTENT | {"Notes": "No changes."}, [PAGE]),
        (CONTENT, [display(place="/admin/content")]),
    ],
)
def test_a_view_is_as_shipped_where_no_row_asks_for_a_change(
    head: Row, displays: list[Row]
) -> None:
    ticket = view_of(*displays, head=head).ticket

    assert is_as_shipped(ticket.head, ticket.group.members)


@each(
    ("head", "displays"),
    [
        (view(), [PAGE]),
        (CONTENT | {"Base table": "Files"}, [PAGE]),
        (CONTENT | {"Base table": "tides"}, [PAGE]),
        (CONTENT | {"Status": "Disabled"}, [PAGE]),
        (CONTENT | {"Notes": "Only the fast ones."}, [PAGE]),
        (CONTENT | {"X": "c"}, [PAGE]),
        (CONTENT, []),
        (CONTENT, [PAGE, ADDED]),
        (CONTENT, [ADDED]),
        (CONTENT, [display(place="/ships")]),
        (CONTENT, [display(note="Only the fast ones.")]),
        (CONTENT, [display(sort="title (asc)")]),
        (CONTENT, [PAGE, display("default", "Default", sort="title (asc)")]),
    ],
)
def test_a_view_is_not_as_shipped_where_a_row_changes_it(head: Row, displays: list[Row]) -> None:
    ticket = view_of(*displays, head=head).ticket

    assert not is_as_shipped(ticket.head, ticket.group.members)


def test_a_display_that_goes_is_nothing_to_do_with_a_view_as_shipped() -> None:
    assert is_ticket_as_shipped(view_of(PAGE, display("page_9", x="d"), head=CONTENT))


def test_a_view_on_the_site_is_not_brought() -> None:
    assert not is_ticket_as_shipped(view_of(PAGE, head=CONTENT | {"X": "x"}))


def test_a_display_of_another_name_is_not_as_shipped() -> None:
    shipped = shipped_views()["content"]

    assert is_display_as_shipped(display_row(PAGE), shipped)
    assert not is_display_as_shipped(display_row(display("page_9")), shipped)


@each(
    ("displays", "is_adjusted"),
    [
        ([PAGE], False),
        ([PAGE, display("page_9", x="d")], False),
        ([PAGE, ADDED], True),
        ([display("page_9", x="d")], False),
    ],
)
def test_rows_adjust_a_view_that_they_change_or_add_to(
    displays: list[Row], *, is_adjusted: bool
) -> None:
    adjusted = adjusted_view(group_rows(view_of(*displays, head=CONTENT)))

    assert (adjusted is not None) is is_adjusted


# The sentences.


def test_a_view_as_shipped_comes_with_its_module() -> None:
    assert plain(say(view_of(PAGE, head=CONTENT))) == [
        "The view content comes with core’s Node module.",
        "Its display comes with it: do not build it anew.",
    ]


def test_the_module_of_a_contributed_view_is_enabled_unless_a_view_on_the_site_uses_it() -> None:
    head = view(label="Logs", name="ai_logs", table="ai_log")
    there = view(label="Old logs", name="old_logs", table="ai_log", x="x")

    (_, enabling) = plain(say(view_of(PAGE, head=head)))
    (_, in_use) = plain(say(view_of(PAGE, head=head, views=[there])))

    assert enabling.endswith(" Enable the module, if it is not.")
    assert not in_use.endswith(" Enable the module, if it is not.")


def test_a_view_on_the_site_that_lists_something_else_does_not_show_that_the_module_is_there() -> (
    None
):
    head = view(label="Logs", name="ai_logs", table="ai_log")
    others = [
        view(label="Ships", name="ships", x="x"),
        view(label="Tides", name="tides", table="", x="x"),
        view(label="New logs", name="new_logs", table="ai_log"),
    ]

    (story, enabling) = plain(say(view_of(PAGE, head=head, views=others)))

    assert story == "The view ai_logs comes with the AI Logging module."
    assert enabling.endswith(" Enable the module, if it is not.")


def test_a_display_that_is_as_installed_is_not_mentioned() -> None:
    assert plain(say(view_of(PAGE, ADDED, head=CONTENT)))[1:] == ["block_1 is added to it."]


def test_displays_are_added_and_rows_that_differ_set() -> None:
    displays = [display(sort="title (asc)"), ADDED]

    assert plain(say(view_of(*displays, head=CONTENT | {"Status": "Disabled"}))) == [
        (
            "Core’s Node module brings the view content with the display page_1: use that view, "
            "do not build it anew."
        ),
        "block_1 is added to it.",
        (
            "Where the row of page_1 differs from the installed view, set what the row says; leave the "
            "rest, and the path of a tab, as installed."
        ),
        "It comes enabled; disable it.",
    ]


def test_the_path_of_a_tab_is_left_only_where_a_display_has_one() -> None:
    """Two readers looked for the tab of a block."""
    recent = view(label="Recent content", name="content_recent")
    block = display("block_1", "Block", sort="title (asc)")

    assert plain(say(view_of(block, head=recent)))[-1].endswith("leave the rest as installed.")


def test_a_view_that_is_installed_disabled_is_enabled_where_its_row_says_so() -> None:
    disabled = view(label="Archive", name="archive", status="Disabled")
    displays = [display("block_1", "Block"), display("page_1", place="/archive")]

    whole = plain(say(view_of(*displays, head=disabled)))
    enabled = plain(say(view_of(*displays, head=disabled | {"Status": "Enabled"})))

    assert whole[0] == "The view archive comes with core’s Node module and stays switched off."
    assert whole[1].startswith("It is installed disabled, with its displays")
    assert enabled[-1] == "It comes disabled; enable it."


@each("head", [view(), CONTENT | {"X": "c"}])
def test_nothing_is_said_of_a_view_of_nobody_else_or_on_the_site(head: Row) -> None:
    assert plain(say(view_of(PAGE, head=head))) == []


# The question.


def test_a_display_that_the_module_brings_and_no_row_has_stays_unless_somebody_objects() -> None:
    assert asked("views.shipped", view_of(ADDED, head=CONTENT).ticket) == [
        "The view `content` that the Node module installs keeps `page_1`, which no row has."
    ]


@each(
    ("head", "displays"),
    [
        (CONTENT, [PAGE]),
        (CONTENT, [PAGE, ADDED]),
        (CONTENT, []),
        (CONTENT | {"X": "c"}, [ADDED]),
        (view(), [ADDED]),
    ],
)
def test_nothing_is_asked_where_rows_have_all_or_the_site_has_the_view(
    head: Row, displays: list[Row]
) -> None:
    assert asked("views.shipped", view_of(*displays, head=head).ticket) == []


@each(
    ("head", "displays", "fact"),
    [
        (CONTENT, [PAGE], AsShipped),
        (CONTENT, [PAGE, display("block_1", "Block")], ChangedView),
        (CONTENT | {"X": "x"}, [PAGE], OwnView),
        (view(), [display()], OwnView),
    ],
)
def test_whether_a_module_brings_the_view_is_a_fact(
    head: Row, displays: list[Row], fact: type
) -> None:
    (stated,) = facts(view_of(*displays, head=head))

    assert type(stated.fact) is fact
