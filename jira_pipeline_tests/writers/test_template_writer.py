"""What the template writer says about rows made for it."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jira_pipeline.domain.tickets import TicketProse
from jira_pipeline.stages.entity_grouping.grouping import group_entities
from jira_pipeline.writers.wording.note_themes import DISPLAY_CUES, DisplayTheme, Theme, theme_of
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


def test_cells_come_out_literally_and_never_as_markup() -> None:
    row = field(PAGE, "field_a") | {
        "Field label": HOSTILE,
        "Settings/notes": f"Only {HOSTILE} allowed. TBD {HOSTILE}",
        "Help text": HOSTILE,
    }

    prose = written(
        "Configure content type: Page",
        bundles=[bundle("Page", "page") | {"Description": HOSTILE, "Settings/notes": HOSTILE}],
        fields=[row],
    )

    fragments = fragments_of(prose)
    assert "<script" not in fragments
    assert "<b>" not in fragments
    assert "&lt;script&gt;alert('x')&lt;/script&gt;" in prose.parts.analysis
    assert "&lt;script&gt;" in prose.parts.questions


def test_a_sentence_that_rows_share_is_told_once() -> None:
    rows = [
        field(PAGE, name) | {"Settings/notes": note}
        for name, note in [
            ("field_a", "Hidden on form display (after sync)"),
            ("field_b", "Hidden on form display (after sync), used in URL slug."),
            ("field_c", "Hidden on form display (after sync). Pulled from HR"),
        ]
    ]

    prose = written("Configure content type: Page", bundles=[bundle("Page", "page")], fields=rows)

    said = plain(prose.parts.analysis)
    assert said.count("Hidden on form display (after sync)") == 1
    assert "field_a, field_b and field_c “Hidden on form display (after sync)”" in said
    assert "field_c “Pulled from HR”" in said


def test_who_refers_to_a_bundle_is_the_benefit_of_its_story() -> None:
    prose = written(
        "Configure media type: Icon",
        bundles=[
            bundle("Icon", "icon", "Media type") | {"Description": "Add icons"},
            bundle("Step", "step", "Paragraph type"),
        ],
        fields=[
            field("Icon (Media type)", "field_file"),
            field("Step (Paragraph type)", "field_icon", ref="Icon (Media type)"),
        ],
    )

    assert prose.parts.user_story == (
        "<p>As an editor, I want to add icons, so that I can reuse them in Step.</p>"
    )


def test_a_bundle_nobody_refers_to_still_has_a_benefit() -> None:
    alias = {"URL alias pattern": "jobs/[node:title]", "Description": "Add jobs."}

    prose = written(
        "Configure content type: Page",
        bundles=[bundle("Page", "page") | alias],
        fields=[field(PAGE, "field_a")],
    )

    assert prose.parts.user_story == (
        "<p>As an editor, I want to add jobs, so that visitors find them at addresses under "
        "jobs/.</p>"
    )


@pytest.mark.parametrize(
    ("cells", "benefit"),
    [
        pytest.param(
            {"Settings/notes": "Node not shown to anonymous users", "Mod.": "y"},
            ", so that each Page holds A",
            id="not shown",
        ),
        pytest.param(
            {"Settings/notes": "Set noindex, nofollow"},
            ", so that each Page holds A",
            id="not indexed",
        ),
        pytest.param(
            {"Settings/notes": "For logged in users only"},
            ", so that each Page holds A",
            id="logged in",
        ),
        pytest.param({"URL alias pattern": ""}, ", so that each Page holds A", id="no alias"),
        pytest.param(
            {"URL alias pattern": "-"}, ", so that each Page holds A", id="alias not applicable"
        ),
        pytest.param(
            {"URL alias pattern": "[node:title]"},
            ", so that visitors find each at an address of its own",
            id="alias without prefix",
        ),
    ],
)
def test_visitors_find_only_what_has_an_address_and_no_restriction(
    cells: Row, benefit: str
) -> None:
    page = bundle("Page", "page") | {
        "URL alias pattern": "jobs/[node:title]",
        "Description": "Add jobs.",
    }

    prose = written(
        "Configure content type: Page", bundles=[page | cells], fields=[field(PAGE, "field_a")]
    )

    assert plain(prose.parts.user_story) == f"As an editor, I want to add jobs{benefit}."


def story_of_clocks(*displays: tuple[str, str]) -> str:
    """The story of a view with displays of these titles and plugins."""
    prose = written(
        "Configure view: Clocks",
        views=[{"View name": "Clocks", "Machine name": "clocks", "X": "a"}],
        displays=[
            {"View": "Clocks", "Title": title, "Machine name": f"d{n}", "X": "a"}
            | {"Display plugin": plugin, "Notes": "Cards"}
            for n, (title, plugin) in enumerate(displays)
        ],
    )
    return plain(prose.parts.user_story)


def test_a_view_with_one_display_for_visitors_is_told_by_a_visitor() -> None:
    story = story_of_clocks(("All clocks", "Page"), ("Clocks to review", "Page"))

    assert story == (
        "As a visitor, I want the Clocks view, so that I can go to the page “All clocks”."
    )


def test_a_view_of_administrative_pages_alone_is_told_by_an_administrator() -> None:
    story = story_of_clocks(("Clocks to review", "Page"), ("Striking", "Attachment"))

    assert story == (
        "As an administrator, I want the Clocks view, so that I can work with “Clocks to review”."
    )


@pytest.mark.parametrize(
    ("listing", "benefit"),
    [
        (
            [{"View name": "Events", "Machine name": "events", "X": "a", "Base table": "Content"}],
            "the Events view can show it",
        ),
        ([], "each Event can refer to Room"),
    ],
    ids=["listed by a view", "listed nowhere"],
)
def test_new_fields_of_a_type_are_for_those_who_show_it(listing: list[Row], benefit: str) -> None:
    prose = written(
        "Update content type: Event",
        bundles=[bundle("Event", "event", x="x"), bundle("Room", "room")],
        fields=[field("Event (Content type)", "field_room", ref="Room (Content type)")],
        views=listing,
        displays=[
            {"View": "Events", "Title": "Next", "Machine name": "next", "X": "a"}
            | {"Display plugin": "Block", "Notes": "Three events"}
            for _ in listing
        ],
    )

    assert plain(prose.parts.user_story) == (
        f"As an editor, I want Event to offer Room, so that {benefit}."
    )


FILLERS = [field(PAGE, f"field_filler_{n}", req="-") for n in range(6)]
"""More fields than are told one by one."""


def test_verification_names_what_is_required_limited_and_gone() -> None:
    prose = written(
        "Configure content type: Page",
        bundles=[bundle("Page", "page"), bundle("Tag", "tag", "Vocabulary")],
        fields=[
            field(PAGE, "field_a", req="y"),
            field(PAGE, "field_b", ref="Tag (Vocabulary)") | {"Vals.": "*"},
            field(PAGE, "field_c") | {"Vals.": "3", "Settings/notes": "External only, no text"},
            field(PAGE, "field_d", "d"),
            *FILLERS,
        ],
    )

    statements = items_of(prose.parts.verification)
    assert any(s.startswith("Required: field_a; the form can be saved without") for s in statements)
    assert "Of vocabularies, field_b offers only Tag" in statements
    assert "field_b takes any number of values; field_c takes 3 values and no more" in statements
    assert "Tried on the form: field_c refuses internal paths and has no link text" in statements
    assert "field_d is not on Page" in statements


TITLE = field(PAGE, "-") | {"Field label": "Title", "Field type": "Entity label", "Req'd": "-"}


@pytest.mark.parametrize(
    ("required", "statement"),
    [
        (["y", "n"], "Required: field_0; the form can be saved without field_1"),
        (["y", "", "-"], "Required: field_0"),
        (["n"], "The form can be saved without field_0"),
        (
            ["y", *"nnnnnn"],
            "Required: field_0; fields with Req'd n may stay empty, for example field_1 and field_6",
        ),
    ],
)
def test_only_what_is_said_to_be_optional_may_stay_empty(
    required: list[str], statement: str
) -> None:
    """Drupal requires the title of an item whatever `-` in its row means."""
    rows = [field(PAGE, f"field_{n}", req=cell) for n, cell in enumerate(required)]

    prose = written(
        "Configure content type: Page",
        bundles=[bundle("Page", "page")],
        fields=[TITLE, *rows, *FILLERS],
    )

    statements = items_of(prose.parts.verification)
    assert statement in statements
    assert not any("Title" in s and "saved" in s for s in statements)


def test_what_is_hidden_on_the_form_is_not_tried_there() -> None:
    rows = [
        field(PAGE, "field_list", req="y")
        | {"Settings/notes": "News term selected by default. Field hidden from node form."},
        field(PAGE, "field_a") | {"Settings/notes": "Limited HTML allowed"},
    ]

    prose = written(
        "Configure content type: Page", bundles=[bundle("Page", "page")], fields=[*rows, *FILLERS]
    )

    statements = items_of(prose.parts.verification)
    assert "Tried on the form: field_a allows Limited HTML" in statements
    assert (
        "Seen on the form and on a saved item: field_list is not on the form and starts with the "
        "term News"
    ) in statements


@pytest.mark.parametrize(
    ("note", "theme"),
    [
        ("Link text visually hidden for screen reader context", DisplayTheme.SHOWN),
        ("Image not shown on mobile", DisplayTheme.SHOWN),
        ("Exposed filter for the year", DisplayTheme.EXPOSED),
    ],
)
def test_notes_on_displays_stand_under_the_heading_that_fits(
    note: str, theme: DisplayTheme
) -> None:
    assert theme_of(note, DISPLAY_CUES) is theme


@pytest.mark.parametrize(
    ("note", "theme"),
    [
        ("Allow in main menu", None),
        ("Shown on the map only", Theme.RENDERING),
        ("Only images allowed", Theme.RESTRICTION),
        ("Only shown if the box is ticked", Theme.CONDITION),
    ],
)
def test_notes_on_fields_stand_under_the_heading_that_fits(note: str, theme: Theme | None) -> None:
    assert theme_of(note) is theme


@pytest.mark.parametrize(
    ("count", "hours"),
    [(1, "1-3"), (5, "1-3"), (6, "2-6"), (15, "2-6"), (16, "4-12")],
)
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
            "`page` is approved but none of its rows is (1 on hold): should it be built, wait, or "
            "be left out?",
            id="hollow",
        ),
        pytest.param(
            "Update content type: Page",
            "c",
            "x",
            "",
            "`page` is marked as changed, but none of its rows is to be built or removed: what "
            "changes?",
            id="changed without a row",
        ),
        pytest.param("Update content type: Page", "x", "d", "1-3", None, id="one row to remove"),
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


def test_an_entity_is_quoted_with_its_semicolon() -> None:
    """A note ending in an entity lost the semicolon, and its letters were shown as they are."""
    rows = [
        field(PAGE, "field_a") | {"Settings/notes": "Never print the signs &amp; &lt;"},
        field(PAGE, "field_b") | {"Settings/notes": "Never print the signs &amp"},
    ]

    prose = written("Configure content type: Page", bundles=[bundle("Page", "page")], fields=rows)

    said = plain(prose.parts.analysis)
    assert "field_a “Never print the signs &amp; &lt;”" in said


def test_transitions_that_differ_in_their_from_state_are_one() -> None:
    specification = specification_of(
        roles=[{"Name": "Editor", "Machine name": "editor", "X": "x"}],
        workflows=[{"Label": "Simple", "Machine name": "simple", "X": "a"}],
        states=[
            {"Workflow": "Simple", "Label": label, "Machine name": label.casefold(), "X": "a"}
            for label in ("Draft", "Published")
        ],
        transitions=[
            {
                "Workflow": "Simple",
                "Label": "Publish",
                "Machine name": "publish",
                "X": "a",
                "From state": state,
                "To state": "Published",
                "Notes": "Editor can use",
            }
            for state in ("Draft", "Published")
        ],
    )

    prose = ticket_of(
        specification, group_entities(specification).groups, "Configure workflow: Simple"
    )

    statements = items_of(prose.parts.verification)
    assert "Publish publish leads from Draft and Published to Published" in statements
    assert "As editor: Publish can be used, from every state tabled" in statements


def test_a_bundle_much_like_another_says_what_only_it_has() -> None:
    rows = [field(f"{name} (Content type)", f"field_{n}") for name in ("A", "B") for n in range(8)]

    prose = written(
        "Configure content type: B",
        bundles=[bundle("A", "a"), bundle("B", "b")],
        fields=[*rows, field("B (Content type)", "field_own")],
    )

    assert "Much like A, which has eight of these nine fields; only here is field_own." in items_of(
        prose.parts.analysis
    )


BUNDLES_ALONE = [
    bundle("Tag", "tag", "Vocabulary") | {"Settings/notes": "Flat list"},
    bundle("Maker", "maker", "Vocabulary"),
]


def test_without_a_fields_sheet_nothing_is_claimed_about_fields() -> None:
    prose = written("Create 2 vocabularies", bundles=BUNDLES_ALONE)

    fragments = plain(fragments_of(prose))
    assert [q.question for q in prose.questions] == [
        "No fields sheet was uploaded: do `tag` and `maker` have fields?"
    ]
    assert "custom field" not in fragments
    assert "all there is to configure" not in fragments
    assert "access" not in fragments


@pytest.mark.parametrize(
    ("note", "extent"),
    [
        ("Flat list", "label, machine name and what the notes say"),
        ("Editors only", "label, machine name and access"),
    ],
)
def test_access_is_spoken_of_only_where_a_note_does(note: str, extent: str) -> None:
    tag = bundle("Tag", "tag", "Vocabulary") | {"Settings/notes": note}

    prose = written(
        "Create 1 vocabulary without custom fields",
        bundles=[tag, bundle("Page", "page")],
        fields=[field(PAGE, "field_a")],
    )

    assert (
        f"The sheets give this vocabulary no field: {extent} are all there is to configure."
    ) in items_of(prose.parts.analysis)
    assert prose.questions == ()


def test_uwec_profile_says_what_the_model_ticket_says() -> None:
    prose = next(
        p for b, p in tickets_of("uwec") if b.group.title == "Configure content type: Profile"
    )

    story, analysis = plain(prose.parts.user_story), plain(prose.parts.analysis)
    verification = plain(prose.parts.verification)
    lines = {question.line for question in prose.questions}
    assert "so that Profiles List and the Profiles view can show it" in story
    assert "The alias profiles/[node:title] is made from that title" in analysis
    assert "field_email and field_phone (from Contact Library)" in analysis
    assert "field_cv refuses anything but pdf" in verification
    assert (
        "Manage fields lists the 40 fields of the table besides “Title” and no others"
        in verification
    )
    assert {219, 223, 224, 230, 255} <= lines


def test_where_a_view_mode_goes_is_not_to_verify_while_it_is_asked() -> None:
    prose = written(
        "Configure view modes: Media type",
        bundles=[bundle("Image", "image", "Media type"), bundle("Icon", "icon", "Media type")],
        fields=[field(f"{name} (Media type)", "field_a") for name in ("Image", "Icon")],
        view_modes=[
            {"View Modes": "Small", "Entity Type": "Media type", "X": "a"}
            | {"Entities Used On": "Icon", "Notes": "Add to image media type manage display"}
        ],
    )

    verification = plain(prose.parts.verification)
    assert len(prose.questions) == 1
    assert "Manage display" not in verification
    assert "manage display" not in verification


@pytest.mark.parametrize("name", ["", "-"])
def test_a_missing_machine_name_is_asked_for_and_never_quoted(name: str) -> None:
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
    assert {
        "Which machine name should the bundle “Page” get?",
        "Which machine name should the role “Editor” get?",
        "Which machine name should the view “News” get?",
        "Which machine name should the workflow “Simple” get?",
    } <= asked


def test_nothing_is_said_of_storage_where_the_entity_type_is_unknown() -> None:
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
    prose = next(
        p for b, p in tickets_of("uwec") if b.group.title == "Configure workflow: Marketing"
    )

    analysis, verification = plain(prose.parts.analysis), items_of(prose.parts.verification)
    assert "Four states, four transitions; every transition starts from all four" in analysis
    assert (
        "As marketing_editor: Create New Draft and Send to review can be used; Publish and "
        "Archive are not offered"
    ) in verification
    assert (
        "By their labels these are Fact Library, Snapshot Library, Story Library, Testimonial "
        "Library and Video Card Library; of those with Mod. = y not Academic Program"
    ) in analysis
    assert prose.estimated_hours == "2-6"


@pytest.mark.parametrize(
    ("note", "told"),
    [
        (
            "Used on types with 'Library' in the title (except contact and hours).",
            "By their labels these are News and Tips Library; of those with Mod. = y not Contact",
        ),
        ("For types with Library in their name.", "these are Contact Library and News and Tips"),
        ("Used on all types.", "Three content types have Mod. = y: Contact Library, News and"),
        ("Used on types with 'Form' in the title.", "Three content types have Mod. = y"),
    ],
)
def test_a_workflow_for_types_by_their_labels_names_them(note: str, told: str) -> None:
    names = ("Contact Library", "News and Tips Library", "Page")
    prose = written(
        "Configure workflow: Editing",
        bundles=[bundle(n, f"type_{i}") | {"Mod.": "y"} for i, n in enumerate(names)],
        fields=[field(f"{n} (Content type)", "field_a") for n in names],
        workflows=[
            {"Label": "Editing", "Machine name": "editing", "X": "a", "Notes": note},
        ],
        states=[{"Workflow": "Editing", "Label": "Draft", "Machine name": "draft", "X": "a"}],
    )

    assert told in plain(prose.parts.analysis)


@pytest.mark.parametrize(
    ("note", "statement"),
    [
        ("Used on Page (Content type).", "Page uses Editing and no other workflow"),
        ("With 'News' in the title.", "News uses Editing and no other workflow"),
        ("Used where it fits.", "The content types agreed on use Editing and no other workflow"),
    ],
)
def test_it_is_verified_which_content_types_use_a_workflow(note: str, statement: str) -> None:
    prose = written(
        "Configure workflow: Editing",
        bundles=[bundle(n, n.casefold()) | {"Mod.": "y"} for n in ("News", "Page")],
        fields=[field(f"{n} (Content type)", "field_a") for n in ("News", "Page")],
        workflows=[
            {"Label": "Editing", "X": "a", "Notes": note},
            {"Label": "Plain", "X": "a"},
        ],
        states=[{"Workflow": "Editing", "Label": "Draft", "Machine name": "draft", "X": "a"}],
    )

    assert statement in items_of(prose.parts.verification)


CELL = st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=60)


ODD_ROW = st.fixed_dictionaries(
    {
        "Field label": CELL.map("A{}".format),
        "Machine name": CELL.map(lambda name: name or "field_a"),
    }
    | dict.fromkeys(("Settings/notes", "Field type", "Help text", "Vals.", "Req'd"), CELL)
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
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
    assert len(plain(prose.parts.user_story).split()) <= 60


def _tags_in(fragments: str) -> list[str]:
    return [piece.split(">")[0].split()[0].strip("/") for piece in fragments.split("<")[1:]]
