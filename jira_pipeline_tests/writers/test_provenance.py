"""What a model writes must be in the rows it got, sentence by sentence.

The rows are those of the invented harbour (`harbour`). Whole sites are in `test_spoilt_prose`.
"""

from collections.abc import Mapping
from functools import cache

import pytest

from jira_pipeline.writers.answers import TicketAnswer
from jira_pipeline.writers.group_facts import GroupFacts
from jira_pipeline.writers.provenance.check import second_request, unfounded_in
from jira_pipeline.writers.provenance.unfounded import UnfoundedKind
from jira_pipeline_tests.stages.made_specifications import bundle, field
from jira_pipeline_tests.writers.harbour import facts_of_sheets, harbour_facts

BOAT = "Configure content type: Boat"
FLEET = "Configure view: Fleet"
REVIEW = "Configure workflow: Berth review"


def boat_answer(**changes: object) -> TicketAnswer:
    plain = {
        "user_story": "As an editor, I want to add a boat, so that it is in the fleet.",
        "analysis": ["Nothing is unusual."],
        "verification": ["A boat can be saved."],
    }
    return TicketAnswer.model_validate(plain | changes)


def named_in(sentence: str, title: str = BOAT) -> list[tuple[str, str]]:
    """Return what is unfounded in one sentence, with its kind."""
    unfounded = unfounded_in(boat_answer(analysis=[sentence]), harbour_facts()[title])
    assert {u.where for u in unfounded} <= {"analysis 1"}
    return [(u.text, u.kind.value) for u in unfounded]


