"""The allowed file extensions of a field."""

from jira_pipeline.drupal.comparisons import PROSE, CellResult, Differs, Met, NotComparable
from jira_pipeline.drupal.field.allowed_extensions import (
    COLUMN,
    COUNTERPART,
    Extensions,
    ExtensionsFact,
    ExtensionsInWords,
    NoExtensions,
    NoFiles,
    NoneSet,
    UsualExtensions,
    allowed_extensions_of,
    check,
    say,
)
from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline_tests.drupal.made_rows import (
    asked,
    compared,
    field,
    fields_of,
    row_of,
    sentences,
    ticket_of,
)
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

PLAN = field("field_plan", type="File")


@each(
    ("row", "fact"),
    [
        (field(type="File", extensions="pdf docx"), Extensions("docx, pdf")),
        (field(type="Image", extensions="PNG"), Extensions("png")),
        (field(type="Image", extensions="png svg"), Extensions("png, svg", refused=("svg",))),
        (field(type="File", extensions="png svg"), Extensions("png, svg")),
        (
            field(type="Image", extensions="png svg", note="Module: svg_image."),
            Extensions("png, svg"),
        ),
        (field(type="File", note="Accepted formats are pdf and docx."), Extensions("docx, pdf")),
        (field(type="File", note="Allowed types: Word documents."), NoExtensions()),
        (field(type="File", note="Allowed file extensions: none."), NoneSet()),
        (field(type="Image", note="Allowed file extensions: none."), NoneSet()),
        (field(type="File", extensions="any"), NoExtensions()),
        (field(type="File", note="Each plan is a PDF."), ExtensionsInWords()),
        (field(type="File", help="Send us a pdf."), ExtensionsInWords()),
        (field(type="File") | {"Comes as": "pdf"}, ExtensionsInWords()),
        (field(type="Image"), UsualExtensions()),
        (field("field_media_document", type="File"), UsualExtensions()),
        (field(type="Text (plain)", note="Allowed types: pdf."), NoFiles()),
        (PLAN, NoExtensions()),
    ],
)
def test_extensions_are_what_cell_or_note_list(row: Row, fact: ExtensionsFact) -> None:
    assert allowed_extensions_of(row_of(row)) == fact


def test_it_is_asked_which_files_a_field_takes() -> None:
    (question,) = asked("bundles.extensions", ticket_of(PLAN))

    assert question.startswith("Which types of files does “Plan” (`field_plan`) accept?")


@each(
    "row",
    [
        field(type="Image"),
        field(type="File", help="Send us a pdf."),
        field(type="File", note="Allowed file extensions: none."),
        field(),
    ],
)
def test_nothing_is_asked_of_a_field_whose_files_somebody_knows(row: Row) -> None:
    assert asked("bundles.extensions", ticket_of(row)) == []


def test_a_field_accepts_the_files_that_are_listed() -> None:
    rows = [
        field(type="File", extensions="pdf, docx"),
        PLAN,
        field("field_log", type="File", note="Allowed file extensions: none."),
        field("field_photo", type="Image"),
    ]

    assert sentences(check(fields_of(*rows))) == [
        "field_hull accepts only files of these types: docx, pdf."
    ]


@each(
    ("extensions", "said", "checked"),
    [
        (
            "png svg",
            ["Core’s Image refuses files of the type svg: field_hull takes a module for that."],
            "png, and with a module for it svg",
        ),
        (
            "svg",
            ["Core’s Image refuses files of the type svg: field_hull takes a module for that."],
            "with a module for it svg",
        ),
        ("png webp", [], "png, webp"),
    ],
)
def test_an_image_takes_a_module_for_what_core_refuses(
    extensions: str, said: list[str], checked: str
) -> None:
    fields = fields_of(field(type="Image", extensions=extensions))

    assert sentences(say(fields)) == said
    assert sentences(check(fields)) == [f"field_hull accepts only files of these types: {checked}."]


@each(
    ("extensions", "on_site", "result"),
    [
        ("Allowed types: pdf, docx.", "docx pdf", Met()),
        ("Allowed types: pdf, docx.", "pdf", Differs()),
        ("Allowed types: pdf.", "", Differs()),
        ("Allowed file extensions: none.", "", Met()),
        ("Allowed file extensions: none.", "pdf", Differs()),
        ("as drawn", "pdf", NotComparable(PROSE)),
    ],
)
def test_extensions_are_compared_in_any_order(
    extensions: str, on_site: str, result: CellResult
) -> None:
    row = field(type="File", extensions=extensions)

    assert compared(row, COUNTERPART, COLUMN.name, SiteCell(text=on_site, yaml="")) == result
