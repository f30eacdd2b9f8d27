"""The story of a view."""

from jira_pipeline.drupal.view.story import ViewWork, facts, say
from jira_pipeline_tests.drupal.made_roles import role
from jira_pipeline_tests.drupal.made_rows import said_by
from jira_pipeline_tests.drupal.made_views import display, plain, view, view_of
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

BLOCK = display("block_1", "Block")


@each(
    ("displays", "sentence"),
    [
        ([], "The site needs the view “Boats”."),
        ([display()], "The site needs the view “Boats” with a page."),
        ([display(place="/boats")], "The site needs the view “Boats” with a page at /boats."),
        (
            [display(place="/boats"), display("page_2", place="/ships"), BLOCK],
            "The site needs the view “Boats” with two pages and a block.",
        ),
        (
            [display("wall", "Tide wall"), display("tower", "Tide tower")],
            "The site needs the view “Boats” with two displays.",
        ),
    ],
)
def test_new_displays_are_counted_by_their_kinds(displays: list[Row], sentence: str) -> None:
    assert plain(say(view_of(*displays))) == [sentence]


@each(
    ("accesses", "people"),
    [
        (["roles skipper"], ", for the role “Skipper”"),
        (
            ["roles skipper, harbour", "roles skipper, harbour"],
            ", for the roles “Skipper” and harbour",
        ),
        (["roles skipper", "roles harbour"], ""),
        (["roles skipper", "Everybody"], ""),
        (["roles a, b, c, d, e"], ""),
        (["permission see boats"], ""),
    ],
)
def test_the_story_says_for_which_roles_all_displays_are(accesses: list[str], people: str) -> None:
    displays = [display(f"page_{n}", access=access) for n, access in enumerate(accesses)]

    (story,) = plain(say(view_of(*displays, roles=[role()])))

    what = "a page" if len(displays) == 1 else "two pages"
    assert story == f"The site needs the view “Boats” with {what}{people}."


def test_a_view_on_the_site_gets_changes_and_loses_displays() -> None:
    displays = [BLOCK, display(x="c"), display("feed_1", "Feed", x="d"), display("page_2", x="x")]

    assert plain(say(view_of(*displays, head=view(x="c")))) == [
        "The view “Boats” needs a block, changes to page_1 and the removal of feed_1."
    ]
    assert plain(say(view_of(display(x="x"), head=view(x="c")))) == ["The view “Boats” changes."]


def test_a_disabled_view_is_listed_and_its_description_quoted() -> None:
    head = view(status="Disabled", description="All boats of the harbour")

    assert plain(say(view_of(display(), head=head))) == [
        "The specification lists the view “Boats” as disabled. Description: “All boats of the harbour”."
    ]


def test_a_view_that_a_module_brings_as_it_is_has_another_story() -> None:
    assert plain(say(view_of(display(), head=view(label="Content", name="content")))) == []


def test_a_display_that_a_module_brings_is_not_counted() -> None:
    ticket = view_of(display(), BLOCK, head=view(label="Content", name="content"))

    assert plain(say(ticket)) == ["The site needs the view “Content” with a block."]


def test_the_story_rests_on_the_kinds_of_new_displays() -> None:
    (with_page,) = say(view_of(display()))
    (alone,) = say(view_of())

    assert with_page.columns == ("View name", "Description", "Display plugin")
    assert alone.columns == ("View name", "Description")


@each(
    ("head", "row", "work"),
    [
        (view(), display(), ViewWork.ADDED),
        (view(x="c"), display(), ViewWork.UPDATED),
        (view(status="Disabled"), display(), ViewWork.DISABLED),
        (view(label="Content", name="content"), display(), ViewWork.USED_AS_SHIPPED),
    ],
)
def test_what_the_ticket_does_with_a_view_is_a_fact_of_all_its_rows(
    head: Row, row: Row, work: ViewWork
) -> None:
    going = display("page_2", x="d")

    assert said_by(facts(view_of(row, going, head=head))) == [
        (work, f"{head['Machine name']} page_1 page_2")
    ]


def test_a_view_that_is_its_own_display_says_its_story_once() -> None:
    assert said_by(facts(view_of(head=view()))) == [(ViewWork.ADDED, "boats")]
