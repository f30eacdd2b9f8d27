"""A site is compared with its sheets row by row; what is said of odd ones is in `odd_sites`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from jira_pipeline.drupal.site.configuration import read_configuration
from jira_pipeline.model.entities import EntityKind, Status
from jira_pipeline.model.site_verifications import TicketVerdict, Verdict
from jira_pipeline.model.tickets import ticket_id_of
from jira_pipeline.sheets.site_sheets import files_of, sheets_of
from jira_pipeline.verification.reports import ticket_verdict_text
from jira_pipeline_tests.verification.invented import (
    AS_X,
    GONE,
    OBJECTS,
    SHEETS,
    Changes,
    Objects,
    cell,
    compared,
    row,
    specification_in,
    verified,
    write_site,
)

BOOK = "bundle:Content type/book"
SUBTITLE = "field:Content type/book/field_subtitle"


def test_a_site_as_specified_meets_every_row_that_can_be_compared(tmp_path: Path) -> None:
    verification = verified(tmp_path)

    assert {Verdict.MET, Verdict.ON_HOLD} == {each.verdict for each in verification.rows}
    assert {TicketVerdict.BUILT} == {each.verdict for each in verification.tickets}
    assert verification.causes == ()


def test_what_a_file_that_cannot_be_read_would_say_is_never_a_difference(tmp_path: Path) -> None:
    """One conflict marker in the file of a bundle made its fields missing, and lists differ."""
    faults = {Verdict.DIFFERS, Verdict.MISSING, Verdict.LEFT_OVER}
    wrong = {}
    for name in OBJECTS:

        def spoil(objects: Objects, name: str = name) -> None:
            objects[name] = cast("dict[str, Any]", ["<<<<<<< HEAD"])

        folder = tmp_path / name
        folder.mkdir()
        found = verified(folder, spoil)
        assert found.gaps[0] == f"1 file in the export cannot be read: {name}.yml"
        if keys := [row.key for row in found.rows if row.verdict in faults]:
            wrong[name] = keys

    assert wrong == {}


def test_a_row_of_two_bundles_is_compared_with_each(tmp_path: Path) -> None:
    """Both tickets had the verdict on the last of them."""
    kept = [line for line in SHEETS["fields.csv"].splitlines() if "Also known as" not in line]
    fields = "\n".join(kept).replace(
        "Book (Content type),Subtitle", '"Book (Content type), Author (Content type)",Subtitle'
    )

    found = verified(
        tmp_path,
        {"field.field.node.book.field_subtitle": GONE},
        sheets={**SHEETS, "fields.csv": fields},
    )

    of_author = row(found, "field:Content type/author/field_subtitle")
    assert (row(found, SUBTITLE).verdict, of_author.verdict) == (Verdict.MISSING, Verdict.DIFFERS)
    places = found.by_place({SUBTITLE}), found.by_place({of_author.key})
    assert [[*place.values()] for place in places] == [[row(found, SUBTITLE)], [of_author]]
    book, author = (
        next(one for one in found.tickets if one.ticket_id == ticket_id_of("bookshop", key))
        for key in (BOOK, "bundle:Content type/author")
    )
    assert (book.met, book.of, author.met, author.of) == (4, 5, 2, 3)


def test_styles_swapped_between_breakpoints_differ(tmp_path: Path) -> None:
    """Breakpoints and styles were two sets, so any could have any."""

    def placed(*styles: str) -> Changes:
        mappings = [
            {"breakpoint_id": f"shop.{name}", "multiplier": "1x", "image_mapping": style}
            for name, style in zip(("narrow", "wide"), styles, strict=True)
        ]
        return {"responsive_image.styles.covers:image_style_mappings": mappings}

    sheets = _own_sheets(tmp_path, placed("cover_small", "cover"))

    [cause] = verified(tmp_path, placed("cover", "cover_small"), sheets=sheets).causes

    assert cause.yaml == "responsive_image.styles.covers.yml:image_style_mappings"


OF_A_VIEW: dict[str, Any] = {
    "filters": {"status": {"field": "status", "operator": "=", "value": "1"}},
    "sorts": {"created": {"field": "created", "order": "DESC"}},
    "pager": {"type": "full", "options": {"items_per_page": 10}},
    "access": {"type": "perm", "options": {"perm": "access content"}},
    "fields": {"title": {"field": "title", "label": "Title"}},
    "empty": {"area": {"plugin_id": "text", "content": {"value": "No books yet."}}},
}


def _list_books(objects: Objects, *, but: str = "", off: bool = False) -> None:
    displays = objects["views.view.new_books"]["display"]
    displays["default"]["display_options"] = {n: s for n, s in OF_A_VIEW.items() if n != but}
    displays["page_1"]["display_options"] = {"path": "new"} | ({"enabled": False} if off else {})
    block = {"id": "block_1", "display_title": "Block", "display_plugin": "block"}
    displays["block_1"] = {**block, "display_options": {"enabled": False} if off else {}}


def _own_sheets(folder: Path, change: Callable[[Objects], None] | Changes) -> dict[str, str]:
    """Return the sheets that are made of the site."""
    configuration = read_configuration(write_site(folder / "before", change))
    files = files_of([*sheets_of(configuration)], folder)
    return {path.name: content.decode() for path, content in files.items()}


@pytest.mark.parametrize("setting", OF_A_VIEW)
def test_a_setting_that_displays_inherit_is_compared_and_one_cause(
    tmp_path: Path, setting: str
) -> None:
    """Views without their filters, sorts, pager, access and fields were built, all of them."""
    sheets = _own_sheets(tmp_path, _list_books)

    verification = verified(tmp_path, lambda o: _list_books(o, but=setting), sheets=sheets)

    place = f"views.view.new_books.yml:display.default.display_options.{setting}"
    [cause] = verification.causes
    assert (cause.yaml.removesuffix("style"), len(cause.rows)) == (
        place.replace("fields", "") if setting == "fields" else place,
        2,
    )


def test_what_a_site_has_is_whole_in_its_own_sheets(tmp_path: Path) -> None:
    verification = verified(tmp_path, _list_books, sheets=_own_sheets(tmp_path, _list_books))

    assert {ticket_verdict_text(ticket) for ticket in verification.tickets} == {"built"}


@pytest.mark.parametrize(
    ("modules", "verdict"),
    [
        pytest.param(["facets"], Verdict.MET, id="as noted"),
        pytest.param(["facets", "group", "user"], Verdict.MET, id="more"),
        pytest.param(["group"], Verdict.DIFFERS, id="another"),
        pytest.param([], Verdict.DIFFERS, id="none"),
    ],
)
def test_a_view_has_to_need_the_modules_that_its_note_names(
    tmp_path: Path, modules: list[str], verdict: Verdict
) -> None:
    noted = SHEETS["views.csv"].replace(
        "What came this week.,", "What came this week.,Modules: facets."
    )

    verification = verified(
        tmp_path,
        {"views.view.new_books:dependencies": {"module": modules}},
        sheets={**SHEETS, "views.csv": noted},
    )

    assert cell(verification, "view:new_books", "Notes").verdict is verdict


@pytest.mark.parametrize(
    ("before", "x"), [(["facets", "group"], Status.IMPLEMENTED), (["group"], Status.CHANGED)]
)
def test_x_says_of_the_modules_of_a_view_what_a_comparison_says(
    tmp_path: Path, before: list[str], x: Status
) -> None:
    """58 views of a real site were `x`, and the site before differed from each of their rows."""
    sites = [
        read_configuration(
            write_site(tmp_path / name, {"views.view.new_books:dependencies": {"module": modules}})
        )
        for name, modules in (("newer", ["facets"]), ("older", before))
    ]

    written = [*sheets_of(sites[0], since=sites[1])]

    (row_of_view,) = next(sheet.rows for sheet in written if sheet.kind is EntityKind.VIEW)
    assert row_of_view["X"] == x
    for path, content in files_of(written, tmp_path).items():
        path.write_bytes(content)
    verification = compared(specification_in(tmp_path), sites[1])
    assert row(verification, "view:new_books").verdict is AS_X[x]


def test_x_says_of_a_renamed_view_mode_what_a_comparison_says(tmp_path: Path) -> None:
    """It was `c`, and missing on the site before: view modes were looked up by their labels only."""
    newer, older = (
        read_configuration(
            write_site(tmp_path / name, {"core.entity_view_mode.node.card:label": label})
        )
        for name, label in (("newer", "Postcard"), ("older", "Card"))
    )

    written = [*sheets_of(newer, since=older)]

    (renamed,) = next(sheet.rows for sheet in written if sheet.kind is EntityKind.VIEW_MODE)
    assert renamed["X"] == Status.CHANGED
    for path, content in files_of(written, tmp_path).items():
        path.write_bytes(content)
    verification = compared(specification_in(tmp_path), older)
    key = "view_mode:Content type/Postcard"
    assert row(verification, key).verdict is Verdict.DIFFERS
    assert cell(verification, key, "View Modes").site == "Card"


GRANT = {
    "core.entity_form_display.node.book.grant": {
        "status": True,
        "content": {"field_subtitle": {"type": "string_textarea"}},
    }
}


@pytest.mark.parametrize(
    ("now", "before", "x", "cell_written"),
    [
        (GRANT, {}, Status.CHANGED, "grant: Text area (multiple rows)"),
        ({}, GRANT, Status.CHANGED, "-"),
        (GRANT, GRANT, Status.IMPLEMENTED, "grant: Text area (multiple rows)"),
    ],
    ids=["new form", "form gone", "same form"],
)
def test_x_says_of_other_forms_what_a_comparison_says(
    tmp_path: Path, now: Changes, before: Changes, x: Status, cell_written: str
) -> None:
    newer = read_configuration(write_site(tmp_path / "newer", now))
    older = read_configuration(write_site(tmp_path / "older", before))
    sheets = tmp_path / "sheets"
    sheets.mkdir()

    for path, content in files_of([*sheets_of(newer, since=older)], sheets).items():
        path.write_bytes(content)

    specification = specification_in(sheets)
    (field,) = specification.first_of(SUBTITLE)
    assert (field.status, field.as_in_sheet.cell("Other forms")) == (x, cell_written)
    assert row(compared(specification, newer), SUBTITLE).verdict is Verdict.MET
    assert row(compared(specification, older), SUBTITLE).verdict is AS_X[x]


def test_a_display_that_is_switched_off_differs(tmp_path: Path) -> None:
    sheets = _own_sheets(tmp_path, _list_books)

    found = verified(tmp_path, lambda o: _list_books(o, off=True), sheets=sheets)

    differing = [(r.name, [c.site for c in r.differing]) for r in found.rows if r.differing]
    assert differing == [("Block", ["Disabled."]), ("Page", ["Path: /new. Disabled."])]


EFFECTS = """\
Image style,Effect,X,Summary
Cover,Scale and crop,a,300×450
"""
SECOND = {"image.style.cover:effects.b": {"id": "image_desaturate", "weight": 2, "data": {}}}


@pytest.mark.parametrize(
    ("rows", "change", "verdicts"),
    [
        ("", {}, [Verdict.MET]),
        ("Cover,Desaturate,a,", SECOND, [Verdict.MET, Verdict.MET]),
        ("Cover,Desaturate,a,", {}, [Verdict.MET, Verdict.MISSING]),
        ("Cover,Crop,a,40x40", SECOND, [Verdict.MET, Verdict.DIFFERS]),
        ("Cover,Desaturate,d,", SECOND, [Verdict.MET, Verdict.LEFT_OVER]),
        ("Cover,Desaturate,d,", {}, [Verdict.MET, Verdict.MET]),
        ("Cover,Scale and crop,d,", {}, [Verdict.MET, Verdict.NOT_COMPARABLE]),
        ("Cover small,Scale,a,100x151", {}, [Verdict.MET, Verdict.DIFFERS]),
        ("Elsewhere,Scale,a,100x150", {}, [Verdict.MET, Verdict.NOT_COMPARABLE]),
        ("Cover,Scale and crop,a,300x450", SECOND, [Verdict.MET, Verdict.DIFFERS]),
    ],
)
def test_a_row_of_an_effect_is_compared_with_the_effect_at_its_place(
    tmp_path: Path, rows: str, change: Changes, verdicts: list[Verdict]
) -> None:
    sheets = {**SHEETS, "effects.csv": f"{EFFECTS}{rows}\n"}

    found = verified(tmp_path, change, sheets=sheets)

    of_effects = [each for each in found.rows if each.kind is EntityKind.IMAGE_EFFECT]
    assert [each.verdict for each in sorted(of_effects, key=lambda each: each.line)] == verdicts


def test_effects_that_no_row_lists_are_told_where_sheets_list_some(tmp_path: Path) -> None:
    found = verified(tmp_path, SECOND, sheets={**SHEETS, "effects.csv": EFFECTS})

    (told,) = [each for each in found.additional if each.kind is EntityKind.IMAGE_EFFECT]
    assert (told.name, told.yaml) == ("cover.image_desaturate", "image.style.cover.yml")
    without_rows = tmp_path / "without_rows"
    without_rows.mkdir()
    others = verified(without_rows, SECOND).additional
    assert EntityKind.IMAGE_EFFECT not in {each.kind for each in others}
