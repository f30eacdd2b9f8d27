"""The words of claims and questions: format strings by the keys under which rules ask for them.

Each kind of thing has its own in the `words.toml` of its folder; `phrases.toml` has those that several
share, and those of components. Answers in stores hang on the keys of questions: a key is never
renamed.

What a question says beside its words:

- whose it is: `audience` (agency, client, developer), `by` when it is needed (estimate, build, during,
  launch), `topic`, and `card`, which place of its words joins it with others of its kind (none: all of
  them; each: it is asked by itself)
- what silence means: `assumed` is what is built unless somebody objects, so nobody is asked (one with
  {answer} only where the rows suggest one); `silence` is what happens where an asked one has no answer;
  neither: it has to be answered
- how it is asked: `rank` (what blocks building comes first), the question of `one` row, and of `many`
  where its words differ; {subjects} are the rows, `because` says where a suggested answer comes from,
  `column` which cell raises it, `disputes` which one may be wrong; `each` names the place that tells
  questions of one cell apart
- its answers: `choices`, or `choices_of_one` of one row alone; `lacks` says in {lacks} that no row
  answers, unless a column that nobody knows may
- `client`, its words for somebody who knows the site and not Drupal: of `choices` one holds, of `ticks`
  several; each row gets its own answer unless it `is_joint`; the cell is quoted where it `is_quoted`

Belongs here: reading the files. Does not: filling the places of a format string (`claims`,
`row_questions`).
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
    """Return the forms of every phrase (`one`, `many`, `over_6`), by `part.name`."""
    phrases = {}
    for key, forms in _words("phrases").items():
        phrases[key] = {"many": forms} if isinstance(forms, str) else forms
    return phrases


@cache
def question_words() -> Mapping[str, Mapping[str, Any]]:
    """Return the words and properties of every question, by `part.name`."""
    return _words("questions")


def _words(section: str) -> dict[str, Any]:
    """Return the words of a section by `part.name`, of all files that have some."""
    tables = [
        toml_tables(f"{__package__}.{kind}", "words.toml").get(section, {})
        for kind in KINDS_WITH_WORDS
    ]
    if section == "phrases":
        tables.append(toml_tables(__package__, "phrases.toml"))
    words = {}
    for table in tables:
        for part, words_by_name in table.items():
            for name, of_name in words_by_name.items():
                words[f"{part}.{name}"] = of_name
    return words