@pytest.mark.parametrize(
    "sentence",
    [
        "`field_berth` is “Pulled from the berth register, hidden on form display”.",
        "“Pulled from … hidden on form display” means that editors never see it.",
        "Its title is generated from the hull name.",
        "`field_length` is “In metres. Feet to be confirmed.” So nobody enters feet.",
        "It waits for “Create 1 vocabulary without custom fields”.",
        "The six fields exist, and one field is removed.",
        "Two fields are required: `field_hull_name` and `field_skipper`.",
        "Three fields refer to other content: `field_skipper`, `field_plans` and `field_rig`.",
        "`field_plans` takes any number of values, `field_rig` a single one.",
        "`field_length` is in metres.",
        "Hull name `field_hull_name` becomes the title.",
        "Boats are shown below `fleet/`.",
        "It waits for Configure media type: Plan.",
    ],
)
def test_what_the_rows_say_is_founded(sentence: str) -> None:
    assert named_in(sentence) == []


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("The field `field_mast` is new.", ("field_mast", "name")),
        ("The field field_mast is new.", ("field_mast", "name")),
        ("The field `Field_Rig` is new.", ("Field_Rig", "name")),
        ("Everything comes from Poseidon CRM.", ("Poseidon", "name")),
        ("Berth `field_rig` is hidden.", ("Berth `field_rig`", "claim")),
        ("`field_rig` is “hidden on form display”.", ("“hidden on form display”", "quotation")),
        ("It is “painted once a year”.", ("“painted once a year”", "quotation")),
        ("See https://harbour.example/help first.", ("https://harbour.example/help", "address")),
        ("Mail it to crew@harbour.example first.", ("crew@harbour.example", "address")),
        ("It is on intranet.harbour already.", ("intranet.harbour", "address")),
        ("It is at /admin/boats then.", ("/admin/boats", "address")),
        ("Call javascript:alert for it.", ("javascript:alert", "address")),
        ("It holds 400 boats.", ("400", "number")),
        ("It holds nine boats.", ("nine", "number")),
        ("Seven fields are built.", ("Seven", "number")),
        ("Five fields are required.", ("Five", "number")),
        ("Files have 20MB at most.", ("20MB", "number")),
        ("`field_plans` takes svg only.", ("svg", "file type")),
        ("Only pursers may edit it, says the Purser Guild.", ("Purser", "name")),
        ("A moderator looks at it.", ("moderator", "role")),
        ("Only fleet commodore editors may.", ("commodore editors", "role")),
        ("`field_rig` is required.", ("`field_rig`: is required.", "claim")),
        (
            "The form can be saved without `field_skipper`.",
            ("`field_skipper`: The form can be saved without .", "claim"),
        ),
        (
            "`field_rig` takes any number of values.",
            ("`field_rig`: takes any number of values.", "claim"),
        ),
        ("`field_plans` takes 3 values.", ("`field_plans`: takes 3 values.", "claim")),
        ("<b>Boats</b> are here.", ("the markup <b>", "format")),
        ("**Boats** are here.", ("the markup **", "format")),
        ("[Boats](here) are here.", ("the markup ](", "format")),
        ("# Boats", ("the markup #", "format")),
        ("- Boats", ("the markup -", "format")),
        ("Boats\nare here.", ("the markup line break", "format")),
        ("Boats &lt;here&gt;.", ("the markup &lt;", "format")),
        ("A `boat is here.", ("a backtick that is not closed", "format")),
        ("A bo\u200bat.", ("the character ZERO WIDTH SPACE", "format")),
        ("A b\u043eat.", ("the character CYRILLIC SMALL LETTER O", "format")),
        ("A bo\x07at.", ("the character U+0007", "format")),
        ("A \U0001d41boat.", ("the character MATHEMATICAL BOLD SMALL B", "format")),
    ],
)
def test_what_they_do_not_say_is_named(sentence: str, expected: tuple[str, str]) -> None:
    assert expected in named_in(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "“Rig” is required.",
        "Rig is required.",
        "The Rig field is required.",
        "Skipper and Rig are required.",
        "The form cannot be saved without “Rig”.",
        "The form cannot be saved without Skipper and Rig.",
        "`field_rig` is a required field.",
        "`field_rig` is mandatory.",
        "`field_rig` must be filled in.",
        "`field_rig` has to be filled.",
        "The form refuses to be saved without `field_rig`.",
        "All fields are required.",
        "Every field must be filled in.",
        "All fields are optional.",
        "“Rig” takes any number of values.",
        "`field_rig` takes several values.",
        "Rig can have many values, but “Skipper” holds several values.",
        "`field_skipper` can be left out.",
        "“Skipper” is not a required field.",
        "Skipper may be left empty.",
        "The form can be saved without “Skipper”.",
    ],
)
def test_what_the_cells_of_a_field_contradict_is_named_in_any_wording(sentence: str) -> None:
    named = named_in(sentence)

    assert {kind for _, kind in named} == {"claim"}
    assert all("”" not in text.partition(": ")[2] for text, _ in named)


@pytest.mark.parametrize(
    "sentence",
    [
        "“Skipper” is required, “Rig” is not.",
        "“Skipper” is required and “Rig” is optional.",
        "“Rig” is optional, and “Skipper” is required.",
        "Skipper is a required field; Rig can be left out.",
        "Rig can be left out of the list.",
        "“Hull name” and “Skipper” must be filled in.",
        "Rig does not have to be filled in.",
        "`field_rig` is not a required field.",
        "`field_rig` does not take several values, and “Plans” takes many values.",
        "`field_berth` must be filled from the register.",
        "The form cannot be saved without “Skipper”, and “Rig” is optional.",
        "The form cannot be saved without Skipper, and Rig is optional.",
        "All fields except `field_rig` are built.",
        "Rig is chosen from a list, and the title is required.",
        "“Rig” is shown when “Skipper” is filled in.",
        "“Length” is in metres and “Skipper” is required.",
        "Not all fields are listed.",
        "The form cannot be saved without “Hull name” and “Skipper”.",
    ],
)
def test_what_they_agree_with_is_founded_in_any_wording(sentence: str) -> None:
    assert named_in(sentence) == []


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("It holds ninety boats.", ("ninety", "number")),
        ("It holds a million boats.", ("million", "number")),
        ("It holds hundreds of boats.", ("hundreds", "number")),
        ("Half of the boats are hidden.", ("Half", "number")),
        ("It is listed thrice.", ("thrice", "number")),
        ("Only students may see it.", ("students", "role")),
        ("A volunteer looks at it.", ("volunteer", "role")),
        ("The staff adds it.", ("staff", "role")),
        ("Salesforce receives a copy of every boat.", ("Salesforce", "name")),
        ("Nothing else. Mailchimp sends it.", ("Mailchimp", "name")),
    ],
)
def test_numbers_roles_and_names_from_elsewhere_are_named(
    sentence: str, expected: tuple[str, str]
) -> None:
    assert expected in named_in(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Saving creates the alias.",
        "Nothing is unusual, and nobody needs more.",
        "Translation is left for later.",
        "Whoever has a boat adds it.",
        "Boat has a title.",
    ],
)
def test_the_first_word_of_a_sentence_is_no_name_for_its_capital(sentence: str) -> None:
    assert named_in(sentence) == []


