"""Questions that rows raise against each other, and rules that are no questions."""

import pytest

from jira_pipeline.domain.questions.open_questions import all_open_questions
from jira_pipeline.stages.entity_grouping.grouping import group_entities
from jira_pipeline_tests.stages.made_specifications import Row, bundle, field, specification_of

BOAT = "Boat (Content type)"
HARBOUR: dict[str, list[Row]] = {
    "bundles": [bundle("Boat", "boat"), bundle("Berth", "berth", "Vocabulary")],
    "fields": [field(BOAT, "field_draught")],
}


def questions_of(**sheets: list[Row]) -> list[str]:
    """The questions about some sheets, as text."""
    specification = specification_of(**{**HARBOUR, **sheets})
    groups = group_entities(specification).groups
    return [question.question for _, question in all_open_questions(groups, specification)]


def view(name: str = "Boats", **cells: str) -> Row:
    """A view of content."""
    return {"View name": name, "Machine name": "boats", "X": "a", "Base table": "Content"} | cells


def display(name: str, **cells: str) -> Row:
    """A page of that view."""
    plugin = {"Display plugin": "Page", "Notes": "Ten a page"}
    return (
        {"View": "Boats", "Title": name, "Machine name": name.casefold(), "X": "a"} | plugin | cells
    )


@pytest.mark.parametrize(
    ("note", "is_settled"),
    [
        ("For all content types with Mod. = y.", True),
        ("Used on all moderated types", True),
        ("For every content type except Boat", False),
        ("Not for all content types", False),
        ("For all content types with a draught", False),
    ],
)
def test_a_workflow_for_all_types_names_every_one_of_them(note: str, *, is_settled: bool) -> None:
    asked = questions_of(
        bundles=[bundle("Boat", "boat") | {"Mod.": "y"}],
        workflows=[{"Label": "Yard", "Machine name": "yard", "X": "x", "Notes": note}],
    )

    assert [q for q in asked if q.startswith("Mod. is y")] == (
        []
        if is_settled
        else ["Mod. is y, but the note of Yard does not name it: which workflow moderates it?"]
    )


def test_a_question_on_the_displays_of_several_views_says_so() -> None:
    found = questions_of(
        bundles=[bundle("Crane", "crane")],
        fields=[field(CRANE, "field_a")],
        views=[view(), view("Ships") | {"Machine name": "ships"}],
        displays=[display("Page", Notes=""), display("Block", View="Ships", Notes="")],
    )

    assert sum("(asked here once for 2 views)" in question for question in found) == 1


def test_displays_of_a_view_that_says_what_it_shows_are_not_asked_about() -> None:
    pages = [display("Chart", Path="/fleet", Notes="")]

    assert questions_of(views=[view(Notes="Oldest first, all on one page")], displays=pages) == []
    for asked in (view(), view(Description="Cranes nobody has looked at for a year")):
        assert len(questions_of(views=[asked], displays=pages)) == 1


@pytest.mark.parametrize(
    ("note", "words"),
    [
        ("Draught mandatory, hull colour free", "the note on Boat says “Draught mandatory”"),
        ("Sorted by field_beam", "“Boat” has no field `field_beam`"),
    ],
)
def test_the_note_of_a_bundle_is_held_against_its_fields(note: str, words: str) -> None:
    (asked,) = questions_of(
        bundles=[bundle("Boat", "boat") | {"Settings/notes": note}],
        fields=[field(BOAT, "field_draught")],
    )

    assert words in asked


def test_a_bundle_called_by_its_machine_name_is_found() -> None:
    mode: Row = {
        "View Modes": "Line",
        "Entity Type": "Content",
        "X": "a",
        "Entities Used On": "Boat_x",
    }

    boat = bundle("Rowing boat", "boat_x")

    assert questions_of(bundles=[boat], fields=[], view_modes=[mode]) == [
        "No fields sheet was uploaded: does “Rowing boat” have fields?"
    ]


def test_states_of_one_cell_are_read_one_by_one() -> None:
    states: list[Row] = [
        {"Workflow": "Survey", "Label": name, "Machine name": name.casefold(), "X": "a"}
        | {"Published": "n", "Default state": "y"}
        for name in ("Draft", "Afloat")
    ]
    transitions: list[Row] = [
        {"Workflow": "Survey", "Machine name": name, "X": "a", "Label": name.capitalize()}
        | {"From state": "Draft, Afloat", "To state": to}
        for name, to in (("keep", "Draft"), ("launch", "Afloat"))
    ]

    found = questions_of(
        workflows=[{"Label": "Survey", "Machine name": "survey", "X": "a", "Notes": "Boat"}],
        states=states,
        transitions=transitions,
    )

    assert found == []


def test_what_becomes_of_content_is_asked_where_no_row_says_anything() -> None:
    gone = bundle("Log book", "log_book", x="d")
    moved = {"Migration": "Logs", "Source": "Log book", "Destination": "Voyage", "X": "a"}
    asks = "If “Log book” is on the site: may its content be deleted, or where does it go?"

    assert asks in questions_of(bundles=[gone])
    assert asks in questions_of(bundles=[gone | {"Settings/notes": "After the relaunch"}])
    assert asks not in questions_of(bundles=[gone | {"Settings/notes": "12 nodes, all of 1998"}])
    assert asks not in questions_of(bundles=[gone], migrations=[moved])


def test_what_becomes_of_a_field_is_asked_where_its_bundle_has_content() -> None:
    goes = [field(BOAT, "field_keel", "d"), field(BOAT, "field_hull")]
    boat = bundle("Boat", "boat", x="c")
    noted = boat | {"Settings/notes": "Remove field_keel."}

    assert len(questions_of(fields=goes, bundles=[boat])) == 1
    assert questions_of(fields=goes, bundles=[noted]) == []
    assert questions_of(fields=goes, bundles=[boat | {"X": "a"}]) == []


