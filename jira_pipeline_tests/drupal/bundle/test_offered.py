"""Whether a field offers a type."""

from jira_pipeline.drupal.bundle.offered import Offered, facts, offered
from jira_pipeline_tests.drupal.made_bundles import anchor, boat, bundles_of
from jira_pipeline_tests.drupal.made_rows import asked, field, said_by
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

KEEL = boat(name="Keel", machine_name="keel", type="Paragraph type")
ANCHOR = anchor(type="Paragraph type")
OF_ANCHORS = field(
    "field_parts", type="Entity reference revisions", target="Anchor (Paragraph type)"
)
OF_KEELS = OF_ANCHORS | {"Ref. bundle": "Keel (Paragraph type)"}
OF_MORE = field("field_more", type="Entity reference revisions")
OF_ALL = OF_ANCHORS | {"Machine name": "field_all", "Ref. bundle": "All"}


def offered_in(*fields: Row, bundle: Row = KEEL) -> Offered:
    ticket = bundles_of(bundle, ANCHOR, boat(), fields=fields).ticket
    return offered(ticket.head, ticket.session.index)


@each(
    ("fields", "fact"),
    [
        ([OF_ANCHORS], Offered.NOWHERE),
        ([OF_ANCHORS, OF_KEELS | {"Machine name": "field_keels"}], Offered.BY_FIELD),
        ([OF_ANCHORS, OF_KEELS | {"Machine name": "field_keels", "X": "d"}], Offered.NOWHERE),
        ([OF_ANCHORS | {"Holds": "anchors"}], Offered.NOWHERE),
        ([OF_ANCHORS, OF_MORE], Offered.NOWHERE),
        ([OF_ANCHORS | {"Field label": "Keel"}], Offered.NOWHERE),
        ([OF_ANCHORS, field("field_keel")], Offered.NOWHERE),
        ([OF_ANCHORS, OF_ALL], Offered.PERHAPS),
        ([field()], Offered.PERHAPS),  # nobody names a type of paragraph: a sheet may be missing
    ],
)
def test_a_type_is_offered_nowhere_where_fields_name_others_only(
    fields: list[Row], fact: Offered
) -> None:
    assert offered_in(*fields) is fact


@each(
    "other",
    [
        field("field_keel", type="Entity reference revisions") | {"Field label": "Keel"},
        OF_MORE | {"Holds": "what is below"},
        field("field_more", type="Keels of all kinds") | {"Holds": "what is below"},
    ],
)
def test_a_field_that_may_mean_a_type_in_its_own_words_offers_it_perhaps(other: Row) -> None:
    assert offered_in(OF_ANCHORS, other) is Offered.PERHAPS


def test_a_field_of_known_type_refers_to_nothing_in_its_own_words() -> None:
    assert offered_in(OF_ANCHORS, field("field_more") | {"Holds": "words"}) is Offered.NOWHERE


@each(
    "bundle",
    [
        KEEL | {"Type": "Content type"},  # people reach pages without a field
        KEEL | {"Name": "From library", "Machine name": "from_library"},  # of Paragraphs Library
    ],
)
def test_a_type_that_needs_no_field_is_offered_perhaps(bundle: Row) -> None:
    assert offered_in(OF_ANCHORS, bundle=bundle) is Offered.PERHAPS


def test_a_name_that_two_types_have_may_mean_either() -> None:
    other_keel = anchor(name="Keel", machine_name="other_keel", type="Paragraph type")
    fields = [OF_ANCHORS, OF_KEELS | {"Machine name": "field_keels"}]
    ticket = bundles_of(KEEL, other_keel, ANCHOR, boat(), fields=fields).ticket

    first, second, *_ = ticket.group.heads
    assert offered(first, ticket.session.index) is Offered.BY_FIELD
    assert offered(second, ticket.session.index) is Offered.PERHAPS


def test_a_view_mode_that_is_used_on_a_type_does_not_offer_it() -> None:
    mode = {"View Modes": "Card", "Entity Type": "Paragraph type", "X": "a"}
    mode |= {"Entities Used On": "Keel (Paragraph type)"}
    ticket = bundles_of(KEEL, ANCHOR, boat(), fields=[OF_ANCHORS], view_modes=[mode]).ticket

    assert offered(ticket.head, ticket.session.index) is Offered.NOWHERE


def test_which_field_offers_a_type_is_asked() -> None:
    ticket = bundles_of(KEEL, ANCHOR, boat(), fields=[OF_ANCHORS]).ticket

    assert asked("bundles.unreferred", ticket) == [
        "Which field offers “Keel”? No row of a field refers to it."
    ]


def test_no_field_is_asked_for_a_type_that_one_offers() -> None:
    both = [OF_ANCHORS, OF_KEELS | {"Machine name": "field_keels"}]

    assert asked("bundles.unreferred", bundles_of(KEEL, ANCHOR, boat(), fields=both).ticket) == []


def test_whether_a_field_offers_it_is_a_fact_of_each_type() -> None:
    bundles = bundles_of(KEEL, ANCHOR, boat(), fields=[OF_ANCHORS])

    assert said_by(facts(bundles))[0] == (Offered.NOWHERE, "keel")
