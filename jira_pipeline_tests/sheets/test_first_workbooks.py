"""Workbooks of people who never saw the product: how they call columns, and what says the rest."""

from collections.abc import Mapping

from jira_pipeline.model.entities import EntityKind, Status
from jira_pipeline.model.findings import Severity
from jira_pipeline.sheets.reading.missing_columns import whole_line
from jira_pipeline_tests.sheets.made_readings import Expected, Reading, Sheets
from jira_pipeline_tests.tables import each

RECIPES = "Name,Machine name,X,Type\nRecipe,recipe,a,Content type\n"
LISTED = f"{RECIPES}Chef,chef,a,Content type\nCrumb,crumb,a,Paragraph type\nSlice,slice,a,Paragraph type\n"
KITCHEN = 'Code,Name,Machine name,X,Type\nRCP,"Recipe",recipe,a,Content type\nCHF,Chef,chef,a,Content type\n'
TYPED = "Field label,Machine name,X,Field type\n"
BY_TYPE = "Content type,Field label,Machine name,X,Field type\n"
BANDS = (
    "Tip (tip),,,\nField label,Machine name,X,Field type\nLine,field_line,a,Link\n\nTool list (tools),,,\n"
    "Field label,Machine name,X,Field type\nTool,field_tool,a,Link\nSize,field_size,a,Link\n"
)
NAMED = "Paragraph,Field,Kind,Must,Machine name\nTip,Line,Link,x,f_line\nTool list,Tool,URL,,f_tool\nTool list,Size,Int,,f_size\n"
TERMS = "Vocabulary,Terms\nCourse,Starter\nCourse,Main\nDiet,Vegan\n"
SLIPS = "Recipe,Time,f_time,a,Link\nRecipe,Fat,f_fat,a,Link\nReciep,Hat,f_hat,a,Link\n"
LATE = "View name,Machine name,Status\nLatest,latest,new\nOldest,oldest,{}\n"