def test_what_waits_asks_nothing() -> None:
    waiting = field(BOAT, "field_keel", "w") | {"Settings/notes": "From which register?"}

    assert questions_of(fields=[waiting, field(BOAT, "field_draught")]) == []


CRANE = "Crane (Content type)"
ROPE = "“Rope” (`field_rope`)"


def crane_field(**cells: str) -> list[str]:
    """Ask about one field of one content type."""
    return questions_of(
        bundles=[bundle("Crane", "crane")], fields=[field(CRANE, "field_a") | cells]
    )


def test_the_values_of_a_list_are_asked_for_where_nothing_is_noted() -> None:
    cells = {"Field type": "List (text)", "Form widget": "Select list"}

    assert crane_field(**cells) == [
        "Which values does the list “A” (`field_a`) offer? No options are given."
    ]
    assert crane_field(**cells, **{"Settings/notes": "Months 1-12"}) == []
    assert crane_field(**cells, **{"Help text": "low / mid / high"}) == []


def moored(*transitions: Row, states: dict[str, str]) -> list[str]:
    """Ask about a workflow with these states, by label with their status, and transitions."""
    named = {"Workflow": "Mooring", "X": "a"}
    return questions_of(
        roles=[{"Name": "Pilot", "Machine name": "pilot", "X": "a", "Notes": "Moors ships"}],
        workflows=[{"Label": "Mooring", "Machine name": "mooring", "X": "a"}],
        states=[
            named | {"Label": label, "Machine name": label.casefold(), "X": x}
            for label, x in states.items()
        ],
        transitions=[named | row for row in transitions],
    )


def leads(start: str, end: str, note: str = "Pilot") -> Row:
    """Return a transition."""
    label = f"{start} to {end}"
    name = label.casefold().replace(" ", "_")
    cells = {"From state": start, "To state": end, "Notes": note}
    return {"Label": label, "Machine name": name} | cells


def test_a_transition_into_a_state_on_hold_is_asked_about() -> None:
    found = moored(
        leads("Fresh", "Moored"),
        leads("Moored", "Lost"),
        states={"Fresh": "a", "Moored": "a", "Lost": "w"},
    )

    assert any("leads to Lost, which is on hold" in question for question in found)
    assert not any("who or what puts content there" in question for question in found)


def test_people_of_a_transition_who_are_no_role_are_asked_about() -> None:
    found = moored(
        leads("Fresh", "Moored", "Quay team"),
        leads("Moored", "Fresh"),
        states={"Fresh": "a", "Moored": "a"},
    )

    assert any("No role of the sheets is called “Quay team”" in question for question in found)


@pytest.mark.parametrize(
    ("help_text", "suggestion"), [("Square, at least 800 pixels.", "Image"), ("Square.", "")]
)
def test_a_media_type_measured_in_pixels_is_taken_for_images(
    help_text: str, suggestion: str
) -> None:
    specification = specification_of(
        bundles=[bundle("Portrait", "portrait", "Media type"), bundle("Boat", "boat")],
        fields=[
            field("Boat (Content type)", "field_skipper", ref="Portrait (Media type)")
            | {"Help text": help_text}
        ],
    )

    found = all_open_questions(group_entities(specification).groups, specification)

    (asked,) = (q for _, q in found if "Which source has" in q.question)
    assert asked.suggested_answer == suggestion


def test_notes_of_a_workflow_that_list_no_roles_name_no_people() -> None:
    found = moored(
        leads("Fresh", "Moored", "Log message required, mail to the author"),
        leads("Moored", "Fresh", "Pilot only."),
        leads("Fresh", "Fresh", "Bulk action needed"),
        states={"Fresh": "a", "Moored": "a"},
    )

    assert not any("No role of the sheets" in question for question in found)


@pytest.mark.parametrize(
    ("name", "description", "type_", "is_asked"),
    [
        ("Portrait", "", "", True),
        ("Portrait", "", "Text (plain)", True),
        ("Portrait", "", "Image", False),
        ("Portrait", "A JPEG of the skipper", "", False),
        ("Deck photo", "", "", False),
        ("Audio", "", "", True),
        ("Remote video", "", "", False),
        ("Recording", "", "oEmbed URL", False),
    ],
)
def test_the_source_of_a_media_type_is_asked_for_where_nothing_says_it(
    name: str, description: str, type_: str, *, is_asked: bool
) -> None:
    """Drupal cannot change it later."""
    portrait = bundle(name, "portrait", "Media type") | {"Description": description}
    fields = [field(f"{name} (Media type)", "field_a") | {"Field type": type_}] if type_ else []

    found = questions_of(bundles=[portrait], fields=fields)

    assert any("Which source has" in question for question in found) is is_asked


def test_a_search_index_that_no_row_makes_is_asked_about_once() -> None:
    crane = {"bundles": [bundle("Crane", "crane")], "fields": [field(CRANE, "field_a")]}
    sheets = crane | {
        "views": [
            view("Boats", **{"Base table": "Index Harbour"}),
            view("Ships", **{"Base table": "Index Harbour"}),
        ],
        "displays": [
            display("page_1", View="Boats", Path="/boats", Notes="Ten a page"),
            display("page_2", View="Ships", Path="/ships", Notes="Ten a page"),
        ],
    }

    found = [q for q in questions_of(**sheets) if "search index" in q]

    assert len(found) == 1


def test_what_is_to_be_migrated_and_no_migration_fills_is_asked_about() -> None:
    bundles = [
        bundle(name, name.casefold()) | {"Migr.": "y"} for name in ("Boat", "Raft", "Buoy", "Mast")
    ]
    runs: list[Row] = [
        {"Migration": "Boats", "X": "a", "Source": "csv", "Destination": "Boat (Content type)"},
        {"Migration": "Rafts", "X": "a", "Source": "none", "Destination": "Raft, Mast"},
    ]

    assert questions_of(bundles=bundles, migrations=runs) == [
        "Migr. is y, but no migration of the sheets fills “Buoy”: which one does?"
    ]
    assert questions_of(bundles=bundles) == []


