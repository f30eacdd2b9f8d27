"""What becomes a check of the template's tickets; a note is quoted beside it, as a whole."""

import pytest

from jira_pipeline.domain.entities import Specification, sheet_noun
from jira_pipeline.domain.tickets import TicketProse
from jira_pipeline.sources.drupal_csv import read_entities, read_files
from jira_pipeline.stages.entity_grouping.grouping import group_entities
from jira_pipeline_tests.stages.made_specifications import (
    Row,
    bundle,
    field,
    files_of,
    specification_of,
)
from jira_pipeline_tests.writers.rubric import items_of, plain
from jira_pipeline_tests.writers.sites import ticket_of

QUAY = "Quay (Content type)"


def written(title: str, **sheets: list[Row]) -> TicketProse:
    """Write the ticket of this title."""
    specification = specification_of(**sheets)
    return ticket_of(specification, group_entities(specification).groups, title)


def quay(note: str = "", *, description: str = "", fields: list[Row] | None = None) -> TicketProse:
    """Write the ticket of one content type with this note."""
    return written(
        "Configure content type: Quay",
        bundles=[
            bundle("Quay", "quay") | {"Settings/notes": note, "Description": description},
            bundle("Crane", "crane"),
        ],
        fields=fields or [field(QUAY, "field_a")],
    )


def checks(prose: TicketProse) -> list[str]:
    """Return the statements to verify."""
    return items_of(prose.parts.verification)


@pytest.mark.parametrize(
    "note",
    [
        "Was hidden until May",
        "Use <details>, no JS. Not <b>.",
        "The office says “full” or “free”.",
    ],
)
def test_the_note_of_a_ticket_is_quoted_whole_among_the_checks(note: str) -> None:
    prose = quay(note)

    whole = note.rstrip(".").translate(str.maketrans("“”", "\u2018\u2019"))
    assert f"As noted: “{whole}”" in checks(prose)
    assert "Note" not in plain(prose.parts.analysis)


@pytest.mark.parametrize("note", ["Built", "Already implemented", "12 fields", "New is the view"])
def test_a_bare_status_or_count_is_no_note(note: str) -> None:
    assert note not in quay(note).parts.analysis


def test_formatting_is_not_quoted() -> None:
    prose = quay("<p>Lists <strong>ships</strong>.<br>Not boats.</p>")

    assert "As noted: “Lists ships. Not boats”" in checks(prose)


def test_the_note_of_a_row_follows_its_check() -> None:
    rows = [field(QUAY, "field_a") | {"Settings/notes": "At least two, never more than nine"}]

    assert (
        "A field_a takes one line of plain text. Note: “At least two, never more than nine”"
    ) in checks(quay(fields=rows))


def test_a_note_of_more_than_120_words_ends_after_a_sentence() -> None:
    sentence = " ".join(["Ships"] * 60) + "."

    prose = quay(f"{sentence} {sentence} Boats go.", description=f"{sentence} {sentence} Boats go.")

    shown = f"“{sentence} {sentence} …” (the rest in the table)."
    assert checks(prose)[-1] == f"As noted: {shown.rstrip('.')}"
    assert plain(prose.parts.user_story).endswith(f"Description: {shown}")


def test_a_note_that_a_question_quotes_is_not_repeated() -> None:
    assert "Note" not in quay("Gilded or tarred?").parts.analysis
    both = quay("Only ships.\nGilded or tarred?").parts
    assert "Gilded" not in plain(both.analysis) + plain(both.verification)


def view_with(note: str, **cells: str) -> TicketProse:
    """Write the ticket of a view whose own row says where it is and what it shows."""
    row = {"View name": "Ships", "Machine name": "ships", "X": "a", "Settings/notes": note}
    return written("Configure view: Ships", views=[row | {"Displays": "Page"} | cells])


def test_what_a_question_asks_of_a_note_is_no_check() -> None:
    prose = view_with("P2. Old paths redirect to /ships. Second list below?\nCache: one hour.")

    assert [check for check in checks(prose) if check.startswith("As noted")] == [
        "As noted: “P2. Old paths redirect to /ships. Cache: one hour”"
    ]
    assert "Second list below?" in plain(prose.parts.questions)


def test_a_view_whose_note_names_blocks_is_not_one_block() -> None:
    prose = view_with("Two blocks: all ships, and those of a quay.", Displays="Block")

    assert plain(prose.parts.user_story) == "As a visitor, I want the view “Ships” in blocks."
    assert any("offers the blocks of “Ships”" in check for check in checks(prose))


@pytest.mark.parametrize(
    ("description", "note", "who"),
    [
        ("Berth a skipper asked for, entered by the harbour office", "", "a site owner"),
        ("", "Skippers post with a nickname.", "a site owner"),
        ("", "Only the harbour office edits these.", "a site owner"),
        ("Entered by hand", "", "a user with the role Pilot"),
        ("Kept by the Berth master", "", "a user with the role Berth master"),
        ("", "Only berth masters can create, all can edit", "a user with the role Berth master"),
        ("", "Berth masters can add/edit/delete only", "a user with the role Berth master"),
    ],
)
def test_who_makes_a_bundle_is_read_from_its_row_and_from_the_roles(
    description: str, note: str, who: str
) -> None:
    pier = bundle("Pier", "pier") | {"Description": description, "Settings/notes": note}
    prose = written(
        "Configure content type: Pier",
        roles=[
            {
                "Name": "Pilot",
                "Machine name": "pilot",
                "X": "a",
                "Notes": "Creates and edits piers",
            },
            {"Name": "Berth master", "Machine name": "berth", "X": "a", "Notes": "Sees Pier"},
        ],
        bundles=[pier],
        fields=[field("Pier (Content type)", "field_a")],
    )

    wish = "the Pier content type" if who == "a site owner" else "to create and maintain Pier"
    assert plain(prose.parts.user_story).startswith(f"As {who}, I want {wish}")


@pytest.mark.parametrize(
    ("permission", "is_maker"),
    [
        ("create/edit own Ship, Pier", True),
        ("Pier: create, edit, delete", True),
        ("all terms; Pier all", True),
        ("view Pier", False),
        ("submissions of Pier: view, export", False),
        ("All content types except Pier", False),
        ("Own piers only", True),
        ("Piers and their ships", True),
        ("Own drafts of Pier", False),
        ("Pier register, read", False),
        ("Staff; all content", True),
        ("Edits provenance fields of Pier", False),
        ("Create translations of Pier", False),
        ("Creates and publishes Pier", True),
        ("Create and edit translations of Pier", False),
        ("Reviews and approves Pier", False),
    ],
)
def test_a_role_makes_what_its_row_lets_it_create_or_edit(
    permission: str, *, is_maker: bool
) -> None:
    prose = written(
        "Configure content type: Pier",
        roles=[{"Name": "Pilot", "Machine name": "pilot", "X": "a", "Permissions": permission}],
        bundles=[bundle("Pier", "pier")],
        fields=[field("Pier (Content type)", "field_a")],
    )

    who = "a user with the role Pilot" if is_maker else "an editor"
    assert plain(prose.parts.user_story).startswith(f"As {who}, I want")


@pytest.mark.parametrize(
    ("editor", "pilot", "begins"),
    [
        (
            "Edits all except piers",
            "Creates and publishes piers",
            "with the role Pilot, I want to c",
        ),
        ("Edits all except piers", "Edits piers", "with the role Pilot, I want to maintain Pier"),
    ],
)
def test_an_editor_does_not_make_what_its_row_leaves_out(
    editor: str, pilot: str, begins: str
) -> None:
    prose = written(
        "Configure content type: Pier",
        roles=[
            {"Name": "Editor", "Machine name": "editor", "X": "x", "Description": editor},
            {"Name": "Pilot", "Machine name": "pilot", "X": "a", "Description": pilot},
        ],
        bundles=[bundle("Pier", "pier")],
        fields=[field("Pier (Content type)", "field_a")],
    )

    assert plain(prose.parts.user_story).startswith(f"As a user {begins}")


def test_no_editor_classifies_what_a_visitor_sends() -> None:
    topics = bundle("Topic", "topic", "Vocabulary")
    form = bundle("Berth request", "berth", "Webform")
    own = field("Topic (Vocabulary)", "field_code")
    chosen = field("Berth request (Webform)", "topic", ref="Topic (Vocabulary)")
    named = field(QUAY, "field_topic", ref="Topic (Vocabulary)")
    title = "Configure vocabulary: Topic"

    both = written(
        title, bundles=[topics, form, bundle("Quay", "quay")], fields=[own, chosen, named]
    )

    assert "so that I can classify Quay with them" in plain(both.parts.user_story)


