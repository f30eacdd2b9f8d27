"""Cells that name bundles as people do: with the type beside, several at once, listed in any way."""

from collections.abc import Mapping, Sequence

from jira_pipeline.model.entities import Entity, EntityKind, ReferenceState
from jira_pipeline.model.specification_source import EntityReading
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.folders import read_files
from jira_pipeline_tests.sheets.test_spellings import tickets_of
from jira_pipeline_tests.tables import each

BUNDLES = (
    "Name,Machine name,X,Type\nRecipe,recipe,a,Content type\nQuote,quote,a,Content type\n"
    "Quote,quote_strip,a,Paragraph type\nDiet,diet,a,Vocabulary\nSalt and pepper,spice,a,Vocabulary\n"
    "Clip,clip,a,Media type\n"
)
HEADER = "Bundle,Field label,Machine name,X,Field type,Ref. bundle,Req'd,Vals."


def read(fields: str) -> EntityReading:
    files = {"bundles.csv": BUNDLES, "fields.csv": fields}
    return read_entities(read_files({n: t.encode() for n, t in files.items()}).tables)


def fields_of(reading: EntityReading) -> Sequence[Entity]:
    return [one for one in reading.entities if one.kind is EntityKind.FIELD]


def owners_of(reading: EntityReading) -> Mapping[str, str | None]:
    return {one.machine_name: one.owner_key for one in fields_of(reading)}


STRIP, PAGE = "bundle:Paragraph type/quote_strip", "bundle:Content type/quote"


@each("header", ["Type", "Entity type", "Bundle type", "Type of bundle"])
def test_a_type_in_a_column_of_its_own_says_which_bundle(header: str) -> None:
    """“Quote” was not among the bundles, of which there were two."""
    reading = read(
        f"{HEADER},{header}\nQuote,Author,field_author,a,Link,,y,1,paragraph\n"
        "Quote,Source,field_source,a,Link,,y,1,Node\nRecipe,Time,field_time,a,Link,,y,1,\n"
        "quote_strip,Line,field_line,a,Link,,y,1,Paragraph types\n"
    )

    assert owners_of(reading) == {
        "field_author": STRIP,
        "field_source": PAGE,
        "field_time": "bundle:Content type/recipe",
        "field_line": STRIP,
    }
    assert not [finding for finding in reading.findings if finding.code.startswith("reference_")]


def test_without_a_type_two_of_one_name_are_named() -> None:
    reading = read(f"{HEADER}\nQuote,Author,field_author,a,Link,,y,1\n")

    (found,) = [finding for finding in reading.findings if finding.code.startswith("reference_")]
    assert "is the name of 2 bundles: Quote (Content type), Quote (Paragraph type)" in found.message


def test_questions_about_one_of_two_names_do_not_say_that_no_row_has_it() -> None:
    text = (
        f"{HEADER}\nQuote,Author,field_author,a,Link,,y,1\n"
        "Recipe,Said,field_said,a,Entity reference,Quote,y,1\n"
    )
    files = {"b.csv": BUNDLES.encode(), "f.csv": text.encode()}

    tickets = tickets_of(read_files(files).tables)

    said = str([ticket[2] for ticket in tickets.values()])
    assert "(`field_author`) names the type “Quote”, which several rows have: which one" in said
    assert "no row" not in said
    assert "refers to “Quote”, but several rows have such a name: what is meant?" in said


def test_the_machine_name_of_its_bundle_says_which_where_no_type_does() -> None:
    header = f"{HEADER},Bundle machine name"

    reading = read(f"{header}\nQuote,Author,field_author,a,Link,,y,1,quote_strip\n")

    assert owners_of(reading) == {"field_author": STRIP}


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
    reading = read(f"{HEADER}\n{listed},Cooked at,field_cooked,a,Date,,y,1\n")

    owners = [(one.owner_key, one.cell("Machine name")) for one in fields_of(reading)]
    assert owners == [
        ("bundle:Content type/recipe", "field_cooked"),
        ("bundle:Media type/clip", "field_cooked"),
    ]
    written = {one.as_in_sheet.cell("Bundle") for one in fields_of(reading)}
    assert written == {listed.strip('"')}
    (found,) = [finding for finding in reading.findings if finding.code == "owners_listed"]
    assert (found.line, found.column, found.also_lines) == (2, "Bundle", ())


