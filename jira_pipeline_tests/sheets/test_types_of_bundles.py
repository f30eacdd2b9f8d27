"""Which type of bundles a cell names, and what the key of a row has of it."""

from jira_pipeline.drupal.meaning.modules_and_types import broken_rule_of
from jira_pipeline.model.entities import AnyBundleType, BundleType, EntityKind, OtherType
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.labels import bundle_type_of, split_bundle_label, type_in_cell
from jira_pipeline_tests.sheets.made_readings import read_files
from jira_pipeline_tests.sheets.made_specifications import (
    Row,
    bundle,
    field,
    files_of,
    specification_of,
)
from jira_pipeline_tests.tables import each


@each(
    ("text", "bundle_type"),
    [
        ("User account", BundleType.USER),
        ("user accounts", BundleType.USER),
        ("User", BundleType.USER),
        ("Comment", BundleType.COMMENT),
        ("comment types", BundleType.COMMENT),
        ("Groups", BundleType.GROUP),
        ("Profile type", BundleType.PROFILE),
        ("commerce_product", BundleType.PRODUCT),
        ("Product variation", BundleType.PRODUCT_VARIATION),
        ("Message template", BundleType.MESSAGE),
        ("config_pages", BundleType.CONFIG_PAGE),
        ("Benutzerkonto", BundleType.USER),
        ("Other (storage)", OtherType("storage")),
        ("other (Storage)", OtherType("storage")),
        ("Other (comment)", BundleType.COMMENT),
        ("Other (node)", None),
        ("Other (two words)", None),
        ("Other", None),
    ],
)
def test_a_cell_for_a_type_is_read_in_usual_spellings(
    text: str, bundle_type: AnyBundleType | None
) -> None:
    assert type_in_cell(text) == bundle_type


@each("text", ["User", "Comment", "Product", "Message", "Group", "Profile"])
def test_a_short_word_that_many_things_are_called_is_no_type_beside_a_name(text: str) -> None:
    assert bundle_type_of(text) is None
    assert split_bundle_label(f"Boat ({text})") == (f"Boat ({text})", None)


@each(
    ("type_", "key"),
    [
        ("User", "bundle:User/crew"),
        ("comment types", "bundle:comment types/crew"),
        ("Comment type", "bundle:Comment type/crew"),
        ("Other (storage)", "bundle:Other (storage)/crew"),
        ("content types", "bundle:Content type/crew"),
    ],
)
def test_the_key_of_a_row_is_the_one_it_had_before_its_type_was_read(type_: str, key: str) -> None:
    """Another key would be another ticket, and a second issue."""
    specification = specification_of(bundles=[bundle("Crew", "crew", type_)])

    (row,) = specification.by_kind[EntityKind.BUNDLE]
    assert row.key == key


@each("type_", ["User", "User account", "comment types", "Other (storage)"])
def test_a_field_finds_its_bundle_by_the_type_as_it_is_written(type_: str) -> None:
    owner = bundle("Crew", "crew", type_)
    specification = specification_of(
        bundles=[owner, bundle("Crew", "crew")], fields=[field(f"Crew ({type_})", "field_boat")]
    )

    (row,) = specification.by_kind[EntityKind.FIELD]
    assert row.owner_key == f"bundle:{type_}/crew"
    assert row.bundle_type == type_in_cell(type_)


def test_a_name_of_another_entity_type_breaks_no_rule_that_anybody_knows() -> None:
    other = bundle("Harbour", "harbour-menu", "Other (menu_link_content)")
    specification = specification_of(bundles=[other, bundle("Boat", "boat-type")])

    names = {row.machine_name: broken_rule_of(row) for row in specification.entities}
    assert names["harbour-menu"] == ""
    assert names["boat-type"] != ""


@each(
    ("second", "cited"),
    [
        (bundle("Members", "member", "User account"), ["bundles.csv, line 3, column Type"]),
        (bundle("Members", "member", "Profile type"), []),
        (bundle("Accounts", "user", "User account"), []),  # told as repeated
    ],
)
def test_a_second_row_of_user_accounts_is_cited(second: Row, cited: list[str]) -> None:
    files = files_of({"bundles": [bundle("Accounts", "user", "User account"), second]})

    findings = read_entities(read_files(files).tables).findings

    assert [f.place for f in findings if f.code == "accounts_repeated"] == cited