def test_a_note_on_what_is_there_may_ask_for_work() -> None:
    modes = [
        {"View Modes": name, "Machine name": name.casefold(), "Entity Type": "Content"} | cells
        for name, cells in {
            "Teaser": {"X": "x", "Notes": "Pier added, title only"},
            "Line": {"X": "x", "Notes": "One line"},
            "Card": {"X": "a", "Notes": ""},
        }.items()
    ]

    prose = written("Configure view modes: Content type", view_modes=modes)

    asked = (
        "There already: line; there, but its note asks for work: teaser “Pier added, title only”"
    )
    assert asked in plain(prose.parts.analysis)
    assert "teaser: “Pier added, title only”" in checks(prose)


def test_a_role_loses_its_right_once_the_workflow_of_a_later_ticket_is_there() -> None:
    prose = written(
        "Configure user roles",
        roles=[
            {"Name": "Editor", "Machine name": "editor", "X": "c"}
            | {"Notes": "Loses publish right for piers"},
            {"Name": "Clerk", "Machine name": "clerk", "X": "c", "Notes": "could publish so far"}
            | {"Description": "Writes pages, cannot publish"},
            {"Name": "Pilot", "Machine name": "pilot", "X": "a"},
            {"Name": "Administrator", "Machine name": "administrator", "X": "x"},
        ],
        bundles=[bundle("Pier", "pier") | {"Settings/notes": "Not offered to any role"}],
        workflows=[{"Label": "Review", "Machine name": "review", "X": "a"}],
        states=[{"Workflow": "Review", "Label": "Out", "Machine name": "out", "X": "a"}],
        transitions=[
            {"Workflow": "Review", "Label": "Let out", "Machine name": "let_out", "X": "a"}
            | {"From state": "Out", "To state": "Out", "Notes": "Pilot only"}
        ],
    )

    order = "“Loses publish right for piers” of editor once Review (ticket 2) is there."
    assert f"Order: {order}" in items_of(prose.parts.analysis)
    assert "editor, once Review is there: “Loses publish right for piers”" in checks(prose)
    clerk = "clerk: “Writes pages, cannot publish”. Note: “could publish so far”"
    assert clerk in checks(prose)
    assert "is not changed by this ticket" not in plain(prose.parts.verification)


def test_a_description_that_only_repeats_the_story_is_left_out() -> None:
    prose = view_with("", Displays="Page", Description="List of ships")
    place = view_with("", Displays="Page", Description="On the ships page")

    assert "Description" not in prose.parts.user_story
    assert "Description: “On the ships page”" in plain(place.parts.user_story)


def test_the_description_of_a_view_is_checked_unless_it_only_names_a_list() -> None:
    """`Hidden when empty` and `replaces the term page` were in the story alone."""
    sheets = {"bundles": [bundle("Quay", "quay")], "fields": [field(QUAY, "field_a")]}
    row = {"View name": "Quays", "Machine name": "quays", "X": "a", "Displays": "Block"}
    row["Filters"] = "type Quay"
    hidden, named = (
        written("Configure view: Quays", **sheets, views=[row | {"Description": description}])
        for description in ("Hidden when empty", "Work list of the clerks")
    )

    assert "Description" not in hidden.parts.user_story
    assert checks(hidden)[-1] == "As described: “Hidden when empty”"
    assert "Description: “Work list of the clerks”" in plain(named.parts.user_story)
    assert "As described" not in plain(named.parts.verification)


@pytest.mark.parametrize(
    "filters",
    ["type in quay, pier; published", "Published, types Quay and Pier", "type = quay, pier"],
)
def test_a_view_lists_every_type_that_its_filter_names(filters: str) -> None:
    """A list of articles and reviews was said to be one of articles, as it is called so."""
    prose = written(
        "Configure view: Quays",
        bundles=[bundle("Quay", "quay"), bundle("Pier", "pier")],
        views=[{"View name": "Quays", "Machine name": "quays", "X": "a"}],
        displays=[
            {"View": "Quays", "Machine name": "all", "Display plugin": "Page", "X": "a"}
            | {"Path": "/all", "Filters": filters}
        ],
    )

    lists = [item for item in items_of(prose.parts.analysis) if item.startswith("Lists:")]
    assert len(lists) == 1
    assert {"Quay", "Pier"} <= set(lists[0].split())


def test_a_view_lists_what_a_filter_says_only_where_every_display_is_filtered_so() -> None:
    view = {"View name": "Queue", "Machine name": "queue", "X": "a"}
    display = {"View": "Queue", "Display plugin": "Page", "X": "a"}
    displays = [
        display | {"Machine name": "all", "Path": "/all", "Filters": "published"},
        display | {"Machine name": "quays", "Path": "/quays", "Filters": "type = Quay"},
    ]
    sheets: dict[str, list[Row]] = {"bundles": [bundle("Quay", "quay")], "views": [view]}

    mixed = written("Configure view: Queue", **sheets, displays=displays)
    alone = written("Configure view: Queue", **sheets, displays=displays[1:])

    assert "so that" not in mixed.parts.user_story
    assert "so that I can find Quay content there" in alone.parts.user_story


def test_a_removal_is_checked_for_what_goes_with_it_and_not_for_its_reason() -> None:
    """A redirect was in no check of two removals, and `Never used` cannot be tried."""
    noted = {
        "quay": "Nobody reads them (11 nodes). Old paths redirect to /piers. (301)",
        "crane": "Replaced by the map. May be deleted",
    }
    gone = [bundle(n.title(), n, x="d") | {"Settings/notes": note} for n, note in noted.items()]

    prose = written("Remove obsolete content structures", bundles=gone)

    assert f"quay: “{noted['quay']}”" in checks(prose)
    assert not any("noted" in check or "Replaced" in check for check in checks(prose))
    assert [item for item in items_of(prose.parts.analysis) if item.startswith("Note")] == [
        "Note on Crane: “Replaced by the map. May be deleted”."
    ]


def test_a_large_form_quotes_short_notes_and_points_to_the_rest() -> None:
    long = " ".join(["Ships"] * 140)
    rows = [field(QUAY, f"field_{n}") | {"Settings/notes": f"At most {n}0"} for n in range(8)]
    rows[0] |= {"Settings/notes": long}
    rows[1] |= {"Settings/notes": long}

    found = checks(quay(fields=rows))

    assert f"field_0: “{long}”" in found
    assert "field_2: “At most 20”" in found
    assert "field_1, field_5, field_6 and field_7 are as their notes in the table say" in found


def test_required_fields_of_a_large_form_have_the_room_for_notes_first() -> None:
    long = " ".join(["Ships"] * 140)
    rows = [field(QUAY, f"field_{n}") | {"Settings/notes": ""} for n in range(8)]
    rows[0] |= {"Settings/notes": long}
    rows[7] |= {"Settings/notes": long, "Req'd": "y"}

    found = checks(quay(fields=rows))

    assert f"field_7: “{long}”" in found
    assert "field_0 is as its note in the table says" in found


def noted_styles(*notes: str) -> TicketProse:
    """Write the ticket of image styles with these notes."""
    return written(
        "Configure image styles",
        image_styles=[
            {"Style name": f"S{n}", "Machine name": f"s{n}", "X": "a", "Notes": note}
            for n, note in enumerate(notes)
        ],
    )


def test_rows_that_are_checked_together_have_their_notes_among_the_checks() -> None:
    prose = noted_styles("Scale to 90x90", "Scale to 90x90", "Crop")

    assert "Note" not in plain(prose.parts.analysis)
    assert checks(prose)[1:] == ["s0 and s1: “Scale to 90x90”", "s2: “Crop”"]


def test_a_note_that_is_too_long_for_the_checks_is_in_the_table() -> None:
    prose = noted_styles("One", "Of", "Many", "Notes", " ".join(["Ships"] * 160))

    assert "s2: “Many”" in checks(prose)
    assert "s4 is as its note in the table says" in checks(prose)


def test_what_is_there_and_changes_is_checked_by_its_note_and_not_listed_as_there() -> None:
    mode = {"Entity Type": "Content", "Notes": "Quay only, not the Old quay. No quay"}
    prose = written(
        "Configure view modes: Content type",
        bundles=[bundle("Quay", "quay"), bundle("Old quay", "old_quay"), bundle("Old", "old")],
        view_modes=[
            mode | {"View Modes": "Line", "Machine name": "line", "X": "c"},
            mode | {"View Modes": "Card", "Machine name": "card", "X": "a"},
        ],
    )

    note = "“Quay only, not the Old quay. No quay” (ticket 2)"
    assert [check for check in checks(prose) if "“" in check] == [
        "Structure \u203a Display modes \u203a View modes lists “Card”",
        "Manage display of Quay has “Line” and “Card” switched on",
        f"line and card: {note}",
    ]


