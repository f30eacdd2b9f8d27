"""The modules that a view needs."""

from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline.drupal.view.modules import (
    COLUMN,
    COUNTERPART,
    NeededModule,
    NotedModules,
    facts,
    say,
)
from jira_pipeline.model.site_verifications import Verdict
from jira_pipeline_tests.drupal.made_rows import said_by
from jira_pipeline_tests.drupal.made_views import compared, display, plain, view, view_of
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

EXPORT = display("export", "Data export")
API = display("api", "REST export", place="/boats.csv")
LOGS = view(label="Logs", name="ai_logs", table="ai_log")


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


def test_the_format_of_a_rest_export_needs_a_module() -> None:
    assert plain(say(view_of(API))) == [
        "api needs core’s RESTful Web Services module: enable it first.",
        "api needs the CSV Serialization module: enable it first.",
    ]
    assert plain(say(view_of(EXPORT | {"Path or place": "/boats.csv"}))) == [
        "export needs the Views Data Export module: enable it first."
    ]


def test_a_module_is_claimed_of_what_needs_it() -> None:
    unnamed = display("data_export_1", "")

    claims = [*say(view_of(EXPORT, unnamed, head=view(table="ai_log")))]

    assert [claim.values for claim in claims] == [
        ("ai_log",),
        ("Data export", "data_export_1"),
    ]


def test_the_modules_of_a_note_are_named_and_the_others_believed_to_be_among_them() -> None:
    head = view(table="ai_log", note="Modules: ai_logging, knots.")

    assert plain(say(view_of(EXPORT, head=head))) == [
        "The view needs the modules AI Logging and knots: enable what is missing first."
    ]


def test_a_note_does_not_name_the_modules_of_core() -> None:
    head = view(note="Modules: csv_serialization.")

    assert "api needs core’s RESTful Web Services module: enable it first." in plain(
        say(view_of(API, head=head))
    )


@each(
    ("head", "names"),
    [
        (view(table="Index fleet", note="Modules: search_api, knots."), "knots module"),
        (view(note="Modules: search_api, knots."), "modules Search API and knots"),
        (LOGS | {"Notes": "Modules: ai_logging, knots."}, "knots module"),
        (view(note="Modules: ai_logging, knots."), "modules AI Logging and knots"),
    ],
)
def test_a_module_that_another_sentence_names_is_not_named_again(head: Row, names: str) -> None:
    added = display("block_1", "Block")

    missing = "what is missing" if names.startswith("modules") else "it"
    assert plain(say(view_of(added, head=head))) == [
        f"The view needs the {names}: enable {missing} first."
    ]


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
        (view(table="tides", x="c"), display(x="c")),
        (view(table="ai_log", x="c"), display(x="c")),
        (view(note="Modules: knots.", x="c"), display(x="c")),
        (LOGS, display("block_1", "Block")),
        (view(), display("tide_1", "")),  # a kind that only a machine name tells
        (view(x="c"), EXPORT | {"X": "x"}),
        (view(label="Content", name="content", note="Modules: knots."), display()),
    ],
)
def test_nothing_is_said_of_core_of_the_site_or_of_what_another_sentence_says(
    head: Row, row: Row
) -> None:
    assert plain(say(view_of(row, head=head))) == []


def test_a_note_may_name_the_module_of_an_unknown_table() -> None:
    head = view(table="tides", note="Modules: tides.")

    assert plain(say(view_of(head=head))) == ["The view needs the tides module: enable it first."]


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


def test_what_needs_a_module_is_a_fact_of_all_its_rows() -> None:
    rest = display("rest_1", "REST export", place="/boats.csv")

    assert said_by(facts(view_of(rest, head=view(note="Modules: knots.")))) == [
        (NotedModules(("knots",)), "boats"),
        (NeededModule("core’s RESTful Web Services module"), "rest_1"),
        (NeededModule("the CSV Serialization module"), "rest_1"),
    ]