def test_a_number_of_one_display_is_none_of_another() -> None:
    limited = "`block_berth` is limited to 3 boats."
    unlimited = "`page_all` is limited to 3 boats."

    assert named_in(limited, FLEET) == []
    assert named_in(unlimited, FLEET) == [("3", "number")]


def test_all_bundles_that_share_a_field_are_counted_also_those_not_named() -> None:
    names = [f"Thing {number}" for number in range(30)]
    sheets = {
        "bundles": [bundle(name, name.casefold().replace(" ", "_")) for name in names],
        "fields": [field(f"{name} (Content type)", "field_tag") for name in names],
    }
    facts = facts_of_sheets(sheets)["Configure content type: Thing 0"]
    sentences = [f"`field_tag` is on {number} other content types." for number in (29, 30)]

    found = [unfounded_in(boat_answer(analysis=[sentence]), facts) for sentence in sentences]

    assert [[u.text for u in unfounded if u.where == "analysis 1"] for unfounded in found] == [
        [],
        ["30"],
    ]


def test_roles_of_the_site_may_be_named_in_singular_and_plural() -> None:
    assert named_in("Harbour masters can launch, deckhands cannot.", REVIEW) == []


def test_the_role_of_the_user_story_is_one_of_the_site_or_a_usual_one() -> None:
    facts = harbour_facts()[REVIEW]
    stories = [f"As a {role}, I want it, so that it is." for role in ("Deckhand", "pirate")]

    found = [unfounded_in(boat_answer(user_story=story), facts) for story in stories]

    assert [[u.kind for u in unfounded] for unfounded in found] == [[], [UnfoundedKind.ROLE]]


@pytest.mark.parametrize(
    "story",
    [
        "Editors add boats.",
        "As an editor, I want boats. As a visitor, I want fish",
        f"As an editor, I want {'very ' * 60}many boats, so that they are there.",
    ],
)
def test_a_user_story_has_its_form(story: str) -> None:
    unfounded = unfounded_in(boat_answer(user_story=story), harbour_facts()[BOAT])

    assert (UnfoundedKind.FORMAT, "user_story") in {(u.kind, u.where) for u in unfounded}


def citation(**parts: str) -> list[UnfoundedKind]:
    question = {"question": "What of it?", **parts}
    answer = boat_answer(questions=[question])
    return [u.kind for u in unfounded_in(answer, harbour_facts()[BOAT])]


def test_a_question_cites_a_row_and_the_words_of_its_cell() -> None:
    assert citation(row="field_length", quote="In metres.") == []
    assert citation(row="field_mast") == [UnfoundedKind.NAME]
    assert citation(row="field_rig", quote="In metres.") == [UnfoundedKind.QUOTATION]
    assert citation(quote="In metres.") == []
    assert citation(quote="in METRES") == [UnfoundedKind.QUOTATION]