def test_a_note_that_only_repeats_which_fields_are_new_is_left_out() -> None:
    rows = [field(QUAY, "field_depth") | {"Field label": "Depth"}]

    assert "As noted" not in quay("new field Depth", fields=rows).parts.verification
    assert "As noted: “new field Length”" in checks(quay("new field Length", fields=rows))


@pytest.mark.parametrize(
    ("alias", "is_checked"),
    [("by hand", False), ("quays/[node:title]", True), ("[node:title]", True), ("none yet", False)],
)
def test_an_address_is_checked_where_the_cell_is_a_pattern(alias: str, is_checked: bool) -> None:
    prose = written(
        "Configure content type: Quay",
        bundles=[bundle("Quay", "quay") | {"URL alias pattern": alias}],
        fields=[field(QUAY, "field_a")],
    )

    assert any("address of a newly saved" in check for check in checks(prose)) is is_checked


def test_a_role_that_a_question_is_about_has_its_check_and_its_note() -> None:
    roles = [
        {"Name": "Pilot", "Machine name": "pilot", "X": "a", "Notes": "All quays. Also tides?"},
        {"Name": "Clerk", "Machine name": "clerk", "X": "a", "Notes": "Quays"},
    ]

    assert ("pilot, subject to its question: “All quays. Also tides?”") in checks(
        written("Configure user roles", roles=roles)
    )


@pytest.mark.parametrize(
    ("pilot", "who"),
    [
        ("create quay content, edit own quay content", "a user with the role Pilot"),
        ("edit any old_quay content", "an editor"),
        ("", "an editor"),
    ],
)
def test_whoever_has_the_permission_to_create_content_has_its_story(pilot: str, who: str) -> None:
    prose = written(
        "Configure content type: Quay",
        bundles=[bundle("Quay", "quay")],
        fields=[field(QUAY, "field_a")],
        roles=[{"Name": "Pilot", "Machine name": "pilot", "X": "a", "Permissions": pilot}],
    )

    assert plain(prose.parts.user_story).startswith(f"As {who}, I want to create")


def test_roles_and_rows_of_other_sheets_have_their_notes_beside_their_checks() -> None:
    roles = [
        {"Name": "Pilot", "Machine name": "pilot", "X": "a", "Notes": "Also publishes tide tables"},
        {"Name": "Clerk", "Machine name": "clerk", "X": "a"},
    ]

    assert "pilot: “Also publishes tide tables”" in checks(
        written("Configure user roles", roles=roles)
    )


def test_the_links_of_a_menu_are_tried() -> None:
    rows = [{"Label": "Service", "Machine name": "service", "X": "a", "Notes": "Login, Shop"}]

    prose = written_menu("Configure menu: Service", rows)

    assert "Note: “Login, Shop”." in items_of(prose.parts.analysis)
    assert "Each link of Service opens its page" in checks(prose)


def test_a_role_whose_name_is_a_deed_may_write_all_the_same() -> None:
    prose = written(
        "Configure content type: Quay",
        bundles=[bundle("Quay", "quay") | {"Settings/notes": "Only Publishers create and edit it"}],
        fields=[field(QUAY, "field_a")],
        roles=[{"Name": "Publisher", "Machine name": "publisher", "X": "x"}],
    )

    assert plain(prose.parts.user_story).startswith("As a user with the role Publisher, I want")


def test_who_only_publishes_is_not_who_writes() -> None:
    prose = written(
        "Configure content type: Quay",
        bundles=[
            bundle("Quay", "quay") | {"Settings/notes": "Only the harbour office may publish"}
        ],
        fields=[field(QUAY, "field_a")],
        roles=[{"Name": "Harbour office", "Machine name": "office", "X": "x"}],
    )

    assert plain(prose.parts.user_story).startswith("As an editor, I want to create and maintain")


@pytest.mark.parametrize(
    "note",
    [
        "Synced nightly from the pilot office",
        "Comes nightly from the pilot office, editors only add notes",
        "Nothing is typed here",
        "Nobody creates this",
        "Depths come from the pilot office every night",
        "Master copy is at the pilot office, read-only here",
    ],
)
def test_what_nobody_enters_is_not_created_by_an_editor(note: str) -> None:
    assert plain(quay(note).parts.user_story).startswith(
        "As a site owner, I want the Quay content type for content from its source, so that nobody"
    )


@pytest.mark.parametrize(
    ("source", "roles", "wish"),
    [
        ("CSV, every night", [], "the Quay content type for content from its source"),
        ("CSV of 2020", [], "to create and maintain Quay content"),
        (
            "CSV, every night",
            [{"Name": "Pilot", "Machine name": "pilot", "X": "x", "Notes": "Maintains quays"}],
            "to create and maintain Quay content",
        ),
    ],
)
def test_what_a_migration_brings_every_night_is_not_created_by_an_editor(
    source: str, roles: list[Row], wish: str
) -> None:
    prose = written(
        "Configure content type: Quay",
        bundles=[bundle("Quay", "quay")],
        fields=[field(QUAY, "field_a")],
        migrations=[{"Migration": "Charts", "X": "a", "Source": source, "Target": "Quay"}],
        roles=roles,
    )

    assert f"I want {wish}" in plain(prose.parts.user_story)


def test_what_a_question_may_change_is_checked_subject_to_it() -> None:
    doubted = field(QUAY, "field_a", req="y") | {
        "Settings/notes": "At most 4 digits. May be empty."
    }
    unnamed = field(QUAY, "-") | {"Field label": "Berth"}

    small = checks(quay(fields=[doubted, unnamed]))
    rows = [field(QUAY, f"field_{n}", req="y") for n in range(7)]
    large = checks(quay(fields=[doubted, *rows]))

    assert (
        "A field_a must hold one line of plain text; subject to its question. Note: “At most 4 "
        "digits. May be empty”"
    ) in small
    assert "“Berth” takes one line of plain text" in small
    assert (
        "The form cannot be saved without field_0, field_1, field_2, field_3, field_4, field_5 "
        "and field_6; whether field_a is required waits for its question"
    ) in large


def test_a_role_that_a_question_doubts_is_not_stated_to_have_a_permission() -> None:
    """Signed like that, visitors publish."""
    names = ("Anonymous user", "Pilot", "Clerk")
    prose = written(
        "Configure workflow: Log",
        roles=[{"Name": n, "Machine name": n.split()[0].casefold(), "X": "x"} for n in names],
        workflows=[{"Label": "Log", "Machine name": "log", "X": "a"}],
        states=[{"Workflow": "Log", "Label": "Draft", "Machine name": "draft", "X": "a"}],
        transitions=[
            {"Workflow": "Log", "Label": "Send", "Machine name": "send", "X": "a"}
            | {"From state": "Draft", "To state": "Draft"}
            | {"Notes": "All roles except clerk can use"}
        ],
    )

    assert any("lets Anonymous user use" in q.question for q in prose.questions)
    assert "Permissions: Pilot may use send; the questions decide on Anonymous user." in (
        items_of(prose.parts.analysis)
    )
    assert "anonymous" not in prose.parts.verification


def test_a_transition_is_checked_with_what_its_note_demands_beside_roles() -> None:
    transition = {"Workflow": "Log", "Label": "Send", "Machine name": "send", "X": "a"} | {
        "From state": "Draft",
        "To state": "Sent",
        "Notes": "Pilot only. Nobody sends an entry of their own.",
    }
    states = [
        {"Workflow": "Log", "Label": label, "Machine name": label.casefold(), "X": "a"}
        for label in ("Draft", "Sent")
    ]
    prose = written(
        "Configure workflow: Log",
        roles=[{"Name": "Pilot", "Machine name": "pilot", "X": "x"}],
        workflows=[{"Label": "Log", "Machine name": "log", "X": "a"}],
        states=[states[0], states[1] | {"Notes": "published, default revision"}],
        transitions=[transition],
    )

    assert (
        "Send send leads from Draft to Sent. Note: “Pilot only. Nobody sends an entry of their own”"
    ) in checks(prose)


def test_nothing_is_refused_to_a_role_where_no_note_names_roles() -> None:
    """`Send` has no note, so nobody knows who may not use it."""
    row = {"Workflow": "Log", "X": "a"}
    step = row | {"From state": "Draft", "To state": "Draft"}
    prose = written(
        "Configure workflow: Log",
        roles=[
            {"Name": name, "Machine name": name.casefold(), "X": "x"} for name in ("Pilot", "Clerk")
        ],
        workflows=[{"Label": "Log", "Machine name": "log", "X": "a"}],
        states=[
            row | {"Label": "Draft", "Machine name": "draft"},
            row | {"Label": "Old", "Machine name": "old", "Notes": "Do we need it?"},
        ],
        transitions=[
            step | {"Label": "Send", "Machine name": "send"},
            step | {"Label": "Stamp", "Machine name": "stamp", "Notes": "Pilot only"},
        ],
    )

    assert checks(prose)[1:] == [
        "It has two states: Draft draft and Old old; the question decides on old",
        "Send send leads from Draft to Draft; subject to its question",
        "Stamp stamp leads from Draft to Draft",
        "clerk may not use Stamp",
        "With the role pilot: Stamp can be used",
    ]


