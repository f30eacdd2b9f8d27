"""Which changes hold: structured ones exactly, sentences for what is exact in them."""

from dataclasses import replace
from typing import Any

from jira_pipeline.writing.completion.checking import (
    changes_of,
    joined,
    judged_changes,
    quoting_column,
)
from jira_pipeline.writing.completion.prompt import Changes, TicketToComplete
from jira_pipeline_tests.sheets.made_specifications import field, table, view
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.writing.completion.completed import (
    BOAT,
    REVIEW,
    changes_of_model,
    judged,
    name_of_row,
    prose,
    refused,
    ticket,
    warned,
    with_form,
    with_question,
)
from jira_pipeline_tests.writing.harbour import SHEETS, facts_of_sheets


@each(
    ("sentence", "fault"),
    [
        ("`field_canary` is new.", "is in no row"),
        ("field_canary is new.", "is in no row"),
        ("`/harbour/canary` lists boats.", "is in no row"),
        ("Ask canary@example.test.", "is in no row"),
        ("Only the Canary Keeper does this.", "is in no row"),
        ("The label is “canary”.", "is in no row"),
        ("The label is „canary“.", "“canary” is in no row"),
        ("The label is «canary».", "“canary” is in no row"),
        ("field2 is new.", "use its label or machine name"),
        ("<b>Boat</b> is new.", "markup"),
        ("&lt;b&gt;Boat&lt;/b&gt; is new.", "markup <b>"),
        ("**Boat** is new.", "markup"),
        ("The field `field_rig is new.", "backtick"),
        ("The \u202eBoat is new.", "character"),
        ("The field `field_\u200brig` is new.", "character"),
        ("The Boat\u3164 is new.", "character"),
        ("The Boat has \u0663 masts.", "character"),
        ("The Boat\u0338 is new.", "character"),
        ("`field_rig` (Number (decimal)) is new.", "Field type is"),
        ("`field_rig` takes any number of values.", "Vals. is 1"),
        ("`field_plans` (“Plans”) takes one value.", "Vals. is *"),
        ("“Hull name” (`field_hull_name`) is optional.", "Req'd is y"),
        ("`field_rig` offers only Plan (Media type).", "Ref. bundle is"),
        ("`field_old_number` is new.", "X is d"),
        ("`field_rig` is not needed.", "X is a"),
        ("“Boat” is no longer wanted.", "X is a"),
        ("`field_rig` is not to be built, as others are.", "X is a"),
        ("`field_rig` of Skipper is new.", "`field_rig` of skipper is in no row"),
        ("“Hull name” (`field_rig`) comes first.", "is not labelled"),
        ("`/node/%node/moderation-history` lists revisions.", "is in no row"),
        ("`/admin/harbour` lists boats.", "is in no row"),
        ("`canary_` is the prefix.", "is in no row"),
        ("The new “Boat” has Mod. n.", "Mod. is y"),
        ("If `field_rig` hides it, this needs custom code.", "only way"),
    ],
)
def test_what_a_row_does_not_have_or_contradicts_is_refused(sentence: str, fault: str) -> None:
    assert fault in refused(sentence)


@each(
    "sentence",
    [
        "`field_plans` takes any number of values; “Only the drawings of the last refit.” is kept by nobody.",
        "A view of Fleet filters by `field_rig`: “Exposed filter for rig”.",
        "`field_berth` of Skipper is there already and hidden here; `field_rig` of skipper and crew.",
        "`field_plans` accepts https://example.com and `/node/1`.",
        "If a profile brought it, `field_rig` is there already; ask for one such as “canary”.",
        "The page shows `field_hull_name` (Text (plain)) of “Rig” is optional.",
        "`field_plans` has 16 sizes: 5:8 (175), 5:8 (320), 5:8 (480), 5:8 (640), 5:8 (960) and more.",
        "“Skipper” has Mod. n, types with Mod. n wait. Neither it nor `field_hull_name` is optional.",
        "Names that end in old_number: “Archived” is PHP’s, and Imagick blurs the pictures.",
        "“Standalone media URL” -&gt; `/admin/config/media/media-settings` is off.",
        "`field_old_number` is no longer needed. If there is a crew, `field_rig` is not needed.",
        "Drupal puts `field_` before the name; the modules Metatag and “Entity Browser” do not.",
        "“Hull name” is a text on the form, and its row has none.",
    ],
)
def test_what_the_rows_have_is_not_refused(sentence: str) -> None:
    assert refused(sentence) == ""


@each(
    ("sentence", "warning"),
    [
        ("`field_plans` takes files of up to 50 MB.", "no row gives the 50 MB"),
        ("`field_length` needs the Units module.", "Units is in no row"),
        ("Salesforce sends `field_length`.", "Salesforce is in no row"),
    ],
)
def test_what_no_cell_proves_is_a_warning(sentence: str, warning: str) -> None:
    assert warning in warned(sentence)


