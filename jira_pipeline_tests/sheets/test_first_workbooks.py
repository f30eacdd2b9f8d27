"""Workbooks of people who never saw the product: how they call columns, and what says the rest."""

from collections.abc import Mapping

from jira_pipeline.model.entities import Entity, EntityKind, Status
from jira_pipeline.model.findings import Finding, Severity
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.folders import read_files
from jira_pipeline.sheets.reading.missing_columns import whole_line
from jira_pipeline_tests.tables import each

RECIPES = "Name,Machine name,X,Type\nRecipe,recipe,a,Content type\n"


def read(files: Mapping[str, str]) -> tuple[list[Entity], list[Finding]]:
    reading = read_files({name: text.encode() for name, text in files.items()})
    entities = read_entities(reading.tables)
    return list(entities.entities), [*reading.findings, *entities.findings]


def codes(findings: list[Finding], severity: Severity) -> list[str]:
    return [one.code for one in findings if one.severity is severity]


@each("header", ["Type", "type", "Kind", "Field kind"])
def test_a_short_header_is_that_of_field_types_where_its_cells_are_some(header: str) -> None:
    """It blocked the upload, with a line to write for every such sheet."""
    rows = "Recipe,Time,field_time,a,Integer\nRecipe,Hint,field_hint,a,Our box\nRecipe,Card,field_card,a,Link ->\n"

    entities, found = read(
        {"b.csv": RECIPES, "f.csv": f"Bundle,Field label,Machine name,X,{header}\n{rows}"}
    )

    types = [e.cell("Field type") for e in entities if e.kind is EntityKind.FIELD]
    assert types == ["Number (integer)", "Our box", "Link ->"]
    assert codes(found, Severity.ERROR) == []
    assert [(f.severity, f.column) for f in found if f.code == "header_by_cells"] == [
        (Severity.INFO, header)
    ]


def test_below_a_short_header_may_be_something_else() -> None:
    rows = "Recipe,Time,field_time,a,old,Link\nRecipe,Hint,field_hint,a,new,Link\n"

    untyped = "Bundle,Field label,Machine name,X,Kind,Made of\n"
    typed = "Bundle,Field label,Machine name,X,Type,Field type\n"
    _, found = read({"b.csv": RECIPES, "f.csv": untyped + rows})
    entities, about = read({"b.csv": RECIPES, "f.csv": typed + rows})

    assert codes(found, Severity.ERROR) == ["column_missing"]
    assert "header_by_cells" not in {one.code for one in (*found, *about)}
    assert {e.cell("Type") for e in entities if e.kind is EntityKind.FIELD} == {"old", "new"}