def test_all_view_modes_are_checked_where_they_are_used() -> None:
    mode = {"Entity Type": "Content", "X": "a"}
    modes = [mode | {"View Modes": f"M{n}", "Entities Used On": "Quay"} for n in range(7)]

    prose = written(
        "Configure view modes: Content type",
        bundles=[bundle("Quay", "quay"), bundle("Crane", "crane")],
        view_modes=[*modes, mode | {"View Modes": "Line", "Entities Used On": "Crane"}],
    )

    names = "“M0”, “M1”, “M2”, “M3”, “M4”, “M5” and “M6”"
    assert f"Manage display of Quay has {names} switched on" in checks(prose)
    assert "Manage display of Crane has “Line” switched on" in checks(prose)


def test_a_view_mode_is_checked_on_the_bundle_that_a_machine_name_means() -> None:
    prose = written(
        "Configure view modes: Content type",
        bundles=[bundle("Mooring place", "quay"), bundle("Crane", "crane")],
        view_modes=[
            {"View Modes": "Line", "Entity Type": "Content type", "X": "a"}
            | {"Entities Used On": "Quay, Crane", "Notes": ""}
        ],
    )

    assert "Manage display of Mooring place and Crane has “Line” switched on" in checks(prose)


def test_a_label_that_is_a_sentence_is_not_put_into_another() -> None:
    row = {"Label": "I want to moor …", "Machine name": "moor", "X": "a", "Colour": "red"}

    prose = written("Configure custom entry: I want to moor …", custom=[row])

    assert plain(prose.parts.user_story) == "As a site builder, I want the custom entry moor."
    assert checks(prose) == ["I want to moor … moor has Colour “red”"]


@pytest.mark.parametrize(
    ("file", "noun"),
    [
        ("Harbour - Berths.csv", "berth"),
        ("ABC_Tide_Tables.csv", "tide table"),
        ("Spec.xlsx:Ferries", "ferry"),
        ("Site - Menus.csv", "menu"),
        ("Boxes.csv", "box"),
        ("Compass.csv", "Compass entry"),
        ("Matrix.csv", "Matrix entry"),
    ],
)
def test_a_row_of_a_custom_sheet_is_called_by_its_noun(file: str, noun: str) -> None:
    assert sheet_noun(file) == noun


def test_a_page_that_nobody_can_name_is_no_place() -> None:
    prose = displays({"Title": "Page", "Display plugin": "Page", "Notes": "Newest quay first"})

    assert "on a page" not in plain(prose.parts.user_story)


def displays(*rows: Row) -> TicketProse:
    """Write the ticket of one view."""
    return written(
        "Configure view: Quays",
        views=[{"View name": "Quays", "Machine name": "quays", "X": "a", "Base table": "Content"}],
        displays=[
            {"View": "Quays", "X": "a", "Machine name": f"d_{n}"} | row
            for n, row in enumerate(rows)
        ],
    )


def test_nothing_is_there_as_long_as_a_question_decides_whether_to_build() -> None:
    prose = quay("Only pilots may edit", fields=[field(QUAY, "field_a", "w")])

    assert checks(prose) == [
        "Quay quay is not on the site as long as the question on it is open",
        "field_a, on hold, has not been built",
    ]


def test_a_removal_says_what_becomes_of_existing_content() -> None:
    prose = written(
        "Remove obsolete content structures",
        bundles=[bundle("Quay", "quay", x="d")],
        fields=[field(QUAY, "field_a", "d")],
    )

    assert [q.question for q in prose.questions] == [
        "If “Quay” is on the site: may its content be deleted, or where does it go?"
    ]
    assert "Goes with it: The field field_a." in items_of(prose.parts.analysis)
    assert "Content of Quay is deleted or moved as the question on it is answered" in checks(prose)


def test_an_open_target_is_checked_subject_to_its_question() -> None:
    rows = [field(QUAY, f"field_{n}", ref="Crane (Content type)") for n in range(7)]
    asked = field(QUAY, "field_own", ref="Crane (Content type)") | {"Settings/notes": "TBD"}

    stated = checks(quay(fields=[*rows, asked]))
    assert any("with their types, targets, widgets" in check for check in stated)
    assert "What field_own offers is subject to its question" in stated


def test_what_a_display_inherits_is_checked_where_it_is_seen() -> None:
    prose = displays(
        {"Title": "Master", "Display plugin": "Master", "Empty text": "No quays.", "Sort": "Name"},
        {"Title": "All", "Display plugin": "Page", "Path": "/quays", "Sort": "Depth"},
    )

    assert "/quays opens d_1 “All”; sorted by “Depth”; as in d_0, without results: “No quays”" in (
        checks(prose)
    )


def test_the_note_of_the_shared_display_holds_for_the_others() -> None:
    prose = displays(
        {"Title": "Default", "Display plugin": "Default", "Notes": "Newest first. Ten a page."},
        {"Title": "All", "Display plugin": "Page", "Notes": "Path: /quays"},
    )

    assert prose.questions == ()
    assert "d_0 holds what the others inherit. Note: “Newest first. Ten a page”" in checks(prose)


@pytest.mark.parametrize("note", ["on /quays (a landing page)", "Path: quays/all", "/quays"])
def test_a_display_that_says_only_its_place_is_asked_what_it_shows(note: str) -> None:
    prose = displays({"Title": "List", "Display plugin": "Block", "Notes": note})

    assert "Quays: “List” (`d_0`)" in prose.questions[0].question
    assert (
        "Structure \u203a Block layout offers the block d_0 “List”; the rest waits for the question "
        "on it"
    ) in checks(prose)


def test_a_view_of_drupal_is_changed_and_nobody_is_asked_what_it_lists() -> None:
    prose = written(
        "Configure view: Words",
        views=[{"View name": "Words", "Machine name": "glossary", "X": "a"}],
        displays=[
            {"View": "Words", "Machine name": "page_1", "X": "a", "Display plugin": "Page"}
            | {"Path": "/words", "Sort": "Title", "Access": "Everybody"}
        ],
    )

    assert prose.questions == ()
    assert "Ships with its module: Change glossary only as the table says." in items_of(
        prose.parts.analysis
    )
    assert checks(prose) == [
        "Structure \u203a Views \u203a Words is still there with the machine name glossary",
        "/words opens page_1 “page_1”; sorted by “Title”; access: “Everybody”",
    ]


def test_an_export_is_no_place_and_has_no_text_without_results() -> None:
    prose = displays(
        {"Display plugin": "REST export", "Path": "/api/quays", "Empty text": "No quays"},
        {"Display plugin": "Page", "Path": "/quays", "Empty text": "No quays"},
    )

    assert "/api/quays" not in plain(prose.parts.user_story)
    assert ["without results" in item for item in checks(prose)[1:]] == [False, True]


def test_what_is_hidden_is_said_by_its_note_and_else_by_a_check() -> None:
    hidden = {"Settings/notes": "Hidden on the form. Pulled from the pilot office"}
    rows = [field(QUAY, f"field_{n}") for n in range(6)]
    rows += [field(QUAY, "field_p", req="y") | hidden, field(QUAY, "field_q") | hidden]

    far = hidden["Settings/notes"] + ". It comes from the list of the pilot office" * 30

    both = "field_p and field_q: “Hidden on the form. Pulled from the pilot office”"
    assert both in checks(quay(fields=rows))
    assert "field_p and field_q are not on the form" not in checks(quay(fields=rows))
    rows[-1] = rows[-1] | {"Settings/notes": far}
    assert "field_q is not on the form" in checks(quay(fields=rows))


def test_a_base_field_has_no_storage_to_share_and_no_widget_to_doubt() -> None:
    base = {"Field type": "Base field", "Form widget": "Autocomplete", "Reused Field": "n"}
    labels = (QUAY, "Crane (Content type)")

    prose = quay(fields=[field(of, "title") | base for of in labels])

    assert prose.questions == ()
    assert "storage" not in prose.parts.analysis


def test_a_changed_workflow_names_what_is_new() -> None:
    moves = [("publish", "x"), ("restore", "a")]
    prose = written(
        "Update workflow: Plain",
        workflows=[{"Label": "Plain", "Machine name": "plain", "X": "x"}],
        states=[
            {"Workflow": "Plain", "Label": name, "Machine name": name.casefold(), "X": "x"}
            for name in ("Draft", "Published")
        ],
        transitions=[
            {"Workflow": "Plain", "Label": name.capitalize(), "Machine name": name, "X": x}
            | {"From state": "Draft", "To state": "Published"}
            for name, x in moves
        ],
    )

    assert "There already: draft, published and publish." in plain(prose.parts.analysis)
    assert "the new transition Restore in the Plain workflow, so that" in (prose.parts.user_story)