@each(
    "sentence",
    [
        "Drupal does not keep “Only the drawings of the last refit.”: it needs a module or custom code.",
        "How `field_rig` looks is work of the theme.",
        "Content Moderation has this from Drupal 10.1 on, in 3 of its states.",
        "None of the three displays shows `field_rig` as JSON; all 3 are lists.",
        "All 37 types have a `field_rig`. Seven need one; every boat has one.",
        "Turn on “Create referenced entities if they don’t already exist” for `field_rig`.",
        "Somebody decides; a Deckhand can save a boat without `field_rig`.",
    ],
)
def test_what_drupal_does_and_what_was_counted_is_no_warning(sentence: str) -> None:
    assert warned(sentence) == ""


def test_a_module_that_a_machine_name_or_a_permission_spells_is_no_warning() -> None:
    roles = table("Name,Machine name,X,Notes", "Clerk,clerk,a,use knot_finder for search")
    views = [view("Waiting boats", "berth_plan_waiting")]
    sheets = {**SHEETS, "roles": roles, "views": views}
    of = TicketToComplete.of(facts_of_sheets(sheets)[BOAT])

    assert warned("The permission of Clerk needs the Knot Finder module.", of) == ""
    assert warned("`berth_plan_waiting` comes with the Berth Plan module.", of) == ""
    assert "Canary is in no row" in warned("It comes with the Canary Plan module.", of)


def test_the_same_check_of_two_fields_is_not_said_twice() -> None:
    same = {"column": "Vals.", "value": "1", "check": "values"}
    rows = [name_of_row(name) for name in ("field_rig", "field_hull_name")]
    without = {"id": "v1", "why": "A row says so.", "row": rows[0]}

    checks = judged(drop=[without], verification=[{**same, "row": r} for r in (*rows, rows[0])])

    assert ["twice" in one.refused for one in checks[1:]] == [False, False, True]


def test_a_question_about_two_fields_is_dropped_where_both_are_answered_or_asked_anew() -> None:
    both = replace(with_question().asked[0], subjects=("field_length", "field_rig"))
    of = replace(with_question(), asked=(both,))
    length, rig = name_of_row("field_length", of), name_of_row("field_rig", of)
    drop = {"id": "q1", "why": "Its note says it.", "row": length}
    anew = {"row": rig, "question": "Is it in feet?"}

    def fault(**changes: Any) -> str:
        return judged(of, **changes)[0].refused

    assert "`field_rig`, too" in fault(drop=[drop])
    assert fault(drop=[drop], questions=[anew]) == ""
    assert fault(drop=[drop | {"why": "Its note says it, and `field_rig` has no number."}]) == ""


def test_a_cell_that_quotes_a_note_is_corrected_or_emptied_and_one_of_a_cell_is_not() -> None:
    of = with_form("“Teasers of boats.” (from the note)")
    row = name_of_row("page_all", of)
    fill = {"cell": "f1.Shows", "row": row, "quote": "rig"}

    corrected, emptied = (judged(of, fill=[fill | {"value": v}])[0] for v in ("rig", "?"))

    assert (corrected.refused, emptied.refused) == ("", "")
    assert prose(of, fill=[fill | {"value": "?"}]).changes[0].after == "?"
    assert "filled in" in judged(of, fill=[fill | {"cell": "f1.Lists", "value": "rig"}])[0].refused


def test_a_transition_leads_where_its_rows_say() -> None:
    of = ticket(REVIEW)

    assert refused("“Launch” leads from Ashore to Afloat, and nobody hauls out there.", of) == ""
    assert "From state is " in refused("“Launch” leads from Afloat to Ashore.", of)


def test_saying_the_same_of_the_same_rows_is_a_repetition_and_sharing_words_is_none() -> None:
    required = next(n for n, s in ticket().sentences.items() if s.startswith("Saving fails"))

    same = ticket().sentences[required]

    assert refused(same) == f"{required} says it already"
    drop = {"id": required, "row": name_of_row("field_rig"), "why": "It is said for each field."}
    assert [one.refused for one in judged(drop=[drop], analysis=[same])] == ["", ""]
    assert refused(ticket().sentences["s1"]) == ""
    assert refused("Saving fails while `field_length` is above the length of the berth.") == ""


@each("marks", ["“”", "„“", "„”", '„"', "«»", "»«"])
def test_labels_of_another_language_in_quotation_marks_are_no_prose(marks: str) -> None:
    label = "Über uns und die Sammlung des Hauses"
    rows = (field("Boat (Content type)", "field_rig_more") | {"Field label": label},)
    whole = TicketToComplete.of(facts_of_sheets({**SHEETS, "fields": rows})[BOAT])
    quote = label.join(marks)

    assert refused(f"Editors find boats below {quote}, visitors below {quote} again.", whole) == ""