def test_a_mark_that_is_no_status_is_asked_about_unless_nothing_is_to_be_done() -> None:
    keel = field(BOAT, "field_keel") | {"X": "?"}

    assert questions_of(fields=[keel]) == [
        "“?” in column X is no status: is “Keel” (`field_keel`) to be built?"
    ]
    assert questions_of(fields=[keel | {"Settings/notes": "Nothing to do."}]) == []


def test_an_account_and_a_workflow_of_the_same_sheet_are_known() -> None:
    named: Row = {"Workflow": "Moor", "X": "a"}
    states = [
        named | {"Label": "Moor", "Machine name": "moor"},
        named | {"Label": "Fast", "Machine name": "fast"},
    ]

    assert questions_of(fields=[field("User", "field_keel")], states=states) == []


@pytest.mark.parametrize(
    ("note", "origin", "is_asked"),
    [
        ("Twice a year", "", True),
        ("Updates existing nodes by number", "", False),
        ("Keel is the name, Mast the year", "", False),
        ("Keel comes first", "", True),
        ("From field_hull of the old site", "", False),
        ("The first column holds the number", "", False),
        ("Twice a year", "CSV", False),
        ("Map colours to Keel", "", False),
        ("Colours are mapped by a table", "", False),
        ("The body goes into one text", "", False),
        ("After keel and mast. Keel is the name", "", True),
        ("Pictures become keels", "", False),
        ("Keels become pictures", "", True),
    ],
)
def test_a_mapping_is_asked_for_where_nothing_says_what_goes_where(
    note: str, origin: str, *, is_asked: bool
) -> None:
    fields = [field(CRANE, name) | {"Source": origin} for name in ("field_keel", "field_mast")]
    run = {"Migration": "Cranes", "X": "a", "Source": "CSV", "Destination": "Crane, Ship"}

    found = questions_of(
        bundles=[bundle("Crane", "crane")], fields=fields, migrations=[run | {"Notes": note}]
    )

    assert bool(found) is is_asked


def test_a_mapping_is_asked_for_once_for_all_migrations() -> None:
    run: Row = {"X": "a", "Source": "CSV", "Destination": "Crane"}

    found = questions_of(
        bundles=[bundle("Crane", "crane")],
        fields=[field(CRANE, "field_keel"), field(CRANE, "field_mast")],
        migrations=[
            run | {"Migration": "old_cranes"},
            run | {"Migration": "new_cranes", "Notes": "The mapping is in the annex"},
            run | {"Migration": "sea_cranes"},
            run | {"Migration": "air_cranes", "X": "w"},
        ],
    )

    question = "Which part of each source goes into which field?"
    assert found == [f"{question} No sheet maps “old_cranes” or “sea_cranes”."]


def test_required_fields_belong_to_the_question_on_the_mapping() -> None:
    """Where nothing is mapped, one required field is no more open than another."""
    run = {"Migration": "cranes", "X": "a", "Source": "CSV", "Destination": "Crane"}
    rig = field(CRANE, "field_rig", ref="Rig (Vocabulary)") | {"Req'd": "y"}

    (question,) = questions_of(
        bundles=[bundle("Crane", "crane"), bundle("Rig", "rig", "Vocabulary")],
        fields=[rig, field(CRANE, "field_mast")],
        migrations=[run],
    )

    assert "into which field, and what do required fields get that it does not fill?" in question


@pytest.mark.parametrize(
    ("run_note", "state_note", "is_asked"),
    [
        ("", "", True),
        ("Body only", "Kept for ever", True),
        ("All as Afloat", "", False),
        ("Hidden ones are imported unpublished", "", False),
        ("", "Default state of what is migrated", False),
        ("", "Existing boats start as Afloat", False),
    ],
)
def test_the_state_of_migrated_items_is_asked_once_unless_a_row_says_it(
    run_note: str, state_note: str, *, is_asked: bool
) -> None:
    """Items without a state start as drafts: 4,100 old sightings were to be reviewed again."""
    run = {"X": "a", "Source": "CSV", "Destination": "Boat", "Notes": run_note}
    specification = specification_of(
        bundles=[bundle("Boat", "boat") | {"Mod.": "y"}],
        workflows=[{"Label": "Tide", "Machine name": "tide", "X": "x", "Notes": "Boat"}],
        states=[
            {"Workflow": "Tide", "Label": label, "Machine name": label.casefold(), "X": "x"}
            | {"Published": published, "Notes": state_note}
            for label, published in (("Ashore", "n"), ("Afloat", "y"))
        ],
        migrations=[run | {"Migration": "old_boats"}, run | {"Migration": "new_boats"}],
    )

    found = all_open_questions(group_entities(specification).groups, specification)

    question = (
        "In which state of their workflow do the items of “old_boats” and “new_boats” arrive? No "
        "sheet says."
    )
    likely = "Afloat, save what is unpublished at the source"
    asked = [(q.question, q.suggested_answer) for _, q in found if "In which state" in q.question]
    assert asked == ([(question, likely)] if is_asked else [])


@pytest.mark.parametrize(
    ("source", "note", "is_asked"),
    [
        ("Log book nodes", "Upcoming ones only", True),
        ("Log book (Content type), 12 of 34", "", True),
        ("Log book nodes", "Only those of this year, the others are not kept", False),
        ("Log book nodes", "English only", False),
        ("CSV of the yard", "Upcoming ones only", False),
    ],
)
def test_the_rest_of_what_a_migration_reads_in_part_is_asked_about_before_it_goes(
    source: str, note: str, *, is_asked: bool
) -> None:
    run = {"Migration": "Logs", "X": "a", "Source": source, "Destination": "Boat", "Notes": note}
    gone = bundle("Log book", "log_book", x="d") | {"Settings/notes": "Once it is migrated"}

    found = questions_of(bundles=[gone, bundle("Boat", "boat")], migrations=[run])

    assert any("takes over only a part of “Log book”" in q for q in found) is is_asked


