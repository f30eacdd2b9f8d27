"""The modules that a view needs."""

from jira_pipeline.drupal.configuration.site import SiteCell
from jira_pipeline.drupal.view.modules import COLUMN, COUNTERPART, say
from jira_pipeline.model.site_verifications import Verdict
from jira_pipeline_tests.drupal.made_views import compared, display, plain, view, view_of
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

EXPORT = display("export", "Data export")
WEBFORM = view(table="webform_submission")


@each(
    ("head", "displays", "sentence"),
    [
        (
            view(table="ai_log"),
            [],
            "The base table ai_log needs the AI Logging module: enable it first.",
        ),
        (view(), [EXPORT], "export needs the Views Data Export module: enable it first."),
        (
            view(),
            [display("api", "REST export", place="/boats.csv")],
            "api needs core’s RESTful Web Services module: enable it first.",
        ),
    ],
)
def test_tables_and_kinds_of_displays_need_modules(
    head: Row, displays: list[Row], sentence: str
) -> None:
    assert sentence in plain(say(view_of(*displays, head=head)))


def test_the_format_of_an_export_needs_a_module() -> None:
    csv = display("api", "REST export", place="/boats.csv")

    assert any("CSV Serialization" in s for s in plain(say(view_of(csv))))
    assert not any(
        "CSV Serialization" in s for s in plain(say(view_of(csv | {"Display plugin": "Feed"})))
    )


def test_the_modules_of_a_note_are_named_and_the_others_believed_to_be_among_them() -> None:
    head = view(table="ai_log", note="Modules: ai_log, knots.")

    (sentence,) = plain(say(view_of(EXPORT, head=head)))

    assert sentence.startswith("The view needs the modules ")
    assert "knots" in sentence


@each(
    ("head", "row", "unknown"),
    [
        (view(table="tides"), display(), "a base table “tides” (of boats)."),
        (view(), display("wall", "Tide wall"), "a kind of display “Tide wall” (of wall)."),
    ],
)
def test_what_no_known_module_brings_is_named(head: Row, row: Row, unknown: str) -> None:
    assert plain(say(view_of(row, head=head))) == [
        f"Neither core nor a module known here names {unknown}"
    ]


@each(
    ("head", "row"),
    [
        (view(), display()),
        (view(table="Index fleet", note="Modules: search_api."), display()),
        (view(table="tides", note="Modules: tides."), display()),
        (view(table="tides", x="c"), display(x="c")),
        (view(x="c"), EXPORT | {"X": "x"}),
        (view(label="Content", name="content", note="Modules: node."), display()),
    ],
)
def test_nothing_is_said_of_core_of_the_site_or_of_what_another_sentence_says(
    head: Row, row: Row
) -> None:
    sentences = plain(say(view_of(row, head=head)))

    assert not any("Neither" in s or "needs the search" in s.casefold() for s in sentences)


@each(
    ("cell", "on_site", "verdict"),
    [
        ("Modules: knots.", "Modules: knots, ropes.", Verdict.MET),
        ("Modules: knots.", "Modules: ropes.", Verdict.DIFFERS),
        ("Only the fast ones.", "Modules: knots.", Verdict.NOT_COMPARABLE),
    ],
)
def test_the_site_has_to_need_every_module_of_the_note(
    cell: str, on_site: str, verdict: Verdict
) -> None:
    site_cell = SiteCell(text=on_site, yaml="")

    assert compared(view(note=cell), COUNTERPART, COLUMN.name, site_cell) is verdict