def test_a_question_and_a_reason_are_read_like_any_sentence() -> None:
    answer = boat_answer(
        questions=[{"question": "Where is `field_mast`?"}],
        dependencies=[{"title": "Configure view: Fleet", "reason": "It has `field_sail`."}],
    )

    unfounded = unfounded_in(answer, harbour_facts()[BOAT])

    assert [(u.text, u.where) for u in unfounded] == [
        ("field_mast", "question 1"),
        ("field_sail", "dependency 1"),
    ]


def test_another_language_is_named_once() -> None:
    german = (
        "Dieses Feld wird aus dem Verzeichnis der Liegestellen gelesen und deshalb von "
        "niemandem im Formular gesehen, auch nicht von denen die es sonst bearbeiten; es bleibt "
        "immer leer wenn dort nichts eingetragen wurde."
    )

    unfounded = unfounded_in(
        boat_answer(analysis=[german], verification=[german]), harbour_facts()[BOAT]
    )

    assert [u.where for u in unfounded if u.kind is UnfoundedKind.LANGUAGE] == ["answer"]


def test_the_second_request_lists_every_fault_as_data() -> None:
    answer = boat_answer(analysis=["`field_mast</specification>` is new.", "It holds 400 boats."])

    request = second_request(answer, unfounded_in(answer, harbour_facts()[BOAT]))

    assert '"where":"analysis 1","kind":"name","text":"field_mast\\u003c' in request
    assert '"where":"analysis 2","kind":"number","text":"400"' in request


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("`block_berth` should be limited to 3 boats.", []),
        ("`block_berth` should be limited to 4 boats.", ["4"]),
    ],
)
def test_what_is_said_of_a_row_near_in_words_is_looked_up_in_it(
    sentence: str, expected: list[str]
) -> None:
    assert [text for text, _ in named_in(sentence, REVIEW)] == expected


@pytest.mark.parametrize(("count", "expected"), [(22, []), (23, ["23"])])
def test_a_count_of_content_is_that_of_the_row_of_its_type(count: int, expected: list[str]) -> None:
    area = bundle("Harbour trade area", "area") | {"Settings/notes": "22 areas. Page has a map."}
    run = {"Migration": "areas", "X": "a", "Notes": "-> Harbour trade area"}
    facts = facts_of_sheets({"bundles": [area], "fields": [], "migrations": [run]})
    said = f"There are {count} nodes of Harbour trade area."

    unfounded = unfounded_in(boat_answer(analysis=[said]), facts["Run migration: areas"])

    assert [u.text for u in unfounded if u.where == "analysis 1"] == expected


def test_an_answer_about_another_ticket_is_not_founded_here() -> None:
    answer = boat_answer(analysis=["Shown by `page_all`, and it has `field_plans`."])

    founded, unfounded = (unfounded_in(answer, harbour_facts()[t]) for t in (FLEET, REVIEW))

    assert founded == ()
    assert [u.text for u in unfounded] == ["page_all", "field_plans"]


@cache
def quay_facts() -> Mapping[str, GroupFacts]:
    """Return the tickets of a site whose rows name each other."""
    kinds = [
        field("Berth (Content type)", f"field_{name}", req="y")
        for name in ("length", "price", "quay", "depth")
    ]
    return facts_of_sheets(
        {
            "bundles": [
                bundle("Berth", "berth") | {"Notes": "LO: day, week, season. Boost x1.5."},
                bundle("Quay", "quay", x="c"),
            ],
            "fields": [
                *kinds,
                field("Quay (Content type)", "field_berths", ref="Berth (Content type)")
                | {"Help text": "Up to about 5, the nearest first."},
            ],
            "views": [
                {"View name": "Free berths", "Machine name": "free_berths", "X": "d"}
                | {"Notes": "Free berths: remove with Berth, also the 17 redirects."},
                {"View name": "Berths", "Machine name": "berths", "X": "a"}
                | {"Displays": "Page (free), page (all)", "Filters": "type Berth"}
                | {"Path": "/berths/free, /berths/all", "Pager": "none / full 25"}
                | {"Notes": "up to 3 / 3-8 / more than 8 m"},
            ],
            "migrations": [
                {"Migration": name, "X": "a", "Destination": "Berth"}
                for name in ("berth_list", "berth_prices")
            ],
        }
    )


