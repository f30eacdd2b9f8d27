"""What rows become: keys, owners, references, status, and remarks about slips."""

from jira_pipeline.kernel.entities import (
    BundleType,
    Entity,
    EntityKind,
    ReferenceState,
    Specification,
    Status,
)
from jira_pipeline.kernel.findings import Finding, Severity
from jira_pipeline.ports.specification import EntityReading
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.folders import read_files
from jira_pipeline_tests.tables import each

BUNDLES = """Name,Machine name,X,Type
Bear,bear,a,Content type
Cave,cave,a,Media
Bear,bear,a,Paragraph
Den (winter),den_winter,x,Paragraph type
Tags,tags,a,Vocabulary
"""
FIELD_HEADER = (
    "Bundle,Field label,Machine name,X,Field type,Ref. bundle,Req'd,Vals.,Bundle machine name\n"
)


def read(**sheets: str) -> EntityReading:
    files = {f"{name}.csv": text.encode() for name, text in sheets.items()}
    return read_entities(read_files(files).tables)


def read_field(cells: str, bundles: str = BUNDLES) -> tuple[Entity, tuple[Finding, ...]]:
    reading = read(bundles=bundles, fields=FIELD_HEADER + cells + "\n")
    found = [f for f in reading.findings if f.file == "fields.csv"]
    return reading.entities[-1], tuple(found)


def codes_of(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.code for finding in findings]


def test_bundles_of_one_machine_name_differ_by_type() -> None:
    reading = read(bundles=BUNDLES)

    assert [(e.key, e.label, e.bundle_type) for e in reading.entities] == [
        ("bundle:Content type/bear", "Bear (Content type)", BundleType.CONTENT),
        ("bundle:Media type/cave", "Cave (Media type)", BundleType.MEDIA),
        ("bundle:Paragraph type/bear", "Bear (Paragraph type)", BundleType.PARAGRAPH),
        ("bundle:Paragraph type/den_winter", "Den (winter) (Paragraph type)", BundleType.PARAGRAPH),
        ("bundle:Vocabulary/tags", "Tags (Vocabulary)", BundleType.VOCABULARY),
    ]
    assert reading.findings == ()


@each(
    ("machine_name", "owner", "codes"),
    [
        ("den_old", "bundle:Paragraph type/den_old", []),
        ("den_new", "bundle:Paragraph type/den_new", []),
        ("", "bundle:Paragraph type/den_old", ["reference_ambiguous"]),
        ("lair", "bundle:Paragraph type/den_old", ["label_contradicts_target", "reference_ambiguous"]),
    ],
)  # fmt: skip
def test_of_bundles_with_one_label_a_field_is_of_the_one_it_has_the_machine_name_of(
    machine_name: str, owner: str, codes: list[str]
) -> None:
    dens = BUNDLES + "Den,den_old,a,Paragraph type\nDen,den_new,a,Paragraph type\n"

    entity, findings = read_field(
        f"Den (Paragraph type),Straw,field_straw,a,Link,-,n,1,{machine_name}", dens
    )

    assert entity.owner_key == owner
    assert sorted(codes_of(findings)) == codes


def test_an_entity_keeps_its_cells_and_its_place() -> None:
    entity, _ = read_field('bear (content TYPE),Home,field_home,a,Link,-,"y",*,bear')

    assert entity.key == "field:Content type/bear/field_home"
    assert entity.owner_key == "bundle:Content type/bear"
    assert entity.bundle_type is BundleType.CONTENT
    assert (entity.source.file, entity.source.line, entity.source.record) == ("fields.csv", 2, 2)
    assert list(entity.cells.items())[:3] == [
        ("Bundle", "bear (content TYPE)"),
        ("Field label", "Home"),
        ("Machine name", "field_home"),
    ]


