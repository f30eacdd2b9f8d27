"""Worksheets of text: a legend, open questions, a read-me, a history of versions.

Belongs here: which worksheets are text, and the table that their lines are. Does not: at which things
lines are quoted or asked (`reading/captions`), what other worksheets list (`table_shapes`).

Nothing of them is left out by itself: what they say may be about the site.
"""

from collections.abc import Mapping, Sequence, Set as AbstractSet
from itertools import islice

from jira_pipeline.model.columns import QUESTION_LINE, REMARK_LINE
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.layout import CUSTOM, Record, Region, Value
from jira_pipeline.sheets.layouts.table_headers import letters_name
from jira_pipeline.sheets.reading.translations import TITLES, plain_letters, words_for

_TITLES_OF_TEXT = frozenset(
    {"front", "frontpage", "cover", "coverpage", "coversheet", "title", "titlepage", "titlesheet"}
    | {"readme", "readmefirst", "howtoread", "howtouse", "toc", "tableofcontents", "contents"}
    | {"changelog", "changehistory", "versionlog", "versionhistory", "versioncontrol", "versions"}
    | {"revisionlog", "revisionhistory", "revisions", "documenthistory", "documentcontrol"}
    | {"decisionlog", "decisions", "glossary", "abbreviations", "acronyms", "legend", "signoff"}
    | {"openquestions", "openissues", "openpoints", "openitems", "assumptions", "estimates"}
    | {"estimation", "minutes"}
)
"""As `plain_letters` reduces them."""
EXPLAINS = "it explains abbreviations and colours"
"""Why nothing is built by a worksheet whose lines people are shown where these are asked about."""
_TITLES_OF_LEGENDS = frozenset(
    {"legend", "key", "glossary", "abbreviations", "acronyms", "symbols", "colours", "colors"}
    | {"howtoread", "conventions"}
)
"""As `plain_letters` reduces them."""
_BETWEEN_NAMES = " - "
"""Exports are called `Workbook - Worksheet.csv`."""
_SENTENCE_WORDS = 5
_ROWS_LOOKED_AT = 200


def is_called_like_text(title: str) -> bool:
    """Tell whether a worksheet is called like a part of any document, such as its legend."""
    of_text = _TITLES_OF_TEXT | _TITLES_OF_LEGENDS | words_for(TITLES, "information")
    return not _names_of(title).isdisjoint(of_text)


def is_called_like_legend(title: str) -> bool:
    """Tell whether a worksheet is called like what explains the others."""
    return not _names_of(title).isdisjoint(_TITLES_OF_LEGENDS)


def _names_of(title: str) -> AbstractSet[str]:
    """Return what a worksheet is called, as names are compared; a number before it is none of it."""
    last = title.rpartition(_BETWEEN_NAMES)[2]
    return {plain_letters(name).lstrip("0123456789") for name in (title, last)}


def is_text(grid: Grid) -> bool:
    """Tell whether a worksheet is text: it is called so, or most of its rows are one sentence."""
    if is_called_like_text(grid.title):
        return bool(grid.cells)
    rows = [*islice(grid.texts_by_row.values(), _ROWS_LOOKED_AT)]
    sentences = [texts for texts in rows if len(texts) == 1 and _is_sentence(texts)]
    return len(sentences) * 2 > len(rows)


def _is_sentence(texts: Mapping[int, str]) -> bool:
    return all(len(text.split()) >= _SENTENCE_WORDS for text in texts.values())


def region_of_lines(grids: Sequence[Grid], *, are_questions: bool) -> Region:
    """Return the table that lines of text are: each row is one, with all its cells."""
    name = grids[0].title
    last_column = 0
    for grid in grids:
        for columns in grid.rows.values():
            last_column = max(last_column, *columns)
    cells = tuple(Value(column=letters_name(column)) for column in range(last_column + 1))
    column = QUESTION_LINE if are_questions else REMARK_LINE
    record = Record(into=CUSTOM, sheet=name, columns={column: cells})
    return Region(name=name, records=(record,))
