"""What the template writer says about rows made for it."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jira_pipeline.domain.tickets import TicketProse
from jira_pipeline.stages.entity_grouping.grouping import group_entities
from jira_pipeline.writers.analysis import BULLETS_MAX
from jira_pipeline_tests.long_form import examples
from jira_pipeline_tests.stages.made_specifications import Row, bundle, field, specification_of
from jira_pipeline_tests.writers.rubric import items_of, plain
from jira_pipeline_tests.writers.sites import ticket_of, tickets_of

PAGE = "Page (Content type)"
HOSTILE = "<script>alert('x')</script> & <b>bold</b> `tick`"


def written(title: str, **sheets: list[Row]) -> TicketProse:
    """Write the ticket of this title."""
    specification = specification_of(**sheets)
    return ticket_of(specification, group_entities(specification).groups, title)


def fragments_of(prose: TicketProse) -> str:
    """All parts one after the other."""
    parts = prose.parts
    return parts.user_story + parts.analysis + parts.questions + parts.verification


def page(cells: Row | None = None, *, fields: list[Row] | None = None) -> TicketProse:
    """Write the ticket of one content type."""
    return written(
        "Configure content type: Page",
        bundles=[bundle("Page", "page") | (cells or {})],
        fields=fields or [field(PAGE, "field_a")],
    )


def view(*displays: Row, cells: Row | None = None) -> TicketProse:
    """Write the ticket of one view."""
    head = {"View name": "News", "Machine name": "newest", "X": "a", "Base table": "Content"}
    rows = [
        {"View": "News", "X": "a", "Machine name": f"d_{n}"} | d for n, d in enumerate(displays)
    ]
    return written(
        "Configure view: News",
        views=[head | (cells or {})],
        displays=rows,
        bundles=[bundle("Job", "job")],
        roles=[{"Name": "Desk", "Machine name": "desk", "X": "x"}],
    )


def test_a_view_with_access_of_its_own_is_for_nobody_else() -> None:
    block = {"Title": "Rota", "Display plugin": "Block", "Machine name": "block_rota"}

    closed = view(block | {"Access": "key of the depot"})
    of_role = view(block | {"Access": "signed in, role Desk"})

    assert "As a user with permission" in plain(closed.parts.user_story)
    assert "“Rota”" in plain(closed.parts.user_story)
    assert "As a user with the role Desk" in plain(of_role.parts.user_story)
    assert "As a visitor" in plain(view(block | {"Access": "all"}).parts.user_story)


def test_a_view_whose_own_row_says_what_it_shows_is_its_one_display() -> None:
    own = {"Displays": "Page, block", "Path": "/quays", "Sort": "nearest first"}
    prose = view(cells=own)

    checks = items_of(prose.parts.verification)
    assert "“News” at /quays" in plain(prose.parts.user_story)
    assert "/quays opens “News”; displays: “Page, block”; sorted by “nearest first”" in checks
    assert not any("no rows" in question.question for question in prose.questions)


def test_cells_come_out_as_a_reader_sees_them_and_never_as_markup() -> None:
    row = field(PAGE, "field_a") | {
        "Field label": HOSTILE,
        "Settings/notes": f"Only {HOSTILE} allowed. TBD {HOSTILE}",
        "Help text": HOSTILE,
    }

    prose = page({"Description": HOSTILE, "Settings/notes": HOSTILE}, fields=[row])

    fragments = fragments_of(prose)
    assert "<script" not in fragments
    assert "<b>" not in fragments
    assert "&lt;b&gt;" not in prose.parts.user_story + prose.parts.analysis
    assert "alert('x') &amp; bold" in prose.parts.user_story
    assert "TBD alert('x')" in prose.parts.questions


@pytest.mark.parametrize(
    "description",
    [
        "Migrated from the old site",
        "WARNING: ask the press office first!",
        "Represents a place in the hierarchy",
        "Please talk to the web team before using this page type",
        "a page; with <em>markup</em>",
        "Used for landing pages. Second sentence.",
    ],
)
def test_a_description_is_quoted_after_the_story_and_never_spliced_into_it(
    description: str,
) -> None:
    """A quarter of the spliced stories of five unseen specifications were broken English."""
    prose = page({"Description": description})

    story, _, quotation = plain(prose.parts.user_story).partition(" Description: ")
    assert story == "As an editor, I want to create and maintain Page content."
    assert quotation.startswith("“")
    assert "<em>" not in quotation


def test_a_long_description_is_quoted_by_whole_sentences() -> None:
    first, second = " ".join(["one"] * 80) + ".", " ".join(["Two"] * 80) + "."

    prose = page({"Description": f"{first} {second}"})

    assert plain(prose.parts.user_story).endswith(f"“{first} …” (the rest in the table).")


def test_who_refers_to_a_bundle_is_the_benefit_of_its_story() -> None:
    prose = written(
        "Configure media type: Icon",
        bundles=[bundle("Icon", "icon", "Media type"), bundle("Step", "step", "Paragraph type")],
        fields=[
            field("Icon (Media type)", "field_file"),
            field("Step (Paragraph type)", "field_icon", ref="Icon (Media type)"),
        ],
    )

    assert plain(prose.parts.user_story) == (
        "As an editor, I want to create and maintain Icon media, so that I can reuse it in Step."
    )


@pytest.mark.parametrize(
    ("name", "type_", "things"),
    [
        ("Alert Paragraph", "Paragraph type", "Alert Paragraph items"),
        ("Alert", "Paragraph type", "Alert paragraphs"),
        ("Page Content", "Content type", "Page Content items"),
        ("Housing: Account", "Content type", "Housing: Account content"),
    ],
)
def test_a_noun_is_not_repeated(name: str, type_: str, things: str) -> None:
    prose = written(
        f"Configure {type_.casefold()}: {name}",
        bundles=[bundle(name, "a", type_)],
        fields=[field(f"{name} ({type_})", "field_a")],
    )

    assert f"to create and maintain {things}." in plain(prose.parts.user_story)


def test_the_roles_a_note_names_with_only_have_the_story() -> None:
    prose = written(
        "Configure content type: Page",
        bundles=[bundle("Page", "page") | {"Settings/notes": "Only press officers can add these."}],
        fields=[field(PAGE, "field_a")],
        roles=[{"Name": "Press officer", "Machine name": "press", "X": "x"}],
    )

    assert plain(prose.parts.user_story).startswith("As a user with the role Press officer, I want")


@pytest.mark.parametrize(
    ("displays", "story"),
    [
        pytest.param(
            [{"Title": "All", "Display plugin": "Page", "Notes": "Path /news. Newest first."}],
            "As a visitor, I want the view “News” at /news.",
            id="page",
        ),
        pytest.param(
            [
                {"Title": "Master", "Display plugin": "Master"},
                {"Title": "Latest", "Display plugin": "Block", "Notes": "Three items."},
            ],
            "As a visitor, I want the view “News” in the block “Latest”.",
            id="block beside the shared display",
        ),
        pytest.param(
            [{"Title": "Default", "Display plugin": "Default"}],
            "As a visitor, I want the view “News”.",
            id="shared display alone",
        ),
        pytest.param(
            [{"Title": "Page", "Display plugin": "Page"}],
            "As a user with permission, I want the view “News”.",
            id="a page without a path may be for anybody",
        ),
        pytest.param(
            [
                {"Title": "Late", "Display plugin": "Page", "Notes": "Path: admin/late."}
                | {"Access": "Role: Desk"},
                {"Title": "Block", "Display plugin": "Block"},
            ],
            "As a user with the role Desk, I want the view “News” at /admin/late and in a block.",
            id="the role that its access names",
        ),
        pytest.param(
            [
                {"Title": "Late", "Display plugin": "Page"}
                | {"Notes": "Path: admin/late. Access: role Desk."},
                {"Title": "All", "Display plugin": "Page", "Notes": "Path: /news."},
            ],
            "As a visitor, I want the view “News” at /news.",
            id="a role beside a page for everybody",
        ),
        pytest.param(
            [
                {"Title": "First", "Display plugin": "Block"},
                {"Title": "Second", "Display plugin": "Block"},
                {"Title": "For fields", "Display plugin": "Entity Reference"},
            ],
            "As a visitor, I want the view “News” in the blocks “First” and “Second”.",
            id="what only fields use is no place",
        ),
        pytest.param(
            [
                {"Title": "Page", "Display plugin": "Page", "Notes": "Path /j. Ten items."},
                {"Title": "Master", "Display plugin": "Master", "Filters": "Content type (= Job)"},
            ],
            "As a visitor, I want the view “News” at /j, so that I can find Job content there.",
            id="the bundle it filters by",
        ),
        pytest.param(
            [{"Title": "Stale", "Display plugin": "Page", "Notes": "Path /admin/content/stale"}],
            "As an administrator, I want the view “News” at /admin/content/stale.",
            id="administrative path",
        ),
        pytest.param(
            [
                {"Title": "Reports", "Display plugin": "Page", "Notes": "Admin reporting page"},
                {"Title": "Latest", "Display plugin": "Block", "Notes": "Three items."},
            ],
            "As a visitor, I want the view “News” in the block “Latest”.",
            id="administrative page beside a block",
        ),
    ],
)
def test_the_story_of_a_view_is_of_those_who_meet_it_where_they_meet_it(
    displays: list[Row], story: str
) -> None:
    assert plain(view(*displays).parts.user_story) == story


@pytest.mark.parametrize("machine_name", ["files", "watchdog", "redirect", "user_admin_people"])
def test_the_administrative_views_of_drupal_are_for_administrators(machine_name: str) -> None:
    prose = view({"Display plugin": "Page", "Title": "Page"}, cells={"Machine name": machine_name})

    assert plain(prose.parts.user_story).startswith("As an administrator, ")


def test_a_display_states_its_place_and_what_its_note_says() -> None:
    prose = view(
        {"Title": "All", "Display plugin": "Page", "Notes": "Path /news. Newest first."},
        {"Title": "Default", "Display plugin": "Default"},
    )

    statements = items_of(prose.parts.verification)
    assert "/news opens d_0 “All”. Note: “Path /news. Newest first”" in statements
    assert not any("d_1" in statement for statement in statements)


def test_what_displays_show_is_asked_once_for_all_views() -> None:
    names = ("News", "Events", "Jobs")
    sheets = {
        "views": [
            {"View name": n, "Machine name": n.casefold(), "X": "a", "Base table": "Content"}
            for n in names
        ],
        "displays": [
            {"View": n, "Title": "List", "Machine name": f"list_{n.casefold()}", "X": "a"}
            | {"Display plugin": "Block"}
            for n in names
        ],
    }

    tickets = {n: written(f"Configure view: {n}", **sheets) for n in names}

    assert [len(prose.questions) for prose in tickets.values()] == [1, 0, 0]
    assert (
        "Events: “List” (`list_events`); Jobs: “List” (`list_jobs`)"
        in tickets["News"].questions[0].question
    )
    assert any(
        item.startswith("Decide first: What list_jobs shows is asked for all views in ticket")
        for item in items_of(tickets["Jobs"].parts.analysis)
    )


def test_a_plain_ticket_says_what_it_waits_for() -> None:
    rows = [field(PAGE, f"field_{n}", req="y" if n else "n") for n in range(3)]

    assert items_of(page(fields=rows).parts.analysis) == [
        "Extent: Three fields, which no other ticket waits for."
    ]


def test_what_has_the_name_of_the_ticket_is_named_with_its_kind() -> None:
    both = written(
        "Configure paragraph type: Image",
        bundles=[bundle("Image", "image", "Paragraph type"), bundle("Image", "pic", "Media type")],
        fields=[
            field("Image (Paragraph type)", "field_image", ref="Image (Media type)"),
            field("Image (Media type)", "field_file"),
        ],
    )
    assert items_of(both.parts.analysis) == ["Order: After the media type Image (ticket 1)."]


def test_what_is_asked_is_not_stated_as_a_fact() -> None:
    rows = [field(PAGE, "field_a") | {"Settings/notes": "Only for staff?"}]

    prose = page(fields=rows)

    assert len(prose.questions) == 1
    assert "staff" not in prose.parts.analysis + prose.parts.verification
    assert items_of(prose.parts.analysis) == ["Decide first: One question below, on field_a."]


def test_who_does_not_reuse_a_field_creates_it_whatever_its_number_of_values() -> None:
    """A question on its number of values handed the storage to the next ticket."""
    names = ("First", "Second", "Third")
    values = ("1", "*", "*")
    fields = [
        field(f"{name} (Content type)", "field_a")
        | {"Vals.": v, "Reused Field": "n" if not i else "y"}
        for i, (name, v) in enumerate(zip(names, values, strict=True))
    ]

    third = written(
        "Configure content type: Third",
        bundles=[bundle(name, name.casefold()) for name in names],
        fields=fields,
    )

    assert items_of(third.parts.analysis) == [
        "Shared storage: field_a comes with ticket 1; reuse it."
    ]


def test_the_ticket_that_creates_a_shared_field_is_named() -> None:
    names = ("First", "Second")
    sheets = {
        "bundles": [bundle(name, name.casefold()) for name in names],
        "fields": [field(f"{name} (Content type)", "field_a") for name in names],
    }

    first, second = (written(f"Configure content type: {name}", **sheets) for name in names)

    assert items_of(first.parts.analysis) == [
        "Shared storage: field_a is created here and reused on Second."
    ]
    assert items_of(second.parts.analysis) == [
        "Shared storage: field_a comes with ticket 1; reuse it."
    ]


def test_small_forms_are_verified_field_by_field() -> None:
    prose = written(
        "Configure content type: Page",
        bundles=[bundle("Page", "page"), bundle("Tag", "tag", "Vocabulary")],
        fields=[
            field(PAGE, "field_a", req="y"),
            field(PAGE, "field_b", ref="Tag (Vocabulary)") | {"Vals.": "*"},
            field(PAGE, "field_c") | {"Vals.": "3", "Settings/notes": "External only, no text"},
            field(PAGE, "field_d", "d"),
        ],
    )

    assert items_of(prose.parts.verification) == [
        "Structure \u203a Content types \u203a Page exists with the machine name page",
        "A field_a must hold one line of plain text",
        "B field_b takes any number of references to Tag (Vocabulary)",
        "C field_c takes up to 3 lines of plain text. Note: “External only, no text”",
        "field_d is gone from Page",
    ]


def test_large_forms_are_verified_by_what_fields_have_in_common() -> None:
    rows = [field(PAGE, f"field_{n}", req="y" if n < 2 else "n") for n in range(9)]

    statements = items_of(page(fields=rows).parts.verification)

    assert (
        "Manage fields of Page lists exactly the fields tabled, with their types, widgets "
        "and numbers of values"
    ) in statements
    assert "The form cannot be saved without field_0 and field_1" in statements


def test_the_note_of_the_only_role_is_in_the_analysis_a_count_is_no_note() -> None:
    role = {"Name": "Somebody", "Machine name": "editor", "X": "a"}

    prose = written(
        "Configure user roles", roles=[role | {"Notes": "May read published pages only"}]
    )
    counted = written("Configure user roles", roles=[role | {"Notes": "11 permissions"}])

    assert "Note: “May read published pages only”." in items_of(prose.parts.analysis)
    assert "11 permissions" not in counted.parts.analysis + counted.parts.verification


@pytest.mark.parametrize(("count", "hours"), [(5, "1-3"), (6, "2-6"), (15, "2-6"), (16, "4-12")])
def test_hours_follow_the_number_of_rows(count: int, hours: str) -> None:
    rows = [field(PAGE, f"field_{n}") for n in range(count)]

    prose = written("Configure content type: Page", bundles=[bundle("Page", "page")], fields=rows)

    assert prose.estimated_hours == hours


def test_rows_to_remove_cost_nothing_in_the_estimate() -> None:
    rows = [field(PAGE, "field_a")] + [field(PAGE, f"field_{n}", "d") for n in range(9)]

    prose = written("Configure content type: Page", bundles=[bundle("Page", "page")], fields=rows)

    assert prose.estimated_hours == "1-3"


@pytest.mark.parametrize(
    ("title", "head", "member", "hours", "question"),
    [
        pytest.param(
            "Configure content type: Page",
            "a",
            "w",
            "",
            "“Page” is approved but none of its rows is (1 on hold): should it be built, wait, or "
            "be left out?",
            id="hollow",
        ),
        pytest.param(
            "Update content type: Page",
            "c",
            "x",
            "",
            "“Page” is marked as changed, and no row says what: what changes?",
            id="changed without a row",
        ),
        pytest.param(
            "Update content type: Page",
            "x",
            "d",
            "1-3",
            "If “A” (`field_a`) is on the site: may its content be deleted, or where does it go?",
            id="one row to remove",
        ),
    ],
)
def test_there_is_no_estimate_until_something_is_known_to_be_done(
    title: str, head: str, member: str, hours: str, question: str | None
) -> None:
    prose = written(
        title, bundles=[bundle("Page", "page", x=head)], fields=[field(PAGE, "field_a", member)]
    )

    assert prose.estimated_hours == hours
    assert [q.question for q in prose.questions] == ([question] if question else [])


@pytest.mark.parametrize("name", ["", "-"])
def test_a_missing_machine_name_is_settled_and_never_quoted(name: str) -> None:
    specification = specification_of(
        bundles=[bundle("Page", name) | {"Description": "Add pages."}],
        fields=[field(PAGE, "field_a")],
        roles=[{"Name": "Editor", "Machine name": name, "X": "a", "Notes": "Edits pages"}],
        views=[{"View name": "News", "Machine name": name, "X": "a", "Base table": "Content"}],
        workflows=[{"Label": "Simple", "Machine name": name, "X": "a"}],
        states=[{"Workflow": "Simple", "Label": "Draft", "Machine name": name, "X": "a"}],
        transitions=[
            {"Workflow": "Simple", "Label": "Save", "Machine name": name, "X": "a"}
            | {"From state": "Draft", "To state": "Draft", "Notes": "Editor can use"}
        ],
    )
    groups = group_entities(specification).groups

    written_groups = [ticket_of(specification, groups, group.title) for group in groups]

    fragments = "".join(fragments_of(prose) for prose in written_groups)
    asked = {q.question for prose in written_groups for q in prose.questions}
    assert "<code></code>" not in fragments
    assert "<code>-</code>" not in fragments
    assert "machine name  " not in plain(fragments)
    assert [q for q in asked if "machine name" in q] == []
    assert "The sheet gives none; use <code>page</code> for “Page”" in fragments
    assert "exists with the machine name <code>page</code>" in fragments


def test_nothing_is_stated_of_storage_where_the_entity_type_is_unknown() -> None:
    """Drupal shares storage within one entity type; nobody knows that of two unknown ones."""
    rows = [field("A (Thing)", "field_a"), field("B (Thing)", "field_a") | {"Vals.": "2"}]

    specification = specification_of(
        bundles=[bundle("A", "a", "Thing"), bundle("B", "b", "Thing")],
        fields=rows,
    )
    groups = group_entities(specification).groups
    fragments = "".join(fragments_of(ticket_of(specification, groups, g.title)) for g in groups)

    assert len(groups) == 2
    assert "storage" not in fragments


def test_uwec_marketing_is_four_transitions_with_a_negative_test() -> None:
    prose = next(p for b, p in tickets_of("uwec") if b.group.title.endswith("workflow: Marketing"))

    statements = items_of(prose.parts.verification)
    assert sum(" leads from " in statement for statement in statements) == 4
    assert any("Publish and Archive are not offered" in statement for statement in statements)


@pytest.mark.parametrize("name", ["uwec", "uhrenmuseum"])
def test_no_ticket_has_more_bullets_than_people_read(name: str) -> None:
    counts = [len(items_of(prose.parts.analysis)) for _, prose in tickets_of(name)]

    assert min(counts) >= 1
    assert max(counts) <= BULLETS_MAX


CELL = st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=60)


ODD_ROW = st.fixed_dictionaries(
    {
        "Field label": CELL.map("A{}".format),
        "Machine name": CELL.map(lambda name: name or "field_a"),
    }
    | dict.fromkeys(("Settings/notes", "Field type", "Help text", "Vals.", "Req'd"), CELL)
)


@settings(max_examples=examples(120), suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(description=CELL, note=CELL, odd_row=ODD_ROW)
def test_any_cells_give_whole_sentences_and_whole_markup(
    description: str, note: str, odd_row: Row
) -> None:
    """Odd cells may read oddly, but never break the fragment or vanish into an empty item."""
    specification = specification_of(
        bundles=[bundle("Page", "page") | {"Description": description, "Settings/notes": note}],
        fields=[field(PAGE, "field_a") | odd_row],
    )
    groups = group_entities(specification).groups

    prose = ticket_of(specification, groups, "Configure content type: Page")

    fragments = fragments_of(prose)
    assert fragments.count("<li>") == fragments.count("</li>")
    assert "<li></li>" not in fragments
    assert set(_tags_in(fragments)) <= {"p", "ul", "ol", "li", "strong", "code"}
    assert len(plain(prose.parts.user_story).partition(" Description: ")[0].split()) <= 60


def _tags_in(fragments: str) -> list[str]:
    return [piece.split(">")[0].split()[0].strip("/") for piece in fragments.split("<")[1:]]
