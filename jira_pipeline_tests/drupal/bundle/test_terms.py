"""The terms of a vocabulary."""

from jira_pipeline.drupal.bundle.terms import TermsFact, facts, terms_of
from jira_pipeline_tests.drupal.made_bundles import anchor, boat, bundles_of
from jira_pipeline_tests.drupal.made_rows import asked, field, said_by
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

HARBOURS = anchor(name="Harbours", machine_name="harbours", type="Vocabulary")
PICKED = field(
    "field_harbour",
    type="Entity reference",
    target="Harbours (Vocabulary)",
    required="y",
    widget="Select list",
)


@each(
    ("vocabulary", "fields", "fact"),
    [
        (HARBOURS, [PICKED], TermsFact.MISSING),
        (HARBOURS, [PICKED | {"Form widget": "options_buttons"}], TermsFact.MISSING),
        (HARBOURS, [PICKED | {"Form widget": "Autocomplete"}], TermsFact.NOT_NEEDED),
        (HARBOURS, [PICKED | {"Req'd": "n"}], TermsFact.NOT_NEEDED),
        (HARBOURS, [PICKED | {"X": "w"}], TermsFact.NOT_NEEDED),
        (HARBOURS, [PICKED | {"X": "d"}, field()], TermsFact.NOT_NEEDED),
        (HARBOURS, [], TermsFact.NOT_NEEDED),
        (HARBOURS | {"Migr.": "y"}, [PICKED], TermsFact.BROUGHT),
        (HARBOURS | {"Settings/notes": "Editors fill it."}, [PICKED], TermsFact.BROUGHT),
        (HARBOURS | {"Type": "Content type"}, [PICKED], TermsFact.NOT_NEEDED),
    ],
)
def test_a_required_list_needs_terms_that_somebody_brings(
    vocabulary: Row, fields: list[Row], fact: TermsFact
) -> None:
    target = f"Harbours ({vocabulary['Type']})"
    rows = [row | ({"Ref. bundle": target} if "Ref. bundle" in row else {}) for row in fields]
    ticket = bundles_of(vocabulary, boat(), fields=rows).ticket

    assert terms_of(ticket.head, ticket.session.index) is fact


def test_the_first_terms_are_asked_and_the_note_of_a_field_suggests_them() -> None:
    noted = PICKED | {"Settings/notes": "Options: North, South"}
    ticket = bundles_of(HARBOURS, boat(), fields=[noted]).ticket
    (question,) = [q for q in ticket.left_open if q.kind == "bundles.terms"]

    assert question.question.startswith("Which terms does the vocabulary “Harbours” start with?")
    assert question.suggested_answer == "North, South"


@each("note", ["", "Options: North"])
def test_no_terms_are_suggested_where_no_note_lists_several(note: str) -> None:
    noted = PICKED | {"Settings/notes": note}
    ticket = bundles_of(HARBOURS, boat(), fields=[noted]).ticket
    (question,) = [q for q in ticket.left_open if q.kind == "bundles.terms"]

    assert question.suggested_answer == ""


def test_no_terms_are_asked_where_forms_can_be_saved() -> None:
    optional = PICKED | {"Req'd": "n"}

    assert asked("bundles.terms", bundles_of(HARBOURS, boat(), fields=[optional]).ticket) == []


def test_who_brings_the_first_terms_is_a_fact_of_each_type() -> None:
    bundles = bundles_of(HARBOURS, boat(), fields=[PICKED])

    assert said_by(facts(bundles)) == [(TermsFact.MISSING, "harbours")]