def test_a_view_lists_what_its_description_calls_in_the_plural() -> None:
    prose = written(
        "Configure view: Harbour",
        bundles=[bundle("Quay", "quay")],
        fields=[field(QUAY, "field_a")],
        views=[
            {"View name": "Harbour", "Machine name": "harbour", "X": "a", "Base table": "Content"}
            | {"Description": "Lists of quays"}
        ],
        displays=[
            {"View": "Harbour", "Title": "Next", "Machine name": "block_1", "X": "a"}
            | {"Display plugin": "Block", "Notes": "Three, newest first"}
        ],
    )

    assert "so that I can find Quay content there" in plain(prose.parts.user_story)


def test_a_view_is_for_the_people_its_note_names() -> None:
    sheets: dict[str, list[Row]] = {
        "bundles": [bundle("Quay", "quay")],
        "fields": [field(QUAY, "field_a")],
        "roles": [
            {"Name": "Harbour clerk", "Machine name": "clerk", "X": "a", "Notes": "All quays"}
        ],
        "displays": [
            {"View": "Late", "Title": "Late", "Machine name": "page_1", "X": "a"}
            | {"Display plugin": "Page", "Path": "/admin/late", "Notes": "Table"}
        ],
    }
    late = {"View name": "Late", "Machine name": "late", "X": "a", "Base table": "Content"}
    described = {"Description": "Quays without a survey since May"}

    own = written(
        "Configure view: Late", **sheets, views=[late | described | {"Notes": "Only harbour clerk"}]
    )
    shared = written(
        "Configure view: Late",
        **sheets,
        views=[late | described | {"Notes": "For harbour clerk and guests"}],
    )
    plainly = written("Configure view: Late", **sheets, views=[late | described])

    assert "As a user with the role Harbour clerk, I want" in own.parts.user_story
    assert "As a user with permission, I want" in shared.parts.user_story
    assert "As an administrator, I want" in plainly.parts.user_story
    assert checks(plainly)[1] == (
        "/admin/late opens page_1 “Late” and lists Quay content; visitors have no access to it. "
        "Note: “Table”"
    )
    assert "As described: “Quays without a survey since May”" in checks(plainly)
    assert "Quays without" not in plainly.parts.user_story
    assert "Lists: Quay (ticket 2)." in items_of(plainly.parts.analysis)


def test_a_migration_names_what_it_needs_and_counts_what_it_brings() -> None:
    row = {"X": "a", "Target": "Quay", "Count": "about 90"}
    prose = written(
        "Run migration: Charts",
        bundles=[bundle("Quay", "quay")],
        fields=[field(QUAY, "field_a"), field(QUAY, "field_b")],
        migrations=[
            row | {"Migration": "Pilots", "Notes": "Read from a file"},
            row
            | {"Migration": "Charts", "Source": "CSV, every night", "Notes": "Needs pilots first"},
        ],
    )

    assert plain(prose.parts.user_story) == (
        "As a site owner, I want the Charts migration to run by itself, so that nobody has to "
        "enter Quay content by hand."
    )
    assert items_of(prose.parts.analysis)[1] == (
        "Needs: Quay (ticket 1); the migration Pilots (ticket 2) has run."
    )
    assert "Which part of the source “CSV, every night” goes into which field?" in (
        plain(prose.parts.questions)
    )
    assert checks(prose)[:3] == [
        "Charts runs to its end without an error; running it again neither doubles nor loses an item",
        "Its log shows each item of the source (“about 90”) as taken over, or left out with a reason",
        "It runs by itself: “every night”",
    ]
    assert prose.estimated_hours == ""


@pytest.mark.parametrize(
    ("names", "note"),
    [(("field_a",), "Read from a file"), (("field_a", "field_b"), "The first column holds A")],
    ids=["one field", "its note"],
)
def test_no_mapping_is_asked_for_where_one_field_is_filled(
    names: tuple[str, ...], note: str
) -> None:
    prose = written(
        "Run migration: Charts",
        bundles=[bundle("Quay", "quay")],
        fields=[field(QUAY, name) for name in names],
        migrations=[{"X": "a", "Target": "Quay", "Migration": "Charts", "Notes": note}],
    )

    assert "into which field" not in plain(prose.parts.questions)


def test_the_ticket_of_a_migration_names_the_one_that_asks_for_all() -> None:
    run: Row = {"X": "a", "Source": "CSV", "Target": "Quay"}
    states = [{"Workflow": "Tide", "Label": label, "X": "x"} for label in ("Draft", "Published")]
    prose = written(
        "Run migration: Old quays",
        bundles=[bundle("Quay", "quay") | {"Mod.": "y"}],
        fields=[field(QUAY, "field_a"), field(QUAY, "field_b")],
        workflows=[{"Label": "Tide", "Machine name": "tide", "X": "x", "Notes": "Quay"}],
        states=states,
        migrations=[
            run | {"Migration": "Quays"},
            run | {"Migration": "Old quays", "Notes": "List to come from client"},
        ],
    )

    (first, *_) = items_of(prose.parts.analysis)
    assert "what goes where and in which state items arrive is asked in ticket" in first
    assert (
        "Notes: “List to come from client”. When does the list come for “Old quays”? Please add it here "
        "or name a date."
    ) in plain(prose.parts.questions)


def test_a_migration_does_not_wait_for_what_it_runs_before() -> None:
    row = {"X": "a", "Target": "Quay"}
    prose = written(
        "Run migration: Charts",
        bundles=[bundle("Quay", "quay")],
        fields=[field(QUAY, "field_a")],
        migrations=[
            row | {"Migration": "Pilots", "Notes": "Read from a file"},
            row | {"Migration": "Wrecks", "Notes": "Read from a file"},
            row | {"Migration": "Charts", "Notes": "Runs after Wrecks and before Pilots"},
        ],
    )

    needs = next(i for i in items_of(prose.parts.analysis) if i.startswith("Needs"))
    assert "Wrecks" in needs
    assert "Pilots" not in needs


def test_notes_are_read_from_whichever_column_a_sheet_has() -> None:
    rows = [field(QUAY, "field_a") | {"Notes": "Upper case only"}]
    prose = written(
        "Configure content type: Quay",
        bundles=[bundle("Quay", "quay") | {"Notes": "Only ships with a permit are listed"}],
        fields=rows,
    )

    assert "As noted: “Only ships with a permit are listed”" in checks(prose)
    assert "A field_a takes one line of plain text. Note: “Upper case only”" in checks(prose)


def test_a_field_that_changes_is_not_wished_for_as_new() -> None:
    prose = written(
        "Update content type: Quay",
        bundles=[bundle("Quay", "quay", x="c")],
        fields=[field(QUAY, "field_a"), field(QUAY, "field_b", x="c")],
    )

    assert "I want the field A and the changed field B on Quay content" in prose.parts.user_story
    assert "There and to be changed: field_b" in plain(prose.parts.analysis)


def test_what_the_sheets_make_likely_is_in_the_ticket() -> None:
    prose = quay(fields=[field(QUAY, "field_crane") | {"Field type": "Entity reference"}])

    suggestion = "Suggested unless you object: Crane (Content type) (same name)."
    assert suggestion in plain(prose.parts.questions)
    assert "Decide first" not in prose.parts.analysis


def test_the_terms_that_a_description_lists_are_checked() -> None:
    rows = [
        bundle("Tide", "tide", "Vocabulary") | {"Description": "Spring, neap, storm, none."},
        bundle("Berth", "berth", "Vocabulary") | {"Description": "North, south, east ..."},
    ]
    prose = written(
        "Create 2 vocabularies without custom fields",
        bundles=[*rows, bundle("Quay", "quay")],
        fields=[field(QUAY, "field_a")],
    )

    assert "tide has the terms “Spring, neap, storm, none”" in checks(prose)
    assert not any("description" in check for check in checks(prose))


REVIEWS: dict[str, list[Row]] = {
    "bundles": [bundle("Tide table", "tide_table")],
    "roles": [{"Name": "Pilot", "Machine name": "pilot", "X": "x"}],
    "workflows": [{"Label": "Review", "Machine name": "review", "X": "a", "Notes": "Tide table"}],
    "states": [
        {"Workflow": "Review", "Label": label, "Machine name": label.casefold(), "X": "a"}
        for label in ("Draft", "Sent")
    ],
    "transitions": [
        {"Workflow": "Review", "Label": "Send", "Machine name": "send", "X": "a"}
        | {"From state": "Draft", "To state": "Sent", "Notes": "Pilot"}
    ],
}
QUEUE: Row = {"View name": "Queue", "Machine name": "queue", "X": "a", "Base table": "Content"}
QUEUE_PAGE: Row = {"View": "Queue", "Machine name": "page_1", "X": "a", "Path": "/queue"}


