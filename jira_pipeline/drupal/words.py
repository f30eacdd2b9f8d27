"""The words of claims and questions: sentences with places, such as `{subjects}`, by key.

Rules have no words of their own. A rule makes a claim or a question of a key, such as
`bundles.widget`, and says what fills the places. Each kind of thing has a `words.toml` in its folder;
`phrases.toml` has what several kinds share, and what is said of components.

A key of a question is never renamed: answers are stored under it.

A phrase of a claim is one text, or one for each count: `one`, `many`, and `over_6` for more than six.
A question is a table with these keys:

- `one`: the question about one row; `many`: about several, where the words differ
- `rank`: its place in a ticket; what blocks building comes first
- `column`: the cell that raises it; `disputes`: the cell that may be wrong
- `each`: the place of its words by which several questions about one cell are told apart
- `audience`: who answers (agency, client, developer); `by`: when the answer is needed (estimate, build,
  during, launch); `topic`: the heading that lists show it under
- `card`: the place of its words by which questions of its kind are decided together; without it, all of
  them are; `each`: every one is decided by itself
- `assumed`: what is built unless somebody objects; then nobody has to answer. One with {answer} is
  assumed only where the rows suggest an answer
- `silence`: what is built if nobody answers; with neither, somebody has to answer
- `because`: where a suggested answer comes from
- `choices`: the answers to choose from; `choices_of_one`: those for one row alone
- `lacks`: fills {lacks} and says that no row has the answer, unless an unknown column may have it
- `client`: the words for somebody who knows the site and not Drupal. One of its `choices` holds, or
  several of its `ticks`. Each row gets its own answer unless it `is_joint`. The cell is quoted where it
  `is_quoted`

Belongs here: reading the files. Does not: filling the places (`claims`, `row_questions`).
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from jira_pipeline.model.toml_tables import toml_tables

KINDS_WITH_WORDS = (
    "any_kind",
    "bundle",
    "custom",
    "field",
    "image_style",
    "migration",
    "role",
    "view",
    "view_mode",
    "workflow",
)
"""The folders that have a `words.toml`."""


@cache
def phrases() -> Mapping[str, Mapping[str, str]]:
    """Return the forms of every phrase of a claim, by `part.name`; a single form is `many`."""
    forms_by_key = {}
    for key, forms in _words("phrases").items():
        forms_by_key[key] = {"many": forms} if isinstance(forms, str) else forms
    return forms_by_key


@cache
def question_words() -> Mapping[str, Mapping[str, Any]]:
    """Return the words and properties of every question, by `part.name`."""
    return _words("questions")


def _words(section: str) -> dict[str, Any]:
    """Return what all files have in a section, `phrases` or `questions`, by `part.name`."""
    tables = [
        toml_tables(f"{__package__}.{kind}", "words.toml").get(section, {})
        for kind in KINDS_WITH_WORDS
    ]
    if section == "phrases":
        tables.append(toml_tables(__package__, "phrases.toml"))
    words_by_key = {}
    for table in tables:
        for part, words_by_name in table.items():
            for name, words in words_by_name.items():
                words_by_key[f"{part}.{name}"] = words
    return words_by_key