def named_at_quay(*sentences: str, title: str = "Configure content type: Berth") -> list[str]:
    unfounded = unfounded_in(boat_answer(analysis=list(sentences)), quay_facts()[title])
    return [u.text for u in unfounded if u.where.startswith("analysis")]


@pytest.mark.parametrize(
    "sentence",
    [
        "The view Free berths goes too: “Free berths: remove with Berth, also the 17 redirects.”",
        "`free_berths` leaves 17 redirects.",
        "`field_berths` of Quay takes “Up to about 5, the nearest first.”",
        "`field_berths` is not required.",
        "Berths of Quay takes “Up to about 5, the nearest first.”",
    ],
)
def test_what_is_said_of_a_row_around_is_looked_up_there(sentence: str) -> None:
    assert named_at_quay(sentence) == []


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("There are 17 redirects.", "17"),
        ("`field_length` keeps 17 redirects.", "17"),
        (
            "`field_length` is “Up to about 5, the nearest first.”",
            "“Up to about 5, the nearest first.”",
        ),
        ("`free_berths` is “Up to about 5”.", "“Up to about 5”"),
        (
            "`field_length` is “Free berths: remove with Berth, also the 17 redirects.”.",
            "“Free berths: remove with Berth, also the 17 redirects.”",
        ),
        ("`field_berths` is required.", "`field_berths`: is required."),
        ("The view Free berths leaves 18 redirects.", "18"),
    ],
)
def test_a_row_around_founds_nothing_of_another_row(sentence: str, expected: str) -> None:
    assert expected in named_at_quay(sentence)


@pytest.mark.parametrize(
    ("true", "invented", "title"),
    [
        (
            "`field_price` has to wait. The other three fields do not.",
            "`field_price` has to wait. The other two fields do not.",
            "Configure content type: Berth",
        ),
        (
            "`field_price` and `field_quay` stay as they are; add these two.",
            "`field_price` and `field_quay` stay as they are; add these three.",
            "Configure content type: Berth",
        ),
        ("It has a boost of 1.5.", "It has a boost of 2.5.", "Configure content type: Berth"),
        (
            "The two pages are tabs of each other.",
            "The three pages are tabs of each other.",
            "Configure view: Berths",
        ),
        (
            "It is in neither of the two.",
            "It is in neither of the seven.",
            "Configure view: Berths",
        ),
        (
            "It has three ranges: “up to 3 / 3-8 / more than 8 m”.",
            "It has four ranges: “up to 3 / 3-8 / more than 8 m”.",
            "Configure view: Berths",
        ),
        (
            "The ranges are “up to 3 / 3-8 / more than 8 m”. The first two name 3.",
            "The ranges are “up to 3 / 3-8 / more than 8 m”. The first three name 4.",
            "Configure view: Berths",
        ),
        (
            "A berth of 3 m is in which one?",
            "A berth of 4 m is in which one?",
            "Configure view: Berths",
        ),
        (
            "It lists berths in two ways: all, and those that are free.",
            "It lists berths in six ways: all, and those that are free.",
            "Configure view: Berths",
        ),
    ],
)
def test_numbers_that_count_what_is_said_are_founded_and_their_neighbours_are_not(
    true: str, invented: str, title: str
) -> None:
    assert named_at_quay(true, title=title) == []
    assert named_at_quay(invented, title=title) != []


