"""Lines of templates over 120 characters have a ceiling in each folder, which only falls.

A template may be broken between the attributes of a tag, in an expression, and where `-` takes the line
break away: none of it changes the page.
"""

from collections import Counter

from jira_pipeline_tests.docs.house_map import PACKAGE

CHARACTERS_MAX = 120
CEILINGS = {
    "jira/sandbox/templates": 14,
    "model/look/templates": 32,
    "sessions/templates": 15,
}


def long_lines_by_folder() -> Counter[str]:
    counts: Counter[str] = Counter()
    for path in PACKAGE.rglob("*.html"):
        folder, _, below = path.relative_to(PACKAGE).as_posix().partition("/templates/")
        assert below, f"{path} is in no folder of templates"
        lines = path.read_text(encoding="utf-8").splitlines()
        counts[f"{folder}/templates"] += sum(len(line) > CHARACTERS_MAX for line in lines)
    return +counts


def test_a_folder_of_templates_has_as_many_long_lines_as_its_ceiling() -> None:
    """Whoever breaks one lowers the ceiling, too."""
    assert dict(long_lines_by_folder()) == CEILINGS