@each(
    ("text", "targets"),
    [
        ("Bear (Content type)", ["bundle:Content type/bear"]),
        ("bear  (CONTENT)", ["bundle:Content type/bear"]),
        ("Den (winter) (Paragraph type)", ["bundle:Paragraph type/den_winter"]),
        (
            "Cave (Media type), Den (winter) (Paragraph)",
            ["bundle:Media type/cave", "bundle:Paragraph type/den_winter"],
        ),
        ("Tags", ["bundle:Vocabulary/tags"]),
        ("tags", ["bundle:Vocabulary/tags"]),
    ],
)
def test_references_resolve_by_name_and_type(text: str, targets: list[str]) -> None:
    entity, findings = read_field(
        f'Bear (Content type),Home,field_home,a,Entity reference,"{text}",y,1,bear'
    )

    assert [reference.target_key for reference in entity.references] == targets
    assert all(reference.is_required for reference in entity.references)
    assert findings == ()


@each("text", ["All", "all except caves, dens", "Any", "*", "All paragraph types", "Any media"])
def test_a_wildcard_is_neither_resolved_nor_dangling(text: str) -> None:
    entity, findings = read_field(
        f'Bear (Content type),Home,field_home,a,Entity reference,"{text}",n,1,bear'
    )

    (reference,) = entity.references
    assert (reference.state, reference.text) == (ReferenceState.WILDCARD, text)
    assert findings == ()


@each("text", ["All media (Vocabulary)", "All Staff", "Allowed"])
def test_a_name_that_only_begins_like_a_wildcard_is_dangling(text: str) -> None:
    entity, findings = read_field(
        f"Bear (Content type),Home,field_home,a,Entity reference,{text},n,1,bear"
    )

    assert [reference.state for reference in entity.references] == [ReferenceState.DANGLING]
    assert codes_of(findings) == ["reference_dangling"]


def test_a_bundle_called_all_is_no_wildcard() -> None:
    entity, _ = read_field(
        "Bear (Content type),Home,field_home,a,Entity reference,All (Vocabulary),n,1,bear",
        bundles=BUNDLES + "All,all,a,Vocabulary\n",
    )

    assert [reference.target_key for reference in entity.references] == ["bundle:Vocabulary/all"]


def test_a_dangling_reference_is_a_warning_with_the_nearest_names() -> None:
    entity, findings = read_field(
        "Bear (Content type),Home,field_home,a,Entity reference,Caves (Media type),n,1,bear"
    )

    (reference,) = entity.references
    (finding,) = findings
    assert (reference.state, reference.target_key) == (ReferenceState.DANGLING, None)
    assert reference.candidates[0] == "Cave (Media type)"
    assert (finding.severity, finding.line, finding.column, finding.value) == (
        Severity.WARNING,
        2,
        "Ref. bundle",
        "Caves (Media type)",
    )
    assert "Nearest: Cave (Media type)" in finding.message


def test_a_name_two_bundles_share_is_not_guessed_without_its_type() -> None:
    entity, findings = read_field(
        "Bear (Content type),Home,field_home,a,Entity reference,Bear,n,1,bear"
    )

    assert [reference.state for reference in entity.references] == [ReferenceState.DANGLING]
    assert codes_of(findings) == ["reference_dangling"]


def test_a_field_without_bundle_is_a_warning() -> None:
    entity, findings = read_field(",Home,field_home,a,Link,,n,1,")

    assert entity.owner_key is None
    assert codes_of(findings) == ["owner_blank"]


def test_the_label_is_the_key_of_a_base_field() -> None:
    entity, findings = read_field("Bear (Content type),Title,-,a,Entity label,,-,-,bear")

    assert entity.key == "field:Content type/bear/Title"
    assert entity.machine_name == "-"
    assert findings == ()


@each(
    ("cell", "status"),
    [
        ("a", Status.APPROVED),
        ("C", Status.CHANGED),
        ("x", Status.IMPLEMENTED),
        ("w", Status.WAITING),
        ("D", Status.DELETED),
    ],
)
def test_a_status_is_read_in_either_case(cell: str, status: Status) -> None:
    (entity,) = read(roles=f"Name,Machine name,X\nKeeper,keeper,{cell}\n").entities

    assert (entity.status, entity.is_status_blank) == (status, False)