OWNERS: Mapping[str, tuple[Sheets, Expected]] = {
    **{
        f"a band {chef}": (
            {
                "b.csv": KITCHEN,
                "Fields.csv": f"{TYPED}\nRCP – Recipe,,,\nTime,f_time,a,Link\n\n{chef},,,\nHat,f_hat,a,Link\n",
            },
            {"fields": ["recipe/f_time", "chef/f_hat"], "errors": []},
        )
        for chef in (
            *("CHF", "CHF – Chef", "Chef (chef)", "Content type: Chef", "2.1 Chef (content type)"),
            "chef",
        )
    },
    "a band of two bundles is none": (
        {"b.csv": KITCHEN, "Fields.csv": f"{TYPED}\nRCP – Chef,,,\nTime,field_time,a,Link\n"},
        {"errors": ["owner_blank"]},
    ),
    # their fields were errors, or in one ticket without an owner
    **{
        f"bundles that fields alone name in {title}": (
            {"b.csv": KITCHEN, f"{title}.csv": text},
            {
                "bundle": [
                    *("Tip (Paragraph type)", "Tool list (Paragraph type)"),
                    *("Recipe (Content type)", "Chef (Content type)"),
                ],
                "fields": fields,
                "errors": [],
                "bundles_of_fields": [place],
            },
        )
        for title, text, place, fields in (
            ("Paragraphs", BANDS, "info 2", ["tip/field_line", "tools/field_tool", "tools/field_size"]),
            ("Blocks (= paragraphs)", BANDS, "info 2", ["tip/field_line", "tools/field_tool", "tools/field_size"]),
            ("Kit", NAMED, "info 1", ["Tip/f_line", "Tool list/f_tool", "Tool list/f_size"]),
        )
    },
    "one that a sheet of its type does not list may be a slip": (
        {"b.csv": f"{KITCHEN}TIP,Tip,tip,a,Paragraph\n", "Kit.csv": NAMED},
        {"bundles": ["recipe", "chef", "tip"], "reference_dangling": ["warning 3"]},
    ),
    "a slip in the name of a bundle makes none": (
        {
            "Fields.csv": f"{BY_TYPE}{SLIPS}Meal 1,A,f_a,a,Link\nMeal 2,B,f_b,a,Link\nMeal 2,C,f_c,a,Link\n"
        },
        {
            "bundles": [f"{name} (Content type)" for name in ("Recipe", "Meal 1", "Meal 2")],
            "reference_dangling": ["warning 4"],
        },
    ),
    "bundles and fields without machine names block nothing": (
        {
            "Content types.csv": "Name,Purpose\nRecipe,How to cook\n",
            "Fields.csv": "Content type,Field label,Field type\nRecipe,Time,Link\n",
        },
        {"fields": ["Recipe/Time"], "errors": [], "usual_column_missing": ["warning 1"]},
    ),
    **{
        f"a sheet for a type, of {header}": (
            {"b.csv": RECIPES, "Recipe.csv": f"{header}\n{row}\n"},
            {"fields": fields},
        )
        for header, row, fields in (
            ("Field name,Type,Mandatory", "Time,Link,yes", ["recipe/Time"]),
            *(("Field,Type,Multiple", "Time,Link,yes", []), ("Field,Type", "Time,Link", [])),
        )
    },
    # they were workflows, with the same rows in each
    **{
        f"tab {file} with fields of {own}": (
            {
                "b.csv": LISTED,
                file: f"{above}{header}\nTime,field_time,{own},Yes,1,Minutes,new\n"
                "Pieces,field_pieces,Paragraphs,No,many,,new\n",
            },
            {"fields": ["recipe/field_time", "recipe/field_pieces"], "errors": []},
        )
        for file, above in (
            *(("Sheet 4.csv", "Recipe\n"), ("CT Recipe.csv", ""), ("Type - Recipe.csv", "")),
            ("content_type_recipe.csv", ""),
        )
        for header, own in (
            ("Label,Machine name,Type,Required,How many,Help text,X", "Whole number"),
            ("Label,Machine name,Type,A,B,C,X", "Plain text"),
        )
    },
    **{
        f"a type before another name, {title}, says no owner": (
            {
                "b.csv": LISTED,
                f"{title}.csv": "Label,Machine name,Type,Required,How many,X\nTime,f_time,Link,y,1,a\n",
            },
            {"fields": ["/f_time"], "errors": ["column_missing"]},
        )
        for title in ("CT Crumb", "PT Recipe", "Old Recipe")
    },
    # nobody knew the sheet, and the fields had the names of their bundles
    **{
        f"a column of {header} says whose fields are": (
            {
                "b.csv": LISTED,
                "Parts.csv": f"{header},Machine name,Field,Field machine name,Type,Mand.,X\n"
                "Crumb,crumb,Size,,Number,y,a\nSlice,slice,Size,field_size,Number,n,a\n",
            },
            {"fields": ["crumb/Size", "slice/field_size"], "errors": []},
        )
        for header in ("Component", "Paragraph", "Page type", "Block")
    },
    # a ticket said that a field is called `crumb`
    "machine names of bundles are of no field": (
        {
            "b.csv": LISTED,
            "Parts.csv": "Paragraph,Machine name,Field,Type,Mand.,X\nCrumb,crumb,Size,Number,y,a\n"
            "Crumb,,Age,Number,y,a\nSlice,slice,Size,Number,n,a\n",
        },
        {"fields": ["crumb/Size", "crumb/Age", "slice/Size"]},
    ),
}  # fmt: skip
KINDS: Mapping[str, tuple[Sheets, Expected]] = {
    # each was nobody's, and only quoted
    **{
        f"{title} without machine names": (
            {"b.csv": RECIPES, f"{title}.csv": text},
            {kind: labels, "errors": []},
        )
        for title, text, kind, labels in (
            (
                "Content types",
                "#,Name,What for\n1,Soup,To eat\n",
                "bundle",
                ["Soup (Content type)", "Recipe (Content type)"],
            ),
            ("Views", "View,Display,Path\nLatest,Page,/latest\n", "view", ["Latest"]),
            ("Roles", "Role,May do\nChef,edit recipes\n", "user_role", ["Chef"]),
            ("Image styles", "Style,Width\nCard,400\n", "image_style", ["Card"]),
        )
    },
    # `later` was no spelling of Enabled or Disabled, and the view was built now
    "the status of views where all cells are statuses of rows": (
        {"v.csv": LATE.format("later")},
        {"statuses": {"Latest": "a", "Oldest": "w"}, "header_by_cells": ["info 1"]},
    ),
    "the status of views where one is none": (
        {"v.csv": LATE.format("Disabled")},
        {"statuses": {"Latest": "a", "Oldest": "a"}, "header_by_cells": []},
    ),
    "vocabularies that only their terms name are bundles": (
        {"b.csv": RECIPES, "Lists.csv": TERMS},
        {
            "bundles": ["Course (Vocabulary)", "Diet (Vocabulary)", "recipe"],
            "notes": {
                "Course": "From “Lists.csv” (Vocabulary, Terms):\n- Starter\n- Main",
                "Diet": "From “Lists.csv” (Vocabulary, Terms):\n- Vegan",
            },
            "vocabularies_read": ["info 1"],
        },
    ),
    "but not beside listed ones": (
        {"b.csv": f"{RECIPES}Diet,diet,a,Vocabulary\n", "Lists.csv": TERMS},
        {"bundles": ["recipe", "diet"]},
    ),
    "types of workflows make no fields": (
        {"s.csv": "Label,Machine name,X,Type\nDesk,desk,a,Content moderation\n"},
        {"workflow": ["Desk"], "field": []},
    ),
    "types of media make no fields": (
        {"Media types.csv": "Name,Machine name,X,Type\nFilm,film,a,Image\n"},
        {"bundles": ["film"], "field": []},
    ),
}