def queue(page: Row, *, note: str = "") -> TicketProse:
    """Write the ticket of one view with a page, beside a workflow."""
    head = QUEUE | {"Notes": note}
    return written("Configure view: Queue", views=[head], displays=[QUEUE_PAGE | page], **REVIEWS)


@pytest.mark.parametrize(
    ("filters", "is_named"),
    [
        ("State is Draft or Sent, newest first", True),
        ("Moderation state: In review, Sent", True),
        ("Published; sent by mail", False),
        (f"State {'-' * 5_000}x", False),
        (f"State is {'Draft, ' * 1_000}gone", False),
    ],
    ids=["second of two", "beside an unknown one", "no state", "dashes", "many names"],
)
def test_states_are_found_in_any_filter(filters: str, *, is_named: bool) -> None:
    """A pattern of all names searched a long filter without end."""
    items = items_of(queue({"Filters": filters}).parts.analysis)

    assert any("“Sent” of Review" in line for line in items) is is_named


def test_what_a_filter_compares_with_is_named_with_its_ticket() -> None:
    """The type by its exact name, and the state that one workflow has."""
    items = items_of(
        queue({"Filters": "Published, type Tide table, moderation state = Sent"}).parts.analysis
    )

    assert any(line.startswith("Lists: Tide table") for line in items)
    assert any(line.startswith("Needs: The state “Sent” of Review (ticket ") for line in items)


@pytest.mark.parametrize("filters", ["type Table, status = Sent", "moderation state = Lost"])
def test_a_filter_that_only_resembles_a_name_names_no_ticket(filters: str) -> None:
    analysis = queue({"Filters": filters}).parts.analysis

    assert "Needs" not in analysis


def test_a_new_role_is_given_the_transitions_there_are() -> None:
    """The workflow exists, so no other ticket grants them."""
    notes = ("Pilot, Clerk", "Pilot only for own tables.", "Clerk")
    prose = written(
        "Configure user roles",
        roles=[
            {"Name": "Clerk", "Machine name": "clerk", "X": "x"},
            {"Name": "Pilot", "Machine name": "pilot", "X": "a"}
            | {"Notes": "Edits the table they are entered on, never its title"},
        ],
        workflows=[{"Label": "Log", "Machine name": "log", "X": "x"}],
        transitions=[
            {"Workflow": "Log", "Label": label, "Machine name": label.casefold(), "X": "x"}
            | {"Notes": note}
            for label, note in zip(("Save", "Send", "Drop"), notes, strict=True)
        ],
    )

    assert "Transitions there: Grant “Save” and “Send” of Log to pilot." in (
        items_of(prose.parts.analysis)
    )
    assert checks(prose)[1:4] == [
        "pilot: “Edits the table they are entered on, never its title”",
        "With the role pilot, “Save” can be used in Log",
        "With the role pilot, “Send” can be used in Log. Note: “Pilot only for own tables”",
    ]


def test_a_check_leaves_a_number_of_values_to_the_note_that_gives_one() -> None:
    many = field(QUAY, "field_a") | {"Vals.": "*", "Req'd": "y"}

    noted, plain_one = (
        checks(quay(fields=[many | {"Settings/notes": note}])) for note in ("At least three", "")
    )

    assert "A field_a must hold lines of plain text. Note: “At least three”" in noted
    assert "A field_a must hold at least one line of plain text" in plain_one


def test_a_question_on_a_cell_puts_no_sentence_of_the_note_in_doubt() -> None:
    """Its quotation `y` is in almost every sentence."""
    quay_row = bundle("Quay", "quay") | {"Mod.": "y", "Settings/notes": "No personal data, ever"}
    prose = written(
        "Configure content type: Quay", bundles=[quay_row], fields=[field(QUAY, "field_a")]
    )

    assert any(question.quote == "y" for question in prose.questions)
    assert "As noted: “No personal data, ever”" in checks(prose)


def test_a_menu_that_goes_is_called_a_menu() -> None:
    rows = [{"Label": "Topics", "Machine name": "topics", "X": "d", "Notes": "Remove"}]
    prose = written_menu("Remove obsolete custom entries", rows)

    assert "Remove if present: One menu: Topics topics." in items_of(prose.parts.analysis)
    assert checks(prose) == ["The menu Topics topics is no longer on the site"]


def test_a_doubt_about_one_transition_leaves_the_checks_of_the_others() -> None:
    notes = ("Pilot", "Clerk, Pilot?")
    prose = written(
        "Configure workflow: Log",
        roles=[{"Name": n, "Machine name": n.casefold(), "X": "x"} for n in ("Pilot", "Clerk")],
        workflows=[{"Label": "Log", "Machine name": "log", "X": "a"}],
        states=[{"Workflow": "Log", "Label": "Draft", "Machine name": "draft", "X": "a"}],
        transitions=[
            {"Workflow": "Log", "Label": label, "Machine name": label.casefold(), "X": "a"}
            | {"From state": "Draft", "To state": "Draft", "Notes": note}
            for label, note in zip(("Save", "Send"), notes, strict=True)
        ],
    )

    assert "Pilot may use save; the questions decide on " in plain(prose.parts.analysis)
    assert "With the role pilot: Save can be used" in checks(prose)
    assert plain(prose.parts.user_story).startswith("As a user with the role Pilot, I want")


def written_menu(title: str, rows: list[Row]) -> TicketProse:
    """Write a ticket of a sheet of menus."""
    header = "Label,Machine name,X,Notes"
    lines = [",".join(f'"{row[name]}"' for name in header.split(",")) for row in rows]
    files = {"Menus.csv": "\n".join([header, *lines]).encode()}
    specification = Specification(entities=read_entities(read_files(files).tables).entities)
    return ticket_of(specification, group_entities(specification).groups, title)


ROLES: list[Row] = [
    {"Name": "Pilot", "Machine name": "pilot", "X": "a"}
    | {
        "Notes": "Sees the view Ships at anchor, creates quays. Sees submissions of the form Berth."
    },
    {"Name": "Clerk", "Machine name": "clerk", "X": "d"},
]


def test_an_administrative_view_is_for_the_role_whose_row_names_it() -> None:
    """It was an administrator's, and nobody learned who may open it."""
    prose = written(
        "Configure view: Ships at anchor",
        roles=ROLES,
        views=[{"View name": "Ships at anchor", "Machine name": "ships", "X": "a"}],
        displays=[
            {"View": "Ships at anchor", "Display Title": "List", "Display plugin": "Page"}
            | {"Machine name": "page_1", "Path": "/admin/content/ships", "X": "a"}
        ],
    )

    assert plain(prose.parts.user_story).startswith("As a user with the role Pilot, I want")
    assert any(
        "users with the role Pilot (ticket 1) can open it, visitors cannot" in item
        for item in checks(prose)
    )


def test_a_form_is_filled_in_by_visitors_and_has_one_address() -> None:
    """Its story was an editor's, who wanted to maintain its items."""
    form = bundle("Berth", "berth") | {"Type": "Webform", "URL alias pattern": "berth/request"}
    prose = written(
        "Configure webform: Berth",
        roles=ROLES,
        bundles=[form | {"Settings/notes": "Emptied by cron after 40 days"}],
        fields=[field("Berth (Webform)", "length")],
    )

    items = checks(prose)
    assert plain(prose.parts.user_story).startswith("As a visitor, I want to fill in and send")
    assert "Berth is at berth/request" in items
    assert "As noted: “Emptied by cron after 40 days”" in items
    assert not any("newly saved" in item for item in items)


@pytest.mark.parametrize(
    ("note", "who"),
    [
        ("Pilots order berths here", "As a user with the role Pilot, I want"),
        ("The pilot works from the export only", "As a visitor, I want"),
    ],
)
def test_a_form_is_of_the_role_that_sends_it_not_of_one_that_works_with_it(
    note: str, who: str
) -> None:
    prose = written(
        "Configure webform: Berth",
        roles=[{"Name": "Pilot", "Machine name": "pilot", "X": "x"}],
        bundles=[bundle("Berth", "berth") | {"Type": "Webform", "Settings/notes": note}],
        fields=[field("Berth (Webform)", "length")],
    )

    assert plain(prose.parts.user_story).startswith(who)


def test_a_view_mode_of_all_bundles_is_switched_on_for_each() -> None:
    mode = {"View Modes": "Line", "Entity Type": "Node", "Machine name": "line", "X": "a"}

    prose = written(
        "Configure view modes: Content type",
        bundles=[bundle("Quay", "quay")],
        view_modes=[mode | {"Bundles": "All"}],
    )

    assert "Manage display of every content type has “Line” switched on" in checks(prose)