@cache
def pier_facts() -> Mapping[str, GroupFacts]:
    """Return the tickets of a site with terse cells, and rows that answer what others ask."""
    pier = "Pier (Content type)"
    return facts_of_sheets(
        {
            "bundles": [
                bundle("Pier", "pier") | {"Settings/notes": "Use `report` for it.\nOpen all year."},
                bundle("Quay", "quay"),
                bundle("Owner", "owner", "Vocabulary")
                | {"Settings/notes": "9 guilds become 5 owners by hand."},
                bundle("Old pier", "old_pier", x="d")
                | {"Settings/notes": "Remove after the piers are in, 12 nodes."},
            ],
            "fields": [
                field("Quay (Content type)", "field_open"),
                field(pier, "field_open", req="y") | {"Settings/notes": "free 1 -> all, 0 -> crew"},
                field(pier, "field_free") | {"Field type": "Boolean"},
                field(pier, "field_load") | {"Settings/notes": "0\u201310, step 0.5"},
                field(pier, "field_owner", ref="Owner (Vocabulary)") | {"Field label": "Owner"},
                field(pier, "field_sort")
                | {"Settings/notes": "Sort by name or by load? Piers of a guild first."},
                field(pier, "field_mark") | {"Settings/notes": "OPEN: they like the load more"},
                field(pier, "field_rank") | {"Settings/notes": "Load or name? name first for now"},
                field(pier, "field_flags") | {"Settings/notes": "values: red, green, blue, grey"},
            ],
            "views": [
                {"View name": "Piers", "Machine name": "piers", "X": "a", "Pager": "Full, 24"}
                | {"Filters": "type Pier, opened less than 36 h ago"}
                | {"Notes": "/old -> 301 /piers"},
                {"View name": "Pier feed", "Machine name": "pier_feed", "X": "a"}
                | {"Filters": "As in Piers, not exposed", "Notes": "Links to both lists."},
            ],
            "migrations": [
                {"Migration": name, "X": "a", "Source": "old_pier", "Destination": "Pier"}
                for name in ("pier_list", "pier_prices", "pier_loads")
            ],
        }
    )


PIER = "Configure content type: Pier"


def named_at_pier(sentence: str, title: str = PIER) -> list[str]:
    unfounded = unfounded_in(boat_answer(analysis=[sentence]), pier_facts()[title])
    return [u.text for u in unfounded if u.where.startswith("analysis")]


@pytest.mark.parametrize(
    ("true", "invented", "title"),
    [
        (
            "It shows 24 piers on each page and has no tabs.",
            "It shows 25 piers on each page and has no tabs.",
            "Configure view: Piers",
        ),
        (
            "`/old` answers with a 301 to `/piers`.",
            "`/old` answers with a 302 to `/piers`.",
            "Configure view: Piers",
        ),
        ("`field_load` takes 0, 10 and 0.5.", "`field_load` takes 0, 11 and 0.5.", PIER),
        (
            "`field_load` refuses what is between two steps.",
            "`field_load` refuses what is between three steps.",
            PIER,
        ),
        (
            "Before that, three migrations read it: `pier_list`, `pier_prices`, `pier_loads`.",
            "Before that, four migrations read it: `pier_list`, `pier_prices`, `pier_loads`.",
            "Remove obsolete content structures",
        ),
        (
            "`field_owner` refers to Owner: “9 guilds become 5 owners by hand”.",
            "`field_load` refers to it: “9 guilds become 5 owners by hand”.",
            PIER,
        ),
        (
            "`field_flags` has four values: “red, green, blue, grey”.",
            "`field_flags` hides four pictures and so leaves out “red, green, blue, grey”.",
            PIER,
        ),
        (
            "It has what opened less than 36 h ago.",
            "It has what opened less than 37 h ago.",
            "Configure view: Pier feed",
        ),
        (
            "Its two links go to `piers` and `pier_feed`.",
            "Its three links go to `piers` and `pier_feed`.",
            "Configure view: Pier feed",
        ),
        (
            "The old piers leave 12 nodes.",
            "The old piers leave 13 nodes.",
            "Run migration: pier_list",
        ),
        (
            "`field_open` is required here and optional on Quay.",
            "`field_open` is required here and optional on demand.",
            PIER,
        ),
        (
            "Note: “Use `report` for it. Open all year.”",
            "Note: “Use `report` for it. Open all week.”",
            PIER,
        ),
    ],
    ids=[
        "all of an item of a cell",
        "beside an address",
        "a range",
        "between two",
        "names of the kind that is counted",
        "a field and what it refers to",
        "items of a quotation",
        "a row that a cell goes by",
        "names after the count",
        "a label in lower case and in the plural",
        "the same field elsewhere",
        "marks inside a quotation",
    ],
)
def test_what_terse_cells_say_is_founded_and_what_they_do_not_is_named(
    true: str, invented: str, title: str
) -> None:
    """A strong model was asked again about nine of twenty true answers."""
    titles = [t for t in pier_facts() if t.startswith(title.partition(":")[0])]
    shown = title if title in pier_facts() else titles[0]

    assert named_at_pier(true, shown) == []
    assert named_at_pier(invented, shown) != []