@each(
    "header,title,bundle_type",
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

    entities, found = read({f"{title}.csv": text})

    assert [(e.label, e.bundle_type) for e in entities] == [(f"Diet ({bundle_type})", bundle_type)]
    assert codes(found, Severity.ERROR) == []
    (remark,) = [one for one in found if one.code == "owner_of_sheet"]
    assert f"its 1 row were read as part of “{bundle_type}”" in remark.message


TYPED = "Field label,Machine name,X,Field type\n"
KITCHEN = 'Code,Name,Machine name,X,Type\nRCP,"Recipe",recipe,a,Content type\nCHF,Chef,chef,a,Content type\n'


@each(
    "chef",
    ["CHF", "CHF – Chef", "Chef (chef)", "Content type: Chef", "2.1 Chef (content type)", "chef"],
)
def test_a_band_names_its_bundle_by_label_machine_name_or_code(chef: str) -> None:
    rows = f"\nRCP – Recipe,,,\nTime,field_time,a,Link\n\n{chef},,,\nHat,field_hat,a,Link\n"

    entities, found = read({"b.csv": KITCHEN, "Fields.csv": TYPED + rows})

    owners = [e.owner_key for e in entities if e.kind is EntityKind.FIELD]
    assert owners == ["bundle:Content type/recipe", "bundle:Content type/chef"]
    assert codes(found, Severity.ERROR) == []


def test_a_band_of_two_bundles_is_none() -> None:
    rows = "\nRCP – Chef,,,\nTime,field_time,a,Link\n"

    _, found = read({"b.csv": KITCHEN, "Fields.csv": TYPED + rows})

    assert codes(found, Severity.ERROR) == ["owner_blank"]


def test_a_cell_refers_to_a_bundle_by_its_code() -> None:
    header = "Bundle,Field label,Machine name,X,Field type,Ref. bundle\n"

    entities, found = read(
        {"b.csv": KITCHEN, "f.csv": f"{header}RCP,By,field_by,a,Entity reference,CHF\n"}
    )

    (by,) = [e for e in entities if e.kind is EntityKind.FIELD]
    assert [by.owner_key, by.references[0].target_key] == [
        "bundle:Content type/recipe",
        "bundle:Content type/chef",
    ]
    assert codes(found, Severity.ERROR) == []


BANDS = (
    "Tip (tip),,,\nField label,Machine name,X,Field type\nLine,field_line,a,Link\n\nTool list (tools),,,\n"
    "Field label,Machine name,X,Field type\nTool,field_tool,a,Link\nSize,field_size,a,Link\n"
)
NAMED = "Paragraph,Field,Kind,Must,Machine name\nTip,Line,Link,x,f_line\nTool list,Tool,URL,,f_tool\nTool list,Size,Int,,f_size\n"


@each("title,text", [("Paragraphs", BANDS), ("Blocks (= paragraphs)", BANDS), ("Kit", NAMED)])
def test_bundles_that_fields_alone_name_are_bundles_of_the_type_that_is_said(
    title: str, text: str
) -> None:
    """Their fields were errors, or in one ticket without an owner."""
    entities, found = read({"b.csv": KITCHEN, f"{title}.csv": text})

    labels = {e.label for e in entities if e.kind is EntityKind.BUNDLE}
    assert labels >= {"Tip (Paragraph type)", "Tool list (Paragraph type)"}
    named = [e.owner_key for e in entities if e.kind is EntityKind.FIELD]
    assert [str(key).partition("/")[0] for key in named] == ["bundle:Paragraph type"] * 3
    assert codes(found, Severity.ERROR) == []
    assert "bundles_of_fields" in codes(found, Severity.INFO)
    assert not [f for f in found if "·" in (f.file or "")]


def test_a_bundle_that_a_sheet_of_its_type_does_not_list_may_be_a_slip() -> None:
    bundles = KITCHEN + "TIP,Tip,tip,a,Paragraph\n"

    entities, found = read({"b.csv": bundles, "Kit.csv": NAMED})

    assert len([e for e in entities if e.kind is EntityKind.BUNDLE]) == 3
    assert codes(found, Severity.WARNING).count("reference_dangling") == 1


BY_TYPE = "Content type,Field label,Machine name,X,Field type\n"


def test_a_bundle_that_fields_name_is_there_if_one_of_them_is() -> None:
    """All fields were there already, and a question said that their type is marked as new."""
    rows = "Recipe,Time,field_time,x,Link\nRecipe,Fat,field_fat,a,Link\nChef,Hat,field_hat,a,Link\n"

    entities, _ = read({"Fields.csv": BY_TYPE + rows})

    bundles = [e for e in entities if e.kind is EntityKind.BUNDLE]
    assert [(e.label, e.status, e.is_status_blank) for e in bundles] == [
        ("Recipe (Content type)", Status.IMPLEMENTED, False),
        ("Chef (Content type)", Status.APPROVED, True),
    ]


def test_a_slip_in_the_name_of_a_bundle_makes_none() -> None:
    rows = "Recipe,Time,f_time,a,Link\nRecipe,Fat,f_fat,a,Link\nReciep,Hat,f_hat,a,Link\nMeal 1,A,f_a,a,Link\n"
    more = "Meal 2,B,f_b,a,Link\nMeal 2,C,f_c,a,Link\n"

    entities, found = read({"Fields.csv": BY_TYPE + rows + more})

    bundles = [e.label.partition(" (")[0] for e in entities if e.kind is EntityKind.BUNDLE]
    assert bundles == ["Recipe", "Meal 1", "Meal 2"]
    (slip,) = [f for f in found if f.code == "reference_dangling"]
    assert "“Hat” refers to “Reciep”" in slip.message


def test_bundles_and_fields_without_machine_names_block_nothing() -> None:
    entities, found = read(
        {
            "Content types.csv": "Name,Purpose\nRecipe,How to cook\n",
            "Fields.csv": "Content type,Field label,Field type\nRecipe,Time,Link\n",
        }
    )

    (time,) = [e for e in entities if e.kind is EntityKind.FIELD]
    assert time.owner_key == "bundle:Content type/Recipe"
    assert codes(found, Severity.ERROR) == []
    assert "“Machine name”" in str([f.message for f in found if f.code == "usual_column_missing"])


@each(
    "text,field_type,is_there",
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
    row = f"Recipe,By,field_by,a,{field_type},{text}\n"

    _, found = read({"b.csv": KITCHEN, "f.csv": header + row})
    _, listed = read({"b.csv": KITCHEN + "CLP,Clip,clip,a,Media\n", "f.csv": header + row})

    dangling = ["reference_dangling"] * (not is_there)
    assert codes(found, Severity.WARNING)[1:] == dangling
    assert ("reference_dangling" in codes(listed, Severity.WARNING)) is (text != "user")


@each("others,read_as", [("1", ["*", "1", "3"]), ("y", ["n", "y", "3x"])])
def test_n_among_numbers_is_any_number(others: str, read_as: list[str]) -> None:
    last = "3" if others == "1" else "3x"
    header = "Bundle,Field label,Machine name,X,Field type,Qty\n"
    rows = f"Recipe,A,field_a,a,Link,n\nRecipe,B,field_b,a,Link,{others}\nRecipe,C,field_c,a,Link,{last}\n"

    entities, _ = read({"b.csv": KITCHEN, "f.csv": header + rows})

    assert [e.cell("Vals.") for e in entities if e.kind is EntityKind.FIELD] == read_as


def test_what_all_sheets_lack_is_one_finding_with_one_line() -> None:
    """Every finding repeated the line of all, or held a placeholder."""
    files = {
        "b.csv": KITCHEN.replace(",X", "").replace(",a,", ","),
        "f.csv": "Content type,Field label,Machine name,Field type,Requird\nRecipe,By,by,Link,y\n",
        "v.csv": "View name,Machine name,Descripton\nAll recipes,all,Lists all of them\n",
    }

    _, found = read(files)

    (status,) = [one for one in found if one.code == "status_column_missing"]
    assert "3 sheets (“b.csv”, “f.csv”, “v.csv”) have no status column" in status.message
    lines = [line for one in found for line in one.advice.split("`") if "columns:" in line]
    assert lines == ["columns: {Requird: Req'd, Descripton: Description}"]
    assert whole_line(one.advice for one in found) == lines[0]
    assert "HEADER" not in str(found)


@each(
    ("title", "text", "kind"),
    [
        ("Content types", "#,Name,What for\n1,Recipe,To cook\n", EntityKind.BUNDLE),
        ("Views", "View,Display,Path\nLatest,Page,/latest\n", EntityKind.VIEW),
        ("Roles", "Role,May do\nChef,edit recipes\n", EntityKind.USER_ROLE),
        ("Image styles", "Style,Width\nCard,400\n", EntityKind.IMAGE_STYLE),
    ],
)
def test_a_sheet_called_like_its_kind_needs_no_machine_names(
    title: str, text: str, kind: EntityKind
) -> None:
    """Each was nobody's, and only quoted."""
    entities, found = read({"b.csv": RECIPES, f"{title}.csv": text})

    assert kind in {e.kind for e in entities if e.source.file == f"{title}.csv"}
    assert codes(found, Severity.ERROR) == []


def test_the_status_of_views_is_that_of_the_rows_where_all_cells_are_statuses() -> None:
    """`later` was no spelling of Enabled or Disabled, and the view was built now."""
    views = "View name,Machine name,Status\nLatest,latest,new\nOldest,oldest,later\n"

    entities, found = read({"b.csv": RECIPES, "v.csv": views})
    shown, _ = read({"b.csv": RECIPES, "v.csv": views.replace("later", "Disabled")})

    assert [e.status for e in entities if e.kind is EntityKind.VIEW] == ["a", "w"]
    assert "header_by_cells" in codes(found, Severity.INFO)
    assert shown[-1].cell("Status") == "Disabled"


@each(
    ("header", "is_read"),
    [("Field name,Type,Mandatory", True), ("Field,Type,Multiple", False), ("Field,Type", False)],
)
def test_a_sheet_for_each_type_is_one_of_fields(header: str, *, is_read: bool) -> None:
    row = ["Time", "Link", "yes"][: header.count(",") + 1]

    entities, _ = read({"b.csv": RECIPES, "Recipe.csv": f"{header}\n{','.join(row)}\n"})

    owners = [e.owner_key for e in entities if e.kind is EntityKind.FIELD]
    assert owners == ["bundle:Content type/recipe"] * is_read


def test_fields_below_bands_need_no_machine_names_either() -> None:
    rows = "Recipe,,\nField,Type,How many\nTime,Link,many\n"

    entities, found = read({"b.csv": RECIPES, "Fields.csv": rows})

    (time,) = [e for e in entities if e.kind is EntityKind.FIELD]
    assert (time.owner_key, time.cell("Vals.")) == ("bundle:Content type/recipe", "*")
    assert codes(found, Severity.ERROR) == []


def test_vocabularies_that_only_their_terms_name_are_bundles() -> None:
    terms = "Vocabulary,Terms\nCourse,Starter\nCourse,Main\nDiet,Vegan\n"

    entities, found = read({"b.csv": RECIPES, "Lists.csv": terms})
    listed, _ = read({"b.csv": RECIPES + "Diet,diet,a,Vocabulary\n", "Lists.csv": terms})

    notes = {e.label: e.note for e in entities}
    assert notes["Course (Vocabulary)"].endswith("- Starter\n- Main")
    assert "vocabularies_read" in codes(found, Severity.INFO)
    assert {e.label for e in listed if e.kind is EntityKind.BUNDLE} == {
        "Recipe (Content type)",
        "Diet (Vocabulary)",
    }


LISTED = f"{RECIPES}Chef,chef,a,Content type\nCrumb,crumb,a,Paragraph type\nSlice,slice,a,Paragraph type\n"
HALF = "Time,field_time,{},Yes,1,Minutes,new\nPieces,field_pieces,Paragraphs,No,many,,new\n"


def fields_in(entities: list[Entity]) -> list[tuple[str | None, str, str]]:
    fields = [entity for entity in entities if entity.kind is EntityKind.FIELD]
    return [(field.owner_key, field.label, field.machine_name) for field in fields]


@each(
    "file,above",
    [
        ("Sheet 4.csv", "Recipe\n"),
        ("CT Recipe.csv", ""),
        ("Type - Recipe.csv", ""),
        ("content_type_recipe.csv", ""),
    ],
)
@each(
    "header,own",
    [
        ("Label,Machine name,Type,Required,How many,Help text,X", "Whole number"),
        ("Label,Machine name,Type,A,B,C,X", "Plain text"),
    ],
)
def test_a_tab_for_each_type_is_of_its_fields_whatever_their_labels_are_called(
    file: str, above: str, header: str, own: str
) -> None:
    """They were workflows, with the same rows in each."""
    entities, found = read({"b.csv": LISTED, file: f"{above}{header}\n{HALF.format(own)}"})

    key = "bundle:Content type/recipe"
    assert fields_in(entities) == [(key, "Time", "field_time"), (key, "Pieces", "field_pieces")]
    assert codes(found, Severity.ERROR) == []


@each(
    "file,header,rows,kind",
    [
        ("s.csv", "Label,Machine name,X,Type", "Desk,desk,a,Content moderation", "workflow"),
        ("Media types.csv", "Name,Machine name,X,Type", "Film,film,a,Image", "bundle"),
    ],
)
def test_types_of_other_things_make_no_fields(file: str, header: str, rows: str, kind: str) -> None:
    entities, _ = read({file: f"{header}\n{rows}\n"})

    assert [entity.kind for entity in entities] == [EntityKind(kind)]


@each("title", ["CT Crumb", "PT Recipe", "Old Recipe"])
def test_a_type_before_another_name_says_no_owner(title: str) -> None:
    header = "Label,Machine name,Type,Required,How many,X"

    entities, found = read({"b.csv": LISTED, f"{title}.csv": f"{header}\nTime,f_time,Link,y,1,a\n"})

    assert fields_in(entities) == [(None, "Time", "f_time")]
    assert codes(found, Severity.ERROR) == ["column_missing"]


@each("header", ["Mand.", "Mand", "Mandatory?", "mand"])
def test_a_short_form_of_mandatory_is_required(header: str) -> None:
    """`Mand.` was proposed as the machine name."""
    text = f"Bundle,Field label,Field type,X,{header}\nRecipe,Time,Link,a,y\n"

    entities, _ = read({"b.csv": RECIPES, "f.csv": text})

    assert [e.cell("Req'd") for e in entities if e.kind is EntityKind.FIELD] == ["y"]


@each("header,is_proposed", [("Mach.", True), ("Mainl.", False), ("Mack.", False)])
def test_a_short_form_is_proposed_as_what_begins_so(header: str, *, is_proposed: bool) -> None:
    text = f"Bundle,Field label,Field type,X,{header}\nRecipe,Time,Link,a,f\n"

    _, found = read({"b.csv": RECIPES, "f.csv": text})

    assert ("column_missing" in codes(found, Severity.ERROR)) is is_proposed


@each("header", ["Component", "Paragraph", "Page type", "Block"])
def test_a_column_of_components_says_whose_fields_are_and_has_machine_names_of_its_own(
    header: str,
) -> None:
    """Nobody knew the sheet, and the fields had the names of their bundles."""
    text = (
        f"{header},Machine name,Field,Field machine name,Type,Mand.,X\n"
        "Crumb,crumb,Size,,Number,y,a\nSlice,slice,Size,field_size,Number,n,a\n"
    )

    entities, found = read({"b.csv": LISTED, "Parts.csv": text})

    assert fields_in(entities) == [
        ("bundle:Paragraph type/crumb", "Size", ""),
        ("bundle:Paragraph type/slice", "Size", "field_size"),
    ]
    assert codes(found, Severity.ERROR) == []


def test_machine_names_that_are_those_of_bundles_are_of_no_field() -> None:
    """A ticket said that a field is called `crumb`."""
    header = "Paragraph,Machine name,Field,Type,Mand.,X"
    rows = "Crumb,crumb,Size,Number,y,a\nCrumb,,Age,Number,y,a\nSlice,slice,Size,Number,n,a\n"

    entities, _ = read({"b.csv": LISTED, "Parts.csv": f"{header}\n{rows}"})

    crumb, slice_ = "bundle:Paragraph type/crumb", "bundle:Paragraph type/slice"
    assert fields_in(entities) == [(crumb, "Size", ""), (crumb, "Age", ""), (slice_, "Size", "")]


@each("header", ["Choices / points to", "Details / options / target", "Details", "Options"])
def test_a_column_of_choices_says_what_reference_fields_refer_to(header: str) -> None:
    """A question asked what they may refer to, beside the cell that says it."""
    rows = (
        'Recipe,Parts,field_parts,a,Paragraphs,"Crumb, slice"\n'
        "Recipe,By,field_by,a,Entity reference,Chef (Content type)\n"
        "Recipe,Also,field_also,a,Entity reference,Chef or a friend\n"
        "Recipe,Kind,field_kind,a,List (text),Crumb\n"
    )

    entities, found = read(
        {
            "b.csv": LISTED,
            "f.csv": f"Bundle,Field label,Machine name,X,Field type,{header}\n{rows}",
        }
    )

    fields = [entity for entity in entities if entity.kind is EntityKind.FIELD]
    assert [(f.label, [r.target_key for r in f.references]) for f in fields] == [
        ("Parts", ["bundle:Paragraph type/crumb", "bundle:Paragraph type/slice"]),
        ("By", ["bundle:Content type/chef"]),
        ("Also", []),
        ("Kind", []),
    ]
    assert "Cells of 2 reference fields" in str([f.message for f in found])