def test_a_role_says_what_is_checked_later_and_no_account_keeps_one_that_goes() -> None:
    prose = written(
        "Configure user roles",
        roles=ROLES,
        bundles=[bundle("Quay", "quay")],
        fields=[field(QUAY, "field_a")],
    )

    later = "Checked later: Permissions on the content type Quay (ticket 2), once it exists."
    assert later in items_of(prose.parts.analysis)
    assert "No account has clerk any more when it is deleted" in checks(prose)


def test_the_column_of_a_transition_that_holds_roles_says_who_may_use_it() -> None:
    """A note on a mail to pilots gave them the permission, the column did not."""
    step = {"Workflow": "Log", "X": "a", "Label": "Send", "Machine name": "send"}
    prose = written(
        "Configure workflow: Log",
        roles=[{"Name": n, "Machine name": n.casefold(), "X": "a"} for n in ("Mate", "Pilot")],
        workflows=[{"Label": "Log", "Machine name": "log", "X": "a"}],
        states=[{"Workflow": "Log", "Label": "Draft", "Machine name": "draft", "X": "a"}],
        transitions=[
            step
            | {"From state": "Draft", "To state": "Draft"}
            | {"Who": "Mate", "Notes": "Mail to the pilot"}
        ],
    )

    assert "With the role mate: Send can be used" in checks(prose)
    assert "pilot may use no transition of Log" in checks(prose)


def test_a_column_on_people_is_no_check_one_of_bundles_is_where_a_view_mode_is_used() -> None:
    """Nobody finds on the site who is responsible for a view mode."""
    mode = {"View Modes": "Line", "Entity Type": "Content type", "X": "a"}
    prose = written(
        "Configure view modes: Content type",
        bundles=[bundle("Quay", "quay"), bundle("Crane", "crane")],
        view_modes=[
            mode | {"Shown on": "Quay, Crane.", "Resp.": "Port office", "Form": "Two lines"}
        ],
    )

    assert checks(prose)[1:] == [
        "Manage display of Quay and Crane has “Line” switched on",
        "“Line”: Form “Two lines”",
    ]


def test_a_migration_names_what_runs_before_it_and_its_note() -> None:
    rows = [field(QUAY, "field_a") | {"Settings/notes": "Filled from the old register. Max 9."}]
    run = {"Migration": "Quays", "Source": "CSV", "Destination": "Quay", "X": "a"}
    prose = written(
        "Run migration: Quays",
        bundles=[bundle("Quay", "quay")],
        fields=rows,
        migrations=[
            run
            | {"Depends on": "Harbours"}
            | {"Notes": "Key = number. Ports must exist before. Re-run in May."},
            run | {"Migration": "Harbours", "Destination": "Harbour", "Depends on": ""},
        ],
    )

    items = items_of(prose.parts.analysis)
    assert any("the migration Harbours" in bullet for bullet in items)
    assert "As noted: “Key = number. Ports must exist before. Re-run in May”" in checks(prose)


def test_a_note_stays_where_a_question_quotes_only_words_of_it() -> None:
    rows = [
        field(QUAY, "field_a") | {"Settings/notes": "Ships"},
        field(QUAY, "field_b") | {"Settings/notes": "Ships or boats? Ask Anna."},
    ]

    assert any("Note: “Ships”" in check for check in checks(quay(fields=rows)))


@pytest.mark.parametrize(
    ("type_", "values", "stated"),
    [
        ("Geofield", "1", "takes one place on the map"),
        ("Office hours", "7", "takes hours of opening"),
        ("Comments", "1", "takes comments"),
        ("Image file", "3", "takes up to 3 images"),
        ("Tide gauge", "1", "takes one value"),
    ],
)
def test_a_field_takes_what_people_call_it(type_: str, values: str, stated: str) -> None:
    """`One value of type Geofield` was the name of a module, not what is entered."""
    row = field(QUAY, "field_a") | {"Field type": type_, "Vals.": values}

    assert f"A field_a {stated}" in checks(quay(fields=[row]))


def test_many_fields_say_up_to_how_many_values_they_take() -> None:
    rows = [field(QUAY, f"field_{n}") | {"Vals.": "3" if n < 2 else "1"} for n in range(7)]

    assert "field_0 and field_1 take up to 3 values" in checks(quay(fields=rows))


def test_a_quotation_keeps_the_stop_of_an_abbreviation() -> None:
    prose = quay("Filled by the harbour clerk or by migr.")

    assert any("or by migr.”" in check for check in checks(prose))


def test_a_changed_workflow_is_wished_for_by_what_is_new_in_it() -> None:
    state = {"Workflow": "Log"}
    prose = written(
        "Update workflow: Log",
        workflows=[{"Label": "Log", "Machine name": "log", "X": "c"}],
        states=[
            state | {"Label": "Open", "Machine name": "open", "X": "x"},
            state | {"Label": "Shut", "Machine name": "shut", "X": "a"},
        ],
    )

    assert "I want the new state Shut in the Log workflow, so that" in prose.parts.user_story


def test_new_fields_are_wished_for_because_a_view_names_them() -> None:
    prose = written(
        "Update content type: Quay",
        bundles=[bundle("Quay", "quay", x="c")],
        fields=[field(QUAY, "field_draught", "a") | {"Field label": "Draught"}],
        views=[
            {"View name": "Quays", "Machine name": "quays", "X": "a"}
            | {"Filters": "type Quay; exposed: Draught"}
        ],
    )

    assert "so that the view “Quays” can use Draught." in plain(prose.parts.user_story)


def test_a_plain_ticket_names_the_first_that_waits_for_it() -> None:
    prose = written(
        "Configure vocabulary: Tide",
        bundles=[bundle("Tide", "tide", "Vocabulary"), bundle("Quay", "quay")],
        fields=[
            field("Tide (Vocabulary)", "field_height"),
            field(QUAY, "field_tide", ref="Tide (Vocabulary)"),
        ],
    )

    bullets = items_of(prose.parts.analysis)
    assert bullets == ["Order: Before Quay (ticket 2), which waits for it."]


def test_paragraphs_are_wished_for_by_whoever_edits_the_one_type_that_shows_them() -> None:
    prose = written(
        "Configure paragraph type: Berth",
        roles=[{"Name": "Pilot", "Machine name": "pilot", "X": "a", "Notes": "Own quays only"}],
        bundles=[bundle("Quay", "quay"), bundle("Berth", "berth", "Paragraph type")],
        fields=[
            field("Berth (Paragraph type)", "field_depth"),
            field(QUAY, "field_berths", ref="Berth (Paragraph type)"),
        ],
    )

    assert "As a user with the role Pilot, I want" in prose.parts.user_story


def test_a_migration_spares_people_entering_what_it_fills_by_its_kind() -> None:
    prose = written(
        "Run migration: Scans",
        bundles=[bundle("Scan", "scan", "Media type")],
        fields=[field("Scan (Media type)", "field_a")],
        migrations=[
            {"Migration": "Scans", "Machine name": "scans", "X": "a"}
            | {"Source": "archive", "Destination": "Scan"}
        ],
    )

    assert "so that nobody has to enter Scan media by hand" in prose.parts.user_story


def test_a_workflow_is_wished_for_by_whoever_uses_it_most() -> None:
    """`Disruption uses Disruption`, for a chief editor, was the workflow of the dispatchers."""
    pilots = {"save": "Pilot, Clerk", "go": "Pilot", "end": "Clerk"}

    prose = written(
        "Configure workflow: Log",
        bundles=[bundle("Log", "log", x="c") | {"Mod.": "y"}],
        roles=[
            {"Name": name, "Machine name": name.casefold(), "X": "x"}
            for name in ("Guest", "Pilot", "Clerk")
        ],
        workflows=[{"Label": "Log", "Machine name": "log", "X": "a", "Applies to": "Log"}],
        states=[{"Workflow": "Log", "Label": "Open", "Machine name": "open", "X": "a"}],
        transitions=[
            {"Workflow": "Log", "Label": name, "Machine name": name, "X": "a", "Roles": roles}
            | {"From state": "Open", "To state": "Open"}
            for name, roles in {"see": "Guest", **pilots}.items()
        ],
    )

    assert "As a user with the role Pilot or Clerk, I want" in prose.parts.user_story
    assert "The content type Log is moderated by it" in checks(prose)


def test_a_story_counts_many_fields_and_quotes_a_label_with_a_comma() -> None:
    new = [field(QUAY, f"field_{n}") for n in "abcdef"]
    changed = [
        field(QUAY, f"field_{n}", x="c") | {"Field label": label}
        for n, label in (("x", "Berths, winter"), ("y", "Depth"))
    ]

    prose = written(
        "Update content type: Quay",
        bundles=[bundle("Quay", "quay", x="c")],
        fields=[*new, *changed],
    )

    wish = "I want the six new fields and the changed fields “Berths, winter” and Depth on Quay"
    assert wish in prose.parts.user_story