def test_a_blank_status_among_others_is_approved_with_a_warning() -> None:
    reading = read(roles="Name,Machine name,X\nKeeper,keeper,w\nCook,cook,\n")

    (finding,) = reading.findings
    assert [(e.status, e.is_status_blank) for e in reading.entities] == [
        (Status.WAITING, False),
        (Status.APPROVED, True),
    ]
    assert (finding.code, finding.severity, finding.line, finding.column) == (
        "status_blank",
        Severity.WARNING,
        3,
        "X",
    )


@each(
    "text",
    ["Name,Machine name,X\nKeeper,keeper,\nCook,cook,\n", "Name,Machine name\nKeeper,keeper\n"],
    ids=["blank everywhere", "no such column"],
)
def test_a_sheet_without_any_status_is_approved_without_a_word(text: str) -> None:
    reading = read(roles=text)

    assert {(e.status, e.is_status_blank) for e in reading.entities} == {(Status.APPROVED, True)}
    assert reading.findings == ()


def test_an_unknown_status_is_read_as_blank_with_a_warning() -> None:
    reading = read(roles="Name,Machine name,X\nKeeper,keeper,maybe\n")

    (finding,) = reading.findings
    assert reading.entities[0].is_status_blank
    assert (finding.code, finding.value) == ("status_unknown", "maybe")


@each(
    ("kind", "text"),
    [
        ("bundles", "Name,Machine name,Type\nBear,bear,Vocabulary\nOther,bear,Taxonomy\n"),
        ("views", "View name,Machine name\nBears,bears\nMore bears,bears\n"),
        ("workflows", "Label,Machine name,Type\nZoo,zoo,Moderation\nZoo two,zoo,Moderation\n"),
    ],
)
def test_two_heads_of_one_key_are_an_error(kind: str, text: str) -> None:
    reading = read(**{kind: text})

    (finding,) = reading.findings
    assert (finding.code, finding.severity) == ("key_repeated", Severity.ERROR)
    assert (finding.file, finding.line, finding.column) == (f"{kind}.csv", 3, "Machine name")
    assert f"line 2 of {kind}.csv" in finding.message


def test_two_fields_of_one_key_are_a_warning() -> None:
    cells = "Bear (Content type),Home,field_home,a,Link,,n,1,bear"

    _, findings = read_field(f"{cells}\n{cells}")

    (finding,) = findings
    assert (finding.code, finding.severity, finding.line) == ("key_repeated", Severity.WARNING, 3)


VIEWS = (
    "View name,Machine name\nBears,bears\nContact/Hours,contact_hours\nTwins,twin_a\nTwins,twin_b\n"
)


def display(view: str, view_id: str | None) -> tuple[Entity, tuple[Finding, ...]]:
    header = "View,Title,Machine name,Display plugin"
    if view_id is None:
        text = f"{header}\n{view},List,list,Block\n"
    else:
        text = f"{header},View ID\n{view},List,list,Block,{view_id}\n"
    reading = read(views=VIEWS, displays=text)
    return reading.entities[-1], reading.findings


def test_a_display_joins_by_view_id() -> None:
    entity, findings = display("Bears", "bears")

    assert entity.owner_key == "view:bears"
    assert entity.key == "view_display:bears/list"
    assert findings == ()


@each(("view_id", "owner"), [("v02", "view:cats"), ("V03", None)])
def test_a_display_joins_by_the_id_of_a_row_that_only_one_has(
    view_id: str, owner: str | None
) -> None:
    views = "ID,View name,Machine name\nV01,Dogs,dogs\nV02,Cats,cats\nV03,A,a\nV03,B,b\n"
    header = "View,Title,Machine name,Display plugin,View ID"
    reading = read(views=views, displays=f"{header}\nCats,List,list,Block,{view_id}\n")

    assert reading.entities[-1].owner_key == owner
    assert [f.code for f in reading.findings] == ([] if owner else ["reference_dangling"])


def test_a_display_joins_by_label_where_there_is_no_view_id() -> None:
    entity, findings = display("BEARS", None)

    assert entity.owner_key == "view:bears"
    assert findings == ()