def test_machine_names_of_two_bundles_beside_them_contradict_neither() -> None:
    row = '"Recipe, Clip",Cooked at,field_cooked,a,Date,,y,1,"recipe, clip"'

    reading = read(f"{HEADER},Bundle machine name\n{row}\n")

    assert "label_contradicts_target" not in {finding.code for finding in reading.findings}


def test_a_row_of_two_bundles_says_what_two_rows_say() -> None:
    row = "Cooked at,field_cooked,a,Date,,y,1\n"
    one = {"b.csv": BUNDLES, "f.csv": f'{HEADER}\n"Recipe, Clip",{row}'}
    two = {"b.csv": BUNDLES, "f.csv": f"{HEADER}\nRecipe,{row}Clip,{row}"}

    found, expected = (
        tickets_of(read_files({n: t.encode() for n, t in files.items()}).tables)
        for files in (one, two)
    )

    assert [ticket[1:] for ticket in found.values()] == [t[1:] for t in expected.values()]


def test_a_list_of_bundles_of_which_one_is_none_is_one_name() -> None:
    reading = read(f"{HEADER}\nRecipe and Soup,Cooked at,field_cooked,a,Date,,y,1\n")

    (field,) = fields_of(reading)
    assert (field.owner_key, field.references[0].text) == (None, "Recipe and Soup")


@each(
    "listed",
    [
        "* Quote (Content type)\n* Diet\n* Clip",
        "1. Quote (Content type)\n2) Diet\n3. Clip",
        "Quote (Content type), Diet and Clip",
        "Quote (Content type), Diet, and Clip",
        "Node: Quote, Taxonomy term: Diet, Media: Clip",
        "quote (content) / diet / clip",
        "Content types: Quote; Vocabularies: Diet; Clip",
        "Quote (Content type) oder Diet oder Clip",
        "Content > Quote\nTaxonomy > Diet\nMedia > Clip",
        "◦ Quote (Content type)\n◦ Diet or Clip",
    ],
)
def test_references_are_read_as_people_list_them(listed: str) -> None:
    """Each was a name that is not among the bundles; the dependencies were lost."""
    reading = read(f'{HEADER}\nRecipe,With,field_with,a,Entity reference,"{listed}",y,*\n')

    (field,) = fields_of(reading)
    assert [one.target_key for one in field.references] == [
        PAGE,
        "bundle:Vocabulary/diet",
        "bundle:Media type/clip",
    ]
    assert reading.findings == ()


@each("listed", ["Salt and pepper", "salt and pepper (Vocabulary)", "• Salt and pepper"])
def test_a_name_with_such_a_word_is_one_name(listed: str) -> None:
    reading = read(f"{HEADER}\nRecipe,With,field_with,a,Entity reference,{listed},y,*\n")

    (field,) = fields_of(reading)
    assert [one.target_key for one in field.references] == ["bundle:Vocabulary/spice"]


def test_a_list_of_which_a_part_is_unknown_dangles_whole() -> None:
    reading = read(f"{HEADER}\nRecipe,With,field_with,a,Entity reference,Diet or Fest,y,*\n")

    (field,) = fields_of(reading)
    states = [(one.text, one.state) for one in field.references]
    assert states == [("Diet or Fest", ReferenceState.DANGLING)]


def test_bullets_in_one_line_are_between_names() -> None:
    listed = "• Diet • Salt and pepper"

    reading = read(f"{HEADER}\nRecipe,With,field_with,a,Entity reference,{listed},y,*\n")

    (field,) = fields_of(reading)
    assert [r.target_key for r in field.references] == [
        "bundle:Vocabulary/diet",
        "bundle:Vocabulary/spice",
    ]


@each(
    "used, found",
    [
        ("quote_strip", [(ReferenceState.RESOLVED, STRIP)]),
        ("all two", [(ReferenceState.WILDCARD, None)]),
    ],
)
def test_a_view_mode_is_used_on_bundles_by_machine_name_and_on_all_of_them(
    used: str, found: list[tuple[ReferenceState, str | None]]
) -> None:
    modes = f"View mode,Entity type,Used on\nCard,paragraph,{used}\n"
    files = {"bundles.csv": BUNDLES.encode(), "modes.csv": modes.encode()}

    reading = read_entities(read_files(files).tables)

    (mode,) = [one for one in reading.entities if one.kind is EntityKind.VIEW_MODE]
    assert [(r.state, r.target_key) for r in mode.references] == found
