"""An embed display."""

from jira_pipeline.drupal.view.embed import EmbedFact, facts, say
from jira_pipeline_tests.drupal.made_rows import said_by
from jira_pipeline_tests.drupal.made_views import display, plain, view, view_of
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

EMBED = display("embed_1", "Embed")


def test_a_setting_of_views_has_to_be_ticked_first() -> None:
    assert plain(say(view_of(EMBED))) == [
        "Views offers embed displays only while its settings have “Allow embedded displays” ticked."
    ]


@each("row", [display(), EMBED | {"X": "x"}, EMBED | {"X": "c"}])
def test_nothing_is_said_of_another_kind_or_of_a_display_on_the_site(row: Row) -> None:
    assert plain(say(view_of(row, head=view(x="c")))) == []


def test_a_display_named_by_drupal_is_of_that_kind() -> None:
    assert len(plain(say(view_of(display("embed_2", ""))))) == 1


def test_whether_somebody_adds_an_embed_display_is_a_fact() -> None:
    there = display("embed_2", "Embed", x="x")

    assert said_by(facts(view_of(display("embed_1", "Embed"), there, display()))) == [
        (EmbedFact.ADDED, "embed_1"),
        (EmbedFact.NOT_ADDED, "embed_2"),
        (EmbedFact.OTHER_KIND, "page_1"),
    ]