def test_an_empty_view_id_is_an_error_and_not_joined_by_label() -> None:
    entity, findings = display("Bears", "")

    (finding,) = findings
    assert entity.owner_key is None
    assert (finding.code, finding.severity) == ("reference_empty", Severity.ERROR)
    assert (finding.file, finding.line, finding.column) == ("displays.csv", 2, "View ID")


@each("value", ["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!"])
def test_an_error_value_in_view_id_is_a_warning_and_the_label_is_tried(value: str) -> None:
    entity, findings = display("Bears", value)

    (finding,) = findings
    assert entity.owner_key == "view:bears"
    assert entity.cell("View ID") == ""
    assert (finding.code, finding.severity, finding.value) == (
        "reference_not_computed",
        Severity.WARNING,
        value,
    )


def test_a_label_two_views_share_is_a_warning_without_view_id() -> None:
    entity, findings = display("Twins", None)

    assert entity.owner_key is None
    assert codes_of(findings) == ["reference_ambiguous"]


def test_a_label_that_contradicts_the_machine_name_is_a_warning() -> None:
    entity, findings = display("Bears", "contact_hours")

    (finding,) = findings
    assert entity.owner_key == "view:contact_hours"
    assert (finding.code, finding.column, finding.value) == (
        "label_contradicts_target",
        "View",
        "Bears",
    )


STYLES = """Style name,Machine name
Tiny,tiny
Tiny Non-WebP,tiny_non_webp
Big (No Crop),big_no_crop
Banner Desk,banner_desk
Banner Mobile,banner_mobile
"""


def test_a_responsive_style_refers_to_its_fallback_and_its_groups() -> None:
    reading = read(
        styles=STYLES,
        responsive=(
            "Responsive style,Machine Name,Fallback Style,Image Style Group(s),"
            "Fallback machine name\n"
            'Tiny,tiny,Tiny Non-webp,"Tiny,Big No Crop, Banner",tiny_non_webp\n'
        ),
    )

    entity = reading.entities[-1]
    assert [(r.column, r.text, r.target_key) for r in entity.references] == [
        ("Fallback machine name", "tiny_non_webp", "image_style:tiny_non_webp"),
        ("Image Style Group(s)", "Tiny", "image_style:tiny"),
        ("Image Style Group(s)", "Big No Crop", "image_style:big_no_crop"),
        ("Image Style Group(s)", "Banner", "image_style:banner_desk"),
    ]
    assert reading.findings == ()


def test_an_empty_fallback_machine_name_is_an_error() -> None:
    reading = read(
        styles=STYLES,
        responsive=(
            "Responsive style,Machine Name,Fallback Style,Fallback machine name\n"
            "Tiny,tiny,Tiny,\n"
            "Huge,huge,Tiny,tiny\n"
        ),
    )

    assert [(f.severity, f.line, f.column) for f in reading.findings] == [
        (Severity.ERROR, 2, "Fallback machine name")
    ]


def test_a_view_mode_refers_to_bundles_of_its_entity_type() -> None:
    reading = read(
        bundles=BUNDLES,
        modes='View Modes,Entity Type,Entities Used On\nTeaser,Paragraph,"Bear, Wolf"\n',
    )

    entity = reading.entities[-1]
    assert entity.key == "view_mode:Paragraph type/Teaser"
    assert [(r.text, r.target_key) for r in entity.references] == [
        ("Bear", "bundle:Paragraph type/bear"),
        ("Wolf", None),
    ]
    assert codes_of(reading.findings) == ["reference_dangling"]


def test_states_and_transitions_stay_within_their_workflow() -> None:
    reading = read(
        workflows="Label,Machine name,Type\nZoo,zoo,Moderation\nFarm,farm,Moderation\n",
        states=("Workflow,Label,Machine name\nZoo,Draft,draft\nZoo,Live,live\nFarm,Draft,draft\n"),
        transitions=(
            "Workflow,Label,Machine name,From state,To state\n"
            "zoo,Publish,publish,Draft,live\n"
            "Zoo,Publish,publish,Live,Live\n"
            "farm,Publish,publish,Draft,Live\n"
        ),
    )

    rows = Specification(entities=reading.entities).by_kind[EntityKind.WORKFLOW_TRANSITION]
    assert [row.owner_key for row in rows] == ["workflow:zoo", "workflow:zoo", "workflow:farm"]
    assert [[r.target_key for r in row.references] for row in rows] == [
        ["workflow_state:zoo/draft", "workflow_state:zoo/live"],
        ["workflow_state:zoo/live", "workflow_state:zoo/live"],
        ["workflow_state:farm/draft", None],
    ]
    (finding,) = reading.findings
    assert (
        finding.message
        == "“Publish” refers to “Live”, which is not among the states of its workflow."
    )