def test_of_many_migrations_without_a_mapping_the_rest_is_counted() -> None:
    run: Row = {"X": "a", "Source": "CSV", "Destination": "Crane"}

    (question,) = questions_of(
        bundles=[bundle("Crane", "crane")],
        fields=[field(CRANE, "field_keel"), field(CRANE, "field_mast")],
        migrations=[run | {"Migration": f"cranes_{n}"} for n in range(15)],
    )

    assert question.endswith("“cranes_10”, “cranes_11” or 3 more.")


@pytest.mark.parametrize(
    ("note", "is_asked"), [("Office only, from HARBOURBASE", False), ("Office only", True)]
)
def test_a_field_whose_note_names_the_source_of_the_migration_is_filled(
    note: str, *, is_asked: bool
) -> None:
    rig = field(CRANE, "field_rig", ref="Rig (Vocabulary)") | {"Req'd": "y"}
    run = {"Migration": "cranes", "X": "a", "Source": "HARBOURBASE, CSV", "Destination": "Crane"}

    found = questions_of(
        bundles=[bundle("Crane", "crane"), bundle("Rig", "rig", "Vocabulary")],
        fields=[rig | {"Settings/notes": note}],
        migrations=[run],
    )

    assert any("must be filled in" in question for question in found) is is_asked


def test_a_field_named_by_another_migration_of_the_same_bundle_is_asked_about() -> None:
    rig = field(CRANE, "field_rig", ref="Rig (Vocabulary)") | {"Req'd": "y"}
    run: Row = {"X": "a", "Source": "CSV", "Destination": "Crane"}
    runs = [
        run | {"Migration": "old_cranes", "Notes": "Rig by hull"},
        run | {"Migration": "new_cranes"},
    ]

    found = questions_of(
        bundles=[bundle("Crane", "crane"), bundle("Rig", "rig", "Vocabulary")],
        fields=[rig],
        migrations=runs,
    )

    question = (
        "“Rig” (`field_rig`) must be filled in, and new_cranes names no source for it: what do the migrated "
        "items get?"
    )
    assert found == [question]


def test_a_migration_that_reads_a_field_of_a_type_fills_nothing_else_of_it() -> None:
    """Files of a field of moderated items do not arrive in a state, nor need their other fields."""
    rig = field(CRANE, "field_rig", ref="Rig (Vocabulary)") | {"Req'd": "y"}
    run = {"X": "a", "Migration": "photos", "Source": "Crane, field_photo", "Notes": "1,900 files"}

    found = questions_of(
        bundles=[
            bundle("Crane", "crane", x="x") | {"Mod.": "y"},
            bundle("Rig", "rig", "Vocabulary"),
            bundle("Image", "image", "Media type", x="x"),
        ],
        fields=[rig, field(CRANE, "field_photo", x="d")],
        workflows=[{"Label": "Tide", "Machine name": "tide", "X": "x", "Notes": "Crane"}],
        states=[{"Workflow": "Tide", "Label": "Afloat", "Machine name": "afloat", "X": "x"}],
        migrations=[run | {"Destination": "Image (Media type)"}],
    )

    assert not [q for q in found if "photos" in q or "state of their workflow" in q]


@pytest.mark.parametrize(
    ("source", "note", "asked"),
    [
        ("Crane, field_crew_text", "", ["`field_crew`"]),
        ("Crane, field_people", "", [""]),
        ("Crane, field_people", "Into Helpers", []),
        ("CSV", "", []),
    ],
)
def test_which_of_several_fields_gets_what_comes_out_of_a_field_is_asked(
    source: str, note: str, asked: list[str]
) -> None:
    """Lines of an old list became paragraphs, and no sheet said of which of two new fields."""
    run = {"X": "a", "Migration": "people", "Source": source, "Destination": "Member"}
    fields = [field(CRANE, name, x="d") for name in ("field_crew_text", "field_people")]
    fields += [field(CRANE, "field_crew", ref="Member (Paragraph type)") | {"Field label": "Crew"}]
    fields += [
        field(CRANE, "field_helpers", ref="Member (Paragraph type)") | {"Field label": "Helpers"}
    ]
    specification = specification_of(
        bundles=[bundle("Crane", "crane", x="c"), bundle("Member", "member", "Paragraph type")],
        fields=fields,
        migrations=[run | {"Notes": note}],
    )

    found = all_open_questions(group_entities(specification).groups, specification)

    question = (
        "Which field of Crane refers to what “people” brings: `field_crew` or `field_helpers`?"
    )
    assert [q.suggested_answer for _, q in found if q.question == question] == asked


@pytest.mark.parametrize(
    ("of_crane", "note", "is_asked"),
    [("field_mast", "", True), ("field_rope", "", False), ("field_mast", "Rope is dropped", False)],
)
def test_a_field_of_a_source_that_goes_is_asked_for_its_home(
    of_crane: str, note: str, *, is_asked: bool
) -> None:
    rope = field("Raft (Content type)", "field_rope", x="d")
    run: Row = {"Migration": "rafts", "X": "a", "Source": "Raft (same site)", "Notes": note}

    found = questions_of(
        bundles=[bundle("Crane", "crane"), bundle("Raft", "raft", x="d")],
        fields=[field(CRANE, of_crane), rope],
        migrations=[run | {"Destination": "Crane"}],
    )

    question = (
        "“Rope” (`field_rope`) of Raft has no field of that name in Crane: where do its values go, or are they "
        "dropped?"
    )
    assert (question in found) is is_asked


