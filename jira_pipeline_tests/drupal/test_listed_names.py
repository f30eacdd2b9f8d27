"""How the names that one cell lists are taken apart."""

from jira_pipeline.drupal.listed_names import split_known_names, split_names
from jira_pipeline_tests.tables import each

KNOWN = {"Rope, tar and oil", "Rope", "Oil; lamp", "Mast (old, long)"}


@each(
    ("text", "names"),
    [
        ("Rope, tar and oil", ("Rope, tar and oil",)),
        ("Rope, Oil; lamp, Sail", ("Rope", "Oil; lamp", "Sail")),
        ("Sail, Rope, tar and oil\nRope", ("Sail", "Rope, tar and oil", "Rope")),
        ("Mast (old, long), Rope", ("Mast (old, long)", "Rope")),
        ("Rope, tar", ("Rope", "tar")),
        ("", ()),
    ],
)
def test_a_name_that_is_known_is_not_split(text: str, names: tuple[str, ...]) -> None:
    assert split_known_names(text, KNOWN.__contains__) == names


def test_without_known_names_a_list_is_split_at_each_mark() -> None:
    text = "Rope, tar (old, long); oil\nlamp"

    assert split_known_names(text, lambda _: False) == split_names(text)