def test_custom_rows_and_migrations_have_keys_of_their_own() -> None:
    reading = read(
        menus="ID,Menu link,X\n1,Bears,a\n",
        migrations="Migration name,Source,X\nOld bears,D7,a\n",
    )

    assert [(e.kind, e.key, e.label) for e in reading.entities] == [
        (EntityKind.MIGRATION, "migration:Old bears", "Old bears"),
        (EntityKind.CUSTOM, "custom:menus/Bears", "Bears"),
    ]


@each(
    ("cells", "code", "column"),
    [
        (",n,1,bear", "field_type_missing", "Field type"),
        ("Link,,n,n,bear", "cell_unexpected", "Vals."),
        ("Link,,Paris,1,bear", "cell_unexpected", "Req'd"),
        ("1,,n,1,bear", "cell_unexpected", "Field type"),
        ("Link,,n,1,wolf", "label_contradicts_target", "Bundle machine name"),
        ("Link,,n,1,#REF!", "error_value", "Bundle machine name"),
        ("Link,Cave (Media type),n,1,bear", "label_contradicts_target", "Ref. bundle"),
    ],
)
def test_slips_in_a_field_are_warnings_at_their_cell(cells: str, code: str, column: str) -> None:
    start = "Bear (Content type),Tags,field_tags,a,"
    bundles = BUNDLES + "Tags,tags_media,a,Media type\n"

    _, findings = read_field(start + cells, bundles=bundles)

    assert (code, column) in [(f.code, f.column) for f in findings]
    assert {f.severity for f in findings} == {Severity.WARNING}


@each(("required", "count"), [("required", "Unlimited"), ("Y", "*"), ("-", "-")])
def test_spellings_of_other_teams_are_no_slips(required: str, count: str) -> None:
    entity, findings = read_field(
        f"Bear (Content type),Cave,field_cave,a,Entity reference,Cave (Media type),"
        f"{required},{count},bear"
    )

    assert findings == ()
    assert entity.references[0].is_required is (required != "-")
    assert entity.cell("Vals.") == count


def test_one_field_name_with_two_types_in_one_entity_type_is_a_warning() -> None:
    _, findings = read_field(
        "Bear (Paragraph type),Home,field_home,a,Link,,n,1,bear\n"
        "Den (winter) (Paragraph type),Home,field_home,a,Text,,n,1,den_winter\n"
        "Bear (Content type),Home,field_home,a,Address,,n,1,bear\n"
    )

    (finding,) = findings
    assert (finding.code, finding.line, finding.value) == ("field_storage_conflict", 3, "Text")
    assert "“Link” in line 2" in finding.message


def test_many_machine_names_that_break_the_rule_are_one_warning() -> None:
    rows = "".join(f"{width}px,{width}-px\n" for width in range(10, 30))

    reading = read(styles="Style name,Machine name\nTiny,tiny\n" + rows)

    (finding,) = reading.findings
    assert "20 of 21 machine names" in finding.message
    assert finding.line == 3


@each("type_", ["Webform", "webforms"])
def test_a_webform_is_a_known_type_whose_fields_share_no_storage(type_: str) -> None:
    reading = read(
        bundles=f"Name,Machine name,Type\nMooring request,mooring,{type_}\nLoss,loss,{type_}\n",
        fields="Bundle,Field label,Machine name,Field type\n"
        "Mooring request (Webform),Ship,ship,Text (plain)\nLoss (Webform),Ship,ship,Link\n",
    )

    assert {entity.bundle_type for entity in reading.entities} == {BundleType.WEBFORM}
    assert codes_of(reading.findings) == []