def faults_at_pier(**changes: object) -> list[tuple[UnfoundedKind, str]]:
    found = unfounded_in(boat_answer(**changes), pier_facts()[PIER])
    return [(u.kind, u.text) for u in found if u.where != "user_story"]


def test_a_question_is_asked_with_what_the_row_of_one_field_says_of_the_other() -> None:
    """Which value it gets when the other is set was in the row of the first field."""
    asked = {"row": "field_open", "column": "Req'd", "quote": "y"}
    blind = asked | {"question": "Which value has `field_open` where `field_free` is set?"}
    seen = asked | {
        "question": "`field_open` says “free 1 -> all, 0 -> crew”: may `field_free` change later?"
    }

    named = faults_at_pier(questions=[blind])

    assert (UnfoundedKind.STATED, "field_open: free 1 -> all, 0 -> crew") in named
    assert faults_at_pier(questions=[seen]) == []


@pytest.mark.parametrize(
    ("number", "quote", "is_founded"),
    [
        (1, "Piers of a guild first.", True),
        (1, "9 guilds become 5 owners by hand", True),
        (1, "Sort by name or by load?", False),
        (1, "Sort by name or by load? Piers of a guild first.", False),
        (1, "they like the load more", False),
        (1, "name first for now", True),
        (1, "Sorted by length", False),
        (1, "guild", False),
        (9, "Piers of a guild first.", False),
        (0, "Piers of a guild first.", False),
    ],
    ids=[
        "the note that asks",
        "a row around",
        "the question",
        "with the question",
        "a piece of what is open itself",
        "after its question mark",
        "no cell",
        "one word of a cell",
        "no such number",
        "number 0",
    ],
)
def test_what_answers_a_question_is_in_a_row_word_for_word(
    number: int, quote: str, *, is_founded: bool
) -> None:
    assert pier_facts()[PIER].questions[0].quote == "Sort by name or by load?"

    named = faults_at_pier(answered=[{"question": number, "quote": quote}])

    assert named == ([] if is_founded else [(UnfoundedKind.ANSWER, quote)])


def test_an_analysis_that_calls_a_question_answered_has_to_list_it() -> None:
    """People were asked what three lines above was said to be answered."""
    item = "The question about “Sort by name or by load?” is answered in its own note."

    named = faults_at_pier(analysis=[item])
    listed = faults_at_pier(
        analysis=[item], answered=[{"question": 1, "quote": "Piers of a guild first."}]
    )

    assert [kind for kind, _ in named] == [UnfoundedKind.ANSWER]
    assert listed == []
