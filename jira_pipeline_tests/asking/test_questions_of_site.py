"""What is asked once for a site, in the first ticket that it concerns."""

from pathlib import Path

from jira_pipeline_tests.writing.small_sheets import small_site

BUNDLES = """Name,Machine name,X,Mod.,Trns.,Type,Settings/notes
Notice,notice,a,y,n,Content type,
Leaflet,leaflet,a,y,n,Content type,
Photo,photo,a,n,y,Media type,
"""
FIELDS = """Bundle,Field label,Machine name,X,Field type,Trns.
Notice (Content type),Teaser,field_teaser,a,Text (plain),y
Notice (Content type),Body,field_body,a,Text (plain),y
Leaflet (Content type),Fold,field_fold,a,Text (plain),y
Photo (Media type),Caption,field_caption,a,Text (plain),y
"""
WORKFLOWS = """Label,Machine name,X,Type,Applies to,Notes
Short,short,x,Content moderation,,
Long,long,x,Content moderation,,
"""


def of_translation(asked: tuple[str, ...]) -> list[str]:
    return [question for question in asked if "Trns." in question]


def of_moderation(asked: tuple[str, ...]) -> list[str]:
    return [question for question in asked if "Mod." in question]


def test_translation_is_asked_once_with_the_types_in_the_first_ticket(tmp_path: Path) -> None:
    found = small_site(tmp_path, bundles=BUNDLES, fields=FIELDS)

    [asked] = of_translation(found.asked_anywhere())
    assert asked.endswith(
        "“Notice (Content type)” (2 fields) and “Leaflet (Content type)” (1 field)."
    )
    assert of_translation(found.asked("Configure content type: Notice")) == [asked]


def test_of_one_type_the_fields_are_named(tmp_path: Path) -> None:
    found = small_site(
        tmp_path, bundles=BUNDLES.replace("y,n,Content", "y,y,Content", 1), fields=FIELDS
    )

    assert of_translation(found.asked("Configure content type: Leaflet")) == [
        (
            "`field_fold` of “Leaflet” is to be translated (Trns. y), the content type is not (Trns. n): "
            "which holds? Drupal translates a field only where its type is translated."
        )
    ]


def test_many_types_are_counted_with_their_lines(tmp_path: Path) -> None:
    names = [f"Kind {number}" for number in range(45)]
    bundles = [f"{name},kind_{at},a,n,n,Content type," for at, name in enumerate(names)]
    fields = [f"{name} (Content type),A,field_a,a,Text (plain),y" for name in names]

    found = small_site(
        tmp_path,
        bundles="\n".join([BUNDLES.splitlines()[0], *bundles]),
        fields="\n".join([FIELDS.splitlines()[0], *fields]),
    )

    [asked] = of_translation(found.asked_anywhere())
    assert asked.startswith("45 types are not to be translated")
    assert asked.endswith("and 5 more (bundles.csv:42–46).")


def test_which_workflow_moderates_is_asked_once(tmp_path: Path) -> None:
    found = small_site(tmp_path, bundles=BUNDLES, fields=FIELDS, workflows=WORKFLOWS)

    assert of_moderation(found.asked_anywhere()) == [
        (
            "Which of “Short” and “Long” moderates each of these types: “Notice (Content type)” and "
            "“Leaflet (Content type)”? Mod. is y, and no row says it."
        )
    ]


def test_a_type_that_a_workflow_lists_is_not_asked_about(tmp_path: Path) -> None:
    told = WORKFLOWS.replace("moderation,,", 'moderation,"Notice, leaflet",', 1)

    found = small_site(tmp_path, bundles=BUNDLES, fields=FIELDS, workflows=told)

    assert of_moderation(found.asked_anywhere()) == []


def test_a_note_that_may_say_what_a_workflow_moderates_is_not_asked_about(tmp_path: Path) -> None:
    noted = WORKFLOWS.replace("moderation,,", "moderation,,Used on all types", 1)

    found = small_site(tmp_path, bundles=BUNDLES, fields=FIELDS, workflows=noted)

    assert of_moderation(found.asked_anywhere()) == []


def test_the_only_workflow_is_suggested(tmp_path: Path) -> None:
    only = "\n".join(WORKFLOWS.splitlines()[:2])

    found = small_site(tmp_path, bundles=BUNDLES, fields=FIELDS, workflows=only)

    [asked] = [q for title in found.prose for q in found.questions(title) if "Mod." in q.question]
    assert asked.question.startswith("Does “Short” moderate every type with Mod. y: ")
    assert asked.suggested_answer == "Yes"