@each(("sheets", "expected"), OWNERS.values(), ids=OWNERS)
def test_fields_are_of_the_bundle_that_a_band_a_tab_or_a_column_names(
    sheets: Sheets, expected: Expected
) -> None:
    assert expected == Reading(sheets).asked(expected)


@each(("sheets", "expected"), KINDS.values(), ids=KINDS)
def test_the_title_or_the_cells_of_a_sheet_say_what_it_lists(
    sheets: Sheets, expected: Expected
) -> None:
    assert expected == Reading(sheets).asked(expected)


@each("text", [BANDS, NAMED])
def test_no_finding_is_of_a_table_that_nobody_wrote(text: str) -> None:
    reading = Reading({"b.csv": KITCHEN, "Kit.csv": text})

    assert [one for one in reading.findings if "·" in (one.file or "")] == []


@each("header", ["Type", "type", "Kind", "Field kind"])
def test_a_short_header_is_that_of_field_types_where_its_cells_are_some(header: str) -> None:
    """It blocked the upload, with a line to write for every such sheet."""
    rows = (
        "Recipe,Time,f_time,a,Integer\nRecipe,Hint,f_hint,a,Our box\nRecipe,Card,f_card,a,Link ->\n"
    )

    reading = Reading(
        {"b.csv": RECIPES, "f.csv": f"Bundle,Field label,Machine name,X,{header}\n{rows}"}
    )

    types = [e.cell("Field type") for e in reading.of(EntityKind.FIELD)]
    assert types == ["Number (integer)", "Our box", "Link ->"]
    assert reading.errors == []
    finding = reading.only("header_by_cells")
    assert (finding.severity, finding.column) == (Severity.INFO, header)


def test_below_a_short_header_may_be_something_else() -> None:
    rows = "Recipe,Time,f_time,a,old,Link\nRecipe,Hint,f_hint,a,new,Link\n"

    untyped, typed = (
        Reading({"b.csv": RECIPES, "f.csv": f"Bundle,Field label,Machine name,X,{last}\n{rows}"})
        for last in ("Kind,Made of", "Type,Field type")
    )

    assert untyped.errors == ["column_missing"]
    assert untyped.found("header_by_cells") == typed.found("header_by_cells") == []
    assert {e.cell("Type") for e in typed.of(EntityKind.FIELD)} == {"old", "new"}


@each(
    ("header", "title", "bundle_type"),
    [
        ("Vocabulary", "Sheet7", "Vocabulary"),
        ("Paragraph", "Building blocks of pages", "Paragraph type"),
        ("CT", "Overview", "Content type"),
        ("Name", "CTs", "Content type"),
    ],
)
def test_the_header_of_names_or_the_sheet_says_of_which_type_all_bundles_are(
    header: str, title: str, bundle_type: str
) -> None:
    """The sheet was an error, or nobody's."""
    text = f"{header},Machine name,X,URL alias pattern,Purpose\nDiet,diet,a,,What it is\n"

    reading = Reading({f"{title}.csv": text})

    assert [(e.label, e.bundle_type) for e in reading.entities] == [
        (f"Diet ({bundle_type})", bundle_type)
    ]
    assert reading.errors == []
    message = reading.only("owner_of_sheet").message
    assert f"its 1 row were read as part of “{bundle_type}”" in message


def test_a_cell_refers_to_a_bundle_by_its_code() -> None:
    header = "Bundle,Field label,Machine name,X,Field type,Ref. bundle\n"

    reading = Reading({"b.csv": KITCHEN, "f.csv": f"{header}RCP,By,by,a,Entity reference,CHF\n"})

    (by,) = reading.of(EntityKind.FIELD)
    assert (reading.fields, reading.errors) == (["recipe/by"], [])
    assert by.references[0].target_key == "bundle:Content type/chef"


def test_a_bundle_that_fields_name_is_there_if_one_of_them_is() -> None:
    """All fields were there already, and a question said that their type is marked as new."""
    rows = "Recipe,Time,field_time,x,Link\nRecipe,Fat,field_fat,a,Link\nChef,Hat,field_hat,a,Link\n"

    bundles = Reading({"Fields.csv": BY_TYPE + rows}).of(EntityKind.BUNDLE)

    assert [(e.label, e.status, e.is_status_blank) for e in bundles] == [
        ("Recipe (Content type)", Status.IMPLEMENTED, False),
        ("Chef (Content type)", Status.APPROVED, True),
    ]


