"""A site is compared with its sheets row by row, cell by cell."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from jira_pipeline.model.site_verifications import TicketVerdict, Verdict
from jira_pipeline.model.tickets import ticket_id_of
from jira_pipeline.verification.reports import ticket_verdict_text
from jira_pipeline_tests.verification.invented import (
    GONE,
    OBJECTS,
    SHEETS,
    Changes,
    Objects,
    cell,
    row,
    verified,
)

BOOK = "bundle:Content type/book"
SUBTITLE = "field:Content type/book/field_subtitle"


def test_a_site_as_specified_meets_every_row_that_can_be_compared(tmp_path: Path) -> None:
    verification = verified(tmp_path)

    assert {Verdict.MET, Verdict.ON_HOLD} == {each.verdict for each in verification.rows}
    assert {TicketVerdict.BUILT} == {each.verdict for each in verification.tickets}
    assert verification.causes == ()


def test_a_cell_says_where_the_site_has_its_value(tmp_path: Path) -> None:
    changed = {"field.storage.node.field_genres:cardinality": -1}

    found = cell(verified(tmp_path, changed), "field:Content type/book/field_genres", "Vals.")

    assert (found.verdict, found.sheet, found.site) == (Verdict.DIFFERS, "3", "*")
    assert found.yaml == "field.storage.node.field_genres.yml:cardinality"


def test_what_waits_is_on_hold_with_all_that_belongs_to_it(tmp_path: Path) -> None:
    verification = verified(tmp_path)

    keys = [each.key for each in verification.rows if each.verdict is Verdict.ON_HOLD]
    assert keys == ["bundle:Content type/voucher", "field:Content type/voucher/field_amount"]


def test_what_should_be_gone_is_left_over_while_it_is_there(tmp_path: Path) -> None:
    kept = {"taxonomy.vocabulary.shelf": {"name": "Shelf", "vid": "shelf"}}

    found = row(verified(tmp_path, kept), "bundle:Vocabulary/shelf")

    assert (found.verdict, found.yaml) == (Verdict.LEFT_OVER, "taxonomy.vocabulary.shelf.yml")


@pytest.mark.parametrize(
    ("column", "reason"), [("Settings/notes", "prose"), ("ID", "a reference within the sheets")]
)
def test_a_cell_without_a_counterpart_says_why(tmp_path: Path, column: str, reason: str) -> None:
    sheets = {**SHEETS, "bundles.csv": SHEETS["bundles.csv"].replace("Name,", "ID,Name,", 1)}
    lines = sheets["bundles.csv"].splitlines()
    sheets["bundles.csv"] = "\n".join([lines[0], *(f"B1,{line}" for line in lines[1:])])

    found = cell(verified(tmp_path, sheets=sheets), BOOK, column)

    assert (Verdict.NOT_COMPARABLE, reason) == (found.verdict, found.reason)


def test_an_unknown_spelling_never_differs_and_is_proposed_where_it_is_consistent(
    tmp_path: Path,
) -> None:
    fields = SHEETS["fields.csv"].replace(",Textfield,", ",One-liner,")

    verification = verified(tmp_path, sheets={**SHEETS, "fields.csv": fields})

    assert Verdict.NOT_COMPARABLE is cell(verification, SUBTITLE, "Form widget").verdict
    (alias,) = verification.aliases
    assert (alias.spelling, alias.site, alias.row_count) == ("One-liner", "Textfield", 3)


def _styles(status: str, note: str) -> dict[str, str]:
    row = f'Cover,cover,{status},"{note}"'
    return {**SHEETS, "styles.csv": f"Style name,Machine name,X,Notes\n{row}\n"}


@pytest.mark.parametrize(
    ("sheet", "old", "new", "reason"),
    [
        ("styles.csv", "image_scale_and_crop 300x450", "Now 600x900.", "only the name"),
        ("roles.csv", "create book content, edit any book content", "Edits.", "only the name"),
        ("bundles.csv", "Writes books.,n,n,n,n,n,Content type,-,", "", "the change"),
    ],
)
def test_work_that_no_cell_shows_is_neither_met_nor_built(
    tmp_path: Path, sheet: str, old: str, new: str, reason: str
) -> None:
    text = SHEETS[sheet].replace(old, new or f"{old}Now with a list of them.")

    verification = verified(tmp_path, sheets={**SHEETS, sheet: text})

    (found,) = (each for each in verification.rows if each.verdict is Verdict.NOT_COMPARABLE)
    assert found.reason.startswith(reason)


@pytest.mark.parametrize(
    ("named", "there", "verdict"),
    [
        ("", {}, Verdict.MET),
        (", Image Style Quality 60%, convert to WebP", {}, Verdict.DIFFERS),
        (", convert to WebP", {"image_convert": {"extension": "png"}}, Verdict.DIFFERS),
        (", convert to WebP", {"image_convert": {"extension": "webp"}}, Verdict.MET),
        (", image_convert", {"image_convert": {"extension": "webp"}}, Verdict.MET),
        (", Image style quality 60%", {"image_style_quality": {"quality": 60}}, Verdict.MET),
        (", image style quality 6%", {"image_style_quality": {"quality": 60}}, Verdict.DIFFERS),
    ],
)
def test_an_effect_that_a_cell_names_and_the_style_lacks_differs(
    tmp_path: Path, named: str, there: dict[str, dict[str, object]], verdict: Verdict
) -> None:
    added = {
        f"image.style.cover:effects.{name}": {"id": name, "weight": 2, "data": data}
        for name, data in there.items()
    }
    sheets = _styles("a", f"Scale and crop to 300x450{named}")

    found = cell(verified(tmp_path, added, sheets=sheets), "image_style:cover", "Notes")

    assert (verdict, found.reason) == (found.verdict, "")


@pytest.mark.parametrize("named", ["Author (Content type)", "author", "Genre (Vocabulary)"])
def test_a_field_that_names_a_bundle_the_site_lacks_is_met_where_both_mean_the_same(
    tmp_path: Path, named: str
) -> None:
    """The bundle itself is what is missing, and said once."""
    fields = SHEETS["fields.csv"].replace(
        "Authors,field_authors,a,,Entity reference,Author (Content type)",
        f"Authors,field_authors,a,,Entity reference,{named}",
    )
    verification = verified(tmp_path, {"*.author*": GONE}, sheets={**SHEETS, "fields.csv": fields})

    found = cell(verification, "field:Content type/book/field_authors", "Ref. bundle")
    assert (found.verdict is Verdict.MET, found.site) == (
        named.casefold().startswith("author"),
        "author",
    )
    assert [c.verdict for c in verification.causes if c.yaml == "node.type.author.yml"] == [
        Verdict.MISSING
    ]


@pytest.mark.parametrize(
    ("cell_now", "was", "verdict"),
    [
        ("Max length 120", ("max_length", 255), Verdict.DIFFERS),
        ("Options: <b>Cloth</b>, Paper", ("label", "<i>Cloth</i>"), Verdict.MET),
        ("Options: <b>Cloth</b>, Paper", ("label", "Leather"), Verdict.DIFFERS),
        ("Options: <b>Cloth</b>, Paper, Leather", ("label", "Cloth"), Verdict.NOT_COMPARABLE),
    ],
)
def test_a_length_or_list_in_a_note_is_met_only_by_the_same(
    tmp_path: Path, cell_now: str, was: tuple[str, object], verdict: Verdict
) -> None:
    """A list with markup was met by any list, and the usual length compared with nothing."""
    key, value = was
    name = "field_subtitle" if key == "max_length" else "field_binding"

    def spoil(objects: Objects) -> None:
        settings = objects[f"field.storage.node.{name}"]["settings"]
        (settings if key == "max_length" else settings["allowed_values"][0])[key] = value

    fields = SHEETS["fields.csv"].replace("Options: Cloth, Paper", cell_now)
    found = verified(tmp_path, spoil, sheets={**SHEETS, "fields.csv": fields})

    assert cell(found, f"field:Content type/book/{name}", "Settings/notes").verdict is verdict


@pytest.mark.parametrize("dash", ["-", "—", "'-"])
def test_a_dash_says_that_the_site_has_nothing_there(tmp_path: Path, dash: str) -> None:
    fields = (
        SHEETS["fields.csv"].replace(",a,Names,", f",a,{dash},").replace("n,,\n", f"n,,{dash}\n")
    )

    found = verified(tmp_path, sheets={**SHEETS, "fields.csv": fields})

    assert cell(found, SUBTITLE, "Field group").verdict is Verdict.DIFFERS
    genres = cell(found, "field:Content type/book/field_genres", "Help text")
    assert (genres.verdict, genres.sheet) == (Verdict.MET, dash)


def test_a_bundle_that_no_row_is_becomes_a_question_with_the_bundle_its_fields_are_in(
    tmp_path: Path,
) -> None:
    fields = SHEETS["fields.csv"].replace("Book (Content type)", "Volume (Content type)")

    verification = verified(tmp_path, sheets={**SHEETS, "fields.csv": fields})

    (question,) = verification.questions
    assert question.text == "Volume (Content type)"
    assert (question.proposal, len(question.rows)) == ("Book (Content type), book", 5)
    assert Verdict.MISSING not in {each.verdict for each in verification.rows}


def test_a_new_row_in_another_substance_contradicts_and_a_changed_one_is_not_begun(
    tmp_path: Path,
) -> None:
    form = "core.entity_form_display.node.author.default"
    changed = {
        "field.storage.node.field_genres:cardinality": -1,
        f"{form}:hidden": {},
        f"{form}:content.field_portrait": {"type": "image_image"},
        "workflows.workflow.editing:type_settings.entity_types.node": ["book", "author"],
    }

    verdicts = {t.title: t.verdict for t in verified(tmp_path, changed).tickets}

    assert TicketVerdict.CONTRADICTS is verdicts["Configure content type: Book"]
    assert TicketVerdict.NOT_BEGUN is verdicts["Update content type: Author"]


def test_only_things_of_kinds_that_have_a_sheet_are_additional(tmp_path: Path) -> None:
    def add(objects: Objects) -> None:
        objects["node.type.offer"] = {"name": "Offer", "type": "offer"}
        objects["field.field.node.offer.field_portrait"] = objects[
            "field.field.node.author.field_portrait"
        ]
        objects["user.role.auditor"] = {"id": "auditor", "label": "Auditor", "permissions": []}

    sheets = {name: text for name, text in SHEETS.items() if name != "roles.csv"}
    verification = verified(tmp_path, add, sheets=sheets)

    assert {"offer", "book.field_meta"} == {item.name for item in verification.additional}
    assert verification.failing() == ()


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


def test_a_whole_kind_that_an_export_lacks_is_said(tmp_path: Path) -> None:
    assert verified(tmp_path, {"taxonomy.vocabulary.*": GONE}).gaps == (
        "The export has no vocabulary, although the sheets say that some exist",
    )


def test_a_changed_row_whose_wording_still_differs_is_not_begun(tmp_path: Path) -> None:
    """A rename that nobody made was called built."""
    changed = {
        "field.field.node.author.field_portrait:label": "Picture",
        "node.type.author:description": "Wrote books.",
    }

    verdicts = {t.title: t.verdict for t in verified(tmp_path, changed).tickets}

    assert verdicts["Update content type: Author"] is TicketVerdict.NOT_BEGUN


REMOVED_SHELF = {
    **SHEETS,
    "fields.csv": SHEETS["fields.csv"]
    + "Shelf (Vocabulary),Colour,field_colour,a,,Text (plain),,n,1,Textfield,n,,\n",
}


def test_what_belongs_to_something_removed_is_gone_with_it(tmp_path: Path) -> None:
    verification = verified(tmp_path, sheets=REMOVED_SHELF)

    gone = [each for each in verification.rows if each.is_gone]
    assert [each.name for each in gone] == ["Shelf (Vocabulary)", "Colour", "Clerk"]


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


CLERKS = [f"clerk_{number}" for number in range(12)]
EMPLOYED = {
    f"user.role.{name}": {
        "id": name,
        "label": name,
        "permissions": ["access content", f"edit what {name} wrote"],
    }
    for name in CLERKS
}
CLERK_ROWS = "Name,Machine name,X,Notes\n" + "".join(
    f'{name},{name},a,"access content, create book content"\n' for name in CLERKS
)
UNNAMED = re.sub(r"(Book \(Content type\)),(\w+),field_\w+", r"\1,My \2,", SHEETS["fields.csv"])
REMOVAL = "Remove obsolete content structures"
RACK = SHEETS["bundles.csv"] + "Rack,rack,d,,n,n,n,n,n,Vocabulary,-,\n"


def _vocabulary(name: str) -> Changes:
    return {f"taxonomy.vocabulary.{name}": {"name": name, "vid": name}}


BUILT: Mapping[str, tuple[Changes, Mapping[str, str], str, str]] = {
    # all tickets were built while the label of every field, or rows with X = x, differed
    "a label differs": (
        {"field.field.node.book.field_subtitle:label": "Second title"},
        *({}, "Configure content type: Book"),
        "partly built (4 of 5; 1 differs in texts alone); not compared: 1 cell",
    ),
    "a row from before differs": (
        {"field.field.node.author.field_subtitle:required": True},
        *({}, "Update content type: Author"),
        "partly built (2 of 3); 1 of 1 row from before not as specified",
    ),
    "too little is compared": (
        *({}, {"fields.csv": UNNAMED}, "Configure content type: Book"),
        "partly compared (1 of 5 rows, all as specified); not compared: 1 cell",
    ),
    # a ticket of sixteen roles was built although fifteen had other permissions
    "roles that each differ otherwise": (
        *(EMPLOYED, {"roles.csv": CLERK_ROWS}, "Configure user roles", "contradicts (0 of 12)"),
    ),
    **{
        f"a view with the note {note}": (
            {},
            {"displays.csv": SHEETS["displays.csv"].replace("Path: /new", note)},
            *("Configure view: New books", words),
        )
        for note, words in (
            ("Path: /new", "built"),
            ("Path: /new. Ten at a time.", "built; not compared: 1 cell"),
            ("What came this week.", "built; not compared: 1 cell"),
        )
    },
    "nothing is left": ({}, {}, REMOVAL, "removed"),
    "a shelf stays": (_vocabulary("shelf"), {}, REMOVAL, "not begun"),
    "one of two stays": (
        *(_vocabulary("rack"), {"bundles.csv": RACK}, REMOVAL, "partly removed (1 of 2)"),
    ),
}


@pytest.mark.parametrize(("changes", "sheets", "title", "words"), BUILT.values(), ids=BUILT)
def test_a_ticket_says_how_far_it_is_built(
    tmp_path: Path, changes: Changes, sheets: Mapping[str, str], title: str, words: str
) -> None:
    verification = verified(tmp_path, changes, sheets={**SHEETS, **sheets})

    (ticket,) = (one for one in verification.tickets if one.title == title)
    assert ticket_verdict_text(ticket) == words


def test_roles_that_each_differ_otherwise_are_as_many_causes(tmp_path: Path) -> None:
    verification = verified(tmp_path, EMPLOYED, sheets={**SHEETS, "roles.csv": CLERK_ROWS})

    assert len(verification.causes) == len(CLERKS)