def test_a_type_of_a_starter_kit_has_no_items_to_ask_about() -> None:
    boat = bundle("Boat", "boat", x="c") | {"Settings/notes": "Exists from the starter kit."}

    assert questions_of(bundles=[boat], fields=[field(BOAT, "field_keel", req="y")]) == []


@pytest.mark.parametrize(
    ("status", "cells", "is_asked"),
    [
        ("x", {}, True),
        ("c", {"X": "c", "Settings/notes": "Becomes required, 4 old boats lack it."}, True),
        ("c", {"X": "c", "Settings/notes": "New options"}, False),
        ("c", {"Settings/notes": "Old boats get 3."}, False),
        ("c", {"Req'd": "n"}, False),
        ("a", {}, False),
    ],
)
def test_a_field_to_fill_in_from_now_on_is_asked_for_existing_items(
    status: str, cells: dict[str, str], *, is_asked: bool
) -> None:
    keel = field(BOAT, "field_keel") | {"Req'd": "y"} | cells

    found = questions_of(bundles=[bundle("Boat", "boat", x=status)], fields=[keel])

    question = (
        "“Keel” (`field_keel`) must be filled in from now on: what do existing items of Boat get, or "
        "do they stay without until somebody edits them?"
    )
    assert found == ([question] if is_asked else [])


@pytest.mark.parametrize(
    ("note", "is_asked"),
    [
        ("Was a list of yards, is now free text.", True),
        ("Was a list of yards. Convert the values.", False),
        ("The yard was typed into a list before.", True),
        ("Was plain text, now longer.", False),
        ("Was one value, now three.", False),
    ],
)
def test_a_field_that_changes_its_type_is_asked_for_its_values(
    note: str, *, is_asked: bool
) -> None:
    keel = field(BOAT, "field_keel", x="c") | {"Settings/notes": note, "Field type": "Text (plain)"}

    found = questions_of(bundles=[bundle("Boat", "boat", x="x")], fields=[keel])

    assert any("Drupal cannot change the type of “Keel”" in q for q in found) is is_asked


@pytest.mark.parametrize(
    ("note", "words"),
    [
        ("Shown where the sailor ticks the box in their own account.", "No sheet has a field"),
        ("Checked only when the service answers within a second.", "relies on another system"),
        ("Posts to the harbour office as JSON.", "relies on another system"),
        ("Names by mapping sheet from client.", "needs the “mapping sheet from client”"),
        ("Sent to the depth register at once.", "relies on another system"),
        ("Mails the author a week before.", "asks for a mail"),
        ("Sent to the author.", ""),
        ("Sent to the depth register by mail.", ""),
        ("Name from the user account.", ""),
        ("Mails are sent to the harbour office.", ""),
        ("Ticked in the form.", ""),
    ],
)
def test_what_a_note_relies_on_and_no_sheet_has_is_asked_for(note: str, words: str) -> None:
    found = questions_of(fields=[field(BOAT, "field_keel") | {"Settings/notes": note}])

    assert [words in question for question in found] == ([True] if words else [])


@pytest.mark.parametrize(
    ("note", "words"),
    [
        ("Comes nightly from the harbour office.", "No migration of the sheets fills “Berth”"),
        ("Six terms, locked", "Which six terms does “Berth” have?"),
        ("Six terms, the office may add", ""),
        ("Typed in at once", ""),
        ("Mail to the lock keeper.", "To which address do the mails to “lock keeper” go?"),
        ("Goes to berths@.", "To which address do the mails to “berths@” go?"),
        ("Mail to the lock keeper, address in the settings.", ""),
        ("Mail to the editors.", ""),
    ],
)
def test_what_a_bundle_needs_and_no_sheet_gives_is_asked_for(note: str, words: str) -> None:
    berth = bundle("Berth", "berth", "Vocabulary") | {"Settings/notes": note}

    found = questions_of(bundles=[bundle("Boat", "boat"), berth])

    assert [question.startswith(words) for question in found] == ([True] if words else [])


def test_terms_that_the_description_lists_are_not_asked_for() -> None:
    cells = {"Settings/notes": "Three terms", "Description": "Long, short, dry."}

    boat = bundle("Boat", "boat")

    assert questions_of(bundles=[boat, bundle("Berth", "berth", "Vocabulary") | cells]) == []


@pytest.mark.parametrize(
    ("note", "is_asked"), [("Ten a page, newest first", True), ("Now ten a page", False)]
)
def test_a_changed_view_that_does_not_say_what_changes_is_asked_about(
    note: str, *, is_asked: bool
) -> None:
    found = questions_of(views=[view(X="c")], displays=[display("List", X="c", Notes=note)])

    assert (
        "“Boats” is marked as changed, and no row says what: what changes?" in found
    ) is is_asked


@pytest.mark.parametrize(
    ("name", "elements", "missing"),
    [
        ("Berth order", ["length"], "a name or e-mail address"),
        ("Berth order", ["length", "email"], "a name"),
        ("Berth order", ["your_name"], ""),
        ("Depth reading", ["depth"], ""),
    ],
)
def test_a_form_that_asks_nobody_for_a_name_is_asked_about(
    name: str, elements: list[str], missing: str
) -> None:
    found = questions_of(
        bundles=[bundle(name, "form", "Webform")],
        fields=[field(f"{name} (Webform)", element) for element in elements],
    )

    question = f"No element of “{name}” asks for {missing}: is that right, or is it missing?"
    assert found == ([question] if missing else [])


@pytest.mark.parametrize(
    ("note", "description", "tickets"),
    [("", "", 1), ("Nobody used them.", "", 0), ("", "Unused since 2021", 0)],
)
def test_terms_that_go_with_their_field_are_asked_about_once_unless_unused(
    note: str, description: str, tickets: int
) -> None:
    tag = bundle("Tag", "tag", "Vocabulary", x="d") | {"Description": description}
    tags = field(BOAT, "field_tags", x="d", ref="Tag (Vocabulary)") | {"Settings/notes": note}

    asked = questions_of(bundles=[bundle("Boat", "boat", x="c"), tag], fields=[tags])

    assert (
        len([question for question in asked if "may its content be deleted" in question]) == tickets
    )