@each(
    ("text", "field_type", "is_there"),
    [
        ("user", "User reference", True),
        ("Image", "Media", True),
        ("remote_video", "Entity reference (media)", True),
        ("Image", "Entity reference", False),
        ("Portrait", "Media", False),
    ],
)
def test_what_drupal_has_itself_needs_no_row(text: str, field_type: str, *, is_there: bool) -> None:
    header = "Bundle,Field label,Machine name,X,Field type,Ref. bundle\n"
    fields = f"{header}Recipe,By,field_by,a,{field_type},{text}\n"

    reading = Reading({"b.csv": KITCHEN, "f.csv": fields})
    listed = Reading({"b.csv": f"{KITCHEN}CLP,Clip,clip,a,Media\n", "f.csv": fields})

    assert len(reading.found("reference_dangling")) == (not is_there)
    assert bool(listed.found("reference_dangling")) is (text != "user")


@each(("others", "last", "read_as"), [("1", "3", ["*", "1", "3"]), ("y", "3x", ["n", "y", "3x"])])
def test_n_among_numbers_is_any_number(others: str, last: str, read_as: list[str]) -> None:
    header = "Bundle,Field label,Machine name,X,Field type,Qty\n"
    rows = "".join(f"Recipe,A,f_{n},a,Link,{cell}\n" for n, cell in enumerate(("n", others, last)))

    fields = Reading({"b.csv": KITCHEN, "f.csv": header + rows}).of(EntityKind.FIELD)

    assert [field.cell("Vals.") for field in fields] == read_as


def test_what_all_sheets_lack_is_one_finding_with_one_line() -> None:
    """Every finding repeated the line of all, or held a placeholder."""
    reading = Reading(
        {
            "b.csv": KITCHEN.replace(",X", "").replace(",a,", ","),
            "f.csv": "Content type,Field label,Machine name,Field type,Requird\nRecipe,By,by,Link,y\n",
            "v.csv": "View name,Machine name,Descripton\nAll recipes,all,Lists all of them\n",
        }
    )

    status = reading.only("status_column_missing").message
    assert "3 sheets (“b.csv”, “f.csv”, “v.csv”) have no status column" in status
    advice = [finding.advice for finding in reading.findings]
    lines = [line for one in advice for line in one.split("`") if "columns:" in line]
    assert lines == ["columns: {Requird: Req'd, Descripton: Description}"]
    assert whole_line(advice) == lines[0]
    assert "HEADER" not in str(reading.findings)


def test_fields_below_bands_need_no_machine_names_either() -> None:
    rows = "Recipe,,\nField,Type,How many\nTime,Link,many\n"

    reading = Reading({"b.csv": RECIPES, "Fields.csv": rows})

    (time,) = reading.of(EntityKind.FIELD)
    assert (reading.fields, time.cell("Vals."), reading.errors) == (["recipe/Time"], "*", [])


@each("header", ["Mand.", "Mand", "Mandatory?", "mand"])
def test_a_short_form_of_mandatory_is_required(header: str) -> None:
    """`Mand.` was proposed as the machine name."""
    text = f"Bundle,Field label,Field type,X,{header}\nRecipe,Time,Link,a,y\n"

    (time,) = Reading({"b.csv": RECIPES, "f.csv": text}).of(EntityKind.FIELD)

    assert time.cell("Req'd") == "y"


@each(("header", "is_proposed"), [("Mach.", True), ("Mainl.", False), ("Mack.", False)])
def test_a_short_form_is_proposed_as_what_begins_so(header: str, *, is_proposed: bool) -> None:
    text = f"Bundle,Field label,Field type,X,{header}\nRecipe,Time,Link,a,f\n"

    errors = Reading({"b.csv": RECIPES, "f.csv": text}).errors

    assert ("column_missing" in errors) is is_proposed


@each("header", ["Choices / points to", "Details / options / target", "Details", "Options"])
def test_a_column_of_choices_says_what_reference_fields_refer_to(header: str) -> None:
    """A question asked what they may refer to, beside the cell that says it."""
    rows = (
        'Recipe,Parts,field_parts,a,Paragraphs,"Crumb, slice"\n'
        "Recipe,By,field_by,a,Entity reference,Chef (Content type)\n"
        "Recipe,Also,field_also,a,Entity reference,Chef or a friend\n"
        "Recipe,Kind,field_kind,a,List (text),Crumb\n"
    )

    reading = Reading(
        {"b.csv": LISTED, "f.csv": f"Bundle,Field label,Machine name,X,Field type,{header}\n{rows}"}
    )

    targets = {
        field.label: [reference.target_key for reference in field.references]
        for field in reading.of(EntityKind.FIELD)
    }
    assert targets == {
        "Parts": ["bundle:Paragraph type/crumb", "bundle:Paragraph type/slice"],
        "By": ["bundle:Content type/chef"],
        "Also": [],
        "Kind": [],
    }
    assert "Cells of 2 reference fields" in str(reading.findings)
