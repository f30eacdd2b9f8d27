"""The site of the bookshop, or its sheets, odd in one way each.

Belongs here: what is changed of them. Does not: what a comparison says of each, which `golden`
freezes as `comparisons/odd_sites`; verdicts of single cells and tickets by table (the tests beside
this).
"""

import re
from collections.abc import Callable, Mapping

from jira_pipeline_tests.verification.invented import GONE, OBJECTS, SHEETS, Changes, Objects

Case = tuple[Changes | Callable[[Objects], None], Mapping[str, str]]
"""What is otherwise on the site, and which sheets are."""
AS_IT_IS: Mapping[str, str] = {}
FORM = "core.entity_form_display.node.book.default"
ROLE = "user.role.bookseller"
PUBLISH = "workflows.workflow.editing:type_settings.transitions.publish.from"


def saying(sheet: str, old: str, new: str) -> dict[str, str]:
    """Return a sheet that says something else."""
    assert old in SHEETS[sheet]
    return {sheet: SHEETS[sheet].replace(old, new)}


def styled(note: str, *effects: tuple[str, Mapping[str, object]]) -> Case:
    """Return a note of the style Cover, and what is added to its effects."""
    added = {
        f"image.style.cover:effects.{n}": {"id": n, "weight": 2, "data": d} for n, d in effects
    }
    return added, {"styles.csv": f'Style name,Machine name,X,Notes\nCover,cover,a,"{note}"\n'}


def needing(name: str) -> Changes:
    """Return something that cannot be without an object, and is without it."""
    block = {"dependencies": {"config": [name]}, "plugin": "any"}
    return {"block.block.any": block, name: GONE}


def spelling(widget: str, id_there: str) -> Case:
    shown: Changes = {f"{FORM}:content.field_subtitle": {"type": id_there}}
    hidden = {f"{FORM}:content.field_subtitle": GONE, f"{FORM}:hidden.field_subtitle": True}
    sheets = saying("fields.csv", ",n,1,Textfield,n,Max", f",n,1,{widget},n,Max")
    return (shown if id_there else hidden), sheets


def chosen_by(view: str) -> Case:
    """Return how the authors of a book are chosen, where a view is said to choose them."""
    by_view = {"view": {"view_name": view, "display_name": "list"}}
    settings = {"handler": "views" if view else "default:node"}
    settings["handler_settings"] = by_view if view else {}  # type: ignore[assignment] # of several types
    return {"field.field.node.book.field_authors:settings": settings}, saying(
        "fields.csv",
        "Author (Content type),y,Unlimited,Autocomplete,n,",
        ",y,*,Autocomplete,n,Refers to what the view authors lists in its display list.",
    )


def without_list_of_modules(prefix: str) -> Callable[[Objects], None]:
    """Return a change that leaves the list of modules out, or all that do not begin so."""

    def keep(objects: Objects) -> None:
        for name in [n for n in objects if not (prefix and n.startswith(prefix))]:
            if prefix or name == "core.extension" or name.startswith(("user.", "image.", "views.")):
                del objects[name]

    return keep


def translate_all(objects: Objects) -> None:
    for number in range(12):
        for kind in ("field.storage.node", "field.field.node.author"):
            copied = {**objects[f"{kind}.field_portrait"], "field_name": f"field_{number}"}
            objects[f"{kind}.field_{number}"] = copied
    for name, data in objects.items():
        if name.startswith("field.field."):
            data["translatable"] = True
    objects["field.field.node.author.field_3"]["required"] = True


def offer(objects: Objects) -> None:
    portrait = objects["field.field.node.author.field_portrait"]
    objects["node.type.offer"] = {"name": "Offer", "type": "offer"}
    objects["field.field.node.offer.field_portrait"] = portrait
    objects["user.role.auditor"] = {"id": "auditor", "label": "Auditor", "permissions": []}