def test_a_cell_for_nothing_is_no_check() -> None:
    cells = {"Display plugin": "Block", "Sort": "-", "Access": "n/a", "Empty text": "none"}

    prose = displays(cells | {"Pager": "None", "Format": "Table"})

    assert checks(prose)[1].endswith("; format “Table”; no pager")


FILTERED: dict[str, list[Row]] = {
    "bundles": [bundle("Quay", "quay"), bundle("Crane", "crane")],
    "fields": [
        field(QUAY, "field_depth"),
        field(QUAY, "field_owner"),
        field("Crane (Content type)", "field_owner"),
    ],
}


@pytest.mark.parametrize(
    ("filters", "is_known"),
    [
        ("Published; exposed: field_depth, field_owner, title", True),
        ("Published; field_depth >= 3", True),
        ("Published; exposed: field_owner", False),
        ("Published; exposed: field_depth, height", False),
        ("Quays and cranes, field_depth >= 3", False),
    ],
)
def test_a_view_lists_the_one_type_that_has_all_fields_it_is_filtered_by(
    filters: str, *, is_known: bool
) -> None:
    """A directory of guides, by four fields that only a guide has, did not say what it lists."""
    prose = written(
        "Configure view: Directory",
        **FILTERED,
        views=[
            {"View name": "Directory", "Machine name": "directory", "X": "a"}
            | {"Base table": "Content"}
        ],
        displays=[
            {"View": "Directory", "X": "a", "Machine name": "page_1", "Path": "/directory"}
            | {"Display plugin": "Page", "Filters": filters}
        ],
    )

    assert ("I can find Quay content there" in prose.parts.user_story) is is_known


@pytest.mark.parametrize(
    ("cells", "is_known"),
    [
        ({"Filters": "Water depth over 3 m"}, True),
        ({"Filters": "Published", "Sort": "Water depth desc"}, True),
        ({"Filters": "Water depth over 3 m; exposed: height"}, False),
        ({"Filters": "Published", "Sort": "Title asc"}, False),
    ],
)
@pytest.mark.parametrize("type_", ["Content type", "Media type"])
def test_a_view_lists_what_has_the_field_its_filters_or_sort_begin_with(
    type_: str, cells: Row, *, is_known: bool
) -> None:
    """A list of documents with `Valid until within 60 days` did not say that it lists documents."""
    files = files_of(
        {
            "bundles": [bundle("Quay", "quay", type_)],
            "fields": [field(f"Quay ({type_})", "field_depth") | {"Field label": "Water depth"}],
            "views": [{"View name": "Directory", "Machine name": "directory", "X": "a"}],
            "displays": [
                {"View": "Directory", "X": "a", "Machine name": "page_1", "Path": "/directory"}
                | {"Display plugin": "Page"}
                | cells
            ],
        }
    )
    files["views.csv"] = files["views.csv"].replace(b"Base table", b"Colour")
    specification = Specification(entities=read_entities(read_files(files).tables).entities)
    groups = group_entities(specification).groups

    prose = ticket_of(specification, groups, "Configure view: Directory")

    assert ("Lists: Quay" in plain(prose.parts.analysis)) is is_known
    assert plain(prose.parts.user_story).startswith("As a visitor, I want the view “Directory”")


def test_the_view_that_lists_content_is_the_benefit_of_its_story() -> None:
    sheets: dict[str, list[Row]] = {
        "bundles": [bundle("Quay", "quay"), bundle("Booking", "booking", "Webform")],
        "fields": [
            field(QUAY, "field_depth"),
            field("Booking (Webform)", "quay", ref=QUAY),
        ],
    }
    view = {"View name": "Calendar", "Machine name": "calendar", "X": "a", "Description": "Quays"}
    view["Base table"] = "Content"
    page = {"View": "Calendar", "X": "a", "Machine name": "page_1", "Display plugin": "Page"}

    listed = written("Configure content type: Quay", **sheets, views=[view], displays=[page])

    assert plain(listed.parts.user_story).endswith("so that the view “Calendar” can list it.")


def test_a_migration_within_the_site_says_what_becomes_what() -> None:
    prose = written(
        "Run migration: to_quays",
        bundles=[bundle("Quay", "quay"), bundle("Old pier", "pier", x="d")],
        fields=[field(QUAY, "field_a")],
        migrations=[
            {"Migration": "to_quays", "X": "a", "Source": "This site, Old pier nodes"}
            | {"Destination": QUAY}
        ],
    )

    assert "so that existing Old pier content is there as Quay." in prose.parts.user_story


def test_work_that_the_rows_do_not_show_has_no_estimate() -> None:
    heavy = "Node access must hold in the search too"
    rows = [field(QUAY, f"field_{n}") | {"Settings/notes": f"Pier {n} first"} for n in "abcdefg"]

    prose = quay(f"Ships are listed by length. {heavy}", fields=rows)

    assert f"More work than its rows show: “{heavy}”; hence no estimate." in items_of(
        prose.parts.analysis
    )
    assert prose.estimated_hours == ""


def test_work_that_a_note_rules_out_is_no_more_work() -> None:
    prose = quay("Old piers are moved by hand, we do not script that")

    assert "More work" not in prose.parts.analysis
    assert prose.estimated_hours


def test_work_whose_effort_a_note_states_has_an_estimate() -> None:
    prose = quay("A custom plugin sorts the quays, approx. 2 days")

    assert "estimate" not in prose.parts.analysis
    assert prose.estimated_hours == "16-32"


def test_a_vocabulary_is_kept_by_whom_a_field_calls_its_keeper() -> None:
    note = {"Settings/notes": "No auto-create, clerks maintain the list"}
    cargo = field(QUAY, "field_a") | {"Ref. bundle": "Cargo (Vocabulary)"} | note
    sheets = {
        "bundles": [bundle("Quay", "quay"), bundle("Cargo", "cargo") | {"Type": "Vocabulary"}],
        "fields": [cargo | {"Field type": "Entity reference"}],
        "roles": [{"Name": "Clerk", "Machine name": "clerk", "X": "x"}],
    }

    prose = written("Create 1 vocabulary without custom fields", **sheets)

    assert prose.parts.user_story.startswith("<p>As a user with the role Clerk, I want")


def test_a_role_is_found_by_the_plural_of_the_last_word_of_what_it_writes() -> None:
    clerk = {"Name": "Clerk", "Machine name": "clerk", "X": "x", "Notes": "Writes articles"}
    sheets = {
        "bundles": [bundle("Harbour article", "article"), bundle("Quay", "quay")],
        "fields": [field("Harbour article (Content type)", "field_a")],
        "roles": [clerk],
    }

    prose = written("Configure content type: Harbour article", **sheets)

    assert prose.parts.user_story.startswith("<p>As a user with the role Clerk, I want")


def test_a_bundle_that_only_loses_fields_says_which() -> None:
    prose = written(
        "Update content type: Quay",
        bundles=[bundle("Quay", "quay") | {"X": "x"}],
        fields=[field(QUAY, "field_a") | {"X": "x"}, field(QUAY, "field_b") | {"X": "d"}],
    )

    assert "I want the field" in plain(prose.parts.user_story)
    assert "removed from Quay content." in plain(prose.parts.user_story)


def test_nobody_is_sent_to_a_path_with_a_sign_for_its_argument() -> None:
    cells = {"View name": "Ships", "Machine name": "ships", "X": "a", "Displays": "Page"}
    prose = written("Configure view: Ships", views=[cells | {"Path": "/quay/%"}])

    assert any(c.startswith("/quay/%, with a value for %, opens “Ships”") for c in checks(prose))


def test_media_that_nobody_refers_to_are_for_the_view_that_lists_them() -> None:
    sheets = {
        "bundles": [bundle("Price list", "price_list") | {"Type": "Media type"}],
        "fields": [field("Price list (Media type)", "field_a")],
        "views": [
            {"View name": "Prices", "Machine name": "prices", "X": "a", "Displays": "Page"}
            | {"Path": "/portal/prices", "Access": "role Pilot", "Filters": "type Price list"}
        ],
        "roles": [{"Name": "Pilot", "Machine name": "pilot", "X": "x"}],
    }

    prose = written("Configure media type: Price list", **sheets)

    assert "so that the view “Prices” can list it" in prose.parts.user_story


def test_what_goes_is_subject_to_the_question_on_what_it_holds() -> None:
    prose = written(
        "Update content type: Quay",
        bundles=[bundle("Quay", "quay") | {"X": "x"}],
        fields=[field(QUAY, "field_a"), field(QUAY, "field_b") | {"X": "d"}],
    )

    assert "field_b is gone from Quay; subject to its question" in checks(prose)