@pytest.mark.parametrize(
    ("cells", "is_asked"),
    [
        ({}, True),
        ({"Remarks": "Log message required."}, True),
        ({"Remarks": "By cron, after a day"}, False),
        ({"Remarks": "Pilot. What about tugs in use?"}, False),
        ({"Who may": "Pilot"}, False),
        ({"X": "x"}, False),
    ],
)
def test_a_transition_that_no_sheet_gives_to_anybody_is_asked_about(
    cells: Row, *, is_asked: bool
) -> None:
    found = moored(leads("Fresh", "Moored", "") | cells, states={"Fresh": "a", "Moored": "a"})

    assert ("Who may use “Fresh to Moored”? No sheet says." in found) is is_asked


@pytest.mark.parametrize(
    ("note", "is_asked"),
    [
        ("Boats: only the pilot", True),
        ("Pilot only for boat", True),
        ("Pilot only", False),
        ("Pilot only for boat, by custom code", False),
    ],
)
def test_a_limit_to_one_type_is_asked_about_as_drupal_grants_for_all(
    note: str, *, is_asked: bool
) -> None:
    found = moored(leads("Fresh", "Moored", "Pilot") | {"Remarks": note}, states={"Fresh": "a"})

    assert any(q.startswith("Drupal grants “Fresh to Moored”") for q in found) is is_asked


LISTED = {"Machine name": "boat"}
"""A view of boats: its machine name says so."""


@pytest.mark.parametrize(
    ("cells", "is_asked"),
    [
        ({"Filters": "Published. Exposed: Length, Rig"}, True),
        ({"Sort": "Rig asc"}, True),
        ({"Format": "Table: Title, field_rig"}, True),
        ({"Filters": "Rigged boats only"}, False),
        ({"Filters": "Content type (= Rig)"}, False),
        ({"Filters": "Exposed: Rig", "X": "d"}, False),
    ],
)
def test_a_removed_field_that_a_view_uses_is_asked_in_both_tickets(
    cells: dict[str, str], *, is_asked: bool
) -> None:
    page = display("Chart", Path="/fleet", X="x") | cells
    block = display("Quay", **{"Display plugin": "Block"})
    rig = field(BOAT, "field_rig", "d") | {"Settings/notes": "Its content is exported first."}

    asked = questions_of(
        views=[view(X="x", **LISTED)],
        displays=[page, block],
        fields=[field(BOAT, "field_draught"), rig],
    )

    question = (
        "“Rig” (`field_rig`) of Boat goes, but “Chart” (`chart`) of “Boats” uses it "
        f"({next(iter(cells))}): drop it there, or keep the field?"
    )
    assert asked == ([question] * 2 if is_asked else [])


def test_a_view_of_other_content_or_a_field_of_that_name_that_stays_is_left_alone() -> None:
    page = display("Chart", Path="/fleet", Filters="Exposed: Rig")
    other = field("Berth (Vocabulary)", "field_rig", "d")
    kept = field(BOAT, "field_new_rig") | {"Field label": "Rig"}
    gone = field(BOAT, "field_rig", "d")

    elsewhere = questions_of(views=[view(**LISTED)], displays=[page], fields=[other])
    replaced = questions_of(views=[view(**LISTED)], displays=[page], fields=[kept, gone])

    assert [text for text in (*elsewhere, *replaced) if "goes, but" in text] == []


def menu(name: str, notes: str, **cells: str) -> Row:
    """A row of a sheet that the format does not know."""
    return {"Label": name, "Machine name": name.casefold(), "X": "a", "Notes": notes} | cells


def test_a_type_that_a_workflow_lists_or_that_names_its_workflow_asks_for_none() -> None:
    """Drupal calls it `This workflow applies to`; notes say `wf yard`."""
    boats = [bundle(n, n.casefold()) | {"Mod.": "y"} for n in ("Boat", "Raft", "Buoy")]
    boats[1]["Settings/notes"] = "wf yard"
    flows: list[Row] = [
        {"Label": "Yard", "Machine name": "yard", "X": "x", "This workflow applies to": "Boat"},
        {"Label": "Sea", "Machine name": "sea", "X": "x"},
    ]

    assert questions_of(bundles=boats, workflows=flows) == [
        "Mod. is y, but Applies to of Yard and Sea does not name it: which workflow moderates it?"
    ]


@pytest.mark.parametrize(
    ("values", "note", "asked"),
    [
        ("1", "storage 5, only 1 on the form", []),
        ("", "", []),
        ("", "big ships have more than one", []),
        ("1", "", [f"Vals. of {ROPE} is “1” here", f"Vals. of {ROPE} is “*” here"]),
    ],
)
def test_a_note_on_the_storage_settles_its_limit(values: str, note: str, asked: list[str]) -> None:
    crane = {"Vals.": values, "Settings/notes": note}

    found = questions_of(
        bundles=[bundle("Crane", "crane"), bundle("Ship", "ship")],
        fields=[
            field(CRANE, "field_rope") | crane,
            field("Ship (Content type)", "field_rope") | {"Vals.": "*"},
        ],
    )

    assert asked == [question.partition(" here")[0] + " here" for question in found]


def test_the_note_of_a_transition_beside_its_roles_is_no_list_of_people() -> None:
    found = moored(
        leads("Fresh", "Moored", "spelling") | {"Roles": "Pilot"},
        leads("Moored", "Fresh", "Pilot"),
        states={"Fresh": "a", "Moored": "a"},
    )

    assert not any("No role of the sheets is called" in question for question in found)


