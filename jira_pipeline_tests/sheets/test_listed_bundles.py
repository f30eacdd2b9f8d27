"""Cells that name bundles as people do: with the type beside, several at once, listed in any way."""

from jira_pipeline.model.entities import EntityKind, ReferenceState
from jira_pipeline_tests.sheets.made_readings import Reading
from jira_pipeline_tests.sheets.test_spellings import tickets_of
from jira_pipeline_tests.tables import each

BUNDLES = (
    "Name,Machine name,X,Type\nRecipe,recipe,a,Content type\nQuote,quote,a,Content type\n"
    "Quote,quote_strip,a,Paragraph type\nDiet,diet,a,Vocabulary\nSalt and pepper,spice,a,Vocabulary\n"
    "Clip,clip,a,Media type\n"
)
HEADER = "Bundle,Field label,Machine name,X,Field type,Ref. bundle,Req'd,Vals."
OF_TYPES = (
    "Quote,Author,a,a,Link,,y,1,paragraph\nQuote,Source,b,a,Link,,y,1,Node\n"
    "Recipe,Time,c,a,Link,,y,1,\nquote_strip,Line,d,a,Link,,y,1,Paragraph types\n"
)
STRIP, PAGE = "bundle:Paragraph type/quote_strip", "bundle:Content type/quote"


def read(rows: str, *, beside: str = "") -> Reading:
    return Reading({"bundles.csv": BUNDLES, "fields.csv": f"{HEADER}{beside}\n{rows}"})


@each(
    ("header", "rows", "owners"),
    [
        # “Quote” was not among the bundles, of which there were two
        *(
            (
                header,
                OF_TYPES,
                ["quote_strip/a", "quote/b", "recipe/c", "quote_strip/d"],
            )
            for header in ("Type", "Entity type", "Bundle type", "Type of bundle")
        ),
        # where no type says which, its machine name does
        ("Bundle machine name", "Quote,Author,a,a,Link,,y,1,quote_strip\n", ["quote_strip/a"]),
    ],
)
def test_a_column_of_its_own_says_which_bundle(header: str, rows: str, owners: list[str]) -> None:
    reading = read(rows, beside=f",{header}")

    assert reading.fields == owners
    assert not [finding for finding in reading.findings if finding.code.startswith("reference_")]


def test_without_a_type_two_of_one_name_are_named() -> None:
    reading = read("Quote,Author,field_author,a,Link,,y,1\n")

    (found,) = [finding for finding in reading.findings if finding.code.startswith("reference_")]
    assert "is the name of 2 bundles: Quote (Content type), Quote (Paragraph type)" in found.message


def test_questions_about_one_of_two_names_do_not_say_that_no_row_has_it() -> None:
    reading = read(
        "Quote,Author,field_author,a,Link,,y,1\n"
        "Recipe,Said,field_said,a,Entity reference,Quote,y,1\n"
    )

    said = str([ticket[2] for ticket in tickets_of(reading.folder.tables).values()])
    assert "(`field_author`) names the type “Quote”, which several rows have: which one" in said
    assert "no row" not in said
    assert "refers to “Quote”, but several rows have such a name: what is meant?" in said


@each(
    "listed",
    [
        '"Recipe, Clip"',
        "Recipe / Clip",
        "Recipe and Clip (Media type)",
        '"Recipe\n\nClip"',
        '"- Recipe\n- Clip"',
        "recipe & clip",
        '"Content type: Recipe; Media: Clip"',
    ],
)
def test_a_row_of_two_bundles_is_a_field_of_each(listed: str) -> None:
    """It was in neither ticket, but among the fields without an owner."""
    reading = read(f"{listed},Cooked at,field_cooked,a,Date,,y,1\n")

    assert reading.fields == ["recipe/field_cooked", "clip/field_cooked"]
    written = {field.as_in_sheet.cell("Bundle") for field in reading.of(EntityKind.FIELD)}
    assert written == {listed.strip('"')}
    found = reading.only("owners_listed")
    assert (found.line, found.column, found.also_lines) == (2, "Bundle", ())


def test_machine_names_of_two_bundles_beside_them_contradict_neither() -> None:
    row = '"Recipe, Clip",Cooked at,field_cooked,a,Date,,y,1,"recipe, clip"\n'

    assert read(row, beside=",Bundle machine name").found("label_contradicts_target") == []


def test_a_row_of_two_bundles_says_what_two_rows_say() -> None:
    row = "Cooked at,field_cooked,a,Date,,y,1\n"

    one, two = (
        [ticket[1:] for ticket in tickets_of(read(rows).folder.tables).values()]
        for rows in (f'"Recipe, Clip",{row}', f"Recipe,{row}Clip,{row}")
    )

    assert one == two


def test_a_list_of_bundles_of_which_one_is_none_is_one_name() -> None:
    (field,) = read("Recipe and Soup,Cooked,field_cooked,a,Date,,y,1\n").of(EntityKind.FIELD)

    assert (field.owner_key, field.references[0].text) == (None, "Recipe and Soup")


THREE = [PAGE, "bundle:Vocabulary/diet", "bundle:Media type/clip"]
SPICE = "bundle:Vocabulary/spice"


@each(
    ("listed", "targets"),
    [
        # each was a name that is not among the bundles; the dependencies were lost
        ("* Quote (Content type)\n* Diet\n* Clip", THREE),
        ("1. Quote (Content type)\n2) Diet\n3. Clip", THREE),
        ("Quote (Content type), Diet and Clip", THREE),
        ("Quote (Content type), Diet, and Clip", THREE),
        ("Node: Quote, Taxonomy term: Diet, Media: Clip", THREE),
        ("quote (content) / diet / clip", THREE),
        ("Content types: Quote; Vocabularies: Diet; Clip", THREE),
        ("Quote (Content type) oder Diet oder Clip", THREE),
        ("Content > Quote\nTaxonomy > Diet\nMedia > Clip", THREE),
        ("◦ Quote (Content type)\n◦ Diet or Clip", THREE),
        # a name with such a word is one name
        ("Salt and pepper", [SPICE]),
        ("salt and pepper (Vocabulary)", [SPICE]),
        ("• Salt and pepper", [SPICE]),
        ("• Diet • Salt and pepper", ["bundle:Vocabulary/diet", SPICE]),
        # a list of which a part is unknown dangles whole
        ("Diet or Fest", [None]),
    ],
)
def test_references_are_read_as_people_list_them(listed: str, targets: list[str | None]) -> None:
    reading = read(f'Recipe,With,field_with,a,Entity reference,"{listed}",y,*\n')

    (field,) = reading.of(EntityKind.FIELD)
    assert [one.target_key for one in field.references] == targets
    is_dangling = [one.state is ReferenceState.DANGLING for one in field.references]
    assert is_dangling == [key is None for key in targets]
    assert len(reading.found("reference_dangling")) == is_dangling.count(True)


@each(
    ("used", "found"),
    [
        ("quote_strip", [(ReferenceState.RESOLVED, STRIP)]),
        ("all two", [(ReferenceState.WILDCARD, None)]),
    ],
)
def test_a_view_mode_is_used_on_bundles_by_machine_name_and_on_all_of_them(
    used: str, found: list[tuple[ReferenceState, str | None]]
) -> None:
    modes = f"View mode,Entity type,Used on\nCard,paragraph,{used}\n"

    (mode,) = Reading({"bundles.csv": BUNDLES, "modes.csv": modes}).of(EntityKind.VIEW_MODE)

    assert [(r.state, r.target_key) for r in mode.references] == found