def test_a_structured_check_holds_for_its_cell_and_for_no_other() -> None:
    row = name_of_row("field_plans")
    right = {"row": row, "column": "Vals.", "value": "*", "check": "values"}
    of_help = {"row": row, "column": "Help text", "check": "help"}
    checks = [
        of_help | {"value": "Only the drawings of the last refit."},
        of_help | {"value": "Only the drawings of the first refit."},
        right | {"value": "3"},
        right | {"column": "Req'd"},
        right | {"row": "field999"},
        {
            "row": name_of_row("field_old_number"),
            "column": "Vals.",
            "value": "1",
            "check": "values",
        },
    ]

    found = [bool(one.refused) for one in judged(verification=checks)]

    assert found == [False, True, True, True, True, True]


def test_a_sentence_goes_only_where_a_row_shows_why() -> None:
    why = "It is hidden on the form."
    drops = [
        {"id": "v1", "why": why, "row": name_of_row("field_berth")},
        {"id": "v1", "why": why, "row": "field999"},
        {"id": "v99", "why": why, "row": name_of_row("field_berth")},
    ]

    assert [one.refused for one in judged(drop=drops)] == [
        "",
        "there is no row field999",
        "there is no sentence v99",
    ]


def test_a_cell_of_a_form_is_filled_with_the_words_of_a_row() -> None:
    of = with_form()
    right = {
        "cell": "f1.Filters",
        "value": "rig, exposed",
        "row": name_of_row("page_all", of),
        "quote": "Exposed filter for rig.",
    }
    fills = [right, right | {"quote": "No filter."}, right | {"cell": "f1.Lists"}]

    found = [bool(one.refused) for one in judged(of, fill=fills)]

    assert found == [False, True, True]


def test_a_quote_is_compared_as_it_was_sent_and_as_it_is_in_the_sheet() -> None:
    of = with_form()
    display = of.claimed.form[0].display
    row = replace(display, cells={**display.cells, "Notes": "Rigs & sails <b>here</b>"})

    for quote in ("Rigs & sails", "Rigs &amp; sails", "sails &lt;b&gt;here"):
        assert quoting_column(quote, row) == "Notes"


def test_the_instructions_are_not_told_in_pieces_either() -> None:
    pieces = ["You complete Jira tickets", "of an agency", "that builds Drupal sites"]

    assert all("repeats the instructions" in one.refused for one in judged(analysis=pieces))


def test_hours_are_near_those_of_the_rule() -> None:
    for hours, is_taken in (("2-6", True), ("1-9000", False), ("a day", False), ("40-80", False)):
        (one,) = judged(estimated_hours=hours)
        assert (one.refused == "") is is_taken


def test_a_repair_replaces_what_was_refused_and_nothing_else() -> None:
    first = Changes(
        analysis=["`field_canary` is new.", "`field_rig` comes first."],
        verification=["`field_unheard` is shown."],
    )
    second = Changes(analysis=["`field_plans` is new.", "`field_rig` comes first."])

    found = judged_changes(joined(first, second, ticket()), ticket())

    assert [(one.text, bool(one.refused)) for one in found] == [
        ("`field_rig` comes first.", False),
        ("`field_plans` is new.", False),
        ("`field_unheard` is shown.", True),
    ]


def test_judged_changes_are_the_changes_that_were_sent() -> None:
    sent = changes_of_model(
        user_story="The site needs boats.",
        estimated_hours="2-6",
        drop=[{"id": "v1", "why": "Why.", "row": "field2"}],
        analysis=["One.", "Two."],
        fill=[{"cell": "f1.A", "value": "a", "row": "field2", "quote": "q"}],
        questions=[{"row": "field2", "question": "Why?", "suggested_answer": ""}],
        verification=["Three.", {"row": "field2", "column": "X", "value": "a", "check": "gone"}],
    )

    assert changes_of(judged_changes(sent, ticket())) == sent


def test_an_answer_is_compared_with_what_its_model_saw() -> None:
    """Cells with characters that nobody sees are sent without them; quotes of before had them."""
    row = field("Boat (Content type)", "field_ke\u00adel") | {
        "Help text": "Of wo\ufe00od \u2714\ufe0f"
    }
    sheets = {**SHEETS, "fields": (*SHEETS["fields"], row)}
    whole = TicketToComplete.of(facts_of_sheets(sheets)[BOAT])
    (keel,) = (row for row in whole.rows.values() if row.machine_name == "field_keel")
    name = name_of_row("field_keel", whole)

    check = {
        "row": name,
        "column": "Help text",
        "value": "Of wo\u00adod \u2714\ufe0f",
        "check": "help",
    }
    (judged_check,) = judged(whole, verification=[check])

    assert refused("`field_keel` says “Of wood \u2714\ufe0f”.", whole) == ""
    assert "VARIATION SELECTOR-1" in refused("`field_keel` says “Of wo\ufe00od”.", whole)
    assert quoting_column("Of wo\ufe00od", keel) == quoting_column("Of wood", keel) == "Help text"
    assert (judged_check.refused, judged_check.text) == (
        "",
        "help: Help text = Of wood \u2714\ufe0f",
    )