@pytest.mark.parametrize(
    ("note", "question"),
    [
        ("Seen by all? Harbour office decides", "To ask: Harbour office."),
        ("Rope limit: to be decided by Pilots (A. Reed)", "To ask: Pilots (A. Reed)."),
        ("Later with colours, Harbour office decides", "To ask: Harbour office."),
        ("Box to tick, text from Harbour office open", "To ask: Harbour office."),
        ("Shown at night? HMO", "To ask: HMO."),
        ("A horn? -> no, a bell", ""),
        ("The editor decides which rope is shown", ""),
        ("Unpublished after a day, Harbour office confirms", ""),
    ],
)
def test_an_open_point_names_whose_answer_it_waits_for(note: str, question: str) -> None:
    found = crane_field(**{"Settings/notes": note})

    assert bool(question) == bool(found)
    assert all(asked.endswith(question) for asked in found)


def test_a_question_that_a_view_answers_is_none() -> None:
    pages = [display("Chart", Path="/fleet")]
    described = view() | {"Description": "For the crew: which boats are out?"}

    assert questions_of(views=[described], displays=pages) == []


def test_the_one_row_without_a_mark_is_asked_about_in_a_small_sheet() -> None:
    runs: list[Row] = [
        {"Migration": f"Log {n}", "X": "a" if n else "", "Source": "none"} for n in range(7)
    ]

    assert questions_of(migrations=runs) == [
        "“Log 0” has no mark in column X, the other rows have one: is it to be built?"
    ]
    assert questions_of(migrations=runs[:4]) == []


def test_of_fields_that_go_under_one_name_a_view_asks_about_those_it_lists() -> None:
    raft = "Raft (Content type)"
    rows = [field(BOAT, "field_rig", "d"), field(raft, "field_sail", "d") | {"Field label": "Rig"}]

    asked = questions_of(
        bundles=[bundle("Boat", "boat"), bundle("Raft", "raft")],
        views=[view(**LISTED)],
        displays=[display("Chart", Path="/fleet", Filters="Exposed: Rig")],
        fields=[*rows, field(BOAT, "field_hull"), field(raft, "field_hull")],
    )

    assert [q.partition(" goes")[0] for q in asked if "goes, but" in q] == [
        "“Rig” (`field_rig`) of Boat"
    ] * 2


def test_the_fields_of_a_webform_share_no_storage() -> None:
    forms = [bundle(n, n.casefold(), "Webform") for n in ("Berth", "Complaint")]
    fields = [
        field("Berth (Webform)", "ship") | {"Vals.": "1"},
        field("Complaint (Webform)", "ship") | {"Vals.": "*", "Reused Field": "y"},
    ]

    assert questions_of(bundles=forms, fields=fields) == []


def test_the_roles_of_a_transition_are_in_the_column_for_them() -> None:
    """A note that spoke of a role which is on hold was taken for its permission."""
    roles = [
        {"Name": n, "Machine name": n.casefold(), "X": x}
        for n, x in (("Pilot", "a"), ("Guest", "w"))
    ]

    found = questions_of(
        roles=[role | {"Notes": "Moors ships"} for role in roles],
        workflows=[{"Label": "Mooring", "Machine name": "mooring", "X": "a"}],
        states=[{"Workflow": "Mooring", "X": "a", "Label": "Fresh", "Machine name": "fresh"}],
        transitions=[
            {"Workflow": "Mooring", "X": "a", "Roles": "pilot"}
            | leads("Fresh", "Fresh", "mail to Guest")
        ],
    )

    assert not any("that role is on hold" in question for question in found)


def test_fields_of_accounts_name_no_unknown_type() -> None:
    number = field("User (User)", "field_number")

    assert not [text for text in questions_of(fields=[number]) if "what is meant" in text]


@pytest.mark.parametrize(
    ("x", "note", "is_asked"),
    [
        ("a", "Boat", True),
        ("a", "Existing boats start as Published", True),
        ("a", "Boats start as Draft", False),
        ("c", "Boat", False),
    ],
)
def test_only_of_a_new_workflow_the_first_state_is_asked_for(
    x: str, note: str, *, is_asked: bool
) -> None:
    states: list[Row] = [
        {"Workflow": "Tide", "Label": name, "Machine name": name.casefold(), "X": "x"}
        for name in ("Draft", "Published")
    ]

    found = questions_of(
        workflows=[{"Label": "Tide", "Machine name": "tide", "X": x, "Notes": note}],
        states=states,
    )

    assert any("new content start in" in text for text in found) is is_asked


@pytest.mark.parametrize(
    ("note", "is_asked"),
    [
        ("One key each for now; how it is kept is open", True),
        ("The name is still being clarified by the client", True),
        ("Night rate: office still to decide", True),
        ("A plain list for now, the rest is still being discussed", False),
        ("Shows which berths are open", False),
        ("Hidden while the berth is being checked", False),
    ],
)
def test_what_is_being_clarified_is_open(note: str, *, is_asked: bool) -> None:
    assert any("Please" in q for q in crane_field(**{"Settings/notes": note})) is is_asked


def saving(*ways: tuple[str, str], x: str = "a") -> list[str]:
    """Ask about a workflow with these transitions, from state to state."""
    found = questions_of(
        bundles=[bundle("Boat", "boat")],
        workflows=[{"Label": "Tide", "Machine name": "tide", "X": x, "Notes": "Boat"}],
        states=[
            {"Workflow": "Tide", "Label": label, "Machine name": label.casefold(), "X": x}
            | {"Published": "y" if label == "Afloat" else "n", "Notes": note}
            for label, note in (("Ashore", "initial state"), ("Afloat", ""), ("Sunk", ""))
        ],
        transitions=[
            {"Workflow": "Tide", "Label": f"Way {n}", "Machine name": f"way_{n}", "X": x}
            | {"From state": begin, "To state": end, "Default revision": "n"}
            for n, (begin, end) in enumerate(ways)
        ],
    )
    return [q for q in found if q.startswith("Drupal saves")]


