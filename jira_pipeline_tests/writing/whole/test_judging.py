"""Which parts of a whole answer hold: each by itself, against the rows."""

from jira_pipeline.writing.completion.prompt import TicketToComplete
from jira_pipeline.writing.whole.judging import is_mostly_refused, joined_answers
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.writing.completion.completed import FLEET, ticket, with_form, with_question
from jira_pipeline_tests.writing.harbour import DISPLAYS, SHEETS, facts_of_sheets
from jira_pipeline_tests.writing.whole.written import answer_of, judged, question, refused, sentence

CANARY = "`field_canary` is new."


@each(
    ("item", "fault"),
    [
        (sentence("`field_rig` comes first.", "field_rig"), ""),
        (sentence(CANARY, "field_rig"), "`field_canary` is in no row"),
        (sentence("`field_rig` is required.", "field_rig"), "`field_rig`: Req'd is n"),
        ({"text": "It comes first.", "rows": ["field999"]}, "there is no row field999"),
    ],
)
def test_a_sentence_is_refused_for_what_is_certain(item: dict[str, object], fault: str) -> None:
    assert refused(item) == fault


@each(
    ("sentence_text", "fault"),
    [
        ("`/fleet` opens for Deckhand.", "`/fleet`: Access is roles harbour_master"),
        ("`/fleet` opens for Harbour Master, and is refused to Deckhand.", ""),
        (
            "`page_all` opens for Harbour Master and Deckhand.",
            "`page_all`: Access is roles harbour_master",
        ),
    ],
)
def test_a_role_that_the_row_of_a_display_does_not_list_cannot_open_it(
    sentence_text: str, fault: str
) -> None:
    display = {**DISPLAYS[0], "Path or place": "/fleet", "Access": "roles harbour_master"}
    sheets = {**SHEETS, "displays": (display, *DISPLAYS[1:])}
    of = TicketToComplete.of(facts_of_sheets(sheets)[FLEET])

    (one,) = judged(of, checks=[sentence(sentence_text, "page_all")])

    assert one.refused == fault


def test_what_the_template_says_can_be_said_in_better_words() -> None:
    """The template's sentences are not in the ticket: nothing repeats them."""
    item = sentence(
        "Saving fails while `field_hull_name` or `field_skipper` is empty.", "field_rig"
    )

    assert refused(item, "checks") == ""


def test_what_an_answer_says_twice_is_refused_once() -> None:
    twice = [sentence("`field_rig` comes first.", "field_rig")] * 2

    assert [one.refused for one in judged(analysis=twice)] == ["", "it is said twice"]


def test_a_sentence_without_rows_has_a_warning() -> None:
    (one,) = judged(analysis=[sentence("`field_rig` comes first.")])

    assert (one.refused, one.warning) == ("", "it names no row that it rests on")


@each(
    ("story", "is_warned"),
    [
        ("As an editor, I want Boat.", True),
        ("As an editor, I want Boat kept with plans, so that visitors find its skipper.", False),
    ],
)
def test_a_story_that_says_only_the_name_has_a_warning(story: str, *, is_warned: bool) -> None:
    (one,) = judged(story=sentence(story, "boat"))

    assert ("says less of what the ticket builds" in one.warning) is is_warned


@each(
    ("more", "fault"),
    [
        ({"question": "Is `field_length` in metres or feet?", "for": ["q1"]}, ""),
        ({"question": "Metres or feet?", "for": ["q7"]}, "there is no question q7"),
        ({"question": "The unit is open.", "for": ["q1"]}, "it asks nothing"),
        ({"question": "Is `field_length` in feet?"}, "it is asked already"),
    ],
)
def test_a_question_stands_for_one_that_is_asked_or_is_new(
    more: dict[str, object], fault: str
) -> None:
    item = question("", "field_length") | more

    (one,) = judged(with_question(), questions=[item])

    assert one.refused == fault


def test_the_question_of_a_form_is_in_no_answer() -> None:
    item = question("Which filters?", "page_all") | {"for": ["q1"]}

    (one,) = judged(with_form(), questions=[item])

    assert one.refused.startswith("the question of a form is the program’s")


def test_a_ticket_with_many_refused_sentences_is_the_templates() -> None:
    false = [sentence(f"`field_canary_{n}` is new.", "field_rig") for n in range(4)]
    true = [sentence(f"`{name}` comes first.", name) for name in ("field_rig", "field_plans")]

    assert is_mostly_refused(judged(analysis=[*true, *false]))
    assert not is_mostly_refused(judged(analysis=[*true, *false[:3]]))


def test_a_repair_takes_the_place_of_what_did_not_hold() -> None:
    holds = sentence("`field_rig` comes first.", "field_rig")
    first = answer_of(analysis=[holds, sentence(CANARY, "field_rig")])
    repair = answer_of(analysis=[sentence("`field_plans` comes next.", "field_plans")])

    both = joined_answers(first, repair, ticket())

    assert [one.text for one in both.analysis] == [
        "`field_rig` comes first.",
        "`field_plans` comes next.",
    ]


def test_what_no_repair_is_sent_for_stays_to_be_seen() -> None:
    first = answer_of(analysis=[sentence(CANARY, "field_rig")])

    assert joined_answers(first, answer_of(), ticket()) == first
