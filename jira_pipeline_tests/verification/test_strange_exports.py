"""What is not known is never met, what an export lacks is never missing, a site is never blamed twice."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from jira_pipeline.drupal.configuration.configuration import read_configuration
from jira_pipeline.model.site_verifications import TicketVerdict, Verdict, Verification
from jira_pipeline.sheets.site_sheets import files_of, sheets_of
from jira_pipeline.verification.compared_cells import UNREAD
from jira_pipeline.verification.reports import ticket_verdict_text
from jira_pipeline_tests.verification.invented import (
    GONE,
    SHEETS,
    Changes,
    Objects,
    cell,
    row,
    verified,
    write_site,
)

SUBTITLE = "field:Content type/book/field_subtitle"
AUTHORS = "field:Content type/book/field_authors"
PORTRAIT = "field:Content type/author/field_portrait"
FAULTS = {Verdict.DIFFERS, Verdict.MISSING, Verdict.LEFT_OVER}


def _but(sheet: str, old: str, new: str) -> dict[str, str]:
    assert old in SHEETS[sheet]
    return {**SHEETS, sheet: SHEETS[sheet].replace(old, new)}


def _needing(name: str) -> Changes:
    return {"block.block.any": {"dependencies": {"config": [name]}, "plugin": "any"}}


def _faults(verification: Verification) -> list[str]:
    return [f"{r.verdict.value} {r.key}" for r in verification.rows if r.verdict in FAULTS]


MET, DIFFERS, UNKNOWN = Verdict.MET, Verdict.DIFFERS, Verdict.NOT_COMPARABLE
ROLE = "user.role.bookseller"
CREATE_AND_EDIT = ["create book content", "edit any book content"]
LISTED = f"Permissions: {', '.join(CREATE_AND_EDIT)}"
LAID_OUT = {
    "field.storage.node.field_portrait:type": "layout_section",
    "field.field.node.author.field_portrait:field_type": "layout_section",
}
CROP = {"id": "image_crop", "weight": 2, "data": {"width": 300, "height": 450}}
SCALE = {"id": "image_scale", "weight": 1, "data": {"width": 200, "height": 300}}
TWINS = {
    "paragraphs.paragraphs_type.author": {"id": "author", "label": "Author"},
    "media.type.cover": {"id": "cover", "label": "Cover"},
}
Case = tuple[Changes, Mapping[str, str], str, Verdict]


def _index(modules: str, verdict: Verdict, *, server: bool = True, **status: bool) -> Case:
    """The bundle in a search index, enabled or not, or where there is none."""
    chosen = {"entity:node": {"bundles": {"default": False, "selected": ["book"]}}}
    index = {"name": "Shop", "server": "here", "datasource_settings": chosen, **status}
    changes = {
        "core.extension:module": dict.fromkeys(["taxonomy", *modules.split()], 0),
        "search_api.server.here": {"name": "Here", "status": server},
        **({"search_api.index.shop": index} if status else {}),
    }
    head, book, *_ = SHEETS["bundles.csv"].splitlines()
    sheets = {**SHEETS, "bundles.csv": f"{head},Srch.\n{book},y\n"}
    return changes, sheets, "bundle:Content type/book | Srch.", verdict


def _targets(verdict: Verdict, handler: str, **settings: object) -> Case:
    chosen = {"handler": handler, "handler_settings": settings}
    changes = {"field.field.node.book.field_authors:settings": chosen}
    return changes, SHEETS, f"{AUTHORS} | Ref. bundle", verdict


def _aimed(verdict: Verdict, target_type: str, **others: object) -> Case:
    changes = {"field.storage.node.field_authors:settings.target_type": target_type, **others}
    return changes, SHEETS, f"{AUTHORS} | Ref. bundle", verdict


def _role(
    verdict: Verdict, row: str, granted: list[str], *, x: str = "a", is_admin: bool = False
) -> Case:
    """What a row says of a role in its notes and remarks, and what the role may do."""
    notes, _, remarks = row.partition(" | ")
    text = f'Name,Machine name,X,Notes,Remarks\nBookseller,bookseller,{x},"{notes}","{remarks}"\n'
    changes = {f"{ROLE}:permissions": granted, f"{ROLE}:is_admin": is_admin}
    return changes, {**SHEETS, "roles.csv": text}, "user_role:bookseller", verdict


def _cover(verdict: Verdict, said: str, *effects: Mapping[str, object]) -> Case:
    """What a row says of the style Cover, and its effects."""
    crop_type = {"crop.type.square_1": {"id": "square_1", "label": "Square"}}
    changes = {"image.style.cover:effects": dict(enumerate(effects)), **crop_type}
    styles = f'Style name,Machine name,X,Notes\nCover,cover,a,"{said}"\n'
    return changes, {**SHEETS, "styles.csv": styles}, "image_style:cover | Notes", verdict


def _effect(name: str, **data: object) -> dict[str, object]:
    return {"id": name, "weight": 1, "data": data}


CASES: Mapping[str, Case] = {
    # a number that the type enforces goes before that of the storage
    **{
        f"{said} values of a layout": (
            LAID_OUT,
            _but("fields.csv", ",Image,,n,1,", f",Layout,,n,{said},"),
            f"{PORTRAIT} | Vals.",
            verdict,
        )
        for said, verdict in (("*", MET), ("1", MET), ("2", DIFFERS))
    },
    "a bundle without a form beside others hides its fields": (
        {"core.entity_form_display.node.book.default": GONE},
        SHEETS,
        f"{SUBTITLE} | Form widget",
        DIFFERS,
    ),
    # without any index, or with disabled ones, every bundle was met
    "an enabled index": _index("search_api", MET, status=True),
    "a disabled index": _index("search_api", DIFFERS, status=False),
    "an index on a disabled server": _index("search_api", DIFFERS, status=True, server=False),
    "no index": _index("search_api", DIFFERS),
    "no search at all": _index("", DIFFERS),
    "the search of core": _index("search", UNKNOWN),
    "other targets": _targets(DIFFERS, "unpublished", target_bundles={"book": "book"}),
    "targets of any handler": _targets(MET, "unpublished", target_bundles={"author": "author"}),
    "targets that a view chooses": _targets(UNKNOWN, "views", view={"view_name": "authors"}),
    "targets that nobody knows": _targets(UNKNOWN, "shop_picker"),
    # the bundle of a row was met by a reference to things of another kind
    "things without bundles": _aimed(DIFFERS, "shop_product"),
    **{f"a {name}": _aimed(UNKNOWN, name) for name in ("webform", "node_type")},
    # a media type and a paragraph type of one name were taken for each other
    "the type of a target of the same name": _aimed(MET, "node", **TWINS),
    **{
        f"a {name} of the same name": _aimed(DIFFERS, name, **TWINS)
        for name in ("paragraph", "media", "user")
    },
    "as many permissions": _role(UNKNOWN, "2 permissions", ["create book content", "delete"]),
    "fewer permissions": _role(DIFFERS, "3 permissions", ["create book content", "delete"]),
    "others than are listed": _role(DIFFERS, f"2 permissions | {LISTED}", ["delete any book"]),
    "those that are listed": _role(MET, f"2 permissions | {LISTED}", CREATE_AND_EDIT),
    "those in a sentence": _role(MET, f"2 permissions | {LISTED}.", CREATE_AND_EDIT),
    "some for every one": _role(DIFFERS, "Every permission", CREATE_AND_EDIT),
    "every one for every one": _role(MET, "Every permission", [], is_admin=True),
    # anonymous visitors who may do everything were met, as the list of the role had stayed
    **{
        f"an administrator beside “{row}”": _role(
            verdict, row, [] if is_blank else CREATE_AND_EDIT, x="x", is_admin=True
        )
        for row, is_blank, verdict in (
            *((row, False, DIFFERS) for row in ("", f" | {LISTED}", "2 permissions")),
            *((row, True, DIFFERS) for row in ("Sees published content only.",)),
            *((row, False, DIFFERS) for row in (f"2 permissions | {LISTED}", LISTED[13:])),
            *((f"{row} | {LISTED}", True, DIFFERS) for row in ("Sees some.", "Every permission")),
            ("Every permission", True, MET),
            *((f"Has full access to the shop.{row}", False, MET) for row in ("", f" | {LISTED}")),
        )
    },
    "effects in another order": _cover(DIFFERS, "Crop 300x450, Scale 200x300", CROP, SCALE),
    "effects in their order": _cover(MET, "Scale 200x300, Crop 300x450", CROP, SCALE),
    # in the words that Drupal shows
    "a width": _cover(MET, "Scale width 400", _effect("image_scale", width=400)),
    "another width": _cover(DIFFERS, "Scale width 400", _effect("image_scale", width=500)),
    "an angle": _cover(MET, "Rotate 90°", _effect("image_rotate", degrees=90)),
    "a height": _cover(MET, "Scale height 300", _effect("image_scale", height=300)),
    "a size with a remark": _cover(
        MET, "Scale 400×300 (upscaling allowed)", _effect("image_scale", width=400, height=300)
    ),
    **{
        f"a {said} crop": _cover(
            verdict,
            f"Manual crop uses {said} crop type",
            _effect("crop_crop", crop_type="square_1"),
        )
        for said, verdict in (("Square", MET), ("Round", DIFFERS))
    },
    # “Text” was taken for the id of formatted text, and contradicted plain text
    **{
        f"the type {said}": (
            {},
            _but("fields.csv", "a,Names,Text (plain)", f"a,Names,{said}"),
            f"{SUBTITLE} | Field type",
            verdict,
        )
        for said, verdict in (("text", UNKNOWN), ("string", MET), ("email", DIFFERS))
    },
}


@pytest.mark.parametrize(("changes", "sheets", "place", "verdict"), CASES.values(), ids=CASES)
def test_a_cell_is_met_by_what_the_site_is_shown_to_have_and_nothing_else(
    tmp_path: Path, changes: Changes, sheets: Mapping[str, str], place: str, verdict: Verdict
) -> None:
    verification = verified(tmp_path, changes, sheets=sheets)

    key, _, column = place.partition(" | ")
    found = cell(verification, key, column) if column else row(verification, key)
    assert found.verdict is verdict


def test_a_bundle_without_machine_name_is_the_one_of_its_label_and_its_fields_are_there(
    tmp_path: Path,
) -> None:
    """Its fields were missing, all of them."""
    verification = verified(tmp_path, sheets=_but("bundles.csv", "Book,book,a", "Book,,a"))

    assert _faults(verification) == []
    of_book = [r.verdict for r in verification.rows if "Content type/Book" in r.key]
    assert of_book == [Verdict.MET] * 6


def test_what_has_neither_machine_name_nor_label_of_the_site_is_unknown_with_its_fields(
    tmp_path: Path,
) -> None:
    sheets = _but("bundles.csv", "Book,book,a", "Tome,,a")
    sheets["fields.csv"] = sheets["fields.csv"].replace("Book (", "Tome (")

    verification = verified(tmp_path, sheets=sheets)

    assert _faults(verification) == []
    assert {r.verdict for r in verification.rows if "Tome" in r.key} == {Verdict.NOT_COMPARABLE}


@pytest.mark.parametrize(
    "lost",
    [
        "node.type.book",
        "taxonomy.vocabulary.genre",
        "field.storage.node.field_genres",
        "core.entity_view_mode.node.card",
        "image.style.cover",
        "views.view.new_books",
        "workflows.workflow.editing",
        "user.role.bookseller",
        "field.field.node.book.field_binding",
    ],
)
def test_a_file_that_others_need_is_unknown_and_not_missing(tmp_path: Path, lost: str) -> None:
    """A bundle without its own file made all its fields missing, though their files were there."""
    verification = verified(tmp_path, {**_needing(lost), lost: GONE})

    assert _faults(verification) == []
    assert f"{lost}.yml" in verification.gaps[0]


def test_a_bundle_without_its_file_is_not_built_by_its_machine_name_alone(tmp_path: Path) -> None:
    """It was said to be built: a row without a name has no cell that the file would say."""
    lost = {**_needing("node.type.book"), "node.type.book": GONE}
    bundles = "Name,Machine name,Type\n,book,Content type\nAuthor,author,Content type\n"

    found = row(
        verified(tmp_path, lost, sheets={**SHEETS, "bundles.csv": bundles}),
        "bundle:Content type/book",
    )

    assert (found.verdict, found.reason) == (
        Verdict.NOT_COMPARABLE,
        f"{UNREAD}: node.type.book.yml",
    )


def test_fields_are_not_comparable_in_an_export_without_any_form(tmp_path: Path) -> None:
    """An export without forms met every widget."""
    verification = verified(tmp_path, {"core.entity_form_display.*": GONE})

    found = row(verification, SUBTITLE)
    file = "core.entity_form_display.node.book.default.yml"
    assert (found.verdict, found.reason) == (Verdict.NOT_COMPARABLE, f"{UNREAD}: {file}")
    book = next(t for t in verification.tickets if "Book" in t.title)
    assert (
        ticket_verdict_text(book)
        == "partly compared (1 of 5 rows, all as specified); not compared: 1 cell"
    )
    [gap] = verification.gaps
    assert gap.startswith("The export has no file core.entity_form_display.*.yml, so widgets")


@pytest.mark.parametrize(
    ("gone", "verdict"),
    [
        ("", Verdict.MET),
        ("search_api.index.shop", Verdict.DIFFERS),
        ("search_api.index.shop core.extension", Verdict.NOT_COMPARABLE),
    ],
)
def test_a_view_is_not_met_without_its_search_index(
    tmp_path: Path, gone: str, verdict: Verdict
) -> None:
    """The name that the view has for its index was as good as the index."""
    changes: Changes = {
        "views.view.new_books:base_table": "search_api_index_shop",
        "search_api.index.shop": {"name": "Shop"},
        **dict.fromkeys(gone.split(), GONE),
    }

    verification = verified(
        tmp_path, changes, sheets=_but("views.csv", "a,Content", "a,Index Shop")
    )

    assert row(verification, "view:new_books").verdict is verdict
    causes = [cause.yaml for cause in verification.causes]
    assert ("search_api.index.shop.yml" in causes) is (verdict is Verdict.DIFFERS)


@pytest.mark.parametrize("prefix", ["", "field.", "node.type", "user.role", "views.view", "image."])
def test_of_an_export_without_list_of_modules_no_absent_kind_is_missing(
    tmp_path: Path, prefix: str
) -> None:
    def keep(objects: Objects) -> None:
        for name in [n for n in objects if not (prefix and n.startswith(prefix))]:
            if prefix or name == "core.extension" or name.startswith(("user.", "image.", "views.")):
                del objects[name]

    verification = verified(tmp_path, keep)

    assert [fault for fault in _faults(verification) if "differs" not in fault] == []
    assert TicketVerdict.NOT_BEGUN not in {t.verdict for t in verification.tickets}


@pytest.mark.parametrize(
    ("said", "id_there", "verdict"),
    [
        ("Textfield with counter", "", Verdict.DIFFERS),
        ("Some other box", "", Verdict.DIFFERS),
        ("One-liner", "string_textfield", Verdict.NOT_COMPARABLE),
        ("tag_picker", "string_textfield", Verdict.DIFFERS),
        ("picker", "tag_picker", Verdict.DIFFERS),
        ("tag_picker", "tag_picker", Verdict.MET),
        ("-- Disabled --", "string_textfield", Verdict.DIFFERS),
    ],
)
def test_a_spelling_that_is_not_known_is_never_met_where_a_row_asks_for_work(
    tmp_path: Path, said: str, id_there: str, verdict: Verdict
) -> None:
    form = "core.entity_form_display.node.book.default"
    shown: Changes = {f"{form}:content.field_subtitle": {"type": id_there}}
    hidden = {f"{form}:content.field_subtitle": GONE, f"{form}:hidden.field_subtitle": True}

    verification = verified(
        tmp_path,
        shown if id_there else hidden,
        sheets=_but("fields.csv", ",n,1,Textfield,n,Max", f",n,1,{said},n,Max"),
    )

    assert row(verification, SUBTITLE).verdict is verdict
    assert verification.aliases == ()


@pytest.mark.parametrize(
    ("view", "verdict"),
    [("authors", Verdict.MET), ("critics", Verdict.DIFFERS), ("", Verdict.DIFFERS)],
)
def test_a_note_that_sheets_wrote_of_the_choice_of_targets_is_compared(
    tmp_path: Path, view: str, verdict: Verdict
) -> None:
    """A field that a view had chosen for was met by one for which nothing chose."""
    by_view = {"view": {"view_name": view, "display_name": "list"}}
    settings = {
        "handler": "views" if view else "default:node",
        "handler_settings": by_view if view else {},
    }
    note = "Refers to what the view authors lists in its display list."
    sheets = _but(
        "fields.csv",
        "Author (Content type),y,Unlimited,Autocomplete,n,",
        ",y,*,Autocomplete,n," + note,
    )

    changes = {"field.field.node.book.field_authors:settings": settings}

    found = row(verified(tmp_path, changes, sheets=sheets), AUTHORS)

    assert found.verdict is verdict
    assert all(c.yaml.startswith("field.field.node.book.field_authors") for c in found.differing)


@pytest.mark.parametrize("more", [[], ["administer users"]])
def test_what_a_role_may_do_beyond_a_list_of_its_row_differs(
    tmp_path: Path, more: list[str]
) -> None:
    granted = ["create book content", "edit any book content", *more]

    verification = verified(tmp_path, {f"{ROLE}:permissions": granted})

    assert [cause.sentence for cause in verification.causes] == [
        f"Notes of role Bookseller: the site has “{name}”." for name in more
    ]


def test_what_differs_alike_everywhere_is_one_cause_and_counts_in_every_ticket(
    tmp_path: Path,
) -> None:
    """What differed over the whole site counted as built: the worse the site, the more was built."""
    names = [f"field_{number}" for number in range(12)]

    def translate(objects: Objects) -> None:
        for name in names:
            for kind in ("field.storage.node", "field.field.node.author"):
                copied = {**objects[f"{kind}.field_portrait"], "field_name": name}
                objects[f"{kind}.{name}"] = copied
        for name, data in objects.items():
            if name.startswith("field.field."):
                data["translatable"] = True
        objects["field.field.node.author.field_3"]["required"] = True

    more = "".join(f"Author (Content type),Portrait,{n},a,,Image,,n,1,,n,,\n" for n in names)
    sheets = {**SHEETS, "fields.csv": SHEETS["fields.csv"] + more}

    verification = verified(tmp_path, translate, sheets=sheets)

    first, second = verification.causes
    assert (first.yaml, len(first.rows)) == ("field.field.*.yml:translatable", 18)
    assert first.sentence == (
        "Trns. of field Subtitle of Book (Content type) and 17 more: "
        "“n” in the sheet, “y” on the site."
    )
    assert second.yaml == "field.field.node.author.field_3.yml:required"
    author, book = (t for t in verification.tickets if t.title.endswith(("Book", "Author")))
    assert ticket_verdict_text(book) == "contradicts (1 of 5); not compared: 1 cell"
    assert author.verdict is TicketVerdict.CONTRADICTS


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


def test_a_length_that_no_row_of_a_field_states_is_the_usual_one(tmp_path: Path) -> None:
    """Nine fields of 140 characters were met by blank cells."""
    sheets = _but("fields.csv", "Max length 120", "")

    verification = verified(tmp_path, sheets=sheets)

    [cause] = verification.causes
    assert cause.yaml == "field.storage.node.field_subtitle.yml:settings.max_length"
    assert [row.line for row in cause.rows] == [3, 8]
    assert verified(tmp_path).causes == ()


BINDING = {"Machine name": "field_binding", "Field type": "List (text)", "Vals.": "1"}
PHOTO = {"Machine name": "field_photo", "Field type": "Image", "Vals.": "1"}
TITLE = {"Machine name": "field_subtitle", "Field type": "Text (plain)", "Vals.": "1"}
IN_LISTS = {**BINDING, "Allowed values": "Cloth, Paper"}


@pytest.mark.parametrize(
    ("cells", "verdict"),
    [
        ({**BINDING, "Allowed values": "paper|Paper\ncloth|Cloth"}, Verdict.MET),
        ({**BINDING, "Allowed values": "Cloth\nLinen"}, Verdict.DIFFERS),
        ({**BINDING, "Allowed values": "Cloth and Paper"}, Verdict.MET),
        ({**BINDING, "Settings/notes": "Options are Paper and Cloth."}, Verdict.MET),
        ({**BINDING, "Settings/notes": "Options: Leather and linen, paper"}, Verdict.DIFFERS),
        ({**BINDING, "Allowed values": "Paper and Cloth (default)"}, Verdict.MET),
        ({**IN_LISTS, "Default value": "cloth"}, Verdict.MET),
        ({**IN_LISTS, "Default value": "Paper"}, Verdict.DIFFERS),
        ({**BINDING, "Settings/notes": "Options: Cloth (default), Paper"}, Verdict.MET),
        ({**BINDING, "Settings/notes": "Options: Cloth, Paper\nDefault: Paper."}, Verdict.DIFFERS),
        ({**BINDING, "Settings/notes": "Options: Cloth, Paper\nDefault: Cloth."}, Verdict.MET),
        ({**TITLE, "Maximum length": "120"}, Verdict.MET),
        ({**TITLE, "Maximum length": "140"}, Verdict.DIFFERS),
        ({**PHOTO, "Allowed file extensions": "JPG, png"}, Verdict.MET),
        ({**PHOTO, "Allowed file extensions": "png gif"}, Verdict.DIFFERS),
        ({**PHOTO, "Settings/notes": "Allowed types: png, gif"}, Verdict.DIFFERS),
        ({**PHOTO, "Settings/notes": "Allowed types: Photographs"}, Verdict.MET),
        ({**PHOTO, "Maximum upload size": "2mb"}, Verdict.MET),
        ({**PHOTO, "Maximum upload size": "20 MB"}, Verdict.DIFFERS),
        ({**PHOTO, "Settings/notes": "Max size 20 MB."}, Verdict.DIFFERS),
    ],
)
def test_settings_of_fields_are_compared_in_columns_and_notes(
    tmp_path: Path, cells: dict[str, str], verdict: Verdict
) -> None:
    """Options, default, length, file types and size have columns, and nobody compared them."""

    def settle(objects: Objects) -> None:
        objects["field.field.node.book.field_binding"]["default_value"] = [{"value": "cloth"}]
        portrait = objects["field.field.node.author.field_portrait"]
        settings = {"file_extensions": "png jpg", "max_filesize": "2 MB"}
        objects["field.field.node.book.field_photo"] = {**portrait, "settings": settings}
        objects["field.storage.node.field_photo"] = objects["field.storage.node.field_portrait"]

    head, values = ",".join(["Bundle", "Field label", *cells]), '","'.join(cells.values())
    label = {"field_binding": "Binding", "field_photo": "Portrait", "field_subtitle": "Subtitle"}
    name = cells["Machine name"]
    fields = f'{head}\nBook (Content type),{label[name]},"{values}"\n'

    verification = verified(tmp_path, settle, sheets={**SHEETS, "fields.csv": fields})

    assert row(verification, f"field:Content type/book/{name}").verdict is verdict


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


def test_a_view_without_the_display_that_others_inherit_is_read(tmp_path: Path) -> None:
    """One file ended the comparison of a whole site with a KeyError."""
    verification = verified(tmp_path, {"views.view.new_books:display.default": GONE})

    assert [cause.sentence for cause in verification.causes] == [
        "The display Master of New books is missing."
    ]


def test_a_display_that_is_switched_off_differs(tmp_path: Path) -> None:
    sheets = _own_sheets(tmp_path, _list_books)

    found = verified(tmp_path, lambda o: _list_books(o, off=True), sheets=sheets)

    differing = [(r.name, [c.site for c in r.differing]) for r in found.rows if r.differing]
    assert differing == [("Block", ["Disabled."]), ("Page", ["Path: /new. Disabled."])]


PUBLISH = "workflows.workflow.editing:type_settings.transitions.publish.from"


@pytest.mark.parametrize("lost", [(), ("published",)])
def test_a_row_may_name_several_states_that_a_transition_leads_from(
    tmp_path: Path, lost: tuple[str, ...]
) -> None:
    """It differed, and the parts that it asks for were only on the site."""
    rows = SHEETS["transitions.csv"].splitlines()
    rows[1:3] = ['Editing,Publish,publish,a,"Draft, Published",Published,']

    left = [state for state in ("draft", "published") if state not in lost]

    found = verified(
        tmp_path, {PUBLISH: left}, sheets={**SHEETS, "transitions.csv": "\n".join(rows)}
    )

    verdicts = [each.verdict for each in found.rows if each.name == "Publish"]
    assert verdicts == [Verdict.DIFFERS if lost else Verdict.MET]
    assert [item.name for item in found.additional if "publish" in item.name] == []


def test_a_transition_without_one_of_its_states_is_missing_from_there(tmp_path: Path) -> None:
    verification = verified(tmp_path, {PUBLISH: ["published"]})

    (cause,) = verification.causes
    assert cause.sentence == "The transition Publish from Draft of Editing is missing."
    assert [r.verdict for r in verification.rows if r.name == "Publish"] == [
        Verdict.MISSING,
        Verdict.MET,
    ]


@pytest.mark.parametrize("sheet", ["views.csv", "workflows.csv", "bundles.csv"])
def test_what_belongs_to_a_thing_without_machine_name_is_found_below_its_label(
    tmp_path: Path, sheet: str
) -> None:
    name = {"views.csv": ",new_books,", "workflows.csv": ",editing,", "bundles.csv": ",genre,"}[
        sheet
    ]
    sheets = {**SHEETS, sheet: SHEETS[sheet].replace(name, ",,")}
    sheets["displays.csv"] = (
        sheets["displays.csv"].replace(",View ID", "").replace(",new_books", "")
    )

    verification = verified(tmp_path, sheets=sheets)

    assert {each.verdict for each in verification.rows} == {Verdict.MET, Verdict.ON_HOLD}


def test_a_list_that_differs_says_what_came_and_went(tmp_path: Path) -> None:
    linen = [{"value": "linen", "label": "Linen"}, {"value": "paper", "label": "Paper"}]
    changes = {"field.storage.node.field_binding:settings.allowed_values": linen}

    (cause,) = verified(tmp_path, changes).causes

    assert cause.sentence.endswith("Book (Content type): the site has “Linen” and lacks “Cloth”.")