@pytest.mark.parametrize(
    ("states", "cells", "question", "likely"),
    [
        (
            {"Ashore": "n", "Afloat": "y"},
            {},
            (
                "Drupal keeps the states draft and published in every such workflow: which states of "
                "“Tide” take their place, or do those two stay unused?"
            ),
            "Ashore takes the place of draft; Afloat takes the place of published",
        ),
        (
            {"Draft": "n", "Afloat": "y", "Moored": "y"},
            {},
            (
                "Drupal keeps the state published in every such workflow: which state of “Tide” takes "
                "its place, or does it stay unused?"
            ),
            "",
        ),
        ({"Draft": "n", "Published": "y"}, {}, "", ""),
        ({"Ashore": "n", "Afloat": "y"}, {"X": "c"}, "", ""),
        ({"Ashore": "n", "Afloat": "y"}, {"Type": "Other"}, "", ""),
    ],
)
def test_the_states_drupal_keeps_are_asked_about_where_a_new_workflow_has_others(
    states: dict[str, str], cells: Row, question: str, likely: str
) -> None:
    """A check of exactly three others could not be met: those two can only be relabelled."""
    tide: Row = {"Label": "Tide", "Machine name": "tide", "X": "a", "Type": "Content moderation"}
    specification = specification_of(
        workflows=[tide | cells],
        states=[
            {"Workflow": "Tide", "Label": label, "Machine name": label.casefold(), "X": "a"}
            | {"Published": published}
            for label, published in states.items()
        ],
        transitions=[
            {"Workflow": "Tide", "Label": "Launch", "Machine name": "launch", "X": "a"}
            | {"From state": next(iter(states)), "To state": label}
            for label in list(states)[1:]
        ],
    )

    found = all_open_questions(group_entities(specification).groups, specification)

    asked = [(q.question, q.suggested_answer) for _, q in found if "Drupal keeps" in q.question]
    assert asked == ([(question, likely)] if question else [])


def test_who_may_use_the_ways_of_a_state_is_suggested_for_what_it_lacks() -> None:
    way: Row = {"Workflow": "Tide", "X": "a", "Default revision": "n"}
    specification = specification_of(
        roles=[{"Name": n, "Machine name": n.casefold(), "X": "a"} for n in ("Pilot", "Clerk")],
        workflows=[{"Label": "Tide", "Machine name": "tide", "X": "a", "Notes": "Boat"}],
        states=[
            {"Workflow": "Tide", "Label": label, "Machine name": label.casefold(), "X": "a"}
            | {"Published": published, "Notes": note}
            for label, published, note in (
                ("Ashore", "n", "initial state"),
                ("Asked", "n", ""),
                ("Afloat", "y", ""),
            )
        ],
        transitions=[
            way
            | {"Label": "Ask", "Machine name": "ask", "Roles": "Pilot"}
            | {"From state": "Ashore", "To state": "Asked"},
            way
            | {"Label": "Launch", "Machine name": "launch", "Roles": "Clerk"}
            | {"From state": "Asked, Ashore", "To state": "Afloat"},
        ],
    )

    found = all_open_questions(group_entities(specification).groups, specification)

    (asked,) = (q for _, q in found if q.question.startswith("Drupal saves"))
    assert asked.suggested_answer == "Save in “Ashore”: Pilot; Save in “Afloat”: Clerk"


def test_a_state_that_nothing_leaves_is_asked_about_with_a_likely_answer() -> None:
    rows = {"Ashore": "n", "Afloat": "y", "Sunk": "n"}
    ways = [("Ashore", "Afloat"), ("Afloat", "Sunk"), ("Afloat", "Afloat"), ("Ashore", "Ashore")]
    specification = specification_of(
        workflows=[{"Label": "Tide", "Machine name": "tide", "X": "a", "Type": "Other"}],
        states=[
            {"Workflow": "Tide", "Label": label, "Machine name": label.casefold(), "X": "a"}
            | {"Published": published}
            for label, published in rows.items()
        ],
        transitions=[
            {"Workflow": "Tide", "Label": f"Way {n}", "Machine name": f"way_{n}", "X": "a"}
            | {"From state": begin, "To state": end}
            for n, (begin, end) in enumerate(ways)
        ],
    )

    found = all_open_questions(group_entities(specification).groups, specification)

    (asked,) = [q for _, q in found if q.question.startswith("No transition leads out of")]
    assert asked.question.startswith("No transition leads out of “Sunk”, so nobody can bring")
    assert asked.suggested_answer == "Yes, it stays there"


def test_what_a_state_says_of_its_items_is_not_asked_for() -> None:
    state = {"Workflow": "Tide", "Label": "Draft", "Machine name": "draft", "X": "a"}
    specification = specification_of(
        workflows=[{"Label": "Tide", "Machine name": "tide", "X": "a", "Type": "Other"}],
        states=[state | {"Notes": "English is final, French is still to come"}],
    )

    found = all_open_questions(group_entities(specification).groups, specification)

    assert not any(q.question.startswith("When ") for _, q in found)


def test_a_state_in_which_nothing_can_be_saved_is_asked_about() -> None:
    """A business could not save its new vacancy, and nobody could correct a page."""
    launch, sink, stay = ("Ashore", "Afloat"), ("Afloat", "Sunk"), ("Ashore", "Ashore")

    (both,) = saving(launch, sink)
    assert "no transition stays in “Ashore”, so nobody can save new content in it" in both
    assert "none leads back to “Afloat”, so nobody can correct content there" in both
    (first,) = saving(launch, sink, ("Sunk", "Afloat"))
    assert "none leads back" not in first
    assert saving(launch, ("Afloat", "Ashore"), stay) == []
    assert saving(launch, sink, x="x") == []