CLERKS = [f"clerk_{number}" for number in range(12)]
EMPLOYED: Changes = {
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
OPTIONS = "field.storage.node.field_binding:settings.allowed_values"
WITH_IDS = "\n".join(
    f"{'B1' if at else 'ID'},{line}" for at, line in enumerate(SHEETS["bundles.csv"].splitlines())
)
WEBP = {"extension": "webp"}
SHOP_INDEX: Changes = {
    "views.view.new_books:base_table": "search_api_index_shop",
    "search_api.index.shop": {"name": "Shop"},
}
INDEXED = saying("views.csv", "a,Content", "a,Index Shop")
LEFT_OVER: Changes = {"taxonomy.vocabulary.shelf": {"name": "Shelf", "vid": "shelf"}}
FROM_BOTH = "\n".join(
    [
        *SHEETS["transitions.csv"].splitlines()[:1],
        'Editing,Publish,publish,a,"Draft, Published",Published,',
        *SHEETS["transitions.csv"].splitlines()[3:],
    ]
)
ROWS: Mapping[str, Case] = {
    "as it is": ({}, AS_IT_IS),
    "another number of values": ({"field.storage.node.field_genres:cardinality": -1}, AS_IT_IS),
    "what should be gone is there": (LEFT_OVER, AS_IT_IS),
    "ids are references within the sheets": ({}, {"bundles.csv": WITH_IDS}),
    "an unknown spelling never differs and is proposed where it is consistent": (
        {},
        saying("fields.csv", ",Textfield,", ",One-liner,"),
    ),
    # work that no cell shows is neither met nor built
    "only the name of a style is said": (
        {},
        saying("styles.csv", "image_scale_and_crop 300x450", "Now 600x900."),
    ),
    "only the name of a role is said": (
        {},
        saying("roles.csv", "create book content, edit any book content", "Edits."),
    ),
    "a change that no cell shows": (
        {},
        saying("bundles.csv", "Content type,-,\nGenre", "Content type,-,Now with a list.\nGenre"),
    ),
    **{
        f"an effect that a note names{named or ', and nothing more'}: {effects}": styled(
            f"Scale and crop to 300x450{named}", *effects
        )
        for named, effects in (
            ("", []),
            (", Image Style Quality 60%, convert to WebP", []),
            (", convert to WebP", [("image_convert", {"extension": "png"})]),
            (", convert to WebP", [("image_convert", WEBP)]),
            (", image_convert", [("image_convert", WEBP)]),
            (", Image style quality 60%", [("image_style_quality", {"quality": 60})]),
            (", image style quality 6%", [("image_style_quality", {"quality": 60})]),
        )
    },
    # the bundle itself is what is missing, and said once
    **{
        f"the site lacks the bundle that a field refers to: {named}": (
            {"*.author*": GONE},
            saying(
                "fields.csv", "Entity reference,Author (Content type)", f"Entity reference,{named}"
            ),
        )
        for named in ("Author (Content type)", "author", "Genre (Vocabulary)")
    },
    # a list with markup was met by any list, and the usual length compared with nothing
    "the usual length": ({"field.storage.node.field_subtitle:settings.max_length": 255}, AS_IT_IS),
    **{
        f"the note {note} beside {there}": (
            {f"{OPTIONS}.0.label": there},
            saying("fields.csv", "Options: Cloth, Paper", f"Options: {note}"),
        )
        for note, there in (
            *(("<b>Cloth</b>, Paper", "<i>Cloth</i>"), ("<b>Cloth</b>, Paper", "Leather")),
            ("<b>Cloth</b>, Paper, Leather", "Cloth"),
        )
    },
    **{
        f"a dash says that the site has nothing there: {dash}": (
            {},
            {
                "fields.csv": SHEETS["fields.csv"]
                .replace(",a,Names,", f",a,{dash},")
                .replace("n,,\n", f"n,,{dash}\n")
            },
        )
        for dash in ("-", "—", "'-")
    },
    "a bundle that no row is becomes a question with the bundle its fields are in": (
        {},
        saying("fields.csv", "Book (Content type)", "Volume (Content type)"),
    ),
    "a new row in another substance contradicts, and a changed one is not begun": (
        {
            "field.storage.node.field_genres:cardinality": -1,
            "core.entity_form_display.node.author.default:hidden": {},
            "core.entity_form_display.node.author.default:content.field_portrait": {
                "type": "image_image"
            },
            "workflows.workflow.editing:type_settings.entity_types.node": ["book", "author"],
        },
        AS_IT_IS,
    ),
    "only things of kinds that have a sheet are additional": (offer, {"roles.csv": ""}),
    "a whole kind that an export lacks": ({"taxonomy.vocabulary.*": GONE}, AS_IT_IS),
    # a rename that nobody made was called built
    "a changed row whose wording still differs": (
        {
            "field.field.node.author.field_portrait:label": "Picture",
            "node.type.author:description": "Wrote books.",
        },
        AS_IT_IS,
    ),
    "what belongs to something removed is gone with it": (
        {},
        {
            "fields.csv": SHEETS["fields.csv"]
            + "Shelf (Vocabulary),Colour,field_colour,a,,Text (plain),,n,1,Textfield,n,,\n"
        },
    ),
    "roles that each differ otherwise are as many causes": (EMPLOYED, {"roles.csv": CLERK_ROWS}),
}
EXPORTS: Mapping[str, Case] = {
    # its fields were missing, all of them
    "a bundle without machine name is the one of its label": (
        {},
        saying("bundles.csv", "Book,book,a", "Book,,a"),
    ),
    "what has neither machine name nor label of the site is unknown with its fields": (
        {},
        {
            **saying("bundles.csv", "Book,book,a", "Tome,,a"),
            **saying("fields.csv", "Book (", "Tome ("),
        },
    ),
    # a bundle without its own file made all its fields missing, though their files were there
    **{
        f"a file that others need is unknown and not missing: {lost}": (needing(lost), AS_IT_IS)
        for lost in (
            *("node.type.book", "taxonomy.vocabulary.genre", "field.storage.node.field_genres"),
            *("core.entity_view_mode.node.card", "image.style.cover", "views.view.new_books"),
            *("workflows.workflow.editing", ROLE, "field.field.node.book.field_binding"),
        )
    },
    # it was said to be built: a row without a name has no cell that the file would say
    "a bundle without its file is not built by its machine name alone": (
        needing("node.type.book"),
        {"bundles.csv": "Name,Machine name,Type\n,book,Content type\nAuthor,author,Content type\n"},
    ),
    # an export without forms met every widget
    "fields are not comparable in an export without any form": (
        {"core.entity_form_display.*": GONE},
        AS_IT_IS,
    ),
    # the name that the view has for its index was as good as the index
    **{
        f"a view of a search index without {gone or 'nothing'}": (
            {**SHOP_INDEX, **dict.fromkeys(gone.split(), GONE)},
            INDEXED,
        )
        for gone in ("", "search_api.index.shop", "search_api.index.shop core.extension")
    },
    **{
        f"an export without list of modules{prefix and f', of {prefix} alone'}": (
            without_list_of_modules(prefix),
            AS_IT_IS,
        )
        for prefix in ("", "field.", "node.type", "user.role", "views.view", "image.")
    },
    **{
        f"a widget {said} beside {there or 'none'}": spelling(said, there)
        for said, there in (
            *(("Textfield with counter", ""), ("Some other box", "")),
            *(("One-liner", "string_textfield"), ("tag_picker", "string_textfield")),
            *(("picker", "tag_picker"), ("tag_picker", "tag_picker")),
            ("-- Disabled --", "string_textfield"),
        )
    },
    # a field that a view had chosen for was met by one for which nothing chose
    **{
        f"targets that {view or 'nothing'} chooses": chosen_by(view)
        for view in ("authors", "critics", "")
    },
    "a permission beyond a list": (
        {f"{ROLE}:permissions": [*OBJECTS[ROLE]["permissions"], "administer users"]},
        AS_IT_IS,
    ),
    # what differed over the whole site counted as built: the worse the site, the more was built
    "what differs alike everywhere is one cause and counts in every ticket": (
        translate_all,
        {
            "fields.csv": SHEETS["fields.csv"]
            + "".join(
                f"Author (Content type),Portrait,field_{n},a,,Image,,n,1,,n,,\n" for n in range(12)
            )
        },
    ),
    # nine fields of 140 characters were met by blank cells
    "a length that no row of a field states is the usual one": (
        {},
        saying("fields.csv", "Max length 120", ""),
    ),
    # one file ended the comparison of a whole site with a KeyError
    "a view without the display that others inherit": (
        {"views.view.new_books:display.default": GONE},
        AS_IT_IS,
    ),
    # it differed, and the parts that it asks for were only on the site
    **{
        f"a row of two states that a transition leads from, on the site {left}": (
            {PUBLISH: left},
            {"transitions.csv": FROM_BOTH},
        )
        for left in (["draft", "published"], ["draft"])
    },
    "a transition without one of its states": ({PUBLISH: ["published"]}, AS_IT_IS),
    **{
        f"what belongs to a thing without machine name is found below its label: {sheet}": (
            {},
            {
                "displays.csv": SHEETS["displays.csv"]
                .replace(",View ID", "")
                .replace(",new_books", ""),
                **saying(sheet, name, ",,"),
            },
        )
        for sheet, name in (
            *(("views.csv", ",new_books,"), ("workflows.csv", ",editing,")),
            ("bundles.csv", ",genre,"),
        )
    },
    "a list that differs says what came and went": (
        {OPTIONS: [{"value": name.casefold(), "label": name} for name in ("Linen", "Paper")]},
        AS_IT_IS,
    ),
}
AUTHORS = "field.field.node.book.field_authors:settings"
TARGET_TYPE = "field.storage.node.field_authors:settings.target_type"
CREATE_AND_EDIT = ["create book content", "edit any book content"]
LISTED = f"Permissions: {', '.join(CREATE_AND_EDIT)}"
CROP = {"id": "image_crop", "weight": 2, "data": {"width": 300, "height": 450}}
SCALE = {"id": "image_scale", "weight": 1, "data": {"width": 200, "height": 300}}
LAID_OUT: Changes = {
    "field.storage.node.field_portrait:type": "layout_section",
    "field.field.node.author.field_portrait:field_type": "layout_section",
}
TWINS: Changes = {
    "paragraphs.paragraphs_type.author": {"id": "author", "label": "Author"},
    "media.type.cover": {"id": "cover", "label": "Cover"},
}


def indexed(modules: str, *, server: bool = True, **status: bool) -> Case:
    """Return the bundle in a search index, enabled or not, or where there is none."""
    chosen = {"entity:node": {"bundles": {"default": False, "selected": ["book"]}}}
    index = {"name": "Shop", "server": "here", "datasource_settings": chosen, **status}
    changes: Changes = {
        "core.extension:module": dict.fromkeys(["taxonomy", *modules.split()], 0),
        "search_api.server.here": {"name": "Here", "status": server},
        **({"search_api.index.shop": index} if status else {}),
    }
    head, book, *_ = SHEETS["bundles.csv"].splitlines()
    return changes, {"bundles.csv": f"{head},Srch.\n{book},y\n"}


def targets(handler: str, **settings: object) -> Case:
    return {AUTHORS: {"handler": handler, "handler_settings": settings}}, AS_IT_IS


def allowed(row: str, granted: list[str], *, x: str = "a", is_admin: bool = False) -> Case:
    """Return what a row says of a role in its notes and remarks, and what the role may do."""
    notes, _, remarks = row.partition(" | ")
    text = f'Name,Machine name,X,Notes,Remarks\nBookseller,bookseller,{x},"{notes}","{remarks}"\n'
    changes = {f"{ROLE}:permissions": granted, f"{ROLE}:is_admin": is_admin}
    return changes, {"roles.csv": text}


def cover(said: str, *effects: Mapping[str, object]) -> Case:
    """Return what a row says of the style Cover, and its effects."""
    crop_type = {"crop.type.square_1": {"id": "square_1", "label": "Square"}}
    changes = {"image.style.cover:effects": dict(enumerate(effects)), **crop_type}
    styles = f'Style name,Machine name,X,Notes\nCover,cover,a,"{said}"\n'
    return changes, {"styles.csv": styles}


def effect(name: str, **data: object) -> dict[str, object]:
    return {"id": name, "weight": 1, "data": data}


CELLS: Mapping[str, Case] = {
    # a number that the type enforces goes before that of the storage
    **{
        f"{said} values of a layout": (
            LAID_OUT,
            saying("fields.csv", ",Image,,n,1,", f",Layout,,n,{said},"),
        )
        for said in "*12"
    },
    "a bundle without a form beside others hides its fields": ({FORM: GONE}, AS_IT_IS),
    # without any index, or with disabled ones, every bundle was met
    "an enabled index": indexed("search_api", status=True),
    "a disabled index": indexed("search_api", status=False),
    "an index on a disabled server": indexed("search_api", status=True, server=False),
    "no index": indexed("search_api"),
    "no search at all": indexed(""),
    "the search of core": indexed("search"),
    "other targets": targets("unpublished", target_bundles={"book": "book"}),
    "targets of any handler": targets("unpublished", target_bundles={"author": "author"}),
    "targets that a view chooses": targets("views", view={"view_name": "authors"}),
    "targets that nobody knows": targets("shop_picker"),
    # the bundle of a row was met by a reference to things of another kind
    **{
        f"targets of the type {name}": ({TARGET_TYPE: name}, AS_IT_IS)
        for name in ("shop_product", "webform", "node_type")
    },
    # a media type and a paragraph type of one name were taken for each other
    **{
        f"targets of the type {name}, with twins": ({TARGET_TYPE: name, **TWINS}, AS_IT_IS)
        for name in ("node", "paragraph", "media", "user")
    },
    "as many permissions": allowed("2 permissions", ["create book content", "delete"]),
    "fewer permissions": allowed("3 permissions", ["create book content", "delete"]),
    "others than are listed": allowed(f"2 permissions | {LISTED}", ["delete any book"]),
    "those that are listed": allowed(f"2 permissions | {LISTED}", CREATE_AND_EDIT),
    "those in a sentence": allowed(f"2 permissions | {LISTED}.", CREATE_AND_EDIT),
    "some for every one": allowed("Every permission", CREATE_AND_EDIT),
    "every one for every one": allowed("Every permission", [], is_admin=True),
    # anonymous visitors who may do everything were met, as the list of the role had stayed
    **{
        f"an administrator of {len(granted)} permissions beside “{row}”": allowed(
            row, granted, x="x", is_admin=True
        )
        for granted, rows in (
            (
                CREATE_AND_EDIT,
                [
                    *(
                        "",
                        f" | {LISTED}",
                        "2 permissions",
                        f"2 permissions | {LISTED}",
                        LISTED[13:],
                    ),
                    *(f"Has full access to the shop.{more}" for more in ("", f" | {LISTED}")),
                ],
            ),
            (
                [],
                [
                    *("Sees published content only.", f"Sees some. | {LISTED}"),
                    *(f"Every permission | {LISTED}", "Every permission"),
                ],
            ),
        )
        for row in rows
    },
    "effects in another order": cover("Crop 300x450, Scale 200x300", CROP, SCALE),
    "effects in their order": cover("Scale 200x300, Crop 300x450", CROP, SCALE),
    # in the words that Drupal shows
    "a width": cover("Scale width 400", effect("image_scale", width=400)),
    "another width": cover("Scale width 400", effect("image_scale", width=500)),
    "an angle": cover("Rotate 90°", effect("image_rotate", degrees=90)),
    "a height": cover("Scale height 300", effect("image_scale", height=300)),
    "a size with a remark": cover(
        "Scale 400×300 (upscaling allowed)", effect("image_scale", width=400, height=300)
    ),
    **{
        f"a {said} crop": cover(
            f"Manual crop uses {said} crop type", effect("crop_crop", crop_type="square_1")
        )
        for said in ("Square", "Round")
    },
    # “Text” was taken for the id of formatted text, and contradicted plain text
    **{
        f"the type {said}": ({}, saying("fields.csv", "a,Names,Text (plain)", f"a,Names,{said}"))
        for said in ("text", "string", "email")
    },
}
BINDING = {"Machine name": "field_binding", "Field type": "List (text)", "Vals.": "1"}
PHOTO = {"Machine name": "field_photo", "Field type": "Image", "Vals.": "1"}
TITLE = {"Machine name": "field_subtitle", "Field type": "Text (plain)", "Vals.": "1"}
IN_LISTS = {**BINDING, "Allowed values": "Cloth, Paper"}


def settled(objects: Objects) -> None:
    """Give fields a default, file types and a size."""
    objects["field.field.node.book.field_binding"]["default_value"] = [{"value": "cloth"}]
    portrait = objects["field.field.node.author.field_portrait"]
    settings = {"file_extensions": "png jpg", "max_filesize": "2 MB"}
    objects["field.field.node.book.field_photo"] = {**portrait, "settings": settings}
    objects["field.storage.node.field_photo"] = objects["field.storage.node.field_portrait"]


def one_field(cells: Mapping[str, str]) -> Mapping[str, str]:
    head, values = ",".join(["Bundle", "Field label", *cells]), '","'.join(cells.values())
    label = {"field_binding": "Binding", "field_photo": "Portrait", "field_subtitle": "Subtitle"}
    name = label[cells["Machine name"]]
    return {"fields.csv": f'{head}\nBook (Content type),{name},"{values}"\n'}


SETTINGS: Mapping[str, Case] = {
    # options, default, length, file types and size have columns, and nobody compared them
    " ".join(f"{c} {text!r}" for c, text in [*cells.items()][3:]): (settled, one_field(cells))
    for cells in (
        {**BINDING, "Allowed values": "paper|Paper\ncloth|Cloth"},
        {**BINDING, "Allowed values": "Cloth\nLinen"},
        {**BINDING, "Allowed values": "Cloth and Paper"},
        {**BINDING, "Settings/notes": "Options are Paper and Cloth."},
        {**BINDING, "Settings/notes": "Options: Leather and linen, paper"},
        {**BINDING, "Allowed values": "Paper and Cloth (default)"},
        {**IN_LISTS, "Default value": "cloth"},
        {**IN_LISTS, "Default value": "Paper"},
        {**BINDING, "Settings/notes": "Options: Cloth (default), Paper"},
        {**BINDING, "Settings/notes": "Options: Cloth, Paper\nDefault: Paper."},
        {**BINDING, "Settings/notes": "Options: Cloth, Paper\nDefault: Cloth."},
        {**TITLE, "Maximum length": "120"},
        {**TITLE, "Maximum length": "140"},
        {**PHOTO, "Allowed file extensions": "JPG, png"},
        {**PHOTO, "Allowed file extensions": "png gif"},
        {**PHOTO, "Settings/notes": "Allowed types: png, gif"},
        {**PHOTO, "Settings/notes": "Allowed types: Photographs"},
        {**PHOTO, "Maximum upload size": "2mb"},
        {**PHOTO, "Maximum upload size": "2048 KB"},
        {**PHOTO, "Maximum upload size": "20 MB"},
        {**PHOTO, "Settings/notes": "Max size 20 MB."},
        {**PHOTO, "Settings/notes": "Max size 2048 KB."},
    )
}
RACK = SHEETS["bundles.csv"] + "Rack,rack,d,,n,n,n,n,n,Vocabulary,-,\n"
TICKETS: Mapping[str, Case] = {
    # all tickets were built while the label of every field, or rows with X = x, differed
    "a label differs": ({"field.field.node.book.field_subtitle:label": "Second title"}, AS_IT_IS),
    "a row from before differs": (
        {"field.field.node.author.field_subtitle:required": True},
        AS_IT_IS,
    ),
    "too little is compared": ({}, {"fields.csv": UNNAMED}),
    **{
        f"a view with the note {note}": ({}, saying("displays.csv", "Path: /new", note))
        for note in ("Path: /new", "Path: /new. Ten at a time.", "What came this week.")
    },
    "one of two that are removed stays": (
        {"taxonomy.vocabulary.rack": {"name": "rack", "vid": "rack"}},
        {"bundles.csv": RACK},
    ),
}
CASES = {**ROWS, **EXPORTS, **CELLS, **SETTINGS, **TICKETS}
